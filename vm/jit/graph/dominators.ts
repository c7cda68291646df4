/**
 * Dominators and loops of a graph, or the answer that it has no structure (is irreducible).
 *
 * The trick: in a reducible graph no way that closes a cycle says anything about dominators, so one pass over the blocks
 * in reverse postorder finds them: a block's dominator is the meeting point, in the tree so far, of the blocks before
 * it. The graph is reducible exactly if then each way that closes a cycle goes to a block that dominates where it comes
 * from: if all do, adding them changes nothing; if one does not, there is a way around its target without any of them.
 * Jump pointers find the meeting point in logarithmic time, where walking up block by block (Cooper, Harvey and Kennedy,
 * "A Simple, Fast Dominance Algorithm", 2001, from which the rest is) is quadratic on a long `match`.
 * Source of the pointers: Myers, "An Applicative Random-Access Stack", 1983.
 *
 * L1  A loop is named by its header, the only block through which it is entered; loops nest.
 */
import type { Block } from "./graph.ts";

/** What dominators need to know of a graph. */
export type Ways = readonly Pick<Block, "successors" | "predecessors">[];

export interface Dominators {
  /** by block: the nearest other block through which every way to it leads; of the entry: itself */
  readonly parent: Int32Array;
  /** by block: the header of the innermost loop around it, for a header itself; -1: none */
  readonly loop: Int32Array;
  /** by header: the header of the loop around its loop; -1: none, or no header */
  readonly outerLoop: Int32Array;
}

/** @returns undefined: irreducible */
export function findDominators(blocks: Ways): Dominators | undefined {
  const parent = new Int32Array(blocks.length);
  const level = new Int32Array(blocks.length);
  const jump = new Int32Array(blocks.length);
  const meet = (left: number, right: number): number => {
    let a = left;
    let b = right;
    if (level[a]! < level[b]!) [a, b] = [b, a];
    while (level[a]! > level[b]!) a = level[jump[a]!]! >= level[b]! ? jump[a]! : parent[a]!;
    while (a !== b) {
      const isFar = jump[a] !== jump[b];
      a = isFar ? jump[a]! : parent[a]!;
      b = isFar ? jump[b]! : parent[b]!;
    }
    return a;
  };
  for (let id = 1; id < blocks.length; id++) {
    let up = -1;
    for (const before of blocks[id]!.predecessors) {
      if (before < id) up = up === -1 ? before : meet(up, before);
    }
    parent[id] = up;
    level[id] = level[up]! + 1;
    const over = jump[up]!;
    jump[id] = level[up]! - level[over]! === level[over]! - level[jump[over]!]! ? jump[over]! : up;
  }
  for (let id = 0; id < blocks.length; id++) {
    for (const next of blocks[id]!.successors) if (next <= id && meet(next, id) !== next) return undefined;
  }
  return { parent, ...findLoops(blocks) };
}

/** Inner loops first; what a loop holds is folded into its header, so that each block is walked over once. */
function findLoops(blocks: Ways): Pick<Dominators, "loop" | "outerLoop"> {
  const loop = new Int32Array(blocks.length).fill(-1);
  const outerLoop = new Int32Array(blocks.length).fill(-1);
  const folded = Int32Array.from(blocks, (_, id) => id);
  const representative = (id: number): number => {
    let top = id;
    while (folded[top] !== top) top = folded[top]!;
    for (let at = id; at !== top; ) {
      const next = folded[at]!;
      folded[at] = top;
      at = next;
    }
    return top;
  };
  for (let header = blocks.length - 1; header >= 0; header--) {
    const pending: number[] = [];
    for (const latch of blocks[header]!.predecessors) {
      if (latch < header) continue;
      loop[header] = header;
      pending.push(representative(latch));
    }
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (id === header || folded[id] !== id) continue;
      folded[id] = header;
      if (loop[id] === id) outerLoop[id] = header;
      else loop[id] = header;
      for (const before of blocks[id]!.predecessors) {
        const outside = representative(before);
        if (outside !== header) pending.push(outside);
      }
    }
  }
  return { loop, outerLoop };
}
