/** What TinyTotVM's instructions take, give and say when they fail. Programs are lines separated by ` / `. */
import { describe, expect, test } from "vitest";
import { instructionNumbers } from "../../../vm/bytecode/tiny-builder.ts";
import { firstTinyFrame, TinyProgram } from "../../../vm/interp/tiny-program.ts";
import { Process } from "../../../vm/process/process.ts";
import { reachableBytes } from "../../../vm/sched/heap-guard.ts";
import { runTtvm, unitOf } from "../../support/ttvm.ts";

const lines = (text: string): string => text.split(" / ").join("\n");

/** What it prints, or the text with which it fails, with slices as shipped and of one instruction. */
async function said(text: string): Promise<string> {
  const { out, ended } = await runTtvm(lines(text));
  const small = await runTtvm(lines(text), { sliceReductions: 1 });
  expect({ out: small.out, ended: small.ended }).toEqual({ out, ended });
  return ended === "returned" ? out.trimEnd().split("\n").join(" / ") : ended;
}

const binary = (a: string, b: string, op: string): Promise<string> => said(`PUSH_${a} / PUSH_${b} / ${op} / PRINT`);

describe("arithmetic", () => {
  test.each([
    ["INT 2", "INT 3", "ADD", "5"],
    ["INT 2", "FLOAT 0.5", "ADD", "2.5"],
    ["FLOAT 1.5", "FLOAT 1.5", "ADD", "3"],
    ["INT 9223372036854775807", "INT 1", "ADD", "-9223372036854775808"],
    ["INT 5", "INT 3", "SUB", "2"],
    ["INT -9223372036854775808", "INT 1", "SUB", "9223372036854775807"],
    ["INT 6", "INT 7", "MUL", "42"],
    ["INT 3037000500", "INT 3037000500", "MUL", "-9223372036709301616"],
    ["INT -7", "INT 2", "DIV", "-3"],
    ["INT 7", "FLOAT 2.0", "DIV", "3.5"],
    ["INT -9223372036854775808", "INT -1", "DIV", "-9223372036854775808"],
    ["INT 1", "INT 0", "DIV", "Division by zero"],
    ["FLOAT 1.0", "FLOAT -0.0", "DIV", "Division by zero"],
    ["INT 1", "STR x", "ADD", 'ADD expects two numbers (int or float) but got Int(1), Str("x")'],
    ["BOOL true", "INT 1", "MUL", "MUL expects two numbers (int or float) but got Bool(true), Int(1)"],
    ["FLOAT 1.5", "FLOAT 2.5", "ADD_F", "4"],
    ["FLOAT 1.5", "FLOAT 2.5", "SUB_F", "-1"],
    ["FLOAT 1.5", "FLOAT 2.0", "MUL_F", "3"],
    ["FLOAT 1.0", "FLOAT 4.0", "DIV_F", "0.25"],
    ["FLOAT 1.0", "FLOAT 0.0", "DIV_F", "DIV_F expects non-zero divisor but got zero"],
    ["FLOAT 1.0", "INT 2", "ADD_F", "ADD_F expects two floats but got Float(1.0), Int(2)"],
    ["STR a", "STR b", "CONCAT", "ab"],
    ["STR a", "INT 1", "CONCAT", 'CONCAT expects two strings but got Str("a"), Int(1)'],
  ])("%s %s %s: %s", async (a, b, op, answer) => {
    expect(await binary(a, b, op)).toBe(answer);
  });
});

