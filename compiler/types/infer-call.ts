/**
 * Calls: of functions by name (named arguments, defaults), of values, of constructors, of methods, and the few functions
 * that belong to the language itself.
 *
 * The trick: arguments are inferred when their expected type is known, lambdas last, so that `xs.map(x => x.name)` knows
 * what x is; they are *evaluated* in the order they are written: where that is not parameter order, through temporaries.
 */

import type { Argument, Expr, Ident } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Core } from "../core.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { arityOf, type ConstructorEntity } from "../names/module.ts";
import { type Checker, newLocal, type Typed } from "./checker.ts";
import { constructorInfo, convertType, fieldsConstructor } from "./data-types.ts";
import type { Definition } from "./definition.ts";
import { dispatchMethod } from "./dispatch.ts";
import { newHole, readBinding, wrong } from "./elaborate.ts";
import { definitionOf, useDefinition } from "./infer-definition.ts";
import { infer } from "./infer-expr.ts";
import { resolveMember, resolveName } from "./infer-name.ts";
import { callIntrinsic } from "./intrinsics.ts";
import { callFunctions, callMethod } from "./methods.ts";
import type { ReadyArgument } from "./predicates.ts";
import type { Binding } from "./scope.ts";
import { showType } from "./show-type.ts";
import { DYNAMIC, functionType, prune, type Type, tupleType } from "./type.ts";
import { couldMatch } from "./unify.ts";

/** An argument that may still have to be inferred; `infer` does it once. */
export interface PreparedArgument {
  readonly name?: Ident;
  readonly span: Span;
  readonly isLambda: boolean;
  /** as it is written */
  readonly expr?: Expr;
  /** was a lambda of its own when it was inferred without knowing what is expected */
  readonly wasLambda?: boolean;
  /** from 1, when the call is written with parentheses around it */
  readonly position?: number;
  readonly infer: (expected?: Type) => Typed;
}

export function prepareArguments(c: Checker, args: readonly Argument[]): PreparedArgument[] {
  return args.map((arg, i) => {
    let value: Typed | undefined;
    return {
      ...(arg.name === undefined ? {} : { name: arg.name }),
      span: arg.value.span,
      isLambda: arg.value.kind === "lambda",
      expr: arg.value,
      position: i + 1,
      infer: (expected) => {
        value ??= infer(c, arg.value, expected);
        return value;
      },
    };
  });
}

export function given(value: Typed): PreparedArgument {
  return { span: value.core.span, isLambda: false, infer: () => value };
}

// ───────────────────────────── the call expression ─────────────────────────────

type Call = Extract<Expr, { readonly kind: "call" }>;

/** `first` is the piped value of `first |> f(args)`. */
export function inferCall(c: Checker, e: Call, expected: Type | undefined, first?: Typed): Typed {
  const args = prepareArguments(c, e.args);
  if (first !== undefined) args.unshift(given(first));
  return inferCallOf(c, e.callee, args, e, expected);
}

/** A call of what `callee` means; also of `x |> f`, where there is no call expression. */
export function inferCallOf(
  c: Checker,
  callee: Expr,
  args: PreparedArgument[],
  e: { readonly span: Span; readonly typeArgs?: Call["typeArgs"] },
  expected: Type | undefined,
): Typed {
  const span = e.span;
  switch (callee.kind) {
    case "name": {
      const found = resolveName(c, callee.name, callee.span, true);
      switch (found.kind) {
        case "local":
          return callBinding(c, found.binding, args, callee.span, span);
        case "functions": {
          const [only] = found.functions;
          if (e.typeArgs !== undefined && e.typeArgs.length > 0 && only !== undefined && found.functions.length === 1)
            return callDefinition(
              c,
              definitionOf(c, only),
              args,
              span,
              e.typeArgs.map((t) => convertType(c, c.place.module, t, c.typeScope, c.level)),
            );
          return callFunctions(c, callee.name, found.functions, args, span);
        }
        case "intrinsic":
          return callIntrinsic(c, found.name, args, e, expected);
        case "value":
          return callValue(c, found.value, args, span);
        case "wrong":
          for (const arg of args) arg.infer();
          return wrong(span);
      }
      break;
    }
    case "upperName":
      return construct(c, callee.name, callee.span, args, span, expected);
    case "field": {
      const member = resolveMember(c, callee);
      if (member !== undefined) {
        switch (member.kind) {
          case "functions":
            return callFunctions(c, callee.name.name, member.functions, args, span);
          case "constructors":
            return constructFrom(c, member.candidates, callee.name.name, args, span, expected);
          case "value":
            return callValue(c, member.value, args, span);
          case "wrong":
            for (const arg of args) arg.infer();
            return wrong(span);
        }
      }
      if (/^[0-9]+$/.test(callee.name.name)) break;
      return inferMethodCall(c, callee, args, span);
    }
  }
  return callValue(c, infer(c, callee), args, span);
}

