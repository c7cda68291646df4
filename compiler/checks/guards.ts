/**
 * No receive, sleep, send or spawn while a guard is evaluated (semantics 18), itself or through calls by name: a guard is
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
      if (core.kind === "spawn" && core.how !== "spawn")
        problems.push({ code: "not-yet", span: core.span, what: `\`${core.how}\`` });
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
    if (core.kind === "receive" || core.kind === "sleep" || core.kind === "send" || core.kind === "spawn") {
      problems.push({ code: "effect-in-guard", span: core.span, what: core.kind });
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

/** The first of the four that a call of this function may come to. */
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
    if (core.kind === "call") callees.add(core.function);
    else if (core.kind === "receive" || core.kind === "sleep" || core.kind === "send" || core.kind === "spawn")
      effect ??= { what: core.kind, span: core.span };
  }
  return { effect, callees: [...callees] };
}
