/**
 * Turns a graph into nested steps that can be printed as JavaScript: labelled blocks, endless loops, `if`, `break` and
 * `continue`, no flag and no switch over states.
 *
 * The trick: the tree of dominators is the nesting. A block that several ways meet at stands behind a labelled block
 * that holds what its dominator does, so that each way to it is a `break`; a block with one way to it stands where that
 * way is. Beyond the source: what is reached from a loop but is no part of it stands behind the loop, not in it, so that
 * V8 sees loops as they are; and a tiny block that ends the function is repeated instead of jumped to.
 * Source: Ramsey, "Beyond Relooper: Recursive Translation of Unstructured Control Flow to Structured Control Flow",
 * ICFP 2022.
 *
 * S1  No list of steps can be run off its end but the body of a labelled block, and that only by a `goto` "on".
 * S2  In an `if`, the smaller side stands in the braces and the other goes on behind them; so a chain of n tests does
 *     not nest, and a tree of them nests log n deep.
 */
import { findDominators } from "./dominators.ts";
import type { Block, Graph } from "./graph.ts";

export type Step =
  /** The block's instructions; of a jump or branch at its end, what the ways need (`goto`, `if`) comes next. */
  | { readonly kind: "code"; readonly block: Block }
  /**
   * Directly behind the code of `block`, which ends with a branch. If it jumps (`jumps`) or goes on (not `jumps`), the
   * body runs, which never comes to its end; else the steps behind this one run.
   */
  | { readonly kind: "if"; readonly block: Block; readonly jumps: boolean; readonly body: readonly Step[] }
  /** `label: { body }` */
  | { readonly kind: "labelled"; readonly label: string; readonly body: readonly Step[] }
  /** `label: for (;;) { body }`; the body begins with the code of `header`, or with labelled blocks that do */
  | { readonly kind: "loop"; readonly label: string; readonly header: Block; readonly body: readonly Step[] }
  | Goto;

/** A way between two blocks. Closing a cycle is not the same as jumping backward in the bytecode. */
export interface Goto {
  readonly kind: "goto";
  readonly from: Block;
  readonly to: Block;
  /** of a branch: whether it is the way on which it jumps */
  readonly jumps: boolean;
  /** "on": nothing to write, the code of `to` follows here or behind the labelled blocks that end here */
  readonly how: "on" | "break" | "continue";
  /** of "break" and "continue" */
  readonly label: string;
}

export interface Structured {
  readonly body: readonly Step[];
  /** braces in braces; V8's parser recurses over them */
  readonly nesting: number;
}

/** In words of code. `PUSH c; RET`, and LOAD, a test's failure and `MATCH_FAIL c`. */
const TINY_WORDS = 4;

/** Whether the block's code is written wherever it is gone to. */
export function isRepeated(block: Block): boolean {
  return block.exit === "end" && block.to - block.from <= TINY_WORDS;
}

/** A list of steps being filled. */
interface List {
  readonly steps: Step[];
  readonly nesting: number;
  /** the block that comes next when this list, a labelled block's body, is run off its end; -1: none */
  readonly next: number;
}

/** @returns undefined: the graph is irreducible, no structure without copies of blocks exists */
export function structure({ blocks }: Graph): Structured | undefined {
  const dominators = findDominators(blocks);
  if (dominators === undefined) return undefined;
  const { parent, loop, outerLoop } = dominators;
  const sizes = new Int32Array(blocks.length).fill(1);
  for (let id = blocks.length - 1; id > 0; id--) sizes[parent[id]!]! += sizes[id]!;

  // what stands behind what: merges behind a block's own code, exits behind a loop; ascending
  const merges: number[][] = blocks.map(() => []);
  const exits: number[][] = blocks.map(() => []);
  const isPlaced = new Uint8Array(blocks.length);
  for (let id = 1; id < blocks.length; id++) {
    if (isRepeated(blocks[id]!)) continue;
    const left = loopLeft(id);
    const ways = blocks[id]!.predecessors.reduce((count, before) => (before < id ? count + 1 : count), 0);
    if (left !== -1) exits[left]!.push(id);
    else if (ways > 1) merges[parent[id]!]!.push(id);
    else continue;
    isPlaced[id] = 1;
  }

  /** The header of the outermost loop that the block's dominator is in and the block is not; -1: none. */
  function loopLeft(id: number): number {
    const around = loop[id] === id ? outerLoop[id]! : loop[id]!;
    let left = -1;
    for (let at = loop[parent[id]!]!; at !== around; at = outerLoop[at]!) left = at;
    return left;
  }

  const labels: string[] = blocks.map(({ id }) => `to${id}`);
  const root: List = { steps: [], nesting: 0, next: -1 };
  let nesting = 0;
  const pending: { readonly id: number; readonly list: List }[] = [{ id: 0, list: root }];
  const nest = (list: List, next: number): List => {
    nesting = Math.max(nesting, list.nesting + 1);
    return { steps: [], nesting: list.nesting + 1, next };
  };

  /** A labelled block for each of `after`, the last outermost; what stands behind each is written later. */
  function open(list: List, after: readonly number[]): List {
    let inner = list;
    for (let i = after.length - 1; i >= 0; i--) {
      const id = after[i]!;
      const body = nest(inner, id);
      inner.steps.push({ kind: "labelled", label: labels[id]!, body: body.steps });
      pending.push({ id, list: inner });
      inner = body;
    }
    return inner;
  }

  for (let task = pending.pop(); task !== undefined; task = pending.pop()) {
    const { id, list } = task;
    const block = blocks[id]!;
    let inner = list;
    if (loop[id] === id) {
      // the nearest exit stands directly behind the loop, so leaving the loop is the way to it
      const [nearest, ...farther] = exits[id]!;
      const outside = open(list, farther);
      const label = `loop${id}`;
      const body = nest(outside, -1);
      outside.steps.push({ kind: "loop", label, header: block, body: body.steps });
      if (nearest !== undefined) {
        labels[nearest] = label;
        pending.push({ id: nearest, list: outside });
      }
      inner = body;
    }
    inner = open(inner, merges[id]!);
    inner.steps.push({ kind: "code", block });
    if (block.exit === "branch") {
      const inBraces = weight(id, block.successors[0]!) <= weight(id, block.successors[1]!);
      const body = nest(inner, -1);
      inner.steps.push({ kind: "if", block, jumps: inBraces, body: body.steps });
      go(block, inBraces, body);
      go(block, !inBraces, inner);
    } else if (block.exit !== "end") go(block, block.exit === "jump", inner);
  }

  /** How much is written where the way is; 0: it is a `break` or `continue`. */
  function weight(from: number, to: number): number {
    if (to <= from || isPlaced[to] === 1) return 0;
    return isRepeated(blocks[to]!) ? 1 : sizes[to]!;
  }

  function go(from: Block, jumps: boolean, list: List): void {
    const to = blocks[from.successors[from.exit === "branch" && !jumps ? 1 : 0]!]!;
    const way = { kind: "goto", from, to, jumps } as const;
    if (isRepeated(to)) {
      list.steps.push({ ...way, how: "on", label: "" }, { kind: "code", block: to });
    } else if (to.id <= from.id) list.steps.push({ ...way, how: "continue", label: `loop${to.id}` });
    else if (isPlaced[to.id] === 0) {
      list.steps.push({ ...way, how: "on", label: "" });
      pending.push({ id: to.id, list });
    } else if (list.next === to.id) list.steps.push({ ...way, how: "on", label: "" });
    else list.steps.push({ ...way, how: "break", label: labels[to.id]! });
  }

  return { body: root.steps, nesting };
}
