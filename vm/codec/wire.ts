/**
 * The bytes between two schedulers that run the same program: one code for each row of docs/decisions/0003-values.md.
 *
 *   value      code, then what the kind needs          a code with MARKED set: remember this one, it may come again
 *   small Int  one byte, 0x40 .. 0x7f and 0xc0 .. 0xff: 0 .. 63 and -64 .. -1
 *   List       LIST element … END                      JOIN n instead of END: what follows is the n-th marked one;
 *                                                      MARK before an element: its cell is a marked one
 *   record     code, 2 × index into Program.dataTypes, or 2 × n + 1: the n-th type that this value has spelled out
 *              (the next n: spelled out here), fields
 *   Map, Set   code, size, then as a node              the arrays that champ.ts makes of it travel as they are:
 *   node       code, length, items: Ints, values, nodes
 *
 * Both ends number the marked ones alike: in the order of their marks.
 *
 * W1  A value takes at least one byte, so no count is above the bytes that are left.
 * W2  Codes and marks are where the other end expects them; what is cut off ends in InvariantBroken, never in a value.
 */

export const WIRE = {
  /** the n-th marked one again */
  BACK: 0,
  INT: 1,
  INT_64: 2,
  FLOAT: 3,
  FLOAT_32: 4,
  SIZED: 5,
  BIG_INT: 6,
  DECIMAL: 7,
  FALSE: 8,
  TRUE: 9,
  CHAR: 10,
  STRING: 11,
  UNIT: 12,
  TUPLE: 13,
  LIST: 14,
  MAP: 15,
  SET: 16,
  VARIANT: 17,
  RECORD: 18,
  MUTABLE_RECORD: 19,
  STRUCT: 20,
  FUNCTION: 21,
  PID: 22,
  REF: 23,
  CELL: 24,
  INT_64_ARRAY: 25,
  FLOAT_64_ARRAY: 26,
  FLOAT_32_ARRAY: 27,
  INT_LIST: 28,
  BUFFER: 29,
  // 30: Reactive, which stays with its worker
  NULL: 31,
  OBJECT: 32,
  BYTES: 33,
  EXCEPTION: 34,
  // 35 to 37: Connection, Stream, Future, which stay too
  NIL: 38,
  END: 39,
  JOIN: 40,
  MARK: 41,
  /** of a cell whose variable is not set */
  UNSET: 42,
  NODE: 43,
  /** of a frame only: a list in the making */
  OPEN_LIST: 44,
} as const;

export const MARKED = 0x80;
/** set in the bytes that are an Int by themselves */
export const SMALL_INT = 0x40;

/** By what stands for them on the wire. */
export const SIZED_KINDS = ["Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64"] as const;
export const SORTS = ["variant", "record", "struct"] as const;
