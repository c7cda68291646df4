/**
 * Puts the code of small functions in place of their calls, over the whole program.
 *
 * The trick: everything happens on instructions whose operands are objects, so a function's code is copied with fresh
 * labels and fresh variables, its RET a jump behind the copy, and nothing has to be renumbered. Functions are done from
 * the called ones to the callers, so what stands in a copy is done already; recursion goes one level deep. An argument
 * that is one push is pushed where the parameter is used. A function or lambda that is known where it is passed is known
 * where it is called, too: `map(xs, x => x + 1)` becomes a loop around an addition, and no closure is made.
 *
 * I1  A call that is gone charges what it charged, where it charged it: ENTER, REENTER. So processes change at the same
 *     points as without this pass, and a function's own cost stays that of its code before it.
 * I2  Traces stay the same: each instruction knows the call it was copied for, and a tail call leaves its note.
 * I3  A frame grows to at most twice what is charged for it (unit.ts, entryCost), so slices fit the native stack as before.
 * I4  Copies take the places behind those of the function, and copies that are not inside each other take the same ones.
 * I5  Work and size are linear: what a function gains is bounded by a multiple of its size plus a constant.
 *
 * Not inlined: what has a TRY (a handler belongs to a frame of its own), and loops, unless a function becomes known in them.
 * Nor loops into recursion: there most calls are cheap, and compiled code that is left in a loop pays for the whole function.
 */
import { OP } from "../../vm/bytecode/opcodes.ts";
import { entryCost } from "../../vm/bytecode/unit.ts";
import {
  type FunctionSource,
  type InlinedFrame,
  type Instruction,
  LABEL,
  Label,
  type LoweredFunction,
  pushedConstant,
  ROWS,
  type SlotTable,
  usedPlaces,
} from "../lower/instructions.ts";
import type { LoweredProgram } from "../lower/program.ts";
import { type Operands, operandsOf } from "./operands.ts";
import { optimise } from "./optimise.ts";

/** Instructions of a function that is copied wherever it is called; a getter or a wrapper has about six. */
const SMALL = 24;
/** of one that calls itself, copied once into itself */
const SMALL_RECURSIVE = 32;
/** of one to which a function is passed that is known */
const WITH_KNOWN_FUNCTION = 160;
/** How much a function may grow: as long again as it is, or so much. */
const LEAST_GROWTH = 400;
/** Copies inside of copies, for functions that became known. */
const DEEPEST = 6;

/** What a parameter stands for in a copy. */
type Argument =
  /** its value is on the operand stack and goes to a variable */
  | { readonly kind: "stored" }
  /** pushed by one instruction that means the same where the parameter is used */
  | { readonly kind: "push"; readonly push: Instruction; readonly at: number }
  /** a closure whose captures can be pushed where it is called */
  | {
      readonly kind: "lambda";
      readonly source: FunctionSource;
      readonly captures: readonly Instruction[];
      /** MAKE_LAMBDA and the pushes before it */
      readonly at: readonly number[];
    };

/** The function into which copies go. */
interface Target {
  readonly fn: LoweredFunction;
  readonly slots: SlotTable;
  readonly mostPlaces: number;
  readonly mostSize: number;
  size: number;
  /** only its calls of itself are looked at, or all but those */
  readonly isUnfolding: boolean;
  readonly callsItself: boolean;
}

/** What has to be known of a function to copy it. */
interface Template {
  readonly fn: LoweredFunction;
  readonly operands: Operands;
  readonly size: number;
  readonly cost: number;
  readonly loops: boolean;
  readonly callsItselfLast: boolean;
  /** elsewhere than last */
  readonly callsItself: boolean;
  /** by variable: whether something stores it */
  readonly stored: ReadonlySet<number>;
  /** by variable: how often it is loaded */
  readonly loads: ReadonlyMap<number, number>;
  /** by CALL_FUNCTION: the parameter that is called, and the LOAD that pushed it */
  readonly parameterCalls: ReadonlyMap<number, { readonly param: number; readonly load: number }>;
  /** parameters that its calls of itself in tail position pass on as they are */
  readonly invariant: readonly boolean[];
  /** LOADs that pass on an invariant parameter */
  readonly passedOn: ReadonlyMap<number, number>;
}

