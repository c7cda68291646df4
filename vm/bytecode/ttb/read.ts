/**
 * Reads a `.ttb` file as a Unit, or says what is wrong with it and where.
 *
 * The trick: a cursor that cannot leave its section; every count is held against the bytes that are left before anything
 * of that size is made, so a hostile length costs nothing.
 * Stays true: whatever the bytes are, the answer is a Unit of the right shape or a problem. What its numbers mean is the
 * verifier's question, not the reader's.
 */
import { OPCODES, type OpcodeRow } from "../opcodes.ts";
import type {
  Constant,
  DataType,
  FunctionCode,
  GlobalCode,
  InlinedCall,
  Kind,
  MvarCode,
  SizedKind,
  SourceCode,
  Unit,
} from "../unit.ts";
import {
  CHECKSUM_WORD,
  CONSTANT_KINDS,
  checksumOf,
  FLAG_TINYTOTVM,
  HEADER_WORDS,
  KINDS,
  MAGIC,
  OPCODE_OF_WORD,
  SECTIONS,
  SORTS,
  UTF16_FLAG,
  VERSION,
} from "./format.ts";

export interface ReadProblem {
  /** byte offset in the file */
  readonly at: number;
  readonly section: string;
  readonly detail: string;
}

const ROWS: readonly OpcodeRow[] = OPCODES;
/** of a BigInt or Decimal: beyond what a source can say in reason, and quick to read */
const MOST_DIGITS = 1_000_000;

class Rejected {
  readonly problem: ReadProblem;
  constructor(problem: ReadProblem) {
    this.problem = problem;
  }
}

/** Whether the bytes begin as a file of ours does. */
export function isTtb(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getInt32(0, true) === MAGIC;
}

export function readUnit(bytes: Uint8Array): { readonly unit: Unit } | { readonly problem: ReadProblem } {
  try {
    return { unit: read(bytes) };
  } catch (error) {
    if (error instanceof Rejected) return { problem: error.problem };
    throw error;
  }
}

function read(bytes: Uint8Array): Unit {
  const view = viewOf(bytes);
  const reject = (at: number, detail: string): never => {
    throw new Rejected({ at, section: "header", detail });
  };
  if (!isTtb(bytes)) reject(0, "it does not begin like a .ttb file");
  if (bytes.length < HEADER_WORDS * 4) reject(bytes.length, "it ends within its header");
  const version = view.getUint32(4, true);
  if (version !== VERSION)
    reject(4, `it has version ${version} of the format, and this machine reads version ${VERSION}`);
  const flags = view.getUint32(8, true);
  if ((flags & ~FLAG_TINYTOTVM) !== 0) reject(8, `it has flags that this version does not know (${flags})`);
  if (bytes.length % 4 !== 0) reject(bytes.length, "its end is cut off");
  if (view.getInt32(CHECKSUM_WORD * 4, true) !== checksumOf(view)) reject(CHECKSUM_WORD * 4, "its checksum is wrong");

  const cursor = new Cursor(view);
  const section = <T>(readPayload: () => T): T => cursor.section(readPayload);
  const constants = section(() => cursor.list(4, () => readConstant(cursor)));
  const dataTypes = section(() => cursor.list(28, () => readDataType(cursor)));
  const drafts = section(() => cursor.list(28, () => readFunction(cursor)));
  const mvars = section(() => cursor.list(8, (): MvarCode => ({ module: cursor.text(), name: cursor.text() })));
  const globals = section(() =>
    cursor.list(12, (): GlobalCode => ({ module: cursor.text(), name: cursor.text(), init: cursor.word() })),
  );
  const lockSets = section(() => cursor.list(4, () => cursor.list(4, () => cursor.word())));
  const natives = section(() => cursor.list(4, () => cursor.text()));
  const sources = section(() =>
    cursor.list(8, (): SourceCode => ({ path: cursor.text(), lineStarts: cursor.words() })),
  );
  const tables = <T>(leastBytes: number, readTable: () => T): T[] => {
    const found = cursor.list(leastBytes, readTable);
    if (found.length !== drafts.length) cursor.reject(`${found.length} tables for ${drafts.length} functions`);
    return found;
  };
  const places = section(() => tables(4, () => cursor.words()));
  const entry = section(() => cursor.word());
  const inlined = section(() => tables(8, () => readInlining(cursor)));
  const functions = drafts.map(
    (draft, index): FunctionCode => ({ ...draft, places: places[index]!, ...inlined[index]! }),
  );
  if (cursor.position !== bytes.length) reject(cursor.position, "something follows its last section");
  const unit: Unit = { constants, dataTypes, functions, mvars, globals, lockSets, natives, sources, entry };
  return (flags & FLAG_TINYTOTVM) === 0 ? unit : { ...unit, isTinyTotVM: true };
}

