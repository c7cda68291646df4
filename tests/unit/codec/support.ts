/** Values of every kind with anything inside, shared and cyclic, and what it means that one is the copy of another. */
import fc from "fast-check";
import { CodeCell } from "../../../vm/interp/code-cell.ts";
import { emptyProgram, type GrowingProgram } from "../../../vm/interp/extend.ts";
import type { LinkedFunction } from "../../../vm/interp/program.ts";
import {
  BigIntValue,
  Buffer,
  Bytes,
  Cell,
  Char,
  Closure,
  Cons,
  Data,
  Decimal,
  EMPTY_MAP,
  EMPTY_SET,
  Float,
  Float32,
  fieldsOf,
  IntList,
  insert,
  internType,
  listOf,
  MapBuilder,
  MapValue,
  makeData,
  makeFloat,
  makeTuple,
  NONE_VALUE,
  NULL,
  Pid,
  Ref,
  type SetValue,
  Sized,
  SOME,
  structType,
  TinyException,
  TinyObject,
  TypedArray,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";
import { COUNTER, POINT } from "../values/samples.ts";

const NODE = internType({
  sort: "record",
  module: "graph",
  type: "Node",
  name: "Node",
  arity: 2,
  fieldNames: ["left", "right"],
  tag: 0,
  isMutable: true,
});
/** Not in the program: spelled out. */
const STRANGER = internType({
  sort: "variant",
  module: "x",
  type: "S",
  name: "Odd",
  arity: 2,
  tag: 3,
  isMutable: false,
});
const XY = structType(["x", "y"]);
const YX = structType(["y", "x"]);

/** Of a program, all that a codec looks at. */
export function codecProgram(): GrowingProgram {
  const program = emptyProgram();
  program.dataTypes.push(SOME, NONE_VALUE.type, POINT, COUNTER, NODE, XY);
  program.functions.push(...["f", "g", ""].map((name, index) => linkedFunction(index, name)));
  return program;
}

function linkedFunction(index: number, name: string): LinkedFunction {
  return {
    ...{ index, name, arity: index, captures: 0, slots: 0, size: 0, cost: 1, initialises: -1 },
    ...{ code: new Int32Array(0), places: new Int32Array(0), regions: [], regionRuns: new Int32Array(0) },
    ...{ inlinedCalls: [], inlinedRuns: new Int32Array(0) },
    depths: undefined,
    closure: new Closure(index, index, name, []),
    ...{ paramKinds: [], resultKind: "any", cell: new CodeCell(1) },
  };
}

export const PROGRAM = codecProgram();

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", minLength: 20, maxLength: 80 }),
  fc.constantFrom("", "ok", "ÿ", "Ā", "é".repeat(40), "😀".repeat(20), "long ".repeat(80)),
);
const int: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: -70, max: 70 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1),
);
const sized = fc
  .tuple(
    fc.constantFrom("Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64"),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  )
  .map(([kind, bits]) => {
    const width = Number(/\d+/.exec(kind)![0]);
    return new Sized(kind, kind.startsWith("U") ? BigInt.asUintN(width, bits) : BigInt.asIntN(width, bits));
  });
const key: fc.Arbitrary<Value> = fc.oneof(
  int,
  text,
  sized,
  fc.boolean(),
  fc.nat(99).map((id) => new Pid(id)),
  // all of these hash alike
  fc.nat(30).map((n) => makeData(COUNTER, [n])),
  fc.tuple(fc.nat(5), text).map((items) => makeTuple(items)),
);

