/**
 * What a throw does: finds the newest handler, and lets go on the way what the code between had taken.
 *
 * The static tables of regions say everything: which TRY is open at a place, and which locks were taken inside it. So
 * code that does not throw pays nothing for either.
 */
import { regionAt } from "../bytecode/verify.ts";
import { type Process, rareOf } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import type { Value } from "../values/value.ts";
import { ThrownTrace } from "./trace.ts";

/** Traces of caught values that are remembered for a RETHROW; more nested handlers than this lose the oldest trace. */
const REMEMBERED = 8;

/**
 * Goes on at the handler that is open around the newest frame's `pc`, or takes the process's last frame away.
 * @param trace  of a value that is thrown again; undefined: a new one
 * @returns undefined: the process goes on at `process.frame`; else nobody caught it, and this is its trace
 */
export function unwind(
  machine: Machine,
  process: Process,
  value: Value,
  trace = new ThrownTrace(),
): ThrownTrace | undefined {
  const { locks } = machine;
  let frame = process.frame;
  let at = frame === null ? 0 : frame.pc;
  while (frame !== null) {
    const { fn } = frame;
    trace.add(frame, at, process.depth);
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
        remember(process, value, trace);
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
    if (Object.is(caught[i]!.value, value)) return caught.splice(i, caught.length - i)[0]!.trace;
  }
  return undefined;
}

function remember(process: Process, value: Value, trace: ThrownTrace): void {
  const { caught } = rareOf(process);
  if (caught.length === REMEMBERED) caught.shift();
  caught.push({ value, trace });
}
