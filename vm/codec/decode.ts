/**
 * Values from the bytes that `encode` wrote.
 *
 * The trick: what holds others is made when its code is read, with places for its parts, and filled afterwards. So it has
 * its number before it is complete, cycles need nothing more, and the rows that wait for parts are all there is to remember.
 * Maps travel as their own nodes: no key is hashed, and one may be a part that is not filled yet.
 *
 * Stays true: W1, W2 of wire.ts. Nobody looks into a value before `decode` returns.
 */
import { EMPTY_MAP, EMPTY_SET } from "../values/champ.ts";
import { makeData, setFieldAt, tupleType } from "../values/data.ts";
import { type InternedType, internType } from "../values/data-types.ts";
import { makeFloat } from "../values/kind.ts";
import {
  BigIntValue,
  Buffer,
  Bytes,
  Cell,
  Closure,
  Cons,
  type Data,
  Decimal,
  Float32,
  IntList,
  MapValue,
  makeChar,
  NIL,
  NULL,
  OpenList,
  Pid,
  Ref,
  SetValue,
  Sized,
  TinyException,
  TinyObject,
  TypedArray,
  UNIT,
  type Value,
} from "../values/value.ts";
import type { CodecContext } from "./encode.ts";
import type { Reader } from "./reader.ts";
import { MARKED, SIZED_KINDS, SMALL_INT, SORTS, WIRE } from "./wire.ts";

/** The arrays are nodes of maps and sets. */
type Part = Value | Part[] | undefined;

/** Places for parts; it has at least one that is empty, or is a list that has not ended. */
class Row {
  readonly items: Part[];
  /** the record whose fields they are; then `items` is not used */
  readonly data: Data | null;
  /** of all, how many are there */
  at = 0;
  readonly length: number;
  /** of a list: the cell behind which the next one goes, or the first one while it has no head (at is 0) */
  last: Cons | null;
  readonly whenFull: ((items: readonly Part[]) => void) | null;
  /** the row that goes on after this one */
  waiting: Row | null = null;
  constructor(items: Part[], last: Cons | null, whenFull: Row["whenFull"], data: Data | null = null) {
    this.items = items;
    this.data = data;
    this.length = data === null ? items.length : data.type.arity;
    this.last = last;
    this.whenFull = whenFull;
  }
}

const NO_ITEMS: Part[] = [];
const NO_FIELDS: readonly Value[] = [];
const ANYTHING = UNIT;

/** An array of anything from the start, also if numbers alone come into it: code that reads parts shall see one sort of array. */
function places(count: number): Value[] {
  const items = new Array<Value>(count);
  if (count > 0) items[0] = ANYTHING;
  return items;
}

/** Reads one value, and sets `reader.holdsMutables`. @throws InvariantBroken when the bytes end too early or are no value */
export function decode(reader: Reader, context: CodecContext): Value {
  return read(reader, context, null);
}

/** Reads so many values, which `encodeRow` wrote. */
export function decodeRow(reader: Reader, count: number, context: CodecContext): (Value | undefined)[] {
  reader.checkCount(count);
  const items = places(count);
  if (count > 0) read(reader, context, new Row(items, null, null));
  return items;
}