describe("comparison and logic", () => {
  test.each([
    ["INT 1", "INT 1", "EQ", "1"],
    ["INT 1", "INT 2", "NE", "1"],
    ["STR a", "STR b", "EQ", "0"],
    ["BOOL true", "BOOL true", "EQ", "1"],
    ["FLOAT 0.1", "FLOAT 0.10000000000000001", "EQ", "1"],
    ["FLOAT 1.0", "FLOAT 1.0000000000000001", "EQ_F", "1"],
    ["FLOAT NaN", "FLOAT NaN", "EQ", "0"],
    ["FLOAT NaN", "FLOAT NaN", "NE", "0"],
    ["INT 1", "FLOAT 1.0", "EQ", "EQ expects values of the same type but got Int(1), Float(1.0)"],
    ["INT 1", "STR 1", "NE", 'NE expects values of the same type but got Int(1), Str("1")'],
    ["INT 2", "INT 1", "GT", "1"],
    ["INT 2", "INT 1", "LT", "0"],
    ["INT 2", "INT 2", "GE", "1"],
    ["INT 9223372036854775807", "INT 2", "LE", "0"],
    ["FLOAT 2.0", "INT 1", "GT", "GT expects two integers but got Float(2.0), Int(1)"],
    ["FLOAT 2.5", "FLOAT 1.0", "GT_F", "1"],
    ["FLOAT 2.5", "FLOAT 1.0", "LT_F", "0"],
    ["FLOAT 2.5", "FLOAT 2.5", "GE_F", "1"],
    ["FLOAT 2.5", "FLOAT 2.5", "LE_F", "1"],
    ["FLOAT 2.5", "FLOAT 2.0", "NE_F", "1"],
    ["FLOAT 2.5", "INT 2", "LE_F", "LE_F expects two floats but got Float(2.5), Int(2)"],
    ["BOOL true", "BOOL false", "AND", "false"],
    ["BOOL true", "BOOL false", "OR", "true"],
    ["INT 1", "BOOL false", "AND", "AND expects two Booleans but got Int(1), Bool(false)"],
  ])("%s %s %s: %s", async (a, b, op, answer) => {
    expect(await binary(a, b, op)).toBe(answer);
  });

  test.each([
    ["TRUE / NOT / PRINT", "false"],
    ["PUSH_INT 0 / NOT / PRINT", "true"],
    ["PUSH_INT 7 / NOT / PRINT", "false"],
    ["NULL / NOT", "NOT expects Bool or Int but got Null"],
    ["NULL / NULL / EQ / PRINT", "1"],
    ["MAKE_LIST 0 / MAKE_LIST 0 / EQ", "EQ expects values of the same type but got List([]), List([])"],
    ["DUP", "Stack underflow during DUP"],
    ["PUSH_INT 1 / ADD", "Stack underflow during ADD"],
    ["PRINT", "Stack underflow during PRINT"],
  ])("%s: %s", async (text, answer) => {
    expect(await said(text)).toBe(answer);
  });
});

describe("control and variables", () => {
  test.each([
    ["PUSH_INT 0 / JZ a / PUSH_STR no / PRINT / LABEL a / PUSH_STR yes / PRINT", "yes"],
    ["FALSE / JZ a / PUSH_STR no / PRINT / LABEL a / PUSH_STR yes / PRINT", "yes"],
    ["NULL / JZ a / PUSH_STR no / PRINT / LABEL a / PUSH_STR yes / PRINT", "yes"],
    ["PUSH_FLOAT 0.0 / JZ a / PUSH_STR goes on / PRINT / LABEL a", "goes on"],
    ['PUSH_STR "" / JZ a / PUSH_STR goes on / PRINT / LABEL a', "goes on"],
    ["MAKE_LIST 0 / JZ a / PUSH_STR goes on / PRINT / LABEL a", "goes on"],
    ["JMP 2 / PRINT / PUSH_INT 1 / PRINT", "1"],
    ["JMP 0 / PUSH_INT 1 / PRINT", "1"], // to itself: goes on
    ["JMP 99 / PRINT", ""], // past the end: the end
    ["PUSH_INT 1 / PUSH_INT 2 / CALL f a b / PRINT / HALT / LABEL f / LOAD a / PRINT / LOAD b / RET", "1 / 2"],
    ["PUSH_INT 1 / CALL f a b / LABEL f", "Need 2 stack items but only 1 available"],
    ["PUSH_INT 5 / STORE x / CALL f / LABEL f / LOAD x", "Undefined variable: x"],
    ["CALL f / LOAD y / HALT / LABEL f / PUSH_INT 1 / STORE y / RET", "Undefined variable: y"],
    ["CALL f / PRINT / PRINT / HALT / LABEL f / PUSH_INT 1 / PUSH_INT 2 / RET", "2 / 1"],
    ["RET", "No variable scope available"],
    ["PUSH_INT 5 / STORE x / LOAD x / PRINT / DELETE x / LOAD x", "Undefined variable: x"],
    ['PUSH_INT 5 / STORE "x" / LOAD x', "Undefined variable: x"],
    ["DUMP_SCOPE", "Current scope: Some({})"],
    ['PUSH_STR a"\\ / STORE s / DUMP_SCOPE', 'Current scope: Some({"s": Str("a\\"\\\\")})'],
  ])("%s: %s", async (text, answer) => {
    expect(await said(text)).toBe(answer);
  });

  test("DELETE of an unknown variable warns, and goes on", async () => {
    const { error, ended } = await runTtvm("DELETE x");
    expect({ error, ended }).toEqual({ error: "Warning: tried to DELETE unknown variable 'x'\n", ended: "returned" });
  });

  test("a recursion without end is an error, not the end of the machine", async () => {
    expect((await runTtvm("LABEL f\nPUSH_INT 1\nCALL f", { maxStackFrames: 1000 })).ended).toBe("Stack overflow");
  });

  test("a loop of 100,000 turns", async () => {
    expect(
      await said(
        "PUSH_INT 100000 / STORE n / LABEL l / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ e / JMP l / LABEL e / LOAD n / PRINT",
      ),
    ).toBe("0");
  });
});

