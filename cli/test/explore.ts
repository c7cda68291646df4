/**
 * Looks for an order of events in which a program fails: one run after another, each from a seed of its own.
 *
 * Stays true: nothing but the seed decides, so the same first seed and count find the same again; `nostos run --seed N`
 * repeats the run that failed.
 */
import { createHash } from "node:crypto";
import {
  type Chance,
  type ProcessEvent,
  recordedChance,
  type Slice,
  scheduledChance,
  seededChance,
} from "../../vm/index.ts";
import type { TestCase } from "./cases.ts";
import { type Ran, type RunSettings, runOnce, type Subject } from "./run-once.ts";
import { type Attempt, plainest } from "./shorten.ts";
import { isSameProblem, type Problem, problemOf, sortedLines } from "./verdict.ts";

export interface Finding {
  readonly seed: bigint;
  readonly ran: Ran;
  readonly problem: Problem;
  /** runs that passed before, and the most that one of them took */
  readonly passed: number;
  readonly reductionsOfPassed: number;
}

export interface Exploration {
  /** undefined: all runs passed */
  readonly finding: Finding | undefined;
  /** the first seed of each output that was seen, where no `.out` says which is right */
  readonly outputs: readonly bigint[];
  readonly isInterrupted: boolean;
}

/** More different outputs than these are not told apart. */
const MOST_OUTPUTS = 1000;

export async function explore(test: TestCase, subject: Subject, first: bigint, count: number): Promise<Exploration> {
  const outputs = new Map<string, bigint>();
  const done = (finding?: Finding, isInterrupted = false): Exploration => ({
    finding,
    outputs: [...outputs.values()],
    isInterrupted,
  });
  let reductionsOfPassed = 0;
  for (let passed = 0; passed < count; passed++) {
    const seed = BigInt.asUintN(64, first + BigInt(passed));
    const ran = await runOnce(subject, { chance: seededChance(seed) });
    if (ran.outcome.kind === "interrupted") return done(undefined, true);
    const problem = problemOf(ran, test, subject);
    if (problem !== undefined) return done({ seed, ran, problem, passed, reductionsOfPassed });
    reductionsOfPassed = Math.max(reductionsOfPassed, ran.reductions);
    if (test.out !== undefined || outputs.size >= MOST_OUTPUTS) continue;
    const text = test.isUnordered ? sortedLines(ran.out) : ran.out;
    const key = createHash("sha256").update(text).digest("base64");
    if (!outputs.has(key)) outputs.set(key, seed);
  }
  return done();
}

/** A run with all that its processes did. */
export interface Witness {
  readonly ran: Ran;
  readonly problem: Problem | undefined;
  readonly events: readonly ProcessEvent[];
}

export interface Explanation {
  readonly failing: Witness & { readonly problem: Problem };
  /** a run that does not fail, and goes the same way for long; undefined: none was found */
  readonly passing: Witness | undefined;
}

/** What a run may take that is only made to explain another: twice what that one took, and this; */
const EXTRA_REDUCTIONS = 100_000;
/** of one that never ends: much more than those took that end, and this. */
const ENDLESS_FACTOR = 20;
const ENDLESS_REDUCTIONS = 1_000_000;
/** Events of a run that are kept: the first ones. */
const MOST_EVENTS = 50_000;
/** Other orders that are looked at where the plainest order fails already. */
const MOST_OTHERS = 50;

/**
 * The plainest run found that fails as this one does, and beside it one that does not.
 * @returns undefined: it was interrupted
 */
export async function explain(test: TestCase, subject: Subject, finding: Finding): Promise<Explanation | undefined> {
  const { seed, ran: found, problem } = finding;
  const maxReductions = Math.min(
    subject.limits.maxReductions,
    found.outcome.kind === "reduction-budget"
      ? finding.reductionsOfPassed * ENDLESS_FACTOR + ENDLESS_REDUCTIONS
      : found.reductions * 2 + EXTRA_REDUCTIONS,
  );
  /** the order of another seed; what the program draws comes from this one's */
  const orderOf = (other: bigint): Chance => ({ ...seededChance(other), random: seededChance(seed).random });
  const attempt = async (chance: Chance): Promise<Attempt> => {
    const ran = await runOnce(subject, { chance, maxReductions });
    const { reductions } = ran;
    if (ran.outcome.kind === "interrupted") return { result: "interrupted", reductions };
    const again = problemOf(ran, test, subject);
    if (again === undefined) return { result: "passes", reductions };
    return { result: isSameProblem(problem, found, again, ran) ? "fails" : "other", reductions };
  };
  const scheduled = (slices: readonly Slice[]): Chance => scheduledChance(seededChance(seed), slices);
  const shorten = async (order: Chance, result: Attempt["result"]) => {
    const slices: Slice[] = [];
    await attempt(recordedChance(order, slices));
    return plainest(slices, result, (schedule) => attempt(scheduled(schedule)));
  };
  const witness = (slices: readonly Slice[]) => watch(test, subject, { chance: scheduled(slices), maxReductions });

  const fails = await shorten(seededChance(seed), "fails");
  if (fails.isInterrupted) return undefined;
  const seen = await witness(fails.schedule);
  const failing = { ...seen, problem: seen.problem ?? problem };
  const others: Witness[] = [];
  for (const schedule of fails.around) {
    const other = await witness(schedule);
    if (other.problem === undefined) others.push(other);
  }
  if (others.length > 0) return { failing, passing: nearest(failing, others) };

  // the plainest order fails, or all around it: what a run that passes does otherwise is what matters
  for (let n = 0n; n < MOST_OTHERS; n++) {
    const other = BigInt.asUintN(64, finding.passed > 0 ? seed - 1n - n : seed + 1n + n);
    const { result } = await attempt(orderOf(other));
    if (result === "interrupted") return undefined;
    if (result !== "passes") continue;
    const passes = await shorten(orderOf(other), "passes");
    return passes.isInterrupted ? undefined : { failing, passing: await witness(passes.schedule) };
  }
  return { failing, passing: undefined };
}

function nearest(failing: Witness, others: readonly Witness[]): Witness | undefined {
  return [...others].sort((a, b) => alike(b, failing) - alike(a, failing))[0];
}

async function watch(test: TestCase, subject: Subject, settings: RunSettings): Promise<Witness> {
  const events: ProcessEvent[] = [];
  const ran = await runOnce(subject, {
    ...settings,
    observe: (event) => events.length < MOST_EVENTS && events.push(event),
  });
  return { ran, problem: problemOf(ran, test, subject), events };
}

/** How many events two runs have in common at their beginning. */
export function alike(one: Witness, other: Witness): number {
  const most = Math.min(one.events.length, other.events.length);
  let count = 0;
  while (count < most && JSON.stringify(one.events[count]) === JSON.stringify(other.events[count])) count++;
  return count;
}
