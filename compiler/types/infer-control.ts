/** Control flow and receive: if, match, loops, try. */
import type { Arm, Expr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Core, CoreArm } from "../core.ts";
import type { Checker, LoopFrame, Typed } from "./checker.ts";
import { asUnit, check, declare, inferCondition, iterable, loopsOf, resultSpan, wrong } from "./elaborate.ts";
import { checkExhaustive } from "./exhaustive.ts";
import { infer } from "./infer-expr.ts";
import { type ArmNames, inferPattern } from "./infer-pattern.ts";
import { DYNAMIC, Int, listOf, prune, type Type, Unit } from "./type.ts";

type Of<K extends Expr["kind"]> = Extract<Expr, { readonly kind: K }>;

export function inferIf(c: Checker, e: Of<"if">, expected: Type | undefined): Typed {
  const branches: { condition: Core; body: Core }[] = [];
  if (e.otherwise === undefined) {
    // without else nobody can use the value: it is ()
    for (const branch of e.branches) {
      const condition = inferCondition(c, branch.condition);
      const body = infer(c, branch.body);
      branches.push({ condition, body: asUnit(c, body) });
    }
    return { type: Unit, core: { kind: "if", span: e.span, branches } };
  }
  const result = new Merge(c, expected);
  for (const branch of e.branches) {
    const condition = inferCondition(c, branch.condition);
    branches.push({ condition, body: result.add(branch.body) });
  }
  const otherwise = result.add(e.otherwise);
  return { type: result.type, core: { kind: "if", span: e.span, branches, otherwise } };
}

/** Branches that must be of one type: the first decides, and is named when another differs. */
class Merge {
  private merged: Type | undefined;
  private readonly c: Checker;
  private readonly expected: Type | undefined;
  private first: Span | undefined;

  constructor(c: Checker, expected: Type | undefined) {
    this.c = c;
    this.expected = expected;
  }

  get type(): Type {
    this.merged ??= this.c.fresh();
    return this.merged;
  }

  add(body: Expr): Core {
    const known = this.merged === undefined ? undefined : prune(this.merged);
    const value = infer(this.c, body, known === undefined || known.kind === "var" ? this.expected : known);
    const span = resultSpan(body);
    if (this.merged === undefined) {
      this.merged = value.type;
      this.first = span;
      return value.core;
    }
    this.c.expect(
      this.type,
      value.type,
      span,
      this.first === undefined ? {} : { because: { span: this.first, text: "but this one came first" } },
    );
    this.first ??= span;
    return value.core;
  }
}

function inferArm(c: Checker, arm: Arm, scrutinee: Type, body: (body: Expr) => Core): CoreArm {
  const mark = c.place.scope.enter();
  const names: ArmNames = new Map();
  const pattern = inferPattern(c, arm.pattern, scrutinee, { mode: "arm", names });
  const guard = arm.guard === undefined ? undefined : inferCondition(c, arm.guard);
  const core = body(arm.body);
  c.place.scope.leave(mark);
  return { span: arm.span, patterns: [pattern], ...(guard === undefined ? {} : { guard }), body: core };
}

export function inferMatch(c: Checker, e: Of<"match">, expected: Type | undefined): Typed {
  const scrutinee = infer(c, e.scrutinee);
  const result = new Merge(c, expected);
  const arms = e.arms.map((arm) => inferArm(c, arm, scrutinee.type, (body) => result.add(body)));
  c.later.push(() => checkExhaustive(c, scrutinee.type, e.arms, arms, e.span));
  return {
    type: result.type,
    core: { kind: "match", span: e.span, scrutinees: [scrutinee.core], arms, what: "match" },
  };
}

// ───────────────────────────── loops ─────────────────────────────

function inLoop<T>(
  c: Checker,
  body: (loop: LoopFrame) => T,
): { readonly value: T; readonly type: Type; readonly loop: LoopFrame } {
  const loop: LoopFrame = { loop: { kind: "loop" }, value: undefined };
  loopsOf(c).push(loop);
  const value = body(loop);
  loopsOf(c).pop();
  return { value, type: loop.value ?? Unit, loop };
}

export function inferWhile(c: Checker, e: Of<"while">): Typed {
  const { value, type, loop } = inLoop(c, () => ({
    condition: inferCondition(c, e.condition),
    body: infer(c, e.body).core,
  }));
  return { type, core: { kind: "while", span: e.span, loop: loop.loop, ...value } };
}

export function inferFor(c: Checker, e: Of<"for">): Typed {
  const from = check(c, e.from, Int);
  const to = check(c, e.to, Int);
  const mark = c.place.scope.enter();
  const variable = declare(c, e.variable.name, e.variable.span, Int);
  const { value: body, type, loop } = inLoop(c, () => infer(c, e.body).core);
  c.place.scope.leave(mark);
  return { type, core: { kind: "for", span: e.span, loop: loop.loop, variable, from, to, body } };
}

