/** The world of a seeded run, but the oldest ready process always runs: no test depends on the machine's load. */
import type { Chance } from "../../vm/host/chance.ts";
import { FIXED_SURROUNDINGS, virtualTime } from "../../vm/host/seeded-chance.ts";
import { seededRandom } from "./random.ts";

export function virtualChance(seed: number): Chance {
  return { ...virtualTime(), random: seededRandom(seed), surroundings: FIXED_SURROUNDINGS };
}
