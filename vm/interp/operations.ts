/**
 * What single instructions do with values: the meeting point of the interpreter and vm/values.
 *
 * Every operation takes any value and either answers or throws a Raise, whatever it is given: bytecode may lie.
 */

import { toInt64 } from "../bytecode/arithmetic.ts";
import type { Constant } from "../bytecode/unit.ts";
import { PAUSED, Raise } from "../host/native.ts";
import type { Work } from "../process/work.ts";
import { LONG_TEXT } from "../values/appending.ts";
import { EMPTY_MAP, EMPTY_SET, insert, lookup, MapBuilder } from "../values/champ.ts";
import { type Copied, copying } from "../values/copy.ts";
import { fieldAt, isTuple, makePair, setFieldAt } from "../values/data.ts";
import { type InternedType, isSameConstructor } from "../values/data-types.ts";
import { parseDecimal } from "../values/decimal.ts";
import { equalWithin } from "../values/equality.ts";
import { isInt, makeFloat, typeName } from "../values/kind.ts";
import { concatWithin, elementAt, indexing, Prefix } from "../values/list.ts";
import { add, divide, multiply, subtract } from "../values/numbers.ts";
import { compareWithin } from "../values/order.ts";
import { display, displayWithin, showBeginning } from "../values/show.ts";
import { GeneratedStep, type Meter, type Step } from "../values/step.ts";
import { codePointAt, compareTexts } from "../values/text.ts";
import { quickElement, setQuickElement } from "../values/typed-array.ts";
import {
  BigIntValue, Char, Cons, Data, Float, Float32, IntList, type List, MapValue, makeChar, NIL, Nil, NULL, Reactive, SetValue, Sized, TypedArray, UNIT, type Value,
} from "../values/value.ts"; // biome-ignore format: a table

export { isKind } from "../values/kind.ts";
export { add, divide, modulo, multiply, negate, power, subtract } from "../values/numbers.ts";
export { display, display as show } from "../values/show.ts";

type Stack = readonly (Value | undefined)[];

// errors of the language

export function makeRaise(kind: string, message: string): Raise {
  return new Raise(makePair(kind, message));
}

export function typeError(message: string): Raise {
  return makeRaise("TypeError", message);
}

function panic(message: string): Raise {
  return makeRaise("Panic", message);
}

export function unsetVariable(name: string, why: string): Raise {
  return makeRaise("UnsetVariable", `${name} has no value${why === "" ? "" : `: ${why}`}`);
}

/** A long value says enough in its first characters. */
const SHOWN_CHARACTERS = 200;

export function matchFailure(functionName: string, value: Value): Raise {
  const text = showBeginning(value, SHOWN_CHARACTERS);
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  const what = `Non-exhaustive match: ${functionName === "" ? "no pattern matches" : `no clause of ${functionName} matches`}`;
  return makeRaise("MatchFailed", `${what} ${shown}`);
}

/** JavaScript says RangeError for what became too large; that is an error of the program. Anything else is ours. */
export function toRaise(error: unknown): Raise | undefined {
  if (!(error instanceof RangeError)) return undefined;
  if (error.message.includes("call stack")) return makeRaise("StackOverflow", "Stack overflow");
  return panic(`a value became too large (${error.message})`);
}

// numbers: form 0 is for Int and Float only

function isRawNumber(value: Value): boolean {
  return typeof value === "number" || typeof value === "bigint" || value instanceof Float;
}

function numbersOnly(operation: (a: Value, b: Value) => Value, symbol: string): (a: Value, b: Value) => Value {
  return (a, b) => {
    if (!isRawNumber(a) || !isRawNumber(b))
      throw typeError(`${symbol} takes Ints and Floats, not ${typeName(a)} and ${typeName(b)}`);
    return operation(a, b);
  };
}

export const addNumbers = numbersOnly(add, "+");
export const subtractNumbers = numbersOnly(subtract, "-");
export const multiplyNumbers = numbersOnly(multiply, "*");

