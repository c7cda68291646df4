import fc from "fast-check";
import { expect, test } from "vitest";
import { OP, OPCODES } from "../../../../vm/bytecode/opcodes.ts";
import { regionAt, verify } from "../../../../vm/bytecode/verify.ts";
import { liveness } from "../../../../vm/jit/graph/liveness.ts";
import { assembled, functionOf, type TestFunction, unitOf } from "./support.ts";

const SLOTS = 4;

type Statement =
  | { readonly kind: "load" | "store"; readonly slot: number }
  | { readonly kind: "yield" | "fail" }
  | { readonly kind: "if" | "try"; readonly body: readonly Statement[]; readonly other: readonly Statement[] }
  | { readonly kind: "loop"; readonly body: readonly Statement[] };

const anyProgram = fc.letrec<{ list: Statement[]; one: Statement }>((tie) => ({
  list: fc.array(tie("one"), { maxLength: 4 }),
  one: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constantFrom("load" as const, "store" as const), slot: fc.nat({ max: SLOTS - 1 }) }),
    fc.record({ kind: fc.constantFrom("yield" as const, "fail" as const) }),
    fc.record({ kind: fc.constantFrom("if" as const, "try" as const), body: tie("list"), other: tie("list") }),
    fc.record({ kind: fc.constant("loop" as const), body: tie("list") }),
  ),
})).list;

/** All slots are set first, so that the verifier lets any LOAD pass. */
function compile(program: readonly Statement[]): number[] {
  const words: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) words.push(OP.PUSH_UNIT, OP.STORE, slot);
  const emit = (list: readonly Statement[]): void => {
    for (const statement of list) {
      switch (statement.kind) {
        case "load":
          words.push(OP.LOAD, statement.slot, OP.POP);
          break;
        case "store":
          words.push(OP.PUSH_UNIT, OP.STORE, statement.slot);
          break;
        case "yield":
          words.push(OP.YIELD);
          break;
        case "fail":
          words.push(OP.PUSH_INT, 1, OP.NEG, OP.POP);
          break;
        case "loop": {
          const head = words.length;
          words.push(OP.TRUE, OP.JZ, 0);
          const hole = words.length - 1;
          emit(statement.body);
          words.push(OP.JMP, head);
          words[hole] = words.length;
          break;
        }
        default: {
          const isTry = statement.kind === "try";
          if (isTry) words.push(OP.TRY, 0);
          else words.push(OP.TRUE, OP.JZ, 0);
          const hole = words.length - 1;
          emit(statement.body);
          if (isTry) words.push(OP.END_TRY);
          words.push(OP.JMP, 0);
          const end = words.length - 1;
          words[hole] = words.length;
          if (isTry) words.push(OP.POP);
          emit(statement.other);
          words[end] = words.length;
        }
      }
    }
  };
  emit(program);
  words.push(OP.PUSH_UNIT, OP["RET.val"]);
  return words;
}

/** Whether some way from `pc` reads the slot before it writes it; a throw may come from any instruction in a TRY. */
function isReadFrom({ code, regions, regionRuns }: TestFunction, pc: number, slot: number): boolean {
  const seen = new Set<number>();
  const pending = [pc];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const op = code[at]!;
    if (op === OP.LOAD && code[at + 1] === slot) return true;
    const handler = regions[regionAt(regionRuns, at)]?.target;
    if (handler !== undefined) pending.push(handler);
    if (op === OP.STORE && code[at + 1] === slot) continue;
    const { flow, operands } = OPCODES[op]!;
    if (flow === "jump" || flow === "branch") pending.push(code[at + 1]!);
    if (flow === "next" || flow === "branch") pending.push(at + 1 + operands.length);
  }
  return false;
}

test("a slot is live exactly if some way reads it before it is written, throws included", () => {
  fc.assert(
    fc.property(anyProgram, (program) => {
      const fn = functionOf(unitOf(compile(program), SLOTS));
      const live = liveness(fn);
      for (const [pc, depth] of fn.depths.entries()) {
        if (depth === -1) continue;
        const expected = [0, 1, 2, 3].filter((slot) => isReadFrom(fn, pc, slot));
        expect(live.before(pc)).toEqual(expected);
        expect([0, 1, 2, 3].filter((slot) => live.isLiveBefore(pc, slot))).toEqual(expected);
      }
    }),
    { numRuns: 200, verbose: 1 },
  );
});

test("what a handler reads is live behind a call inside the TRY, though it is written next (V1)", () => {
  const fn = assembled(`fn main/0 slots=1
    PUSH_INT 1
    STORE 0
    TRY handler
    CALL.fn main 0
    STORE 0
    END_TRY
    PUSH_UNIT
    RET.val
    handler:
    POP
    LOAD 0
    RET.val`);
  const behindCall = fn.code.indexOf(OP["CALL.fn"]) + 3;
  expect(liveness(fn).before(behindCall)).toEqual([0]);
});

test("more than 32 slots, in code longer than a stretch", () => {
  const slots = 70;
  const stores = Array.from({ length: slots }, (_, slot) => `PUSH_INT 1\nSTORE ${slot}`).join("\n");
  const loads = Array.from({ length: slots }, (_, slot) => `LOAD ${slot}\nPOP`).join("\n");
  const fn = assembled(`fn main/0 slots=${slots}\n${stores}\n${loads}\nPUSH_UNIT\nRET.val`);
  const live = liveness(fn);
  const firstLoad = slots * 4;
  for (let slot = 0; slot < slots; slot++) {
    const rest = Array.from({ length: slots - slot }, (_, i) => slot + i);
    expect(live.before(firstLoad + slot * 3)).toEqual(rest);
    expect(live.isLiveBefore(firstLoad + slot * 3, slot)).toBe(true);
    expect(live.isLiveBefore(firstLoad + slot * 3, slot - 1)).toBe(false);
  }
  expect(live.before(0)).toEqual([]);
});

test("of a function too large to look at every slot is live (V2)", () => {
  const unit = unitOf([...Array(20_000).fill(OP.YIELD), OP.PUSH_UNIT, OP["RET.val"]], 1 << 20);
  expect("problem" in verify(unit)).toBe(false);
  const live = liveness(functionOf(unit));
  expect(live.before(0)).toHaveLength(1 << 20);
  expect(live.isLiveBefore(5, 99)).toBe(true);
});
