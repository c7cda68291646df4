/** Elements of typed arrays, in and out: Int64Array holds Ints, the other two Floats. */
import { toInt64 } from "../bytecode/arithmetic.ts";
import { isInt, makeFloat, typeName } from "./kind.ts";
import { convertToDouble } from "./numbers.ts";
import { panic, typeError } from "./raise.ts";
import type { TypedArray, Value } from "./value.ts";

/** @param position  any number. @throws Panic out of bounds */
export function arrayElement(array: TypedArray, position: number): Value {
  const item = array.items[position];
  if (item === undefined) return outOfBounds(array, position);
  return typeof item === "bigint" ? toInt64(item) : makeFloat(item);
}

/** Writes in place. @returns the array. @throws Panic out of bounds, TypeError */
export function setArrayElement(array: TypedArray, position: number, value: Value): TypedArray {
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
