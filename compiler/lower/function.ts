/**
 * One function's Core becomes instructions.
 *
 * The trick: an expression is lowered *for* something: its value on the stack, nothing, or the function's result; so tail
 * calls, dropped values and branches fall out without a later pass. Operators, calls and constructors go through a list
 * of tasks, so a chain of 10,000 of them, to the left or to the right, needs no deep stack; recursion follows only what
 * the parser counts as nesting.
 *
 * F1  `lower(core, "value")` leaves exactly one operand more, "drop" none, "tail" ends the frame (or never comes back).
 * F2  A local has its variable from its binding to the end of the scope around it; places in the frame are reused.
 * F3  MVAR_GET and MVAR_SET stand only where `held` has the mvar.
 */
import { OP, type OpName, VALUE_KINDS } from "../../vm/bytecode/opcodes.ts";
import type { DataType } from "../../vm/bytecode/unit.ts";
import type { FunctionEffects } from "../checks/effects.ts";
import type { Core, CoreExpr, Global, KindTest, Local, Loop, Mvar, OperandKind } from "../core.ts";
import type { Captures } from "./captures.ts";
import {
  lowerAndOr,
  lowerBreak,
  lowerComprehension,
  lowerContinue,
  lowerFor,
  lowerForIn,
  lowerIf,
  lowerReceive,
  lowerReturn,
  lowerTry,
  lowerWhile,
} from "./control.ts";
import {
  CodeBuilder,
  type FunctionSource,
  type Instruction,
  LABEL,
  Label,
  type LoweredFunction,
  type Operand,
} from "./instructions.ts";
import { InvariantBroken } from "./invariant.ts";
import { lowerBlock, lowerExtent, withAccess } from "./locks.ts";
import { lowerBindPattern, lowerMatch } from "./matching.ts";
import { addParts, throughHoles } from "./walk.ts";

/** What an expression is lowered for: its value on top of the stack, its effect alone, or the function's result. */
export type Use = "value" | "drop" | "tail";

/** What has to be done on the way out of a construct, innermost last. */
export type Scope =
  | { readonly kind: "try" }
  | { readonly kind: "finally"; readonly finalizer: Core; readonly shared: SharedFinalizer | undefined }
  | { readonly kind: "lock"; readonly set: readonly Mvar[]; readonly heldBefore: ReadonlySet<Mvar> }
  | {
      readonly kind: "loop";
      readonly loop: Loop;
      readonly depth: number;
      readonly exit: Label;
      readonly next: Label;
      readonly wantsValue: boolean;
    };

/** A finalizer that is written once: who comes to it says in `selector` where to go on, and carries one operand along. */
export interface SharedFinalizer {
  readonly selector: number;
  readonly start: Label;
  /** operands below the one that is carried */
  readonly depth: number;
  /** where to go on, by selector */
  readonly exits: Label[];
}

/** What a function needs of the program around it. */
export interface ProgramView {
  sourceOf(core: Core & { kind: "function" | "call" }): FunctionSource;
  lambdaSource(core: Core & { kind: "lambda" }, captures: Captures): FunctionSource;
  effectsOf(source: FunctionSource): FunctionEffects | undefined;
  /** position in the order in which mvars are locked */
  lockOrderOf(mvar: Mvar): number;
  /** its initialiser is part of the program */
  globalUsed(global: Global): void;
  /** a constructor of the type that IS_TYPE asks for */
  constructorOf(module: string, type: string): DataType;
}

interface Task {
  readonly core: Core;
  /** the operands are on the stack: emit the instruction itself */
  readonly isReady: boolean;
}

export class FunctionLowering {
  readonly code = new CodeBuilder();
  readonly program: ProgramView;
  readonly source: FunctionSource;
  readonly captures: Captures;
  readonly effects: FunctionEffects | undefined;
  /** innermost last */
  scopes: Scope[] = [];
  /** mvars that are locked here, statically */
  held: ReadonlySet<Mvar> = new Set();
  private readonly variables = new Map<Local, number>();
  /** see lowerAsLoop: it is wanted; it is being done; the variable of the list, and where a turn begins */
  private endsInOwnList = false;
  private isLoop = false;
  private openList = -1;
  private head = new Label();
  /** locals that are always one function without captures: called without looking at the value */
  private readonly functions = new Map<Local, FunctionSource>();

  constructor(source: FunctionSource, captures: Captures, program: ProgramView) {
    this.source = source;
    this.captures = captures;
    this.program = program;
    this.effects = program.effectsOf(source);
  }

