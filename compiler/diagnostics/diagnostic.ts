/**
 * The one shape of every error that a person sees, of any stage: syntax, names, types, checks, loading, running.
 *
 * Stages make *problems* (facts as data); one `explain…` function a stage words them as a Diagnostic; render.ts shows
 * Diagnostics on terminals and as JSON. Nothing else in the project formats an error.
 */
import type { Span } from "../../grammar/source.ts";

export type Severity = "error" | "warning";

export interface Label {
  readonly span: Span;
  /** a few words under the caret; "" for a bare caret */
  readonly text: string;
}

export interface Diagnostic {
  readonly severity: Severity;
  /** stable, kebab-case: `mismatch`, `unknown-name`, `not-yet`, `uncaught-error`, `deadlock`, `usage` … */
  readonly code: string;
  /** headline, one line, the public wording where language.md 4.7 has one */
  readonly message: string;
  /** the place; absent where no source is concerned (wrong usage, unreadable file) */
  readonly primary?: Label;
  /** other places that explain this one, in reading order */
  readonly related?: readonly Label[];
  /** one thing to try, when we are confident */
  readonly hint?: string;
  /** further lines: facts that belong to no place (stack trace, waiting processes) */
  readonly notes?: readonly string[];
}
