/**
 * JSON as values of TinyTotVM and back: objects are Objects, arrays Lists, a number without point and exponent an Int (a
 * Float when it has no room in 64 bits), any other number a Float.
 *
 * The assembler knows no escapes, so TinyTotVM's own programs write `"{\"name\":1}"` and mean the quotes. That is read so: a
 * backslash in front of the first quote is in no JSON, so nothing else changes its meaning.
 * Stays true: no recursion, so no depth is too much; what is written is read as the same value again.
 */
import { parseInt64 } from "../../bytecode/arithmetic.ts";
import { floatText } from "../../bytecode/float-text.ts";
import { mismatch, TinyError } from "../../interp/tiny/errors.ts";
import { isInt, makeFloat } from "../../values/kind.ts";
import { listOf, toArray } from "../../values/list.ts";
import { wellFormed } from "../../values/text.ts";
import { asFloat } from "../../values/tiny-text.ts";
import { Cons, Nil, NULL, Null, TinyObject, type Value } from "../../values/value.ts";

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;

/** An array or object that is not closed yet. */
type Open = { readonly items: Value[] } | { readonly fields: Map<string, Value> /** of the next value */; key: string };

const ESCAPED_QUOTES = /^[^"]*\\"/;

/** @throws TinyError where it is no JSON */
export function parseJson(given: string): Value {
  const text = ESCAPED_QUOTES.test(given) ? given.replaceAll('\\"', '"') : given;
  let at = 0;
  const fail = (): never => {
    const found = at < text.length ? JSON.stringify(String.fromCodePoint(text.codePointAt(at)!)) : "the end";
    throw new TinyError(`JSON_PARSE failed: unexpected ${found} at character ${at + 1}`);
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const skip = (character: string): boolean => {
    match(SPACE);
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  /** Behind `{` or `,`: the name of a field and its colon. */
  const key = (): string => {
    match(SPACE);
    const name = match(STRING)?.[0] ?? fail();
    if (!skip(":")) fail();
    return JSON.parse(name) as string;
  };
  const open: Open[] = [];
  for (;;) {
    // a value begins here
    let value: Value;
    if (skip("[")) {
      if (!skip("]")) {
        open.push({ items: [] });
        continue;
      }
      value = listOf([]);
    } else if (skip("{")) {
      if (!skip("}")) {
        open.push({ fields: new Map(), key: key() });
        continue;
      }
      value = new TinyObject(new Map());
    } else value = scalar(match) ?? fail();
    // it has ended, and perhaps what is around it
    for (;;) {
      const around = open[open.length - 1];
      if (around === undefined) {
        match(SPACE);
        return at === text.length ? value : fail();
      }
      if ("items" in around) {
        around.items.push(value);
        if (skip(",")) break;
        if (!skip("]")) fail();
        value = listOf(around.items);
      } else {
        around.fields.set(around.key, value);
        if (skip(",")) {
          around.key = key();
          break;
        }
        if (!skip("}")) fail();
        value = new TinyObject(around.fields);
      }
      open.pop();
    }
  }
}

function scalar(match: (pattern: RegExp) => RegExpExecArray | null): Value | undefined {
  const word = match(WORD)?.[0];
  if (word !== undefined) return word === "null" ? NULL : word === "true";
  const string = match(STRING)?.[0];
  if (string !== undefined) return wellFormed(JSON.parse(string) as string);
  const number = match(NUMBER);
  if (number === null) return undefined;
  const [whole, fraction, exponent] = number;
  const int = fraction === undefined && exponent === undefined && whole !== "-0" ? parseInt64(whole) : undefined;
  return int ?? makeFloat(Number(whole));
}

/** A piece of text on the stack of what is still to be written. */
class Piece {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** @throws TinyError for what JSON has no form of */
export function writeJson(first: Value): string {
  const todo: (Value | Piece)[] = [first];
  let out = "";
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next instanceof Piece) out += next.text;
    else if (next instanceof Cons || next instanceof Nil) {
      out += "[";
      const items = toArray(next);
      todo.push(new Piece("]"));
      for (let i = items.length - 1; i >= 0; i--) {
        todo.push(items[i]!);
        if (i > 0) todo.push(new Piece(","));
      }
    } else if (next instanceof TinyObject) {
      out += "{";
      const entries = Array.from(next.fields);
      todo.push(new Piece("}"));
      for (let i = entries.length - 1; i >= 0; i--) {
        const [name, value] = entries[i]!;
        todo.push(value, new Piece(`${i > 0 ? "," : ""}${JSON.stringify(name)}:`));
      }
    } else out += scalarText(next);
  }
  return out;
}

function scalarText(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean" || isInt(value)) return String(value);
  if (value instanceof Null) return "null";
  const float = asFloat(value);
  if (float !== undefined && Number.isFinite(float)) return floatText(float);
  throw mismatch("JSON_STRINGIFY", "what JSON can hold", value);
}
