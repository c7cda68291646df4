/** Functions for tests of the graph: bytecode of nothing but control flow and slots, random or by hand. */
import fc from "fast-check";
import { OP } from "../../../../vm/bytecode/opcodes.ts";
import type { FunctionCode, Unit } from "../../../../vm/bytecode/unit.ts";
import { type FunctionFacts, verify } from "../../../../vm/bytecode/verify.ts";
import { assemble } from "../../../support/assemble.ts";

export type TestFunction = Pick<FunctionCode, "code" | "slots"> & FunctionFacts;

export function unitOf(code: readonly number[], slots: number): Unit {
  const unit = assemble("fn main/0\nPUSH_UNIT\nRET.val");
  const main = { ...unit.functions[0]!, code: Int32Array.from(code), slots, places: new Int32Array(0) };
  return { ...unit, functions: [main] };
}

/** The first function of the unit; verified. */
export function functionOf(unit: Unit): TestFunction {
  const verified = verify(unit);
  if ("problem" in verified) throw new Error(JSON.stringify(verified.problem));
  return { ...verified.facts[0]!, code: unit.functions[0]!.code, slots: unit.functions[0]!.slots };
}

export function assembled(text: string): TestFunction {
  return functionOf(assemble(text));
}

export interface RandomBlock {
  /** words of padding, so that not all blocks are tiny */
  readonly padding: number;
  readonly exit: "on" | "jump" | "branch" | "end";
  /** taken modulo the number of blocks */
  readonly target: number;
}

const randomBlock = (exits: readonly RandomBlock["exit"][]): fc.Arbitrary<RandomBlock> =>
  fc.record({ padding: fc.nat({ max: 3 }), exit: fc.constantFrom(...exits), target: fc.nat({ max: 1000 }) });

/** Any graph: most are irreducible when they are large. */
export function anyBlocks(maxLength: number): fc.Arbitrary<RandomBlock[]> {
  return fc.array(randomBlock(["on", "jump", "branch", "branch", "branch", "end"]), { minLength: 1, maxLength });
}

/** Blocks one after the other; each branch reads a condition, and the last block ends the function. */
export function codeOf(blocks: readonly RandomBlock[]): number[] {
  const words: number[] = [];
  const starts: number[] = [];
  const addresses: { readonly at: number; readonly target: number }[] = [];
  for (const [index, { padding, exit, target }] of blocks.entries()) {
    starts.push(words.length);
    for (let i = 0; i < padding; i++) words.push(OP.PUSH_UNIT, OP.POP);
    const last = index === blocks.length - 1;
    if (exit === "end" || (last && exit !== "jump")) words.push(OP.PUSH_UNIT, OP["RET.val"]);
    else if (exit === "on") words.push(OP.YIELD);
    else {
      if (exit === "branch") words.push(OP.TRUE);
      words.push(exit === "branch" ? OP.JZ : OP.JMP, 0);
      addresses.push({ at: words.length - 1, target: target % blocks.length });
    }
  }
  for (const { at, target } of addresses) words[at] = starts[target]!;
  return words;
}

/** What people write: nested statements, with breaks and continues out of any loop around. */
export type Statement =
  | { readonly kind: "plain"; readonly padding: number }
  | { readonly kind: "if"; readonly yes: readonly Statement[]; readonly no: readonly Statement[] }
  | { readonly kind: "while" | "forever"; readonly body: readonly Statement[] }
  | { readonly kind: "break" | "continue"; readonly level: number }
  | { readonly kind: "return"; readonly padding: number };

export const anyProgram: fc.Arbitrary<Statement[]> = fc.letrec<{ list: Statement[]; one: Statement }>((tie) => ({
  list: fc.array(tie("one"), { maxLength: 4 }),
  one: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("plain" as const), padding: fc.nat({ max: 2 }) }),
    fc.record({ kind: fc.constant("if" as const), yes: tie("list"), no: tie("list") }),
    fc.record({ kind: fc.constantFrom("while" as const, "forever" as const), body: tie("list") }),
    fc.record({ kind: fc.constantFrom("break" as const, "continue" as const), level: fc.nat({ max: 2 }) }),
    fc.record({ kind: fc.constant("return" as const), padding: fc.nat({ max: 3 }) }),
  ),
})).list;

export function compileProgram(program: readonly Statement[]): number[] {
  const words: number[] = [];
  const patches: { readonly at: number; readonly label: { at: number } }[] = [];
  const jump = (op: number, label: { at: number }): void => {
    words.push(op, 0);
    patches.push({ at: words.length - 1, label });
  };
  const loops: { readonly head: { at: number }; readonly end: { at: number } }[] = [];
  const emit = (list: readonly Statement[]): void => {
    for (const statement of list) {
      switch (statement.kind) {
        case "plain":
          for (let i = 0; i <= statement.padding; i++) words.push(OP.YIELD);
          break;
        case "return":
          for (let i = 0; i < statement.padding; i++) words.push(OP.YIELD);
          words.push(OP.PUSH_UNIT, OP["RET.val"]);
          break;
        case "if": {
          const other = { at: 0 };
          const end = { at: 0 };
          words.push(OP.TRUE);
          jump(OP.JZ, other);
          emit(statement.yes);
          jump(OP.JMP, end);
          other.at = words.length;
          emit(statement.no);
          end.at = words.length;
          break;
        }
        case "break":
        case "continue": {
          const around = loops.at(-1 - statement.level) ?? loops[0];
          if (around !== undefined) jump(OP.JMP, statement.kind === "break" ? around.end : around.head);
          break;
        }
        default: {
          const around = { head: { at: words.length }, end: { at: 0 } };
          loops.push(around);
          if (statement.kind === "while") {
            words.push(OP.TRUE);
            jump(OP.JZ, around.end);
          }
          emit(statement.body);
          jump(OP.JMP, around.head);
          around.end.at = words.length;
          loops.pop();
        }
      }
    }
  };
  emit(program);
  words.push(OP.PUSH_UNIT, OP["RET.val"]);
  for (const { at, label } of patches) words[at] = label.at;
  return words;
}

/** Decisions of branches, one after the other, repeated without end. */
export function decisions(bits: readonly boolean[]): () => boolean {
  let next = 0;
  return () => bits[next++ % bits.length]!;
}
