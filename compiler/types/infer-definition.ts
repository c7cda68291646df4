/**
 * Functions, top-level values and mvars: inferred when first used, generalised in groups of mutual recursion.
 *
 * The trick: Tarjan's algorithm runs inside inference. Using a function that was not inferred yet infers it there and
 * then, one level deeper; using one that is still open makes both one group, which is generalised when its first
 * member is done. So groups follow true references (a method call counts when it is resolved), not spellings.
 * Stays true: a fully annotated function is never waited for. Past MAX_NESTING of nested inference a function is only
 * promised a type, joins the outermost group, and is inferred when that group's first member comes back.
 */
import type { Expr, FunctionDecl, Param, Pattern, TypeExpr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Kind } from "../../vm/bytecode/unit.ts";
import type { Core, CoreArm, CoreFunction, Global, Local, Mvar } from "../core.ts";
import { type FunctionEntity, type GlobalEntity, type Module, type MvarEntity, qualified } from "../names/module.ts";
import { type Checker, type Frame, kindOf, newLocal, type Place, type Typed } from "./checker.ts";
import { convertType, declareTypeParams, type TypeScope } from "./data-types.ts";
import type { Definition, ParamInfo } from "./definition.ts";
import { declare, inferCondition, resultSpan } from "./elaborate.ts";
import { isConstant } from "./infer-call.ts";
import { infer } from "./infer-expr.ts";
import { type ArmNames, inferPattern, isPlain } from "./infer-pattern.ts";
import type { Predicate } from "./predicates.ts";
import type { ProcessContext } from "./processes.ts";
import { LocalScope } from "./scope.ts";
import { seenFrom } from "./session.ts";
import { DYNAMIC, ERROR, functionType, GENERIC, newVar, prune, type Type } from "./type.ts";

const MAX_NESTING = 120; // expressions inside one another over all open definitions: half of what the JavaScript stack holds, so that one more definition fits

export function definitionOf(c: Checker, entity: FunctionEntity | GlobalEntity): Definition {
  let definition = c.definitions.get(entity);
  if (definition === undefined) {
    definition = newDefinition(entity, entity.kind === "function" ? paramsOf(entity) : []);
    c.definitions.set(entity, definition);
    if (entity.kind === "function") {
      definition.function = newFunction(traceName(entity), entity.span, entity.arity);
      definition.signature = signatureOf(c, definition, entity);
    } else
      definition.global = {
        name: entity.name,
        module: entity.module.path,
        span: entity.span,
        how: entity.isScript ? "script" : "lazy",
      };
  }
  return definition;
}

/** A function as traces show it; of the library, without the file it stands in. */
function traceName(entity: FunctionEntity): string {
  const name = qualified(entity.module, entity.name);
  return entity.module.isStdlib ? name.replace(/^stdlib\.[a-z_]+\./, "") : name;
}

export function newDefinition(entity: Definition["entity"], params: readonly ParamInfo[]): Definition {
  return {
    entity,
    state: "new",
    index: -1,
    low: -1,
    type: ERROR,
    predicates: [],
    params,
    typeParams: [],
    references: new Set(),
    pendingStart: 0,
    outerLevel: 0,
  };
}

export function newFunction(name: string, span: Span, arity: number): CoreFunction {
  const unset: Core = { kind: "const", span, value: { kind: "Unit" } };
  return {
    kind: "function",
    name,
    span,
    params: [],
    paramKinds: Array.from({ length: arity }, (): Kind => "any"),
    resultKind: "any",
    body: unset,
  };
}

function paramsOf(entity: FunctionEntity): ParamInfo[] {
  const params: { name?: string; type?: TypeExpr; default?: Expr }[] = [];
  for (let i = 0; i < entity.arity; i++) {
    const info: { name?: string; type?: TypeExpr; default?: Expr } = {};
    for (const clause of entity.clauses) {
      const param = clause.params[i] as Param;
      if (param.pattern.kind === "variable") info.name ??= param.pattern.name;
      if (param.type !== undefined) info.type ??= param.type;
      if (param.default !== undefined) info.default ??= param.default;
    }
    params.push(info);
  }
  return params;
}

