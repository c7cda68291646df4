/**
 * How a process takes and leaves mvars and lazy globals, wherever their home is.
 *
 * With one scheduler `LocalLocks` works on the states themselves. With several, mvars are where their tokens are
 * (vm/cluster/tokens.ts), and globals at home on scheduler 0, which the others ask (vm/cluster/away.ts); the interpreter
 * sees no difference.
 */
import { type Process, rareOf, State } from "../process/process.ts";
import {
  cycleThrough,
  type GlobalState,
  type LockResult,
  lockSet,
  type MvarState,
  releaseAll,
  settleGlobal,
  unlockSet,
  waitFor,
} from "./mvar.ts";

/** What a process does that needs the value of a global which is not there. "circular": it would wait for itself. */
export type Claim = "compute" | "waits" | "unset" | "circular";

export interface Locks extends GlobalLocks {
  /** "waits": its state is Locking, and it asks again when it is woken */
  lock(process: Process, set: readonly MvarState[]): LockResult;
  unlock(process: Process, set: readonly MvarState[]): void;
}

/** What concerns top-level values. */
export interface GlobalLocks {
  /** "waits": its state is Initialising, and it asks again when it is woken */
  claim(process: Process, global: GlobalState, isLazy: boolean): Claim;
  /** The process has given the global the value that is in it now. */
  stored(process: Process, global: GlobalState): void;
  /** The process does not compute the global any more; who waits for it looks again. */
  abandon(global: GlobalState): void;
  /** Whether the process, which is ready, has something here that it would leave behind if it went to another scheduler. */
  isBound(process: Process): boolean;
  /** The process is gone: all that it held, waited for and computed. */
  releaseAll(process: Process): void;
}

/** It holds an mvar, or computes a global. */
export function hasTaken(process: Process, globals: readonly GlobalState[]): boolean {
  const { rare } = process;
  if (rare === null) return false;
  return rare.held.length > 0 || (rare.computesGlobals && globals.some(({ owner }) => owner === process));
}

export class LocalLocks implements Locks {
  private readonly globals: readonly GlobalState[];
  private readonly wake: (process: Process) => void;

  constructor(globals: readonly GlobalState[], wake: (process: Process) => void) {
    this.globals = globals;
    this.wake = wake;
  }

  lock(process: Process, set: readonly MvarState[]): LockResult {
    return lockSet(process, set, this.wake);
  }

  unlock(process: Process, set: readonly MvarState[]): void {
    unlockSet(process, set, this.wake);
  }

  claim(process: Process, global: GlobalState, isLazy: boolean): Claim {
    if (!isLazy) return "unset";
    if (global.owner === null) {
      global.owner = process;
      rareOf(process).computesGlobals = true;
      return "compute";
    }
    if (cycleThrough(process, global) !== undefined) return "circular";
    waitFor(process, global, State.Initialising);
    return "waits";
  }

  stored(process: Process, global: GlobalState): void {
    if (global.owner === process) settleGlobal(global, this.wake);
  }

  isBound(process: Process): boolean {
    return hasTaken(process, this.globals);
  }

  abandon(global: GlobalState): void {
    settleGlobal(global, this.wake);
  }

  releaseAll(process: Process): void {
    releaseAll(process, this.wake);
    if (process.rare?.computesGlobals === true) {
      for (const global of this.globals) if (global.owner === process) settleGlobal(global, this.wake);
    }
  }
}
