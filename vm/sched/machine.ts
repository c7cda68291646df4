/**
 * One running program: what all its schedulers share, and the one way a process comes, gets a message, and goes.
 *
 * Nothing in vm/ keeps state outside this object, so machines do not see each other. A second scheduler will stand
 * beside `scheduler`; everything that is for "some process, wherever it is" already goes through `deliver` and `kill`.
 */
import type { Unit } from "../bytecode/unit.ts";
import { Cluster, type Seat } from "../cluster/cluster.ts";
import { SLOTS } from "../cluster/places.ts";
import { SharedMvar } from "../cluster/tokens.ts";
import type { Chance, Surroundings } from "../host/chance.ts";
import type {
  InputLines,
  MachineView,
  Native,
  NativeContext,
  NativeResult,
  ProcessAnswers,
  TiesView,
  WAITING,
} from "../host/native.ts";
import { Raise, WAITING as waiting } from "../host/native.ts";
import type { Sink } from "../host/sink.ts";
import type { Engine, ProcessEvent } from "../interp/engine.ts";
import { show } from "../interp/operations.ts";
import type { Program } from "../interp/program.ts";
import {
  type ExitReport,
  exitRequestOf,
  type MailboxWarning,
  type Outcome,
  reportException,
} from "../interp/report.ts";
import { lastTailCalls } from "../interp/tail-calls.ts";
import { placeOfFrame, placesOfFrames, type ThrownTrace, type TraceEntry } from "../interp/trace.ts";
import { Jit } from "../jit/jit.ts";
import type { JitOptions } from "../jit/options.ts";
import type { JitObserver } from "../jit/trace.ts";
import { LocalLocks, type Locks } from "../mvar/locks.ts";
import { GlobalState, MvarState } from "../mvar/mvar.ts";
import { Bounds, type Policy } from "../process/bounds.ts";
import { mailboxCount, mailboxMark, mailboxPut, mailboxTake } from "../process/mailbox.ts";
import { Names } from "../process/names.ts";
import { PidTable } from "../process/pid-table.ts";
import { type Process, Process as ProcessObject, rareOf, State, transition } from "../process/process.ts";
import { Signals, tiesOf } from "../process/signals.ts";
import { Work } from "../process/work.ts";
import { makeData } from "../values/data.ts";
import { FAILED, KILLED, NORMAL, SHUTDOWN } from "../values/data-types.ts";
import { type Closure, type Data, TinyException, UNIT, type Value } from "../values/value.ts";
import { infoOf, leavingsOf, type ProcessInfo } from "./process-info.ts";
import { traceProcesses } from "./process-trace.ts";
import type { Profile } from "./profile.ts";
import { Scheduler } from "./scheduler.ts";

export interface MachineOptions {
  readonly args: readonly string[];
  readonly natives: ReadonlyMap<string, Native>;
  readonly chance: Chance;
  readonly sink: Sink;
  readonly stdin: InputLines;
  /** total over all processes */
  readonly maxReductions: number;
  readonly maxStackFrames: number;
  /** undefined: 70 % of what V8 allows */
  readonly maxHeapBytes: number | undefined;
  readonly sliceReductions: number;
  /** see process/work.ts; undefined: as shipped */
  readonly unitsOfStep?: number | undefined;
  readonly engine: Engine;
  /** how hot code is compiled; undefined: never, the interpreter runs all of it */
  readonly jit: JitOptions | undefined;
  /** is told what compiled code does */
  readonly jitObserver?: JitObserver | undefined;
  /** is told where processes are at the ends of their slices */
  readonly profile?: Profile | undefined;
  /**
   * The program that TinyTotVM's SPAWN of this name starts, when it is no label of the spawning program; undefined: of a
   * value that is no text. Without it such a process does nothing.
   */
  readonly loadUnit?: ((name: string | undefined) => Unit) | undefined;
  /** Finds what TinyTotVM's IMPORT names. Without it nothing can be imported. */
  readonly findModule?: ((path: string) => FoundModule) | undefined;
  /** is told what processes do */
  readonly observe?: ((event: ProcessEvent) => void) | undefined;
  /** a process other than main has failed; the machine has flushed stdout before */
  readonly onReport: (report: ExitReport) => void;
  /** is warned when so many messages wait in a mailbox, and again at each doubling; absent: nobody is */
  readonly mailboxWarning?: { readonly from: number; readonly warn: (warning: MailboxWarning) => void } | undefined;
  /** the place of this machine among the schedulers of its program; absent: it is the only one */
  readonly seat?: Seat | undefined;
  /** main is a prompt: instead of ending the run, it tells how each of its inputs has ended */
  readonly onInputEnd?: (outcome: InputOutcome) => void;
  /** main is a host that embeds the machine */
  readonly host?: HostEvents | undefined;
}

