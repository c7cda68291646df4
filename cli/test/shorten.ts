/**
 * Makes the schedule of a run that fails, or passes, as plain as it can be: what is left of it is what matters.
 *
 * The trick: a slice that is left out of a schedule is not lost, its process runs later, so what fails still fails without
 * most of its slices. Larger pieces are tried first (ddmin), from the end, then each slice alone, and whether it may be
 * as long as slices are; what cannot go is a place where the order decides.
 * Stays true: the schedule that comes out ends like the one that went in; the same one goes in, the same comes out,
 * since the work is limited by counts and not by time.
 * Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002.
 */
import type { Slice } from "../../vm/index.ts";

export interface Attempt {
  /** "other": it goes wrong in another way */
  readonly result: "fails" | "passes" | "other" | "interrupted";
  readonly reductions: number;
}

export interface Shortened {
  readonly schedule: readonly Slice[];
  /** schedules that lack one slice of `schedule`, and end otherwise */
  readonly around: readonly (readonly Slice[])[];
  readonly isInterrupted: boolean;
}

const MOST_RUNS = 600;
const MOST_REDUCTIONS = 300_000_000;
/** of the schedules around the one that is found, as many as are worth looking at */
const MOST_AROUND = 16;

export async function plainest(
  slices: readonly Slice[],
  wanted: Attempt["result"],
  attempt: (schedule: readonly Slice[]) => Promise<Attempt>,
): Promise<Shortened> {
  let schedule = slices;
  let runs = 0;
  let reductions = 0;
  let isInterrupted = false;
  const isSpent = () => isInterrupted || runs >= MOST_RUNS || reductions >= MOST_REDUCTIONS;
  const resultOf = async (candidate: readonly Slice[]): Promise<Attempt["result"]> => {
    const tried = await attempt(candidate);
    runs++;
    reductions += tried.reductions;
    isInterrupted ||= tried.result === "interrupted";
    return tried.result;
  };
  /** @returns whether that ends so as well, and is kept then */
  const keepIfSame = async (candidate: readonly Slice[]): Promise<boolean> => {
    if (isSpent() || (await resultOf(candidate)) !== wanted) return false;
    schedule = candidate;
    return true;
  };
  const without = (from: number, count: number) => [...schedule.slice(0, from), ...schedule.slice(from + count)];

  await keepIfSame([]);
  // what happens behind the point that matters is of no use: the shortest beginning that will do, about
  for (let cut = schedule.length >> 1; cut > 0; cut >>= 1) {
    while (schedule.length > cut && (await keepIfSame(schedule.slice(0, -cut))));
  }
  for (let size = schedule.length >> 1; size > 1; size >>= 1) {
    for (let from = schedule.length - size; from >= 0; from -= size) await keepIfSame(without(from, size));
  }
  for (let before = -1; before !== schedule.length && !isSpent(); ) {
    before = schedule.length;
    for (let at = schedule.length - 1; at >= 0; at--) await keepIfSame(without(at, 1));
  }
  for (let at = schedule.length - 1; at >= 0; at--) {
    const { pid, length } = schedule[at]!;
    if (length !== Number.POSITIVE_INFINITY)
      await keepIfSame(schedule.with(at, { pid, length: Number.POSITIVE_INFINITY }));
  }
  const around: (readonly Slice[])[] = [];
  for (let at = schedule.length - 1; at >= 0 && around.length < MOST_AROUND && !isInterrupted; at--) {
    const candidate = without(at, 1);
    if ((await resultOf(candidate)) !== wanted) around.push(candidate);
  }
  return { schedule, around, isInterrupted };
}