describe("lists and objects", () => {
  const LIST = "PUSH_INT 10 / PUSH_STR a / PUSH_INT 1 / MAKE_LIST 1 / MAKE_LIST 3";
  const OBJECT = "MAKE_OBJECT / PUSH_INT 1 / SET_FIELD k / PUSH_STR two / SET_FIELD k2";
  test.each([
    [`${LIST} / PRINT`, "[10, a, [1]]"],
    [`${LIST} / LEN / PRINT`, "3"],
    [`${LIST} / PUSH_INT 1 / INDEX / PRINT`, "a"],
    [`${LIST} / PUSH_INT 3 / INDEX`, "Index 3 out of bounds for list of length 3"],
    ["MAKE_LIST 0 / PUSH_INT -1 / INDEX", "Index 18446744073709551615 out of bounds for list of length 0"],
    [`${LIST} / NULL / INDEX`, "INDEX expects an integer index but got Null"],
    ["PUSH_STR x / PUSH_INT 0 / INDEX", 'INDEX expects a list but got Str("x")'],
    ["PUSH_INT 1 / MAKE_LIST 2", "Need 2 stack items but only 1 available"],
    ["MAKE_LIST 99999999999", "Need 2147483647 stack items but only 0 available"],
    ["PUSH_STR x / LEN", 'LEN expects a list or object but got Str("x")'],
    [`${OBJECT} / PRINT`, "{k: 1, k2: two}"],
    ["MAKE_OBJECT / PRINT", "{}"],
    [`${OBJECT} / LEN / PRINT`, "2"],
    [`${OBJECT} / GET_FIELD k2 / PRINT`, "two"],
    [`${OBJECT} / GET_FIELD no / PRINT`, "null"],
    [`${OBJECT} / HAS_FIELD k / PRINT`, "1"],
    [`${OBJECT} / DELETE_FIELD k / PRINT`, "{k2: two}"],
    [`${OBJECT} / KEYS / PRINT`, "[k, k2]"],
    [`${OBJECT} / DUP / PUSH_INT 9 / SET_FIELD k / PRINT / PRINT`, "{k: 9, k2: two} / {k: 1, k2: two}"],
    ["NULL / GET_FIELD k", "GET_FIELD expects an object but got Null"],
    [`${OBJECT} / NOT`, 'NOT expects Bool or Int but got Object({"k": Int(1), "k2": Str("two")})'],
  ])("%s: %s", async (text, answer) => {
    expect(await said(text)).toBe(answer);
  });

  test("a list nested a hundred thousand deep prints", async () => {
    const text =
      "PUSH_INT 100000 / STORE n / NULL / LABEL l / MAKE_LIST 1 / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ e / JMP l / LABEL e / PRINT";
    const { out } = await runTtvm(lines(text));
    expect(out).toBe(`${"[".repeat(100_000)}null${"]".repeat(100_000)}\n`);
  });

  test("a text that doubles with each turn is an error at last", async () => {
    const text = "PUSH_STR x / STORE s / LABEL l / LOAD s / LOAD s / CONCAT / STORE s / JMP l";
    expect((await runTtvm(lines(text))).ended).toContain("too large");
  });
});

describe("what is printed", () => {
  test.each([
    ["PUSH_FLOAT 10.0", "10"],
    ["PUSH_FLOAT 1e21", "1000000000000000000000"],
    ["PUSH_FLOAT 1e-7", "0.0000001"],
    ["PUSH_FLOAT -0.0", "-0"],
    ["PUSH_FLOAT inf", "inf"],
    ["PUSH_FLOAT NaN", "NaN"],
    ["PUSH_FLOAT .5", "0.5"],
    ["PUSH_BOOL true", "true"],
    ["NULL", "null"],
  ])("%s: %s", async (text, answer) => {
    expect(await said(`${text} / PRINT`)).toBe(answer);
  });

  test.each([
    ["1e21", "1e21"],
    ["1.5e-7", "1.5e-7"],
    ["100000.0", "100000.0"],
    ["-0.0", "-0.0"],
  ])("the debug form of %s", async (float, form) => {
    expect(await said(`PUSH_FLOAT ${float} / NOT`)).toBe(`NOT expects Bool or Int but got Float(${form})`);
  });
});

