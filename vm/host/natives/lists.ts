/** Host functions on lists: those that take no function. Positions out of range are errors of the program. */
import { equalValues } from "../../values/equality.ts";
import { hashValue } from "../../values/hash.ts";
import {
  builderOf,
  concatLists,
  dropFrom,
  elementAt,
  ListBuilder,
  lengthOf,
  listOf,
  reverseInPlace,
  reverseList,
  takeFrom,
  toArray,
  withElement,
} from "../../values/list.ts";
import { compareTotal } from "../../values/order.ts";
import { panic } from "../../values/raise.ts";
import { Cons, type List, NIL, Tuple, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import {
  chargedLength,
  chargeElements,
  intArgument,
  listArgument,
  native,
  optional,
  positionArgument,
  wrongArgument,
} from "./arguments.ts";

/** 800 MB of cells: what one call may build before anybody can look at the heap. */
const MAX_ELEMENTS = 2 ** 24;

function nonEmpty(value: Value, name: string): Cons {
  const list = listArgument(value, name);
  return list instanceof Cons ? list : panic(`${name}: empty list`);
}

/** The elements, charged for. */
function elements(context: NativeContext, value: Value, name: string): Value[] {
  const items = toArray(listArgument(value, name));
  chargeElements(context, items.length);
  return items;
}

function outOfRange(position: number): never {
  return panic(
    position < 0
      ? `Index out of bounds: ${position} (negative index not allowed)`
      : `Index out of bounds: index ${position} is out of range`,
  );
}

function pairItems(value: Value, name: string): readonly Value[] {
  return value instanceof Tuple && value.items.length === 2
    ? value.items
    : wrongArgument(name, "a tuple of two", value);
}

/** A list's elements in order, NaN last. */
function sorted(items: Value[]): ArrayLike<Value> {
  // Ints alone are sorted by V8 itself, without a comparison of ours.
  if (items.every((item) => typeof item === "number" && Number.isInteger(item)))
    return Float64Array.from(items as number[]).sort();
  return items.sort(compareTotal);
}

/** The first of each group of equal elements, in order. */
function unique(items: readonly Value[]): Value[] {
  const byHash = new Map<number, Value[]>();
  return items.filter((item) => {
    const hash = hashValue(item);
    const known = byHash.get(hash);
    if (known === undefined) {
      byHash.set(hash, [item]);
      return true;
    }
    if (known.some((other) => equalValues(other, item))) return false;
    known.push(item);
    return true;
  });
}

function groups(items: readonly Value[]): Value[] {
  const runs: Value[][] = [];
  for (const item of items) {
    const run = runs[runs.length - 1];
    if (run !== undefined && equalValues(run[0] as Value, item)) run.push(item);
    else runs.push([item]);
  }
  return runs.map((run) => listOf(run));
}

function transpose(rows: readonly Value[][]): Value[] {
  const width = rows.reduce((longest, row) => Math.max(longest, row.length), 0);
  const columns: Value[] = [];
  for (let i = 0; i < width; i++)
    columns.push(listOf(rows.filter((row) => i < row.length).map((row) => row[i] as Value)));
  return columns;
}

/** The best element, where `isBetter` is told how a candidate compares to it. */
function best(context: NativeContext, value: Value, name: string, isBetter: (order: number) => boolean): Value {
  const list = nonEmpty(value, name);
  let found = list.head;
  let count = 1;
  for (let cell: List = list.tail; cell instanceof Cons; cell = cell.tail) {
    if (isBetter(compareTotal(cell.head, found))) found = cell.head;
    count++;
  }
  chargeElements(context, count);
  return found;
}

export const listNatives: readonly Native[] = [
  native("List.length", 1, (context, list) => chargedLength(context, listArgument(list, "List.length"))),
  native("List.isEmpty", 1, (_, list) => !(listArgument(list, "List.isEmpty") instanceof Cons)),
  native("List.get", 2, (context, a, index) => {
    const list = listArgument(a, "List.get");
    const position = positionArgument(index, "List.get");
    if (list instanceof Cons && typeof list.memo === "number") chargeElements(context, position);
    return (position < 0 ? undefined : elementAt(list, position)) ?? outOfRange(position);
  }),
  native("List.head", 1, (_, list) => nonEmpty(list, "head").head),
  native("List.tail", 1, (_, list) => nonEmpty(list, "tail").tail),
  native("List.last", 1, (context, a) => {
    let cell = nonEmpty(a, "last");
    let count = 1;
    for (; cell.tail instanceof Cons; cell = cell.tail) count++;
    chargeElements(context, count);
    return cell.head;
  }),
  native("List.init", 1, (context, a) => {
    const items = elements(context, nonEmpty(a, "init"), "init");
    items.pop();
    return listOf(items);
  }),
  native("List.slice", 3, (context, a, from, to) => {
    const start = Math.max(0, positionArgument(from, "List.slice"));
    const end = Math.max(start, positionArgument(to, "List.slice"));
    const list = listArgument(a, "List.slice");
    const part = takeFrom(dropFrom(list, start), end - start);
    chargeElements(context, part === NIL ? lengthOf(list) : start + lengthOf(part));
    return part;
  }),
  native("List.take", 2, (context, a, count) => {
    const part = takeFrom(listArgument(a, "List.take"), positionArgument(count, "List.take"));
    chargeElements(context, lengthOf(part));
    return part;
  }),
  native("List.drop", 2, (context, a, count) => {
    let cell = listArgument(a, "List.drop");
    let left = positionArgument(count, "List.drop");
    let dropped = 0;
    for (; left > 0 && cell instanceof Cons; left--) {
      cell = cell.tail;
      dropped++;
    }
    chargeElements(context, dropped);
    return cell;
  }),
  native("List.splitAt", 2, (context, a, at) => {
    const list = listArgument(a, "List.splitAt");
    const position = positionArgument(at, "List.splitAt");
    const front = takeFrom(list, position);
    chargeElements(context, 2 * lengthOf(front));
    return new Tuple([front, dropFrom(list, position)]);
  }),
  native("List.range", 2, (context, from, to) => {
    const start = intArgument(from, "range");
    const end = intArgument(to, "range");
    if (typeof start === "bigint" || typeof end === "bigint")
      return end <= start ? NIL : panic("range: bounds are too far apart");
    if (end - start > MAX_ELEMENTS) panic("range: bounds are too far apart");
    let list: List = NIL;
    for (let i = end - 1; i >= start; i--) list = new Cons(i, list);
    chargeElements(context, end - start);
    return list;
  }),
  native("List.replicate", 2, (context, count, value) => {
    const times = positionArgument(count, "replicate");
    if (times > MAX_ELEMENTS) panic("replicate: the list would be too long");
    let list: List = NIL;
    for (let i = 0; i < times; i++) list = new Cons(value, list);
    chargeElements(context, times);
    return list;
  }),
  native("List.push", 2, (context, a, value) => {
    const builder = builderOf(listArgument(a, "List.push"));
    chargeElements(context, builder.count);
    builder.push(value);
    return builder.finish();
  }),
  native("List.concat", 2, (context, a, b) => {
    const builder = builderOf(listArgument(a, "List.concat"));
    chargeElements(context, builder.count);
    return builder.finish(listArgument(b, "List.concat"));
  }),
  native("List.pop", 1, (context, a) => {
    const items = elements(context, nonEmpty(a, "pop"), "pop");
    const last = items.pop() as Value;
    return new Tuple([listOf(items), last]);
  }),
  native("List.set", 3, (context, a, index, value) => {
    const list = listArgument(a, "List.set");
    const position = positionArgument(index, "List.set");
    if (position < 0 || position >= chargedLength(context, list)) outOfRange(position);
    chargeElements(context, position);
    return withElement(list, position, value);
  }),
  native("List.insertAt", 3, (context, a, index, value) => {
    const list = listArgument(a, "List.insertAt");
    const position = positionArgument(index, "List.insertAt");
    if (position < 0 || position > chargedLength(context, list)) outOfRange(position);
    chargeElements(context, position);
    return concatLists(takeFrom(list, position), new Cons(value, dropFrom(list, position)));
  }),
  native("List.removeAt", 2, (context, a, index) => {
    const list = listArgument(a, "List.removeAt");
    const position = positionArgument(index, "List.removeAt");
    if (position < 0 || position >= chargedLength(context, list)) outOfRange(position);
    chargeElements(context, position);
    return concatLists(takeFrom(list, position), dropFrom(list, position + 1));
  }),
  native("List.reverse", 1, (context, a) => {
    const reversed = reverseList(listArgument(a, "List.reverse"));
    chargeElements(context, lengthOf(reversed));
    return reversed;
  }),
  // what a comprehension has gathered, which nobody else has seen
  native("List.reverseOwn", 1, (context, a) => {
    const reversed = reverseInPlace(listArgument(a, "List.reverseOwn"));
    chargeElements(context, lengthOf(reversed));
    return reversed;
  }),
  native("List.flatten", 1, (context, a) => {
    const builder = new ListBuilder();
    let count = 0;
    for (const part of elements(context, a, "List.flatten")) {
      for (let cell = listArgument(part, "List.flatten"); cell instanceof Cons; cell = cell.tail) {
        builder.push(cell.head);
        count++;
      }
    }
    chargeElements(context, count);
    return builder.finish();
  }),
  native("List.zip", 2, (context, a, b) => {
    const builder = new ListBuilder();
    let left = listArgument(a, "List.zip");
    let right = listArgument(b, "List.zip");
    let count = 0;
    while (left instanceof Cons && right instanceof Cons) {
      builder.push(new Tuple([left.head, right.head]));
      left = left.tail;
      right = right.tail;
      count++;
    }
    chargeElements(context, 2 * count);
    return builder.finish();
  }),
  native("List.unzip", 1, (context, a) => {
    const pairs = elements(context, a, "List.unzip").map((pair) => pairItems(pair, "List.unzip"));
    return new Tuple([listOf(pairs.map((pair) => pair[0] as Value)), listOf(pairs.map((pair) => pair[1] as Value))]);
  }),
  native("List.enumerate", 1, (context, a) => {
    return listOf(elements(context, a, "List.enumerate").map((value, i) => new Tuple([i, value])));
  }),
  native("List.transpose", 1, (context, a) => {
    return listOf(
      transpose(elements(context, a, "List.transpose").map((row) => elements(context, row, "List.transpose"))),
    );
  }),
  native("List.intersperse", 2, (context, a, separator) => {
    const items = elements(context, a, "List.intersperse");
    return listOf(items.flatMap((item, i) => (i === 0 ? [item] : [separator, item])));
  }),
  native("List.interleave", 2, (context, a, b) => {
    const left = elements(context, a, "List.interleave");
    const right = elements(context, b, "List.interleave");
    const mixed: Value[] = [];
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      if (i < left.length) mixed.push(left[i] as Value);
      if (i < right.length) mixed.push(right[i] as Value);
    }
    return listOf(mixed);
  }),
  native("List.contains", 2, (context, a, wanted) => indexOfEqual(context, a, wanted, "List.contains") >= 0),
  native("List.indexOf", 2, (context, a, wanted) => {
    const at = indexOfEqual(context, a, wanted, "List.indexOf");
    return optional(at < 0 ? undefined : at);
  }),
  native("List.remove", 2, (context, a, unwanted) => {
    const at = indexOfEqual(context, a, unwanted, "List.remove");
    const list = listArgument(a, "List.remove");
    return at < 0 ? list : concatLists(takeFrom(list, at), dropFrom(list, at + 1));
  }),
  native("List.unique", 1, (context, a) => listOf(unique(elements(context, a, "List.unique")))),
  native("List.group", 1, (context, a) => listOf(groups(elements(context, a, "List.group")))),
  native("List.sort", 1, (context, a) => {
    const items = elements(context, a, "List.sort");
    chargeElements(context, items.length * Math.log2(items.length + 1));
    return listOf(sorted(items));
  }),
  native("List.isSorted", 1, (context, a) => {
    const items = elements(context, a, "List.isSorted");
    return items.every((item, i) => i === 0 || compareTotal(items[i - 1] as Value, item) <= 0);
  }),
  native("List.maximum", 1, (context, a) => best(context, a, "maximum", (order) => order > 0)),
  native("List.minimum", 1, (context, a) => best(context, a, "minimum", (order) => order < 0)),
];

function indexOfEqual(context: NativeContext, list: Value, wanted: Value, name: string): number {
  let position = 0;
  let cell = listArgument(list, name);
  while (cell instanceof Cons && !equalValues(cell.head, wanted)) {
    cell = cell.tail;
    position++;
  }
  chargeElements(context, position);
  return cell instanceof Cons ? position : -1;
}
