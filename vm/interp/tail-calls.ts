/**
 * The last tail calls that a process has made from one function to another: frames that its trace cannot show.
 *
 * The trick: a process that waits has mostly made one, and there may be a million of them, so the first is packed into a
 * number; with the second comes a ring, which starts small and grows with those that make more.
 *
 *   function * PACKED + word
 *   [count, function, word, function, word, …]     call number i stands at 1 + 2 * (i % SHOWN_TAIL_CALLS)
 *
 * Stays true: `count` is that of all calls, less a multiple of SHOWN_TAIL_CALLS; it never passes twice that.
 */
import type { Process } from "../process/process.ts";
import type { LinkedFunction, Program } from "./program.ts";
import { functionOf } from "./report.ts";
import { isHidden, placeOf, type TraceEntry } from "./trace.ts";

/** as many as a report shows */
const SHOWN_TAIL_CALLS = 8;
/** functions and words below this are packed, so that V8 needs no object for the number */
const PACKED = 2 ** 15;

export function noteTailCall(process: Process, from: LinkedFunction, at: number): void {
  let ring = process.tailCalls;
  if (ring === null) {
    process.tailCalls = from.index < PACKED && at < PACKED ? from.index * PACKED + at : [1, from.index, at];
    return;
  }
  if (typeof ring === "number") {
    ring = unpacked(ring);
    process.tailCalls = ring;
  }
  const count = ring[0]!;
  const place = 1 + 2 * (count % SHOWN_TAIL_CALLS);
  ring[place] = from.index;
  ring[place + 1] = at;
  ring[0] = count + 1 === 2 * SHOWN_TAIL_CALLS ? SHOWN_TAIL_CALLS : count + 1;
}

function unpacked(call: number): number[] {
  return [1, Math.trunc(call / PACKED), call % PACKED];
}

/** Oldest first, as far as they are the program's own. */
export function lastTailCalls(program: Program, process: Process): TraceEntry[] {
  const { tailCalls } = process;
  if (tailCalls === null) return [];
  const ring = typeof tailCalls === "number" ? unpacked(tailCalls) : tailCalls;
  const count = ring[0]!;
  const entries: TraceEntry[] = [];
  for (let i = Math.max(0, count - SHOWN_TAIL_CALLS); i < count; i++) {
    const place = 1 + 2 * (i % SHOWN_TAIL_CALLS);
    const entry = placeOf(program, functionOf(program, ring[place]!), ring[place + 1]!);
    if (!isHidden(entry.function)) entries.push(entry);
  }
  return entries;
}
