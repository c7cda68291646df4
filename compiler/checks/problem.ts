/** What is wrong with a program that is well typed: facts, worded by explain.ts. */
import type { Span } from "../../grammar/source.ts";

/** What a guard must not do, as it is written. */
export type GuardEffect = "receive" | "sleep" | "send" | "spawn" | "signal";

export type CheckProblem =
  /** an mvar decides a branch in which it gets a value that does not come from it */
  | {
      readonly code: "mvar-compare-and-set";
      readonly span: Span;
      readonly functionName: string;
      readonly mvar: string;
      readonly read: Span;
    }
  /** the value for an mvar writes that mvar */
  | { readonly code: "mvar-nested-write"; readonly span: Span; readonly mvar: string; readonly outer: Span }
  /** a function that reads and writes an mvar calls one that may wait for a message */
  | {
      readonly code: "mvar-blocking";
      readonly span: Span;
      readonly functionName: string;
      readonly mvar: string;
      readonly callee: string;
      readonly written: Span;
      readonly receive: Span;
    }
  | {
      readonly code: "effect-in-guard";
      readonly span: Span;
      readonly what: GuardEffect /** the function that the guard calls, and the place in it or behind it */;
      readonly callee?: string;
      readonly effect?: Span;
    }
  | { readonly code: "not-yet"; readonly span: Span; readonly what: string };
