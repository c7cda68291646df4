/**
 * `nostos test`: runs programs and says which do what they should; with `--explore N`, each under N seeds.
 *
 * Stays true: a report is on stdout; what is wrong with the sources or the command is a diagnostic on stderr. The exit
 * code is 0 when every program passed, 1 when one failed or does not compile.
 */
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { type Run, seededChance } from "../../vm/index.ts";
import { explainBadBytecode, isBytecodePath, loadBytecode, sourcesOnDisk } from "../bytecode-file.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Limits } from "../limits.ts";
import { showDiagnostics, writeAll } from "../terminal.ts";
import { findPrograms, loadCase, type TestCase } from "../test/cases.ts";
import { type Explanation, type Exploration, explain, explore, type Finding } from "../test/explore.ts";
import { describeProblem, describeSteps, type Painter, painter } from "../test/report.ts";
import { type Ran, runOnce, type Subject } from "../test/run-once.ts";
import { problemOf } from "../test/verdict.ts";

/** As commander names the options. */
export interface TestOptions {
  readonly json?: true;
  readonly explore?: number;
  readonly seed?: bigint;
  readonly maxHeap?: number;
  readonly maxStackFrames?: number;
  readonly maxReductions?: number;
  readonly jitless?: true;
}

/** A program that goes round for ever is no test that takes for ever. Of runs that are many, each may take less. */
const MOST_REDUCTIONS = 1_000_000_000;
const MOST_EXPLORED = 100_000_000;
const FIRST_SEED = 1n;
const BYTES_OF_MB = 1024 ** 2;

export async function test(paths: readonly string[], options: TestOptions): Promise<ExitCode> {
  const asJson = options.json === true;
  const wrong: Diagnostic[] = [];
  const programs: string[] = [];
  for (const path of paths) {
    const found = path === "-" ? stdinIsNoTest() : findPrograms(path);
    if ("severity" in found) wrong.push(found);
    else programs.push(...found);
  }
  if (wrong.length > 0) {
    showDiagnostics(wrong, asJson);
    return EXIT.usage;
  }
  let running: Run | undefined;
  let isInterrupted = false;
  process.on("SIGINT", () => {
    isInterrupted = true;
    running?.interrupt();
  });
  const paint = painter();
  const counts = { passed: 0, failed: 0 };
  for (const path of programs) {
    const loaded = await load(path, options, {
      onStart: (run) => {
        running = run;
      },
      isInterrupted: () => isInterrupted,
    });
    const runIt = options.explore === undefined ? once : explored;
    const end = loaded === undefined ? "failed" : await runIt(loaded, options, paint);
    if (loaded === undefined) say(`${paint.failed("✗")} ${path}  cannot be run\n`);
    if (end !== "interrupted") counts[end]++;
    if (isInterrupted) break;
  }
  if (programs.length > 1 || isInterrupted) {
    const rest = programs.length - counts.passed - counts.failed;
    const parts = [`${counts.passed} passed`, `${counts.failed} failed`, ...(rest > 0 ? [`${rest} not run`] : [])];
    say(`\n${parts.join(", ")}${isInterrupted ? "; interrupted" : ""}\n`);
  }
  if (isInterrupted) return EXIT.interrupted;
  return counts.failed === 0 ? EXIT.ok : EXIT.failed;
}

function stdinIsNoTest(): Diagnostic {
  return { severity: "error", code: "usage", message: "`nostos test` takes files: there is nothing beside `-`" };
}

interface Loaded {
  readonly test: TestCase;
  readonly subject: Subject;
}

type Interrupts = Pick<Subject, "onStart" | "isInterrupted">;

