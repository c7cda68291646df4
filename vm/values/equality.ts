/**
 * `==`: structural equality, without recursion, so data of any depth and length compares.
 *
 * Q1  NaN differs from itself, also inside data; -0.0 equals 0.0; values of different kinds differ (1 and 1.0 too).
 * Q2  Functions do not compare: meeting one raises TypeError. Pids, Refs, reactive records are equal when they are the same.
 * Q3  Cycles only pass through records of a `var type`. A pair of those met again is taken as equal: what could tell
 *     them apart is being compared already.
 */
import { forEachEntry, lookup } from "./champ.ts";
import { isSameConstructor } from "./data-types.ts";
import { typeError } from "./raise.ts";
import {
  BigIntValue, Buffer, Bytes, Char, Closure, Cons, Data, Decimal, Float, Float32, Handle, IntList, MapValue, Nil, Pid, Reactive, Ref,
  SetValue, Sized, TinyException, TinyObject, Tuple, TypedArray, type Value,
} from "./value.ts"; // biome-ignore format: a table

/** @throws TypeError (Q2) */
export function equalValues(a: Value, b: Value): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b; // Q1 by itself: NaN !== NaN
  return equalData(a, b);
}

function equalData(first: Value, second: Value): boolean {
  // What is left to compare, in pairs; the next pair is on top.
  const left: Value[] = [];
  const right: Value[] = [];
  let seen: Map<Data, Set<Data>> | undefined;
  let a = first;
  let b = second;

  for (;;) {
    if (typeof a !== "object" || typeof b !== "object") {
      if (a !== b) return false;
    } else if (a instanceof Cons) {
      if (!(b instanceof Cons)) return false;
      left.push(a.tail);
      right.push(b.tail);
      a = a.head;
      b = b.head;
      continue;
    } else if (a instanceof Data) {
      if (!(b instanceof Data) || !isSameConstructor(a.type, b.type)) return false;
      if (a.type.isMutable) {
        seen ??= new Map();
        const partners: Set<Data> = seen.get(a) ?? new Set();
        if (!partners.has(b)) pushFields(a, b, left, right); // Q3
        partners.add(b);
        seen.set(a, partners);
      } else pushFields(a, b, left, right);
    } else if (a instanceof Tuple) {
      if (!(b instanceof Tuple) || a.items.length !== b.items.length) return false;
      for (let i = a.items.length - 1; i >= 0; i--) {
        left.push(a.items[i] as Value);
        right.push(b.items[i] as Value);
      }
    } else if (a instanceof MapValue) {
      if (!(b instanceof MapValue) || a.size !== b.size) return false;
      if (!pushEntries(a, b, left, right)) return false;
    } else if (a instanceof TinyObject) {
      if (!(b instanceof TinyObject) || a.fields.size !== b.fields.size) return false;
      for (const [name, value] of a.fields) {
        const other = b.fields.get(name);
        if (other === undefined) return false;
        left.push(value);
        right.push(other);
      }
    } else if (!equalLeaf(a, b)) return false;

    if (left.length === 0) return true;
    a = left.pop() as Value;
    b = right.pop() as Value;
  }
}

/** Same constructor; of structural records with another order of the fields, the same field. */
function pushFields(a: Data, b: Data, left: Value[], right: Value[]): void {
  const isAligned = a.type === b.type;
  for (let i = a.fields.length - 1; i >= 0; i--) {
    left.push(a.fields[a.type.sorted[i] as number] as Value);
    right.push(b.fields[(isAligned ? a : b).type.sorted[i] as number] as Value);
  }
}

/** Puts the values of equal keys up for comparison; false if b lacks one of a's keys. */
function pushEntries(a: MapValue, b: MapValue, left: Value[], right: Value[]): boolean {
  return forEachEntry(a, (key, value) => {
    const other = lookup(b, key);
    if (other === undefined) return false;
    left.push(value);
    right.push(other);
    return true;
  });
}

/** Objects that hold no values of the language. */
function equalLeaf(a: Exclude<Value, string | number | bigint | boolean>, b: Value): boolean {
  if (a instanceof Closure || b instanceof Closure) return typeError("not comparable: functions cannot be compared with == (Function does not implement Eq)");
  if (a === b) return !(a instanceof Float32 && Number.isNaN(a.value));
  if (a instanceof Float) return b instanceof Float && a.value === b.value;
  if (a instanceof Char) return b instanceof Char && a.text === b.text;
  if (a instanceof Sized) return b instanceof Sized && a.kind === b.kind && a.value === b.value;
  if (a instanceof BigIntValue) return b instanceof BigIntValue && a.value === b.value;
  if (a instanceof Decimal) return b instanceof Decimal && a.scale === b.scale && a.coefficient === b.coefficient;
  if (a instanceof Float32) return b instanceof Float32 && a.value === b.value;
  if (a instanceof SetValue) return b instanceof SetValue && a.size === b.size && forEachEntry(a, (key) => lookup(b, key) !== undefined);
  if (a instanceof Pid) return b instanceof Pid && a.id === b.id;
  if (a instanceof Ref) return b instanceof Ref && a.id === b.id;
  if (a instanceof Reactive) return b instanceof Reactive && a.id === b.id;
  if (a instanceof TypedArray) return b instanceof TypedArray && a.kind === b.kind && equalItems(a.items, b.items);
  if (a instanceof IntList) return b instanceof IntList && equalItems(a.items, b.items);
  if (a instanceof Buffer) return b instanceof Buffer && a.text === b.text;
  if (a instanceof Bytes) return b instanceof Bytes && equalItems(a.bytes, b.bytes);
  if (a instanceof TinyException) return b instanceof TinyException && a.message === b.message;
  if (a instanceof Handle) return b instanceof Handle && a.kind === b.kind && a.id === b.id;
  return a instanceof Nil && b instanceof Nil;
}

function equalItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
