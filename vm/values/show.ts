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
import { Entries } from "./champ.ts";
import { fieldsOf } from "./data.ts";
import { decimalText } from "./decimal.ts";
import { sortSteps } from "./sort.ts";
import { complete, GeneratedStep, type Meter, Step, textUnits } from "./step.ts";
import { compareTexts, joinSteps, tooLong } from "./text.ts";
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
  TypedArray,
  Unit,
  type Value,
} from "./value.ts";

/** in UTF-16 units; half of what V8 can hold, so that two such texts can still be joined */
export const MAX_TEXT = 2 ** 28;

/** What println writes. */
export function display(value: Value): string {
  return simpleText(value) ?? complete(new Showing(value, false));
}

/** As inside a container. */
export function showNested(value: Value): string {
  return complete(new Showing(value, false));
}

/** What the command line prints for main's value. */
export function showResult(value: Value): string {
  return complete(new Showing(value, true));
}

/** `display` as far as the meter goes. */
export function displayWithin(value: Value, meter: Meter): string | Step<string> {
  const text = simpleText(value);
  if (text !== undefined) return text;
  const showing = new Showing(value, false);
  return showing.run(meter) ?? showing;
}

/** `display`, a step at a time. */
export function showing(value: Value): Step<string> {
  return new Showing(value, false, simpleText(value));
}

/** `showNested`, a step at a time. */
export function showingNested(value: Value): Step<string> {
  return new Showing(value, false);
}

/** The beginning of `showNested`, at least so many units of it, for a message. */
export function showBeginning(value: Value, units: number): string {
  const showing = new Showing(value, false);
  const meter: Meter = { left: 0 };
  for (;;) {
    meter.left = units;
    const whole = showing.run(meter);
    if (whole !== undefined) return whole;
    if (showing.length > units) return showing.written();
  }
}

/** `display` of what needs no walk. */
export function simpleText(value: Value): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return Number.isInteger(value) ? String(value) : floatText(value);
    case "object":
      if (value instanceof Char) return value.text;
  }
  return undefined;
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

/** A map of which the entries from here on are still to be written. */
class EntryWalk {
  readonly entries: Entries;
  isFirst = true;
  constructor(entries: Entries) {
    this.entries = entries;
  }
}

type Todo = Value | Piece | Walk | Leave | EntryWalk | Step<string>;

const COMMA = new Piece(", ");
const COLON = new Piece(": ");
const CLOSE_PAREN = new Piece(")");
const CLOSE_BRACE = new Piece("}");

/** In units of text: what is joined at once. A rope of a million pieces takes V8 too long to make flat in one go. */
const CHUNK = 2 ** 14;
/** Making a number's text takes longer than looking at one. */
const UNITS_OF_LEAF = 2;

class Showing extends Step<string> {
  private readonly isResult: boolean;
  private readonly todo: Todo[];
  private open: Set<Data> | undefined = undefined;
  /** what is written, oldest first, and behind it `out` */
  private readonly chunks: string[] = [];
  private chunksLength = 0;
  private out: string;

  /** @param text  the value's text, if it is known without a walk */
  constructor(value: Value, isResult: boolean, text?: string) {
    super();
    this.todo = text === undefined ? [value] : [];
    this.out = text ?? "";
    this.isResult = isResult;
  }

  /** in UTF-16 units, of what is written so far */
  get length(): number {
    return this.chunksLength + this.out.length;
  }

  /** What is written so far. */
  written(): string {
    return this.chunks.length === 0 ? this.out : this.chunks.join("") + this.out;
  }

  run(meter: Meter): string | undefined {
    const { todo } = this;
    while (todo.length > 0) {
      if (meter.left <= 0) return undefined;
      if (this.out.length > CHUNK) this.put();
      const next = todo.pop() as Todo;
      if (next instanceof Step) {
        const text = next.run(meter);
        if (text === undefined) todo.push(next);
        else this.out += text;
      } else {
        meter.left--;
        this.write(next, meter);
      }
    }
    if (this.length > MAX_TEXT) tooLong();
    return this.written();
  }

  /** S2: moves `out` to the chunks, in one piece. */
  private put(): void {
    const { out } = this;
    out.charCodeAt(0); // makes it flat
    this.chunks.push(out);
    this.chunksLength += out.length;
    this.out = "";
    if (this.chunksLength > MAX_TEXT) tooLong();
  }

