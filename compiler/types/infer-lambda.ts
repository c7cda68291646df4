/** Lambdas and local functions. */
import type { Expr, Param, Statement, TypeExpr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Core, Local } from "../core.ts";
import { newLocal, type Checker, type Frame, type Typed } from "./checker.ts";
import { convertType } from "./data-types.ts";
import { infer } from "./infer-expr.ts";
import { inferPattern, isPlain, type ArmNames } from "./infer-pattern.ts";
import type { LocalParam } from "./scope.ts";
import { functionType, prune, tupleType, type Type } from "./type.ts";
import { declare, resultSpan } from "./elaborate.ts";

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
      const before = inner.params.map((param, index): Core => ({ kind: "bind", span: param.span, local: param, value: { kind: "tupleItem", span: param.span, target, index } }));
      return {
        type: functionType([pair], inner.result),
        core: { kind: "lambda", span: e.span, name, params: [local], body: { kind: "block", span: e.body.span, statements: [...before, inner.body] } },
      };
    }
  }
  const types = e.params.map((_, i) => (hints !== undefined && hints.params.length === e.params.length ? (hints.params[i] as Type) : c.fresh()));
  const f = functionOf(c, e, e.params, types, hints?.result);
  return { type: functionType(types, f.result), core: { kind: "lambda", span: e.span, name, params: f.params, ...(self === undefined ? {} : { self }), body: f.body } };
}

interface LocalFunction {
  readonly params: Local[];
  readonly result: Type;
  readonly body: Core;
}

function functionOf(c: Checker, e: { readonly body: Expr; readonly result?: TypeExpr; readonly span: Span }, params: readonly Param[], types: readonly Type[], hint: Type | undefined): LocalFunction {
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
    if (!isPlain(param.pattern)) before.push({ kind: "bindPattern", span: param.span, pattern: inferPattern(c, param.pattern, type, { mode: "fresh", names }), value: { kind: "local", span: param.span, local } });
    return local;
  });
  const declared = e.result === undefined ? undefined : convertType(c, module, e.result, c.typeScope, c.level);
  const result = declared ?? hint ?? c.fresh();
  const frame: Frame = { result, loops: [] };
  c.place.frames.push(frame);
  const body = infer(c, e.body, declared ?? hint);
  c.expect(result, body.type, resultSpan(e.body), e.result === undefined ? {} : { because: { span: e.result.span, text: "the declared result" } });
  c.place.frames.pop();
  c.lambdaDepth--;
  scope.leave(mark);
  return { params: locals, result, body: before.length === 0 ? body.core : { kind: "block", span: e.body.span, statements: [...before, body.core] } };
}

type LocalFunctionStatement = Extract<Statement, { readonly kind: "localFunction" }>;

/** `inner(x, y = 2) = body` in a block: a lambda that may call itself, general in its types, with names for its parameters. */
export function inferLocalFunction(c: Checker, s: LocalFunctionStatement): Core[] {
  const scope = c.place.scope;
  const existing = scope.lookup(s.name.name);
  if (existing !== undefined && !existing.isMutable) c.report({ code: "immutable-variable", span: s.name.span, name: s.name.name, declared: existing.span });
  const start = c.pending.length;
  c.level++;
  const types = s.params.map(() => c.fresh());
  const result = c.fresh();
  const type = functionType(types, result);
  const statements: Core[] = [];
  const params = defaultsOf(c, s.params, types, statements);
  const mark = scope.enter();
  const self = newLocal(c, s.name.name, s.name.span, type);
  scope.add({ name: s.name.name, span: s.name.span, isMutable: false, scheme: { type, predicates: [], isMono: true }, place: { kind: "local", local: self }, params, depth: c.lambdaDepth });
  const f = functionOf(c, s, s.params, types, undefined);
  c.expect(result, f.result, resultSpan(s.body));
  scope.leave(mark);
  c.level--;
  const predicates = c.generaliseLocal(type, start);
  const local = newLocal(c, s.name.name, s.name.span, type);
  scope.add({ name: s.name.name, span: s.name.span, isMutable: false, scheme: { type, predicates }, place: { kind: "local", local }, params, depth: c.lambdaDepth });
  const lambda: Core = { kind: "lambda", span: s.span, name: s.name.name, params: f.params, self, body: f.body };
  statements.push({ kind: "bind", span: s.span, local, value: lambda });
  return statements;
}

/** Each default is a lambda over the parameters before it, made where the function is. */
function defaultsOf(c: Checker, params: readonly Param[], types: readonly Type[], statements: Core[]): LocalParam[] {
  return params.map((param, i): LocalParam => {
    const name = param.pattern.kind === "variable" ? { name: param.pattern.name } : {};
    if (param.default === undefined) return name;
    const scope = c.place.scope;
    const mark = scope.enter();
    const before = params.slice(0, i).map((earlier, k) =>
      earlier.pattern.kind === "variable" ? declare(c, earlier.pattern.name, earlier.span, types[k] as Type) : newLocal(c, "_", earlier.span, types[k] as Type),
    );
    const value = infer(c, param.default, types[i]);
    c.expect(types[i] as Type, value.type, param.default.span);
    scope.leave(mark);
    const local = newLocal(c, "<default>", param.default.span, functionType(types.slice(0, i), types[i] as Type));
    statements.push({ kind: "bind", span: param.default.span, local, value: { kind: "lambda", span: param.default.span, name: "<default>", params: before, body: value.core } });
    return { ...name, default: param.default, defaultLambda: { kind: "local", span: param.default.span, local } };
  });
}
