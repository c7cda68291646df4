/**
 * Branches, loops, the ways out of them, `try` and `receive`.
 *
 * Ways out: `return`, `break` and `continue` pass the constructs around them from the inside out, and do at each what
 * leaving it takes: END_TRY, unlocking, and the finalizer, written again for that way (semantics 21).
 * A finalizer that holds a finalizer of its own, or is long, is written once instead: each way out says in a variable
 * where it goes on, so code never multiplies.
 */
import { positionOf } from "../../grammar/source.ts";
import type { Constant } from "../../vm/bytecode/unit.ts";
import type { Core, CoreArm, CorePattern, Local } from "../core.ts";
import type { FunctionLowering, Scope, SharedFinalizer, Use } from "./function.ts";
import { Label } from "./instructions.ts";
import { InvariantBroken } from "./invariant.ts";
import { matchArms, patternOrElse } from "./matching.ts";
import { addParts, addPatternValues, localsOfPattern, throughHoles } from "./walk.ts";

type Node<Kind extends Core["kind"]> = Core & { readonly kind: Kind };

/** A tail use inside something that must be left first: the value, then RET. */
function inside(use: Use): Use {
  return use === "tail" ? "value" : use;
}

/** After a part that was lowered for `inside(use)`: on to the end, or out of the function. */
function leave(fn: FunctionLowering, use: Use, end: Label): void {
  if (use === "tail") fn.code.emit("RET.val");
  else fn.code.emit("JMP", end);
}

export function lowerIf(fn: FunctionLowering, core: Node<"if">, use: Use): void {
  const end = new Label();
  for (const { condition, body } of core.branches) {
    const next = new Label();
    fn.scoped(() => {
      conditionExtent(fn, condition, next, false);
      fn.extent(body, use);
    });
    fn.code.emit("JMP", end);
    fn.code.place(next);
  }
  fn.scoped(() => {
    if (core.otherwise === undefined) fn.unit(use);
    else fn.extent(core.otherwise, use);
  });
  fn.code.place(end);
}

/** A condition that touches mvars holds them while it is evaluated, not while its branch runs. */
function conditionExtent(fn: FunctionLowering, condition: Core, label: Label, when: boolean): void {
  if (fn.effects === undefined || !fn.effects.touches(condition)) {
    fn.condition(condition, label, when);
    return;
  }
  fn.extent(condition, "value");
  fn.code.emit(when ? "JNZ" : "JZ", label);
}

export function lowerAndOr(fn: FunctionLowering, core: Node<"and" | "or">, use: Use): void {
  const decides = core.kind === "or";
  const decided = new Label();
  const end = new Label();
  for (const item of core.items.slice(0, -1)) fn.condition(item, decided, decides);
  const last = core.items.at(-1);
  if (last === undefined) fn.code.emit(decides ? "FALSE" : "TRUE");
  else fn.lower(last, use);
  fn.code.emit("JMP", end);
  fn.code.place(decided);
  if (use !== "drop" && fn.code.isReachable) {
    fn.code.emit(decides ? "TRUE" : "FALSE");
    fn.finish(use);
  }
  fn.code.place(end);
}

// ── loops ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface LoopLabels {
  readonly exit: Label;
  /** where `continue` goes */
  readonly next: Label;
}

/** Lowers a loop's turns, then its ordinary end, whose result is unit (or what `result` pushes). */
function loop(
  fn: FunctionLowering,
  core: Node<"while" | "for" | "forIn" | "comprehension">,
  use: Use,
  turns: (labels: LoopLabels) => void,
): void {
  const depth = fn.code.depth;
  const labels = { exit: new Label(), next: new Label() };
  fn.scopes.push({ kind: "loop", loop: core.loop, depth, ...labels, wantsValue: use !== "drop" });
  fn.scoped(() => turns(labels));
  fn.scopes.pop();
  if (use !== "drop") fn.code.emit("PUSH_UNIT");
  fn.code.place(labels.exit);
  if (use === "tail") fn.code.emit("RET.val");
}

export function lowerWhile(fn: FunctionLowering, core: Node<"while">, use: Use): void {
  loop(fn, core, use, ({ next }) => {
    const done = new Label();
    fn.code.place(next);
    conditionExtent(fn, core.condition, done, false);
    fn.scoped(() => fn.extent(core.body, "drop"));
    fn.code.emit("JMP", next);
    fn.code.place(done);
  });
}