  private write(next: Exclude<Todo, Step<string>>, meter: Meter): void {
    const { todo, isResult } = this;
    if (next instanceof Piece) this.out += next.text;
    else if (next instanceof Cons) {
      this.out += "[";
      todo.push(new Walk(next.tail), next.head);
    } else if (next instanceof Walk) this.writeElements(next.cell, meter);
    else if (next instanceof Data) {
      if (next.type.isMutable) {
        if (this.open?.has(next)) {
          this.out += "...";
          return;
        }
        this.open ??= new Set();
        this.open.add(next);
        todo.push(new Leave(next));
      }
      this.out += openData(next, isResult);
      pushParts(next, todo);
    } else if (next instanceof Leave) this.open?.delete(next.data);
    else if (next instanceof MapValue) {
      this.out += "%{";
      todo.push(CLOSE_BRACE, new EntryWalk(new Entries(next)));
    } else if (next instanceof EntryWalk) {
      const { entries } = next;
      if (!entries.next()) return;
      if (!next.isFirst) this.out += ", ";
      next.isFirst = false;
      todo.push(next, entries.value, COLON, entries.key);
    } else if (next instanceof SetValue) {
      if (isResult) this.out += `#{...${next.size} items}`;
      else todo.push(new GeneratedStep(setSteps(next, meter)));
    } else if (next instanceof TinyObject) {
      this.out += "{";
      todo.push(CLOSE_BRACE);
      const fields = Array.from(next.fields);
      for (let i = fields.length - 1; i >= 0; i--) {
        const [name, value] = fields[i] as [string, Value];
        todo.push(value, new Piece(i > 0 ? `, ${name}: ` : `${name}: `));
      }
    } else if (isLong(next)) todo.push(new GeneratedStep(quotedSteps(next as string, isResult, meter)));
    else {
      const text = leaf(next, isResult);
      meter.left -= UNITS_OF_LEAF + textUnits(text.length);
      this.out += text;
    }
  }

  /** From this cell on, up to the next element that has to wait for what it holds. */
  private writeElements(first: Cons | Nil, meter: Meter): void {
    const { todo, isResult } = this;
    let cell = first;
    while (cell instanceof Cons && typeof cell.head !== "object" && !isLong(cell.head)) {
      const text = leaf(cell.head, isResult);
      this.out += `, ${text}`;
      meter.left -= UNITS_OF_LEAF + textUnits(text.length);
      cell = cell.tail;
      if (meter.left <= 0 || this.out.length > CHUNK) {
        todo.push(new Walk(cell));
        return;
      }
      meter.left--;
    }
    if (cell instanceof Cons) {
      this.out += ", ";
      todo.push(new Walk(cell.tail), cell.head);
    } else this.out += "]";
  }
}

function isLong(value: Value): boolean {
  return typeof value === "string" && value.length > CHUNK;
}

/** A text in quotes, as `leaf` has it. */
function* quotedSteps(text: string, isResult: boolean, meter: Meter): Generator<undefined, string> {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += CHUNK) {
    const part = text.slice(at, at + CHUNK);
    parts.push(isResult ? part : escaped(part));
    meter.left -= textUnits(CHUNK);
    if (meter.left <= 0) yield;
  }
  return `"${parts.join("")}"`;
}

/** Sorted by the elements' texts. Elements hold no sets, so no set is shown inside this. */
function* setSteps(set: SetValue, meter: Meter): Generator<undefined, string> {
  const texts: string[] = [];
  const entries = new Entries(set);
  while (entries.next()) {
    const showing = new Showing(entries.key, false);
    let text = showing.run(meter);
    while (text === undefined) {
      yield;
      text = showing.run(meter);
    }
    texts.push(text);
  }
  const sorted = yield* sortSteps(texts, compareTexts, meter);
  return `#{${yield* joinSteps(sorted, ", ", meter)}}`;
}

function openData(data: Data, isResult: boolean): string {
  const { type } = data;
  if (type.sort === "tuple") return "(";
  if (type.sort === "variant") return type.arity === 0 ? type.name : `${type.name}(`;
  if (type.sort === "record" && isResult && type.module !== "") return `${type.module}.${type.type}{`;
  return `${type.name}{`;
}

function pushParts(data: Data, todo: Todo[]): void {
  const { type } = data;
  const fields = fieldsOf(data);
  if (type.sort === "tuple" || type.sort === "variant") {
    if (fields.length === 0 && type.sort === "variant") return;
    todo.push(CLOSE_PAREN);
    pushItems(fields, todo);
    return;
  }
  todo.push(CLOSE_BRACE);
  for (let i = fields.length - 1; i >= 0; i--) {
    todo.push(fields[i] as Value, new Piece(`${i > 0 ? ", " : ""}${type.fieldNames?.[i] ?? i}: `));
  }
}

function pushItems(items: readonly Value[], todo: Todo[]): void {
  for (let i = items.length - 1; i >= 0; i--) {
    todo.push(items[i] as Value);
    if (i > 0) todo.push(COMMA);
  }
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

function escaped(text: string): string {
  return text.replace(/[\\"]/g, "\\$&");
}

/** Values that hold no others. */
function leaf(value: Value, isResult: boolean): string {
  switch (typeof value) {
    case "string":
      return isResult ? `"${value}"` : `"${escaped(value)}"`;
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
  if (value instanceof Reactive) return `${value.declared.name}{...${value.fields.length} fields}`;
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
