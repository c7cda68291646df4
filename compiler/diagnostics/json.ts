/**
 * Diagnostics for tools: one JSON object a line, with the fields that editors expect.
 *
 * Stays true: fields are only ever added; a diagnostic without a place has no `file`, `line`, … at all.
 */
import { positionOf, type Span } from "../../grammar/source.ts";
import type { Diagnostic, Severity } from "./diagnostic.ts";

/** A place, lines and columns from 1, columns in code points, the end exclusive. */
export interface JsonPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface JsonDiagnostic extends Partial<JsonPlace> {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly label?: string;
  readonly hint?: string;
  readonly notes?: readonly string[];
  readonly related?: readonly (JsonPlace & { readonly message: string })[];
}

export function toJson(diagnostic: Diagnostic): JsonDiagnostic {
  const { primary, related, severity, code, message, hint, notes } = diagnostic;
  return {
    ...(primary && placeToJson(primary.span)),
    severity,
    code,
    message,
    ...(primary && primary.text !== "" && { label: primary.text }),
    ...(hint !== undefined && { hint }),
    ...(notes && notes.length > 0 && { notes }),
    ...(related &&
      related.length > 0 && {
        related: related.map((label) => ({ ...placeToJson(label.span), message: label.text })),
      }),
  };
}

/** One line of JSON each. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => `${JSON.stringify(toJson(diagnostic))}\n`).join("");
}

function placeToJson(span: Span): JsonPlace {
  const start = positionOf(span.source, span.start);
  const end = positionOf(span.source, span.end);
  return { file: span.source.path, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
