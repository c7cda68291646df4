/** What is put in place of calls, and what is not. That nothing else changes: tests/lang/inlining.test.ts. */
import { describe, expect, test } from "vitest";
import { compile } from "../../../cli/compile.ts";
import { projectOfText } from "../../../cli/project.ts";
import { entryCost, type Unit } from "../../../vm/bytecode/unit.ts";
import { verify } from "../../../vm/bytecode/verify.ts";
import { runText } from "../../support/run-program.ts";
import { listing } from "./build.ts";

function unitOf(text: string): Unit {
  const { unit, diagnostics } = compile(projectOfText("test.nos", text));
  if (unit === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return unit;
}

const codeOf = (text: string, name = "main"): string[] => listing(unitOf(text), name);
const calls = (code: readonly string[]): string[] => code.filter((line) => /^(TAIL_)?CALL(_FUNCTION)?[. ]/.test(line));

/** Same output, reports and reductions without inlining. */
async function same(text: string, settings: { maxStackFrames?: number } = {}): Promise<string> {
  const [as, plain] = await Promise.all([true, false].map((inline) => runText(text, { ...settings, inline })));
  expect(as).toEqual(plain);
  return as!.out + as!.diagnostics.map(({ message, notes }) => [message, ...(notes ?? [])].join("\n")).join("\n");
}

describe("what is inlined", () => {
  test("wrappers, and what they wrap", () => {
    expect(codeOf("f(xs: [Int]) = len(xs) + 1\nmain() = f([])")).toEqual([
      "ENTER 1",
      "NOTE_TAIL_CALL",
      "ENTER 1",
      "ENTER 1",
      "NOTE_TAIL_CALL",
      "MAKE_LIST 0",
      "CALL_NATIVE List.length 1",
      "PUSH_INT 1",
      "ADD",
      "RET.val",
    ]);
  });

  test("a lambda in a loop, its captures with it, and no closure is made", () => {
    const code = codeOf("f(xs: [Int], k: Int) = map(xs, x => x * k)\nmain() = f([1, 2], 3)\n", "f");
    expect(calls(code)).toEqual([]);
    expect(code.filter((line) => line.startsWith("MAKE_"))).not.toContain("MAKE_LAMBDA.fn <lambda> 1");
    expect(code).toContain("MUL");
  });

  test("a fold is a loop that charges for its calls", () => {
    const code = codeOf("f(xs: [Int], k: Int) = fold(xs, k, (a, b) => a + b)\nmain() = f([1, 2], 3)", "f");
    expect(calls(code)).toEqual([]);
    expect(code.filter((line) => line.startsWith("REENTER"))).toHaveLength(1);
  });

  test("recursion, one level", () => {
    const text = "fib(n: Int) -> Int = if n < 2 then n else fib(n - 1) + fib(n - 2)\nmain() = println(fib(9))";
    expect(calls(codeOf(text, "fib"))).toHaveLength(4);
  });

  test("not what has a `try`, nor a loop without a function", () => {
    const text =
      "f(n: Int) = try { 10 / n } catch { _ -> 0 }\ng(n: Int) = for i = 0 to n { println(i) }\nmain() = { f(1); g(2) }";
    expect(calls(codeOf(text))).toEqual(["CALL.fn f 1", "TAIL_CALL g 1"]);
  });

  test("a frame stays within twice its cost, and the verifier insists", () => {
    const body = Array.from({ length: 40 }, (_, i) => `v${i} = h(n + ${i})`).join("\n");
    const text = `h(a: Int) = { b = a * a\n c = b * a\n b * c + a }\nf(n: Int) = {\n${body}\n}\nmain() = f(1)`;
    const unit = unitOf(text);
    for (const { slots, cost } of unit.functions) expect(2 * cost!).toBeGreaterThanOrEqual(entryCost(slots));
    const functions = unit.functions.map((fn) => ({ ...fn, slots: fn.slots + 200 }));
    expect(verify({ ...unit, functions })).toHaveProperty("problem.code", "bad-unit");
  });
});

describe("what stays as it was", () => {
  test("evaluation order, also of variables that change between arguments", async () => {
    const text = `say(n: Int) -> Int = { println(n)\n n }
      pair(a: Int, b: Int) -> Int = a * 10 + b
      main() = {
        var x = 1
        println(pair(x, { x = 5\n x }))
        println(pair(say(1), say(2)) + pair(say(3), x))
        f = n => n + x
        x = 7
        println(map([1, 2], f))
      }`;
    expect(await same(text)).toContain("15\n1\n2\n3\n47\n[8, 9]");
  });

  test("traces: frames of copies, of lambdas in them, and remembered tail calls", async () => {
    const text = `third(xs: [Int]) -> Int = head(xs) / 0
      second(xs: [Int]) -> Int = third(xs)
      first(xs: [Int]) -> Int = 1 + second(xs)
      main() = println(map([[1]], xs => first(xs) + 1))`;
    expect(await same(text)).toMatch(/third[\s\S]*first[\s\S]*<lambda>|third[\s\S]*first[\s\S]*map/);
  });

  test("a long trace is cut at the same frames", async () => {
    const text = "down(n: Int) -> Int = if n == 0 then 1 / n else 1 + down(n - 1)\nmain() = println(down(1001))";
    expect(await same(text)).toContain("… 953 more …");
  });

  test("returns and breaks out of half-evaluated expressions", async () => {
    const text = `f(n: Int) -> Int = 1 + (2 * { if n > 3 then { return 100 }\n n })
      g(n: Int) -> Int = { var t = 0\n for i = 0 to 9 { t = t + f(if i > n then { break } else { i }) }\n t }
      main() = { println(1000 * f(2) + f(9))\n println(g(5)) }`;
    expect(await same(text)).toBe("5100\n216\n");
  });

  test("cells, closures that escape, and functions that call themselves by a parameter", async () => {
    const text = `twice[T](f: (T) -> T, x: T) -> T = f(f(x))
      keep(f: (Int) -> Int) = (f(1), f)
      ack(m: Int, n: Int) -> Int = if m == 0 then n + 1 else if n == 0 then ack(m - 1, 1) else ack(m - 1, ack(m, n - 1))
      main() = {
        var count = 0
        println(twice(x => { count = count + 1\n x * 2 }, 5))
        (a, g) = keep(x => x + count)
        count = 10
        println((a, g(1), ack(2, 3)))
      }`;
    expect(await same(text)).toBe("20\n(3, 11, 9)\n");
  });

  test("locks and receives in copies", async () => {
    const text = `mvar total: Int = 0
      inc(n: Int) = { total = total + n }
      next() -> Int = receive { n -> n }
      main() = { me = self()\n for i = 0 to 5 { spawn { inc(i)\n me <- i } }
        for i = 0 to 5 { next() }\n println(total) }`;
    expect(await same(text)).toBe("10\n");
  });
});
