/**
 * Before any test over the sources: builds what the threads of further schedulers run, since Node loads no TypeScript
 * there. Into a folder of its own, so that nobody's dist/ changes under him.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export default function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), "nostos-worker-"));
  const script = fileURLToPath(new URL("../../cli/build/bundle.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "--worker", directory], { stdio: "inherit" });
  process.env.NOSTOS_WORKER = join(directory, "worker.cjs"); // cli/worker-script.ts; the tests' processes inherit it
  return () => rmSync(directory, { recursive: true });
}
