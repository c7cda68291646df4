/** What is done in steps comes out the same, and costs the same, however long the steps are. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Raise } from "../../../vm/host/native.ts";
import { copying } from "../../../vm/values/copy.ts";
import { equalWithin } from "../../../vm/values/equality.ts";
import { hashWithin } from "../../../vm/values/hash.ts";
import {
  Buffer,
  Char,
  display,
  EMPTY_MAP,
  EMPTY_SET,
  equalValues,
  Float,
  hashValue,
  insert,
  internType,
  type List,
  listOf,
  type MapValue,
  makeData,
  makeTuple,
  showNested,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";
import { Counting, concatWithin, indexing, Prefix, Rest, Reversal } from "../../../vm/values/list.ts";
import { compareWithin } from "../../../vm/values/order.ts";
import { findLastSteps, findSteps, splitSteps } from "../../../vm/values/search.ts";
import { displayWithin, showBeginning, showingNested } from "../../../vm/values/show.ts";
import { sortNumbersSteps, sortSteps, totalOrder } from "../../../vm/values/sort.ts";
import { GeneratedStep, Mapped, type Meter, Step } from "../../../vm/values/step.ts";

/** An answer and what it cost, in steps of so many units. */
function inSteps<T>(unitsOfStep: number, operation: (meter: Meter) => T | Step<T>): { answer: T; units: number } {
  const meter = { left: unitsOfStep };
  let answer = operation(meter);
  let units = unitsOfStep - meter.left;
  while (answer instanceof Step) {
    meter.left = unitsOfStep;
    answer = answer.run(meter) ?? answer;
    units += unitsOfStep - meter.left;
  }
  return { answer, units };
}

const generated = <T>(steps: (meter: Meter) => Generator<undefined, T>) => {
  return (meter: Meter): T | Step<T> => {
    const step = new GeneratedStep(steps(meter));
    return step.run() ?? step;
  };
};

const started =
  <T>(step: () => Step<T>) =>
  (meter: Meter): T | Step<T> => {
    const begun = step();
    return begun.run(meter) ?? begun;
  };

/** The same in one step and in steps of 1, 2 and 7 units. @param shown makes an answer comparable */
function same<T>(operation: (meter: Meter) => T | Step<T>, shown: (answer: T) => unknown): unknown {
  const whole = inSteps(2 ** 30, operation);
  for (const units of [1, 2, 7]) {
    const parts = inSteps(units, operation);
    expect(shown(parts.answer)).toEqual(shown(whole.answer));
    expect(parts.units).toBe(whole.units);
  }
  return shown(whole.answer);
}

const POINT = internType({
  module: "m",
  type: "Point",
  name: "Point",
  sort: "record",
  fieldNames: ["x", "y"],
  arity: 2,
  tag: 0,
  isMutable: false,
});
const BOX = internType({
  module: "m",
  type: "Box",
  name: "Box",
  sort: "record",
  fieldNames: ["held"],
  arity: 1,
  tag: 0,
  isMutable: true,
});

// biome-ignore format: one kind a line
const { value: anyValue } = fc.letrec<{ value: Value; key: Value }>((tie) => ({
  key: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.string({ maxLength: 4 }), fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()).map((items) => makeTuple(items))),
  value: fc.oneof(
    { maxDepth: 4 },
    tie("key"),
    fc.constantFrom<Value>(UNIT, true, 1.5, new Float(2), new Char("x"), 2n ** 60n),
    fc.array(tie("value"), { maxLength: 6 }).map((items) => listOf(items)),
    fc.array(tie("value"), { minLength: 2, maxLength: 3 }).map((items) => makeTuple(items)),
    fc.tuple(tie("value"), tie("value")).map((fields) => makeData(POINT, fields)),
    tie("value").map((held) => makeData(BOX, [held])),
    fc.string({ maxLength: 3 }).map((text) => new Buffer(text)),
    fc.array(fc.tuple(tie("key"), tie("value")), { maxLength: 20 }).map((entries) => entries.reduce((map, [key, value]) => insert(map, key, value), EMPTY_MAP as MapValue)),
    fc.array(tie("key"), { maxLength: 20 }).map((keys) => keys.reduce((set: typeof EMPTY_SET, key) => insert(set, key, UNIT), EMPTY_SET)),
  ),
}));

/** The answer, or what was raised. */
function orRaised<T>(operation: (meter: Meter) => T | Step<T>): (meter: Meter) => unknown {
  return (meter) => {
    try {
      const answer = operation(meter);
      return answer instanceof Step ? new Caught(answer) : answer;
    } catch (raised) {
      return `raised ${raised instanceof Raise ? showNested(raised.value) : String(raised)}`;
    }
  };
}

class Caught<T> extends Step<T | string> {
  private readonly step: Step<T>;
  constructor(step: Step<T>) {
    super();
    this.step = step;
  }
  run(meter: Meter): T | string | undefined {
    try {
      return this.step.run(meter);
    } catch (raised) {
      return `raised ${raised instanceof Raise ? showNested(raised.value) : String(raised)}`;
    }
  }
}