/** A file that IMPORT names, or why there is none. `name`: one for each file, however it is spelled. */
export type FoundModule =
  | { readonly name: string; readonly load: () => { readonly unit: Unit } | { readonly problem: string } }
  | { readonly problem: string };

/** What a host that embeds the machine is told. It must not call back at once: some of it comes in the middle of a slice. */
export interface HostEvents {
  /** there is one more message in main's mailbox */
  arrived(): void;
  /** a process has returned from its first function; `ended` follows */
  returned(pid: number, value: Value): void;
  /** a process has gone; a report of it follows at once, if there is one */
  ended(pid: number, reason: Data): void;
}

/** How an input at the prompt can end without ending the session. */
export type InputOutcome = Extract<Outcome, { readonly kind: "returned" | "failed" | "stuck" | "interrupted" }>;

/** What ends a process from outside: an exit signal, or a kill. */
export interface Doom {
  /** an ExitReason */
  readonly reason: Data;
  /** who sent it; 0: somebody who killed it */
  readonly from: number;
}

const MAIN = 1;

/** How far the trace of an interrupted main is followed: far enough to leave the library. */
const INTERRUPTED_FRAMES = 32;

export class Machine implements MachineView {
  readonly program: Program;
  readonly options: MachineOptions;
  readonly scheduler: Scheduler;
  /** the other schedulers of the program; undefined: there are none */
  readonly cluster: Cluster | undefined;
  readonly pidTable: PidTable<Process>;
  readonly names = new Names();
  readonly signals: Signals;
  readonly bounds: Bounds;
  readonly mvars: MvarState[] = [];
  readonly globals: GlobalState[] = [];
  readonly lockSets: (readonly MvarState[])[] = [];
  readonly locks: Locks;
  readonly context: Context;
  readonly jit: Jit | null;
  /** how the run ended; undefined while it goes on */
  outcome: Outcome | undefined = undefined;
  private hasMainFailed = false;
  /** see MachineOptions.mailboxWarning */
  private readonly warnFrom: number;
  private spawned = 0;
  private refs = 0;
  private readonly startedMs: number;
  private readonly onEnd: (outcome: Outcome) => void;

  constructor(program: Program, options: MachineOptions, onEnd: (outcome: Outcome) => void) {
    this.program = program;
    this.options = options;
    this.onEnd = onEnd;
    this.warnFrom = options.mailboxWarning?.from ?? Number.POSITIVE_INFINITY;
    this.startedMs = options.seat?.startedMs ?? options.chance.monotonic();
    this.pidTable = options.seat === undefined ? new PidTable() : new PidTable(SLOTS);
    options.jitObserver?.start(program);
    options.profile?.start(program);
    this.grow();
    this.context = new Context(this);
    this.signals = new Signals(this);
    this.bounds = new Bounds(this);
    this.cluster = options.seat === undefined ? undefined : new Cluster(this, options.seat);
    this.locks = this.cluster?.locks ?? new LocalLocks(this.globals, this.wake);
    this.scheduler = new Scheduler(this);
    const isTraced = options.observe !== undefined && options.engine.endsWithMain;
    if (isTraced) traceProcesses(this, options.observe!);
    // compiled code takes messages out of mailboxes without a word
    this.jit = options.jit === undefined || isTraced ? null : new Jit(this, options.jit);
  }

