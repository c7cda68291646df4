/** Every program of tests/diag is wrong; the `.diag` beside it holds exactly what people see of that. */
import { relative } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { loadProject } from "../../cli/project.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { sortDiagnostics } from "../../compiler/diagnostics/sort.ts";
import { root } from "../support/nostos.ts";
import { programsBelow } from "../support/programs.ts";

process.chdir(root);

test.each(programsBelow("tests/diag").map((program) => [program.name, program] as const))("%s", async (_, program) => {
  const { diagnostics, sources } = compile(loadProject(relative(root, program.path)));
  const seen = renderDiagnostics(sortDiagnostics(diagnostics, sources), { colour: false, width: 120 }, 20);
  expect(seen).not.toBe("");
  await expect(seen).toMatchFileSnapshot(`${program.stem}.diag`);
});
