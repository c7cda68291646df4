/** Functions and closures as values. Programs are lines separated by ` / `. */
import { describe, expect, test } from "vitest";
import { runTtvm } from "../../support/ttvm.ts";

/** What it prints, or the text with which it fails, with slices as shipped and of one instruction. */
async function said(text: string): Promise<string> {
  const program = text.split(" / ").join("\n");
  const { out, ended } = await runTtvm(program);
  const small = await runTtvm(program, { sliceReductions: 1 });
  expect({ out: small.out, ended: small.ended }).toEqual({ out, ended });
  return ended === "returned" ? out.trimEnd().split("\n").join(" / ") : ended;
}

const ADDER = "LABEL add / LOAD a / LOAD b / ADD / RET";

describe("functions", () => {
  test.each([
    [`PUSH_INT 1 / PUSH_INT 2 / MAKE_FUNCTION add a b / CALL_FUNCTION / PRINT / HALT / ${ADDER}`, "3"],
    [`PUSH_INT 1 / MAKE_FUNCTION add a b / CALL_FUNCTION / ${ADDER}`, "Need 2 stack items but only 1 available"],
    ["PUSH_INT 1 / CALL_FUNCTION", "CALL_FUNCTION expects a function or closure but got Int(1)"],
    ["CALL_FUNCTION", "Stack underflow during CALL_FUNCTION"],
    ["MAKE_FUNCTION 3 / PRINT / HALT / RET", "function@3 ()"],
    [`MAKE_FUNCTION add a b / PRINT / HALT / ${ADDER}`, "function@3 (a, b)"],
    [
      `MAKE_FUNCTION add a b / NOT / HALT / ${ADDER}`,
      'NOT expects Bool or Int but got Function { addr: 3, params: ["a", "b"] }',
    ],
    [`MAKE_FUNCTION add a b / DUP / EQ / PRINT / HALT / ${ADDER}`, "1"],
    [`MAKE_FUNCTION add a b / MAKE_FUNCTION add b a / EQ / PRINT / HALT / ${ADDER}`, "0"],
    [`MAKE_FUNCTION add a b / MAKE_FUNCTION add a b / NE / PRINT / HALT / ${ADDER}`, "0"],
  ])("%s: %s", async (text, answer) => {
    expect(await said(text)).toBe(answer);
  });

  test("a recursion without end through a function value is an error", async () => {
    const text = "MAKE_FUNCTION f\nSTORE f\nLABEL f\nMAKE_FUNCTION f\nCALL_FUNCTION";
    expect((await runTtvm(text, { maxStackFrames: 1000 })).ended).toBe("Stack overflow");
  });

  test("a throw out of a called function goes to the caller's handler, with its variables", async () => {
    const text =
      "PUSH_INT 7 / STORE x / TRY caught / MAKE_FUNCTION f / CALL_FUNCTION / LABEL caught / PRINT / LOAD x / PRINT / HALT / LABEL f / PUSH_STR oh / THROW";
    expect(await said(text)).toBe("Exception: oh / Stack trace: /   at instruction 10 / 7");
  });

  test("a function goes to another process in a message", async () => {
    const text = `PUSH_STR child / SPAWN / STORE p / MAKE_FUNCTION add a b / LOAD p / SEND / HALT / LABEL child / RECEIVE / STORE f / PUSH_INT 4 / PUSH_INT 5 / LOAD f / CALL_FUNCTION / PRINT / HALT / ${ADDER}`;
    expect(await said(text)).toBe("9");
  });
});

describe("closures", () => {
  const LATER = "HALT / LABEL later / LOAD x / PRINT / RET";
  test.each([
    [`PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA later / CALL_FUNCTION / ${LATER}`, "5"],
    [
      `PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA later / PUSH_INT 6 / STORE x / CALL_FUNCTION / LOAD x / PRINT / ${LATER}`,
      "5 / 6",
    ],
    [`CAPTURE x / ${LATER}`, "Undefined variable: x"],
    [
      `PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA later / MAKE_LAMBDA later / CALL_FUNCTION / ${LATER}`,
      "Undefined variable: x",
    ],
    [`PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA later y z / PRINT / ${LATER}`, "closure@6 (y, z) [captured: 1]"],
    [
      `PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA later y / NOT / ${LATER}`,
      'NOT expects Bool or Int but got Closure { addr: 6, params: ["y"], captured: {"x": Int(5)} }',
    ],
    // a parameter hides what was captured
    [
      `PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA later x / STORE f / PUSH_INT 9 / LOAD f / CALL_FUNCTION / ${LATER}`,
      "9",
    ],
    // what a call stores, the next does not see
    [
      "PUSH_INT 0 / STORE n / CAPTURE n / MAKE_LAMBDA count / STORE f / LOAD f / CALL_FUNCTION / LOAD f / CALL_FUNCTION / HALT / LABEL count / LOAD n / PUSH_INT 1 / ADD / STORE n / LOAD n / PRINT / RET",
      "1 / 1",
    ],
    [
      `PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA later / DUP / EQ / ${LATER}`,
      'EQ expects values of the same type but got Closure { addr: 7, params: [], captured: {"x": Int(5)} }, Closure { addr: 7, params: [], captured: {"x": Int(5)} }',
    ],
  ])("%s: %s", async (text, answer) => {
    expect(await said(text)).toBe(answer);
  });

  test("SPAWN runs a function value without parameters, also as a child that is restarted with what it captured", async () => {
    const body = 'HALT / LABEL body / PUSH_STR "child has" / PRINT / LOAD x / PRINT';
    expect(await said(`PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA body / SPAWN / PRINT / ${body}`)).toBe(
      "2 / child has / 5",
    );
    const failing = `PUSH_INT 5 / STORE x / CAPTURE x / MAKE_LAMBDA body / SPAWN / STORE p / LABEL wait / YIELD / WHEREIS c / JZ wait / START_SUPERVISOR / SUPERVISE_CHILD c / NULL / LOAD p / SEND / RECEIVE / ${body} / REGISTER c / PRINT / RECEIVE / LOAD nothing`;
    expect(await said(failing)).toBe("child has / 5 / registered_c / child has / 5 / registered_c");
    expect(await said("MAKE_FUNCTION 0 a / SPAWN")).toBe(
      'SPAWN expects a function without parameters but got Function { addr: 0, params: ["a"] }',
    );
  });
});
