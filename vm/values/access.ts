/**
 * Parts of values by position, key or name: what `c[i]`, `r.f` and `++` do when the kinds are known only now.
 */
import { toInt64 } from "../bytecode/arithmetic.ts";
import { insert, lookup } from "./champ.ts";
import { isInt, makeFloat, typeName } from "./kind.ts";
import { concatLists, elementAt, lengthOf, withElement } from "./list.ts";
import { convertToDouble } from "./numbers.ts";
import { panic, typeError } from "./raise.ts";
import { codePointAt, joinTexts } from "./text.ts";
import { Cons, Data, IntList, MapValue, Nil, Reactive, SetValue, TinyObject, Tuple, TypedArray, UNIT, type Value } from "./value.ts";

/** c[i]. @throws Panic out of bounds, TypeError */
export function indexValue(container: Value, index: Value): Value {
  if (container instanceof MapValue) return lookup(container, index) ?? UNIT;
  if (container instanceof SetValue) return lookup(container, index) !== undefined;
  const position = checkedPosition(container, index);
  if (container instanceof Cons || container instanceof Nil) return elementAt(container, position) ?? outOfBounds(position);
  if (typeof container === "string") return codePointAt(container, position) ?? outOfBounds(position);
  if (container instanceof Tuple) return container.items[position] ?? outOfBounds(position);
  if (container instanceof TypedArray) return arrayElement(container, position);
  if (container instanceof IntList) {
    const item = container.items[position];
    return item === undefined ? outOfBounds(position) : toInt64(item);
  }
  return notIndexable(container);
}

/** c with another value at i: a copy of a List or Map, a typed array itself. @throws Panic out of bounds, TypeError */
export function updatedValue(container: Value, index: Value, value: Value): Value {
  if (container instanceof MapValue) return insert(container, index, value);
  const position = checkedPosition(container, index);
  if (container instanceof Cons || container instanceof Nil) {
    if (position >= lengthOf(container)) outOfBounds(position);
    return withElement(container, position, value);
  }
  if (container instanceof TypedArray) return setArrayElement(container, position, value);
  return notIndexable(container);
}

/** @param position  any integer. @throws Panic out of bounds */
export function arrayElement(array: TypedArray, position: number): Value {
  const item = array.items[position];
  if (item === undefined) return outOfArray(array, position);
  return typeof item === "bigint" ? toInt64(item) : makeFloat(item);
}

/** Writes in place. @returns the array. @throws Panic out of bounds, TypeError */
export function setArrayElement(array: TypedArray, position: number, value: Value): TypedArray {
  if (position < 0 || position >= array.items.length) outOfArray(array, position);
  if (array.items instanceof BigInt64Array) {
    if (!isInt(value)) typeError(`type mismatch: an Int64Array holds Int, found ${typeName(value)}`);
    array.items[position] = BigInt(value);
  } else array.items[position] = floatItem(array, value);
  return array;
}

function floatItem(array: TypedArray, value: Value): number {
  if (isInt(value)) return typeError(`type mismatch: a ${array.kind} holds Float, found Int`);
  return convertToDouble(value);
}

/** r.f of a record of any sort. @throws TypeError */
export function fieldNamed(record: Value, name: string): Value {
  if (record instanceof Data || record instanceof Reactive) {
    const position = record.type.positions.get(name);
    if (position !== undefined) return record.fields[position] as Value;
  } else if (record instanceof TinyObject) {
    const value = record.fields.get(name);
    if (value !== undefined) return value;
  } else if (record instanceof Tuple && /^[0-9]+$/.test(name)) {
    const item = record.items[Number(name)];
    if (item !== undefined) return item;
  }
  return typeError(`Type ${typeName(record)} has no field ${name}`);
}

/** r.f = v, in place. @throws Panic unless r is of a `var type`, TypeError */
export function setFieldNamed(record: Value, name: string, value: Value): void {
  const position = record instanceof Data ? record.type.positions.get(name) : undefined;
  if (position === undefined) typeError(`Type ${typeName(record)} has no field ${name}`);
  setFieldAt(record, position, value);
}

/** As setFieldNamed, of known position. */
export function setFieldAt(record: Value, position: number, value: Value): void {
  if (!(record instanceof Data) || position >= record.fields.length) typeError(`Type ${typeName(record)} has no field ${position}`);
  if (!record.type.isMutable) panic(`Field '${record.type.fieldNames?.[position] ?? position}' is not mutable`);
  record.fields[position] = value;
}

export function hasField(value: Value, name: string): boolean {
  if (value instanceof Data || value instanceof Reactive) return value.type.positions.has(name);
  return value instanceof TinyObject && value.fields.has(name);
}

/** a ++ b: two Strings or two Lists. @throws TypeError */
export function concatValues(a: Value, b: Value): Value {
  if (typeof a === "string" && typeof b === "string") return joinTexts(a, b);
  if ((a instanceof Cons || a instanceof Nil) && (b instanceof Cons || b instanceof Nil)) return concatLists(a, b);
  const shown = `${typeName(a)} ++ ${typeName(b)}`;
  const culprit = typeof a === "string" || a instanceof Cons || a instanceof Nil ? b : a;
  if (typeof culprit === "string" || culprit instanceof Cons || culprit instanceof Nil) return typeError(`type mismatch: ${shown}`);
  return typeError(`type mismatch: ${typeName(culprit)} does not implement Concat (in ${shown})`);
}

/** A position that may be used: 0 or more, and a number. */
function checkedPosition(container: Value, index: Value): number {
  if (!isInt(index)) return typeError(`type mismatch: an index must be Int, found ${typeName(index)} (indexing ${typeName(container)})`);
  if (index >= 0 && typeof index === "number") return index;
  return container instanceof TypedArray ? outOfArray(container, index) : outOfBounds(index);
}

function outOfBounds(position: number | bigint): never {
  return panic(`Index ${position} out of bounds`);
}

function outOfArray(array: TypedArray, position: number | bigint): never {
  return panic(`Index ${position} out of bounds for ${array.kind} of length ${array.items.length}`);
}

function notIndexable(container: Value): never {
  return typeError(`type mismatch: expected List, String, Tuple, or Array, found ${typeName(container)}`);
}
