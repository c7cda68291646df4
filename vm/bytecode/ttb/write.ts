/**
 * Writes a Unit as a `.ttb` file.
 *
 * Stays true: the bytes depend on the Unit alone; reading them gives the same Unit.
 */
import { OPCODES, type OpcodeRow } from "../opcodes.ts";
import type { Constant, DataType, FunctionCode, Unit } from "../unit.ts";
import {
  CHECKSUM_WORD,
  CONSTANT_KINDS,
  checksumOf,
  FLAG_TINYTOTVM,
  HEADER_WORDS,
  instructionWord,
  KINDS,
  MAGIC,
  SECTIONS,
  type SectionName,
  SORTS,
  UTF16_FLAG,
  VERSION,
} from "./format.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;

export interface WrittenUnit {
  readonly bytes: Uint8Array;
  /** by function: byte offset of the first word of its code; word w of its code is 4 × w further on */
  readonly codeAt: readonly number[];
}

export function writeUnit(unit: Unit): WrittenUnit {
  const out = new Words();
  const codeAt: number[] = [];
  const writers: Record<SectionName, () => void> = {
    constants: () => out.list(unit.constants, (constant) => writeConstant(out, constant)),
    "data types": () => out.list(unit.dataTypes, (type) => writeDataType(out, type)),
    functions: () => out.list(unit.functions, (fn) => codeAt.push(writeFunction(out, fn))),
    mvars: () =>
      out.list(unit.mvars, ({ module, name }) => {
        out.text(module);
        out.text(name);
      }),
    globals: () =>
      out.list(unit.globals, ({ module, name, init }) => {
        out.text(module);
        out.text(name);
        out.word(init);
      }),
    "lock sets": () => out.list(unit.lockSets, (set) => out.list(set, (mvar) => out.word(mvar))),
    natives: () => out.list(unit.natives, (name) => out.text(name)),
    sources: () =>
      out.list(unit.sources, ({ path, lineStarts }) => {
        out.text(path);
        out.words(lineStarts);
      }),
    places: () => out.list(unit.functions, ({ places }) => out.words(places)),
    entry: () => out.word(unit.entry),
    "inlined calls": () =>
      out.list(unit.functions, ({ inlinedCalls, inlinedRuns }) => {
        out.list(inlinedCalls ?? [], ({ name, parent, source, offset }) => {
          out.text(name);
          for (const word of [parent, source, offset]) out.word(word);
        });
        out.words(inlinedRuns ?? new Int32Array(0));
      }),
  };

  for (const word of [MAGIC, VERSION, unit.isTinyTotVM === true ? FLAG_TINYTOTVM : 0, 0]) out.word(word);
  SECTIONS.forEach((name, index) => {
    out.word(index + 1);
    const lengthAt = out.position;
    out.word(0);
    writers[name]();
    out.patch(lengthAt, out.position - lengthAt - 4);
  });
  const bytes = out.finish();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(CHECKSUM_WORD * 4, checksumOf(view), true);
  return { bytes, codeAt };
}

/** @returns where its code begins */
function writeFunction(out: Words, fn: FunctionCode): number {
  out.text(fn.name);
  out.word(fn.arity);
  out.word(fn.captures);
  out.word(fn.slots);
  out.word(fn.cost ?? 0); // 0: as its slots say
  for (const kind of fn.paramKinds) out.word(KINDS.indexOf(kind));
  out.word(KINDS.indexOf(fn.resultKind));
  const { code } = fn;
  out.word(code.length);
  const codeAt = out.position;
  for (let at = 0; at < code.length; ) {
    const row = ROWS[code[at]!]!;
    out.word(instructionWord(row));
    for (let i = 1; i <= row.operands.length; i++) out.word(code[at + i]!);
    at += 1 + row.operands.length;
  }
  return codeAt;
}

function writeConstant(out: Words, constant: Constant): void {
  out.word(CONSTANT_KINDS.indexOf(constant.kind));
  switch (constant.kind) {
    case "Float":
    case "Float32":
      out.float(constant.value);
      return;
    case "BigInt":
      out.text(constant.value.toString(16)); // hexadecimal is read in linear time
      return;
    case "Decimal":
    case "String":
    case "Char":
      out.text(constant.value);
      return;
    case "Bool":
      out.word(constant.value ? 1 : 0);
      return;
    case "Unit":
      return;
    default:
      out.long(constant.value);
  }
}

function writeDataType(out: Words, type: DataType): void {
  out.word(SORTS.indexOf(type.sort));
  out.text(type.module);
  out.text(type.type);
  out.text(type.name);
  out.word(type.arity);
  out.word(type.tag);
  out.word((type.isMutable ? 1 : 0) | (type.fieldNames === undefined ? 0 : 2));
  for (const name of type.fieldNames ?? []) out.text(name);
}

/** A buffer of words that grows. */
class Words {
  position = 0;
  private view = new DataView(new ArrayBuffer(HEADER_WORDS * 4 + 4096));

  word(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.position, value, true);
    this.position += 4;
  }

  float(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** 64 bits, of a signed or an unsigned number */
  long(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.position, BigInt.asIntN(64, value), true);
    this.position += 8;
  }

  /** Length word, bytes, zeros up to the next word. */
  text(value: string): void {
    const isUnicode = !/\p{Surrogate}/u.test(value); // only a lone one matches
    const bytes = Buffer.from(value, isUnicode ? "utf8" : "utf16le");
    this.word(bytes.length * 2 + (isUnicode ? 0 : UTF16_FLAG));
    this.reserve(bytes.length + 4);
    new Uint8Array(this.view.buffer).set(bytes, this.position);
    this.position += (bytes.length + 3) & ~3;
  }

  list<T>(items: readonly T[], write: (item: T) => void): void {
    this.word(items.length);
    for (const item of items) write(item);
  }

  words(values: Int32Array): void {
    this.word(values.length);
    for (const value of values) this.word(value);
  }

  patch(at: number, value: number): void {
    this.view.setInt32(at, value, true);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.view.buffer, 0, this.position);
  }

  private reserve(bytes: number): void {
    if (this.position + bytes <= this.view.byteLength) return;
    const larger = new Uint8Array(Math.max(this.view.byteLength * 2, this.position + bytes));
    larger.set(new Uint8Array(this.view.buffer));
    this.view = new DataView(larger.buffer);
  }
}
