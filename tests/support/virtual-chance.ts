/** Time that passes only when nobody can run: a sleep of an hour takes none, and no test depends on the machine's load. */
import type { Chance } from "../../vm/host/chance.ts";
import { seededRandom } from "./random.ts";

export function virtualChance(seed: number): Chance {
  let clockMs = 0;
  return {
    now: () => 1_700_000_000_000 + Math.trunc(clockMs),
    monotonic: () => clockMs,
    random: seededRandom(seed),
    turn: (go) => void setImmediate(go),
    sleepUntil: (deadlineMs, go) => {
      // Infinity: only an event from outside can wake anybody, so the clock stays
      if (Number.isFinite(deadlineMs)) clockMs = Math.max(clockMs, deadlineMs);
      const immediate = setImmediate(go);
      return () => clearImmediate(immediate);
    },
  };
}
