/**
 * `npm run fuzz -- COUNT SEED`: compares the engines on so many generated programs, the first made from SEED.
 *
 * A program on which something is wrong is written to a file, with what is wrong on the terminal. Several of these can run
 * beside each other with seeds of their own.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeGenerated } from "./judge-generated.ts";

const [countText = "1000", seedText = "1"] = process.argv.slice(2);
const count = Number(countText);
const first = Number(seedText);
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(first) || count < 1) {
  console.error("npm run fuzz -- COUNT SEED: two whole numbers, such as 5000 1");
  process.exit(2);
}

const outcomes = new Map<string, number>();
const startedMs = Date.now();
let failures = 0;
console.log(`${count} programs from seed ${first}`);
for (let seed = first; seed < first + count; seed++) {
  const verdict = await judgeGenerated(seed);
  outcomes.set(verdict.outcome, (outcomes.get(verdict.outcome) ?? 0) + 1);
  if (verdict.problems.length > 0) {
    failures++;
    const file = join(tmpdir(), `nostos-generated-${seed}.nos`);
    writeFileSync(file, verdict.program.text);
    console.log(`seed ${seed}: ${file}\n${verdict.problems.join("\n")}`);
  }
  const done = seed - first + 1;
  if (done % 500 === 0)
    console.log(`${done} done in ${Math.round((Date.now() - startedMs) / 1000)} s, ${failures} fail`);
}
console.log(`${failures} of ${count} fail; how they ended: ${[...outcomes].map((pair) => pair.join(" ")).join(", ")}`);
process.exit(failures === 0 ? 0 : 1);
