/**
 * The `.ttb` container: what the bytes of a program's file mean. docs/ttb.md tells it to people; the writer and the
 * reader are typed by what stands here.
 *
 * A file is 32-bit little-endian words. Opcodes stand in it as (code, form) pairs of the opcode table, and kinds by their
 * place in lists that are only appended to, so a file keeps its meaning when rows of the tables move.
 */
import { OPCODES, type OpcodeRow } from "../opcodes.ts";
import type { Constant, DataType, Kind } from "../unit.ts";

/** Bytes 93 4E 54 42, `\x93NTB`: the first is no text in UTF-8, and no opcode of TinyTotVM's own files. */
export const MAGIC = 0x42544e93;
/** Goes up with any change that an older reader would misread. */
export const VERSION = 2;
/** The program is TinyTotVM code: its own stack rules and charges. */
export const FLAG_TINYTOTVM = 1;

/** magic, version, flags, checksum */
export const HEADER_WORDS = 4;
export const CHECKSUM_WORD = 3;

/** Each once, in this order: id, length of the payload in bytes, payload. Ids are the place in this list, from 1. */
export const SECTIONS = [
  "constants",
  "data types",
  "functions",
  "mvars",
  "globals",
  "lock sets",
  "natives",
  "sources",
  "places",
  "entry",
  "inlined calls",
] as const;
export type SectionName = (typeof SECTIONS)[number];

/** A string's length word: bytes × 2, plus 1 if they are UTF-16 code units because the text is no Unicode. */
export const UTF16_FLAG = 1;

/** Instruction word: code in the low half, form in the high half. */
export function instructionWord(row: OpcodeRow): number {
  return row.code | (row.form << 16);
}

/** instruction word → internal opcode */
export const OPCODE_OF_WORD: ReadonlyMap<number, number> = new Map(
  OPCODES.map((row: OpcodeRow, index) => [instructionWord(row), index]),
);

// Appended to only: a file holds the places.

export const KINDS = [
  "any", "Int", "Float", "Bool", "String", "Unit", "Char", "BigInt", "List", "Tuple", "Map", "Set", "Data", "Function", "Pid",
] as const satisfies readonly Kind[]; // biome-ignore format: a table

export const CONSTANT_KINDS = [
  "Int", "Float", "Float32", "Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64", "BigInt", "Decimal", "String", "Char", "Bool", "Unit",
] as const satisfies readonly Constant["kind"][]; // biome-ignore format: a table

export const SORTS = ["variant", "record", "struct"] as const satisfies readonly DataType["sort"][];

type Missing<All, Listed> = Exclude<All, Listed> extends never ? true : Exclude<All, Listed>;
true satisfies Missing<Kind, (typeof KINDS)[number]>;
true satisfies Missing<Constant["kind"], (typeof CONSTANT_KINDS)[number]>;

/**
 * FNV-1a over the words of a file, its checksum left out. It finds damage; whoever means harm can compute it too, which
 * is why the verifier trusts nothing.
 */
export function checksumOf(view: DataView): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at + 4 <= view.byteLength; at += 4) {
    if (at === CHECKSUM_WORD * 4) continue;
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x01000193);
    hash ^= hash >>> 15; // FNV alone carries nothing downwards
  }
  return hash | 0;
}
