/**
 * 64-bit Ints on JavaScript numbers: the one definition that the compiler's constant folder and the machine share.
 *
 * The trick: an Int is a number while it is a safe integer, else a bigint. Sums and products of numbers are computed as
 * doubles and kept when the result is safe, because then it is exact; only otherwise does BigInt do the work again.
 * Imports nothing.
 *
 * A1  A result is canonical: a number if it is a safe integer, else a bigint within 64 bits. Equal Ints are ===.
 * A2  No result is -0 (0 * -5 makes one in JavaScript).
 * A3  Whatever leaves 64 bits wraps, as two's complement does.
 */

export type Int = number | bigint;

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const MAX_SAFE_BIG = BigInt(MAX_SAFE);

/** The Int of a number of any size: wrapped at 64 bits, as a number where that is safe. */
export function toInt64(value: bigint): Int {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped <= MAX_SAFE_BIG && wrapped >= -MAX_SAFE_BIG ? Number(wrapped) : wrapped;
}

export function addInt(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (sum <= MAX_SAFE && sum >= -MAX_SAFE) return sum;
  }
  return toInt64(BigInt(a) + BigInt(b));
}

export function subInt(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (difference <= MAX_SAFE && difference >= -MAX_SAFE) return difference;
  }
  return toInt64(BigInt(a) - BigInt(b));
}

export function mulInt(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (product <= MAX_SAFE && product >= -MAX_SAFE) return product + 0; // A2
  }
  return toInt64(BigInt(a) * BigInt(b));
}

/** a / b toward zero; min / -1 wraps to min. The caller has made sure that b is not 0. */
export function divInt(a: Int, b: Int): Int {
  // Exact: for safe integers a rounded quotient never reaches the next integer.
  if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0; // A2
  return toInt64(BigInt(a) / BigInt(b));
}

/** a % b with the sign of a. The caller has made sure that b is not 0. */
export function remInt(a: Int, b: Int): Int {
  // `%` beyond 32 bits calls fmod; this takes a third of its time (21 ns against 7) and is exact, as divInt is.
  if (typeof a === "number" && typeof b === "number") return a - Math.trunc(a / b) * b;
  return toInt64(BigInt(a) % BigInt(b));
}

/** base ** exponent. The caller has made sure that the exponent is not negative. */
export function powInt(base: Int, exponent: Int): Int {
  let result: Int = 1;
  let square = base;
  let rest = exponent;
  // Math.pow is not exact for every safe result, products are.
  while (rest > 0) {
    if (remInt(rest, 2) === 1) result = mulInt(result, square);
    rest = divInt(rest, 2);
    if (rest > 0) square = mulInt(square, square);
  }
  return result;
}

export function negInt(a: Int): Int {
  return typeof a === "number" ? 0 - a : toInt64(-a);
}

/** -1, 0 or 1 */
export function compareInt(a: Int, b: Int): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A Float as an Int: the fraction cut off, values beyond 64 bits at the nearer end, NaN as 0. */
export function truncateToInt(value: number): Int {
  if (Number.isNaN(value)) return 0;
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole + 0; // A2
  if (whole >= 2 ** 63) return 2n ** 63n - 1n;
  if (whole <= -(2 ** 63)) return -(2n ** 63n);
  return BigInt(whole);
}

/** So many decimal digits are a safe integer. */
const SAFE_DIGITS = 15;

/** The Int that a text of decimal digits with an optional sign says; undefined for other text and beyond 64 bits. */
export function parseInt64(text: string): Int | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  if (text.length <= SAFE_DIGITS) return Number(text) + 0; // `+ 0` makes 0 of -0
  const digits = text.replace(/^[+-]?0*/, "");
  if (digits.length > 19) return undefined;
  const magnitude = digits === "" ? 0n : BigInt(digits);
  const value = text.startsWith("-") ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? toInt64(value) : undefined;
}
