/**
 * `nostos run`: compiles a program, or takes it from a `.ttb` file or from the cache, runs it, says how it ended.
 *
 * The compiler is loaded only when it is needed: it takes longest.
 * Stays true: stdout is the program's; what main returns is part of that, unless it is unit.
 */
import type { SourceFile } from "../../grammar/source.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { FdSink, type JitOptions, type Outcome, type Run, seededChance, startUnit } from "../../vm/index.ts";
import { explainBadBytecode, isBytecodePath, loadBytecode, sourcesOnDisk } from "../bytecode-file.ts";
import { type CacheEntry, cacheEntryOf } from "../cache.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Limits } from "../limits.ts";
import { finishObservers, observersOf, traceOf } from "../observe.ts";
import { loadProject, type Project } from "../project.ts";
import { explainExit, explainMailbox, explainOutcome, internalError, type RunFacts } from "../report.ts";
import { resultLine } from "../result.ts";
import { showDiagnostics } from "../terminal.ts";
import { WORKER_SCRIPT } from "../worker-script.ts";

/** More than programs mean to have, and some 60 MB: long before they fill the heap. */
const MAILBOX_WARNING = 1_000_000;

/** As commander names the options. */
export interface RunOptions {
  readonly json?: true;
  readonly maxHeap?: number;
  readonly maxStackFrames?: number;
  readonly maxReductions?: number;
  readonly mailboxWarning?: number;
  readonly seed?: bigint;
  readonly schedulers?: number;
  readonly jitless?: true;
  readonly jitThreshold?: number;
  readonly traceJit?: true;
  readonly traceProcs?: true;
  readonly traceProcsJson?: true;
  readonly profile?: true;
}

export async function run(path: string, programArgs: readonly string[], options: RunOptions): Promise<ExitCode> {
  if (isBytecodePath(path)) return runBytecode(path, programArgs, options);
  const project = loadProject(path);
  const entry = path === "-" ? undefined : cacheEntryOf(project);
  const known = entry?.read();
  if (known !== undefined) {
    const outcome = await runUnit(known, path, () => sourcesOf(project), programArgs, options);
    if (outcome.kind !== "load-problem") return exitCodeOf(outcome);
    entry?.drop();
  }
  return runProject(project, path, programArgs, options, entry);
}

/**
 * Compiles and runs what was loaded, and shows everything that is wrong with it.
 * @param path   what it is called
 * @param entry  where to keep what was compiled; a program with warnings is not kept, so that it warns each time
 */
export async function runProject(
  project: Project,
  path: string,
  programArgs: readonly string[],
  options: RunOptions,
  entry?: CacheEntry,
): Promise<ExitCode> {
  const { compile } = await import("../compile.ts"); // only when needed: the compiler takes longest to load
  const { unit, diagnostics, sources } = compile(project);
  showDiagnostics(diagnostics, options.json === true, sources);
  if (unit === undefined) return EXIT.failed;
  if (diagnostics.length === 0) entry?.write(unit);
  const outcome = await runUnit(unit, path, () => sourcesOf(project), programArgs, options);
  if (outcome.kind === "load-problem") {
    const diagnostic = explainOutcome(outcome, { sources });
    if (diagnostic !== undefined) showDiagnostics([diagnostic], options.json === true);
  }
  return exitCodeOf(outcome);
}

async function runBytecode(path: string, programArgs: readonly string[], options: RunOptions): Promise<ExitCode> {
  const loaded = loadBytecode(path);
  if ("problem" in loaded) {
    showDiagnostics([loaded.problem], options.json === true);
    return EXIT.failed;
  }
  const { unit } = loaded;
  const outcome = await runUnit(unit, path, () => sourcesOnDisk(unit), programArgs, options);
  if (outcome.kind === "load-problem")
    showDiagnostics([explainBadBytecode(path, outcome.problem)], options.json === true);
  return exitCodeOf(outcome);
}

/** What a place at run time is shown in: the user's own sources, in a first run as in one from the cache. */
function sourcesOf(project: Project): readonly SourceFile[] {
  return project.files.map(({ source }) => source);
}

/** Runs a program and says how it ended; of one that cannot be loaded, the caller does. */
async function runUnit(
  unit: Unit,
  path: string,
  findSources: () => readonly SourceFile[],
  programArgs: readonly string[],
  options: RunOptions,
): Promise<Outcome> {
  const asJson = options.json === true;
  const limits: Limits = {
    ...(options.maxHeap !== undefined && { maxHeapBytes: options.maxHeap }),
    ...(options.maxStackFrames !== undefined && { maxStackFrames: options.maxStackFrames }),
    ...(options.maxReductions !== undefined && { maxReductions: options.maxReductions }),
  };
  let sources: readonly SourceFile[] | undefined;
  const facts: RunFacts = {
    get sources() {
      sources ??= findSources(); // most runs have nothing to report
      return sources;
    },
    maxReductions: options.maxReductions,
  };
  const sink = new FdSink();
  const warnFrom = options.mailboxWarning ?? MAILBOX_WARNING;
  const observers = observersOf(options, sink);
  const trace = traceOf(options);
  let running: Run | undefined;
  process.on("SIGINT", () => running?.interrupt()); // before the start: its first slice may print
  running = startUnit(unit, {
    ...limits,
    ...observers,
    ...jitOf(options),
    ...(options.seed !== undefined && { chance: seededChance(options.seed) }),
    ...(options.schedulers !== undefined && {
      schedulers: {
        count: options.schedulers,
        workerScript: WORKER_SCRIPT,
        ...(trace !== undefined && { trace }),
      },
    }),
    natives: NATIVES,
    sink,
    args: programArgs,
    onReport: (report) => showDiagnostics([explainExit(report, facts)], asJson),
    ...(warnFrom > 0 && {
      mailboxWarning: {
        from: warnFrom,
        warn: (warning) => {
          sink.flush();
          showDiagnostics([explainMailbox(warning, facts)], asJson);
        },
      },
    }),
  });
  const outcome = await running.outcome;
  if (outcome.kind === "load-problem") return outcome;
  if (outcome.kind === "returned") sink.writeOut(resultLine(outcome.value));
  sink.flush();
  const diagnostic = explainOutcome(outcome, facts);
  if (diagnostic !== undefined) showDiagnostics([diagnostic], asJson);
  const unwritable = finishObservers(observers, path, sink);
  if (unwritable !== undefined) showDiagnostics([unwritable], asJson);
  return outcome;
}

function jitOf({ jitless, jitThreshold }: RunOptions): { jit?: JitOptions | undefined } {
  if (jitless === true) return { jit: undefined };
  return jitThreshold === undefined ? {} : { jit: { threshold: jitThreshold } };
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

/** Says that a mistake of ours came out. It lives here because this is what is loaded already when one does. */
export function reportInternal(error: unknown, asJson: boolean): ExitCode {
  showDiagnostics([internalError(error)], asJson);
  return EXIT.failed;
}
