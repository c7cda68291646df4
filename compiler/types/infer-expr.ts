/**
 * Expressions: their type and their Core, in one walk. `expected` is a hint about the type, never a demand: whoever
 * needs the type demands it, at the place that the error should show.
 */
import type { Expr } from "../../grammar/ast.ts";
import type { DataType } from "../../vm/bytecode/unit.ts";
import type { Core } from "../core.ts";
import type { ConstructorEntity, FunctionEntity } from "../names/module.ts";
import type { Checker, Typed } from "./checker.ts";
import { newLocal } from "./checker.ts";
import { constructorInfo } from "./data-types.ts";
import { check, fieldCore, indexed, libraryCall, readBinding, wrong } from "./elaborate.ts";
import { constructorCandidates, inferCall } from "./infer-call.ts";
import {
  inferBreak,
  inferComprehension,
  inferContinue,
  inferFor,
  inferForIn,
  inferIf,
  inferMatch,
  inferReceive,
  inferReturn,
  inferTry,
  inferWhile,
} from "./infer-control.ts";
import { definitionOf, parameterTypes, useDefinition } from "./infer-definition.ts";
import { inferLambda } from "./infer-lambda.ts";
import { type MemberMeaning, type NameMeaning, resolveMember, resolveName } from "./infer-name.ts";
import { inferChain, inferInterpolation, inferUnary } from "./infer-operators.ts";
import { constantOf, literalType } from "./infer-pattern.ts";
import { inferBlock, inferStatement } from "./infer-statement.ts";
import { intrinsicValue } from "./intrinsics.ts";
import { inferSend, inferSpawn, inProcess } from "./processes.ts";
import {
  DYNAMIC,
  functionType,
  Int,
  isList,
  isMap,
  isSet,
  listOf,
  mapOf,
  Pid,
  prune,
  setOf,
  structType,
  type Type,
  tupleType,
  Unit,
} from "./type.ts";
import { couldMatch } from "./unify.ts";

export function infer(c: Checker, e: Expr, expected?: Type): Typed {
  c.nesting++;
  const value = inferKind(c, e, expected);
  c.nesting--;
  return value;
}

function inferKind(c: Checker, e: Expr, expected: Type | undefined): Typed {
  switch (e.kind) {
    case "literal":
      return { type: literalType(e.literal), core: { kind: "const", span: e.span, value: constantOf(e.literal) } };
    case "interpolation":
      return inferInterpolation(c, e);
    case "name":
      return meaningValue(c, resolveName(c, e.name, e.span, false), e, expected);
    case "upperName":
      return inferUpperName(c, e, expected);
    case "field":
      return inferField(c, e, expected);
    case "index":
      return inferIndex(c, e);
    case "call":
      return inferCall(c, e, expected);
    case "chain":
      return inferChain(c, e, expected);
    case "unary":
      return inferUnary(c, e);
    case "send": {
      const target = infer(c, e.target, Pid);
      const message = { span: e.message.span, infer: (expected?: Type): Typed => infer(c, e.message, expected) };
      return inferSend(c, target, e.target.span, message, e.span);
    }
    case "try?":
      return infer(c, e.operand, expected); // catches and throws on: nothing happens to the value
    case "splice":
      c.report({ code: "misplaced", span: e.span, message: "Splice (~) can only be used inside quote" });
      return wrong(e.span);
    case "list":
      return inferList(c, e, expected);
    case "rangeList": {
      const from = check(c, e.from, Int);
      const to = check(c, e.to, Int);
      return {
        type: listOf(Int),
        core: libraryCall(c, c.place.definition, undefined, "range", from, e.span, {
          kind: "binary",
          span: e.to.span,
          op: "+",
          operands: "int",
          left: to,
          right: { kind: "const", span: e.to.span, value: { kind: "Int", value: 1n } },
        }),
      };
    }
    case "comprehension":
      return inferComprehension(c, e);
    case "tuple": {
      const wanted = expected === undefined ? undefined : prune(expected);
      const hints = wanted?.kind === "tuple" && wanted.items.length === e.elements.length ? wanted.items : [];
      const items = e.elements.map((element, i) => infer(c, element, hints[i]));
      return {
        type: tupleType(items.map((item) => item.type)),
        core: { kind: "tuple", span: e.span, items: items.map((item) => item.core) },
      };
    }
    case "map":
      return inferMap(c, e, expected);
    case "set":
      return inferSet(c, e, expected);
    case "struct":
      return inferStruct(c, e);
    case "block":
      return inferBlock(c, e, expected);
    case "if":
      return inferIf(c, e, expected);
    case "match":
      return inferMatch(c, e, expected);
    case "while":
      return inferWhile(c, e);
    case "for":
      return inferFor(c, e);
    case "forIn":
      return inferForIn(c, e);
    case "break":
      return inferBreak(c, e);
    case "continue":
      return inferContinue(c, e);
    case "return":
      return inferReturn(c, e);
    case "try":
      return inferTry(c, e, expected);
    case "lambda":
      return inferLambda(c, e, expected);
    case "spawn":
      return inferSpawn(c, e);
    case "receive":
      return inferReceive(c, e, expected);
    case "quote":
      c.report({ code: "not-yet", span: e.span, what: "quote" });
      return wrong(e.span);
    case "statement":
      return { type: Unit, core: inferStatement(c, e.statement) };
  }
}

