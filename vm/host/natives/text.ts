/**
 * Host functions on strings, text encodings and buffers. Positions are in code points.
 *
 * Stays true: what comes from outside (bytes, percent escapes) is made well formed here (T1 of values/text.ts).
 */

import { parseInt64 } from "../../bytecode/arithmetic.ts";
import { parseFloat64 } from "../../bytecode/float-text.ts";
import { makePair } from "../../values/data.ts";
import { arraySteps, listSteps } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { findLastSteps, findSteps, splitSteps } from "../../values/search.ts";
import { displayWithin } from "../../values/show.ts";
import { GeneratedStep, Mapped, type Meter, textUnits } from "../../values/step.ts";
import {
  codePointAt, codePoints, joinSteps, joinTexts, LONGEST_TEXT, positionOfUnit, substring, textLength, tooLong, unitOffset, wellFormed,
} from "../../values/text.ts"; // biome-ignore format: a table
import { Char, Cons, type List, NIL, Buffer as TextBuffer, UNIT, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import {
  chargeText, listArgument, native, optional, optionalFloat, positionArgument, settle, stepped, textArgument, wrongArgument,
} from "./arguments.ts"; // biome-ignore format: a table
import { parseBig } from "./numbers.ts";

/** A function of one text, for which V8's own loop is quick enough: 10 MB take a few milliseconds. */
function ofText(name: string, run: (text: string) => Value): Native {
  return native(name, 1, (context, a) => {
    const text = textArgument(a, name);
    chargeText(context, text.length);
    return run(text);
  });
}

/** A function of two texts, likewise. */
function ofTexts(name: string, run: (text: string, other: string) => Value): Native {
  return native(name, 2, (context, a, b) => {
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
  return native(name, 1, (context, a) => {
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

/** The code points of a text, from the last to the first, each made into a value, as a list. */
function* pointSteps(text: string, valueOf: (point: string) => Value, meter: Meter): Generator<undefined, List> {
  let list: List = NIL;
  for (let end = text.length; end > 0; ) {
    const start = end - (isLow(text, end - 1) ? 2 : 1);
    list = new Cons(valueOf(text.slice(start, end)), list);
    end = start;
    if (--meter.left <= 0) yield;
  }
  return list;
}

/** Where one text stands in another, in units, and what is said of that. */
function search(
  name: string,
  steps: (text: string, part: string, meter: Meter) => Generator<undefined, number>,
  answerOf: (text: string, unit: number) => Value,
): Native {
  return native(name, 2, (context, a, b) => {
    const text = textArgument(a, name);
    const found = new GeneratedStep(steps(text, textArgument(b, name), context));
    return context.begin(new Mapped(found, (unit) => answerOf(text, unit)));
  });
}

function find(text: string, part: string, meter: Meter): Generator<undefined, number> {
  return findSteps(text, part, 0, meter);
}

/** JavaScript's own blanks plus what Unicode adds: the same set that `trim` takes off. */
const BLANKS = /[\s\u0085]+/u;

function* words(text: string, meter: Meter): Generator<undefined, string[]> {
  const found: string[] = [];
  let unfinished = "";
  for (let at = 0; at < text.length; ) {
    const end = endOfPart(text, at);
    const pieces = (unfinished + text.slice(at, end)).split(BLANKS);
    unfinished = end < text.length ? (pieces.pop() as string) : "";
    for (const piece of pieces) if (piece !== "") found.push(piece);
    meter.left -= pieces.length + textUnits(end - at);
    if (meter.left <= 0) yield;
    at = end;
  }
  return found;
}

function pad(text: string, width: number, filler: string, atStart: boolean): string {
  const missing = width - textLength(text);
  if (missing <= 0 || filler === "") return text;
  const fillerLength = textLength(filler);
  if (missing * filler.length + text.length > LONGEST_TEXT) tooLong();
  const fill = filler.repeat(Math.floor(missing / fillerLength)) + substring(filler, 0, missing % fillerLength);
  return atStart ? fill + text : text + fill;
}

function* join(context: NativeContext, list: Value, separator: string, name: string): Generator<undefined, string> {
  const parts: string[] = [];
  let units = 0;
  for (let cell = listArgument(list, name); cell instanceof Cons; cell = cell.tail) {
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
  const parts = from === "" ? codePoints(text) : yield* splitSteps(text, from, meter);
  if (from === "") {
    parts.unshift("");
    parts.push("");
  }
  return yield* joinSteps(parts, to, meter);
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
  native("String.length", 1, (_, text) => textLength(textArgument(text, "String.length"))),
  native("String.isEmpty", 1, (_, text) => textArgument(text, "String.isEmpty") === ""),
  stepped("String.chars", 1, (context, text) =>
    pointSteps(textArgument(text, "String.chars"), (point) => new Char(point), context),
  ),
  stepped("String.fromChars", 1, function* (context, list) {
    const parts: string[] = [];
    for (let cell = listArgument(list, "String.fromChars"); cell instanceof Cons; cell = cell.tail) {
      parts.push(cell.head instanceof Char ? cell.head.text : wrongArgument("String.fromChars", "Char", cell.head));
      if (--context.left <= 0) yield;
    }
    return yield* joinSteps(parts, "", context);
  }),
  ofText("String.toInt", (text) => optional(parseInt64(text.trim()))),
  ofText("String.toFloat", (text) => optionalFloat(parseFloat64(text.trim()))),
  ofText("String.toBigInt", (text) => optional(parseBig(text.trim()))),
  ofText("String.trim", (text) => text.trim()),
  ofText("String.trimStart", (text) => text.trimStart()),
  ofText("String.trimEnd", (text) => text.trimEnd()),
  byParts("String.toUpper", 4, (part) => part.toUpperCase()),
  native("String.toLower", 1, (context, a) => {
    const text = textArgument(a, "String.toLower");
    // a sigma's form hangs on what follows it, so such a text stays whole
    if (text.length > PART && !text.includes("\u03a3"))
      return context.begin(new GeneratedStep(partSteps(text, 4, (part) => part.toLowerCase(), context)));
    chargeText(context, text.length * 4);
    return text.toLowerCase();
  }),
  stepped("String.reverse", 1, function* (context, a) {
    const points = yield* pointSteps(textArgument(a, "String.reverse"), (point) => point, context);
    const reversed: string[] = [];
    for (const point of (yield* arraySteps(points, context)).reverse()) {
      reversed.push(point as string);
      if (--context.left <= 0) yield;
    }
    return yield* joinSteps(reversed, "", context);
  }),
  stepped("String.lines", 1, function* (context, text) {
    const parts = yield* splitSteps(textArgument(text, "String.lines"), "\n", context);
    if (parts[parts.length - 1] === "") parts.pop();
    let list: List = NIL;
    for (let i = parts.length - 1; i >= 0; i--) {
      const line = parts[i] as string;
      list = new Cons(line.endsWith("\r") ? line.slice(0, -1) : line, list);
      if (--context.left <= 0) yield;
    }
    return list;
  }),
  stepped("String.words", 1, function* (context, text) {
    return yield* listSteps(yield* words(textArgument(text, "String.words"), context), context);
  }),
  search("String.contains", find, (_, unit) => unit >= 0),
  ofTexts("String.startsWith", (text, part) => text.startsWith(part)),
  ofTexts("String.endsWith", (text, part) => text.endsWith(part)),
  search("String.indexOf", find, (text, unit) => (unit < 0 ? -1 : positionOfUnit(text, unit))),
  search("String.lastIndexOf", findLastSteps, (text, unit) => (unit < 0 ? -1 : positionOfUnit(text, unit))),
  stepped("String.replace", 3, function* (context, a, b, c) {
    const text = textArgument(a, "String.replace");
    const from = textArgument(b, "String.replace");
    const to = textArgument(c, "String.replace");
    const unit = yield* findSteps(text, from, 0, context);
    return unit < 0 ? text : joinTexts(joinTexts(text.slice(0, unit), to), text.slice(unit + from.length));
  }),
  stepped("String.replaceAll", 3, (context, a, b, c) =>
    replaceEvery(
      textArgument(a, "String.replaceAll"),
      textArgument(b, "String.replaceAll"),
      textArgument(c, "String.replaceAll"),
      context,
    ),
  ),
  native("String.substring", 3, (context, a, start, end) => {
    const text = textArgument(a, "String.substring");
    const part = substring(
      text,
      positionArgument(start, "String.substring"),
      positionArgument(end, "String.substring"),
    );
    chargeText(context, part.length);
    return part;
  }),
  native("String.take", 2, (_, a, count) =>
    substring(textArgument(a, "String.take"), 0, positionArgument(count, "String.take")),
  ),
  native("String.drop", 2, (_, a, count) => {
    const text = textArgument(a, "String.drop");
    return text.slice(unitOffset(text, Math.max(0, positionArgument(count, "String.drop"))));
  }),
  native("String.repeat", 2, (context, a, b) => {
    const text = textArgument(a, "String.repeat");
    const count = Math.max(0, positionArgument(b, "String.repeat"));
    if (text === "" || count === 0) return "";
    if (text.length * count > LONGEST_TEXT) tooLong();
    chargeText(context, text.length * count);
    return text.repeat(count);
  }),
  native("String.padStart", 3, (context, a, width, filler) => {
    const padded = pad(
      textArgument(a, "String.padStart"),
      positionArgument(width, "String.padStart"),
      textArgument(filler, "String.padStart"),
      true,
    );
    chargeText(context, padded.length);
    return padded;
  }),
  native("String.padEnd", 3, (context, a, width, filler) => {
    const padded = pad(
      textArgument(a, "String.padEnd"),
      positionArgument(width, "String.padEnd"),
      textArgument(filler, "String.padEnd"),
      false,
    );
    chargeText(context, padded.length);
    return padded;
  }),
  stepped("String.split", 2, function* (context, a, b) {
    const text = textArgument(a, "String.split");
    const separator = textArgument(b, "String.split");
    if (separator === "") return yield* pointSteps(text, (point) => point, context);
    return yield* listSteps(yield* splitSteps(text, separator, context), context);
  }),
  stepped("String.join", 2, (context, list, separator) =>
    join(context, list, textArgument(separator, "String.join"), "String.join"),
  ),
  stepped("String.concat", 1, (context, list) => join(context, list, "", "String.concat")),
  native("String.get", 2, (_, a, index) => {
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
  native("Buffer.toString", 1, (_, buffer) => bufferArgument(buffer, "Buffer.toString").text),
  native("Buffer.length", 1, (_, buffer) => textLength(bufferArgument(buffer, "Buffer.length").text)),
];
