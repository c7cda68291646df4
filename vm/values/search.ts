/**
 * Finding one text in another, in steps.
 *
 * The trick: V8 searches quickly, but in one go, and where a long pattern nearly matches everywhere it takes the product of
 * both lengths. So it gets a short stretch of the text at a time, and only short patterns; for long ones the search is that
 * of Knuth, Morris and Pratt, which never takes longer than the sum.
 * Searches of short texts are V8's alone (isShortSearch); callers ask first, since a generator costs more than they do.
 * All positions here are in UTF-16 units. No text holds half of a pair (T1 of text.ts), so matches never cut one.
 */
import { type Meter, textUnits } from "./step.ts";

/** in UTF-16 units: what V8 is given at a time */
const STRETCH = 2 ** 15;
/** Longer patterns are not V8's. */
const LONG_PATTERN = 256;

/** Whether V8's own search over these is a short step. */
export function isShortSearch(text: string, pattern: string): boolean {
  return text.length <= STRETCH && pattern.length <= LONG_PATTERN;
}

/** Where `pattern` first stands in `text`, at `from` or behind it; -1: nowhere. */
export function* findSteps(text: string, pattern: string, from: number, meter: Meter): Generator<undefined, number> {
  if (pattern.length > LONG_PATTERN) return yield* knuthSteps(text, pattern, from, true, meter);
  for (let at = from; ; ) {
    const end = Math.min(text.length, at + STRETCH + pattern.length - 1);
    const found = text.slice(at, end).indexOf(pattern);
    if (found >= 0) return at + found;
    if (end >= text.length) return -1;
    meter.left -= textUnits(end - at);
    if (meter.left <= 0) yield;
    at = end - pattern.length + 1;
  }
}

/** Where `pattern` last stands in `text`; -1: nowhere. */
export function* findLastSteps(text: string, pattern: string, meter: Meter): Generator<undefined, number> {
  if (pattern.length > LONG_PATTERN) return yield* knuthSteps(text, pattern, 0, false, meter);
  for (let end = text.length; ; ) {
    const at = Math.max(0, end - STRETCH - pattern.length + 1);
    const found = text.slice(at, end).lastIndexOf(pattern);
    if (found >= 0) return at + found;
    if (at === 0) return -1;
    meter.left -= textUnits(end - at);
    if (meter.left <= 0) yield;
    end = at + pattern.length - 1;
  }
}

/** Takes what stands between two separators, one part after the other. */
export interface Parts {
  push(part: string): void;
}

/**
 * Gives `parts` what stands between one `separator`, which is not empty, and the next, at once: for a short search.
 * @returns how many parts there are
 */
export function splitInto(parts: Parts, text: string, separator: string): number {
  let start = 0;
  let count = 1;
  for (let found = text.indexOf(separator); found >= 0; found = text.indexOf(separator, start)) {
    parts.push(text.slice(start, found));
    start = found + separator.length;
    count++;
  }
  parts.push(text.slice(start));
  return count;
}

/** The same in steps. */
export function* splitSteps(
  parts: Parts,
  text: string,
  separator: string,
  meter: Meter,
): Generator<undefined, undefined> {
  let start = 0; // of the part that comes next
  if (separator.length > LONG_PATTERN) {
    for (;;) {
      const found = yield* knuthSteps(text, separator, start, true, meter);
      if (found < 0) break;
      parts.push(text.slice(start, found));
      start = found + separator.length;
    }
  } else {
    for (let at = 0; at < text.length; ) {
      const end = Math.min(text.length, at + STRETCH + separator.length - 1);
      const stretch = text.slice(at, end);
      let count = 0;
      for (
        let found = stretch.indexOf(separator);
        found >= 0;
        found = stretch.indexOf(separator, found + separator.length)
      ) {
        parts.push(text.slice(start, at + found));
        start = at + found + separator.length;
        count++;
      }
      meter.left -= 2 * count + textUnits(end - at);
      if (meter.left <= 0) yield;
      at = end === text.length ? end : Math.max(start, end - separator.length + 1);
    }
  }
  parts.push(text.slice(start));
}

/** The first or the last match, at `from` or behind it. */
function* knuthSteps(
  text: string,
  pattern: string,
  from: number,
  isFirst: boolean,
  meter: Meter,
): Generator<undefined, number> {
  // borders[n]: the longest text that begins and ends the first n + 1 units of the pattern, and is not all of them
  const borders = new Int32Array(pattern.length);
  for (let i = 1, length = 0; i < pattern.length; i++) {
    while (length > 0 && pattern.charCodeAt(i) !== pattern.charCodeAt(length)) length = borders[length - 1] as number;
    if (pattern.charCodeAt(i) === pattern.charCodeAt(length)) length++;
    borders[i] = length;
    if ((i & 7) === 0 && --meter.left <= 0) yield;
  }
  let last = -1;
  for (let i = from, matched = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    while (matched > 0 && unit !== pattern.charCodeAt(matched)) matched = borders[matched - 1] as number;
    if (unit === pattern.charCodeAt(matched)) matched++;
    if (matched === pattern.length) {
      last = i - matched + 1;
      if (isFirst) return last;
      matched = borders[matched - 1] as number;
    }
    if ((i & 7) === 0 && --meter.left <= 0) yield;
  }
  return last;
}
