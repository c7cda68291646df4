/**
 * Times whole runs of small programs beside an empty Node, interleaved, and prints medians and ratios.
 *
 *     npm run bench            # 9 rounds
 *     npm run bench -- 21      # 21 rounds
 *
 * One operating-system process a run; the answer is checked, so a wrong fast program is no result.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const rounds = Number(process.argv[2] ?? 9);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("usage: npm run bench -- [ROUNDS]");
  process.exit(2);
}

const nostos = `${root}dist/nostos.cjs`;
const programs = [
  { name: "node -e 0", command: ["node", "-e", "0"], last: "" },
  { name: "hello", command: [nostos, "run", `${root}bench/programs/hello.nos`], last: "hello" },
  { name: "fib(30)", command: [nostos, "run", `${root}bench/programs/fib30.nos`], last: "832040" },
  { name: "spawn_100k", command: [nostos, "run", `${root}examples/spawn_100k.nos`], last: "Total: 4999950000" },
];

const times = programs.map(() => []);
for (let round = 0; round < rounds; round++) {
  programs.forEach(({ name, command, last }, index) => {
    const start = process.hrtime.bigint();
    const done = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
    times[index].push(Number(process.hrtime.bigint() - start) / 1e6);
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
  console.log(`${name.padEnd(14)}${own.toFixed(0).padStart(7)}   ${(own / base).toFixed(2)} × node -e 0`);
});
