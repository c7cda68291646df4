/**
 * Patterns: typed against what they are matched with, resolved, and their variables declared.
 *
 * What a variable in a pattern means depends on where it stands (language.md 3.2, semantics 32): `fresh` — function
 * clauses, lambda parameters, loops — always binds; `arm` — match, catch, receive — tests equality with an immutable
 * local of that name and overwrites a mutable one; `binding` — `(a, b) = e` — rejects a second value for an immutable name.
 * Stays true: the alternatives of an or-pattern bind the same locals.
 */

import type { Ident, Literal, Pattern } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Constant } from "../../vm/bytecode/unit.ts";
import type { Core, CorePattern, Local } from "../core.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { arityOf, type ConstructorEntity } from "../names/module.ts";
import type { Checker } from "./checker.ts";
import { constructorInfo, fieldTypesOf } from "./data-types.ts";
import { declare } from "./elaborate.ts";
import { constructorCandidates } from "./infer-call.ts";
import { infer } from "./infer-expr.ts";
import { resolveMember } from "./infer-name.ts";
import { showType } from "./show-type.ts";
import {
  Bool,
  builtinType,
  Char,
  DYNAMIC,
  ERROR,
  Int,
  isLoose,
  isMap,
  isSet,
  isText,
  listOf,
  mapOf,
  prune,
  setOf,
  structType,
  Text,
  type Type,
  tupleType,
  Unit,
} from "./type.ts";
import { couldMatch } from "./unify.ts";

/** Variables that the pattern has bound so far. */
export type ArmNames = Map<string, { readonly local: Local; readonly type: Type }>;

export interface PatternUse {
  readonly mode: "fresh" | "arm" | "binding";
  readonly names: ArmNames;
  /** inside an alternative after the first: variables must be those of the first */
  readonly isAlternative?: boolean;
}

export function isPlain(pattern: Pattern): boolean {
  return pattern.kind === "variable" || pattern.kind === "wildcard";
}

export function inferPattern(c: Checker, p: Pattern, type: Type, use: PatternUse): CorePattern {
  switch (p.kind) {
    case "wildcard":
      return { kind: "any" };
    case "variable":
      return variable(c, p.name, p.span, type, use);
    case "pin": {
      const bound = use.names.get(p.name);
      if (bound !== undefined) {
        c.expect(type, bound.type, p.span);
        return { kind: "equal", value: { kind: "local", span: p.span, local: bound.local } };
      }
      const value = infer(c, { kind: "name", span: p.span, name: p.name });
      c.expect(type, value.type, p.span);
      c.demand({ kind: "trait", span: p.span, solved: false, trait: "Eq", type });
      return { kind: "equal", value: value.core };
    }
    case "literal":
      c.expect(type, literalType(p.literal), p.span);
      return { kind: "literal", value: constantOf(p.literal) };
    case "range":
      c.expect(type, Int, p.span);
      return { kind: "range", from: BigInt(p.from), to: BigInt(p.to), inclusive: p.inclusive };
    case "tuple": {
      const wanted = prune(type);
      const items =
        wanted.kind === "tuple" && wanted.items.length === p.elements.length
          ? wanted.items
          : p.elements.map(() => c.fresh());
      if (items !== (wanted as { readonly items?: unknown }).items) c.expect(type, tupleType(items), p.span);
      return { kind: "tuple", items: p.elements.map((element, i) => inferPattern(c, element, items[i] as Type, use)) };
    }
    case "list":
      return list(c, p, type, use);
    case "constructor":
      return constructorPattern(c, p, type, use);
    case "struct":
      return struct(c, p.fields, type, p.span, use);
    case "map": {
      const key = c.fresh();
      const value = c.fresh();
      // a map pattern on a set, and the other way round, is legal and never matches (language.md 4.1)
      if (!isSet(prune(type))) c.expect(type, mapOf(key, value), p.span);
      const entries = p.entries.map((entry) => {
        const pattern = inferPattern(c, entry.key, isLoose(prune(key)) ? c.fresh() : key, {
          mode: "arm",
          names: use.names,
        });
        const core: Core =
          pattern.kind === "literal"
            ? { kind: "const", span: entry.key.span, value: pattern.value }
            : pattern.kind === "equal"
              ? pattern.value
              : { kind: "const", span: entry.key.span, value: { kind: "Unit" } };
        if (pattern.kind !== "literal" && pattern.kind !== "equal")
          c.report({
            code: "bad-pattern",
            span: entry.key.span,
            message: "a key in a map pattern must be a literal or a pinned name `^key`",
          });
        return { key: core, value: inferPattern(c, entry.value, value, use) };
      });
      return { kind: "map", entries };
    }
    case "set": {
      const element = c.fresh();
      if (!isMap(prune(type))) c.expect(type, setOf(element), p.span);
      return { kind: "set", items: p.elements.map((item) => inferPattern(c, item, element, use)) };
    }
    case "or": {
      const alternatives = p.alternatives.map((alternative, i) =>
        inferPattern(c, alternative, type, i === 0 ? use : { ...use, isAlternative: true }),
      );
      return { kind: "or", alternatives };
    }
  }
}

