/**
 * What a session at the prompt carries from one input to the next: the bindings that have values, with their types.
 *
 * The trick: earlier declarations are part of each new program as syntax and are checked anew, but a binding is not run
 * again, so only its type goes on. It names types of an earlier check; they are exchanged for those that the same
 * declarations have in this one. A type that was declared anew since stays what it was: its values are still of it.
 * Stays true: the type of a binding that is no `var` holds no free variable, only generic ones, so each input
 * instantiates it; a `var` keeps one type for the whole session.
 */
import type { MvarDecl } from "../../grammar/ast.ts";
import type { GlobalEntity, Module, TypeEntity } from "../names/module.ts";
import type { Checker } from "./checker.ts";
import { definitionOf } from "./infer-definition.ts";
import { dataType, GENERIC, newVar, partsOf, prune, type Type, withParts } from "./type.ts";

export interface SessionInput {
  /** bindings of earlier inputs that have values */
  readonly bindings: readonly SessionBinding[];
  /** mvars of earlier inputs: they keep their values */
  readonly setMvars: ReadonlySet<MvarDecl>;
}

export interface SessionBinding {
  readonly entity: GlobalEntity;
  readonly type: Type;
}

/** Declares the earlier bindings in the program's module, unless the input has other meanings for their names. */
export function declareEarlier(c: Checker, module: Module, session: SessionInput): void {
  for (const { entity: before, type } of session.bindings) {
    const entity = { ...before, module };
    const definition = definitionOf(c, entity);
    definition.state = "done";
    definition.type = translated(c, type, entity.isVar ? 0 : GENERIC);
    c.earlierGlobals.set(entity.name, entity);
    const known = module.values.get(entity.name);
    // `n = 1` after `var n = 0` is no new binding
    const isAssigned = entity.isVar && known?.kind === "global" && known.isScript && !known.isVar;
    if (known === undefined || isAssigned) module.values.set(entity.name, entity);
  }
}

/** The earlier names, for the statements of the input: a new binding of such a name hides it from there on. */
export function enterEarlier(c: Checker): void {
  for (const entity of c.earlierGlobals.values()) {
    const definition = definitionOf(c, entity);
    if (definition.global === undefined) continue;
    c.place.scope.add({
      name: entity.name,
      span: entity.span,
      isMutable: entity.isVar,
      scheme: { type: definition.type, predicates: [], isMono: entity.isVar },
      place: { kind: "script", global: definition.global },
      depth: c.lambdaDepth,
      isEarlier: true,
    });
  }
}

/** All bindings after this input, if it runs to its end. */
export function bindingsAfter(c: Checker, module: Module): SessionBinding[] {
  const after = new Map(c.earlierGlobals);
  for (const value of module.values.values()) {
    if (value.kind === "global" && value.isScript) {
      if (c.definitions.get(value)?.state === "done") after.set(value.name, value);
    } else after.delete(value.name);
  }
  return [...after.values()].map((entity) => ({ entity, type: definitionOf(c, entity).type }));
}

/** The type in terms of this check; what is open in it gets the level. */
function translated(c: Checker, type: Type, level: number): Type {
  const variables = new Map<Type, Type>();
  const walk = (outer: Type): Type => {
    const t = prune(outer);
    if (t.kind === "var") {
      let variable = variables.get(t);
      if (variable === undefined) {
        variable = newVar(level, t.name);
        variables.set(t, variable);
      }
      return variable;
    }
    const parts = partsOf(t).map(walk);
    return t.kind === "data" ? dataType(entityNow(c, t.entity), parts) : withParts(t, parts);
  };
  return walk(type);
}

function entityNow(c: Checker, entity: TypeEntity): TypeEntity {
  if (entity.module === undefined) return entity;
  const path: string[] = [];
  let file = entity.module;
  for (; file.parent !== undefined; file = file.parent) path.unshift(file.path.split(".").at(-1) as string);
  let module = c.names.modules.get(file.path);
  for (const name of path) module = module?.modules.get(name);
  const now = module?.types.get(entity.name);
  return now !== undefined && now.declaration === entity.declaration ? now : entity;
}
