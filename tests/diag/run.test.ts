/**
 * Every program of tests/diag is wrong, to the compiler or when it runs; the `.diag` beside it holds exactly what people
 * see of that.
 */
import { relative } from "node:path";
import { expect, test } from "vitest";
import { loadProject } from "../../cli/project.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { sortDiagnostics } from "../../compiler/diagnostics/sort.ts";
import { root } from "../support/nostos.ts";
import { programsBelow } from "../support/programs.ts";
import { runLoaded } from "../support/run-program.ts";

process.chdir(root);

test.each(programsBelow("tests/diag").map((program) => [program.name, program] as const))("%s", async (_, program) => {
  const project = loadProject(relative(root, program.path));
  const { outcome, diagnostics } = await runLoaded(project, { maxReductions: 10_000_000, maxStackFrames: 100_000 });
  const files = project.files.map(({ source }) => source);
  const inOrder = outcome === "not compiled" ? sortDiagnostics(diagnostics, files) : diagnostics;
  const seen = renderDiagnostics(inOrder, { colour: false, width: 120 }, 20);
  expect(seen).not.toBe("");
  await expect(seen).toMatchFileSnapshot(`${program.stem}.diag`);
});