/** The scheme of a function whose types are all written; of a user's, only when no type is left open in it. */
function signatureOf(c: Checker, definition: Definition, entity: FunctionEntity): Definition["signature"] {
  const [clause, second] = entity.clauses;
  if (
    clause === undefined ||
    second !== undefined ||
    clause.result === undefined ||
    definition.params.some((p) => p.type === undefined)
  )
    return undefined;
  const scope: TypeScope = new Map();
  const { params: typeParams, bounds } = declareTypeParams(c, clause.typeParams, scope, GENERIC);
  const params = definition.params.map((p) => convertType(c, entity.module, p.type as TypeExpr, scope, GENERIC));
  const result = convertType(c, entity.module, clause.result, scope, GENERIC);
  const type = functionType(params, result);
  if (!type.ground && !entity.module.isStdlib) return undefined;
  definition.typeParams = typeParams;
  const predicates = bounds.map(
    (bound): Predicate => ({ kind: "trait", span: entity.span, solved: false, trait: bound.trait, type: bound.type }),
  );
  return { type, predicates };
}

const written = new WeakMap<Definition, (Type | undefined)[]>();

/** The explicit types of parameters, generic where they are open; undefined where nothing is written. */
export function parameterTypes(c: Checker, definition: Definition): readonly (Type | undefined)[] {
  const signature = definition.signature?.type;
  if (signature?.kind === "function") return signature.params;
  let types = written.get(definition);
  if (types === undefined) {
    const entity = definition.entity;
    if (entity.kind !== "function") return [];
    const scope: TypeScope = new Map();
    declareTypeParams(c, (entity.clauses[0] as FunctionDecl).typeParams, scope, GENERIC);
    types = definition.params.map((p) =>
      p.type === undefined ? undefined : convertType(c, entity.module, p.type, scope, GENERIC),
    );
    written.set(definition, types);
  }
  return types;
}

// ───────────────────────────── uses ─────────────────────────────

/** Makes sure that the type is there (perhaps still open), and notes who depends on whom. */
export function ensureType(c: Checker, definition: Definition): Type {
  if (definition.signature !== undefined) return definition.signature.type;
  if (definition.state === "new") {
    if (c.nesting >= MAX_NESTING) promise(c, definition);
    else inferDefinition(c, definition);
  }
  if (definition.state === "active" || definition.state === "waiting") {
    const user = c.place.definition;
    if (user.state === "active") user.low = Math.min(user.low, definition.low);
  }
  return definition.type;
}

/** The type of one use of a function, as a fresh instance of its scheme. */
export function useDefinition(c: Checker, definition: Definition, span: Span, typeArgs?: readonly Type[]): Type {
  c.place.definition.references.add(definition);
  if (definition.state === "new" && definition.signature !== undefined) c.needed.push(definition);
  const { within } = c;
  c.within = undefined; // a body that is inferred now is no part of what is being settled
  ensureType(c, definition);
  const scheme = definition.signature ?? { type: definition.type, predicates: definition.predicates };
  const given = new Map<Type, Type>();
  typeArgs?.forEach((arg, i) => {
    const param = definition.typeParams[i];
    if (param !== undefined) given.set(prune(param), arg);
  });
  c.within = within && [...within, definition];
  const type = c.instantiate(scheme, span, given);
  c.within = within;
  return type;
}

export function useGlobal(c: Checker, named: GlobalEntity, span: Span): Typed {
  const entity = seenFrom(c, named);
  const definition = definitionOf(c, entity);
  const global = definition.global as Global;
  const declaration = entity.declaration;
  if (declaration.kind === "const" && declaration.value.kind === "literal") {
    const type = useDefinition(c, definition, span);
    const hole: Core & { kind: "hole"; filled?: Core } = { kind: "hole", span };
    c.later.push(() => {
      hole.filled = global.init === undefined ? { kind: "global", span, global } : { ...global.init, span };
    });
    return { type, core: hole };
  }
  const isEarlier = c.earlierGlobals.get(entity.name)?.includes(entity) === true;
  const type = entity.isScript && !isEarlier ? scriptGlobalType(definition) : useDefinition(c, definition, span);
  c.place.definition.references.add(definition);
  return { type, core: { kind: "global", span, global } };
}

