/**
 * Bytecode by hand, for tests of the machine: one line an instruction, operands by name.
 *
 *     mvar counter            global answer = compute        type Some/1        mutable Point/2 x y
 *     fn main/0 slots=2
 *     again:
 *       PUSH_INT 1
 *       CALL.fn fib 1
 *       JMP again
 *
 * `.` is the instruction's own address. Constants are written in place: "text", 1.5, 12n (Int), 'c', true, (). Every instruction's place is its line.
 */
import { nameOf, OP, OPCODES, type OpcodeRow, type OpName, VALUE_KINDS } from "../../vm/bytecode/opcodes.ts";
import type { Constant, DataType, FunctionCode, GlobalCode, MvarCode, Unit } from "../../vm/bytecode/unit.ts";

interface Draft {
  name: string;
  arity: number;
  captures: number;
  slots: number;
  words: (number | { readonly label: string })[];
  places: number[];
  labels: Map<string, number>;
}

const ROWS = new Map<string, OpcodeRow>(OPCODES.map((row) => [nameOf(row), row]));
const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s]+/g;

export function assemble(text: string, path = "test.asm"): Unit {
  const lines = text.split("\n");
  const lineStarts: number[] = [];
  let offset = 0;
  for (const line of lines) {
    lineStarts.push(offset);
    offset += line.length + 1;
  }

  const constants: Constant[] = [];
  const natives: string[] = [];
  const lockSets: number[][] = [];
  const dataTypes: DataType[] = [];
  const mvars: MvarCode[] = [];
  const globalDrafts: { name: string; init: string | undefined }[] = [];
  const drafts: Draft[] = [];

  const parsed = lines.map((line) => line.replace(/(^|\s);.*$/, "").match(TOKEN) ?? []);
  for (const tokens of parsed) {
    const [word, first = "", ...rest] = tokens;
    if (word === "mvar") mvars.push({ name: first, module: "" });
    else if (word === "global") globalDrafts.push({ name: first, init: rest[1] });
    else if (word === "type" || word === "mutable" || word === "struct") {
      const [name = "", arity = "0"] = first.split("/");
      dataTypes.push({
        sort: word === "struct" ? "struct" : rest.length > 0 ? "record" : "variant",
        module: "",
        type: word === "struct" ? "" : rest.length > 0 ? name : "T",
        name: word === "struct" ? "" : name,
        arity: Number(arity),
        ...(rest.length > 0 ? { fieldNames: rest } : {}),
        tag: dataTypes.length,
        isMutable: word === "mutable",
      });
    } else if (word === "fn") {
      const [name = "", arity = "0"] = first.split("/");
      const option = (key: string, otherwise: number): number => {
        const found = rest.find((token) => token.startsWith(`${key}=`));
        return found === undefined ? otherwise : Number(found.slice(key.length + 1));
      };
      const captures = option("captures", 0);
      const slots = option("slots", Number(arity) + captures);
      drafts.push({ name, arity: Number(arity), captures, slots, words: [], places: [], labels: new Map() });
    }
  }

  const indexOf = (names: readonly string[], name: string, what: string): number => {
    if (/^-?\d+$/.test(name)) return Number(name);
    const index = names.indexOf(name);
    if (index === -1) throw new Error(`no ${what} named ${name}`);
    return index;
  };
  const intern = (list: string[], name: string): number => {
    const index = list.indexOf(name);
    return index === -1 ? list.push(name) - 1 : index;
  };
  let draft: Draft | undefined;
  const operand = (role: OpcodeRow["operands"][number], token: string): number | { label: string } => {
    switch (role) {
      case "const":
        return constants.push(parseConstant(token)) - 1;
      case "function":
        return indexOf(
          drafts.map(({ name }) => name),
          token,
          "function",
        );
      case "native":
        return intern(natives, token);
      case "dataType":
        return indexOf(
          dataTypes.map(({ name }) => name),
          token,
          "type",
        );
      case "mvar":
        return indexOf(
          mvars.map(({ name }) => name),
          token,
          "mvar",
        );
      case "global":
        return indexOf(
          globalDrafts.map(({ name }) => name),
          token,
          "global",
        );
      case "lockSet":
        return (
          lockSets.push(
            token.split(",").map((name) =>
              indexOf(
                mvars.map((mvar) => mvar.name),
                name,
                "mvar",
              ),
            ),
          ) - 1
        );
      case "valueKind":
        return VALUE_KINDS.indexOf(token as (typeof VALUE_KINDS)[number]);
      case "address":
        return token === "." ? draft!.words.length : { label: token };
      default:
        return Number(token);
    }
  };

  let next = 0;
  parsed.forEach((tokens, index) => {
    const [word, ...operands] = tokens;
    if (word === undefined || ["mvar", "global", "type", "mutable", "struct"].includes(word)) return;
    if (word === "fn") {
      draft = drafts[next++];
      return;
    }
    if (draft === undefined) throw new Error(`line ${index + 1}: no function yet`);
    if (word.endsWith(":")) {
      draft.labels.set(word.slice(0, -1), draft.words.length);
      return;
    }
    const row = ROWS.get(word);
    if (row === undefined || operands.length !== row.operands.length)
      throw new Error(`line ${index + 1}: ${tokens.join(" ")}`);
    draft.places.push(draft.words.length, 0, lineStarts[index]! + lines[index]!.indexOf(word));
    draft.words.push(OP[word as OpName], ...row.operands.map((role, position) => operand(role, operands[position]!)));
  });

  // one lock set a spelling, so that LOCK and UNLOCK name the same
  const spelled = lockSets.map((set) => set.join());
  const functions = drafts.map((each): FunctionCode => {
    const words = each.words.map((item) => {
      if (typeof item === "number") return item;
      const at = each.labels.get(item.label);
      return at ?? Number(item.label);
    });
    return {
      name: each.name,
      arity: each.arity,
      captures: each.captures,
      slots: each.slots,
      paramKinds: new Array(each.arity).fill("any"),
      resultKind: "any",
      code: shareLockSets(Int32Array.from(words), spelled),
      places: Int32Array.from(each.places),
    };
  });
  const globals = globalDrafts.map(({ name, init }): GlobalCode => {
    return {
      name,
      module: "",
      init:
        init === undefined
          ? -1
          : indexOf(
              drafts.map((each) => each.name),
              init,
              "function",
            ),
    };
  });
  const entry = drafts.findIndex(({ name }) => name === "main");
  const sources = [{ path, lineStarts: Int32Array.from(lineStarts) }];
  return { constants, dataTypes, functions, mvars, globals, lockSets, natives, sources, entry };
}

function shareLockSets(code: Int32Array, spelled: readonly string[]): Int32Array {
  for (let at = 0; at < code.length; ) {
    const row = OPCODES[code[at]!]!;
    if (row.operands[0 as never] === ("lockSet" as never)) code[at + 1] = spelled.indexOf(spelled[code[at + 1]!]!);
    at += 1 + row.operands.length;
  }
  return code;
}

function parseConstant(token: string): Constant {
  if (token.startsWith('"')) return { kind: "String", value: JSON.parse(token) as string };
  if (token.startsWith("'")) return { kind: "Char", value: token.slice(1, -1) };
  if (token === "true" || token === "false") return { kind: "Bool", value: token === "true" };
  if (token === "()") return { kind: "Unit" };
  if (token.endsWith("n")) return { kind: "Int", value: BigInt(token.slice(0, -1)) };
  return { kind: "Float", value: Number(token) };
}
