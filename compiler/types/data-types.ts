/** Written types become checker types here, and declared types their constructors' field types and runtime shapes. */
import type { TypeExpr, TypeParam } from "../../grammar/ast.ts";
import type { DataType } from "../../vm/bytecode/unit.ts";
import { conflictProblem, pathText } from "../names/lookup.ts";
import {
  arityOf,
  type ConstructorEntity,
  fieldNamesOf,
  type Module,
  qualified,
  type TypeEntity,
} from "../names/module.ts";
import type { Checker } from "./checker.ts";
import { BUILTIN_TRAITS, type TraitName } from "./predicates.ts";
import {
  BUILTIN_TYPES,
  type DataTypeUse,
  DYNAMIC,
  dataType,
  ERROR,
  functionType,
  GENERIC,
  listOf,
  newVar,
  Pid,
  prune,
  structType,
  type Type,
  type TypeVar,
  tupleType,
  Unit,
} from "./type.ts";

/** Type variables that annotations of one definition share, by name. */
export type TypeScope = Map<string, Type>;

const MAX_ALIAS_DEPTH = 100;

/**
 * The type that an annotation means. A single letter that no type is named by is a type variable: the one in `scope`, or
 * a new one of `level`.
 */
export function convertType(
  c: Checker,
  module: Module,
  expr: TypeExpr,
  scope: TypeScope,
  level: number,
  depth = 0,
): Type {
  const inner = (e: TypeExpr): Type => convertType(c, module, e, scope, level, depth);
  switch (expr.kind) {
    case "unit":
      return Unit;
    case "list":
      return listOf(inner(expr.element));
    case "tuple":
      return tupleType(expr.elements.map(inner));
    case "function":
      return functionType(expr.params.map(inner), inner(expr.result));
    case "struct":
      return structType(new Map(expr.fields.map((field): [string, Type] => [field.name.name, inner(field.type)])));
    case "name": {
      const name = expr.name.name.name;
      if (expr.name.path.length === 0) {
        const known = scope.get(name);
        if (known !== undefined) return known;
      }
      const entity = findType(
        c,
        module,
        expr,
        /^[A-Za-z]$/.test(name) || (/^[a-z]/.test(name) && !BUILTIN_TYPES.has(name)),
      );
      if (entity === "variable") {
        const variable = newVar(level, name);
        scope.set(name, variable);
        return variable;
      }
      const args = expr.args.map(inner);
      if (entity === undefined) return ERROR;
      if (args.length !== entity.arity && args.length > 0) {
        c.report({
          code: "arity",
          span: expr.span,
          name,
          expected: [entity.arity],
          found: args.length,
          ...(entity.span === undefined ? {} : { declared: entity.span }),
        });
        return ERROR;
      }
      if (entity === Pid.entity && args.length === 0) return Pid;
      while (args.length < entity.arity) args.push(newVar(level));
      return useType(c, entity, args, expr, depth);
    }
  }
}

function findType(
  c: Checker,
  module: Module,
  expr: Extract<TypeExpr, { readonly kind: "name" }>,
  mayBeVariable: boolean,
): TypeEntity | "variable" | undefined {
  const name = expr.name.name.name;
  if (expr.name.path.length > 0) {
    const { module: found, notImported } = c.names.lookupModule(
      module,
      expr.name.path.map((part) => part.name),
    );
    if (notImported !== undefined) {
      c.report({ code: "not-imported", span: expr.span, module: notImported.path });
      return undefined;
    }
    const type = found?.types.get(name);
    if (type === undefined) {
      c.report(
        found === undefined
          ? { code: "unknown-module", span: expr.span, name: pathText(expr.name.path) }
          : { code: "unknown-type", span: expr.span, name: qualified(found, name), nearby: [] },
      );
      return undefined;
    }
    if (!type.isPublic && !c.names.isInside(module, found as Module)) {
      c.report({
        code: "private",
        span: expr.span,
        what: "type",
        name,
        module: (found as Module).path,
        ...(type.span === undefined ? {} : { declared: type.span }),
      });
      return undefined;
    }
    return type;
  }
  const { found, hidden, conflict } = c.names.lookupType(module, name);
  if (found !== undefined) {
    if (conflict !== undefined) c.report(conflictProblem(expr.span, name, conflict));
    return found;
  }
  if (mayBeVariable && expr.args.length === 0) return "variable";
  if (hidden !== undefined)
    c.report({
      code: "private",
      span: expr.span,
      what: "type",
      name,
      module: hidden.module?.path ?? "",
      ...(hidden.span === undefined ? {} : { declared: hidden.span }),
    });
  else c.report({ code: "unknown-type", span: expr.span, name, nearby: c.names.similarTypes(module, name) });
  return undefined;
}

