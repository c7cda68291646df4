/**
 * `x.m(args)`: which function that is (language.md 4.6), and the choice between overloads.
 *
 * Order for a known receiver: a field that holds a function; the namespace of a builtin type (module String for a
 * String); functions in scope whose first parameter fits; functions of the module that declares the type; the prelude.
 * Stays true: a receiver that is not known waits; only when its function is generalised is the call left to run time.
 */

import type { Ident } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { FunctionEntity, Module, Value } from "../names/module.ts";
import type { Checker, Typed } from "./checker.ts";
import { fieldTypesOf } from "./data-types.ts";
import { dispatch } from "./dispatch.ts";
import { newHole, wrong } from "./elaborate.ts";
import { callDefinition, callValue, type PreparedArgument } from "./infer-call.ts";
import { definitionOf, ensureType, parameterTypes } from "./infer-definition.ts";
import type { Predicate, ReadyArgument } from "./predicates.ts";
import { showType } from "./show-type.ts";
import { DYNAMIC, isLoose, isPid, prune, type Type } from "./type.ts";
import { couldMatch } from "./unify.ts";

type Of<K extends Predicate["kind"]> = Extract<Predicate, { readonly kind: K }>;

export type MethodTarget =
  | { readonly kind: "field"; readonly type: Type }
  | { readonly kind: "functions"; readonly functions: readonly FunctionEntity[] };

/** Functions of that name that a value of unknown type might mean, nearest first; the receiver is their first argument. */
export function methodCandidates(c: Checker, name: string, from: Module): FunctionEntity[] {
  const found: FunctionEntity[] = [];
  const add = (value: Value | undefined, owner?: string): void => {
    if (value?.kind !== "functions") return;
    for (const f of value.functions)
      if (f.arity > 0 && !found.includes(f) && (owner === undefined || isMethodOf(c, f, owner))) found.push(f);
  };
  for (const [owner, namespace] of c.names.namespaces) add(namespace.values.get(name), owner);
  add(c.names.lookupValue(from, name).found);
  add(c.names.preludeValue(name));
  return found;
}

/** What a namespace says beside the methods of its type: `Task.map(xs, f)` is no method of a List, nor of a Task. */
function isMethodOf(c: Checker, f: FunctionEntity, owner: string): boolean {
  const first = parameterTypes(c, definitionOf(c, f))[0];
  const type = first === undefined ? undefined : prune(first);
  return type?.kind === "data" && type.entity.name === owner;
}

/** Whether a call with this many arguments can be one of the function. */
export function takes(c: Checker, f: FunctionEntity, args: readonly { readonly name?: Ident }[]): boolean {
  const params = definitionOf(c, f).params;
  if (args.length > params.length) return false;
  let positional = 0;
  const named = new Set<string>();
  for (const arg of args) {
    if (arg.name === undefined) positional++;
    else named.add(arg.name.name);
  }
  let used = 0;
  for (let i = 0; i < params.length; i++) {
    const param = params[i] as (typeof params)[number];
    if (param.name !== undefined && named.has(param.name)) {
      used++;
      continue;
    }
    if (positional > 0) positional--;
    else if (param.default === undefined) return false;
  }
  return used === named.size && positional === 0;
}

export function resolveMethod(
  c: Checker,
  receiver: Type,
  name: string,
  args: readonly { readonly name?: Ident }[],
  from: Module,
): MethodTarget | undefined {
  const type = prune(receiver);
  const fields = type.kind === "struct" ? type.fields : type.kind === "data" ? fieldTypesOf(c, type) : undefined;
  const field = fields?.get(name);
  if (field !== undefined) {
    const f = prune(field);
    if (f.kind === "function" || f.kind === "var" || isLoose(f)) return { kind: "field", type: f };
  }
  const all = [{ name: undefined }, ...args] as { readonly name?: Ident }[];
  let unfit: FunctionEntity[] | undefined;
  const offer = (value: Value | undefined): MethodTarget | undefined => {
    if (value?.kind !== "functions") return undefined;
    const fitting = value.functions.filter((f) => f.arity > 0 && firstFits(c, f, type));
    if (fitting.length === 0) {
      // `[1, 2].unzip()`: of the right kind, but not inside; the call says what is wrong
      const near = value.functions.filter(
        (f) => f.arity > 0 && takes(c, f, all) && sameHead(parameterTypes(c, definitionOf(c, f))[0], type),
      );
      if (near.length > 0) unfit ??= near;
      return undefined;
    }
    const taking = fitting.filter((f) => takes(c, f, all));
    if (taking.length > 0) return { kind: "functions", functions: taking };
    unfit ??= fitting;
    return undefined;
  };
  const data = type.kind === "data" ? type.entity : undefined;
  const hasNamespace = data !== undefined && (data.module === undefined || data.module.isStdlib);
  const inScope = c.names.lookupValue(from, name).found;
  const prelude = c.names.preludeValue(name);
  return (
    (hasNamespace ? offer(c.names.namespaces.get(data.name)?.values.get(name)) : undefined) ??
    (inScope !== prelude ? offer(inScope) : undefined) ??
    (data?.module === undefined ? undefined : offer(visibleIn(c, from, data.module, name))) ??
    offer(prelude) ??
    (unfit === undefined ? undefined : { kind: "functions", functions: unfit })
  );
}

