/** `nostos disasm`: prints the bytecode that a program becomes. */
import { disassemble } from "../../vm/bytecode/disassemble.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { loadProject } from "../project.ts";
import { STDLIB_PATH } from "../stdlib-path.ts";
import { showDiagnostics, writeAll } from "../terminal.ts";

export async function disasm(path: string, options: { readonly json?: true; readonly all?: true }): Promise<ExitCode> {
  const { compile } = await import("../compile.ts"); // only when needed: the compiler takes longest to load
  const { unit, diagnostics, sources } = compile(loadProject(path));
  showDiagnostics(diagnostics, options.json === true, sources);
  if (unit === undefined) return EXIT.failed;
  writeAll(
    1,
    disassemble(unit, (from) => options.all === true || !from.startsWith(STDLIB_PATH)),
  );
  return EXIT.ok;
}
