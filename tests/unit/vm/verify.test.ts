import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { disassemble } from "../../../vm/bytecode/disassemble.ts";
import { OPCODES } from "../../../vm/bytecode/opcodes.ts";
import { regionAt, verify } from "../../../vm/bytecode/verify.ts";
import { runUnit, TextSink } from "../../../vm/index.ts";
import { assemble } from "../../support/assemble.ts";
import { runAsm, TEST_NATIVES } from "../../support/machine.ts";

function problemOf(text: string): string {
  const verified = verify(assemble(text));
  return "problem" in verified ? `${verified.problem.code} at ${verified.problem.at}` : "none";
}

describe("what is refused", () => {
  test.each([
    ["an operand that is not there", "fn main/0\n POP\n PUSH_UNIT\n RET.val", "stack-underflow at 0"],
    ["a code without an end", "fn main/0\n PUSH_UNIT", "falls-off-end at 0"],
    ["a jump into an instruction", "fn main/0\n PUSH_INT 5\n JMP 1\n", "bad-target at 2"],
    ["different depths", "fn main/0\n TRUE\n JZ b\n PUSH_INT 1\nb:\n PUSH_UNIT\n RET.val", "depth-differs at 5"],
    [
      "a TRY open on one way only",
      "fn main/0\n TRUE\n JZ b\n TRY h\nb:\n PUSH_UNIT\n RET.val\nh:\n RET.val",
      "regions-differ at 5",
    ],
    ["END_TRY without TRY", "fn main/0\n END_TRY\n PUSH_UNIT\n RET.val", "region-not-open at 0"],
    [
      "regions that cross",
      "mvar m\nfn main/0\n TRY h\n MVAR_LOCK m\n END_TRY\n MVAR_UNLOCK m\n PUSH_UNIT\nh:\n RET.val",
      "region-not-open at 4",
    ],
    ["RET with a lock", "mvar m\nfn main/0\n MVAR_LOCK m\n PUSH_UNIT\n RET.val", "leaves-region at 3"],
    ["a tail call inside TRY", "fn main/0\n TRY h\n TAIL_CALL main 0\nh:\n RET.val", "leaves-region at 2"],
    ["a slot that is not there", "fn main/0 slots=1\n LOAD 1\n RET.val", "bad-operand at 0"],
    ["a wrong number of arguments", "fn main/0\n PUSH_UNIT\n CALL.fn main 1\n RET.val", "bad-operand at 1"],
    ["a constant of another kind", 'fn main/0\n PUSH_FLOAT "x"\n RET.val', "bad-operand at 0"],
    ["an entry with parameters", "fn main/1\n LOAD 0\n RET.val", "bad-unit at -1"],
  ])("%s", (_, text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  test("a host function that this machine lacks, or with other arguments", async () => {
    expect(await runAsm("fn main/0\n CALL_NATIVE nothing 0\n RET.val")).toMatchObject({
      outcome: {
        kind: "load-problem",
        problem: { code: "unknown-native", detail: "this machine has no host function named nothing" },
      },
    });
    expect(await runAsm("fn main/0\n CALL_NATIVE print 0\n RET.val")).toMatchObject({
      outcome: { kind: "load-problem", problem: { code: "bad-operand", detail: "print takes 1 arguments, not 0" } },
    });
  });
});

describe("what is found out", () => {
  test("depths, frame size and the open region of every instruction", () => {
    const unit = assemble(`
    mvar m
    fn main/0
      PUSH_INT 1
      TRY h
      PUSH_INT 2
      MVAR_LOCK m
      PUSH_INT 3
      MVAR_SET m
      MVAR_UNLOCK m
      END_TRY
    h:
      ADD
      RET.val`);
    const verified = verify(unit);
    if ("problem" in verified) throw new Error(verified.problem.detail);
    const [facts] = verified.facts;
    expect(facts!.maxOperands).toBe(3);
    expect(Array.from(facts!.depths)).toEqual([0, -1, 1, -1, 1, -1, 2, -1, 2, -1, 3, -1, 2, -1, 2, 2, 1]);
    const regions = [0, 2, 4, 6, 8, 10, 12, 14, 15, 16].map((at) => regionAt(facts!.regionRuns, at));
    expect(regions).toEqual([-1, -1, 0, 0, 1, 1, 1, 0, -1, -1]);
    expect(facts!.regions).toEqual([
      { kind: "try", parent: -1, target: 15, depth: 1, lockSet: -1 },
      { kind: "lock", parent: 0, target: -1, depth: 2, lockSet: 0 },
    ]);
  });

  test("a function of 100,000 instructions, without recursion", () => {
    const unit = assemble(`fn main/0\n${" TRUE\n POP\n".repeat(50_000)} PUSH_UNIT\n RET.val`);
    expect("facts" in verify(unit)).toBe(true);
  });
});

describe("any words at all", () => {
  const word = fc.oneof(fc.nat(OPCODES.length + 1), fc.nat(12), fc.integer());

  test("are refused, or run without an internal error of the verifier", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (words) => {
        const base = assemble(`
        mvar m
        global g
        type A/1
        fn main/0 slots=2
          PUSH_STR "x"
          CALL_NATIVE print 1
          RET.val
        fn f/1
          LOAD 0
          RET.val`);
        const functions = base.functions.map((fn, i) => (i === 1 ? { ...fn, code: Int32Array.from(words) } : fn));
        const entry = { ...base.functions[0]!, code: Int32Array.from(words) };
        const unit = { ...base, functions: [entry, functions[1]!] };
        expect(typeof disassemble(unit)).toBe("string");
        const outcome = await runUnit(unit, {
          natives: TEST_NATIVES,
          sink: new TextSink(),
          maxReductions: 1000,
          maxStackFrames: 100,
        });
        expect(outcome.kind).toMatch(/load-problem|returned|failed|stuck|reduction-budget|internal/);
      }),
      { numRuns: 500 },
    );
  });
});

test("the disassembler names what operands mean and shows labels and lines", () => {
  const unit = assemble(`
mvar m
global g = f
type Some/1
fn main/0 slots=1
again:
  PUSH_STR "x"
  CALL.fn f 0
  STORE 0
  MAKE_DATA Some 1
  MVAR_LOCK m
  MVAR_UNLOCK m
  CALL_NATIVE print 1
  JZ again
  LOAD_GLOBAL g
  RET.val
fn f/0
  PUSH_FLOAT 2.0
  RET.val`);
  expect(disassemble(unit)).toMatchInlineSnapshot(`
    "mvar m
    global g = f

    entry fn main/0 slots=1    ; any
    L0:
          0  PUSH_STR             "x"                            ; test.asm:7
          2  CALL.fn              f 0                            ; test.asm:8
          5  STORE                $0                             ; test.asm:9
          7  MAKE_DATA            Some 1                         ; test.asm:10
         10  MVAR_LOCK            m                              ; test.asm:11
         12  MVAR_UNLOCK          m                              ; test.asm:12
         14  CALL_NATIVE          print 1                        ; test.asm:13
         17  JZ                   L0                             ; test.asm:14
         19  LOAD_GLOBAL          g                              ; test.asm:15
         21  RET.val                                             ; test.asm:16

    fn f/0 slots=0    ; any
          0  PUSH_FLOAT           2.0                            ; test.asm:18
          2  RET.val                                             ; test.asm:19
    "
  `);
});
