/**
 * Runs fairness.nos: ten processes in endless long operations, a ping-pong pair and a 10 ms timer beside them. Prints the
 * worst delays that the two saw, and the longest pause of the collector while they ran.
 *
 *     npm run build && node bench/limits/fairness.mjs          wall clock: the machine should have nothing else to do
 *     npm run build && node bench/limits/fairness.mjs --cpu    the run's clock is the time that it had a processor
 *
 * A pause is V8's own figure, always by the wall clock. Under --cpu the collector works on one thread, or its helpers'
 * time would count as well.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const flags = ["--trace-gc", "--min-semi-space-size=64", "--max-semi-space-size=128"];
if (process.argv.includes("--cpu")) {
  const folder = mkdtempSync(join(tmpdir(), "nostos-fairness-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const clock = join(folder, "clock.cjs");
  writeFileSync(
    clock,
    `process.hrtime.bigint = () => { const { user, system } = process.cpuUsage(); return BigInt(user + system) * 1000n; };`,
  );
  flags.push("--single-threaded-gc", "-r", clock);
}
const done = spawnSync("node", [...flags, `${root}dist/nostos.cjs`, "run", `${root}bench/limits/fairness.nos`], {
  encoding: "utf8",
  maxBuffer: 2 ** 28,
});
if (done.status !== 0) throw new Error(done.stderr);
const lines = done.stdout.split("\n");
const running = lines.slice(lines.indexOf("built"));
const pauses = running.flatMap((line) => (/ ms: .* MB, ([0-9.]+) \//.exec(line) ?? []).slice(1).map(Number));
for (const line of running) if (line.includes("worst")) console.log(line);
console.log(`longest pause of the collector: ${Math.max(...pauses)} ms of ${pauses.length}`);
