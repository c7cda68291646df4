import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Core, CoreExpr } from "../../../compiler/core.ts";
import { lowerProgram } from "../../../compiler/lower/index.ts";
import {
  add, assign, bind, block, bool, call, constant, core, cpuMs, equal, fn, int, list, listing, local, native, newLocal, newLoop, program, resultOf, text,
  tuple, unit, when,
} from "./build.ts"; // biome-ignore format: a table

type Binary = CoreExpr & { kind: "binary" };
const binary = (op: Binary["op"], left: Core, right: Core, operands: Binary["operands"] = "any"): Core =>
  core({ kind: "binary", op, operands, left, right });
const float = (value: number): Core => constant({ kind: "Float", value });
const folds = (body: Core): string[] => listing(program(body)).filter((line) => line !== "RET.val");

describe("constant folding", () => {
  const MIN = -(2n ** 63n);

  test("Ints wrap at 64 bits", () => {
    expect(folds(add(int(2), int(3)))).toEqual(["PUSH_INT 5"]);
    expect(folds(binary("+", int(2n ** 63n - 1n), int(1)))).toEqual([`PUSH_CONST ${MIN}`]);
    expect(folds(core({ kind: "negate", operands: "int", operand: int(MIN) }))).toEqual([`PUSH_CONST ${MIN}`]);
    expect(folds(binary("/", int(MIN), int(-1)))).toEqual([`PUSH_CONST ${MIN}`]);
    expect(folds(binary("**", int(3), int(40)))).toEqual([`PUSH_CONST ${BigInt.asIntN(64, 3n ** 40n)}`]);
  });

  test("what fails stays and fails", async () => {
    for (const body of [binary("/", int(1), int(0)), binary("%", int(1), int(0)), binary("**", int(2), int(-1))]) {
      expect(folds(body)).toHaveLength(3);
    }
    expect(await resultOf(program(binary("/", int(1), int(0))))).toContain("DivisionByZero");
    expect(folds(binary("/", float(1), float(0), "float"))).toEqual(["PUSH_FLOAT Infinity"]);
  });

  test("texts, conditions, and what follows from them", () => {
    expect(folds(binary("++", binary("++", text("a"), text("b")), text("c")))).toEqual(['PUSH_STR "abc"']);
    expect(folds(when(binary("<", text("b"), text("a")), int(1), int(2)))).toEqual(["PUSH_INT 2"]);
    expect(folds(when(core({ kind: "not", operand: equal(int(1), int(2)) }), int(1), int(2)))).toEqual(["PUSH_INT 1"]);
    expect(folds(core({ kind: "and", items: [bool(true), bool(false), native("println", unit)] }))).toEqual(["FALSE"]);
  });

  test("text order is by code point", () => {
    expect(folds(binary("<", text("\u{ff5e}"), text("\u{1f600}")))).toEqual(["TRUE"]);
  });

  const number = fc.oneof(
    fc.bigInt({ min: -5n, max: 5n }).map(int),
    fc.bigInt({ min: MIN, max: 2n ** 63n - 1n }).map(int),
    fc.constantFrom(0, -0, 0.5, 1, -3, 1e300, Number.POSITIVE_INFINITY, Number.NaN).map(float),
  );
  const op = fc.constantFrom<Binary["op"]>("+", "-", "*", "/", "%", "**", "==", "!=", "<", ">", "<=", ">=");

  test("gives what the machine gives", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(op, number, number), { minLength: 10, maxLength: 10 }), async (cases) => {
        // each result, or what it throws; `resultOf` runs it folded and not
        const results = cases.map(([o, a, b]) => {
          const caught = newLocal("caught");
          const arms = [{ span: a.span, patterns: [{ kind: "bind", local: caught } as const], body: local(caught) }];
          return core({ kind: "try", body: binary(o, a, b), arms });
        });
        await resultOf(program(list(...results)));
      }),
      { numRuns: 100 },
    );
  });
});

