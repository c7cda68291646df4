/** `v[i]` on a user's type `Vec` calls `vecGet(v, i)` of the type's module, when it is there; `v[i] = e` calls `vecSet`. */
import type { Checker } from "./checker.ts";
import type { Definition } from "./definition.ts";
import { definitionOf, ensureType } from "./infer-definition.ts";
import { prune, type Type } from "./type.ts";

export function customIndexer(c: Checker, target: Type, what: "Get" | "Set"): Definition | undefined {
  const type = prune(target);
  if (type.kind !== "data" || type.entity.module === undefined) return undefined;
  const name = type.entity.name;
  const value = type.entity.module.values.get(`${(name[0] as string).toLowerCase()}${name.slice(1)}${what}`);
  if (value?.kind !== "functions") return undefined;
  const found = value.functions.find((f) => f.arity === (what === "Get" ? 2 : 3));
  if (found === undefined) return undefined;
  const definition = definitionOf(c, found);
  ensureType(c, definition);
  return definition;
}
