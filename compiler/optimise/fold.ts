/**
 * What instructions on constants give. What would fail stays as it is and fails when it runs.
 */
import { addInt, divInt, type Int, mulInt, negInt, powInt, remInt, subInt } from "../../vm/bytecode/arithmetic.ts";
import { OP } from "../../vm/bytecode/opcodes.ts";
import type { Constant } from "../../vm/bytecode/unit.ts";
import { compareText } from "../lower/text-order.ts";

/** Larger texts are not built while compiling: a chain could double them every time. */
const LONGEST_TEXT = 10_000;

const bool = (value: boolean): Constant => ({ kind: "Bool", value });
const int = (value: Int): Constant => ({ kind: "Int", value: BigInt(value) });
const float = (value: number): Constant => ({ kind: "Float", value });

/** The result of a two-operand instruction, or undefined. */
export function foldBinary(op: number, a: Constant, b: Constant): Constant | undefined {
  if (a.kind === "Int" && b.kind === "Int") return foldInts(op, toInt(a.value), toInt(b.value));
  if (a.kind === "Float" && b.kind === "Float") return foldFloats(op, a.value, b.value);
  if (a.kind === "String" && b.kind === "String") return foldTexts(op, a.value, b.value);
  if (a.kind === "Bool" && b.kind === "Bool") {
    if (op === OP["EQ.val"]) return bool(a.value === b.value);
    if (op === OP["NE.val"]) return bool(a.value !== b.value);
  }
  return undefined;
}

export function foldUnary(op: number, a: Constant): Constant | undefined {
  if (op === OP.NOT && a.kind === "Bool") return bool(!a.value);
  if (op === OP.NEG && a.kind === "Int") return int(negInt(toInt(a.value)));
  if (op === OP.NEG && a.kind === "Float") return float(-a.value);
  return undefined;
}

function toInt(value: bigint): Int {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function foldInts(op: number, a: Int, b: Int): Constant | undefined {
  switch (op) {
    case OP.ADD:
    case OP["ADD.val"]:
      return int(addInt(a, b));
    case OP.SUB:
    case OP["SUB.val"]:
      return int(subInt(a, b));
    case OP.MUL:
    case OP["MUL.val"]:
      return int(mulInt(a, b));
    case OP.DIV:
    case OP["DIV.val"]:
      return b === 0 ? undefined : int(divInt(a, b));
    case OP.MOD:
      return b === 0 ? undefined : int(remInt(a, b));
    case OP.POW:
      return b < 0 ? undefined : int(powInt(a, b));
    default:
      return foldOrder(op, a < b ? -1 : a > b ? 1 : 0);
  }
}

function foldFloats(op: number, a: number, b: number): Constant | undefined {
  switch (op) {
    case OP.ADD:
    case OP["ADD.val"]:
    case OP.ADD_F:
      return float(a + b);
    case OP.SUB:
    case OP["SUB.val"]:
    case OP.SUB_F:
      return float(a - b);
    case OP.MUL:
    case OP["MUL.val"]:
    case OP.MUL_F:
      return float(a * b);
    case OP["DIV.val"]:
    case OP["DIV_F.ieee"]:
      return float(a / b);
    case OP.DIV:
      return b === 0 ? undefined : float(a / b);
    default:
      return Number.isNaN(a) || Number.isNaN(b) ? undefined : foldOrder(op, a < b ? -1 : a > b ? 1 : 0);
  }
}

function foldTexts(op: number, a: string, b: string): Constant | undefined {
  if (op === OP.CONCAT || op === OP["CONCAT.val"] || op === OP["ADD.val"]) {
    return a.length + b.length > LONGEST_TEXT ? undefined : { kind: "String", value: a + b };
  }
  return foldOrder(op, compareText(a, b));
}

function foldOrder(op: number, order: number): Constant | undefined {
  switch (op) {
    case OP["EQ.val"]:
      return bool(order === 0);
    case OP["NE.val"]:
      return bool(order !== 0);
    case OP["LT.val"]:
      return bool(order < 0);
    case OP["GT.val"]:
      return bool(order > 0);
    case OP["LE.val"]:
      return bool(order <= 0);
    case OP["GE.val"]:
      return bool(order >= 0);
    default:
      return undefined;
  }
}
