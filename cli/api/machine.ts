/**
 * A machine inside a Node program: it runs a module's processes, and the host is one of them.
 *
 * The trick: the host is the machine's process 1, which is idle for ever, as the prompt's is between two inputs; so it has
 * a pid, a mailbox, links, monitors and names like any other, and the rest of the machine knows nothing of hosts. It
 * traps exits. What the machine tells it in the middle of a slice is looked at in a microtask, when the slice is over.
 *
 * A1  Nothing is kept outside this object: machines do not see each other, and a pid of one is refused by another.
 * A2  The event loop is held only by what will come by itself: something to run, a timer, I/O of the program's. A machine
 *     whose processes all wait for messages does not keep Node alive.
 * A3  Whatever goes wrong is a NostosError, or the result of `run`.
 */
import { Readable } from "node:stream";
import { type Chance, realChance } from "../../vm/host/chance.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { seededChance } from "../../vm/host/seeded-chance.ts";
import { FdSink } from "../../vm/host/sink.ts";
import { StreamLines } from "../../vm/host/stdin.ts";
import { MAX_STACK_FRAMES } from "../../vm/index.ts";
import { NOSTOS } from "../../vm/interp/interpreter.ts";
import { link } from "../../vm/interp/link.ts";
import type { LinkedFunction } from "../../vm/interp/program.ts";
import type { ExitReport, Outcome } from "../../vm/interp/report.ts";
import { defaultJit } from "../../vm/jit/options.ts";
import { CHECK } from "../../vm/process/invariant.ts";
import { mailboxNext, mailboxTake } from "../../vm/process/mailbox.ts";
import type { Process } from "../../vm/process/process.ts";
import { tiesOf } from "../../vm/process/signals.ts";
import { Machine as Vm } from "../../vm/sched/machine.ts";
import { DOWN, KILLED, NORMAL, SHUTDOWN } from "../../vm/values/data-types.ts";
import { type Data, UNIT, type Value } from "../../vm/values/value.ts";
import { explainBadBytecode } from "../bytecode-file.ts";
import { explainExit, explainOutcome, type RunFacts } from "../report.ts";
import { STDLIB_PATH } from "../stdlib-path.ts";
import { Converter } from "./convert.ts";
import { type Diagnostic, failure, type NostosError } from "./errors.ts";
import { errorOf, type Module, textOf } from "./module.ts";
import { HostSink, type Output } from "./sink.ts";
import { type Pid, type Ref, Variant } from "./values.ts";

export interface MachineOptions {
  /** what the program finds as its arguments */
  readonly args?: readonly string[];
  /** default "inherit" */
  readonly stdout?: Output;
  /** default "inherit"; reports of crashed processes go there too, unless `onDiagnostic` takes them */
  readonly stderr?: Output;
  /** what the program reads from standard input; default: nothing */
  readonly stdin?: string;
  /** a process has crashed that nobody waits for with `run` */
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
  /** past so many reductions of all processes the machine ends */
  readonly maxReductions?: number;
  readonly maxStackFrames?: number;
  readonly maxHeapBytes?: number;
  /**
   * All chance comes from this number of 64 bits, and time is virtual, as with `--seed`: the same calls of the host, each made
   * when everything waits, give the same output and messages.
   */
  readonly seed?: number | bigint;
}

/** How `main`, or the statements of a file without one, ended. */
export type RunResult =
  | { readonly status: "returned"; readonly value: unknown }
  /** `text` is the diagnostics as the command line shows them */
  | { readonly status: "failed"; readonly diagnostics: readonly Diagnostic[]; readonly text: string }
  /** `shutdown()` came first */
  | { readonly status: "shutdown" };

export interface ReceiveOptions {
  /** the promise rejects (`timeout`) when nothing has come by then; default: it waits */
  readonly timeoutMs?: number;
  /** takes the first message that fits, the others stay; default: the oldest */
  readonly match?: (message: unknown) => boolean;
}

export interface SpawnOptions {
  /** linked to the host at once: its end is a message `Exit(pid, reason)` */
  readonly link?: boolean;
}

interface Waiter {
  readonly match: (message: unknown) => boolean;
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

interface Watched {
  value: Value | undefined;
  report: ExitReport | undefined;
  readonly done: (result: RunResult) => void;
}

const HOST = 1;
const RESERVED_NAMES = /[<\s]/; // functions that the compiler made up, and spawned blocks

export class Machine {
  /** the host's own process */
  readonly self: Pid;
  private readonly module: Module;
  private readonly vm: Vm;
  private readonly host: Process;
  private readonly sink: HostSink;
  private readonly stdin: StreamLines;
  private readonly convert: Converter;
  private readonly onDiagnostic: ((diagnostic: Diagnostic) => void) | undefined;
  private readonly maxReductions: number | undefined;
  private readonly functions = new Map<string, LinkedFunction[]>();
  private readonly watched = new Map<number, Watched>();
  /** messages that were taken from the mailbox, and nobody has received yet */
  private inbox: unknown[] = [];
  private waiters: Waiter[] = [];
  private isArranged = false;
  private started: Promise<RunResult> | undefined;
  private hasRun = false;
  private isShutDown = false;

