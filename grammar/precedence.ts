/**
 * Operands and operators in a row, as written, to chains by precedence.
 *
 * The trick: one pass with a stack that holds at most one open chain per level, so 10,000 operands cost as much per
 * operand as ten, and every level comes out as ONE flat node whatever its associativity.
 */
import type { BinaryOp, Expr } from "./ast.ts";
import { join, type Span } from "./source.ts";

/** Loosest first. `<-` is a level of its own here, though it becomes a `send` node. */
const LEVELS: readonly (readonly (BinaryOp | "<-")[])[] = [
  ["<-"],
  ["|>"],
  ["||"],
  ["&&"],
  ["==", "!=", "<", ">", "<=", ">="],
  ["++"],
  ["::"],
  ["+", "-"],
  ["*", "/", "%"],
  ["**"],
];
const LEVEL_OF = new Map(LEVELS.flatMap((ops, level) => ops.map((op) => [op, level] as const)));

/** An expression and how deep the tree below it is, counted from the outermost one. */
export interface Operand {
  readonly expr: Expr;
  readonly depth: number;
}

export interface WrittenOp {
  readonly op: BinaryOp | "<-";
  readonly span: Span;
}

interface OpenChain {
  readonly level: number;
  readonly ops: WrittenOp[];
  readonly operands: Expr[];
  depth: number;
}

/**
 * @param operands  one more than `ops`
 * @returns         the whole as one operand; the extra `<-` if there was more than one
 */
export function applyPrecedence(
  operands: readonly Operand[],
  ops: readonly WrittenOp[],
): { readonly whole: Operand; readonly extraSend?: WrittenOp } {
  const open: OpenChain[] = [];
  let extraSend: WrittenOp | undefined;
  let current = operands[0] as Operand;
  const closeTighterThan = (level: number) => {
    for (let top = open.at(-1); top !== undefined && top.level > level; top = open.at(-1)) {
      open.pop();
      top.operands.push(current.expr);
      current = finish(top, Math.max(top.depth, current.depth) + 1);
    }
  };
  ops.forEach((op, i) => {
    const level = LEVEL_OF.get(op.op) as number;
    closeTighterThan(level);
    const top = open.at(-1);
    if (top?.level === level) {
      if (level === 0) extraSend ??= op;
      top.operands.push(current.expr);
      top.ops.push(op);
      top.depth = Math.max(top.depth, current.depth);
    } else open.push({ level, ops: [op], operands: [current.expr], depth: current.depth });
    current = operands[i + 1] as Operand;
  });
  closeTighterThan(-1);
  return extraSend === undefined ? { whole: current } : { whole: current, extraSend };
}

function finish(chain: OpenChain, depth: number): Operand {
  const { operands } = chain;
  const first = operands[0] as Expr;
  const last = operands[operands.length - 1] as Expr;
  const span = join(first.span, last.span);
  if (chain.level === 0) return { expr: { kind: "send", span, target: first, message: last }, depth };
  const ops = chain.ops as { op: BinaryOp; span: Span }[];
  return { expr: { kind: "chain", span, ops, operands }, depth };
}
