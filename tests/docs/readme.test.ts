/** What README.md and CHANGELOG.md show is what happens. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { projectOfText } from "../../cli/project.ts";
import { explainSyntax } from "../../compiler/diagnostics/explain-syntax.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { parseFile } from "../../grammar/index.ts";
import { runText } from "../support/run-program.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const programs = (text: string) => [...text.matchAll(/```nostos\n(.*?)```/gs)].map((match) => match[1] as string);

test("the program at the head of the README runs", async () => {
  const [program] = programs(read("README.md"));
  const seen = await runText(program as string);
  expect(seen.diagnostics).toEqual([]);
  expect(seen.out).toBe([1, 2, 3, 4, 5].map((n) => `${n} squared is ${n * n}\n`).join(""));
});

test("the programs of the changelog run, and print what their comments say", async () => {
  for (const program of programs(read("CHANGELOG.md"))) {
    const said = [...program.matchAll(/println\(.*#\s*(.*)$/gm)].map((match) => `${match[1]}\n`);
    const seen = await runText(program);
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe(said.join(""));
  }
});

test("the error of the README is worded like that", () => {
  const shown = /^( {4}hello\.nos:1:10:.*?)\n\n/ms.exec(read("README.md"))?.[1]?.replaceAll(/^ {4}/gm, "");
  const { diagnostics } = compile(projectOfText("hello.nos", 'main() = pirntln("hello")\n'));
  expect(renderDiagnostics(diagnostics, { colour: false, width: 120 }, 20).trimEnd()).toBe(shown);
});

test("what the README lists as not built yet parses, and gets one clear answer each", async () => {
  const pieces: Record<string, string> = {
    trait: "trait Area\n    area(self) -> Float\nend",
    implementation: 'type P = { x: Int }\nP: Show\n    show(self) = "p"\nend',
    template: "template logged(fn) = quote { ~fn.body }",
    decorator: "@logged\nf(x) = x",
    reactive: "reactive Counter = { n: Int }",
    extern: 'extern sin(x: Float) -> Float from "m"',
  };
  for (const [name, text] of Object.entries(pieces)) {
    const source = { path: `${name}.nos`, text: `${text}\nmain() = println(1)\n` };
    expect(parseFile(source).problems.map(explainSyntax), name).toEqual([]);
    const { diagnostics } = compile({ files: [{ module: "", source }], problems: [] });
    expect(
      diagnostics.map(({ code }) => code),
      name,
    ).toEqual(["not-yet"]);
  }
});
