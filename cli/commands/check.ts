/** `nostos check`: compiles, shows what is wrong, runs nothing. */
import { compile } from "../compile.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { loadProject } from "../project.ts";
import { showDiagnostics } from "../terminal.ts";

export function check(path: string, options: { readonly json?: true }): ExitCode {
  const { unit, diagnostics, sources } = compile(loadProject(path));
  showDiagnostics(diagnostics, options.json === true, sources);
  return unit === undefined ? EXIT.failed : EXIT.ok;
}
