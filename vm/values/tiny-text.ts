/**
 * TinyTotVM's two texts of a value: what PRINT writes, and the *debug form* that its errors and DUMP_SCOPE show.
 *
 * Both differ from the language's (show.ts): a whole Float prints without point, nothing is quoted inside a list, and the
 * debug form names the kind as Rust does.
 * Stays true: no depth is too much, and no text grows past MAX_TEXT (a debug form past MOST_DEBUG is cut off).
 */
import { floatText } from "../bytecode/float-text.ts";
import { isInt } from "./kind.ts";
import { toArray } from "./list.ts";
import { display, MAX_TEXT } from "./show.ts";
import { tooLong } from "./text.ts";
import { Bytes, Cons, Float, Handle, Nil, Null, TinyClosure, TinyException, TinyObject, type Value } from "./value.ts";

/** characters of a debug form; an error is read by people */
const MOST_DEBUG = 10_000;
const MOST_DEBUG_BYTES = 100;

/** A piece of text on the stack of what is still to be written. */
class Piece {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The Float's number; undefined for other kinds. */
export function asFloat(value: Value): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? undefined : value;
  return value instanceof Float ? value.value : undefined;
}

/** What PRINT writes. */
export function tinyDisplay(first: Value): string {
  if (typeof first === "string") return first;
  const todo: (Value | Piece)[] = [first];
  let out = "";
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (out.length > MAX_TEXT) tooLong();
    if (next instanceof Piece) out += next.text;
    else if (typeof next === "string") out += next;
    else if (next instanceof Cons || next instanceof Nil) {
      out += "[";
      pushList(todo, toArray(next), "]");
    } else if (next instanceof TinyObject) {
      out += "{";
      pushFields(todo, next.fields, (name) => `${name}: `, "}");
    } else if (next instanceof TinyClosure) out += shownFunction(next);
    else {
      const float = asFloat(next);
      out += float === undefined ? display(next) : floatText(float).replace(/\.0$/, "");
    }
  }
  return out;
}

/** `Int(5)`, `Str("a")`, `List([Bool(true), Null])`, `Object({"k": Float(1.0)})` */
export function tinyDebug(first: Value): string {
  const todo: (Value | Piece)[] = [first];
  let out = "";
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (out.length > MOST_DEBUG) return `${out.slice(0, MOST_DEBUG)}…`;
    if (next instanceof Piece) out += next.text;
    else if (next instanceof Cons || next instanceof Nil) {
      out += "List([";
      pushList(todo, toArray(next), "])");
    } else if (next instanceof TinyObject) {
      out += "Object({";
      pushFields(todo, next.fields, (name) => `${quoted(name)}: `, "})");
    } else if (next instanceof TinyClosure) {
      out += `${next.captured === null ? "Function" : "Closure"} { addr: ${next.address}, params: [${next.params.map(quoted).join(", ")}]`;
      if (next.captured === null) out += " }";
      else {
        out += ", captured: {";
        pushFields(todo, next.captured, (name) => `${quoted(name)}: `, "} }");
      }
    } else out += debugLeaf(next);
  }
  return out;
}

/** The form of a whole scope, as DUMP_SCOPE shows it. */
export function debugScope(scope: ReadonlyMap<string, Value>): string {
  return `Some({${Array.from(scope, ([name, value]) => `${quoted(name)}: ${tinyDebug(value)}`).join(", ")}})`;
}

/** `function@11 (a, b)`, `closure@11 () [captured: 1]` */
function shownFunction({ address, params, captured }: TinyClosure): string {
  const called = `${address} (${params.join(", ")})`;
  return captured === null ? `function@${called}` : `closure@${called} [captured: ${captured.size}]`;
}

function pushList(todo: (Value | Piece)[], items: readonly Value[], end: string): void {
  todo.push(new Piece(end));
  for (let i = items.length - 1; i >= 0; i--) {
    todo.push(items[i]!);
    if (i > 0) todo.push(new Piece(", "));
  }
}

function pushFields(
  todo: (Value | Piece)[],
  fields: ReadonlyMap<string, Value>,
  key: (name: string) => string,
  end: string,
): void {
  todo.push(new Piece(end));
  const entries = Array.from(fields);
  for (let i = entries.length - 1; i >= 0; i--) {
    const [name, value] = entries[i]!;
    todo.push(value, new Piece(i > 0 ? `, ${key(name)}` : key(name)));
  }
}

function debugLeaf(value: Value): string {
  if (typeof value === "string") return `Str(${quoted(value.slice(0, MOST_DEBUG))})`;
  if (typeof value === "boolean") return `Bool(${value})`;
  if (isInt(value)) return `Int(${value})`;
  if (value instanceof Null) return "Null";
  if (value instanceof TinyException) {
    const trace = value.trace.map(quoted).join(", ");
    return `Exception { message: ${quoted(value.message.slice(0, MOST_DEBUG))}, stack_trace: [${trace}] }`;
  }
  if (value instanceof Bytes) {
    const shown = value.bytes.subarray(0, MOST_DEBUG_BYTES).join(", ");
    return `Bytes([${shown}${value.bytes.length > MOST_DEBUG_BYTES ? ", …" : ""}])`;
  }
  if (value instanceof Handle) return `${value.kind}(${quoted(value.id.slice(0, MOST_DEBUG))})`;
  const float = asFloat(value);
  return float === undefined ? display(value) : `Float(${debugFloat(float)})`;
}

/** Rust writes an exponent below 1e-5 and from 1e16 on. */
function debugFloat(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0 || (size >= 1e-5 && size < 1e16)) return floatText(value);
  return value.toExponential().replace("+", "");
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };

function quoted(text: string): string {
  const escaped = text.replace(/["\\]|[\x00-\x1f\x7f]/g, (c) =>
    c === '"' || c === "\\" ? `\\${c}` : (ESCAPES[c] ?? `\\u{${c.charCodeAt(0).toString(16)}}`),
  );
  return `"${escaped}"`;
}
