/**
 * Finds a LOAD of a slot that nothing has set on some way to it.
 *
 * The trick: from each LOAD that its own block does not serve, one walk backwards that stops at blocks which STORE the
 * slot; all LOADs of a slot share what was visited. The work is the length of the stretches over which variables live,
 * where a bit set a block would cost blocks × variables.
 * Stays true: a block ends at every jump, and at every TRY, whose handler sees what was set before it; slots are never
 * unset, so what is set at a TRY is set at its handler.
 */
import { OP, OPCODES, type OpcodeRow } from "./opcodes.ts";
import type { FunctionCode } from "./unit.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;
/**
 * Edges walked in one program, about five seconds. A function of 10,000 variables that live through 10,000 blocks takes a
 * fifth of it; what people write, thousands.
 */
const MOST_WORK = 1 << 29;

/** What is left of MOST_WORK for the rest of a program. */
export interface SlotBudget {
  edges: number;
}

export function slotBudget(): SlotBudget {
  return { edges: MOST_WORK };
}

/**
 * @param depths  -1 where no reachable instruction starts; those are all sound
 * @returns undefined: every slot is set before it is used
 */
export function findUnsetSlot(
  fn: FunctionCode,
  depths: Int32Array,
  budget: SlotBudget,
): { readonly at: number; readonly slot: number } | "too-large" | undefined {
  const { code } = fn;
  const given = fn.arity + fn.captures;
  if (given === fn.slots) return undefined;
  const lengthAt = (at: number): number => 1 + ROWS[code[at]!]!.operands.length;
  const endsBlock = (op: number): boolean => ROWS[op]!.flow !== "next" || op === OP.TRY;

  // blocks
  const isLeader = new Uint8Array(code.length + 1);
  isLeader[0] = 1;
  for (let at = 0; at < code.length; at += lengthAt(at)) {
    const op = code[at]!;
    if (!endsBlock(op)) continue;
    isLeader[at + lengthAt(at)] = 1;
    const address = ROWS[op]!.operands.indexOf("address");
    if (address >= 0) isLeader[code[at + 1 + address]!] = 1;
  }
  const blockOf = new Int32Array(code.length + 1).fill(-1); // of leaders
  let blocks = 0;
  for (let at = 0; at < code.length; at++) {
    if (isLeader[at] === 1) blockOf[at] = blocks++;
  }

  // ways between blocks; which block stores a slot; which LOADs their own block does not serve
  const from: number[] = [];
  const to: number[] = [];
  const stores = new Map<number, number[]>();
  const open = new Map<number, { readonly block: number; readonly at: number }[]>();
  let stored = new Set<number>();
  let block = -1;
  for (let at = 0; at < code.length; ) {
    if (isLeader[at] === 1) {
      block = blockOf[at]!;
      stored = new Set();
    }
    const op = code[at]!;
    const next = at + lengthAt(at);
    if (depths[at] !== -1) {
      const slot = code[at + 1]!;
      if (op === OP.STORE && !stored.has(slot)) {
        stored.add(slot);
        listOf(stores, slot).push(block);
      } else if (op === OP.LOAD && slot >= given && !stored.has(slot)) listOf(open, slot).push({ block, at });
      const { flow, operands } = ROWS[op]!;
      const address = operands.indexOf("address");
      if (endsBlock(op) && address >= 0) {
        from.push(block);
        to.push(blockOf[code[at + 1 + address]!]!);
      }
      if ((flow === "next" || flow === "branch") && isLeader[next] === 1) {
        from.push(block);
        to.push(blockOf[next]!);
      }
    }
    at = next;
  }
  if (open.size === 0) return undefined;
  const { first, sources } = groupByTarget(blocks, from, to);

  const storesIt = new Int32Array(blocks).fill(-1); // the slot for which the mark was made
  const visited = new Int32Array(blocks).fill(-1);
  for (const [slot, loads] of open) {
    for (const storing of stores.get(slot) ?? []) storesIt[storing] = slot;
    for (const load of loads) {
      if (visited[load.block] === slot) continue;
      visited[load.block] = slot;
      const pending = [load.block];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        if (next === 0) return { at: load.at, slot }; // the function begins here
        for (let i = first[next]!; i < first[next + 1]!; i++) {
          if (--budget.edges < 0) return "too-large";
          const before = sources[i]!;
          if (storesIt[before] === slot || visited[before] === slot) continue;
          visited[before] = slot;
          pending.push(before);
        }
      }
    }
  }
  return undefined;
}

function listOf<T>(lists: Map<number, T[]>, key: number): T[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

/** Where the ways into each block come from: sources[first[b] .. first[b + 1] - 1]. */
function groupByTarget(
  blocks: number,
  from: readonly number[],
  to: readonly number[],
): { readonly first: Int32Array; readonly sources: Int32Array } {
  const first = new Int32Array(blocks + 1);
  for (const target of to) first[target + 1]!++;
  for (let i = 0; i < blocks; i++) first[i + 1]! += first[i]!;
  const free = first.slice();
  const sources = new Int32Array(from.length);
  to.forEach((target, i) => {
    sources[free[target]!++] = from[i]!;
  });
  return { first, sources };
}
