/**
 * Values as text, in three forms: *display* (println, show: a String or Char on top is raw), *nested* (the same inside a
 * container: quoted) and *result* (what the command line prints for main's value).
 *
 * The trick: what is still to be written stands on an explicit stack, as values, pieces of text and walks through long
 * lists, so no depth and no length is too much.
 *
 * S1  A record of a `var type` that is being shown already appears as `...`.
 * S2  No text grows past MAX_TEXT; what would is an error of the program, not of JavaScript.
 */
import { float32Text, floatText } from "../bytecode/float-text.ts";
import { forEachEntry } from "./champ.ts";
import { fieldsOf } from "./data.ts";
import { decimalText } from "./decimal.ts";
import { compareTexts, tooLong } from "./text.ts";
import {
  BigIntValue,
  Buffer,
  Bytes,
  Cell,
  Char,
  Closure,
  Cons,
  Data,
  Decimal,
  Float,
  Float32,
  Handle,
  IntList,
  MapValue,
  Nil,
  Null,
  Pid,
  Reactive,
  Ref,
  SetValue,
  Sized,
  TinyException,
  TinyObject,
  Tuple,
  TypedArray,
  Unit,
  type Value,
} from "./value.ts";

/** in UTF-16 units; half of what V8 can hold, so that two such texts can still be joined */
export const MAX_TEXT = 2 ** 28;

/** What println writes; the text's length is the work done. */
export function display(value: Value): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return Number.isInteger(value) ? String(value) : floatText(value);
    case "object":
      if (value instanceof Char) return value.text;
  }
  return write(value, false);
}

/** As inside a container. */
export function showNested(value: Value): string {
  return write(value, false);
}

/** What the command line prints for main's value. */
export function showResult(value: Value): string {
  return write(value, true);
}