/** A program that can be run; undefined: it has been told what is wrong. */
async function load(path: string, options: TestOptions, interrupts: Interrupts): Promise<Loaded | undefined> {
  const asJson = options.json === true;
  const test = loadCase(path);
  if ("severity" in test) {
    showDiagnostics([test], asJson);
    return undefined;
  }
  const { maxHeap, maxStackFrames, jitless } = options;
  const { maxReductions = options.explore === undefined ? MOST_REDUCTIONS : MOST_EXPLORED } = options;
  const limits: Limits & { maxReductions: number } = {
    ...(maxHeap !== undefined && { maxHeapBytes: maxHeap }),
    ...(maxStackFrames !== undefined && { maxStackFrames }),
    maxReductions,
  };
  const settings = { stdin: test.stdin, limits, jit: jitless === true ? { jit: undefined } : {}, ...interrupts };
  if (isBytecodePath(path)) {
    const read = loadBytecode(path);
    if ("problem" in read) showDiagnostics([read.problem], asJson);
    else return { test, subject: { ...settings, unit: read.unit, warnings: [], sources: sourcesOnDisk(read.unit) } };
    return undefined;
  }
  const { compile } = await import("../compile.ts"); // in a file of its own
  const { unit, diagnostics, sources } = compile(test.project);
  // where `.err` says what should be there, they are compared
  if (unit === undefined || test.err === undefined) showDiagnostics(diagnostics, asJson, sources);
  return unit === undefined ? undefined : { test, subject: { ...settings, unit, sources, warnings: diagnostics } };
}

type End = "passed" | "failed" | "interrupted";

async function once({ test, subject }: Loaded, { seed, json }: TestOptions, paint: Painter): Promise<End> {
  const ran = await runOnce(subject, seed === undefined ? {} : { chance: seededChance(seed) });
  if (ran.outcome.kind === "interrupted") return "interrupted";
  if (explainUnloadable(test, ran, json === true)) return "failed";
  const problem = problemOf(ran, test, subject);
  if (problem === undefined) {
    say(`${paint.passed("✓")} ${test.path}\n`);
    return "passed";
  }
  say(`${paint.failed("✗")} ${test.path}\n\n${describeProblem(problem, ran, paint)}\n`);
  return "failed";
}

async function explored({ test, subject }: Loaded, options: TestOptions, paint: Painter): Promise<End> {
  const { explore: count = 1, seed: first = FIRST_SEED, json } = options;
  const exploration = await explore(test, subject, first, count);
  if (exploration.isInterrupted) return "interrupted";
  const { finding } = exploration;
  const seeds = `${count} ${count === 1 ? "seed" : "seeds"}, from ${first} on`;
  if (finding === undefined) {
    say(`${paint.passed("✓")} ${test.path}  ${paint.dim(`${seeds}${describeOutputs(exploration)}`)}\n`);
    return "passed";
  }
  if (explainUnloadable(test, finding.ran, json === true)) return "failed";
  const { seed, passed, ran, problem } = finding;
  const before = passed === 0 ? "the first" : `after ${passed} that passed`;
  say(`${paint.failed("✗")} ${test.path}  seed ${seed}, ${before}\n\n${describeProblem(problem, ran, paint)}\n`);
  say(`  again: ${paint.strong(againCommand(test, finding, options))}\n\n`);
  const explanation: Explanation | undefined = await explain(test, subject, finding);
  if (explanation !== undefined) say(`${describeSteps(explanation, test, paint)}\n`);
  return "failed";
}

/** The file is damaged: told as `nostos run` does. */
function explainUnloadable(test: TestCase, { outcome }: Ran, asJson: boolean): boolean {
  if (outcome.kind !== "load-problem") return false;
  showDiagnostics([explainBadBytecode(test.path, outcome.problem)], asJson);
  return true;
}

function describeOutputs({ outputs }: Exploration): string {
  if (outputs.length < 2) return "";
  const [one, two] = outputs;
  return `; ${outputs.length} different outputs: \`--seed ${one}\` and \`--seed ${two}\` print what is not the same`;
}

/** The command that repeats a run that failed. A program that never ends needs its budget again. */
function againCommand({ path, stdinPath }: TestCase, { seed, ran }: Finding, options: TestOptions): string {
  const isEndless = ran.outcome.kind === "reduction-budget";
  const { maxReductions = isEndless ? MOST_EXPLORED : undefined, maxHeap, maxStackFrames } = options;
  const limits = [
    ...(maxReductions === undefined ? [] : [`--max-reductions ${maxReductions}`]),
    ...(maxStackFrames === undefined ? [] : [`--max-stack-frames ${maxStackFrames}`]),
    ...(maxHeap === undefined ? [] : [`--max-heap ${Math.ceil(maxHeap / BYTES_OF_MB)}M`]),
  ];
  const input = stdinPath === undefined ? [] : [`< ${quoted(stdinPath)}`];
  return ["nostos run", `--seed ${seed}`, ...limits, quoted(path), ...input].join(" ");
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function say(text: string): void {
  writeAll(1, text);
}