function sameHead(written: Type | undefined, receiver: Type): boolean {
  const w = written === undefined ? undefined : prune(written);
  return w?.kind === "data" && receiver.kind === "data" && w.entity === receiver.entity;
}

function visibleIn(c: Checker, from: Module, module: Module, name: string): Value | undefined {
  const value = module.values.get(name);
  if (value === undefined || !c.names.isValueVisible(from, value)) return undefined;
  return c.names.visiblePart(from, value);
}

function firstFits(c: Checker, f: FunctionEntity, receiver: Type): boolean {
  const definition = definitionOf(c, f);
  const written = parameterTypes(c, definition)[0];
  if (written !== undefined) return couldMatch(written, receiver) !== "no";
  const type = prune(ensureType(c, definition));
  if (type.kind !== "function") return true;
  return couldMatch(type.params[0] as Type, receiver) !== "no";
}

/** The call of a method on a receiver whose type is known (or untyped). */
export function callMethod(
  c: Checker,
  name: Ident,
  receiver: PreparedArgument,
  receiverType: Type,
  args: readonly PreparedArgument[],
  from: Module,
  span: Span,
): Typed | undefined {
  const target = resolveMethod(c, receiverType, name.name, args, from);
  if (target === undefined) {
    for (const arg of args) arg.infer();
    const type = prune(receiverType);
    const known = new Set<string>();
    const data = type.kind === "data" ? type.entity : undefined;
    if (data !== undefined)
      for (const method of c.names.namespaces.get(data.name)?.values.keys() ?? []) known.add(method);
    c.report({
      code: "no-method",
      span: name.span,
      type: showType(type),
      method: name.name,
      nearby: nearest(name.name, known),
    });
    return undefined;
  }
  if (target.kind === "field") {
    const value = receiver.infer();
    return callValue(
      c,
      { type: target.type, core: { kind: "field", span: name.span, target: value.core, name: name.name } },
      args,
      span,
    );
  }
  return callFunctions(c, name.name, target.functions, [receiver, ...args], span);
}

/** A call of one of several functions of a name. */
export function callFunctions(
  c: Checker,
  name: string,
  functions: readonly FunctionEntity[],
  args: readonly PreparedArgument[],
  span: Span,
): Typed {
  const taking = functions.length === 1 ? functions : functions.filter((f) => takes(c, f, args));
  const [only] = taking;
  if (taking.length === 1 && only !== undefined) return callDefinition(c, definitionOf(c, only), args, span);
  if (only === undefined) {
    for (const arg of args) arg.infer();
    const counts = [...new Set(functions.map((f) => f.arity))].sort((a, b) => a - b);
    const [first] = functions;
    c.report({
      code: "arity",
      span,
      name,
      expected: counts,
      found: args.length,
      ...(first === undefined || first.module.isStdlib ? {} : { declared: first.span }),
    });
    return wrong(span);
  }
  // lambdas wait until the function is known: what it expects of them helps to infer them
  const ready = args.map((arg): PreparedArgument => (arg.isLambda ? arg : settled(arg)));
  const choice = chooseOverload(c, taking, ready);
  if (choice.kind === "one") return callDefinition(c, definitionOf(c, choice.function), ready, span);
  if (choice.kind === "none") return noOverload(c, name, taking, ready, span);
  const inferred = ready.map(
    (arg): ReadyArgument => ({
      ...(arg.name === undefined ? {} : { name: arg.name }),
      span: arg.span,
      isLambda: arg.isLambda,
      ...arg.infer(),
    }),
  );
  const result = c.fresh();
  const hole = newHole(span);
  const { definition: owner, module } = c.place;
  c.demand({
    kind: "overload",
    span,
    solved: false,
    name,
    candidates: choice.functions,
    args: inferred,
    result,
    finish: (call) => {
      if (call !== "dynamic") hole.filled = call;
      else
        c.later.push(() => {
          hole.filled = dispatch(c, owner, name, choice.functions, inferred, module, false, span);
        });
    },
  });
  return { type: result, core: hole };
}

function settled(arg: PreparedArgument): PreparedArgument {
  const value = arg.infer();
  return { ...arg, infer: () => value };
}

