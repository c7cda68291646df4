/**
 * The JavaScript form of every kind of value; docs/decisions/0003-values.md has the table (equality, hash, order, show, wire).
 *
 * The trick: Int and Float are both plain numbers where they can be told apart. An Int is a safe integer (never -0),
 * beyond that a bigint within 64 bits; a Float is a number that is not an integer (NaN and the infinities too), else an
 * instance of `Float`. So `typeof v` and one integer test say the kind, and most arithmetic allocates nothing.
 * Stays true: a raw bigint is always an Int outside the safe range; `undefined` means "slot not set" and is no value.
 *
 * D1  Nothing but Data has a property `type`, so compiled code asks any value for it instead of asking whether it is Data:
 *     V8 finds a property by the object's shape, and `instanceof` by a walk over prototypes.
 */
import type { SizedKind } from "../bytecode/unit.ts";
import type { InternedType } from "./data-types.ts";

// biome-ignore format: a table
export type Value =
  | number | bigint | string | boolean | Float | Float32 | Sized | BigIntValue | Decimal | Char | Unit | List | Data | MapValue | SetValue
  | Closure | Pid | Ref | Cell | TypedArray | IntList | Buffer | Reactive
  | Null | Bytes | TinyObject | TinyException | Handle;

/** A Float whose value is an integer, -0 included: 3.0. Every other Float is a raw number. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Float32 {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Int8 … UInt64; `value` is within the kind's range. */
export class Sized {
  readonly kind: SizedKind;
  readonly value: bigint;
  constructor(kind: SizedKind, value: bigint) {
    this.kind = kind;
    this.value = value;
  }
}

export class BigIntValue {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** coefficient × 10^-scale, trailing zeros removed, so equal values have one form. */
export class Decimal {
  readonly coefficient: bigint;
  readonly scale: number;
  constructor(coefficient: bigint, scale: number) {
    this.coefficient = coefficient;
    this.scale = scale;
  }
}

/** One code point. */
export class Char {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The first Chars, made once: most texts hold no others. */
const FIRST_CHARS = Array.from({ length: 0x180 }, (_, code) => new Char(String.fromCharCode(code)));

/** The Char of a text of one code point. */
export function makeChar(text: string): Char {
  return FIRST_CHARS[text.charCodeAt(0)] ?? new Char(text);
}

/** The Char that starts at a unit of a text. */
export function charAt(text: string, unit: number): Char {
  const code = text.charCodeAt(unit);
  return FIRST_CHARS[code] ?? new Char((code & 0xfc00) === 0xd800 ? text.slice(unit, unit + 2) : text.charAt(unit));
}

export class Unit {
  readonly unit = true;
}
export const UNIT = new Unit();

/** A list cell, or the one NIL. Tails are written once, by the builder. */
export type List = Cons | Nil;

export class Cons {
  readonly head: Value;
  /** assigned once more only while a list is built front to back, before anybody else sees the cell */
  tail: List;
  constructor(head: Value, tail: List) {
    this.head = head;
    this.tail = tail;
  }
}

export class Nil {
  readonly nil = true;
}
export const NIL = new Nil();

/**
 * Tuple, variant, record or structural record; this class has room for two fields, the next ones for more. data.ts alone decides
 * which it is (R1 there) and reads fields by position. Of a `var type`, fields may be written in place.
 */
export class Data {
  /** from internType: nominal types are equal when ===, structural ones when their `shape` is (data-types.ts) */
  readonly type: InternedType;
  a: Value | undefined;
  b: Value | undefined;
  constructor(type: InternedType, a: Value | undefined, b: Value | undefined) {
    this.type = type;
    this.a = a;
    this.b = b;
  }
}

/*
 * The larger ones set all their fields themselves: V8 does not write three constructors into a place that makes such a
 * value as readily as one. They are Data by their prototypes.
 */

export class Data4 {
  readonly type: InternedType;
  a: Value | undefined;
  b: Value | undefined;
  c: Value | undefined;
  d: Value | undefined;
  // biome-ignore format: a table
  constructor(type: InternedType, a: Value | undefined, b: Value | undefined, c: Value | undefined, d: Value | undefined) {
    this.type = type;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }
}

export class Data8 {
  readonly type: InternedType;
  a: Value | undefined;
  b: Value | undefined;
  c: Value | undefined;
  d: Value | undefined;
  e: Value | undefined;
  f: Value | undefined;
  g: Value | undefined;
  h: Value | undefined;
  // biome-ignore format: a table
  constructor(
    type: InternedType, a: Value | undefined, b: Value | undefined, c: Value | undefined, d: Value | undefined,
    e: Value | undefined, f: Value | undefined, g: Value | undefined, h: Value | undefined,
  ) {
    this.type = type;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.e = e;
    this.f = f;
    this.g = g;
    this.h = h;
  }
}

export class DataMany extends Data8 {
  readonly rest: Value[];
  // biome-ignore format: a table
  constructor(
    type: InternedType, a: Value | undefined, b: Value | undefined, c: Value | undefined, d: Value | undefined,
    e: Value | undefined, f: Value | undefined, g: Value | undefined, h: Value | undefined, rest: Value[],
  ) {
    super(type, a, b, c, d, e, f, g, h);
    this.rest = rest;
  }
}

for (const larger of [Data4, Data8]) Object.setPrototypeOf(larger.prototype, Data.prototype);

/** Persistent map; `root` belongs to champ.ts. */
export class MapValue {
  readonly root: unknown;
  readonly size: number;
  constructor(root: unknown, size: number) {
    this.root = root;
    this.size = size;
  }
}

export class SetValue {
  readonly root: unknown;
  readonly size: number;
  constructor(root: unknown, size: number) {
    this.root = root;
    this.size = size;
  }
}

/** A function value: a named function (no captures) or a closure. `functionIndex` is into the program's function table. */
export class Closure {
  readonly functionIndex: number;
  readonly arity: number;
  /** as shown: the function's name, or "" for a lambda */
  readonly name: string;
  /** PATCH_CAPTURE alone writes, before anybody else sees the closure */
  readonly captures: Value[];
  constructor(functionIndex: number, arity: number, name: string, captures: Value[]) {
    this.functionIndex = functionIndex;
    this.arity = arity;
    this.name = name;
    this.captures = captures;
  }
}

/** A Function or a Closure of TinyTotVM: where its code begins, and with which variables a call of it does. */
export class TinyClosure extends Closure {
  /** the number of its first instruction, as it is shown */
  readonly address: number;
  readonly params: readonly string[];
  /** null: a Function, which has captured nothing */
  readonly captured: ReadonlyMap<string, Value> | null;
  constructor(
    functionIndex: number,
    address: number,
    params: readonly string[],
    captured: ReadonlyMap<string, Value> | null,
  ) {
    super(functionIndex, params.length, "", captured === null ? [] : Array.from(captured.values()));
    this.address = address;
    this.params = params;
    this.captured = captured;
  }
}

export class Pid {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

/** What `makeRef()` and monitors give: unique in a run. */
export class Ref {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

/** A `var` that a closure captures. Never seen by programs; copied with what holds it when that is sent. */
export class Cell {
  value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/**
 * A list in the making, front to back, in a variable of the function that makes it: LIST_BEGIN and its like. As a cell that
 * is not set it is nothing that bytecode could look into, so nobody sees the list before it is whole.
 */
export class OpenList extends Cell {
  private first: List = NIL;
  private last: Cons | undefined;