  run(): LoweredFunction {
    const lowered = this.lowerBody();
    if (!this.endsInOwnList) return lowered;
    return new FunctionLowering(this.source, this.captures, this.program).lowerAsLoop();
  }

  private lowerBody(): LoweredFunction {
    for (const local of [...this.source.params, ...this.source.captures]) this.declare(local);
    if (this.isLoop) {
      this.openList = this.code.slots.add();
      this.code.emit("LIST_BEGIN");
      this.code.emit("STORE", this.openList);
      this.head = this.code.placeNew();
    }
    for (const param of this.source.params) {
      if (!this.captures.cells.has(param)) continue;
      this.code.emit("LOAD", this.variableOf(param));
      this.code.emit("MAKE_CELL");
      this.code.emit("STORE", this.variableOf(param));
    }
    this.extent(this.source.body, "tail");
    if (this.code.isReachable) throw new InvariantBroken("F1", `${this.source.name} runs off its end`);
    return { source: this.source, code: this.code.code, slots: this.code.slots };
  }

  /**
   * Recursion whose last step is to put elements before its own result: `[f(x) | map(rest, f)]`. It becomes a loop that
   * adds them to an open list, front to back, and whatever the function returns ends that list. Its frames are gone as those
   * of tail calls are; each turn charges what the call would have. As long as nothing was added, tail calls stay tail calls.
   */
  private lowerAsLoop(): LoweredFunction {
    this.isLoop = true;
    const lowered = this.lowerBody();
    const code: Instruction[] = [];
    for (const instruction of lowered.code) {
      const add = (name: OpName, a?: Operand, b = 0): void => void code.push({ ...instruction, op: OP[name], a, b });
      const close = (): void => {
        add("LOAD", this.openList);
        add("LIST_END");
        add("RET.val");
      };
      const { op, a, b } = instruction;
      if (op === OP["RET.val"]) close();
      else if (op === OP.TAIL_CALL || op === OP.TAIL_CALL_FUNCTION) {
        const isBegun = new Label();
        add("LOAD", this.openList);
        add("LIST_IS_EMPTY");
        add("JZ", isBegun);
        code.push(instruction);
        code.push({ ...instruction, op: LABEL, a: isBegun, b: 0 });
        add(op === OP.TAIL_CALL ? "CALL.fn" : "CALL_FUNCTION.fn", a, b);
        close();
      } else code.push(instruction);
    }
    return { ...lowered, code };
  }

  /** `core`, in tail position, puts elements before a call of this function: those elements, and the call. */
  private ownList(core: Core): { readonly items: readonly Core[]; readonly call: CallOfSelf } | undefined {
    if (!this.canTailCall()) return undefined;
    const items: Core[] = [];
    for (let node = core; ; ) {
      if (node.kind === "list" && node.rest !== undefined) {
        items.push(...node.items);
        node = throughHoles(node.rest);
      } else if (node.kind === "binary" && node.op === "::") {
        items.push(node.left);
        node = throughHoles(node.right);
      } else if (node.kind === "binary" && node.op === "++" && isPlainList(throughHoles(node.left))) {
        items.push(...(throughHoles(node.left) as Core & { kind: "list" }).items);
        node = throughHoles(node.right);
      } else if ((node.kind === "call" || node.kind === "callValue") && items.length > 0) {
        const callee = node.kind === "call" ? this.program.sourceOf(node) : this.knownCallee(node);
        return callee === this.source ? { items, call: node } : undefined;
      } else return undefined;
    }
  }

  /** What is another way round in a loop than by a call. */
  private lowerInLoop(core: Core): boolean {
    if (this.lowerOwnList(core)) return true;
    if (!this.isLoop || !this.canTailCall() || (core.kind !== "call" && core.kind !== "callValue")) return false;
    const callee = core.kind === "call" ? this.program.sourceOf(core) : this.knownCallee(core);
    if (callee !== this.source) return false;
    this.goRound(core);
    return true;
  }

  /** Adds the elements and goes round; without a loop only finds out that one is wanted. */
  private lowerOwnList(core: Core): boolean {
    const own = this.ownList(core);
    if (own === undefined) return false;
    this.endsInOwnList = true;
    if (!this.isLoop) return false;
    for (const item of own.items) {
      this.value(item);
      this.code.emit("LOAD", this.openList);
      this.code.emit("LIST_ADD");
      this.code.emit("STORE", this.openList);
    }
    this.goRound(own.call);
    return true;
  }

