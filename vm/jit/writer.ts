/**
 * Writes one compiled form of a function as JavaScript: the function itself, or an entry that goes on in its middle.
 *
 * The trick: the same emitters (emitters.ts) run twice. First without writing, over and over, until what is known of
 * each variable at the beginning of each block stands still; then once more for the text. So what was found out and what
 * is written cannot differ.
 * Operands live in variables by their depth: `t3` or `w3`, two so that a result never overwrites an operand that an exit
 * of the same instruction still needs; LOAD and constants copy nothing. Slots are `s0`, `s1` …
 *
 * W1  A variable at depth d is written only after what was at depth d is popped; what stands above refers to slots and
 *     lower variables only.
 * W2  At the end of a block each operand is in its `t`, and each live slot and operand has the form (kinds.ts, K1) that
 *     the next block expects.
 */
import { OP, OPCODES, type OpcodeRow } from "../bytecode/opcodes.ts";
import type { LinkedFunction, Program } from "../interp/program.ts";
import { Float } from "../values/value.ts";
import type { Compilation } from "./compilation.ts";
import { EMITTERS } from "./emitters.ts";
import { type Block, buildGraph, type Graph } from "./graph/graph.ts";
import type { LiveSlots } from "./graph/liveness.ts";
import { type Step, type Structured, structure } from "./graph/structure.ts";
import type { HelperName } from "./helpers.ts";
import {
  ANY,
  BOOL,
  BOXED,
  DATA,
  FLOAT,
  hasDouble,
  INT,
  isFloat,
  isList,
  KEPT,
  LIST,
  merge,
  NONE,
  NUMBER,
  OPEN_LIST,
  WIDE,
} from "./kinds.ts";
import { Why } from "./state.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;
const LENGTHS = Int32Array.from(ROWS, (row) => 1 + row.operands.length);

/** V8's parser recurses over braces. */
const MOST_NESTING = 100;

/** What a test has found out about a variable. */
export interface Finding {
  readonly id: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
}

export interface Operand {
  /** of a variable; -1: `text` says it all */
  readonly id: number;
  readonly text: string;
  /** of what is no variable */
  readonly kind: number;
  /** a condition that is not computed yet; the next instruction is a branch, or writes it down */
  readonly isPending?: true;
  readonly finding?: Finding | undefined;
}

/** An exit's doubt is the word offset of the instruction whose assumption about kinds failed, or one of these. */
export const NO_DOUBT = -1;
export function doubtOfParameter(index: number): number {
  return -2 - index;
}
/** That the Ints of an instruction stay safe. */
const OVERFLOWS = 1 << 22;
/** What was hoped of a slot or operand where the code begins; that it is an Int of any size is another hope. */
const HOPES = 1 << 23;
const WIDE_HOPES = 1 << 24;

/** The variable with the double of another (K2) has that one's number and this. */
const DOUBLE = 1 << 20;

/** What is known of the Value alone. */
function withoutDouble(kind: number): number {
  return kind === KEPT ? FLOAT : kind === NUMBER ? ANY : kind;
}

interface Written {
  code: string;
  /** of a branch: when it jumps */
  condition: string;
  jump: string;
  on: string;
}

export class Writer {
  readonly fn: LinkedFunction;
  readonly program: Program;
  readonly compilation: Compilation;
  readonly start: number;
  readonly isEntry: boolean;
  readonly name: string;
  private readonly graph: Graph;
  private readonly structured: Structured;
  private readonly live: LiveSlots;
  private readonly doubts: ReadonlySet<number>;
  /** by block: kinds of slots, then of operands by depth; undefined: not reached yet */
  private before: (number[] | undefined)[] = [];
  /**
   * By slot, then by operand: kinds to guard for where the code begins, since a loop then keeps them. Otherwise what the
   * frame gives, which is anything, would be met by what a turn computes, and each turn would begin by testing again.
   */
  private readonly hopes = new Map<number, number>();
  private hasNewHope = false;