/** A binding of a file without main is typed by its statement; whoever comes first makes its (outermost) variable. */
export function scriptGlobalType(definition: Definition): Type {
  if (definition.state === "new") {
    definition.type = newVar(0);
    definition.state = "done";
  }
  return definition.type;
}

export interface MvarInfo {
  readonly mvar: Mvar;
  readonly type: Type;
  readonly definition: Definition;
}

export function mvarInfo(c: Checker, entity: MvarEntity): MvarInfo {
  let info = c.mvars.get(entity);
  if (info === undefined) {
    const span = entity.span;
    const mvar: Mvar = {
      name: entity.name,
      module: entity.module.path,
      span,
      init: { kind: "const", span, value: { kind: "Unit" } },
      ...(c.setMvars.has(entity.declaration) && { isSet: true }),
    };
    const type = convertType(c, entity.module, entity.declaration.type, new Map(), 0);
    info = { mvar, type, definition: newDefinition({ kind: "script", name: entity.name }, []) };
    c.mvars.set(entity, info);
    c.neededMvars.push(entity);
  }
  return info;
}

export function useMvar(c: Checker, entity: MvarEntity, span: Span): Typed {
  const info = mvarInfo(c, entity);
  c.place.definition.references.add(info.definition);
  return { type: info.type, core: { kind: "mvar", span, mvar: info.mvar } };
}

export function inferMvar(c: Checker, entity: MvarEntity): void {
  const info = mvarInfo(c, entity);
  if (info.definition.state !== "new") return;
  const definition = info.definition;
  begin(c, definition);
  inPlace(c, newPlace(entity.module, definition), () => {
    const e = entity.declaration.value;
    const value = infer(c, e, info.type);
    c.expect(info.type, value.type, e.span, {
      because: { span: entity.declaration.type.span, text: "the mvar's type" },
    });
    info.mvar.init = value.core;
  });
  finish(c, definition);
}

// ───────────────────────────── groups ─────────────────────────────

export function newPlace(
  module: Module,
  definition: Definition,
  isScript = false,
  process: ProcessContext = "unknown",
): Place {
  const scope = new LocalScope();
  return { module, definition, scope, frames: [], isScript, topLoops: [], typeScope: new Map(), process };
}

export function inPlace<T>(c: Checker, place: Place, work: () => T): T {
  const before = c.place as Place | undefined;
  c.place = place;
  const result = work();
  c.place = before as Place;
  return result;
}

export function begin(c: Checker, definition: Definition): void {
  definition.state = "active";
  definition.index = definition.low = c.stack.length;
  c.stack.push(definition);
  definition.pendingStart = c.pending.length;
  definition.outerLevel = c.level;
  c.level++;
}

/** Closes the group of which the definition is the first member; else leaves it to that one. */
export function finish(c: Checker, definition: Definition): void {
  if (definition.index === 0) {
    // the outermost group: those that were only promised a type belong to it
    for (let next = c.promised.pop(); next !== undefined; next = c.promised.pop()) inferBody(c, next);
  }
  if (definition.low === definition.index) {
    const module = definition.entity.kind === "script" ? c.place?.module : definition.entity.module;
    if (module !== undefined)
      inPlace(c, newPlace(module, definition), () => c.settleMethods(definition.pendingStart, definition.outerLevel));
  }
  c.level = definition.outerLevel;
  if (definition.low < definition.index) {
    definition.state = "waiting";
    return;
  }
  const group = c.stack.splice(definition.index);
  const types = group.flatMap((member) => [member.type, ...member.typeParams]);
  const predicates = c.generalise(types, definition.pendingStart);
  for (const member of group) {
    member.state = "done";
    member.predicates = group.length === 1 ? predicates : [...predicates];
  }
  for (const predicate of predicates) c.leaveToRunTime(predicate);
}

