/** After 100,000 ends of all kinds memory is back to its base: bench/limits/exits.nos, which says what those held. */
import { expect, test } from "vitest";
import { nostos } from "../support/nostos.ts";

/** of the heap; what V8 itself keeps of code and types comes and goes by some 100 KB */
const MOST_KB = "1024";

test.each([
  ["1", "100000"],
  ["2", "20000"],
])(
  "with %s schedulers, %s ends leave nothing",
  async (schedulers, count) => {
    const { stdout, stderr, code } = await nostos([
      "run",
      "--schedulers",
      schedulers,
      "bench/limits/exits.nos",
      count,
      MOST_KB,
    ]);
    expect(stderr).toBe("");
    expect(stdout).toContain("left: 0 processes, 0 names, 0 timers\n");
    expect(code).toBe(0);
  },
  120_000,
);
