/**
 * The machine's public face: a Unit goes in, an Outcome comes out, and nothing is ever thrown.
 */

import type { Unit } from "./bytecode/unit.ts";
import { newSharedMemory } from "./cluster/shared.ts";
import { sharedVirtualTime } from "./cluster/virtual-time.ts";
import { Words } from "./cluster/words.ts";
import { WorkerPool } from "./cluster/worker-pool.ts";
import { type Chance, realChance } from "./host/chance.ts";
import type { InputLines, Native } from "./host/native.ts";
import { FdSink, type Sink } from "./host/sink.ts";
import { StreamLines } from "./host/stdin.ts";
import type { ProcessEvent } from "./interp/engine.ts";
import { NOSTOS } from "./interp/interpreter.ts";
import { link } from "./interp/link.ts";
import type { Program } from "./interp/program.ts";
import type { ExitReport, MailboxWarning, Outcome } from "./interp/report.ts";
import { TINYTOTVM } from "./interp/tiny.ts";
import { defaultJit, type JitOptions } from "./jit/options.ts";
import type { JitObserver } from "./jit/trace.ts";
import { CHECK } from "./process/invariant.ts";
import { type FoundModule, Machine, type MachineOptions } from "./sched/machine.ts";
import type { Profile } from "./sched/profile.ts";

export type { LoadProblem } from "./bytecode/verify.ts";
export { type Chance, realChance } from "./host/chance.ts";
export type { InputLines } from "./host/native.ts";
export { recordedChance, type Slice, scheduledChance } from "./host/scheduled-chance.ts";
export { seededChance } from "./host/seeded-chance.ts";
export { FdSink, type Sink, TextSink } from "./host/sink.ts";
export type { ProcessEvent } from "./interp/engine.ts";
export type { ExitReport, MailboxWarning, Outcome, WaitingProcess } from "./interp/report.ts";
export type { TraceEntry } from "./interp/trace.ts";
export type { JitOptions } from "./jit/options.ts";
export { JitTrace, table } from "./jit/trace.ts";
export type { FoundModule } from "./sched/machine.ts";
export { Profile } from "./sched/profile.ts";

/** semantics 25 */
export const MAX_STACK_FRAMES = 5_000_000;

export interface RunOptions {
  /** host functions by name */
  readonly natives: ReadonlyMap<string, Native>;
  /** arguments of the program, after the file */
  readonly args?: readonly string[];
  /** total over all processes; past it the run ends */
  readonly maxReductions?: number;
  readonly maxStackFrames?: number;
  /** default: 70 % of what V8 allows */
  readonly maxHeapBytes?: number;
  /** default: the engine's (semantics 35), or NOSTOS_YIELD_EVERY */
  readonly sliceReductions?: number;
  /** undefined: everything is interpreted; absent: see defaultJit */
  readonly jit?: JitOptions | undefined;
  /** is told what compiled code does */
  readonly jitObserver?: JitObserver;
  /** is told where processes are at the ends of their slices */
  readonly profile?: Profile;
  /** how long the steps of work over whole values are, see process/work.ts; default: as shipped, or NOSTOS_STEP */
  readonly unitsOfStep?: number;
  /** default: descriptors 1 and 2 */
  readonly sink?: Sink;
  readonly stdin?: InputLines;
  readonly chance?: Chance;
  /** a process other than main has failed; what it printed before is out already */
  readonly onReport?: (report: ExitReport) => void;
  /** is warned when so many messages wait in a mailbox, and again at each doubling */
  readonly mailboxWarning?: { readonly from: number; readonly warn: (warning: MailboxWarning) => void };
  /** TinyTotVM's SPAWN of what is no label of the program; see MachineOptions */
  readonly loadUnit?: (name: string | undefined) => Unit;
  /** what TinyTotVM's IMPORT names; see MachineOptions */
  readonly findModule?: (path: string) => FoundModule;
  /** is told what processes do */
  readonly observe?: (event: ProcessEvent) => void;
  /** absent: one. Else `chance` is the world as it is and `sink` an FdSink. */
  readonly schedulers?: Schedulers | undefined;
}

export interface Schedulers {
  /** from 1 to MOST_SCHEDULERS */
  readonly count: number;
  /** file that calls `runWorker` (vm/cluster/worker.ts) with the same host functions, for a thread of its own */
  readonly workerScript: string;
  /** what the worker script makes observers of, where `observe` is there for the first scheduler */
  readonly trace?: string;
  /** no sleep takes time: for tests */
  readonly isVirtual?: boolean;
  /** for tests: whatever may move to another scheduler does so before each of its slices; default: NOSTOS_MOVES=1 */
  readonly movesAll?: boolean;
  /** for tests: of the ways from one scheduler to another, a power of two; default: NOSTOS_RING_BYTES, or as fits their number */
  readonly ringBytes?: number;
}