  /** Makes what the program's rows need while it runs; again when a session has added some. */
  grow(): void {
    const { mvars, globals, lockSets } = this.program;
    for (const { name, module } of mvars.slice(this.mvars.length)) this.mvars.push(this.newMvar(name, module));
    for (const { name, module } of globals.slice(this.globals.length))
      this.globals.push(new GlobalState(this.globals.length, name, module));
    for (const set of lockSets.slice(this.lockSets.length)) this.lockSets.push(set.map((index) => this.mvars[index]!));
    this.jit?.grow();
  }

  private newMvar(name: string, module: string): MvarState {
    const { seat } = this.options;
    const index = this.mvars.length;
    return seat === undefined ? new MvarState(index, name, module) : new SharedMvar(index, name, module, seat.me);
  }

  start(): void {
    this.spawn(this.program.functions[this.program.entry]!.closure, false);
    this.scheduler.start();
  }

  /** Instead of `start`, on a scheduler that is not the first: what runs here comes from others. */
  startAway(): void {
    this.scheduler.start();
  }

  /** Instead of `start`, for a session: main waits for `enter`. */
  startIdle(): void {
    const process = new ProcessObject(MAIN, null, Math.trunc(this.scheduler.clockMs));
    process.state = State.Idle;
    process.depth = 0;
    this.pidTable.add(MAIN, process);
    this.spawned++;
    this.scheduler.start();
  }

  /** Main, which is idle, calls this function without parameters. */
  enter(functionIndex: number): void {
    const process = this.pidTable.get(MAIN)!;
    process.frame = this.options.engine.firstFrame(this.program, this.program.functions[functionIndex]!.closure);
    process.depth = 1;
    this.wake(process);
  }

  /** Whether main waits for an input, so that something can happen still although no process can run. */
  get isIdle(): boolean {
    return this.options.onInputEnd !== undefined && this.pidTable.get(MAIN)?.state === State.Idle;
  }

  /**
   * Ends main's input, whatever it is doing; other processes go on.
   * @returns false: main is no prompt, so the run itself has to end
   */
  endInput(outcome: InputOutcome): boolean {
    const { onInputEnd, sink } = this.options;
    const process = this.pidTable.get(MAIN);
    if (onInputEnd === undefined || process === undefined) return false;
    if (process.state === State.Idle) return true;
    this.letGo(process);
    transition(process, State.Idle);
    process.frame = null;
    process.depth = 0;
    process.scan = 0;
    process.hasDeadline = false;
    const { ties, bound } = process.rare ?? { ties: null, bound: null };
    process.rare = null;
    if (ties !== null) rareOf(process).ties = ties;
    if (bound !== null) rareOf(process).bound = bound;
    process.tailCalls = null;
    sink.flush();
    onInputEnd(outcome);
    return true;
  }

  /** A new process, here, that calls the function value, which takes no parameters. */
  spawn(closure: Closure, mayHoldMutables: boolean): Process {
    const pid = this.cluster === undefined ? this.pidTable.nextPid : this.cluster.takePid();
    const frame = this.options.engine.firstFrame(this.program, closure);
    const process = new ProcessObject(pid, frame, Math.trunc(this.scheduler.clockMs));
    this.pidTable.add(pid, process);
    process.mayHoldMutables = mayHoldMutables;
    this.spawned++;
    this.scheduler.put(process);
    const { observe } = this.options;
    if (observe !== undefined) {
      const name = this.program.functions[closure.functionIndex]?.name ?? "";
      observe({ kind: "spawned", pid: process.id, by: this.context.pid, function: name });
    }
    return process;
  }

  /**
   * The one way to a process of this scheduler from anywhere: a message to its mailbox. Nobody there: ignored.
   * @param sender  the running process, if it waits should the mailbox be full; null: nobody can wait
   * @returns false: the sender's slice is over, as its state says
   */
  deliver(pid: number, message: Value, holdsMutables: boolean, sender: Process | null = null): boolean {
    const target = this.pidTable.get(pid);
    return target === undefined || this.deliverTo(target, message, holdsMutables, sender);
  }

  /** As `deliver`, to a process that has been found. */
  deliverTo(target: Process, message: Value, holdsMutables: boolean, sender: Process | null): boolean {
    if (target.slot !== undefined && target.rare !== null && target.rare.bound !== null)
      return this.bounds.offer(target, message, holdsMutables, sender);
    this.accept(target, message, holdsMutables);
    return true;
  }

