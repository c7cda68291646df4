/**
 * No receive, sleep, send, spawn or signal while a guard is evaluated (semantics 18), itself or through calls by name: a guard is
 * asked in the middle of a scan of the mailbox, and may be asked any number of times.
 */

import type { Span } from "../../grammar/source.ts";
import type { Core, CoreFunction, CoreProgram } from "../core.ts";
import { functionsOf, nodesOf } from "./functions.ts";
import type { CheckProblem, GuardEffect } from "./problem.ts";

export function checkGuards(program: CoreProgram): CheckProblem[] {
  const problems: CheckProblem[] = [];
  const effects = new Map<CoreFunction, Own>();
  const bodies = functionsOf(program).map((fn) => fn.body);
  for (const { init } of program.mvars) bodies.push(init);
  for (const { init } of program.globals) if (init !== undefined) bodies.push(init);
  for (const body of bodies) {
    for (const core of nodesOf(body, true)) {
      for (const { guard } of armsOf(core)) if (guard !== undefined) checkGuard(guard, effects, problems);
    }
  }
  return problems;
}

function armsOf(core: Core): readonly { readonly guard?: Core }[] {
  if (core.kind === "match" || core.kind === "receive") return core.arms;
  return core.kind === "try" ? (core.arms ?? []) : [];
}

interface Own {
  readonly effect: { readonly what: GuardEffect; readonly span: Span } | undefined;
  readonly callees: readonly CoreFunction[];
}

function checkGuard(guard: Core, known: Map<CoreFunction, Own>, problems: CheckProblem[]): void {
  for (const core of nodesOf(guard, false)) {
    const what = effectOf(core);
    if (what !== undefined) {
      problems.push({ code: "effect-in-guard", span: core.span, what });
      return;
    }
    if (core.kind !== "call") continue;
    const found = search(core.function, known);
    if (found === undefined) continue;
    problems.push({
      code: "effect-in-guard",
      span: core.span,
      what: found.what,
      callee: core.function.name,
      effect: found.span,
    });
    return;
  }
}

/** Host functions that change what a process is to others; they may also touch the mailbox that is scanned. */
const SIGNALS: ReadonlySet<string> = new Set(
  "link unlink monitor demonitor exit exitProcess register unregister Process.kill Process.trapExit".split(" "),
);

function effectOf(core: Core): GuardEffect | undefined {
  switch (core.kind) {
    case "receive":
    case "sleep":
    case "send":
    case "spawn":
      return core.kind;
    case "callNative":
      return core.name === "sendNamed" ? "send" : SIGNALS.has(core.name) ? "signal" : undefined;
    default:
      return undefined;
  }
}

/** The first of those that a call of this function may come to. */
function search(start: CoreFunction, known: Map<CoreFunction, Own>): Own["effect"] {
  const seen = new Set<CoreFunction>();
  const rest = [start];
  for (let fn = rest.pop(); fn !== undefined; fn = rest.pop()) {
    if (seen.has(fn)) continue;
    seen.add(fn);
    let own = known.get(fn);
    if (own === undefined) {
      own = ownOf(fn);
      known.set(fn, own);
    }
    if (own.effect !== undefined) return own.effect;
    for (const callee of own.callees) rest.push(callee);
  }
  return undefined;
}

function ownOf(fn: CoreFunction): Own {
  let effect: Own["effect"];
  const callees = new Set<CoreFunction>();
  for (const core of nodesOf(fn.body, false)) {
    const what = effectOf(core);
    if (core.kind === "call") callees.add(core.function);
    else if (what !== undefined) effect ??= { what, span: core.span };
  }
  return { effect, callees: [...callees] };
}
