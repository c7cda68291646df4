/**
 * MVars: a cell with a lock each; and top-level values that are computed on first use, which are waited for alike.
 *
 * The trick: a lock is handed over, not let go: the one that unlocks makes the oldest waiter the owner. So nobody can
 * overtake, and a process that is woken has what it waited for.
 *
 * L1  owner === null exactly when depth is 0; then nobody waits.
 * L2  a process waits for one thing at most (`rare.waitsFor`), and is in that thing's queue exactly once.
 * L3  following owner → waitsFor → owner … never comes back to where it began: who would close such a circle fails.
 * L4  `rare.held` of a process lists exactly the mvars whose owner it is.
 */
import { CHECK, InvariantBroken } from "../process/invariant.ts";
import { type Process, rareOf, State, transition } from "../process/process.ts";
import type { Value } from "../values/value.ts";

export class MvarState {
  readonly kind = "mvar";
  readonly index: number;
  readonly name: string;
  readonly module: string;
  value: Value | undefined = undefined;
  /** `value` has to be copied for each reader */
  holdsMutables = false;
  owner: Process | null = null;
  depth = 0;
  readonly waiting: Process[] = [];

  constructor(index: number, name: string, module: string) {
    this.index = index;
    this.name = name;
    this.module = module;
  }
}

export class GlobalState {
  readonly kind = "global";
  readonly index: number;
  readonly name: string;
  readonly module: string;
  value: Value | undefined = undefined;
  /** its value may be, or contain, something mutable that all who load it share */
  holdsMutables = false;
  /** the process that computes it now */
  owner: Process | null = null;
  readonly waiting: Process[] = [];

  constructor(index: number, name: string, module: string) {
    this.index = index;
    this.name = name;
    this.module = module;
  }
}

export type Waitable = MvarState | GlobalState;

export type LockResult = "locked" | "waits" | { readonly cycle: readonly { readonly name: string }[] };

/**
 * Takes the mvars of `set` in order, going on where the process stopped waiting last time.
 * @returns "waits": the process is in a queue and its state is Locking; a cycle: nothing of this set is held any more
 */
export function lockSet(process: Process, set: readonly MvarState[], wake: (process: Process) => void): LockResult {
  const rare = rareOf(process);
  for (; rare.lockedOfSet < set.length; rare.lockedOfSet++) {
    const mvar = set[rare.lockedOfSet]!;
    if (mvar.owner === process) mvar.depth++;
    else if (mvar.owner === null) {
      if (CHECK && mvar.waiting.length > 0) throw new InvariantBroken("L1", { mvar: mvar.name });
      mvar.owner = process;
      mvar.depth = 1;
      rare.held.push(mvar);
    } else {
      const cycle = cycleThrough(process, mvar);
      if (cycle !== undefined) {
        const taken = set.slice(0, rare.lockedOfSet);
        rare.lockedOfSet = 0;
        unlockSet(process, taken, wake);
        return { cycle };
      }
      waitFor(process, mvar, State.Locking);
      return "waits";
    }
  }
  rare.lockedOfSet = 0;
  return "locked";
}

/** Lets go once of each mvar of the set; whoever has waited longest becomes the owner and is woken. */
export function unlockSet(process: Process, set: readonly MvarState[], wake: (process: Process) => void): void {
  for (let i = set.length - 1; i >= 0; i--) {
    const mvar = set[i]!;
    if (mvar.owner === process && --mvar.depth === 0) handOver(process, mvar, wake);
  }
}

/** The process is gone: whatever it held goes to those who wait, and it waits for nothing any more. */
export function releaseAll(process: Process, wake: (process: Process) => void): void {
  const { rare } = process;
  if (rare === null) return;
  if (rare.waitsFor !== null) {
    const { waiting } = rare.waitsFor;
    waiting.splice(waiting.indexOf(process), 1);
    rare.waitsFor = null;
  }
  for (const mvar of [...rare.held]) {
    mvar.depth = 0;
    handOver(process, mvar, wake);
  }
}

/** Puts the process into the queue of what another one holds. The caller has looked for a cycle. */
export function waitFor(process: Process, what: Waitable, state: State): void {
  rareOf(process).waitsFor = what;
  what.waiting.push(process);
  transition(process, state);
}

/**
 * What `process` would close if it waited for `what`: the things on the way round, `what` first; undefined when there is
 * no way round.
 */
export function cycleThrough(process: Process, what: Waitable): readonly Waitable[] | undefined {
  const seen: Waitable[] = [];
  // by L3 this walk meets nothing twice unless it meets `process`
  for (let next: Waitable | null = what; next !== null; ) {
    seen.push(next);
    const owner: Process | null = next.owner;
    if (owner === process) return seen;
    next = owner?.rare?.waitsFor ?? null;
  }
  return undefined;
}

function handOver(from: Process, mvar: MvarState, wake: (process: Process) => void): void {
  const { held } = rareOf(from);
  held.splice(held.lastIndexOf(mvar), 1);
  const next = mvar.waiting.shift();
  if (next === undefined) {
    mvar.owner = null;
    return;
  }
  mvar.owner = next;
  mvar.depth = 1;
  const rare = rareOf(next);
  rare.waitsFor = null;
  rare.held.push(mvar);
  rare.lockedOfSet++;
  wake(next);
}

/** A lazy value is there, or its computation has failed: everybody looks again. */
export function settleGlobal(global: GlobalState, wake: (process: Process) => void): void {
  global.owner = null;
  for (const process of global.waiting.splice(0)) {
    rareOf(process).waitsFor = null;
    wake(process);
  }
}
