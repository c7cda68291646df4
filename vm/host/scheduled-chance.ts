/**
 * The order in which a run's processes had their slices: written down from one run, and used for another.
 *
 * The trick: a schedule names processes, not numbers of choices, so it stays of use when a part of it is left out. A
 * process that cannot run when the schedule has come to it loses that slice; behind the end of the schedule the oldest
 * process runs, as long as it may, so that the empty schedule is the plainest order there is.
 * Stays true: all else (time, random numbers) is as in the chance that stands behind; the schedule of a whole run on that
 * chance gives the same run again.
 */
import type { Chance } from "./chance.ts";

export interface Slice {
  readonly pid: number;
  /** reductions, at most */
  readonly length: number;
}

/** @param slices  gets each slice of the run, in their order */
export function recordedChance(chance: Chance, slices: Slice[]): Chance {
  let pid = 0;
  return {
    ...chance,
    pick: (ready, pidAt) => {
      const position = chance.pick?.(ready, pidAt) ?? 0;
      pid = pidAt(position);
      return position;
    },
    sliceLength: (most) => {
      const length = chance.sliceLength?.(most) ?? most;
      slices.push({ pid, length });
      return length;
    },
  };
}

export function scheduledChance(chance: Chance, slices: readonly Slice[]): Chance {
  let next = 0;
  let length = Number.POSITIVE_INFINITY;
  return {
    ...chance,
    pick: (ready, pidAt) => {
      while (next < slices.length) {
        const slice = slices[next++]!;
        for (let position = 0; position < ready; position++) {
          if (pidAt(position) !== slice.pid) continue;
          length = slice.length;
          return position;
        }
      }
      length = Number.POSITIVE_INFINITY;
      return 0;
    },
    sliceLength: (most) => Math.min(most, length),
  };
}