/** An alias is what it stands for; every other type is itself. */
function useType(c: Checker, entity: TypeEntity, args: readonly Type[], expr: TypeExpr, depth: number): Type {
  const body = entity.declaration?.body;
  if (body === undefined || body.kind !== "alias" || entity.constructors.length > 0) return dataType(entity, args);
  if (depth > MAX_ALIAS_DEPTH) {
    c.report({ code: "misplaced", span: expr.span, message: `type \`${entity.name}\` is an alias of itself` });
    return ERROR;
  }
  const inner: TypeScope = new Map();
  entity.declaration?.typeParams.forEach((param, i) => {
    inner.set(param.name.name, args[i] as Type);
  });
  return convertType(c, entity.module as Module, body.type, inner, GENERIC, depth + 1);
}

// ───────────────────────────── constructors ─────────────────────────────

export interface ConstructorInfo {
  /** generic, in declaration order */
  readonly params: readonly TypeVar[];
  readonly fieldTypes: readonly Type[];
  readonly fieldNames: readonly string[] | undefined;
  readonly result: DataTypeUse;
  readonly shape: DataType;
}

const infos = new WeakMap<Checker, Map<ConstructorEntity, ConstructorInfo>>();

export function constructorInfo(c: Checker, ctor: ConstructorEntity): ConstructorInfo {
  let known = infos.get(c);
  if (known === undefined) infos.set(c, (known = new Map()));
  let info = known.get(ctor);
  if (info === undefined) {
    const entity = ctor.type;
    const module = entity.module as Module;
    const scope: TypeScope = new Map();
    const params = (entity.declaration?.typeParams ?? []).map((param) => {
      const variable = newVar(GENERIC, param.name.name);
      scope.set(param.name.name, variable);
      return variable;
    });
    const fieldNames = fieldNamesOf(ctor);
    const exprs =
      ctor.fields.kind === "named"
        ? ctor.fields.fields.map((f) => f.type)
        : ctor.fields.kind === "positional"
          ? ctor.fields.types
          : [];
    info = {
      params,
      fieldTypes: [],
      fieldNames,
      result: dataType(entity, params),
      shape: {
        sort: ctor.isRecord ? "record" : "variant",
        module: module.path,
        type: entity.name,
        name: ctor.name,
        arity: arityOf(ctor),
        ...(fieldNames === undefined ? {} : { fieldNames }),
        tag: ctor.tag,
        isMutable: entity.declaration?.isMutable ?? false,
      },
    };
    c.constructorOf.set(info.shape, ctor);
    known.set(ctor, info); // before its fields: types may be recursive
    for (const expr of exprs) (info.fieldTypes as Type[]).push(convertType(c, module, expr, scope, GENERIC));
  }
  return info;
}

/** The one constructor whose fields can be read by name from any value of the type. */
export function fieldsConstructor(entity: TypeEntity): ConstructorEntity | undefined {
  const [only, second] = entity.constructors;
  return only !== undefined && second === undefined && only.fields.kind === "named" ? only : undefined;
}

/** Types of the named fields of a record type; undefined when it has none. */
export function fieldTypesOf(c: Checker, type: DataTypeUse): ReadonlyMap<string, Type> | undefined {
  const ctor = fieldsConstructor(type.entity);
  if (ctor === undefined) return undefined;
  const info = constructorInfo(c, ctor);
  const given = new Map<Type, Type>(
    info.params.map((param, i): [Type, Type] => [param, prune(type.args[i] ?? DYNAMIC)]),
  );
  const map = c.substitution(given);
  return new Map(
    (info.fieldNames as readonly string[]).map((name, i): [string, Type] => [name, map(info.fieldTypes[i] as Type)]),
  );
}

/** Declared type parameters as variables, with the traits their bounds ask for. */
export function declareTypeParams(
  c: Checker,
  typeParams: readonly TypeParam[],
  scope: TypeScope,
  level: number,
): { readonly params: TypeVar[]; readonly bounds: { readonly type: Type; readonly trait: TraitName | "Concat" }[] } {
  const params: TypeVar[] = [];
  const bounds: { type: Type; trait: TraitName | "Concat" }[] = [];
  for (const param of typeParams) {
    const variable = newVar(level, param.name.name);
    scope.set(param.name.name, variable);
    params.push(variable);
    for (const bound of param.bounds) {
      const name = bound.name.name;
      if (BUILTIN_TRAITS.has(name)) {
        if (name !== "Copy") bounds.push({ type: variable, trait: name as TraitName | "Concat" });
      } else if (!c.traitNames.has(name)) c.report({ code: "unknown-trait", span: bound.span, name });
    }
  }
  return { params, bounds };
}
