/**
 * Values as bytes for another scheduler of the same program.
 *
 * The trick: every kind that holds others is a row of parts behind a header, so one loop over rows, and a stack of rows
 * that wait, writes them all; a row's last part needs no place on the stack, so neither length nor depth costs any.
 * A message of a few simple parts makes no object here at all.
 *
 * Stays true: W1, W2 of wire.ts, R1, R2 of sharing.ts; a refused value leaves the writer as it was.
 */
import type { DataType } from "../bytecode/unit.ts";
import type { Program } from "../interp/program.ts";
import { InvariantBroken } from "../process/invariant.ts";
import { fieldAt } from "../values/data.ts";
import type { InternedType } from "../values/data-types.ts";
import { typeName } from "../values/kind.ts";
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
  type Handle,
  IntList,
  type List,
  MapValue,
  Nil,
  Null,
  OpenList,
  Pid,
  Reactive,
  Ref,
  SetValue,
  Sized,
  TinyException,
  TinyObject,
  TypedArray,
  Unit,
  type Value,
} from "../values/value.ts";
import { FREE, NEW, NEW_MARKED, Sharing } from "./sharing.ts";
import { typeIndexes } from "./type-indexes.ts";
import { MARKED, SIZED_KINDS, SORTS, WIRE } from "./wire.ts";
import { MessageTooLong, type Writer } from "./writer.ts";

/** Why a value cannot travel. */
export type Refusal =
  /** it lives with one worker; `name` is the type's */
  | { readonly reason: "stays"; readonly kind: "Reactive" | Handle["kind"]; readonly name: string }
  | { readonly reason: "too-long" };

/** What both ends share. */
export interface CodecContext {
  readonly program: Program;
}

/** Appends `value`. @returns why it cannot travel; then the writer is as before */
export function encode(writer: Writer, value: Value, context: CodecContext): Refusal | undefined {
  return attempt(writer, value, NONE, undefined, context);
}

/**
 * Appends values that stand in a row, so that what they share is shared by what `decodeRow` reads.
 * @param isExact  what is one object among them is one object there too, also where no program could tell
 * @returns as `encode`
 */
export function encodeRow(
  writer: Writer,
  values: readonly (Value | undefined)[],
  isExact: boolean,
  context: CodecContext,
): Refusal | undefined {
  return values.length === 0
    ? undefined
    : attempt(writer, values[0], values, isExact ? Sharing.ofAll() : undefined, context);
}

function attempt(
  writer: Writer,
  value: Part,
  row: readonly Part[],
  sharing: Sharing | undefined,
  context: CodecContext,
): Refusal | undefined {
  const start = writer.length;
  try {
    const staying = write(writer, value, row, sharing, context.program);
    if (staying === undefined) return undefined;
    writer.length = start;
    return { reason: "stays", kind: staying instanceof Reactive ? "Reactive" : staying.kind, name: typeName(staying) };
  } catch (problem) {
    if (!(problem instanceof MessageTooLong)) throw problem;
    writer.length = start;
    return { reason: "too-long" };
  }
}

/** Of a map or set: what champ.ts makes. All that is to be known of it here is that it is an array. */
type Node = readonly Part[];
type Part = Value | Node | undefined;

/** A row of parts, or a list, that goes on when what is being written now is done. */
class Waiting {
  readonly items: readonly Part[];
  /** the record whose fields are the parts; then `items` says nothing */
  readonly data: Data | null;
  readonly at: number;
  readonly end: number;
  /** the cell whose head is being written */
  readonly cell: Cons | null;
  readonly next: Waiting | null;
  // biome-ignore format: a table
  constructor(items: readonly Part[], data: Data | null, at: number, end: number, cell: Cons | null, next: Waiting | null) {
    this.items = items;
    this.data = data;
    this.at = at;
    this.end = end;
    this.cell = cell;
    this.next = next;
  }
}

const NONE: readonly Part[] = [];
/** A text of this length is remembered, in UTF-16 units. */
const LONG_TEXT = 256;

