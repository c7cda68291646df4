/**
 * Makes a function's instructions fewer without changing what they do: bytecode in, bytecode out.
 *
 * The trick: labels stay symbols until assembly, so nothing has to be kept in step. Each round is three linear walks:
 * jumps are led to where they end up; what nothing reaches goes; and one pass writes the code anew, looking only at the
 * last instructions it has written, so one simplification enables the next at once. Last, blocks are put in order.
 * Stays true: what may fail stays, in its order; operands on the stack at every label are as before.
 */
import { OP } from "../../vm/bytecode/opcodes.ts";
import {
  type Instruction,
  LABEL,
  Label,
  type LoweredFunction,
  pushedConstant,
  pushOf,
  ROWS,
} from "../lower/instructions.ts";
import { foldBinary, foldUnary } from "./fold.ts";
import { layOut } from "./layout.ts";

/** Rounds after which little is left to find; code of any size stays linear. */
const MOST_ROUNDS = 4;

export function optimise(fn: LoweredFunction): LoweredFunction {
  let code: readonly Instruction[] = fn.code;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = code.length;
    code = simplify(reachable(threadJumps(code)));
    if (code.length === before) break;
  }
  return { ...fn, code: layOut(code) };
}

const isJump = (instruction: Instruction): boolean => instruction.a instanceof Label && instruction.op !== LABEL;
const endsHere = (instruction: Instruction): boolean => {
  if (instruction.op === LABEL) return false;
  const { flow } = ROWS[instruction.op]!;
  return flow === "jump" || flow === "end";
};

/** Notes at each label the first real instruction behind it. */
function locate(code: readonly Instruction[]): void {
  let next = code.length;
  for (let i = code.length - 1; i >= 0; i--) {
    const { op, a } = code[i]!;
    if (op === LABEL) (a as Label).position = next;
    else next = i;
  }
}

/** Jumps to jumps to jumps are followed so far in one round. */
const LONGEST_WAY = 32;

/** A jump to a jump goes to that one's end; a jump to RET is a RET. A TRY keeps its handler. */
function threadJumps(code: readonly Instruction[]): Instruction[] {
  locate(code);
  const endOf = (label: Label): Label => {
    let at = label;
    for (let step = 0; step < LONGEST_WAY; step++) {
      const target = code[at.position];
      if (target?.op !== OP.JMP || target.a === at) break;
      at = target.a as Label;
    }
    return at;
  };
  return code.map((instruction) => {
    if (!isJump(instruction) || instruction.op === OP.TRY) return instruction;
    const end = endOf(instruction.a as Label);
    const target = code[end.position];
    if (instruction.op === OP.JMP && target?.op === OP["RET.val"]) return target;
    return end === instruction.a ? instruction : { ...instruction, a: end };
  });
}

/** Drops what no way from the start comes to, and labels that nothing names. */
function reachable(code: readonly Instruction[]): Instruction[] {
  locate(code);
  const seen = new Uint8Array(code.length);
  const named = new Set<Label>();
  const rest = [0];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    while (at < code.length && seen[at] === 0) {
      seen[at] = 1;
      const instruction = code[at]!;
      if (isJump(instruction)) {
        const label = instruction.a as Label;
        if (!named.has(label)) {
          named.add(label);
          rest.push(label.position);
        }
      }
      if (endsHere(instruction)) break;
      at += 1;
    }
  }
  return code.filter((instruction, at) =>
    instruction.op === LABEL ? named.has(instruction.a as Label) : seen[at] === 1,
  );
}

/** Leaves one value, fails never, does nothing else. */
const PURE_PUSHES: ReadonlySet<number> = new Set([
  OP.PUSH_INT, OP.PUSH_FLOAT, OP.PUSH_STR, OP.TRUE, OP.FALSE, OP.PUSH_UNIT, OP.PUSH_CONST, OP.LOAD, OP.DUP, OP["MAKE_FUNCTION.fn"], OP.SELF,
]); // biome-ignore format: a table
/** Takes one value and leaves another, fails never, does nothing else. */
const PURE_STEPS: ReadonlySet<number> = new Set([
  OP.IS_CONS,
  OP.IS_NIL,
  OP.IS_TUPLE,
  OP.IS_CONSTRUCTOR,
  OP.IS_TYPE,
  OP.IS_KIND,
  OP["HAS_FIELD.val"],
]);

