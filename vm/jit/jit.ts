/**
 * Decides what is compiled and when, runs it, and takes over what it leaves behind.
 *
 * The interpreter counts calls, loop turns and returns in each function's cell, and asks here when one is hot. A hot
 * function is compiled with what it calls; a hot place in the middle (a loop head, a receive, behind a call) becomes an
 * entry. `resume` then runs a process from entry to entry: what a frame's entry returns goes to the frame below it.
 *
 * J4  The interpreter does at least one instruction after compiled code was left for it, so no assumption that fails
 *     again and again can stop a process.
 * J5  A slice in which the process could come near its most frames is interpreted, so compiled code needs no look at
 *     how deep it is: each call costs a reduction at least.
 */
import { type CodeCell, type Entry, LEFT } from "../interp/code-cell.ts";
import type { Frame } from "../interp/frame.ts";
import type { LinkedFunction } from "../interp/program.ts";
import { internalError } from "../interp/report.ts";
import { recallTrace, unwind } from "../interp/unwind.ts";
import type { Process } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import { Closure, type Value } from "../values/value.ts";
import { Compilation } from "./compilation.ts";
import type { LiveSlots } from "./graph/liveness.ts";
import { type Helpers, makeHelpers } from "./helpers.ts";
import type { JitOptions } from "./options.ts";
import { JitState, type Site, Why } from "./state.ts";
import type { JitObserver } from "./trace.ts";

/** A process that is picked up where there is no entry: such a place is met once a slice, not once a turn. */
const HEAT_OF_RESUMING = 8;
/** How much cooler a function is when it was refused. */
const REFUSED_HEAT = -100_000;
const MOST_ENTRIES = 40;
/** characters of generated code for all entries of one function */
const MOST_ENTRY_TEXT = 400_000;
/** A function is compiled again so often at most. */
const MOST_REVISIONS = 12;

export class Jit {
  readonly machine: Machine;
  readonly state: JitState;
  readonly helpers: Helpers;
  readonly cells: CodeCell[] = [];
  readonly threshold: number;
  readonly compiledAs = new Map<CodeCell, Compilation>();
  readonly observer: JitObserver | undefined;
  private readonly doubts = new Map<LinkedFunction, Set<number>>();
  private readonly live = new WeakMap<LinkedFunction, LiveSlots>();
  private readonly facts = new Map<
    LinkedFunction,
    { entries: number; text: number; revisions: number; refused: Set<number> }
  >();
  private readonly stub: CodeCell["run"];

  constructor(machine: Machine, options: JitOptions) {
    this.machine = machine;
    this.threshold = options.threshold;
    this.observer = machine.options.jitObserver;
    this.state = new JitState(machine.context, (left, nested) => machine.scheduler.nextSlice(left, nested));
    this.observer?.watch(this.state.sites);
    this.helpers = makeHelpers(this.state, machine);
    const jit = this;
    this.stub = function putDown(this: CodeCell, nested: number, ...given: Value[]) {
      return jit.callCold(this, nested, given);
    };
    this.grow();
  }

  /** The program has new functions. */
  grow(): void {
    const { functions } = this.machine.program;
    for (const fn of functions.slice(this.cells.length)) {
      fn.cell.fn = fn;
      fn.cell.run = this.stub;
      this.cells.push(fn.cell);
    }
  }

  /** Compiled code calls what is not compiled. */
  private callCold(cell: CodeCell, nested: number, given: readonly Value[]): Value | typeof LEFT {
    cell.heat += HEAT_OF_RESUMING;
    if (cell.heat > this.threshold && this.compile(cell)) return cell.native!(nested, ...given);
    const fn = cell.fn!;
    const closure = fn.captures === 0 ? undefined : given[fn.arity];
    return this.state.putDown(fn, given, closure instanceof Closure ? closure.captures : []);
  }

  // ── for the interpreter ───────────────────────────────────────────────────────────────────────────────────────────

  /** Compiles the function. @returns whether it is compiled now */
  compile(cell: CodeCell): boolean {
    return this.make(cell, -1);
  }

  /** Whether there is an entry at that place, now that the function is hot. */
  compileEntry(cell: CodeCell, at: number): boolean {
    return this.make(cell, at);
  }

  /** Calls compiled code with the newest `count` operands, which are forgotten. */
  call(
    cell: CodeCell,
    stack: (Value | undefined)[],
    from: number,
    count: number,
    closure: Value | undefined,
  ): Value | typeof LEFT {
    const native = cell.native!;
    switch (count) {
      case 0:
        return native(0, closure!);
      case 1: {
        const a = stack[from]!;
        stack[from] = undefined;
        return native(0, a, closure!);
      }
      case 2: {
        const a = stack[from]!;
        const b = stack[from + 1]!;
        stack[from] = undefined;
        stack[from + 1] = undefined;
        return native(0, a, b, closure!);
      }
      case 3: {
        const a = stack[from]!;
        const b = stack[from + 1]!;
        const c = stack[from + 2]!;
        stack[from] = undefined;
        stack[from + 1] = undefined;
        stack[from + 2] = undefined;
        return native(0, a, b, c, closure!);
      }
      default: {
        const given = stack.slice(from, from + count) as Value[];
        stack.fill(undefined, from, from + count);
        return native(0, ...given, closure!);
      }
    }
  }

