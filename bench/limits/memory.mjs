/**
 * What a waiting process costs: the heap after a collection with a million of them, less that of an empty machine, and the
 * resident memory while all are alive.
 *
 *     npm run build && node bench/limits/memory.mjs
 *
 * V8's own log says the sizes; a collection of everything is asked for from outside the program, when it sleeps.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROCESSES = 1_000_000;
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "nostos-memory-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// loaded into the measured run: collects every half second, and says what is left when the run ends
const probe = join(folder, "probe.cjs");
writeFileSync(
  probe,
  `let last = 0;
setInterval(() => { gc(); last = process.memoryUsage().heapUsed; }, 500).unref();
process.on("exit", () => console.log("heap " + last));`,
);
const empty = join(folder, "empty.nos");
writeFileSync(empty, "main() = sleep(1500)\n");

function heapOf(program) {
  const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=128", "-r", probe];
  const done = spawnSync("node", [...flags, `${root}dist/nostos.cjs`, "run", program], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  return { heap: Number(/heap (\d+)/.exec(done.stdout)[1]), rss: /rss .*/.exec(done.stdout)?.[0] };
}

const base = heapOf(empty).heap;
const { heap, rss } = heapOf(`${root}bench/limits/waiting.nos`);
console.log(`a waiting process: ${((heap - base) / PROCESSES).toFixed(0)} bytes; with ${PROCESSES} alive ${rss}`);
