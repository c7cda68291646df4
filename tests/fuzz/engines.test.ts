/**
 * Generated programs, on which all engines must agree. More of them, by command:
 *
 *     npm run fuzz -- 5000 SEED
 */
import "../support/check-on.ts";
import { expect, test } from "vitest";
import { judgeGenerated } from "./judge-generated.ts";

const SEED = Number(process.env.NOSTOS_FUZZ_SEED ?? 1);
const COUNT = Number(process.env.NOSTOS_FUZZ_PROGRAMS ?? 150);

test(`engines agree on ${COUNT} generated programs from seed ${SEED}`, { timeout: COUNT * 2000 + 60_000 }, async () => {
  const problems: string[] = [];
  for (let seed = SEED; seed < SEED + COUNT && problems.length < 5; seed++) {
    const verdict = await judgeGenerated(seed);
    for (const problem of verdict.problems) problems.push(`npm run fuzz -- 1 ${seed}: ${problem}`);
  }
  expect(problems).toEqual([]);
});
