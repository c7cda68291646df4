/** Host functions on lists: those that take no function. Positions out of range are errors of the program. */
import { fieldsOf, isPair, makePair } from "../../values/data.ts";
import { equalWithin } from "../../values/equality.ts";
import { hashWithin } from "../../values/hash.ts";
import {
  arraySteps, Counting, elementAt, indexing, ListBuilder, listSteps, Prefix, Rest, Reversal,
} from "../../values/list.ts"; // biome-ignore format: a table
import { compareWithin } from "../../values/order.ts";
import { panic } from "../../values/raise.ts";
import { sortNumbersSteps, sortSteps, totalOrder } from "../../values/sort.ts";
import { GeneratedStep, Mapped, type Meter, Step } from "../../values/step.ts";
import { Cons, type List, NIL, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import {
  answering,
  intArgument,
  listArgument,
  native,
  optional,
  perform,
  positionArgument,
  settle,
  stepped,
  wrongArgument,
} from "./arguments.ts";

/** 670 MB of cells: what one call may build before anybody can look at the heap. */
const MAX_ELEMENTS = 2 ** 24;

function nonEmpty(value: Value, name: string): Cons {
  const list = listArgument(value, name);
  return list instanceof Cons ? list : panic(`${name}: empty list`);
}

function elements(context: NativeContext, value: Value, name: string): Generator<undefined, Value[]> {
  return arraySteps(listArgument(value, name), context);
}

function outOfRange(position: number): never {
  return panic(
    position < 0
      ? `Index out of bounds: ${position} (negative index not allowed)`
      : `Index out of bounds: index ${position} is out of range`,
  );
}

function pairItems(value: Value, name: string): readonly Value[] {
  return isPair(value) ? fieldsOf(value) : wrongArgument(name, "a tuple of two", value);
}

/** A list's elements in order, NaN last. */
function* sorted(context: NativeContext, list: List): Generator<undefined, ArrayLike<Value>> {
  const items: Value[] = [];
  let areInts = true;
  for (let cell = list; cell instanceof Cons; cell = cell.tail) {
    const { head } = cell;
    if (typeof head !== "number" || !Number.isInteger(head)) areInts = false;
    items.push(head);
    if (--context.left <= 0) yield;
  }
  return areInts
    ? yield* sortNumbersSteps(new Float64Array(items as number[]), context)
    : yield* sortSteps(items, totalOrder(context), context);
}

/** The first of each group of equal elements, in order. */
function* unique(context: NativeContext, items: readonly Value[]): Generator<undefined, Value[]> {
  const byHash = new Map<number, Value[]>();
  const kept: Value[] = [];
  for (const item of items) {
    const hash = yield* settle(hashWithin(item, context), context);
    const known = byHash.get(hash);
    if (known === undefined) byHash.set(hash, [item]);
    else {
      let isKnown = false;
      for (let i = 0; i < known.length && !isKnown; i++)
        isKnown = yield* settle(equalWithin(known[i] as Value, item, context), context);
      if (isKnown) continue;
      known.push(item);
    }
    kept.push(item);
    if (--context.left <= 0) yield;
  }
  return kept;
}

function* transpose(context: NativeContext, rows: readonly Value[]): Generator<undefined, List> {
  let rests = rows.map((row) => listArgument(row, "List.transpose"));
  const columns = new ListBuilder();
  for (;;) {
    const column = new ListBuilder();
    const others: List[] = [];
    for (const rest of rests) {
      if (rest instanceof Cons) {
        column.push(rest.head);
        others.push(rest.tail);
      }
      if (--context.left <= 0) yield;
    }
    if (others.length === 0) return columns.finish();
    columns.push(column.finish());
    rests = others;
  }
}

/** The best element, where `isBetter` is told how a candidate compares to it. */
function best(name: string, isBetter: (order: number) => boolean): Native {
  return stepped(`List.${name}`, 1, function* (context, value) {
    const list = nonEmpty(value, name);
    let found = list.head;
    for (let cell: List = list.tail; cell instanceof Cons; cell = cell.tail) {
      const order = compareWithin(cell.head, found, "total", context);
      if (isBetter(typeof order === "number" ? order : yield* settle(order, context))) found = cell.head;
      if (--context.left <= 0) yield;
    }
    return found;
  });
}

/** The position of the first element that equals the wanted one; -1 when there is none. */
class Search extends Step<number> {
  private cell: List;
  private readonly wanted: Value;
  private position = 0;
  private comparing: Step<boolean> | undefined = undefined;

  constructor(list: List, wanted: Value) {
    super();
    this.cell = list;
    this.wanted = wanted;
  }

  run(meter: Meter): number | undefined {
    const { wanted } = this;
    let { cell, position, comparing } = this;
    while (cell instanceof Cons && meter.left > 0) {
      const isEqual: boolean | Step<boolean> =
        comparing === undefined ? equalWithin(cell.head, wanted, meter) : (comparing.run(meter) ?? comparing);
      if (isEqual === true) return position;
      if (isEqual === false) {
        cell = cell.tail;
        position++;
        meter.left--;
        comparing = undefined;
      } else comparing = isEqual;
    }
    if (!(cell instanceof Cons)) return -1;
    this.cell = cell;
    this.position = position;
    this.comparing = comparing;
    return undefined;
  }
}

/** The list without the first element that equals the unwanted one. */
class Removal extends Step<List> {
  private readonly list: List;
  private readonly search: Search;
  private prefix: Prefix | undefined = undefined;

  constructor(list: List, unwanted: Value) {
    super();
    this.list = list;
    this.search = new Search(list, unwanted);
  }

  run(meter: Meter): List | undefined {
    if (this.prefix === undefined) {
      const at = this.search.run(meter);
      if (at === undefined) return undefined;
      if (at < 0) return this.list;
      this.prefix = new Prefix(this.list, at, (rest) => (rest as Cons).tail);
    }
    return this.prefix.run(meter);
  }
}

/** The elements of all lists in a list, in one. */
class Flattening extends Step<List> {
  private outer: List;
  private inner: List = NIL;
  private readonly name: string;
  private readonly builder = new ListBuilder();

  /** @param name  of the host function, for what it says to a list with something else in it */
  constructor(lists: List, name: string) {
    super();
    this.outer = lists;
    this.name = name;
  }

  run(meter: Meter): List | undefined {
    const { builder } = this;
    let { outer, inner } = this;
    while (meter.left > 0) {
      meter.left--;
      if (inner instanceof Cons) {
        builder.push(inner.head);
        inner = inner.tail;
      } else if (outer instanceof Cons) {
        inner = listArgument(outer.head, this.name);
        outer = outer.tail;
      } else return builder.finish();
    }
    this.outer = outer;
    this.inner = inner;
    return undefined;
  }
}

export const listNatives: readonly Native[] = [
  native("List.length", 1, (context, list) => context.begin(new Counting(listArgument(list, "List.length")))),
  native("List.isEmpty", 1, (_, list) => !(listArgument(list, "List.isEmpty") instanceof Cons)),
  native("List.get", 2, (context, a, index) => {
    const list = listArgument(a, "List.get");
    const position = positionArgument(index, "List.get");
    const indexed = indexing(list, position, context);
    if (indexed === undefined) return (position < 0 ? undefined : elementAt(list, position)) ?? outOfRange(position);
    return context.begin(new GeneratedStep(elementSteps(context, indexed, list, position)));
  }),
  native("List.head", 1, (_, list) => nonEmpty(list, "head").head),
  native("List.tail", 1, (_, list) => nonEmpty(list, "tail").tail),
  stepped("List.last", 1, function* (context, a) {
    let cell = nonEmpty(a, "last");
    for (; cell.tail instanceof Cons; cell = cell.tail) if (--context.left <= 0) yield;
    return cell.head;
  }),
  stepped("List.init", 1, function* (context, a) {
    return (yield* withoutLast(context, nonEmpty(a, "init"))).front;
  }),
  stepped("List.slice", 3, function* (context, a, from, to) {
    const start = Math.max(0, positionArgument(from, "List.slice"));
    const end = Math.max(start, positionArgument(to, "List.slice"));
    const rest = yield* perform<List>(new Rest(listArgument(a, "List.slice"), start), context);
    return yield* perform<List>(new Prefix(rest, end - start, () => NIL), context);
  }),
  native("List.take", 2, (context, a, count) =>
    context.begin(new Prefix(listArgument(a, "List.take"), positionArgument(count, "List.take"), () => NIL)),
  ),
  native("List.drop", 2, (context, a, count) =>
    context.begin(new Rest(listArgument(a, "List.drop"), positionArgument(count, "List.drop"))),
  ),
  native("List.splitAt", 2, (context, a, at) => {
    let back: List = NIL;
    const list = listArgument(a, "List.splitAt");
    const position = positionArgument(at, "List.splitAt");
    const front = new Prefix(list, position, (rest) => {
      back = rest;
      return NIL;
    });
    return context.begin(new Mapped(front, (copied) => makePair(copied, back)));
  }),
  stepped("List.range", 2, function* (context, from, to) {
    const start = intArgument(from, "range");
    const end = intArgument(to, "range");
    if (typeof start === "bigint" || typeof end === "bigint")
      return end <= start ? NIL : panic("range: bounds are too far apart");
    if (end - start > MAX_ELEMENTS) panic("range: bounds are too far apart");
    let list: List = NIL;
    for (let i = end - 1; i >= start; i--) {
      list = new Cons(i, list);
      if (--context.left <= 0) yield;
    }
    return list;
  }),
  stepped("List.replicate", 2, function* (context, count, value) {
    const times = positionArgument(count, "replicate");
    if (times > MAX_ELEMENTS) panic("replicate: the list would be too long");
    let list: List = NIL;
    for (let i = 0; i < times; i++) {
      list = new Cons(value, list);
      if (--context.left <= 0) yield;
    }
    return list;
  }),
  stepped("List.pop", 1, function* (context, a) {
    const { front, last } = yield* withoutLast(context, nonEmpty(a, "pop"));
    return makePair(front, last);
  }),
  native("List.set", 3, (context, a, index, value) =>
    context.begin(
      changedAt(a, index, "List.set", (rest) => (rest instanceof Cons ? new Cons(value, rest.tail) : undefined)),
    ),
  ),
  native("List.insertAt", 3, (context, a, index, value) =>
    context.begin(
      changedAt(a, index, "List.insertAt", (rest, missing) => (missing > 0 ? undefined : new Cons(value, rest))),
    ),
  ),
  native("List.removeAt", 2, (context, a, index) =>
    context.begin(changedAt(a, index, "List.removeAt", (rest) => (rest instanceof Cons ? rest.tail : undefined))),
  ),
  native("List.reverse", 1, (context, list) => context.begin(new Reversal(listArgument(list, "List.reverse")))),
  answering("List", "List.flatten", 1, (context, a) =>
    context.begin(new Flattening(listArgument(a, "List.flatten"), "List.flatten")),
  ),
  stepped("List.zip", 2, function* (context, a, b) {
    const builder = new ListBuilder();
    let left = listArgument(a, "List.zip");
    let right = listArgument(b, "List.zip");
    while (left instanceof Cons && right instanceof Cons) {
      builder.push(makePair(left.head, right.head));
      left = left.tail;
      right = right.tail;
      context.left -= 2;
      if (context.left <= 0) yield;
    }
    return builder.finish();
  }),
  stepped("List.unzip", 1, function* (context, a) {
    const firsts = new ListBuilder();
    const seconds = new ListBuilder();
    for (let cell = listArgument(a, "List.unzip"); cell instanceof Cons; cell = cell.tail) {
      const pair = pairItems(cell.head, "List.unzip");
      firsts.push(pair[0] as Value);
      seconds.push(pair[1] as Value);
      context.left -= 2;
      if (context.left <= 0) yield;
    }
    return makePair(firsts.finish(), seconds.finish());
  }),
  stepped("List.enumerate", 1, function* (context, a) {
    const builder = new ListBuilder();
    let position = 0;
    for (let cell = listArgument(a, "List.enumerate"); cell instanceof Cons; cell = cell.tail) {
      builder.push(makePair(position++, cell.head));
      if (--context.left <= 0) yield;
    }
    return builder.finish();
  }),
  stepped("List.transpose", 1, function* (context, a) {
    return yield* transpose(context, yield* elements(context, a, "List.transpose"));
  }),
  stepped("List.intersperse", 2, function* (context, a, separator) {
    const builder = new ListBuilder();
    for (let cell = listArgument(a, "List.intersperse"); cell instanceof Cons; cell = cell.tail) {
      builder.push(cell.head);
      if (cell.tail instanceof Cons) builder.push(separator);
      if (--context.left <= 0) yield;
    }
    return builder.finish();
  }),
  stepped("List.interleave", 2, function* (context, a, b) {
    const builder = new ListBuilder();
    let left = listArgument(a, "List.interleave");
    let right = listArgument(b, "List.interleave");
    while (left instanceof Cons || right instanceof Cons) {
      if (left instanceof Cons) {
        builder.push(left.head);
        left = left.tail;
      }
      if (right instanceof Cons) {
        builder.push(right.head);
        right = right.tail;
      }
      if (--context.left <= 0) yield;
    }
    return builder.finish();
  }),
  native("List.contains", 2, (context, list, wanted) =>
    context.begin(new Mapped(new Search(listArgument(list, "List.contains"), wanted), (at) => at >= 0)),
  ),
  native("List.indexOf", 2, (context, list, wanted) =>
    context.begin(
      new Mapped(new Search(listArgument(list, "List.indexOf"), wanted), (at) => optional(at < 0 ? undefined : at)),
    ),
  ),
  answering("List", "List.remove", 2, (context, a, unwanted) =>
    context.begin(new Removal(listArgument(a, "List.remove"), unwanted)),
  ),
  stepped("List.unique", 1, function* (context, a) {
    const items = yield* elements(context, a, "List.unique");
    return yield* listSteps(yield* unique(context, items), context);
  }),
  stepped("List.group", 1, function* (context, a) {
    const groups = new ListBuilder();
    let group = new ListBuilder();
    let first: Value | undefined;
    for (let cell = listArgument(a, "List.group"); cell instanceof Cons; cell = cell.tail) {
      const { head } = cell;
      if (first === undefined) first = head;
      else if (!(yield* settle(equalWithin(first, head, context), context))) {
        groups.push(group.finish());
        group = new ListBuilder();
        first = head;
      }
      group.push(head);
      if (--context.left <= 0) yield;
    }
    if (first !== undefined) groups.push(group.finish());
    return groups.finish();
  }),
  stepped("List.sort", 1, function* (context, a) {
    return yield* listSteps(yield* sorted(context, listArgument(a, "List.sort")), context);
  }),
  stepped("List.isSorted", 1, function* (context, a) {
    let previous: Value | undefined;
    for (let cell = listArgument(a, "List.isSorted"); cell instanceof Cons; cell = cell.tail) {
      if (previous !== undefined) {
        const order = compareWithin(previous, cell.head, "total", context);
        if ((typeof order === "number" ? order : yield* settle(order, context)) > 0) return false;
      }
      previous = cell.head;
      if (--context.left <= 0) yield;
    }
    return true;
  }),
  best("maximum", (order) => order > 0),
  best("minimum", (order) => order < 0),
];

function* elementSteps(
  context: NativeContext,
  indexed: Step<unknown>,
  list: List,
  position: number,
): Generator<undefined, Value> {
  while (indexed.run(context) === undefined) yield;
  return elementAt(list, position) ?? outOfRange(position);
}

function* withoutLast(context: NativeContext, list: Cons): Generator<undefined, { front: List; last: Value }> {
  const front = new ListBuilder();
  let cell = list;
  for (; cell.tail instanceof Cons; cell = cell.tail) {
    front.push(cell.head);
    if (--context.left <= 0) yield;
  }
  return { front: front.finish(), last: cell.head };
}

/** The list up to a position, and from there on what `tailOf` makes of the rest; undefined: there is no such position. */
function changedAt(
  value: Value,
  index: Value,
  name: string,
  tailOf: (rest: List, missing: number) => List | undefined,
): Step<List> {
  const list = listArgument(value, name);
  const position = positionArgument(index, name);
  if (position < 0) outOfRange(position);
  return new Prefix(list, position, (rest, missing) => tailOf(rest, missing) ?? outOfRange(position));
}