interface Site {
  readonly call: Instruction;
  readonly isTail: boolean;
  readonly arguments: readonly Argument[];
}

export function inlineProgram(program: LoweredProgram): LoweredProgram {
  return new Inliner(program).run();
}

class Inliner {
  private readonly program: LoweredProgram;
  private readonly plain: ReadonlyMap<FunctionSource, LoweredFunction>;
  private readonly done = new Map<FunctionSource, LoweredFunction>();
  private readonly costs = new Map<FunctionSource, number>();
  private readonly templates = new Map<LoweredFunction, Template | undefined>();
  /** of lambdas with captures: the same function with its captures as parameters */
  private readonly lifted = new Map<FunctionSource, FunctionSource>();

  constructor(program: LoweredProgram) {
    this.program = program;
    this.plain = new Map(program.functions.map((fn) => [fn.source, fn]));
    for (const fn of program.functions) {
      const { params, captures } = fn.source;
      this.costs.set(fn.source, entryCost(params.length + captures.length + usedPlaces(fn).size));
    }
  }

  run(): LoweredProgram {
    for (const fn of calledFirst(this.program.functions, this.plain)) {
      const cost = this.costs.get(fn.source)!;
      const grown = this.inlineInto(fn, cost);
      this.done.set(fn.source, grown === undefined ? { ...fn, cost } : optimise({ ...grown, cost }));
    }
    return { ...this.program, functions: [...this.done.values()] };
  }

  private inlineInto(fn: LoweredFunction, cost: number): LoweredFunction | undefined {
    const slots = fn.slots.copy();
    const target: Target = {
      fn,
      slots,
      mostPlaces: Math.floor((2 * cost * 128 - 95) / 16), // I3
      mostSize: fn.code.length + Math.max(fn.code.length, LEAST_GROWTH),
      size: fn.code.length,
      isUnfolding: false,
      callsItself: fn.code.some(({ op, a }) => op === OP["CALL.fn"] && a === fn.source),
    };
    const code = this.expand(fn.code, target, slots.size, undefined, 0);
    const grown = code === fn.code ? fn : optimise({ source: fn.source, code, slots });
    return this.unfold(grown, target) ?? (grown === fn ? undefined : grown);
  }

  /** Recursion, one level: the function with copies of itself, as it is with everything else in it, in place of its calls. */
  private unfold(fn: LoweredFunction, target: Target): LoweredFunction | undefined {
    if (!target.callsItself) return undefined;
    const { source } = fn;
    const slots = fn.slots.copy();
    const code = this.expand(fn.code, { ...target, fn, slots, isUnfolding: true }, slots.size, undefined, 0);
    return code === fn.code ? undefined : { source, code, slots };
  }

  /**
   * The code with copies in place of calls.
   * @param base  first place behind what the code uses
   * @param only  the calls that are looked at; undefined: all
   */
  private expand(
    code: readonly Instruction[],
    target: Target,
    base: number,
    only: ReadonlySet<Instruction> | undefined,
    depth: number,
  ): readonly Instruction[] {
    const isLookedAt = (instruction: Instruction): boolean =>
      (instruction.op === OP["CALL.fn"] || instruction.op === OP.TAIL_CALL) &&
      (only === undefined || only.has(instruction));
    if (depth > DEEPEST || !code.some(isLookedAt)) return code;
    const operands = operandsOf(code);
    const stores = storesOf(code);
    const out: (Instruction | undefined)[] = [];
    const outAt = new Int32Array(code.length);
    let isChanged = false;
    for (const [at, instruction] of code.entries()) {
      const site = isLookedAt(instruction) ? siteOf(code, at, operands, stores) : undefined;
      const template = site && this.templateFor(site, target);
      const copy = site && template && new Copy(this, target, template, site, base);
      outAt[at] = out.length;
      if (copy === undefined || copy.top > target.mostPlaces) {
        out.push(instruction);
        continue;
      }
      isChanged = true;
      const body = this.expand(copy.body, target, copy.top, copy.known, depth + 1);
      for (const pushed of copy.dropped) out[outAt[pushed]!] = undefined;
      for (const each of [...copy.entry, ...body]) out.push(each);
      target.size += body.length;
    }
    return isChanged ? out.filter((instruction) => instruction !== undefined) : code;
  }

