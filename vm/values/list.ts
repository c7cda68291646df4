/**
 * Lists: cons cells with one lazy slot.
 *
 * The trick: `memo` stays 0 until somebody asks. `length` walks once and notes in every cell passed how many follow; the
 * first far index hangs an index on its cell. Nothing is paid at construction, so tails can be written front to back
 * while a list is built, and a kept tail holds nothing of what was before it.
 *
 *   ListIndex { items, rest, length }     items[0] is the element of the cell that holds the index; rest goes on behind
 *
 * L1  memo is 0, or the exact length, or an index of exactly this length. NIL has length 0.
 * L2  A cell's tail changes only before anybody but its maker has seen it: in a ListBuilder or Prefix that has not
 *     finished, and in a Turning.
 * L3  In a chain of indexes each but the last covers less than half of the next one's elements, so a chain has O(log n)
 *     links and prepending between two index operations stays cheap.
 */
import { complete, GeneratedStep, type Meter, Step, unmetered } from "./step.ts";
import { Cons, type List, NIL, type Value } from "./value.ts";

/** An index of the elements from a cell on. */
export class ListIndex {
  readonly items: readonly Value[];
  readonly rest: ListIndex | undefined;
  readonly length: number;
  constructor(items: readonly Value[], rest: ListIndex | undefined) {
    this.items = items;
    this.rest = rest;
    this.length = items.length + (rest === undefined ? 0 : rest.length);
  }
}

/** So many cells are walked rather than indexed. */
const WALK = 16;

/** Whether `lengthOf` answers at once. */
export function isLengthKnown(list: List): boolean {
  return !(list instanceof Cons) || list.memo !== 0;
}

export function lengthOf(list: List): number {
  if (!(list instanceof Cons)) return 0;
  return list.memo !== 0 ? memoLength(list.memo) : complete(new Counting(list));
}

/** Counts cells that know nothing, then notes in each how many follow (L1). */
export class Counting extends Step<number> {
  private readonly list: Cons;
  private cell: List;
  private count = 0;
  /** the answer, once all are counted */
  private total: number | undefined = undefined;

  constructor(list: Cons) {
    super();
    this.list = list;
    this.cell = list;
  }

  run(meter: Meter): number | undefined {
    let { cell, count } = this;
    if (this.total === undefined) {
      for (; cell instanceof Cons && cell.memo === 0 && meter.left > 0; cell = cell.tail) {
        meter.left--;
        count++;
      }
      this.cell = cell;
      this.count = count;
      if (cell instanceof Cons) {
        if (cell.memo === 0) return undefined;
        count += memoLength(cell.memo);
      }
      this.total = count;
      cell = this.list;
    }
    // whoever counted the same cells meanwhile has noted the same
    for (; cell instanceof Cons && cell.memo === 0 && meter.left > 0; cell = cell.tail) {
      meter.left--;
      cell.memo = count--;
    }
    if (cell instanceof Cons && cell.memo === 0) {
      this.cell = cell;
      this.count = count;
      return undefined;
    }
    return this.total;
  }
}

/** The length if it costs nothing to say, else undefined. */
function knownLength(list: List): number | undefined {
  if (!(list instanceof Cons)) return 0;
  return list.memo === 0 ? undefined : memoLength(list.memo);
}

function memoLength(memo: number | ListIndex): number {
  return typeof memo === "number" ? memo : memo.length;
}

/** The element at a position, 0 or more; undefined past the end. */
export function elementAt(list: List, position: number): Value | undefined {
  let cell = list;
  for (let walked = 0; cell instanceof Cons; walked++) {
    if (typeof cell.memo !== "number") return indexed(cell.memo, position - walked);
    if (walked === position) return cell.head;
    if (walked === WALK) {
      const rest = position - walked;
      if (cell.memo !== 0 && rest >= cell.memo) return undefined;
      // The index goes to the first cell, so that the next access finds it at once.
      return indexed(buildIndex(list as Cons), position);
    }
    cell = cell.tail;
  }
  return undefined;
}

