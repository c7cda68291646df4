/**
 * The order in which people read diagnostics, whatever order the stages found them in.
 *
 * Stays true: errors come before warnings, then files in the order they were given, then places; the sort is stable.
 */
import type { SourceFile } from "../../grammar/source.ts";
import type { Diagnostic } from "./diagnostic.ts";

/**
 * @param files  the program's sources in reading order; others come after them, by path
 * @returns      a new array; one that repeats another word for word at the same place is dropped
 */
export function sortDiagnostics(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): Diagnostic[] {
  const rank = new Map(files.map((file, index) => [file, index]));
  const rankOf = (diagnostic: Diagnostic) =>
    diagnostic.primary === undefined ? -1 : (rank.get(diagnostic.primary.span.source) ?? files.length);
  const pathOf = (diagnostic: Diagnostic) => diagnostic.primary?.span.source.path ?? "";
  const startOf = (diagnostic: Diagnostic) => diagnostic.primary?.span.start ?? 0;
  const severityOf = (diagnostic: Diagnostic) => (diagnostic.severity === "error" ? 0 : 1);
  const sorted = [...diagnostics].sort(
    (a, b) =>
      severityOf(a) - severityOf(b) ||
      rankOf(a) - rankOf(b) ||
      (pathOf(a) < pathOf(b) ? -1 : pathOf(a) > pathOf(b) ? 1 : 0) ||
      startOf(a) - startOf(b),
  );
  const seen = new Set<string>();
  return sorted.filter((diagnostic) => {
    const key = `${pathOf(diagnostic)}\0${startOf(diagnostic)}\0${diagnostic.primary?.span.end ?? 0}\0${diagnostic.message}`;
    return diagnostic.primary === undefined || (!seen.has(key) && seen.add(key));
  });
}