  // of the instruction that is being written
  at = 0;
  /** where the next one begins */
  private next = 0;
  /** of the block: one past its last word */
  blockEnd = 0;
  kinds: number[] = [];
  stack: Operand[] = [];
  /** the operands when the instruction began: what its exits save */
  private given: readonly Operand[] = [];
  private out: string[] = [];
  private isWriting = false;
  /** what the newest line computes, while it is the newest */
  private computed: { readonly id: number; readonly expression: string; readonly lines: number } | undefined;
  /** of a branch: when it jumps, what is written on that way, and what is found out */
  private condition = "";
  private onJump = "";
  private finding: Finding | undefined = undefined;
  /** the rest of the block is never reached */
  private isOver = false;
  private readonly used = new Set<number>();
  /** it has exits that go to its end and leave from there */
  private leaves = false;
  private usesCallee = false;
  private usesProcess = false;
  /** slots that get another value somewhere in this code */
  private readonly stored = new Set<number>();
  resultKind = NONE;

  /** @returns undefined: it has no structure, or nests too deep */
  static make(
    compilation: Compilation,
    fn: LinkedFunction,
    start: number,
    isEntry: boolean,
    live: LiveSlots,
  ): Writer | undefined {
    const graph = buildGraph(fn, start);
    const structured = structure(graph);
    if (structured === undefined || structured.nesting > MOST_NESTING) return undefined;
    return new Writer(compilation, fn, start, isEntry, live, graph, structured);
  }

  private constructor(
    compilation: Compilation,
    fn: LinkedFunction,
    start: number,
    isEntry: boolean,
    live: LiveSlots,
    graph: Graph,
    structured: Structured,
  ) {
    this.compilation = compilation;
    this.fn = fn;
    this.program = compilation.program;
    this.start = start;
    this.isEntry = isEntry;
    this.graph = graph;
    this.structured = structured;
    this.live = live;
    this.doubts = compilation.doubtsOf(fn);
    this.name = `${safeName(fn.name)}$${fn.index}${isEntry ? `$at${start}` : ""}`;
  }

  // ── finding out, then writing ─────────────────────────────────────────────────────────────────────────────────────

  /** Until nothing new is found. @returns whether the kind of the result has changed */
  analyse(): boolean {
    const known = this.resultKind;
    this.isWriting = false;
    do {
      this.hasNewHope = false;
      this.resultKind = known;
      this.prologue();
      const pending = new Set(this.graph.blocks.keys());
      for (const id of pending) {
        pending.delete(id);
        if (this.before[id] === undefined) continue;
        for (const next of this.runBlock(this.graph.blocks[id]!)) pending.add(next);
      }
      if (this.hasNewHope) this.before = [];
    } while (this.hasNewHope);
    return this.resultKind !== known;
  }

  /** About what a frame of it takes on V8's stack, when it has been written. */
  get frameBytes(): number {
    return 148 + 8 * (this.used.size + this.fn.arity);
  }

  /** The JavaScript of the whole function. */
  write(): string {
    this.isWriting = true;
    this.used.clear();
    const prologue = this.prologue();
    const written = this.graph.blocks.map((block): Written => {
      if (this.before[block.id] === undefined || this.compilation.isTooLarge)
        return { code: "", condition: "true", jump: "", on: "" };
      return this.writeBlock(block);
    });
    const body: string[] = [];
    this.print(this.structured.body, written, body);

    const { fn } = this;
    const parameters: string[] = [];
    const variables: string[] = [];
    if (this.isEntry) parameters.push("F");
    else {
      parameters.push("D");
      for (let i = 0; i < fn.arity; i++) parameters.push(`s${i}`);
      if (fn.captures > 0) parameters.push("C");
      for (const id of this.used) if (id >= fn.arity) variables.push(this.nameOf(id));
    }
    if (this.isEntry) for (const id of this.used) variables.push(this.nameOf(id));
    if (this.usesCallee) variables.push("g");
    const process = this.usesProcess ? "const P = S.process;\n" : "";
    const declared = (variables.length === 0 ? "" : `let ${variables.join(", ")};\n`) + process;
    const all = `${prologue}${body.join("")}`;
    const whole = this.leaves ? `out: {\n${all}}\nreturn leave(${this.isEntry ? "F" : "null"});\n` : all;
    return `function ${this.name}(${parameters.join(", ")}) {\n${declared}${whole}}\n`;
  }

