/**
 * Processes in types: spawn, spawn_typed, self and sending (docs/decisions/0020-typed-pids.md).
 *
 * The trick: `Pid[M]` has a variable for M, and two kinds of predicates say what M stands for: `process` (a pid of this
 * type may be that process) and `message` (one of that type is sent to it). They are generalised and instantiated with
 * functions as all predicates are, so a pid keeps what it is wherever it goes; messages.ts judges them at the end.
 * Stays true: a send binds no variable, so no program is refused for what another send has made of a type.
 */
import type { Expr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { DataType } from "../../vm/bytecode/unit.ts";
import type { Core, Loop } from "../core.ts";
import { throughHoles } from "../lower/walk.ts";
import { type Checker, newLocal, type Typed } from "./checker.ts";
import { newHole, unit, wrong } from "./elaborate.ts";
import { infer } from "./infer-expr.ts";
import { showType } from "./show-type.ts";
import { DYNAMIC, functionType, isLoose, isPid, Pid, pidOf, prune, Ref, type Type, tupleType, Unit } from "./type.ts";
import type { Meeting } from "./unify.ts";

/** Something that a program starts. */
export interface Process {
  readonly kind: "process";
  /** by `spawn_typed`: what it does not take is an error */
  readonly isTyped: boolean;
  /** as messages name it: `worker`, `main`, or "" */
  name: string;
  /** the function or lambda that it runs; unset when only the type of its messages is known */
  root: Core | undefined;
  /** it calls its root with every message, which are of this type */
  message: Type | undefined;
  readonly span: Span;
}

/** Which process runs a piece of code: one that is known, the one that calls the function it stands in, or who knows. */
export type ProcessContext = Process | "caller" | "unknown";

/** Code that runs in a process of its own, or who knows where. */
export function inProcess<T>(c: Checker, context: ProcessContext, work: () => T): T {
  const { place } = c;
  const before = place.process;
  place.process = context;
  const value = work();
  place.process = before;
  return value;
}

function newProcess(span: Span, isTyped: boolean): Process {
  return { kind: "process", isTyped, name: "", root: undefined, message: undefined, span };
}

export function mainProcess(span: Span): Process {
  return { ...newProcess(span, false), name: "main" };
}

/** The type of a pid of that process. */
function pidOfProcess(c: Checker, process: ProcessContext, span: Span): Type {
  const messages = c.fresh();
  c.demand({ kind: "process", span, solved: false, messages, process });
  return pidOf(messages);
}

export function inferSelf(c: Checker, span: Span): Typed {
  const { process } = c.place;
  return { type: process === "unknown" ? Pid : pidOfProcess(c, process, span), core: { kind: "self", span } };
}

// ───────────────────────────── spawn ─────────────────────────────

/** What stands inside is evaluated by the child; when it gives a function without parameters, that is what runs. */
export function inferSpawn(c: Checker, e: Extract<Expr, { readonly kind: "spawn" }>): Typed {
  const scope = c.place.scope;
  const process = newProcess(e.span, false);
  const mark = scope.enter();
  c.lambdaDepth++;
  const result = c.fresh();
  c.place.frames.push({ result, loops: [] });
  const body = inProcess(c, process, () => {
    if (!e.isBlock) c.started = e.body;
    return infer(c, e.body);
  });
  c.place.frames.pop();
  c.lambdaDepth--;
  scope.leave(mark);
  const pid = pidOfProcess(c, process, e.span);
  const type = e.how === "spawn_monitor" ? tupleType([pid, Ref]) : pid;
  process.name = nameOf(e.body);
  if (!e.isBlock && (e.body.kind === "lambda" || body.core.kind === "function")) {
    // a function that wants arguments cannot be started
    c.expect(functionType([], c.fresh()), body.type, e.body.span);
    process.root = body.core;
    return { type, core: { kind: "spawn", span: e.span, how: e.how, function: body.core } };
  }
  const hole = newHole(e.body.span);
  c.later.push(() => {
    const made = prune(body.type);
    const isFunction = !e.isBlock && made.kind === "function" && made.params.length === 0;
    hole.filled = isFunction ? { kind: "callValue", span: e.body.span, callee: body.core, args: [] } : body.core;
  });
  const root: Core = { kind: "lambda", span: e.body.span, name: "spawned block", params: [], body: hole };
  process.root = root;
  return { type, core: { kind: "spawn", span: e.span, how: e.how, function: root } };
}

/** The function that a process runs, when its name stands there. */
function nameOf(e: Expr): string {
  let at = e;
  while (at.kind === "block" && at.statements.length === 1 && at.statements[0]?.kind === "expr")
    at = at.statements[0].expr;
  if (at.kind === "call") at = at.callee;
  return at.kind === "name" ? at.name : at.kind === "field" ? at.name.name : "";
}

/** `spawn_typed(f)`: f is called with every message, or, when it takes none, runs and receives by itself. */
export function inferSpawnTyped(
  c: Checker,
  arg: { readonly expr?: Expr; readonly span: Span; readonly infer: (expected?: Type) => Typed },
  span: Span,
): Typed {
  const process = newProcess(span, true);
  if (arg.expr !== undefined) process.name = nameOf(arg.expr);
  const f = inProcess(c, process, () => {
    c.started = arg.expr;
    return arg.infer();
  });
  const type = prune(f.type);
  if (type.kind === "error") return wrong(span);
  process.root = f.core;
  const pid = pidOfProcess(c, process, span);
  const spawn = (root: Core): Typed => ({ type: pid, core: { kind: "spawn", span, how: "spawn", function: root } });
  if (type.kind === "function" && type.params.length === 0) return spawn(f.core);
  if (type.kind === "function" && type.params.length > 1) {
    c.report({ code: "not-a-process", span: arg.span, type: showType(type), parameters: type.params.length });
    return wrong(span);
  }
  if (type.kind !== "function" && type.kind !== "var") {
    if (isLoose(type)) return spawn(f.core);
    c.report({ code: "not-a-process", span: arg.span, type: showType(type), parameters: undefined });
    return wrong(span);
  }
  const message = c.fresh();
  c.expect(functionType([message], c.fresh()), type, arg.span);
  process.message = message;
  return spawn(callForEach(c, f, message, span));
}

/** `while true { f(receive { message -> message }) }`, where f is evaluated by who starts it. */
function callForEach(c: Checker, f: Typed, message: Type, span: Span): Core {
  const local = newLocal(c, "message", span, message);
  local.kind = "any";
  const received: Core = {
    kind: "receive",
    span,
    arms: [{ span, patterns: [{ kind: "bind", local }], body: { kind: "local", span, local } }],
  };
  const loop: Loop = { kind: "loop" };
  const callee = throughHoles(f.core);
  const turn = (call: Core): Core => ({
    kind: "while",
    span,
    loop,
    condition: { kind: "const", span, value: { kind: "Bool", value: true } },
    body: { kind: "block", span, statements: [call, unit(span)] },
  });
  if (callee.kind === "function") {
    const call: Core = { kind: "call", span, function: callee.function, args: [received] };
    return { kind: "lambda", span, name: "<spawned>", params: [], body: turn(call) };
  }
  const fn = newLocal(c, "f", span, f.type);
  return {
    kind: "block",
    span,
    statements: [
      { kind: "bind", span, local: fn, value: f.core },
      {
        kind: "lambda",
        span,
        name: "<spawned>",
        params: [],
        body: turn({ kind: "callValue", span, callee: { kind: "local", span, local: fn }, args: [received] }),
      },
    ],
  };
}

/** What unification saw of pids, as predicates. */
export function noteMeetings(c: Checker, meetings: readonly Meeting[], span: Span): void {
  for (const { messages, what } of meetings) {
    if (typeof what === "object" && "mustTake" in what) {
      const { mustTake: message } = what;
      c.demand({
        kind: "message",
        span,
        solved: false,
        messages,
        message,
        sent: span,
        built: undefined,
        isPromise: true,
      });
      continue;
    }
    const process: ProcessContext = what === "unknown" ? what : { ...newProcess(span, true), message: what.takes };
    c.demand({ kind: "process", span, solved: false, messages, process });
  }
}

// ───────────────────────────── sending ─────────────────────────────

export function inferSend(
  c: Checker,
  target: Typed,
  targetSpan: Span,
  message: { readonly span: Span; readonly infer: (expected?: Type) => Typed },
  span: Span,
): Typed {
  let type = prune(target.type);
  if (!isPid(type) && !isLoose(type)) {
    const wanted = type.kind === "var" ? pidOf(c.fresh()) : Pid;
    c.expect(wanted, target.type, targetSpan);
    type = wanted;
  }
  const messages = isPid(type) ? prune(type.args[0] as Type) : DYNAMIC;
  const value = message.infer(messageHint(messages));
  c.demand({
    kind: "message",
    span: message.span,
    solved: false,
    messages,
    message: value.type,
    sent: message.span,
    built: builtAs(value.core),
    isPromise: false,
  });
  return { type: Unit, core: { kind: "send", span, target: target.core, message: value.core } };
}

/** What a message for this pid probably is; it helps to choose between constructors of one name, and binds nothing. */
function messageHint(messages: Type): Type | undefined {
  let hint: Type | undefined = messages;
  if (messages.kind === "var") {
    const processes = (messages.waiting ?? []).flatMap((p) => (p.kind === "process" ? [p.process] : []));
    const known = processes.find((process) => typeof process === "object" && process.message !== undefined);
    hint = typeof known === "object" && known.message !== undefined ? prune(known.message) : undefined;
  }
  return hint !== undefined && hint.kind !== "var" && hint.ground && !isLoose(hint) ? hint : undefined;
}

/** The constructor or record that an expression makes, if one can see that. */
function builtAs(core: Core): DataType | undefined {
  let at = core;
  while (at.kind === "block") {
    const last = at.statements.at(-1);
    if (last === undefined) return undefined;
    at = last;
  }
  return at.kind === "construct" ? at.type : undefined;
}
