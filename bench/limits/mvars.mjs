/**
 * What mvars cost: the programs of mvars.nos with one scheduler and with two, microseconds an update, medians.
 *
 *     npm run build && node bench/limits/mvars.mjs [RUNS]
 *
 * Ends with 1 if a run fails, as it does when an update is lost.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runs = Number(process.argv[2] ?? 5);
/** by name of the case: by number of schedulers, one figure a run */
const figures = new Map();

for (let round = 0; round < runs; round++) {
  for (const schedulers of [1, 2]) {
    const args = ["run", "--schedulers", String(schedulers), "bench/limits/mvars.nos"];
    const { status, stdout, stderr } = spawnSync(`${root}dist/nostos.cjs`, args, { cwd: root, encoding: "utf8" });
    if (status !== 0) {
      console.error(stderr);
      process.exit(1);
    }
    for (const line of stdout.trim().split("\n")) {
      const [, name, us, updates] = /^(.*) (\d+) (\d+)$/.exec(line);
      const all = figures.get(name) ?? { 1: [], 2: [] };
      all[schedulers].push(us / updates);
      figures.set(name, all);
    }
  }
}

const median = (all) =>
  all
    .sort((a, b) => a - b)
    [all.length >> 1].toFixed(2)
    .padStart(9);
console.log(`${"microseconds an update".padEnd(48)} one       two schedulers (medians of ${runs})`);
for (const [name, all] of figures) console.log(`${name.padEnd(46)}${median(all[1])}${median(all[2])}`);
