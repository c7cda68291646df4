/**
 * How long mvars are held.
 *
 * 1. In a block, from the first to the last statement that touches any mvar, when that stretch writes and cannot wait
 *    (no receive, sleep, spawn, send, input or output in it or in what it calls by name; no call of a function value):
 *    `{ a = a - 1; b = b + 1 }` is one step. If it may wait, the same for each mvar by itself.
 *    Statements that touch one only by calling something count, so `{ x = get(); set(x + 1) }` is one step.
 * 2. Otherwise each statement that touches it itself holds it alone, also during its calls; a construct that may wait in
 *    one of its parts (an `if` that prints) holds it part by part, and so does a loop, turn by turn.
 * 3. A statement that may wait for another process (`m = receive { … }`) must not keep that process out: there, each
 *    single read and write is locked. A `while` or a recursion that touches an mvar may be watching it, and counts so.
 *
 * What is held covers everything that may be touched meanwhile by name, in locking order (module path, then declaration),
 * so processes cannot wait for each other in a circle except through function values, which the machine notices.
 * An inner extent whose mvars are all held locks nothing again.
 */
import type { Core, CoreExpr, Mvar } from "../core.ts";
import type { FunctionLowering, Use } from "./function.ts";

/** Parts of these are statements of their own. */
const COMPOUND: ReadonlySet<CoreExpr["kind"]> = new Set<CoreExpr["kind"]>(["if", "match", "try", "receive"]);
/** Never held as a whole by themselves. */
const SELF_LOCKING: ReadonlySet<CoreExpr["kind"]> = new Set<CoreExpr["kind"]>([
  "block", "while", "for", "forIn", "comprehension", "return", "break",
]); // biome-ignore format: a table

/** Lowers what stands where a statement stands. */
export function lowerExtent(fn: FunctionLowering, core: Core, use: Use): void {
  if (fn.effects === undefined || SELF_LOCKING.has(core.kind)) {
    fn.lower(core, use);
    return;
  }
  const { touches, touchesInAll, waits, blocks } = fn.effects.of(core);
  if (isCovered(touches, fn.held) || blocks || (waits && COMPOUND.has(core.kind))) {
    fn.lower(core, use);
    return;
  }
  withLock(fn, touchesInAll, use, (inner) => fn.lower(core, inner));
}

export function lowerBlock(fn: FunctionLowering, core: Core & { kind: "block" }, use: Use): void {
  const { statements } = core;
  if (statements.length === 0) {
    fn.unit(use);
    return;
  }
  const stretches = findStretches(fn, statements);
  fn.scoped(() => {
    for (let at = 0; at < statements.length; ) {
      const stretch = stretches[0]?.from === at ? stretches.shift()! : undefined;
      const to = stretch?.to ?? at;
      const useOf = (index: number, ofLast: Use): Use => (index === statements.length - 1 ? ofLast : "drop");
      const lowerAll = (inner: Use): void => {
        for (; at <= to; at++) fn.extent(statements[at]!, useOf(at, inner));
      };
      if (stretch === undefined) lowerAll(use);
      else withLock(fn, stretch.mvars, useOf(to, use), lowerAll);
    }
  });
}

interface Stretch {
  readonly from: number;
  to: number;
  mvars: ReadonlySet<Mvar>;
}

/** Statements that touch an mvar, from first to last. */
interface Range {
  readonly from: number;
  to: number;
  isWritten: boolean;
}

/** The stretches of a block that hold mvars (rule 1), in order and apart from each other. */
function findStretches(fn: FunctionLowering, statements: readonly Core[]): Stretch[] {
  const { effects, held } = fn;
  if (effects === undefined) return [];
  const each = statements.map((statement) => effects.of(statement));
  const ranges = new Map<Mvar, Range>();
  /** how many statements before this one may wait */
  const waitsBefore = [0];
  for (const [index, { touchesInAll, writesInAll, waits }] of each.entries()) {
    waitsBefore.push(waitsBefore[index]! + (waits ? 1 : 0));
    for (const mvar of touchesInAll) {
      if (held.has(mvar)) continue;
      const range = ranges.get(mvar) ?? { from: index, to: index, isWritten: false };
      range.to = index;
      range.isWritten ||= writesInAll.has(mvar);
      ranges.set(mvar, range);
    }
  }
  const isStretch = ({ from, to, isWritten }: Range): boolean =>
    isWritten && from < to && waitsBefore[to + 1] === waitsBefore[from];
  const all = [...ranges.values()].reduce(
    (one, other): Range => ({
      from: Math.min(one.from, other.from),
      to: Math.max(one.to, other.to),
      isWritten: one.isWritten || other.isWritten,
    }),
    { from: statements.length, to: -1, isWritten: false },
  );
  const kept = isStretch(all) ? [all] : [...ranges.values()].filter(isStretch);
  const stretches: Stretch[] = [];
  for (const { from, to } of kept.sort((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else stretches.push({ from, to, mvars: new Set() });
  }
  for (const stretch of stretches) {
    const mvars = new Set<Mvar>();
    for (let i = stretch.from; i <= stretch.to; i++) for (const mvar of each[i]!.touchesInAll) mvars.add(mvar);
    stretch.mvars = mvars;
  }
  return stretches;
}

/** Holds mvars while `body` runs; what is thrown out of it releases them by itself (the region is in the code). */
export function withLock(fn: FunctionLowering, wanted: ReadonlySet<Mvar>, use: Use, body: (use: Use) => void): void {
  const set = [...wanted]
    .filter((mvar) => !fn.held.has(mvar))
    .sort((a, b) => fn.program.lockOrderOf(a) - fn.program.lockOrderOf(b));
  if (set.length === 0) {
    body(use);
    return;
  }
  const heldBefore = fn.held;
  fn.code.emit("MVAR_LOCK", set);
  fn.scopes.push({ kind: "lock", set, heldBefore });
  fn.held = new Set([...heldBefore, ...set]);
  body(use === "tail" ? "value" : use);
  fn.scopes.pop();
  fn.held = heldBefore;
  fn.code.emit("MVAR_UNLOCK", set);
  if (use === "tail") fn.code.emit("RET.val");
}

/** One read or write: what covers it already, or a lock of its own. */
export function withAccess(fn: FunctionLowering, mvar: Mvar, access: () => void): void {
  if (fn.held.has(mvar)) {
    access();
    return;
  }
  const set = [mvar];
  fn.code.emit("MVAR_LOCK", set);
  access();
  fn.code.emit("MVAR_UNLOCK", set);
}

function isCovered(touched: ReadonlySet<Mvar>, held: ReadonlySet<Mvar>): boolean {
  for (const mvar of touched) if (!held.has(mvar)) return false;
  return true;
}