  private templateFor(site: Site, target: Target): Template | undefined {
    const callee = site.call.a as FunctionSource;
    const isSelf = callee === target.fn.source;
    if (!site.isTail && site.call.span === undefined) return undefined;
    if (isSelf !== target.isUnfolding) return undefined;
    if (isSelf && site.isTail) return undefined; // a loop already
    const template = this.templateOf(isSelf ? target.fn : (this.done.get(callee) ?? this.plain.get(callee)!));
    if (template === undefined) return undefined;
    const knows = [...template.parameterCalls.values()].some(({ param }) => knownFunction(site.arguments[param]!));
    if ((template.loops || template.callsItselfLast) && (!knows || target.callsItself)) return undefined;
    const most = knows && !template.callsItself ? WITH_KNOWN_FUNCTION : isSelf ? SMALL_RECURSIVE : SMALL;
    return template.size > most || target.size + template.size > target.mostSize ? undefined : template;
  }

  private templateOf(fn: LoweredFunction): Template | undefined {
    let template = this.templates.get(fn);
    if (template === undefined && !this.templates.has(fn)) {
      template = describe(fn, this.costs.get(fn.source)!);
      this.templates.set(fn, template);
    }
    return template;
  }

  /** The function to call for a closure whose captures are pushed behind the arguments. */
  directly(source: FunctionSource): FunctionSource {
    if (source.captures.length === 0) return source;
    let lifted = this.lifted.get(source);
    if (lifted === undefined) {
      const fn = this.done.get(source) ?? this.plain.get(source)!;
      const params = [...source.params, ...source.captures];
      const paramKinds = [...source.paramKinds, ...source.captures.map(() => "any" as const)];
      lifted = { ...source, params, paramKinds, captures: [] };
      const cost = this.costs.get(source)!;
      this.lifted.set(source, lifted);
      this.costs.set(lifted, cost);
      this.done.set(lifted, { ...fn, source: lifted, cost });
    }
    return lifted;
  }
}

/** Stands for the place of a result while what lies under it is dropped. */
const RESULT = -1;

/** One copy of a function's code, for one call. */
class Copy {
  /** takes the arguments that are on the stack */
  readonly entry: Instruction[] = [];
  readonly body: Instruction[] = [];
  /** calls in the body whose function became known here */
  readonly known = new Set<Instruction>();
  /** instructions before the call, by index, that are not needed any more */
  readonly dropped: number[] = [];
  private readonly inliner: Inliner;
  private readonly target: Target;
  private readonly template: Template;
  private readonly site: Site;
  private readonly base: number;
  private readonly frame: InlinedFrame;
  private readonly variables = new Map<number, number>();
  /** by place in the template's frame, or RESULT: the place in the target's */
  private readonly places = new Map<number, number>();
  private readonly labels = new Map<Label, Label>();
  private readonly frames = new Map<InlinedFrame, InlinedFrame>();
  private readonly head = new Label();
  private readonly join = new Label();
  /** by parameter: whether it is a variable of the copy */
  private readonly isVariable: boolean[];

