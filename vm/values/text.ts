/**
 * Strings as sequences of code points, on plain JavaScript strings.
 *
 * The trick: V8 answers "no surrogates" without a scan for one-byte strings, and then a code point is a unit. For the
 * others one cache entry remembers the last string asked about, and where its last position was, so a loop over `s[i]`
 * is linear.
 *
 * T1  No string of a program holds a lone surrogate: every edge refuses or replaces it (isWellFormed).
 * T2  Positions given out and taken are in code points; only this file knows about units.
 */

import { panic } from "./raise.ts";

/** in UTF-16 units; what V8 can hold */
export const LONGEST_TEXT = 2 ** 29 - 24;

/** a ++ b. @throws Panic when nobody could hold it */
export function joinTexts(a: string, b: string): string {
  if (a.length + b.length > LONGEST_TEXT) tooLong();
  return a + b;
}

export function tooLong(): never {
  return panic("String is too long");
}

const SURROGATE = /[\ud800-\udfff]/;
/** Below this length a loop is faster than a regular expression. */
const SHORT = 24;

/** Whether every code point is one unit. */
export function isUnitWise(text: string): boolean {
  if (text.length >= SHORT) return !SURROGATE.test(text);
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xf800) === 0xd800) return false;
  }
  return true;
}

/** in code points */
export function textLength(text: string): number {
  if (isUnitWise(text)) return text.length;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  }
  return count;
}

// The last string that was indexed.
let cachedText = "";
let cachedIsUnitWise = true;
let cachedPosition = 0;
let cachedUnit = 0;

/** Unit offset of a position in code points, 0 or more; the text's length for positions past its end. */
export function unitOffset(text: string, position: number): number {
  if (text !== cachedText) {
    cachedText = text;
    cachedIsUnitWise = isUnitWise(text);
    cachedPosition = 0;
    cachedUnit = 0;
  }
  if (cachedIsUnitWise) return Math.min(position, text.length);
  if (position < cachedPosition - position) {
    cachedPosition = 0; // nearer from the start
    cachedUnit = 0;
  }
  while (cachedPosition < position && cachedUnit < text.length) {
    cachedUnit += (text.charCodeAt(cachedUnit) & 0xfc00) === 0xd800 ? 2 : 1;
    cachedPosition++;
  }
  while (cachedPosition > position) {
    cachedUnit -= (text.charCodeAt(cachedUnit - 1) & 0xfc00) === 0xdc00 ? 2 : 1;
    cachedPosition--;
  }
  return cachedUnit;
}

/** The code point at a position as a text; undefined out of bounds. */
export function codePointAt(text: string, position: number): string | undefined {
  if (position < 0) return undefined;
  const unit = unitOffset(text, position);
  if (unit >= text.length) return undefined;
  const high = (text.charCodeAt(unit) & 0xfc00) === 0xd800;
  return high ? text.slice(unit, unit + 2) : text.charAt(unit);
}

/** From start to before end, in code points, both clamped. */
export function substring(text: string, start: number, end: number): string {
  if (end <= start) return "";
  const from = unitOffset(text, Math.max(0, start));
  return text.slice(from, unitOffset(text, Math.max(0, end)));
}

/** The position in code points of a unit offset. */
export function positionOfUnit(text: string, unit: number): number {
  return textLength(text.slice(0, unit));
}

export function codePoints(text: string): string[] {
  return isUnitWise(text) ? text.split("") : Array.from(text);
}

/** By code point, -1, 0 or 1; JavaScript's `<` puts astral characters before U+E000. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (isUnitWise(a) && isUnitWise(b)) return a < b ? -1 : 1;
  const shorter = Math.min(a.length, b.length);
  let i = 0;
  while (i < shorter && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === shorter) return a.length < b.length ? -1 : 1;
  return codePointOrder(a.charCodeAt(i)) < codePointOrder(b.charCodeAt(i)) ? -1 : 1;
}

/** Units in the order of their code points: surrogates above all others. */
function codePointOrder(unit: number): number {
  return (unit & 0xf800) === 0xd800 ? unit + 0x10000 : unit;
}

/** T1: lone surrogates become U+FFFD. */
export function wellFormed(text: string): string {
  return isUnitWise(text)
    ? text
    : text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

const HASH_SEED = 0x5f3759df; // any number, but the same in every run and worker

/** 32 bits; the same in every run. */
export function hashText(text: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/** Spreads every bit of a number over all of its 32 (the end of MurmurHash3). */
export function mix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
