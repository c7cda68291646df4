import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, Reader, Writer } from "../../../vm/codec/index.ts";
import { SORTS, WIRE } from "../../../vm/codec/wire.ts";
import { InvariantBroken } from "../../../vm/process/invariant.ts";
import {
  Cell,
  Closure,
  Cons,
  type Data,
  EMPTY_MAP,
  equalValues,
  fieldsOf,
  Handle,
  insert,
  listOf,
  lookup,
  MapBuilder,
  makeData,
  makeTuple,
  mayHoldMutables,
  Reactive,
  SOME,
  showNested,
  showResult,
  structType,
  Buffer as TextBuffer,
  TypedArray,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";
import { samples } from "../values/samples.ts";
import { COUNTER, comparesToItself, difference, NODE, POINT, PROGRAM, value } from "./support.ts";

const context = { program: PROGRAM };

function bytesOf(v: Value): Uint8Array {
  const writer = new Writer();
  expect(encode(writer, v, context)).toBeUndefined();
  return writer.take();
}

function trip<T extends Value>(v: T): T {
  const reader = new Reader(bytesOf(v));
  const copy = decode(reader, context);
  expect(reader.isAtEnd).toBe(true);
  expect(reader.holdsMutables).toBe(mayHoldMutables(v));
  return copy as T;
}

/** They are the same exactly when both are alike; what compares values one by one takes its time for large ones. */
function expectSameBytes(a: Value, b: Value): void {
  expect(Buffer.compare(bytesOf(a), bytesOf(b))).toBe(0);
}

/** undefined when the values do not compare */
function equality(a: Value, b: Value): boolean | undefined {
  try {
    return equalValues(a, b);
  } catch {
    return undefined;
  }
}

describe("what arrives is what was sent", () => {
  const staying = ["Reactive", "Connection", "Stream", "Future"];
  const travelling = samples().filter(({ kind }) => !staying.includes(kind) && kind !== "Function");

  test.each(travelling.map((sample) => [`${sample.kind} ${sample.display}`, sample] as const))("%s", (_, sample) => {
    const copy = trip(sample.value);
    expect(showResult(copy)).toBe(showResult(sample.value));
    expect(equality(copy, sample.value)).toBe(equality(sample.value, sample.value));
    expect(difference(sample.value, copy)).toBeUndefined();
  });

  test("any value, nested, shared and cyclic, as it is, in a row with others, and into another worker's program", () => {
    fc.assert(
      fc.property(value, value, (first, second) => {
        for (const v of [first, second, makeTuple([first, second, first])]) {
          const copy = trip(v);
          expect(difference(v, copy)).toBeUndefined();
          expect(showNested(copy)).toBe(showNested(v));
          if (comparesToItself(v)) expect(equalValues(v, copy)).toBe(true);
        }
        const writer = new Writer();
        encode(writer, first, context);
        writer.writeText("between");
        encode(writer, second, context);
        const reader = new Reader(writer.bytes);
        expect(difference(first, decode(reader, context))).toBeUndefined();
        expect(reader.readText()).toBe("between");
        expect(difference(second, decode(reader, context))).toBeUndefined();
        // types that the other side knows under other numbers are not what this is about; more of them are
        PROGRAM.dataTypes.push(structType([`f${PROGRAM.dataTypes.length}`]));
      }),
      { numRuns: 300 },
    );
  });

  test("maps go on as maps: lookups, insertions, canonical order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(fc.integer(), fc.string()), { maxLength: 200 }), (keys) => {
        let map = EMPTY_MAP;
        for (const key of keys) map = insert(map, key, makeTuple([key]));
        const copy = trip(map);
        for (const key of keys) expect(lookup(copy, key)).toEqual(makeTuple([key]));
        const one = insert(copy, "new", 1);
        expect(showNested(one)).toBe(showNested(insert(map, "new", 1)));
        expect(equalValues(one, insert(map, "new", 1))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("sharing", () => {
  test("a change through one alias is seen through the other, and not by the sender", () => {
    const counter = makeData(COUNTER, [1]);
    const array = new TypedArray("Int64Array", BigInt64Array.of(1n));
    const cell = new Cell(1);
    const buffer = new TextBuffer("a");
    const closures = [new Closure(1, 1, "g", [cell]), new Closure(1, 1, "g", [cell])] as const;
    const value = makeTuple([counter, listOf([counter]), array, makeData(SOME, [array]), ...closures, buffer, buffer]);
    const [c, cs, a, as, f, g, b, b2] = fieldsOf(trip(value)) as [
      Data,
      Cons,
      TypedArray,
      Data,
      Closure,
      Closure,
      TextBuffer,
      TextBuffer,
    ];
    c.a = 2;
    expect((cs.head as Data).a).toBe(2);
    a.items[0] = 2n;
    expect((as.a as TypedArray).items[0]).toBe(2n);
    (f.captures[0] as Cell).value = 2;
    expect((g.captures[0] as Cell).value).toBe(2);
    b.text += "b";
    expect(b2.text).toBe("ab");
    expect([counter.a, array.items[0], cell.value, buffer.text]).toEqual([1, 1n, 1, "a"]);
  });

  test("a list that is shared and a list that goes on in another", () => {
    const tail = listOf(Array.from({ length: 500 }, (_, i) => makeData(COUNTER, [i])));
    const longer = listOf([1, 2, 3], tail);
    const copy = trip(makeTuple([tail, longer, tail]));
    expect(difference(makeTuple([tail, longer, tail]), copy)).toBeUndefined();
    expect(bytesOf(makeTuple([tail, longer, tail])).length).toBeLessThan(1.5 * bytesOf(tail).length);
  });

  test("doubling: 20,000 levels, each twice the one below, are written about once", () => {
    for (const twice of [
      (v: Value) => makeTuple([v, v]),
      (v: Value) => listOf([v, v, v]),
      (v: Value) => new Cons(v, v instanceof Cons ? v : listOf([v])),
      (v: Value) => makeData(POINT, [v, v]),
      (v: Value) => insert(insert(EMPTY_MAP, 1, v), 2, v),
    ]) {
      let v: Value = makeTuple([1]);
      for (let i = 0; i < 20_000; i++) v = twice(v);
      const bytes = bytesOf(v);
      expect(bytes.length).toBeLessThan(800_000);
      decode(new Reader(bytes), context);
    }
  });

  test("versions of one map share their nodes on the wire", () => {
    const builder = new MapBuilder(EMPTY_MAP);
    for (let i = 0; i < 20_000; i++) builder.set(i, i);
    const versions: Value[] = [builder.finish()];
    for (let i = 0; i < 100; i++) versions.push(insert(versions[i] as typeof EMPTY_MAP, i * 7, "changed"));
    const v = listOf(versions);
    const bytes = bytesOf(v);
    expect(bytes.length).toBeLessThan(4 * bytesOf(versions[0]!).length);
    expect(difference(v, decode(new Reader(bytes), context))).toBeUndefined();
  });

  test("a long text that comes a thousand times is written once", () => {
    const long = "long text ".repeat(1000);
    const copy = trip(listOf(Array.from({ length: 1000 }, () => long)));
    expect(bytesOf(copy).length).toBeLessThan(20_000);
    expect((copy as Cons).head).toBe(long);
  });
});

describe("cycles", () => {
  test("through a record, with a tuple, a list, a map and a closure on the way", () => {
    const node = makeData(NODE, [0, 0]);
    node.a = makeTuple([node, listOf([1, node]), insert(EMPTY_MAP, "k", node)]);
    const closure = new Closure(1, 1, "g", [node, 0]);
    closure.captures[1] = closure;
    node.b = closure;
    for (const root of [node, closure, node.a, listOf([closure, node])])
      expect(difference(root, trip(root))).toBeUndefined();
    expect(showNested(trip(node))).toBe(showNested(node));
  });

  test("a map with a key that holds the map", () => {
    const key = makeData(COUNTER, [0]);
    const map = insert(insert(EMPTY_MAP, key, 1), 5, 2);
    key.a = map;
    const copy = trip(map);
    expect(difference(map, copy)).toBeUndefined();
    expect(lookup(copy, 5)).toBe(2);
  });
});

describe("large ones", () => {
  test.each<[string, () => Value]>([
    ["a list of a million", () => listOf(Array.from({ length: 1_000_000 }, (_, i) => i * 3))],
    [
      "a list of 300,000 mutable records",
      () => listOf(Array.from({ length: 300_000 }, (_, i) => makeData(COUNTER, [i]))),
    ],
    ["a text of 3 MB", () => "abc".repeat(1_000_000)],
    ["a wide text of a million units", () => "aж".repeat(500_000)],
    ["a rope", () => Array.from({ length: 200_000 }, (_, i) => String(i)).reduce((a, b) => a + b, "")],
    [
      "a typed array of 8 MB",
      () =>
        new TypedArray(
          "Float64Array",
          Float64Array.from({ length: 1_000_000 }, (_, i) => i / 3),
        ),
    ],
    [
      "a map of 100,000",
      () => {
        const builder = new MapBuilder(EMPTY_MAP);
        for (let i = 0; i < 100_000; i++) builder.set(`key ${i}`, i);
        return builder.finish();
      },
    ],
  ])("%s", (_, make) => {
    const v = make();
    expectSameBytes(trip(v), v);
  });

  test.each<[string, (inner: Value) => Value, depth?: number]>([
    ["a variant", (inner) => makeData(SOME, [inner])],
    ["a variant with something behind", (inner) => makeTuple([inner, 1])],
    ["a list", (inner) => listOf([inner])],
    ["a record that can be changed", (inner) => makeData(COUNTER, [inner]), 200_000],
    ["a closure", (inner) => new Closure(1, 1, "g", [inner]), 200_000],
  ])("%s in itself, a million deep (200,000 where each is remembered)", (_, around, depth = 1_000_000) => {
    let v: Value = UNIT;
    for (let i = 0; i < depth; i++) v = around(v);
    expectSameBytes(decode(new Reader(bytesOf(v)), context), v);
  });
});

describe("what stays is refused, and the writer is as before", () => {
  const reactive = new Reactive(1, COUNTER, [1]);
  test.each<[string, Value, string]>([
    ["Reactive", reactive, "Counter"],
    ["Connection", new Handle("Connection", "c"), "Connection"],
    ["Stream", new Handle("Stream", "c"), "Stream"],
    ["Future", new Handle("Future", "c"), "Future"],
  ])("%s, anywhere in a value", (kind, handle, name) => {
    fc.assert(
      fc.property(value, value, fc.nat(5), (before, beside, place) => {
        const writer = new Writer();
        encode(writer, before, context);
        const length = writer.length;
        const bytes = writer.bytes.slice();
        const around = [
          handle,
          makeTuple([beside, handle]),
          listOf([beside, handle, beside]),
          insert(EMPTY_MAP, 1, makeData(SOME, [handle])),
          new Closure(1, 1, "g", [new Cell(handle)]),
          makeData(NODE, [beside, listOf([handle])]),
        ];
        expect(encode(writer, around[place]!, context)).toEqual({ reason: "stays", kind, name });
        expect(writer.length).toBe(length);
        expect(Buffer.compare(writer.bytes, bytes)).toBe(0);
        encode(writer, beside, context);
        const reader = new Reader(writer.bytes);
        decode(reader, context);
        expect(difference(beside, decode(reader, context))).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test("a value that no buffer holds", () => {
    const writer = new Writer(10_000);
    encode(writer, "first", context);
    const { length } = writer;
    for (const v of ["x".repeat(9_999), "ж".repeat(5_000), listOf(Array.from({ length: 5_000 }, () => 1000))])
      expect(encode(writer, v, context)).toEqual({ reason: "too-long" });
    expect(writer.length).toBe(length);
    expect(encode(writer, "second", context)).toBeUndefined();
  });
});

describe("bytes that are not what a writer wrote", () => {
  test("a type of more fields than there are bytes is refused before places are made for them", () => {
    const writer = new Writer();
    writer.writeU8(WIRE.STRUCT);
    writer.writeVarUint(1); // the first type that is spelled out
    writer.writeU8(SORTS.indexOf("struct"));
    for (const text of ["", "", ""]) writer.writeText(text); // module, type, name
    writer.writeVarUint(2 ** 40); // arity
    writer.writeVarUint(0); // tag
    writer.writeU8(0); // mutable
    writer.writeU8(0); // named fields
    expect(() => decode(new Reader(writer.take()), context)).toThrow(InvariantBroken);
  });

  test("cut off anywhere: InvariantBroken", () => {
    fc.assert(
      fc.property(value, (v) => {
        const bytes = bytesOf(v);
        const stride = Math.max(1, Math.floor(bytes.length / 100));
        for (let end = 0; end < bytes.length; end += stride)
          expect(() => decode(new Reader(bytes.subarray(0, end)), context)).toThrow(InvariantBroken);
      }),
      { numRuns: 100 },
    );
  });

  test("changed anywhere: InvariantBroken or some value", () => {
    fc.assert(
      fc.property(value, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }), (v, changes) => {
        const bytes = bytesOf(v).slice();
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        try {
          decode(new Reader(bytes), context);
        } catch (problem) {
          expect(problem).toBeInstanceOf(InvariantBroken);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("numbers beside values", () => {
  test("varuints up to 2^53 - 1, and what is written in full", () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.integer(),
        fc.double(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (n, i, d, b) => {
          const writer = new Writer();
          writer.writeVarUint(n);
          writer.writeI32(i);
          writer.writeF64(d);
          writer.writeI64(b);
          writer.writeU8(n % 256);
          const reader = new Reader(writer.bytes);
          expect([reader.readVarUint(), reader.readI32(), reader.readF64(), reader.readI64(), reader.readU8()]).toEqual(
            [n, i, d, b, n % 256],
          );
        },
      ),
    );
  });

  test("a writer that was taken or reset is empty, and what was taken stays", () => {
    const writer = new Writer();
    encode(writer, "x".repeat(3_000_000), context);
    const taken = writer.take();
    expect(writer.length).toBe(0);
    encode(writer, 7, context);
    expect(decode(new Reader(taken), context)).toBe("x".repeat(3_000_000));
    writer.reset();
    expect(writer.bytes.length).toBe(0);
  });
});
