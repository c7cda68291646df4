/**
 * Host functions on strings, text encodings and buffers. Positions are in code points.
 *
 * The trick: nearly all texts are short, and for those a generator takes longer than the work itself. So each function that
 * goes in steps has a form that does all at once, for what surely is a small part of a step.
 * Stays true: what comes from outside (bytes, percent escapes) is made well formed here (T1 of values/text.ts).
 */

import { parseInt64 } from "../../bytecode/arithmetic.ts";
import { parseFloat64 } from "../../bytecode/float-text.ts";
import { makePair } from "../../values/data.ts";
import { ListBuilder, listSteps } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { findLastSteps, findSteps, isShortSearch, type Parts, splitInto, splitSteps } from "../../values/search.ts";
import { displayWithin, simpleText } from "../../values/show.ts";
import { GeneratedStep, Mapped, type Meter, textUnits } from "../../values/step.ts";
import {
  codePointAt, codePoints, joinSteps, joinTexts, LONGEST_TEXT, pointAt, positionOfUnit, substring, textLength, tooLong, unitOffset, wellFormed,
} from "../../values/text.ts"; // biome-ignore format: a table
import { Char, Cons, charAt, type List, NIL, Buffer as TextBuffer, UNIT, type Value } from "../../values/value.ts";
import type { Answers, Native, NativeContext, PAUSED } from "../native.ts";
import {
  answering, chargeElements, chargeText, listArgument, native, optional, optionalFloat, positionArgument, settle, stepped, textArgument, wrongArgument,
} from "./arguments.ts"; // biome-ignore format: a table
import { parseBig } from "./numbers.ts";

/** A function of one text, for which V8's own loop is quick enough: 10 MB take a few milliseconds. */
function ofText<A extends keyof Answers>(answers: A, name: string, run: (text: string) => Answers[A]): Native {
  return answering(answers, name, 1, (context, a) => {
    const text = textArgument(a, name);
    chargeText(context, text.length);
    return run(text);
  });
}

/** A function of two texts, likewise. */
function ofTexts(name: string, run: (text: string, other: string) => boolean): Native {
  return answering("Bool", name, 2, (context, a, b) => {
    const text = textArgument(a, name);
    chargeText(context, text.length);
    return run(text, textArgument(b, name));
  });
}

/** in UTF-16 units: what is worked on at a time of a long text */
const PART = 2 ** 15;

/** Where a part that starts at `at` ends: never inside a code point. */
function endOfPart(text: string, at: number): number {
  const end = at + PART;
  if (end >= text.length) return text.length;
  return isLow(text, end) ? end + 1 : end;
}

/** Whether the second half of a pair stands there. */
function isLow(text: string, unit: number): boolean {
  return (text.charCodeAt(unit) & 0xfc00) === 0xdc00;
}

/** A function of one text that gives for every part of it a part of the result, `times` as slow as copying it. */
function byParts(name: string, times: number, run: (part: string) => string): Native {
  return answering("String", name, 1, (context, a) => {
    const text = textArgument(a, name);
    if (text.length <= PART) {
      chargeText(context, text.length * times);
      return run(text);
    }
    return context.begin(new GeneratedStep(partSteps(text, times, run, context)));
  });
}

function* partSteps(
  text: string,
  times: number,
  run: (part: string) => string,
  meter: Meter,
): Generator<undefined, string> {
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const end = endOfPart(text, at);
    const part = run(text.slice(at, end));
    length += part.length;
    if (length > LONGEST_TEXT) tooLong();
    parts.push(part);
    meter.left -= textUnits((end - at) * times);
    if (meter.left <= 0) yield;
    at = end;
  }
  return parts.join("");
}

/** So many elements of a list, or code points of a text, are handled at once. */
const FEW = 512;

/** The code points of a text, each made into a value of its place, as a list. */
function listPoints(context: NativeContext, text: string, valueAt: ValueAt): List | typeof PAUSED {
  if (text.length > FEW) return context.begin(new GeneratedStep(pointSteps(text, valueAt, context)));
  chargeElements(context, text.length);
  return addPoints(NIL, text, 0, text.length, valueAt);
}

/** Of the code point that starts there. */
type ValueAt = (text: string, unit: number) => Value;

/** The points from `from` up to `to`, in front of a list. */
function addPoints(tail: List, text: string, from: number, to: number, valueAt: ValueAt): List {
  let list = tail;
  for (let at = to; at > from; ) {
    at -= isLow(text, at - 1) ? 2 : 1;
    list = new Cons(valueAt(text, at), list);
  }
  return list;
}

