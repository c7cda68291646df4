/**
 * What a throw does: finds the newest handler, and lets go on the way what the code between had taken.
 *
 * The static tables of regions say everything: which TRY is open at a place, and which locks were taken inside it. So
 * code that does not throw pays nothing for either.
 */
import { regionAt } from "../bytecode/verify.ts";
import { type Process, rareOf } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import { Float, type Value } from "../values/value.ts";
import type { LinkedFunction } from "./program.ts";
import { ThrownTrace } from "./trace.ts";

/** Traces of caught values that are remembered for a RETHROW; more nested handlers than this lose the oldest trace. */
const REMEMBERED = 8;

/** What was caught, and where it came from. */
export interface Caught {
  value: Value;
  /** undefined: it was thrown in the frame that caught it, at this place */
  trace: ThrownTrace | undefined;
  fn: LinkedFunction;
  at: number;
}

/**
 * Goes on at the handler that is open around the newest frame's `pc`, or takes the process's last frame away.
 * @param known  the trace of a value that is thrown again, which ends with the newest frame; undefined: a new one
 * @returns undefined: the process goes on at `process.frame`; else nobody caught it, and this is its trace
 */
export function unwind(machine: Machine, process: Process, value: Value, known?: ThrownTrace): ThrownTrace | undefined {
  const { locks } = machine;
  const trace = known ?? new ThrownTrace();
  let isKnown = known !== undefined;
  let frame = process.frame;
  let at = frame === null ? 0 : frame.pc;
  while (frame !== null) {
    const { fn } = frame;
    if (isKnown) isKnown = false;
    else trace.add(fn, at);
    let region = regionAt(fn.regionRuns, at);
    while (region !== -1) {
      const { kind, parent, target, depth, lockSet } = fn.regions[region]!;
      if (kind === "lock") locks.unlock(process, machine.lockSets[lockSet]!);
      else {
        const sp = fn.slots + depth;
        frame.stack.fill(undefined, sp + 1, frame.stack.length); // F4
        frame.stack[sp] = value;
        frame.sp = sp + 1;
        frame.pc = target;
        process.frame = frame;
        remember(process, value, trace, fn, at);
        return undefined;
      }
      region = parent;
    }
    if (fn.initialises !== -1) locks.abandon(machine.globals[fn.initialises]!);
    frame = frame.parent;
    process.depth--;
    if (frame !== null) at = frame.pc - 1; // F3: pc is behind the call
  }
  process.frame = null;
  return trace;
}

/** The trace with which `value` was caught, for throwing it on. */
export function recallTrace(process: Process, value: Value): ThrownTrace | undefined {
  const caught = process.rare?.caught ?? [];
  for (let i = caught.length - 1; i >= 0; i--) {
    if (!isSame(caught[i]!.value, value)) continue;
    const { trace = new ThrownTrace(), fn, at } = caught[i]!;
    if (trace.count === 0) trace.add(fn, at);
    caught.length = i;
    return trace;
  }
  return undefined;
}

/** Compiled code keeps a Float without its box, and makes a new one where it throws on. */
function isSame(a: Value, b: Value): boolean {
  return Object.is(a, b) || (a instanceof Float && b instanceof Float && Object.is(a.value, b.value));
}

/**
 * Keeps where a value was thrown that is caught now.
 * @param trace  undefined: at `at` in the frame of `fn` that catches it, which is all there is to know
 */
export function remember(
  process: Process,
  value: Value,
  trace: ThrownTrace | undefined,
  fn: LinkedFunction,
  at: number,
): void {
  const { caught } = rareOf(process);
  if (caught.length < REMEMBERED) {
    caught.push({ value, trace, fn, at });
    return;
  }
  const oldest = caught.shift()!;
  oldest.value = value;
  oldest.trace = trace;
  oldest.fn = fn;
  oldest.at = at;
  caught.push(oldest);
}
