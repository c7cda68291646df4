/** TRY, THROW, the string instructions and RECEIVE_MATCH of TinyTotVM code. Programs are lines separated by ` / `. */
import { describe, expect, test } from "vitest";
import { runTtvm } from "../../support/ttvm.ts";

const lines = (text: string): string => text.split(" / ").join("\n");

/** What it prints, or the text with which it fails, with slices as shipped and of one instruction. */
async function said(text: string): Promise<string> {
  const { out, ended } = await runTtvm(lines(text));
  const small = await runTtvm(lines(text), { sliceReductions: 1 });
  expect({ out: small.out, ended: small.ended }).toEqual({ out, ended });
  return ended === "returned" ? out.trimEnd().split("\n").join(" / ") : ended;
}

describe("exceptions", () => {
  test.each([
    ["TRY e / PUSH_STR bad / THROW / LABEL e / CATCH x / PRINT", "Exception: bad / Stack trace: /   at instruction 2"],
    ["TRY e / PUSH_STR fine / PRINT / END_TRY / HALT / LABEL e / PRINT", "fine"],
    [
      "TRY e / PUSH_INT 5 / THROW / LABEL e / PRINT",
      "Exception: Thrown value: Int(5) / Stack trace: /   at instruction 2",
    ],
    ["TRY e / LOAD x / LABEL e / PRINT", "Exception: Undefined variable: x / Stack trace: /   at instruction 1"],
    [
      "TRY e / FALSE / PUSH_INT 1 / ADD / LABEL e / PRINT",
      "Exception: ADD expects two numbers (int or float) but got Bool(false), Int(1) / Stack trace: /   at instruction 3",
    ],
    // the operands of TRY are there again, what came later is not
    ["PUSH_STR kept / TRY e / TRUE / TRUE / PUSH_STR bad / THROW / LABEL e / STORE e / PRINT", "kept"],
    // rethrown, and caught by the TRY around; the trace is the first
    [
      "TRY a / TRY b / PUSH_STR x / THROW / LABEL b / THROW / LABEL a / PRINT",
      "Exception: x / Stack trace: /   at instruction 3",
    ],
    // from within calls: their variables are gone, the caller's are there
    [
      "PUSH_INT 7 / STORE v / TRY e / CALL f / LABEL e / STORE x / LOAD v / PRINT / HALT / LABEL f / CALL g / LABEL g / PUSH_STR deep / THROW",
      "7",
    ],
    ["PUSH_STR bad / THROW", "Unhandled exception: bad"],
    ["TRY e / PUSH_STR bad / THROW / LABEL e / THROW", "Unhandled exception: bad"],
    // a RET out of a TRY leaves it
    ["CALL f / PUSH_STR bad / THROW / LABEL f / TRY e / RET / LABEL e / PRINT", "Unhandled exception: bad"],
    ["END_TRY / PUSH_STR fine / PRINT", "fine"],
    ["THROW", "Stack underflow during THROW"],
    [
      "TRY e / PUSH_STR a / THROW / LABEL e / PUSH_STR b / CONCAT",
      'CONCAT expects two strings but got Exception { message: "a", stack_trace: ["at instruction 2"] }, Str("b")',
    ],
  ])("%s: %s", async (text, answer) => {
    expect(await said(text)).toBe(answer);
  });

  test("a hundred thousand throws", async () => {
    const text =
      "PUSH_INT 100000 / STORE n / LABEL l / TRY e / LOAD nothing / LABEL e / STORE x / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ d / JMP l / LABEL d / LOAD n / PRINT";
    expect((await runTtvm(lines(text), { observe: () => {} })).out).toBe("0\n");
  });

  test("TRYs without end are an error, not the end of the machine", async () => {
    expect(
      (await runTtvm(lines("LABEL l / TRY l / JMP l"), { maxReductions: 10_000, maxStackFrames: 100 })).ended,
    ).toBe(
      "reduction-budget", // the newest TRY catches it, again and again
    );
  });

  test("a process that catches lives on; the reason of one that does not is what it threw", async () => {
    const text =
      "PUSH_STR bad / SPAWN / MONITOR / RECEIVE / PRINT / HALT / LABEL bad / TRY e / LOAD x / LABEL e / PUSH_STR enough / THROW";
    const { out, crashes } = await runTtvm(lines(text));
    expect({ out, crashes }).toEqual({
      out: "down:2:mon_1_2:Unhandled exception: enough\n",
      crashes: ["Unhandled exception: enough"],
    });
  });
});

describe("texts", () => {
  test.each([
    ['PUSH_STR "TASK:SQUARE:7" / STR_SPLIT ":" / DUP / LEN / PRINT / PUSH_INT 1 / INDEX / PRINT', "3 / SQUARE"],
    ['PUSH_STR "aéb" / STR_SPLIT "" / PRINT', "[a, é, b]"],
    ['PUSH_STR "" / STR_SPLIT ":" / LEN / PRINT', "1"],
    ['PUSH_STR "a😀" / STR_LEN / PRINT', "2"],
    ['PUSH_STR "TASK:A" / STARTS_WITH "TASK:" / PRINT / NULL / STARTS_WITH "x" / PRINT', "true / false"],
    ["NULL / STR_LEN", "STR_LEN expects a string but got Null"],
    ["NULL / STR_SPLIT x", "STR_SPLIT expects a string but got Null"],
  ])("%s: %s", async (text, answer) => {
    expect(await said(text)).toBe(answer);
  });
});

describe("RECEIVE_MATCH", () => {
  const SENT =
    "PUSH_STR a / SEND 1 / PUSH_INT 1 / SEND 1 / PUSH_STR TASK:b / SEND 1 / PUSH_FLOAT 2.0 / SEND 1 / NULL / SEND 1 / TRUE / SEND 1 / MAKE_LIST 0 / SEND 1 / MAKE_OBJECT / SEND 1";
  const rest = (count: number): string => "RECEIVE / PRINT / ".repeat(count);
  test.each([
    ["int", "1"],
    ["string", "a"],
    ["starts TASK:", "TASK:b"],
    ['starts "TASK:"', "TASK:b"],
    ["float", "2"],
    ["null", "null"],
    ["bool", "true"],
    ["list", "[]"],
    ["object", "{}"],
    ["value", "a"],
    ["any", "a"],
  ])("%s takes %s, and the others stay in order", async (pattern, taken) => {
    const others = ["a", "1", "TASK:b", "2", "null", "true", "[]", "{}"].filter((text) => text !== taken);
    expect(await said(`${SENT} / RECEIVE_MATCH ${pattern} / PRINT / ${rest(7)}HALT`)).toBe(
      [taken, ...others].join(" / "),
    );
  });

  test("waits until one fits; down and exit, of one process or of any", async () => {
    const child = "HALT / LABEL c / RECEIVE / HALT";
    const two =
      "TRUE / TRAP_EXIT / PUSH_STR c / SPAWN / LINK / PUSH_STR c / SPAWN / MONITOR / NULL / SEND 2 / NULL / SEND 3";
    expect(
      await said(
        `PUSH_STR x / SEND 1 / ${two} / RECEIVE_MATCH down 3 / PRINT / RECEIVE_MATCH exit / PRINT / RECEIVE / PRINT / ${child}`,
      ),
    ).toBe("down:3:mon_1_3:normal / exit:2 / x");
    expect(await said(`NULL / SEND 1 / RECEIVE_MATCH int`)).toBe("stuck");
    expect(await said(`${two} / RECEIVE_MATCH down 2 / ${child}`)).toBe("stuck");
  });
});
