/**
 * Values from the bytes that `encode` wrote.
 *
 * The trick: what holds others is made when its code is read, with places for its parts, and filled afterwards. So it has
 * its number before it is complete, cycles need nothing more, and the rows that wait for parts are all there is to remember.
 * Maps travel as their own nodes: no key is hashed, and one may be a part that is not filled yet.
 *
 * Stays true: W1, W2 of wire.ts. Nobody looks into a value before `decode` returns.
 */
import { assemble, EMPTY_MAP, EMPTY_SET, type Node, type ShapeSource } from "../values/champ.ts";
import { makeData, setFieldAt } from "../values/data.ts";
import { type InternedType, internType } from "../values/data-types.ts";
import { makeFloat } from "../values/kind.ts";
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
  Float32,
  IntList,
  NIL,
  NULL,
  Pid,
  Ref,
  Sized,
  TinyException,
  TinyObject,
  Tuple,
  TypedArray,
  UNIT,
  type Value,
} from "../values/value.ts";
import type { CodecContext } from "./encode.ts";
import type { Reader } from "./reader.ts";
import { MARKED, SIZED_KINDS, SMALL_INT, SORTS, WIRE } from "./wire.ts";

type Part = Value | undefined;

/** Places for parts; it has at least one that is empty, or is a list that has not ended. */
class Row {
  readonly items: Part[];
  at = 0;
  /** of a list: the cell behind which the next one goes, or the first one while it has no head (at is 0) */
  last: Cons | null;
  /** a record takes them as its fields */
  readonly whenFull: Data | ((items: readonly Part[]) => void) | null;
  /** the row that goes on after this one */
  waiting: Row | null = null;
  constructor(items: Part[], last: Cons | null, whenFull: Row["whenFull"]) {
    this.items = items;
    this.last = last;
    this.whenFull = whenFull;
  }
}

const NO_ITEMS: Part[] = [];
const ANYTHING = UNIT;

/** An array of anything from the start, also if numbers alone come into it: code that reads parts shall see one sort of array. */
function places(count: number): Value[] {
  const items = new Array<Value>(count);
  if (count > 0) items[0] = ANYTHING;
  return items;
}

/** Reads one value, and sets `reader.holdsMutables`. @throws InvariantBroken when the bytes end too early or are no value */
export function decode(reader: Reader, context: CodecContext): Value {
  const { program } = context;
  let holdsMutables = false;
  let root: Value = UNIT;
  let row: Row | null = null;
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
          const items = places(count);
          value = new Tuple(items);
          if (count > 0) inner = new Row(items, null, null);
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
          const data = makeData(type, NO_ITEMS);
          value = data;
          if (type.arity > 0) inner = new Row(places(type.arity), null, data);
          break;
        }
        case WIRE.MAP:
        case WIRE.SET: {
          const size = reader.readVarUint(); // nodes that it shares with others are not here again, so W1 says nothing
          const shape = new Shape(reader, (marked ??= []));
          value = assemble((code & ~MARKED) === WIRE.MAP ? EMPTY_MAP : EMPTY_SET, size, shape);
          const count = shape.positions.length;
          reader.checkCount(count);
          if (count > 0) inner = new Row(places(count), null, (parts) => shape.fill(parts));
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
            cell.value = held;
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
      row.items[row.at++] = value;
      if (row.at === row.items.length) {
        const { whenFull } = row;
        if (whenFull instanceof Data) fillFields(whenFull, row.items);
        else if (whenFull !== null) whenFull(row.items);
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

function fillFields(data: Data, fields: readonly Part[]): void {
  for (let i = 0; i < fields.length; i++) setFieldAt(data, i, fields[i] as Value);
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
  if (hasNames) reader.checkCount(arity);
  const fieldNames = hasNames ? Array.from({ length: arity }, () => reader.readText()) : undefined;
  const interned = internType({ sort, module, type, name, arity, tag, isMutable, ...(fieldNames && { fieldNames }) });
  spelled.push(interned);
  return interned;
}

/** The nodes of a map or set, and the places in them. */
class Shape implements ShapeSource {
  readonly positions: number[] = [];
  private readonly nodes: Node[] = [];
  private readonly reader: Reader;
  private readonly marked: unknown[];
  private isMarked = false;

  constructor(reader: Reader, marked: unknown[]) {
    this.reader = reader;
    this.marked = marked;
  }

  enter(): Node | undefined {
    const code = this.reader.readU8();
    if (code === WIRE.BACK) {
      const node = this.marked[this.reader.readVarUint()];
      return Array.isArray(node) ? node : this.reader.fail();
    }
    this.isMarked = code === WIRE.MARK;
    if (!this.isMarked && code !== WIRE.MAP) this.reader.fail();
    return undefined;
  }

  entered(node: Node): void {
    if (this.isMarked) this.marked.push(node);
  }

  word(): number {
    return this.reader.readI32();
  }

  count(): number {
    const count = this.reader.readVarUint();
    this.reader.checkCount(count);
    return count;
  }

  place(node: Node, position: number): void {
    this.nodes.push(node);
    this.positions.push(position);
  }

  fill(parts: readonly Part[]): void {
    for (let i = 0; i < parts.length; i++) this.nodes[i]![this.positions[i]!] = parts[i];
  }
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
      return codePoint <= 0x10ffff ? new Char(String.fromCodePoint(codePoint)) : reader.fail();
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