  /** A message that gets into the mailbox, bound or not. */
  accept(target: Process, message: Value, holdsMutables: boolean): void {
    if (target.slot === undefined) target.slot = message;
    else {
      mailboxPut(target, message);
      if (target.overflow!.items.length + 1 >= this.warnFrom) this.warnOfMailbox(target);
    }
    if (holdsMutables) target.mayHoldMutables = true;
    if (target.state === State.Receiving) {
      transition(target, State.Ready);
      this.scheduler.put(target);
    } else if (target.state === State.Idle) this.options.host?.arrived();
  }

  /** A message that is wanted only as long as the receiver has this monitor on. */
  deliverAnswer(pid: number, ref: number, message: Value, holdsMutables: boolean): void {
    if (this.pidTable.get(pid)?.rare?.ties?.watched.has(ref) === true) this.deliver(pid, message, holdsMutables);
  }

  /** The running process takes the message at which its scan stands. */
  take(process: Process): void {
    mailboxTake(process);
    if (process.rare !== null && process.rare.bound !== null) this.bounds.taken(process);
  }

  /** Once when it is too long, and then at each doubling. */
  private warnOfMailbox(process: Process): void {
    const rare = rareOf(process);
    const mailbox = mailboxCount(process);
    if (mailbox < Math.max(this.warnFrom, rare.warnAt)) return;
    rare.warnAt = 2 * mailbox;
    const place = placeOfFrame(this.program, process.frame);
    this.options.mailboxWarning!.warn({ pid: process.id, names: this.names.of(process.id), mailbox, place });
  }

  /** What it waited for is there. */
  readonly wake = (process: Process): void => {
    transition(process, State.Ready);
    this.scheduler.put(process);
  };

  /** The process has returned from its first function. */
  finish(process: Process, value: Value): void {
    if (process.id === MAIN && this.endInput({ kind: "returned", value })) return;
    this.options.host?.returned(process.id, value);
    this.remove(process, NORMAL);
    if (process.id === MAIN && this.options.engine.endsWithMain) this.end({ kind: "returned", value });
    else this.endIfAlone();
  }

  /** Where the program ends with its last process: whether that was it. */
  private endIfAlone(): void {
    if (this.options.engine.endsWithMain || this.hasMainFailed) return;
    if (this.pidTable.count === 0) this.end({ kind: "returned", value: UNIT });
  }

  /** Nobody can ever run again. Where main is over and the others only wait for messages, that is a normal end. */
  endStuck(stuck: Outcome): void {
    const isOver = !this.options.engine.endsWithMain && this.pidTable.get(MAIN) === undefined;
    this.end(isOver ? { kind: "returned", value: UNIT } : stuck);
  }

  /** Nobody has caught what it threw. */
  crash(process: Process, value: Value, trace: ThrownTrace): void {
    const reason = exitRequestOf(value);
    if (reason !== undefined && isOrderly(reason)) {
      this.endOrderly(process, reason);
      return;
    }
    const tailCalls = lastTailCalls(this.program, process);
    const report = reportException(this.program, process.id, value, trace, tailCalls);
    this.fail(process, report, reason ?? failed(value instanceof TinyException ? value.message : report.shown));
  }

  /** `Normal` or `Shutdown`: nothing to report, and main ends the program as if it had returned. */
  private endOrderly(process: Process, reason: Data): void {
    if (process.id === MAIN && this.options.engine.endsWithMain) this.finish(process, UNIT);
    else {
      this.remove(process, reason);
      this.endIfAlone();
    }
  }

  /** Takes the process away: it is what made the heap too large. */
  endOutOfMemory(process: Process): void {
    const place = placeOfFrame(this.program, process.frame);
    const trace = place === undefined ? [] : [place];
    const shown = "out of memory";
    this.fail(process, {
      pid: process.id, cause: "out-of-memory", value: undefined, shown, place, trace, omitted: undefined, tailCalls: [],
    }, failed(shown)); // biome-ignore format: short
  }