function promise(c: Checker, definition: Definition): void {
  definition.state = "active";
  definition.index = c.stack.length;
  definition.low = 0;
  c.stack.push(definition);
  definition.type = newVar(c.level + 1);
  const arity = definition.entity.kind === "function" ? definition.entity.arity : -1;
  if (arity >= 0)
    definition.type = functionType(
      Array.from({ length: arity }, () => newVar(c.level)),
      newVar(c.level),
    );
  c.promised.push(definition);
}

export function inferDefinition(c: Checker, definition: Definition): void {
  if (definition.state !== "new") return;
  begin(c, definition);
  inferBody(c, definition);
  finish(c, definition);
}

function inferBody(c: Checker, definition: Definition): void {
  const entity = definition.entity;
  if (entity.kind === "script") return;
  const process = entity.kind === "global" ? "unknown" : c.main?.entity === entity ? c.main.process : "caller";
  inPlace(c, newPlace(entity.module, definition, false, process), () => {
    if (entity.kind === "function") inferFunction(c, definition, entity);
    else inferGlobal(c, definition, entity);
  });
}

// ───────────────────────────── functions ─────────────────────────────

function inferFunction(c: Checker, definition: Definition, entity: FunctionEntity): void {
  const core = definition.function as CoreFunction;
  const place = c.place;
  const first = entity.clauses[0] as FunctionDecl;
  const promised = definition.type;
  let paramTypes: Type[] | undefined;
  let result: Type | undefined;
  const arms: CoreArm[] = [];
  const kinds = core.paramKinds as Kind[];
  for (const clause of entity.clauses) {
    place.typeScope.clear();
    const { params: typeParams, bounds } = declareTypeParams(c, clause.typeParams, place.typeScope, c.level);
    if (definition.signature === undefined && definition.typeParams.length === 0) definition.typeParams = typeParams;
    const annotated = clause.params.map((param) =>
      param.type === undefined ? undefined : convertType(c, entity.module, param.type, place.typeScope, c.level),
    );
    const annotatedResult =
      clause.result === undefined ? undefined : convertType(c, entity.module, clause.result, place.typeScope, c.level);
    for (const bound of bounds)
      c.demand({ kind: "trait", span: clause.name.span, solved: false, trait: bound.trait, type: bound.type });
    if (paramTypes === undefined || result === undefined) {
      paramTypes = annotated.map((type) => type ?? c.fresh());
      result = annotatedResult ?? c.fresh();
      const type = functionType(paramTypes, result);
      if (promised !== ERROR) c.unify(promised, type);
      definition.type = type;
    } else {
      annotated.forEach((type, i) => {
        if (type !== undefined) c.expect((paramTypes as Type[])[i] as Type, type, (clause.params[i] as Param).span);
      });
      if (annotatedResult !== undefined) c.expect(result, annotatedResult, (clause.result as TypeExpr).span);
    }
    inferClause(c, definition, clause, paramTypes, result, arms);
  }
  const types = paramTypes as Type[];
  const resultType = result as Type;
  const single =
    entity.clauses.length === 1 && first.guard === undefined && first.params.every((param) => isPlain(param.pattern));
  if (single) {
    const arm = arms[0] as CoreArm;
    const params = arm.patterns.map((pattern, i) =>
      pattern.kind === "bind" ? pattern.local : newLocal(c, "_", (first.params[i] as Param).span, types[i] as Type),
    );
    (core.params as Local[]).push(...params);
    core.body = arm.body;
  } else {
    const params = types.map((type, i) =>
      newLocal(c, definition.params[i]?.name ?? `<argument ${i + 1}>`, entity.span, type),
    );
    (core.params as Local[]).push(...params);
    core.body = {
      kind: "match",
      span: first.span,
      scrutinees: params.map((local): Core => ({ kind: "local", span: entity.span, local })),
      arms,
      what: "clauses",
      functionName: core.name,
    };
  }
  c.later.push(() => {
    types.forEach((type, i) => {
      kinds[i] = kindOf(type);
    });
    (core as { resultKind: Kind }).resultKind = kindOf(resultType);
  });
}

