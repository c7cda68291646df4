/** Lambdas and local functions. */
import type { Expr, Param, Statement } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Core, CoreArm, Local } from "../core.ts";
import { type Checker, type Frame, newLocal, type Typed } from "./checker.ts";
import { convertType } from "./data-types.ts";
import { declare, resultSpan } from "./elaborate.ts";
import { infer } from "./infer-expr.ts";
import { type ArmNames, inferPattern, isPlain } from "./infer-pattern.ts";
import { inProcess } from "./processes.ts";
import type { Binding, LocalParam } from "./scope.ts";
import { functionType, prune, type Type, tupleType } from "./type.ts";

type Lambda = Extract<Expr, { readonly kind: "lambda" }>;

export function inferLambda(c: Checker, e: Lambda, expected: Type | undefined, name = "<lambda>", self?: Local): Typed {
  const wanted = expected === undefined ? undefined : prune(expected);
  const hints = wanted?.kind === "function" ? wanted : undefined;
  if (hints !== undefined && hints.params.length === 1 && e.params.length > 1) {
    // `(a, b) => …` where a function of one tuple is expected takes the tuple apart
    const parts = e.params.map(() => c.fresh());
    const pair = hints.params[0] as Type;
    const kind = prune(pair).kind;
    if (kind === "var" || kind === "tuple" || kind === "dynamic") {
      c.expect(pair, tupleType(parts), e.span);
      const inner = functionOf(c, e, e.params, parts, hints.result);
      const local = newLocal(c, "<tuple>", e.span, pair);
      const target: Core = { kind: "local", span: e.span, local };
      const before = inner.params.map(
        (param, index): Core => ({
          kind: "bind",
          span: param.span,
          local: param,
          value: { kind: "tupleItem", span: param.span, target, index },
        }),
      );
      return {
        type: functionType([pair], inner.result),
        core: {
          kind: "lambda",
          span: e.span,
          name,
          params: [local],
          body: { kind: "block", span: e.body.span, statements: [...before, inner.body] },
        },
      };
    }
  }
  const types = e.params.map((_, i) =>
    hints !== undefined && hints.params.length === e.params.length ? (hints.params[i] as Type) : c.fresh(),
  );
  const f = functionOf(c, e, e.params, types, hints?.result);
  return {
    type: functionType(types, f.result),
    core: {
      kind: "lambda",
      span: e.span,
      name,
      params: f.params,
      ...(self === undefined ? {} : { self }),
      body: f.body,
    },
  };
}

interface LocalFunction {
  readonly params: Local[];
  readonly result: Type;
  readonly body: Core;
}

function functionOf(
  c: Checker,
  e: Lambda | LocalFunctionStatement,
  params: readonly Param[],
  types: readonly Type[],
  hint: Type | undefined,
): LocalFunction {
  const module = c.place.module;
  const scope = c.place.scope;
  const mark = scope.enter();
  const before: Core[] = [];
  const names: ArmNames = new Map();
  c.lambdaDepth++;
  const locals = params.map((param, i) => {
    const type = types[i] as Type;
    if (param.type !== undefined) c.expect(convertType(c, module, param.type, c.typeScope, c.level), type, param.span);
    if (param.pattern.kind === "variable") {
      const local = declare(c, param.pattern.name, param.pattern.span, type);
      names.set(param.pattern.name, { local, type });
      return local;
    }
    const local = newLocal(c, `<argument ${i + 1}>`, param.span, type);
    if (!isPlain(param.pattern))
      before.push({
        kind: "bindPattern",
        span: param.span,
        pattern: inferPattern(c, param.pattern, type, { mode: "fresh", names }),
        value: { kind: "local", span: param.span, local },
      });
    return local;
  });
  const declared = e.result === undefined ? undefined : convertType(c, module, e.result, c.typeScope, c.level);
  const result = declared ?? hint ?? c.fresh();
  const frame: Frame = { result, loops: [] };
  c.place.frames.push(frame);
  const body = inProcess(c, c.started === e ? c.place.process : "unknown", () => infer(c, e.body, declared ?? hint));
  c.expect(
    result,
    body.type,
    resultSpan(e.body),
    e.result === undefined ? {} : { because: { span: e.result.span, text: "the declared result" } },
  );
  c.place.frames.pop();
  c.lambdaDepth--;
  scope.leave(mark);
  return {
    params: locals,
    result,
    body: before.length === 0 ? body.core : { kind: "block", span: e.body.span, statements: [...before, body.core] },
  };
}

type LocalFunctionStatement = Extract<Statement, { readonly kind: "localFunction" }>;

/**
 * `inner(x, y = 2) = body` in a block, with all clauses that follow each other: lambdas that may call themselves, general
 * in their types, with names for their parameters. Clauses of another number of parameters are another function.
 */