  /** Takes the process away: there is one message more for it than its bound allows. */
  endOverflow(process: Process, most: number): void {
    const trace = placesOfFrames(this.program, process.frame, INTERRUPTED_FRAMES);
    const shown = `mailbox overflow: more than ${most} message${most === 1 ? "" : "s"}`;
    this.fail(process, {
      pid: process.id, cause: "overflow", value: undefined, shown, place: trace[0], trace, omitted: undefined,
      tailCalls: lastTailCalls(this.program, process),
    }, failed(shown)); // biome-ignore format: short
  }

  private fail(process: Process, known: ExitReport, reason: Data): void {
    if (process.id === MAIN && this.endInput({ kind: "failed", report: known })) return; // which keeps its mailbox
    const report = { ...known, left: leavingsOf(this, process) };
    if (process.id === MAIN) this.hasMainFailed = true; // those linked to it, which end with it, do not end the run well
    const isAway = this.cluster !== undefined && this.cluster.me !== 0;
    if (isAway) this.cluster.report(report); // while scheduler 0 knows its names
    this.remove(process, reason);
    if (process.id === MAIN) this.end({ kind: "failed", report });
    else if (!isAway) {
      this.options.sink.flush();
      this.options.onReport(report);
      this.endIfAlone();
    }
  }

  /** P4: after this nothing knows the process any more. `reason` is an ExitReason. */
  private remove(process: Process, reason: Data): void {
    const { ties, bound } = process.rare ?? { ties: null, bound: null };
    if (process.rare?.hasName === true) this.cluster!.forgetNames(process.id);
    this.letGo(process);
    this.options.engine.onExit?.(this, process.id);
    transition(process, State.Exited);
    process.frame = null;
    process.slot = undefined;
    process.overflow = null;
    process.rare = null;
    process.tailCalls = null;
    const isLast = this.pidTable.remove(process.id);
    this.names.forget(process.id);
    const said = reason === NORMAL ? "normal" : reason === KILLED ? "killed" : "error";
    this.options.observe?.({ kind: "exited", pid: process.id, reason: said, why: show(reason) });
    this.options.host?.ended(process.id, reason);
    if (bound !== null) this.bounds.ended(process.id, bound);
    if (ties !== null) this.signals.ended(process.id, ties, reason);
    this.cluster?.onExit(process.id, isLast);
  }

  /** The process, which is ready, goes on elsewhere: nothing here knows it any more. */
  letGoTo(process: Process): void {
    this.scheduler.cancelTimer(process);
    this.pidTable.remove(process.id);
    if (this.context.process === process) this.context.process = null;
  }

  /** Queues, timers, locks and the host: nobody waits for the process, and it waits for nobody. */
  private letGo(process: Process): void {
    if (process.state === State.Ready) this.scheduler.forget(process);
    if (process.state === State.Native) this.scheduler.hostCalls--;
    if (process.state === State.Sending) this.bounds.withdraw(process);
    if (process.rare !== null) {
      this.scheduler.cancelTimer(process);
      process.rare.withdraw?.();
      this.locks.releaseAll(process);
    }
  }

  /** The run is over; what comes later is ignored. */
  end(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.scheduler.stop();
    const { sink } = this.options;
    this.cluster?.stop();
    sink.flush();
    const broken = brokenOutcome(sink);
    this.outcome = outcome.kind === "internal" ? outcome : (broken ?? outcome);
    this.letGoOutside();
    this.onEnd(this.outcome);
  }

  /** Nobody is there any more for what processes wait for, or hold, outside of the machine. */
  private letGoOutside(): void {
    const { onExit } = this.options.engine;
    if (onExit === undefined) return;
    for (const process of this.pidTable) {
      process.rare?.withdraw?.();
      onExit(this, process.id);
    }
  }

  /** The calls that main is inside of now, innermost first. */
  placesOfMain(): TraceEntry[] {
    return placesOfFrames(this.program, this.pidTable.get(MAIN)?.frame ?? null, INTERRUPTED_FRAMES);
  }

  // MachineView, for host functions

  isAlive(pid: number): boolean {
    return this.pidTable.get(pid) !== undefined;
  }

