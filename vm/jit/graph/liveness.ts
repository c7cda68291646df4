/**
 * Which slots may still be read, before each instruction of a function: what compiled code must keep when it is left.
 *
 * The trick: one backward flow analysis with a bit a slot, over stretches of at most 64 instructions, so that the answer
 * for one instruction looks at few others.
 *
 * V1  A slot that is live at a handler is live at every instruction inside its TRY, so also while a call from there is
 *     under way: wherever a throw comes from, the handler finds its slots. Such slots are set before the TRY (slots.ts).
 * V2  Of a function too large for the bits every slot is called live. That keeps too much and is never wrong.
 */
import { OP, OPCODES, type OpcodeRow } from "../../bytecode/opcodes.ts";
import { type Region, regionAt } from "../../bytecode/verify.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;
const LENGTHS = Int32Array.from(ROWS, (row) => 1 + row.operands.length);
const ADDRESS = Int32Array.from(ROWS, (row) => 1 + row.operands.indexOf("address"));

const STRETCH_INSTRUCTIONS = 64;
const MOST_BITS = 1 << 26; // 8 MB; a function of 10,000 slots and 100,000 instructions takes a quarter of them

/** What of a LinkedFunction liveness looks at. */
export interface LivenessCode {
  readonly code: Int32Array;
  readonly slots: number;
  readonly regions: readonly Region[];
  readonly regionRuns: Int32Array;
}

export interface LiveSlots {
  /** Slots that are live before the instruction at word `pc`, ascending. */
  before(pc: number): readonly number[];
  isLiveBefore(pc: number, slot: number): boolean;
}

export function liveness(fn: LivenessCode): LiveSlots {
  const { code, slots } = fn;
  const starts = findStretches(fn);
  const width = (slots + 31) >> 5;
  if (starts.length * slots > MOST_BITS) {
    const all = Array.from({ length: slots }, (_, slot) => slot);
    return { before: () => all, isLiveBefore: () => true };
  }

  const stretchAt = new Int32Array(code.length);
  starts.forEach((from, index) => {
    stretchAt.fill(index, from, starts[index + 1] ?? code.length);
  });
  const endOf = (index: number): number => starts[index + 1] ?? code.length;

  /** by stretch: what is live after it by its handler (V1) and by the stretches that come next */
  const successors = starts.map((_, index): number[] => {
    const next: number[] = [];
    let last = starts[index]!;
    for (let at = last; at < endOf(index); at += LENGTHS[code[at]!]!) last = at;
    const op = code[last]!;
    const { flow } = ROWS[op]!;
    if (ADDRESS[op]! > 0) next.push(stretchAt[code[last + ADDRESS[op]!]!]!);
    if ((flow === "next" || flow === "branch") && endOf(index) < code.length) next.push(index + 1);
    const handler = handlerAt(fn, starts[index]!);
    if (handler !== -1) next.push(stretchAt[handler]!);
    return next;
  });

  /** Bits of the slots live before `pc`, into `bits`. */
  function fill(bits: Int32Array, index: number, pc: number): void {
    bits.fill(0);
    for (const next of successors[index]!) {
      for (let word = 0; word < width; word++) bits[word]! |= live[next * width + word]!;
    }
    const handler = handlerAt(fn, starts[index]!);
    const kept = handler === -1 ? -1 : stretchAt[handler]! * width;
    const ats: number[] = [];
    for (let at = starts[index]!; at < endOf(index); at += LENGTHS[code[at]!]!) if (at >= pc) ats.push(at);
    for (let at = ats.pop(); at !== undefined; at = ats.pop()) {
      const op = code[at]!;
      if (op !== OP.LOAD && op !== OP.STORE) continue;
      const slot = code[at + 1]!;
      const word = slot >> 5;
      const bit = 1 << (slot & 31);
      if (op === OP.LOAD) bits[word]! |= bit;
      else if (kept === -1 || (live[kept + word]! & bit) === 0) bits[word]! &= ~bit; // V1
    }
  }

  const live = new Int32Array(starts.length * width);
  const before: number[][] = starts.map(() => []);
  successors.forEach((nexts, index) => {
    for (const next of nexts) before[next]!.push(index);
  });
  const scratch = new Int32Array(width);
  const pending = starts.map((_, index) => index); // the last is taken first
  const isPending = new Uint8Array(starts.length).fill(1);
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    isPending[index] = 0;
    fill(scratch, index, starts[index]!);
    let isSame = true;
    for (let word = 0; word < width; word++) {
      if (live[index * width + word] !== scratch[word]) isSame = false;
      live[index * width + word] = scratch[word]!;
    }
    if (isSame) continue;
    for (const previous of before[index]!) {
      if (isPending[previous] === 1) continue;
      isPending[previous] = 1;
      pending.push(previous);
    }
  }

  /** each entry into the function asks again */
  const known: (number[] | undefined)[] = [];
  return {
    before(pc) {
      const earlier = known[pc];
      if (earlier !== undefined) return earlier;
      fill(scratch, stretchAt[pc]!, pc);
      const found: number[] = [];
      for (let word = 0; word < width; word++) {
        for (let rest = scratch[word]!; rest !== 0; rest &= rest - 1)
          found.push(word * 32 + 31 - Math.clz32(rest & -rest));
      }
      known[pc] = found;
      return found;
    },
    isLiveBefore(pc, slot) {
      fill(scratch, stretchAt[pc]!, pc);
      return (scratch[slot >> 5]! & (1 << (slot & 31))) !== 0;
    },
  };
}

/** Where stretches begin: at targets, behind what does not just go on, where the open region changes, and now and then. */
function findStretches({ code, regionRuns }: LivenessCode): number[] {
  const isStart = new Uint8Array(code.length + 1);
  for (let i = 0; i < regionRuns.length; i += 2) isStart[regionRuns[i]!] = 1;
  for (let at = 0; at < code.length; ) {
    const op = code[at]!;
    const next = at + LENGTHS[op]!;
    if (ADDRESS[op]! > 0) isStart[code[at + ADDRESS[op]!]!] = 1;
    if (ADDRESS[op]! > 0 || ROWS[op]!.flow !== "next") isStart[next] = 1;
    at = next;
  }
  const starts: number[] = [];
  let count = STRETCH_INSTRUCTIONS;
  for (let at = 0; at < code.length; at += LENGTHS[code[at]!]!) {
    if (isStart[at] === 1 || count === STRETCH_INSTRUCTIONS) {
      starts.push(at);
      count = 0;
    }
    count++;
  }
  return starts;
}

/** Word offset of the handler that a throw at `pc` reaches; -1: the throw leaves the function. */
function handlerAt({ regions, regionRuns }: LivenessCode, pc: number): number {
  let region = regionAt(regionRuns, pc);
  while (region !== -1 && regions[region]!.kind === "lock") region = regions[region]!.parent;
  return region === -1 ? -1 : regions[region]!.target;
}
