/**
 * Where `nostos` starts: guards around main, and the exit.
 *
 * Stays true: whatever goes wrong inside ends as a diagnostic, not as a JavaScript stack (NOSTOS_DEBUG=1 shows it).
 * Output is written synchronously everywhere, so leaving by `process.exit` loses nothing.
 */
import { EXIT } from "./exit-codes.ts";
import { main } from "./main.ts";
import { internalError } from "./report.ts";
import { showDiagnostics } from "./terminal.ts";

function fail(error: unknown): never {
  showDiagnostics([internalError(error)], process.argv.includes("--json"));
  process.exit(EXIT.failed);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
main(process.argv.slice(2)).then((code) => process.exit(code), fail);
