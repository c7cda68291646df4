/**
 * What a host function is: one step of work for a program, written in TypeScript, called by CALL_NATIVE.
 *
 * No host function calls a Nostos function: what takes a function (map, sortBy, …) is Nostos code in stdlib/. None
 * recurses over user data. It charges reductions by its work, so that a slice stays short; one whose work grows with what
 * it is given does it in steps (values/step.ts), and one that has to wait says so instead of blocking the scheduler.
 */
import type { Policy } from "../process/bounds.ts";
import type { ProcessInfo } from "../sched/process-info.ts";
import type { Meter, Step } from "../values/step.ts";
import type { Closure, Data, List, Value } from "../values/value.ts";
import type { Surroundings } from "./chance.ts";

export interface NativeContext extends Meter {
  /** pays for work beyond the call itself; about one reduction for 10 elements touched */
  charge(reductions: number): void;
  /**
   * Does the operation, as much of it as one step may; what is left is done in the process's next slices. The Step takes
   * this very context for its meter. A native returns what this returns.
   */
  begin<T>(step: Step<T>): T | typeof PAUSED;
  /** pid of the calling process */
  readonly pid: number;
  /** milliseconds since the epoch, of the run's clock (virtual under a seed) */
  now(): number;
  /** the run's chance, [0, 1) */
  random(): number;
  /** of the run (fixed under a seed) */
  readonly surroundings: Surroundings;
  /** program output: whole lines reach stdout whole */
  writeOut(text: string): void;
  writeError(text: string): void;
  /** what was printed so far leaves the program now */
  flushOut(): void;
  /** standard input; answers through a callback, so use it inside `wait` */
  readonly stdin: InputLines;
  /**
   * Parks the calling process until `start` calls its callback, once, with the result or a thrown value.
   * A native returns what this returns. `start` runs at once; the callback may come before it returns.
   */
  wait(start: (done: (result: NativeResult) => void, whenGone: (withdraw: () => void) => void) => void): typeof WAITING;
  /**
   * Asks about a process, wherever it runs, or (pid 0) about all. `toValue` makes the native's result, or throws a Raise.
   * A native returns what this returns.
   */
  ask<Kind extends keyof ProcessAnswers>(
    kind: Kind,
    pid: number,
    toValue: (answer: ProcessAnswers[Kind]) => Value,
    /** a name, for what is asked about names */
    name?: string,
  ): Value | typeof WAITING;
  /** the number of a Ref that the calling process makes */
  freshRef(): number;
  /** what the calling process does to its links and monitors */
  readonly ties: TiesView;
  /** whether what the calling process sends may hold something mutable, so that it has to be copied (values/copy.ts) */
  readonly mayHoldMutables: boolean;
  /** A new process that runs this function value, which is the child's own. @returns its pid */
  spawn(closure: Closure, mayHoldMutables: boolean): number;
  /** A message, which is the receiver's own, to a process as long as it has this monitor on, wherever it is. */
  sendAnswer(pid: number, ref: number, message: Value, mayHoldMutables: boolean): void;
  /** How many messages may wait for the calling process, and what becomes of more; undefined: any number. */
  limitMailbox(most: number | undefined, policy: Policy): void;
  /** arguments of the program, after the file */
  readonly programArgs: readonly string[];
  /** the part of the machine that natives about processes use; see vm/process */
  readonly machine: MachineView;
}

/** Standard input, read only once somebody asks. Answers come in the order of the questions that were not withdrawn. */
export interface InputLines {
  /** the next line without its end; undefined at the end of the input */
  readLine(done: (line: string | undefined) => void): void;
  /** all that is left */
  readAll(done: (text: string) => void): void;
  /** the next character; undefined at the end of the input. Absent: there are only lines. */
  readCharacter?(done: (character: string | undefined) => void): void;
  /** who asked with this `done` has ended, and takes nothing from those who ask later; absent: every question is answered at once */
  withdraw?(done: (text: never) => void): void;
}

/** Links, monitors and exit signals of one process; see process/signals.ts. Pids and refs are numbers. */
export interface TiesView {
  /** `isNew`: the calling process has just spawned it, as of `monitor` */
  link(pid: number, isNew?: boolean): void;
  unlink(pid: number): void;
  monitor(pid: number, isNew?: boolean): number;
  demonitor(ref: number): void;
  /** `reason`: an ExitReason */
  exit(pid: number, reason: Data): void;
  trapExits(on: boolean): void;
}

/** What `NativeContext.ask` can find out. With pid 0 it asks where names are kept. */
export interface ProcessAnswers {
  readonly alive: boolean;
  /** undefined: it has ended */
  readonly info: ProcessInfo | undefined;
  /** Dies at once, without report and without `finally`; whether it was alive. */
  readonly kill: boolean;
  /** the pids of all that are alive, ascending */
  readonly all: readonly number[];
  /** how many processes have set one, sleeping or waiting with a deadline */
  readonly timers: number;
  /** gives the process a name */
  readonly register: "done" | "taken" | "dead";
  /** frees a name; whether somebody had it */
  readonly unregister: boolean;
  /** a pid; 0: nobody has the name */
  readonly whereis: number;
  /** sorted */
  readonly registered: readonly string[];
  /** of the process whose pid the name says */
  readonly names: readonly string[];
}

/** What natives may ask of the machine itself. */
export interface MachineView {
  /** spawned, exited, alive */
  counts(): { spawned: number; exited: number; alive: number };
  /** how many there are */
  readonly schedulers: number;
  /** since the start of the run, of the run's clock */
  uptimeMs(): number;
}

export type NativeResult = { readonly value: Value } | { readonly thrown: Value };

/** What a native returns when it has to wait. */
export const WAITING: unique symbol = Symbol("waiting");

/** What an operation gives when the process has to go on with it in its next slice. */
export const PAUSED: unique symbol = Symbol("paused");

/** Thrown by natives (and by arithmetic) to raise a language exception with this value; the interpreter alone catches it. */
export class Raise {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** What a host function that `answers` gives, by what compiled code takes it for. */
export interface Answers {
  /** within the safe range, and not -0 */
  Int: number;
  Bool: boolean;
  String: string;
  List: List;
  Value: Value;
}

export interface Native {
  readonly name: string;
  readonly arity: number;
  /**
   * It answers with what this says, throws, or pauses: it never waits, and ends nobody. What it answers with that may
   * change, the process had before.
   */
  readonly answers?: keyof Answers;
  readonly run: (
    context: NativeContext,
    a: Value,
    b: Value,
    c: Value,
    d: Value,
  ) => Value | typeof WAITING | typeof PAUSED;
}
