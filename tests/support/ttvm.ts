/** Runs TinyTotVM programs given as text, on a virtual clock. */
import "./check-on.ts";
import { Readable } from "node:stream";
import { expect } from "vitest";
import { spawnLoader } from "../../cli/ttvm/load.ts";
import { assembleTtvm } from "../../compiler/assemble/ttvm.ts";
import { readUnit, writeUnit } from "../../vm/bytecode/ttb/index.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { StreamLines } from "../../vm/host/stdin.ts";
import { type Outcome, type ProcessEvent, type RunOptions, runUnit, TextSink } from "../../vm/index.ts";
import { TinyException } from "../../vm/values/value.ts";
import { virtualChance } from "./virtual-chance.ts";

export interface Ran {
  readonly out: string;
  /** what went to stderr, without diagnostics */
  readonly error: string;
  /** how it ended: "returned", "stuck" …; of a failure the text */
  readonly ended: string;
  /** texts with which other processes failed */
  readonly crashes: readonly string[];
  readonly events: readonly ProcessEvent[];
  readonly outcome: Outcome;
}

/** The program's unit; fails the test when it does not assemble. */
export function unitOf(text: string): Unit {
  const { unit, diagnostics } = assembleTtvm({ path: "test.ttvm", text }, "main");
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  return unit as Unit;
}

/** The messages with which a text is refused, and their lines. */
export function problemsOf(text: string): string[] {
  const { diagnostics } = assembleTtvm({ path: "test.ttvm", text }, "main");
  return diagnostics.map(({ code, message, primary }) => {
    const line = text.slice(0, primary?.span.start ?? 0).split("\n").length;
    return `${line}: ${message} [${code}]`;
  });
}

/** Runs it as it is, and as what its `.ttb` file says; both must be equal. */
export async function runTtvm(text: string, options: Partial<RunOptions> = {}): Promise<Ran> {
  const unit = unitOf(text);
  const ran = await runTiny(unit, options);
  const read = readUnit(writeUnit(unit).bytes);
  if ("problem" in read) throw new Error(read.problem.detail);
  expect(read.unit).toEqual(unit);
  return ran;
}

export async function runTiny(unit: Unit, options: Partial<RunOptions> = {}): Promise<Ran> {
  const sink = new TextSink();
  const crashes: string[] = [];
  const events: ProcessEvent[] = [];
  const textOf = (value: unknown): string => (value instanceof TinyException ? value.message : String(value));
  const outcome = await runUnit(unit, {
    natives: new Map(),
    sink,
    chance: virtualChance(1),
    stdin: new StreamLines(() => Readable.from([])),
    maxReductions: 20_000_000,
    loadUnit: spawnLoader(
      "nowhere/test.ttvm",
      () => {},
      () => {},
    ),
    onReport: (report) => crashes.push(textOf(report.value)),
    observe: (event) => events.push(event),
    ...options,
  });
  const ended = outcome.kind === "failed" ? textOf(outcome.report.value) : outcome.kind;
  return { out: sink.out, error: sink.error, ended, crashes, events, outcome };
}
