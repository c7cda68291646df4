/**
 * Two thousand wrong programs: each ends with a diagnostic or runs, never with an error of ours, and never hangs.
 *
 *     NOSTOS_FUZZ_SEED=7 NOSTOS_FUZZ_COUNT=20000 npx vitest run tests/fuzz
 *
 * The mutants are made here from a seed and judged in a worker thread (built by esbuild), so that one that never ends
 * can be named: the worker says which it begins with, and silence for too long is a failure.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { mutate } from "../support/mutate.ts";
import { root } from "../support/nostos.ts";
import { programsBelow } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import type { Verdict } from "./judge-worker.ts";

const SEED = Number(process.env.NOSTOS_FUZZ_SEED ?? 1);
const COUNT = Number(process.env.NOSTOS_FUZZ_COUNT ?? 2000);
const SILENCE_MS = 20_000; // for one program

test(`${COUNT} mutants of seed ${SEED} give a diagnostic or run`, { timeout: COUNT * 100 + 60_000 }, async () => {
  const corpus = ["examples", "tests/lang", "tests/diag"].flatMap((folder) =>
    programsBelow(folder).map(({ text }) => text),
  );
  const random = seededRandom(SEED);
  const mutants = Array.from({ length: COUNT }, () =>
    mutate(corpus[Math.floor(random() * corpus.length)] as string, random, corpus),
  );
  const failures = await judge(mutants);
  const shown = failures.slice(0, 5).map(({ index, verdict }) => {
    const file = join(tmpdir(), `nostos-mutant-${SEED}-${index}.nos`);
    writeFileSync(file, mutants[index] as string);
    return `${file}: ${verdict}`;
  });
  expect(shown, `NOSTOS_FUZZ_SEED=${SEED}, ${failures.length} of ${COUNT} fail`).toEqual([]);
});

interface Failure {
  readonly index: number;
  readonly verdict: string;
}

/** Judges all programs; starts another worker behind one that hangs or kills its worker. */
async function judge(programs: readonly string[]): Promise<Failure[]> {
  const file = join(tmpdir(), `nostos-judge-${process.pid}.cjs`);
  await build({
    entryPoints: [join(root, "tests/fuzz/judge-worker.ts")],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    define: { "import.meta.url": JSON.stringify(new URL("../../cli/stdlib-sources.ts", import.meta.url).href) },
    logLevel: "error",
  });
  const failures: Failure[] = [];
  for (let from = 0; from < programs.length; ) from = await judgeFrom(file, programs, from, failures);
  return failures;
}

/** Judges programs from one on; returns the first that was not judged. */
function judgeFrom(file: string, programs: readonly string[], from: number, failures: Failure[]): Promise<number> {
  return new Promise((resolve) => {
    const worker = new Worker(file, { workerData: { programs, from }, stdout: true, stderr: true });
    let current = from;
    let watchdog: NodeJS.Timeout;
    const stop = (next: number, verdict?: string) => {
      clearTimeout(watchdog);
      worker.removeAllListeners();
      worker.on("error", () => {});
      if (verdict !== undefined) failures.push({ index: current, verdict });
      void worker.terminate().then(() => resolve(next));
    };
    const listen = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => stop(current + 1, `no answer in ${SILENCE_MS / 1000} s`), SILENCE_MS);
    };
    listen();
    worker.on("message", ({ index, verdict }: Verdict) => {
      current = index + 1;
      if (verdict !== "fine") failures.push({ index, verdict });
      if (current === programs.length) stop(current);
      else listen();
    });
    worker.on("error", (error) => stop(current + 1, `the worker died: ${error.message}`));
    worker.on("exit", (code) => stop(current + 1, `the worker exited with ${code}`));
  });
}