function read(reader: Reader, context: CodecContext, first: Row | null): Value {
  const { program } = context;
  let holdsMutables = false;
  let root: Value = UNIT;
  let row = first;
  let marked: unknown[] | undefined;
  /** of the cell of the next element */
  let cellNumber = -1;
  let spelled: InternedType[] | undefined;

  for (;;) {
    const code = reader.readU8();
    let value: Part;
    let inner: Row | null = null;
    if ((code & SMALL_INT) !== 0) value = code < MARKED ? code - 64 : code - 256;
    else {
      let number = -1;
      if (code >= MARKED) number = (marked ??= []).push(undefined) - 1;
      switch (code & ~MARKED) {
        case WIRE.BACK:
          value = marked?.[reader.readVarUint()] as Part;
          if (value === undefined) reader.fail();
          break;
        case WIRE.INT: {
          const bits = reader.readVarUint();
          value = (bits >>> 1) ^ -(bits & 1);
          break;
        }
        case WIRE.INT_64:
          value = readInt64(reader);
          break;
        case WIRE.FLOAT:
          value = makeFloat(reader.readF64());
          break;
        case WIRE.FALSE:
          value = false;
          break;
        case WIRE.TRUE:
          value = true;
          break;
        case WIRE.STRING:
          value = reader.readText();
          break;
        case WIRE.UNIT:
          value = UNIT;
          break;
        case WIRE.NIL:
          value = NIL;
          break;
        case WIRE.TUPLE: {
          const count = reader.readVarUint();
          reader.checkCount(count);
          const tuple = makeData(tupleType(count), NO_FIELDS);
          value = tuple;
          if (count > 0) inner = new Row(NO_ITEMS, null, null, tuple);
          break;
        }
        case WIRE.LIST: {
          const first = new Cons(UNIT, NIL);
          value = first;
          inner = new Row(NO_ITEMS, first, null);
          break;
        }
        case WIRE.END:
        case WIRE.JOIN: {
          if (row === null || row.last === null || row.at === 0) return reader.fail();
          if (code === WIRE.JOIN) {
            const tail = marked?.[reader.readVarUint()];
            if (!(tail instanceof Cons)) return reader.fail();
            row.last.tail = tail;
          }
          row = row.waiting;
          if (row !== null) continue;
          reader.holdsMutables = holdsMutables;
          return root;
        }
        case WIRE.MARK:
          cellNumber = (marked ??= []).push(undefined) - 1;
          continue;
        case WIRE.VARIANT:
        case WIRE.RECORD:
        case WIRE.MUTABLE_RECORD:
        case WIRE.STRUCT: {
          const at = reader.readVarUint();
          const type = at % 2 === 0 ? program.dataTypes[at / 2] : readSpelled(reader, at >>> 1, (spelled ??= []));
          if (type === undefined) return reader.fail();
          reader.checkCount(type.arity);
          if (type.isMutable) holdsMutables = true;
          const data = makeData(type, NO_FIELDS);
          value = data;
          if (type.arity > 0) inner = new Row(NO_ITEMS, null, null, data);
          break;
        }
        case WIRE.MAP:
        case WIRE.SET: {
          const size = reader.readVarUint();
          const count = reader.readVarUint();
          reader.checkCount(count);
          const isMap = (code & ~MARKED) === WIRE.MAP;
          if (count === 0) value = isMap ? EMPTY_MAP : EMPTY_SET;
          else {
            const root = places(count);
            value = isMap ? new MapValue(root, size) : new SetValue(root, size);
            inner = new Row(root, null, null);
          }
          break;
        }
        case WIRE.NODE: {
          const count = reader.readVarUint();
          reader.checkCount(count);
          const node = places(count);
          value = node;
          if (count > 0) inner = new Row(node, null, null);
          break;
        }
        case WIRE.FUNCTION: {
          const fn = program.functions[reader.readVarUint()];
          if (fn === undefined) return reader.fail();
          const count = reader.readVarUint();
          reader.checkCount(count);
          if (count === 0) value = fn.closure;
          else {
            const captures = places(count);
            value = new Closure(fn.index, fn.arity, fn.closure.name, captures);
            inner = new Row(captures, null, null);
          }
          break;
        }
        case WIRE.CELL: {
          const cell = new Cell(undefined);
          value = cell;
          holdsMutables = true;
          inner = new Row([undefined], null, ([held]) => {
            cell.value = held as Value | undefined;
          });
          break;
        }
        case WIRE.OPEN_LIST: {
          const count = reader.readVarUint();
          reader.checkCount(count);
          const list = new OpenList();
          value = list;
          if (count > 0)
            inner = new Row(places(count), null, (parts) => {
              for (const part of parts) list.add(part as Value);
            });
          break;
        }
        case WIRE.UNSET:
          value = undefined;
          break;
        case WIRE.OBJECT: {
          const count = reader.readVarUint();
          reader.checkCount(count);
          const names = Array.from({ length: count }, () => reader.readText());
          const fields = new Map<string, Value>();
          value = new TinyObject(fields);
          if (count > 0)
            inner = new Row(places(count), null, (parts) => {
              names.forEach((name, i) => {
                fields.set(name, parts[i] as Value);
              });
            });
          break;
        }
        case WIRE.INT_64_ARRAY:
        case WIRE.FLOAT_64_ARRAY:
        case WIRE.FLOAT_32_ARRAY:
        case WIRE.BUFFER:
          holdsMutables = true;
          value = readLeaf(reader, code & ~MARKED);
          break;
        default:
          value = readLeaf(reader, code & ~MARKED);
      }
      if (number >= 0) marked![number] = value;
    }

    if (row === null) root = value as Value;
    else if (row.last === null) {
      if (row.data === null) row.items[row.at++] = value;
      else setFieldAt(row.data, row.at++, value as Value);
      if (row.at === row.length) {
        row.whenFull?.(row.items);
        row = row.waiting;
      }
    } else {
      let cell = row.last;
      if (row.at++ === 0) (cell as { head: Value }).head = value as Value;
      else {
        cell = new Cons(value as Value, NIL);
        row.last.tail = cell;
        row.last = cell;
        if (cellNumber >= 0) {
          marked![cellNumber] = cell;
          cellNumber = -1;
        }
      }
    }
    if (inner !== null) {
      inner.waiting = row;
      row = inner;
    } else if (row === null) {
      reader.holdsMutables = holdsMutables;
      return root;
    }
  }
}

