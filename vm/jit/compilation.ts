/**
 * What is compiled in one go: a function, or an entry into one, with the functions it calls by name that run too.
 *
 * The trick: functions that are compiled together call each other as JavaScript functions, and what kind of value each
 * returns is found out for all of them at once: first each is taken to return nothing, then what is seen is added until
 * nothing changes.
 * Stays true: what is found out about a member holds for calls inside this compilation only; everybody else calls
 * through the member's cell and takes what comes.
 */
import { OP, OPCODES } from "../bytecode/opcodes.ts";
import type { Native } from "../host/native.ts";
import type { Entry, NativeCode } from "../interp/code-cell.ts";
import type { LinkedFunction, Program } from "../interp/program.ts";
import type { Machine } from "../sched/machine.ts";
import { type LiveSlots, liveness } from "./graph/liveness.ts";
import { callThrough, instantiate } from "./instantiate.ts";
import type { Jit } from "./jit.ts";
import { ANY } from "./kinds.ts";
import type { Site, Why } from "./state.ts";
import { NO_DOUBT, Writer } from "./writer.ts";

/** Words of code of one function; a larger one stays interpreted. */
const MOST_WORDS = 6000;
/** Words and functions of all that is compiled at once. */
const MOST_WORDS_AT_ONCE = 8000;
const MOST_FUNCTIONS_AT_ONCE = 24;
/** A slice of 2000 reductions then stays within 880 KB of the 984 that the main thread has. */
const MOST_BYTES_A_REDUCTION = 440;
/** Values that all exits save: each has its text, and there are as many lists of them as exits. */
const MOST_SAVED = 40_000;

const LENGTHS = Int32Array.from(OPCODES, (row) => 1 + row.operands.length);

export class Compilation {
  readonly machine: Machine;
  readonly program: Program;
  /** word offset of the entry; -1: the function itself */
  readonly entryAt: number;
  readonly root: LinkedFunction;
  /** functions that others here call by name */
  readonly members = new Map<LinkedFunction, Writer>();
  /** characters of JavaScript */
  size = 0;
  private saved = 0;
  /** values of the largest exit that goes by `leave`; -1: none does */
  private mostLeft = -1;
  /** the member or entry that is being analysed, and by member who has asked for the kind of its result */
  private analysed: Writer | undefined = undefined;
  private readonly asked = new Map<LinkedFunction, Set<Writer>>();
  private readonly jit: Jit;
  private readonly constants: unknown[] = [];
  private readonly constantNames = new Map<unknown, string>();
  private readonly natives = new Map<Native, { readonly name: string; readonly text: string }>();

  constructor(jit: Jit, root: LinkedFunction, entryAt: number) {
    this.jit = jit;
    this.machine = jit.machine;
    this.program = jit.machine.program;
    this.root = root;
    this.entryAt = entryAt;
  }

  /** @returns false: it stays interpreted */
  run(): boolean {
    const { root, entryAt } = this;
    const { observer } = this.jit;
    const beganMs = observer === undefined ? 0 : performance.now();
    if (root.code.length > MOST_WORDS) return false;
    let entry: Writer | undefined;
    if (entryAt === -1) {
      if (!this.join(root)) return false;
    } else {
      entry = Writer.make(this, root, entryAt, true, this.livenessOf(root));
      if (entry === undefined) return false;
    }
    this.joinCallees();
    const writers = [...this.members.values()];
    if (entry !== undefined) writers.push(entry);
    const pending = new Set(writers);
    for (const writer of pending) {
      pending.delete(writer);
      this.analysed = writer;
      if (!writer.analyse() || writer.isEntry) continue;
      for (const asking of this.asked.get(writer.fn) ?? []) pending.add(asking);
    }
    const written = writers.map((writer) => writer.write()).join("");
    if (this.isTooLarge) return false;
    // of an entry there is one frame at most
    const wide = writers.filter(
      (writer) => !writer.isEntry && writer.frameBytes > writer.fn.cost * MOST_BYTES_A_REDUCTION,
    );
    if (wide.length > 0) {
      // the others can do without it
      for (const writer of wide) this.jit.keepOut(writer.fn);
      return wide.every((writer) => writer.fn !== root) && new Compilation(this.jit, root, entryAt).run();
    }
    const text = [...this.natives.values()].map(({ text }) => text).join("") + this.leaving() + written;
    this.size = text.length;
    const names = writers.map(({ name }) => name);
    const made = instantiate(this.jit.state, this.jit.helpers, this.jit.cells, this.constants, { text, names });
    if (entry !== undefined) {
      root.cell.entries ??= [];
      root.cell.entries[entryAt] = made.pop() as unknown as Entry;
    }
    for (const [i, { fn }] of [...this.members.values()].entries()) {
      fn.cell.native = made[i] as unknown as NativeCode;
      fn.cell.run = fn.cell.native;
      this.jit.compiledAs.set(fn.cell, this);
    }
    const functions = [...new Set([root, ...this.members.keys()])];
    observer?.compiled({ fn: root, entryAt, functions, text, ms: performance.now() - beganMs });
    return true;
  }

  private join(fn: LinkedFunction): boolean {
    if (this.jit.isKeptOut(fn)) return false;
    const writer = Writer.make(this, fn, 0, false, this.livenessOf(fn));
    if (writer === undefined) return false;
    this.members.set(fn, writer);
    return true;
  }

