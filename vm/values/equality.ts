/**
 * `==`: structural equality, without recursion, so data of any depth and length compares.
 *
 * Q1  NaN differs from itself, also inside data; -0.0 equals 0.0; values of different kinds differ (1 and 1.0 too).
 * Q2  Functions do not compare: meeting one raises TypeError (unless a difference was found before: numbers, texts and
 *     the like are looked at first). Pids, Refs, reactive records are equal when they are the same.
 * Q3  Cycles only pass through records of a `var type`. A pair of those met again is taken as equal: what could tell
 *     them apart is being compared already.
 */
import { Entries, lookup } from "./champ.ts";
import { fieldAt } from "./data.ts";
import { isSameConstructor } from "./data-types.ts";
import { typeError } from "./raise.ts";
import { type Meter, Step, settled, unmetered } from "./step.ts";
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
  type List,
  MapValue,
  Nil,
  Pid,
  Reactive,
  Ref,
  SetValue,
  Sized,
  TinyException,
  TinyObject,
  TypedArray,
  UNIT,
  type Value,
} from "./value.ts";

/** At once. @throws TypeError (Q2) */
export function equalValues(a: Value, b: Value): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b; // Q1 by itself: NaN !== NaN
  return settled(comparePairs(a, b, undefined, unmetered()));
}

/** As far as the meter goes. @throws TypeError (Q2) */
export function equalWithin(a: Value, b: Value, meter: Meter): boolean | Step<boolean> {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  return comparePairs(a, b, undefined, meter);
}

/** What is left to compare, in pairs; the next pair is on top. Made when the first pair has to wait. */
class Pairs extends Step<boolean> {
  readonly left: (Value | Many)[] = [];
  readonly right: Value[] = [];
  /** Pairs of mutable records met so far (Q3). */
  private readonly met = new Map<Data, Set<Data>>();

  push(a: Value | Many, b: Value): void {
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

  run(meter: Meter): boolean | undefined {
    const verdict = comparePairs(this.left.pop() as Value | Many, this.right.pop() as Value, this, meter);
    return typeof verdict === "boolean" ? verdict : undefined;
  }
}

/** Compares the first two, then all that waits, until the meter has run out: then what waits still is the answer. */
function comparePairs(first: Value | Many, second: Value, waiting: Pairs | undefined, meter: Meter): boolean | Pairs {
  let pairs = waiting;
  let a = first;
  let b = second;
  for (;;) {
    if (meter.left <= 0) {
      pairs ??= new Pairs();
      pairs.push(a, b);
      return pairs;
    }
    meter.left--;
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
      for (;;) {
        if (!(a instanceof Cons) || !(b instanceof Cons)) {
          if (a !== b) return false; // both NIL
          break;
        }
        if (typeof a.head === "object" && typeof b.head === "object") {
          pairs ??= new Pairs();
          pairs.push(a.tail, b.tail);
          pairs.push(a.head, b.head);
          break;
        }
        // elements that are no objects are compared on the way
        if (a.head !== b.head) return false;
        a = a.tail as List;
        b = b.tail as List;
        if (meter.left <= 0) {
          (pairs ??= new Pairs()).push(a, b);
          break;
        }
        meter.left--;
      }
    } else if (a instanceof MapValue || a instanceof SetValue) {
      if (a instanceof MapValue ? !(b instanceof MapValue) : !(b instanceof SetValue)) return false;
      if (a.size !== (b as MapValue).size) return false;
      (pairs ??= new Pairs()).push(new EntryPairs(a), b);
    } else if (a instanceof TypedArray || a instanceof IntList) {
      if (a instanceof TypedArray ? !(b instanceof TypedArray) || a.kind !== b.kind : !(b instanceof IntList))
        return false;
      if (a.items.length !== (b as IntList).items.length) return false;
      (pairs ??= new Pairs()).push(new ItemPairs(a.items), b);
    } else if (a instanceof TinyObject) {
      if (!(b instanceof TinyObject) || a.fields.size !== b.fields.size) return false;
      if (!compareObjects(a, b, (pairs ??= new Pairs()))) return false;
    } else if (a instanceof EntryPairs || a instanceof ItemPairs) {
      if (!a.compare(b, (pairs ??= new Pairs()), meter)) return false;
    } else if (!equalLeaf(a as Leaf, b)) return false;

    if (pairs === undefined || pairs.left.length === 0) return true;
    a = pairs.left.pop() as Value | Many;
    b = pairs.right.pop() as Value;
  }
}

/** What stands for many pairs at once. */
type Many = EntryPairs | ItemPairs;

/** The entries of a map or set, to be found in another. */
class EntryPairs {
  private readonly entries: Entries;

  constructor(collection: MapValue | SetValue) {
    this.entries = new Entries(collection);
  }

  /** Up to one whose values are objects, which then wait on top of the rest. @returns false: found a difference */
  compare(other: Value, pairs: Pairs, meter: Meter): boolean {
    const { entries } = this;
    while (entries.next()) {
      const { value } = entries;
      const found = lookup(other as MapValue, entries.key);
      if (found === undefined) return false;
      if (typeof value === "object" && typeof found === "object" && value !== UNIT) {
        pairs.push(this, other);
        pairs.push(value, found);
        return true;
      }
      if (value !== found) return false;
      if (meter.left <= 0) {
        pairs.push(this, other);
        return true;
      }
      meter.left--;
    }
    return true;
  }
}

/** So many numbers of an array count one: nothing is quicker to compare. */
const ITEMS_AT_ONCE = 16;

/** Two arrays of one kind and length. */
class ItemPairs {
  private readonly items: ArrayLike<unknown>;
  private at = 0;

  constructor(items: ArrayLike<unknown>) {
    this.items = items;
  }

  /** @returns false: found a difference */
  compare(other: Value, pairs: Pairs, meter: Meter): boolean {
    const { items } = this;
    const others: ArrayLike<unknown> = (other as IntList).items;
    while (this.at < items.length) {
      const end = Math.min(items.length, this.at + ITEMS_AT_ONCE);
      for (; this.at < end; this.at++) if (items[this.at] !== others[this.at]) return false;
      if (meter.left <= 0) {
        pairs.push(this, other);
        return true;
      }
      meter.left--;
    }
    return true;
  }
}

/** Compares values that are no objects; the others wait. */
function compareParts(x: Value, y: Value, pairs: Pairs): boolean {
  if (typeof x !== "object" || typeof y !== "object") return x === y;
  pairs.push(x, y);
  return true;
}

function compareObjects(a: TinyObject, b: TinyObject, pairs: Pairs): boolean {
  for (const [name, value] of a.fields) {
    const other = b.fields.get(name);
    if (other === undefined || !compareParts(value, other, pairs)) return false;
  }
  return true;
}

type Leaf = Exclude<Value, string | number | bigint | boolean>;

/** Objects that hold no values of the language, or few bytes. */
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
  if (a instanceof Pid) return b instanceof Pid && a.id === b.id;
  if (a instanceof Ref) return b instanceof Ref && a.id === b.id;
  if (a instanceof Reactive) return b instanceof Reactive && a.id === b.id;
  if (a instanceof Buffer) return b instanceof Buffer && a.text === b.text;
  if (a instanceof Bytes) return b instanceof Bytes && equalItems(a.bytes, b.bytes);
  if (a instanceof TinyException) return b instanceof TinyException && a.message === b.message;
  if (a instanceof Handle)
    return b instanceof Handle && a.kind === b.kind && a.id === b.id && a.resource === b.resource;
  return a instanceof Nil && b instanceof Nil;
}

function equalItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
