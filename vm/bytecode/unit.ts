/**
 * A Unit: one program as bytecode, in memory. The compiler makes it, a `.ttb` file stores it, the VM runs it.
 *
 * Plain data without methods or references to JavaScript objects of either side, so it can be written to a file, hashed,
 * and posted to a worker as it is. Code is 32-bit words: one for the internal opcode (the index of its row in the opcode
 * table), then its operands as the row says; addresses are word offsets within the same function.
 */

/** What may be known of a value before the program runs. "any" claims nothing. */
export type Kind =
  | "any" | "Int" | "Float" | "Bool" | "String" | "Unit" | "Char" | "BigInt" | "List" | "Tuple" | "Map" | "Set" | "Data" | "Function" | "Pid"; // biome-ignore format: a table

export type SizedKind = "Int8" | "Int16" | "Int32" | "UInt8" | "UInt16" | "UInt32" | "UInt64";

export type Constant =
  /** always the exact 64-bit value; the VM turns safe ones into numbers */
  | { readonly kind: "Int"; readonly value: bigint }
  | { readonly kind: "Float"; readonly value: number }
  | { readonly kind: "Float32"; readonly value: number }
  | { readonly kind: SizedKind; readonly value: bigint }
  | { readonly kind: "BigInt"; readonly value: bigint }
  /** the digits as written, `3.14` */
  | { readonly kind: "Decimal"; readonly value: string }
  | { readonly kind: "String"; readonly value: string }
  /** one code point */
  | { readonly kind: "Char"; readonly value: string }
  | { readonly kind: "Bool"; readonly value: boolean }
  | { readonly kind: "Unit" };

/**
 * A constructor of a variant type, a nominal record, or the shape of a structural record.
 * Identity in messages and between units: (module, type, name) for nominal ones, the field set for structural ones.
 */
export interface DataType {
  readonly sort: "variant" | "record" | "struct";
  /** module path, "" for a single file's top level; "" for structs */
  readonly module: string;
  /** the type's name; "" for structs */
  readonly type: string;
  /** the constructor's name (the type's for a record); "" for structs */
  readonly name: string;
  readonly arity: number;
  /** in declaration (struct: source) order; absent when the fields are positional */
  readonly fieldNames?: readonly string[];
  /** position among the constructors of its type, from 0 */
  readonly tag: number;
  /** `var type` */
  readonly isMutable: boolean;
}

/** A call in whose place the code of the function stands: a frame that traces show though there is none. */
export interface InlinedCall {
  /** as FunctionCode.name */
  readonly name: string;
  /** index of the inlined call in whose code it stands; -1: the function's own */
  readonly parent: number;
  /** where the call is in that code: index into Unit.sources; -1: a tail call, so the frame around it is gone */
  readonly source: number;
  /** offset in that source's text */
  readonly offset: number;
}

export interface FunctionCode {
  /** as traces show it; names in <…> are left out of traces */
  readonly name: string;
  readonly arity: number;
  /** how many captured values follow the parameters in the first slots of a frame */
  readonly captures: number;
  /** parameters, captures, then other locals */
  readonly slots: number;
  readonly paramKinds: readonly Kind[];
  readonly resultKind: Kind;
  readonly code: Int32Array;
  /** triples [word offset, index into Unit.sources, offset in that source's text], ascending; each holds from its word on */
  readonly places: Int32Array;
  /** reductions charged at entry, at least half of entryCost(slots); absent: entryCost(slots) */
  readonly cost?: number;
  /** each after its parent */
  readonly inlinedCalls?: readonly InlinedCall[];
  /** pairs [word offset, index into inlinedCalls or -1], ascending; each holds from its word on; before the first: -1 */
  readonly inlinedRuns?: Int32Array;
}

/**
 * Reductions of a call by the slots of its frame (semantics 35): a frame of JavaScript takes about 95 + 16 × slots bytes;
 * 128 of them are a reduction, so that a slice of 2000 fits 256 KB.
 */
export function entryCost(slots: number): number {
  return Math.ceil((95 + 16 * slots) / 128);
}

export interface MvarCode {
  readonly name: string;
  readonly module: string;
}

export interface GlobalCode {
  readonly name: string;
  readonly module: string;
  /** index of the function without parameters that computes it on first use; -1: set by STORE_GLOBAL only */
  readonly init: number;
}

/** Where a place of the code lies in the source: enough for traces without the text. */
export interface SourceCode {
  readonly path: string;
  /** offsets of line starts, so that an offset becomes line and column without the text; columns in UTF-16 units */
  readonly lineStarts: Int32Array;
}

export interface Unit {
  /**
   * TinyTotVM code (docs/decisions/0009): the entry is the whole program; the other functions are its labels, each a
   * JMP to an address of the entry's code. Absent: a program of the language.
   */
  readonly isTinyTotVM?: true;
  readonly constants: readonly Constant[];
  readonly dataTypes: readonly DataType[];
  readonly functions: readonly FunctionCode[];
  /** in locking order: module path, then declaration */
  readonly mvars: readonly MvarCode[];
  readonly globals: readonly GlobalCode[];
  /** ascending mvar indexes; the operand of MVAR_LOCK and MVAR_UNLOCK */
  readonly lockSets: readonly (readonly number[])[];
  /** names of host functions, the operand of CALL_NATIVE */
  readonly natives: readonly string[];
  readonly sources: readonly SourceCode[];
  /** index of the function without parameters that sets the mvars and calls main */
  readonly entry: number;
}
