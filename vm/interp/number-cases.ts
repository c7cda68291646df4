/**
 * Puts the numbers of the opcode table into the interpreters' `case 12: // ADD` lines, after rows have moved.
 *
 * The interpreter has literals there because V8 makes a jump table of them in every tier, also in tests that are not
 * bundled; names would be compared one after the other. Run: node vm/interp/number-cases.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { OP } from "../bytecode/opcodes.ts";

const CASE = /(case |=== )(\d+)((?:: \{\n *|.*)\/\/ )([A-Z_]+(?:\.[a-z]+)?)$/gm;

/** The text with every numbered case renumbered. @throws Error for a name that is not in the table */
export function numberCases(text: string): string {
  return text.replace(CASE, (_, before: string, _number: string, between: string, name: string) => {
    const number = (OP as Readonly<Record<string, number>>)[name];
    if (number === undefined) throw new Error(`no opcode is named ${name}`);
    return `${before}${number}${between}${name}`;
  });
}

if (process.argv[1]?.endsWith("number-cases.ts")) {
  for (const name of ["./interpreter.ts", "./tiny.ts"]) {
    const file = new URL(name, import.meta.url);
    writeFileSync(file, numberCases(readFileSync(file, "utf8")));
  }
}
