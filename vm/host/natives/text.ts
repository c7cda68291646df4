/**
 * Host functions on strings, text encodings and buffers. Positions are in code points.
 *
 * Stays true: what comes from outside (bytes, percent escapes) is made well formed here (T1 of values/text.ts).
 */
import { parseInt64 } from "../../bytecode/arithmetic.ts";
import { parseFloat64 } from "../../bytecode/float-text.ts";
import { ListBuilder, listOf } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { display } from "../../values/show.ts";
import {
  codePointAt,
  codePoints,
  joinTexts,
  LONGEST_TEXT,
  positionOfUnit,
  substring,
  textLength,
  tooLong,
  unitOffset,
  wellFormed,
} from "../../values/text.ts";
import { Char, Cons, Buffer as TextBuffer, Tuple, UNIT, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import {
  chargeElements,
  chargeText,
  listArgument,
  native,
  optional,
  optionalFloat,
  positionArgument,
  textArgument,
  wrongArgument,
} from "./arguments.ts";
import { parseBig } from "./numbers.ts";

/** A function of one text. */
function ofText(name: string, run: (text: string) => Value): Native {
  return native(name, 1, (context, a) => {
    const text = textArgument(a, name);
    chargeText(context, text.length);
    return run(text);
  });
}

/** A function of two texts. */
function ofTexts(name: string, run: (text: string, other: string) => Value): Native {
  return native(name, 2, (context, a, b) => {
    const text = textArgument(a, name);
    chargeText(context, text.length);
    return run(text, textArgument(b, name));
  });
}

function listOfTexts(context: NativeContext, texts: readonly string[]): Value {
  chargeElements(context, texts.length);
  return listOf(texts);
}

/** What stands between the separators. Several times as fast as JavaScript's own `split` for lines and words. */
function splitAt(context: NativeContext, text: string, separator: string): Value {
  const parts = new ListBuilder();
  let from = 0;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
    parts.push(text.slice(from, at));
    from = at + separator.length;
  }
  parts.push(text.slice(from));
  chargeElements(context, parts.count);
  return parts.finish();
}

/** JavaScript's own blanks plus what Unicode adds: the same set that `trim` takes off. */
const BLANKS = /[\s\u0085]+/u;

function lines(text: string): string[] {
  const parts = text.split("\n");
  if (parts[parts.length - 1] === "") parts.pop();
  return parts.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

function pad(text: string, width: number, filler: string, atStart: boolean): string {
  const missing = width - textLength(text);
  if (missing <= 0 || filler === "") return text;
  const fillerLength = textLength(filler);
  if (missing * filler.length + text.length > LONGEST_TEXT) tooLong();
  const fill = filler.repeat(Math.floor(missing / fillerLength)) + substring(filler, 0, missing % fillerLength);
  return atStart ? fill + text : text + fill;
}

function join(context: NativeContext, list: Value, separator: string, name: string): string {
  const parts: string[] = [];
  let units = 0;
  for (let cell = listArgument(list, name); cell instanceof Cons; cell = cell.tail) {
    const part = display(cell.head);
    units += part.length + separator.length;
    if (units > LONGEST_TEXT) tooLong();
    parts.push(part);
  }
  chargeElements(context, parts.length);
  chargeText(context, units);
  return parts.join(separator);
}

function replaceEvery(text: string, from: string, to: string): string {
  if (from === "") return [to, ...codePoints(text).map((point) => point + to)].join("");
  const parts = text.split(from);
  if (text.length + (parts.length - 1) * to.length > LONGEST_TEXT) tooLong();
  return parts.join(to);
}

/** `run` gives the text or says what is wrong with it. */
function outcome(run: () => string): Tuple {
  try {
    return new Tuple(["ok", run()]);
  } catch (problem) {
    if (problem instanceof BadText) return new Tuple(["error", problem.reason]);
    throw problem;
  }
}

class BadText {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadText("invalid UTF-8");
  }
}

function decodeBase64(text: string): string {
  const compact = text.trim();
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) throw new BadText("invalid base64");
  return decodeUtf8(Buffer.from(compact, "base64"));
}

