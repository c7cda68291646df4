/**
 * Which messages a process can receive: the patterns of every `receive` in code that it may run.
 *
 * The trick: whatever function value a process calls was written in code that it runs, or came from outside. So the body of every
 * lambda and of every named function that stands there counts as run, and only what comes from outside (out of a message, a
 * field, a captured name) leaves the question open.
 * Stays true: too much is found rather than too little; the walk is over functions, each looked into once, and recurses nowhere.
 */
import type { Span } from "../../grammar/source.ts";
import type { Core, CoreFunction, CorePattern, Local } from "../core.ts";
import { addParts, throughHoles } from "../lower/walk.ts";

export interface Receives {
  readonly patterns: readonly CorePattern[];
  /** the word `receive`, in order of appearance */
  readonly spans: readonly Span[];
  /** code from elsewhere may run in it, and may receive anything */
  readonly isOpen: boolean;
}

/** What stands in one function, or in a lambda that a process starts with. */
interface Inside {
  readonly patterns: readonly CorePattern[];
  readonly spans: readonly Span[];
  readonly isOpen: boolean;
  readonly callees: ReadonlySet<CoreFunction>;
}

const known = new WeakMap<CoreFunction, Inside>();

/** @param root  what the process runs: a function, or a lambda */
export function receivesOf(root: Core): Receives {
  const patterns: CorePattern[] = [];
  const spans: Span[] = [];
  let isOpen = false;
  const seen = new Set<CoreFunction>();
  const rest: CoreFunction[] = [];
  const take = (inside: Inside): void => {
    patterns.push(...inside.patterns);
    spans.push(...inside.spans);
    isOpen ||= inside.isOpen;
    for (const callee of [...inside.callees].reverse()) if (!seen.has(callee)) rest.push(callee);
  };
  const start = throughHoles(root);
  if (start.kind === "function") rest.push(start.function);
  else if (start.kind === "lambda") take(lookInto(start.body, start.params, true));
  else isOpen = true;
  for (let next = rest.pop(); next !== undefined && !isOpen; next = rest.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    let inside = known.get(next);
    if (inside === undefined) {
      inside = lookInto(next.body, next.params, false);
      known.set(next, inside);
    }
    take(inside);
  }
  return { patterns, spans, isOpen };
}

/** @param isStart  its parameters come from outside */
function lookInto(body: Core, params: readonly Local[], isStart: boolean): Inside {
  const patterns: CorePattern[] = [];
  const spans: Span[] = [];
  const callees = new Set<CoreFunction>();
  /** locals that hold functions of which we know that they stand in code that is looked into */
  const own = new Set<Local>(isStart ? [] : params);
  /** locals that hold what another one holds, or a lambda */
  const called: Core[] = [];
  const rest: Core[] = [body];
  const parts: Core[] = [];
  let isOpen = false;
  const passAll = (values: readonly Core[], kinds: CoreFunction["paramKinds"] | undefined): void => {
    values.forEach((value, i) => {
      if (kinds === undefined ? isFunction(value) : kinds[i] === "Function") called.push(value);
    });
  };
  while (rest.length > 0) {
    const core = throughHoles(rest.pop() as Core);
    switch (core.kind) {
      case "spawn":
        continue; // that runs in another process
      case "receive": {
        for (const arm of core.arms) patterns.push(...arm.patterns);
        const { source, start } = core.span;
        spans.push({ source, start, end: Math.min(core.span.end, start + "receive".length) });
        break;
      }
      case "function":
        callees.add(core.function);
        break;
      case "call":
        callees.add(core.function);
        passAll(core.args, core.function.paramKinds);
        break;
      case "callValue":
        called.push(core.callee);
        passAll(core.args, undefined);
        break;
      case "lambda":
        if (core.self !== undefined) own.add(core.self);
        break;
      case "bind": {
        const value = throughHoles(core.value);
        if (value.kind === "lambda" || value.kind === "function") own.add(core.local);
        break;
      }
      case "global":
        if (core.global.init !== undefined) rest.push(core.global.init);
        break;
    }
    parts.length = 0;
    addParts(core, parts);
    for (let i = parts.length - 1; i >= 0; i--) rest.push(parts[i] as Core);
  }
  for (const value of called) {
    const callee = throughHoles(value);
    if (callee.kind === "lambda" || callee.kind === "function") continue;
    if (callee.kind !== "local" || !own.has(callee.local) || callee.local.isMutable) isOpen = true;
  }
  return { patterns, spans, isOpen, callees };
}

/** A value that is a function for sure, and so may be called by who gets it. */
function isFunction(value: Core): boolean {
  const core = throughHoles(value);
  return core.kind === "local" && core.local.kind === "Function";
}