/**
 * @param row  that `root` is the first of; empty: it stands alone
 * @returns what cannot travel
 */
function write(
  writer: Writer,
  root: Part,
  row: readonly Part[],
  met: Sharing | undefined,
  program: Program,
): Reactive | Handle | undefined {
  let value: Part = root;
  let items = row;
  let data: Data | null = null;
  let at = 1;
  let end = row.length;
  let cell: Cons | null = null;
  let waiting: Waiting | null = null;
  let sharing = met;
  let spelled: InternedType[] | undefined;
  let free = FREE;

  for (;;) {
    if (typeof value === "number") writeNumber(writer, value);
    else if (typeof value === "string") {
      let mark = 0;
      let known = NEW;
      if (value.length >= LONG_TEXT) {
        sharing ??= new Sharing(free);
        known = sharing.meetAlways(value);
        mark = MARKED;
      }
      if (known >= 0) writeBack(writer, WIRE.BACK, known);
      else {
        writer.writeU8(WIRE.STRING | mark);
        writer.writeText(value);
      }
    } else if (typeof value === "object") {
      const code = codeOf(value);
      if (code < 0) return value as Reactive | Handle;
      let mark = 0;
      let known = NEW;
      const sharedAs = SHARED[code];
      if (sharedAs === "always" || (code === WIRE.FUNCTION && (value as Closure).captures.length > 0)) {
        sharing ??= new Sharing(free);
        known = sharing.meetAlways(value);
        mark = MARKED;
      } else if (sharedAs === "sampled") {
        if (sharing === undefined && --free === 0) sharing = new Sharing(free);
        if (sharing !== undefined) {
          known = sharing.meet(value);
          if (known === NEW_MARKED) mark = MARKED;
        }
      }
      if (known >= 0) writeBack(writer, WIRE.BACK, known);
      else {
        writer.writeU8(code | mark);
        let inner = NONE;
        let record: Data | null = null;
        switch (code) {
          case WIRE.TUPLE:
            record = value as Data;
            writer.writeVarUint(record.type.arity);
            break;
          case WIRE.LIST:
            if (cell !== null || at < end) waiting = new Waiting(items, data, at, end, cell, waiting);
            cell = value as Cons;
            value = cell.head;
            continue;
          case WIRE.VARIANT:
          case WIRE.RECORD:
          case WIRE.MUTABLE_RECORD:
          case WIRE.STRUCT: {
            record = value as Data;
            const { type } = record;
            const index = typeIndexes(program).get(type);
            if (index !== undefined) writer.writeVarUint(2 * index);
            else writeSpelled(writer, type, (spelled ??= []));
            break;
          }
          case WIRE.MAP:
          case WIRE.SET:
            writer.writeVarUint((value as MapValue | SetValue).size);
            inner = (value as MapValue | SetValue).root as Node;
            writer.writeVarUint(inner.length);
            break;
          case WIRE.NODE:
            inner = value as Node;
            writer.writeVarUint(inner.length);
            break;
          case WIRE.FUNCTION: {
            const closure = value as Closure;
            if (program.functions[closure.functionIndex] === undefined)
              throw new InvariantBroken("W2", { functionIndex: closure.functionIndex });
            writer.writeVarUint(closure.functionIndex);
            writer.writeVarUint(closure.captures.length);
            inner = closure.captures;
            break;
          }
          case WIRE.CELL:
            inner = [(value as Cell).value];
            break;
          case WIRE.OPEN_LIST:
            inner = (value as OpenList).items();
            writer.writeVarUint(inner.length);
            break;
          case WIRE.OBJECT: {
            const { fields } = value as TinyObject;
            writer.writeVarUint(fields.size);
            for (const name of fields.keys()) writer.writeText(name);
            inner = Array.from(fields.values());
            break;
          }
          default:
            writeLeaf(writer, value as Leaf);
        }
        const count = record === null ? inner.length : record.type.arity;
        if (count > 0) {
          if (cell !== null || at < end) waiting = new Waiting(items, data, at, end, cell, waiting);
          cell = null;
          items = inner;
          data = record;
          at = 0;
          end = count;
        }
      }
    } else if (typeof value === "boolean") writer.writeU8(value ? WIRE.TRUE : WIRE.FALSE);
    else if (typeof value === "bigint") {
      writer.writeU8(WIRE.INT_64);
      writer.writeI64(value);
    } else writer.writeU8(WIRE.UNSET);

    // What comes next: of the row, of the list, or of what waits.
    for (;;) {
      if (cell !== null) {
        const tail: List = cell.tail;
        if (tail instanceof Cons) {
          let known = NEW;
          if (sharing === undefined && --free === 0) sharing = new Sharing(free);
          if (sharing !== undefined) known = sharing.meet(tail);
          if (known < 0) {
            if (known === NEW_MARKED) writer.writeU8(WIRE.MARK);
            cell = tail;
            value = tail.head;
            break;
          }
          writeBack(writer, WIRE.JOIN, known);
        } else writer.writeU8(WIRE.END);
      } else if (at < end) {
        value = data === null ? items[at] : fieldAt(data, at);
        at++;
        break;
      }
      if (waiting === null) return undefined;
      ({ items, data, at, end, cell, next: waiting } = waiting);
    }
  }
}