  /** A call of itself in tail position, in a loop: parameters that it passes on stay where they are. */
  private goRound(call: CallOfSelf): void {
    const { code } = this;
    const { params } = this.source;
    const before = code.depth;
    const changed = params.filter((param, i) => {
      const arg = throughHoles(call.args[i]!);
      return arg.kind !== "local" || arg.local !== param || !this.isFixed(param);
    });
    for (const param of changed) this.value(call.args[params.indexOf(param)]!);
    for (const param of changed.reverse()) code.emit("STORE", this.variableOf(param));
    for (let under = before; under > 0; under--) code.emit("POP");
    code.span = call.span;
    code.emit("REENTER", this.head);
  }

  // ── locals ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives a local its variable. */
  declare(local: Local): number {
    const variable = this.code.slots.add();
    this.variables.set(local, variable);
    return variable;
  }

  /** Lets a local stand for a variable that holds its value already. */
  alias(local: Local, variable: number): void {
    this.variables.set(local, variable);
  }

  variableOf(local: Local): number {
    const variable = this.variables.get(local);
    if (variable === undefined) throw new InvariantBroken("F2", `${local.name} is not bound here`);
    return variable;
  }

  isCell(local: Local): boolean {
    return this.captures.cells.has(local);
  }

  /** Never given another value, so its variable can stand for a copy. */
  isFixed(local: Local): boolean {
    return !this.isCell(local) && !this.captures.assigned.has(local);
  }

  load(local: Local): void {
    if (local === this.source.self && !this.variables.has(local)) {
      this.code.emit("MAKE_FUNCTION.fn", this.source);
      return;
    }
    this.code.emit("LOAD", this.variableOf(local));
    if (this.isCell(local)) this.code.emit("CELL_GET");
  }

  /** The value on top becomes the first value of a local. */
  bind(local: Local): void {
    if (this.isCell(local)) this.code.emit("MAKE_CELL");
    this.code.emit("STORE", this.declare(local));
  }

  /** A local's next value; the local exists. */
  assign(local: Local, pushValue: () => void): void {
    if (this.isCell(local)) {
      this.code.emit("LOAD", this.variableOf(local));
      pushValue();
      this.code.emit("CELL_SET");
    } else {
      pushValue();
      this.code.emit("STORE", this.variableOf(local));
    }
  }

  /** Runs with a scope of its own: the places of its locals are free afterwards. */
  scoped(work: () => void): void {
    const mark = this.code.slots.mark();
    work();
    this.code.slots.release(mark);
  }

  // ── expressions ───────────────────────────────────────────────────────────────────────────────────────────────

  value(core: Core): void {
    this.lower(core, "value");
  }

  drop(core: Core): void {
    this.lower(core, "drop");
  }

  /** As `lower`, for a place where a statement stands: the mvars it touches are locked as long as is right. */
  extent(core: Core, use: Use): void {
    lowerExtent(this, throughHoles(core), use);
  }

  lower(node: Core, use: Use): void {
    const core = throughHoles(node);
    const before = this.code.depth;
    this.dispatch(core, use);
    const after = use === "value" ? before + 1 : before;
    if (!this.code.isReachable) this.code.depth = after;
    else if (this.code.depth !== after || use === "tail") {
      throw new InvariantBroken("F1", `${core.kind} for its ${use}: ${before} operands became ${this.code.depth}`);
    }
  }

  private dispatch(core: Core, use: Use): void {
    if (use === "tail" && this.lowerInLoop(core)) return;
    switch (core.kind) {
      case "block":
        lowerBlock(this, core, use);
        return;
      case "if":
        lowerIf(this, core, use);
        return;
      case "and":
      case "or":
        lowerAndOr(this, core, use);
        return;
      case "match":
        lowerMatch(this, core, use);
        return;
      case "bind": {
        this.lowerBind(core);
        this.unit(use);
        return;
      }
      case "bindPattern":
        lowerBindPattern(this, core);
        this.unit(use);
        return;
      case "assign":
        this.assign(core.local, () => this.value(core.value));
        this.unit(use);
        return;
      case "while":
        lowerWhile(this, core, use);
        return;
      case "for":
        lowerFor(this, core, use);
        return;
      case "forIn":
        lowerForIn(this, core, use);
        return;
      case "comprehension":
        lowerComprehension(this, core, use);
        return;
      case "break":
        lowerBreak(this, core);
        return;
      case "continue":
        lowerContinue(this, core);
        return;
      case "return":
        lowerReturn(this, core);
        return;
      case "try":
        lowerTry(this, core, use);
        return;
      case "receive":
        lowerReceive(this, core, use);
        return;
      default:
        this.lowerTasks(core, use);
        return;
    }
  }