function encodeUrl(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decodeUrl(text: string): string {
  try {
    return wellFormed(decodeURIComponent(text));
  } catch {
    throw new BadText("invalid percent escape");
  }
}

function bytesOf(list: Value): Uint8Array {
  const bytes: number[] = [];
  for (let cell = listArgument(list, "Encoding.fromBytes"); cell instanceof Cons; cell = cell.tail) {
    const byte = positionArgument(cell.head, "Encoding.fromBytes");
    if (byte < 0 || byte > 255) throw new BadText(`${byte} is no byte`);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function bufferArgument(value: Value, name: string): TextBuffer {
  return value instanceof TextBuffer ? value : wrongArgument(name, "Buffer", value);
}

export const textNatives: readonly Native[] = [
  native("String.length", 1, (_, text) => textLength(textArgument(text, "String.length"))),
  native("String.isEmpty", 1, (_, text) => textArgument(text, "String.isEmpty") === ""),
  native("String.chars", 1, (context, text) => {
    const points = codePoints(textArgument(text, "String.chars"));
    chargeElements(context, points.length);
    return listOf(points.map((point) => new Char(point)));
  }),
  native("String.fromChars", 1, (context, list) => {
    const parts: string[] = [];
    for (let cell = listArgument(list, "String.fromChars"); cell instanceof Cons; cell = cell.tail) {
      parts.push(cell.head instanceof Char ? cell.head.text : wrongArgument("String.fromChars", "Char", cell.head));
    }
    chargeElements(context, parts.length);
    return parts.join("");
  }),
  ofText("String.toInt", (text) => optional(parseInt64(text.trim()))),
  ofText("String.toFloat", (text) => optionalFloat(parseFloat64(text.trim()))),
  ofText("String.toBigInt", (text) => optional(parseBig(text.trim()))),
  ofText("String.trim", (text) => text.trim()),
  ofText("String.trimStart", (text) => text.trimStart()),
  ofText("String.trimEnd", (text) => text.trimEnd()),
  ofText("String.toUpper", (text) => text.toUpperCase()),
  ofText("String.toLower", (text) => text.toLowerCase()),
  ofText("String.reverse", (text) => codePoints(text).reverse().join("")),
  native("String.lines", 1, (context, text) => listOfTexts(context, lines(textArgument(text, "String.lines")))),
  native("String.words", 1, (context, text) => {
    return listOfTexts(
      context,
      textArgument(text, "String.words")
        .split(BLANKS)
        .filter((word) => word !== ""),
    );
  }),
  ofTexts("String.contains", (text, part) => text.includes(part)),
  ofTexts("String.startsWith", (text, part) => text.startsWith(part)),
  ofTexts("String.endsWith", (text, part) => text.endsWith(part)),
  ofTexts("String.indexOf", (text, part) => {
    const unit = text.indexOf(part);
    return unit < 0 ? -1 : positionOfUnit(text, unit);
  }),
  ofTexts("String.lastIndexOf", (text, part) => {
    const unit = text.lastIndexOf(part);
    return unit < 0 ? -1 : positionOfUnit(text, unit);
  }),
  native("String.replace", 3, (context, a, b, c) => {
    const text = textArgument(a, "String.replace");
    const from = textArgument(b, "String.replace");
    const to = textArgument(c, "String.replace");
    chargeText(context, text.length);
    const unit = text.indexOf(from);
    return unit < 0 ? text : joinTexts(joinTexts(text.slice(0, unit), to), text.slice(unit + from.length));
  }),
  native("String.replaceAll", 3, (context, a, b, c) => {
    const text = textArgument(a, "String.replaceAll");
    const replaced = replaceEvery(text, textArgument(b, "String.replaceAll"), textArgument(c, "String.replaceAll"));
    chargeText(context, 2 * (text.length + replaced.length));
    return replaced;
  }),
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
  native("String.split", 2, (context, a, b) => {
    const text = textArgument(a, "String.split");
    const separator = textArgument(b, "String.split");
    chargeText(context, text.length);
    return separator === "" ? listOfTexts(context, codePoints(text)) : splitAt(context, text, separator);
  }),
  native("String.join", 2, (context, list, separator) =>
    join(context, list, textArgument(separator, "String.join"), "String.join"),
  ),
  native("String.concat", 1, (context, list) => join(context, list, "", "String.concat")),
  native("String.get", 2, (_, a, index) => {
    const position = positionArgument(index, "String.get");
    return codePointAt(textArgument(a, "String.get"), position) ?? panic(`Index ${position} out of bounds`);
  }),

  ofText("Base64.encode", (text) => Buffer.from(text, "utf8").toString("base64")),
  ofText("Base64.decode", (text) => outcome(() => decodeBase64(text))),
  ofText("Url.encode", encodeUrl),
  ofText("Url.decode", (text) => outcome(() => decodeUrl(text))),
  native("Encoding.toBytes", 1, (context, text) => {
    const bytes = Buffer.from(textArgument(text, "Encoding.toBytes"), "utf8");
    chargeElements(context, bytes.length);
    return listOf(bytes);
  }),
  native("Encoding.fromBytes", 1, (context, list) => {
    return outcome(() => {
      const bytes = bytesOf(list);
      chargeElements(context, bytes.length);
      return decodeUtf8(bytes);
    });
  }),

  native("Buffer.new", 0, () => new TextBuffer("")),
  native("Buffer.append", 2, (_, buffer, text) => {
    const target = bufferArgument(buffer, "Buffer.append");
    target.text = joinTexts(target.text, textArgument(text, "Buffer.append"));
    return UNIT;
  }),
  native("Buffer.toString", 1, (_, buffer) => bufferArgument(buffer, "Buffer.toString").text),
  native("Buffer.length", 1, (_, buffer) => textLength(bufferArgument(buffer, "Buffer.length").text)),
];
