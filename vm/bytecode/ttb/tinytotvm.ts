/**
 * Reads TinyTotVM's own `.ttb` files: a bare stream of instructions, little-endian, without a header. We never write it.
 *
 * There were three formats, with the same numbers for instructions and nothing that tells them apart. The trick: a file that
 * is read as another format than its own comes to no end, or jumps past it. So each is tried, the newest first.
 * Stays true: whatever the bytes are, the answer is a Unit of TinyTotVM code or one problem.
 */
import { OPCODES, type OpcodeRow, type OpName } from "../opcodes.ts";
import { TinyUnitBuilder } from "../tiny-builder.ts";
import type { Unit } from "../unit.ts";
import type { ReadProblem } from "./read.ts";

/** Instructions without operand that its files know, and those whose operand is a text. */
const PLAIN = new Set(
  (
    "TRUE FALSE NULL NOT AND OR DUP ADD SUB CONCAT EQ GT LT NE GE LE RET PRINT LEN INDEX DUMP_SCOPE HALT SPAWN YIELD RECEIVE " +
    "START_SUPERVISOR READ_FILE WRITE_FILE"
  ).split(" "),
); // biome-ignore format: a table
const TEXT = new Map<string, OpName>([
  ["PUSH_STR", "PUSH_STR"],
  ["STORE", "STORE.name"],
  ["LOAD", "LOAD.name"],
  ["DELETE", "DELETE"],
  ["REGISTER", "REGISTER"],
  ["WHEREIS", "WHEREIS"],
  ["SENDNAMED", "SENDNAMED"],
  ["UNREGISTER", "UNREGISTER"],
  ["SUPERVISE_CHILD", "SUPERVISE_CHILD"],
  ["RESTART_CHILD", "RESTART_CHILD"],
]);

const NAMES: ReadonlyMap<number, string> = new Map(
  (OPCODES as readonly OpcodeRow[]).filter(({ code }) => code < 0x100).map(({ code, name }) => [code, name]),
);

interface Format {
  /** bytes of an opcode, and of the length of a text */
  readonly opcode: 1 | 2;
  readonly length: 1 | 2;
  /** CALL names parameters */
  readonly hasParameters: boolean;
}

const FORMATS: readonly Format[] = [
  { opcode: 2, length: 2, hasParameters: true },
  { opcode: 2, length: 2, hasParameters: false },
  { opcode: 1, length: 1, hasParameters: false },
];

type Read = { readonly unit: Unit } | { readonly problem: ReadProblem };

export function readTinyTotVM(bytes: Uint8Array, name: string): Read {
  const [current, ...older] = FORMATS.map((format) => readAs(format, bytes, name));
  const fitting = [current!, ...older].find((each) => "unit" in each && !each.jumpsPastEnd);
  return fitting ?? current!; // a jump past the end is allowed, but in no file that TinyTotVM writes
}

function readAs(
  format: Format,
  bytes: Uint8Array,
  name: string,
): { readonly unit: Unit; readonly jumpsPastEnd: boolean } | { readonly problem: ReadProblem } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const builder = new TinyUnitBuilder();
  let at = 0;
  const problem = (detail: string) => ({ problem: { at, section: "instructions", detail } });
  /** where `size` bytes begin, or -1 when they are not there */
  const take = (size: number): number => {
    if (at + size > bytes.length) return -1;
    at += size;
    return at - size;
  };
  const natural = (size: 1 | 2): number => {
    const from = take(size);
    if (from === -1) return -1;
    return size === 1 ? view.getUint8(from) : view.getUint16(from, true);
  };
  let farthest = 0;
  const target = (): number => {
    const read = natural(2);
    farthest = Math.max(farthest, read);
    return read;
  };
  const text = (): string | undefined => {
    const length = natural(format.length);
    const from = length === -1 ? -1 : take(length);
    if (from === -1) return undefined;
    const part = Buffer.from(bytes.buffer, bytes.byteOffset + from, length);
    const read = part.toString("utf8");
    return read.includes("\ufffd") && !Buffer.from(read).equals(part) ? undefined : read;
  };

  while (at < bytes.length) {
    const code = natural(format.opcode);
    if (code === -1) return problem("it ends within an instruction");
    const mnemonic = NAMES.get(code) ?? "";
    const textual = TEXT.get(mnemonic);
    if (textual !== undefined) {
      const operand = text();
      if (operand === undefined) return problem(`${mnemonic} has no text in UTF-8`);
      builder.text(textual, operand);
    } else if (PLAIN.has(mnemonic)) builder.plain(mnemonic as OpName);
    else if (mnemonic === "PUSH_INT") {
      const from = take(8);
      if (from === -1) return problem(`${mnemonic} has no operand`);
      builder.pushInt(view.getBigInt64(from, true));
    } else if (mnemonic === "SEND" || mnemonic === "LINK" || mnemonic === "UNLINK" || mnemonic === "MONITOR") {
      const from = take(8);
      if (from === -1) return problem(`${mnemonic} has no operand`);
      builder.process(mnemonic, view.getBigUint64(from, true));
    } else if (mnemonic === "MAKE_LIST") {
      const from = take(1);
      if (from === -1) return problem(`${mnemonic} has no operand`);
      builder.makeList(view.getUint8(from));
    } else if (mnemonic === "JMP" || mnemonic === "JZ") {
      const to = target();
      if (to === -1) return problem(`${mnemonic} has no operand`);
      builder.jump(mnemonic, to);
    } else if (mnemonic === "CALL") {
      const to = target();
      const names: string[] = [];
      const count = to === -1 ? -1 : format.hasParameters ? natural(2) : 0;
      for (let i = 0; i < count; i++) {
        const parameter = text();
        if (parameter === undefined) return problem("CALL lacks the name of a parameter");
        if (names.includes(parameter)) return problem(`CALL has two parameters \`${parameter}\``);
        names.push(parameter);
      }
      if (count === -1) return problem("CALL has no operands");
      builder.call("CALL", to, names);
    } else {
      return problem(`there is no instruction 0x${code.toString(16).padStart(4, "0")}`);
    }
  }
  const { count } = builder;
  return { unit: builder.finish(name, undefined), jumpsPastEnd: farthest > count };
}