  constructor(module: Module, options: MachineOptions = {}) {
    const { unit } = module;
    const linked = link(unit, { natives: NATIVES, check: CHECK });
    if ("problem" in linked) throw errorOf([explainBadBytecode(module.path, linked.problem)]);
    const { program } = linked;
    this.module = module;
    this.onDiagnostic = options.onDiagnostic;
    this.maxReductions = options.maxReductions;
    this.sink = new HostSink(options.stdout ?? "inherit", options.stderr ?? "inherit", new FdSink());
    this.stdin = new StreamLines(() => Readable.from([Buffer.from(options.stdin ?? "")]));
    this.convert = new Converter(this, program);
    for (const fn of program.functions) {
      const path = unit.sources[fn.places[1] ?? -1]?.path ?? "";
      if (fn.captures > 0 || fn.name === "" || RESERVED_NAMES.test(fn.name) || path.startsWith(STDLIB_PATH)) continue;
      const same = this.functions.get(fn.name);
      if (same === undefined) this.functions.set(fn.name, [fn]);
      else same.push(fn);
    }
    this.vm = new Vm(
      program,
      {
        natives: NATIVES,
        args: options.args ?? [],
        chance: withoutIdleTimer(options.seed === undefined ? realChance() : seededChance(seedOf(options.seed))),
        sink: this.sink,
        stdin: this.stdin,
        maxReductions: options.maxReductions ?? Number.POSITIVE_INFINITY,
        maxStackFrames: options.maxStackFrames ?? MAX_STACK_FRAMES,
        maxHeapBytes: options.maxHeapBytes,
        sliceReductions: NOSTOS.sliceReductions,
        engine: NOSTOS,
        jit: defaultJit(),
        onReport: (report) => this.reported(report),
        onInputEnd: () => {}, // the host's process has no inputs
        host: {
          arrived: () => this.arrange(),
          returned: (pid, value) => {
            const watched = this.watched.get(pid);
            if (watched !== undefined) watched.value = value;
          },
          ended: (pid, reason) => this.ended(pid, reason),
        },
      },
      (outcome) => this.over(outcome),
    );
    this.vm.startIdle();
    this.host = this.vm.pidTable.get(HOST)!;
    tiesOf(this.host).trapsExits = true;
    this.self = this.convert.pid(HOST);
  }

  /** What was printed, with `stdout: "capture"`. */
  get stdout(): string {
    return this.sink.out;
  }

  get stderr(): string {
    return this.sink.error;
  }

  /**
   * Runs `main`, or the statements of a file without one; once. Never rejects for what the program does. Other processes
   * go on when it has ended.
   */
  async run(): Promise<RunResult> {
    this.mustLive();
    if (this.hasRun) throw failure("already-run", "a machine runs its program once", "make another machine");
    this.hasRun = true;
    if (!this.module.hasMain) return this.start();
    const started = await this.start();
    if (started.status !== "returned") return started;
    if (this.isShutDown) return { status: "shutdown" };
    const main = this.functions.get("main")?.find(({ arity }) => arity === 0);
    return this.watch(this.spawn(main!, []));
  }

  /**
   * A process that calls a function of the program with these arguments. It may be called before `run`: then the mvars are
   * set, and the statements of a file without main run, in a process that is before it in the queue.
   * @param name  `worker`, or `pool.worker` for a function of the module `pool`
   */
  spawnProcess(name: string, args: readonly unknown[] = [], options: SpawnOptions = {}): Pid {
    this.mustLive();
    const fn = this.functionOf(name, args.length);
    const values: Value[] = [];
    let holdsMutables = false;
    for (const [i, arg] of args.entries()) {
      values.push(this.convert.toNostos(arg, fn.paramKinds[i] === "Float"));
      holdsMutables ||= this.convert.holdsMutables;
    }
    if (this.started === undefined) void this.start().then((result) => this.tellFailed(result));
    const pid = this.spawn(fn, values, holdsMutables);
    if (options.link === true) this.vm.signals.link(this.host, pid);
    return this.convert.pid(pid);
  }

  /** Gives a process a name, the host itself without `pid`. */
  registerName(name: string, pid: Pid = this.self): void {
    this.mustLive();
    const answer = this.vm.answer("register", this.convert.idOf(pid), name);
    if (answer === "taken") throw failure("name-taken", `the name \`${name}\` is taken`);
    if (answer === "dead") throw failure("no-process", `${pid} has ended`);
  }

