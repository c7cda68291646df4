/** How TinyTotVM's instructions fail: with a text, in its words. */

import { tinyDebug } from "../../values/tiny-text.ts";
import type { TinyException, Value } from "../../values/value.ts";
import type { ThrownTrace } from "../trace.ts";

/** An error of the program, in TinyTotVM's words. */
export class TinyError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The error with which a module that is being imported has ended. */
export class ModuleFailed extends TinyError {
  /** where in the module */
  readonly trace: ThrownTrace;
  constructor(text: string, trace: ThrownTrace) {
    super(text);
    this.trace = trace;
  }
}

/** What THROW throws. */
export class TinyThrow {
  readonly exception: TinyException;
  constructor(exception: TinyException) {
    this.exception = exception;
  }
}

/** An operand of another kind than the instruction takes. */
export function mismatch(name: string, expected: string, ...values: readonly Value[]): TinyError {
  return new TinyError(`${name} expects ${expected} but got ${values.map(tinyDebug).join(", ")}`);
}