function inferMethodCall(
  c: Checker,
  callee: Extract<Expr, { readonly kind: "field" }>,
  args: readonly PreparedArgument[],
  span: Span,
): Typed {
  const target = infer(c, callee.target);
  const receiver = prune(target.type);
  if (target.core.kind === "mvar" && callee.name.name === "update" && args.length === 1)
    return updateMvar(c, target, args[0] as PreparedArgument, span);
  if (receiver.kind === "error") {
    for (const arg of args) arg.infer();
    return wrong(span);
  }
  if (receiver.kind !== "var" && receiver.kind !== "dynamic")
    return callMethod(c, callee.name, given(target), receiver, args, c.place.module, span) ?? wrong(span);
  const ready: ReadyArgument[] = [{ span: callee.target.span, isLambda: false, ...target }];
  for (const arg of args)
    ready.push({
      ...(arg.name === undefined ? {} : { name: arg.name }),
      span: arg.span,
      isLambda: arg.isLambda,
      ...arg.infer(),
    });
  const hole = newHole(span);
  const { module: from, definition: owner } = c.place;
  const finish = (call: Core | "dynamic"): void => {
    if (call !== "dynamic") hole.filled = call;
    else
      c.later.push(() => {
        hole.filled = dispatchMethod(c, owner, callee.name.name, from, ready, span);
      });
  };
  if (receiver.kind === "dynamic") {
    finish("dynamic");
    return { type: DYNAMIC, core: hole };
  }
  const result = c.fresh();
  c.demand({
    kind: "method",
    span,
    solved: false,
    name: callee.name,
    receiver: target.type,
    args: ready,
    result,
    from,
    finish,
  });
  return { type: result, core: hole };
}

/** `m.update(f)`: replaces the value of an mvar by what f makes of it, in one step, and gives the new value. */
function updateMvar(c: Checker, target: Typed, f: PreparedArgument, span: Span): Typed {
  const update = f.infer(functionType([target.type], target.type));
  c.expect(functionType([target.type], target.type), update.type, f.span);
  if (target.core.kind !== "mvar") return wrong(span);
  const local = newLocal(c, "<new>", span, target.type, true);
  const read: Core = { kind: "local", span, local };
  const call: Core = { kind: "callValue", span, callee: update.core, args: [target.core] };
  const compute: Core = { kind: "block", span, statements: [{ kind: "assign", span, local, value: call }, read] };
  return {
    type: target.type,
    core: {
      kind: "block",
      span,
      statements: [
        { kind: "bind", span, local, value: { kind: "const", span, value: { kind: "Unit" } } },
        { kind: "assignMvar", span, mvar: target.core.mvar, value: compute },
        read,
      ],
    },
  };
}

// ───────────────────────────── functions ─────────────────────────────

/** What a named parameter of a function, local function or constructor is called, and its default. */
interface Slot {
  readonly name?: string | undefined;
  readonly type: Type;
  /** makes the missing value from the parameters before it */
  readonly default?: ((before: readonly Core[]) => Core) | undefined;
  readonly isConstant?: boolean;
}

interface Filled {
  /** in parameter order */
  readonly args: readonly Core[];
  /** evaluated before, in written order */
  readonly before: readonly Core[];
}