  pids(): number[] {
    return Array.from(this.pidTable, (process) => process.id);
  }

  /** Dies at once, without report and without `finally`, also when it traps exits. @returns whether it was alive */
  kill(pid: number): boolean {
    const process = this.pidTable.get(pid);
    if (process === undefined) return false;
    this.die(process, { reason: KILLED, from: 0 });
    return true;
  }

  /** L3: the running process at the end of its host function, any other at once. */
  die(process: Process, doom: Doom): void {
    if (process.state !== State.Running) this.endDoomed(process, doom);
    else {
      this.context.killed = true;
      this.context.doom ??= doom;
    }
  }

  /** The running process, whose host function has ended it. */
  endKilled(process: Process): void {
    const { doom } = this.context;
    this.context.doom = undefined;
    this.endDoomed(process, doom!);
  }

  private endDoomed(process: Process, { reason, from }: Doom): void {
    if (process.id !== MAIN) {
      this.remove(process, reason);
      this.endIfAlone();
      return;
    }
    if (isOrderly(reason)) {
      this.endOrderly(process, reason);
      return;
    }
    const place = placeOfFrame(this.program, process.frame);
    const trace = placesOfFrames(this.program, process.frame, INTERRUPTED_FRAMES);
    this.fail(process, {
      pid: MAIN, cause: from === 0 ? "killed" : "signal", from, value: undefined, shown: show(reason), place, trace,
      omitted: undefined, tailCalls: lastTailCalls(this.program, process),
    }, reason); // biome-ignore format: short
  }

  processInfo(pid: number): ProcessInfo | undefined {
    const process = this.pidTable.get(pid);
    return process === undefined ? undefined : infoOf(this, process);
  }

  /** What `NativeContext.ask` gives about a process of this scheduler, or about all of it. */
  answer<Kind extends keyof ProcessAnswers>(kind: Kind, pid: number, name: string): ProcessAnswers[Kind] {
    const answers: { readonly [Each in keyof ProcessAnswers]: () => ProcessAnswers[Each] } = {
      alive: () => this.isAlive(pid),
      info: () => this.processInfo(pid),
      kill: () => this.kill(pid),
      all: () => this.pids(),
      timers: () => this.scheduler.timers.count,
      register: () => (this.isAlive(pid) ? this.nameProcess(name, pid) : "dead"),
      unregister: () => this.names.unregister(name),
      whereis: () => this.names.whereIs(name) ?? 0,
      registered: () => this.names.all(),
      names: () => this.names.of(Number(name)),
    };
    return answers[kind]();
  }

  get schedulers(): number {
    return this.cluster?.count ?? 1;
  }

  /** Where names are kept. The process is alive, or has been a moment ago. */
  nameProcess(name: string, pid: number): "done" | "taken" {
    return this.names.register(name, pid) ? "done" : "taken";
  }

  counts(): { spawned: number; exited: number; alive: number } {
    if (this.cluster !== undefined) return this.cluster.counts();
    const alive = this.pidTable.count;
    return { spawned: this.spawned, exited: this.spawned - alive, alive };
  }

  /** @param process  makes the Ref, and may wait for a message that holds it */
  freshRef(process: Process): number {
    const n = ++this.refs;
    const ref = this.cluster?.ownNumber(n) ?? n;
    mailboxMark(process, ref);
    return ref;
  }

  uptimeMs(): number {
    return this.options.chance.monotonic() - this.startedMs;
  }
}

function isOrderly(reason: Data): boolean {
  return reason === NORMAL || reason === SHUTDOWN;
}

/** The reason of a process that something unplanned has ended. */
function failed(text: string): Data {
  return makeData(FAILED, [text]);
}

/** The outcome that a sink forces, if it cannot write any more. */
export function brokenOutcome(sink: Sink): Outcome | undefined {
  if (sink.broken === "no") return undefined;
  if (sink.broken === "pipe") return { kind: "broken-pipe" };
  return { kind: "output-failed", message: sink.broken.message };
}

