/**
 * What compiled code and the machine share while a slice runs, and the one way out of compiled code.
 *
 * The trick: a function that cannot go on natively returns LEFT. On the way out each JavaScript frame puts itself down
 * as exactly the Frame that the interpreter would have there, innermost first; `inner` is the process's newest frame,
 * `outer` the one whose parent is not known yet. So preemption, waiting, a throw and code that is not compiled are one
 * mechanism, and the price of all four in code that goes on is one comparison behind each call.
 *
 * J1  Between slices, and whenever the interpreter runs, `inner` and `outer` are null: all frames are on the process.
 * J2  Compiled code checks and charges reductions at the instructions where the interpreter does, in the same order.
 *     Where a slice ends and nobody else is ready, the next one begins in place (`stops`).
 * J3  An exit saves the slots that are live at its place and all operands. They come as the code has them; the frame
 *     gets their dynamic form, which is made here, so that no exit has text for it. An entry that waits writes them into
 *     its frame itself, as far as they have changed, and puts nothing down: the process's frames are as before.
 */
import { Raise } from "../host/native.ts";
import { LEFT } from "../interp/code-cell.ts";
import { Frame } from "../interp/frame.ts";
import { toRaise } from "../interp/operations.ts";
import type { LinkedFunction } from "../interp/program.ts";
import type { Process } from "../process/process.ts";
import type { Context } from "../sched/machine.ts";
import { Float, type Value } from "../values/value.ts";
import { narrow } from "./int64/arithmetic.ts";

/** Why compiled code was left. */
export const Why = {
  /** whatever was said further in */
  Propagates: 0,
  /** out of reductions, or YIELD: the slice is over */
  Preempted: 1,
  /** the process's state says for what: the slice is over */
  Waits: 2,
  /** `thrown` is on its way */
  Threw: 3,
  /** the interpreter has to do the instruction at the newest frame's pc */
  Interprets: 4,
  /** the process has been killed by its own host call */
  Killed: 5,
  /** `error` is a mistake of ours, or of a host function */
  Broken: 6,
} as const;
export type Why = (typeof Why)[keyof typeof Why];

/** A place where compiled code can be left. */
export interface Site {
  readonly fn: LinkedFunction;
  readonly pc: number;
  /** of the frame that is put down */
  readonly sp: number;
  /** where in its stack the saved values belong */
  readonly places: readonly number[];
  /** those of them that come as plain doubles, and those that come as wide Ints (kinds.ts, K1); null: none */
  readonly doubles: readonly number[] | null;
  readonly wides: readonly number[] | null;
  readonly why: Why;
  /** what was assumed and did not hold, for compiling it again; -1: nothing was assumed */
  readonly doubt: number;
  /** the same, where an operand of the instruction is an Int beyond 2^53 */
  readonly doubtOfWide: number;
  /** times it was left here */
  hits: number;
  /** the compilation it belongs to */
  readonly owner: { readonly onDoubt: (site: Site, doubt: number) => void };
}

type Saved = Value | undefined;
type Stack = Saved[];

/** An assumption that fails so often was wrong. */
const DOUBTFUL_HITS = 8;

/**
 * J6: what is nested on V8's stack, in reductions charged for it, and what may still be added together. A slice has as
 * many at most, and a frame takes no more than compilation.ts allows for what it costs.
 */
const MOST_NESTED = 2000;
/** Deeper than this it is not worth going on where a slice ends: soon there would be no room. */
const MOST_NESTED_FOR_MORE = 1200;

export class JitState {
  /** what may be used before `stops` is asked */
  reductions = 0;
  /** what else there is of the slice: J6 */
  private later = 0;
  /** it was left only for J6: the slice is not over */
  private isTooDeep = false;
  /** whose slice it is */
  process!: Process;
  why: Why = Why.Preempted;
  thrown: Value = 0;
  error: unknown = undefined;
  /** what was thrown is going on with the trace of its first throw */
  isRethrown = false;
  inner: Frame | null = null;
  outer: Frame | null = null;
  /** frames from `inner` to `outer` */
  count = 0;
  readonly sites: Site[] = [];
  readonly context: Context;

  private readonly nextSlice: (left: number, nested: number) => number;

  /** @param nextSlice  see Scheduler.nextSlice */
  constructor(context: Context, nextSlice: (left: number, nested: number) => number) {
    this.context = context;
    this.nextSlice = nextSlice;
  }

  /** Compiled code begins with so many reductions and nothing nested. */
  begin(reductions: number): void {
    this.reductions = reductions;
    this.later = 0;
  }

  /** The reductions of the slice that are not used. */
  get left(): number {
    return this.reductions + this.later;
  }

  /**
   * Asked by compiled code that has none left, with what is nested: whether it has to be left. If not, it has some now:
   * where nobody else is ready the next slice begins where this one has ended, and nothing is put down.
   */
  readonly stops = (nested: number): boolean => {
    if (this.left <= 0) {
      if (nested > MOST_NESTED_FOR_MORE) return true;
      const budget = this.nextSlice(this.left, nested);
      if (budget === 0) return true;
      this.reductions = 0;
      this.later = budget;
    }
    const given = Math.min(this.left, MOST_NESTED - nested);
    this.isTooDeep = given <= MOST_NESTED - MOST_NESTED_FOR_MORE && given < this.left;
    this.later = this.left - given;
    this.reductions = given;
    return this.isTooDeep;
  };

