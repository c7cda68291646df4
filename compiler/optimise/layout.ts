/**
 * Puts the blocks of a function into an order in which only loops jump backward.
 *
 * Why: a backward jump charges a reduction, so what a run costs would depend on where lowering happened to write an arm,
 * and on whether a pass later empties it. Back edges of loops are a property of the program instead.
 * The trick: reverse postorder of the flow graph (every graph that lowering makes is reducible, so each order agrees on which
 * edges go back); the way on is visited last, and so comes to stand right behind its block.
 * Stays true: the instructions of a block and the ways between blocks; code in which only loops jump backward is left alone.
 */
import { OP } from "../../vm/bytecode/opcodes.ts";
import { type Instruction, LABEL, Label, ROWS } from "../lower/instructions.ts";

/** Half-open range of instructions; control enters at its start and leaves at its end only. */
interface Block {
  readonly start: number;
  readonly end: number;
  /** where a jump leads; -1: there is none */
  target: number;
  /** the block behind it; -1: control does not go there */
  next: number;
}

export function layOut(code: readonly Instruction[]): readonly Instruction[] {
  const blocks = blocksOf(code);
  const order = reversePostorder(blocks);
  if (order === undefined) return code;
  const labels = blocks.map(({ start }) => {
    const { op, a } = code[start]!;
    return op === LABEL ? (a as Label) : undefined;
  });
  const bodies = order.map((block, i) => {
    const { start, end, target, next } = blocks[block]!;
    const following = order[i + 1];
    const last = code[end - 1]!;
    if (last.op === OP.JMP && target === following) return code.slice(start, end - 1);
    const body = code.slice(start, end);
    if (next === -1 || next === following) return body;
    labels[next] ??= new Label();
    body.push({ ...last, op: OP.JMP, a: labels[next], b: 0 });
    return body;
  });
  return bodies.flatMap((body, i) => {
    const label = labels[order[i]!];
    if (label === undefined || (body[0]?.op === LABEL && body[0].a === label)) return body;
    return [{ op: LABEL, a: label, b: 0, span: undefined, inlined: undefined }, ...body];
  });
}

function blocksOf(code: readonly Instruction[]): Block[] {
  const blocks: Block[] = [];
  const at = new Map<Label, number>();
  for (let start = 0; start < code.length; ) {
    let end = start;
    for (let isOpen = true; isOpen && end < code.length; end++) {
      const { op, a } = code[end]!;
      if (op === LABEL) {
        if (end > start && code[end - 1]!.op !== LABEL) break;
        at.set(a as Label, blocks.length);
      } else isOpen = !(a instanceof Label) && ROWS[op]!.flow === "next";
    }
    blocks.push({ start, end, target: -1, next: -1 });
    start = end;
  }
  for (const [i, block] of blocks.entries()) {
    const { op, a } = code[block.end - 1]!;
    if (op !== LABEL && a instanceof Label) block.target = at.get(a)!;
    const flow = op === LABEL ? "next" : ROWS[op]!.flow;
    if (flow !== "jump" && flow !== "end" && i + 1 < blocks.length) block.next = i + 1;
  }
  return blocks;
}

/** undefined: the order is good as it is. */
function reversePostorder(blocks: readonly Block[]): number[] | undefined {
  const NEW = 0;
  const OPEN = 1;
  const DONE = 2;
  const state = new Uint8Array(blocks.length);
  const postorder: number[] = [];
  let isGood = true;
  const rest: number[] = [0];
  for (let at = rest.at(-1); at !== undefined; at = rest.at(-1)) {
    if (state[at] !== NEW) {
      rest.pop();
      if (state[at] === OPEN) {
        state[at] = DONE;
        postorder.push(at);
      }
      continue;
    }
    state[at] = OPEN;
    const { target, next } = blocks[at]!;
    // the one that is pushed last is visited first
    for (const to of [next, target]) if (to !== -1 && state[to] === NEW) rest.push(to);
  }
  const place = new Int32Array(blocks.length);
  postorder.reverse().forEach((block, i) => {
    place[block] = i;
  });
  // going back in the one order has to be going back in the other
  for (const [from, { target, next }] of blocks.entries())
    for (const to of [target, next])
      if (to !== -1 && state[from] === DONE && to <= from !== place[to]! <= place[from]!) isGood = false;
  return isGood ? undefined : postorder;
}
