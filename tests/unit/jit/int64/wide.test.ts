/** Loops of Int arithmetic around the edges of 2^53 and 2^63, compiled and interpreted: whatever can be seen is equal. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CompiledCode, JitObserver } from "../../../../vm/jit/trace.ts";
import { runAsm } from "../../../support/machine.ts";

const TURNS = 120;
const VARIABLES = ["a", "b", "c"] as const; // slots 1 to 3; slot 0 counts turns
type Variable = number;

type Expression =
  | { readonly kind: "load"; readonly slot: Variable }
  | { readonly kind: "push"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "negate"; readonly of: Expression }
  | { readonly kind: "binary"; readonly op: string; readonly left: Expression; readonly right: Expression };

type Statement =
  | { readonly kind: "set"; readonly slot: Variable; readonly to: Expression }
  | {
      readonly kind: "if";
      readonly op: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly body: readonly Statement[];
    };

const near = (power: number): fc.Arbitrary<bigint> =>
  fc.tuple(fc.integer({ min: -2, max: 2 }), fc.boolean()).map(([off, isNegative]) => {
    const value = 2n ** BigInt(power) + BigInt(off);
    return BigInt.asIntN(64, isNegative ? -value : value);
  });
const int = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -9, max: 99 }).map(BigInt) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(16807n, 1103515245n, 1000000007n, 2147483647n, 2147483648n, 6364136223846793005n),
  },
  fc.constantFrom(16, 31, 32, 52, 53, 62, 63).chain(near),
);
const slot = fc.integer({ min: 1, max: VARIABLES.length });

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("load" as const), slot }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("push" as const), value: int }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("negate" as const), of: tie("expression") }) },
    {
      weight: 7,
      arbitrary: fc.record({
        kind: fc.constant("binary" as const),
        op: fc.constantFrom("ADD", "ADD.val", "SUB", "SUB.val", "MUL", "MUL.val"),
        left: tie("expression"),
        right: tie("expression"),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("binary" as const),
        op: fc.constantFrom("MOD", "MOD", "DIV", "DIV.val"),
        left: tie("expression"),
        right: fc.oneof(
          { weight: 5, arbitrary: fc.record({ kind: fc.constant("push" as const), value: int }) },
          { weight: 1, arbitrary: fc.record({ kind: fc.constant("load" as const), slot }) },
        ),
      }),
    },
    {
      weight: 0.2 * 5,
      arbitrary: fc.record({ kind: fc.constant("float" as const), value: fc.constantFrom(1.5, -0.25, 3) }),
    },
  ),
}));

const { statements } = fc.letrec<{ statements: Statement[]; statement: Statement }>((tie) => ({
  statements: fc.array(tie("statement"), { minLength: 1, maxLength: 4 }),
  statement: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("set" as const), slot, to: expression }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("if" as const),
        op: fc.constantFrom("EQ.val", "NE.val", "LT.val", "GT.val", "LE.val", "GE.val"),
        left: expression,
        right: expression,
        body: tie("statements"),
      }),
    },
  ),
}));

/** @param isTailCall  each turn is a call of the function itself, otherwise a jump */
function assemblyOf(body: readonly Statement[], initial: readonly bigint[], isTailCall: boolean): string {
  const lines: string[] = [];
  let labels = 0;
  const evaluate = (e: Expression): void => {
    switch (e.kind) {
      case "load":
        lines.push(`LOAD ${e.slot}`);
        break;
      case "push":
        lines.push(BigInt.asIntN(32, e.value) === e.value ? `PUSH_INT ${e.value}` : `PUSH_CONST ${e.value}n`);
        break;
      case "float":
        lines.push(`PUSH_FLOAT ${e.value.toFixed(2)}`);
        break;
      case "negate":
        evaluate(e.of);
        lines.push("NEG");
        break;
      case "binary":
        evaluate(e.left);
        evaluate(e.right);
        lines.push(e.op);
    }
  };
  const execute = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.kind === "set") {
        evaluate(statement.to);
        lines.push(`STORE ${statement.slot}`);
      } else {
        const label = `skip${labels++}`;
        evaluate(statement.left);
        evaluate(statement.right);
        lines.push(statement.op, `JZ ${label}`);
        execute(statement.body);
        lines.push(`${label}:`);
      }
    }
  };
  execute(body);
  const arguments_ = initial.map((value) => `PUSH_CONST ${value}n`).join("\n");
  return `fn main/0
    PUSH_INT ${TURNS}
    ${arguments_}
    CALL.fn loop 4
    RET.val
    fn loop/4 slots=4
    again:
    LOAD 0
    JZ done
    ${lines.join("\n")}
    LOAD 0
    PUSH_INT 1
    SUB
    ${isTailCall ? "LOAD 1\nLOAD 3\nLOAD 2\nTAIL_CALL loop 4" : "STORE 0\nJMP again"}
    done:
    LOAD 1
    LOAD 2
    LOAD 3
    MAKE_TUPLE 3
    CALL_NATIVE print 1
    RET.val`;
}