export function lowerFor(fn: FunctionLowering, core: Node<"for">, use: Use): void {
  const { code } = fn;
  loop(fn, core, use, ({ next }) => {
    fn.extent(core.from, "value");
    const counter = code.slots.add();
    code.emit("STORE", counter);
    const to = throughHoles(core.to);
    const limit = to.kind === "const" ? undefined : code.slots.add();
    if (limit !== undefined) {
      fn.extent(to, "value");
      code.emit("STORE", limit);
    }
    const done = new Label();
    const head = code.placeNew();
    code.span = core.span;
    code.emit("LOAD", counter);
    if (limit !== undefined) code.emit("LOAD", limit);
    else fn.value(to);
    code.emit("LT.val");
    code.emit("JZ", done);
    fn.scoped(() => {
      if (fn.isFixed(core.variable)) fn.alias(core.variable, counter);
      else {
        code.emit("LOAD", counter);
        fn.bind(core.variable); // a fresh one each turn
      }
      fn.extent(core.body, "drop");
    });
    code.place(next);
    code.emit("LOAD", counter);
    code.emit("PUSH_INT", 1);
    code.emit("ADD");
    code.emit("STORE", counter);
    code.emit("JMP", head);
    code.place(done);
  });
}

/**
 * Steps through a list: `each` is lowered with the element's variable set. Ends where the list does; HEAD fails on what is
 * no list, a received value for instance, so that such a loop does not quietly do nothing.
 */
function eachElement(fn: FunctionLowering, list: Core, next: Label, each: (item: number) => void): void {
  const { code } = fn;
  fn.extent(list, "value");
  const rest = code.slots.add();
  const item = code.slots.add();
  const done = new Label();
  code.emit("STORE", rest);
  code.place(next);
  code.emit("LOAD", rest);
  code.emit("IS_NIL");
  code.emit("JNZ", done);
  code.emit("LOAD", rest);
  code.span = list.span;
  code.emit("HEAD");
  code.emit("STORE", item);
  code.emit("LOAD", rest);
  code.emit("TAIL");
  code.emit("STORE", rest);
  fn.scoped(() => each(item));
  code.emit("JMP", next);
  code.place(done);
}

export function lowerForIn(fn: FunctionLowering, core: Node<"forIn">, use: Use): void {
  loop(fn, core, use, ({ next }) => {
    eachElement(fn, core.list, next, (item) => {
      patternOrElse(fn, core.pattern, item, core.span, undefined);
      fn.extent(core.body, "drop");
    });
  });
}

/** Collects in a list that grows at its end (decision 0013). */
export function lowerComprehension(fn: FunctionLowering, core: Node<"comprehension">, use: Use): void {
  const { code } = fn;
  const depth = code.depth;
  const labels = { exit: new Label(), next: new Label() };
  fn.scopes.push({ kind: "loop", loop: core.loop, depth, ...labels, wantsValue: false });
  fn.scoped(() => {
    const collected = code.slots.add();
    code.emit("LIST_BEGIN");
    code.emit("STORE", collected);
    eachElement(fn, core.list, labels.next, (item) => {
      patternOrElse(fn, core.pattern, item, core.span, labels.next);
      if (core.condition !== undefined) conditionExtent(fn, core.condition, labels.next, false);
      fn.extent(core.element, "value");
      code.emit("LOAD", collected);
      code.emit("LIST_ADD");
      code.emit("STORE", collected);
    });
    code.place(labels.exit); // `break` ends it with what there is
    code.emit("MAKE_LIST", 0);
    code.emit("LOAD", collected);
    code.span = core.span;
    code.emit("LIST_END");
  });
  fn.scopes.pop();
  fn.finish(use);
}

// ── ways out ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Does what leaving the scopes inside of `outermost` takes. With `carries`, the operand on top goes along. */
function unwind(fn: FunctionLowering, outermost: number, carries: boolean): void {
  const { scopes, held } = fn;
  for (let i = scopes.length - 1; i >= outermost && fn.code.isReachable; i--) {
    const scope = scopes[i]!;
    fn.scopes = scopes.slice(0, i);
    leaveScope(fn, scope, carries);
  }
  fn.scopes = scopes;
  fn.held = held;
}