  constructor(inliner: Inliner, target: Target, template: Template, site: Site, base: number) {
    this.inliner = inliner;
    this.target = target;
    this.template = template;
    this.site = site;
    this.base = base;
    const { call, isTail } = site;
    const { name } = template.fn.source;
    const { inlined, span } = call;
    this.frame = isTail
      ? { name, parent: inlined?.parent, span: inlined?.span } // in the place of the frame that makes the call
      : { name, parent: inlined, span };
    this.isVariable = site.arguments.map((argument, param) => this.needsVariable(argument, param));
    this.enter();
    this.copyBody();
  }

  private needsVariable(argument: Argument, param: number): boolean {
    const { stored, callsItselfLast, invariant, loads, parameterCalls, passedOn } = this.template;
    if (argument.kind === "stored" || stored.has(param)) return true;
    if (callsItselfLast && !invariant[param]) return true;
    if (argument.kind === "push") return false;
    // a closure that is only called, or passed on to where it is, is never made
    let calls = 0;
    for (const [at, call] of parameterCalls) if (call.param === param && this.isKnownCall(at)) calls += 1;
    for (const passed of passedOn.values()) if (passed === param) calls += 1;
    return calls !== (loads.get(param) ?? 0);
  }

  /** Whether the CALL_FUNCTION at an index of the template calls what is known. */
  private isKnownCall(at: number): boolean {
    const call = this.template.parameterCalls.get(at);
    if (call === undefined) return false;
    const known = knownFunction(this.site.arguments[call.param]!);
    return known !== undefined && known.params.length === (this.template.fn.code[at]!.a as number);
  }

  private enter(): void {
    const { call, isTail } = this.site;
    this.entry.push({ ...call, op: OP.ENTER, a: this.template.cost, b: 0 });
    if (isTail) this.entry.push({ ...call, op: OP.NOTE_TAIL_CALL, a: undefined, b: 0 });
    for (let param = this.isVariable.length - 1; param >= 0; param--) {
      const argument = this.site.arguments[param]!;
      if (this.isVariable[param]) this.entry.push({ ...call, op: OP.STORE, a: this.variable(param), b: 0 });
      else if (argument.kind === "push") this.dropped.push(argument.at);
      else if (argument.kind === "lambda") this.dropped.push(...argument.at);
    }
    if (this.template.callsItselfLast) this.entry.push(labelAt(this.head));
  }

  private copyBody(): void {
    const { fn, operands, parameterCalls, passedOn, cost } = this.template;
    const skipped = new Set<number>();
    for (const [at, { load }] of parameterCalls) if (this.isKnownCall(at)) skipped.add(load);
    for (const [at, param] of passedOn) if (!this.isVariable[param]) skipped.add(at);
    for (const [at, instruction] of fn.code.entries()) {
      if (skipped.has(at)) continue;
      const { op, a, b } = instruction;
      const inlined = this.frameOf(instruction.inlined);
      // what is known is never pushed, so it does not lie under what is left on the way either
      const under = (count: number): number => operands.under(at, count, skipped);
      if (op === LABEL) this.body.push(labelAt(this.labelOf(a as Label)));
      else if (op === OP.LOAD) this.load(a as number, { ...instruction, inlined });
      else if (a instanceof Label)
        this.body.push({ ...instruction, a: this.labelOf(a), b: b || (op === OP.REENTER ? cost : 0), inlined });
      else if (ROWS[op]!.operands[0] === "slot")
        this.body.push({ ...instruction, a: this.variable(a as number), inlined });
      else if (op === OP["RET.val"]) this.leave({ ...instruction, inlined }, under(1), at);
      else if (op === OP.TAIL_CALL && a === fn.source) this.again({ ...instruction, inlined }, under(b));
      else if (op === OP.TAIL_CALL || op === OP["CALL.fn"]) this.call({ ...instruction, inlined }, under(b), at);
      else if (op === OP.TAIL_CALL_FUNCTION || op === OP["CALL_FUNCTION.fn"])
        this.callFunction({ ...instruction, inlined }, under((a as number) + 1), at);
      else this.body.push({ ...instruction, inlined });
    }
    this.body.push(labelAt(this.join));
  }