function variable(c: Checker, name: string, span: Span, type: Type, use: PatternUse): CorePattern {
  const bound = use.names.get(name);
  if (bound !== undefined) {
    c.expect(bound.type, type, span);
    return use.isAlternative === true
      ? { kind: "bind", local: bound.local }
      : { kind: "equal", value: { kind: "local", span, local: bound.local } };
  }
  const known = use.mode === "fresh" ? undefined : c.place.scope.lookup(name);
  if (known !== undefined && known.place.kind === "local") {
    if (known.isMutable) {
      c.expect(known.scheme.type, type, span);
      return { kind: "assign", local: known.place.local };
    }
    if (use.mode === "binding") c.report({ code: "immutable-variable", span, name, declared: known.span });
    else {
      c.expect(type, c.instantiate(known.scheme, span), span);
      c.demand({ kind: "trait", span, solved: false, trait: "Eq", type });
      return { kind: "equal", value: { kind: "local", span, local: known.place.local } };
    }
  }
  if (known !== undefined && known.place.kind === "script" && use.mode === "arm" && !known.isMutable) {
    c.expect(type, c.instantiate(known.scheme, span), span);
    return { kind: "equal", value: { kind: "global", span, global: known.place.global } };
  }
  const local = declare(c, name, span, type);
  use.names.set(name, { local, type });
  return { kind: "bind", local };
}

type Of<K extends Pattern["kind"]> = Extract<Pattern, { readonly kind: K }>;

function list(c: Checker, p: Of<"list">, type: Type, use: PatternUse): CorePattern {
  const texts = p.elements.map((element) =>
    element.kind === "literal" && element.literal.kind === "string" ? element.literal.value : undefined,
  );
  const isTextual = p.rest !== undefined && p.elements.length > 0 && texts.every((text) => text !== undefined);
  const known = prune(type);
  if (isTextual && !(known.kind === "data" && !isText(known))) {
    const rest = inferPattern(c, p.rest as Pattern, type, use);
    const asPrefix: CorePattern = { kind: "prefix", prefix: texts.join(""), rest };
    if (isText(known)) return asPrefix;
    c.demand({ kind: "textual", span: p.span, solved: false, type });
    const asList: CorePattern = {
      kind: "list",
      items: texts.map((text): CorePattern => ({ kind: "literal", value: { kind: "String", value: text as string } })),
      rest,
    };
    const settled: { kind: "or"; alternatives: CorePattern[] } = { kind: "or", alternatives: [asPrefix, asList] };
    c.later.push(() => {
      const t = prune(type);
      if (isText(t)) settled.alternatives = [asPrefix];
      else if (t.kind === "data") settled.alternatives = [asList];
    });
    return settled;
  }
  const element = c.fresh();
  c.expect(type, listOf(element), p.span);
  const items = p.elements.map((item) => inferPattern(c, item, element, use));
  return p.rest === undefined
    ? { kind: "list", items }
    : { kind: "list", items, rest: inferPattern(c, p.rest, type, use) };
}