function readInt64(reader: Reader): number | bigint {
  const start = reader.offset;
  const low = reader.readI32() >>> 0;
  const number = reader.readI32() * 2 ** 32 + low;
  if (Number.isSafeInteger(number)) return number;
  reader.offset = start;
  return reader.readI64();
}

function readSpelled(reader: Reader, number: number, spelled: InternedType[]): InternedType | undefined {
  if (number !== spelled.length) return spelled[number];
  const sort = SORTS[reader.readU8()];
  const [module, type, name] = [reader.readText(), reader.readText(), reader.readText()];
  const arity = reader.readVarUint();
  const tag = reader.readVarUint();
  const isMutable = reader.readU8() === 1;
  const hasNames = reader.readU8() === 1;
  if (sort === undefined) return undefined;
  reader.checkCount(arity); // before anybody makes places for so many
  const fieldNames = hasNames ? Array.from({ length: arity }, () => reader.readText()) : undefined;
  const interned = internType({ sort, module, type, name, arity, tag, isMutable, ...(fieldNames && { fieldNames }) });
  spelled.push(interned);
  return interned;
}

/** The kinds that hold no other values, and that are not so frequent. */
function readLeaf(reader: Reader, code: number): Value {
  switch (code) {
    case WIRE.FLOAT_32:
      return new Float32(reader.readF32());
    case WIRE.SIZED: {
      const kind = SIZED_KINDS[reader.readU8()] ?? reader.fail();
      const value = reader.readI64();
      return new Sized(kind, kind === "UInt64" ? BigInt.asUintN(64, value) : value);
    }
    case WIRE.BIG_INT:
      return new BigIntValue(reader.readBigInt());
    case WIRE.DECIMAL: {
      const scale = reader.readVarUint();
      return new Decimal(reader.readBigInt(), scale);
    }
    case WIRE.CHAR: {
      const codePoint = reader.readVarUint();
      return codePoint <= 0x10ffff ? makeChar(String.fromCodePoint(codePoint)) : reader.fail();
    }
    case WIRE.PID:
      return new Pid(reader.readVarUint());
    case WIRE.REF:
      return new Ref(reader.readVarUint());
    case WIRE.INT_64_ARRAY:
      return new TypedArray("Int64Array", readInts(reader));
    case WIRE.FLOAT_64_ARRAY:
      return new TypedArray("Float64Array", new Float64Array(reader.readBytes(8 * reader.readVarUint()).buffer));
    case WIRE.FLOAT_32_ARRAY:
      return new TypedArray("Float32Array", new Float32Array(reader.readBytes(4 * reader.readVarUint()).buffer));
    case WIRE.INT_LIST:
      return new IntList(readInts(reader));
    case WIRE.BUFFER:
      return new Buffer(reader.readText());
    case WIRE.NULL:
      return NULL;
    case WIRE.BYTES:
      return new Bytes(reader.readBytes(reader.readVarUint()));
    case WIRE.EXCEPTION: {
      const message = reader.readText();
      const count = reader.readVarUint();
      reader.checkCount(count);
      return new TinyException(
        message,
        Array.from({ length: count }, () => reader.readText()),
      );
    }
    default:
      return reader.fail();
  }
}

function readInts(reader: Reader): BigInt64Array {
  return new BigInt64Array(reader.readBytes(8 * reader.readVarUint()).buffer);
}
