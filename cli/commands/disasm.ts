/** `nostos disasm`: prints the bytecode that a program becomes. */
import { disassemble } from "../../vm/bytecode/disassemble.ts";
import { compile } from "../compile.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { loadProject } from "../project.ts";
import { showDiagnostics, writeAll } from "../terminal.ts";

export function disasm(path: string, options: { readonly json?: true; readonly all?: true }): ExitCode {
  const { unit, diagnostics, sources } = compile(loadProject(path));
  showDiagnostics(diagnostics, options.json === true, sources);
  if (unit === undefined) return EXIT.failed;
  writeAll(1, disassemble(unit));
  return EXIT.ok;
}
