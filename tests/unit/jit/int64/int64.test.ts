import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addInt, type Int, mulInt, remInt, subInt, toInt64 } from "../../../../vm/bytecode/arithmetic.ts";
import { OP } from "../../../../vm/bytecode/opcodes.ts";
import { mulAddMod, narrow, narrowSafe, widen, widenInt } from "../../../../vm/jit/int64/arithmetic.ts";
import { type FusedModulo, findFusedModulo, type Term, writeFusedModulo } from "../../../../vm/jit/int64/fused.ts";
import { makeMulAddMod, mulAddModByBigInt } from "../../../../vm/jit/int64/wasm.ts";
import { add, modulo, multiply, subtract } from "../../../../vm/values/numbers.ts";

const RUNS = { numRuns: 2000, verbose: 1 } as const;
const MAX = Number.MAX_SAFE_INTEGER;

const near = (value: number): fc.Arbitrary<number> =>
  fc.integer({ min: -3, max: 3 }).map((off) => Math.max(-MAX, Math.min(MAX, value + off)));
/** Safe integers: small ones, those around powers of two, what generators multiply with, any. */
const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.nat({ max: 53 }).chain((bits) => fc.oneof(near(2 ** bits), near(-(2 ** bits)))),
  fc.constantFrom(
    16807,
    48271,
    1103515245,
    1664525,
    22695477,
    1000000007,
    998244353,
    2147483647,
    4294967291,
    1e15 + 37,
  ),
  fc.integer(),
  fc.nat(),
  fc.maxSafeInteger(),
  fc.maxSafeNat(),
);
const int: fc.Arbitrary<Int> = fc.oneof(number, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(toInt64));
const modulus = number.filter((m) => m !== 0);

function reference(sum: FusedModulo["sum"], a: number, b: number, c: number, m: number): Int {
  const product = mulInt(a, b);
  const before = sum === "add" ? addInt(product, c) : sum === "subtract" ? subInt(product, c) : subInt(c, product);
  return remInt(before, m);
}

describe("mulAddMod", () => {
  for (const [name, compute] of [
    ["in compiled code", mulAddMod],
    ["by WebAssembly", makeMulAddMod()],
    ["by BigInts", mulAddModByBigInt],
  ] as const) {
    test(`is exact ${name}`, () => {
      fc.assert(
        fc.property(number, number, number, modulus, (a, b, c, m) => {
          expect(compute(a, b, c, m)).toBe(reference("add", a, b, c, m)); // toBe tells -0 from 0
        }),
        RUNS,
      );
    });
  }

  test("wraps as the three operations do", () => {
    expect(mulAddMod(MAX, MAX, 0, 1000)).toBe(remInt(mulInt(MAX, MAX), 1000));
    expect(makeMulAddMod()(2 ** 32, 2 ** 31, 0, -1)).toBe(0); // the least Int, which has no opposite
    expect(mulAddMod(-(2 ** 52), 2 ** 11, 0, 7)).toBe(Number(-(2n ** 63n) % 7n));
  });
});

test("wide Ints and Values are made from each other", () => {
  fc.assert(
    fc.property(int, (value) => {
      const wide = widenInt(value);
      expect(wide).toBe(BigInt(value));
      expect(narrow(wide)).toBe(value);
      if (typeof value !== "number") return;
      expect(widen(value)).toBe(wide);
      expect(narrowSafe(wide)).toBe(value);
    }),
    RUNS,
  );
  for (const edge of [2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 0n])
    expect(narrow(edge)).toBe(toInt64(edge));
});