  /** Everything has been put down. @returns whether that was for J6 alone, and the slice goes on */
  goesOn(): boolean {
    if (!this.isTooDeep) return false;
    this.isTooDeep = false;
    this.begin(this.left);
    return true;
  }

  /** A helper has caught what an operation threw. */
  readonly caught = (error: unknown): typeof LEFT => {
    const raised = error instanceof Raise ? error : toRaise(error);
    this.context.charged = 0;
    if (raised === undefined) {
      this.error = error;
      this.why = Why.Broken;
      return LEFT;
    }
    this.thrown = raised.value;
    this.isRethrown = false;
    this.why = Why.Threw;
    return LEFT;
  };

  /** What host functions and copying charged since the last time. */
  takeCharge(): void {
    const { context } = this;
    if (context.charged === 0) return;
    this.reductions -= context.charged;
    context.charged = 0;
  }

  /** The frame of an exit, linked to what is saved already; `reused`: the frame that this activation goes on with. */
  leave(site: Site, reused: Frame | null): Stack {
    site.hits++;
    if (site.why !== Why.Propagates) this.why = site.why;
    let frame = reused;
    if (frame === null) frame = new Frame(site.fn, null, new Array(site.fn.size));
    else if (frame.fn !== site.fn) throw new Error("a frame is put down by code of another function");
    else {
      const { stack } = frame;
      for (let i = 0; i < stack.length; i++) stack[i] = undefined; // F4
    }
    frame.pc = site.pc;
    frame.sp = site.sp;
    if (this.outer === null) this.inner = frame;
    else this.outer.parent = frame;
    this.outer = frame;
    this.count++;
    return frame.stack;
  }

  /** The frame is there: J3, and what follows from having left here. */
  done(site: Site, stack: Stack): typeof LEFT {
    const { doubles, wides } = site;
    if (doubles !== null) {
      for (const place of doubles) {
        const value = stack[place];
        if (Number.isInteger(value)) stack[place] = new Float(value as number);
      }
    }
    if (wides !== null) for (const place of wides) stack[place] = narrow(stack[place] as bigint);
    if (site.hits === DOUBTFUL_HITS && (site.doubt !== -1 || site.doubtOfWide !== -1)) {
      const { sp } = site;
      const hasWide = typeof stack[sp - 1] === "bigint" || typeof stack[sp - 2] === "bigint";
      const doubt = hasWide && site.doubtOfWide !== -1 ? site.doubtOfWide : site.doubt;
      if (doubt !== -1) site.owner.onDoubt(site, doubt);
    }
    return LEFT;
  }

  // one function for each number of values: generated code calls them as exits

  readonly save0 = (id: number, frame: Frame | null): typeof LEFT => {
    const site = this.sites[id]!;
    return this.done(site, this.leave(site, frame));
  };

  readonly save1 = (id: number, frame: Frame | null, a: Saved): typeof LEFT => {
    const site = this.sites[id]!;
    const stack = this.leave(site, frame);
    stack[site.places[0]!] = a;
    return this.done(site, stack);
  };

  readonly save2 = (id: number, frame: Frame | null, a: Saved, b: Saved): typeof LEFT => {
    const site = this.sites[id]!;
    const { places } = site;
    const stack = this.leave(site, frame);
    stack[places[0]!] = a;
    stack[places[1]!] = b;
    return this.done(site, stack);
  };

  readonly save3 = (id: number, frame: Frame | null, a: Saved, b: Saved, c: Saved): typeof LEFT => {
    const site = this.sites[id]!;
    const { places } = site;
    const stack = this.leave(site, frame);
    stack[places[0]!] = a;
    stack[places[1]!] = b;
    stack[places[2]!] = c;
    return this.done(site, stack);
  };

  readonly save4 = (id: number, frame: Frame | null, a: Saved, b: Saved, c: Saved, d: Saved): typeof LEFT => {
    const site = this.sites[id]!;
    const { places } = site;
    const stack = this.leave(site, frame);
    stack[places[0]!] = a;
    stack[places[1]!] = b;
    stack[places[2]!] = c;
    stack[places[3]!] = d;
    return this.done(site, stack);
  };

  readonly saveMany = (id: number, frame: Frame | null, ...values: readonly Saved[]): typeof LEFT => {
    const site = this.sites[id]!;
    const { places } = site;
    const stack = this.leave(site, frame);
    for (let i = 0; i < values.length; i++) stack[places[i]!] = values[i];
    return this.done(site, stack);
  };

  /** A function that is not compiled was called: the interpreter begins it. */
  putDown(fn: LinkedFunction, given: readonly Value[], captures: readonly Value[]): typeof LEFT {
    const stack: Stack = new Array(fn.size);
    for (let i = 0; i < fn.arity; i++) stack[i] = given[i];
    for (let i = 0; i < captures.length; i++) stack[fn.arity + i] = captures[i];
    const frame = new Frame(fn, null, stack);
    this.why = Why.Interprets;
    this.inner = frame;
    this.outer = frame;
    this.count = 1;
    return LEFT;
  }
}
