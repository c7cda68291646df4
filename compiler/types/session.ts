/**
 * What a session at the prompt carries from one input to the next: the bindings that have values, with their types.
 *
 * The trick: earlier declarations are part of each new program as syntax and are checked anew, but a binding is not run
 * again, so only its type goes on. It names types of an earlier check; they are exchanged for those that the same
 * declarations have in this one. A type that was declared anew since stays what it was: its values are still of it.
 * A new binding of a name hides the old one; functions that were there before go on with the one they saw.
 * Stays true: the type of a binding that is no `var` holds no free variable, only generic ones, so each input
 * instantiates it; a `var` keeps one type for the whole session.
 */
import type { MvarDecl } from "../../grammar/ast.ts";
import type { SourceFile } from "../../grammar/source.ts";
import type { Global } from "../core.ts";
import type { GlobalEntity, Module, TypeEntity } from "../names/module.ts";
import type { Checker } from "./checker.ts";
import { definitionOf } from "./infer-definition.ts";
import { dataType, GENERIC, newVar, partsOf, prune, type Type, withParts } from "./type.ts";

export interface SessionInput {
  /** bindings of earlier inputs that have values, oldest first; several of a name */
  readonly bindings: readonly SessionBinding[];
  /** mvars of earlier inputs: they keep their values */
  readonly setMvars: ReadonlySet<MvarDecl>;
  /** the earlier inputs, oldest first; what is of no such source is of this one */
  readonly sources: readonly SourceFile[];
}

export interface SessionBinding {
  readonly entity: GlobalEntity;
  readonly type: Type;
  /** where its value is; the Core calls its module `earlierModule(slot)` */
  readonly slot: number;
}

/** As what Core names the module of a binding that has its value in this slot: no other module has such a name. */
export function earlierModule(slot: number): string {
  return `<slot ${slot}>`;
}

/** Declares the earlier bindings in the program's module, unless the input has other meanings for their names. */
export function declareEarlier(c: Checker, module: Module, session: SessionInput): GlobalEntity[] {
  session.sources.forEach((source, i) => {
    c.inputOf.set(source, i);
  });
  const declared = session.bindings.map(({ entity: before, type, slot }): GlobalEntity => {
    const entity = { ...before, module };
    const definition = definitionOf(c, entity);
    definition.state = "done";
    definition.type = translated(c, type, entity.isVar ? 0 : GENERIC);
    definition.global = { ...(definition.global as Global), module: earlierModule(slot) };
    const same = c.earlierGlobals.get(entity.name);
    if (same === undefined) c.earlierGlobals.set(entity.name, [entity]);
    else same.push(entity);
    return entity;
  });
  for (const [name, entities] of c.earlierGlobals) {
    const entity = entities.at(-1) as GlobalEntity;
    const known = module.values.get(name);
    // `n = 1` after `var n = 0` is no new binding
    const isAssigned = entity.isVar && known?.kind === "global" && known.isScript && !known.isVar;
    if (known === undefined || isAssigned) module.values.set(name, entity);
  }
  return declared;
}

/** The earlier names, for the statements of the input: a new binding of such a name hides it from there on. */
export function enterEarlier(c: Checker): void {
  for (const entities of c.earlierGlobals.values()) {
    const entity = entities.at(-1) as GlobalEntity;
    const definition = definitionOf(c, entity);
    c.place.definition.references.add(definition);
    c.place.scope.add({
      name: entity.name,
      span: entity.span,
      isMutable: entity.isVar,
      scheme: { type: definition.type, predicates: [], isMono: entity.isVar },
      place: { kind: "script", global: definition.global as Global },
      depth: c.lambdaDepth,
      isEarlier: true,
    });
  }
}

/** Which binding a function means: of those that its own input could see, the newest. */
export function seenFrom(c: Checker, entity: GlobalEntity): GlobalEntity {
  const earlier = c.earlierGlobals.get(entity.name);
  const user = c.place.definition.entity;
  if (!entity.isScript || earlier === undefined || !("span" in user)) return entity;
  const input = c.inputOf.get(user.span.source);
  if (input === undefined) return entity;
  return earlier.findLast(({ span }) => (c.inputOf.get(span.source) ?? input) <= input) ?? entity;
}

/** The types of the earlier bindings, now that the input has used them, and behind them of those that it makes. */
export function bindingsAfter(
  c: Checker,
  module: Module,
  earlier: readonly GlobalEntity[],
): { entity: GlobalEntity; type: Type }[] {
  const made = [...c.scriptGlobals.values()].filter(
    (entity) => module.values.get(entity.name) === entity && c.definitions.get(entity)?.state === "done",
  );
  return [...earlier, ...made].map((entity) => ({ entity, type: definitionOf(c, entity).type }));
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