  constructor() {
    super(undefined);
    this.last = undefined;
  }

  get isEmpty(): boolean {
    return this.last === undefined;
  }

  add(value: Value): void {
    const cell = new Cons(value, NIL);
    if (this.last === undefined) this.first = cell;
    else this.last.tail = cell;
    this.last = cell;
  }

  /** What was added so far. */
  items(): Value[] {
    const items: Value[] = [];
    for (let cell = this.first; cell instanceof Cons; cell = cell.tail) items.push(cell.head);
    return items;
  }

  /** What was added, followed by `tail`. It is empty afterwards, so that no cell changes that somebody has seen. */
  close(tail: List): List {
    const { first, last } = this;
    if (last === undefined) return tail;
    last.tail = tail;
    this.first = NIL;
    this.last = undefined;
    return first;
  }
}

export class TypedArray {
  readonly kind: "Int64Array" | "Float64Array" | "Float32Array";
  readonly items: BigInt64Array | Float64Array | Float32Array;
  /** the same memory as 32-bit halves: an Int is read and written through them without becoming a BigInt; null of Floats */
  readonly halves: Int32Array | null;
  constructor(kind: TypedArray["kind"], items: BigInt64Array | Float64Array | Float32Array) {
    this.kind = kind;
    this.items = items;
    this.halves = kind === "Int64Array" ? new Int32Array(items.buffer, items.byteOffset, 2 * items.length) : null;
  }
}

/** Int64List: immutable packed Ints. */
export class IntList {
  readonly items: BigInt64Array;
  constructor(items: BigInt64Array) {
    this.items = items;
  }
}

/** Mutable text builder. */
export class Buffer {
  text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A reactive record: lives in one worker, never copied. Its functions come with a later version; its row in the table is here. */
export class Reactive {
  readonly id: number;
  readonly declared: InternedType; // not `type`: D1
  readonly fields: Value[];
  constructor(id: number, declared: InternedType, fields: Value[]) {
    this.id = id;
    this.declared = declared;
    this.fields = fields;
  }
}

// TinyTotVM's own kinds (its Int, Float, Str, Bool, List and functions are the ones above)

export class Null {
  readonly null = true;
}
export const NULL = new Null();

export class Bytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** An Object: fields by name, updated by copy. */
export class TinyObject {
  readonly fields: ReadonlyMap<string, Value>;
  constructor(fields: ReadonlyMap<string, Value>) {
    this.fields = fields;
  }
}

export class TinyException {
  readonly message: string;
  readonly trace: readonly string[];
  constructor(message: string, trace: readonly string[]) {
    this.message = message;
    this.trace = trace;
  }
}

/** What a Handle stands for, held open outside of the machine. */
export interface Resource {
  /** lets go of it; what waits for it fails */
  close(): void;
}

/** A connection, a stream or a future of TinyTotVM: a name for people, and what it stands for. */
export class Handle {
  readonly kind: "Connection" | "Stream" | "Future";
  readonly id: string;
  readonly resource: Resource | null;
  constructor(kind: Handle["kind"], id: string, resource: Resource | null = null) {
    this.kind = kind;
    this.id = id;
    this.resource = resource;
  }
}