  /** Adds what is called by name from what is here, nearest first, as long as it runs too and there is room. */
  private joinCallees(): void {
    const { functions } = this.program;
    const seen = new Set<LinkedFunction>([this.root]);
    const pending = [this.root];
    let words = this.root.code.length;
    for (const { code } of pending) {
      for (let at = 0; at < code.length; at += LENGTHS[code[at]!]!) {
        if (code[at] !== OP["CALL.fn"] && code[at] !== OP.TAIL_CALL) continue;
        const callee = functions[code[at + 1]!]!;
        // an entry into a function leaves the function itself to its own compilation
        if (seen.has(callee) || callee.cell.native !== null || callee.cell.heat <= 0) continue;
        seen.add(callee);
        if (this.members.size >= MOST_FUNCTIONS_AT_ONCE || words + callee.code.length > MOST_WORDS_AT_ONCE) continue;
        if (callee.code.length > MOST_WORDS || !this.join(callee)) continue;
        words += callee.code.length;
        pending.push(callee);
      }
    }
  }

  private livenessOf(fn: LinkedFunction): LiveSlots {
    return this.jit.livenessOf(fn, liveness);
  }

  // what writers ask for

  /** How a function is called by name, and what is known of its result. */
  callee(index: number): {
    readonly call: (given: string) => string;
    readonly kind: number;
    readonly cost: number;
  } {
    const fn = this.program.functions[index]!;
    const member = this.members.get(fn);
    if (member === undefined) {
      const cell = this.constant(fn.cell);
      return { call: (given) => callThrough(cell, given), kind: ANY, cost: fn.cost };
    }
    if (this.analysed !== undefined) {
      const asked = this.asked.get(fn);
      if (asked === undefined) this.asked.set(fn, new Set([this.analysed]));
      else asked.add(this.analysed);
    }
    return { call: (given) => `${member.name}(${given})`, kind: member.resultKind, cost: fn.cost };
  }

  /** A function that calls this host function: one of its own, so that V8 can write the one into the other. */
  native(native: Native): string {
    let known = this.natives.get(native);
    if (known === undefined) {
      const name = `${native.name.replace(/[^A-Za-z0-9_]/g, "_")}$native`;
      const given = ["a", "b", "c", "d"].slice(0, native.arity);
      const all = ["context", ...given, ...["UNIT", "UNIT", "UNIT", "UNIT"].slice(native.arity)].join(", ");
      const { answers } = native;
      const isMore =
        answers === undefined
          ? 'context.killed || typeof r === "symbol" || (typeof r === "object" && !(r instanceof Cons))'
          : 'typeof r === "symbol"';
      const text = `function ${name}(${given.join(", ")}) {
context.charged = 1;
let r;
try { r = ${this.constant(native)}.run(${all}); } catch (error) { return caught(error); }
if (${isMore}) return H.answered(r);
S.reductions -= context.charged;
context.charged = 0;
return r;
}
`;
      known = { name, text };
      this.natives.set(native, known);
    }
    return known.name;
  }

  /** The name of what generated code cannot say in words. */
  constant(value: unknown): string {
    let name = this.constantNames.get(value);
    if (name === undefined) {
      name = `k${this.constants.length}`;
      this.constants.push(value);
      this.constantNames.set(value, name);
    }
    return name;
  }

  /** What has been written so far is too much for V8 to be given. */
  get isTooLarge(): boolean {
    return this.saved > MOST_SAVED;
  }

  doubtsOf(fn: LinkedFunction): ReadonlySet<number> {
    return this.jit.doubtsOf(fn);
  }

  /** A new exit. @returns its number */
  site(place: Omit<Site, "hits" | "owner">): number {
    this.saved += place.places.length;
    return this.jit.state.sites.push({ ...place, hits: 0, owner: this }) - 1;
  }

  /** A new exit that writes its frame itself. @returns what generated code calls it */
  siteConstant(fn: LinkedFunction, pc: number, sp: number, why: Why): string {
    const place = { fn, pc, sp, places: [], doubles: null, wides: null, why, doubt: NO_DOUBT, doubtOfWide: NO_DOUBT };
    return this.constant(this.jit.state.sites[this.site(place)]);
  }

  /** An exit will go by `leave` with so many values. */
  leavesWith(count: number): void {
    this.mostLeft = Math.max(this.mostLeft, count);
  }

  /**
   * The one function that exits of all members call, each of them from one place. An exit only writes down which it is, in X,
   * and its values, in X0, X1 …: for that V8 keeps no notes. An exit that called something itself would be a call that V8
   * never saw when it optimised, and the first to leave there would throw the optimised code away (decision 0015).
   */
  private leaving(): string {
    const { mostLeft } = this;
    if (mostLeft === -1) return "";
    const indexes = Array.from({ length: mostLeft }, (_, i) => i);
    const cases = indexes.map((i) => `case ${i + 1}: Z[P[${i}]] = X${i}; X${i} = undefined;\n`).reverse();
    return `var ${["X", ...indexes.map((i) => `X${i}`)].join(", ")};
function leave(F) {
const site = S.sites[X], P = site.places, Z = S.leave(site, F);
switch (P.length) {
${cases.join("")}}
return S.done(site, Z);
}
`;
  }

  onDoubt(site: Site, doubt: number): void {
    this.jit.revise(this, site, doubt);
  }
}
