/**
 * Where a thrown value came from, and what the last tail calls were: collected cheaply, turned into places only when
 * somebody is going to read them.
 *
 * Recursion may be millions of calls deep, so only the innermost and the outermost frames are kept, and counted between.
 * Where the code of a called function stands in its caller's, one frame of ours is several of the program's: its *levels*,
 * from 0, the innermost. Stays true: what people see is the same as if no call had been replaced so.
 */
import { regionAt } from "../bytecode/verify.ts";
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

/** What was passed on the way out: (function, word offset, level) triples, innermost first. */
export class ThrownTrace {
  readonly inner: number[] = [];
  /** ring of the newest OUTERMOST entries behind the inner ones */
  readonly outer: number[] = [];
  /** frames recorded */
  count = 0;

  add(fn: LinkedFunction, at: number): void {
    const levels = levelsAt(fn, at);
    for (let level = 0; level < levels; level++) {
      if (this.count < INNERMOST) this.inner.push(fn.index, at, level);
      else {
        const place = ((this.count - INNERMOST) % OUTERMOST) * 3;
        this.outer[place] = fn.index;
        this.outer[place + 1] = at;
        this.outer[place + 2] = level;
      }
      this.count++;
    }
  }

  /** All kept triples, innermost first, and how many are missing between the inner and the outer ones. */
  triples(): { readonly inner: readonly number[]; readonly omitted: number; readonly outer: readonly number[] } {
    const beyond = this.count - INNERMOST;
    if (beyond <= OUTERMOST) return { inner: this.inner, omitted: 0, outer: this.outer };
    const first = (beyond % OUTERMOST) * 3;
    return {
      inner: this.inner,
      omitted: beyond - OUTERMOST,
      outer: [...this.outer.slice(first), ...this.outer.slice(0, first)],
    };
  }
}

/** Functions that the compiler made up are left out of what people see. */
export function isHidden(name: string): boolean {
  return name.startsWith("<");
}

/** How many frames of the program the one of ours at word `at` is. */
function levelsAt(fn: LinkedFunction, at: number): number {
  let levels = 1;
  for (let call = regionAt(fn.inlinedRuns, at); call !== -1; call = fn.inlinedCalls[call]!.parent) {
    if (fn.inlinedCalls[call]!.source === -1) break;
    levels++;
  }
  return levels;
}

/** The source place of the instruction around word `at`, or of the call at a level further out. */
export function placeOf(program: Program, fn: LinkedFunction, at: number, level = 0): TraceEntry {
  const { places, inlinedCalls } = fn;
  let low = 0;
  let high = places.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle * 3]! <= at) low = middle + 1;
    else high = middle;
  }
  let sourceIndex = low === 0 ? -1 : places[low * 3 - 2]!;
  let offset = low === 0 ? 0 : places[low * 3 - 1]!;
  let call = regionAt(fn.inlinedRuns, at);
  for (let outward = level; outward > 0; outward--) {
    const inlined = inlinedCalls[call]!;
    sourceIndex = inlined.source;
    offset = inlined.offset;
    call = inlined.parent;
  }
  const name = call === -1 ? fn.name : inlinedCalls[call]!.name;
  const source = program.sources[sourceIndex];
  if (source === undefined) return { function: name, path: "", line: 0, column: 0 };
  return { function: name, path: source.path, ...lineAndColumn(source.lineStarts, offset) };
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
  const known = placesOfFrames(program, frame, 1);
  return known[0] ?? (frame === null ? undefined : placeOf(program, frame.fn, frame.pc));
}

/** The frames of a process that does not run, innermost first, at most `most`; what the compiler made up is left out. */
export function placesOfFrames(program: Program, frame: Frame | null, most: number): TraceEntry[] {
  const entries: TraceEntry[] = [];
  let at = frame === null ? 0 : frame.pc;
  for (let next = frame; next !== null && entries.length < most; next = next.parent) {
    const levels = levelsAt(next.fn, at);
    for (let level = 0; level < levels && entries.length < most; level++) {
      const entry = placeOf(program, next.fn, at, level);
      if (!isHidden(entry.function)) entries.push(entry);
    }
    if (next.parent !== null) at = next.parent.pc - 1; // F3: pc is behind the call
  }
  return entries;
}
