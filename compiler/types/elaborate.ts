/**
 * The small pieces of Core that many parts of inference make: reading names and fields, indexing, loops over anything,
 * conditions. Where the shape depends on a type, a hole is filled when all types are known.
 */
import type { Expr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Core, Local } from "../core.ts";
import { type Checker, type LoopFrame, newLocal, type Typed } from "./checker.ts";
import { constructorInfo, fieldsConstructor } from "./data-types.ts";
import type { Definition } from "./definition.ts";
import { dispatchIterable } from "./dispatch.ts";
import { callDefinition, given } from "./infer-call.ts";
import { definitionOf, inPlace, newPlace } from "./infer-definition.ts";
import { infer } from "./infer-expr.ts";
import type { Binding } from "./scope.ts";
import { Bool, ERROR, isList, isMap, isSet, isText, isUnit, prune, type Type } from "./type.ts";

export type Hole = Core & { kind: "hole"; filled?: Core };

export function newHole(span: Span): Hole {
  return { kind: "hole", span };
}

export function unit(span: Span): Core {
  return { kind: "const", span, value: { kind: "Unit" } };
}

/** What stands for an expression that has been reported. */
export function wrong(span: Span): Typed {
  return { type: ERROR, core: unit(span) };
}

/** Infers an expression and demands a type of it. */
export function check(c: Checker, e: Expr, type: Type): Core {
  const value = infer(c, e, type);
  c.expect(type, value.type, e.span);
  return value.core;
}

export function inferCondition(c: Checker, e: Expr): Core {
  return check(c, e, Bool);
}

/** Where the value of an expression comes from: the last statement of a block. */
export function resultSpan(e: Expr): Span {
  let at = e;
  while (at.kind === "block") {
    const last = at.statements[at.statements.length - 1];
    if (last === undefined) return at.span;
    if (last.kind !== "expr") return last.span;
    at = last.expr;
  }
  return at.span;
}

/** A value that nobody uses, as (). */
export function asUnit(c: Checker, value: Typed): Core {
  const hole = newHole(value.core.span);
  c.later.push(() => {
    hole.filled = isUnit(prune(value.type))
      ? value.core
      : { kind: "block", span: value.core.span, statements: [value.core, unit(value.core.span)] };
  });
  return hole;
}

/** A new immutable local, in scope from here. */
export function declare(c: Checker, name: string, span: Span, type: Type): Local {
  const local = newLocal(c, name, span, type);
  c.place.scope.add({
    name,
    span,
    isMutable: false,
    scheme: { type, predicates: [], isMono: true },
    place: { kind: "local", local },
    depth: c.lambdaDepth,
  });
  return local;
}

export function readBinding(binding: Binding, span: Span): Core {
  return binding.place.kind === "local"
    ? { kind: "local", span, local: binding.place.local }
    : { kind: "global", span, global: binding.place.global };
}

/** Loops that `break` may leave here: those of the innermost function. */
export function loopsOf(c: Checker): LoopFrame[] {
  const frame = c.place.frames[c.place.frames.length - 1];
  return frame === undefined ? c.place.topLoops : frame.loops;
}

export function fieldCore(c: Checker, target: Typed, name: string, span: Span): Core {
  const hole = newHole(span);
  c.later.push(() => {
    const index = fieldIndex(c, target.type, name);
    if (/^[0-9]+$/.test(name)) hole.filled = { kind: "tupleItem", span, target: target.core, index: Number(name) };
    else
      hole.filled =
        index === undefined
          ? { kind: "field", span, target: target.core, name }
          : { kind: "fieldAt", span, target: target.core, index };
  });
  return hole;
}

export function setFieldCore(c: Checker, target: Typed, name: string, value: Core, span: Span): Core {
  const hole = newHole(span);
  c.later.push(() => {
    const index = fieldIndex(c, target.type, name);
    hole.filled =
      index === undefined
        ? { kind: "setField", span, target: target.core, name, value }
        : { kind: "setFieldAt", span, target: target.core, index, value };
  });
  return hole;
}

function fieldIndex(c: Checker, type: Type, name: string): number | undefined {
  const t = prune(type);
  const ctor = t.kind === "data" ? fieldsConstructor(t.entity) : undefined;
  const index = ctor === undefined ? -1 : (constructorInfo(c, ctor).fieldNames?.indexOf(name) ?? -1);
  return index < 0 ? undefined : index;
}

/** `c[i]`; `position` is the index when it is a literal. */
export function indexed(c: Checker, target: Typed, index: Typed, span: Span, position: number | undefined): Typed {
  const result = c.fresh();
  const hole = newHole(span);
  const owner = c.place.definition;
  hole.filled = { kind: "index", span, target: target.core, index: index.core };
  c.demand({
    kind: "index",
    span,
    solved: false,
    target: target.type,
    index: index.type,
    result,
    ...(position === undefined ? {} : { position }),
    finish: (indexer) => {
      if (indexer?.function !== undefined) {
        owner.references.add(indexer);
        if (indexer.state === "new") c.needed.push(indexer);
        hole.filled = { kind: "call", span, function: indexer.function, args: [target.core, index.core] };
      } else if (position !== undefined && prune(target.type).kind === "tuple")
        hole.filled = { kind: "tupleItem", span, target: target.core, index: position };
    },
  });
  return { type: result, core: hole };
}

/** What a loop goes over, as a list, and the type of its elements. */
export function iterable(c: Checker, value: Typed, span: Span): { readonly element: Type; readonly list: Core } {
  const element = c.fresh();
  c.demand({ kind: "iterable", span, solved: false, collection: value.type, element });
  const hole = newHole(span);
  const owner = c.place.definition;
  c.later.push(() => {
    const type = prune(value.type);
    if (isList(type)) hole.filled = value.core;
    else if (isMap(type)) hole.filled = libraryCall(c, owner, "Map", "toList", value.core, span);
    else if (isSet(type)) hole.filled = libraryCall(c, owner, "Set", "toList", value.core, span);
    else if (isText(type)) hole.filled = libraryCall(c, owner, "String", "chars", value.core, span);
    else hole.filled = dispatchIterable(c, owner, value.core, span);
  });
  return { element, list: hole };
}

/** A call of a function of the standard library that syntax stands for. */
export function libraryCall(
  c: Checker,
  owner: Definition,
  namespace: string | undefined,
  name: string,
  arg: Core,
  span: Span,
  second?: Core,
): Core {
  const value =
    namespace === undefined ? c.names.preludeValue(name) : c.names.namespaces.get(namespace)?.values.get(name);
  const args = second === undefined ? [arg] : [arg, second];
  const found = value?.kind === "functions" ? value.functions.find((f) => f.arity === args.length) : undefined;
  if (found === undefined)
    return { kind: "callNative", span, name: namespace === undefined ? name : `${namespace}.${name}`, args };
  return inPlace(c, newPlace(found.module, owner), () =>
    callDefinition(
      c,
      definitionOf(c, found),
      args.map((core) => given({ type: ERROR, core })),
      span,
    ),
  ).core;
}
