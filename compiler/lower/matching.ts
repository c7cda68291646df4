/**
 * `match`, function clauses, `receive`, `catch` and binding patterns: decisions become code.
 *
 * Every place that is asked about has a variable, set when its parent is found to have that part; variables of a pattern
 * are taken out of their place only when their row has won. Nodes that several ways lead to are written once, behind a
 * label; the walk over the graph keeps a list, so ten thousand arms nest nothing.
 *
 * P1  Places of all parts lie below the places of arm variables, so an arm whose guard fails spoils nothing.
 */

import type { Span } from "../../grammar/source.ts";
import { VALUE_KINDS } from "../../vm/bytecode/opcodes.ts";
import type { Constant, Kind } from "../../vm/bytecode/unit.ts";
import type { Core, CoreArm, CorePattern, Local } from "../core.ts";
import { buildDecision } from "../match/build.ts";
import {
  type Binding,
  type Case,
  type Comparand,
  type Decision,
  type Head,
  isCore,
  isOccurrence,
  type Occurrence,
  type Test,
} from "../match/decision.ts";
import type { FunctionLowering, Use } from "./function.ts";
import { Label } from "./instructions.ts";
import { InvariantBroken } from "./invariant.ts";
import { staticKind } from "./static-kind.ts";
import { compareText } from "./text-order.ts";
import { localsOfPattern, throughHoles } from "./walk.ts";

interface Scrutinee {
  readonly variable: number;
  readonly kind: Kind;
}

interface ArmsRequest {
  readonly arms: readonly CoreArm[];
  readonly scrutinees: readonly Scrutinee[];
  /** the values may be of any type: received, caught */
  readonly isUntyped: boolean;
  readonly use: Use;
  /** what an arm does first, after its guard */
  readonly beforeBody?: () => void;
  /** no arm fits: must not fall through */
  readonly onFail: () => void;
}

/** Lowers arms over values that are in variables, and goes on behind them. */
export function matchArms(fn: FunctionLowering, request: ArmsRequest): void {
  const { arms, scrutinees } = request;
  const { decision, roots } = buildDecision({
    kinds: scrutinees.map((scrutinee) => scrutinee.kind),
    rows: arms.map((arm) => ({ patterns: arm.patterns, hasGuard: arm.guard !== undefined })),
    isUntyped: request.isUntyped,
  });
  const end = new Label();
  fn.scoped(() => {
    const emitter = new DecisionEmitter(fn, decision, roots, scrutinees, false);
    const bodies = arms.map((arm): ArmCode => ({ arm, label: new Label(), top: -1, isWritten: false }));
    const base = fn.code.slots.mark();
    const enter = (index: number): ArmCode => {
      const body = bodies[index]!;
      if (body.top < 0) {
        fn.code.slots.release(base);
        emitter.declareLocals(body.arm.patterns);
        body.top = fn.code.slots.mark();
      }
      fn.code.slots.release(body.top);
      return body;
    };
    const write = (body: ArmCode): void => {
      fn.code.slots.release(body.top);
      body.isWritten = true;
      fn.code.place(body.label);
      request.beforeBody?.();
      fn.extent(body.arm.body, request.use);
      fn.code.emit("JMP", end);
    };
    emitter.emit(decision, {
      arm: (index, bindings) => {
        const body = enter(index);
        emitter.bindAll(bindings);
        if (emitter.waysTo(index) > 1) fn.code.emit("JMP", body.label);
        else write(body);
      },
      guard: (index, bindings, no) => {
        const body = enter(index);
        const restore = emitter.bindAll(bindings, true);
        const guard = body.arm.guard!;
        if (restore === undefined) fn.condition(guard, no, false);
        else {
          const fits = new Label();
          fn.condition(guard, fits, true);
          restore();
          fn.code.emit("JMP", no);
          fn.code.place(fits);
        }
      },
      fail: request.onFail,
    });
    for (const body of bodies) if (body.top >= 0 && !body.isWritten) write(body);
  });
  fn.code.place(end);
}

interface ArmCode {
  readonly arm: CoreArm;
  readonly label: Label;
  /** first free place above the arm's variables; -1: not yet given */
  top: number;
  isWritten: boolean;
}

