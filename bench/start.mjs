/** The start of small programs beside an empty Node: what a command costs before it does anything. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./contestants.mjs";
import { measure, median } from "./measure.mjs";

const ROUNDS = 15;

/** @returns whole-process milliseconds of each, and as a ratio to `node -e 0`; by its path, so the flags of its first line count */
export function measureStart() {
  const cache = mkdtempSync(join(tmpdir(), "nostos-start-"));
  const nostos = join(root, "dist/nostos.cjs");
  const hello = [nostos, "run", join(root, "bench/programs/hello.nos")];
  const rows = [
    { name: "node -e 0", command: ["node", "-e", "0"], env: {} },
    { name: "hello, first run", command: hello, env: { NOSTOS_CACHE: "off" } },
    { name: "hello, second run", command: hello, env: { NOSTOS_CACHE: cache } },
  ];
  try {
    for (const { command, env } of rows) measure(command, { env }); // fills the cache
    const times = rows.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      rows.forEach(({ name, command, env }, index) => {
        const { processMs, failed } = measure(command, { env });
        if (failed !== undefined) throw new Error(`${name}: ${failed}`);
        times[index].push(processMs);
      });
    }
    const empty = median(times[0]);
    return rows.map(({ name }, index) => ({
      name,
      processMs: median(times[index]),
      ratio: median(times[index]) / empty,
    }));
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
