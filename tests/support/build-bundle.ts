/** Before any test: builds dist/, so that tests/cli runs exactly what ships. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function setup(): void {
  const script = fileURLToPath(new URL("../../cli/build/bundle.mjs", import.meta.url));
  execFileSync(process.execPath, [script], { stdio: "inherit" });
}
