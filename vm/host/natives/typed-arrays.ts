/** Host functions on typed arrays, which are written in place, and on Int64List, which is not. */
import { toInt64 } from "../../bytecode/arithmetic.ts";
import { makeFloat } from "../../values/kind.ts";
import { Counting } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { arrayElement, setArrayElement } from "../../values/typed-array.ts";
import { Cons, IntList, type List, NIL, TypedArray, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import {
  chargeElements,
  intArgument,
  listArgument,
  native,
  perform,
  positionArgument,
  stepped,
  wrongArgument,
} from "./arguments.ts";

type ArrayKind = TypedArray["kind"];

/** in elements; half a GB of doubles */
const MAX_LENGTH = 2 ** 26;

function storage(kind: ArrayKind, length: number): TypedArray["items"] {
  if (kind === "Int64Array") return new BigInt64Array(length);
  return kind === "Float64Array" ? new Float64Array(length) : new Float32Array(length);
}

function makeArray(context: NativeContext, kind: ArrayKind, length: Value): TypedArray {
  const count = positionArgument(length, `${kind}.make`);
  if (count < 0 || count > MAX_LENGTH) panic(`${kind}.make: a length of ${count} is not possible`);
  chargeElements(context, count);
  return new TypedArray(kind, storage(kind, count));
}

function arrayArgument(value: Value, kind: ArrayKind, name: string): TypedArray {
  return value instanceof TypedArray && value.kind === kind ? value : wrongArgument(`${kind}.${name}`, kind, value);
}

function arrayNatives(kind: ArrayKind): Native[] {
  return [
    native(`${kind}.new`, 1, (context, length) => makeArray(context, kind, length)),
    stepped(`${kind}.make`, 2, function* (context, length, value) {
      const array = makeArray(context, kind, length);
      for (let i = 0; i < array.items.length; i++) {
        setArrayElement(array, i, value);
        if (--context.left <= 0) yield;
      }
      return array;
    }),
    stepped(`${kind}.fromList`, 1, function* (context, value) {
      const list = listArgument(value, `${kind}.fromList`);
      const array = makeArray(context, kind, yield* perform<number>(new Counting(list), context));
      let i = 0;
      for (let cell = list; cell instanceof Cons; cell = cell.tail) {
        setArrayElement(array, i++, cell.head);
        if (--context.left <= 0) yield;
      }
      return array;
    }),
    native(`${kind}.length`, 1, (_, array) => arrayArgument(array, kind, "length").items.length),
    native(`${kind}.get`, 2, (_, array, index) => {
      return arrayElement(arrayArgument(array, kind, "get"), positionArgument(index, `${kind}.get`));
    }),
    native(`${kind}.set`, 3, (_, array, index, value) => {
      return setArrayElement(arrayArgument(array, kind, "set"), positionArgument(index, `${kind}.set`), value);
    }),
    stepped(`${kind}.toList`, 1, (context, value) => itemSteps(context, arrayArgument(value, kind, "toList").items)),
  ];
}

function* itemSteps(context: NativeContext, items: TypedArray["items"]): Generator<undefined, List> {
  let list: List = NIL;
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i] as bigint | number;
    list = new Cons(typeof item === "bigint" ? toInt64(item) : makeFloat(item), list);
    if (--context.left <= 0) yield;
  }
  return list;
}

/** Wraps at 64 bits. */
function* sum(context: NativeContext, items: BigInt64Array): Generator<undefined, Value> {
  let total = 0n;
  for (const item of items) {
    total = BigInt.asIntN(64, total + item);
    if (--context.left <= 0) yield;
  }
  return toInt64(total);
}

function intListArgument(value: Value, name: string): IntList {
  return value instanceof IntList ? value : wrongArgument(`IntList.${name}`, "Int64List", value);
}

function intListItem(list: IntList, position: number): Value {
  const item = list.items[position];
  return item === undefined
    ? panic(`Index ${position} out of bounds for Int64List of length ${list.items.length}`)
    : toInt64(item);
}

export const typedArrayNatives: readonly Native[] = [
  ...arrayNatives("Int64Array"),
  ...arrayNatives("Float64Array"),
  ...arrayNatives("Float32Array"),
  stepped("Int64Array.sum", 1, (context, array) =>
    sum(context, arrayArgument(array, "Int64Array", "sum").items as BigInt64Array),
  ),

  stepped("IntList.fromList", 1, function* (context, value) {
    const list = listArgument(value, "toIntList");
    const items = new BigInt64Array(yield* perform<number>(new Counting(list), context));
    let i = 0;
    for (let cell = list; cell instanceof Cons; cell = cell.tail) {
      items[i++] = BigInt(intArgument(cell.head, "toIntList"));
      if (--context.left <= 0) yield;
    }
    return new IntList(items);
  }),
  stepped("IntList.range", 1, function* (context, count) {
    const length = Math.max(0, positionArgument(count, "intListRange"));
    if (length > MAX_LENGTH) panic(`intListRange: a length of ${length} is not possible`);
    const items = new BigInt64Array(length);
    for (let i = 0; i < length; i++) {
      items[i] = BigInt(length - i);
      if (--context.left <= 0) yield;
    }
    return new IntList(items);
  }),
  native("IntList.length", 1, (_, list) => intListArgument(list, "length").items.length),
  native("IntList.isEmpty", 1, (_, list) => intListArgument(list, "isEmpty").items.length === 0),
  native("IntList.head", 1, (_, list) => intListItem(intListArgument(list, "head"), 0)),
  native("IntList.tail", 1, (_, value) => {
    const list = intListArgument(value, "tail");
    if (list.items.length === 0) panic("IntList.tail: empty list");
    return new IntList(list.items.subarray(1)); // shares the numbers: nobody writes to them
  }),
  native("IntList.get", 2, (_, list, index) =>
    intListItem(intListArgument(list, "get"), positionArgument(index, "IntList.get")),
  ),
  stepped("IntList.sum", 1, (context, list) => sum(context, intListArgument(list, "sum").items)),
  stepped("IntList.toList", 1, (context, value) => itemSteps(context, intListArgument(value, "toList").items)),
];