  private lowerBind(core: Core & { kind: "bind" }): void {
    const value = throughHoles(core.value);
    const namesItself = value.kind === "lambda" && value.self === core.local && this.isCell(core.local);
    if (namesItself) {
      // the closure needs the cell before the cell can have the closure
      this.code.emit("PUSH_UNIT");
      this.bind(core.local);
      this.assign(core.local, () => this.value(value));
      return;
    }
    if (value.kind === "lambda" && this.isFixed(core.local)) {
      const source = this.program.lambdaSource(value, this.captures);
      if (source.captures.length === 0) this.functions.set(core.local, source);
    }
    this.value(value);
    this.bind(core.local);
  }

  /** What a call of a local calls, if that is known. */
  private knownCallee(core: Core & { kind: "callValue" }): FunctionSource | undefined {
    const callee = throughHoles(core.callee);
    if (callee.kind !== "local") return undefined;
    const isSelf = callee.local === this.source.self && !this.variables.has(callee.local);
    const source = isSelf ? this.source : this.functions.get(callee.local);
    return source?.params.length === core.args.length ? source : undefined;
  }

  /** Operators, calls, constructors: operands left to right, then the instruction; without recursion. */
  private lowerTasks(root: Core, use: Use): void {
    const tasks: Task[] = [{ core: root, isReady: false }];
    const parts: Core[] = [];
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
      const core = throughHoles(task.core);
      if (task.isReady) {
        this.code.span = core.span;
        this.finishStrict(core, core === root ? use : "value");
        continue;
      }
      if (!isStrict(core)) {
        this.lower(core, "value");
        continue;
      }
      if (core.kind === "chain") {
        for (let end = core.rest.length; end > 0; ) {
          const start = runOfTexts(core.rest, end);
          for (let i = start; i < end; i++) {
            const { op, operands, item, span } = core.rest[i]!;
            tasks.push({ core: { kind: "binary", op, operands, left: item, right: item, span }, isReady: true });
          }
          for (let i = end - 1; i >= start; i--) tasks.push({ core: core.rest[i]!.item, isReady: false });
          end = start;
        }
        tasks.push({ core: core.first, isReady: false });
        continue;
      }
      parts.length = 0;
      if (core.kind === "callValue" && this.knownCallee(core) !== undefined) {
        for (const arg of core.args) parts.push(arg);
      } else if (core.kind !== "lambda") addParts(core, parts);
      tasks.push({ core, isReady: true });
      for (let i = parts.length - 1; i >= 0; i--) tasks.push({ core: parts[i]!, isReady: false });
    }
    if (root.kind === "chain") this.finish(use);
  }

  /** Emits the instruction of a node whose operands are on the stack; `use` is of its result. */
  private finishStrict(core: Core, use: Use): void {
    const { code } = this;
    switch (core.kind) {
      case "call":
        this.emitCall(this.program.sourceOf(core), core.args.length, use);
        return;
      case "callValue": {
        const callee = this.knownCallee(core);
        if (callee !== undefined) this.emitCall(callee, core.args.length, use);
        else if (use === "tail" && this.canTailCall()) code.emit("TAIL_CALL_FUNCTION", core.args.length);
        else {
          code.emit("CALL_FUNCTION.fn", core.args.length);
          this.finish(use);
        }
        return;
      }
      case "throw":
        code.emit("THROW.val");
        return;
      case "assignMvar":
        withAccess(this, core.mvar, () => code.emit("MVAR_SET", core.mvar));
        this.unit(use);
        return;
      case "setGlobal":
        code.emit("STORE_GLOBAL", core.global);
        this.unit(use);
        return;
      case "setFieldAt":
        code.emit("SET_FIELD.at", core.index);
        this.unit(use);
        return;
      case "setField":
        code.emit("SET_FIELD.val", { kind: "String", value: core.name });
        this.unit(use);
        return;
      case "send":
        code.emit("SEND.top");
        this.unit(use);
        return;
      case "sleep":
        code.emit("SLEEP.val");
        this.unit(use);
        return;
      default:
        this.pushResult(core);
        this.finish(use);
        return;
    }
  }

  private emitCall(callee: FunctionSource, count: number, use: Use): void {
    if (use === "tail" && this.canTailCall()) this.code.emit("TAIL_CALL", callee, count);
    else {
      this.code.emit("CALL.fn", callee, count);
      this.finish(use);
    }
  }

  private pushResult(core: Core): void {
    const { code } = this;
    switch (core.kind) {
      case "const":
        code.push(core.value);
        return;
      case "local":
        this.load(core.local);
        return;
      case "global":
        this.program.globalUsed(core.global);
        code.emit("LOAD_GLOBAL", core.global);
        return;
      case "mvar":
        withAccess(this, core.mvar, () => code.emit("MVAR_GET", core.mvar));
        return;
      case "function":
        code.emit("MAKE_FUNCTION.fn", this.program.sourceOf(core));
        return;
      case "lambda":
        this.lambda(core);
        return;
      case "callNative":
        code.emit("CALL_NATIVE", core.name, core.args.length);
        return;
      case "tuple":
        code.emit("MAKE_TUPLE", core.items.length);
        return;
      case "list":
        this.list(core);
        return;
      case "map":
        code.emit("MAKE_MAP", core.entries.length);
        return;
      case "set":
        code.emit("MAKE_SET", core.items.length);
        return;
      case "construct":
        code.emit(core.type.isMutable ? "MAKE_MUTABLE" : "MAKE_DATA", core.type, core.args.length);
        return;
      case "fieldAt":
        code.emit("GET_FIELD.at", core.index);
        return;
      case "field":
        code.emit("GET_FIELD.val", { kind: "String", value: core.name });
        return;
      case "tupleItem":
        code.emit("TUPLE_ITEM", core.index);
        return;
      case "index":
        code.emit("INDEX.val");
        return;
      case "updated":
        code.emit("UPDATED");
        return;
      case "binary":
        code.emit(operatorOf(core.op, core.operands));
        return;
      case "negate":
        code.emit("NEG");
        return;
      case "not":
        code.emit("NOT");
        return;
      case "test":
        this.kindTest(core.test);
        return;
      case "interpolate":
        code.emit("INTERPOLATE", core.items.length);
        return;
      case "spawn":
        if (core.how === "spawn") code.emit("SPAWN.fn");
        else code.emit("CALL_NATIVE", core.how, 1);
        return;
      case "self":
        code.emit("SELF");
        return;
      default:
        throw new InvariantBroken("F1", `${core.kind} is not made of operands alone`);
    }
  }

  private list(core: Core & { kind: "list" }): void {
    if (core.rest === undefined) this.code.emit("MAKE_LIST", core.items.length);
    else if (core.items.length === 1) this.code.emit("CONS");
    else if (core.items.length > 1) this.code.emit("APPEND", core.items.length);
  }

  private kindTest(test: KindTest): void {
    if (test.kind === "kind") this.code.emit("IS_KIND", VALUE_KINDS.indexOf(test.name));
    else if (test.kind === "type") this.code.emit("IS_TYPE", this.program.constructorOf(test.module, test.type));
    else this.code.emit("HAS_FIELD.val", { kind: "String", value: test.name });
  }

  /** A closure. Its own name, if it captures that, is put in afterwards. */
  private lambda(core: Core & { kind: "lambda" }): void {
    const source = this.program.lambdaSource(core, this.captures);
    if (source.captures.length === 0) {
      this.code.emit("MAKE_FUNCTION.fn", source);
      return;
    }
    let selfAt = -1;
    for (const [position, local] of source.captures.entries()) {
      if (local === core.self && !this.isCell(local)) {
        selfAt = position;
        this.code.emit("PUSH_UNIT");
      } else if (local === this.source.self && !this.variables.has(local)) this.load(local);
      else this.code.emit("LOAD", this.variableOf(local)); // of a cell, the cell itself
    }
    this.code.emit("MAKE_LAMBDA.fn", source, source.captures.length);
    if (selfAt < 0) return;
    this.code.emit("DUP");
    this.code.emit("PATCH_CAPTURE", selfAt);
  }

  // ── what happens to results ───────────────────────────────────────────────────────────────────────────────────

  /** A value is on top: leaves it, drops it or returns it. */
  finish(use: Use): void {
    if (use === "drop") this.code.emit("POP");
    else if (use === "tail") this.code.emit("RET.val");
  }

  /** The result is unit. */
  unit(use: Use): void {
    if (use === "drop") return;
    this.code.emit("PUSH_UNIT");
    if (use === "tail") this.code.emit("RET.val");
  }

  /** Outside of TRY and locks: semantics 26. */
  canTailCall(): boolean {
    return this.scopes.every((scope) => scope.kind === "loop");
  }

  /** Jumps to `label` if the condition is `when`, else goes on. */
  condition(node: Core, label: Label, when: boolean): void {
    const core = throughHoles(node);
    if (core.kind === "not") {
      this.condition(core.operand, label, !when);
      return;
    }
    if (core.kind === "const" && core.value.kind === "Bool") {
      if (core.value.value === when) this.code.emit("JMP", label);
      return;
    }
    if (core.kind === "and" || core.kind === "or") {
      // any item that decides alone jumps alone
      const decides = core.kind === "or";
      const skip = new Label();
      for (const [index, item] of core.items.entries()) {
        if (index === core.items.length - 1) this.condition(item, label, when);
        else this.condition(item, decides === when ? label : skip, decides);
      }
      this.code.place(skip);
      return;
    }
    this.value(core);
    this.code.span = core.span;
    this.code.emit(when ? "JNZ" : "JZ", label);
  }
}