function* pointSteps(text: string, valueAt: ValueAt, meter: Meter): Generator<undefined, List> {
  let list: List = NIL;
  for (let to = text.length; to > 0; ) {
    // a step may be as short as one point
    const from = Math.max(0, to - Math.max(1, Math.min(FEW, meter.left)));
    const start = isLow(text, from) ? from - 1 : from;
    list = addPoints(list, text, start, to, valueAt);
    meter.left -= to - start;
    to = start;
    if (meter.left <= 0) yield;
  }
  return list;
}

function charText(value: Value): string {
  return value instanceof Char ? value.text : wrongArgument("String.fromChars", "Char", value);
}

function* charSteps(list: List, meter: Meter): Generator<undefined, string> {
  const parts: string[] = [];
  for (let cell = list; cell instanceof Cons; cell = cell.tail) {
    parts.push(charText(cell.head));
    if (--meter.left <= 0) yield;
  }
  return yield* joinSteps(parts, "", meter);
}

function positionOrNone(text: string, unit: number): number {
  return unit < 0 ? -1 : positionOfUnit(text, unit);
}

/** Where one text stands in another, in units, and what is said of that. */
function search<A extends keyof Answers>(
  answers: A,
  name: string,
  atOnce: (text: string, part: string) => number,
  steps: (text: string, part: string, meter: Meter) => Generator<undefined, number>,
  answerOf: (text: string, unit: number) => Answers[A],
): Native {
  return answering(answers, name, 2, (context, a, b) => {
    const text = textArgument(a, name);
    const part = textArgument(b, name);
    if (isShortSearch(text, part)) {
      chargeText(context, text.length);
      return answerOf(text, atOnce(text, part));
    }
    return context.begin(new Mapped(new GeneratedStep(steps(text, part, context)), (unit) => answerOf(text, unit)));
  });
}

function findAtOnce(text: string, part: string): number {
  return text.indexOf(part);
}

function find(text: string, part: string, meter: Meter): Generator<undefined, number> {
  return findSteps(text, part, 0, meter);
}

/** JavaScript's own blanks plus what Unicode adds: the same set that `trim` takes off. */
const BLANK = /[\s\u0085]/;

function isBlank(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return BLANK.test(String.fromCharCode(unit));
}

/** Puts the words that end before `end` into a list; `begun` is where the one begins that was not over at `from`, or -1. */
function addWords(words: ListBuilder, text: string, from: number, end: number, begun: number): number {
  let start = begun;
  for (let i = from; i < end; i++) {
    if (!isBlank(text.charCodeAt(i))) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      words.push(text.slice(start, i));
      start = -1;
    }
  }
  return start;
}

function endWords(words: ListBuilder, text: string, begun: number): List {
  if (begun >= 0) words.push(text.slice(begun));
  return words.finish();
}

function* wordSteps(text: string, meter: Meter): Generator<undefined, List> {
  const words = new ListBuilder();
  let begun = -1;
  for (let at = 0; at < text.length; ) {
    const end = endOfPart(text, at);
    const before = words.count;
    begun = addWords(words, text, at, end, begun);
    meter.left -= 2 * (words.count - before) + textUnits(end - at);
    if (meter.left <= 0) yield;
    at = end;
  }
  return endWords(words, text, begun);
}

/** The parts of a text without the ends of lines: `\n` that separated them is gone already. */
class Lines implements Parts {
  private readonly builder = new ListBuilder();
  /** the newest, which is no line if nothing follows and it is empty */
  private newest: string | undefined;

  push(part: string): void {
    if (this.newest !== undefined) this.builder.push(this.newest);
    this.newest = part.endsWith("\r") ? part.slice(0, -1) : part;
    this.isEmpty = part === "";
  }

  private isEmpty = true;

  finish(): List {
    if (!this.isEmpty) this.builder.push(this.newest as string);
    return this.builder.finish();
  }
}

/** Cuts a text at every `separator`, which is not empty. */
function cut(
  context: NativeContext,
  text: string,
  separator: string,
  parts: Parts & { finish(): List },
): List | typeof PAUSED {
  if (!isShortSearch(text, separator))
    return context.begin(new GeneratedStep(cutSteps(context, text, separator, parts)));
  const count = splitInto(parts, text, separator);
  chargeElements(context, 2 * count + textUnits(text.length));
  return parts.finish();
}

function* cutSteps(
  meter: Meter,
  text: string,
  separator: string,
  parts: Parts & { finish(): List },
): Generator<undefined, List> {
  yield* splitSteps(parts, text, separator, meter);
  return parts.finish();
}