function writeNumber(writer: Writer, value: number): void {
  if ((value | 0) === value) {
    if (value >= -64 && value < 64) writer.writeU8(value >= 0 ? value + 64 : value & 0xff);
    else {
      writer.writeU8(WIRE.INT);
      writer.writeVarUint(((value << 1) ^ (value >> 31)) >>> 0);
    }
  } else if (Number.isInteger(value)) {
    writer.writeU8(WIRE.INT_64);
    writer.writeI32(value | 0);
    writer.writeI32(Math.floor(value / 2 ** 32));
  } else {
    writer.writeU8(WIRE.FLOAT);
    writer.writeF64(value);
  }
}

function writeBack(writer: Writer, code: number, number: number): void {
  writer.writeU8(code);
  writer.writeVarUint(number);
}

function writeSpelled(writer: Writer, type: InternedType, spelled: InternedType[]): void {
  const known = spelled.indexOf(type);
  writer.writeVarUint(2 * (known >= 0 ? known : spelled.length) + 1);
  if (known >= 0) return;
  spelled.push(type);
  writer.writeU8(SORTS.indexOf(type.sort as DataType["sort"]));
  writer.writeText(type.module);
  writer.writeText(type.type);
  writer.writeText(type.name);
  writer.writeVarUint(type.arity);
  writer.writeVarUint(type.tag);
  writer.writeU8(type.isMutable ? 1 : 0);
  writer.writeU8(type.fieldNames === undefined ? 0 : 1);
  for (const name of type.fieldNames ?? []) writer.writeText(name);
}

type Leaf = Exclude<
  Extract<Value, object>,
  Cons | Data | MapValue | SetValue | Closure | Cell | TinyObject | Reactive | Handle
>;

/** What holds no other values, behind its code. */
function writeLeaf(writer: Writer, value: Leaf): void {
  if (value instanceof Nil || value instanceof Unit || value instanceof Null) return;
  if (value instanceof Pid || value instanceof Ref) writer.writeVarUint(value.id);
  else if (value instanceof Float) writer.writeF64(value.value);
  else if (value instanceof Float32) writer.writeF32(value.value);
  else if (value instanceof Char) writer.writeVarUint(value.text.codePointAt(0)!);
  else if (value instanceof Sized) {
    writer.writeU8(SIZED_KINDS.indexOf(value.kind));
    writer.writeI64(value.value);
  } else if (value instanceof BigIntValue) writer.writeBigInt(value.value);
  else if (value instanceof Decimal) {
    writer.writeVarUint(value.scale);
    writer.writeBigInt(value.coefficient);
  } else if (value instanceof Buffer) writer.writeText(value.text);
  else if (value instanceof TinyException) {
    writer.writeText(value.message);
    writer.writeVarUint(value.trace.length);
    for (const line of value.trace) writer.writeText(line);
  } else {
    const items = value instanceof Bytes ? value.bytes : value.items;
    writer.writeVarUint(items.length);
    writer.writeBytes(items);
  }
}

