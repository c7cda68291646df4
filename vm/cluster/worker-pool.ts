/**
 * Scheduler 0's view of the others: the threads they run on, started when somebody has something for them.
 *
 * What each is given: the program's Unit (it links it itself, so nothing but plain data crosses), the options, and the
 * memory that all share.
 * Stays true: a thread that ends while the program runs ends the program, with the reason. None outlives it.
 */
import type { Worker } from "node:worker_threads";
import type { Unit } from "../bytecode/unit.ts";
import type { Outcome } from "../interp/report.ts";
import type { JitOptions } from "../jit/options.ts";
import type { SharedMemory } from "./shared.ts";
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
  readonly movesAll: boolean;
  /** see Schedulers; undefined: nobody observes */
  readonly trace: string | undefined;
  /** see MachineOptions; undefined: nobody is warned */
  readonly mailboxWarning: number | undefined;
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly me: number;
  readonly shared: SharedMemory;
  readonly unit: Unit;
  readonly options: SharedOptions;
}

/** Recursion of our own does not grow with the program's, but V8's regular expressions and compiled code need some. */
const STACK_MB = 16;

export class WorkerPool {
  private readonly script: string;
  private readonly unit: Unit;
  private readonly options: SharedOptions;
  private readonly shared: SharedMemory;
  private readonly words: Words;
  private readonly onLost: (outcome: Outcome) => void;
  private readonly workers = new Map<number, Worker>();
  private isOver = false;

  constructor(
    script: string,
    unit: Unit,
    options: SharedOptions,
    shared: SharedMemory,
    words: Words,
    onLost: (outcome: Outcome) => void,
  ) {
    this.script = script;
    this.unit = unit;
    this.options = options;
    this.shared = shared;
    this.words = words;
    this.onLost = onLost;
  }

  start(scheduler: number): void {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const { unit, options, shared } = this;
    const start: WorkerStart = { me: scheduler, shared, unit, options };
    const worker = new Worker(this.script, {
      workerData: start,
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