/** Is told what is compiled. */
function observer(compiled: (code: CompiledCode) => void): JitObserver {
  return { start: () => {}, watch: () => {}, refused: () => {}, revised: () => {}, compiled };
}

test("compiled and interpreted loops give the same, at any slice size", async () => {
  let compiled = 0;
  let wide = 0;
  const jitObserver = observer(({ text }) => {
    compiled++;
    if (text.includes("asIntN")) wide++;
  });
  await fc.assert(
    fc.asyncProperty(
      statements,
      fc.tuple(int, int, int),
      fc.boolean(),
      fc.constantFrom(1, 2, 7, 50, 2000),
      async (body, initial, isTailCall, sliceReductions) => {
        const text = assemblyOf(body, initial, isTailCall);
        const interpreted = await runAsm(text, { sliceReductions, jit: undefined });
        const jitted = await runAsm(text, { sliceReductions, jit: { threshold: 3 }, jitObserver });
        expect(jitted).toEqual(interpreted);
      },
    ),
    { numRuns: 150, verbose: 1 },
  );
  expect(compiled).toBeGreaterThan(150);
  expect(wide).toBeGreaterThan(40);
});

/** The text of the last version that was compiled of the loop. */
async function finalText(body: string, initial: string): Promise<string> {
  let last = "";
  const jitObserver = observer(({ fn, text }) => {
    if (fn.name === "loop") last = text;
  });
  const program = `fn main/0
    PUSH_INT 5000
    PUSH_CONST ${initial}
    CALL.fn loop 2
    CALL_NATIVE print 1
    RET.val
    fn loop/2
    again:
    LOAD 0
    JZ done
    ${body}
    LOAD 0
    PUSH_INT 1
    SUB
    STORE 0
    JMP again
    done:
    LOAD 1
    RET.val`;
  const interpreted = await runAsm(program, { sliceReductions: 100, jit: undefined });
  expect(await runAsm(program, { sliceReductions: 100, jit: { threshold: 10 }, jitObserver })).toEqual(interpreted);
  return last;
}

test("a loop that overflows again and again keeps its variable wide from turn to turn", async () => {
  const text = await finalText("LOAD 1\nPUSH_INT 31\nMUL\nLOAD 0\nADD\nSTORE 1", "7n");
  const turn = text.slice(text.indexOf("for (;;)"), text.indexOf("continue"));
  expect(turn).toContain("BigInt.asIntN(64, s1 * 31n)");
  expect(turn).not.toContain("H.");
  expect(turn.replaceAll(/return .*/g, "")).not.toContain("narrow(");
});

test("a generator whose products overflow is one operation on numbers", async () => {
  const text = await finalText(
    "LOAD 1\nPUSH_INT 1103515245\nMUL\nPUSH_INT 12345\nADD\nPUSH_CONST 2147483648n\nMOD\nSTORE 1",
    "42n",
  );
  expect(text).toContain("(Math.imul(s1, 1103515245) + 12345) & 2147483647");
  expect(text).not.toContain("asIntN");
});
