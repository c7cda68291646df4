/**
 * Types as the checker sees them, and the builtin ones.
 *
 * The trick: a type variable is an object that is bound by setting its `link`, and its level says which enclosing
 * function it belongs to (Rémy 1992, as in OCaml), so generalising looks at no environment.
 * Stays true: `ground` types hold no variable that was unbound when they were made, so nobody walks them again; a type
 * variable whose level is GENERIC belongs to a scheme and is never bound.
 */
import type { TypeEntity } from "../names/module.ts";
import type { Predicate } from "./predicates.ts";

export type Type = TypeVar | DataTypeUse | FunctionType | TupleType | StructType | DynamicType | ErrorType;

export interface TypeVar {
  readonly kind: "var";
  readonly id: number;
  level: number;
  link: Type | undefined;
  /** what must hold of it; looked at again when it is bound */
  waiting: Predicate[] | undefined;
  /** as the user wrote it, for messages */
  readonly name: string | undefined;
}

/** A builtin or declared type with its arguments. */
export interface DataTypeUse {
  readonly kind: "data";
  readonly entity: TypeEntity;
  readonly args: readonly Type[];
  readonly ground: boolean;
}

export interface FunctionType {
  readonly kind: "function";
  readonly params: readonly Type[];
  readonly result: Type;
  readonly ground: boolean;
}

export interface TupleType {
  readonly kind: "tuple";
  readonly items: readonly Type[];
  readonly ground: boolean;
}

/** `{f: T}`: a value with these fields, and perhaps more. */
export interface StructType {
  readonly kind: "struct";
  readonly fields: ReadonlyMap<string, Type>;
  readonly ground: boolean;
}

/** What has no static type: received messages, caught exceptions. Goes with everything. */
export interface DynamicType {
  readonly kind: "dynamic";
  readonly ground: true;
}

/** The type of something wrong that has been reported. Goes with everything, silently. */
export interface ErrorType {
  readonly kind: "error";
  readonly ground: true;
}

export const DYNAMIC: DynamicType = { kind: "dynamic", ground: true };
export const ERROR: ErrorType = { kind: "error", ground: true };

/** The level of variables that belong to a scheme. */
export const GENERIC = 0x3fffffff;

let nextVar = 0;

export function newVar(level: number, name?: string): TypeVar {
  return { kind: "var", id: nextVar++, level, link: undefined, waiting: undefined, name };
}

/** Follows links, shortening them on the way. */
export function prune(type: Type): Type {
  if (type.kind !== "var" || type.link === undefined) return type;
  let end: Type = type;
  while (end.kind === "var" && end.link !== undefined) end = end.link;
  let at: Type = type;
  while (at.kind === "var" && at.link !== undefined && at.link !== end) {
    const next: Type = at.link;
    at.link = end;
    at = next;
  }
  return end;
}

function isGround(type: Type): boolean {
  const t = prune(type);
  return t.kind !== "var" && t.ground;
}

const withoutArguments = new WeakMap<TypeEntity, DataTypeUse>();

/** A type without arguments is one object, so that identity is equality for it. */
export function dataType(entity: TypeEntity, args: readonly Type[]): DataTypeUse {
  if (args.length === 0) {
    let type = withoutArguments.get(entity);
    if (type === undefined) {
      type = { kind: "data", entity, args, ground: true };
      withoutArguments.set(entity, type);
    }
    return type;
  }
  return { kind: "data", entity, args, ground: args.every(isGround) };
}

export function functionType(params: readonly Type[], result: Type): FunctionType {
  return { kind: "function", params, result, ground: isGround(result) && params.every(isGround) };
}

export function tupleType(items: readonly Type[]): TupleType {
  return { kind: "tuple", items, ground: items.every(isGround) };
}

export function structType(fields: ReadonlyMap<string, Type>): StructType {
  let ground = true;
  for (const type of fields.values()) ground &&= isGround(type);
  return { kind: "struct", fields, ground };
}

// ───────────────────────────── builtin types ─────────────────────────────

function builtin(name: string, arity = 0): TypeEntity {
  return { kind: "type", name, isPublic: true, arity, constructors: [] };
}

const INT = builtin("Int");
const FLOAT = builtin("Float");
const STRING = builtin("String");
const BOOL = builtin("Bool");
const LIST = builtin("List", 1);
const MAP = builtin("Map", 2);
const SET = builtin("Set", 1);
const PID = builtin("Pid", 1);

