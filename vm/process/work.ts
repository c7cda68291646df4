/**
 * What the running process does that may take longer than one instruction should: its meter, its bill, and the operation
 * that it has put down.
 *
 * The trick: an operation that pauses leaves everything as it was before its instruction, but for the Step that is kept
 * with the process. So the instruction is simply run again, and asks here first whether it had begun: no engine needs to
 * know what is inside.
 *
 * W1  `step` is that of the instruction at the process's `pc`, and null but between the start of a slice and that
 *     instruction; while the process is put down, `rare.step` has it.
 * W2  Ten units of the meter are one reduction; what is left over is carried to the next step, so that the bill does not
 *     depend on how long steps are.
 */
import { PAUSED } from "../host/native.ts";
import { Appending } from "../values/appending.ts";
import { type Meter, Step } from "../values/step.ts";
import type { Value } from "../values/value.ts";
import { type Process, rareOf } from "./process.ts";

const UNITS_OF_REDUCTION = 10;
/** A step costs half a slice, and takes a few tenths of a millisecond; with the double, a round trip beside ten such processes takes twice as long. */
const UNITS_OF_STEP = 10_000;

export class Work implements Meter {
  /** reductions that the present instruction costs so far; the engine takes them off */
  charged = 0;
  left = 0;
  process: Process | null = null;
  step: Step<unknown> | null = null;
  readonly appending = new Appending();
  private readonly unitsOfStep: number;
  /** of the steps before this one */
  private before = 0;

  constructor(unitsOfStep: number = UNITS_OF_STEP) {
    this.unitsOfStep = unitsOfStep;
  }

  /** A slice of the process begins. */
  enter(process: Process): void {
    this.process = process;
    this.appending.forget();
    this.step = process.rare === null ? null : process.rare.step;
  }

  /** Fills the meter for a step. */
  start(): Meter {
    this.left = this.unitsOfStep;
    this.before = 0;
    return this;
  }

  /** Ends the step that `start` has begun: charges for it, and puts down what is not finished. */
  finish<T>(answer: T | Step<T>): T | typeof PAUSED {
    const units = this.before + this.unitsOfStep - this.left;
    this.charged += Math.floor(units / UNITS_OF_REDUCTION) - Math.floor(this.before / UNITS_OF_REDUCTION);
    if (!(answer instanceof Step)) return answer;
    answer.units = units;
    rareOf(this.process as Process).step = answer;
    return PAUSED;
  }

  /** The first step of an operation. */
  begin<T>(step: Step<T>): T | typeof PAUSED {
    this.start();
    return this.finish(step.run(this) ?? step);
  }

  /** The next step of the operation that the instruction has begun in an earlier slice. */
  resume(): Value | typeof PAUSED {
    const step = this.step as Step<Value>;
    this.step = null;
    (this.process as Process).rare!.step = null;
    this.start();
    this.before = step.units;
    return this.finish(step.run(this) ?? step);
  }
}
