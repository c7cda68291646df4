/** The programs of bench/ compile, and each has its answer and its Erlang twin: `npm run bench` is run by hand, so it could rot. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { projectOfText } from "../../cli/project.ts";
import { root } from "../support/nostos.ts";

const names = readdirSync(`${root}bench/programs`)
  .filter((file) => file.endsWith(".nos"))
  .map((file) => file.slice(0, -".nos".length));

test.each(names)("%s compiles without a word", (name) => {
  const compiled = compile(projectOfText(`${name}.nos`, readFileSync(`${root}bench/programs/${name}.nos`, "utf8")));
  expect(compiled.diagnostics).toEqual([]);
});

test("every program but hello is a row of bench/programs.mjs, with an answer and a twin", () => {
  const rows = readFileSync(`${root}bench/programs.mjs`, "utf8");
  for (const name of names.filter((each) => each !== "hello")) {
    expect(rows).toContain(`name: "${name}"`);
    expect(existsSync(`${root}bench/programs/${name}.out`), name).toBe(true);
    expect(existsSync(`${root}bench/erlang/${name}.erl`), name).toBe(true);
  }
});