/** The face of the machine that host functions see: always that of the process which runs now. */
export class Context extends Work implements NativeContext {
  /** the running process has been ended by its own call, see `doom` */
  killed = false;
  doom: Doom | undefined;
  readonly ties: TiesView = {
    link: (pid, isNew) => this.machine.signals.link(this.process!, pid, isNew),
    unlink: (pid) => this.machine.signals.unlink(this.process!, pid),
    monitor: (pid, isNew) => this.machine.signals.monitor(this.process!, pid, isNew),
    demonitor: (ref) => this.machine.signals.demonitor(this.process!, ref),
    exit: (pid, reason) => this.machine.signals.exit(this.pid, pid, reason),
    trapExits: (on) => {
      tiesOf(this.process!).trapsExits = on;
    },
  };
  readonly machine: Machine;

  constructor(machine: Machine) {
    super(machine.options.unitsOfStep);
    this.machine = machine;
  }

  charge(reductions: number): void {
    this.charged += reductions;
  }

  get pid(): number {
    return this.process?.id ?? 0;
  }

  get programArgs(): readonly string[] {
    return this.machine.options.args;
  }

  freshRef(): number {
    return this.machine.freshRef(this.process!);
  }

  get stdin(): InputLines {
    return this.machine.options.stdin;
  }

  now(): number {
    return this.machine.options.chance.now();
  }

  random(): number {
    return this.machine.options.chance.random();
  }

  get surroundings(): Surroundings {
    return this.machine.options.chance.surroundings;
  }

  writeOut(text: string): void {
    this.machine.options.sink.writeOut(text);
  }

  writeError(text: string): void {
    this.machine.options.sink.writeError(text);
  }

  flushOut(): void {
    this.machine.options.sink.flush();
  }

  ask<Kind extends keyof ProcessAnswers>(
    kind: Kind,
    pid: number,
    toValue: (answer: ProcessAnswers[Kind]) => Value,
    name = "",
  ): Value | typeof WAITING {
    const { cluster } = this.machine;
    if (cluster === undefined || cluster.knows(kind, pid)) return toValue(this.machine.answer(kind, pid, name));
    return this.wait((done) =>
      cluster.ask(
        kind,
        pid,
        (answer) => {
          try {
            done({ value: toValue(answer) });
          } catch (error) {
            if (!(error instanceof Raise)) throw error;
            done({ thrown: error.value });
          }
        },
        name,
      ),
    );
  }

  get mayHoldMutables(): boolean {
    return this.process!.mayHoldMutables;
  }

  sendAnswer(pid: number, ref: number, message: Value, mayHoldMutables: boolean): void {
    const { machine } = this;
    if (machine.cluster?.mustCarry(pid)) machine.cluster.sendAnswer(pid, ref, message, mayHoldMutables);
    else machine.deliverAnswer(pid, ref, message, mayHoldMutables);
  }

  limitMailbox(most: number | undefined, policy: Policy): void {
    this.machine.bounds.limit(this.process!, most, policy);
  }

  spawn(closure: Closure, mayHoldMutables: boolean): number {
    return this.machine.spawn(closure, mayHoldMutables).id;
  }

  wait(
    start: (done: (result: NativeResult) => void, whenGone: (withdraw: () => void) => void) => void,
  ): typeof WAITING {
    const { machine, process } = this;
    if (process === null) return waiting;
    machine.scheduler.hostCalls++;
    const { chance } = machine.options;
    let isDone = false;
    const rare = rareOf(process);
    const answer = (result: NativeResult): void => {
      // of a process, or an input at the prompt, that ended meanwhile nobody waits for the answer any more
      if (isDone || process.rare !== rare || machine.outcome !== undefined) return;
      isDone = true;
      machine.scheduler.hostCalls--;
      rare.answer = result;
      rare.withdraw = null;
      // else it is still inside the call, and finds the answer when it comes back
      if (process.state === State.Native) machine.wake(process);
    };
    // whether an answer is there at once hangs on what the host has read ahead: where that may not show, all come later
    start(chance.holdsForHost === true ? (result) => chance.turn(() => answer(result)) : answer, (withdraw) => {
      if (!isDone) rare.withdraw = withdraw;
    });
    return waiting;
  }
}