  private load(variable: number, instruction: Instruction): void {
    const argument = this.site.arguments[variable];
    if (argument === undefined || this.isVariable[variable]) {
      this.body.push({ ...instruction, a: this.variable(variable) });
    } else if (argument.kind === "push") {
      this.body.push({ ...argument.push, span: instruction.span, inlined: instruction.inlined });
    }
  }

  /** A result is on top: it goes to whoever made the call. */
  private leave(ret: Instruction, under: number, at: number): void {
    if (this.site.isTail) {
      this.body.push(ret);
      return;
    }
    this.result(ret, under, at);
  }

  /** Goes behind the copy with the value on top; what lies under it, of an expression that was left, goes. */
  private result(like: Instruction, under: number, at: number): void {
    const push = (op: number, a: Instruction["a"]): void => void this.body.push({ ...like, op, a, b: 0 });
    if (under > 0) {
      const kept = this.target.slots.addAt(this.placeOf(RESULT));
      push(OP.STORE, kept);
      for (let i = 0; i < under; i++) push(OP.POP, undefined);
      push(OP.LOAD, kept);
    }
    if (at < this.template.fn.code.length - 1) push(OP.JMP, this.join);
  }

  /** A call of itself in tail position, in a copy: round again. */
  private again(call: Instruction, under: number): void {
    const { fn, cost } = this.template;
    const count = fn.source.params.length;
    for (let param = count - 1; param >= 0; param--) {
      if (this.isVariable[param]) this.body.push({ ...call, op: OP.STORE, a: this.variable(param), b: 0 });
    }
    for (let i = 0; i < under; i++) this.body.push({ ...call, op: OP.POP, a: undefined, b: 0 });
    this.body.push({ ...call, op: OP.REENTER, a: this.head, b: cost });
  }

  /** @param under  operands below the arguments */
  private call(call: Instruction, under: number, at: number): void {
    if (call.op === OP["CALL.fn"]) {
      this.body.push(call);
      return;
    }
    if (this.site.isTail) {
      // the machine notes a tail call between different functions, and here they have become one
      if (call.a === this.target.fn.source) this.body.push({ ...call, op: OP.NOTE_TAIL_CALL, a: undefined, b: 0 });
      this.body.push(call);
      return;
    }
    this.callFromSite(call, OP["CALL.fn"], under, at);
  }

  /** A tail call in a copy for a call that is none: the call is made where the copy is, as its frame would be gone. */
  private callFromSite(tailCall: Instruction, op: number, under: number, at: number): Instruction {
    const { span, inlined } = this.site.call;
    const call: Instruction = { ...tailCall, op, span, inlined };
    this.body.push({ ...tailCall, op: OP.NOTE_TAIL_CALL, a: undefined, b: 0 }, call);
    this.result(call, under, at);
    return call;
  }

  private callFunction(call: Instruction, under: number, at: number): void {
    const { parameterCalls } = this.template;
    const isTailCall = call.op === OP.TAIL_CALL_FUNCTION;
    if (!this.isKnownCall(at)) {
      if (!isTailCall || this.site.isTail) this.body.push(call);
      else this.callFromSite(call, OP["CALL_FUNCTION.fn"], under, at);
      return;
    }
    const argument = this.site.arguments[parameterCalls.get(at)!.param]!;
    const captures = argument.kind === "lambda" ? argument.captures : [];
    for (const capture of captures) this.body.push({ ...capture, span: call.span, inlined: call.inlined });
    const direct: Instruction = {
      ...call,
      op: isTailCall ? OP.TAIL_CALL : OP["CALL.fn"],
      a: this.inliner.directly(knownFunction(argument)!),
      b: (call.a as number) + captures.length,
    };
    if (isTailCall && !this.site.isTail) this.known.add(this.callFromSite(direct, OP["CALL.fn"], under, at));
    else {
      this.known.add(direct);
      this.body.push(direct);
    }
  }

