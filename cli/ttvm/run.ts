/**
 * `ttvm FILE`: runs a TinyTotVM program and says how it ended.
 *
 * Stays true: stdout holds the program's lines and nothing else; what flags ask for goes to stderr (semantics 49).
 */
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { SourceFile } from "../../grammar/source.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { type ExitReport, FdSink, type Outcome, type ProcessEvent, type Run, startUnit } from "../../vm/index.ts";
import { TinyException } from "../../vm/values/value.ts";
import { EXIT } from "../exit-codes.ts";
import { explainExit, explainMailbox, explainOutcome, type RunFacts } from "../report.ts";
import { showDiagnostics } from "../terminal.ts";
import { loadProgram, moduleFinder, spawnLoader } from "./load.ts";

export interface RunSettings {
  /** what GET_ARGS gives: the words of the command line, its name first */
  readonly args: readonly string[];
  readonly asJson: boolean;
  /** the scheduler's lines at start and end */
  readonly showsScheduler: boolean;
  readonly showsInstructions: boolean;
  readonly showsProcesses: boolean;
}

/** As `nostos run` has it. */
const MAILBOX_WARNING = 1_000_000;
const SCHEDULERS = 1; // until `ttvm` has more than one

/** @returns the exit code; TinyTotVM's EXIT may give any from 0 to 255 */
export async function run(path: string, settings: RunSettings): Promise<number> {
  const { asJson, showsScheduler } = settings;
  const loaded = loadProgram(path);
  showDiagnostics(loaded.diagnostics, asJson, loaded.sources);
  if (loaded.unit === undefined) return EXIT.failed;

  const sources: SourceFile[] = [...loaded.sources];
  const facts: RunFacts = { sources };
  const sink = new FdSink();
  const tell = (line: string): void => sink.writeError(`${line}\n`);
  const observe = observer(settings, tell);
  if (showsScheduler) {
    tell("Running with BEAM-style SMP scheduler...");
    tell(`Creating scheduler pool with ${SCHEDULERS} threads (CPU cores)`);
  }
  let running: Run | undefined;
  process.on("SIGINT", () => running?.interrupt()); // before the start: its first slice may print
  running = startUnit(loaded.unit, {
    natives: NATIVES,
    args: settings.args,
    sink,
    onReport: (report) => showDiagnostics([inItsWords(report, explainExit(report, facts))], asJson),
    loadUnit: spawnLoader(
      path,
      (_, { diagnostics, sources: read }) => {
        sink.flush();
        showDiagnostics(diagnostics, asJson, read);
      },
      (source) => sources.push(source),
    ),
    mailboxWarning: {
      from: MAILBOX_WARNING,
      warn: (warning) => {
        sink.flush();
        const hint = "LIMIT_MAILBOX bounds a mailbox";
        showDiagnostics([{ ...explainMailbox(warning, facts), hint }], asJson);
      },
    },
    findModule: moduleFinder(path, (source) => sources.push(source)),
    ...(observe !== undefined && { observe }),
  });
  const outcome = await running.outcome;
  if (showsScheduler) tell("SMP scheduler shutdown complete");
  const diagnostic = explain(outcome, path, facts);
  if (diagnostic !== undefined) showDiagnostics([diagnostic], asJson);
  if (outcome.kind === "exit") return outcome.status;
  if (outcome.kind === "interrupted") return EXIT.interrupted;
  return outcome.kind === "returned" || outcome.kind === "broken-pipe" ? EXIT.ok : EXIT.failed;
}

/** What to say of the run's end; undefined when there is nothing to say. */
export function explain(outcome: Outcome, path: string, facts: RunFacts): Diagnostic | undefined {
  if (outcome.kind === "load-problem") {
    const { detail, at } = outcome.problem;
    return { severity: "error", code: "bad-bytecode", message: `cannot run \`${path}\`: ${detail} (word ${at})` };
  }
  const diagnostic = explainOutcome(outcome, facts);
  if (outcome.kind !== "failed" || diagnostic === undefined) return diagnostic;
  return inItsWords(outcome.report, diagnostic);
}

/** TinyTotVM's errors have no kind: their text stands alone in the headline. */
function inItsWords(report: ExitReport, diagnostic: Diagnostic): Diagnostic {
  if (!(report.value instanceof TinyException)) return diagnostic;
  const process = / \(process [^)]*\)$/.exec(diagnostic.message)?.[0] ?? "";
  return { ...diagnostic, message: `Error: ${report.value.message}${process}` };
}

/** What the flags want to see of the run; undefined: nothing. */
function observer(settings: RunSettings, tell: (line: string) => void): ((event: ProcessEvent) => void) | undefined {
  const { showsScheduler, showsInstructions, showsProcesses } = settings;
  if (!showsScheduler && !showsInstructions && !showsProcesses) return undefined;
  return (event) => {
    switch (event.kind) {
      case "exited":
        if (showsScheduler || showsProcesses) tell(`Process ${event.pid} exiting with reason: ${event.reason}`);
        return;
      case "step":
        if (!showsInstructions) return;
        tell(`[${event.pid}] IP: ${event.ip}, Instruction: ${event.instruction}, Stack size: ${event.stackSize}`);
        return;
      case "spawned":
        if (showsProcesses && event.by !== 0) tell(`Process ${event.by} spawned process ${event.pid}`);
        return;
      case "sent":
        if (showsProcesses) tell(`Process ${event.from} sent message to process ${event.to}`);
        return;
      case "received":
        if (showsProcesses) tell(`Process ${event.pid} received a message`);
    }
  };
}