// ───────────────────────────── names ─────────────────────────────

function meaningValue(c: Checker, meaning: NameMeaning | MemberMeaning, e: Expr, expected: Type | undefined): Typed {
  switch (meaning.kind) {
    case "local":
      return { type: c.instantiate(meaning.binding.scheme, e.span), core: readBinding(meaning.binding, e.span) };
    case "functions":
      // a function that is not called here is called who knows where, unless it is what a spawn starts
      return c.started === e
        ? functionValue(c, meaning.functions, e.span, expected)
        : inProcess(c, "unknown", () => functionValue(c, meaning.functions, e.span, expected));
    case "intrinsic":
      return intrinsicValue(c, meaning.name, e.span);
    case "constructors":
      return constructorValue(c, meaning.candidates, e.span, expected);
    case "value":
      return meaning.value;
    case "wrong":
      return wrong(e.span);
  }
}

/** A function as a value; of several, the one that fits what is expected. */
function functionValue(
  c: Checker,
  functions: readonly FunctionEntity[],
  span: Expr["span"],
  expected: Type | undefined,
): Typed {
  let chosen = functions[0] as FunctionEntity;
  if (functions.length > 1) {
    const wanted = expected === undefined ? undefined : prune(expected);
    const fitting = functions.filter((f) => {
      if (wanted?.kind !== "function") return true;
      if (f.arity !== wanted.params.length) return false;
      const types = parameterTypes(c, definitionOf(c, f));
      return wanted.params.every((param, i) => types[i] === undefined || couldMatch(types[i] as Type, param) !== "no");
    });
    const sure = fitting.filter((f) => {
      const types = parameterTypes(c, definitionOf(c, f));
      return (
        wanted?.kind === "function" &&
        wanted.params.every(
          (param, i) =>
            types[i] !== undefined &&
            prune(types[i] as Type).kind !== "var" &&
            couldMatch(types[i] as Type, param) === "yes",
        )
      );
    });
    const open = fitting.filter((f) =>
      parameterTypes(c, definitionOf(c, f)).every((t) => t === undefined || prune(t).kind === "var"),
    );
    chosen = sure[0] ?? open[0] ?? fitting[0] ?? chosen;
  }
  const definition = definitionOf(c, chosen);
  const type = useDefinition(c, definition, span);
  return {
    type,
    core:
      definition.function === undefined ? wrong(span).core : { kind: "function", span, function: definition.function },
  };
}

function inferUpperName(
  c: Checker,
  e: Extract<Expr, { readonly kind: "upperName" }>,
  expected: Type | undefined,
): Typed {
  const found = c.names.lookupValue(c.place.module, e.name).found;
  if (c.place.scope.lookup(e.name) !== undefined || (found !== undefined && found.kind !== "functions"))
    return meaningValue(c, resolveName(c, e.name, e.span, false), e, expected);
  const candidates = constructorCandidates(c, e.name, e.span, expected);
  return candidates === undefined ? wrong(e.span) : constructorValue(c, candidates, e.span, expected);
}

/** A constructor without arguments is a value, one with arguments a function. */
function constructorValue(
  c: Checker,
  candidates: readonly ConstructorEntity[],
  span: Expr["span"],
  expected: Type | undefined,
): Typed {
  const wanted = expected === undefined ? undefined : prune(expected);
  const fitting = candidates.filter((candidate) => {
    const info = constructorInfo(c, candidate);
    if (wanted?.kind === "data") return info.fieldTypes.length === 0 && info.result.entity === wanted.entity;
    return wanted?.kind === "function" ? info.fieldTypes.length === wanted.params.length : info.fieldTypes.length === 0;
  });
  const ctor = fitting[0] ?? (candidates[0] as ConstructorEntity);
  const info = constructorInfo(c, ctor);
  const map = c.substitution();
  const result = map(info.result);
  if (info.fieldTypes.length === 0)
    return { type: result, core: { kind: "construct", span, type: info.shape, args: [] } };
  const types = info.fieldTypes.map(map);
  const params = types.map((type, i) => newLocal(c, info.fieldNames?.[i] ?? `<field ${i + 1}>`, span, type));
  const args = params.map((local): Core => ({ kind: "local", span, local }));
  return {
    type: functionType(types, result),
    core: {
      kind: "lambda",
      span,
      name: ctor.name,
      params,
      body: { kind: "construct", span, type: info.shape, args },
    },
  };
}

// ───────────────────────────── parts ─────────────────────────────

