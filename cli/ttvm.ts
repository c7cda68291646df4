/** `ttvm`, the command for TinyTotVM programs, which is not built yet: it says so and nothing else. */
import { EXIT } from "./exit-codes.ts";
import { showDiagnostics } from "./terminal.ts";

showDiagnostics(
  [
    {
      severity: "error",
      code: "not-yet",
      message: "`ttvm` is not built yet: this version cannot assemble or run `.ttvm` programs",
      hint: "`nostos FILE.nos` runs Nostos programs",
    },
  ],
  process.argv.includes("--json"),
);
process.exit(EXIT.usage);
