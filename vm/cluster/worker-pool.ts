/**
 * Scheduler 0's view of the others: the threads they run on, started when somebody has something for them.
 *
 * What each is given: the program's Unit (it links it itself, so nothing but plain data crosses), the options, the shared
 * words, and a port to everybody who has started before; those get the other end.
 * Stays true: a thread that ends while the program runs ends the program, with the reason. None outlives it.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import type { Unit } from "../bytecode/unit.ts";
import type { Outcome } from "../interp/report.ts";
import type { JitOptions } from "../jit/options.ts";
import type { PortTransport } from "./transport.ts";
import type { Words } from "./words.ts";

/** What the machines of all schedulers have alike. */
export interface SharedOptions {
  readonly args: readonly string[];
  readonly maxReductions: number;
  readonly maxStackFrames: number;
  readonly maxHeapBytes: number | undefined;
  readonly sliceReductions: number;
  readonly jit: JitOptions | undefined;
  readonly outFd: number;
  readonly errorFd: number;
  readonly startedMs: number;
  readonly isVirtual: boolean;
  /** see MachineOptions; undefined: nobody is warned */
  readonly mailboxWarning: number | undefined;
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly me: number;
  readonly count: number;
  readonly words: SharedArrayBuffer;
  readonly ports: readonly { readonly scheduler: number; readonly port: MessagePort }[];
  readonly unit: Unit;
  readonly options: SharedOptions;
}

/** Recursion of our own does not grow with the program's, but V8's regular expressions and compiled code need some. */
const STACK_MB = 16;

export class WorkerPool {
  private readonly script: string;
  private readonly unit: Unit;
  private readonly options: SharedOptions;
  private readonly words: Words;
  private readonly transport: PortTransport;
  private readonly onLost: (outcome: Outcome) => void;
  private readonly workers = new Map<number, Worker>();
  private isOver = false;

  constructor(
    script: string,
    unit: Unit,
    options: SharedOptions,
    words: Words,
    transport: PortTransport,
    onLost: (outcome: Outcome) => void,
  ) {
    this.script = script;
    this.unit = unit;
    this.options = options;
    this.words = words;
    this.transport = transport;
    this.onLost = onLost;
  }

  start(scheduler: number): void {
    const { Worker, MessageChannel } = process.getBuiltinModule("node:worker_threads");
    this.words.setIdle(scheduler, false);
    const ports: { scheduler: number; port: MessagePort }[] = [];
    for (const other of [0, ...this.workers.keys()]) {
      const { port1, port2 } = new MessageChannel();
      ports.push({ scheduler: other, port: port1 });
      if (other === 0) this.transport.connect(scheduler, port2);
      else this.transport.introduce(other, scheduler, port2);
    }
    const { unit, options, words } = this;
    const start: WorkerStart = { me: scheduler, count: words.count, words: words.buffer, ports, unit, options };
    const worker = new Worker(this.script, {
      workerData: start,
      transferList: ports.map(({ port }) => port),
      execArgv: [],
      // flags of the young generation hold for all threads; one that was given for the old one, too
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    this.workers.set(scheduler, worker);
    worker.on("error", (error: NodeJS.ErrnoException) => this.lose(scheduler, error));
    worker.on("exit", (code) => this.lose(scheduler, new Error(`its thread has ended with code ${code}`)));
  }

  stop(): void {
    this.isOver = true;
    for (const worker of this.workers.values()) void worker.terminate();
  }

  private lose(scheduler: number, error: NodeJS.ErrnoException): void {
    if (this.isOver) return;
    this.words.unlockFor(scheduler);
    const isOutOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    this.onLost({ kind: "scheduler-lost", scheduler, isOutOfMemory, message: error.stack ?? error.message });
  }
}
