/**
 * TinyTotVM assembly: text in, a Unit of TinyTotVM code out.
 *
 * One instruction a line. The quirks are the public assembler's, since programs may lean on them: whatever follows the
 * first `;` is dropped, in quotes too; a text loses all quotes at its ends and knows no escapes; a target is a number of
 * an instruction, else a label; numbers may have no second space before them.
 * Ours: SEND, LINK, MONITOR and their like without operand take it from the stack; a line that begins with `//` is a comment.
 * Stays true: every line that is wrong is told.
 */
import type { SourceFile } from "../../grammar/source.ts";
import { parseInt64 } from "../../vm/bytecode/arithmetic.ts";
import { parseFloat64 } from "../../vm/bytecode/float-text.ts";
import type { OpName } from "../../vm/bytecode/opcodes.ts";
import { TinyUnitBuilder } from "../../vm/bytecode/tiny-builder.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { messagePattern } from "../../vm/interp/tiny/patterns.ts";
import { isPolicy } from "../../vm/interp/tiny/policies.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";

/** How an operand is written. "text" is stripped of quotes, "name" is not. */
type Syntax =
  | "none"
  | "int"
  | "float"
  | "bool"
  | "count"
  | "pid"
  | "text"
  | "name"
  | "path"
  | "target"
  | "label"
  | "pattern"
  | "policy"
  | "call";

interface Instruction {
  readonly syntax: Syntax;
  readonly op: OpName;
  /** what it is without operand, which then lies on top of the operand stack */
  readonly stacked?: OpName;
}

const INSTRUCTIONS: ReadonlyMap<string, Instruction> = new Map<string, Instruction>([
  ...(
    "NULL TRUE FALSE NOT AND OR DUP ADD SUB MUL DIV ADD_F SUB_F MUL_F DIV_F CONCAT EQ NE GT LT GE LE EQ_F NE_F GT_F " +
    "LT_F GE_F LE_F RET LEN INDEX MAKE_OBJECT KEYS PRINT HALT DUMP_SCOPE SPAWN YIELD RECEIVE TRAP_EXIT START_SUPERVISOR " +
    "END_TRY THROW STR_LEN CALL_FUNCTION " +
    "EXIT SLEEP READ_FILE WRITE_FILE APPEND_FILE READ_BYTES WRITE_BYTES FILE_SIZE FILE_EXISTS LIST_DIR " +
    "DELETE_FILE READ_LINE READ_CHAR READ_INPUT GET_ENV SET_ENV GET_ARGS EXEC EXEC_CAPTURE GET_TIME FORMAT_TIME " +
    "HTTP_GET HTTP_POST TCP_CONNECT TCP_LISTEN TCP_SEND TCP_RECV UDP_BIND UDP_SEND UDP_RECV DNS_RESOLVE " +
    "ASYNC_READ ASYNC_WRITE AWAIT STREAM_CREATE STREAM_READ STREAM_WRITE STREAM_CLOSE JSON_PARSE JSON_STRINGIFY " +
    "CSV_PARSE CSV_WRITE COMPRESS DECOMPRESS ENCRYPT DECRYPT HASH DB_CONNECT DB_QUERY DB_EXEC TCP_ACCEPT LOCAL_PORT CLOSE DIGEST"
  )
    .split(" ")
    .map((name): [string, Instruction] => [name, { syntax: "none", op: name as OpName }]),
  ["PUSH_INT", { syntax: "int", op: "PUSH_INT" }],
  ["PUSH_FLOAT", { syntax: "float", op: "PUSH_FLOAT" }],
  ["PUSH_STR", { syntax: "text", op: "PUSH_STR" }],
  ["PUSH_BOOL", { syntax: "bool", op: "TRUE" }],
  ["MAKE_LIST", { syntax: "count", op: "MAKE_LIST" }],
  ["SET_FIELD", { syntax: "name", op: "SET_FIELD" }],
  ["GET_FIELD", { syntax: "name", op: "GET_FIELD" }],
  ["HAS_FIELD", { syntax: "name", op: "HAS_FIELD" }],
  ["DELETE_FIELD", { syntax: "name", op: "DELETE_FIELD" }],
  ["STORE", { syntax: "name", op: "STORE.name" }],
  ["LOAD", { syntax: "name", op: "LOAD.name" }],
  ["DELETE", { syntax: "name", op: "DELETE" }],
  ["JMP", { syntax: "target", op: "JMP" }],
  ["JZ", { syntax: "target", op: "JZ" }],
  ["TRY", { syntax: "label", op: "TRY" }],
  ["CATCH", { syntax: "none", op: "CATCH.mark" }],
  ["RECEIVE_MATCH", { syntax: "pattern", op: "RECEIVE_MATCH" }],
  ["LIMIT_MAILBOX", { syntax: "policy", op: "LIMIT_MAILBOX" }],
  ["STR_SPLIT", { syntax: "text", op: "STR_SPLIT" }],
  ["STARTS_WITH", { syntax: "text", op: "STARTS_WITH" }],
  ["CALL", { syntax: "call", op: "CALL" }],
  ["MAKE_FUNCTION", { syntax: "call", op: "MAKE_FUNCTION" }],
  ["MAKE_LAMBDA", { syntax: "call", op: "MAKE_LAMBDA" }],
  ["CAPTURE", { syntax: "name", op: "CAPTURE" }],
  ["EXPORT", { syntax: "name", op: "EXPORT" }],
  ["IMPORT", { syntax: "path", op: "IMPORT" }],
  ["REGISTER", { syntax: "text", op: "REGISTER" }],
  ["WHEREIS", { syntax: "text", op: "WHEREIS" }],
  ["SENDNAMED", { syntax: "text", op: "SENDNAMED" }],
  ["SEND", { syntax: "pid", op: "SEND", stacked: "SEND.stack" }],
  ["UNREGISTER", { syntax: "text", op: "UNREGISTER" }],
  ["MONITOR", { syntax: "pid", op: "MONITOR", stacked: "MONITOR.stack" }],
  ["DEMONITOR", { syntax: "text", op: "DEMONITOR", stacked: "DEMONITOR.stack" }],
  ["LINK", { syntax: "pid", op: "LINK", stacked: "LINK.stack" }],
  ["UNLINK", { syntax: "pid", op: "UNLINK", stacked: "UNLINK.stack" }],
  ["SUPERVISE_CHILD", { syntax: "text", op: "SUPERVISE_CHILD" }],
  ["RESTART_CHILD", { syntax: "text", op: "RESTART_CHILD" }],
  // as its `compile` spells them
  ["SEND_NAMED", { syntax: "text", op: "SENDNAMED" }],
  ["MAKELIST", { syntax: "count", op: "MAKE_LIST" }],
  ["DUMPSCOPE", { syntax: "none", op: "DUMP_SCOPE" }],
]);

