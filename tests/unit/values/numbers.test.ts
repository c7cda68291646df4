import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Raise } from "../../../vm/host/native.ts";
import { decimalText, divDecimal, makeDecimal, parseDecimal } from "../../../vm/values/decimal.ts";
import {
  absolute,
  add,
  BigIntValue,
  Char,
  type Decimal,
  display,
  divide,
  Float,
  Float32,
  kindOf,
  modulo,
  multiply,
  negate,
  power,
  Sized,
  showResult,
  subtract,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";
import {
  convertToBig,
  convertToDecimal,
  convertToDouble,
  convertToInt,
  convertToSized,
} from "../../../vm/values/numbers.ts";

const i8 = (n: number): Sized => new Sized("Int8", BigInt(n));
const u64 = (n: bigint): Sized => new Sized("UInt64", n);
const big = (n: bigint): BigIntValue => new BigIntValue(n);
const d = (text: string): Decimal => parseDecimal(text)!;
const f32 = (n: number): Float32 => new Float32(Math.fround(n));

/** Kind and result text, or what was raised. */
function said(action: () => Value): string {
  try {
    const value = action();
    return `${kindOf(value)} ${showResult(value)}`;
  } catch (error) {
    if (error instanceof Raise) return display(error.value);
    throw error;
  }
}

describe("arithmetic on kinds known at run time", () => {
  test.each<[string, () => Value, string]>([
    ["Int + Float", () => add(1, 2.5), "Float 3.5"],
    ["Float + Float that is whole", () => add(1.5, 1.5), "Float 3.0"],
    ["Int / Float", () => divide(1, new Float(2)), "Float 0.5"],
    ["big Int + Float", () => add(2n ** 62n, new Float(0)), "Float 4611686018427388000.0"],
    ["Int + BigInt", () => add(1, big(2n ** 70n)), "BigInt 1180591620717411303425"],
    ["Int8 wraps", () => add(i8(127), i8(1)), "Int8 -128i8"],
    ["UInt64 wraps", () => subtract(u64(0n), u64(1n)), "UInt64 18446744073709551615u64"],
    ["Int8 of the minimum negated", () => negate(i8(-128)), "Int8 -128i8"],
    ["abs of the minimum", () => absolute(-(2n ** 63n)), "Int -9223372036854775808"],
    ["Float32 rounds", () => add(f32(0.1), f32(0.2)), "Float32 0.3f32"],
    ["Decimal is exact", () => add(d("0.1"), d("0.2")), "Decimal 0.3"],
    ["Decimal product", () => multiply(d("1.5"), d("-2.50")), "Decimal -3.75"],
    ["Decimal remainder", () => modulo(d("-7.5"), d("2")), "Decimal -1.5"],
    ["String + anything", () => add("n = ", new Float(3)), 'String "n = 3.0"'],
    ["anything + String", () => add(new Char("c"), "d"), 'String "cd"'],
    ["Int % Int", () => modulo(-7, 3), "Int -1"],
    ["Int ** Int wraps", () => power(2, 64), "Int 0"],
    ["Float ** Int", () => power(new Float(2), 3), "Float 8.0"],
    ["BigInt ** Int", () => power(big(2n), 70), "BigInt 1180591620717411303424"],
    ["Int8 ** Int8", () => power(i8(3), i8(5)), "Int8 -13i8"],
    ["Decimal ** Int", () => power(d("1.5"), 2), "Decimal 2.25"],
    ["Decimal ** negative", () => power(d("2"), -2), "Decimal 0.25"],
    ["-0.0", () => negate(new Float(0)), "Float -0.0"],
    ["Float / 0.0", () => divide(1.5, new Float(0)), "Float inf"],
  ])("%s", (_, action, expected) => expect(said(action)).toBe(expected));

  test.each<[string, () => Value, string]>([
    ["Int / 0", () => divide(1, 0), '("DivisionByZero", "Division by zero")'],
    ["Int / 0.0", () => divide(1, new Float(0)), '("DivisionByZero", "Division by zero")'],
    ["Float / 0", () => divide(1.5, 0), '("DivisionByZero", "Division by zero")'],
    ["Int % 0", () => modulo(1, 0), '("DivisionByZero", "Division by zero")'],
    ["Int8 / 0", () => divide(i8(1), i8(0)), '("DivisionByZero", "Division by zero")'],
    ["BigInt % 0", () => modulo(big(1n), big(0n)), '("DivisionByZero", "Division by zero")'],
    ["Decimal / 0", () => divide(d("1"), d("0")), '("DivisionByZero", "Division by zero")'],
    ["Int ** -1", () => power(2, -1), '("Panic", "PowInt: negative exponent for Int")'],
    ["Int + Bool", () => add(1, true), '("TypeError", "type mismatch: Bool does not implement Num (in Int + Bool)")'],
    [
      "() - Int",
      () => subtract(UNIT, 1),
      '("TypeError", "type mismatch: Unit does not implement Num (in Unit - Int)")',
    ],
    [
      "String * Int",
      () => multiply("a", 1),
      '("TypeError", "type mismatch: String does not implement Num (in String * Int)")',
    ],
    [
      "String / 0",
      () => divide("a", 0),
      '("TypeError", "type mismatch: String does not implement Num (in String / Int)")',
    ],
    ["Int8 + Int", () => add(i8(1), 1), '("TypeError", "type mismatch: Int8 + Int; convert one of the two first")'],
    ["BigInt ** huge", () => power(big(10n), 10 ** 12), '("Panic", "BigInt is too large (more than 2^24 bits)")'],
    ["Decimal ** huge", () => power(d("1.1"), 10 ** 12), '("Panic", "Decimal has too many digits after its point")'],
  ])("%s raises", (_, action, expected) => expect(said(action)).toBe(expected));

  test("repeated squaring ends in an error, not in a hang", () => {
    let value: Value = big(10n);
    expect(
      said(() => {
        for (;;) value = multiply(value, value);
      }),
    ).toContain("too large");
    let decimal: Value = d("0.1");
    expect(
      said(() => {
        for (;;) decimal = multiply(decimal, decimal);
      }),
    ).toContain("digits");
  });
});

describe("conversions", () => {
  test("integers wrap, Floats saturate, NaN is 0", () => {
    expect(said(() => convertToSized("Int8", 300))).toBe("Int8 44i8");
    expect(said(() => convertToSized("UInt8", -1))).toBe("UInt8 255u8");
    expect(said(() => convertToSized("UInt8", 1e9 + 0.5))).toBe("UInt8 255u8");
    expect(said(() => convertToSized("Int16", -1e9 - 0.5))).toBe("Int16 -32768i16");
    expect(said(() => convertToSized("UInt64", new Float(2 ** 64)))).toBe("UInt64 18446744073709551615u64");
    expect(said(() => convertToSized("Int8", Number.NaN))).toBe("Int8 0i8");
    expect([
      convertToInt(2.9),
      convertToInt(new Float(3)),
      convertToInt(d("-1.9")),
      convertToInt(big(2n ** 64n + 5n)),
      convertToInt(new Char("A")),
    ]).toEqual([2, 3, -1, 5, 65]);
    expect([convertToDouble(d("1.25")), convertToDouble(2n ** 62n), convertToDouble(i8(-3))]).toEqual([
      1.25,
      2 ** 62,
      -3,
    ]);
    expect(said(() => convertToBig(1e20 as Value))).toContain("BigInt 100000000000000000000");
    expect(said(() => convertToDecimal(0.1))).toBe("Decimal 0.1");
    expect(said(() => convertToBig(Infinity))).toContain("Panic");
    expect(said(() => convertToInt("7"))).toContain("TypeError");
  });
});

describe("Decimal", () => {
  test("text and back, one form for equal values", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(20), (c, s) => {
        const value = makeDecimal(c, s);
        expect(parseDecimal(decimalText(value))).toEqual(value);
        expect(makeDecimal(c * 1000n, s + 3)).toEqual(value);
      }),
    );
  });

  test("quotients have 28 digits, a half goes to even", () => {
    expect(decimalText(divDecimal(d("1"), d("3")))).toBe("0.3333333333333333333333333333");
    expect(decimalText(divDecimal(d("2"), d("3")))).toBe("0.6666666666666666666666666667");
    expect(decimalText(divDecimal(d("1"), d("8")))).toBe("0.125");
    expect(decimalText(divDecimal(d("-1"), d("7")))).toBe("-0.1428571428571428571428571429");
    expect(decimalText(divDecimal(d("10000000000000000000000000001"), d("2")))).toBe("5000000000000000000000000000");
    expect(decimalText(divDecimal(d("10000000000000000000000000003"), d("2")))).toBe("5000000000000000000000000002");
    expect(decimalText(divDecimal(d("1e".replace("e", "000000000000000000000000000000000")), d("1")))).toBe(
      "1000000000000000000000000000000000",
    );
  });

  test("division is within half a unit of the 28th digit", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 40n }),
        fc.bigInt({ min: 1n, max: 10n ** 40n }),
        fc.nat(10),
        fc.nat(10),
        (a, b, s, t) => {
          const q = divDecimal(makeDecimal(a, s), makeDecimal(b, t));
          // |a/10^s - q*b/10^t| <= b/10^t * |q| * 10^-27 / 2, over one denominator
          const left = a * 10n ** BigInt(t + q.scale);
          const right = q.coefficient * b * 10n ** BigInt(s);
          const difference = left > right ? left - right : right - left;
          expect(difference * 2n * 10n ** 27n <= right).toBe(true);
        },
      ),
    );
  });
});