/** "always": what a program can tell from its copy, what may hold itself (closures), and what is large by itself. */
const SHARED: readonly (undefined | "always" | "sampled")[] = (() => {
  const table: (undefined | "always" | "sampled")[] = new Array(64).fill(undefined);
  const { TUPLE, LIST, MAP, SET, NODE, VARIANT, RECORD, STRUCT, OBJECT, BIG_INT, EXCEPTION } = WIRE;
  for (const code of [TUPLE, LIST, MAP, SET, NODE, VARIANT, RECORD, STRUCT, OBJECT, BIG_INT, EXCEPTION])
    table[code] = "sampled";
  const { MUTABLE_RECORD, CELL, OPEN_LIST, INT_64_ARRAY, FLOAT_64_ARRAY, FLOAT_32_ARRAY, BUFFER, INT_LIST, BYTES } =
    WIRE;
  for (const code of [
    ...[MUTABLE_RECORD, CELL, OPEN_LIST, INT_64_ARRAY, FLOAT_64_ARRAY, FLOAT_32_ARRAY, BUFFER],
    ...[INT_LIST, BYTES],
  ])
    table[code] = "always";
  return table;
})();

/** -1: stays with its worker. The order of the tests is that of kindOf. */
function codeOf(value: Extract<Value, object> | Node): number {
  if (value instanceof Data) {
    const { type } = value;
    if (type.sort === "tuple") return WIRE.TUPLE;
    if (type.isMutable) return WIRE.MUTABLE_RECORD;
    return type.sort === "variant" ? WIRE.VARIANT : type.sort === "record" ? WIRE.RECORD : WIRE.STRUCT;
  }
  if (value instanceof Cons) return WIRE.LIST;
  if (value instanceof Nil) return WIRE.NIL;
  if (value instanceof Pid) return WIRE.PID;
  if (value instanceof Closure) return WIRE.FUNCTION;
  if (value instanceof Float) return WIRE.FLOAT;
  if (value instanceof MapValue) return WIRE.MAP;
  if (value instanceof SetValue) return WIRE.SET;
  if (value instanceof Unit) return WIRE.UNIT;
  if (Array.isArray(value)) return WIRE.NODE;
  if (value instanceof Char) return WIRE.CHAR;
  if (value instanceof Sized) return WIRE.SIZED;
  if (value instanceof BigIntValue) return WIRE.BIG_INT;
  if (value instanceof Decimal) return WIRE.DECIMAL;
  if (value instanceof Float32) return WIRE.FLOAT_32;
  if (value instanceof TypedArray) return ARRAY_CODES[value.kind];
  if (value instanceof IntList) return WIRE.INT_LIST;
  if (value instanceof Buffer) return WIRE.BUFFER;
  if (value instanceof Ref) return WIRE.REF;
  if (value instanceof OpenList) return WIRE.OPEN_LIST;
  if (value instanceof Cell) return WIRE.CELL;
  if (value instanceof Null) return WIRE.NULL;
  if (value instanceof TinyObject) return WIRE.OBJECT;
  if (value instanceof Bytes) return WIRE.BYTES;
  if (value instanceof TinyException) return WIRE.EXCEPTION;
  return staysWithItsWorker(value as Exclude<typeof value, Node>);
}

/** What is left; a new kind has to be named here or above. */
function staysWithItsWorker(_value: Reactive | Handle): -1 {
  return -1;
}

const ARRAY_CODES = {
  Int64Array: WIRE.INT_64_ARRAY,
  Float64Array: WIRE.FLOAT_64_ARRAY,
  Float32Array: WIRE.FLOAT_32_ARRAY,
} as const;