  /** What comes before the first block: slots from where they are, and what is claimed of parameters. */
  private prologue(): string {
    const { fn, graph } = this;
    const first = graph.blocks[0]!;
    const firstBefore = this.before[0];
    this.out = [];
    this.at = this.start;
    this.kinds = new Array(fn.slots).fill(NONE);
    this.stack = [];
    const given = this.liveSlots(this.start);
    if (this.isEntry) {
      this.line("const Z = F.stack;");
      for (const slot of given) {
        this.line(`${this.use(slot)} = Z[${slot}];`);
        this.kinds[slot] = ANY;
      }
      for (let depth = 0; depth < first.depth; depth++) {
        const id = this.variableAt(depth);
        this.line(`${this.use(id)} = Z[${fn.slots + depth}];`);
        this.kinds[id] = ANY;
        this.stack.push(this.variable(id));
      }
    } else {
      for (let i = 0; i < fn.arity; i++) this.kinds[i] = ANY;
      for (let i = 0; i < fn.captures; i++) {
        const slot = fn.arity + i;
        this.kinds[slot] = ANY;
        if (given.includes(slot)) this.line(`${this.use(slot)} = C.captures[${i}];`);
      }
    }
    this.given = this.stack.slice();
    if (!this.isEntry) {
      for (const slot of given) {
        if (slot >= fn.arity || this.doubts.has(doubtOfParameter(slot))) continue;
        const doubt = doubtOfParameter(slot);
        const operand = this.variable(slot);
        const claim = fn.paramKinds[slot];
        if (this.hopes.get(slot) === WIDE) continue;
        if (claim === "Int") this.guardInt(operand, doubt);
        else if (claim === "Float") this.guardFloat(operand, doubt);
        else if (claim === "List") this.guardList(operand, doubt);
        else if (claim === "Data") this.guard(`s${slot}.type === undefined`, operand, DATA, doubt);
      }
    }
    for (const [index, kind] of this.hopes) {
      const operand = index < fn.slots ? this.variable(index) : this.stack[index - fn.slots];
      if (operand === undefined || this.kindOf(operand) !== ANY) continue;
      if (kind === INT) {
        this.guardInt(operand, HOPES + index);
        this.line(`${operand.text} -= 0;`); // V8 takes the test for no proof, and keeps what may be an object on its heap
      } else if (kind === FLOAT) this.guardFloat(operand, HOPES + index);
      else if (kind === LIST) this.guardList(operand, HOPES + index);
      else if (kind === OPEN_LIST) this.guardOpenList(operand, HOPES + index);
      else this.guardWide(operand, WIDE_HOPES + index);
    }
    this.arrive(first, firstBefore);
    return this.out.join("");
  }

  /** Emits a block's instructions. @returns the blocks of which something new is known */
  private runBlock(block: Block): number[] {
    this.beginBlock(block);
    this.emitAll(block);
    const changed: number[] = [];
    if (this.isOver) return changed;
    const { blocks } = this.graph;
    const kinds = this.kinds;
    if (block.exit === "branch" || block.exit === "jump") {
      this.kinds = this.found(kinds, true);
      if (this.arrive(blocks[block.successors[0]!]!, undefined)) changed.push(block.successors[0]!);
    }
    if (block.exit === "branch" || block.exit === "on") {
      this.kinds = this.found(kinds, false);
      this.comeBack(block);
      const next = block.successors.at(-1)!;
      if (this.arrive(blocks[next]!, undefined)) changed.push(next);
    }
    return changed;
  }

  private writeBlock(block: Block): Written {
    this.beginBlock(block);
    this.emitAll(block);
    const written: Written = { code: this.out.join(""), condition: this.condition || "true", jump: "", on: "" };
    if (this.isOver) return written;
    const { blocks } = this.graph;
    const kinds = this.kinds;
    if (block.exit === "branch" || block.exit === "jump") {
      const next = block.successors[0]!;
      this.out = [];
      this.kinds = this.found(kinds, true);
      this.arrive(blocks[next]!, this.before[next]);
      written.jump = this.onJump + this.out.join("");
    }
    if (block.exit === "branch" || block.exit === "on") {
      const next = block.successors.at(-1)!;
      this.out = [];
      this.kinds = this.found(kinds, false);
      this.comeBack(block);
      this.arrive(blocks[next]!, this.before[next]);
      written.on = this.out.join("");
    }
    return written;
  }

  /** RECEIVE pushes its message where it goes on, and nothing where it jumps. */
  private comeBack(block: Block): void {
    if (this.fn.code[block.last] !== OP["RECEIVE.match"]) return;
    const id = this.variableAt(this.stack.length);
    this.kinds[id] = ANY;
    this.stack.push(this.variable(id));
  }