type CallOfSelf = Core & { readonly kind: "call" | "callValue" };

/** A list literal without `| rest`. */
function isPlainList(core: Core): boolean {
  return core.kind === "list" && core.rest === undefined;
}

type StrictKind = Exclude<
  CoreExpr["kind"],
  | "block"
  | "if"
  | "and"
  | "or"
  | "match"
  | "bind"
  | "bindPattern"
  | "assign"
  | "while"
  | "for"
  | "forIn"
  | "comprehension"
  | "break"
  | "continue"
  | "return"
  | "try"
  | "receive"
  | "hole"
>;

const CONTROL: ReadonlySet<CoreExpr["kind"]> = new Set<Exclude<CoreExpr["kind"], StrictKind>>([
  "block", "if", "and", "or", "match", "bind", "bindPattern", "assign", "while", "for", "forIn", "comprehension", "break",
  "continue", "return", "try", "receive", "hole",
]); // biome-ignore format: a table

/** All parts are operands, evaluated in order. */
function isStrict(core: Core): boolean {
  return !CONTROL.has(core.kind);
}

/** So many operands may wait on the stack. */
const LONGEST_RUN = 8;

/**
 * `a + b + c` adds as it goes, but of texts the parts behind a long one are joined first, so that it is appended to once.
 * @returns where the run of steps starts whose operands all come before their instructions; `end - 1` if it is one step
 */