const OTHERS =
  "Int8 Int16 Int32 UInt8 UInt16 UInt32 UInt64 BigInt Float32 Decimal Char Ref Int64Array Float64Array Float32Array Int64List Buffer"
    .split(" ")
    .map((name) => builtin(name));

const UNIT_ENTITY = builtin("()");

/** What a type name means when no declaration takes it. */
export const BUILTIN_TYPES: ReadonlyMap<string, TypeEntity> = new Map([
  ...[INT, FLOAT, STRING, BOOL, LIST, MAP, SET, PID, ...OTHERS].map((entity): [string, TypeEntity] => [
    entity.name,
    entity,
  ]),
  ["Int64", INT],
  ["Float64", FLOAT],
  ["Unit", UNIT_ENTITY],
  ["int", INT],
  ["float", FLOAT],
  ["string", STRING],
  ["bool", BOOL],
]);

export const Int = dataType(INT, []);
export const Float = dataType(FLOAT, []);
export const Text = dataType(STRING, []);
export const Bool = dataType(BOOL, []);
export const Unit = dataType(UNIT_ENTITY, []);
export const Char = dataType(BUILTIN_TYPES.get("Char") as TypeEntity, []);
/** `Pid` without an argument: nothing is known of the messages it takes. */
export const Pid = dataType(PID, [DYNAMIC]);
export const Ref = dataType(BUILTIN_TYPES.get("Ref") as TypeEntity, []);
export const BigInteger = dataType(BUILTIN_TYPES.get("BigInt") as TypeEntity, []);

/** A process that takes messages of this type; a variable where predicates say which process it is. */
export function pidOf(message: Type): DataTypeUse {
  return dataType(PID, [message]);
}
export function listOf(element: Type): DataTypeUse {
  return dataType(LIST, [element]);
}
export function mapOf(key: Type, value: Type): DataTypeUse {
  return dataType(MAP, [key, value]);
}
export function setOf(element: Type): DataTypeUse {
  return dataType(SET, [element]);
}
export function builtinType(name: string): DataTypeUse {
  return dataType(BUILTIN_TYPES.get(name) as TypeEntity, []);
}

export function isList(type: Type): type is DataTypeUse & { readonly entity: { readonly name: "List" } } {
  return type.kind === "data" && type.entity === LIST;
}
export function isMap(type: Type): type is DataTypeUse & { readonly entity: { readonly name: "Map" } } {
  return type.kind === "data" && type.entity === MAP;
}
export function isSet(type: Type): type is DataTypeUse & { readonly entity: { readonly name: "Set" } } {
  return type.kind === "data" && type.entity === SET;
}
export function isPid(type: Type): type is DataTypeUse & { readonly entity: { readonly name: "Pid" } } {
  return type.kind === "data" && type.entity === PID;
}
export function isText(type: Type): boolean {
  return type.kind === "data" && type.entity === STRING;
}
export function isInt(type: Type): boolean {
  return type.kind === "data" && type.entity === INT;
}
export function isFloat(type: Type): boolean {
  return type.kind === "data" && type.entity === FLOAT;
}
export function isBool(type: Type): boolean {
  return type.kind === "data" && type.entity === BOOL;
}
export function isUnit(type: Type): boolean {
  return type.kind === "data" && type.entity === UNIT_ENTITY;
}

const NUMERIC = new Set("Int Float Int8 Int16 Int32 UInt8 UInt16 UInt32 UInt64 BigInt Float32 Decimal".split(" "));

export function isNumeric(type: Type): boolean {
  return type.kind === "data" && type.entity.module === undefined && NUMERIC.has(type.entity.name);
}

/** Untyped or wrong: nothing can be demanded of it. */
export function isLoose(type: Type): boolean {
  return type.kind === "dynamic" || type.kind === "error";
}

/** The same kind of type with other parts, in the order of `partsOf`. */
export function withParts(type: Type, parts: readonly Type[]): Type {
  switch (type.kind) {
    case "data":
      return dataType(type.entity, parts);
    case "function":
      return functionType(parts.slice(0, -1), parts[parts.length - 1] as Type);
    case "tuple":
      return tupleType(parts);
    case "struct":
      return structType(new Map([...type.fields.keys()].map((name, i): [string, Type] => [name, parts[i] as Type])));
    default:
      return type;
  }
}

/** The types directly inside a type. */
export function partsOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case "data":
      return type.args;
    case "function":
      return [...type.params, type.result];
    case "tuple":
      return type.items;
    case "struct":
      return [...type.fields.values()];
    default:
      return [];
  }
}