export function inferLocalFunctions(c: Checker, clauses: readonly LocalFunctionStatement[]): Core[] {
  const { name, span } = (clauses[0] as LocalFunctionStatement).name;
  const existing = c.place.scope.lookup(name);
  if (existing !== undefined && !existing.isMutable) report(c, span, name, existing.span);
  const byArity = new Map<number, LocalFunctionStatement[]>();
  for (const clause of clauses) {
    const same = byArity.get(clause.params.length);
    if (same === undefined) byArity.set(clause.params.length, [clause]);
    else same.push(clause);
  }
  const statements: Core[] = [];
  const made: Binding[] = [];
  for (const group of byArity.values()) {
    const binding = inferLocalFunction(c, group, made, statements);
    made.push(binding);
    c.place.scope.add(made.length === 1 ? binding : { ...binding, overloads: [...made] });
  }
  return statements;
}

function report(c: Checker, span: Span, name: string, declared: Span): void {
  c.report({ code: "immutable-variable", span, name, declared });
}

function inferLocalFunction(
  c: Checker,
  clauses: readonly LocalFunctionStatement[],
  others: readonly Binding[],
  statements: Core[],
): Binding {
  const scope = c.place.scope;
  const first = clauses[0] as LocalFunctionStatement;
  const { name, span } = first.name;
  const start = c.pending.length;
  c.level++;
  const types = first.params.map(() => c.fresh());
  const result = c.fresh();
  const type = functionType(types, result);
  const params = defaultsOf(c, first.params, types, statements);
  const mark = scope.enter();
  const self = newLocal(c, name, span, type);
  const inner: Binding = {
    name,
    span,
    isMutable: false,
    scheme: { type, predicates: [], isMono: true },
    place: { kind: "local", local: self },
    params,
    depth: c.lambdaDepth,
  };
  scope.add(others.length === 0 ? inner : { ...inner, overloads: [...others, inner] });
  const [second] = clauses.slice(1);
  let lambda: Core;
  if (second === undefined) {
    const f = functionOf(c, first, first.params, types, undefined);
    c.expect(result, f.result, resultSpan(first.body));
    lambda = { kind: "lambda", span: first.span, name, params: f.params, self, body: f.body };
  } else lambda = clausesOf(c, clauses, types, result, self);
  scope.leave(mark);
  c.level--;
  const predicates = c.generaliseLocal(type, start);
  const local = newLocal(c, name, span, type);
  statements.push({ kind: "bind", span: first.span, local, value: lambda });
  return {
    name,
    span,
    isMutable: false,
    scheme: { type, predicates },
    place: { kind: "local", local },
    params,
    depth: c.lambdaDepth,
  };
}

function clausesOf(
  c: Checker,
  clauses: readonly LocalFunctionStatement[],
  types: readonly Type[],
  result: Type,
  self: Local,
): Core {
  const first = clauses[0] as LocalFunctionStatement;
  c.lambdaDepth++;
  const arms = clauses.map((clause): CoreArm => {
    const mark = c.place.scope.enter();
    const names: ArmNames = new Map();
    const patterns = clause.params.map((param, i) => {
      const type = types[i] as Type;
      if (param.type !== undefined)
        c.expect(convertType(c, c.place.module, param.type, c.typeScope, c.level), type, param.span);
      return inferPattern(c, param.pattern, type, { mode: "fresh", names });
    });
    if (clause.result !== undefined)
      c.expect(convertType(c, c.place.module, clause.result, c.typeScope, c.level), result, clause.result.span);
    c.place.frames.push({ result, loops: [] });
    const body = inProcess(c, "unknown", () => infer(c, clause.body, result));
    c.expect(result, body.type, resultSpan(clause.body));
    c.place.frames.pop();
    c.place.scope.leave(mark);
    return { span: clause.span, patterns, body: body.core };
  });
  c.lambdaDepth--;
  const name = first.name.name;
  const params = types.map((type, i) => newLocal(c, `<argument ${i + 1}>`, first.span, type));
  const scrutinees = params.map((local): Core => ({ kind: "local", span: first.span, local }));
  return {
    kind: "lambda",
    span: first.span,
    name,
    params,
    self,
    body: { kind: "match", span: first.span, scrutinees, arms, what: "clauses", functionName: name },
  };
}

/** Each default is a lambda over the parameters before it, made where the function is. */
function defaultsOf(c: Checker, params: readonly Param[], types: readonly Type[], statements: Core[]): LocalParam[] {
  return params.map((param, i): LocalParam => {
    const name = param.pattern.kind === "variable" ? { name: param.pattern.name } : {};
    if (param.default === undefined) return name;
    const scope = c.place.scope;
    const mark = scope.enter();
    const before = params
      .slice(0, i)
      .map((earlier, k) =>
        earlier.pattern.kind === "variable"
          ? declare(c, earlier.pattern.name, earlier.span, types[k] as Type)
          : newLocal(c, "_", earlier.span, types[k] as Type),
      );
    const value = infer(c, param.default, types[i]);
    c.expect(types[i] as Type, value.type, param.default.span);
    scope.leave(mark);
    const local = newLocal(c, "<default>", param.default.span, functionType(types.slice(0, i), types[i] as Type));
    statements.push({
      kind: "bind",
      span: param.default.span,
      local,
      value: { kind: "lambda", span: param.default.span, name: "<default>", params: before, body: value.core },
    });
    return { ...name, default: param.default, defaultLambda: { kind: "local", span: param.default.span, local } };
  });
}