function pad(text: string, width: number, filler: string, atStart: boolean): string {
  const missing = width - textLength(text);
  if (missing <= 0 || filler === "") return text;
  const fillerLength = textLength(filler);
  if (missing * filler.length + text.length > LONGEST_TEXT) tooLong();
  const fill = filler.repeat(Math.floor(missing / fillerLength)) + substring(filler, 0, missing % fillerLength);
  return atStart ? fill + text : text + fill;
}

function join(context: NativeContext, given: Value, separator: string, name: string): string | typeof PAUSED {
  const list = listArgument(given, name);
  const text = joinFew(context, list, separator);
  return text ?? context.begin(new GeneratedStep(joinMany(context, list, separator)));
}

/** undefined: there are many, or one that takes steps to show */
function joinFew(context: NativeContext, list: List, separator: string): string | undefined {
  const parts: string[] = [];
  let units = 0;
  for (let cell = list; cell instanceof Cons; cell = cell.tail) {
    const part = simpleText(cell.head);
    if (part === undefined || parts.length === FEW) return undefined;
    units += part.length + separator.length;
    parts.push(part);
  }
  if (units > PART) return undefined;
  chargeElements(context, 2 * parts.length + textUnits(units));
  return parts.join(separator);
}

function* joinMany(context: NativeContext, list: List, separator: string): Generator<undefined, string> {
  const parts: string[] = [];
  let units = 0;
  for (let cell = list; cell instanceof Cons; cell = cell.tail) {
    const { head } = cell;
    const part: string = typeof head === "string" ? head : yield* settle(displayWithin(head, context), context);
    units += part.length + separator.length;
    if (units > LONGEST_TEXT) tooLong();
    parts.push(part);
    if (--context.left <= 0) yield;
  }
  return yield* joinSteps(parts, separator, context);
}

function* replaceEvery(text: string, from: string, to: string, meter: Meter): Generator<undefined, string> {
  let parts: string[] = [];
  if (from === "") {
    parts = codePoints(text);
    parts.unshift("");
    parts.push("");
  } else yield* splitSteps(parts, text, from, meter);
  return yield* joinSteps(parts, to, meter);
}

function reversed(text: string): string {
  return codePoints(text).reverse().join("");
}

function* reverseSteps(text: string, meter: Meter): Generator<undefined, string> {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = endOfPart(text, at);
    parts.push(reversed(text.slice(at, end)));
    meter.left -= end - at;
    if (meter.left <= 0) yield;
    at = end;
  }
  return parts.reverse().join("");
}

/** The steps give the text or say what is wrong with it. */
function* outcome(steps: Generator<undefined, string>): Generator<undefined, Value> {
  try {
    return makePair("ok", yield* steps);
  } catch (problem) {
    if (problem instanceof BadText) return makePair("error", problem.reason);
    throw problem;
  }
}

class BadText {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** UTF-8 that comes in pieces. */
class Utf8 {
  private readonly decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  private readonly parts: string[] = [];

  put(bytes: Uint8Array, stream = true): void {
    try {
      this.parts.push(this.decoder.decode(bytes, { stream }));
    } catch {
      throw new BadText("invalid UTF-8");
    }
  }