function leaveScope(fn: FunctionLowering, scope: Scope, carries: boolean): void {
  switch (scope.kind) {
    case "loop":
      return;
    case "try":
      fn.code.emit("END_TRY");
      return;
    case "finally":
      fn.code.emit("END_TRY");
      if (scope.shared === undefined) fn.scoped(() => fn.extent(scope.finalizer, "drop"));
      else goThrough(fn, scope.shared, carries);
      return;
    case "lock":
      fn.code.emit("MVAR_UNLOCK", scope.set);
      fn.held = scope.heldBefore;
      return;
  }
}

export function lowerReturn(fn: FunctionLowering, core: Node<"return">): void {
  const { code } = fn;
  if (fn.canTailCall()) {
    if (core.value === undefined) fn.unit("tail");
    else fn.extent(core.value, "tail");
    return;
  }
  if (core.value === undefined) code.emit("PUSH_UNIT");
  else fn.extent(core.value, "value");
  unwind(fn, 0, true);
  code.emit("RET.val");
}

export function lowerBreak(fn: FunctionLowering, core: Node<"break">): void {
  const { code } = fn;
  const at = fn.scopes.findLastIndex((scope) => scope.kind === "loop" && scope.loop === core.loop);
  const target = fn.scopes[at];
  if (target?.kind !== "loop") throw new InvariantBroken("F1", "break outside of its loop");
  if (core.value !== undefined) fn.extent(core.value, target.wantsValue ? "value" : "drop");
  else if (target.wantsValue) code.emit("PUSH_UNIT");
  unwind(fn, at + 1, target.wantsValue);
  dropOperands(fn, target.depth, target.wantsValue);
  code.emit("JMP", target.exit);
}

export function lowerContinue(fn: FunctionLowering, core: Node<"continue">): void {
  const at = fn.scopes.findLastIndex((scope) => scope.kind === "loop" && scope.loop === core.loop);
  const target = fn.scopes[at];
  if (target?.kind !== "loop") throw new InvariantBroken("F1", "continue outside of its loop");
  unwind(fn, at + 1, false);
  dropOperands(fn, target.depth, false);
  fn.code.emit("JMP", target.next);
}

/** Drops the operands of unfinished expressions down to `depth`, but not the value on top if that goes along. */
function dropOperands(fn: FunctionLowering, depth: number, keepsTop: boolean): void {
  const { code } = fn;
  if (!code.isReachable) return;
  if (!keepsTop) {
    while (code.depth > depth) code.emit("POP");
    return;
  }
  if (code.depth === depth + 1) return;
  fn.scoped(() => {
    const kept = code.slots.add();
    code.emit("STORE", kept);
    while (code.depth > depth) code.emit("POP");
    code.emit("LOAD", kept);
  });
}

// ── try ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function lowerTry(fn: FunctionLowering, core: Node<"try">, use: Use): void {
  if (core.finalizer === undefined) lowerCatch(fn, core, use);
  else lowerFinally(fn, core, core.finalizer, use);
}

function lowerCatch(fn: FunctionLowering, core: Node<"try">, use: Use): void {
  const { code } = fn;
  if (core.arms === undefined) {
    fn.extent(core.body, use);
    return;
  }
  const handler = new Label();
  const end = new Label();
  code.span = core.span;
  code.emit("TRY", handler);
  fn.scopes.push({ kind: "try" });
  fn.scoped(() => fn.extent(core.body, inside(use)));
  fn.scopes.pop();
  code.emit("END_TRY");
  leave(fn, use, end);
  code.place(handler);
  code.emit("CATCH");
  fn.scoped(() => {
    const thrown = code.slots.add();
    code.emit("STORE", thrown);
    matchArms(fn, {
      arms: core.arms!,
      scrutinees: [{ variable: thrown, kind: "any" }],
      isUntyped: true,
      use,
      onFail: () => {
        code.emit("LOAD", thrown);
        code.span = core.span;
        code.emit("RETHROW");
      },
    });
  });
  code.place(end);
}

