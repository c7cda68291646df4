/**
 * What is not allowed with mvars: the three rules of the language, no more.
 *
 * 1. Compare and set: an mvar that is read in the condition of an `if` or the subject of a `match` must not be written in
 *    a branch with a value that does not read it.
 * 2. Nested write: the value for an mvar must not write that mvar.
 * 3. Blocking: a function that reads and writes an mvar must not call a function that receives.
 */

import type { Span } from "../../grammar/source.ts";
import type { Core, CoreFunction, CoreProgram, Mvar } from "../core.ts";
import { addParts, throughHoles } from "../lower/walk.ts";
import { functionsOf, nodesOf } from "./functions.ts";
import type { CheckProblem } from "./problem.ts";

export function checkMvars(program: CoreProgram): CheckProblem[] {
  if (program.mvars.length === 0) return [];
  const problems: CheckProblem[] = [];
  const receivers = new Receivers();
  for (const fn of functionsOf(program)) {
    checkCompareAndSet(fn, problems);
    checkNestedWrites(fn.body, problems);
    checkBlocking(fn, receivers, problems);
  }
  return problems;
}

function readsOf(node: Core): Map<Mvar, Span> {
  const reads = new Map<Mvar, Span>();
  for (const core of nodesOf(node, true))
    if (core.kind === "mvar" && !reads.has(core.mvar)) reads.set(core.mvar, core.span);
  return reads;
}

/** Walks a body with the mvars that the conditions around have read; reports a mvar once a function. */
function checkCompareAndSet(fn: CoreFunction, problems: CheckProblem[]): void {
  type Reads = ReadonlyMap<Mvar, Span>;
  const none: Reads = new Map();
  const reported = new Set<Mvar>();
  const rest: { node: Core; reads: Reads }[] = [{ node: fn.body, reads: none }];
  const parts: Core[] = [];
  const more = (reads: Reads, node: Core): Reads => {
    const added = readsOf(node);
    return added.size === 0 ? reads : new Map([...added, ...reads]);
  };
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    const core = throughHoles(at.node);
    let { reads } = at;
    const inside: { node: Core; reads: Reads }[] = [];
    if (core.kind === "if") {
      for (const { condition, body } of core.branches) {
        inside.push({ node: condition, reads });
        reads = more(reads, condition);
        inside.push({ node: body, reads });
      }
      if (core.otherwise !== undefined) inside.push({ node: core.otherwise, reads });
    } else if (core.kind === "match") {
      for (const scrutinee of core.scrutinees) inside.push({ node: scrutinee, reads });
      for (const scrutinee of core.scrutinees) reads = more(reads, scrutinee);
      for (const { guard, body } of core.arms) {
        if (guard !== undefined) inside.push({ node: guard, reads });
        inside.push({ node: body, reads });
      }
    } else {
      if (core.kind === "assignMvar") {
        const read = reads.get(core.mvar);
        if (read !== undefined && !reported.has(core.mvar) && !readsOf(core.value).has(core.mvar)) {
          reported.add(core.mvar);
          problems.push({
            code: "mvar-compare-and-set",
            span: core.span,
            functionName: fn.name,
            mvar: core.mvar.name,
            read,
          });
        }
      }
      parts.length = 0;
      addParts(core, parts);
      for (const part of parts) inside.push({ node: part, reads });
    }
    for (let i = inside.length - 1; i >= 0; i--) rest.push(inside[i]!);
  }
}

function checkNestedWrites(body: Core, problems: CheckProblem[]): void {
  const rest: { node: Core; outer: (Core & { kind: "assignMvar" }) | undefined }[] = [{ node: body, outer: undefined }];
  const parts: Core[] = [];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    const core = throughHoles(at.node);
    let { outer } = at;
    if (core.kind === "assignMvar") {
      if (outer?.mvar === core.mvar)
        problems.push({ code: "mvar-nested-write", span: core.span, mvar: core.mvar.name, outer: outer.span });
      outer = core;
    }
    parts.length = 0;
    addParts(core, parts);
    for (let i = parts.length - 1; i >= 0; i--) rest.push({ node: parts[i]!, outer });
  }
}

/** Which functions receive, themselves or through what they call by name. */
class Receivers {
  private readonly own = new Map<CoreFunction, { receive: Span | undefined; callees: readonly CoreFunction[] }>();
  private readonly found = new Map<CoreFunction, Span | undefined>();

  /** A receive that a call of this function may come to, other than through `except`. */
  receiveOf(fn: CoreFunction, except: CoreFunction): Span | undefined {
    if (this.found.has(fn)) {
      const known = this.found.get(fn);
      if (known === undefined) return undefined;
    }
    const seen = new Set([except]);
    const rest = [fn];
    for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const { receive, callees } = this.ownOf(at);
      if (receive !== undefined) return receive;
      for (const callee of callees) rest.push(callee);
    }
    // whatever was seen cannot receive either, unless through the one left out
    if (!this.callsAny(seen, except)) for (const quiet of seen) if (quiet !== except) this.found.set(quiet, undefined);
    return undefined;
  }

  private callsAny(functions: ReadonlySet<CoreFunction>, callee: CoreFunction): boolean {
    for (const fn of functions) if (fn !== callee && this.ownOf(fn).callees.includes(callee)) return true;
    return false;
  }

  private ownOf(fn: CoreFunction): { receive: Span | undefined; callees: readonly CoreFunction[] } {
    let own = this.own.get(fn);
    if (own === undefined) {
      let receive: Span | undefined;
      const callees = new Set<CoreFunction>();
      for (const core of nodesOf(fn.body, false)) {
        if (core.kind === "receive") receive ??= core.span;
        else if (core.kind === "call") callees.add(core.function);
      }
      own = { receive, callees: [...callees] };
      this.own.set(fn, own);
    }
    return own;
  }
}

function checkBlocking(fn: CoreFunction, receivers: Receivers, problems: CheckProblem[]): void {
  const reads = new Set<Mvar>();
  const writes = new Map<Mvar, Span>();
  const calls: (Core & { kind: "call" })[] = [];
  for (const core of nodesOf(fn.body, false)) {
    if (core.kind === "mvar") reads.add(core.mvar);
    else if (core.kind === "assignMvar") writes.set(core.mvar, writes.get(core.mvar) ?? core.span);
    else if (core.kind === "call") calls.push(core);
  }
  for (const [mvar, written] of writes) {
    if (!reads.has(mvar)) continue;
    for (const call of calls) {
      const receive = receivers.receiveOf(call.function, fn);
      if (receive === undefined) continue;
      const { name: callee } = call.function;
      problems.push({
        code: "mvar-blocking",
        span: call.span,
        functionName: fn.name,
        mvar: mvar.name,
        callee,
        written,
        receive,
      });
      return; // one a function
    }
  }
}
