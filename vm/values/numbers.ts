/**
 * Arithmetic on values whose kinds are known only now: what ADD.val and its like do.
 *
 * Kinds that mix: Int with Float gives Float, Int with BigInt gives BigInt. All others must be of one kind, so that nobody
 * loses digits without writing it down.
 *
 * N1  Sized integers wrap at their width, Int at 64 bits, Float32 is rounded after every operation.
 * N2  BigInts stay below 2^24 bits, so that no single operation takes noticeable time.
 */
import {
  addInt,
  divInt,
  type Int,
  mulInt,
  negInt,
  powInt,
  remInt,
  subInt,
  toInt64,
  truncateToInt,
} from "../bytecode/arithmetic.ts";
import type { SizedKind } from "../bytecode/unit.ts";
import {
  addDecimal,
  divDecimal,
  makeDecimal,
  mulDecimal,
  parseDecimal,
  remDecimal,
  subDecimal,
  truncateDecimal,
} from "./decimal.ts";
import { isInt, makeFloat, typeName } from "./kind.ts";
import { divisionByZero, panic, typeError } from "./raise.ts";
import { display } from "./show.ts";
import { joinTexts } from "./text.ts";
import { BigIntValue, Char, Decimal, Float, Float32, Sized, type Value } from "./value.ts";

const MAX_BIG_BITS = 2n ** 24n;

interface Operation {
  readonly symbol: string;
  readonly int: (a: Int, b: Int) => Int;
  readonly float: (a: number, b: number) => number;
  readonly big: (a: bigint, b: bigint) => bigint;
  readonly decimal: (a: Decimal, b: Decimal) => Decimal;
}

const ADD: Operation = { symbol: "+", int: addInt, float: (a, b) => a + b, big: (a, b) => a + b, decimal: addDecimal };
const SUB: Operation = { symbol: "-", int: subInt, float: (a, b) => a - b, big: (a, b) => a - b, decimal: subDecimal };
const MUL: Operation = {
  symbol: "*",
  int: mulInt,
  float: (a, b) => a * b,
  big: (a, b) => bounded(a * b),
  decimal: mulDecimal,
};
const DIV: Operation = { symbol: "/", int: divInt, float: (a, b) => a / b, big: (a, b) => a / b, decimal: divDecimal };
const MOD: Operation = { symbol: "%", int: remInt, float: (a, b) => a % b, big: (a, b) => a % b, decimal: remDecimal };

/** a + b; a String on either side joins the display texts. */
export function add(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return addInt(a, b);
  if (typeof a === "string") return joinTexts(a, typeof b === "string" ? b : display(b));
  if (typeof b === "string") return joinTexts(display(a), b);
  return compute(ADD, a, b);
}

export function subtract(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return subInt(a, b);
  return compute(SUB, a, b);
}

export function multiply(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number" && Number.isInteger(a) && Number.isInteger(b)) return mulInt(a, b);
  return compute(MUL, a, b);
}

/** @throws DivisionByZero unless both are Floats (of one width), which follow IEEE */
export function divide(a: Value, b: Value): Value {
  if (isZero(b) && !(isAnyFloat(a) && isAnyFloat(b)) && isNumber(a)) divisionByZero();
  return compute(DIV, a, b);
}

/** @throws DivisionByZero for a zero of any kind */
export function modulo(a: Value, b: Value): Value {
  if (isZero(b) && isNumber(a)) divisionByZero();
  return compute(MOD, a, b);
}

/** @throws Panic for a negative exponent, unless Floats */
export function power(a: Value, b: Value): Value {
  if (isInt(a) && isInt(b)) {
    if (b < 0) panic("PowInt: negative exponent for Int");
    return powInt(a, b);
  }
  if (isIntOrFloat(a) && isIntOrFloat(b)) return makeFloat(toDouble(a) ** toDouble(b));
  if (a instanceof Float32 && b instanceof Float32) return new Float32(Math.fround(a.value ** b.value));
  if (isIntOrBig(a) && isIntOrBig(b)) return new BigIntValue(powBig(toBig(a), toBig(b)));
  if (a instanceof Sized && b instanceof Sized && a.kind === b.kind) return powSized(a, b.value);
  if (a instanceof Decimal && (b instanceof Decimal || isInt(b))) return powDecimal(a, b);
  return mismatch("**", a, b);
}

export function negate(a: Value): Value {
  if (isInt(a)) return negInt(a);
  if (typeof a === "number") return -a;
  if (a instanceof Float) return new Float(-a.value);
  if (a instanceof BigIntValue) return new BigIntValue(-a.value);
  if (a instanceof Decimal) return new Decimal(-a.coefficient, a.scale);
  if (a instanceof Float32) return new Float32(-a.value);
  if (a instanceof Sized) return wrapSized(a.kind, -a.value);
  return typeError(`type mismatch: ${typeName(a)} does not implement Num (in -${typeName(a)})`);
}

