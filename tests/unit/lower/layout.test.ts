/** The order of blocks, on flow graphs of any shape: the same ways through them, and backward jumps in loops only. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Instruction, LABEL, Label, type Operand } from "../../../compiler/lower/instructions.ts";
import { layOut } from "../../../compiler/optimise/layout.ts";
import { OP } from "../../../vm/bytecode/opcodes.ts";

const instruction = (op: number, a?: Operand): Instruction => ({ op, a, b: 0, span: undefined, inlined: undefined });

/** What a block ends with; blocks are numbers, taken modulo how many there are. */
type End = { jump: number } | { branch: number } | "on" | "return";

function codeOf(ends: readonly End[], toward: (from: number, to: number) => number): Instruction[] {
  const labels = ends.map(() => new Label());
  const code = ends.flatMap((end, i): Instruction[] => {
    const head = [instruction(LABEL, labels[i]), instruction(OP.PUSH_INT, i)];
    if (end === "on") return head;
    if (end === "return") return [...head, instruction(OP["RET.val"])];
    if ("jump" in end) return [...head, instruction(OP.JMP, labels[toward(i, end.jump)])];
    return [...head, instruction(OP.TRUE), instruction(OP.JZ, labels[toward(i, end.branch)])];
  });
  return [...code, instruction(OP["RET.val"])];
}

/** The numbers of the blocks that a run passes, which jumps at branches as told; and its backward jumps. */
function run(code: readonly Instruction[], choices: readonly boolean[]): { way: Operand[]; backward: number } {
  const placeOf = new Map(code.flatMap(({ op, a }, at) => (op === LABEL ? [[a as Label, at] as const] : [])));
  const way: Operand[] = [];
  let backward = 0;
  let branches = 0;
  for (let at = 0; way.length < 60; ) {
    const { op, a } = code[at]!;
    if (op === OP["RET.val"]) break;
    if (op === OP.PUSH_INT) way.push(a);
    if (op === OP.JMP || (op === OP.JZ && choices[branches++ % choices.length]!)) {
      const to = placeOf.get(a as Label)!;
      if (to <= at) backward++;
      at = to;
      if (way.length === 0 || backward > 100) break;
    } else at++;
  }
  return { way, backward };
}

const end = fc.oneof(
  fc.record({ jump: fc.nat(30) }),
  fc.record({ branch: fc.nat(30) }),
  fc.record({ branch: fc.nat(30) }),
  fc.constant("on" as const),
  fc.constant("return" as const),
);
const ends = fc.array(end, { minLength: 1, maxLength: 14 });
const choices = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });

test("the ways through the code stay the same, and an order that is good stays", () => {
  fc.assert(
    fc.property(ends, choices, (blocks, chosen) => {
      const code = codeOf(blocks, (_, to) => to % blocks.length);
      const laidOut = layOut(code);
      expect(run(laidOut, chosen).way).toEqual(run(code, chosen).way);
      expect(layOut(laidOut)).toBe(laidOut);
    }),
    { numRuns: 5000 },
  );
});

test("code without loops never jumps backward, wherever its blocks stood", () => {
  fc.assert(
    fc.property(ends, fc.array(fc.nat(1000), { minLength: 14, maxLength: 14 }), choices, (blocks, keys, chosen) => {
      // each block has a rank, the first the lowest, and jumps to a higher one only; who has none returns
      const ranks = blocks.map((_, i) => (i === 0 ? -1 : keys[i]! * blocks.length + i));
      const above = (from: number): number[] => blocks.flatMap((_, i) => (ranks[i]! > ranks[from]! ? [i] : []));
      const given = blocks.map((block, i): End => {
        if (above(i).length === 0 || block === "return") return "return";
        const goesOn = ranks[i + 1]! > ranks[i]!; // undefined: no
        if (block === "on") return goesOn ? "on" : { jump: 7 };
        return "branch" in block && !goesOn ? { jump: block.branch } : block;
      });
      const code = codeOf(given, (from, to) => above(from)[to % above(from).length]!);
      const laidOut = run(layOut(code), chosen);
      expect(laidOut.way).toEqual(run(code, chosen).way);
      expect(laidOut.backward).toBe(0);
    }),
    { numRuns: 5000 },
  );
});
