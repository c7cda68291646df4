/**
 * Which instruction pushed each operand of a call, and who else may take it.
 *
 * The trick: the operands are a linked list, so what a jump carries to its label costs nothing to keep, and two ways that
 * meet differ in a few operands on top only.
 * Stays true: what is said is said of every way to the instruction; where that is not known, nothing is said.
 */
import { OP } from "../../vm/bytecode/opcodes.ts";
import { type Instruction, LABEL, Label, popsOf, ROWS } from "../lower/instructions.ts";

export interface Operands {
  /** by call: the instructions that pushed its operands, the lowest first; -1: not one alone */
  readonly pushedBy: ReadonlyMap<number, Int32Array>;
  /** by instruction that pushes: how many instructions may take what it pushed */
  readonly takers: Int32Array;
  /** How many operands lie under the topmost `count` before an instruction, without those that `pushes` pushed. */
  under(at: number, count: number, pushes: ReadonlySet<number>): number;
}

const CALLS: ReadonlySet<number> = new Set([
  OP["CALL.fn"], OP.TAIL_CALL, OP["CALL_FUNCTION.fn"], OP.TAIL_CALL_FUNCTION, OP["MAKE_LAMBDA.fn"],
]); // biome-ignore format: a table

class Operand {
  readonly from: number;
  readonly below: Operand | undefined;
  readonly depth: number;
  constructor(from: number, below: Operand | undefined) {
    this.from = from;
    this.below = below;
    this.depth = below === undefined ? 0 : below.depth + 1;
  }
}

/** undefined: the code is not of the shape that lowering writes, and nothing can be said. */
export function operandsOf(code: readonly Instruction[]): Operands | undefined {
  const bottom = new Operand(-1, undefined);
  const takers = new Int32Array(code.length);
  const tops = new Array<Operand | undefined>(code.length);
  const pushedBy = new Map<number, Int32Array>();
  const atLabel = new Map<Label, Operand>();
  const passed = new Set<Label>();

  /** Where two ways meet: an operand that both did not get from one instruction is nobody's. */
  const meet = (a: Operand, b: Operand): Operand => {
    const differing: number[] = [];
    let [x, y]: [Operand, Operand] = [a, b];
    for (; x !== y; x = x.below!, y = y.below!) {
      if (x.from === y.from) differing.push(x.from);
      else {
        for (const { from } of [x, y]) if (from >= 0) takers[from]! += 2;
        differing.push(-1);
      }
    }
    let met = x;
    for (let from = differing.pop(); from !== undefined; from = differing.pop()) met = new Operand(from, met);
    return met;
  };

  let top: Operand | undefined = bottom;
  for (const [at, instruction] of code.entries()) {
    const { op, a } = instruction;
    if (op === LABEL) {
      const label = a as Label;
      const carried = atLabel.get(label);
      if (top === undefined) top = carried;
      else if (carried !== undefined) {
        if (carried.depth !== top.depth) return undefined;
        top = meet(top, carried);
      }
      if (top === undefined) return undefined; // come to from below only
      atLabel.set(label, top);
      passed.add(label);
      continue;
    }
    if (top === undefined) continue;
    tops[at] = top;
    const row = ROWS[op]!;
    const pops = popsOf(instruction);
    const taken = CALLS.has(op) ? new Int32Array(pops) : undefined;
    for (let i = pops - 1; i >= 0; i--) {
      if (top.below === undefined) return undefined;
      if (top.from >= 0) takers[top.from]! += 1;
      if (taken !== undefined) taken[i] = top.from;
      top = top.below;
    }
    if (taken !== undefined) pushedBy.set(at, taken);
    if (a instanceof Label) {
      const carries: Operand = op === OP.TRY ? new Operand(-1, top) : top;
      const known = atLabel.get(a);
      if (passed.has(a)) {
        if (known !== carries) return undefined;
      } else if (known === undefined) atLabel.set(a, carries);
      else if (known.depth !== carries.depth) return undefined;
      else if (known !== carries) atLabel.set(a, meet(known, carries));
    }
    if (row.flow === "jump" || row.flow === "end") top = undefined;
    else for (let i = 0; i < row.pushes; i++) top = new Operand(at, top);
  }
  const under = (at: number, count: number, pushes: ReadonlySet<number>): number => {
    let operand = tops[at];
    for (let i = 0; i < count; i++) operand = operand?.below;
    let left = operand?.depth ?? 0;
    if (pushes.size > 0) for (; operand !== undefined; operand = operand.below) if (pushes.has(operand.from)) left--;
    return left;
  };
  return { pushedBy, takers, under };
}