/** What templates may say beyond what programs may. */
const EXTENSIONS: ReadonlyMap<string, Instruction> = new Map<string, Instruction>([
  ["EQ.val", { syntax: "none", op: "EQ.val" }],
]);

export interface Assembled {
  /** there when nothing is wrong */
  readonly unit?: Unit;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * @param name           how the program's processes are called where they fail
 * @param hasExtensions  our templates use an instruction that no program has
 */
export function assembleTtvm(source: SourceFile, name: string, hasExtensions = false): Assembled {
  const lines = instructionLines(source.text);
  const labels = new Map<string, number>();
  let count = 0;
  for (const { label } of lines) {
    if (label === undefined) count++;
    else labels.set(label, count);
  }

  const builder = new TinyUnitBuilder();
  const diagnostics: Diagnostic[] = [];
  for (const line of lines) {
    const { start, mnemonic, operand = "", label } = line;
    if (label !== undefined) {
      builder.label(label);
      continue;
    }
    const report = (code: string, message: string, hint?: string): void => {
      const primary = { span: { source, start, end: start + line.text.length }, text: "" };
      diagnostics.push({ severity: "error", code, message, primary, ...(hint !== undefined && { hint }) });
    };
    const known = INSTRUCTIONS.get(mnemonic) ?? (hasExtensions ? EXTENSIONS.get(mnemonic) : undefined);
    if (known === undefined) {
      const hint = didYouMean(mnemonic, INSTRUCTIONS.keys());
      report("unknown-instruction", `there is no instruction \`${mnemonic}\``, hint);
      continue;
    }
    if (known.stacked !== undefined && line.operand === undefined) {
      builder.at(start);
      builder.plain(known.stacked);
      continue;
    }
    if (known.syntax !== "none" && line.operand === undefined) {
      report("bad-operand", `\`${mnemonic}\` lacks its operand`);
      continue;
    }
    /** The number of an instruction, or a label's. */
    const target = (text: string, mayBeNumber = true): number => {
      if (mayBeNumber && /^\+?[0-9]+$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
      const at = labels.get(text);
      if (at === undefined) report("unknown-label", `Unknown label: ${text}`, didYouMean(text, labels.keys()));
      return at ?? 0;
    };

    builder.at(start);
    switch (known.syntax) {
      case "none":
        builder.plain(known.op);
        break;
      case "int": {
        const value = parseInt64(operand);
        if (value === undefined) report("bad-operand", `Invalid integer: ${operand}`);
        else builder.pushInt(BigInt(value));
        break;
      }
      case "float": {
        const value = parseFloat64(operand);
        if (value === undefined) report("bad-operand", `Invalid float: ${operand}`);
        else builder.pushFloat(value);
        break;
      }
      case "bool":
        if (operand === "true" || operand === "false") builder.plain(operand === "true" ? "TRUE" : "FALSE");
        else report("bad-operand", `Invalid boolean: ${operand}`);
        break;
      case "count":
        if (/^\+?[0-9]+$/.test(operand)) builder.makeList(Number(operand));
        else report("bad-operand", `Invalid integer: ${operand}`);
        break;
      case "pid":
        if (/^\+?[0-9]{1,40}$/.test(operand) && BigInt(operand) < 2n ** 64n)
          builder.process(known.op as "SEND", BigInt(operand));
        else report("bad-operand", `Invalid process ID: ${operand}`);
        break;
      case "text":
        builder.text(known.op, operand.replace(/^"+/, "").replace(/"+$/, ""));
        break;
      case "name":
        builder.text(known.op, operand.trim());
        break;
      case "path": {
        const path = operand.trim().replace(/^"(.*)"$/, "$1");
        if (path === "") report("bad-operand", `\`${mnemonic}\` lacks its operand`);
        else builder.text(known.op, path);
        break;
      }
      case "target":
        builder.jump(known.op === "JZ" ? "JZ" : "JMP", target(operand.trim()));
        break;
      case "label":
        builder.jump("TRY", target(operand.trim(), false));
        break;
      case "pattern":
        if (messagePattern(operand.trim()) === undefined) report("bad-operand", `Invalid pattern: ${operand}`);
        else builder.text(known.op, operand.trim());
        break;
      case "policy":
        if (isPolicy(operand.trim())) builder.text(known.op, operand.trim());
        else report("bad-operand", `Invalid policy: ${operand}`, "it is `block`, `drop` or `crash`");
        break;
      case "call": {
        const [where = "", ...names] = operand.trim().split(/\s+/);
        const twice = names.find((each, index) => names.indexOf(each) !== index);
        if (twice !== undefined) report("bad-operand", `\`${mnemonic}\` has two parameters \`${twice}\``);
        else builder.call(known.op as "CALL", target(where), names);
      }
    }
  }
  return diagnostics.length > 0 ? { diagnostics } : { unit: builder.finish(name, source), diagnostics };
}

interface Line {
  /** offset of the instruction in the source */
  readonly start: number;
  readonly text: string;
  readonly mnemonic: string;
  /** behind one space; undefined: nothing there */
  readonly operand?: string;
  /** of a line that is no instruction but names the next one */
  readonly label?: string;
}

/** The lines that say something, without comments and surrounding space. */
function instructionLines(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const raw of text.split("\n")) {
    const [code = ""] = raw.split(";", 1);
    const trimmed = code.trim();
    if (trimmed !== "" && !trimmed.startsWith("//")) {
      const space = trimmed.indexOf(" ");
      const mnemonic = space === -1 ? trimmed : trimmed.slice(0, space);
      const at = { start: start + code.length - code.trimStart().length, text: trimmed, mnemonic };
      if (mnemonic === "LABEL" && space !== -1) lines.push({ ...at, label: trimmed.slice(space + 1).trim() });
      else lines.push(space === -1 ? at : { ...at, operand: trimmed.slice(space + 1) });
    }
    start += raw.length + 1;
  }
  return lines;
}
