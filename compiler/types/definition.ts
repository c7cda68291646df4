/**
 * What the checker learns about a function or a top-level value while it works: the mutable side of an entity.
 *
 * Stays true: `type` is monomorphic until `state` is "done"; from then on its generic variables and `predicates` make a
 * scheme. A definition with a `signature` (all types written, none left to infer) has its scheme from the start.
 */

import type { Expr, TypeExpr } from "../../grammar/ast.ts";
import type { Core, CoreFunction, Global } from "../core.ts";
import type { FunctionEntity, GlobalEntity } from "../names/module.ts";
import type { Predicate } from "./predicates.ts";
import type { Type } from "./type.ts";

export interface Scheme {
  readonly type: Type;
  readonly predicates: readonly Predicate[];
  /** known to have no generic variables, so every use is the type itself */
  readonly isMono?: boolean;
}

export interface ParamInfo {
  /** absent for a pattern: cannot be named by callers */
  readonly name?: string;
  readonly type?: TypeExpr;
  readonly default?: Expr;
  /** takes the parameters before this one */
  defaultFunction?: CoreFunction;
  /** a default that is a literal needs no function */
  defaultValue?: Core;
}

export interface Definition {
  readonly entity: FunctionEntity | GlobalEntity | { readonly kind: "script"; readonly name: string };
  state: "new" | "active" | "waiting" | "done";
  /** position on Tarjan's stack, and the lowest one that is reachable from here */
  index: number;
  low: number;
  type: Type;
  predicates: Predicate[];
  readonly params: readonly ParamInfo[];
  /** declared type parameters in order, as they occur in `type` (in the signature, when there is one) */
  typeParams: Type[];
  signature?: Scheme | undefined;
  function?: CoreFunction;
  global?: Global;
  /** everything its code names; what is not reachable is not compiled */
  readonly references: Set<Definition>;
  /** where its own predicates start in the list of pending ones, and the level around it */
  pendingStart: number;
  outerLevel: number;
}
