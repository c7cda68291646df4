/** Elements of typed arrays: the quick ways and the general ones agree, at every size of Int and sort of Float. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { toInt64 } from "../../../vm/bytecode/arithmetic.ts";
import { makeFloat } from "../../../vm/values/kind.ts";
import { arrayElement, quickElement, setArrayElement, setQuickElement } from "../../../vm/values/typed-array.ts";
import { Float, TypedArray, type Value } from "../../../vm/values/value.ts";

const edges = [0n, 1n, 31n, 32n, 52n, 53n, 62n].flatMap((n) => [2n ** n, 2n ** n - 1n, -(2n ** n), 1n - 2n ** n]);
const ints = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(...edges));
const floats = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY),
);

test("an Int64Array gives back every Int", () => {
  fc.assert(
    fc.property(ints, ints, (whole, other) => {
      const array = new TypedArray("Int64Array", new BigInt64Array([other, other, other]));
      setArrayElement(array, 1, toInt64(whole));
      expect([...(array.items as BigInt64Array)]).toEqual([other, whole, other]);
      expect(arrayElement(array, 1)).toBe(toInt64(whole));
      expect([undefined, toInt64(whole)]).toContain(quickElement(array, 1));
    }),
  );
});

test("a Float64Array gives back every Float", () => {
  fc.assert(
    fc.property(floats, (double) => {
      const array = new TypedArray("Float64Array", new Float64Array(2));
      setArrayElement(array, 1, makeFloat(double));
      expect(arrayElement(array, 1)).toEqual(makeFloat(double));
      expect([...(array.items as Float64Array)]).toEqual([0, double]);
    }),
  );
});

test("the quick ways refuse what is not there and what does not belong there", () => {
  const ints = new TypedArray("Int64Array", new BigInt64Array(2));
  const floats = new TypedArray("Float64Array", new Float64Array(2));
  for (const position of [-1, 2, 0.5, 2n ** 60n, 2 ** 32, "0", new Float(1)] as Value[]) {
    for (const [array, value] of [
      [ints, 1],
      [floats, 0.5],
    ] as const) {
      expect(quickElement(array, position)).toBe(undefined);
      expect(setQuickElement(array, position, value)).toBe(false);
    }
  }
  for (const value of [0.5, new Float(1), "1", 2n ** 60n] as Value[])
    expect(setQuickElement(ints, 0, value)).toBe(false);
  for (const value of [1, "1", 2n ** 60n] as Value[]) expect(setQuickElement(floats, 0, value)).toBe(false);
  expect([...(ints.items as BigInt64Array), ...(floats.items as Float64Array)]).toEqual([0n, 0n, 0, 0]);
});