export function inferForIn(c: Checker, e: Of<"forIn">): Typed {
  const { element, list } = iterable(c, infer(c, e.iterable), e.iterable.span);
  const mark = c.place.scope.enter();
  const pattern = inferPattern(c, e.pattern, element, { mode: "fresh", names: new Map() });
  const { value: body, type, loop } = inLoop(c, () => infer(c, e.body).core);
  c.place.scope.leave(mark);
  return { type, core: { kind: "forIn", span: e.span, loop: loop.loop, pattern, list, body } };
}

export function inferComprehension(c: Checker, e: Of<"comprehension">): Typed {
  const { element, list } = iterable(c, infer(c, e.iterable), e.iterable.span);
  const mark = c.place.scope.enter();
  const pattern = inferPattern(c, e.pattern, element, { mode: "fresh", names: new Map() });
  const { value, loop } = inLoop(c, () => {
    const condition = e.condition === undefined ? undefined : inferCondition(c, e.condition);
    return { condition, item: infer(c, e.element) };
  });
  c.place.scope.leave(mark);
  return {
    type: listOf(value.item.type),
    core: {
      kind: "comprehension",
      span: e.span,
      loop: loop.loop,
      pattern,
      list,
      ...(value.condition === undefined ? {} : { condition: value.condition }),
      element: value.item.core,
    },
  };
}

export function inferBreak(c: Checker, e: Of<"break">): Typed {
  const loops = loopsOf(c);
  const loop = loops[loops.length - 1];
  const value = e.value === undefined ? undefined : infer(c, e.value);
  if (loop === undefined) {
    c.report({ code: "misplaced", span: e.span, message: "`break` outside of a loop" });
    return wrong(e.span);
  }
  if (value !== undefined) {
    if (loop.value === undefined) loop.value = value.type;
    else c.expect(loop.value, value.type, (e.value as Expr).span);
  }
  return {
    type: c.fresh(),
    core: { kind: "break", span: e.span, loop: loop.loop, ...(value === undefined ? {} : { value: value.core }) },
  };
}

export function inferContinue(c: Checker, e: Of<"continue">): Typed {
  const loops = loopsOf(c);
  const loop = loops[loops.length - 1];
  if (loop === undefined) {
    c.report({ code: "misplaced", span: e.span, message: "`continue` outside of a loop" });
    return wrong(e.span);
  }
  return { type: c.fresh(), core: { kind: "continue", span: e.span, loop: loop.loop } };
}

export function inferReturn(c: Checker, e: Of<"return">): Typed {
  const frames = c.place.frames;
  const frame = frames[frames.length - 1];
  const value = e.value === undefined ? undefined : infer(c, e.value, frame?.result);
  if (frame === undefined) {
    c.report({ code: "misplaced", span: e.span, message: "`return` outside of a function" });
    return wrong(e.span);
  }
  c.expect(frame.result, value?.type ?? Unit, e.value?.span ?? e.span);
  return {
    type: c.fresh(),
    core: { kind: "return", span: e.span, ...(value === undefined ? {} : { value: value.core }) },
  };
}

// ───────────────────────────── exceptions ─────────────────────────────

/** Body and arms may be of different types (language.md 4.1): then the value is untyped. */
export function inferTry(c: Checker, e: Of<"try">, expected: Type | undefined): Typed {
  const body = infer(c, e.body, expected);
  let type = body.type;
  const arms = e.arms?.map((arm) =>
    inferArm(c, arm, DYNAMIC, (armBody) => {
      const value = infer(c, armBody, expected);
      if (type !== DYNAMIC && (prune(value.type).kind === "dynamic" || !c.tryUnify(type, value.type))) type = DYNAMIC;
      return value.core;
    }),
  );
  const finalizer = e.finalizer === undefined ? undefined : infer(c, e.finalizer).core;
  return {
    type,
    core: {
      kind: "try",
      span: e.span,
      body: body.core,
      ...(arms === undefined ? {} : { arms }),
      ...(finalizer === undefined ? {} : { finalizer }),
    },
  };
}

// ───────────────────────────── processes ─────────────────────────────

export function inferReceive(c: Checker, e: Of<"receive">, expected: Type | undefined): Typed {
  const result = new Merge(c, expected);
  const arms = e.arms.map((arm) => inferArm(c, arm, DYNAMIC, (body) => result.add(body)));
  if (e.after === undefined) return { type: result.type, core: { kind: "receive", span: e.span, arms } };
  const timeout = check(c, e.after.timeout, Int);
  const body = result.add(e.after.body);
  return { type: result.type, core: { kind: "receive", span: e.span, arms, after: { timeout, body } } };
}