  private variable(variable: number): number {
    let own = this.variables.get(variable);
    if (own === undefined) {
      own = this.target.slots.addAt(this.placeOf(this.template.fn.slots.placeOf(variable)));
      this.variables.set(variable, own);
    }
    return own;
  }

  private placeOf(place: number): number {
    const own = this.places.get(place) ?? this.top; // I4
    this.places.set(place, own);
    return own;
  }

  /** First place behind those of the copy. */
  get top(): number {
    return this.base + this.places.size;
  }

  private labelOf(label: Label): Label {
    let own = this.labels.get(label);
    if (own === undefined) {
      own = new Label();
      this.labels.set(label, own);
    }
    return own;
  }

  /** I2: a frame inside of the template's becomes one inside of this copy's. */
  private frameOf(inner: InlinedFrame | undefined): InlinedFrame {
    if (inner === undefined) return this.frame;
    let own = this.frames.get(inner);
    if (own === undefined) {
      own =
        inner.span === undefined
          ? { ...this.frame, name: inner.name } // a tail call: it has taken this copy's place
          : { ...inner, parent: this.frameOf(inner.parent) };
      this.frames.set(inner, own);
    }
    return own;
  }
}

function labelAt(label: Label): Instruction {
  return { op: LABEL, a: label, b: 0, span: undefined, inlined: undefined };
}

/** The function that an argument is, if that is known. */
function knownFunction(argument: Argument): FunctionSource | undefined {
  if (argument.kind === "lambda") return argument.source;
  const isFunction = argument.kind === "push" && argument.push.op === OP["MAKE_FUNCTION.fn"];
  return isFunction ? (argument.push.a as FunctionSource) : undefined;
}

/** Where each variable is stored, ascending. */
function storesOf(code: readonly Instruction[]): Map<number, number[]> {
  const stores = new Map<number, number[]>();
  for (const [at, { op, a }] of code.entries()) {
    if (op !== OP.STORE) continue;
    const known = stores.get(a as number);
    if (known === undefined) stores.set(a as number, [at]);
    else known.push(at);
  }
  return stores;
}

function siteOf(
  code: readonly Instruction[],
  at: number,
  operands: Operands | undefined,
  stores: ReadonlyMap<number, readonly number[]>,
): Site | undefined {
  const call = code[at]!;
  const isTail = call.op === OP.TAIL_CALL;
  if (operands === undefined) {
    const stored: Argument[] = Array.from({ length: call.b }, () => ({ kind: "stored" }));
    return { call, isTail, arguments: stored };
  }
  const pushedBy = operands.pushedBy.get(at);
  if (pushedBy === undefined) return undefined; // nothing comes here
  /** The LOAD gives the same at the call as where it stands. */
  const isSame = (pushed: number): boolean => {
    const variable = code[pushed]!.a as number;
    return !storesBetween(stores.get(variable) ?? [], pushed, at);
  };
  const argumentOf = (pushed: number): Argument => {
    if (pushed < 0 || operands.takers[pushed] !== 1) return { kind: "stored" };
    const push = code[pushed]!;
    const isPush =
      push.op === OP["MAKE_FUNCTION.fn"] ||
      (push.op === OP.MAKE_LIST && push.a === 0) ||
      (push.op === OP.LOAD ? isSame(pushed) : pushedConstant(push) !== undefined);
    if (isPush) return { kind: "push", push, at: pushed };
    if (push.op !== OP["MAKE_LAMBDA.fn"]) return { kind: "stored" };
    const captured = [...operands.pushedBy.get(pushed)!];
    const isPlain = (from: number): boolean =>
      from >= 0 && operands.takers[from] === 1 && code[from]!.op === OP.LOAD && isSame(from);
    if (!captured.every(isPlain)) return { kind: "stored" };
    return {
      kind: "lambda",
      source: push.a as FunctionSource,
      captures: captured.map((from) => code[from]!),
      at: [...captured, pushed],
    };
  };
  return { call, isTail, arguments: Array.from(pushedBy, argumentOf) };
}