function readInlining(cursor: Cursor): Pick<FunctionCode, "inlinedCalls" | "inlinedRuns"> {
  const inlinedCalls = cursor.list(16, (): InlinedCall => {
    return { name: cursor.text(), parent: cursor.word(), source: cursor.word(), offset: cursor.word() };
  });
  const inlinedRuns = cursor.words();
  return inlinedCalls.length === 0 && inlinedRuns.length === 0 ? {} : { inlinedCalls, inlinedRuns };
}

function readFunction(cursor: Cursor): Omit<FunctionCode, "places"> {
  const name = cursor.text();
  const arity = cursor.count(4);
  const captures = cursor.word();
  const slots = cursor.word();
  const cost = cursor.word();
  const paramKinds = cursor.times(arity, () => readKind(cursor));
  const resultKind = readKind(cursor);
  const costs = cost === 0 ? {} : { cost };
  return { name, arity, captures, slots, ...costs, paramKinds, resultKind, code: readCode(cursor) };
}

function readKind(cursor: Cursor): Kind {
  return cursor.oneOf(KINDS, "kind of value");
}

/** From (code, form) pairs to internal opcodes. */
function readCode(cursor: Cursor): Int32Array {
  const code = cursor.words();
  const start = cursor.position - code.length * 4;
  for (let at = 0; at < code.length; ) {
    const opcode = OPCODE_OF_WORD.get(code[at]!);
    if (opcode === undefined) {
      const [number, form] = [code[at]! & 0xffff, code[at]! >>> 16];
      return cursor.reject(`there is no opcode ${hex(number)} of form ${form}`, start + at * 4);
    }
    code[at] = opcode;
    at += 1 + ROWS[opcode]!.operands.length; // one that is cut off is the verifier's to tell
  }
  return code;
}

const SIZED: Readonly<Record<SizedKind, readonly [bigint, bigint]>> = {
  Int8: [-(2n ** 7n), 2n ** 7n - 1n],
  Int16: [-(2n ** 15n), 2n ** 15n - 1n],
  Int32: [-(2n ** 31n), 2n ** 31n - 1n],
  UInt8: [0n, 2n ** 8n - 1n],
  UInt16: [0n, 2n ** 16n - 1n],
  UInt32: [0n, 2n ** 32n - 1n],
  UInt64: [0n, 2n ** 64n - 1n],
};

function readConstant(cursor: Cursor): Constant {
  const kind = cursor.oneOf(CONSTANT_KINDS, "kind of constant");
  switch (kind) {
    case "Int":
      return { kind, value: cursor.long() };
    case "Float":
      return { kind, value: cursor.float() };
    case "Float32": {
      const value = cursor.float();
      if (!Object.is(Math.fround(value), value)) cursor.reject("a Float32 has more than 32 bits");
      return { kind, value };
    }
    case "BigInt": {
      const text = cursor.text();
      const match = /^(-?)([0-9a-f]+)$/.exec(text);
      if (match === null || text.length > MOST_DIGITS) return cursor.reject("a BigInt is no hexadecimal number");
      const magnitude = BigInt(`0x${match[2]}`);
      return { kind, value: match[1] === "-" ? -magnitude : magnitude };
    }
    case "Decimal": {
      const value = cursor.text();
      if (value.length > MOST_DIGITS) cursor.reject("a Decimal has too many digits");
      return { kind, value };
    }
    case "String":
    case "Char":
      return { kind, value: cursor.text() };
    case "Bool": {
      const word = cursor.word();
      if (word !== 0 && word !== 1) cursor.reject("a Bool is neither 0 nor 1");
      return { kind, value: word === 1 };
    }
    case "Unit":
      return { kind };
    default: {
      const [least, most] = SIZED[kind];
      const long = cursor.long();
      const value = least < 0n ? long : BigInt.asUintN(64, long);
      if (value < least || value > most) cursor.reject(`${value} is no ${kind}`);
      return { kind, value };
    }
  }
}