  private beginBlock(block: Block): void {
    const { slots } = this.fn;
    const before = this.before[block.id]!;
    this.out = [];
    this.computed = undefined;
    this.condition = "";
    this.onJump = "";
    this.finding = undefined;
    this.isOver = false;
    this.kinds = before.slice(0, slots);
    this.stack = [];
    for (let depth = 0; depth < block.depth; depth++) {
      const id = this.variableAt(depth);
      this.kinds[id] = before[slots + depth]!;
      this.stack.push(this.variable(id));
    }
  }

  private emitAll(block: Block): void {
    const { code } = this.fn;
    this.blockEnd = block.to;
    for (let at = block.from; at < block.to && !this.isOver; at = this.next) {
      const op = code[at]!;
      this.at = at;
      this.next = at + LENGTHS[op]!;
      if (op !== OP.JZ && op !== OP.JNZ && op !== OP.NOT && op !== OP.POP && op !== OP["RET.val"]) this.settle();
      this.given = this.stack.slice();
      EMITTERS[op]!(this, code[at + 1]!, code[at + 2]!);
    }
    if (!this.isOver && block.exit === "on") this.settle();
  }

  private found(kinds: readonly number[], jumps: boolean): number[] {
    const copy = kinds.slice();
    const { finding } = this;
    if (finding !== undefined) {
      const kind = jumps ? finding.whenTrue : finding.whenFalse;
      if (kind !== NONE) copy[finding.id] = kind;
    }
    return copy;
  }

  /**
   * The way to a block: W2.
   * @param expected  what is known there; undefined: not written yet, what is known here is added
   * @returns whether something has changed there
   */
  private arrive(block: Block, expected: readonly number[] | undefined): boolean {
    const { slots } = this.fn;
    const { stack } = this;
    if (!this.isWriting || expected === undefined) {
      // a slot that nobody reads there may go on as something else, which says nothing about what it is here
      const now: number[] = new Array(slots).fill(NONE);
      for (const slot of this.liveSlots(block.from)) now[slot] = this.kinds[slot] ?? NONE;
      for (const operand of stack) now.push(this.kindOf(operand));
      const known = this.before[block.id];
      if (known === undefined) {
        this.before[block.id] = now;
        return true;
      }
      let hasChanged = false;
      for (let i = 0; i < now.length; i++) {
        const both = merge(known[i]!, now[i]!);
        this.hope(i, known[i]!, now[i]!);
        if (both === known[i]) continue;
        known[i] = both;
        hasChanged = true;
      }
      return hasChanged;
    }
    for (let depth = stack.length - 1; depth >= 0; depth--) {
      const id = this.variableAt(depth);
      this.move(id, stack[depth]!, expected[slots + depth]!);
    }
    for (const slot of this.liveSlots(block.from)) {
      this.move(slot, this.variable(slot), expected[slot]!);
    }
    return false;
  }

  /** Into a variable, in the form that a block expects there: K1, K2. */
  private move(id: number, operand: Operand, expected: number): void {
    const form =
      expected === FLOAT ? this.doubleOf(operand) : expected === WIDE ? this.wideOf(operand) : this.valueOf(operand);
    if (form !== this.nameOf(id)) this.line(`${this.use(id)} = ${form};`);
    if (hasDouble(expected)) this.moveDouble(id, operand);
  }

  /** K2: what is beside an operand goes with it. */
  private moveDouble(id: number, operand: Operand): void {
    if (operand.id !== id) this.line(`${this.use(DOUBLE + id)} = ${this.nameOf(DOUBLE + operand.id)};`);
  }

  /** Where ways meet, something is known on one of them only: it may be worth a guard where the code begins. */
  private hope(index: number, one: number, other: number): void {
    const [a, b] = [withoutDouble(one), withoutDouble(other)];
    const known = a === ANY ? b : b === ANY ? a : merge(a, b) === WIDE ? WIDE : NONE;
    const hoped = isList(known) ? LIST : known;
    if (hoped !== INT && hoped !== FLOAT && hoped !== WIDE && hoped !== LIST && hoped !== OPEN_LIST) return;
    if (this.doubts.has((hoped === WIDE ? WIDE_HOPES : HOPES) + index)) return;
    const before = this.hopes.get(index);
    // of two that do not go together the first stays; it is doubted soon if it is wrong
    if (before === hoped || (before !== undefined && !(before === INT && hoped === WIDE))) return;
    this.hopes.set(index, hoped);
    this.hasNewHope = true;
  }