describe("processes", () => {
  test("every instruction of a process's own: variables, calls, lists, in the child of a label", async () => {
    const text = `PUSH_STR "square"\nSPAWN\nPUSH_INT 7\nSEND 2\nREGISTER "main"\nRECEIVE\nPRINT\nHALT
LABEL square\nRECEIVE\nDUP\nCALL times a b\nSTORE r\nLOAD r\nSENDNAMED "main"\nHALT
LABEL times\nLOAD a\nLOAD b\nMUL\nRET`;
    expect((await runTtvm(text)).out).toBe("49\n");
  });

  test("messages of one sender arrive in order; a million instructions in small slices change nothing", async () => {
    const text = `PUSH_STR "child"\nSPAWN\nPUSH_INT 1\nSEND 2\nPUSH_INT 2\nSEND 2\nPUSH_INT 3\nSEND 2\nHALT
LABEL child\nRECEIVE\nPRINT\nRECEIVE\nPRINT\nRECEIVE\nPRINT`;
    for (const sliceReductions of [1, 2, 3, 1000])
      expect((await runTtvm(text, { sliceReductions })).out).toBe("1\n2\n3\n");
  });

  test("a slice is 1000 instructions", async () => {
    const text = `PUSH_STR "child"\nSPAWN\n${"TRUE\n".repeat(2000)}PUSH_STR "main"\nPRINT\nHALT\nLABEL child\nPUSH_STR "child"\nPRINT`;
    const { out, events } = await runTtvm(text);
    expect(out).toBe("child\nmain\n");
    const steps = events.filter((event) => event.kind === "step").map(({ pid }) => pid);
    expect(steps.indexOf(2)).toBe(1000);
  });

  test("results of REGISTER, WHEREIS, SENDNAMED; a process may have two names, a name one process", async () => {
    const text =
      'REGISTER "a" / PRINT / REGISTER "b" / PRINT / REGISTER "a" / PRINT / WHEREIS "b" / PRINT / WHEREIS "c" / PRINT';
    expect(await said(text)).toBe("registered_a / registered_b / register_failed_Name 'a' already registered / 1 / 0");
    expect(await said('NULL / SENDNAMED "x" / PRINT')).toBe("send_failed_Process 'x' not found");
  });

  test("SEND to numbers that no process has", async () => {
    for (const pid of ["0", "2", "4294967297", "18446744073709551615"]) {
      const { error } = await runTtvm(`NULL\nSEND ${pid}`);
      expect(error).toBe(`Failed to send message to process ${pid}: Process ${pid} not found\n`);
    }
  });

  test("SPAWN of what is no text; of a label with a space", async () => {
    expect(await said("PUSH_INT 1 / SPAWN / PRINT")).toBe("2 / Spawned process");
    expect(await said('PUSH_STR "a b" / SPAWN / PRINT / HALT / LABEL a b / PUSH_STR ab / PRINT')).toBe("2 / ab");
  });

  test("main fails: the others are dropped; the last of the others fails: the program ends well", async () => {
    const failing = await runTtvm('PUSH_STR "worker"\nSPAWN\nLOAD x');
    expect({ ended: failing.ended, crashes: failing.crashes }).toEqual({ ended: "Undefined variable: x", crashes: [] });
    const { ended, crashes } = await runTtvm('PUSH_STR "child"\nSPAWN\nHALT\nLABEL child\nADD');
    expect({ ended, crashes }).toEqual({ ended: "returned", crashes: ["Stack underflow during ADD"] });
  });

  test("ten thousand processes", async () => {
    const text = `REGISTER "main"\nPUSH_INT 10000\nSTORE n
LABEL more\nPUSH_STR "child"\nSPAWN\nSTORE p\nLOAD n\nPUSH_INT 1\nSUB\nDUP\nSTORE n\nJZ collect\nJMP more
LABEL collect\nPUSH_INT 10000\nSTORE n\nPUSH_INT 0\nSTORE sum
LABEL next\nRECEIVE\nLOAD sum\nADD\nSTORE sum\nLOAD n\nPUSH_INT 1\nSUB\nDUP\nSTORE n\nJZ end\nJMP next
LABEL end\nLOAD sum\nPRINT\nHALT\nLABEL child\nPUSH_INT 2\nSENDNAMED "main"`;
    const { out, ended } = await runTtvm(text, { observe: () => {} });
    expect({ out, ended }).toEqual({ out: "20000\n", ended: "returned" });
  });
});

test("instructions are numbered as TinyTotVM counts", () => {
  const { code } = unitOf('PUSH_INT 1\nPUSH_STR "x"\nPRINT').functions[0]!;
  expect([...instructionNumbers(code)]).toEqual([
    [0, 0],
    [2, 1],
    [4, 2],
    [5, 3],
  ]);
});

test("what a process holds in its variables counts as its memory", () => {
  const program = new TinyProgram(unitOf("HALT"));
  const frame = firstTinyFrame(program, program.functions[0]!.closure);
  const held = new Process(1, frame, 0);
  const empty = reachableBytes(held, 1000);
  frame.scopes[0]!.set("s", "x".repeat(10_000));
  expect(reachableBytes(held, 1000) - empty).toBeGreaterThan(9_000);
});
