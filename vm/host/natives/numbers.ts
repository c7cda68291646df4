/** Host functions on numbers: conversions, mathematics, reading numbers from text. */
import { addInt, type Int, mulInt, parseInt64, truncateToInt } from "../../bytecode/arithmetic.ts";
import { parseFloat64 } from "../../bytecode/float-text.ts";
import type { SizedKind } from "../../bytecode/unit.ts";
import { parseDecimal } from "../../values/decimal.ts";
import { makeFloat } from "../../values/kind.ts";
import {
  absolute,
  add,
  convertToBig,
  convertToDecimal,
  convertToDouble,
  convertToInt,
  convertToSized,
  multiply,
  negate,
  power,
} from "../../values/numbers.ts";
import { panic } from "../../values/raise.ts";
import { BigIntValue, Cons, Float32, makeChar, type Value } from "../../values/value.ts";
import type { Native } from "../native.ts";
import {
  charArgument,
  chargeText,
  doubleArgument,
  intArgument,
  listArgument,
  native,
  optional,
  optionalFloat,
  stepped,
  textArgument,
} from "./arguments.ts";

const SIZED: readonly SizedKind[] = ["Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64"];

/** Half away from zero, where Math.round goes up. */
function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

function floatFunction(name: string, run: (x: number) => number): Native {
  return native(`Math.${name}`, 1, (_, x) => makeFloat(run(doubleArgument(x, name))));
}

function toWhole(name: string, run: (x: number) => number): Native {
  return native(`Math.${name}`, 1, (_, x) => truncateToInt(run(doubleArgument(x, name))));
}

/** Folds a list of numbers; Ints, the common case, without looking at kinds again. */
function foldNumbers(
  name: string,
  start: Int,
  ofInts: (a: Int, b: Int) => Int,
  ofAny: (a: Value, b: Value) => Value,
): Native {
  return stepped(`Number.${name}`, 1, function* (context, list) {
    let total: Value = start;
    let isFirst = true;
    for (let cell = listArgument(list, name); cell instanceof Cons; cell = cell.tail) {
      const { head } = cell;
      if (typeof total === "number" && typeof head === "number" && Number.isInteger(head) && Number.isInteger(total))
        total = ofInts(total, head);
      else total = isFirst ? head : ofAny(total, head); // the first decides the kind
      isFirst = false;
      if (--context.left <= 0) yield;
    }
    return total;
  });
}

/** Digits with an optional sign, of any length that can be a BigInt. */
export function parseBig(text: string): BigIntValue | undefined {
  const match = /^([+-]?)([0-9]+)$/.exec(text);
  if (match === null || text.length > 4_000_000) return undefined;
  const magnitude = BigInt(match[2] as string);
  return new BigIntValue(match[1] === "-" ? -magnitude : magnitude);
}

export const numberNatives: readonly Native[] = [
  native("Number.toInt", 1, (_, x) => convertToInt(x)),
  ...SIZED.map((kind) => native(`Number.to${kind}`, 1, (_, x) => convertToSized(kind, x))),
  native("Number.toFloat", 1, (_, x) => makeFloat(convertToDouble(x))),
  native("Number.toFloat32", 1, (_, x) => new Float32(Math.fround(convertToDouble(x)))),
  native("Number.toBigInt", 1, (_, x) => convertToBig(x)),
  native("Number.toDecimal", 1, (_, x) => convertToDecimal(x)),
  native("Number.abs", 1, (_, x) => absolute(x)),
  native("Number.negate", 1, (_, x) => negate(x)),
  native("Number.pow", 2, (_, base, exponent) => power(base, exponent)),
  foldNumbers("sum", 0, addInt, add),
  foldNumbers("product", 1, mulInt, multiply),

  floatFunction("sqrt", Math.sqrt),
  floatFunction("sin", Math.sin),
  floatFunction("cos", Math.cos),
  floatFunction("tan", Math.tan),
  floatFunction("log", Math.log),
  floatFunction("log10", Math.log10),
  toWhole("floor", Math.floor),
  toWhole("ceil", Math.ceil),
  toWhole("round", roundHalfAway),

  native("Int.parse", 1, (_, text) => optional(parseInt64(textArgument(text, "Int.parse").trim()))),
  native("Float.parse", 1, (_, text) => optionalFloat(parseFloat64(textArgument(text, "Float.parse").trim()))),
  native("BigInt.parse", 1, (context, text) => {
    const digits = textArgument(text, "BigInt.parse").trim();
    chargeText(context, digits.length * 10);
    return optional(parseBig(digits));
  }),
  native("Decimal.parse", 1, (_, text) => optional(parseDecimal(textArgument(text, "Decimal.parse").trim()))),
  native("Int.toChar", 1, (_, x) => {
    const code = Number(intArgument(x, "toChar"));
    if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) panic(`Invalid Unicode codepoint: ${code}`);
    return makeChar(String.fromCodePoint(code));
  }),
  native("Char.toInt", 1, (_, char) => charArgument(char, "Char.toInt").text.codePointAt(0) ?? 0),
  native("Char.toString", 1, (_, char) => charArgument(char, "Char.toString").text),
];
