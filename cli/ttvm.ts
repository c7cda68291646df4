/**
 * Where `ttvm`, the command for TinyTotVM programs, starts: guards around main, and the exit.
 *
 * Stays true: as in nostos.ts, whatever goes wrong inside ends as a diagnostic, not as a JavaScript stack.
 */
import { EXIT } from "./exit-codes.ts";
import { internalError } from "./report.ts";
import { showDiagnostics } from "./terminal.ts";
import { main } from "./ttvm/main.ts";

function fail(error: unknown): never {
  showDiagnostics([internalError(error)], process.argv.includes("--json"));
  process.exit(EXIT.failed);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
main(process.argv.slice(2)).then((code) => process.exit(code), fail);
