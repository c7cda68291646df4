/** The programs of docs/typed-pids.md print, or are told, what stands below them there. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { ENGINES, runLoaded, TWO_SCHEDULERS } from "../support/run-program.ts";

const page = readFileSync(new URL("../../docs/typed-pids.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```nostos\n(.*?)```\n```output\n(.*?)```/gs)].map(
  (match) => [match[1] as string, match[2] as string] as const,
);

test("every program has its output", () => expect(examples.length).toBe(page.split("```nostos").length - 1));

test.each(examples)("program %#", async (text, output) => {
  const project = { files: [{ module: "", source: { path: "page.nos", text } }], problems: [] };
  const said = renderDiagnostics(compile(project).diagnostics, { colour: false, width: 120 }, 20);
  for (const engine of [...ENGINES, TWO_SCHEDULERS]) {
    const { out } = await runLoaded(project, { engine });
    expect(said + out, engine.name).toBe(output);
  }
});
