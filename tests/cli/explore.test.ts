/** `nostos test --explore N`: small programs whose mistakes need an order of events, and correct ones. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nostos, root, shell } from "../support/nostos.ts";

const cwd = join(root, "tests/cli/explore");
const explore = (...args: readonly string[]) => nostos(["test", "--explore", "500", ...args], { cwd });

/** What fails in some order; what the report has to hold, besides; and the steps that matter, the last of them. */
const RACY: readonly (readonly [name: string, error: RegExp, steps: readonly string[]])[] = [
  ["lost_update", /Assertion failed: 1 != 2/, ['receives ("put", 1)', 'fails: ("Panic", "Assertion failed: 1 != 2")']],
  ["lost_in_mvar", /Assertion failed: \d != 6/, ["reads total: 0", "so far like a run that passes", "sets total to"]],
  ["deadlock", /deadlock on mvars left, right/, ["holds", 'fails: ("Deadlock", "deadlock on mvars left, right")']],
  ["first_answer", /it was Bob/, ['receives "Bob"', "fails"]],
  ["forgotten_client", /all 3 processes wait for what can never come/, ["spawns", 'receives "finished"']],
  ["printed_order", /it prints something else than it should/, ['prints "Bob"']],
  ["livelock", /used up its budget of 1000000 reductions/, ["so far like a run that passes", "receives 2"]],
];
const CORRECT = ["counter", "calls", "any_order"];
const LIMIT = ["--max-reductions", "1e6"];

test("every program here has its place", () => {
  const names = readdirSync(cwd).filter((name) => name.endsWith(".nos"));
  const known = [...RACY.map(([name]) => name), ...CORRECT, "several_outputs"];
  expect(names.sort()).toEqual(known.map((name) => `${name}.nos`).sort());
});

describe.each(RACY)("%s", (name, error, steps) => {
  test("is found, told, and can be repeated", { timeout: 120_000 }, async () => {
    const { stdout, stderr, code } = await explore(...LIMIT, `${name}.nos`);
    expect({ stderr, code }).toEqual({ stderr: "", code: 1 });
    expect(stdout).toMatch(error);
    const story = stdout.slice(stdout.indexOf("the steps that matter"));
    let from = 0;
    for (const step of steps) {
      expect(story.slice(from)).toContain(step);
      from = story.indexOf(step, from) + step.length;
    }
    const again = /^ {2}again: nostos (run --seed \d+.*)$/m.exec(stdout)?.[1];
    const seen = await shell(`"$NOSTOS" ${again}`, { cwd });
    expect(`${seen.stdout}${seen.stderr}`).toMatch(name === "printed_order" ? /^Bob\nAda\n$/ : error);
    expect(await explore(...LIMIT, `${name}.nos`)).toEqual({ stdout, stderr, code });
  });
});

test.each(CORRECT)("%s passes under 500 seeds", async (name) => {
  expect(await explore(`${name}.nos`)).toEqual({
    stdout: `✓ ${name}.nos  500 seeds, from 1 on\n`,
    stderr: "",
    code: 0,
  });
});

test("outputs that differ are no failure where nobody said which is right", async () => {
  const { stdout, code } = await explore("several_outputs.nos");
  expect(stdout).toMatch(/^✓ .*; 6 different outputs: `--seed \d+` and `--seed \d+` print what is not the same\n$/);
  expect(code).toBe(0);
  const [one, two] = Array.from(stdout.matchAll(/--seed (\d+)/g), ([, seed]) => seed!);
  const outputs = [one!, two!].map(
    async (seed) => (await nostos(["--seed", seed, "several_outputs.nos"], { cwd })).stdout,
  );
  expect(new Set(await Promise.all(outputs)).size).toBe(2);
});

test("--seed says where it begins", async () => {
  const { stdout } = await explore("lost_update.nos");
  const seed = /seed (\d+)/.exec(stdout)![1]!;
  expect((await explore("--seed", seed, "lost_update.nos")).stdout).toContain(
    `✗ lost_update.nos  seed ${seed}, the first`,
  );
  const last = (2n ** 64n - 1n).toString(); // behind it comes 0
  expect((await explore("--seed", last, "counter.nos")).stdout).toBe(`✓ counter.nos  500 seeds, from ${last} on\n`);
});

test("Ctrl-C ends it", async () => {
  const line = 'timeout --preserve-status -s INT 2 "$NOSTOS" test --explore 1e9 counter.nos calls.nos';
  const { stdout, code } = await shell(line, { cwd });
  expect(stdout).toBe("\n0 passed, 0 failed, 2 not run; interrupted\n");
  expect(code).toBe(130);
}, 60_000);