describe("fused (a * b ± c) % m", () => {
  const helpers = { mulAddMod };
  /** The written text as a function of all operands, of which it uses the variables. */
  function compile(sum: FusedModulo["sum"], a: Term, b: Term, c: Term | undefined, m: Term) {
    const text = writeFusedModulo("r", sum, a, b, c, m);
    return new Function("mulAddMod", `return (a, b, c, m) => { let r; ${text} return r; }`)(helpers.mulAddMod) as (
      ...operands: number[]
    ) => number;
  }
  const literal = (value: number): Term => ({ text: value < 0 ? `(${value})` : String(value), constant: value });
  const sums = fc.constantFrom("add" as const, "subtract" as const, "subtractFrom" as const);
  const typical = fc.oneof(
    number,
    fc.constantFrom(
      1,
      2,
      2 ** 16,
      2 ** 20,
      2 ** 20 + 7,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32 - 5,
      2 ** 32,
      2 ** 32 + 15,
      1e9 + 7,
    ),
  );

  test("equals the operations one by one, whichever operands are constants (M1)", () => {
    fc.assert(
      fc.property(
        sums,
        fc.tuple(
          typical,
          typical,
          typical,
          typical.filter((m) => m !== 0),
        ),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 8 }),
        (sum, constants, isConstant, hasAddend, inputs) => {
          const names = ["a", "b", "c", "m"];
          const [a, b, c, m] = constants.map(
            (value, i): Term => (isConstant[i] ? literal(value) : { text: names[i]! }),
          );
          const run = compile(hasAddend ? sum : "add", a!, b!, hasAddend ? c! : undefined, m!);
          for (const input of [...inputs, constants]) {
            const [x, y, z] = input.map((value, i) => (isConstant[i] ? constants[i]! : value));
            const expected = reference(hasAddend ? sum : "add", x!, y!, hasAddend ? z! : 0, constants[3]);
            expect(run(x!, y!, z!, constants[3])).toBe(expected);
          }
        },
      ),
      RUNS,
    );
  });

  test("is right at every quotient's edge: remainders 0, 1 and m - 1 of large products", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2 ** 20 + 7, 1e9 + 7, 2 ** 31 - 1, 2 ** 30 + 3, 998244353, 1e12 + 39, 2 ** 31),
        fc.nat({ max: 2 ** 31 - 1 }),
        fc.nat({ max: 2 ** 31 - 1 }),
        (m, x, k) => {
          // c such that x * k + c is a multiple of m, or one off
          const rest = Number((BigInt(x) * BigInt(k)) % BigInt(m));
          for (const c of [m - rest - 1, m - rest, m - rest + 1]) {
            for (const [a, b] of [
              [{ text: "a" }, literal(k)],
              [literal(k), { text: "a" }],
              [{ text: "a" }, { text: "b" }],
            ] as const) {
              const left = a.text === "a" ? x : k;
              const right = a.text === "a" ? k : x;
              const expected = reference("add", left, right, c, m);
              const run = compile("add", a, b, literal(c), literal(m));
              const [first, second] = a.text === "a" ? [x, k] : [x, x];
              expect(run(first, second, c, m)).toBe(expected);
            }
          }
        },
      ),
      { ...RUNS, numRuns: 300 },
    );
  });

  test("is what the interpreter computes", () => {
    fc.assert(
      fc.property(number, number, number, modulus, (a, b, c, m) => {
        const run = compile("subtract", { text: "a" }, { text: "b" }, { text: "c" }, { text: "m" });
        expect(run(a, b, c, m)).toBe(modulo(subtract(multiply(a, b), c), m));
        const other = compile("subtractFrom", { text: "a" }, { text: "b" }, { text: "c" }, literal(m));
        expect(other(a, b, c, m)).toBe(modulo(subtract(c, multiply(a, b)), m));
        const third = compile("add", { text: "a" }, literal(b), literal(c), literal(m));
        expect(third(a, b, c, m)).toBe(modulo(add(multiply(a, b), c), m));
      }),
      RUNS,
    );
  });
});

describe("finding the form", () => {
  const { MUL, MOD, ADD, SUB, LOAD, PUSH_INT, PUSH_CONST } = OP;
  const find = (words: readonly number[], end = words.length): FusedModulo | undefined =>
    findFusedModulo(Int32Array.from(words), 0, end, [2 ** 31, 2n ** 60n, 0, 1.5]);

  test("with constants, slots and the operand below", () => {
    expect(find([MUL, PUSH_INT, 12345, ADD, PUSH_CONST, 0, MOD])).toEqual({
      to: 7,
      addend: { kind: "constant", value: 12345 },
      sum: "add",
      modulus: { kind: "constant", value: 2 ** 31 },
    });
    expect(find([OP["MUL.val"], LOAD, 3, MOD])).toEqual({
      to: 4,
      addend: undefined,
      sum: "add",
      modulus: { kind: "slot", slot: 3 },
    });
    expect(find([MUL, OP["SUB.val"], LOAD, 1, MOD])).toMatchObject({ addend: { kind: "below" }, sum: "subtractFrom" });
    expect(find([MUL, LOAD, 0, SUB, LOAD, 1, MOD])).toMatchObject({
      addend: { kind: "slot", slot: 0 },
      sum: "subtract",
    });
    expect(find([MUL, ADD, PUSH_INT, -7, MOD])).toMatchObject({ to: 5, addend: { kind: "below" }, sum: "add" });
  });

  test("not where it is something else, ends, has no safe constant or divides by 0", () => {
    expect(find([ADD, PUSH_INT, 5, MOD])).toBeUndefined();
    expect(find([MUL, PUSH_INT, 5, OP.DIV])).toBeUndefined();
    expect(find([MUL, MOD])).toBeUndefined();
    expect(find([MUL, ADD, MOD])).toBeUndefined();
    expect(find([MUL, PUSH_INT, 0, MOD])).toBeUndefined();
    expect(find([MUL, PUSH_CONST, 2, MOD])).toBeUndefined();
    expect(find([MUL, PUSH_CONST, 1, MOD])).toBeUndefined();
    expect(find([MUL, PUSH_CONST, 3, MOD])).toBeUndefined();
    const words = [MUL, PUSH_INT, 12345, ADD, PUSH_CONST, 0, MOD];
    for (let end = 1; end < words.length; end++) expect(find(words, end)).toBeUndefined();
  });
});
