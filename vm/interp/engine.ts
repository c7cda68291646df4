/**
 * What runs the code of a process: the language's interpreter, or TinyTotVM's. A machine has one for all its processes.
 */

import type { Process } from "../process/process.ts";
import type { Signal } from "../process/signals.ts";
import type { Machine } from "../sched/machine.ts";
import type { Closure, Data } from "../values/value.ts";
import type { Frame } from "./frame.ts";
import type { Program } from "./program.ts";

export interface Engine {
  /**
   * Runs `process` until it has used up `budget` reductions, waits, or ends. Its state says which: Running means that it
   * could go on.
   * @returns the reductions left, below 0 when the last step cost more than was there
   */
  readonly runSlice: (machine: Machine, process: Process, budget: number) => number;
  /** Where a process begins that calls a function value without parameters. */
  readonly firstFrame: (program: Program, closure: Closure) => Frame;
  /** reductions a process may use before another has its turn; semantics 35 */
  readonly sliceReductions: number;
  /** the program is over when main is, whoever still runs; otherwise when all are (semantics 13) */
  readonly endsWithMain: boolean;
  /** a process that `process` watches has ended, and the message that says so is about to reach it; `reason`: an ExitReason */
  readonly onDown?: (machine: Machine, process: Process, pid: number, reason: Data) => void;
  /** a process has ended, or the run with it: what it holds outside of the machine is let go of */
  readonly onExit?: (machine: Machine, pid: number) => void;
}

/** What somebody who watches a run is told. */
export type ProcessEvent =
  | { readonly kind: "spawned"; readonly pid: number; readonly by: number; readonly function: string }
  /** `why`: the ExitReason, as text */
  | {
      readonly kind: "exited";
      readonly pid: number;
      readonly reason: "normal" | "error" | "killed";
      readonly why: string;
    }
  /** the message as text: of the language's processes only; `from` 0: the host */
  | { readonly kind: "sent"; readonly from: number; readonly to: number; readonly message?: string }
  | { readonly kind: "received"; readonly pid: number; readonly message?: string }
  // the language's processes only, see sched/process-trace.ts
  | {
      readonly kind: "signal";
      readonly sort: Signal["kind"];
      readonly from: number;
      readonly to: number;
      readonly reason?: string;
    }
  | { readonly kind: "registered"; readonly pid: number; readonly name: string }
  | { readonly kind: "unregistered"; readonly name: string }
  /** the time of an `after` has come before a message that fits */
  | { readonly kind: "timed-out"; readonly pid: number }
  | { readonly kind: "printed"; readonly pid: number; readonly text: string }
  /** takes these mvars, which it did not hold; lets go of them; waits for one, or would be for ever */
  | { readonly kind: "locked" | "unlocked"; readonly pid: number; readonly mvars: readonly string[] }
  | { readonly kind: "blocked"; readonly pid: number; readonly mvar: string; readonly heldBy: number }
  | { readonly kind: "read" | "written"; readonly pid: number; readonly mvar: string; readonly value: string }
  /** before each instruction, of TinyTotVM code only */
  | {
      readonly kind: "step";
      readonly pid: number;
      readonly ip: number;
      readonly instruction: string;
      readonly stackSize: number;
    };
