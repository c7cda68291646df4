/**
 * Virtual time for several schedulers: it stands while anybody runs, and jumps to the first timer when nobody can.
 *
 * One scheduler's virtual time (vm/host/seeded-chance.ts) with the clock in shared memory. What runs first is still up to
 * the machine, so a run does not come out the same each time; but no sleep takes time, and none ends too early for work
 * that is under way on another scheduler.
 */
import type { Chance } from "../host/chance.ts";
import { EPOCH_MS, FIXED_SURROUNDINGS, STANDSTILL_MS, STANDSTILL_REDUCTIONS } from "../host/seeded-chance.ts";
import type { Words } from "./words.ts";

/** @param passTime  makes time pass for all schedulers */
export function sharedVirtualTime(words: Words, passTime: (ms: number) => void): Chance {
  let standstill = 0; // in reductions
  return {
    now: () => EPOCH_MS + Math.trunc(words.clockMs),
    monotonic: () => words.clockMs,
    random: () => Math.random(),
    surroundings: FIXED_SURROUNDINGS,
    passWork: (reductions) => {
      standstill += reductions;
      if (standstill < STANDSTILL_REDUCTIONS) return;
      standstill = 0;
      passTime(STANDSTILL_MS);
    },
    turn: (go) => void setImmediate(go),
    sleepUntil: (_, go) => {
      // only an event from outside can wake anybody: this keeps Node alive until it comes
      const timeout = setTimeout(go, 2 ** 31 - 1);
      return () => clearTimeout(timeout);
    },
  };
}
