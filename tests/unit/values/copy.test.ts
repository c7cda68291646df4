import { describe, expect, test } from "vitest";
import { copyForSend, mayHoldMutables } from "../../../vm/values/copy.ts";
import {
  Buffer,
  Cell,
  Closure,
  type Cons,
  type Data,
  EMPTY_MAP,
  fieldAt,
  fieldsOf,
  insert,
  internType,
  listOf,
  lookup,
  type MapValue,
  makeData,
  makeTuple,
  Reactive,
  TinyObject,
  TypedArray,
  type Value,
} from "../../../vm/values/index.ts";
import { COUNTER } from "./samples.ts";

const WRAP = internType({
  sort: "variant",
  module: "",
  type: "Wrap",
  name: "Wrap",
  arity: 1,
  tag: 0,
  isMutable: false,
});
const copied = <T extends Value>(value: T): T => copyForSend(value).value as T;

describe("a copy for another process", () => {
  test("what holds nothing mutable is the same object", () => {
    const value = makeTuple([1, listOf([makeData(WRAP, ["x"])]), insert(EMPTY_MAP, 1, "v")]);
    expect(copied(value)).toBe(value);
    expect(mayHoldMutables(value)).toBe(false);
  });

  test("the mutable and the path to it are new; what lies beside the path is not", () => {
    const beside = makeTuple([1, 2]);
    const counter = makeData(COUNTER, [1]);
    const value = makeTuple([beside, listOf([makeData(WRAP, [counter])])]);
    const copy = copied(value);
    expect(mayHoldMutables(value)).toBe(true);
    expect(copy).not.toBe(value);
    expect(copy.a).toBe(beside);
    const inner = ((copy.b as Cons).head as Data).a as Data;
    inner.a = 99;
    expect(counter.a).toBe(1);
  });

  test("sharing is kept", () => {
    const array = new TypedArray("Int64Array", BigInt64Array.of(1n));
    const part = makeTuple([array]);
    const copy = copied(makeTuple([part, part, array]));
    expect(copy.a).toBe(copy.b);
    expect((copy.a as Data).a).toBe(fieldAt(copy, 2));
    expect(fieldAt(copy, 2)).not.toBe(array);
  });

  test("closures take their cells along; one that names itself too", () => {
    const cell = new Cell(5);
    const self = new Closure(1, 0, "f", [cell, 0]);
    self.captures[1] = self;
    const copy = copied(makeTuple([self, new Closure(2, 0, "", [cell])]));
    const [f, g] = fieldsOf(copy) as [Closure, Closure];
    expect(f.captures[1]).toBe(f);
    expect(f.captures[0]).toBe(g.captures[0]);
    (f.captures[0] as Cell).value = 6;
    expect(cell.value).toBe(5);
  });

  test("a cycle through a record and an immutable tuple", () => {
    const node = makeData(COUNTER, [0]);
    const pair = makeTuple([node, "x"]);
    node.a = pair;
    const copy = copied(pair);
    const newNode = copy.a as Data;
    expect(newNode).not.toBe(node);
    expect(newNode.a).toBe(copy);
  });

  test("maps with mutable values keep their shape; buffers and objects are copied, reactive records are not", () => {
    const reactive = new Reactive(1, COUNTER, [1]);
    for (const size of [3, 60]) {
      let map: MapValue = EMPTY_MAP;
      for (let i = 0; i < size; i++) map = insert(map, i, i === 2 ? new Buffer("b") : makeTuple([i]));
      const copy = copied(map);
      expect(lookup(copy, 1)).toBe(lookup(map, 1));
      expect(lookup(copy, 2)).not.toBe(lookup(map, 2));
      expect(copy.size).toBe(size);
    }
    const object = new TinyObject(
      new Map<string, Value>([
        ["a", new Buffer("b")],
        ["r", reactive],
      ]),
    );
    const copy = copied(object);
    expect(copy.fields.get("a")).not.toBe(object.fields.get("a"));
    expect(copy.fields.get("r")).toBe(reactive);
    expect(copied(reactive)).toBe(reactive);
  });

  test("a list of 300,000 records", () => {
    const list = listOf(Array.from({ length: 300_000 }, (_, i) => makeData(COUNTER, [i])));
    const copy = copied(list) as Cons;
    expect(copy.head).not.toBe((list as Cons).head);
    expect((copy.tail as Cons).head).toEqual(makeData(COUNTER, [1]));
  });
});
