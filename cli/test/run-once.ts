/**
 * One run of a program under test: nothing of it reaches the terminal, all of it is kept.
 *
 * Stays true: what a run says on stderr is as `nostos run` would show it, in the same order.
 */
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { type RenderOptions, renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import type { SourceFile } from "../../grammar/source.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import type { InputLines } from "../../vm/host/native.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import {
  type Chance,
  type JitOptions,
  type Outcome,
  type ProcessEvent,
  type Run,
  type Sink,
  startUnit,
} from "../../vm/index.ts";
import type { Limits } from "../limits.ts";
import { explainExit, explainOutcome } from "../report.ts";
import { resultLine } from "../result.ts";

/** A program that can be run again and again. */
export interface Subject {
  readonly unit: Unit;
  readonly sources: readonly SourceFile[];
  /** of the compiler */
  readonly warnings: readonly Diagnostic[];
  readonly stdin: string;
  readonly limits: Limits & { readonly maxReductions: number };
  readonly jit: { readonly jit?: JitOptions | undefined };
  /** is told of each run, so that Ctrl-C can end it */
  readonly onStart: (run: Run) => void;
  readonly isInterrupted: () => boolean;
}

export interface Ran {
  readonly out: string;
  /** what was written to stderr, and what there was to report, in their order */
  readonly told: readonly (string | Diagnostic)[];
  readonly outcome: Outcome;
  /** what to say of its end; undefined: nothing */
  readonly end: Diagnostic | undefined;
  readonly reductions: number;
}

export interface RunSettings {
  /** absent: the world as it is */
  readonly chance?: Chance;
  readonly observe?: (event: ProcessEvent) => void;
  readonly maxReductions?: number;
}

/** in UTF-16 units; a program that prints more is stopped */
const MOST_OUTPUT = 64 * 1024 * 1024;

/** Ctrl-C came between two runs. */
const INTERRUPTED: Ran = {
  out: "",
  told: [],
  outcome: { kind: "interrupted", trace: [] },
  end: undefined,
  reductions: 0,
};

/** As `.err` files hold it. */
const PLAIN: RenderOptions = { colour: false, width: 120 };

export async function runOnce(subject: Subject, settings: RunSettings = {}): Promise<Ran> {
  const { unit, sources, limits, jit, onStart } = subject;
  const { chance, observe, maxReductions = limits.maxReductions } = settings;
  await new Promise(setImmediate); // many runs end in their first turn, and Ctrl-C waits for the event loop
  if (subject.isInterrupted()) return INTERRUPTED;
  const sink = new KeepingSink();
  const facts = { sources, maxReductions };
  const run = startUnit(unit, {
    ...limits,
    ...jit,
    maxReductions,
    ...(chance !== undefined && { chance }),
    ...(observe !== undefined && { observe }),
    natives: NATIVES,
    sink,
    stdin: inputOf(subject.stdin),
    onReport: (report) => sink.told.push(explainExit(report, facts)),
  });
  onStart(run);
  const outcome = await run.outcome;
  if (outcome.kind === "returned") sink.writeOut(resultLine(outcome.value));
  const end = explainOutcome(outcome, facts);
  if (end !== undefined) sink.told.push(end);
  return { out: sink.out, told: sink.told, outcome, end, reductions: run.reductionsUsed() };
}

/** All that was said on stderr. */
export function errorText(told: Ran["told"], options: RenderOptions = PLAIN): string {
  return told.map((each) => (typeof each === "string" ? each : renderDiagnostics([each], options, 1))).join("");
}

class KeepingSink implements Sink {
  broken: Sink["broken"] = "no";
  out = "";
  readonly told: (string | Diagnostic)[] = [];
  private errorLength = 0;

  writeOut(text: string): void {
    if (this.isTooMuch(this.out.length + text.length)) return;
    this.out += text;
  }
  writeError(text: string): void {
    this.errorLength += text.length;
    if (!this.isTooMuch(this.errorLength)) this.told.push(text);
  }
  flush(): void {}

  private isTooMuch(length: number): boolean {
    if (length > MOST_OUTPUT) this.broken = { message: `it has printed more than ${MOST_OUTPUT / 1024 / 1024} MB` };
    return this.broken !== "no";
  }
}

function inputOf(text: string): InputLines {
  let rest = text;
  return {
    readLine: (done) => {
      if (rest === "") return done(undefined);
      const end = rest.indexOf("\n");
      const line = end < 0 ? rest : rest.slice(0, end);
      rest = end < 0 ? "" : rest.slice(end + 1);
      done(line.replace(/\r$/, ""));
    },
    readAll: (done) => {
      const all = rest;
      rest = "";
      done(all);
    },
  };
}