  unregisterName(name: string): void {
    this.mustLive();
    if (!this.vm.answer("unregister", 0, name)) throw nobody(name);
  }

  whereis(name: string): Pid | undefined {
    const pid = this.vm.answer("whereis", 0, name);
    return pid === 0 ? undefined : this.convert.pid(pid);
  }

  /** As `pid <- message`: nobody there is no error. */
  sendMessage(pid: Pid, message: unknown): void {
    this.mustLive();
    const id = this.convert.idOf(pid);
    const value = this.convert.toNostos(message);
    this.vm.deliver(id, value, this.convert.holdsMutables);
  }

  sendToNamed(name: string, message: unknown): void {
    this.mustLive();
    const pid = this.whereis(name);
    if (pid === undefined) throw nobody(name);
    this.sendMessage(pid, message);
  }

  /** The next message to the host's process; that it is of this type nobody checks. */
  receiveMessage<Message = unknown>(options: ReceiveOptions = {}): Promise<Message> {
    const { timeoutMs, match = () => true } = options;
    return new Promise((resolve, reject) => {
      this.mustLive();
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.waiters = this.waiters.filter((each) => each !== waiter);
              reject(failure("timeout", `no message has come within ${timeoutMs} ms`));
            }, timeoutMs);
      const waiter: Waiter = { match, resolve: (message) => resolve(message as Message), reject, timer };
      this.waiters.push(waiter);
      this.arrange();
    });
  }

  /** When the process ends, the host gets a message `Exit(pid, reason)`; at once if it has ended. */
  link(pid: Pid): void {
    this.mustLive();
    this.vm.signals.link(this.host, this.convert.idOf(pid));
  }

  unlink(pid: Pid): void {
    this.vm.signals.unlink(this.host, this.convert.idOf(pid));
  }

  /** When the process ends, the host gets a message `Down(ref, pid, reason)`; at once if it has ended. */
  monitor(pid: Pid): Ref {
    this.mustLive();
    return this.convert.ref(this.vm.signals.monitor(this.host, this.convert.idOf(pid)));
  }

  /** After this no `Down` of the monitor comes, also none that has come already. */
  demonitor(ref: Ref): void {
    const id = this.convert.idOf(ref, "Ref");
    this.vm.signals.demonitor(this.host, id);
    this.inbox = this.inbox.filter((message) => !isDownOf(message, ref));
  }

  isAlive(pid: Pid): boolean {
    return this.vm.outcome === undefined && this.vm.isAlive(this.convert.idOf(pid));
  }

  /** Ends a process at once. @returns whether it was alive */
  kill(pid: Pid): boolean {
    this.mustLive();
    const id = this.convert.idOf(pid);
    if (id === HOST) throw failure("bad-value", "the host's process ends with `shutdown()`");
    return this.vm.kill(id);
  }

  /** The processes that are alive, the host's among them. */
  processes(): Pid[] {
    return this.vm.pids().map((id) => this.convert.pid(id));
  }

  /** Ends all processes, without `finally`. What waits for the machine is told; it can be called again. */
  shutdown(): void {
    if (this.isShutDown) return;
    this.isShutDown = true;
    this.vm.end({ kind: "returned", value: UNIT });
  }

  /** The module's own beginning: the mvars, and the statements of a file without main, or all of a `.ttb`. */
  private start(): Promise<RunResult> {
    const { program } = this.vm;
    this.started ??= this.watch(this.spawn(program.functions[program.entry]!, []));
    return this.started;
  }

  private spawn(fn: LinkedFunction, args: readonly Value[], holdsMutables = false): number {
    const process = this.vm.spawn(fn.closure, holdsMutables);
    for (const [i, value] of args.entries()) process.frame!.stack[i] = value;
    return process.id;
  }

  private functionOf(name: string, arity: number): LinkedFunction {
    const all = this.functions.get(name) ?? [];
    const fitting = all.filter((fn) => fn.arity === arity);
    const [fn, second] = fitting;
    if (second !== undefined)
      throw failure("ambiguous-function", `the program has several functions \`${name}\` with ${arity} parameters`);
    if (fn !== undefined) return fn;
    const others =
      all.length === 0 ? "" : ` with ${arity} parameters; it takes ${all.map((each) => each.arity).join(" or ")}`;
    const hint = this.module.path.endsWith(".ttb") && all.length === 0 ? "a `.ttb` file has only what its main reaches" : undefined; // biome-ignore format: short
    throw failure("unknown-function", `the program has no function \`${name}\`${others}`, hint);
  }

  private watch(pid: number): Promise<RunResult> {
    return new Promise((done) => {
      this.watched.set(pid, { value: undefined, report: undefined, done });
    });
  }

  // What the machine tells, in the middle of a slice.

  private reported(report: ExitReport): void {
    const watched = this.watched.get(report.pid);
    if (watched !== undefined) watched.report = report;
    else this.tell(explainExit(report, this.facts));
  }

  private ended(pid: number, reason: Data): void {
    const watched = this.watched.get(pid);
    if (watched === undefined) return;
    queueMicrotask(() => {
      if (!this.watched.delete(pid)) return;
      const { value, report, done } = watched;
      if (value !== undefined) done({ status: "returned", value: this.convert.toHost(value) });
      else if (report !== undefined) done(failedRun([{ ...explainExit(report, this.facts), code: "uncaught-error" }]));
      else if (reason === NORMAL || reason === SHUTDOWN) done({ status: "returned", value: undefined });
      else {
        const how = reason === KILLED ? "it was killed" : "an exit signal ended it";
        done(failedRun([{ severity: "error", code: "uncaught-error", message: `main has not returned: ${how}` }]));
      }
    });
  }

  /** The machine has ended, by `shutdown` or for a reason of its own. */
  private over(outcome: Outcome): void {
    this.stdin.close();
    queueMicrotask(() => {
      const problem = this.isShutDown ? undefined : explainOutcome(outcome, this.facts);
      const result: RunResult = problem === undefined ? { status: "shutdown" } : failedRun([problem]);
      if (problem !== undefined && this.watched.size === 0) this.tell(problem);
      for (const [pid, { done }] of this.watched) {
        this.watched.delete(pid);
        done(result);
      }
      for (const { reject, timer } of this.waiters.splice(0)) {
        clearTimeout(timer);
        reject(failure("machine-ended", "the machine has ended"));
      }
    });
  }

  private tell(diagnostic: Parameters<typeof errorOf>[0][number]): void {
    if (this.onDiagnostic === undefined) {
      this.sink.writeError(`${textOf([diagnostic])}\n`);
      return;
    }
    const [plain] = errorOf([diagnostic]).diagnostics;
    queueMicrotask(() => this.onDiagnostic?.(plain!));
  }

  private tellFailed(result: RunResult): void {
    if (result.status !== "failed") return;
    if (this.onDiagnostic === undefined) this.sink.writeError(`${result.text}\n`);
    else for (const diagnostic of result.diagnostics) this.onDiagnostic(diagnostic);
  }

  private arrange(): void {
    if (this.isArranged) return;
    this.isArranged = true;
    queueMicrotask(() => {
      this.isArranged = false;
      this.handOut();
    });
  }

  /** Messages to those who wait, each to the first whom it fits. */
  private handOut(): void {
    const { host } = this;
    for (let message = mailboxNext(host); message !== undefined; message = mailboxNext(host)) {
      mailboxTake(host);
      this.inbox.push(this.convert.toHost(message));
    }
    for (const waiter of [...this.waiters]) {
      try {
        const at = this.inbox.findIndex((message) => waiter.match(message));
        if (at === -1) continue;
        waiter.resolve(this.inbox.splice(at, 1)[0]);
      } catch (error) {
        waiter.reject(error); // what the host's own `match` has thrown
      }
      clearTimeout(waiter.timer);
      this.waiters = this.waiters.filter((each) => each !== waiter);
    }
  }

  private get facts(): RunFacts {
    return { sources: this.module.sources, maxReductions: this.maxReductions };
  }

  private mustLive(): void {
    if (this.vm.outcome !== undefined) throw failure("machine-ended", "the machine has ended");
  }
}

/** A2 */
function withoutIdleTimer(chance: Chance): Chance {
  return {
    ...chance,
    sleepUntil: (deadlineMs, go) =>
      deadlineMs === Number.POSITIVE_INFINITY ? () => {} : chance.sleepUntil(deadlineMs, go),
  };
}

function seedOf(seed: number | bigint): bigint {
  if (typeof seed === "bigint") return BigInt.asIntN(64, seed);
  if (Number.isSafeInteger(seed)) return BigInt(seed);
  throw failure("bad-value", `a seed is a whole number, not ${seed}`);
}

function failedRun(diagnostics: Parameters<typeof errorOf>[0]): RunResult {
  const error = errorOf(diagnostics);
  return { status: "failed", diagnostics: error.diagnostics, text: error.message };
}

function nobody(name: string): NostosError {
  return failure("unknown-name", `no process has the name \`${name}\``);
}

function isDownOf(message: unknown, ref: Ref): boolean {
  return (
    message instanceof Variant &&
    message.tag === DOWN.name &&
    message.type === DOWN.type &&
    Array.isArray(message.fields) &&
    message.fields[0] === ref
  );
}