/** Binds a pattern to the value of a variable; when it does not fit, jumps to `otherwise` or throws. */
export function patternOrElse(
  fn: FunctionLowering,
  pattern: CorePattern,
  variable: number,
  span: Span,
  otherwise: Label | undefined,
): void {
  bindOrElse(fn, [pattern], [{ variable, kind: "any" }], span, otherwise);
}

function bindOrElse(
  fn: FunctionLowering,
  given: readonly CorePattern[],
  scrutinees: readonly Scrutinee[],
  span: Span,
  otherwise: Label | undefined,
): void {
  const { code } = fn;
  const patterns = given.map((pattern, index): CorePattern => {
    if (pattern.kind !== "bind" || !fn.isFixed(pattern.local)) return pattern;
    fn.alias(pattern.local, scrutinees[index]!.variable);
    return { kind: "any" };
  });
  for (const pattern of patterns) for (const local of localsOfPattern(pattern)) fn.declare(local);
  const { decision, roots } = buildDecision({
    kinds: scrutinees.map((scrutinee) => scrutinee.kind),
    rows: [{ patterns, hasGuard: false }],
    isUntyped: false,
  });
  const fits = new Label();
  fn.scoped(() => {
    const emitter = new DecisionEmitter(fn, decision, roots, scrutinees, true);
    emitter.emit(decision, {
      arm: (_, bindings) => {
        emitter.bindAll(bindings);
        code.emit("JMP", fits);
      },
      guard: () => {
        throw new InvariantBroken("M1", "a binding has no guard");
      },
      fail: () => {
        if (otherwise === undefined) matchFail(fn, scrutinees, "", span);
        else code.emit("JMP", otherwise);
      },
    });
  });
  code.place(fits);
}

export function lowerBindPattern(fn: FunctionLowering, core: Core & { kind: "bindPattern" }): void {
  const { pattern } = core;
  const value = throughHoles(core.value);
  if (pattern.kind === "any") {
    fn.drop(value);
    return;
  }
  if (pattern.kind === "bind") {
    fn.value(value);
    fn.bind(pattern.local);
    return;
  }
  if (pattern.kind === "assign") {
    fn.assign(pattern.local, () => fn.value(value));
    return;
  }
  if (pattern.kind === "tuple" && value.kind === "tuple" && value.items.length === pattern.items.length) {
    // `(a, b) = (b, a)` makes no tuple
    const scrutinees = value.items.map((item) => scrutineeOf(fn, item));
    bindOrElse(fn, pattern.items, scrutinees, core.span, undefined);
    return;
  }
  bindOrElse(fn, [pattern], [scrutineeOf(fn, value)], core.span, undefined);
}

/** The variable of a value: the local's own when it cannot change, else a new one. */
function scrutineeOf(fn: FunctionLowering, node: Core): Scrutinee {
  const core = throughHoles(node);
  if (core.kind === "local" && fn.isFixed(core.local) && core.local !== fn.source.self) {
    return { variable: fn.variableOf(core.local), kind: core.local.kind };
  }
  fn.extent(core, "value");
  const variable = fn.code.slots.add();
  fn.code.emit("STORE", variable);
  return { variable, kind: staticKind(core) };
}

export function lowerMatch(fn: FunctionLowering, core: Core & { kind: "match" }, use: Use): void {
  fn.scoped(() => {
    const spread = spreadTuple(core);
    const scrutinees = (spread?.scrutinees ?? core.scrutinees).map((scrutinee) => scrutineeOf(fn, scrutinee));
    const functionName = core.what === "clauses" ? (core.functionName ?? fn.source.name) : "";
    matchArms(fn, {
      arms: spread?.arms ?? core.arms,
      scrutinees,
      isUntyped: false,
      use,
      onFail: () => matchFail(fn, scrutinees, functionName, core.span),
    });
  });
}

/** `match (a, b) { (x, y) -> … }` looks at a and b and makes no tuple. */
function spreadTuple(
  core: Core & { kind: "match" },
): { scrutinees: readonly Core[]; arms: readonly CoreArm[] } | undefined {
  const scrutinee = core.scrutinees.length === 1 ? throughHoles(core.scrutinees[0]!) : undefined;
  if (scrutinee?.kind !== "tuple") return undefined;
  const arms: CoreArm[] = [];
  for (const arm of core.arms) {
    const pattern = arm.patterns[0]!;
    if (pattern.kind === "tuple" && pattern.items.length === scrutinee.items.length)
      arms.push({ ...arm, patterns: pattern.items });
    else if (pattern.kind === "any") arms.push({ ...arm, patterns: scrutinee.items.map(() => pattern) });
    else return undefined;
  }
  return { scrutinees: scrutinee.items, arms };
}