  private print(steps: readonly Step[], written: readonly Written[], out: string[]): void {
    for (const step of steps) {
      switch (step.kind) {
        case "code":
          out.push(written[step.block.id]!.code);
          break;
        case "if": {
          const { condition } = written[step.block.id]!;
          out.push(`if (${step.jumps ? condition : `!(${condition})`}) {\n`);
          this.print(step.body, written, out);
          out.push("}\n");
          break;
        }
        case "labelled":
          out.push(`${step.label}: {\n`);
          this.print(step.body, written, out);
          out.push("}\n");
          break;
        case "loop":
          out.push(`${step.label}: for (;;) {\n`);
          this.print(step.body, written, out);
          out.push("}\n");
          break;
        case "goto": {
          const way = written[step.from.id]!;
          out.push(step.jumps ? way.jump : way.on);
          if (step.how !== "on") out.push(`${step.how} ${step.label};\n`);
        }
      }
    }
  }

  // ── what emitters use ─────────────────────────────────────────────────────────────────────────────────────────────

  line(text: string): void {
    if (this.isWriting) this.out.push(text, "\n");
  }

  /** Whether the slice is over, or what may be used in place of it. */
  get isOut(): string {
    return `S.reductions <= 0 && stops(${this.isEntry ? "0" : "D"})`;
  }

  /** What is nested behind a call that costs so much. */
  nestedIn(cost: number | string): string {
    return this.isEntry ? String(cost) : `D + ${cost}`;
  }

  /** Whether the assumption at this instruction has failed too often. */
  get isDoubted(): boolean {
    return this.doubts.has(this.at);
  }

  /** Whether the Ints of this instruction have left the safe ones too often. */
  get overflows(): boolean {
    return this.doubts.has(OVERFLOWS + this.at);
  }

  /** Leaves where `name`, a number that was an Int's before this instruction, is safe no longer. */
  guardSafe(name: string): void {
    this.line(`if ((${name} | 0) !== ${name} && !isSafe(${name})) ${this.bail(OVERFLOWS + this.at)}`);
  }

  push(operand: Operand): void {
    this.stack.push(operand);
  }

  pop(): Operand {
    return this.stack.pop()!;
  }

  /** The newest `count`, oldest first. */
  popMany(count: number): Operand[] {
    return this.stack.splice(this.stack.length - count, count);
  }

  constant(text: string, kind: number): Operand {
    return { id: -1, text, kind };
  }

  variable(id: number): Operand {
    return { id, text: this.nameOf(id), kind: ANY };
  }

  kindOf(operand: Operand): number {
    return operand.id === -1 ? operand.kind : (this.kinds[operand.id] ?? ANY);
  }

  /** The variable that holds the cell of a function value while it is called. */
  get callee(): string {
    this.usesCallee = true;
    return "g";
  }

  /** The variable that holds the running process. */
  get process(): string {
    this.usesProcess = true;
    return "P";
  }

  /** Something is written into it. */
  declare(id: number): void {
    this.use(id);
  }

  /** What is known of a variable from now on. */
  know(operand: Operand, kind: number): void {
    if (operand.id !== -1) this.kinds[operand.id] = kind;
  }

  /** As a Value: K1. */
  valueOf(operand: Operand): string {
    const kind = this.kindOf(operand);
    // a constant is wide because no number is it
    if (kind === WIDE && operand.id !== -1) return `narrow(${operand.text})`;
    if (kind !== FLOAT) return operand.text;
    if (operand.id !== -1) return `box(${operand.text})`;
    const value = Number(operand.text.replace(/[()]/g, ""));
    return Number.isInteger(value) ? this.compilation.constant(new Float(value)) : operand.text;
  }

  /** What is known to be a Float or a safe Int, as a double. */
  doubleOf(operand: Operand): string {
    const { id, text } = operand;
    const kind = this.kindOf(operand);
    if (hasDouble(kind)) return this.nameOf(DOUBLE + id);
    return kind === BOXED ? `(typeof ${text} === "number" ? ${text} : ${text}.value)` : text;
  }

