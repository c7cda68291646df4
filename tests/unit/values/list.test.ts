import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Counting,
  concatLists,
  dropFrom,
  elementAt,
  ListBuilder,
  lengthOf,
  listOf,
  reverseList,
  takeFrom,
  toArray,
  withElement,
} from "../../../vm/values/list.ts";
import { Cons, type List, NIL } from "../../../vm/values/value.ts";

const items = fc.array(fc.integer(), { maxLength: 80 });

describe("lists do what arrays do", () => {
  test("building, taking apart, joining, reversing", () => {
    fc.assert(
      fc.property(items, items, fc.nat(100), (a, b, n) => {
        const list = listOf(a);
        const builder = new ListBuilder();
        for (const item of a) builder.push(item);
        expect(toArray(builder.finish(listOf(b)))).toEqual([...a, ...b]);
        expect(toArray(concatLists(list, listOf(b)))).toEqual([...a, ...b]);
        expect(toArray(takeFrom(list, n))).toEqual(a.slice(0, n));
        expect(toArray(dropFrom(list, n))).toEqual(a.slice(n));
        expect(toArray(reverseList(list))).toEqual([...a].reverse());
        if (n < a.length) expect(toArray(withElement(list, n, "new"))).toEqual(a.map((x, i) => (i === n ? "new" : x)));
        expect(toArray(list)).toEqual(a);
        expect(lengthOf(concatLists(list, listOf(b)))).toBe(a.length + b.length);
        expect(lengthOf(concatLists(list, new Cons(0, listOf(b))))).toBe(a.length + 1 + b.length);
        expect(lengthOf(takeFrom(list, n))).toBe(Math.min(n, a.length));
        expect(lengthOf(reverseList(list))).toBe(a.length);
      }),
    );
  });

  // A run of prepends, tails, lengths and indexes in any order: what is noted must stay true (L1, L3, L4).
  const step = fc.oneof(
    fc.record({ do: fc.constant("prepend" as const), n: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ do: fc.constant("prepend" as const), n: fc.integer({ min: 100, max: 1500 }) }),
    fc.record({ do: fc.constant("tail" as const), n: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant("tail" as const), n: fc.integer({ min: 100, max: 500 }) }),
    fc.record({ do: fc.constant("length" as const), n: fc.constant(0) }),
    fc.record({ do: fc.constant("index" as const), n: fc.nat(200) }),
    fc.record({ do: fc.constant("index" as const), n: fc.nat(3000) }),
  );
  test("lengths and indexes stay true through prepends and tails on shared cells", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let list: List = NIL;
        let model: number[] = [];
        let next = 0;
        for (const { do: action, n } of steps) {
          if (action === "prepend") {
            const added: number[] = [];
            for (let i = 0; i < n; i++) {
              list = new Cons(next, list);
              added.unshift(next++);
            }
            model = [...added, ...model];
          } else if (action === "tail") {
            list = dropFrom(list, n);
            model = model.slice(n);
          } else if (action === "length") expect(lengthOf(list)).toBe(model.length);
          else expect(elementAt(list, n)).toBe(model[n]);
        }
        expect(lengthOf(list)).toBe(model.length);
        for (let i = 0; i < model.length; i += 7) expect(elementAt(list, i)).toBe(model[i]);
      }),
      { numRuns: 300 },
    );
  });

  /** How many cells are looked at before the length is known. */
  function looks(list: List): number {
    const meter = { left: 2 ** 30 };
    new Counting(list).run(meter);
    return 2 ** 30 - meter.left;
  }

  test("what has been counted is not counted again: any tail of it, and it with more in front of it (L4)", () => {
    let list: List = listOf(Array.from({ length: 50_000 }, (_, i) => i));
    expect(looks(list)).toBe(50_000);
    let left = 50_000;
    for (let cell = list; cell instanceof Cons; cell = cell.tail) {
      if (looks(cell) > 128) expect([left, looks(cell)]).toEqual([left, "at most 128"]);
      if (lengthOf(cell) !== left) expect(lengthOf(cell)).toBe(left);
      left--;
    }
    for (let i = 1; i <= 1_000; i++) {
      list = new Cons(-i, list);
      const looked = looks(list);
      if (looked > 128) expect(looked).toBe(128);
    }
    for (let i = 1; i <= 3_000; i++) list = new Cons(-i, list);
    expect(looks(list)).toBeLessThanOrEqual(3_000 + 1024 + 128);
    expect(lengthOf(list)).toBe(54_000);
    expect(looks(list)).toBe(0);
  });

  test("every index of a list of 100,000 elements, then after each of 1,000 prepends", () => {
    let list: List = listOf(Array.from({ length: 100_000 }, (_, i) => i));
    for (let i = 0; i < 100_000; i++) if (elementAt(list, i) !== i) expect(elementAt(list, i)).toBe(i);
    for (let i = 1; i <= 1_000; i++) {
      list = new Cons(-i, list);
      if (elementAt(list, 50_000 + i) !== 50_000) expect(elementAt(list, 50_000 + i)).toBe(50_000);
    }
    expect(elementAt(list, 101_000)).toBeUndefined();
  });
});
