/**
 * Which kind a value is. The order of the tests is the order of how often programs ask.
 */
import { VALUE_KINDS, type ValueKind } from "../bytecode/opcodes.ts";
import type { Value } from "./value.ts";
import {
  BigIntValue,
  Buffer,
  Bytes,
  Cell,
  Char,
  Closure,
  Cons,
  Data,
  Decimal,
  Float,
  Float32,
  Handle,
  IntList,
  MapValue,
  Nil,
  Null,
  Pid,
  Reactive,
  Ref,
  SetValue,
  Sized,
  TinyException,
  TinyObject,
  TypedArray,
  Unit,
} from "./value.ts";

/** What programs can tell apart, and what only the machine or TinyTotVM programs know. */
export type KindName =
  | ValueKind
  | "Cell"
  | "Reactive"
  | "Null"
  | "Object"
  | "Bytes"
  | "Exception"
  | "Connection"
  | "Stream"
  | "Future";

/** Variants and nominal records are "Record", structural ones "Struct". */
export function kindOf(value: Value): KindName {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? "Int" : "Float";
    case "bigint":
      return "Int";
    case "string":
      return "String";
    case "boolean":
      return "Bool";
  }
  if (value instanceof Cons || value instanceof Nil) return "List";
  if (value instanceof Data) return DATA_KINDS[value.type.sort];
  if (value instanceof Closure) return "Function";
  if (value instanceof Pid) return "Pid";
  if (value instanceof Float) return "Float";
  if (value instanceof MapValue) return "Map";
  if (value instanceof SetValue) return "Set";
  if (value instanceof Unit) return "Unit";
  if (value instanceof Char) return "Char";
  if (value instanceof Sized) return value.kind;
  if (value instanceof BigIntValue) return "BigInt";
  if (value instanceof Decimal) return "Decimal";
  if (value instanceof Float32) return "Float32";
  if (value instanceof TypedArray) return value.kind;
  if (value instanceof IntList) return "Int64List";
  if (value instanceof Buffer) return "Buffer";
  if (value instanceof Ref) return "Ref";
  if (value instanceof Reactive) return "Reactive";
  if (value instanceof Cell) return "Cell";
  if (value instanceof Null) return "Null";
  if (value instanceof TinyObject) return "Object";
  if (value instanceof Bytes) return "Bytes";
  if (value instanceof TinyException) return "Exception";
  if (value instanceof Handle) return value.kind;
  return assertNever(value);
}

const DATA_KINDS = { tuple: "Tuple", variant: "Record", record: "Record", struct: "Struct" } as const;

/** IS_KIND: whether the value is of the kind with this index in VALUE_KINDS. */
export function isKind(value: Value, kindIndex: number): boolean {
  return kindOf(value) === VALUE_KINDS[kindIndex];
}

/** The kind as messages say it: the type's own name for records and variants. */
export function typeName(value: Value): string {
  if (value instanceof Data) return value.type.sort === "struct" ? "Record" : value.type.type;
  return value instanceof Reactive ? value.declared.type : kindOf(value);
}

export function isInt(value: Value): value is number | bigint {
  return typeof value === "number" ? Number.isInteger(value) : typeof value === "bigint";
}

/** A Float as a value: boxed if it could be taken for an Int. */
export function makeFloat(value: number): Value {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** Of a value that is a Float. */
export function floatValue(value: number | Float): number {
  return typeof value === "number" ? value : value.value;
}

export function assertNever(value: never): never {
  throw new Error(`no such value: ${String(value)}`);
}