/** Kinds that hold no others. */
export const leaf: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: int },
  { weight: 2, arbitrary: text },
  { weight: 1, arbitrary: sized },
  {
    weight: 12,
    arbitrary: fc.oneof(
      fc.double().map(makeFloat),
      fc.float().map((n) => new Float32(n)),
      fc.bigInt().map((n) => new BigIntValue(n)),
      fc.bigInt({ min: -(2n ** 3000n), max: 2n ** 3000n }).map((n) => new BigIntValue(n)),
      fc.tuple(fc.bigInt(), fc.nat(300)).map(([n, scale]) => new Decimal(n * 10n + 1n, scale)),
      fc.boolean(),
      fc.constantFrom("a", "ÿ", "ж", "😀").map((c) => new Char(c)),
      fc.maxSafeNat().map((id) => new Pid(id)),
      fc.maxSafeNat().map((id) => new Ref(id)),
      fc.constantFrom<Value>(UNIT, NULL, NONE_VALUE, listOf([]), EMPTY_MAP, EMPTY_SET, makeTuple([]), new Float(-0)),
      fc.nat(2).map((index) => PROGRAM.functions[index]!.closure),
      fc
        .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
        .map((items) => new IntList(BigInt64Array.from(items))),
      fc.uint8Array().map((bytes) => new Bytes(bytes)),
      fc.tuple(text, fc.array(text, { maxLength: 3 })).map(([message, trace]) => new TinyException(message, trace)),
      fc.array(fc.maxSafeInteger()).map((items) => new TypedArray("Int64Array", BigInt64Array.from(items, BigInt))),
      fc.float64Array().map((items) => new TypedArray("Float64Array", items)),
      fc.float32Array().map((items) => new TypedArray("Float32Array", items)),
      text.map((held) => new Buffer(held)),
    ),
  },
);

/** What one step makes of values that are there already; numbers are taken modulo how many there are. */
type Step = { readonly make: number; readonly parts: readonly number[]; readonly keys: readonly Value[] };
const step: fc.Arbitrary<Step> = fc.record({
  make: fc.nat(15),
  parts: fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
  keys: fc.array(key, { minLength: 1, maxLength: 40 }),
});

/** Any value: steps over leaves, each using what was made before, then records and cells that are turned to anything. */
export const value: fc.Arbitrary<Value> = fc
  .record({
    leaves: fc.array(leaf, { minLength: 1, maxLength: 8 }),
    steps: fc.array(step, { maxLength: 30 }),
    turns: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }),
    roots: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  })
  .map(({ leaves, steps, turns, roots }) => {
    const made: Value[] = [...leaves];
    const at = (number: number): Value => made[number % made.length]!;
    for (const each of steps) made.push(build(each, at));
    const places = made.filter(
      (v) => v instanceof Cell || (v instanceof Data && v.type.isMutable) || v instanceof Closure,
    );
    for (const [place, target] of turns) {
      if (places.length === 0) break;
      const turned = places[place % places.length]!;
      if (turned instanceof Cell) turned.value = at(target);
      else if (turned instanceof Data) turned.a = at(target);
      else if (turned instanceof Closure && turned.captures.length > 0) turned.captures[0] = at(target);
    }
    const last = made[made.length - 1]!;
    return roots.length === 1 ? last : makeTuple([...roots.map(at), last]);
  });

function build({ make, parts, keys }: Step, at: (number: number) => Value): Value {
  const [first, second] = [at(parts[0]!), at(parts[parts.length - 1]!)];
  const all = parts.map(at);
  switch (make) {
    case 0:
      return makeTuple(all);
    case 1:
    case 2:
      return listOf(all, first instanceof Cons ? first : listOf([]));
    case 3:
      return makeData(SOME, [first]);
    case 4:
      return makeData(POINT, [first, second]);
    case 5:
      return makeData(STRANGER, [first, second]);
    case 6:
      return makeData(parts.length % 2 === 0 ? XY : YX, [first, second]);
    case 7:
      return makeData(NODE, [first, second]);
    case 8:
      return makeData(COUNTER, [first]);
    case 9:
      return new Cell(first);
    case 10:
      return new Cell(undefined);
    case 11:
      return new Closure(1, 1, "g", all);
    case 12:
      return keys.reduce<MapValue>((map, k, i) => insert(map, k, at(i)), EMPTY_MAP);
    case 13:
      return keys.reduce<SetValue>((set, k) => insert(set, k, UNIT), EMPTY_SET);
    case 14:
      return new TinyObject(new Map(parts.map((number, i) => [`k${number}`, all[i]!])));
    default: {
      // most of its nodes are those of the map that it was made from
      const map = all.find((v) => v instanceof MapValue) ?? bigMap();
      return insert(map, keys[0]!, first);
    }
  }
}

