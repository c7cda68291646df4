/**
 * Bytecode as text for people: names instead of indexes, labels instead of addresses, the source line of each stretch.
 *
 * Works on any Unit, also one that the verifier would refuse: what makes no sense is shown as the number it is.
 */
import { nameOf, OPCODES, type OpcodeRow, VALUE_KINDS } from "./opcodes.ts";
import type { Constant, FunctionCode, Unit } from "./unit.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;
const SHOWN_CHARACTERS = 60;

/** @param isShown  by path of the source in which a function begins; made-up ones belong to none ("") */
export function disassemble(unit: Unit, isShown: (path: string) => boolean = () => true): string {
  const lines: string[] = [];
  for (const mvar of unit.mvars) lines.push(`mvar ${qualified(mvar)}`);
  unit.globals.forEach((global) => {
    lines.push(`global ${qualified(global)}${global.init === -1 ? "" : ` = ${functionName(unit, global.init)}`}`);
  });
  if (lines.length > 0) lines.push("");
  unit.functions.forEach((fn, index) => {
    if (!isShown(unit.sources[fn.places[1] ?? -1]?.path ?? "")) return;
    for (const line of disassembleFunction(unit, fn, index === unit.entry)) lines.push(line); // may be very many
    lines.push("");
  });
  return `${lines.join("\n").trimEnd()}\n`;
}

function disassembleFunction(unit: Unit, fn: FunctionCode, isEntry: boolean): string[] {
  const { code } = fn;
  const captures = fn.captures === 0 ? "" : ` captures=${fn.captures}`;
  const kinds = [...fn.paramKinds, fn.resultKind].join(" -> ");
  const lines = [`${isEntry ? "entry " : ""}fn ${fn.name}/${fn.arity} slots=${fn.slots}${captures}    ; ${kinds}`];

  const targets = new Set<number>();
  forEachInstruction(code, (row, at) => {
    row.operands.forEach((role, position) => {
      if (role === "address") targets.add(code[at + 1 + position]!);
    });
  });

  let place = 0;
  let shownLine = "";
  forEachInstruction(
    code,
    (row, at) => {
      while (place + 3 < fn.places.length && fn.places[place + 3]! <= at) place += 3;
      const line =
        fn.places.length > 0 && fn.places[place]! <= at
          ? lineOf(unit, fn.places[place + 1]!, fn.places[place + 2]!)
          : "";
      if (targets.has(at)) lines.push(`${label(at)}:`);
      const operands = row.operands.map((role, position) => operandText(unit, role, code[at + 1 + position]!));
      const text = `  ${String(at).padStart(5)}  ${[nameOf(row).padEnd(20), ...operands].join(" ").trimEnd()}`;
      lines.push(line === shownLine || line === "" ? text : `${text.padEnd(60)} ; ${line}`);
      shownLine = line;
    },
    (at) => lines.push(`  ${String(at).padStart(5)}  ?? ${code[at]}`),
  );
  return lines;
}

/** Visits instruction after instruction; a word that is none, or one cut off, goes to `other` and ends the walk. */
function forEachInstruction(
  code: Int32Array,
  visit: (row: OpcodeRow, at: number) => void,
  other: (at: number) => void = () => {},
): void {
  for (let at = 0; at < code.length; ) {
    const row = ROWS[code[at]!];
    if (row === undefined || at + row.operands.length >= code.length) {
      other(at);
      return;
    }
    visit(row, at);
    at += 1 + row.operands.length;
  }
}

function operandText(unit: Unit, role: OpcodeRow["operands"][number], word: number): string {
  const unknown = `?${word}`;
  switch (role) {
    case "const": {
      const constant = unit.constants[word];
      return constant === undefined ? unknown : constantText(constant);
    }
    case "function":
      return functionName(unit, word);
    case "native":
      return unit.natives[word] ?? unknown;
    case "dataType": {
      const type = unit.dataTypes[word];
      if (type === undefined) return unknown;
      if (type.sort === "struct") return `{${type.fieldNames?.join(", ") ?? ""}}`;
      return qualified({ module: type.module, name: type.name === "" ? type.type : type.name }); // IS_TYPE names no constructor
    }
    case "mvar": {
      const mvar = unit.mvars[word];
      return mvar === undefined ? unknown : qualified(mvar);
    }
    case "global": {
      const global = unit.globals[word];
      return global === undefined ? unknown : qualified(global);
    }
    case "lockSet": {
      const set = unit.lockSets[word];
      return set === undefined ? unknown : set.map((mvar) => unit.mvars[mvar]?.name ?? `?${mvar}`).join(",");
    }
    case "valueKind":
      return VALUE_KINDS[word] ?? unknown;
    case "address":
      return label(word);
    case "slot":
      return `$${word}`;
    default:
      return String(word);
  }
}

function constantText(constant: Constant): string {
  switch (constant.kind) {
    case "String": {
      const text = JSON.stringify(constant.value);
      return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…"` : text;
    }
    case "Char":
      return `'${constant.value}'`;
    case "Unit":
      return "()";
    case "Int":
    case "Bool":
      return String(constant.value);
    case "Float":
      return Number.isInteger(constant.value) ? constant.value.toFixed(1) : String(constant.value);
    default:
      return `${constant.kind}(${constant.value})`;
  }
}

function functionName(unit: Unit, index: number): string {
  return unit.functions[index]?.name ?? `?${index}`;
}

function qualified(named: { readonly module: string; readonly name: string }): string {
  return named.module === "" ? named.name : `${named.module}.${named.name}`;
}

function label(at: number): string {
  return `L${at}`;
}

function lineOf(unit: Unit, sourceIndex: number, offset: number): string {
  const source = unit.sources[sourceIndex];
  if (source === undefined) return "";
  let line = 0;
  while (line < source.lineStarts.length && source.lineStarts[line]! <= offset) line++;
  return `${source.path}:${line}`;
}