function indexed(index: ListIndex, position: number): Value | undefined {
  let link: ListIndex | undefined = index;
  let rest = position;
  while (link !== undefined) {
    if (rest < link.items.length) return link.items[rest];
    rest -= link.items.length;
    link = link.rest;
  }
  return undefined;
}

/**
 * What has to be done before `elementAt` answers this at once: a step that makes the list's index. undefined: nothing.
 */
export function indexing(list: List, position: number, meter: Meter): Step<ListIndex> | undefined {
  if (position < WALK || !(list instanceof Cons)) return undefined;
  let cell: List = list;
  for (let walked = 0; walked <= WALK; walked++) {
    if (!(cell instanceof Cons) || typeof cell.memo !== "number") return undefined;
    if (cell.memo !== 0 && position - walked >= cell.memo) return undefined;
    cell = cell.tail;
  }
  return new GeneratedStep(indexSteps(list, meter));
}

function buildIndex(list: Cons): ListIndex {
  return complete(new GeneratedStep(indexSteps(list, unmetered())));
}

function* indexSteps(list: Cons, meter: Meter): Generator<undefined, ListIndex> {
  const items: Value[] = [];
  let cell: List = list;
  while (cell instanceof Cons && typeof cell.memo === "number") {
    items.push(cell.head);
    cell = cell.tail;
    if (--meter.left <= 0) yield;
  }
  let rest = cell instanceof Cons ? (cell.memo as ListIndex) : undefined;
  while (rest !== undefined && rest.items.length < 2 * items.length) {
    // L3
    for (const item of rest.items) {
      items.push(item);
      if (--meter.left <= 0) yield;
    }
    rest = rest.rest;
  }
  const index = new ListIndex(items, rest);
  list.memo = index;
  return index;
}

/** Builds a list front to back. */
export class ListBuilder {
  /** how many were pushed */
  count = 0;
  private first: Cons | undefined = undefined;
  private last: Cons | undefined = undefined;

  push(value: Value): void {
    const cell = new Cons(value, NIL);
    if (this.last === undefined) this.first = cell;
    else this.last.tail = cell;
    this.last = cell;
    this.count++;
  }

  /** The list of what was pushed, followed by `tail`. The builder is used up. */
  finish(tail: List = NIL): List {
    if (this.first === undefined || this.last === undefined) return tail;
    this.last.tail = tail;
    noteLength(this.first, this.count, tail);
    return this.first;
  }
}

/** L1, where the length of what follows `count` cells is known. */
function noteLength(first: Cons, count: number, tail: List): void {
  const rest = knownLength(tail);
  if (rest !== undefined) first.memo = count + rest;
}

/** The elements from `start` on, in front of `tail`. */
export function listOf(items: ArrayLike<Value>, tail: List = NIL, start = 0): List {
  let list = tail;
  for (let i = items.length - 1; i >= start; i--) list = new Cons(items[i] as Value, list);
  if (tail === NIL && list instanceof Cons) list.memo = items.length - start;
  return list;
}

export function toArray(list: List): Value[] {
  const items: Value[] = [];
  for (let cell = list; cell instanceof Cons; cell = cell.tail) items.push(cell.head);
  return items;
}

/** For Prefix: all cells. No list is longer. */
export const ALL_CELLS = 2 ** 30;

/** The first `count` cells copied, in front of what `tailOf` makes of the rest, and of how many cells were missing. */
export class Prefix extends Step<List> {
  private cell: List;
  private count: number;
  private readonly tailOf: (rest: List, missing: number) => List;
  private copied = 0;
  private first: Cons | undefined = undefined;
  private last: Cons | undefined = undefined;

  constructor(list: List, count: number, tailOf: (rest: List, missing: number) => List) {
    super();
    this.cell = list;
    this.count = count;
    this.tailOf = tailOf;
  }

  run(meter: Meter): List | undefined {
    let { cell, last, count } = this;
    const before = count;
    for (; count > 0 && cell instanceof Cons && meter.left > 0; cell = cell.tail) {
      const copy = new Cons(cell.head, NIL);
      if (last === undefined) this.first = copy;
      else last.tail = copy;
      last = copy;
      count--;
      meter.left--;
    }
    this.copied += before - count;
    if (count > 0 && cell instanceof Cons) {
      this.cell = cell;
      this.last = last;
      this.count = count;
      return undefined;
    }
    const tail = this.tailOf(cell, count);
    if (this.first === undefined || last === undefined) return tail;
    last.tail = tail;
    noteLength(this.first, this.copied, tail);
    return this.first;
  }
}

