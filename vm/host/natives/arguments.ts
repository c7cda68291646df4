/**
 * What host functions share: their rows, and arguments checked on the way in.
 *
 * The checker knows the types of stdlib's wrappers, but a received message may be anything, so each argument is looked at;
 * a wrong one is an error of the program.
 */
import { NONE_VALUE, SOME } from "../../values/data-types.ts";
import { isInt, makeFloat, typeName } from "../../values/kind.ts";
import { convertToDouble, isNumber } from "../../values/numbers.ts";
import { typeError } from "../../values/raise.ts";
import { GeneratedStep, Step } from "../../values/step.ts";
import { Char, Cons, Data, type List, MapValue, Nil, SetValue, type Value } from "../../values/value.ts";
import type { Answers, Native, NativeContext, PAUSED } from "../native.ts";

/** One host function. */
export function native(name: string, arity: number, run: Native["run"]): Native {
  return { name, arity, run };
}

/** One that compiled code can count on: what it answers with is known, and it does nothing else (Native.answers). */
export function answering<A extends keyof Answers>(
  answers: A,
  name: string,
  arity: number,
  run: (context: NativeContext, a: Value, b: Value, c: Value, d: Value) => Answers[A] | typeof PAUSED,
): Native {
  return { name, arity, answers, run };
}

/** One whose work grows with what it is given: it yields where the context's meter has run out. */
export function stepped(
  name: string,
  arity: number,
  steps: (context: NativeContext, a: Value, b: Value, c: Value, d: Value) => Generator<undefined, Value>,
): Native {
  return native(name, arity, (context, a, b, c, d) => context.begin(new GeneratedStep(steps(context, a, b, c, d))));
}

/** What a function that takes the context for its meter has given: its answer. */
export function* settle<T extends Value>(answer: T | Step<T>, context: NativeContext): Generator<undefined, T> {
  let known = answer;
  while (known instanceof Step) {
    yield;
    known = known.run(context) ?? known;
  }
  return known;
}

/** The answer of an operation that has not begun: it is asked at once, and only pauses if the meter has run out. */
export function* perform<T extends Value>(step: Step<T>, context: NativeContext): Generator<undefined, T> {
  return yield* settle(step.run(context) ?? step, context);
}

/** The way out of a native that got something else. */
export function wrongArgument(where: string, wanted: string, found: Value): never {
  return typeError(`type mismatch in ${where}: expected ${wanted}, found ${typeName(found)}`);
}

export function textArgument(value: Value, where: string): string {
  return typeof value === "string" ? value : wrongArgument(where, "String", value);
}

export function intArgument(value: Value, where: string): number | bigint {
  return isInt(value) ? value : wrongArgument(where, "Int", value);
}

/** An Int where only its place among positions matters: beyond the safe range any number far away does. */
export function positionArgument(value: Value, where: string): number {
  return Number(intArgument(value, where));
}

export function doubleArgument(value: Value, where: string): number {
  return isNumber(value) ? convertToDouble(value) : wrongArgument(where, "Float", value);
}

export function listArgument(value: Value, where: string): List {
  return value instanceof Cons || value instanceof Nil ? value : wrongArgument(where, "List", value);
}

export function mapArgument(value: Value, where: string): MapValue {
  return value instanceof MapValue ? value : wrongArgument(where, "Map", value);
}

export function setArgument(value: Value, where: string): SetValue {
  return value instanceof SetValue ? value : wrongArgument(where, "Set", value);
}

export function charArgument(value: Value, where: string): Char {
  return value instanceof Char ? value : wrongArgument(where, "Char", value);
}

export function some(value: Value): Data {
  return new Data(SOME, value, undefined);
}

export function optional(value: Value | undefined): Data {
  return value === undefined ? NONE_VALUE : some(value);
}

export function optionalFloat(value: number | undefined): Data {
  return value === undefined ? NONE_VALUE : some(makeFloat(value));
}

/** About one reduction for 10 elements. */
export function chargeElements(context: NativeContext, count: number): void {
  if (count >= 10) context.charge(Math.floor(count / 10));
}

/** Texts are handled by V8's own loops: one reduction for 100 units. */
export function chargeText(context: NativeContext, units: number): void {
  if (units >= 100) context.charge(Math.floor(units / 100));
}