/** Puts arguments where they belong, infers them, and keeps their order of evaluation. */
function fill(
  c: Checker,
  what: string,
  slots: readonly Slot[],
  args: readonly PreparedArgument[],
  span: Span,
  declared: Span | undefined,
): Filled | undefined {
  const place: (PreparedArgument | undefined)[] = slots.map(() => undefined);
  const slotOf = new Map<PreparedArgument, number>();
  let failed = false;
  for (const arg of args) {
    if (arg.name === undefined) continue;
    const index = slots.findIndex((slot) => slot.name === arg.name?.name);
    if (index < 0) {
      failed = true;
      c.report({
        code: "unknown-argument",
        span: arg.name.span,
        name: arg.name.name,
        of: what,
        nearby: nearest(
          arg.name.name,
          slots.flatMap((slot) => slot.name ?? []),
        ),
      });
    } else if (place[index] !== undefined) {
      failed = true;
      c.report({ code: "repeated-argument", span: arg.name.span, name: arg.name.name });
    } else {
      place[index] = arg;
      slotOf.set(arg, index);
    }
  }
  let next = 0;
  for (const arg of args) {
    if (arg.name !== undefined) continue;
    while (next < slots.length && place[next] !== undefined) next++;
    if (next >= slots.length) {
      if (!failed)
        c.report({
          code: "arity",
          span,
          name: what,
          expected: [slots.length],
          found: args.length,
          ...(declared === undefined ? {} : { declared }),
        });
      failed = true;
      break;
    }
    place[next] = arg;
    slotOf.set(arg, next);
  }
  const missing = slots.findIndex((slot, i) => place[i] === undefined && slot.default === undefined);
  if (!failed && missing >= 0) {
    const name = slots[missing]?.name;
    if (args.some((arg) => arg.name !== undefined) && name !== undefined)
      c.report({ code: "missing-argument", span, name, of: what });
    else
      c.report({
        code: "arity",
        span,
        name: what,
        expected: [slots.length],
        found: args.length,
        ...(declared === undefined ? {} : { declared }),
      });
    failed = true;
  }
  if (failed) {
    for (const arg of args) arg.infer();
    return undefined;
  }
  const cores = new Map<PreparedArgument, Core>();
  // what expects nothing of its neighbours first, so that lambdas meet known types
  for (const pass of [false, true]) {
    for (const arg of args) {
      if (arg.isLambda !== pass) continue;
      const slot = slots[slotOf.get(arg) as number] as Slot;
      cores.set(arg, passArgument(c, slot.type, arg));
    }
  }
  const inOrder = args.every((arg, i) => slotOf.get(arg) === i);
  const isSimple = inOrder && slots.every((slot, i) => place[i] !== undefined || slot.isConstant === true);
  if (isSimple)
    return {
      args: slots.map((slot, i) =>
        place[i] === undefined
          ? (slot.default as (b: readonly Core[]) => Core)([])
          : (cores.get(place[i] as PreparedArgument) as Core),
      ),
      before: [],
    };
  const before: Core[] = [];
  const values: (Core | undefined)[] = slots.map(() => undefined);
  const keep = (index: number, core: Core): void => {
    if (core.kind === "const") {
      values[index] = core;
      return;
    }
    const slot = slots[index] as Slot;
    const local = newLocal(c, slot.name ?? `<argument ${index + 1}>`, core.span, slot.type);
    before.push({ kind: "bind", span: core.span, local, value: core });
    values[index] = { kind: "local", span: core.span, local };
  };
  for (const arg of args) keep(slotOf.get(arg) as number, cores.get(arg) as Core);
  slots.forEach((slot, i) => {
    if (values[i] === undefined) keep(i, (slot.default as (b: readonly Core[]) => Core)(values.slice(0, i) as Core[]));
  });
  return { args: values as Core[], before };
}

/** Infers an argument against what is expected of it. */
function passArgument(c: Checker, expected: Type, arg: PreparedArgument): Core {
  const value = arg.infer(expected);
  if (arg.wasLambda === true) {
    const unpacked = unpackPairs(c, expected, value);
    if (unpacked !== undefined) return unpacked;
  }
  c.expect(expected, value.type, arg.span, arg.position === undefined ? {} : { argument: arg.position });
  return value.core;
}