function matchFail(fn: FunctionLowering, scrutinees: readonly Scrutinee[], functionName: string, span: Span): void {
  const { code } = fn;
  for (const { variable } of scrutinees) code.emit("LOAD", variable);
  if (scrutinees.length !== 1) code.emit("MAKE_TUPLE", scrutinees.length);
  code.span = span;
  code.emit("MATCH_FAIL", { kind: "String", value: functionName });
}

interface Ends {
  /** the row is found; must not fall through */
  arm(index: number, bindings: readonly Binding[]): void;
  /** goes on when the guard holds, else jumps to `no` */
  guard(index: number, bindings: readonly Binding[], no: Label): void;
  /** must not fall through */
  fail(): void;
}

/** What is still to be written: a node, or the start of a case that first reveals parts. */
type Later = Decision | { readonly label: Label; readonly reveals: readonly Occurrence[]; readonly next: Decision };

/** From so many literals of one kind on, a search by halves beats asking one after the other. */
const SEARCH_FROM = 8;

class DecisionEmitter {
  private readonly fn: FunctionLowering;
  private readonly areLocalsDeclared: boolean;
  private readonly variables = new Map<Occurrence, number>();
  private readonly armWays = new Map<number, number>();
  /** variables that are bound on the way, before their row has won */
  private readonly early = new Set<Local>();
  private readonly aliased = new Set<Local>();

  constructor(
    fn: FunctionLowering,
    decision: Decision,
    roots: readonly Occurrence[],
    scrutinees: readonly Scrutinee[],
    areLocalsDeclared: boolean,
  ) {
    this.fn = fn;
    this.areLocalsDeclared = areLocalsDeclared;
    for (const [index, root] of roots.entries()) this.variables.set(root, scrutinees[index]!.variable);
    this.survey(decision, true);
  }

  waysTo(arm: number): number {
    return this.armWays.get(arm) ?? 0;
  }

  /** Gives the variables of an arm their places; one that is a whole scrutinee takes the scrutinee's. */
  declareLocals(patterns: readonly CorePattern[]): void {
    for (const [index, pattern] of patterns.entries()) {
      for (const local of localsOfPattern(pattern)) {
        if (this.early.has(local)) continue;
        if (pattern.kind === "bind" && this.fn.isFixed(local)) {
          this.aliased.add(local);
          this.fn.alias(local, this.rootVariable(index));
        } else this.fn.declare(local);
      }
    }
  }

  private rootVariable(index: number): number {
    for (const [occurrence, variable] of this.variables)
      if (occurrence.step.kind === "root" && occurrence.step.index === index) return variable;
    throw new InvariantBroken("M2", `no scrutinee ${index}`);
  }