  /** What is known to be an Int, as a wide one. */
  wideOf(operand: Operand): string {
    if (this.kindOf(operand) === WIDE) return operand.text;
    return operand.id === -1
      ? `${operand.text.replace(")", "")}n${operand.text.endsWith(")") ? ")" : ""}`
      : `widen(${operand.text})`;
  }

  /** A variable for the result that goes to the top of the stack; no operand of this instruction lives in it. */
  private result(kind: number): number {
    const depth = this.stack.length;
    let id = this.variableAt(depth);
    if (this.given.some((operand) => operand.id === id)) id++;
    this.kinds[id] = kind;
    this.use(id);
    return id;
  }

  /** Computes an expression into a variable and pushes it. @returns the variable's name */
  compute(expression: string, kind: number): string {
    const id = this.result(kind);
    this.line(`${this.nameOf(id)} = ${expression};`);
    this.computed = { id, expression, lines: this.out.length };
    this.push(this.variable(id));
    return this.nameOf(id);
  }

  /** As `compute`, by statements that set the variable of this name. */
  computeBy(kind: number, statements: (name: string) => string): void {
    const id = this.result(kind);
    this.line(statements(this.nameOf(id)));
    this.push(this.variable(id));
  }

  /** As `compute`, of a helper that may fail. */
  attempt(expression: string, kind: number): void {
    const name = this.compute(expression, kind);
    this.line(`if (${name} === undefined) ${this.leave(Why.Propagates)}`);
  }

  /** A helper that may fail and gives nothing. */
  attemptAlone(expression: string): void {
    this.line(`if (${expression} === undefined) ${this.leave(Why.Propagates)}`);
  }

  call(name: HelperName, ...given: readonly (Operand | string)[]): string {
    return `H.${name}(${given.map((each) => (typeof each === "string" ? each : this.valueOf(each))).join(", ")})`;
  }

  /** A condition that the next instruction may branch on. */
  pushTest(text: string, finding?: Finding): void {
    this.push({ id: -1, text, kind: BOOL, isPending: true, finding });
  }

  /** Writes a pending condition into a variable. */
  private settle(): void {
    const top = this.stack.at(-1);
    if (top?.isPending !== true) return;
    this.stack.pop();
    this.given = this.stack.slice();
    this.compute(top.text, BOOL);
  }

  /** STORE: what is on the stack from this slot moves away first. */
  store(slot: number, operand: Operand): void {
    if (operand.id === slot) return;
    this.stored.add(slot);
    for (const [depth, other] of this.stack.entries()) {
      if (other.id !== slot) continue;
      const id = this.variableAt(depth);
      this.line(`${this.use(id)} = ${other.text};`);
      if (hasDouble(this.kinds[slot]!)) this.moveDouble(id, other);
      this.kinds[id] = this.kinds[slot]!;
      this.stack[depth] = this.variable(id);
    }
    const kind = this.kindOf(operand);
    if (!this.moveLast(operand, slot)) this.line(`${this.use(slot)} = ${operand.text};`);
    if (hasDouble(kind)) this.moveDouble(slot, operand);
    this.kinds[slot] = kind;
  }

  /** Whether the line before has just computed the operand, which nobody else needs, and now computes the slot. */
  private moveLast(operand: Operand, slot: number): boolean {
    const { computed, out } = this;
    if (computed === undefined || computed.id !== operand.id || computed.lines !== out.length) return false;
    if (this.stack.some(({ id }) => id === operand.id)) return false;
    out[out.length - 2] = `${this.use(slot)} = ${computed.expression};`;
    return true;
  }

  /** Arguments become the first slots: a call of the function itself in tail position. */
  storeArguments(given: readonly Operand[]): void {
    const moved = given.map((operand, i): Operand => {
      if (operand.id === -1 || operand.id >= i) return operand;
      const id = this.variableAt(this.stack.length + i) + 1; // this operand is a slot, so nothing is in its `w`
      this.line(`${this.use(id)} = ${operand.text};`);
      if (hasDouble(this.kindOf(operand))) this.moveDouble(id, operand);
      this.kinds[id] = this.kinds[operand.id]!;
      return this.variable(id);
    });
    const kinds = moved.map((operand) => this.kindOf(operand));
    moved.forEach((operand, slot) => {
      if (operand.id === slot) return;
      this.stored.add(slot);
      this.line(`${this.use(slot)} = ${operand.text};`);
      if (hasDouble(kinds[slot]!)) this.moveDouble(slot, operand);
    });
    kinds.forEach((kind, slot) => {
      this.kinds[slot] = kind;
    });
    for (let slot = given.length; slot < this.fn.slots; slot++) this.kinds[slot] = NONE;
    this.stack = [];
  }