function readDataType(cursor: Cursor): DataType {
  const sort = cursor.oneOf(SORTS, "sort of data type");
  const module = cursor.text();
  const type = cursor.text();
  const name = cursor.text();
  const arity = cursor.word();
  const tag = cursor.word();
  const flags = cursor.word();
  if ((flags & ~3) !== 0) cursor.reject("a data type has unknown flags");
  const base = { sort, module, type, name, arity, tag, isMutable: (flags & 1) !== 0 };
  if ((flags & 2) === 0) return base;
  if (arity < 0 || arity * 4 > cursor.left) cursor.reject(`${arity} field names do not fit`);
  return { ...base, fieldNames: cursor.times(arity, () => cursor.text()) };
}

/** Reads from its section and never beyond. */
class Cursor {
  position = HEADER_WORDS * 4;
  private end: number;
  private sectionIndex = -1;
  private readonly view: DataView;

  constructor(view: DataView) {
    this.view = view;
    this.end = view.byteLength;
  }

  /** bytes up to the end of the section */
  get left(): number {
    return this.end - this.position;
  }

  reject(detail: string, at = this.position): never {
    throw new Rejected({ at, section: SECTIONS[this.sectionIndex] ?? "header", detail });
  }

  section<T>(readPayload: () => T): T {
    this.end = this.view.byteLength;
    this.sectionIndex++;
    const id = this.word();
    if (id !== this.sectionIndex + 1) this.reject(`section ${id} stands where this one should be`, this.position - 4);
    const length = this.word() >>> 0;
    if (length > this.left || length % 4 !== 0) this.reject(`its length ${length} does not fit`, this.position - 4);
    this.end = this.position + length;
    const payload = readPayload();
    if (this.left !== 0) this.reject(`${this.left} bytes of it are left over`);
    this.end = this.view.byteLength;
    return payload;
  }

  word(): number {
    this.need(4);
    const value = this.view.getInt32(this.position, true);
    this.position += 4;
    return value;
  }

  float(): number {
    this.need(8);
    const value = this.view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  long(): bigint {
    this.need(8);
    const value = this.view.getBigInt64(this.position, true);
    this.position += 8;
    return value;
  }

  /** A number of things of at least so many bytes each. */
  count(leastBytes: number): number {
    const count = this.word() >>> 0;
    if (count * leastBytes > this.left) this.reject(`${count} things do not fit`, this.position - 4);
    return count;
  }

  list<T>(leastBytes: number, readItem: () => T): T[] {
    return this.times(this.count(leastBytes), readItem);
  }

  times<T>(count: number, readItem: () => T): T[] {
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(readItem());
    return items;
  }

  words(): Int32Array {
    const count = this.count(4);
    const words = new Int32Array(count);
    for (let i = 0; i < count; i++) words[i] = this.view.getInt32(this.position + i * 4, true);
    this.position += count * 4;
    return words;
  }

  text(): string {
    const at = this.position;
    const length = this.word() >>> 0;
    const size = length >>> 1;
    const padded = Math.ceil(size / 4) * 4;
    if (padded > this.left) this.reject(`a text of ${size} bytes does not fit`, at);
    const bytes = Buffer.from(this.view.buffer, this.view.byteOffset + this.position, size);
    for (let i = size; i < padded; i++) {
      if (this.view.getUint8(this.position + i) !== 0) this.reject("a text is not followed by zeros", at);
    }
    this.position += padded;
    if ((length & UTF16_FLAG) !== 0) {
      if (size % 2 !== 0) this.reject("a text in UTF-16 has half a unit", at);
      return bytes.toString("utf16le");
    }
    const text = bytes.toString("utf8");
    // A replacement character was written as such, or stands for bytes that are none.
    if (text.includes("\ufffd") && !Buffer.from(text).equals(bytes)) this.reject("a text is not UTF-8", at);
    return text;
  }

  oneOf<T>(names: readonly T[], what: string): T {
    const index = this.word();
    return names[index] ?? this.reject(`there is no ${what} ${index}`, this.position - 4);
  }

  private need(bytes: number): void {
    if (bytes > this.left) this.reject("it ends too early");
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hex(number: number): string {
  return `0x${number.toString(16).padStart(2, "0")}`;
}
