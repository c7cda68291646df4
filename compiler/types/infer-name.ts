/** What a name, or a dotted path into a module, means as an expression. */

import type { Expr, FieldExpr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { conflictProblem } from "../names/lookup.ts";
import type { ConstructorEntity, FunctionEntity, Module, Value } from "../names/module.ts";
import type { Checker, Typed } from "./checker.ts";
import { useGlobal, useMvar } from "./infer-definition.ts";
import { INTRINSICS, type Intrinsic } from "./intrinsics.ts";
import type { Binding } from "./scope.ts";

export type NameMeaning =
  | { readonly kind: "local"; readonly binding: Binding }
  | { readonly kind: "functions"; readonly functions: readonly FunctionEntity[] }
  | { readonly kind: "intrinsic"; readonly name: Intrinsic }
  | { readonly kind: "value"; readonly value: Typed }
  /** reported */
  | { readonly kind: "wrong" };

export function resolveName(c: Checker, name: string, span: Span, isCall: boolean): NameMeaning {
  const binding = c.place.scope.lookup(name);
  if (binding !== undefined) return { kind: "local", binding };
  if (name === "_") {
    c.report({
      code: "misplaced",
      span,
      message: "Wildcard '_' is only valid in pattern contexts",
      hint: "give the value a name",
    });
    return { kind: "wrong" };
  }
  const { found, hidden, conflict } = c.names.lookupValue(c.place.module, name);
  if (found !== undefined) {
    if (conflict !== undefined) c.report(conflictProblem(span, name, conflict));
    return valueMeaning(c, found, span);
  }
  if (INTRINSICS.has(name as Intrinsic)) return { kind: "intrinsic", name: name as Intrinsic };
  if (hidden !== undefined)
    c.report({
      code: "private",
      span,
      what: hidden.kind === "functions" ? "function" : "value",
      name,
      module: hidden.module.path,
    });
  else
    c.report({
      code: "unknown-name",
      span,
      name,
      isCall,
      nearby: c.names.similarValues(c.place.module, name, c.place.scope.names()),
    });
  return { kind: "wrong" };
}

export function valueMeaning(
  c: Checker,
  value: Value,
  span: Span,
): Extract<NameMeaning, { readonly kind: "functions" | "value" }> {
  switch (value.kind) {
    case "functions":
      return { kind: "functions", functions: value.functions };
    case "global":
      return { kind: "value", value: useGlobal(c, value, span) };
    case "mvar":
      return { kind: "value", value: useMvar(c, value, span) };
  }
}

export type MemberMeaning =
  | { readonly kind: "functions"; readonly functions: readonly FunctionEntity[] }
  | { readonly kind: "constructors"; readonly candidates: readonly ConstructorEntity[] }
  | { readonly kind: "value"; readonly value: Typed }
  | { readonly kind: "wrong" };

/** What `a.b.name` means when `a.b` is a module (or a type, for its constructors); undefined when it is a value. */
export function resolveMember(c: Checker, e: FieldExpr): MemberMeaning | undefined {
  const path = modulePath(c, e.target);
  if (path === undefined) return undefined;
  const from = c.place.module;
  const name = e.name.name;
  const { module, notImported, hidden } = c.names.lookupModule(from, path);
  if (module !== undefined) {
    const member = memberOf(c, module, name, e.name.span);
    if (member !== undefined) return member;
    // `module Math` of a user and the library's own Math share the name: what the first lacks, the second may have
    const library = path.length === 1 ? c.names.namespaces.get(path[0] as string) : undefined;
    const other = library === undefined || library === module ? undefined : memberOf(c, library, name, e.name.span);
    if (other !== undefined) return other;
  }
  const [head] = path;
  if (path.length === 1 && head !== undefined && /^[A-Z]/.test(head)) {
    const candidates = c.names.lookupType(from, head).found?.constructors.filter((ctor) => ctor.name === name) ?? [];
    if (candidates.length > 0) return { kind: "constructors", candidates };
  }
  if (module !== undefined) {
    const value = module.values.get(name);
    if (value !== undefined)
      c.report({
        code: "private",
        span: e.name.span,
        what: value.kind === "functions" ? "function" : "value",
        name,
        module: module.path,
      });
    else if (module.constructors.has(name))
      c.report({ code: "private", span: e.name.span, what: "constructor", name, module: module.path });
    else
      c.report({
        code: "unknown-member",
        span: e.name.span,
        module: module.path,
        name,
        nearby: nearest(name, [...module.values.keys(), ...module.constructors.keys()]),
      });
    return { kind: "wrong" };
  }
  if (hidden !== undefined) {
    c.report({
      code: "private",
      span: e.target.span,
      what: "module",
      name: path.join("."),
      module: hidden.parent?.path ?? "",
    });
    return { kind: "wrong" };
  }
  if (notImported !== undefined) {
    c.report({ code: "not-imported", span: e.target.span, module: notImported.path });
    return { kind: "wrong" };
  }
  return undefined;
}

function memberOf(c: Checker, module: Module, name: string, span: Span): MemberMeaning | undefined {
  const from = c.place.module;
  const value = module.values.get(name);
  if (value !== undefined && c.names.isValueVisible(from, value))
    return valueMeaning(c, c.names.visiblePart(from, value), span);
  const constructors =
    module.constructors.get(name)?.filter((ctor) => ctor.type.isPublic || c.names.isInside(from, module)) ?? [];
  return constructors.length > 0 ? { kind: "constructors", candidates: constructors } : undefined;
}

/** The dotted names of an expression that could be a module; undefined when it starts with a value. */
function modulePath(c: Checker, e: Expr): string[] | undefined {
  const path: string[] = [];
  let at = e;
  while (at.kind === "field") {
    path.unshift(at.name.name);
    at = at.target;
  }
  if (at.kind === "upperName") {
    path.unshift(at.name);
    return path;
  }
  if (at.kind !== "name" || c.place.scope.lookup(at.name) !== undefined) return undefined;
  if (c.names.lookupValue(c.place.module, at.name).found !== undefined) return undefined;
  path.unshift(at.name);
  return path;
}
