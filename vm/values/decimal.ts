/**
 * Exact decimal numbers: coefficient × 10^-scale.
 *
 * M1  scale >= 0, and with scale > 0 the coefficient does not end in 0; so equal values have one form.
 * M2  +, - and * are exact; a quotient has at most 28 significant digits, a half rounded to even.
 * M3  scale <= MAX_SCALE, so that showing a Decimal never builds a text that nobody can hold.
 */
import { panic } from "./raise.ts";
import { Decimal } from "./value.ts";

const DIVISION_DIGITS = 28;
const MAX_SCALE = 10_000;

export function makeDecimal(coefficient: bigint, scale: number): Decimal {
  let c = coefficient;
  let s = scale;
  while (s > 0 && c % 10n === 0n) {
    if (c === 0n) return new Decimal(0n, 0);
    c /= 10n;
    s--;
  }
  if (s > MAX_SCALE) panic(`Decimal has more than ${MAX_SCALE} digits after its point`);
  return new Decimal(c, s);
}

/** `-12.50`; undefined for other text */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  if (fraction.length > MAX_SCALE) return undefined;
  const magnitude = BigInt((match[2] ?? "") + fraction);
  return makeDecimal(match[1] === "-" ? -magnitude : magnitude, fraction.length);
}

export function decimalText(value: Decimal): string {
  const sign = value.coefficient < 0n ? "-" : "";
  const digits = (value.coefficient < 0n ? -value.coefficient : value.coefficient).toString();
  if (value.scale === 0) return sign + digits;
  const padded = digits.padStart(value.scale + 1, "0");
  const point = padded.length - value.scale;
  return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return makeDecimal(scaled(a, scale) + scaled(b, scale), scale);
}

export function subDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return makeDecimal(scaled(a, scale) - scaled(b, scale), scale);
}

export function mulDecimal(a: Decimal, b: Decimal): Decimal {
  return makeDecimal(a.coefficient * b.coefficient, a.scale + b.scale);
}

/** The caller has made sure that b is not 0. */
export function divDecimal(a: Decimal, b: Decimal): Decimal {
  const negative = a.coefficient < 0n !== b.coefficient < 0n;
  const dividend = magnitude(a.coefficient);
  const divisor = magnitude(b.coefficient);
  // The quotient has at least 29 digits; what is too many is rounded away below.
  const shift = Math.max(0, DIVISION_DIGITS + 1 + digitCount(divisor) - digitCount(dividend));
  let quotient = (dividend * 10n ** BigInt(shift)) / divisor;
  const rest = (dividend * 10n ** BigInt(shift)) % divisor === 0n ? 0n : 1n;
  let scale = a.scale - b.scale + shift;
  const excess = digitCount(quotient) - DIVISION_DIGITS;
  if (excess > 0) {
    const unit = 10n ** BigInt(excess);
    const cut = (quotient % unit) * 2n + rest; // rest only says "a little more"
    quotient /= unit;
    if (cut > unit || (cut === unit && quotient % 2n === 1n)) quotient += 1n;
    scale -= excess;
  }
  if (scale < 0) {
    quotient *= 10n ** BigInt(-scale);
    scale = 0;
  }
  return makeDecimal(negative ? -quotient : quotient, scale);
}

/** Sign of a. The caller has made sure that b is not 0. */
export function remDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return makeDecimal(scaled(a, scale) % scaled(b, scale), scale);
}

export function compareDecimal(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const scale = Math.max(a.scale, b.scale);
  const left = scaled(a, scale);
  const right = scaled(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The integer that the Decimal is, toward zero. */
export function truncateDecimal(value: Decimal): bigint {
  return value.coefficient / 10n ** BigInt(value.scale);
}

function scaled(value: Decimal, scale: number): bigint {
  return value.scale === scale ? value.coefficient : value.coefficient * 10n ** BigInt(scale - value.scale);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function digitCount(value: bigint): number {
  return value.toString().length;
}
