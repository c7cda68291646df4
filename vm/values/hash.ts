/**
 * Hashes: 32 bits, the same in every run and worker, so that maps list alike everywhere.
 *
 * The trick: a structure is read as a stream of numbers (its constructor, then its parts), and one running hash takes them
 * all; so data of any depth needs an explicit stack and nothing else.
 *
 * H1  Equal values hash equally. Of what can change later (fields of `var type` records, typed arrays, buffers) only the
 *     kind counts.
 * H2  Only some kinds are keys: unit, Bool, Char, Ints of every width, String, Pid, Ref, and tuples, records and variants
 *     of those. Others raise TypeError in hashKey.
 */

import { floatText } from "../bytecode/float-text.ts";
import { Entries } from "./champ.ts";
import { fieldAt } from "./data.ts";
import { typeName } from "./kind.ts";
import { typeError } from "./raise.ts";
import { complete, type Meter, Step, textUnits } from "./step.ts";
import { hashText, mix32 } from "./text.ts";
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
  Null,
  Pid,
  Reactive,
  Ref,
  SetValue,
  Sized,
  TinyException,
  TinyObject,
  TypedArray,
  Unit,
  type Value,
} from "./value.ts";

/** Of a key. Ints of 32 bits hash to themselves: no two collide, and small maps of them list in order. */
export function hashKey(key: Value): number {
  if (typeof key === "number") {
    const low = key | 0;
    if (low === key) return low;
  } else if (typeof key === "string") return hashText(key);
  else if (key instanceof Data) {
    const hash = hashNested(HASH_SEED, key, MOST_NESTED);
    if (hash !== undefined) return mix32(hash);
  }
  return hashStructure(key, true);
}

/** Keys nest seldom, and never for long: so far down they are hashed by recursion. */
const MOST_NESTED = 8;

/** `hash` with all of a key taken in, as Hashing does; undefined: it nests too deep. */
function hashNested(hash: number, key: Value, nesting: number): number | undefined {
  if (!(key instanceof Data)) return take(hash, hashLeaf(key, true));
  if (nesting === 0) return undefined;
  const { type } = key;
  let taken: number | undefined = take(hash, type.hash);
  if (type.isMutable) return taken; // H1
  for (let i = 0; i < type.arity && taken !== undefined; i++)
    taken = hashNested(taken, fieldAt(key, type.sorted[i] as number) as Value, nesting - 1);
  return taken;
}

/** Of any value but functions. @throws TypeError */
export function hashValue(value: Value): number {
  return typeof value === "string" ? hashText(value) : hashStructure(value, false);
}

function hashStructure(first: Value, isKey: boolean): number {
  return complete(new Hashing(first, isKey));
}

/** `hashValue` as far as the meter goes. @throws TypeError */
export function hashWithin(value: Value, meter: Meter): number | Step<number> {
  if (typeof value === "string") {
    meter.left -= textUnits(value.length);
    return hashText(value);
  }
  const hashing = new Hashing(value, false);
  return hashing.run(meter) ?? hashing;
}

const HASH_SEED = 0x2545f491;

class Hashing extends Step<number> {
  private readonly todo: (Value | Keys)[];
  private readonly isKey: boolean;
  private hash = HASH_SEED;

  constructor(value: Value, isKey: boolean) {
    super();
    this.todo = [value];
    this.isKey = isKey;
  }

  run(meter: Meter): number | undefined {
    const { todo, isKey } = this;
    let { hash } = this;
    while (todo.length > 0) {
      if (meter.left <= 0) {
        this.hash = hash;
        return undefined;
      }
      meter.left--;
      const value = todo.pop() as Value | Keys;
      if (value instanceof Data) {
        hash = take(hash, value.type.hash);
        if (value.type.isMutable) continue; // H1
        for (let i = value.type.arity - 1; i >= 0; i--)
          todo.push(fieldAt(value, value.type.sorted[i] as number) as Value);
      } else if (value instanceof Cons && !isKey) {
        hash = take(hash, 0x1157);
        todo.push(value.tail, value.head);
      } else if ((value instanceof MapValue || value instanceof SetValue) && !isKey) todo.push(new Keys(value));
      else if (value instanceof Keys) {
        const sum = value.add(meter);
        if (sum === undefined) todo.push(value);
        else hash = take(hash, sum);
      } else hash = take(hash, hashLeaf(value, isKey));
    }
    return mix32(hash);
  }
}

/** Of a collection: the order of entries that collide says nothing, so their hashes are added; values are left out. */
class Keys {
  private readonly entries: Entries;
  private sum: number;

  constructor(collection: MapValue | SetValue) {
    this.entries = new Entries(collection);
    this.sum = collection instanceof MapValue ? 0x3505 : 0x3506;
  }

  add(meter: Meter): number | undefined {
    while (this.entries.next()) {
      this.sum = (this.sum + mix32(hashKey(this.entries.key))) | 0;
      if (meter.left <= 0) return undefined;
      meter.left--;
    }
    return this.sum;
  }
}

function take(hash: number, token: number): number {
  const mixed = hash ^ Math.imul(token, 0xcc9e2d51 | 0);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function hashLeaf(value: Value, isKey: boolean): number {
  switch (typeof value) {
    case "string":
      return hashText(value);
    case "boolean":
      return value ? 0x3501 : 0x3500;
    case "bigint":
      return hashPair(Number(BigInt.asIntN(32, value)), Number(value >> 32n));
    case "number":
      if (Number.isInteger(value)) return hashPair(value | 0, Math.floor(value / 2 ** 32));
      return isKey ? refuse(value) : hashText(floatText(value));
  }
  if (value instanceof Unit) return 0x3502;
  if (value instanceof Char) return mix32((value.text.codePointAt(0) ?? 0) + 0x3503);
  if (value instanceof Pid) return mix32(value.id + 0x9d1);
  if (value instanceof Ref) return mix32(value.id + 0x4ef);
  if (value instanceof Sized)
    return hashText(value.kind) ^ hashPair(Number(BigInt.asIntN(32, value.value)), Number(value.value >> 32n));
  if (isKey) return refuse(value);
  if (value instanceof Nil) return 0x3504;
  if (value instanceof Float) return hashText(floatText(value.value + 0)); // -0.0 equals 0.0
  if (value instanceof Float32) return hashText(floatText(value.value + 0)) + 1;
  if (value instanceof BigIntValue) return hashText(value.value.toString(16));
  if (value instanceof Decimal) return hashText(value.coefficient.toString(16)) + value.scale;
  if (value instanceof TypedArray) return hashText(value.kind);
  if (value instanceof Buffer) return 0x3507;
  if (value instanceof IntList) return hashText(value.items.join());
  if (value instanceof Bytes) return hashText(value.bytes.join());
  if (value instanceof Reactive) return mix32(value.id + 0xeac);
  if (value instanceof Null) return 0x3508;
  if (value instanceof TinyObject) {
    let sum = 0x3509;
    for (const name of value.fields.keys()) sum = (sum + hashText(name)) | 0;
    return sum;
  }
  if (value instanceof TinyException) return hashText(value.message);
  if (value instanceof Handle) return hashText(value.kind + value.id);
  if (value instanceof Closure) return typeError("Function does not implement Hash");
  return 0x350a;
}

function hashPair(low: number, high: number): number {
  return mix32(low ^ mix32((high | 0) + 0x3af));
}

function refuse(value: Value): never {
  return typeError(`${typeName(value)} does not implement Hash: it cannot be a key of a Map or an element of a Set`);
}