/** Unlike `/` of the language, TinyTotVM's DIV fails for a zero Float too. */
export function divideNumbers(a: Value, b: Value): Value {
  if (b instanceof Float && b.value === 0) return divide(a, 0);
  return numbersOnly(divide, "/")(a, b);
}

function floatOf(value: Value): number {
  if (typeof value === "number") return value;
  if (value instanceof Float) return value.value;
  throw typeError(`a Float was expected, not ${typeName(value)}`);
}

export function addFloats(a: Value, b: Value): Value {
  return makeFloat(floatOf(a) + floatOf(b));
}

export function subtractFloats(a: Value, b: Value): Value {
  return makeFloat(floatOf(a) - floatOf(b));
}

export function multiplyFloats(a: Value, b: Value): Value {
  return makeFloat(floatOf(a) * floatOf(b));
}

export function divideFloats(a: Value, b: Value): Value {
  return makeFloat(floatOf(a) / floatOf(b));
}

// comparison and logic

export function equal(a: Value, b: Value, work: Work): boolean | typeof PAUSED {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  if (a instanceof Char && b instanceof Char) return a.text === b.text;
  if (work.step !== null) return work.resume() as boolean | typeof PAUSED;
  return work.finish(equalWithin(a, b, work.start()));
}

export function compare(how: "<" | ">" | "<=" | ">=", a: Value, b: Value, work: Work): boolean | typeof PAUSED {
  const order =
    typeof a === "string" && typeof b === "string"
      ? compareTexts(a, b) // less than a reduction, as of two numbers
      : work.step !== null
        ? (work.resume() as number | typeof PAUSED)
        : work.finish(compareWithin(a, b, "partial", work.start()));
  if (order === PAUSED) return PAUSED;
  switch (how) {
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
  }
}

export function notOf(value: Value): Value {
  if (typeof value === "boolean") return !value;
  if (isInt(value)) return value === 0;
  throw typeError(`! takes a Bool, not ${typeName(value)}`);
}

// text and lists

export function concatStrings(a: Value, b: Value, work: Work): string {
  if (typeof a === "string" && typeof b === "string") return joined(a, b, work);
  throw typeError(`++ takes two Strings, not ${typeName(a)} and ${typeName(b)}`);
}

/** @throws RangeError when nobody could hold it */
function joined(a: string, b: string, work: Work): string {
  return a.length < LONG_TEXT ? a + b : work.appending.append(a, b);
}

export function concat(a: Value, b: Value, work: Work): Value | typeof PAUSED {
  if (typeof a === "string" && typeof b === "string") return joined(a, b, work);
  if (work.step !== null) return work.resume();
  if (isList(a) && isList(b)) return work.finish(concatWithin(a, b, work.start()));
  throw typeError(`++ takes two Strings or two Lists, not ${typeName(a)} and ${typeName(b)}`);
}

/** The display texts of stack[from .. to-1], joined from the end: the first may be long, and is appended to once. */
export function interpolate(stack: Stack, from: number, to: number, work: Work): string | typeof PAUSED {
  if (work.step !== null) return work.resume() as string | typeof PAUSED;
  work.start();
  let text = "";
  for (let i = to - 1; i >= from; i--) {
    const part = displayWithin(stack[i]!, work);
    if (typeof part !== "string")
      return work.finish(new GeneratedStep(interpolateSteps(stack.slice(from, i) as Value[], part, text, work)));
    text = joined(part, text, work);
  }
  return work.finish(text);
}

function* interpolateSteps(
  others: readonly Value[],
  last: Step<string>,
  behind: string,
  meter: Meter,
): Generator<undefined, string> {
  let text = (yield* settleText(last, meter)) + behind;
  for (let i = others.length - 1; i >= 0; i--)
    text = (yield* settleText(displayWithin(others[i]!, meter), meter)) + text;
  return text;
}

function* settleText(part: string | Step<string>, meter: Meter): Generator<undefined, string> {
  let known = part;
  while (typeof known !== "string") {
    yield;
    known = known.run(meter) ?? known;
  }
  return known;
}

function isList(value: Value): value is List {
  return value instanceof Cons || value instanceof Nil;
}

