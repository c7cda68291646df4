/**
 * Runs every program of tests/lang and examples, and compares what it prints.
 *
 * `x.out` beside `x.nos` holds stdout, and a last line `[exit 1]` if it fails; `x.err` what people see on stderr, if anything. A one-liner may keep its last line inside: `# expect: 200`. Engines are compared with each other first:
 * a result that is being written accepts whatever it is given.
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../cli/project.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { root } from "../support/nostos.ts";
import { programsBelow, type TestProgram } from "../support/programs.ts";
import { ENGINES, type Engine, runLoaded, SEEDED_ENGINES, TWO_SCHEDULERS } from "../support/run-program.ts";

interface Transcript {
  readonly out: string;
  readonly err: string;
}

async function transcript(program: TestProgram, engine: Engine): Promise<Transcript> {
  const seen = await runLoaded(loadProject(relative(process.cwd(), program.path)), { engine, stdin: program.stdin });
  const exit = seen.outcome === "returned" ? "" : "[exit 1]\n";
  const lines = program.isUnordered
    ? seen.out
        .split(/(?<=\n)/)
        .sort()
        .join("")
    : seen.out;
  return {
    out: lines + exit,
    err: seen.error + renderDiagnostics(seen.diagnostics, { colour: false, width: 120 }, 20),
  };
}

process.chdir(root); // paths in traces are as people see them there

describe.each(["tests/lang", "examples"])("%s", (folder) => {
  const programs = programsBelow(folder);
  test.each(programs.map((program) => [program.name, program] as const))("%s", async (_, program) => {
    const hasProcesses = /\b(?:spawn|receive|sleep)\b/.test(program.text);
    const [first, ...others] = [...ENGINES, ...(hasProcesses ? SEEDED_ENGINES : []), TWO_SCHEDULERS];
    const seen = await transcript(program, first as Engine);
    for (const other of others) expect(await transcript(program, other), other.name).toEqual(seen);
    if (program.expect !== undefined) expect(seen.out.trimEnd().split("\n").at(-1)).toBe(program.expect);
    else await expect(seen.out).toMatchFileSnapshot(`${program.stem}.out`);
    if (seen.err !== "" || existsSync(`${program.stem}.err`)) {
      await expect(seen.err).toMatchFileSnapshot(`${program.stem}.err`);
    }
  });
});
