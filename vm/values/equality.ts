/**
 * `==`: structural equality, without recursion, so data of any depth and length compares.
 *
 * Q1  NaN differs from itself, also inside data; -0.0 equals 0.0; values of different kinds differ (1 and 1.0 too).
 * Q2  Functions do not compare: meeting one raises TypeError (unless a difference was found before: numbers, texts and
 *     the like are looked at first). Pids, Refs, reactive records are equal when they are the same.
 * Q3  Cycles only pass through records of a `var type`. A pair of those met again is taken as equal: what could tell
 *     them apart is being compared already.
 */
import { forEachEntry, lookup } from "./champ.ts";
import { fieldAt } from "./data.ts";
import { isSameConstructor } from "./data-types.ts";
import { typeError } from "./raise.ts";
import {
  BigIntValue,
  Buffer,
  Bytes,
  Char,
  Closure,
  Cons,
  Data,
  Decimal,
  Float,
  Float32,
  Handle,
  IntList,
  MapValue,
  Nil,
  Pid,
  Reactive,
  Ref,
  SetValue,
  Sized,
  TinyException,
  TinyObject,
  Tuple,
  TypedArray,
  type Value,
} from "./value.ts";

/** @throws TypeError (Q2) */
export function equalValues(a: Value, b: Value): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b; // Q1 by itself: NaN !== NaN
  return equalData(a, b);
}

/** What is left to compare, in pairs; the next pair is on top. Made when the first pair has to wait. */
class Pairs {
  readonly left: Value[] = [];
  readonly right: Value[] = [];
  /** Pairs of mutable records met so far (Q3). */
  private readonly met = new Map<Data, Set<Data>>();

  push(a: Value, b: Value): void {
    this.left.push(a);
    this.right.push(b);
  }

  /** Whether these two were met before; from now on they were. */
  meet(a: Data, b: Data): boolean {
    const partners = this.met.get(a);
    if (partners === undefined) this.met.set(a, new Set([b]));
    else if (partners.has(b)) return true;
    else partners.add(b);
    return false;
  }
}

function equalData(first: Value, second: Value): boolean {
  let pairs: Pairs | undefined;
  let a = first;
  let b = second;
  for (;;) {
    if (a instanceof Data) {
      if (!(b instanceof Data) || !isSameConstructor(a.type, b.type)) return false;
      if (a.type.isMutable) pairs ??= new Pairs();
      if (!a.type.isMutable || !pairs?.meet(a, b)) {
        const isAligned = a.type === b.type;
        for (let i = a.type.arity - 1; i >= 0; i--) {
          const x = fieldAt(a, isAligned ? i : (a.type.sorted[i] as number)) as Value;
          const y = fieldAt(b, isAligned ? i : (b.type.sorted[i] as number)) as Value;
          if (typeof x === "object" && typeof y === "object") (pairs ??= new Pairs()).push(x, y);
          else if (x !== y) return false;
        }
      }
    } else if (a instanceof Cons) {
      // Elements that are no objects are compared on the way.
      while (a instanceof Cons && b instanceof Cons && (typeof a.head !== "object" || typeof b.head !== "object")) {
        if (a.head !== b.head) return false;
        a = a.tail;
        b = b.tail;
      }
      if (a instanceof Cons && b instanceof Cons) {
        pairs ??= new Pairs();
        pairs.push(a.tail, b.tail);
        pairs.push(a.head, b.head);
      } else if (a !== b) return false; // both NIL
    } else if (a instanceof Tuple) {
      if (!(b instanceof Tuple) || a.items.length !== b.items.length) return false;
      for (let i = a.items.length - 1; i >= 0; i--) {
        const x = a.items[i] as Value;
        const y = b.items[i] as Value;
        if (typeof x === "object" && typeof y === "object") (pairs ??= new Pairs()).push(x, y);
        else if (x !== y) return false;
      }
    } else if (a instanceof MapValue) {
      if (!(b instanceof MapValue) || a.size !== b.size) return false;
      if (!compareEntries(a, b, (pairs ??= new Pairs()))) return false;
    } else if (a instanceof TinyObject) {
      if (!(b instanceof TinyObject) || a.fields.size !== b.fields.size) return false;
      if (!compareObjects(a, b, (pairs ??= new Pairs()))) return false;
    } else if (!equalLeaf(a as Leaf, b)) return false;

    if (pairs === undefined || pairs.left.length === 0) return true;
    a = pairs.left.pop() as Value;
    b = pairs.right.pop() as Value;
  }
}

/** Compares values that are no objects; the others wait. */
function compareParts(x: Value, y: Value, pairs: Pairs): boolean {
  if (typeof x !== "object" || typeof y !== "object") return x === y;
  pairs.push(x, y);
  return true;
}

/** False if b lacks one of a's keys. */
function compareEntries(a: MapValue, b: MapValue, pairs: Pairs): boolean {
  return forEachEntry(a, (key, value) => {
    const other = lookup(b, key);
    return other !== undefined && compareParts(value, other, pairs);
  });
}

function compareObjects(a: TinyObject, b: TinyObject, pairs: Pairs): boolean {
  for (const [name, value] of a.fields) {
    const other = b.fields.get(name);
    if (other === undefined || !compareParts(value, other, pairs)) return false;
  }
  return true;
}

type Leaf = Exclude<Value, string | number | bigint | boolean>;

/** Objects that hold no values of the language. */
function equalLeaf(a: Leaf, b: Value): boolean {
  if (a instanceof Closure || b instanceof Closure)
    return typeError("not comparable: functions cannot be compared with == (Function does not implement Eq)");
  if (a === b) return !(a instanceof Float32 && Number.isNaN(a.value));
  if (a instanceof Float) return b instanceof Float && a.value === b.value;
  if (a instanceof Char) return b instanceof Char && a.text === b.text;
  if (a instanceof Sized) return b instanceof Sized && a.kind === b.kind && a.value === b.value;
  if (a instanceof BigIntValue) return b instanceof BigIntValue && a.value === b.value;
  if (a instanceof Decimal) return b instanceof Decimal && a.scale === b.scale && a.coefficient === b.coefficient;
  if (a instanceof Float32) return b instanceof Float32 && a.value === b.value;
  if (a instanceof SetValue)
    return b instanceof SetValue && a.size === b.size && forEachEntry(a, (key) => lookup(b, key) !== undefined);
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
