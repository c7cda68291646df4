/** The assembler's syntax, with the quirks of the public one. */
import { describe, expect, test } from "vitest";
import { problemsOf, runTtvm } from "../../support/ttvm.ts";

async function out(text: string): Promise<string> {
  const ran = await runTtvm(text);
  expect(ran.ended).toBe("returned");
  return ran.out;
}

describe("texts", () => {
  test.each([
    ['"a;b"', "a"], // everything behind the first ; is dropped
    ['"a b"  ; said', "a b"],
    ['""quoted""', "quoted"],
    ['"say \\"hi\\""', 'say \\"hi\\'],
    ['"a\\nb"', "a\\nb"],
    ["plain text", "plain text"],
    [' "two', ' "two'],
    ['""', ""],
  ])("PUSH_STR %s", async (operand, text) => {
    expect(await out(`PUSH_STR ${operand}\nPRINT`)).toBe(`${text}\n`);
  });
});

describe("lines", () => {
  test("space around, empty lines, Windows line ends, trailing words", async () => {
    expect(await out("  PUSH_INT 1\r\n\r\n\t PRINT now\r\n; end")).toBe("1\n");
  });

  test("labels: before they are defined, with spaces, at the end, the last of two", async () => {
    expect(await out("JMP the end\nPRINT\nLABEL the end")).toBe("");
    expect(await out("JMP x\nLABEL x\nPUSH_INT 1\nPRINT\nHALT\nLABEL x\nPUSH_INT 2\nPRINT")).toBe("2\n");
  });

  test("a target is a number first: a label that is one cannot be reached", async () => {
    expect(await out("JMP 2\nLABEL 2\nPRINT\nPUSH_INT 5\nPRINT")).toBe("5\n");
  });

  test("labels and comments are not counted", async () => {
    expect(await out("; one\nLABEL a\nJMP 2\nPRINT\nPUSH_INT 3\nPRINT")).toBe("3\n");
  });

  test("both spellings", async () => {
    expect(await out('REGISTER "me"\nNULL\nSEND_NAMED "me"\nPRINT\nMAKELIST 1\nDUMPSCOPE')).toBe(
      "sent_to_me\nCurrent scope: Some({})\n",
    );
  });
});

test.each([
  ["PUSH_INT  5", "1: Invalid integer:  5 [bad-operand]"],
  ["PUSH_INT 0x10", "1: Invalid integer: 0x10 [bad-operand]"],
  ["PUSH_INT 9223372036854775808", "1: Invalid integer: 9223372036854775808 [bad-operand]"],
  ["PUSH_FLOAT 1,5", "1: Invalid float: 1,5 [bad-operand]"],
  ["PUSH_BOOL True", "1: Invalid boolean: True [bad-operand]"],
  ["MAKE_LIST -1", "1: Invalid integer: -1 [bad-operand]"],
  ["SEND 18446744073709551616", "1: Invalid process ID: 18446744073709551616 [bad-operand]"],
  ["SEND -1", "1: Invalid process ID: -1 [bad-operand]"],
  ["PUSH_STR", "1: `PUSH_STR` lacks its operand [bad-operand]"],
  ["JMP nowhere", "1: Unknown label: nowhere [unknown-label]"],
  ["CALL f x x\nLABEL f", "1: `CALL` has two parameters `x` [bad-operand]"],
  ["push_int 5", "1: there is no instruction `push_int` [unknown-instruction]"],
  ["PUSH_INT\t5", "1: there is no instruction `PUSH_INT\t5` [unknown-instruction]"],
  ["NULL\n\nHTTP_PUT", "3: there is no instruction `HTTP_PUT` [unknown-instruction]"],
  ["IMPORT", "1: `IMPORT` lacks its operand [bad-operand]"],
  ['IMPORT ""', "1: `IMPORT` lacks its operand [bad-operand]"],
  ["MAKE_LAMBDA f x x\nLABEL f", "1: `MAKE_LAMBDA` has two parameters `x` [bad-operand]"],
  ["EQ.val", "1: there is no instruction `EQ.val` [unknown-instruction]"],
  ["TRY 0", "1: Unknown label: 0 [unknown-label]"],
  ["LIMIT_MAILBOX wait", "1: Invalid policy: wait [bad-operand]"],
  ["RECEIVE_MATCH text", "1: Invalid pattern: text [bad-operand]"],
  ["RECEIVE_MATCH constructor", "1: Invalid pattern: constructor [bad-operand]"],
])("%j is refused: %s", (text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

test("every line that is wrong is told", () => {
  expect(problemsOf("FOO\nPUSH_INT x\nPRINT\nMONITOR x")).toHaveLength(3);
});
