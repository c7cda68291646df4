/**
 * Where the compiled code of a function is: the one place that the interpreter, compiled callers and the JIT share.
 *
 * Stays true: only vm/jit writes here, but for `heat`, which the interpreter counts up. `run` may always be called, by
 * compiled code: as long as there is nothing compiled it puts a frame down for the interpreter.
 */
import type { Value } from "../values/value.ts";
import type { Frame } from "./frame.ts";
import type { LinkedFunction } from "./program.ts";

/**
 * What compiled code returns when it was left before its end; S of vm/jit/state.ts says why. Otherwise it returns the
 * function's result, and `undefined` is no Value.
 */
export const LEFT = undefined;

/**
 * Takes what is nested on V8's stack (J6 of vm/jit/state.ts), the arguments, then the closure of a function with captures.
 * The caller has charged for the call.
 */
export type NativeCode = (nested: number, ...given: Value[]) => Value | typeof LEFT;

/** Goes on with a frame at one place of its function. */
export type Entry = (frame: Frame) => Value | typeof LEFT;

export class CodeCell {
  /** calls, loop turns and returns that the interpreter has seen */
  heat = 0;
  native: NativeCode | null = null;
  run: NativeCode = notReady;
  /** by word offset */
  entries: (Entry | undefined)[] | null = null;
  fn: LinkedFunction | null = null;
  /** reductions charged at entry */
  readonly cost: number;

  constructor(cost: number) {
    this.cost = cost;
  }
}

function notReady(): never {
  throw new Error("a function was called by compiled code of another machine");
}