/** `(a, b) => e` where a function of one tuple is expected, when the lambda was inferred before that was known. */
function unpackPairs(c: Checker, expected: Type, value: Typed): Core | undefined {
  const e = prune(expected);
  const f = prune(value.type);
  if (e.kind !== "function" || f.kind !== "function" || e.params.length !== 1 || f.params.length < 2) return undefined;
  const pair = e.params[0] as Type;
  const span = value.core.span;
  if (!c.expect(pair, tupleType(f.params), span)) return value.core;
  c.expect(e.result, f.result, span);
  const local = newLocal(c, "<tuple>", span, pair);
  const target: Core = { kind: "local", span, local };
  const args = f.params.map((_, index): Core => ({ kind: "tupleItem", span, target, index }));
  return {
    kind: "lambda",
    span,
    name: "<lambda>",
    params: [local],
    body: { kind: "callValue", span, callee: value.core, args },
  };
}

function withBefore(filled: Filled, call: Core): Core {
  return filled.before.length === 0 ? call : { kind: "block", span: call.span, statements: [...filled.before, call] };
}

export function callDefinition(
  c: Checker,
  definition: Definition,
  args: readonly PreparedArgument[],
  span: Span,
  typeArgs?: readonly Type[],
): Typed {
  if (c.within?.includes(definition)) return { type: DYNAMIC, core: { kind: "const", span, value: { kind: "Unit" } } };
  const type = prune(useDefinition(c, definition, span, typeArgs));
  const core = definition.function;
  if (type.kind !== "function" || core === undefined)
    return callValue(c, { type, core: { kind: "const", span, value: { kind: "Unit" } } }, args, span);
  const slots = definition.params.map((param, i): Slot => {
    const value = param.default === undefined ? undefined : param;
    return {
      name: param.name,
      type: type.params[i] as Type,
      ...(value === undefined
        ? {}
        : {
            isConstant: isConstant(param.default as Expr),
            default: (before) => defaultOf(c, definition, i, before, span),
          }),
    };
  });
  const entity = definition.entity;
  const filled = fill(
    c,
    entity.name,
    slots,
    args,
    span,
    entity.kind === "function" && !entity.module.isStdlib ? entity.span : undefined,
  );
  if (filled === undefined) return wrong(span);
  return { type: type.result, core: withBefore(filled, { kind: "call", span, function: core, args: filled.args }) };
}

export function isConstant(e: Expr): boolean {
  return e.kind === "literal";
}

/** The default of a parameter: a call of its own function over the parameters before it, so it runs in the callee's scope. */
function defaultOf(c: Checker, definition: Definition, index: number, before: readonly Core[], span: Span): Core {
  const hole = newHole(span);
  const param = definition.params[index] as Definition["params"][number];
  c.later.push(() => {
    hole.filled =
      param.defaultValue ??
      (param.defaultFunction === undefined
        ? { kind: "const", span, value: { kind: "Unit" } }
        : { kind: "call", span, function: param.defaultFunction, args: before });
  });
  return hole;
}

function callBinding(c: Checker, named: Binding, args: readonly PreparedArgument[], nameSpan: Span, span: Span): Typed {
  const binding = named.overloads?.find((overload) => overload.params?.length === args.length) ?? named;
  const type = prune(c.instantiate(binding.scheme, nameSpan));
  const core = readBinding(binding, nameSpan);
  if (binding.params === undefined || type.kind !== "function" || type.params.length !== binding.params.length)
    return callValue(c, { type, core }, args, span);
  const slots = binding.params.map((param, i): Slot => {
    const lambda = param.defaultLambda;
    return {
      name: param.name,
      type: type.params[i] as Type,
      ...(lambda === undefined
        ? {}
        : { default: (before: readonly Core[]): Core => ({ kind: "callValue", span, callee: lambda, args: before }) }),
    };
  });
  const filled = fill(c, binding.name, slots, args, span, binding.span);
  if (filled === undefined) return wrong(span);
  return { type: type.result, core: withBefore(filled, { kind: "callValue", span, callee: core, args: filled.args }) };
}