  /** Counts the ways to every node and gives every place that will be asked about its variable (P1). */
  private survey(decision: Decision, isOuter: boolean): void {
    const seen = new Set<Decision>();
    const rest: Decision[] = [decision];
    const reveal = (occurrences: readonly Occurrence[]): void => {
      for (const occurrence of occurrences)
        if (!this.variables.has(occurrence)) this.variables.set(occurrence, this.fn.code.slots.add());
    };
    const bindEarly = (bindings: readonly Binding[]): void => {
      for (const { how, local } of bindings) {
        if (how !== "bind" || this.early.has(local)) continue;
        this.early.add(local);
        if (!this.areLocalsDeclared) this.fn.declare(local);
      }
    };
    for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      switch (node.kind) {
        case "fail":
          break;
        case "arm":
          if (isOuter) this.armWays.set(node.arm, (this.armWays.get(node.arm) ?? 0) + 1);
          else bindEarly(node.bindings);
          break;
        case "guard":
          rest.push(node.no, node.yes);
          break;
        case "bind":
          bindEarly(node.bindings);
          rest.push(node.next);
          break;
        case "test":
          reveal(node.reveals);
          if (node.test.kind === "element") this.survey(node.test.find, false);
          rest.push(node.no, node.yes);
          break;
        case "switch":
          for (const { reveals, next } of node.cases) {
            reveal(reveals);
            rest.push(next);
          }
          if (!node.isComplete) rest.push(node.otherwise);
          break;
      }
    }
  }

  /** Writes a graph; control leaves it only through `ends`. */
  emit(root: Decision, ends: Ends): void {
    const { code } = this.fn;
    const labels = new Map<Decision, Label>();
    const labelOf = (node: Decision): Label => {
      let label = labels.get(node);
      if (label === undefined) {
        label = new Label();
        labels.set(node, label);
      }
      return label;
    };
    const written = new Set<Decision>();
    const later: Later[] = [root];
    for (let start = later.pop(); start !== undefined; start = later.pop()) {
      let node: Decision | undefined;
      if ("kind" in start) node = written.has(start) ? undefined : start;
      else {
        if (start.label.depth < 0) continue;
        code.place(start.label);
        this.reveal(start.reveals);
        node = start.next;
      }
      while (node !== undefined) {
        if (written.has(node)) {
          code.emit("JMP", labelOf(node));
          break;
        }
        if (!code.isReachable && labelOf(node).depth < 0) break; // a guard that is a constant
        written.add(node);
        code.place(labelOf(node));
        node = this.emitNode(node, labelOf, later, ends);
      }
    }
  }

  /** Writes one node; gives the node to go on with at once, the others are put on the list. */
  private emitNode(
    node: Decision,
    labelOf: (node: Decision) => Label,
    later: Later[],
    ends: Ends,
  ): Decision | undefined {
    switch (node.kind) {
      case "fail":
        ends.fail();
        return undefined;
      case "arm":
        ends.arm(node.arm, node.bindings);
        return undefined;
      case "bind":
        this.bindAll(node.bindings);
        return node.next;
      case "guard":
        later.push(node.no);
        ends.guard(node.arm, node.bindings, labelOf(node.no));
        return node.yes;
      case "test":
        later.push(node.no);
        this.branch(node.at, node.test, labelOf(node.no));
        this.reveal(node.reveals);
        return node.yes;
      case "switch":
        return this.emitSwitch(node, labelOf, later);
    }
  }

  /** Puts parts of a place into their variables. */
  private reveal(occurrences: readonly Occurrence[]): void {
    for (const occurrence of occurrences) {
      if (occurrence.step.kind === "element") continue; // found by its loop
      this.project(occurrence);
      this.fn.code.emit("STORE", this.variables.get(occurrence)!);
    }
  }

  private load(occurrence: Occurrence): void {
    const variable = this.variables.get(occurrence);
    if (variable === undefined) throw new InvariantBroken("M2", `place ${occurrence.id} was never asked about`);
    this.fn.code.emit("LOAD", variable);
  }

  /** Pushes the value at a place, from its parent (which is always known when the place is). */
  private project(occurrence: Occurrence): void {
    const { code } = this.fn;
    const { step } = occurrence;
    if (step.kind === "root" || step.kind === "element") {
      this.load(occurrence);
      return;
    }
    this.load(occurrence.parent!);
    switch (step.kind) {
      case "item":
        code.emit("TUPLE_ITEM", step.index);
        return;
      case "field":
        code.emit("GET_FIELD.at", step.index);
        return;
      case "fieldNamed":
        code.emit("GET_FIELD.val", { kind: "String", value: step.name });
        return;
      case "head":
        code.emit("HEAD");
        return;
      case "tail":
        code.emit("TAIL");
        return;
      case "dropped":
        code.emit("PUSH_INT", step.count);
        code.emit("CALL_NATIVE", "String.drop", 2);
        return;
      case "mapValue":
        this.comparand(step.key);
        code.emit("CALL_NATIVE", "Map.get", 2);
        return;
    }
  }

  private comparand(value: Comparand): void {
    if (isOccurrence(value)) this.project(value);
    else if (isCore(value)) this.fn.value(value);
    else this.fn.code.push(value);
  }

  /** Gives pattern variables their values. With `isTrial`, tells how to put back what existing locals had before. */
  bindAll(bindings: readonly Binding[], isTrial = false): (() => void) | undefined {
    const { fn } = this;
    const before: { local: Local; variable: number }[] = [];
    for (const { how, local, at } of bindings) {
      if (how === "assign") {
        if (isTrial) {
          const variable = fn.code.slots.add();
          fn.load(local);
          fn.code.emit("STORE", variable);
          before.push({ local, variable });
        }
        fn.assign(local, () => this.project(at));
      } else if (!this.aliased.has(local)) {
        this.project(at);
        if (fn.isCell(local)) fn.code.emit("MAKE_CELL");
        fn.code.emit("STORE", fn.variableOf(local));
      }
    }
    if (before.length === 0) return undefined;
    return () => {
      for (const { local, variable } of before.reverse()) fn.assign(local, () => fn.code.emit("LOAD", variable));
    };
  }

  /** Goes on if the answer is yes, else jumps to `no`. */
  private branch(at: Occurrence, test: Test, no: Label): void {
    const { code } = this.fn;
    switch (test.kind) {
      case "isKind":
        this.load(at);
        code.emit("IS_KIND", VALUE_KINDS.indexOf(test.name));
        break;
      case "range":
        this.load(at);
        code.push({ kind: "Int", value: test.from });
        code.emit("GE.val");
        code.emit("JZ", no);
        this.load(at);
        code.push({ kind: "Int", value: test.to });
        code.emit(test.inclusive ? "LE.val" : "LT.val");
        break;
      case "startsWith":
        this.load(at);
        code.push({ kind: "String", value: test.prefix });
        code.emit("CALL_NATIVE", "String.startsWith", 2);
        break;
      case "hasField":
        this.load(at);
        code.emit("HAS_FIELD.val", { kind: "String", value: test.name });
        break;
      case "isRecord": {
        const yes = new Label();
        this.load(at);
        code.emit("IS_KIND", VALUE_KINDS.indexOf("Record"));
        code.emit("JNZ", yes);
        this.load(at);
        code.emit("IS_KIND", VALUE_KINDS.indexOf("Struct"));
        code.emit("JZ", no);
        code.place(yes);
        return;
      }
      case "hasKey":
        this.load(at);
        this.comparand(test.key);
        code.emit("CALL_NATIVE", "Map.contains", 2);
        break;
      case "hasElement":
        this.load(at);
        this.comparand(test.value);
        code.emit("CALL_NATIVE", "Set.contains", 2);
        break;
      case "equals":
        this.load(at);
        this.comparand(test.value);
        code.emit("EQ.val");
        break;
      case "element":
        this.searchElement(at, test, no);
        return;
    }
    code.emit("JZ", no);
  }

  /** Tries the elements of a set in order. */
  private searchElement(set: Occurrence, test: Test & { kind: "element" }, no: Label): void {
    const { fn } = this;
    const { code } = fn;
    const found = new Label();
    const rest = code.slots.add();
    this.load(set);
    code.emit("CALL_NATIVE", "Set.toList", 1);
    code.emit("STORE", rest);
    const next = code.placeNew();
    code.emit("LOAD", rest);
    code.emit("IS_CONS");
    code.emit("JZ", no);
    code.emit("LOAD", rest);
    code.emit("HEAD");
    code.emit("STORE", this.variables.get(test.at)!);
    code.emit("LOAD", rest);
    code.emit("TAIL");
    code.emit("STORE", rest);
    this.emit(test.find, {
      arm: (_, bindings) => {
        this.bindAll(bindings);
        code.emit("JMP", found);
      },
      guard: () => {
        throw new InvariantBroken("M1", "an element has no guard");
      },
      fail: () => code.emit("JMP", next),
    });
    code.place(found);
  }

  // ── many answers ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Asks for one head after the other; many literals of a kind are searched by halves. */
  private emitSwitch(
    node: Decision & { kind: "switch" },
    labelOf: (node: Decision) => Label,
    later: Later[],
  ): Decision | undefined {
    const { code } = this.fn;
    // a case that reveals parts needs a place of its own to do so
    const entries = new Map<Case, Label>();
    const entryOf = (choice: Case): Label => {
      if (choice.reveals.length === 0) return labelOf(choice.next);
      let label = entries.get(choice);
      if (label === undefined) {
        label = new Label();
        entries.set(choice, label);
      }
      return label;
    };
    const others: Case[] = [];
    const literals = new Map<Constant["kind"], Case[]>();
    for (const choice of inOrder(node.cases)) {
      const kind = choice.head.kind === "literal" ? choice.head.value.kind : undefined;
      const group = kind === "Int" || kind === "String" ? (literals.get(kind) ?? []) : undefined;
      if (group === undefined || kind === undefined) others.push(choice);
      else {
        group.push(choice);
        literals.set(kind, group);
      }
    }
    for (const [kind, group] of literals) {
      if (group.length < SEARCH_FROM) for (const choice of group) others.push(choice);
      else this.search(node.at, kind as "Int" | "String", group, entryOf);
    }

    const last = others.pop();
    for (const choice of others) this.branchOnHead(node.at, choice.head, entryOf(choice), true);
    if (last === undefined) {
      // only searches: whatever they do not find comes here
      code.emit("JMP", labelOf(node.otherwise));
    } else {
      if (!node.isComplete) this.branchOnHead(node.at, last.head, labelOf(node.otherwise), false);
      this.reveal(last.reveals);
    }
    if (!node.isComplete) later.push(node.otherwise);
    for (const choice of [...node.cases].reverse()) {
      const label = entries.get(choice);
      later.push(label === undefined ? choice.next : { label, reveals: choice.reveals, next: choice.next });
    }
    return last?.next;
  }

  /** Jumps to the case of an Int or String by halving the range of what it can be. */
  private search(
    at: Occurrence,
    kind: "Int" | "String",
    group: readonly Case[],
    entryOf: (choice: Case) => Label,
  ): void {
    const { code } = this.fn;
    const done = new Label();
    if (at.kind !== kind) {
      this.load(at);
      code.emit("IS_KIND", VALUE_KINDS.indexOf(kind));
      code.emit("JZ", done);
    }
    const sorted = [...group].sort((a, b) => compareLiterals(literalOf(a.head), literalOf(b.head)));
    const ranges: { from: number; to: number; label: Label | undefined }[] = [
      { from: 0, to: sorted.length, label: undefined },
    ];
    for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
      if (range.label !== undefined) code.place(range.label);
      if (range.to - range.from <= 3) {
        for (const choice of sorted.slice(range.from, range.to))
          this.branchOnHead(at, choice.head, entryOf(choice), true);
        code.emit("JMP", done);
        continue;
      }
      const middle = (range.from + range.to) >> 1;
      const upper = new Label();
      this.load(at);
      code.push(literalOf(sorted[middle]!.head));
      code.emit("LT.val");
      code.emit("JZ", upper);
      ranges.push({ from: middle, to: range.to, label: upper }, { from: range.from, to: middle, label: undefined });
    }
    code.place(done);
  }

  /** Jumps to `label` if whether the place has this head is `when`. */
  private branchOnHead(at: Occurrence, head: Head, label: Label, when: boolean): void {
    const { code } = this.fn;
    this.load(at);
    let jumpsIf = when;
    switch (head.kind) {
      case "tuple":
        code.emit("IS_TUPLE", head.count);
        break;
      case "construct":
        code.emit("IS_CONSTRUCTOR", head.type);
        break;
      case "cons":
        code.emit("IS_CONS");
        break;
      case "nil":
        code.emit("IS_NIL");
        break;
      case "literal":
        if (at.kind === "Bool" && head.value.kind === "Bool") {
          if (!head.value.value) jumpsIf = !when;
        } else {
          code.push(head.value);
          code.emit("EQ.val");
        }
        break;
    }
    code.emit(jumpsIf ? "JNZ" : "JZ", label);
  }
}

/** Cells before the empty list: a loop over a list meets the end once. */
function inOrder(cases: readonly Case[]): readonly Case[] {
  return cases[0]?.head.kind === "nil" ? [...cases.slice(1), cases[0]] : cases;
}

function literalOf(head: Head): Constant {
  if (head.kind !== "literal") throw new InvariantBroken("M1", `${head.kind} is no literal`);
  return head.value;
}

function compareLiterals(a: Constant, b: Constant): number {
  if (a.kind === "String" && b.kind === "String") return compareText(a.value, b.value);
  if (a.kind === "Int" && b.kind === "Int") return a.value < b.value ? -1 : 1;
  return 0;
}
