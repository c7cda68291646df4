/**
 * What several schedulers give to programs that have work for them, and what they cost those that have none.
 *
 *     npm run build && node bench/limits/smp.mjs [program …]        on a machine with two cores to spare
 *
 * Each program of bench/limits/smp runs with one scheduler and with two in turn; the table has the medians of the wall
 * times, processor time, and the ratio that is asked for. `across` prints messages a second and the time of a round trip,
 * `waiting` the live heap of all threads with a million waiting processes. See docs/benchmarks.md.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const REPEATS = Number(process.env.REPEATS ?? 9);
/** name → what the ratio should be: of one scheduler's time to two's for gains, of two's to one's for costs */
const GAINS = { fib: 1.75, jobs: 1.6 };
const COSTS = { tiny: 1.05, pingpong: 1.1, ring: 1.1, counter: 1.1, hello: 1.05 };

const asked = process.argv.slice(2);
const isAsked = (name) => asked.length === 0 || asked.includes(name);
const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];

function run(name, schedulers) {
  const wall = process.hrtime.bigint();
  const before = process.resourceUsage();
  const options = ["run", "--schedulers", String(schedulers), `${root}bench/limits/smp/${name}.nos`];
  const done = spawnSync(`${root}dist/nostos.cjs`, options, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  const ms = Number(process.hrtime.bigint() - wall) / 1e6;
  return { ms, out: done.stdout, before };
}

function compare(name, target, isGain) {
  const [one, two] = [[], []];
  for (let i = 0; i < REPEATS; i++) {
    one.push(run(name, 1).ms);
    two.push(run(name, 2).ms);
  }
  const ratio = isGain ? median(one) / median(two) : median(two) / median(one);
  const isMet = isGain ? ratio >= target : ratio <= target;
  const row = [
    name,
    median(one).toFixed(0),
    median(two).toFixed(0),
    ratio.toFixed(2),
    `${isGain ? "≥" : "≤"} ${target}`,
  ];
  console.log(`| ${row.join(" | ")} | ${isMet ? "yes" : "no"} |`);
}

console.log(
  "| program | one scheduler, ms | two, ms | ratio | asked for | met |\n| --- | --: | --: | --: | --: | --- |",
);
for (const [name, target] of Object.entries(GAINS)) if (isAsked(name)) compare(name, target, true);
for (const [name, target] of Object.entries(COSTS)) if (isAsked(name)) compare(name, target, false);

if (isAsked("across")) {
  const seen = Array.from({ length: REPEATS }, () => run("across", 2).out.split(" ").map(Number));
  const [aMs, trip] = [median(seen.map(([each]) => each)), median(seen.map(([, each]) => each))];
  console.log(`across: ${(aMs / 1000).toFixed(2)} million messages a second one way, ${trip / 10} µs a round trip`);
}

/** Loaded into the measured run and into each of its threads: collects now and then, says at the end what was left. */
const PROBE = `
let last = 0;
const { isMainThread } = require("node:worker_threads");
setInterval(() => { gc(); last = process.memoryUsage().heapUsed; }, 500).unref();
if (isMainThread) process.on("exit", () => console.log("heap " + last + " rss " + process.memoryUsage().rss));
`;

if (isAsked("waiting")) {
  const folder = mkdtempSync(join(tmpdir(), "nostos-smp-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "probe.cjs"), PROBE);
  const flags = [
    "--expose-gc",
    "--min-semi-space-size=64",
    "--max-semi-space-size=128",
    "-r",
    join(folder, "probe.cjs"),
  ];
  for (const schedulers of [1, 2, 4]) {
    const options = [
      `${root}dist/nostos.cjs`,
      "run",
      "--schedulers",
      String(schedulers),
      `${root}bench/limits/waiting.nos`,
    ];
    const { stdout, stderr, status } = spawnSync("node", [...flags, ...options], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    const [, heap, rss] = /heap (\d+) rss (\d+)/.exec(stdout);
    const mb = (bytes) => (bytes / 2 ** 20).toFixed(0);
    console.log(
      `waiting: ${schedulers} schedulers, a million processes: live heap ${mb(heap)} MB, resident ${mb(rss)} MB`,
    );
  }
}