/** The list of stack[from .. to-1], followed by `tail`. */
export function listOf(stack: Stack, from: number, to: number, tail: List): List {
  let list = tail;
  for (let i = to - 1; i >= from; i--) list = new Cons(stack[i]!, list);
  return list;
}

export function noListTail(tail: Value): Raise {
  return typeError(`:: takes a List on its right, not ${typeName(tail)}`);
}

/** HEAD or TAIL of what has none: a loop over what is no List, or bytecode that did not look first. */
export function noElements(list: Value | undefined): Raise {
  return typeError(
    list === NIL ? "the empty List has no elements" : `a List was expected, not ${typeName(list as Value)}`,
  );
}

/** Keys and values in turn. */
export function mapOf(stack: Stack, from: number, to: number): Value {
  const builder = new MapBuilder(EMPTY_MAP);
  for (let i = from; i < to; i += 2) builder.set(stack[i]!, stack[i + 1]!);
  return builder.finish();
}

export function setOf(stack: Stack, from: number, to: number): Value {
  const builder = new MapBuilder(EMPTY_SET);
  for (let i = from; i < to; i++) builder.set(stack[i]!, UNIT);
  return builder.finish();
}

// fields

/** The type of what has fields. */
function typeWithFields(value: Value): InternedType | undefined {
  if (value instanceof Data) return value.type;
  return value instanceof Reactive ? value.declared : undefined;
}

/** The field at a position; undefined for what has none there. */
export function fieldOf(value: Value | undefined, position: number): Value | undefined {
  if (value instanceof Data) return fieldAt(value, position);
  return value instanceof Reactive ? value.fields[position] : undefined;
}

export function fieldByName(value: Value, name: string): Value {
  const position = typeWithFields(value)?.positions.get(name);
  if (position === undefined) throw typeError(`${typeName(value)} has no field '${name}'`);
  return fieldOf(value, position)!;
}

export function hasField(value: Value, name: string): boolean {
  return typeWithFields(value)?.positions.has(name) ?? false;
}

export function setField(target: Value, position: number, value: Value): void {
  const type = typeWithFields(target);
  if (type === undefined || position >= type.arity) throw typeError(`${typeName(target)} has no field ${position}`);
  if (!type.isMutable) throw notMutable(type.fieldNames?.[position] ?? String(position));
  if (target instanceof Data) setFieldAt(target, position, value);
  else (target as Reactive).fields[position] = value;
}

export function setFieldByName(target: Value, name: string, value: Value): void {
  const position = typeWithFields(target)?.positions.get(name);
  if (position === undefined) throw typeError(`${typeName(target)} has no field '${name}'`);
  setField(target, position, value);
}

function notMutable(name: string): Raise {
  return panic(`Field '${name}' is not mutable`);
}

export function isConstructor(value: Value, type: InternedType): boolean {
  const found = typeWithFields(value);
  return found !== undefined && isSameConstructor(found, type);
}

export function isOfType(value: Value, type: InternedType): boolean {
  return typeWithFields(value)?.family === type.family;
}

// indexing

function outOfBounds(position: Value): Raise {
  return panic(`Index ${display(position)} out of bounds`);
}

/** A position within 0 .. length-1. */
function checkedPosition(position: Value, length: number): number {
  if (!isInt(position)) throw typeError(`an index is an Int, not ${typeName(position)}`);
  if (typeof position === "bigint" || position < 0 || position >= length) throw outOfBounds(position);
  return position;
}

