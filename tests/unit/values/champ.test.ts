import fc from "fast-check";
import { Map as ImmutableMap } from "immutable";
import { describe, expect, test } from "vitest";
import { Raise } from "../../../vm/host/native.ts";
import {
  Buffer,
  Char,
  copyForSend,
  Data,
  display,
  EMPTY_MAP,
  EMPTY_SET,
  equalValues,
  forEachEntry,
  hashValue,
  insert,
  internType,
  lookup,
  MapBuilder,
  type MapValue,
  makeData,
  makeTuple,
  remove,
  showNested,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";

/** All of these have the same hash (their fields do not count), so they meet in collision nodes. */
const colliding = internType({
  sort: "record",
  module: "t",
  type: "Box",
  name: "Box",
  arity: 1,
  fieldNames: ["n"],
  tag: 0,
  isMutable: true,
});

const key: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: -40, max: 40 }),
  fc.integer(),
  fc.integer({ min: 0, max: 30 }).map((n) => n * 2 ** 32),
  fc.integer({ min: 0, max: 30 }).map((n) => n * 32 ** 4),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 60n + 20n }),
  fc.string({ maxLength: 2 }),
  fc.boolean(),
  fc.constant(UNIT),
  fc.constantFrom("a", "b").map((c) => new Char(c)),
  fc.tuple(fc.nat(5), fc.string({ maxLength: 1 })).map((items) => makeTuple(items)),
  fc.nat(12).map((n) => makeData(colliding, [n])),
);
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key, value: fc.option(fc.nat(3), { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.record({ key, value: fc.constant(undefined) }) },
);

function entries(map: MapValue): [Value, Value][] {
  const list: [Value, Value][] = [];
  forEachEntry(map, (k, v) => {
    list.push([k, v]);
    return true;
  });
  return list;
}

/** Keys of all kinds as keys of the oracle. */
const nameOf = (k: Value): string => `${k instanceof Data ? "box" : typeof k} ${showNested(k)}`;

describe("maps do what the library immutable does", () => {
  test("any changes: lookup, size, entries, old versions", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
        let map = EMPTY_MAP;
        let model = ImmutableMap<string, number>();
        const versions: [MapValue, typeof model][] = [];
        for (const { key: k, value } of changes) {
          versions.push([map, model]);
          map = value === undefined ? remove(map, k) : insert(map, k, value);
          model = value === undefined ? model.remove(nameOf(k)) : model.set(nameOf(k), value);
          expect(map.size).toBe(model.size);
          expect(lookup(map, k)).toBe(value);
        }
        for (const [version, itsModel] of [...versions.filter((_, i) => i % 10 === 0), [map, model] as const]) {
          const found = entries(version);
          expect(found.length).toBe(itsModel.size);
          for (const [k, v] of found) expect(itsModel.get(nameOf(k))).toBe(v);
          for (const [k, v] of found) expect(lookup(version, k)).toBe(v);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("equal maps are built alike: any order of insertion, with detours, and in one go", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 60, selector: nameOf }),
        fc.array(key, { maxLength: 30 }),
        fc.nat(),
        (keys, others, turn) => {
          const straight = keys.reduce((map: MapValue, k, i) => insert(map, k, i), EMPTY_MAP);
          const at = keys.length === 0 ? 0 : turn % keys.length;
          const turned = [...keys.keys()].map((i) => (i + at) % keys.length).reverse();
          const names = new Set(keys.map(nameOf));
          const detours = others.filter((k) => !names.has(nameOf(k)));
          let detoured = detours.reduce((map: MapValue, k) => insert(map, k, 0), EMPTY_MAP);
          for (const i of turned) detoured = insert(detoured, keys[i] as Value, i);
          for (const k of detours) detoured = remove(detoured, k);
          const builder = new MapBuilder(EMPTY_MAP);
          for (const i of turned) builder.set(keys[i] as Value, i);
          const built = builder.finish();
          for (const other of [detoured, built]) {
            expect(other.root).toEqual(straight.root);
            expect(equalValues(other, straight)).toBe(true);
            expect(hashValue(other)).toBe(hashValue(straight));
            expect(display(other)).toBe(display(straight));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a change that changes nothing gives the same map", () => {
    for (const size of [3, 8, 9, 500]) {
      let map = EMPTY_MAP;
      for (let i = 0; i < size; i++) map = insert(map, i, "v");
      expect(insert(map, 1, "v")).toBe(map);
      expect(remove(map, -1)).toBe(map);
      expect(copyForSend(map).value).toBe(map);
    }
  });

  test("a copy has new values for what is mutable, and leaves the old map alone", () => {
    for (const size of [5, 100]) {
      let map = EMPTY_MAP;
      const buffer = new Buffer("old");
      for (let i = 0; i < size; i++) map = insert(map, i, i === 3 ? buffer : `v${i}`);
      const other = copyForSend(map).value as typeof map;
      expect(lookup(other, 3)).toEqual(buffer);
      expect(lookup(other, 3)).not.toBe(buffer);
      expect(lookup(map, 3)).toBe(buffer);
      expect(display(remove(other, 3))).toBe(display(remove(map, 3)));
    }
  });

  test("100,000 Ints and Strings in and out", () => {
    let map = EMPTY_MAP;
    for (let i = 0; i < 50_000; i++) map = insert(insert(map, i, i), `k${i}`, i);
    expect(map.size).toBe(100_000);
    for (let i = 0; i < 50_000; i++)
      if (lookup(map, i) !== i || lookup(map, `k${i}`) !== i) expect(lookup(map, i)).toBe(i);
    for (let i = 0; i < 50_000; i++) map = remove(map, `k${i}`);
    for (let i = 8; i < 50_000; i++) map = remove(map, i);
    expect(display(map)).toBe("%{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7}");
  });

  test("sets list by element text", () => {
    const set = ["b", "a", "c"].reduce((s, e) => insert(s, e, UNIT), EMPTY_SET);
    expect(display(set)).toBe('#{"a", "b", "c"}');
  });

  test("Floats, Lists, BigInts are no keys", () => {
    for (const bad of [1.5, EMPTY_MAP, EMPTY_SET]) expect(() => insert(EMPTY_MAP, bad, 1)).toThrow(Raise);
  });
});
