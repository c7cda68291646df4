/**
 * The values behind the literals: escapes in strings, ranges of numbers.
 *
 * Stays true: a number keeps its text (without `_` and suffix) and is never turned into a JavaScript number here.
 */
import type { Literal, NumberKind } from "./ast.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** The text that a string's source stands for; a backslash before any other character stays. */
export function readEscapes(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replace(/\\([nrt0\\'"])/g, (_, letter: string) => ESCAPES[letter] as string);
}

const KIND_OF_SUFFIX: Readonly<Record<string, NumberKind>> = {
  i8: "Int8",
  i16: "Int16",
  i32: "Int32",
  u8: "UInt8",
  u16: "UInt16",
  u32: "UInt32",
  u64: "UInt64",
  n: "BigInt",
  d: "Decimal",
  f32: "Float32",
};

/** The largest value of each bounded kind; the smallest is `-max - 1` for the signed ones. */
const MAXIMUM: Partial<Record<NumberKind, bigint>> = {
  Int: 2n ** 63n - 1n,
  Int8: 2n ** 7n - 1n,
  Int16: 2n ** 15n - 1n,
  Int32: 2n ** 31n - 1n,
  UInt8: 2n ** 8n - 1n,
  UInt16: 2n ** 16n - 1n,
  UInt32: 2n ** 32n - 1n,
  UInt64: 2n ** 64n - 1n,
};

export type NumberLiteral = Extract<Literal, { readonly kind: "number" }>;

/** Reads the text of a number token; `isFloat` when it holds a dot. */
export function readNumber(image: string, isFloat: boolean): NumberLiteral {
  const clean = image.includes("_") ? image.replaceAll("_", "") : image;
  if (!isFloat && /^0[xXbB]/.test(clean)) return { kind: "number", type: "Int", text: clean };
  const suffix = /[iu]\d+$|n$|d$|f32$/.exec(clean)?.[0] ?? "";
  const type = KIND_OF_SUFFIX[suffix] ?? (isFloat ? "Float" : "Int");
  return { kind: "number", type, text: clean.slice(0, clean.length - suffix.length) };
}

/** Whether the type can hold the number, or, for `canBeNegated`, holds it behind a minus sign only. */
export function rangeOf(literal: NumberLiteral): "fits" | "canBeNegated" | "tooBig" {
  const maximum = MAXIMUM[literal.type];
  // 3 digits always fit a 16-bit type and up; asking BigInt is for the long ones
  if (maximum === undefined || (literal.text.length <= 15 && literal.type === "Int")) return "fits";
  const value = BigInt(literal.text);
  if (value <= maximum) return "fits";
  const isDecimal = !/^0[xXbB]/.test(literal.text);
  return isDecimal && !literal.type.startsWith("U") && value === maximum + 1n ? "canBeNegated" : "tooBig";
}
