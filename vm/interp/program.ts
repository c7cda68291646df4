/**
 * A Unit in the form in which the interpreter runs it: indexes resolved to objects, constants to Values.
 *
 * Stays true: nothing here changes while the program runs but the cells of functions, which belong to one machine.
 */

import type { GlobalCode, InlinedCall, Kind, MvarCode, SourceCode } from "../bytecode/unit.ts";
import type { Region } from "../bytecode/verify.ts";
import type { Native } from "../host/native.ts";
import type { InternedType } from "../values/data-types.ts";
import type { Closure, Value } from "../values/value.ts";
import type { CodeCell } from "./code-cell.ts";

export interface LinkedFunction {
  readonly index: number;
  readonly name: string;
  readonly arity: number;
  readonly captures: number;
  readonly slots: number;
  /** slots and the most operands: the length of a frame's stack */
  readonly size: number;
  /** reductions charged at entry */
  readonly cost: number;
  readonly code: Int32Array;
  readonly places: Int32Array;
  /** see FunctionCode */
  readonly inlinedCalls: readonly InlinedCall[];
  readonly inlinedRuns: Int32Array;
  readonly regions: readonly Region[];
  readonly regionRuns: Int32Array;
  /** see FunctionFacts.depths; kept under NOSTOS_CHECK only */
  readonly depths: Int32Array | undefined;
  /** computes this global on first use; -1: an ordinary function */
  readonly initialises: number;
  /** as a value, of functions without captures */
  readonly closure: Closure;
  /** what the file claims of its parameters and its result; nothing has checked it */
  readonly paramKinds: readonly Kind[];
  readonly resultKind: Kind;
  /** how warm it is, and what it was compiled to */
  readonly cell: CodeCell;
}

export interface Program {
  /** the unit's functions, then one for each lazy global */
  readonly functions: readonly LinkedFunction[];
  readonly constants: readonly Value[];
  readonly dataTypes: readonly InternedType[];
  readonly natives: readonly Native[];
  readonly mvars: readonly MvarCode[];
  readonly globals: readonly GlobalCode[];
  /** by global: index of the function that computes and stores it, -1 if it is set by STORE_GLOBAL only */
  readonly initialisers: readonly number[];
  readonly lockSets: readonly (readonly number[])[];
  readonly sources: readonly SourceCode[];
  readonly entry: number;
}
