/** `nostos disasm`: prints the bytecode that a program becomes, or that a `.ttb` file holds. */
import { disassemble } from "../../vm/bytecode/disassemble.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { isBytecodePath, loadBytecode } from "../bytecode-file.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { loadProject } from "../project.ts";
import { STDLIB_PATH } from "../stdlib-path.ts";
import { showDiagnostics, writeAll } from "../terminal.ts";

export async function disasm(path: string, options: { readonly json?: true; readonly all?: true }): Promise<ExitCode> {
  const unit = await load(path, options.json === true);
  if (unit === undefined) return EXIT.failed;
  writeAll(
    1,
    disassemble(unit, (from) => options.all === true || !from.startsWith(STDLIB_PATH)),
  );
  return EXIT.ok;
}

/** A file of bytecode is shown as it is, also one that would not run. */
async function load(path: string, asJson: boolean): Promise<Unit | undefined> {
  if (isBytecodePath(path)) {
    const loaded = loadBytecode(path);
    if ("unit" in loaded) return loaded.unit;
    showDiagnostics([loaded.problem], asJson);
    return undefined;
  }
  const { compile } = await import("../compile.ts"); // only when needed: the compiler takes longest to load
  const { unit, diagnostics, sources } = compile(loadProject(path));
  showDiagnostics(diagnostics, asJson, sources);
  return unit;
}