function constructorPattern(c: Checker, p: Of<"constructor">, type: Type, use: PatternUse): CorePattern {
  const name = p.name.name.name;
  let candidates: readonly ConstructorEntity[] | undefined;
  if (p.name.path.length > 0) {
    const member = resolveMember(c, {
      kind: "field",
      span: p.name.span,
      target: pathExpr(p.name.path, p.name.span),
      name: p.name.name,
    });
    if (member?.kind === "constructors") candidates = member.candidates;
    else if (member === undefined)
      c.report({ code: "unknown-module", span: p.name.span, name: p.name.path.map((part) => part.name).join(".") });
    else if (member.kind !== "wrong") c.report({ code: "unknown-constructor", span: p.name.span, name, nearby: [] });
  } else candidates = constructorCandidates(c, name, p.name.span, type);
  if (candidates === undefined) {
    for (const arg of p.args) inferPattern(c, arg.pattern, ERROR, use);
    return { kind: "any" };
  }
  const fitting = candidates.filter((candidate) => couldMatch(constructorInfo(c, candidate).result, type) !== "no");
  const sized = fitting.filter((candidate) => arityOf(candidate) === p.args.length || p.braces);
  const entity = sized[0] ?? fitting[0] ?? (candidates[0] as ConstructorEntity);
  const info = constructorInfo(c, entity);
  const map = c.substitution();
  const isFitting = c.expect(type, map(info.result), p.span);
  if (!isFitting) {
    for (const arg of p.args) inferPattern(c, arg.pattern, ERROR, use);
    return { kind: "any" };
  }
  const fieldTypes = info.fieldTypes.map(map);
  const args: CorePattern[] = fieldTypes.map(() => ({ kind: "any" }));
  let next = 0;
  let isRest = p.open;
  for (const arg of p.args) {
    const field = arg.name?.name ?? (p.braces && arg.pattern.kind === "variable" ? arg.pattern.name : undefined);
    let index: number;
    if (field !== undefined) {
      index = info.fieldNames?.indexOf(field) ?? -1;
      if (index < 0) {
        c.report({
          code: "unknown-field",
          span: arg.name?.span ?? arg.pattern.span,
          field,
          record: name,
          nearby: nearest(field, info.fieldNames ?? []),
        });
        inferPattern(c, arg.pattern, ERROR, use);
        continue;
      }
    } else {
      if (p.braces && arg.pattern.kind === "wildcard") {
        isRest = true;
        continue;
      }
      index = next++;
      if (index >= fieldTypes.length) break;
    }
    args[index] = inferPattern(c, arg.pattern, fieldTypes[index] as Type, use);
  }
  const positional = p.args.filter((arg) => arg.name === undefined).length;
  if (!p.braces && !isRest && positional > 0 && positional + (p.args.length - positional) !== fieldTypes.length)
    c.report({
      code: "arity",
      span: p.span,
      name,
      expected: [fieldTypes.length],
      found: p.args.length,
      ...(entity.type.module?.isStdlib === true ? {} : { declared: entity.span }),
    });
  return { kind: "construct", type: info.shape, args };
}

function pathExpr(path: readonly Ident[], span: Span): Parameters<typeof resolveMember>[1]["target"] {
  const [head, ...rest] = path as readonly [Ident, ...Ident[]];
  let expr: Parameters<typeof resolveMember>[1]["target"] = /^[A-Z]/.test(head.name)
    ? { kind: "upperName", span: head.span, name: head.name }
    : { kind: "name", span: head.span, name: head.name };
  for (const part of rest) expr = { kind: "field", span, target: expr, name: part };
  return expr;
}

function struct(c: Checker, fields: Of<"struct">["fields"], type: Type, span: Span, use: PatternUse): CorePattern {
  const known = prune(type);
  const types = known.kind === "struct" ? known.fields : known.kind === "data" ? fieldTypesOf(c, known) : undefined;
  const named = fields.filter((field) => field.name.name !== "_");
  const needed = new Map<string, Type>();
  for (const field of named) {
    const fieldType = types?.get(field.name.name);
    if (types !== undefined && fieldType === undefined) {
      // an open struct may have the field without saying so; a nominal record has not
      if (known.kind === "data")
        c.report({
          code: "no-field",
          span: field.name.span,
          type: showType(known),
          field: field.name.name,
          nearby: nearest(field.name.name, types.keys()),
        });
      needed.set(field.name.name, known.kind === "data" ? ERROR : DYNAMIC);
    } else needed.set(field.name.name, fieldType ?? c.fresh());
  }
  if (types === undefined && !isLoose(known)) {
    if (known.kind === "var")
      for (const [name, result] of needed) c.demand({ kind: "field", span, solved: false, target: type, name, result });
    else c.expect(type, structType(needed), span);
  }
  if (isLoose(known)) for (const result of needed.values()) c.unify(result, known);
  return {
    kind: "struct",
    fields: named.map((field) => {
      const fieldType = needed.get(field.name.name) as Type;
      const pattern =
        field.pattern === undefined
          ? variable(c, field.name.name, field.name.span, fieldType, use)
          : inferPattern(c, field.pattern, fieldType, use);
      return { name: field.name.name, pattern };
    }),
  };
}

// ───────────────────────────── literals ─────────────────────────────

export function literalType(literal: Literal): Type {
  switch (literal.kind) {
    case "number":
      return builtinType(literal.type);
    case "string":
      return Text;
    case "char":
      return Char;
    case "bool":
      return Bool;
    case "unit":
      return Unit;
  }
}

export function constantOf(literal: Literal): Constant {
  switch (literal.kind) {
    case "number": {
      const text = literal.text;
      switch (literal.type) {
        case "Float":
        case "Float32":
          return { kind: literal.type, value: literal.type === "Float32" ? Math.fround(Number(text)) : Number(text) };
        case "Decimal":
          return { kind: "Decimal", value: text };
        default:
          return { kind: literal.type, value: text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text) };
      }
    }
    case "string":
      return { kind: "String", value: literal.value };
    case "char":
      return { kind: "Char", value: literal.value };
    case "bool":
      return { kind: "Bool", value: literal.value };
    case "unit":
      return { kind: "Unit" };
  }
}
