/**
 * The constructors, records and structural shapes of running programs: one object each.
 *
 * The trick: a type is interned by everything it says, so two units, or two workers, that declare the same constructor
 * share one object and a pattern test is one `===`. Structural records keep the order of their source, because that is how
 * they are shown; all orders of one field set share a `shape`, because that is how they compare.
 *
 * D1  Two interned types are the same object exactly if all their properties are equal.
 * D2  `sorted` lists the positions of the fields by ascending field name; it is how two orders of one shape line up.
 */
import type { DataType } from "../bytecode/unit.ts";
import { hashText } from "./text.ts";
import { Data } from "./value.ts";

export interface InternedType extends Omit<DataType, "sort"> {
  /** "tuple": of all tuples of one size (tupleType in data.ts) */
  readonly sort: DataType["sort"] | "tuple";
  /** field name → position; empty for positional fields */
  readonly positions: ReadonlyMap<string, number>;
  /** same for all constructors of one type; structs: for one field set */
  readonly family: object;
  /** structs: the first interned order of this field set; else the type itself */
  readonly shape: InternedType;
  /** D2 */
  readonly sorted: readonly number[];
  /** says the shape alone and in every run the same: what hashing and canonical order use */
  readonly key: string;
  /** of `key` */
  readonly hash: number;
  /** the one value of a constructor without fields (data.ts, R2) */
  readonly only: Data | undefined;
}

const interned = new Map<string, InternedType>();
const families = new Map<string, object>();
const shapes = new Map<string, InternedType>();

/** The one object for this type. */
export function internType(type: DataType): InternedType {
  const names = type.fieldNames;
  const exact = JSON.stringify([
    type.sort,
    type.module,
    type.type,
    type.name,
    type.arity,
    type.tag,
    type.isMutable,
    names ?? null,
  ]);
  const known = interned.get(exact);
  if (known !== undefined) return known;

  const sorted = Array.from({ length: type.arity }, (_, position) => position);
  if (names !== undefined) sorted.sort((a, b) => compareText(names[a] ?? "", names[b] ?? ""));
  const isStruct = type.sort === "struct";
  const key = isStruct
    ? JSON.stringify(sorted.map((position) => names?.[position]))
    : JSON.stringify([type.module, type.type, type.name]);
  const shape = isStruct ? shapes.get(key) : undefined;
  const made = {
    sort: type.sort,
    module: type.module,
    type: type.type,
    name: type.name,
    arity: type.arity,
    ...(names === undefined ? {} : { fieldNames: [...names] }),
    tag: type.tag,
    isMutable: type.isMutable,
    positions: new Map((names ?? []).map((name, position) => [name, position])),
    family: familyOf(isStruct ? key : JSON.stringify([type.module, type.type, 0])),
    sorted,
    key,
    hash: hashText(key),
    shape: shape as InternedType,
    only: undefined as Data | undefined,
  };
  if (shape === undefined) made.shape = made;
  if (type.arity === 0 && !type.isMutable) made.only = new Data(made, undefined, undefined);
  if (isStruct && shape === undefined) shapes.set(key, made);
  interned.set(exact, made);
  return made;
}

/** The shape of a structural record with these fields, in this order. */
export function structType(fieldNames: readonly string[]): InternedType {
  return internType({
    sort: "struct",
    module: "",
    type: "",
    name: "",
    arity: fieldNames.length,
    fieldNames,
    tag: 0,
    isMutable: false,
  });
}

/** Whether both are made by the same constructor, or have the same structural fields. */
export function isSameConstructor(a: InternedType, b: InternedType): boolean {
  return a.shape === b.shape;
}

function familyOf(key: string): object {
  let family = families.get(key);
  if (family === undefined) {
    family = { key };
    families.set(key, family);
  }
  return family;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// The prelude's own two, as stdlib/core.nos declares them.

export const PRELUDE_MODULE = "stdlib.core";

function preludeConstructor(
  type: string,
  name: string,
  arity: number,
  tag: number,
  module = PRELUDE_MODULE,
): InternedType {
  return internType({ sort: "variant", module, type, name, arity, tag, isMutable: false });
}

export const SOME = preludeConstructor("Option", "Some", 1, 0);
export const NONE = preludeConstructor("Option", "None", 0, 1);
export const OK = preludeConstructor("Result", "Ok", 1, 0);
export const ERR = preludeConstructor("Result", "Err", 1, 1);

export const NONE_VALUE = NONE.only as Data;

// Of failure, as stdlib/process.nos declares them.

function ofProcesses(type: string, name: string, arity: number, tag: number): InternedType {
  return preludeConstructor(type, name, arity, tag, "stdlib.process");
}

export const NORMAL = ofProcesses("ExitReason", "Normal", 0, 0).only as Data;
export const SHUTDOWN = ofProcesses("ExitReason", "Shutdown", 0, 1).only as Data;
export const KILLED = ofProcesses("ExitReason", "Killed", 0, 2).only as Data;
export const NO_PROCESS = ofProcesses("ExitReason", "NoProcess", 0, 3).only as Data;
export const FAILED = ofProcesses("ExitReason", "Error", 1, 4);
/** A message: ref, pid, reason. */
export const DOWN = ofProcesses("Down", "Down", 3, 0);
/** A message: pid, reason. */
export const EXIT = ofProcesses("Exit", "Exit", 2, 0);
/** What `exit(reason)` throws. No program can name it, and CATCH lets it pass. */
export const EXIT_REQUEST = preludeConstructor("exit", "exit", 1, 0, "");