export function indexOf(collection: Value, position: Value, work: Work): Value | typeof PAUSED {
  if (isList(collection)) {
    if (work.step !== null) return work.resume();
    if (!isInt(position)) throw typeError(`an index is an Int, not ${typeName(position)}`);
    if (typeof position === "bigint" || position < 0) throw outOfBounds(position);
    // the first far access walks; later ones find an index
    const indexed = indexing(collection, position, work);
    if (indexed !== undefined) return work.begin(new GeneratedStep(elementSteps(indexed, collection, position, work)));
    const element = elementAt(collection, position);
    if (element === undefined) throw outOfBounds(position);
    return element;
  }
  if (collection instanceof MapValue) return lookup(collection, position) ?? UNIT;
  if (typeof collection === "string") {
    if (!isInt(position)) throw typeError(`an index is an Int, not ${typeName(position)}`);
    const text = typeof position === "number" ? codePointAt(collection, position) : undefined;
    if (text === undefined) throw outOfBounds(position);
    return text;
  }
  if (isTuple(collection)) return fieldAt(collection, checkedPosition(position, collection.type.arity))!;
  if (collection instanceof SetValue) return lookup(collection, position) !== undefined;
  if (collection instanceof TypedArray) {
    const quick = quickElement(collection, position);
    if (quick !== undefined) return quick;
    const element = collection.items[checkedArrayPosition(collection, position)]!;
    return typeof element === "bigint" ? toInt64(element) : makeFloat(element);
  }
  if (collection instanceof IntList)
    return toInt64(collection.items[checkedPosition(position, collection.items.length)]!);
  throw typeError(`${typeName(collection)} has no elements by index`);
}

function* elementSteps(
  indexed: Step<unknown>,
  list: List,
  position: number,
  meter: Meter,
): Generator<undefined, Value> {
  while (indexed.run(meter) === undefined) yield;
  const element = elementAt(list, position);
  if (element === undefined) throw outOfBounds(position);
  return element;
}

/** List and Map: a copy with the element replaced; a typed array: itself, changed. */
export function updated(collection: Value, position: Value, value: Value, work: Work): Value | typeof PAUSED {
  if (isList(collection)) {
    if (work.step !== null) return work.resume();
    const at = checkedPosition(position, Number.MAX_SAFE_INTEGER);
    return work.begin(
      new Prefix(collection, at, (rest) => {
        if (rest instanceof Cons) return new Cons(value, rest.tail);
        throw outOfBounds(position);
      }),
    );
  }
  if (collection instanceof MapValue) return insert(collection, position, value);
  if (collection instanceof TypedArray) {
    if (setQuickElement(collection, position, value)) return collection;
    const at = checkedArrayPosition(collection, position);
    if (collection.items instanceof BigInt64Array) {
      if (!isInt(value)) throw typeError(`${collection.kind} holds Ints, not ${typeName(value)}`);
      collection.items[at] = BigInt(value);
    } else collection.items[at] = floatOf(value);
    return collection;
  }
  throw typeError(`an element of ${typeName(collection)} cannot be set`);
}

function checkedArrayPosition(array: TypedArray, position: Value): number {
  const { length } = array.items;
  if (!isInt(position)) throw typeError(`an index is an Int, not ${typeName(position)}`);
  if (typeof position === "bigint" || position < 0 || position >= length) {
    throw panic(`Index ${display(position)} out of bounds for ${array.kind} of length ${length}`);
  }
  return position;
}

// messages and time

export function copyForSend(value: Value, work: Work): Value | typeof PAUSED {
  const copied = work.step !== null ? (work.resume() as unknown as Copied | typeof PAUSED) : work.begin(copying(value));
  return copied === PAUSED ? PAUSED : copied.value;
}

/** @throws TypeError for what is no Int */
export function deadlineAfter(nowMs: number, ms: Value): number {
  if (!isInt(ms)) throw typeError(`a time in milliseconds is an Int, not ${typeName(ms)}`);
  return nowMs + Math.max(0, Number(ms));
}

// linking

export function constantToValue(constant: Constant): Value {
  switch (constant.kind) {
    case "Int":
      return toInt64(constant.value);
    case "Float":
      return makeFloat(constant.value);
    case "Float32":
      return new Float32(Math.fround(constant.value));
    case "BigInt":
      return new BigIntValue(constant.value);
    case "Decimal":
      return parseDecimal(constant.value) ?? NULL;
    case "String":
    case "Bool":
      return constant.value;
    case "Char":
      return makeChar(constant.value);
    case "Unit":
      return UNIT;
    default:
      return new Sized(constant.kind, constant.value);
  }
}