function runOfTexts(rest: (Core & { kind: "chain" })["rest"], end: number): number {
  let start = end - 1;
  const isOfTexts = (i: number): boolean => i >= 0 && rest[i]?.operands === "string";
  while (isOfTexts(start) && isOfTexts(start - 1) && end - start < LONGEST_RUN) start--;
  return start;
}

type Operator = (Core & { kind: "binary" })["op"];

const ANY: Readonly<Record<Operator, OpName>> = {
  "+": "ADD.val", "-": "SUB.val", "*": "MUL.val", "/": "DIV.val", "%": "MOD", "**": "POW", "++": "CONCAT.val", "::": "CONS",
  "==": "EQ.val", "!=": "NE.val", "<": "LT.val", ">": "GT.val", "<=": "LE.val", ">=": "GE.val",
}; // biome-ignore format: a table
const FLOAT: Partial<Record<Operator, OpName>> = { "+": "ADD_F", "-": "SUB_F", "*": "MUL_F", "/": "DIV_F.ieee" };
const INT: Partial<Record<Operator, OpName>> = { "+": "ADD", "-": "SUB", "*": "MUL", "/": "DIV" };
/** Ints and Floats mixed; Float by Float divides without failing, which only DIV.val knows */
const NUMBER: Partial<Record<Operator, OpName>> = { "+": "ADD", "-": "SUB", "*": "MUL" };
const STRING: Partial<Record<Operator, OpName>> = { "+": "CONCAT", "++": "CONCAT" };
const BY_OPERANDS: Readonly<Record<OperandKind, Partial<Record<Operator, OpName>>>> = {
  int: INT,
  float: FLOAT,
  number: NUMBER,
  string: STRING,
  any: {},
};

export function operatorOf(op: Operator, operands: OperandKind): OpName {
  return BY_OPERANDS[operands][op] ?? ANY[op];
}