  /** The emitter has done the instructions up to there too. */
  goOnAt(pc: number): void {
    this.next = pc;
  }

  /** Ends the block: it jumps when the condition holds. */
  branch(condition: string, finding: Finding | undefined, onJump: string): void {
    this.condition = condition;
    this.finding = finding;
    this.onJump = onJump;
  }

  /** Nothing of the block is reached any more. */
  end(): void {
    this.isOver = true;
  }

  returns(operand: Operand): void {
    const kind = this.kindOf(operand);
    this.gives(isFloat(kind) ? BOXED : kind === WIDE || kind === NUMBER ? ANY : kind);
    this.line(`return ${this.valueOf(operand)};`);
    this.end();
  }

  gives(kind: number): void {
    this.resultKind = merge(this.resultKind, kind);
  }

  // ── exits ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Leaves at this instruction, with the operands it began with. */
  leave(why: Why, doubt = NO_DOUBT): string {
    return this.leaveAt(this.at, this.given, why, doubt);
  }

  /** Because something does not hold here: the interpreter does the instruction. */
  bail(doubt = this.at, doubtOfWide: number = NO_DOUBT): string {
    return this.leaveAt(this.at, this.given, Why.Interprets, doubt, doubtOfWide);
  }

  /**
   * Leaves at this instruction because the process waits, which its state says already. An entry writes into its frame
   * what has changed there, and the process keeps it as its newest.
   */
  rest(): string {
    if (!this.isEntry) return this.leave(Why.Waits);
    if (!this.isWriting) return "";
    const { slots } = this.fn;
    const { places, saved } = this.savedAt(this.at, this.given);
    const sp = slots + this.given.length;
    const firstSp = slots + this.graph.blocks[0]!.depth;
    const isSame = new Set(this.liveSlots(this.start).filter((slot) => !this.stored.has(slot)));
    const lines = [`${this.compilation.siteConstant(this.fn, this.at, sp, Why.Waits)}.hits++;`];
    if (this.at !== this.start) lines.push(`F.pc = ${this.at};`);
    if (sp !== firstSp) lines.push(`F.sp = ${sp};`);
    for (let place = 0; place < Math.max(sp, firstSp); place++) {
      const i = places.indexOf(place);
      if (i === -1)
        lines.push(`Z[${place}] = undefined;`); // F4
      else if (!isSame.has(place)) lines.push(`Z[${place}] = ${this.valueOf(saved[i]!)};`);
    }
    return `${lines.join("\n")}\nreturn undefined;`;
  }

  leaveAt(
    pc: number,
    operands: readonly Operand[],
    why: Why,
    doubt: number = NO_DOUBT,
    doubtOfWide: number = NO_DOUBT,
  ): string {
    if (!this.isWriting) return "";
    const { fn } = this;
    const { places, saved } = this.savedAt(pc, operands);
    const placesOf = (form: number): readonly number[] | null => {
      const found = places.filter((_, i) => saved[i]!.id !== -1 && this.kindOf(saved[i]!) === form);
      return found.length > 0 ? found : null;
    };
    const [doubles, wides] = [placesOf(FLOAT), placesOf(WIDE)];
    const sp = fn.slots + operands.length;
    const id = this.compilation.site({ fn, pc, sp, places, doubles, wides, why, doubt, doubtOfWide });
    const values = saved.map((operand) => (operand.id === -1 ? this.valueOf(operand) : operand.text));
    if (why === Why.Interprets) {
      // seldom, if ever: better that V8 has nothing of it in its code
      const count = values.length > 4 ? "Many" : values.length;
      return `return save${count}(${[id, this.isEntry ? "F" : "null", ...values].join(", ")});`;
    }
    this.leaves = true;
    this.compilation.leavesWith(values.length);
    return `{ X = ${id}; ${values.map((value, i) => `X${i} = ${value}; `).join("")}break out; }`;
  }

  /** What an exit saves, and where: J3. */
  private savedAt(pc: number, operands: readonly Operand[]): { places: number[]; saved: Operand[] } {
    const places: number[] = [];
    const saved: Operand[] = [];
    for (const slot of this.liveSlots(pc)) {
      places.push(slot);
      saved.push(this.variable(slot));
      this.use(slot);
    }
    for (const [depth, operand] of operands.entries()) {
      places.push(this.fn.slots + depth);
      saved.push(operand);
    }
    return { places, saved };
  }

