/**
 * Reads TinyTotVM's own `.ttb` files, of their current format: a bare stream of instructions, 16-bit opcodes and text
 * lengths, little-endian, no header. We never write it.
 *
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

export function readTinyTotVM(
  bytes: Uint8Array,
  name: string,
): { readonly unit: Unit } | { readonly problem: ReadProblem } {
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
  const word = (): number => {
    const from = take(2);
    return from === -1 ? -1 : view.getUint16(from, true);
  };
  const text = (): string | undefined => {
    const length = word();
    const from = length === -1 ? -1 : take(length);
    if (from === -1) return undefined;
    const part = Buffer.from(bytes.buffer, bytes.byteOffset + from, length);
    const read = part.toString("utf8");
    return read.includes("\ufffd") && !Buffer.from(read).equals(part) ? undefined : read;
  };

  while (at < bytes.length) {
    const code = word();
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
      const target = word();
      if (target === -1) return problem(`${mnemonic} has no operand`);
      builder.jump(mnemonic, target);
    } else if (mnemonic === "CALL") {
      const target = word();
      const names: string[] = [];
      const count = target === -1 ? -1 : word();
      for (let i = 0; i < count; i++) {
        const parameter = text();
        if (parameter === undefined) return problem("CALL lacks the name of a parameter");
        if (names.includes(parameter)) return problem(`CALL has two parameters \`${parameter}\``);
        names.push(parameter);
      }
      if (count === -1) return problem("CALL has no operands");
      builder.call("CALL", target, names);
    } else {
      return problem(`there is no instruction 0x${code.toString(16).padStart(4, "0")}`);
    }
  }
  return { unit: builder.finish(name, undefined) };
}
