import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addInt,
  compareInt,
  divInt,
  type Int,
  mulInt,
  negInt,
  parseInt64,
  powInt,
  remInt,
  subInt,
  toInt64,
  truncateToInt,
} from "../../../vm/bytecode/arithmetic.ts";
import { float32Text, floatText, parseFloat64 } from "../../../vm/bytecode/float-text.ts";

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
const edges = [
  0n,
  1n,
  -1n,
  2n,
  MIN,
  MIN + 1n,
  MAX,
  MAX - 1n,
  2n ** 53n,
  2n ** 53n - 1n,
  -(2n ** 53n),
  2n ** 31n,
  2n ** 32n,
  3037000500n,
];
/** any 64-bit number, with many near the borders */
const int64 = fc.oneof(
  fc.bigInt({ min: MIN, max: MAX }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc
    .tuple(fc.constantFrom(...edges), fc.bigInt({ min: -3n, max: 3n }))
    .map(([edge, by]) => BigInt.asIntN(64, edge + by)),
);
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

/** The value of a result, after a look at its form (A1, A2). */
function exact(result: Int): bigint {
  if (typeof result === "number") {
    expect(Number.isSafeInteger(result)).toBe(true);
    expect(Object.is(result, -0)).toBe(false);
  } else expect(result > BigInt(Number.MAX_SAFE_INTEGER) || result < -BigInt(Number.MAX_SAFE_INTEGER)).toBe(true);
  return BigInt(result);
}

describe("Int is two's complement on 64 bits", () => {
  test("addition, subtraction, multiplication, negation, comparison", () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const [x, y] = [toInt64(a), toInt64(b)];
        expect(exact(addInt(x, y))).toBe(wrap(a + b));
        expect(exact(subInt(x, y))).toBe(wrap(a - b));
        expect(exact(mulInt(x, y))).toBe(wrap(a * b));
        expect(exact(negInt(x))).toBe(wrap(-a));
        expect(compareInt(x, y)).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(x === y).toBe(a === b);
      }),
      { numRuns: 3000 },
    );
  });

  test("division truncates, the remainder has the sign of the dividend", () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        fc.pre(b !== 0n);
        const [x, y] = [toInt64(a), toInt64(b)];
        expect(exact(divInt(x, y))).toBe(wrap(a / b));
        expect(exact(remInt(x, y))).toBe(a % b);
      }),
      { numRuns: 3000 },
    );
  });

  test("quotients that round to the next integer as doubles stay below it", () => {
    for (const [a, b] of [
      [9007199254740991, 2],
      [9007199254740991, 3],
      [9007199254740990, 9007199254740991],
      [-9007199254740991, 7],
    ] as const) {
      expect(BigInt(divInt(a, b))).toBe(BigInt(a) / BigInt(b));
      expect(BigInt(remInt(a, b))).toBe(BigInt(a) % BigInt(b));
    }
  });

  test("powers wrap", () => {
    fc.assert(
      fc.property(int64, fc.bigInt({ min: 0n, max: 200n }), (a, n) => {
        expect(exact(powInt(toInt64(a), toInt64(n)))).toBe(wrap(a ** n));
      }),
    );
    expect(powInt(3, toInt64(MAX))).toBe(toInt64(wrap(modPow(3n, MAX))));
  });

  test("the corners", () => {
    expect(divInt(MIN, -1)).toBe(MIN);
    expect(negInt(MIN)).toBe(MIN);
    expect(addInt(MAX, 1)).toBe(MIN);
    expect(Object.is(mulInt(0, -5), 0)).toBe(true);
    expect(Object.is(remInt(-4, 2), 0)).toBe(true);
    expect(Object.is(divInt(-1, 5), 0)).toBe(true);
  });

  test("a Float becomes the Int it holds, or the nearest end", () => {
    expect([truncateToInt(2.9), truncateToInt(-2.9), truncateToInt(Number.NaN)]).toEqual([2, -2, 0]);
    expect([truncateToInt(1e300), truncateToInt(Number.NEGATIVE_INFINITY)]).toEqual([MAX, MIN]);
    expect(Object.is(truncateToInt(-0.5), 0)).toBe(true);
    expect(exact(truncateToInt(2 ** 62))).toBe(2n ** 62n);
  });

  test("text is read within 64 bits only", () => {
    fc.assert(
      fc.property(int64, (a) => {
        expect(exact(parseInt64(String(a)) as Int)).toBe(a);
      }),
    );
    for (const text of ["", "-", "1.0", "0x1", "1e3", " 1", "9223372036854775808", "-9223372036854775809", "1_0"]) {
      expect(parseInt64(text), text).toBeUndefined();
    }
    expect(parseInt64("+007")).toBe(7);
    expect(parseInt64("-000")).toBe(0);
  });
});

function modPow(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = wrap(result * square);
    square = wrap(square * square);
  }
  return result;
}

describe("Float text", () => {
  test("reads back as the same Float, without exponent, with a point", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const text = floatText(x);
        expect(text).toMatch(/^-?[0-9]+\.[0-9]+$/);
        expect(Object.is(Number(text), x)).toBe(true);
        expect(Object.is(parseFloat64(text), x)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("32-bit Floats read back at 32 bits, with no more digits than they need", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.fround(Number(float32Text(x)))).toBe(x);
      }),
    );
    expect([
      float32Text(Math.fround(0.1)),
      float32Text(1.5),
      float32Text(2),
      float32Text(Math.fround(16777216)),
    ]).toEqual(["0.1", "1.5", "2.0", "16777216.0"]);
  });

  test("the special ones", () => {
    expect([Number.NaN, Infinity, -Infinity, -0, 3, 1e21, 1e-7, 1.5e-10, 123456789.125].map(floatText)).toEqual([
      "NaN",
      "inf",
      "-inf",
      "-0.0",
      "3.0",
      "1000000000000000000000.0",
      "0.0000001",
      "0.00000000015",
      "123456789.125",
    ]);
    expect(["1", "-1.5", ".5", "2.", "1e3", "inf", "-inf", "+3.25"].map(parseFloat64)).toEqual([
      1,
      -1.5,
      0.5,
      2,
      1000,
      Infinity,
      -Infinity,
      3.25,
    ]);
    expect(["", ".", "1x", "0x10", "1e", "e5", "--1"].map(parseFloat64)).toEqual(Array(7).fill(undefined));
  });
});