  private liveSlots(pc: number): readonly number[] {
    return this.live.before(pc);
  }

  // ── guards ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Leaves when `wrong` holds; otherwise the operand is of that kind. */
  guard(wrong: string, operand: Operand, kind: number, doubt = this.at): void {
    this.line(`if (${wrong}) ${this.bail(doubt)}`);
    this.know(operand, kind);
  }

  /** For an operation that may be done on wide Ints instead: one that comes is an overflow that happened before. */
  guardSmallInt(operand: Operand): void {
    if (this.kindOf(operand) === INT) return;
    this.line(`if (!isInt(${operand.text})) ${this.bail(this.at, OVERFLOWS + this.at)}`);
    this.know(operand, INT);
  }

  guardInt(operand: Operand, doubt = this.at): void {
    if (this.kindOf(operand) === INT) return;
    this.guard(`!isInt(${operand.text})`, operand, INT, doubt);
  }

  guardList(operand: Operand, doubt = NO_DOUBT): void {
    if (isList(this.kindOf(operand))) return;
    const x = this.valueOf(operand);
    this.guard(`!(${x} instanceof Cons) && ${x} !== NIL`, operand, LIST, doubt);
  }

  guardOpenList(operand: Operand, doubt = NO_DOUBT): void {
    if (this.kindOf(operand) === OPEN_LIST) return;
    this.guard(`!(${this.valueOf(operand)} instanceof OpenList)`, operand, OPEN_LIST, doubt);
  }

  /** Makes a wide Int of a variable that holds an Int. */
  guardWide(operand: Operand, doubt = this.at): void {
    const x = operand.text;
    const bail = this.bail(doubt);
    this.line(
      `if (isInt(${x})) ${x} = widen(${x}); else if (typeof ${x} === "bigint") ${x} = BigInt.asIntN(64, ${x}); else ${bail}`,
    );
    this.know(operand, WIDE);
  }

  /** K2: a variable that holds a Float gets its double beside it. */
  guardFloat(operand: Operand, doubt = this.at): void {
    const kind = this.kindOf(operand);
    if (kind === FLOAT || kind === KEPT) return;
    if (kind === NUMBER) this.line(`if (isInt(${operand.text})) ${this.bail(doubt)}`);
    else this.findDouble(operand, kind, true, doubt);
    this.know(operand, KEPT);
  }

  /** K2: the same of a Float or an Int that is safe. */
  guardNumber(operand: Operand): void {
    const kind = this.kindOf(operand);
    if (kind === INT || kind === FLOAT || hasDouble(kind)) return;
    this.findDouble(operand, kind, false, this.at);
    this.know(operand, kind === BOXED ? KEPT : NUMBER);
  }

  private findDouble(operand: Operand, kind: number, isFloat: boolean, doubt: number): void {
    const x = operand.text;
    const double = this.use(DOUBLE + operand.id);
    // `- 0` changes no number, and V8 believes it that there is one
    if (kind === BOXED) {
      this.line(`${double} = (typeof ${x} === "number" ? ${x} : ${x}.value) - 0;`);
      return;
    }
    const bail = this.bail(doubt);
    const isInt = isFloat ? `if (isInt(${x})) ${bail} ` : "";
    this.line(
      `if (typeof ${x} === "number") { ${isInt}${double} = ${x} - 0; } else if (${x} instanceof Float) ${double} = ${x}.value - 0; else ${bail}`,
    );
  }

  // ── variables ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private variableAt(depth: number): number {
    return this.fn.slots + 2 * depth;
  }

  private nameOf(id: number): string {
    if (id >= DOUBLE) return `d${this.nameOf(id - DOUBLE)}`;
    const { slots } = this.fn;
    if (id < slots) return `s${id}`;
    const rest = id - slots;
    return `${(rest & 1) === 0 ? "t" : "w"}${rest >> 1}`;
  }

  /** Its name, and it is declared. */
  private use(id: number): string {
    if (this.isWriting) this.used.add(id);
    return this.nameOf(id);
  }
}

/** A name of the language as part of one of JavaScript; V8's profiler shows it. */
function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_") || "_";
}
