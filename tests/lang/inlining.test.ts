/**
 * Putting functions in place of their calls changes nothing that can be seen: every program of tests/lang and examples
 * gives the same output, reports, traces and reductions without it.
 */
import { relative } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../cli/project.ts";
import { root } from "../support/nostos.ts";
import { programsBelow } from "../support/programs.ts";
import { runLoaded } from "../support/run-program.ts";

process.chdir(root);

describe.each(["tests/lang", "examples"])("%s", (folder) => {
  test.each(programsBelow(folder).map((program) => [program.name, program] as const))("%s", async (_, program) => {
    const project = loadProject(relative(process.cwd(), program.path));
    for (const sliceReductions of [7, 2000]) {
      const engine = { name: "", sliceReductions };
      const [as, plain] = await Promise.all(
        [true, false].map((inline) => runLoaded(project, { engine, stdin: program.stdin, inline })),
      );
      expect(as).toEqual(plain);
    }
  });
});