  /**
   * Runs the process from entry to entry.
   * @returns true: the slice is over; false: the interpreter goes on at the newest frame
   */
  resume(process: Process): boolean {
    const { state } = this;
    for (;;) {
      const frame = process.frame!;
      const { cell } = frame.fn;
      let entry = cell.entries === null ? undefined : cell.entries[frame.pc];
      if (entry === undefined) {
        cell.heat += HEAT_OF_RESUMING;
        if (cell.heat <= this.threshold || !this.compileEntry(cell, frame.pc)) return false;
        entry = cell.entries![frame.pc]!;
      }
      const { parent } = frame;
      const below = process.depth - 1;
      const result = entry(frame);
      if (result === LEFT) {
        if (state.inner === null) return true; // it waits, and has written its frame itself
        const next = this.takeOver(process, parent, below);
        if (next === "goes on") continue;
        return next === "over";
      }
      process.depth = below;
      process.frame = parent;
      if (parent === null) {
        this.machine.finish(process, result);
        return true;
      }
      parent.stack[parent.sp++] = result;
    }
  }

  /** Code that the interpreter called was left. @returns as resume */
  left(process: Process, parent: Frame | null, depth: number): boolean {
    const next = this.takeOver(process, parent, depth);
    return next === "goes on" ? this.resume(process) : next === "over";
  }

  /** J1: all that was put down goes to the process, on top of `parent`, which is the newest of `depth` frames. */
  private takeOver(process: Process, parent: Frame | null, depth: number): "over" | "goes on" | "interpreter" {
    const { state, machine } = this;
    state.outer!.parent = parent;
    process.frame = state.inner;
    process.depth = depth + state.count;
    state.inner = null;
    state.outer = null;
    state.count = 0;
    switch (state.why) {
      case Why.Preempted:
        return state.goesOn() ? "goes on" : "over";
      case Why.Waits:
        return "over";
      case Why.Interprets:
        return "interpreter";
      case Why.Killed:
        machine.endKilled(process);
        return "over";
      case Why.Broken: {
        const { fn, pc } = process.frame!;
        machine.end(internalError(machine.program, fn, pc, state.error));
        return "over";
      }
      default: {
        const value = state.thrown;
        state.thrown = 0;
        const trace = unwind(machine, process, value, state.isRethrown ? recallTrace(process, value) : undefined);
        if (trace === undefined) return "goes on";
        machine.crash(process, value, trace);
        return "over";
      }
    }
  }

  /** Something of ours threw inside compiled code: whatever was put down is lost. */
  reset(): void {
    this.state.inner = null;
    this.state.outer = null;
    this.state.count = 0;
  }

  // ── compiling ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private factsOf(fn: LinkedFunction) {
    let facts = this.facts.get(fn);
    if (facts === undefined) {
      facts = { entries: 0, text: 0, revisions: 0, refused: new Set() };
      this.facts.set(fn, facts);
    }
    return facts;
  }

  /** @param at  -1: the function itself */
  private make(cell: CodeCell, at: number): boolean {
    const fn = cell.fn!;
    const facts = this.factsOf(fn);
    cell.heat = 0;
    const isTooMuch = at !== -1 && (facts.entries >= MOST_ENTRIES || facts.text >= MOST_ENTRY_TEXT);
    if (!isTooMuch && !facts.refused.has(at)) {
      const compilation = new Compilation(this, fn, at);
      if (compilation.run()) {
        if (at !== -1) {
          facts.entries++;
          facts.text += compilation.size;
        }
        return true;
      }
      facts.refused.add(at);
      this.observer?.refused(fn, at);
    }
    if (facts.refused.has(-1) || isTooMuch) cell.heat = REFUSED_HEAT;
    return false;
  }

  /** The function stays interpreted: its frames would take too much of V8's stack. */
  keepOut(fn: LinkedFunction): void {
    this.factsOf(fn).refused.add(-1);
  }

  isKeptOut(fn: LinkedFunction): boolean {
    return this.facts.get(fn)?.refused.has(-1) === true;
  }

  livenessOf(fn: LinkedFunction, find: (fn: LinkedFunction) => LiveSlots): LiveSlots {
    let live = this.live.get(fn);
    if (live === undefined) {
      live = find(fn);
      this.live.set(fn, live);
    }
    return live;
  }

  doubtsOf(fn: LinkedFunction): ReadonlySet<number> {
    return this.doubts.get(fn) ?? NO_DOUBTS;
  }

  /** An assumption was wrong too often: the code that makes it is made again without. */
  revise(compilation: Compilation, site: Site, doubt: number): void {
    const { fn } = site;
    const facts = this.factsOf(fn);
    if (facts.revisions++ >= MOST_REVISIONS) return;
    let doubts = this.doubts.get(fn);
    if (doubts === undefined) {
      doubts = new Set();
      this.doubts.set(fn, doubts);
    }
    doubts.add(doubt);
    this.observer?.revised(fn, site.pc);
    const { root, entryAt } = compilation;
    for (const member of compilation.members.keys()) {
      if (this.compiledAs.get(member.cell) !== compilation) continue;
      this.compiledAs.delete(member.cell);
      member.cell.native = null;
      member.cell.run = this.stub;
      member.cell.heat = Math.max(1, member.cell.heat);
    }
    if (entryAt !== -1) root.cell.entries![entryAt] = undefined as unknown as Entry;
    new Compilation(this, root, entryAt).run();
  }
}

const NO_DOUBTS: ReadonlySet<number> = new Set();
