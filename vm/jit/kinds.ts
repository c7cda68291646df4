/**
 * What compiled code knows of a value without looking at it.
 *
 * A kind is a number: a tag, and above it a detail that some tags have. Kinds form a lattice: `merge` gives what is known
 * where two ways meet, and NONE is "no way has come here yet".
 *
 * K1  Two kinds have another form than elsewhere: Float is a plain double, also when it is integral, and Wide is an Int
 *     as a BigInt, also when it is small (int64/arithmetic.ts). Everything else is a Value as the interpreter has it,
 *     Boxed being a Float in that form.
 * K2  Kept and Number are Values beside which a second variable has the same as a plain double. So what was read from
 *     somewhere is calculated with as a double, and stored or passed as the object that it was.
 */

const DETAIL = 5;

export const NONE = -1;
export const ANY = 0;
/** a number that is a safe integer, never -0 */
export const INT = 1;
/** K1: a double in a variable */
export const FLOAT = 2;
/** a Float as a Value */
export const BOXED = 3;
export const BOOL = 4;
export const STRING = 5;
export const UNIT_KIND = 6;
export const PID = 7;
export const LIST = 8;
export const CONS = 9;
export const NIL_KIND = 10;
/** detail: 1 + items, or 0 */
export const TUPLE = 11;
/** Data; detail: 1 + index of its type, or 0 */
export const DATA = 12;
/** detail: 1 + arity, or 0 */
export const CLOSURE = 13;
export const CELL = 14;
/** K1: a BigInt in a variable, made by BigInt.asIntN(64, …) */
export const WIDE = 15;
/** a list in the making */
export const OPEN_LIST = 16;
/** K2: a Float */
export const KEPT = 17;
/** K2: a Float, or an Int that is safe */
export const NUMBER = 18;

export function withDetail(tag: number, detail: number): number {
  return tag | ((detail + 1) << DETAIL);
}

export function tagOf(kind: number): number {
  return kind === NONE ? NONE : kind & ((1 << DETAIL) - 1);
}

/** -1: there is none */
export function detailOf(kind: number): number {
  return (kind >> DETAIL) - 1;
}

export function isList(kind: number): boolean {
  return kind === LIST || kind === CONS || kind === NIL_KIND;
}

export function isFloat(kind: number): boolean {
  return kind === FLOAT || kind === BOXED || kind === KEPT;
}

/** K2: whether there is a variable with its double. */
export function hasDouble(kind: number): boolean {
  return kind === KEPT || kind === NUMBER;
}

/** What is known where values of two kinds meet. */
export function merge(a: number, b: number): number {
  if (a === b || b === NONE) return a;
  if (a === NONE) return b;
  if (isList(a) && isList(b)) return LIST;
  if (hasDouble(a) && hasDouble(b)) return NUMBER;
  if (isFloat(a) && isFloat(b)) return a !== BOXED && b !== BOXED ? FLOAT : BOXED;
  if ((a === WIDE && b === INT) || (a === INT && b === WIDE)) return WIDE;
  const tag = tagOf(a);
  if (tag === tagOf(b) && (tag === TUPLE || tag === DATA || tag === CLOSURE)) return tag;
  return ANY;
}
