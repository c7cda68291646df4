/**
 * What compiled code is likeliest to get wrong, preempted at every point: each program beside this file on the interpreter
 * and compiled, at every size of slices from 1 to 50 reductions. The `.out` beside it holds what it prints, and the reports.
 */
import "../support/check-on.ts";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { loadProject } from "../../cli/project.ts";
import { describeDisagreement, disagreements } from "../support/agreement.ts";
import { root } from "../support/nostos.ts";
import { programsBelow } from "../support/programs.ts";

process.chdir(root);

const EVERY_SLICE = Array.from({ length: 50 }, (_, i) => ({ sliceReductions: i + 1, thresholds: [1, 3] }));

test.each(programsBelow("tests/jit").map((program) => [program.name, program] as const))(
  "%s",
  {
    timeout: 180_000,
  },
  async (_, program) => {
    const compiled = compile(loadProject(relative(root, program.path)));
    const { first, found } = await disagreements(compiled, "none", {}, EVERY_SLICE);
    expect(found.map(describeDisagreement)).toEqual([]);
    await expect(first.out + first.err).toMatchFileSnapshot(`${program.stem}.out`);
  },
);