const asIs = (answer: unknown): unknown => answer;

describe("in steps of any length", () => {
  test("walks over values", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const copy = inSteps(
          3,
          started(() => copying(a)),
        ).answer.value;
        expect(same((meter) => equalWithin(a, b, meter), asIs)).toBe(equalValues(a, b));
        expect(same((meter) => equalWithin(a, copy, meter), asIs)).toBe(equalValues(a, copy));
        expect(same((meter) => hashWithin(a, meter), asIs)).toBe(hashValue(a));
        expect(same((meter) => displayWithin(a, meter), asIs)).toBe(display(a));
        expect(
          same(
            started(() => showingNested(a)),
            asIs,
          ),
        ).toBe(showNested(a));
        expect(showNested(a).startsWith(showBeginning(a, 5))).toBe(true);
        same(
          started(() => copying(a)),
          ({ value, work }) => [showNested(value), work],
        );
        same(
          orRaised((meter) => compareWithin(a, b, "partial", meter)),
          asIs,
        );
        same(
          orRaised((meter) => compareWithin(a, copy, "total", meter)),
          asIs,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("lists", () => {
    const small = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 60 });
    const items = (list: List): string => showNested(list);
    fc.assert(
      fc.property(small, small, fc.integer({ min: -1, max: 70 }), (a, b, n) => {
        const list = (): List => listOf(a);
        expect(
          same(
            started(() => new Counting(listOf([1, ...a]) as never)),
            asIs,
          ),
        ).toBe(a.length + 1);
        expect(same((meter) => concatWithin(list(), listOf(b), meter), items)).toBe(showNested(listOf([...a, ...b])));
        expect(
          same(
            started(() => new Reversal(list())),
            items,
          ),
        ).toBe(showNested(listOf([...a].reverse())));
        expect(
          same(
            started(() => new Rest(list(), n)),
            items,
          ),
        ).toBe(showNested(listOf(a.slice(Math.max(0, n)))));
        const front = new Mapped(
          new Prefix(list(), n, (rest, missing) => listOf([Math.max(0, missing)], rest)),
          (made) => made,
        );
        expect(items(inSteps(2, () => front).answer)).toBe(
          showNested(listOf([...a.slice(0, Math.max(0, n)), Math.max(0, n - a.length), ...a.slice(Math.max(0, n))])),
        );
        same<{ length: number }>(
          (meter) => indexing(list(), n, meter) ?? a,
          (index) => index.length,
        );
        const ascending = [...a].sort((x, y) => x - y);
        expect(
          same(
            generated((meter) => sortSteps<Value>([...a], totalOrder(meter), meter)),
            asIs,
          ),
        ).toEqual(ascending);
        const numbers = generated((meter) => sortNumbersSteps(Float64Array.from(a), meter));
        expect(same(numbers, (sorted) => [...sorted])).toEqual(ascending);
      }),
      { numRuns: 500 },
    );
  });

  test("a long sort is an array's own, and stable", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 2 ** 31 }), (length, seed) => {
        let state = seed;
        const next = (): number => (state = (state * 48_271) % 2_147_483_647);
        const numbers = Array.from({ length }, () => next() - 2 ** 30);
        const whole = inSteps(
          1000,
          generated((meter) => sortNumbersSteps(Float64Array.from(numbers), meter)),
        ).answer;
        expect([...whole]).toEqual([...numbers].sort((a, b) => a - b));
        const pairs = numbers.map((number, i) => [number % 10, i] as const);
        const byFirst = (a: readonly number[], b: readonly number[]): number => (a[0] as number) - (b[0] as number);
        const sorted = inSteps(
          1000,
          generated((meter) => sortSteps([...pairs], byFirst, meter)),
        ).answer;
        expect(sorted).toEqual([...pairs].sort(byFirst));
      }),
      { numRuns: 30 },
    );
  });

  test("searches in texts", () => {
    const text = fc.array(fc.constantFrom("a", "b", "ab", "aab"), { maxLength: 40 }).map((parts) => parts.join(""));
    const pattern = fc.array(fc.constantFrom("a", "b"), { maxLength: 6 }).map((parts) => parts.join(""));
    // so long that V8's search is not used for the pattern, and cut into more than one stretch
    const times = fc.constantFrom(1, 1, 300, 20_000);
    fc.assert(
      fc.property(text, pattern, times, (short, part, factor) => {
        const long = short.repeat(factor);
        const sought = part.repeat(factor === 300 ? 100 : 1);
        const seen = (meter: Meter) => findSteps(long, sought, 0, meter);
        expect(same(generated(seen), asIs)).toBe(long.indexOf(sought));
        expect(
          same(
            generated((meter) => findLastSteps(long, sought, meter)),
            asIs,
          ),
        ).toBe(long.lastIndexOf(sought));
        if (sought !== "" && factor < 20_000)
          expect(
            same(
              generated(function* (meter) {
                const parts: string[] = [];
                yield* splitSteps(parts, long, sought, meter);
                return parts;
              }),
              asIs,
            ),
          ).toEqual(long.split(sought));
      }),
      { numRuns: 200 },
    );
  });
});
