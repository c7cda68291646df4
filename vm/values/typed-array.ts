/**
 * Elements of typed arrays, in and out: Int64Array holds Ints, the other two Floats.
 *
 * The trick: an element that is a safe Int, and a place that is there, need none of the general ways, which go through
 * BigInts and words of errors. `quickElement` and `setQuickElement` do those alone, and are small enough for V8 to write
 * into compiled code.
 */
import { toInt64 } from "../bytecode/arithmetic.ts";
import { isInt, makeFloat, typeName } from "./kind.ts";
import { convertToDouble } from "./numbers.ts";
import { panic, typeError } from "./raise.ts";
import { Float, type TypedArray, type Value } from "./value.ts";

/** where the low half is, which the processor decides */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
const TWO_32 = 2 ** 32;
/** A high half within these, and the Int is safe. */
const SAFE_HIGH = 2 ** 21;

/** The element at a position; undefined: there may be one all the same, or none. */
export function quickElement(array: TypedArray, position: Value): number | Float | undefined {
  const { items, halves } = array;
  if (typeof position !== "number" || position >>> 0 !== position || position >= items.length) return undefined;
  if (halves !== null) {
    const low = halves[2 * position + LOW]!;
    const high = halves[2 * position + HIGH]!;
    if (high === low >> 31) return low;
    return high > -SAFE_HIGH && high < SAFE_HIGH ? high * TWO_32 + (low >>> 0) : undefined;
  }
  const item = items[position] as number;
  return Number.isInteger(item) ? new Float(item) : item;
}

/** Writes in place. @returns false: it may be possible all the same, and nothing is written */
export function setQuickElement(array: TypedArray, position: Value, value: Value): boolean {
  const { items, halves } = array;
  if (typeof position !== "number" || position >>> 0 !== position || position >= items.length) return false;
  if (halves !== null) {
    if (typeof value !== "number" || !Number.isSafeInteger(value)) return false;
    halves[2 * position + LOW] = value | 0;
    halves[2 * position + HIGH] = (value | 0) === value ? value >> 31 : Math.floor(value / TWO_32);
    return true;
  }
  if (typeof value === "number") {
    if (Number.isInteger(value)) return false;
    items[position] = value;
  } else {
    if (!(value instanceof Float)) return false;
    items[position] = value.value;
  }
  return true;
}

/** @param position  any number. @throws Panic out of bounds */
export function arrayElement(array: TypedArray, position: number): Value {
  const quick = quickElement(array, position);
  if (quick !== undefined) return quick;
  const item = array.items[position];
  if (item === undefined) return outOfBounds(array, position);
  return typeof item === "bigint" ? toInt64(item) : makeFloat(item);
}

/** Writes in place. @returns the array. @throws Panic out of bounds, TypeError */
export function setArrayElement(array: TypedArray, position: number, value: Value): TypedArray {
  if (setQuickElement(array, position, value)) return array;
  if (!(position >= 0 && position < array.items.length)) outOfBounds(array, position);
  if (array.items instanceof BigInt64Array) {
    if (!isInt(value)) return typeError(`type mismatch: an Int64Array holds Int, found ${typeName(value)}`);
    array.items[position] = BigInt(value);
  } else {
    if (isInt(value)) return typeError(`type mismatch: a ${array.kind} holds Float, found Int`);
    array.items[position] = convertToDouble(value);
  }
  return array;
}

function outOfBounds(array: TypedArray, position: number): never {
  return panic(`Index ${position} out of bounds for ${array.kind} of length ${array.items.length}`);
}
