/**
 * `ttvm test-all`: every built-in check, then each program of `examples/` in the working directory.
 *
 * A program passes when it ends well, and prints what stands in the file of its name that ends in `.out`, if there is one.
 * One that only waits for messages, as a worker that others start does, is told and counts as neither.
 * Stays true: no program is waited for longer than MOST_MS, and none has any input.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { type InputLines, type Outcome, type Run, startUnit, TextSink } from "../../vm/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { writeAll } from "../terminal.ts";
import { everyCheck, failureOf } from "./checks.ts";
import { loadProgram, moduleFinder, spawnLoader } from "./load.ts";
import { explain } from "./run.ts";

const FOLDER = "examples";
const MOST_MS = 10_000;
const NO_INPUT: InputLines = {
  readLine: (done) => done(undefined),
  readAll: (done) => done(""),
  readCharacter: (done) => done(undefined),
};

type Verdict = { readonly kind: "ok" | "waits" } | { readonly kind: "failed"; readonly why: string };

export async function testAll(): Promise<ExitCode> {
  let failed = 0;
  const tell = (what: string, verdict: Verdict): void => {
    writeAll(1, `${verdict.kind.padEnd(8)}${what}\n`);
    if (verdict.kind !== "failed") return;
    failed++;
    writeAll(1, `${verdict.why}\n`);
  };
  for (const check of everyCheck()) {
    const why = await failureOf(check);
    tell(check.claim, why === undefined ? { kind: "ok" } : { kind: "failed", why });
  }
  for (const name of programs()) tell(join(FOLDER, name), await verdictOf(join(FOLDER, name)));
  writeAll(1, failed === 0 ? "test-all passed\n" : `test-all: ${failed} failed\n`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function programs(): string[] {
  try {
    return readdirSync(FOLDER).filter((name) => name.endsWith(".ttvm")).sort(); // biome-ignore format: one thought
  } catch {
    return []; // there is no such folder here
  }
}

async function verdictOf(path: string): Promise<Verdict> {
  const failed = (...lines: readonly string[]): Verdict => ({
    kind: "failed",
    why: lines.map((line) => `        ${line}`).join("\n"),
  });
  const { unit, diagnostics, sources } = loadProgram(path);
  if (unit === undefined) return failed(...diagnostics.map(({ message }) => message));
  const sink = new TextSink();
  const nowhere = (): void => {};
  let running: Run | undefined;
  const timer = setTimeout(() => running?.interrupt(), MOST_MS);
  running = startUnit(unit, {
    natives: NATIVES,
    args: ["ttvm", path],
    sink,
    stdin: NO_INPUT,
    onReport: nowhere,
    loadUnit: spawnLoader(path, nowhere, nowhere),
    findModule: moduleFinder(path, nowhere),
  });
  const outcome = await running.outcome;
  clearTimeout(timer);
  const expected = outputBeside(path);
  if (expected !== undefined && expected !== sink.out)
    return failed(`it does not print ${path.replace(/ttvm$/, "out")}, but:`, sink.out);
  if (endsWell(outcome)) return { kind: "ok" };
  if (outcome.kind === "stuck") return { kind: "waits" };
  if (outcome.kind === "interrupted") return failed(`it did not end within ${MOST_MS / 1000} seconds`);
  if (outcome.kind === "exit") return failed(`it ended with exit code ${outcome.status}`);
  return failed(explain(outcome, path, { sources })?.message ?? outcome.kind);
}

function endsWell(outcome: Outcome): boolean {
  return outcome.kind === "returned" || (outcome.kind === "exit" && outcome.status === 0);
}

/** What the program should print; undefined: nobody has said it. */
function outputBeside(path: string): string | undefined {
  try {
    return readFileSync(path.replace(/ttvm$/, "out"), "utf8");
  } catch {
    return undefined;
  }
}