/** A call of whatever a value is. */
export function callValue(c: Checker, callee: Typed, args: readonly PreparedArgument[], span: Span): Typed {
  const type = prune(callee.type);
  for (const arg of args)
    if (arg.name !== undefined)
      c.report({
        code: "unknown-argument",
        span: arg.name.span,
        name: arg.name.name,
        of: "a function value",
        nearby: [],
      });
  if (type.kind === "function") {
    if (type.params.length !== args.length) {
      for (const arg of args) arg.infer();
      c.report({ code: "arity", span, expected: [type.params.length], found: args.length });
      return wrong(span);
    }
    const cores: Core[] = args.map(() => callee.core);
    for (const pass of [false, true]) {
      args.forEach((arg, i) => {
        if (arg.isLambda === pass) cores[i] = passArgument(c, type.params[i] as Type, arg);
      });
    }
    return { type: type.result, core: { kind: "callValue", span, callee: callee.core, args: cores } };
  }
  const values = args.map((arg) => arg.infer());
  const core: Core = { kind: "callValue", span, callee: callee.core, args: values.map((value) => value.core) };
  if (type.kind === "dynamic") return { type: DYNAMIC, core };
  if (type.kind === "var") {
    const result = c.fresh();
    c.expect(
      functionType(
        values.map((value) => value.type),
        result,
      ),
      type,
      callee.core.span,
    );
    return { type: result, core };
  }
  if (type.kind !== "error") c.report({ code: "not-a-function", span: callee.core.span, type: showType(type) });
  return wrong(span);
}

// ───────────────────────────── constructors ─────────────────────────────

function construct(
  c: Checker,
  name: string,
  nameSpan: Span,
  args: PreparedArgument[],
  span: Span,
  expected: Type | undefined,
): Typed {
  const candidates = constructorCandidates(c, name, nameSpan, expected);
  if (candidates === undefined) {
    for (const arg of args) arg.infer();
    return wrong(span);
  }
  return constructFrom(c, candidates, name, args, span, expected);
}

/** Constructors of a name that may be meant; undefined after reporting that there are none. */
export function constructorCandidates(
  c: Checker,
  name: string,
  span: Span,
  expected: Type | undefined,
): readonly ConstructorEntity[] | undefined {
  const wanted = expected === undefined ? undefined : prune(expected);
  const { candidates, hidden } = c.names.lookupConstructors(c.place.module, name);
  if (wanted?.kind === "data") {
    // a type may be known without its constructors having been imported
    const exact = wanted.entity.constructors.find((ctor) => ctor.name === name);
    if (exact !== undefined && (candidates.includes(exact) || (exact.type.isPublic && candidates.length === 0)))
      return [exact];
  }
  if (candidates.length > 0) return candidates;
  if (hidden !== undefined)
    c.report({
      code: "private",
      span,
      what: "constructor",
      name,
      module: hidden.type.module?.path ?? "",
      ...(hidden.type.span === undefined ? {} : { declared: hidden.type.span }),
    });
  else c.report({ code: "unknown-constructor", span, name, nearby: c.names.similarConstructors(c.place.module, name) });
  return undefined;
}