/** The minimum of a width has no positive counterpart and stays itself. */
export function absolute(a: Value): Value {
  if (typeof a === "number") return Math.abs(a);
  if (typeof a === "bigint") return a < 0n ? negInt(a) : a;
  if (a instanceof Float) return new Float(Math.abs(a.value));
  if (a instanceof Float32) return new Float32(Math.abs(a.value));
  if (a instanceof BigIntValue) return a.value < 0n ? negate(a) : a;
  if (a instanceof Sized) return a.value < 0n ? negate(a) : a;
  if (a instanceof Decimal) return a.coefficient < 0n ? negate(a) : a;
  return typeError(`type mismatch: ${typeName(a)} does not implement Num (in abs)`);
}

function compute(operation: Operation, a: Value, b: Value): Value {
  if (isIntOrFloat(a) && isIntOrFloat(b)) {
    if (isInt(a) && isInt(b)) return operation.int(a, b);
    return makeFloat(operation.float(toDouble(a), toDouble(b)));
  }
  if (a instanceof Sized && b instanceof Sized && a.kind === b.kind)
    return wrapSized(a.kind, operation.big(a.value, b.value));
  if (isIntOrBig(a) && isIntOrBig(b)) return new BigIntValue(operation.big(toBig(a), toBig(b)));
  if (a instanceof Decimal && b instanceof Decimal) return operation.decimal(a, b);
  if (a instanceof Float32 && b instanceof Float32) return new Float32(Math.fround(operation.float(a.value, b.value)));
  return mismatch(operation.symbol, a, b);
}

function mismatch(symbol: string, a: Value, b: Value): never {
  const shown = `${typeName(a)} ${symbol} ${typeName(b)}`;
  const culprit = isNumber(a) ? b : a;
  if (isNumber(culprit)) return typeError(`type mismatch: ${shown}; convert one of the two first`);
  return typeError(`type mismatch: ${typeName(culprit)} does not implement Num (in ${shown})`);
}

// ── conversions ───────────────────────────────────────────────────────────────────────────────────────────────────────

const WIDTHS: Readonly<Record<SizedKind, { readonly bits: number; readonly isSigned: boolean }>> = {
  Int8: { bits: 8, isSigned: true },
  Int16: { bits: 16, isSigned: true },
  Int32: { bits: 32, isSigned: true },
  UInt8: { bits: 8, isSigned: false },
  UInt16: { bits: 16, isSigned: false },
  UInt32: { bits: 32, isSigned: false },
  UInt64: { bits: 64, isSigned: false },
};

/** N1 */
export function wrapSized(kind: SizedKind, value: bigint): Sized {
  const { bits, isSigned } = WIDTHS[kind];
  return new Sized(kind, isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}

/** Wraps integers; cuts Floats and Decimals off toward zero, Floats beyond 64 bits at the nearer end; a Char's code point. */
export function convertToInt(a: Value): Int {
  if (isInt(a)) return a;
  if (typeof a === "number") return truncateToInt(a);
  if (a instanceof Float || a instanceof Float32) return truncateToInt(a.value);
  if (a instanceof BigIntValue || a instanceof Sized) return toInt64(a.value);
  if (a instanceof Decimal) return toInt64(truncateDecimal(a));
  if (a instanceof Char) return a.text.codePointAt(0) ?? 0;
  return typeError(`type mismatch: cannot convert ${typeName(a)} to Int`);
}

/** As convertToInt; Floats beyond the width stop at its nearer end. */
export function convertToSized(kind: SizedKind, a: Value): Sized {
  const float =
    typeof a === "number" && !Number.isInteger(a)
      ? a
      : a instanceof Float || a instanceof Float32
        ? a.value
        : undefined;
  if (float === undefined)
    return wrapSized(kind, a instanceof BigIntValue || a instanceof Sized ? a.value : BigInt(convertToInt(a)));
  const { bits, isSigned } = WIDTHS[kind];
  const low = isSigned ? -(2n ** BigInt(bits - 1)) : 0n;
  const high = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
  if (Number.isNaN(float)) return new Sized(kind, 0n);
  if (float >= Number(high)) return new Sized(kind, high);
  if (float <= Number(low)) return new Sized(kind, low);
  return new Sized(kind, BigInt(Math.trunc(float)));
}

/** The nearest double. */
export function convertToDouble(a: Value): number {
  if (typeof a === "number") return a;
  if (typeof a === "bigint") return Number(a);
  if (a instanceof Float || a instanceof Float32) return a.value;
  if (a instanceof BigIntValue || a instanceof Sized) return Number(a.value);
  if (a instanceof Decimal) return Number(`${a.coefficient}e-${a.scale}`);
  return typeError(`type mismatch: cannot convert ${typeName(a)} to Float`);
}

export function convertToBig(a: Value): BigIntValue {
  if (a instanceof BigIntValue) return a;
  if (isInt(a)) return new BigIntValue(BigInt(a));
  if (a instanceof Sized) return new BigIntValue(a.value);
  if (a instanceof Decimal) return new BigIntValue(truncateDecimal(a));
  const float = convertToDouble(a);
  if (!Number.isFinite(float)) return panic(`cannot convert ${display(a)} to BigInt`);
  return new BigIntValue(BigInt(Math.trunc(float)));
}

/** Floats by their shortest text: 0.1 becomes 0.1d. */
export function convertToDecimal(a: Value): Decimal {
  if (a instanceof Decimal) return a;
  if (isInt(a)) return makeDecimal(BigInt(a), 0);
  if (a instanceof BigIntValue || a instanceof Sized) return makeDecimal(a.value, 0);
  if (typeof a === "number" || a instanceof Float || a instanceof Float32) {
    return parseDecimal(display(a)) ?? panic(`cannot convert ${display(a)} to Decimal`);
  }
  return typeError(`type mismatch: cannot convert ${typeName(a)} to Decimal`);
}

// ── powers ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function powBig(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) panic("PowInt: negative exponent for BigInt");
  if (base >= -1n && base <= 1n) return base === -1n && exponent % 2n === 0n ? 1n : exponent === 0n ? 1n : base;
  const digits = BigInt(base.toString(16).length - (base < 0n ? 1 : 0));
  if ((digits - 1n) * 4n * exponent + exponent > MAX_BIG_BITS) tooLarge(); // at least so many bits
  return bounded(base ** exponent);
}

