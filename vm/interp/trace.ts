/**
 * Where a thrown value came from, and what the last tail calls were: collected cheaply, turned into places only when
 * somebody is going to read them.
 *
 * Recursion may be millions of calls deep, so only the innermost and the outermost frames are kept, and counted between.
 */
import type { Frame } from "./frame.ts";
import type { LinkedFunction, Program } from "./program.ts";

/** One line of a trace; lines and columns from 1, columns in UTF-16 units. `path` is "" for code without debug lines. */
export interface TraceEntry {
  readonly function: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

const INNERMOST = 40;
const OUTERMOST = 10;

/** What was passed on the way out: (function, word offset) pairs, innermost first. */
export class ThrownTrace {
  readonly inner: number[] = [];
  /** ring of the newest OUTERMOST entries behind the inner ones */
  readonly outer: number[] = [];
  /** frames recorded */
  count = 0;
  /** depth of the frame that was recorded last, so that throwing on from a handler in it adds it only once */
  private lastDepth = -1;

  /** `depth`: how many frames there are up to this one */
  add(frame: Frame, at: number, depth: number): void {
    if (depth === this.lastDepth) return;
    this.lastDepth = depth;
    if (this.count < INNERMOST) this.inner.push(frame.fn.index, at);
    else {
      const place = ((this.count - INNERMOST) % OUTERMOST) * 2;
      this.outer[place] = frame.fn.index;
      this.outer[place + 1] = at;
    }
    this.count++;
  }

  /** All kept pairs, innermost first, and how many are missing between the inner and the outer ones. */
  pairs(): { readonly inner: readonly number[]; readonly omitted: number; readonly outer: readonly number[] } {
    const beyond = this.count - INNERMOST;
    if (beyond <= OUTERMOST) return { inner: this.inner, omitted: 0, outer: this.outer };
    const first = (beyond % OUTERMOST) * 2;
    return {
      inner: this.inner,
      omitted: beyond - OUTERMOST,
      outer: [...this.outer.slice(first), ...this.outer.slice(0, first)],
    };
  }
}

/** Functions that the compiler made up are left out of what people see. */
export function isHidden(fn: LinkedFunction): boolean {
  return fn.name.startsWith("<");
}

/** The source place of the instruction around word `at`. */
export function placeOf(program: Program, fn: LinkedFunction, at: number): TraceEntry {
  const { places } = fn;
  let low = 0;
  let high = places.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle * 3]! <= at) low = middle + 1;
    else high = middle;
  }
  const source = low === 0 ? undefined : program.sources[places[low * 3 - 2]!];
  if (source === undefined) return { function: fn.name, path: "", line: 0, column: 0 };
  return { function: fn.name, path: source.path, ...lineAndColumn(source.lineStarts, places[low * 3 - 1]!) };
}

/** Where a function begins: the first of its places. */
export function placeOfFunction(program: Program, fn: LinkedFunction): TraceEntry {
  return placeOf(program, fn, fn.places[0] ?? 0);
}

function lineAndColumn(lineStarts: Int32Array, offset: number): { line: number; column: number } {
  let low = 0;
  let high = lineStarts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lineStarts[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return { line: low, column: low === 0 ? 1 : offset - lineStarts[low - 1]! + 1 };
}

/** Where a process that does not run stands: its innermost frame that people know. */
export function placeOfFrame(program: Program, frame: Frame | null): TraceEntry | undefined {
  let at = frame === null ? 0 : frame.pc;
  for (let next = frame; next !== null; next = next.parent) {
    if (!isHidden(next.fn)) return placeOf(program, next.fn, at);
    if (next.parent !== null) at = next.parent.pc - 1; // F3: pc is behind the call
  }
  return frame === null ? undefined : placeOf(program, frame.fn, frame.pc);
}

/** The frames of a process that does not run, innermost first, at most `most`; what the compiler made up is left out. */
export function placesOfFrames(program: Program, frame: Frame | null, most: number): TraceEntry[] {
  const entries: TraceEntry[] = [];
  let at = frame === null ? 0 : frame.pc;
  for (let next = frame; next !== null && entries.length < most; next = next.parent) {
    if (!isHidden(next.fn)) entries.push(placeOf(program, next.fn, at));
    if (next.parent !== null) at = next.parent.pc - 1; // F3: pc is behind the call
  }
  return entries;
}