function bigMap(): MapValue {
  const builder = new MapBuilder(EMPTY_MAP);
  for (let i = 0; i < 100; i++) builder.set(i * 32, i);
  return builder.finish();
}

/**
 * Whether `copy` is what a copy of `original` has to be: alike down to types, kinds, the order of fields and the nodes of
 * maps; no mutable object is shared between both; what is one mutable object or closure there is one here.
 * @returns the first difference, as words
 */
export function difference(original: Value, copy: Value): string | undefined {
  const copies = new Map<unknown, unknown>();
  const originals = new Map<unknown, unknown>();
  const seen = new Map<unknown, Set<unknown>>();
  const todo: [unknown, unknown][] = [[original, copy]];
  while (todo.length > 0) {
    const [a, b] = todo.pop()!;
    if (typeof a !== "object" || a === null) {
      if (!Object.is(a, b) && !(typeof a === "function" && a === b)) return `${String(a)} became ${String(b)}`;
      continue;
    }
    if (typeof b !== "object" || b === null) return `${a.constructor.name} became ${String(b)}`;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${a.constructor.name}: ${b.constructor.name}`;
    if (isOwnIdentity(a)) {
      if (a === b) return `${a.constructor.name} was not copied`;
      if (copies.get(a) !== originals.get(b) && copies.get(a) !== b) return "one became two";
      if ((copies.has(a) && copies.get(a) !== b) || (originals.has(b) && originals.get(b) !== a))
        return "not one to one";
      copies.set(a, b);
      originals.set(b, a);
    }
    const partners = seen.get(a);
    if (partners?.has(b)) continue;
    if (partners === undefined) seen.set(a, new Set([b]));
    else partners.add(b);
    if (a instanceof Data) {
      if (a.type !== (b as Data).type) return `type ${a.type.name}`;
      todo.push([fieldsOf(a), fieldsOf(b as Data)]);
    } else if (a instanceof Cons) todo.push([a.head, (b as Cons).head], [a.tail, (b as Cons).tail]);
    else if (a instanceof Map)
      todo.push([
        [...a.keys(), ...a.values()],
        [...(b as typeof a).keys(), ...(b as typeof a).values()],
      ]);
    else {
      const names = Object.keys(a);
      if (Object.keys(b).join() !== names.join()) return `${a.constructor.name}: other properties`;
      if (Array.isArray(a) && a.length !== (b as unknown[]).length) return "other length";
      for (const name of names) todo.push([a[name as never], b[name as never]]);
    }
  }
  return undefined;
}

/** Whether `==` is defined on all of it, and true with itself: no function, no cell, no NaN. */
export function comparesToItself(value: Value): boolean {
  const seen = new Set<unknown>();
  const todo: unknown[] = [value];
  while (todo.length > 0) {
    const next = todo.pop();
    if (next instanceof Closure || next instanceof Cell || Number.isNaN(next)) return false;
    if (next instanceof Float32Array || next instanceof Float64Array) {
      if (next.some(Number.isNaN)) return false;
      continue;
    }
    if (typeof next !== "object" || next === null || seen.has(next) || ArrayBuffer.isView(next)) continue;
    if ((next instanceof Float32 || next instanceof Float) && Number.isNaN(next.value)) return false;
    seen.add(next);
    if (next instanceof Data) todo.push(fieldsOf(next));
    else todo.push(...(next instanceof Map ? next.values() : Object.values(next)));
  }
  return true;
}

function isOwnIdentity(value: object): boolean {
  return (
    value instanceof Cell ||
    value instanceof TypedArray ||
    value instanceof Buffer ||
    (value instanceof Closure && value.captures.length > 0) ||
    (value instanceof Data && value.type.isMutable)
  );
}

export { COUNTER, NODE, POINT };
