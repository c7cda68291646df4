/**
 * What a table of patterns becomes: questions about places in the values, ending in arms.
 *
 * A decision is a directed graph without cycles: nodes are shared where two ways lead to the same rest of the table.
 * M1  A place (`Occurrence`) is asked about only where its parent is known to have that part.
 * M2  A place that a node asks about is a root, or is in `reveals` of a node on every way there.
 * M3  On one way the same question is asked once, unless the table was too large (see build.ts).
 */

import type { ValueKind } from "../../vm/bytecode/opcodes.ts";
import type { Constant, DataType, Kind } from "../../vm/bytecode/unit.ts";
import type { Core, CorePattern, Local } from "../core.ts";

/** A place in the matched values: a scrutinee, or a part of another place. */
export interface Occurrence {
  readonly id: number;
  readonly parent: Occurrence | undefined;
  readonly step: Step;
  /** known before the program runs; "any" when not */
  readonly kind: Kind;
}

/** What a pattern compares with: a literal, a value of the program, or another place (a pin of the same pattern's variable). */
export type Comparand = Constant | Core | Occurrence;

export type Step =
  | { readonly kind: "root"; readonly index: number }
  | { readonly kind: "item"; readonly index: number }
  | { readonly kind: "field"; readonly index: number }
  | { readonly kind: "fieldNamed"; readonly name: string }
  | { readonly kind: "head" }
  | { readonly kind: "tail" }
  /** what follows the first so many code points */
  | { readonly kind: "dropped"; readonly count: number }
  | { readonly kind: "mapValue"; readonly key: Comparand }
  /** the element that an `element` question found */
  | { readonly kind: "element"; readonly of: CorePattern };

/** Shapes that exclude each other: a value has at most one of them. */
export type Head =
  | { readonly kind: "literal"; readonly value: Constant }
  | { readonly kind: "tuple"; readonly count: number }
  | { readonly kind: "construct"; readonly type: DataType }
  | { readonly kind: "cons" }
  | { readonly kind: "nil" };

/** Questions with yes and no for an answer. */
export type Test =
  | { readonly kind: "isKind"; readonly name: ValueKind }
  | { readonly kind: "range"; readonly from: bigint; readonly to: bigint; readonly inclusive: boolean }
  | { readonly kind: "startsWith"; readonly prefix: string }
  | { readonly kind: "hasField"; readonly name: string }
  /** a record of any sort: the open pattern without fields */
  | { readonly kind: "isRecord" }
  | { readonly kind: "hasKey"; readonly key: Comparand }
  | { readonly kind: "hasElement"; readonly value: Comparand }
  /** some element of a set fits `pattern`, found by `find`; it is then at the revealed occurrence */
  | { readonly kind: "element"; readonly at: Occurrence; readonly find: Decision }
  | { readonly kind: "equals"; readonly value: Comparand };

export interface Binding {
  /** "assign": the local existed before */
  readonly how: "bind" | "assign";
  readonly local: Local;
  readonly at: Occurrence;
}

export type Decision =
  | { readonly kind: "fail" }
  | { readonly kind: "arm"; readonly arm: number; readonly bindings: readonly Binding[] }
  /** binds, then asks the arm's guard */
  | {
      readonly kind: "guard";
      readonly arm: number;
      readonly bindings: readonly Binding[];
      readonly yes: Decision;
      readonly no: Decision;
    }
  /** binds and goes on: alternatives of a pattern that could not be tried together */
  | { readonly kind: "bind"; readonly bindings: readonly Binding[]; readonly next: Decision }
  | {
      readonly kind: "test";
      readonly at: Occurrence;
      readonly test: Test;
      readonly reveals: readonly Occurrence[];
      readonly yes: Decision;
      readonly no: Decision;
    }
  | {
      readonly kind: "switch";
      readonly at: Occurrence;
      readonly cases: readonly Case[];
      readonly otherwise: Decision /** the cases cover every value that can come */;
      readonly isComplete: boolean;
    };

export interface Case {
  readonly head: Head;
  readonly reveals: readonly Occurrence[];
  readonly next: Decision;
}

export const FAIL: Decision = { kind: "fail" };

export function isOccurrence(value: Comparand): value is Occurrence {
  return "step" in value;
}

export function isCore(value: Comparand): value is Core {
  return "span" in value;
}