function powSized(a: Sized, exponent: bigint): Sized {
  if (exponent < 0n) panic(`PowInt: negative exponent for ${a.kind}`);
  let result = wrapSized(a.kind, 1n);
  let square = a;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = wrapSized(a.kind, result.value * square.value);
    square = wrapSized(a.kind, square.value * square.value);
  }
  return result;
}

function powDecimal(a: Decimal, exponent: Decimal | Int): Decimal {
  if (exponent instanceof Decimal && exponent.scale !== 0) panic("PowInt Decimal: exponent must be an integer value");
  const count = exponent instanceof Decimal ? exponent.coefficient : BigInt(exponent);
  const size = count < 0n ? -count : count;
  if (count < 0n && a.coefficient === 0n) divisionByZero();
  // makeDecimal bounds the digits after the point; a product this long is refused before anybody computes it
  if (BigInt(a.scale) * size > 100_000n) panic("Decimal has too many digits after its point");
  const raised = makeDecimal(powBig(a.coefficient, size), a.scale * Number(size));
  return count < 0n ? divDecimal(new Decimal(1n, 0), raised) : raised;
}

// ── kinds of numbers ──────────────────────────────────────────────────────────────────────────────────────────────────

export function isNumber(a: Value): boolean {
  return (
    typeof a === "number" ||
    typeof a === "bigint" ||
    a instanceof Float ||
    a instanceof Sized ||
    a instanceof BigIntValue ||
    a instanceof Decimal ||
    a instanceof Float32
  );
}

function isAnyFloat(a: Value): boolean {
  return a instanceof Float || a instanceof Float32 || (typeof a === "number" && !Number.isInteger(a));
}

function isIntOrFloat(a: Value): a is Int | Float {
  return typeof a === "number" || typeof a === "bigint" || a instanceof Float;
}

function isIntOrBig(a: Value): a is Int | BigIntValue {
  return isInt(a) || a instanceof BigIntValue;
}

function isZero(a: Value): boolean {
  if (typeof a === "number") return a === 0;
  if (a instanceof Float || a instanceof Float32) return a.value === 0;
  if (a instanceof Sized || a instanceof BigIntValue) return a.value === 0n;
  return a instanceof Decimal && a.coefficient === 0n;
}

function toDouble(a: Int | Float): number {
  return typeof a === "number" ? a : typeof a === "bigint" ? Number(a) : a.value;
}

function toBig(a: Int | BigIntValue): bigint {
  return a instanceof BigIntValue ? a.value : BigInt(a);
}

/** N2 */
function bounded(value: bigint): bigint {
  const above = value >> MAX_BIG_BITS;
  return above === 0n || above === -1n ? value : tooLarge();
}

function tooLarge(): never {
  return panic("BigInt is too large (more than 2^24 bits)");
}
