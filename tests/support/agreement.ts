/**
 * Runs one program on every engine at every size of slices, and says where they do not agree.
 *
 * At one size of slices compiled code must agree with the interpreter in everything that can be seen: output in its
 * order, errors with their traces, how the run ended, and how many reductions it took. Across sizes a program whose order
 * is free agrees as a set of lines.
 */
import type { Compiled } from "../../cli/compile.ts";
import { LEFT_IN_MAILBOX } from "../../cli/report.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { type Engine, runCompiled, type Seen, type Settings, SLICES } from "./run-program.ts";

export interface Transcript {
  readonly out: string;
  /** what the program wrote to stderr, and the diagnostics */
  readonly err: string;
  readonly outcome: Seen["outcome"];
  readonly reductions: number;
}

/** `lines`: their order is free; `racy`: what is printed may depend on the order of processes. */
export type Freedom = "none" | "lines" | "racy";

export interface Disagreement {
  readonly engine: string;
  readonly than: string;
  readonly seen: Transcript;
  readonly expected: Transcript;
}

/** What waits in a mailbox when its process fails depends on how far its senders have come. */
function withoutMailbox(diagnostic: Diagnostic): Diagnostic {
  const from = diagnostic.notes?.findIndex((note) => note.startsWith(LEFT_IN_MAILBOX)) ?? -1;
  if (from === -1) return diagnostic;
  const { notes, ...rest } = diagnostic;
  return from === 0 ? rest : { ...rest, notes: notes!.slice(0, from) };
}

export async function transcriptOf(compiled: Compiled, settings: Settings): Promise<Transcript> {
  const seen = await runCompiled(compiled, settings);
  const err = seen.error + renderDiagnostics(seen.diagnostics.map(withoutMailbox), { colour: false, width: 120 }, 20);
  return { out: seen.out, err, outcome: seen.outcome, reductions: seen.reductions };
}

/**
 * All disagreements of a program; the first engine that disagrees at a size of slices stands for the others there.
 * @returns also what the interpreter saw, with slices as shipped
 */
export async function disagreements(
  compiled: Compiled,
  freedom: Freedom,
  settings: Omit<Settings, "engine"> = {},
  slices: typeof SLICES = SLICES,
): Promise<{ readonly first: Transcript; readonly found: readonly Disagreement[] }> {
  const found: Disagreement[] = [];
  let first: Transcript | undefined;
  for (const { sliceReductions, thresholds } of slices) {
    const name = `interpreter, slices of ${sliceReductions}`;
    const expected = await transcriptOf(compiled, { ...settings, engine: { name, sliceReductions } });
    first ??= expected;
    // when main fails, or a limit is reached, others are cut off wherever they are
    const isCut = first.outcome !== "returned" || expected.outcome !== "returned";
    const isFree = freedom === "racy" || (freedom === "lines" && isCut);
    if (!isFree && !isSame(acrossSlices(expected, freedom), acrossSlices(first, freedom)))
      found.push({
        engine: name,
        than: `interpreter, slices of ${slices[0]!.sliceReductions}`,
        seen: expected,
        expected: first,
      });
    for (const jitThreshold of thresholds) {
      const engine: Engine = {
        name: `compiled at ${jitThreshold}, slices of ${sliceReductions}`,
        sliceReductions,
        jitThreshold,
      };
      const seen = await transcriptOf(compiled, { ...settings, engine });
      if (isSame(seen, expected)) continue;
      found.push({ engine: engine.name, than: name, seen, expected });
      break;
    }
  }
  return { first: first!, found };
}

/** What must be equal at every size of slices: waiting, and looking again, takes reductions. */
function acrossSlices(seen: Transcript, freedom: Freedom): Transcript {
  if (freedom === "none") return { ...seen, reductions: 0 };
  return { ...seen, out: sortedLines(seen.out), err: sortedLines(seen.err), reductions: 0 };
}

export function sortedLines(text: string): string {
  return text
    .split(/(?<=\n)/)
    .sort()
    .join("");
}

export function isSame(a: Transcript, b: Transcript): boolean {
  return a.out === b.out && a.err === b.err && a.outcome === b.outcome && a.reductions === b.reductions;
}

/** The first lines that differ, for people. */
export function describeDisagreement({ engine, than, seen, expected }: Disagreement): string {
  const lines = [`${engine} differs from ${than}`];
  for (const part of ["out", "err"] as const) {
    if (seen[part] === expected[part]) continue;
    const a = seen[part].split("\n");
    const b = expected[part].split("\n");
    const at = a.findIndex((line, i) => line !== b[i]);
    const line = at === -1 ? a.length : at;
    lines.push(`  ${part}, line ${line + 1}: ${JSON.stringify(a[line])}`, `  expected: ${JSON.stringify(b[line])}`);
  }
  if (seen.outcome !== expected.outcome) lines.push(`  ended as ${seen.outcome}, expected ${expected.outcome}`);
  if (seen.reductions !== expected.reductions)
    lines.push(`  took ${seen.reductions} reductions, expected ${expected.reductions}`);
  return lines.join("\n");
}
