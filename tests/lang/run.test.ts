/**
 * Runs every program of tests/lang and examples, and compares what it prints.
 *
 * `x.out` beside `x.nos` holds stdout, and a last line `[exit 1]` if it fails; `x.err` what people see on stderr, if anything. A one-liner may keep its last line inside: `# expect: 200`. Engines are compared with each other first:
 * a result that is being written accepts whatever it is given.
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { loadProject } from "../../cli/project.ts";
import {
  describeDisagreement,
  disagreements,
  sortedLines,
  type Transcript,
  transcriptOf,
} from "../support/agreement.ts";
import { root } from "../support/nostos.ts";
import { programsBelow, type TestProgram } from "../support/programs.ts";
import { SEEDED_ENGINES, TWO_SCHEDULERS } from "../support/run-program.ts";

/** As `.out` and `.err` hold it. */
function written(seen: Transcript, program: TestProgram): Pick<Transcript, "out" | "err"> {
  const exit = seen.outcome === "returned" ? "" : "[exit 1]\n";
  return { out: (program.isUnordered ? sortedLines(seen.out) : seen.out) + exit, err: seen.err };
}

/** Schedulers give out pids of their own, so whoever spawns after a move gives another one. */
function withoutPids(
  { out, err }: Pick<Transcript, "out" | "err">,
  isUnordered: boolean,
): Pick<Transcript, "out" | "err"> {
  const plain = (text: string) => text.replace(/<pid \d+>/g, "<pid>");
  return { out: isUnordered ? sortedLines(plain(out)) : plain(out), err: plain(err) };
}

process.chdir(root); // paths in traces are as people see them there

describe.each(["tests/lang", "examples"])("%s", (folder) => {
  const programs = programsBelow(folder);
  test.each(programs.map((program) => [program.name, program] as const))(
    "%s",
    { timeout: 180_000 },
    async (_, program) => {
      const compiled = compile(loadProject(relative(process.cwd(), program.path)));
      const { stdin } = program;
      const { first, found } = await disagreements(compiled, program.isUnordered ? "lines" : "none", { stdin });
      expect(found.map(describeDisagreement)).toEqual([]);
      const seen = written(first, program);
      const hasProcesses = /\b(?:spawn|receive|sleep)\b/.test(program.text);
      for (const engine of hasProcesses ? SEEDED_ENGINES : [])
        expect(written(await transcriptOf(compiled, { stdin, engine }), program), engine.name).toEqual(seen);
      const moved = written(await transcriptOf(compiled, { stdin, engine: TWO_SCHEDULERS }), program);
      const { isUnordered } = program;
      expect(withoutPids(moved, isUnordered), TWO_SCHEDULERS.name).toEqual(withoutPids(seen, isUnordered));
      if (program.expect !== undefined) expect(seen.out.trimEnd().split("\n").at(-1)).toBe(program.expect);
      else await expect(seen.out).toMatchFileSnapshot(`${program.stem}.out`);
      if (seen.err !== "" || existsSync(`${program.stem}.err`)) {
        await expect(seen.err).toMatchFileSnapshot(`${program.stem}.err`);
      }
    },
  );
});