/** A piece of text on the stack. */
class Piece {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A list of which the cells from here on are still to be written. */
class Walk {
  readonly cell: Cons | Nil;
  constructor(cell: Cons | Nil) {
    this.cell = cell;
  }
}

/** The end of a mutable record (S1). */
class Leave {
  readonly data: Data;
  constructor(data: Data) {
    this.data = data;
  }
}

const COMMA = new Piece(", ");
const COLON = new Piece(": ");
const CLOSE_PAREN = new Piece(")");
const CLOSE_BRACE = new Piece("}");

function write(first: Value, isResult: boolean): string {
  const todo: (Value | Piece | Walk | Leave)[] = [first];
  let open: Set<Data> | undefined;
  let out = "";
  while (todo.length > 0) {
    const next = todo.pop() as Value | Piece | Walk | Leave;
    if (out.length > MAX_TEXT) tooLong();
    if (next instanceof Piece) out += next.text;
    else if (next instanceof Cons) {
      out += "[";
      todo.push(new Walk(next.tail), next.head);
    } else if (next instanceof Walk) {
      let cell = next.cell;
      while (cell instanceof Cons && typeof cell.head !== "object" && out.length <= MAX_TEXT) {
        out += `, ${leaf(cell.head, isResult)}`;
        cell = cell.tail;
      }
      if (cell instanceof Cons) {
        out += ", ";
        todo.push(new Walk(cell.tail), cell.head);
      } else out += "]";
    } else if (next instanceof Data) {
      if (next.type.isMutable) {
        if (open?.has(next)) {
          out += "...";
          continue;
        }
        open ??= new Set();
        open.add(next);
        todo.push(new Leave(next));
      }
      out += openData(next, isResult);
      pushParts(next, todo);
    } else if (next instanceof Leave) open?.delete(next.data);
    else if (next instanceof Tuple) {
      out += "(";
      todo.push(CLOSE_PAREN);
      pushItems(next.items, todo);
    } else if (next instanceof MapValue) {
      out += "%{";
      todo.push(CLOSE_BRACE);
      const parts: (Value | Piece)[] = [];
      forEachEntry(next, (key, value) => {
        if (parts.length > 0) parts.push(COMMA);
        parts.push(key, COLON, value);
        return true;
      });
      for (let i = parts.length - 1; i >= 0; i--) todo.push(parts[i] as Value | Piece);
    } else if (next instanceof SetValue) out += setText(next, isResult);
    else if (next instanceof TinyObject) {
      out += "{";
      todo.push(CLOSE_BRACE);
      const fields = Array.from(next.fields);
      for (let i = fields.length - 1; i >= 0; i--) {
        const [name, value] = fields[i] as [string, Value];
        todo.push(value, new Piece(i > 0 ? `, ${name}: ` : `${name}: `));
      }
    } else out += leaf(next, isResult);
  }
  return out;
}

function openData(data: Data, isResult: boolean): string {
  const { type } = data;
  if (type.sort === "variant") return type.arity === 0 ? type.name : `${type.name}(`;
  if (type.sort === "record" && isResult && type.module !== "") return `${type.module}.${type.type}{`;
  return `${type.name}{`;
}

function pushParts(data: Data, todo: (Value | Piece | Walk | Leave)[]): void {
  const { type } = data;
  const fields = fieldsOf(data);
  if (type.sort === "variant") {
    if (fields.length === 0) return;
    todo.push(CLOSE_PAREN);
    pushItems(fields, todo);
    return;
  }
  todo.push(CLOSE_BRACE);
  for (let i = fields.length - 1; i >= 0; i--) {
    todo.push(fields[i] as Value, new Piece(`${i > 0 ? ", " : ""}${type.fieldNames?.[i] ?? i}: `));
  }
}

function pushItems(items: readonly Value[], todo: (Value | Piece | Walk | Leave)[]): void {
  for (let i = items.length - 1; i >= 0; i--) {
    todo.push(items[i] as Value);
    if (i > 0) todo.push(COMMA);
  }
}

/** Sorted by the elements' texts. Elements hold no sets, so this calls `write` one level deep at most. */
function setText(set: SetValue, isResult: boolean): string {
  if (isResult) return `#{...${set.size} items}`;
  const texts: string[] = [];
  forEachEntry(set, (element) => {
    texts.push(write(element, false));
    return true;
  });
  return `#{${texts.sort(compareTexts).join(", ")}}`;
}

const SUFFIX = {
  Int8: "i8",
  Int16: "i16",
  Int32: "i32",
  UInt8: "u8",
  UInt16: "u16",
  UInt32: "u32",
  UInt64: "u64",
} as const;
const INT_LIST_SHOWN = 10;

/** Values that hold no others. */
function leaf(value: Value, isResult: boolean): string {
  switch (typeof value) {
    case "string":
      return isResult ? `"${value}"` : `"${value.replace(/[\\"]/g, "\\$&")}"`;
    case "number":
      return Number.isInteger(value) ? String(value) : floatText(value);
    case "bigint":
    case "boolean":
      return String(value);
  }
  if (value instanceof Nil) return "[]";
  if (value instanceof Unit) return "()";
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Char) return `'${value.text}'`;
  if (value instanceof Pid) return isResult ? `<pid:${value.id}>` : `<pid ${value.id}>`;
  if (value instanceof Closure) return functionText(value);
  if (value instanceof Sized) return isResult ? value.value + SUFFIX[value.kind] : String(value.value);
  if (value instanceof BigIntValue) return String(value.value);
  if (value instanceof Decimal) return decimalText(value);
  if (value instanceof Float32) return isResult ? `${float32Text(value.value)}f32` : float32Text(value.value);
  if (value instanceof Ref) return `<ref ${value.id}>`;
  if (value instanceof TypedArray) return `${value.kind}[${value.items.length}]`;
  if (value instanceof IntList) {
    const more = value.items.length - INT_LIST_SHOWN;
    return `[${value.items.subarray(0, INT_LIST_SHOWN).join(", ")}${more > 0 ? `... (${more} more)` : ""}]`;
  }
  if (value instanceof Buffer) return value.text;
  if (value instanceof Reactive) return `${value.type.name}{...${value.fields.length} fields}`;
  if (value instanceof Null) return "null";
  if (value instanceof Bytes) return `Bytes(${value.bytes.length})`;
  if (value instanceof TinyException)
    return ["Exception: ", value.message, "\nStack trace:", ...value.trace.map((line) => `\n  ${line}`)].join("");
  if (value instanceof Handle) return `${value.kind}(${value.id})`;
  return value instanceof Cell ? "<cell>" : "";
}

function functionText(closure: Closure): string {
  if (closure.name === "") return "<closure>";
  return closure.captures.length === 0 ? `<function ${closure.name}>` : `<closure ${closure.name}>`;
}
