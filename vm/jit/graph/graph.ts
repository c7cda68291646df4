/**
 * The control flow of a function from one of its places on: basic blocks, and the ways between them.
 *
 * Compiled code can be entered in the middle of a function (a loop head, behind a call, a receive), so a graph is made
 * for each entry and holds only what can be reached from there. A THROW inside a TRY of the same function is a way to the
 * handler. Any other throw, from a call say, leaves the compiled code, and what goes on at the handler is an entry of its
 * own.
 *
 * Stays true: the code is verified, so it is read without checks; no recursion; each instruction is read twice.
 *
 * B1  blocks[i].id === i, and the ids are a reverse postorder: a way to an id that is not larger closes a cycle.
 * B2  Whatever jumps, branches or leaves is the last instruction of its block; a block may also end because another
 *     begins behind it.
 */
import { OP, OPCODES, type OpcodeRow } from "../../bytecode/opcodes.ts";
import { popsOf, type Region, regionAt } from "../../bytecode/verify.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;
const LENGTHS = Int32Array.from(ROWS, (row) => 1 + row.operands.length);
/** position of the word that holds the address; 0: the instruction has none */
const ADDRESS = Int32Array.from(ROWS, (row) => 1 + row.operands.indexOf("address"));

/** What of a LinkedFunction says where control goes. */
export interface Code {
  readonly code: Int32Array;
  /** of the function; with it, a tail call of itself is a jump to its beginning */
  readonly index?: number;
  /** where handlers are open; without them, a THROW ends the way */
  readonly regions?: readonly Region[];
  readonly regionRuns?: Int32Array;
}

export interface Block {
  /** index in Graph.blocks; B1 */
  readonly id: number;
  /** word offset of its first instruction */
  readonly from: number;
  /** one past its last word */
  readonly to: number;
  /** word offset of its last instruction */
  readonly last: number;
  /** "on": the next block begins behind it; the others as OpcodeRow.flow says of the last instruction */
  readonly exit: "on" | "jump" | "branch" | "end";
  /** ids; of a branch [where it jumps, where it goes on], which may be the same */
  readonly successors: readonly number[];
  /** ids, one for each way, so an id may occur twice */
  readonly predecessors: readonly number[];
  /** operands on the stack before its first instruction */
  readonly depth: number;
}

export interface Graph {
  /** the first is the entry, which may have predecessors */
  readonly blocks: readonly Block[];
}

/**
 * @param startPc  word offset of an instruction that can be reached
 * @param depths   of the same function, if at hand
 */
export function buildGraph(fn: Code, startPc: number, depths: Int32Array = operandDepths(fn)): Graph {
  const { code, index = -1 } = fn;
  const flowAt = (at: number): OpcodeRow["flow"] =>
    isSelfCall(code, at, index) || handlerOf(fn, at) !== undefined ? "jump" : ROWS[code[at]!]!.flow;
  const targetOf = (at: number): number =>
    isSelfCall(code, at, index) ? 0 : (handlerOf(fn, at)?.target ?? code[at + ADDRESS[code[at]!]!]!);
  const isLeader = new Uint8Array(code.length);
  const leaders = [startPc];
  isLeader[startPc] = 1;
  const isSeen = new Uint8Array(code.length);
  const lead = (at: number): void => {
    if (isLeader[at] === 1) return;
    isLeader[at] = 1;
    leaders.push(at);
  };
  for (let i = 0; i < leaders.length; i++) {
    for (let at = leaders[i]!; isSeen[at] === 0; at += LENGTHS[code[at]!]!) {
      isSeen[at] = 1;
      const flow = flowAt(at);
      if (flow === "next") continue;
      if (flow !== "end") lead(targetOf(at));
      if (flow === "branch") lead(at + LENGTHS[code[at]!]!);
      break;
    }
  }

  const drafts = new Map<number, Draft>();
  for (const from of leaders) {
    let last = from;
    let to = from;
    let exit: Block["exit"] = "on";
    for (;;) {
      const flow = flowAt(to);
      last = to;
      to += LENGTHS[code[to]!]!;
      if (flow !== "next") {
        exit = flow;
        break;
      }
      if (isLeader[to] === 1) break;
    }
    const targets: number[] = [];
    if (exit === "jump" || exit === "branch") targets.push(targetOf(last));
    if (exit === "on" || exit === "branch") targets.push(to);
    drafts.set(from, { from, to, last, exit, targets, depth: depths[from]! });
  }

  const order = postorder(drafts, startPc).reverse();
  const idOf = new Map(order.map(({ from }, id) => [from, id]));
  const predecessors: number[][] = order.map(() => []);
  const blocks = order.map(({ targets, ...rest }, id): Block => {
    const successors = targets.map((target) => idOf.get(target)!);
    for (const successor of successors) predecessors[successor]!.push(id);
    return { ...rest, id, successors, predecessors: predecessors[id]! };
  });
  return { blocks };
}

/** Of a THROW: the TRY whose handler it goes to, if nothing has to be done on the way. */
export function handlerOf({ code, regions, regionRuns }: Code, at: number): Region | undefined {
  if (code[at] !== OP["THROW.val"] || regions === undefined || regionRuns === undefined) return undefined;
  const region = regions[regionAt(regionRuns, at)];
  return region?.kind === "try" ? region : undefined;
}

function isSelfCall(code: Int32Array, at: number, index: number): boolean {
  return code[at] === OP.TAIL_CALL && code[at + 1] === index;
}

interface Draft extends Pick<Block, "from" | "to" | "last" | "exit" | "depth"> {
  /** word offsets */
  readonly targets: readonly number[];
}

/** Where a branch jumps is finished before where it goes on, so that in the reverse order the code follows on. */
function postorder(drafts: ReadonlyMap<number, Draft>, startPc: number): Draft[] {
  const finished: Draft[] = [];
  const isEntered = new Set([startPc]);
  const open: { readonly draft: Draft; next: number }[] = [{ draft: drafts.get(startPc)!, next: 0 }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const target = top.draft.targets[top.next++];
    if (target === undefined) {
      finished.push(top.draft);
      open.pop();
    } else if (!isEntered.has(target)) {
      isEntered.add(target);
      open.push({ draft: drafts.get(target)!, next: 0 });
    }
  }
  return finished;
}

/** Operands on the stack before the instruction at each word; -1 where no instruction starts that can be reached. */
export function operandDepths({ code }: Code): Int32Array {
  const depths = new Int32Array(code.length).fill(-1);
  const pending = [0];
  depths[0] = 0;
  const reach = (at: number, depth: number): void => {
    if (depths[at] !== -1) return;
    depths[at] = depth;
    pending.push(at);
  };
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const op = code[at]!;
    const row = ROWS[op]!;
    const rest = depths[at]! - popsOf(row, code, at);
    if (op === OP.TRY) reach(code[at + 1]!, rest + 1);
    else if (row.flow === "jump" || row.flow === "branch") reach(code[at + ADDRESS[op]!]!, rest);
    if (row.flow === "next" || row.flow === "branch") reach(at + LENGTHS[op]!, rest + row.pushes);
  }
  return depths;
}
