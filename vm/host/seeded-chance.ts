/**
 * A run that comes out the same every time: time is virtual, and all that is left to chance comes from a seed.
 *
 * The trick: which waiting process runs next, and for how long, is drawn too. So each seed is one interleaving out of
 * those that are possible, and a race that shows under a seed shows again under it.
 * Stays true: nothing here asks the machine that it runs on, so two runs of a program with the same seed, arguments,
 * environment and input make the same bytes. Only memory is real: which process meets the limit of the heap
 * (vm/sched/heap-guard.ts), and when, is V8's affair, and Ctrl-C comes when it comes.
 */
import { type Chance, LONGEST_TIMEOUT_MS, type Surroundings } from "./chance.ts";
import { splitmix64, Xoshiro128 } from "./xoshiro.ts";

/** 2023-11-14 22:13:20 UTC */
export const EPOCH_MS = 1_700_000_000_000;
/** So much work without the clock moving is a program that waits without sleeping, or one that computes for long; */
export const STANDSTILL_REDUCTIONS = 2_000_000;
/** it then takes as long as the interpreter needs for it, about. */
export const STANDSTILL_MS = 20;
/**
 * The next to run is one of so many that have waited longest: everything can overtake everything, but nobody is
 * forgotten behind a hundred thousand others. Taking one costs as many steps.
 */
const CANDIDATES = 64;

/** What a program sees of the machine when nothing real may show. */
export const FIXED_SURROUNDINGS: Surroundings = {
  osPid: () => 1,
  residentKb: () => 65_536,
  heapKb: () => 16_384,
  collect: () => {},
  timeZone: () => "UTC",
  timeZoneOffsetMinutes: (ms) => (Number.isNaN(new Date(ms).getTime()) ? undefined : 0),
};

/**
 * Time that stands while a process runs and jumps to the next timer when none can. A sleep of an hour takes none.
 * Long work moves it too, else a program that waits by looking at the clock, or a busy process beside a sleeping one,
 * would never get there.
 */
export function virtualTime(): Pick<Chance, "now" | "monotonic" | "passWork" | "turn" | "sleepUntil"> {
  let clockMs = 0;
  let standstill = 0; // in reductions
  return {
    now: () => EPOCH_MS + Math.trunc(clockMs),
    monotonic: () => clockMs,
    passWork: (reductions) => {
      standstill += reductions;
      if (standstill < STANDSTILL_REDUCTIONS) return;
      standstill = 0;
      clockMs += STANDSTILL_MS;
    },
    turn: (go) => void setImmediate(go),
    sleepUntil: (deadlineMs, go) => {
      if (Number.isFinite(deadlineMs)) {
        standstill = 0;
        clockMs = Math.max(clockMs, deadlineMs);
        const immediate = setImmediate(go);
        return () => clearImmediate(immediate);
      }
      // only an event from outside can wake anybody: the clock stays, and Node is kept alive
      const timeout = setTimeout(go, LONGEST_TIMEOUT_MS);
      return () => clearTimeout(timeout);
    },
  };
}

/**
 * All chance from one number.
 * @param seed  64 bits; a negative one counts as its two's complement
 */
export function seededChance(seed: bigint): Chance {
  // two generators, so that what a program draws does not depend on how often somebody had to be picked
  const next64 = splitmix64(seed);
  const drawn = Xoshiro128.from(next64);
  const order = Xoshiro128.from(next64);
  return {
    ...virtualTime(),
    random: () => drawn.fraction(),
    // processes whose timers are due at the same instant become ready together, so their order is drawn here too
    pick: (ready) => (ready === 1 ? 0 : order.below(Math.min(ready, CANDIDATES))),
    // Every order of magnitude alike: short slices cut a process anywhere, long ones let it go far ahead.
    sliceLength: (most) => {
      const longest = 2 ** order.below(33 - Math.clz32(most));
      return Math.min(most, 1 + order.below(longest));
    },
    holdsForHost: true,
    surroundings: FIXED_SURROUNDINGS,
  };
}
