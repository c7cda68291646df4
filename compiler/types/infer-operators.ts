/**
 * Operators. A chain of one precedence level is flat in the syntax and stays flat in Core, however long it is.
 *
 * The kinds that arithmetic may rely on are read off the types when all of them are known (`later`).
 */
import type { BinaryOp, Expr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import { join } from "../../grammar/source.ts";
import type { Core, OperandKind } from "../core.ts";
import { type Checker, newLocal, type Typed } from "./checker.ts";
import { inferCondition } from "./elaborate.ts";
import { given, inferCall, inferCallOf } from "./infer-call.ts";
import { infer } from "./infer-expr.ts";
import type { ArithmeticOp } from "./predicates.ts";
import { Bool, isFloat, isInt, isList, isText, listOf, prune, Text, type Type } from "./type.ts";

type Chain = Extract<Expr, { readonly kind: "chain" }>;
type Step = { readonly op: BinaryOp; readonly span: Span };

export function inferChain(c: Checker, e: Chain, expected: Type | undefined): Typed {
  const op = (e.ops[0] as Step).op;
  switch (op) {
    case "&&":
    case "||": {
      const items = e.operands.map((operand) => inferCondition(c, operand));
      return { type: Bool, core: { kind: op === "&&" ? "and" : "or", span: e.span, items } };
    }
    case "::":
      return cons(c, e, expected);
    case "|>":
      return pipe(c, e, expected);
    case "++":
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmeticChain(c, e, expected);
    default:
      return nested(c, e);
  }
}

/** What arithmetic may assume of its operands, once types are known. */
function operandsOf(left: Type, right: Type): OperandKind {
  const a = prune(left);
  const b = prune(right);
  if (isInt(a) && isInt(b)) return "int";
  if (isFloat(a) && isFloat(b)) return "float";
  if (isText(a) && isText(b)) return "string";
  const isNumber = (t: Type): boolean => isInt(t) || isFloat(t);
  return isNumber(a) && isNumber(b) ? "number" : "any";
}

function arithmeticChain(c: Checker, e: Chain, expected: Type | undefined): Typed {
  const hint = (e.ops[0] as Step).op === "++" ? expected : undefined;
  const first = infer(c, e.operands[0] as Expr, hint);
  let left = first.type;
  let leftSpan = (e.operands[0] as Expr).span;
  const rest: { op: "+" | "-" | "*" | "/" | "%" | "++"; operands: OperandKind; item: Core; span: Span }[] = [];
  e.ops.forEach((step, i) => {
    const operand = e.operands[i + 1] as Expr;
    const op = step.op as (typeof rest)[number]["op"];
    const right = infer(c, operand, op === "++" && isList(prune(left)) ? left : undefined);
    const span = join(leftSpan, operand.span);
    const result = c.fresh();
    if (op === "++")
      c.demand({
        kind: "concat",
        span,
        solved: false,
        left,
        right: right.type,
        result,
        leftSpan,
        rightSpan: operand.span,
      });
    else
      c.demand({
        kind: "arithmetic",
        span,
        solved: false,
        op: op as ArithmeticOp,
        left,
        right: right.type,
        result,
        leftSpan,
        rightSpan: operand.span,
      });
    const item = { op, operands: "any" as OperandKind, item: right.core, span: step.span };
    const leftType = left;
    c.later.push(() => {
      item.operands = operandsOf(leftType, right.type);
    });
    rest.push(item);
    left = result;
    leftSpan = span;
  });
  const [only] = rest;
  if (rest.length === 1 && only !== undefined) {
    const core: Core & { operands: OperandKind } = {
      kind: "binary",
      span: e.span,
      op: only.op,
      operands: "any",
      left: first.core,
      right: only.item,
    };
    c.later.push(() => {
      core.operands = only.operands;
    });
    return { type: left, core };
  }
  return { type: left, core: { kind: "chain", span: e.span, first: first.core, rest } };
}

/** `**` and comparisons: left-associative, one after the other; more than one step goes through names, so nothing nests. */
function nested(c: Checker, e: Chain): Typed {
  let left = infer(c, e.operands[0] as Expr);
  let leftSpan = (e.operands[0] as Expr).span;
  const before: Core[] = [];
  e.ops.forEach((step, i) => {
    const operand = e.operands[i + 1] as Expr;
    if (i > 0) {
      const local = newLocal(c, "<left>", leftSpan, left.type);
      before.push({ kind: "bind", span: leftSpan, local, value: left.core });
      left = { type: left.type, core: { kind: "local", span: leftSpan, local } };
    }
    const right = infer(c, operand, left.type);
    const span = join(leftSpan, operand.span);
    left = binary(c, step.op as Comparison | "**", left, leftSpan, right, operand.span, span);
    leftSpan = span;
  });
  return before.length === 0
    ? left
    : { type: left.type, core: { kind: "block", span: e.span, statements: [...before, left.core] } };
}

type Comparison = "==" | "!=" | "<" | ">" | "<=" | ">=";

function binary(
  c: Checker,
  op: Comparison | "**",
  left: Typed,
  leftSpan: Span,
  right: Typed,
  rightSpan: Span,
  span: Span,
): Typed {
  const core: Core & { operands: OperandKind } = {
    kind: "binary",
    span,
    op,
    operands: "any",
    left: left.core,
    right: right.core,
  };
  c.later.push(() => {
    core.operands = operandsOf(left.type, right.type);
  });
  if (op === "**") {
    const result = c.fresh();
    c.demand({
      kind: "arithmetic",
      span,
      solved: false,
      op,
      left: left.type,
      right: right.type,
      result,
      leftSpan,
      rightSpan,
    });
    return { type: result, core };
  }
  if (c.expect(left.type, right.type, rightSpan, { because: { span: leftSpan, text: "compared with this" } }))
    c.demand({ kind: "trait", span, solved: false, trait: op === "==" || op === "!=" ? "Eq" : "Ord", type: left.type });
  return { type: Bool, core };
}

/** `a :: b :: rest` is the list of a and b before rest. */
function cons(c: Checker, e: Chain, expected: Type | undefined): Typed {
  const heads = e.operands.slice(0, -1);
  const tail = e.operands[e.operands.length - 1] as Expr;
  const wanted = expected === undefined ? undefined : prune(expected);
  const element = wanted !== undefined && isList(wanted) ? (wanted.args[0] as Type) : c.fresh();
  const items = heads.map((head) => {
    const value = infer(c, head, element);
    c.expect(element, value.type, head.span);
    return value.core;
  });
  const type = listOf(element);
  const rest = infer(c, tail, type);
  c.expect(type, rest.type, tail.span);
  return { type, core: { kind: "list", span: e.span, items, rest: rest.core } };
}

function pipe(c: Checker, e: Chain, expected: Type | undefined): Typed {
  let value = infer(c, e.operands[0] as Expr);
  const before: Core[] = [];
  e.ops.forEach((_, i) => {
    const target = e.operands[i + 1] as Expr;
    const span = join((e.operands[0] as Expr).span, target.span);
    if (i > 0) {
      const local = newLocal(c, "<piped>", value.core.span, value.type);
      before.push({ kind: "bind", span: value.core.span, local, value: value.core });
      value = { type: value.type, core: { kind: "local", span: value.core.span, local } };
    }
    const hint = i === e.ops.length - 1 ? expected : undefined;
    value =
      target.kind === "call"
        ? inferCall(c, { ...target, span }, hint, value)
        : inferCallOf(c, target, [given(value)], { span }, hint);
  });
  return before.length === 0
    ? value
    : { type: value.type, core: { kind: "block", span: e.span, statements: [...before, value.core] } };
}

export function inferUnary(c: Checker, e: Extract<Expr, { readonly kind: "unary" }>): Typed {
  if (e.op === "!") return { type: Bool, core: { kind: "not", span: e.span, operand: inferCondition(c, e.operand) } };
  const value = infer(c, e.operand);
  const core: Core & { operands: OperandKind } = { kind: "negate", span: e.span, operands: "any", operand: value.core };
  c.later.push(() => {
    core.operands = operandsOf(value.type, value.type);
  });
  c.demand({ kind: "trait", span: e.operand.span, solved: false, trait: "Num", type: value.type });
  if (value.core.kind === "const" && value.core.value.kind === "Int")
    return {
      type: value.type,
      core: { kind: "const", span: e.span, value: { kind: "Int", value: BigInt.asIntN(64, -value.core.value.value) } },
    };
  if (value.core.kind === "const" && value.core.value.kind === "Float")
    return {
      type: value.type,
      core: { kind: "const", span: e.span, value: { kind: "Float", value: -value.core.value.value } },
    };
  return { type: value.type, core };
}

/** Text with `${…}` in it. */
export function inferInterpolation(c: Checker, e: Extract<Expr, { readonly kind: "interpolation" }>): Typed {
  const items = e.parts.map(
    (part): Core =>
      typeof part === "string"
        ? { kind: "const", span: e.span, value: { kind: "String", value: part } }
        : infer(c, part).core,
  );
  return { type: Text, core: { kind: "interpolate", span: e.span, items } };
}
