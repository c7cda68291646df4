/** Runs a program through the real pipeline inside the test's own process. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Compiled, compile } from "../../cli/compile.ts";
import { type Project, projectOfText } from "../../cli/project.ts";
import { explainExit, explainOutcome } from "../../cli/report.ts";
import { resultLine } from "../../cli/result.ts";
import { WORKER_SCRIPT } from "../../cli/worker-script.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { InputLines } from "../../vm/host/native.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { FdSink, type Outcome, seededChance, startUnit, TextSink } from "../../vm/index.ts";
import { virtualChance } from "./virtual-chance.ts";

export interface Engine {
  readonly name: string;
  readonly sliceReductions?: number;
  readonly unitsOfStep?: number;
  /** as `--seed`; absent: the oldest ready process runs */
  readonly seed?: bigint;
  /** hot code is compiled, from so many calls and turns on; absent: everything is interpreted */
  readonly jitThreshold?: number;
  /** more than one: on virtual time too, but what runs first is up to the machine */
  readonly schedulers?: number;
  /** of those: see Schedulers in vm/index.ts */
  readonly movesAll?: boolean;
  readonly ringBytes?: number;
}

/** Every engine must see the same as the first: the interpreter, which is the reference, with slices as shipped. */
export const ENGINES: readonly Engine[] = [
  { name: "slices as shipped" },
  { name: "slices of one reduction", sliceReductions: 1, unitsOfStep: 1 },
  { name: "compiled at once", jitThreshold: 1 },
  { name: "compiled at once, slices of one reduction", sliceReductions: 1, unitsOfStep: 1, jitThreshold: 1 },
];

/**
 * Sizes of slices, and from how many calls and turns on hot code is compiled at each: at 1 at once, at others after the
 * interpreter has begun, so that frames of both stand on one another. At one size of slices the interpreter and compiled
 * code must agree to the byte and to the reduction.
 */
export const SLICES: readonly { readonly sliceReductions: number; readonly thresholds: readonly number[] }[] = [
  { sliceReductions: 2000, thresholds: [1, 10] },
  { sliceReductions: 1, thresholds: [1] },
  { sliceReductions: 2, thresholds: [2] },
  { sliceReductions: 7, thresholds: [10] },
];

/** With a move before each slice, and rings that nearly nothing fits into. Programs without processes start no other thread. */
export const TWO_SCHEDULERS: Engine = { name: "2 schedulers", schedulers: 2, movesAll: true, ringBytes: 64 };

/** Other orders of runs; only where there are processes can they show anything. */
export const SEEDED_ENGINES: readonly Engine[] = [1n, 2n, 3n].map((seed) => ({ name: `seed ${seed}`, seed }));

export interface Seen {
  readonly out: string;
  /** what the program itself wrote to stderr */
  readonly error: string;
  /** in the order of appearance: of the compiler, of processes that crashed, of the end */
  readonly diagnostics: readonly Diagnostic[];
  readonly outcome: Outcome["kind"] | "not compiled";
  /** of all processes of the first scheduler */
  readonly reductions: number;
}

/** What a person sees of it: the reductions of other schedulers are not known to the first. */
export function shownOf({ reductions: _, ...shown }: Seen): Omit<Seen, "reductions"> {
  return shown;
}

export interface Settings {
  readonly engine?: Engine;
  readonly stdin?: string;
  readonly maxReductions?: number;
  readonly maxStackFrames?: number;
  readonly args?: readonly string[];
  /** see LowerOptions */
  readonly inline?: boolean;
}

export function runText(text: string, settings: Settings = {}): Promise<Seen> {
  return runLoaded(projectOfText("test.nos", text), settings);
}

export function runLoaded(project: Project, settings: Settings = {}): Promise<Seen> {
  return runCompiled(
    compile(project, true, settings.inline === undefined ? {} : { inline: settings.inline }),
    settings,
  );
}

/** Compiling takes longer than most tests run, so a program that many engines run is compiled once. */
export async function runCompiled(compiled: Compiled, settings: Settings = {}): Promise<Seen> {
  const diagnostics = [...compiled.diagnostics];
  if (compiled.unit === undefined) return { out: "", error: "", diagnostics, outcome: "not compiled", reductions: 0 };
  const { maxReductions, maxStackFrames, engine } = settings;
  const facts = { sources: compiled.sources, maxReductions };
  const several = engine?.schedulers === undefined ? undefined : fileSink();
  const sink = several?.sink ?? new TextSink();
  const run = startUnit(compiled.unit, {
    jit: engine?.jitThreshold === undefined ? undefined : { threshold: engine.jitThreshold },
    ...(maxReductions !== undefined && { maxReductions }),
    ...(maxStackFrames !== undefined && { maxStackFrames }),
    ...(engine?.sliceReductions !== undefined && { sliceReductions: engine.sliceReductions }),
    ...(engine?.unitsOfStep !== undefined && { unitsOfStep: engine.unitsOfStep }),
    natives: NATIVES,
    sink,
    args: settings.args ?? [],
    stdin: textLines(settings.stdin ?? ""),
    ...(engine?.schedulers !== undefined && {
      schedulers: {
        count: engine.schedulers,
        workerScript: WORKER_SCRIPT,
        isVirtual: true,
        ...(engine.movesAll !== undefined && { movesAll: engine.movesAll }),
        ...(engine.ringBytes !== undefined && { ringBytes: engine.ringBytes }),
      },
    }),
    chance: engine?.seed === undefined ? virtualChance(1) : seededChance(engine.seed),
    onReport: (report) => diagnostics.push(explainExit(report, facts)),
  });
  const outcome = await run.outcome;
  if (outcome.kind === "returned") sink.writeOut(resultLine(outcome.value));
  const last = explainOutcome(outcome, facts);
  if (last !== undefined) diagnostics.push(last);
  sink.flush();
  const { out, error } = several?.written() ?? (sink as TextSink);
  return { out, error, diagnostics, outcome: outcome.kind, reductions: run.reductionsUsed() };
}

/** Several schedulers write to descriptors, so these are files. */
function fileSink(): { readonly sink: FdSink; written(): { readonly out: string; readonly error: string } } {
  const directory = mkdtempSync(join(tmpdir(), "nostos-run-"));
  const [outPath, errorPath] = [join(directory, "out"), join(directory, "error")];
  const [outFd, errorFd] = [openSync(outPath, "a"), openSync(errorPath, "a")];
  return {
    sink: new FdSink(outFd, errorFd),
    written: () => {
      closeSync(outFd);
      closeSync(errorFd);
      const written = { out: readFileSync(outPath, "utf8"), error: readFileSync(errorPath, "utf8") };
      rmSync(directory, { recursive: true });
      return written;
    },
  };
}

function textLines(text: string): InputLines {
  let rest = text;
  return {
    readLine: (done) => {
      if (rest === "") return done(undefined);
      const end = rest.indexOf("\n");
      const line = end < 0 ? rest : rest.slice(0, end);
      rest = end < 0 ? "" : rest.slice(end + 1);
      done(line.replace(/\r$/, ""));
    },
    readAll: (done) => {
      const all = rest;
      rest = "";
      done(all);
    },
  };
}