export const MOST_SCHEDULERS = 64;

export interface Run {
  /** never rejects */
  readonly outcome: Promise<Outcome>;
  /** Ends the run as soon as the running slice is over, as Ctrl-C does. */
  interrupt(): void;
  /** of all processes of this scheduler, up to now */
  reductionsUsed(): number;
}

/** Starts the program and runs its first turn; the rest goes on from the event loop. */
export function startUnit(unit: Unit, options: RunOptions): Run {
  const linked = link(unit, { natives: options.natives, check: CHECK });
  if ("problem" in linked) {
    return {
      outcome: Promise.resolve({ kind: "load-problem", problem: linked.problem }),
      interrupt: () => {},
      reductionsUsed: () => 0,
    };
  }
  const engine = unit.isTinyTotVM === true ? TINYTOTVM : NOSTOS;
  const ownStdin = options.stdin === undefined ? new StreamLines() : undefined;
  let machine: Machine | undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    const onEnd = (ended: Outcome): void => {
      ownStdin?.close();
      resolve(ended);
    };
    const machineOptions: MachineOptions = {
      natives: options.natives,
      args: options.args ?? [],
      chance: options.chance ?? realChance(),
      sink: options.sink ?? new FdSink(),
      stdin: options.stdin ?? ownStdin!,
      maxReductions: options.maxReductions ?? Number.POSITIVE_INFINITY,
      maxStackFrames: options.maxStackFrames ?? MAX_STACK_FRAMES,
      maxHeapBytes: options.maxHeapBytes,
      sliceReductions: options.sliceReductions ?? (Number(process.env.NOSTOS_YIELD_EVERY) || engine.sliceReductions),
      unitsOfStep: options.unitsOfStep ?? (Number(process.env.NOSTOS_STEP) || undefined),
      engine,
      jit: "jit" in options ? options.jit : defaultJit(),
      jitObserver: options.jitObserver,
      profile: options.profile,
      loadUnit: options.loadUnit,
      findModule: options.findModule,
      observe: options.observe,
      mailboxWarning: options.mailboxWarning,
      onReport: options.onReport ?? (() => {}),
    };
    const { schedulers } = options;
    // TinyTotVM programs have names and scopes that do not travel yet
    machine =
      schedulers === undefined || schedulers.count === 1 || engine === TINYTOTVM
        ? new Machine(linked.program, machineOptions, onEnd)
        : firstOfSeveral(linked.program, unit, machineOptions, schedulers, onEnd);
    machine.start();
  });
  return {
    outcome,
    interrupt: () => machine?.scheduler.interrupt(),
    reductionsUsed: () => machine?.scheduler.reductionsUsed ?? 0,
  };
}

/** Scheduler 0 of several. */
function firstOfSeveral(
  program: Program,
  unit: Unit,
  options: MachineOptions,
  schedulers: Schedulers,
  onEnd: (outcome: Outcome) => void,
): Machine {
  const { sink } = options;
  if (!(sink instanceof FdSink)) throw new TypeError("several schedulers write to descriptors only");
  const { count, isVirtual = false } = schedulers;
  const { movesAll = process.env.NOSTOS_MOVES === "1" } = schedulers;
  const { ringBytes = Number(process.env.NOSTOS_RING_BYTES) || undefined } = schedulers;
  const memory = newSharedMemory(count, ringBytes);
  const words = new Words(count, memory.words);
  words.setReductions(options.maxReductions);
  sink.shareThrough({ enter: () => words.lock(0), leave: () => words.unlock() });
  const chance = isVirtual ? sharedVirtualTime(words, (ms) => machine.cluster!.passTime(ms)) : options.chance;
  const startedMs = chance.monotonic();
  const { args, maxReductions, maxStackFrames, sliceReductions, jit } = options;
  // each has a heap of its own: of a limit for all it gets its share
  const maxHeapBytes = options.maxHeapBytes === undefined ? undefined : options.maxHeapBytes / schedulers.count;
  const { outFd, errorFd } = sink;
  const mailboxWarning = options.mailboxWarning?.from;
  const shared = {
    args, maxReductions, maxStackFrames, maxHeapBytes, sliceReductions, jit, outFd, errorFd, startedMs, isVirtual, movesAll,
    mailboxWarning, trace: schedulers.trace,
  }; // biome-ignore format: short
  const lose = (outcome: Outcome): void => machine.end(outcome);
  const workers = new WorkerPool(schedulers.workerScript, unit, shared, memory, words, lose);
  const seat = { me: 0, shared: memory, words, startedMs, isVirtual, movesAll, workers };
  const machine: Machine = new Machine(program, { ...options, maxHeapBytes, chance, seat }, onEnd);
  return machine;
}

export function runUnit(unit: Unit, options: RunOptions): Promise<Outcome> {
  return startUnit(unit, options).outcome;
}