function inferField(c: Checker, e: Extract<Expr, { readonly kind: "field" }>, expected: Type | undefined): Typed {
  const member = resolveMember(c, e);
  if (member !== undefined) return meaningValue(c, member, e, expected);
  const target = infer(c, e.target);
  const result = c.fresh();
  c.demand({ kind: "field", span: e.name.span, solved: false, target: target.type, name: e.name.name, result });
  return { type: result, core: fieldCore(c, target, e.name.name, e.span) };
}

function inferIndex(c: Checker, e: Extract<Expr, { readonly kind: "index" }>): Typed {
  const target = infer(c, e.target);
  const index = infer(c, e.index);
  return indexed(
    c,
    target,
    index,
    e.span,
    e.index.kind === "literal" && e.index.literal.kind === "number" ? Number(e.index.literal.text) : undefined,
  );
}

// ───────────────────────────── data ─────────────────────────────

function inferList(c: Checker, e: Extract<Expr, { readonly kind: "list" }>, expected: Type | undefined): Typed {
  const wanted = expected === undefined ? undefined : prune(expected);
  // the expected element is a hint only; the first element decides
  const hint = wanted !== undefined && isList(wanted) ? (wanted.args[0] as Type) : undefined;
  const [first] = e.elements;
  const head = first === undefined ? undefined : infer(c, first, hint);
  const element = head?.type ?? c.fresh();
  const items = e.elements.map((item, i) => {
    if (i === 0 && head !== undefined) return head.core;
    const value = infer(c, item, element);
    c.expect(
      element,
      value.type,
      item.span,
      first === undefined
        ? {}
        : { because: { span: first.span, text: "the first element decides the type of the list" } },
    );
    return value.core;
  });
  const type = listOf(element);
  if (e.rest === undefined) return { type, core: { kind: "list", span: e.span, items } };
  const rest = infer(c, e.rest, type);
  c.expect(type, rest.type, e.rest.span);
  return { type, core: { kind: "list", span: e.span, items, rest: rest.core } };
}

/** Literals of maps and sets may mix types (language.md 4.1): then they hold untyped values. */
function mixed(
  c: Checker,
  hint: Type | undefined,
  exprs: readonly Expr[],
): { readonly type: Type; readonly cores: Core[] } {
  let type: Type | undefined;
  let isMixed = false;
  const cores = exprs.map((expr) => {
    const value = infer(c, expr, hint ?? type);
    if (type === undefined) type = value.type;
    else if (!isMixed && !c.tryUnify(type, value.type)) isMixed = true;
    return value.core;
  });
  return { type: isMixed ? DYNAMIC : (type ?? c.fresh()), cores };
}

function inferMap(c: Checker, e: Extract<Expr, { readonly kind: "map" }>, expected: Type | undefined): Typed {
  const wanted = expected === undefined ? undefined : prune(expected);
  const hints = wanted !== undefined && isMap(wanted) ? wanted.args : [];
  const keys = mixed(
    c,
    hints[0],
    e.entries.map((entry) => entry.key),
  );
  const values = mixed(
    c,
    hints[1],
    e.entries.map((entry) => entry.value),
  );
  if (e.entries.length > 0) c.demand({ kind: "trait", span: e.span, solved: false, trait: "Hash", type: keys.type });
  const entries = e.entries.map((_, i) => ({ key: keys.cores[i] as Core, value: values.cores[i] as Core }));
  return { type: mapOf(keys.type, values.type), core: { kind: "map", span: e.span, entries } };
}

function inferSet(c: Checker, e: Extract<Expr, { readonly kind: "set" }>, expected: Type | undefined): Typed {
  const wanted = expected === undefined ? undefined : prune(expected);
  const items = mixed(c, wanted !== undefined && isSet(wanted) ? wanted.args[0] : undefined, e.elements);
  if (e.elements.length > 0) c.demand({ kind: "trait", span: e.span, solved: false, trait: "Hash", type: items.type });
  return { type: setOf(items.type), core: { kind: "set", span: e.span, items: items.cores } };
}

function inferStruct(c: Checker, e: Extract<Expr, { readonly kind: "struct" }>): Typed {
  const fields = new Map<string, Type>();
  const args: Core[] = [];
  for (const field of e.fields) {
    const name = field.name.name;
    const value = infer(c, field.value ?? { kind: "name", span: field.name.span, name });
    if (fields.has(name)) {
      c.report({ code: "repeated-argument", span: field.name.span, name });
      continue;
    }
    fields.set(name, value.type);
    args.push(value.core);
  }
  return {
    type: structType(fields),
    core: { kind: "construct", span: e.span, type: structShape(c, [...fields.keys()]), args },
  };
}

function structShape(c: Checker, names: readonly string[]): DataType {
  const key = names.join(" ");
  let shape = c.structShapes.get(key);
  if (shape === undefined) {
    shape = {
      sort: "struct",
      module: "",
      type: "",
      name: "",
      arity: names.length,
      fieldNames: names,
      tag: 0,
      isMutable: false,
    };
    c.structShapes.set(key, shape);
  }
  return shape;
}