/** Whether one of the ascending places lies between two others. */
function storesBetween(stores: readonly number[], from: number, to: number): boolean {
  let low = 0;
  let high = stores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stores[middle]! <= from) low = middle + 1;
    else high = middle;
  }
  return low < stores.length && stores[low]! < to;
}

function describe(fn: LoweredFunction, cost: number): Template | undefined {
  const { code, source } = fn;
  const operands = operandsOf(code);
  if (operands === undefined || code.some(({ op }) => op === OP.TRY)) return undefined;
  const count = source.params.length;
  const stored = new Set<number>();
  const loads = new Map<number, number>();
  const parameterCalls = new Map<number, { param: number; load: number }>();
  const passedOn = new Map<number, number>();
  const passed = new Set<Label>();
  let loops = false;
  for (const { op, a } of code) {
    if (op === LABEL) passed.add(a as Label);
    else if (a instanceof Label && passed.has(a)) loops = true;
    else if (op === OP.STORE) stored.add(a as number);
    else if (op === OP.LOAD) loads.set(a as number, (loads.get(a as number) ?? 0) + 1);
  }
  /** the parameter that a LOAD pushes for one taker alone */
  const paramAt = (pushed: number): number | undefined => {
    if (pushed < 0 || operands.takers[pushed] !== 1 || code[pushed]!.op !== OP.LOAD) return undefined;
    const variable = code[pushed]!.a as number;
    return variable < count && !stored.has(variable) ? variable : undefined;
  };
  let invariant: boolean[] | undefined;
  const selfCalls: Int32Array[] = [];
  for (const [at, pushedBy] of operands.pushedBy) {
    const { op, a } = code[at]!;
    if (op === OP["CALL_FUNCTION.fn"] || op === OP.TAIL_CALL_FUNCTION) {
      const param = paramAt(pushedBy[0]!);
      if (param !== undefined) parameterCalls.set(at, { param, load: pushedBy[0]! });
    } else if (op === OP.TAIL_CALL && a === source) selfCalls.push(pushedBy);
  }
  if (selfCalls.length > 0) {
    invariant = Array.from({ length: count }, (_, param) =>
      selfCalls.every((pushedBy) => paramAt(pushedBy[param]!) === param),
    );
    for (const pushedBy of selfCalls)
      pushedBy.forEach((pushed, param) => {
        if (invariant?.[param] === true) passedOn.set(pushed, param);
      });
    // another function may come in the next round, so what is passed first says nothing about what is called
    for (const [at, { param }] of parameterCalls) if (invariant[param] !== true) parameterCalls.delete(at);
  }
  return {
    fn,
    operands,
    size: code.filter(({ op }) => op !== LABEL).length,
    cost,
    loops,
    callsItselfLast: selfCalls.length > 0,
    callsItself: code.some(({ op, a }) => op === OP["CALL.fn"] && a === source),
    stored,
    loads,
    parameterCalls,
    invariant: invariant ?? [],
    passedOn,
  };
}

/** All functions, each behind those that it names, as far as they do not name each other. */
function calledFirst(
  functions: readonly LoweredFunction[],
  bySource: ReadonlyMap<FunctionSource, LoweredFunction>,
): LoweredFunction[] {
  const order: LoweredFunction[] = [];
  const seen = new Set<LoweredFunction>();
  const open: { readonly fn: LoweredFunction; next: number }[] = [];
  const visit = (fn: LoweredFunction): void => {
    if (seen.has(fn)) return;
    seen.add(fn);
    open.push({ fn, next: 0 });
  };
  for (const root of functions) {
    visit(root);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { fn } = top;
      if (top.next === fn.code.length) {
        order.push(fn);
        open.pop();
        continue;
      }
      const { op, a } = fn.code[top.next++]!;
      if (op !== LABEL && ROWS[op]!.operands[0] === "function") visit(bySource.get(a as FunctionSource)!);
    }
  }
  return order;
}
