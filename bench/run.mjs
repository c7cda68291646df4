/**
 * Times whole runs of small programs beside an empty Node, interleaved, and prints medians and ratios.
 *
 *     npm run bench            # 9 rounds
 *     npm run bench -- 21      # 21 rounds
 *
 * One operating-system process a run; the answer is checked, so a wrong fast program is no result. Programs are compiled
 * each time, but for `hello, second run`: that one comes from a cache of its own, which the first run fills.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const rounds = Number(process.argv[2] ?? 9);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("usage: npm run bench -- [ROUNDS]");
  process.exit(2);
}

const nostos = `${root}dist/nostos.cjs`;
const cache = mkdtempSync(join(tmpdir(), "nostos-bench-"));
process.on("exit", () => rmSync(cache, { recursive: true, force: true }));
const programs = [
  { name: "node -e 0", command: ["node", "-e", "0"], last: "" },
  { name: "hello", command: [nostos, "run", `${root}bench/programs/hello.nos`], last: "hello" },
  { name: "hello, second run", command: [nostos, "run", `${root}examples/hello.nos`], last: "Hello, world!", cache },
  { name: "fib(30)", command: [nostos, "run", `${root}bench/programs/fib30.nos`], last: "832040" },
  { name: "spawn_100k", command: [nostos, "run", `${root}examples/spawn_100k.nos`], last: "Total: 4999950000" },
];

/** From a cache, or compiled; the answer as text. */
function start({ command, cache: directory = "off" }) {
  return spawnSync(command[0], command.slice(1), {
    encoding: "utf8",
    env: { ...process.env, NOSTOS_CACHE: directory },
  });
}

for (const program of programs) if (program.cache !== undefined) start(program);

const times = programs.map(() => []);
for (let round = 0; round < rounds; round++) {
  programs.forEach((program, index) => {
    const { name, last } = program;
    const startNs = process.hrtime.bigint();
    const done = start(program);
    times[index].push(Number(process.hrtime.bigint() - startNs) / 1e6);
    const answer = done.stdout.trimEnd().split("\n").at(-1);
    if (done.status !== 0 || answer !== last) {
      console.error(
        `${name}: exit ${done.status}, last line ${JSON.stringify(answer)}, expected ${JSON.stringify(last)}\n${done.stderr}`,
      );
      process.exit(1);
    }
  });
}

const median = (list) => list.slice().sort((a, b) => a - b)[list.length >> 1];
const base = median(times[0]);
console.log(`whole-process milliseconds, median of ${rounds} interleaved rounds (Node ${process.version})`);
programs.forEach(({ name }, index) => {
  const own = median(times[index]);
  console.log(`${name.padEnd(18)}${own.toFixed(0).padStart(7)}   ${(own / base).toFixed(2)} × node -e 0`);
});