function lowerFinally(fn: FunctionLowering, core: Node<"try">, finalizer: Core, use: Use): void {
  const { code } = fn;
  if (isLong(finalizer)) {
    fn.scoped(() => lowerSharedFinally(fn, core, finalizer, use));
    return;
  }
  const handler = new Label();
  const end = new Label();
  code.span = core.span;
  code.emit("TRY", handler);
  fn.scopes.push({ kind: "finally", finalizer, shared: undefined });
  fn.scoped(() => lowerCatch(fn, core, inside(use)));
  fn.scopes.pop();
  code.emit("END_TRY");
  fn.scoped(() => fn.extent(finalizer, "drop"));
  leave(fn, use, end);
  code.place(handler);
  // what was thrown waits on the stack
  fn.scoped(() => fn.extent(finalizer, "drop"));
  code.span = core.span;
  code.emit("RETHROW");
  code.place(end);
}

/** More than a few nodes, or a finalizer inside the finalizer: copies of it would multiply. */
const LONG_FINALIZER = 40;

function isLong(finalizer: Core): boolean {
  const rest = [finalizer];
  let count = 0;
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    const core = throughHoles(node);
    count += 1;
    if (count > LONG_FINALIZER || (core.kind === "try" && core.finalizer !== undefined)) return true;
    if (core.kind !== "lambda") addParts(core, rest);
  }
  return false;
}

function lowerSharedFinally(fn: FunctionLowering, core: Node<"try">, finalizer: Core, use: Use): void {
  const { code } = fn;
  const handler = new Label();
  const end = new Label();
  const [normally, thrown] = [new Label(), new Label()];
  const shared = { selector: code.slots.add(), start: new Label(), depth: code.depth, exits: [normally, thrown] };
  code.span = core.span;
  code.emit("TRY", handler);
  fn.scopes.push({ kind: "finally", finalizer, shared });
  fn.scoped(() => lowerCatch(fn, core, inside(use)));
  fn.scopes.pop();
  code.emit("END_TRY");
  if (use === "drop") code.emit("PUSH_UNIT");
  comeTo(fn, shared, 0);
  code.place(handler);
  comeTo(fn, shared, 1);
  code.place(shared.start);
  fn.scoped(() => fn.extent(finalizer, "drop"));
  for (const [selector, exit] of shared.exits.entries()) {
    code.emit("LOAD", shared.selector);
    code.emit("PUSH_INT", selector);
    code.emit("EQ.val");
    code.emit("JNZ", exit);
  }
  code.emit("JMP", thrown); // one of them it was; this one needs no test
  code.place(thrown);
  code.span = core.span;
  code.emit("RETHROW");
  code.place(normally);
  if (use === "drop") code.emit("POP");
  leave(fn, use, end);
  code.place(end);
}

/** To the one copy of a finalizer, with one operand above its depth. */
function comeTo(fn: FunctionLowering, shared: SharedFinalizer, selector: number): void {
  fn.code.emit("PUSH_INT", selector);
  fn.code.emit("STORE", shared.selector);
  fn.code.emit("JMP", shared.start);
}

/** A way out through a finalizer that is written once: there, and back to where this way goes on. */
function goThrough(fn: FunctionLowering, shared: SharedFinalizer, carries: boolean): void {
  const { code } = fn;
  if (!code.isReachable) return;
  if (!carries) code.emit("PUSH_UNIT");
  dropOperands(fn, shared.depth, true);
  const back = new Label();
  back.depth = shared.depth + 1;
  comeTo(fn, shared, shared.exits.push(back) - 1);
  code.place(back);
  if (!carries) code.emit("POP");
}

// ── receive ─────────────────────────────────────────────────────────────────────────────────────────────────────

