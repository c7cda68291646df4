/** What names can find wrong, as facts; types/problems.ts joins these with its own and words them all. */
import type { Span } from "../../grammar/source.ts";

export type NameProblem =
  | {
      readonly code: "unknown-name";
      readonly span: Span;
      readonly name: string;
      readonly isCall: boolean;
      readonly nearby: readonly string[];
    }
  | { readonly code: "unknown-type"; readonly span: Span; readonly name: string; readonly nearby: readonly string[] }
  | { readonly code: "unknown-trait"; readonly span: Span; readonly name: string }
  | {
      readonly code: "unknown-constructor";
      readonly span: Span;
      readonly name: string;
      readonly nearby: readonly string[];
    }
  | { readonly code: "unknown-module"; readonly span: Span; readonly name: string }
  | { readonly code: "not-imported"; readonly span: Span; readonly module: string }
  | {
      readonly code: "unknown-member";
      readonly span: Span;
      readonly module: string;
      readonly name: string;
      readonly nearby: readonly string[];
    }
  | {
      readonly code: "private";
      readonly span: Span;
      readonly what: "function" | "type" | "constructor" | "value" | "module";
      readonly name: string;
      readonly module: string;
      readonly declared?: Span;
    }
  | {
      readonly code: "import-conflict";
      readonly span: Span;
      readonly name: string;
      readonly first: string;
      readonly second: string;
      readonly other?: Span;
    }
  | { readonly code: "duplicate"; readonly span: Span; readonly name: string; readonly first: Span }
  | { readonly code: "shadows-builtin"; readonly span: Span; readonly name: string }
  | { readonly code: "not-yet"; readonly span: Span; readonly what: string }
  | { readonly code: "misplaced"; readonly span: Span; readonly message: string; readonly hint?: string };