  finish(): string {
    this.put(new Uint8Array(0), false);
    return this.parts.join("");
  }
}

/** Three bytes make four characters of base64. */
const BYTES_AT_ONCE = 3 * 2 ** 13;
const CHARACTERS_AT_ONCE = 4 * 2 ** 13;

function* decodeBase64(text: string, meter: Meter): Generator<undefined, string> {
  const compact = text.trim();
  if (compact.length % 4 !== 0) throw new BadText("invalid base64");
  const decoded = new Utf8();
  for (let at = 0; at < compact.length; at += CHARACTERS_AT_ONCE) {
    const part = compact.slice(at, at + CHARACTERS_AT_ONCE);
    const isLast = at + part.length === compact.length;
    if (!(isLast ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/).test(part)) throw new BadText("invalid base64");
    decoded.put(Buffer.from(part, "base64"));
    meter.left -= textUnits(part.length);
    if (meter.left <= 0) yield;
  }
  return decoded.finish();
}

function encodeUrl(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function* decodeUrl(text: string, meter: Meter): Generator<undefined, string> {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = endOfPart(text, at);
    // never inside an escape, nor between two, which may be one character
    while (end < text.length && (text.slice(end - 2, end + 1).includes("%") || isLow(text, end))) end++;
    try {
      parts.push(wellFormed(decodeURIComponent(text.slice(at, end))));
    } catch {
      throw new BadText("invalid percent escape");
    }
    meter.left -= textUnits((end - at) * 10);
    if (meter.left <= 0) yield;
    at = end;
  }
  return parts.join("");
}

function* decodeBytes(list: List, meter: Meter): Generator<undefined, string> {
  const decoded = new Utf8();
  let bytes: number[] = [];
  for (let cell = list; cell instanceof Cons; cell = cell.tail) {
    const byte = positionArgument(cell.head, "Encoding.fromBytes");
    if (byte < 0 || byte > 255) throw new BadText(`${byte} is no byte`);
    bytes.push(byte);
    if (bytes.length === PART || !(cell.tail instanceof Cons)) {
      decoded.put(Uint8Array.from(bytes));
      bytes = [];
    }
    if (--meter.left <= 0) yield;
  }
  return decoded.finish();
}

function bufferArgument(value: Value, name: string): TextBuffer {
  return value instanceof TextBuffer ? value : wrongArgument(name, "Buffer", value);
}

export const textNatives: readonly Native[] = [
  answering("Int", "String.length", 1, (_, text) => textLength(textArgument(text, "String.length"))),
  answering("Bool", "String.isEmpty", 1, (_, text) => textArgument(text, "String.isEmpty") === ""),
  answering("List", "String.chars", 1, (context, text) =>
    listPoints(context, textArgument(text, "String.chars"), charAt),
  ),
  answering("String", "String.fromChars", 1, (context, given) => {
    const list = listArgument(given, "String.fromChars");
    const parts: string[] = [];
    let cell = list;
    for (; cell instanceof Cons && parts.length < FEW; cell = cell.tail) parts.push(charText(cell.head));
    if (cell instanceof Cons) return context.begin(new GeneratedStep(charSteps(list, context)));
    chargeElements(context, 2 * parts.length);
    return parts.join("");
  }),
  ofText("Value", "String.toInt", (text) => optional(parseInt64(text.trim()))),
  ofText("Value", "String.toFloat", (text) => optionalFloat(parseFloat64(text.trim()))),
  ofText("Value", "String.toBigInt", (text) => optional(parseBig(text.trim()))),
  ofText("String", "String.trim", (text) => text.trim()),
  ofText("String", "String.trimStart", (text) => text.trimStart()),
  ofText("String", "String.trimEnd", (text) => text.trimEnd()),
  byParts("String.toUpper", 4, (part) => part.toUpperCase()),
  answering("String", "String.toLower", 1, (context, a) => {
    const text = textArgument(a, "String.toLower");
    // a sigma's form hangs on what follows it, so such a text stays whole
    if (text.length > PART && !text.includes("\u03a3"))
      return context.begin(new GeneratedStep(partSteps(text, 4, (part) => part.toLowerCase(), context)));
    chargeText(context, text.length * 4);
    return text.toLowerCase();
  }),
  answering("String", "String.reverse", 1, (context, a) => {
    const text = textArgument(a, "String.reverse");
    if (text.length > FEW) return context.begin(new GeneratedStep(reverseSteps(text, context)));
    chargeElements(context, text.length);
    return reversed(text);
  }),
  answering("List", "String.lines", 1, (context, text) =>
    cut(context, textArgument(text, "String.lines"), "\n", new Lines()),
  ),
  answering("List", "String.words", 1, (context, a) => {
    const text = textArgument(a, "String.words");
    if (text.length > FEW) return context.begin(new GeneratedStep(wordSteps(text, context)));
    const words = new ListBuilder();
    const begun = addWords(words, text, 0, text.length, -1);
    chargeElements(context, 2 * words.count + textUnits(text.length));
    return endWords(words, text, begun);
  }),
  search("Bool", "String.contains", findAtOnce, find, (_, unit) => unit >= 0),
  ofTexts("String.startsWith", (text, part) => text.startsWith(part)),
  ofTexts("String.endsWith", (text, part) => text.endsWith(part)),
  search("Int", "String.indexOf", findAtOnce, find, positionOrNone),
  search("Int", "String.lastIndexOf", (text, part) => text.lastIndexOf(part), findLastSteps, positionOrNone),
  answering("String", "String.replace", 3, (context, a, b, c) => {
    const text = textArgument(a, "String.replace");
    const from = textArgument(b, "String.replace");
    const to = textArgument(c, "String.replace");
    const replaced = (unit: number): string =>
      unit < 0 ? text : joinTexts(joinTexts(text.slice(0, unit), to), text.slice(unit + from.length));
    if (!isShortSearch(text, from))
      return context.begin(new Mapped(new GeneratedStep(findSteps(text, from, 0, context)), replaced));
    chargeText(context, text.length);
    return replaced(text.indexOf(from));
  }),
  answering("String", "String.replaceAll", 3, (context, a, b, c) => {
    const text = textArgument(a, "String.replaceAll");
    const from = textArgument(b, "String.replaceAll");
    const to = textArgument(c, "String.replaceAll");
    if (from === "" || text.length > PART || to.length > FEW || !isShortSearch(text, from))
      return context.begin(new GeneratedStep(replaceEvery(text, from, to, context)));
    const parts = text.split(from);
    const replaced = parts.join(to);
    chargeElements(context, 2 * parts.length + textUnits(text.length + replaced.length));
    return replaced;
  }),
  answering("String", "String.substring", 3, (context, a, start, end) => {
    const text = textArgument(a, "String.substring");
    const part = substring(
      text,
      positionArgument(start, "String.substring"),
      positionArgument(end, "String.substring"),
    );
    chargeText(context, part.length);
    return part;
  }),
  answering("String", "String.take", 2, (_, a, count) =>
    substring(textArgument(a, "String.take"), 0, positionArgument(count, "String.take")),
  ),
  answering("String", "String.drop", 2, (_, a, count) => {
    const text = textArgument(a, "String.drop");
    return text.slice(unitOffset(text, Math.max(0, positionArgument(count, "String.drop"))));
  }),
  answering("String", "String.repeat", 2, (context, a, b) => {
    const text = textArgument(a, "String.repeat");
    const count = Math.max(0, positionArgument(b, "String.repeat"));
    if (text === "" || count === 0) return "";
    if (text.length * count > LONGEST_TEXT) tooLong();
    chargeText(context, text.length * count);
    return text.repeat(count);
  }),
  answering("String", "String.padStart", 3, (context, a, width, filler) => {
    const padded = pad(
      textArgument(a, "String.padStart"),
      positionArgument(width, "String.padStart"),
      textArgument(filler, "String.padStart"),
      true,
    );
    chargeText(context, padded.length);
    return padded;
  }),
  answering("String", "String.padEnd", 3, (context, a, width, filler) => {
    const padded = pad(
      textArgument(a, "String.padEnd"),
      positionArgument(width, "String.padEnd"),
      textArgument(filler, "String.padEnd"),
      false,
    );
    chargeText(context, padded.length);
    return padded;
  }),
  answering("List", "String.split", 2, (context, a, b) => {
    const text = textArgument(a, "String.split");
    const separator = textArgument(b, "String.split");
    return separator === "" ? listPoints(context, text, pointAt) : cut(context, text, separator, new ListBuilder());
  }),
  answering("String", "String.join", 2, (context, list, separator) =>
    join(context, list, textArgument(separator, "String.join"), "String.join"),
  ),
  answering("String", "String.concat", 1, (context, list) => join(context, list, "", "String.concat")),
  answering("String", "String.get", 2, (_, a, index) => {
    const position = positionArgument(index, "String.get");
    return codePointAt(textArgument(a, "String.get"), position) ?? panic(`Index ${position} out of bounds`);
  }),

  stepped("Base64.encode", 1, function* (context, text) {
    const bytes = Buffer.from(textArgument(text, "Base64.encode"), "utf8");
    const parts: string[] = [];
    for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
      parts.push(bytes.toString("base64", at, at + BYTES_AT_ONCE));
      context.left -= textUnits(Math.min(BYTES_AT_ONCE, bytes.length - at));
      if (context.left <= 0) yield;
    }
    return parts.join("");
  }),
  stepped("Base64.decode", 1, (context, text) => outcome(decodeBase64(textArgument(text, "Base64.decode"), context))),
  byParts("Url.encode", 10, encodeUrl),
  stepped("Url.decode", 1, (context, text) => outcome(decodeUrl(textArgument(text, "Url.decode"), context))),
  stepped("Encoding.toBytes", 1, function* (context, text) {
    return yield* listSteps(Buffer.from(textArgument(text, "Encoding.toBytes"), "utf8"), context);
  }),
  stepped("Encoding.fromBytes", 1, (context, list) =>
    outcome(decodeBytes(listArgument(list, "Encoding.fromBytes"), context)),
  ),

  native("Buffer.new", 0, () => new TextBuffer("")),
  native("Buffer.append", 2, (_, buffer, text) => {
    const target = bufferArgument(buffer, "Buffer.append");
    target.text = joinTexts(target.text, textArgument(text, "Buffer.append"));
    return UNIT;
  }),
  answering("String", "Buffer.toString", 1, (_, buffer) => bufferArgument(buffer, "Buffer.toString").text),
  answering("Int", "Buffer.length", 1, (_, buffer) => textLength(bufferArgument(buffer, "Buffer.length").text)),
];