function inferClause(
  c: Checker,
  definition: Definition,
  clause: FunctionDecl,
  paramTypes: readonly Type[],
  result: Type,
  arms: CoreArm[],
): void {
  const scope = c.place.scope;
  inferDefaults(c, definition, clause, paramTypes);
  const mark = scope.enter();
  const names: ArmNames = new Map();
  const patterns = clause.params.map((param, i) =>
    inferPattern(c, param.pattern, paramTypes[i] as Type, { mode: "fresh", names }),
  );
  const frame: Frame = { result, loops: [] };
  c.place.frames.push(frame);
  let guard: Core | undefined;
  if (clause.guard !== undefined) guard = inferCondition(c, clause.guard);
  const body = infer(c, clause.body, result);
  c.expect(
    result,
    body.type,
    resultSpan(clause.body),
    clause.result === undefined
      ? {}
      : { because: { span: clause.result.span, text: "the function's declared result" } },
  );
  c.place.frames.pop();
  scope.leave(mark);
  arms.push({ span: clause.span, patterns, ...(guard === undefined ? {} : { guard }), body: body.core });
}

/** A default is a function of its own over the parameters before it. */
function inferDefaults(c: Checker, definition: Definition, clause: FunctionDecl, paramTypes: readonly Type[]): void {
  clause.params.forEach((param, i) => {
    const info = definition.params[i] as ParamInfo;
    if (param.default === undefined || info.default !== param.default) return;
    const scope = c.place.scope;
    const mark = scope.enter();
    const params = clause.params.slice(0, i).map((before, k) => {
      const type = paramTypes[k] as Type;
      const span = before.span;
      if (before.pattern.kind === "variable") return declare(c, before.pattern.name, span, type);
      return newLocal(c, "_", span, type);
    });
    const type = paramTypes[i] as Type;
    const value = infer(c, param.default, type);
    c.expect(
      type,
      value.type,
      param.default.span,
      param.type === undefined ? {} : { because: { span: param.type.span, text: "the parameter's type" } },
    );
    scope.leave(mark);
    if (isConstant(param.default)) {
      info.defaultValue = value.core;
      return;
    }
    const f = newFunction(`<default of ${info.name ?? i + 1} in ${definition.entity.name}>`, param.default.span, i);
    (f.params as Local[]).push(...params);
    f.body = value.core;
    info.defaultFunction = f;
  });
}

// ───────────────────────────── values ─────────────────────────────

function inferGlobal(c: Checker, definition: Definition, entity: GlobalEntity): void {
  const declaration = entity.declaration;
  const global = definition.global as Global;
  const type =
    declaration.type === undefined ? c.fresh() : convertType(c, entity.module, declaration.type, c.typeScope, c.level);
  if (declaration.kind === "const" || declaration.pattern.kind === "variable") {
    definition.type = definition.type === ERROR ? type : definition.type;
    if (definition.type !== type) c.unify(definition.type, type);
    const value = infer(c, declaration.value, type);
    c.expect(type, value.type, declaration.value.span, {
      isBinding: true,
      ...(declaration.type === undefined ? {} : { because: { span: declaration.type.span, text: "declared here" } }),
    });
    global.init = value.core;
    return;
  }
  // a part of a pattern: the whole is evaluated for each part, into names of its own
  const mark = c.place.scope.enter();
  const value = infer(c, declaration.value, type);
  c.expect(type, value.type, declaration.value.span, { isBinding: true });
  const pattern = inferPattern(c, declaration.pattern as Pattern, type, { mode: "fresh", names: new Map() });
  const binding = c.place.scope.lookup(entity.name);
  definition.type = binding?.scheme.type ?? DYNAMIC;
  const span = entity.span;
  global.init = {
    kind: "block",
    span,
    statements: [
      { kind: "bindPattern", span: declaration.span, pattern, value: value.core },
      binding?.place.kind === "local"
        ? { kind: "local", span, local: binding.place.local }
        : { kind: "const", span, value: { kind: "Unit" } },
    ],
  };
  c.place.scope.leave(mark);
}
