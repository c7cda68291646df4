/**
 * Every program of tests/diag is wrong, to the compiler or when it runs; the `.diag` beside it holds exactly what people
 * see of that.
 */
import { relative } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { loadProject } from "../../cli/project.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { sortDiagnostics } from "../../compiler/diagnostics/sort.ts";
import { describeDisagreement, disagreements } from "../support/agreement.ts";
import { root } from "../support/nostos.ts";
import { programsBelow } from "../support/programs.ts";
import { type Engine, runLoaded, TWO_SCHEDULERS } from "../support/run-program.ts";

process.chdir(root);

test.each(programsBelow("tests/diag").map((program) => [program.name, program] as const))(
  "%s",
  { timeout: 180_000 },
  async (_, program) => {
    const project = loadProject(relative(root, program.path));
    const files = project.files.map(({ source }) => source);
    const limits = { maxReductions: 10_000_000, maxStackFrames: 100_000 };
    const run = async (engine?: Engine): Promise<string> => {
      const { outcome, diagnostics } = await runLoaded(project, { ...limits, ...(engine !== undefined && { engine }) });
      const inOrder = outcome === "not compiled" ? sortDiagnostics(diagnostics, files) : diagnostics;
      return renderDiagnostics(inOrder, { colour: false, width: 120 }, 20);
    };
    const seen = await run();
    expect(seen).not.toBe("");
    if (program.path.includes("runtime")) {
      const { found } = await disagreements(compile(project), program.isUnordered ? "lines" : "none", limits);
      expect(found.map(describeDisagreement)).toEqual([]);
    }
    if (program.path.includes("runtime")) expect(await run(TWO_SCHEDULERS), TWO_SCHEDULERS.name).toBe(seen);
    await expect(seen).toMatchFileSnapshot(`${program.stem}.diag`);
  },
);