function noOverload(
  c: Checker,
  name: string,
  functions: readonly FunctionEntity[],
  args: readonly PreparedArgument[],
  span: Span,
): Typed {
  const types = args.map((arg) => prune(arg.infer().type));
  if (!types.some((type) => type.kind === "error")) {
    c.report({
      code: "no-overload",
      span,
      name,
      found: types.map(showType),
      candidates: functions.slice(0, 5).map(
        (f) =>
          `${name}(${parameterTypes(c, definitionOf(c, f))
            .map((t) => (t === undefined ? "_" : showType(t)))
            .join(", ")})`,
      ),
    });
  }
  return wrong(span);
}

type Choice =
  | { readonly kind: "one"; readonly function: FunctionEntity }
  | { readonly kind: "none" }
  /** what is known does not decide yet */
  | { readonly kind: "several"; readonly functions: readonly FunctionEntity[] };

function chooseOverload(c: Checker, functions: readonly FunctionEntity[], args: readonly PreparedArgument[]): Choice {
  const fitting: { readonly function: FunctionEntity; readonly isSure: boolean; readonly precision: number }[] = [];
  for (const f of functions) {
    const definition = definitionOf(c, f);
    const types = parameterTypes(c, definition);
    let fits = "yes" as "yes" | "maybe" | "no";
    let precision = 0;
    args.forEach((arg, i) => {
      const index = arg.name === undefined ? i : definition.params.findIndex((p) => p.name === arg.name?.name);
      const wanted = types[index];
      if (wanted === undefined) return;
      const w = prune(wanted);
      if (w.kind !== "var") precision += w.kind === "data" && w.args.some((a) => prune(a).kind !== "var") ? 2 : 1;
      if (arg.isLambda) {
        if (w.kind !== "function" && w.kind !== "var") fits = "no";
        return;
      }
      const match = couldMatch(wanted, arg.infer().type);
      if (match === "no") fits = "no";
      else if (match === "maybe" && fits === "yes") fits = "maybe";
    });
    if (fits !== "no") fitting.push({ function: f, isSure: fits === "yes", precision });
  }
  const [first] = fitting;
  if (first === undefined) return { kind: "none" };
  if (fitting.length === 1) return { kind: "one", function: first.function };
  fitting.sort((a, b) => b.precision - a.precision);
  const best = fitting[0] as (typeof fitting)[number];
  if (best.isSure) return { kind: "one", function: best.function };
  return { kind: "several", functions: fitting.map((f) => f.function) };
}

export function solveOverload(c: Checker, p: Of<"overload">): boolean {
  const args = p.args.map(prepared);
  const choice = chooseOverload(c, p.candidates, args);
  if (choice.kind === "several") {
    const open = p.args.some((arg) => !isSettled(arg.type));
    if (open) return false;
    c.unify(p.result, DYNAMIC);
    p.finish?.("dynamic");
    return true;
  }
  const call =
    choice.kind === "none"
      ? noOverload(c, p.name, p.candidates, args, p.span)
      : callDefinition(c, definitionOf(c, choice.function), args, p.span);
  p.finish?.(call.core);
  c.expect(p.result, call.type, p.span);
  return true;
}

function isSettled(type: Type): boolean {
  const t = prune(type);
  return t.kind !== "var" && (t.ground || isPid(t) || (t.kind === "data" && t.args.every(isSettled)));
}

export function prepared(arg: ReadyArgument): PreparedArgument {
  const value: Typed = { type: arg.type, core: arg.core ?? { kind: "const", span: arg.span, value: { kind: "Unit" } } };
  return {
    ...(arg.name === undefined ? {} : { name: arg.name }),
    span: arg.span,
    isLambda: false,
    wasLambda: arg.isLambda,
    infer: () => value,
  };
}

export function solveMethod(c: Checker, p: Of<"method">): boolean {
  const receiver = prune(p.receiver);
  if (receiver.kind === "var") return false;
  const [first, ...rest] = p.args as readonly [ReadyArgument, ...ReadyArgument[]];
  if (isLoose(receiver)) {
    c.unify(p.result, receiver);
    p.finish?.("dynamic");
    return true;
  }
  const call = callMethod(c, p.name, prepared(first), receiver, rest.map(prepared), p.from, p.span);
  if (call === undefined) {
    c.fail(p.result);
    p.finish?.(first.core ?? { kind: "const", span: p.span, value: { kind: "Unit" } });
    return true;
  }
  p.finish?.(call.core);
  c.expect(p.result, call.type, p.span);
  return true;
}

/**
 * A method on a receiver that nothing more will be learned of, when only one function of that name exists: then it is
 * that one, and its types are demanded. Gives whether it was so.
 */
export function settleSoleMethod(c: Checker, p: Of<"method">): boolean {
  const candidates = methodCandidates(c, p.name.name, p.from).filter((f) => takes(c, f, p.args));
  const [only] = candidates;
  if (candidates.length !== 1 || only === undefined || c.fieldNames.has(p.name.name)) return false;
  const call = callDefinition(c, definitionOf(c, only), p.args.map(prepared), p.span);
  p.finish?.(call.core);
  c.expect(p.result, call.type, p.span);
  p.solved = true;
  return true;
}