describe("dead code and small steps", () => {
  const f = fn("f", [], unit);

  test("what nothing reaches is gone: code, functions, constants", () => {
    const loop = newLoop();
    const body = block(core({ kind: "return", value: int(1) }), call(f), text("never"));
    expect(folds(body)).toEqual(["PUSH_INT 1"]);
    const made = lowerProgram(program(when(bool(false), call(f), int(1))));
    expect([made.functions.map(({ name }) => name), made.constants]).toEqual([["main"], []]);
    const forever = core({ kind: "while", loop, condition: bool(true), body: unit });
    expect(folds(block(forever, call(f)))).toEqual(["L0:", "JMP L0"]);
  });

  test("unused values, copies and jumps to jumps are gone", () => {
    const x = newLocal("x");
    expect(folds(block(int(1), text("a"), bind(x, int(2)), local(x)))).toEqual(["PUSH_INT 2"]);
    expect(folds(block(bind(x, call(f)), local(x)))).toEqual(["CALL.fn f 0"]);
    const nested = when(native("Random.bool"), when(native("Random.bool"), int(1), int(2)), int(3));
    expect(listing(program(nested)).filter((line) => line.startsWith("JMP"))).toEqual([]);
  });

  test("what may fail or do something stays when its value is not used", () => {
    expect(folds(block(native("println", unit), int(1)))).toEqual([
      "PUSH_UNIT",
      "CALL_NATIVE println 1",
      "POP",
      "PUSH_INT 1",
    ]);
    expect(folds(block(binary("/", int(1), int(0)), int(1)))).toContain("DIV.val");
  });
});

describe("size: linear in the source", () => {
  const SIZE = 10_000;
  const each = <T>(make: (i: number) => T): T[] => Array.from({ length: SIZE }, (_, i) => make(i));
  const random = native("Random.int", int(1), int(2));
  const grow = (step: (inner: Core, i: number) => Core): Core => {
    let made: Core = int(0);
    for (let i = 0; i < SIZE; i++) made = step(made, i);
    return made;
  };
  const f = fn("f", [newLocal("x")], unit);

  test.each<[string, () => Core]>([
    [
      "a chain",
      () =>
        core({
          kind: "chain",
          first: random,
          rest: each((i) => ({ op: "+", operands: "int", item: int(i), span: random.span })),
        }),
    ],
    ["operators nested to the left", () => grow((inner) => binary("-", inner, random))],
    ["operators nested to the right", () => grow((inner, i) => binary("::", int(i), inner))],
    ["calls in calls", () => grow((inner) => call(f, inner))],
    ["fields of fields", () => grow((inner) => core({ kind: "field", target: inner, name: "a" }))],
    ["list elements", () => list(...each(int))],
    ["statements", () => block(...each((i) => bind(newLocal(`v${i}`), random)))],
    [
      "else-ifs",
      () => core({ kind: "if", branches: each((i) => ({ condition: equal(random, int(i)), body: int(i) })) }),
    ],
    ["conditions", () => core({ kind: "or", items: each((i) => equal(random, int(i))) })],
    ["assignments", () => block(bind(X, int(0)), ...each(() => assign(X, add(local(X), int(1)))), local(X))],
  ])("10,000: %s", (_, make) => {
    const made = program(make());
    expect(cpuMs(() => lowerProgram(made))).toBeLessThan(4000);
  });

  test("the largest of them run", async () => {
    expect(await resultOf(program(native("List.length", list(...each(int)))))).toBe(String(SIZE));
    const chain = core({
      kind: "chain",
      first: int(0),
      rest: each((i) => ({ op: "+", operands: "int", item: int(i), span: unit.span })),
    });
    expect(await resultOf(program(tuple(chain)))).toBe(`(${(SIZE * (SIZE - 1)) / 2})`);
  });
});

const X = newLocal("x", true);
