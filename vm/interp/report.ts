/**
 * How a run, or one of its processes, ended: data only. The wording is the command line's.
 */
import { nameOf, OPCODES } from "../bytecode/opcodes.ts";
import type { LoadProblem } from "../bytecode/verify.ts";
import type { Leavings } from "../sched/process-info.ts";
import { EXIT_REQUEST } from "../values/data-types.ts";
import { Data, type Value } from "../values/value.ts";
import { show } from "./operations.ts";
import type { LinkedFunction, Program } from "./program.ts";
import { isHidden, placeOf, type ThrownTrace, type TraceEntry } from "./trace.ts";

export interface ExitReport {
  readonly pid: number;
  /** "overflow": of its mailbox; "exit": by its own `exit(reason)`; "signal": by an exit signal, from a link or from `exit(pid, reason)` */
  readonly cause: "exception" | "out-of-memory" | "overflow" | "killed" | "exit" | "signal";
  /** "killed", "signal": who sent it */
  readonly from?: number;
  /** what was thrown; undefined otherwise */
  readonly value: Value | undefined;
  /** the value, or the ExitReason, as text: a String itself, anything else as `show` gives it */
  readonly shown: string;
  /** where it was thrown, also in code that traces leave out */
  readonly place: TraceEntry | undefined;
  /** innermost first, without the functions that the compiler made up */
  readonly trace: readonly TraceEntry[];
  /** frames missing in the middle of a long trace: behind entry number `after` */
  readonly omitted: { readonly after: number; readonly frames: number } | undefined;
  /** what it leaves behind; absent until it goes */
  readonly left?: Leavings;
  /** the last calls whose frames gave their place to another function's, oldest first; `function` made the call */
  readonly tailCalls: readonly TraceEntry[];
}

/** There are more messages in a mailbox than is likely to be meant. */
export interface MailboxWarning {
  readonly pid: number;
  readonly names: readonly string[];
  readonly mailbox: number;
  /** where the process stands */
  readonly place: TraceEntry | undefined;
}

export interface WaitingProcess {
  readonly pid: number;
  readonly waitsFor:
    | { readonly kind: "message"; readonly mailbox: number }
    /** in the mailbox of that process */
    | { readonly kind: "room"; readonly of: number }
    | { readonly kind: "mvar"; readonly name: string; readonly heldBy: number }
    | { readonly kind: "global"; readonly name: string; readonly computedBy: number };
  readonly place: TraceEntry | undefined;
}

export type Outcome =
  /** main has returned */
  | { readonly kind: "returned"; readonly value: Value }
  /** TinyTotVM's EXIT; `status`: 0 to 255 */
  | { readonly kind: "exit"; readonly status: number }
  /** main has failed */
  | { readonly kind: "failed"; readonly report: ExitReport }
  /** nobody can ever run again; the first of those who wait, and how many there are */
  | { readonly kind: "stuck"; readonly waiting: readonly WaitingProcess[]; readonly total: number }
  | { readonly kind: "reduction-budget"; readonly place: TraceEntry | undefined }
  /** the reader of stdout has gone away */
  | { readonly kind: "broken-pipe" }
  /** stdout cannot be written for another reason */
  | { readonly kind: "output-failed"; readonly message: string }
  /** from outside; where main was */
  /** `trace`: the calls main was inside of, innermost first; [] when it had not begun */
  | { readonly kind: "interrupted"; readonly trace: readonly TraceEntry[] }
  /** the thread of another scheduler is gone */
  | {
      readonly kind: "scheduler-lost";
      readonly scheduler: number;
      readonly isOutOfMemory: boolean;
      readonly message: string;
    }
  | { readonly kind: "load-problem"; readonly problem: LoadProblem }
  /** our own bug */
  | {
      readonly kind: "internal";
      readonly message: string;
      readonly opcode: string;
      readonly place: TraceEntry | undefined;
    };

export function reportException(
  program: Program,
  pid: number,
  value: Value,
  trace: ThrownTrace,
  tailCalls: readonly TraceEntry[],
): ExitReport {
  const reason = exitRequestOf(value);
  const { inner, omitted, outer } = trace.triples();
  const first = visible(program, inner);
  const place = inner.length === 0 ? undefined : placeOf(program, functionOf(program, inner[0]!), inner[1]!);
  return {
    pid,
    cause: reason === undefined ? "exception" : "exit",
    value: reason === undefined ? value : undefined,
    shown: show(reason ?? value),
    place,
    trace: [...first, ...visible(program, outer)],
    omitted: omitted === 0 ? undefined : { after: first.length, frames: omitted },
    tailCalls,
  };
}

/** The ExitReason of what `exit(reason)` throws; undefined: it is something else. */
export function exitRequestOf(value: Value): Data | undefined {
  return value instanceof Data && value.type === EXIT_REQUEST ? (value.a as Data) : undefined;
}

function visible(program: Program, triples: readonly number[]): TraceEntry[] {
  const entries: TraceEntry[] = [];
  for (let i = 0; i < triples.length; i += 3) {
    const entry = placeOf(program, functionOf(program, triples[i]!), triples[i + 1]!, triples[i + 2]!);
    if (!isHidden(entry.function)) entries.push(entry);
  }
  return entries;
}

export function functionOf(program: Program, index: number): LinkedFunction {
  return program.functions[index]!;
}

/** A mistake of ours, or of a host function, at this instruction. */
export function internalError(program: Program, fn: LinkedFunction, pc: number, error: unknown): Outcome {
  const opcode = OPCODES[fn.code[pc]!];
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    kind: "internal",
    message,
    opcode: opcode === undefined ? "" : nameOf(opcode),
    place: placeOf(program, fn, pc),
  };
}
