/**
 * `<` and its like: structural order, without recursion over data.
 *
 * O1  Numbers of one kind, Strings and Chars by code point, tuples item by item, records and variants by constructor
 *     (in declaration order), then field by field. Other kinds, and two different kinds, raise TypeError.
 * O2  NaN: `<` is false with it (compareValues gives NaN); in sorting it is last and equal to itself (compareTotal).
 * O3  compareCanonical orders all keys of maps, whatever their kinds, the same way in every run.
 */
import { compareInt } from "../bytecode/arithmetic.ts";
import type { InternedType } from "./data-types.ts";
import { compareDecimal } from "./decimal.ts";
import { floatValue, isInt, kindOf, typeName } from "./kind.ts";
import { typeError } from "./raise.ts";
import { compareTexts } from "./text.ts";
import { BigIntValue, Char, Closure, Data, Decimal, Float, Float32, Pid, Ref, Sized, Tuple, type Value } from "./value.ts";

type Mode = "partial" | "total" | "canonical";

/** Negative, 0 or positive; NaN when a NaN decides. @throws TypeError (O1) */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return a - b;
  return compare(a, b, "partial");
}

/** For sorting: NaN after everything. @throws TypeError (O1) */
export function compareTotal(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return a - b;
  return compare(a, b, "total");
}

/** For keys of maps (O3). */
export function compareCanonical(a: Value, b: Value): number {
  return compare(a, b, "canonical");
}

export function lessThan(a: Value, b: Value): boolean {
  return compareValues(a, b) < 0;
}

export function lessOrEqual(a: Value, b: Value): boolean {
  return compareValues(a, b) <= 0;
}

export function greaterThan(a: Value, b: Value): boolean {
  return compareValues(a, b) > 0;
}

export function greaterOrEqual(a: Value, b: Value): boolean {
  return compareValues(a, b) >= 0;
}

function compare(first: Value, second: Value, mode: Mode): number {
  // What is left to compare if all so far is equal, in pairs; the next pair is on top.
  const left: Value[] = [first];
  const right: Value[] = [second];
  let seen: Map<Data, Set<Data>> | undefined;
  while (left.length > 0) {
    const a = left.pop() as Value;
    const b = right.pop() as Value;
    if (a instanceof Data && b instanceof Data) {
      if (a.type.family !== b.type.family) return mode === "canonical" ? compareTypes(a.type, b.type) : mismatch(a, b);
      if (a.type.shape !== b.type.shape) return a.type.tag - b.type.tag || compareTexts(a.type.key, b.type.key);
      if (a.type.isMutable) {
        seen ??= new Map();
        const partners: Set<Data> = seen.get(a) ?? new Set();
        if (partners.has(b)) continue; // only cycles come back here: nothing new to find
        partners.add(b);
        seen.set(a, partners);
      }
      const byName = a.type.sort === "struct";
      for (let i = a.fields.length - 1; i >= 0; i--) {
        left.push(a.fields[byName ? (a.type.sorted[i] as number) : i] as Value);
        right.push(b.fields[byName ? (b.type.sorted[i] as number) : i] as Value);
      }
    } else if (a instanceof Tuple && b instanceof Tuple) {
      if (a.items.length !== b.items.length) return mode === "canonical" ? a.items.length - b.items.length : mismatch(a, b);
      for (let i = a.items.length - 1; i >= 0; i--) {
        left.push(a.items[i] as Value);
        right.push(b.items[i] as Value);
      }
    } else {
      const order = compareLeaves(a, b, mode);
      if (order !== 0) return order;
    }
  }
  return 0;
}

/** Of two families; structural shapes behind all others, as compareLeaves has their kinds. */
function compareTypes(a: InternedType, b: InternedType): number {
  const structs = Number(a.sort === "struct") - Number(b.sort === "struct");
  return structs !== 0 ? structs : compareTexts(a.key, b.key);
}

function compareLeaves(a: Value, b: Value, mode: Mode): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (isInt(a) && isInt(b)) return compareInt(a, b);
  if (isFloat(a) && isFloat(b)) return compareFloats(floatValue(a), floatValue(b), mode);
  if (a instanceof Char && b instanceof Char) return compareTexts(a.text, b.text);
  if (a instanceof Sized && b instanceof Sized && a.kind === b.kind) return compareInt(a.value, b.value);
  if (a instanceof BigIntValue && b instanceof BigIntValue) return compareInt(a.value, b.value);
  if (a instanceof Decimal && b instanceof Decimal) return compareDecimal(a, b);
  if (a instanceof Float32 && b instanceof Float32) return compareFloats(a.value, b.value, mode);
  if (mode === "canonical") {
    if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
    if (a instanceof Pid && b instanceof Pid) return a.id - b.id;
    if (a instanceof Ref && b instanceof Ref) return a.id - b.id;
    return compareTexts(kindOf(a), kindOf(b));
  }
  return mismatch(a, b);
}

function compareFloats(a: number, b: number, mode: Mode): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return mode === "partial" ? Number.NaN : Number(Number.isNaN(a)) - Number(Number.isNaN(b)); // O2
}

function isFloat(value: Value): value is number | Float {
  return value instanceof Float || (typeof value === "number" && !Number.isInteger(value));
}

function mismatch(a: Value, b: Value): never {
  if (a instanceof Closure || b instanceof Closure) return typeError("not comparable: Function does not implement Ord");
  const left = typeName(a);
  const right = typeName(b);
  if (left === right) return typeError(`not comparable: ${left} does not implement Ord`);
  return typeError(`type mismatch: ${left} and ${right} are not comparable`);
}
