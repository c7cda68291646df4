/**
 * Whether processes and messages leave anything behind: programs of them run for a minute each while the heap is looked at
 * after collections of everything; then two million messages wait in one mailbox.
 *
 *     npm run build && node bench/limits/leak.mjs [SECONDS]
 *
 * Prints the median of the first and of the last third of the samples, without those of the first seconds, in which code
 * is compiled, and ends with 1 if a heap has not stayed flat.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../measure.mjs";

const SECONDS = Number(process.argv[2] ?? 60);
const SAMPLE_MS = 500;
/** part of the samples that are not counted, while the program warms up */
const WARM_UP = 0.15;
/** What the last third may have more than the first: V8's own tables of code and of types. */
const MOST_GROWTH_KB = 256;

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "nostos-leak-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// loaded into the measured run
const probe = join(folder, "probe.cjs");
writeFileSync(
  probe,
  `const samples = [];
setInterval(() => { gc(); samples.push(process.memoryUsage().heapUsed); }, ${SAMPLE_MS}).unref();
process.on("exit", () => console.error("samples " + JSON.stringify(samples)));`,
);

/** The program's output, and the heap in KB, sample by sample. */
function run(which) {
  const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=128", "-r", probe];
  const program = [`${root}dist/nostos.cjs`, "run", `${root}bench/limits/leak.nos`, which, String(SECONDS)];
  const done = spawnSync("node", [...flags, ...program], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  const samples = JSON.parse(/^samples (.*)$/m.exec(done.stderr)[1]).map((bytes) => bytes / 1024);
  return { shown: done.stdout.trim().replaceAll("\n", ", "), samples };
}

for (const which of ["ring", "pingpong", "spawn"]) {
  const { shown, samples } = run(which);
  const warm = samples.slice(Math.ceil(samples.length * WARM_UP));
  const third = Math.floor(warm.length / 3);
  if (third === 0) throw new Error(`too few samples: ${samples.length}`);
  const [first, last] = [median(warm.slice(0, third)), median(warm.slice(-third))];
  const isFlat = last - first <= MOST_GROWTH_KB;
  if (!isFlat) process.exitCode = 1;
  const verdict = isFlat ? "flat" : "NOT FLAT";
  console.log(`${which.padEnd(9)} heap ${first.toFixed(0)} KB, then ${last.toFixed(0)} KB: ${verdict} (${shown})`);
}

const { shown, samples } = run("mailbox");
const [most, left] = [Math.max(...samples), samples.at(-1)];
const isFreed = left <= Math.min(...samples) + MOST_GROWTH_KB;
if (!isFreed) process.exitCode = 1;
const verdict = isFreed ? "freed" : "NOT FREED";
console.log(`mailbox   heap ${most.toFixed(0)} KB at most, in the end ${left.toFixed(0)} KB: ${verdict} (${shown})`);
