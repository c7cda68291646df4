/**
 * A process: what runs, what it was told and where it is.
 *
 * The trick: there may be a million of them, so the object is slim, and what few processes ever need (timers, locks,
 * traces) is behind one field that is null until then.
 *
 * P1  The state changes through `transition` only; Exited is final.
 * P2  Running: exactly the one process that its scheduler runs now. Ready: exactly once in a run queue.
 * P3  Receiving, Sleeping, Sending, Locking, Initialising and Native processes are in no run queue; what they wait for
 *     knows them (mailbox, timer wheel, the full mailbox of another, queue of the mvar or global, the callback of the host).
 *     Idle: the main process of a session between two inputs; it has no frame, and only the machine starts it again.
 * P4  Exited: no frame, no message, no timer, no mvar is left, and the pid table has forgotten it.
 *
 * field              written by
 * state              transition()
 * frame, depth       the interpreter, the JIT and unwind.ts while it runs; the scheduler at its start and end
 * slot, overflow     mailbox.ts, and where it is written out: Machine.deliver, RECEIVE_TAKE of the JIT
 * scan               mailbox.ts and the RECEIVE family
 * mayHoldMutables    set by what gives it a mutable value; never cleared
 */

import type { NativeResult } from "../host/native.ts";
import type { Frame } from "../interp/frame.ts";
import type { Caught } from "../interp/unwind.ts";
import type { GlobalState, MvarState } from "../mvar/mvar.ts";
import type { Timer } from "../sched/timers.ts";
import type { Step } from "../values/step.ts";
import type { Value } from "../values/value.ts";
import type { Bound } from "./bounds.ts";
import { CHECK, InvariantBroken } from "./invariant.ts";
import type { Mailbox, Overflow } from "./mailbox.ts";
import type { Ties } from "./signals.ts";

export const State = {
  Ready: 0,
  Running: 1,
  Receiving: 2,
  Sleeping: 3,
  Locking: 4,
  Initialising: 5,
  Native: 6,
  Exited: 7,
  Idle: 8,
  Sending: 9,
} as const;
export type State = (typeof State)[keyof typeof State];

export class Process implements Mailbox {
  readonly id: number;
  /** ms of the run's monotonic clock, whole */
  readonly startedMs: number;
  state: State = State.Ready;
  mayHoldMutables = false;
  /** the newest frame; null once exited */
  frame: Frame | null;
  /** number of frames */
  depth = 1;
  slot: Value | undefined = undefined;
  overflow: Overflow | null = null;
  /** the place at which RECEIVE looks next, see mailbox.ts */
  scan = 0;
  /** RECEIVE_BEGIN_AFTER has set `rare.deadlineMs` */
  hasDeadline = false;
  rare: Rare | null = null;
  /** up to the end of its last slice */
  reductions = 0;
  /** its last tail calls from one function to another, see interp/tail-calls.ts */
  tailCalls: number | number[] | null = null;

  constructor(id: number, frame: Frame | null, startedMs: number) {
    this.id = id;
    this.frame = frame;
    this.startedMs = startedMs;
  }
}

/** What few processes need. */
export class Rare {
  /** of the receive or sleep that it is in; ms of the monotonic clock */
  deadlineMs = 0;
  timer: Timer<Process> | null = null;
  /** Locking, Initialising: for this */
  waitsFor: MvarState | GlobalState | null = null;
  /** Sending: whose mailbox is full */
  sendingTo = 0;
  /** how many messages may wait in its mailbox; null: any number */
  bound: Bound | null = null;
  /** messages in its mailbox at which somebody is warned again; 0: nobody was */
  warnAt = 0;
  /** how many mvars of the set of the present MVAR_LOCK it has taken */
  lockedOfSet = 0;
  /** mvars it holds now */
  held: MvarState[] = [];
  /** it has computed a lazy top-level value, or does so now */
  computesGlobals = false;
  /** what a host function answered while the process was waiting for it */
  answer: NativeResult | null = null;
  /** tells the host that the answer is not wanted any more; null: it has come, or comes whatever happens */
  withdraw: (() => void) | null = null;
  /** the operation that was put down at the process's `pc`, see work.ts */
  step: Step<unknown> | null = null;
  /** traces of values that were caught, newest last, so that RETHROW finds its own */
  caught: Caught[] = [];
  /** links, monitors and whether it traps exits; null: none of it ever was */
  ties: Ties | null = null;
  /** of several schedulers: it has had a name */
  hasName = false;
  /** of several schedulers: something of it cannot travel, so it stays where it is */
  staysHere = false;
  /** bytes by which the heap grew in slices of this process that were looked at */
  heapGrowth = 0;
}

export function rareOf(process: Process): Rare {
  process.rare ??= new Rare();
  return process.rare;
}

/** P1: the only place that changes a state. */
export function transition(process: Process, to: State): void {
  if (CHECK) {
    const from = process.state;
    const allowed =
      from === State.Ready
        ? to === State.Running || to === State.Exited || to === State.Idle
        : from === State.Running
          ? to !== State.Running
          : from === State.Exited
            ? false
            : to === State.Ready || to === State.Exited || (to === State.Idle && from !== State.Idle);
    if (!allowed) throw new InvariantBroken("P1", { pid: process.id, from, to });
  }
  process.state = to;
}
