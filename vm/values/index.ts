/**
 * Values, for the rest of the machine: the kinds (value.ts) and everything that can be done with any of them.
 * docs/decisions/0003-values.md has one row a kind. Start at kind.ts; equality, order, hash, show and copy are a file each.
 */
export { EMPTY_MAP, EMPTY_SET, forEachEntry, insert, lookup, MapBuilder, remove } from "./champ.ts";
export { type Copied, copyForSend, mayHoldMutables } from "./copy.ts";
export { fieldAt, fieldsOf, isPair, isTuple, makeData, makePair, makeTuple, setFieldAt, tupleType } from "./data.ts";
export {
  ERR,
  type InternedType,
  internType,
  isSameConstructor,
  NONE,
  NONE_VALUE,
  OK,
  PRELUDE_MODULE,
  SOME,
  structType,
} from "./data-types.ts";
export { equalValues } from "./equality.ts";
export { hashKey, hashValue } from "./hash.ts";
export { floatValue, isInt, isKind, type KindName, kindOf, makeFloat, typeName } from "./kind.ts";
export {
  concatLists,
  dropFrom,
  elementAt,
  ListBuilder,
  lengthOf,
  listOf,
  reverseList,
  takeFrom,
  toArray,
  withElement,
} from "./list.ts";
export { absolute, add, divide, isNumber, modulo, multiply, negate, power, subtract } from "./numbers.ts";
export { compareTotal, compareValues, greaterOrEqual, greaterThan, lessOrEqual, lessThan } from "./order.ts";
export { divisionByZero, panic, raise, typeError } from "./raise.ts";
export { display, MAX_TEXT, showNested, showResult } from "./show.ts";
export { codePointAt, codePoints, compareTexts, joinTexts, substring, textLength } from "./text.ts";
export { arrayElement, setArrayElement } from "./typed-array.ts";
export * from "./value.ts";
