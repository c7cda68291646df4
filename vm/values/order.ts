/**
 * `<` and its like: structural order, without recursion over data.
 *
 * O1  Numbers of one kind, Strings and Chars by code point, tuples item by item, records and variants by constructor
 *     (in declaration order), then field by field. Other kinds, and two different kinds, raise TypeError.
 * O2  NaN: `<` is false with it (compareValues gives NaN); in sorting it is last and equal to itself (compareTotal).
 * O3  compareCanonical orders all keys of maps, whatever their kinds, the same way in every run.
 */
import { compareInt } from "../bytecode/arithmetic.ts";
import { fieldsOf, isTuple } from "./data.ts";
import type { InternedType } from "./data-types.ts";
import { compareDecimal } from "./decimal.ts";
import { floatValue, isInt, kindOf, typeName } from "./kind.ts";
import { typeError } from "./raise.ts";
import { type Meter, Step, settled, unmetered } from "./step.ts";
import { compareTexts } from "./text.ts";
import { BigIntValue, Char, Closure, Data, Decimal, Float, Float32, Pid, Ref, Sized, type Value } from "./value.ts";

type Mode = "partial" | "total" | "canonical";

/** Negative, 0 or positive; NaN when a NaN decides. @throws TypeError (O1) */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return a - b;
  return settled(comparePairs(a, b, "partial", undefined, unmetered()));
}

/** For sorting: NaN after everything. @throws TypeError (O1) */
export function compareTotal(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return a - b;
  return settled(comparePairs(a, b, "total", undefined, unmetered()));
}

/** For keys of maps (O3). */
export function compareCanonical(a: Value, b: Value): number {
  return settled(comparePairs(a, b, "canonical", undefined, unmetered()));
}

/** `compareValues` (partial) or `compareTotal`, as far as the meter goes. @throws TypeError (O1) */
export function compareWithin(a: Value, b: Value, mode: "partial" | "total", meter: Meter): number | Step<number> {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return a - b;
  return comparePairs(a, b, mode, undefined, meter);
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

/** What is left to compare if all so far is equal, in pairs; the next pair is on top. */
class Pairs extends Step<number> {
  readonly left: Value[] = [];
  readonly right: Value[] = [];
  private readonly mode: Mode;
  /** Pairs of mutable records met so far: only cycles come back to them, and find nothing new. */
  private readonly met = new Map<Data, Set<Data>>();

  constructor(mode: Mode) {
    super();
    this.mode = mode;
  }

  /** The parts from position `from` on, where `order` says which come first. */
  pushFrom(
    from: number,
    a: readonly Value[],
    b: readonly Value[],
    orderA?: readonly number[],
    orderB?: readonly number[],
  ): void {
    for (let i = a.length - 1; i >= from; i--) {
      this.left.push(a[orderA?.[i] ?? i] as Value);
      this.right.push(b[orderB?.[i] ?? i] as Value);
    }
  }

  /** Whether these two were met before; from now on they were. */
  meet(a: Data, b: Data): boolean {
    const partners = this.met.get(a);
    if (partners === undefined) this.met.set(a, new Set([b]));
    else if (partners.has(b)) return true;
    else partners.add(b);
    return false;
  }

  run(meter: Meter): number | undefined {
    const order = comparePairs(this.left.pop() as Value, this.right.pop() as Value, this.mode, this, meter);
    return typeof order === "number" ? order : undefined;
  }
}

/** Compares the first two, then all that waits, until the meter has run out: then what waits still is the answer. */
function comparePairs(
  first: Value,
  second: Value,
  mode: Mode,
  waiting: Pairs | undefined,
  meter: Meter,
): number | Pairs {
  let pairs = waiting;
  let a = first;
  let b = second;
  for (;;) {
    if (meter.left <= 0) {
      pairs ??= new Pairs(mode);
      pairs.left.push(a);
      pairs.right.push(b);
      return pairs;
    }
    meter.left--;
    if (a instanceof Data && b instanceof Data && isTuple(a) === isTuple(b)) {
      if (a.type.family !== b.type.family) return mode === "canonical" ? compareTypes(a.type, b.type) : mismatch(a, b);
      if (a.type.shape !== b.type.shape) return a.type.tag - b.type.tag || compareTexts(a.type.key, b.type.key);
      if (a.type.isMutable) pairs ??= new Pairs(mode);
      if (a.type.sort === "struct")
        (pairs ??= new Pairs(mode)).pushFrom(0, fieldsOf(a), fieldsOf(b), a.type.sorted, b.type.sorted);
      else if (!a.type.isMutable || !pairs?.meet(a, b)) {
        const [left, right] = [fieldsOf(a), fieldsOf(b)];
        const same = equalPrefix(left, right);
        if (same < left.length) (pairs ??= new Pairs(mode)).pushFrom(same, left, right);
      }
    } else {
      const order = compareLeaves(a, b, mode);
      if (order !== 0) return order;
    }
    if (pairs === undefined || pairs.left.length === 0) return 0;
    a = pairs.left.pop() as Value;
    b = pairs.right.pop() as Value;
  }
}

/** How many parts at the front are the same Int or String. */
function equalPrefix(a: readonly Value[], b: readonly Value[]): number {
  let i = 0;
  while (i < a.length && (typeof a[i] === "number" || typeof a[i] === "string") && a[i] === b[i]) i++;
  return i;
}

/** Of two families; short tuples first; structural shapes behind all others, as compareLeaves has their kinds. */
function compareTypes(a: InternedType, b: InternedType): number {
  if (a.sort === "tuple") return a.arity - b.arity;
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
