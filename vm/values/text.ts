/**
 * Strings as sequences of code points, on plain JavaScript strings.
 *
 * The trick: V8 answers "no surrogates" without a scan for one-byte strings, and then a code point is a unit. For the
 * others the last two strings asked about are remembered, and where their last positions were, so a loop over `s[i]`, or
 * over `s[i]` and `t[i]`, is linear.
 *
 * T1  No string of a program holds a lone surrogate: every edge refuses or replaces it (isWellFormed).
 * T2  Positions given out and taken are in code points; only this file knows about units.
 */

import { panic } from "./raise.ts";
import { type Meter, textUnits } from "./step.ts";

/** in UTF-16 units; what V8 can hold */
export const LONGEST_TEXT = 2 ** 29 - 24;

/** a ++ b. @throws Panic when nobody could hold it */
export function joinTexts(a: string, b: string): string {
  if (a.length + b.length > LONGEST_TEXT) tooLong();
  return a + b;
}

/** So many texts are joined at once, so that every part is flat before the parts are joined. */
const JOINED_AT_ONCE = 1024;

/** All texts with `separator` between any two. @throws Panic when nobody could hold it */
export function* joinSteps(texts: readonly string[], separator: string, meter: Meter): Generator<undefined, string> {
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; at < texts.length; at += JOINED_AT_ONCE) {
    const part = texts.slice(at, at + JOINED_AT_ONCE).join(separator);
    length += part.length + separator.length;
    if (length - separator.length > LONGEST_TEXT) tooLong();
    parts.push(part);
    meter.left -= Math.min(JOINED_AT_ONCE, texts.length - at) + textUnits(part.length);
    if (meter.left <= 0) yield;
  }
  return parts.join(separator);
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

/** A string that was indexed, and where. */
class Place {
  text = "";
  isUnitWise = true;
  position = 0;
  unit = 0;
}

// The last two, so that a loop over the positions of two strings is linear too.
let last = new Place();
let lastButOne = new Place();

/** Unit offset of a position in code points, 0 or more; the text's length for positions past its end. */
export function unitOffset(text: string, position: number): number {
  if (text !== last.text) {
    const other = lastButOne;
    lastButOne = last;
    last = other;
    if (text !== last.text) {
      last.text = text;
      last.isUnitWise = isUnitWise(text);
      last.position = 0;
      last.unit = 0;
    }
  }
  return last.isUnitWise ? Math.min(position, text.length) : walkTo(last, position);
}

/** From where it is or from the start, whichever is nearer. */
function walkTo(place: Place, position: number): number {
  const { text } = place;
  if (position < place.position - position) {
    place.position = 0;
    place.unit = 0;
  }
  while (place.position < position && place.unit < text.length) {
    place.unit += (text.charCodeAt(place.unit) & 0xfc00) === 0xd800 ? 2 : 1;
    place.position++;
  }
  while (place.position > position) {
    place.unit -= (text.charCodeAt(place.unit - 1) & 0xfc00) === 0xdc00 ? 2 : 1;
    place.position--;
  }
  return place.unit;
}

/** The code point at a position as a text; undefined out of bounds. */
export function codePointAt(text: string, position: number): string | undefined {
  if (position < 0) return undefined;
  const unit = unitOffset(text, position);
  if (unit >= text.length) return undefined;
  return pointAt(text, unit);
}

/** The code point that starts at a unit. */
export function pointAt(text: string, unit: number): string {
  return (text.charCodeAt(unit) & 0xfc00) === 0xd800 ? text.slice(unit, unit + 2) : text.charAt(unit);
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

/** Within so many units most texts differ, and a loop finds out sooner than an expression could be asked. */
const FIRST_UNITS = 24;

/** By code point, -1, 0 or 1; JavaScript's `<` puts astral characters before U+E000. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  const first = Math.min(shorter, FIRST_UNITS);
  let i = 0;
  while (i < first && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === FIRST_UNITS && i < shorter) {
    if (isUnitWise(a) && isUnitWise(b)) return a < b ? -1 : 1;
    while (i < shorter && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  }
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
