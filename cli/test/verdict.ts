/**
 * What was wrong with a run, if anything was.
 */
import type { TestCase } from "./cases.ts";
import { errorText, type Ran, type Subject } from "./run-once.ts";

export type Problem =
  /** main failed, nobody could ever run, or a limit was reached */
  | { readonly kind: "failed" }
  /** `.out` says that main has to fail */
  | { readonly kind: "not-failed" }
  | { readonly kind: "out" | "err"; readonly expected: string; readonly seen: string };

/** @returns undefined: it did what the files beside it say, or there are none and it did not fail */
export function problemOf(ran: Ran, test: TestCase, { warnings }: Pick<Subject, "warnings">): Problem | undefined {
  const { kind } = ran.outcome;
  const hasFailed = kind !== "returned" && kind !== "broken-pipe";
  // a limit, or an error of ours, is what nobody can have expected
  const canBeMeant = kind === "failed" || kind === "stuck";
  if (hasFailed && !(test.mayFail && canBeMeant)) return { kind: "failed" };
  if (!hasFailed && test.mustFail) return { kind: "not-failed" };
  const order = (text: string) => (test.isUnordered ? sortedLines(text) : text);
  if (test.out !== undefined && order(ran.out) !== order(test.out))
    return { kind: "out", expected: order(test.out), seen: order(ran.out) };
  if (test.err === undefined) return undefined;
  // who fails first is not for the program to say, and blank lines part the reports
  const [expected, seen] = [test.err, errorText([...warnings, ...ran.told])].map((text) =>
    sortedLines(text).replace(/^\n+/, ""),
  );
  return seen === expected ? undefined : { kind: "err", expected: expected!, seen: seen! };
}

/** Whether two runs went wrong in the same way: what was said is the same but for the numbers of processes. */
export function isSameProblem(one: Problem, ofOne: Ran, other: Problem, ofOther: Ran): boolean {
  return one.kind === other.kind && (one.kind !== "failed" || headlineOf(ofOne) === headlineOf(ofOther));
}

function headlineOf({ end, outcome }: Ran): string {
  if (outcome.kind === "reduction-budget") return outcome.kind; // it may be anywhere then
  return `${outcome.kind} ${end?.primary?.span.start ?? -1} ${end?.message.replaceAll(/<(?:pid|ref) \d+>/g, "<>") ?? ""}`;
}

/** What was seen counts as lines in any order. */
export function sortedLines(text: string): string {
  return text
    .split(/(?<=\n)/)
    .sort()
    .join("");
}
