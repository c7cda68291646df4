/** Constants of a Unit as values. */
import { toInt64 } from "../bytecode/arithmetic.ts";
import type { Constant } from "../bytecode/unit.ts";
import { parseDecimal } from "./decimal.ts";
import { makeFloat } from "./kind.ts";
import { BigIntValue, Char, Float32, Sized, UNIT, type Value } from "./value.ts";

/** @throws Error for a Decimal that is none: units of our compiler hold none */
export function valueOfConstant(constant: Constant): Value {
  switch (constant.kind) {
    case "Int":
      return toInt64(constant.value);
    case "Float":
      return makeFloat(constant.value);
    case "Float32":
      return new Float32(Math.fround(constant.value));
    case "BigInt":
      return new BigIntValue(constant.value);
    case "Decimal": {
      const value = parseDecimal(constant.value);
      if (value === undefined) throw new Error(`a Decimal constant reads ${constant.value}`);
      return value;
    }
    case "String":
    case "Bool":
      return constant.value;
    case "Char":
      return new Char(constant.value);
    case "Unit":
      return UNIT;
    default:
      return new Sized(constant.kind, constant.value);
  }
}
