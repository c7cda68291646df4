/** `ttvm compile`: assembly in, a `.ttb` file of our container out, with its flag for TinyTotVM code. */
import { writeFileSync } from "node:fs";
import { writeUnit } from "../../vm/bytecode/ttb/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { showDiagnostics, writeAll } from "../terminal.ts";
import { loadAssembly } from "./load.ts";

export function compile(from: string, to: string, asJson: boolean): ExitCode {
  const { unit, diagnostics, sources } = loadAssembly(from, "main");
  showDiagnostics(diagnostics, asJson, sources);
  if (unit === undefined) return EXIT.failed;
  try {
    writeFileSync(to, writeUnit(unit).bytes);
  } catch (error) {
    const message = `cannot write \`${to}\`: ${(error as Error).message}`;
    showDiagnostics([{ severity: "error", code: "unwritable", message }], asJson);
    return EXIT.failed;
  }
  writeAll(1, `Compiled to ${to}\n`);
  return EXIT.ok;
}