/** JNZ asks for a Bool where JZ takes anything, so the one becomes the other only behind these. */
const GIVES_BOOL: ReadonlySet<number> = new Set([
  ...PURE_STEPS, OP["EQ.val"], OP["NE.val"], OP["LT.val"], OP["GT.val"], OP["LE.val"], OP["GE.val"], OP.NOT,
]); // biome-ignore format: a table

/** How often each variable is loaded. */
function countLoads(code: readonly Instruction[]): Int32Array {
  let variables = 0;
  for (const { op, a } of code)
    if (op === OP.LOAD || op === OP.STORE) variables = Math.max(variables, (a as number) + 1);
  const loads = new Int32Array(variables);
  for (const { op, a } of code) if (op === OP.LOAD) loads[a as number]! += 1;
  return loads;
}

function simplify(code: readonly Instruction[]): Instruction[] {
  const loads = countLoads(code);
  const out: Instruction[] = [];
  const last = (back = 1): Instruction | undefined => out[out.length - back];
  const push = (instruction: Instruction): void => {
    out.push(instruction);
  };

  const add = (instruction: Instruction): void => {
    const { op, a } = instruction;
    const previous = last();
    switch (op) {
      case LABEL: {
        // a test that jumps over a jump is the opposite test
        const test = last(2);
        if (previous?.op === OP.JMP && test?.op === OP.JZ && test.a === a && GIVES_BOOL.has(last(3)?.op ?? LABEL)) {
          out.length -= 2;
          push({ ...test, op: OP.JNZ, a: previous.a });
        }
        // a jump to the next instruction
        for (let at = out.length - 1, back = out[at]; back !== undefined; at--, back = out[at]) {
          if (back.op === LABEL) continue;
          if (back.a !== a) break;
          if (back.op === OP.JMP) out.splice(at, 1);
          else if (back.op === OP.JZ || back.op === OP.JNZ) out[at] = { ...back, op: OP.POP, a: undefined };
          break;
        }
        push(instruction);
        return;
      }
      case OP.POP:
        if (previous !== undefined && PURE_PUSHES.has(previous.op)) {
          out.pop();
          if (previous.op === OP.LOAD) loads[previous.a as number]! -= 1;
          return;
        }
        if (previous !== undefined && PURE_STEPS.has(previous.op)) {
          out.pop();
          add(instruction);
          return;
        }
        push(instruction);
        return;
      case OP.STORE:
        if (loads[a as number] === 0) {
          add({ ...instruction, op: OP.POP, a: undefined });
          return;
        }
        push(instruction);
        return;
      case OP.LOAD:
        if (previous?.op === OP.STORE && previous.a === a && loads[a as number] === 1) {
          out.pop();
          loads[a as number] = 0;
          return;
        }
        push(instruction);
        return;
      case OP.JZ:
      case OP.JNZ: {
        const constant = pushedConstant(previous);
        if (constant?.kind === "Bool") {
          out.pop();
          if (constant.value === (op === OP.JNZ)) push({ ...instruction, op: OP.JMP });
          return;
        }
        if (previous?.op === OP.NOT) {
          out.pop();
          add({ ...instruction, op: op === OP.JZ ? OP.JNZ : OP.JZ });
          return;
        }
        push(instruction);
        return;
      }
      case OP.NOT:
      case OP.NEG: {
        const constant = pushedConstant(previous);
        const folded = constant && foldUnary(op, constant);
        if (folded === undefined) {
          push(instruction);
          return;
        }
        out.pop();
        push(pushing(folded, instruction));
        return;
      }
      default: {
        if (ROWS[op]!.pops !== 2 || ROWS[op]!.pushes !== 1) {
          push(instruction);
          return;
        }
        const right = pushedConstant(previous);
        const left = right && pushedConstant(last(2));
        const folded = left && right && foldBinary(op, left, right);
        if (folded === undefined) {
          push(instruction);
          return;
        }
        out.length -= 2;
        push(pushing(folded, instruction));
        return;
      }
    }
  };
  for (const instruction of code) add(instruction);
  return out;
}

function pushing(constant: Parameters<typeof pushOf>[0], at: Instruction): Instruction {
  const [name, a] = pushOf(constant);
  return { ...at, op: OP[name], a, b: 0 };
}
