/**
 * One operating-system process, timed: what it took as a whole, what its program says of its main, and its peak memory.
 *
 * Stays true: an answer that is not the expected one is a failure, not a result.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** GNU time reads the peak from the operating system when the process has ended, which nothing else here can. */
const GNU_TIME = "/usr/bin/time";
export const canMeasureMemory = process.platform === "linux" && existsSync(GNU_TIME);
const PEAK = /^peak (\d+) KB\n?$/m;
const MAIN = /^main (\d+) us$/;
const LONGEST_RUN_MS = 300_000;

/**
 * @param command   program and arguments
 * @param expected  all that it prints before `main N us`; undefined: `main N us` is not printed, nothing is checked
 * @returns milliseconds of main and of the whole process, peak in KB (undefined where nobody can say); or what failed
 */
export function measure(command, { expected, cwd, env = {} }) {
  const [file, ...args] = canMeasureMemory ? [GNU_TIME, "-f", "peak %M KB", ...command] : command;
  const startNs = process.hrtime.bigint();
  const done = spawnSync(file, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: LONGEST_RUN_MS,
    maxBuffer: 2 ** 28,
  });
  const processMs = Number(process.hrtime.bigint() - startNs) / 1e6;
  if (done.error !== undefined) return { failed: done.error.message };
  if (done.status !== 0) return { failed: `exit ${done.status ?? done.signal}: ${firstLine(done.stderr)}` };
  const peakKb = canMeasureMemory ? Number(PEAK.exec(done.stderr)?.[1]) : undefined;
  if (expected === undefined) return { processMs, peakKb };
  const lines = done.stdout.trimEnd().split("\n");
  const mainUs = MAIN.exec(lines.pop() ?? "")?.[1];
  if (mainUs === undefined || lines.join("\n") !== expected.trimEnd()) {
    return { failed: `wrong answer: ${JSON.stringify(done.stdout.slice(0, 200))}` };
  }
  return { mainMs: Number(mainUs) / 1e3, processMs, peakKb };
}

function firstLine(text) {
  return text.trim().split("\n")[0] ?? "";
}

export function median(numbers) {
  const sorted = numbers.slice().sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function geometricMean(ratios) {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