function constructFrom(
  c: Checker,
  candidates: readonly ConstructorEntity[],
  name: string,
  args: readonly PreparedArgument[],
  span: Span,
  expected: Type | undefined,
): Typed {
  let ready = args;
  let ctor = candidates[0] as ConstructorEntity;
  if (candidates.length > 1) {
    let fitting = candidates.filter((candidate) => arityOf(candidate) === args.length || isUpdate(candidate, args));
    if (fitting.length > 1) {
      ready = args.map((arg) => {
        if (arg.isLambda) return arg;
        const value = arg.infer();
        return { ...arg, infer: () => value };
      });
      const matching = fitting.filter((candidate) => {
        const info = constructorInfo(c, candidate);
        return ready.every((arg, i) => {
          const index = arg.name === undefined ? i : (info.fieldNames?.indexOf(arg.name.name) ?? -1);
          const type = info.fieldTypes[index];
          return arg.isLambda || type === undefined || couldMatch(type, arg.infer().type) !== "no";
        });
      });
      if (matching.length > 0) fitting = matching;
    }
    ctor = fitting[0] ?? ctor;
  }
  const info = constructorInfo(c, ctor);
  const map = c.substitution();
  const result = map(info.result);
  if (expected !== undefined && prune(expected).kind === "data") c.tryUnify(result, expected);
  if (isUpdate(ctor, ready)) {
    const updated = updateRecord(c, ctor, ready, span, expected);
    if (updated !== undefined) return updated;
  }
  const fieldTypes = info.fieldTypes.map(map);
  const slots = fieldTypes.map((type, i): Slot => ({ type, name: info.fieldNames?.[i] }));
  for (const arg of ready) {
    if (arg.name === undefined || info.fieldNames?.includes(arg.name.name) === true) continue;
    c.report({
      code: "unknown-field",
      span: arg.name.span,
      field: arg.name.name,
      record: name,
      nearby: nearest(arg.name.name, info.fieldNames ?? []),
    });
    for (const other of ready) other.infer();
    return { type: result, core: wrong(span).core };
  }
  if (ready.some((arg) => arg.name !== undefined) && ready.length < slots.length) {
    const named = new Set(ready.flatMap((arg) => arg.name?.name ?? []));
    const positional = ready.filter((arg) => arg.name === undefined).length;
    const open = (info.fieldNames ?? []).filter((field) => !named.has(field)).slice(positional);
    for (const arg of ready) arg.infer();
    c.report({ code: "missing-field", span, field: open[0] ?? "?", record: name });
    return { type: result, core: wrong(span).core };
  }
  const filled = fill(c, name, slots, ready, span, ctor.type.module?.isStdlib === true ? undefined : ctor.span);
  if (filled === undefined) return { type: result, core: wrong(span).core };
  return { type: result, core: withBefore(filled, { kind: "construct", span, type: info.shape, args: filled.args }) };
}

/** `P(base, x: 1)`: one positional argument, the base, and named ones. */
function isUpdate(ctor: ConstructorEntity, args: readonly PreparedArgument[]): boolean {
  if (fieldsConstructor(ctor.type) !== ctor || args.length < 2) return false;
  return args.every((arg, i) => (arg.name === undefined) === (i === 0));
}

function updateRecord(
  c: Checker,
  ctor: ConstructorEntity,
  args: readonly PreparedArgument[],
  span: Span,
  expected: Type | undefined,
): Typed | undefined {
  const info = constructorInfo(c, ctor);
  const names = info.fieldNames as readonly string[];
  const base = (args[0] as PreparedArgument).infer(expected);
  const baseType = prune(base.type);
  // a positional first field and named others make a new record, unless what stands there is one already
  const isRecord = baseType.kind === "data" && baseType.entity === ctor.type;
  const fillsAll = args.length === names.length && !args.some((arg) => arg.name?.name === names[0]);
  if (!isRecord && fillsAll && (baseType.kind !== "var" || prune(info.fieldTypes[0] as Type).kind !== "var"))
    return undefined;
  const map = c.substitution();
  const result = map(info.result);
  c.expect(result, base.type, (args[0] as PreparedArgument).span);
  const baseLocal = newLocal(c, "<base>", span, base.type);
  const before: Core[] = [{ kind: "bind", span: base.core.span, local: baseLocal, value: base.core }];
  // the new record may have other type arguments where the replaced fields were all that used them: kept simple, it has not
  const fields = names.map(
    (_, index): Core => ({ kind: "fieldAt", span, target: { kind: "local", span, local: baseLocal }, index }),
  );
  for (const arg of args.slice(1)) {
    const name = arg.name as Ident;
    const index = names.indexOf(name.name);
    if (index < 0) {
      c.report({
        code: "unknown-field",
        span: name.span,
        field: name.name,
        record: ctor.name,
        nearby: nearest(name.name, names),
      });
      arg.infer();
      continue;
    }
    const core = passArgument(c, map(info.fieldTypes[index] as Type), arg);
    const local = newLocal(c, name.name, arg.span, info.fieldTypes[index] as Type);
    before.push({ kind: "bind", span: arg.span, local, value: core });
    fields[index] = { kind: "local", span: arg.span, local };
  }
  return {
    type: result,
    core: { kind: "block", span, statements: [...before, { kind: "construct", span, type: info.shape, args: fields }] },
  };
}
