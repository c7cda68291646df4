import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { nameOf, OP, OPCODES, type OpcodeRow } from "../../../vm/bytecode/opcodes.ts";
import { numberCases } from "../../../vm/interp/number-cases.ts";
import { resultOf, runAsm, runBoth } from "../../support/machine.ts";

describe.each([
  ["interpreter.ts", "tiny"],
  ["tiny.ts", "nostos"],
] as const)("the switch of %s", (name, foreign) => {
  const file = fileURLToPath(new URL(`../../../vm/interp/${name}`, import.meta.url));
  const text = readFileSync(file, "utf8");

  test("numbers each case as the opcode table does (vitest -u renumbers)", async () => {
    await expect(numberCases(text)).toMatchFileSnapshot(file);
  });

  test("finds a wrong number in either layout", () => {
    const right = `case ${OP.ADD}: // ADD\ncase ${OP["SUB.val"]}: {\n  // SUB.val\n`;
    expect(numberCases("case 999: // ADD\ncase 998: {\n  // SUB.val\n")).toBe(right);
  });

  test("has a case for every row of its code, and for no other", () => {
    const named = Array.from(text.matchAll(/case \d+:(?: \{\n *| )\/\/ (\S+)$/gm), ([, each]) => each);
    const rows = (OPCODES as readonly OpcodeRow[]).filter(({ dialect }) => dialect !== foreign);
    expect(named.sort()).toEqual(rows.map(nameOf).sort());
  });
});

describe("calls", () => {
  const FIB = `
    fn fib/1
      LOAD 0
      PUSH_INT 2
      LT.val
      JZ more
      LOAD 0
      RET.val
    more:
      LOAD 0
      PUSH_INT 1
      SUB
      CALL.fn fib 1
      LOAD 0
      PUSH_INT 2
      SUB
      CALL.fn fib 1
      ADD
      RET.val`;

  test("a recursive function returns to the right places", async () => {
    expect(await resultOf(`fn main/0\n PUSH_INT 15\n CALL.fn fib 1\n RET.val\n${FIB}`)).toBe("610");
  });

  const COUNT = `
    fn main/0
      PUSH_INT 300000
      PUSH_INT 0
      CALL.fn even 2
      RET.val
    fn even/2
      LOAD 0
      PUSH_INT 0
      EQ.val
      JZ more
      LOAD 1
      RET.val
    more:
      LOAD 0
      PUSH_INT 1
      SUB
      LOAD 1
      PUSH_INT 1
      ADD
      TAIL_CALL odd 2
    fn odd/2 slots=9
      LOAD 0
      PUSH_INT 1
      SUB
      LOAD 1
      PUSH_INT 1
      ADD
      TAIL_CALL even 2`;

  test("tail calls need no frames", async () => {
    expect(await resultOf(COUNT, { maxStackFrames: 3 })).toBe("300000");
  });

  const DEEP = `
    fn main/0
      PUSH_INT 1000000
      CALL.fn sum 1
      RET.val
    fn sum/1
      LOAD 0
      PUSH_INT 0
      EQ.val
      JZ more
      PUSH_INT 0
      RET.val
    more:
      LOAD 0
      LOAD 0
      PUSH_INT 1
      SUB
      CALL.fn sum 1
      ADD
      RET.val`;

  test("recursion a million deep", async () => {
    const { outcome } = await runAsm(DEEP);
    expect(outcome).toEqual({ kind: "returned", value: 500000500000 });
  });

  test("too deep a recursion is an exception that can be caught", async () => {
    const result = await resultOf(
      `
      fn main/0
        TRY caught
        CALL.fn down 0
        END_TRY
        RET.val
      caught:
        RET.val
      fn down/0
        CALL.fn down 0
        PUSH_INT 1
        ADD
        RET.val`,
      { maxStackFrames: 5000 },
    );
    expect(result).toBe('("StackOverflow", "Stack overflow")');
  });

  test.each([4, 64, 256, 1000])("functions of %i locals, 100,000 deep", async (slots) => {
    const { outcome } = await runAsm(DEEP.replace("1000000", "100000").replace("sum/1", `sum/1 slots=${slots}`));
    expect(outcome).toEqual({ kind: "returned", value: 5000050000 });
  });

  test("closures get parameters, then captures", async () => {
    const result = await resultOf(`
      fn main/0
        PUSH_INT 10
        PUSH_INT 20
        MAKE_LAMBDA.fn <lambda> 2
        PUSH_INT 1
        CALL_FUNCTION.fn 1
        RET.val
      fn <lambda>/1 captures=2
        LOAD 0
        LOAD 1
        LOAD 2
        MAKE_TUPLE 3
        RET.val`);
    expect(result).toBe("(1, 10, 20)");
  });

  test("calling what is no function, or with another count, is a TypeError", async () => {
    const call = (push: string, count: number) => `
      fn main/0
        ${push}
        ${"PUSH_INT 1\n".repeat(count)}
        CALL_FUNCTION.fn ${count}
        RET.val
      fn f/2
        LOAD 0
        RET.val`;
    expect(await runAsm(call("PUSH_INT 5", 0))).toMatchObject({
      outcome: { kind: "failed", report: { shown: '("TypeError", "cannot call what is no function: 5")' } },
    });
    expect(await runAsm(call("MAKE_FUNCTION.fn f", 1))).toMatchObject({
      outcome: { report: { shown: '("TypeError", "f takes 2 arguments, not 1")' } },
    });
  });

  test("a cell is shared by the closures that hold it", async () => {
    const result = await resultOf(`
      fn main/0 slots=1
        PUSH_INT 1
        MAKE_CELL
        STORE 0
        LOAD 0
        MAKE_LAMBDA.fn <add> 1
        CALL_FUNCTION.fn 0
        POP
        LOAD 0
        MAKE_LAMBDA.fn <add> 1
        CALL_FUNCTION.fn 0
        RET.val
      fn <add>/0 captures=1
        LOAD 0
        LOAD 0
        CELL_GET
        PUSH_INT 1
        ADD
        CELL_SET
        LOAD 0
        CELL_GET
        RET.val`);
    expect(result).toBe("3");
  });
});

describe("exceptions", () => {
  test("a throw finds the newest handler, with the operands of its TRY", async () => {
    const result = await resultOf(`
      fn main/0
        PUSH_INT 1
        PUSH_INT 2
        TRY caught
        PUSH_INT 3
        CALL.fn thrower 0
        END_TRY
        POP
      caught:
        MAKE_TUPLE 3
        RET.val
      fn thrower/0
        PUSH_STR "oops"
        THROW.val`);
    expect(result).toBe('(1, 2, "oops")');
  });

  test("errors of instructions and of host functions are caught alike", async () => {
    const result = await resultOf(`
      fn main/0 slots=1
        TRY first
        PUSH_INT 1
        PUSH_INT 0
        DIV.val
        END_TRY
      first:
        STORE 0
        TRY second
        PUSH_STR "no"
        CALL_NATIVE raise 1
        END_TRY
      second:
        LOAD 0
        MAKE_TUPLE 2
        RET.val`);
    expect(result).toBe('(("Panic", "no"), ("DivisionByZero", "Division by zero"))');
  });

  const FAILS = `
    fn main/0
      CALL.fn outer 0
      RET.val
    fn outer/0
      TRY finally
      CALL.fn inner 0
      END_TRY
      RET.val
    finally:
      RETHROW
    fn inner/0
      CALL.fn <hidden> 0
      RET.val
    fn <hidden>/0
      PUSH_STR "oops"
      THROW.val`;

  test("an uncaught exception is reported with the trace of its first throw", async () => {
    const { outcome } = await runBoth(FAILS);
    expect(outcome).toMatchObject({
      kind: "failed",
      report: {
        pid: 1,
        value: "oops",
        shown: "oops",
        place: { function: "<hidden>", path: "test.asm", line: 17, column: 7 },
        trace: [
          { function: "inner", line: 13 },
          { function: "outer", line: 7 },
          { function: "main", line: 3 },
        ],
      },
    });
  });

  test("the trace of a deep recursion has its ends", async () => {
    const { outcome } = await runAsm(`
      fn main/0
        PUSH_INT 1000
        CALL.fn down 1
        RET.val
      fn down/1
        LOAD 0
        JZ stop
        LOAD 0
        PUSH_INT 1
        SUB
        CALL.fn down 1
        RET.val
      stop:
        PUSH_STR "deep"
        THROW.val`);
    if (outcome.kind !== "failed") throw new Error(outcome.kind);
    const { trace, omitted } = outcome.report;
    expect(trace.length).toBe(50);
    expect(trace[0]).toMatchObject({ function: "down", line: 16 });
    expect(trace.at(-1)).toMatchObject({ function: "main" });
    expect(omitted).toEqual({ after: 40, frames: 952 });
  });

  test("elided tail calls are in the report", async () => {
    const { outcome } = await runBoth(`
      fn main/0
        CALL.fn a 0
        RET.val
      fn a/0
        TAIL_CALL b 0
      fn b/0
        PUSH_STR "oops"
        THROW.val`);
    expect(outcome).toMatchObject({
      report: { trace: [{ function: "b" }, { function: "main" }], tailCalls: [{ function: "a", line: 6 }] },
    });
  });

  test("a bug of a host function is an internal error, not a JavaScript exception", async () => {
    const { outcome } = await runAsm("fn main/0\n CALL_NATIVE bug 0\n RET.val");
    expect(outcome).toMatchObject({ kind: "internal", opcode: "CALL_NATIVE", place: { function: "main", line: 2 } });
  });

  test("what grows too large for JavaScript is an exception of the program", async () => {
    const { outcome } = await runAsm("fn main/0\n CALL_NATIVE tooLong 0\n RET.val");
    expect(outcome).toMatchObject({ kind: "failed", report: { shown: expect.stringContaining("too large") } });
  });

  test("an exception lets go of what was locked inside the try", async () => {
    const result = await resultOf(
      `
      mvar m
      fn main/0
        PUSH_INT 5
        MVAR_SET m
        TRY caught
        MVAR_LOCK m
        PUSH_STR "oops"
        THROW.val
      caught:
        POP
        MAKE_FUNCTION.fn child
        SPAWN.fn
        POP
        RECEIVE_BEGIN
        RECEIVE.match .
        RECEIVE_TAKE
        RET.val
      fn child/0
        MVAR_LOCK m
        SELF
        POP
        MVAR_GET m
        MVAR_UNLOCK m
        CALL.fn answer 1
        RET.val
      fn answer/1
        CALL.fn parent 0
        LOAD 0
        SEND.top
        PUSH_UNIT
        RET.val
      global main_pid
      fn parent/0
        LOAD_GLOBAL main_pid
        RET.val`.replace("PUSH_INT 5", "SELF\nSTORE_GLOBAL main_pid\nPUSH_INT 5"),
    );
    expect(result).toBe("5");
  });
});

describe("globals", () => {
  test("a lazy one is computed once, by whoever asks first", async () => {
    const { out, outcome } = await runBoth(`
      global answer = compute
      fn main/0
        MAKE_FUNCTION.fn ask
        SPAWN.fn
        POP
        MAKE_FUNCTION.fn ask
        SPAWN.fn
        POP
        PUSH_INT 20
        SLEEP.val
        LOAD_GLOBAL answer
        RET.val
      fn ask/0
        LOAD_GLOBAL answer
        RET.val
      fn compute/0
        PUSH_STR "once"
        CALL_NATIVE print 1
        POP
        PUSH_INT 1
        SLEEP.val
        PUSH_INT 42
        RET.val`);
    expect(out).toBe("once\n");
    expect(outcome).toEqual({ kind: "returned", value: 42 });
  });

  test("one that needs itself says so", async () => {
    const { outcome } = await runBoth(`
      global x = compute
      fn main/0
        LOAD_GLOBAL x
        RET.val
      fn compute/0
        LOAD_GLOBAL x
        RET.val`);
    expect(outcome).toMatchObject({
      report: { shown: '("UnsetVariable", "x has no value: its own value is needed to compute it")' },
    });
  });

  test("one that fails, fails for each who asks", async () => {
    const result = await resultOf(`
      global x = compute
      fn main/0
        TRY first
        LOAD_GLOBAL x
        END_TRY
      first:
        TRY second
        LOAD_GLOBAL x
        END_TRY
      second:
        MAKE_TUPLE 2
        RET.val
      fn compute/0
        PUSH_STR "no"
        THROW.val`);
    expect(result).toBe('("no", "no")');
  });

  test("one of a script has no value before its statement", async () => {
    const { outcome } = await runBoth("global x\nfn main/0\n LOAD_GLOBAL x\n RET.val");
    expect(outcome).toMatchObject({
      report: { shown: '("UnsetVariable", "x has no value: it is used before it is set")' },
    });
  });
});

describe("host functions", () => {
  test("may wait, and may answer at once", async () => {
    expect(
      await resultOf(`
      fn main/0
        PUSH_INT 1
        CALL_NATIVE later 1
        PUSH_INT 2
        CALL_NATIVE atOnce 1
        ADD
        RET.val`),
    ).toBe("3");
  });

  test("may throw after waiting", async () => {
    expect(
      await resultOf(`
      fn main/0
        TRY caught
        PUSH_INT 1
        CALL_NATIVE laterThrows 1
        END_TRY
        RET.val
      caught:
        PUSH_INT 10
        ADD
        RET.val`),
    ).toBe("11");
  });
});

describe("data", () => {
  test("lists, tuples, maps, records", async () => {
    expect(
      await resultOf(`
      type Some/1
      fn main/0
        PUSH_INT 1
        PUSH_INT 2
        PUSH_INT 3
        MAKE_LIST 1
        APPEND 2
        PUSH_INT 0
        PUSH_STR "k"
        PUSH_INT 9
        MAKE_MAP 1
        PUSH_STR "k"
        INDEX.val
        MAKE_DATA Some 1
        MAKE_TUPLE 3
        RET.val`),
    ).toBe("([1, 2, 3], 0, Some(9))");
  });

  test("the update of a field that is not mutable is refused", async () => {
    expect(
      await runBoth(`
      type P/1 x
      fn main/0
        PUSH_INT 1
        MAKE_DATA P 1
        PUSH_INT 2
        SET_FIELD.val "x"
        PUSH_UNIT
        RET.val`),
    ).toMatchObject({ outcome: { report: { shown: `("Panic", "Field 'x' is not mutable")` } } });
  });

  test("pattern tests", async () => {
    expect(
      await resultOf(`
      type A/0
      type B/0
      struct S/1 name
      fn main/0
        MAKE_DATA A 0
        IS_CONSTRUCTOR B
        MAKE_DATA A 0
        IS_TYPE B
        PUSH_STR "x"
        MAKE_DATA 2 1
        HAS_FIELD.val "name"
        PUSH_INT 1
        IS_KIND Int
        MAKE_LIST 0
        IS_NIL
        MAKE_LIST 0
        IS_CONS
        PUSH_INT 1
        IS_TUPLE 2
        MAKE_LIST 7
        RET.val`),
    ).toBe("[false, true, true, true, true, false, false]");
  });

  test("INTERPOLATE joins display texts", async () => {
    expect(await resultOf(`fn main/0\n PUSH_STR "a"\n PUSH_FLOAT 3.0\n PUSH_CONST 'c'\n INTERPOLATE 3\n RET.val`)).toBe(
      "a3.0c",
    );
  });
});
