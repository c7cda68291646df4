/**
 * `nostos run`: compiles a program, runs it, says how it ended.
 *
 * Stays true: stdout is the program's; what main returns is part of that, unless it is unit.
 */
import { NATIVES } from "../../vm/host/natives/index.ts";
import { FdSink, type Outcome, type Run, seededChance, startUnit } from "../../vm/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Limits } from "../limits.ts";
import { loadProject, type Project } from "../project.ts";
import { explainExit, explainOutcome } from "../report.ts";
import { resultLine } from "../result.ts";
import { showDiagnostics } from "../terminal.ts";

/** As commander names the options. */
export interface RunOptions {
  readonly json?: true;
  readonly maxHeap?: number;
  readonly maxStackFrames?: number;
  readonly maxReductions?: number;
  readonly seed?: bigint;
}

export function run(path: string, programArgs: readonly string[], options: RunOptions): Promise<ExitCode> {
  return runProject(loadProject(path), programArgs, options);
}

/** Compiles and runs what was loaded, and shows everything that is wrong with it. */
export async function runProject(
  project: Project,
  programArgs: readonly string[],
  options: RunOptions,
): Promise<ExitCode> {
  const asJson = options.json === true;
  const { compile } = await import("../compile.ts"); // only when needed: the compiler takes longest to load
  const { unit, diagnostics, sources } = compile(project);
  showDiagnostics(diagnostics, asJson, sources);
  if (unit === undefined) return EXIT.failed;

  const limits: Limits = {
    ...(options.maxHeap !== undefined && { maxHeapBytes: options.maxHeap }),
    ...(options.maxStackFrames !== undefined && { maxStackFrames: options.maxStackFrames }),
    ...(options.maxReductions !== undefined && { maxReductions: options.maxReductions }),
  };
  const facts = { sources, maxReductions: options.maxReductions };
  const sink = new FdSink();
  let running: Run | undefined;
  process.on("SIGINT", () => running?.interrupt()); // before the start: its first slice may print
  running = startUnit(unit, {
    ...limits,
    ...(options.seed !== undefined && { chance: seededChance(options.seed) }),
    natives: NATIVES,
    sink,
    args: programArgs,
    onReport: (report) => showDiagnostics([explainExit(report, facts)], asJson),
  });
  const outcome = await running.outcome;
  if (outcome.kind === "returned") sink.writeOut(resultLine(outcome.value));
  sink.flush();
  const diagnostic = explainOutcome(outcome, facts);
  if (diagnostic !== undefined) showDiagnostics([diagnostic], asJson);
  return exitCodeOf(outcome);
}

function exitCodeOf(outcome: Outcome): ExitCode {
  switch (outcome.kind) {
    case "returned":
    case "broken-pipe": // who reads has seen enough
      return EXIT.ok;
    case "interrupted":
      return EXIT.interrupted;
    default:
      return EXIT.failed;
  }
}