export function lowerReceive(fn: FunctionLowering, core: Node<"receive">, use: Use): void {
  const { code } = fn;
  const end = new Label();
  const timeout = new Label();
  if (core.after !== undefined) fn.extent(core.after.timeout, "value");
  code.span = core.span;
  code.emit(core.after === undefined ? "RECEIVE_BEGIN" : "RECEIVE_BEGIN_AFTER");
  for (const local of neededByAll(core.arms, (local) => fn.isFixed(local))) {
    fn.load(local);
    code.emit("RECEIVE_MARK");
  }
  const site = siteOf(core);
  if (site !== undefined) code.emit("RECEIVE_SEEK", site);
  fn.scoped(() => {
    const message = code.slots.add();
    const scan = code.placeNew();
    code.span = core.span;
    // without a deadline nobody jumps, and any label does
    code.emit("RECEIVE.match", core.after === undefined ? scan : timeout);
    code.emit("STORE", message);
    matchArms(fn, {
      arms: core.arms,
      scrutinees: [{ variable: message, kind: "any" }],
      isUntyped: true,
      use,
      beforeBody: () => {
        if (site !== undefined) code.emit("RECEIVE_KEEP", site);
        code.emit("RECEIVE_TAKE");
      },
      onFail: () => {
        code.emit("RECEIVE_SKIP");
        code.emit("JMP", scan);
      },
    });
  });
  if (core.after === undefined) return;
  code.emit("JMP", end);
  code.place(timeout);
  if (site !== undefined) code.emit("RECEIVE_KEEP", site);
  fn.scoped(() => fn.extent(core.after!.body, use));
  code.place(end);
}

/**
 * The name of a receive that refuses a message for ever once it has refused it, so that none is looked at twice: its arms
 * ask the message alone. That holds of every copy of this source text. undefined: some arm asks more, or all is taken.
 */
function siteOf({ arms, span }: Node<"receive">): Constant | undefined {
  let takesAll = false;
  for (const { patterns, guard } of arms) {
    const pattern = patterns[0]!;
    const parts: Core[] = guard === undefined ? [] : [guard];
    addPatternValues(pattern, parts);
    const own = localsOfPattern(pattern);
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      if (!dependsOnParts(part, own)) return undefined;
      addParts(part, parts);
    }
    if (guard === undefined && (pattern.kind === "any" || pattern.kind === "bind")) takesAll = true;
  }
  if (takesAll || arms.length === 0) return undefined;
  const { line, column } = positionOf(span.source, span.start);
  return { kind: "String", value: `${span.source.path}:${line}:${column}` };
}

/** Whether a node gives the same whenever its parts do; `own`: what its pattern has bound. */
function dependsOnParts(core: Core, own: readonly Local[]): boolean {
  switch (core.kind) {
    case "const":
    case "binary":
    case "chain":
    case "negate":
    case "not":
    case "and":
    case "or":
    case "tuple":
    case "fieldAt":
    case "tupleItem":
    case "test":
    case "hole":
      return true;
    case "local":
      return own.includes(core.local);
    default:
      return false;
  }
}

/**
 * Locals whose value every message holds that some arm takes: behind `ref = makeRef()`, a receive of `(^ref, x)` needs no
 * message that is older than the Ref.
 */
function neededByAll(arms: readonly CoreArm[], isFixed: (local: Local) => boolean): readonly Local[] {
  const ofArms = arms.map(({ patterns }) => {
    const own = localsOfPattern(patterns[0]!);
    return [...needed(patterns[0]!)].filter((local) => isFixed(local) && !own.includes(local));
  });
  // what is known to be something else than a Ref has no place; there may be no arm but `after`
  return (ofArms[0] ?? []).filter((local) => local.kind === "any" && ofArms.every((locals) => locals.includes(local)));
}

/** Locals whose value is somewhere in whatever fits a pattern. */
function needed(pattern: CorePattern): ReadonlySet<Local> {
  switch (pattern.kind) {
    case "equal": {
      const value = throughHoles(pattern.value);
      return new Set(value.kind === "local" ? [value.local] : []);
    }
    case "tuple":
      return neededByAny(pattern.items);
    case "list":
      return neededByAny(pattern.rest === undefined ? pattern.items : [...pattern.items, pattern.rest]);
    case "construct":
      return neededByAny(pattern.args);
    case "struct":
      return neededByAny(pattern.fields.map((field) => field.pattern));
    case "map":
      return neededByAny(pattern.entries.map((entry) => entry.value));
    case "or": {
      const [first, ...others] = pattern.alternatives.map(needed);
      return new Set([...first!].filter((local) => others.every((each) => each.has(local))));
    }
    default:
      return new Set();
  }
}

function neededByAny(patterns: readonly CorePattern[]): ReadonlySet<Local> {
  return new Set(patterns.flatMap((pattern) => [...needed(pattern)]));
}