/** a's elements, then b, which is shared; a step at a time. */
export function concatenation(a: List, b: List): Step<List> {
  return new Prefix(a, b instanceof Cons ? ALL_CELLS : 0, (rest) => (b instanceof Cons ? b : rest));
}

/** The same at once. */
export function concatLists(a: List, b: List): List {
  return complete(concatenation(a, b));
}

/** The elements from the last to the first. */
export class Reversal extends Step<List> {
  private cell: List;
  private reversed: List = NIL;
  private count = 0;

  constructor(list: List) {
    super();
    this.cell = list;
  }

  run(meter: Meter): List | undefined {
    let { cell, reversed, count } = this;
    for (; cell instanceof Cons && meter.left > 0; cell = cell.tail) {
      meter.left--;
      reversed = new Cons(cell.head, reversed);
      count++;
    }
    if (!(cell instanceof Cons)) {
      if (reversed instanceof Cons) reversed.memo = count;
      return reversed;
    }
    this.cell = cell;
    this.reversed = reversed;
    this.count = count;
    return undefined;
  }
}

/** The same cells in the other direction, for a list that nobody but its maker has seen (L2). */
export class Turning extends Step<List> {
  private cell: List;
  private reversed: List = NIL;
  private count = 0;

  constructor(list: List) {
    super();
    this.cell = list;
  }

  run(meter: Meter): List | undefined {
    let { cell, reversed, count } = this;
    while (cell instanceof Cons && meter.left > 0) {
      meter.left--;
      const { tail }: Cons = cell;
      cell.tail = reversed;
      cell.memo = 0;
      reversed = cell;
      cell = tail;
      count++;
    }
    if (!(cell instanceof Cons)) {
      if (reversed instanceof Cons) reversed.memo = count;
      return reversed;
    }
    this.cell = cell;
    this.reversed = reversed;
    this.count = count;
    return undefined;
  }
}

/** What is left behind the first `count` elements, a step at a time. */
export class Rest extends Step<List> {
  private cell: List;
  private count: number;

  constructor(list: List, count: number) {
    super();
    this.cell = list;
    this.count = count;
  }

  run(meter: Meter): List | undefined {
    let { cell, count } = this;
    for (; count > 0 && cell instanceof Cons && meter.left > 0; cell = cell.tail) {
      meter.left--;
      count--;
    }
    if (count <= 0 || !(cell instanceof Cons)) return cell;
    this.cell = cell;
    this.count = count;
    return undefined;
  }
}

/** What is left behind the first `count` elements; NIL when there are fewer. */
export function dropFrom(list: List, count: number): List {
  return complete(new Rest(list, count));
}

export function takeFrom(list: List, count: number): List {
  return complete(new Prefix(list, count, () => NIL));
}

/** A copy with another element at a position that the caller has checked; what follows it is shared. */
export function withElement(list: List, position: number, value: Value): List {
  return complete(new Prefix(list, position, (rest) => new Cons(value, rest instanceof Cons ? rest.tail : NIL)));
}

export function reverseList(list: List): List {
  return complete(new Reversal(list));
}

export function reverseInPlace(list: List): List {
  return complete(new Turning(list));
}

/** The elements of the array, in front of `tail`, a step at a time. */
export function* listSteps(items: ArrayLike<Value>, meter: Meter): Generator<undefined, List> {
  let list: List = NIL;
  for (let i = items.length - 1; i >= 0; i--) {
    list = new Cons(items[i] as Value, list);
    if (--meter.left <= 0) yield;
  }
  if (list instanceof Cons) list.memo = items.length;
  return list;
}

export function* arraySteps(list: List, meter: Meter): Generator<undefined, Value[]> {
  const items: Value[] = [];
  for (let cell = list; cell instanceof Cons; cell = cell.tail) {
    items.push(cell.head);
    if (--meter.left <= 0) yield;
  }
  return items;
}
