/** `nostos check`: compiles, shows what is wrong, runs nothing. */
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { loadProject } from "../project.ts";
import { showDiagnostics } from "../terminal.ts";

export async function check(path: string, options: { readonly json?: true }): Promise<ExitCode> {
  const { compile } = await import("../compile.ts"); // only when needed: the compiler takes longest to load
  const { diagnostics, sources } = compile(loadProject(path), false);
  showDiagnostics(diagnostics, options.json === true, sources);
  return diagnostics.some(({ severity }) => severity === "error") ? EXIT.failed : EXIT.ok;
}
