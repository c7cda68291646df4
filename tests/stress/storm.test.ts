/**
 * The storm of bench/limits/storm.nos in short: 300 supervised workers are asked and killed, and at the end every request
 * has an answer or a reason, restart limits were honoured, and no process, name, timer or lock is left. `npm run storm` runs
 * it whole.
 */
import { expect, test } from "vitest";
import { nostos } from "../support/nostos.ts";

const PROGRAM = "bench/limits/storm.nos";
const WELL =
  /^killed \d+\nanswered \d+, failed \d+, nobody there \d+, lost 0\nrestart limits honoured: 20 of 20\nleft: 0 processes, 0 names, 0 timers\nwell\n$/;

test("two virtual minutes, twice the same to the byte", async () => {
  const args = ["run", "--seed", "7", PROGRAM, "300", "120000", "20", "50", "20"];
  const first = await nostos(args);
  expect(first.stdout, first.stderr.slice(-2000)).toMatch(WELL);
  expect(await nostos(args)).toEqual(first);
}, 120_000);

test.each(["1", "2", "4"])(
  "two seconds, with %s schedulers",
  async (schedulers) => {
    const { stdout, stderr } = await nostos([
      "run",
      "--schedulers",
      schedulers,
      PROGRAM,
      "300",
      "2000",
      "20",
      "2",
      "100",
    ]);
    expect(stdout, stderr.slice(-2000)).toMatch(WELL);
  },
  120_000,
);
