/**
 * Lists: cons cells of a head and a tail, and notes about some of them.
 *
 * The trick: a cell is as small as V8 can make it, since the collector copies every one that lives. What somebody has
 * found out about a list lies in `notes`, a weak table beside it: `length` notes in every 128th cell how many there are
 * from there on, the first far index notes an array of the elements at its cell. Nothing is paid at construction, so
 * tails can be written front to back while a list is built, and a kept tail holds nothing of what was before it.
 *
 *   ListIndex { items, rest, length }     items[0] is the element of the cell that it is noted at; rest goes on behind
 *
 * L1  A note is the exact length from its cell on, or an index of exactly this length.
 * L2  A cell's tail changes only before anybody but its maker has seen it: in a ListBuilder or Prefix that has not
 *     finished, and in an OpenList.
 * L3  In a chain of indexes each but the last covers less than half of the next one's elements, so a chain has O(log n)
 *     links and prepending between two index operations stays cheap.
 * L4  Whoever has counted STRIDE cells or more has left a note at the first of them and at each STRIDE-th after it. So
 *     `length` of what has been counted, or of a tail of it, looks at no more than STRIDE cells; of such a list with more
 *     in front of it at the new ones and, the first time, at no more than APART + STRIDE others.
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

const notes = new WeakMap<Cons, number | ListIndex>();

/** How far apart the notes of a counted list are; what is shorter is counted each time. */
const STRIDE = 128;
/** Looking for a note takes longer than going on, so of so many cells only the first STRIDE + 1 are looked up. A power of 2. */
const APART = 1024;
/** So many cells are walked rather than indexed. */
const WALK = 16;

export function lengthOf(list: List): number {
  return complete(new Counting(list));
}

function noteLength(note: number | ListIndex): number {
  return typeof note === "number" ? note : note.length;
}

/** Counts cells up to one that has a note, then leaves notes (L4). */
export class Counting extends Step<number> {
  private cell: List;
  private count = 0;
  /** each STRIDE-th of those counted */
  private readonly marks: Cons[] = [];

  constructor(list: List) {
    super();
    this.cell = list;
  }

  run(meter: Meter): number | undefined {
    let { cell, count } = this;
    const { marks } = this;
    let total: number | undefined;
    for (; cell instanceof Cons && meter.left > 0; cell = cell.tail) {
      if (count % APART <= STRIDE) {
        const note = notes.get(cell);
        if (note !== undefined) {
          total = count + noteLength(note);
          break;
        }
      }
      if (count % STRIDE === 0) marks.push(cell);
      meter.left--;
      count++;
    }
    if (!(cell instanceof Cons)) total = count;
    if (total === undefined) {
      this.cell = cell;
      this.count = count;
      return undefined;
    }
    // whoever counted the same cells meanwhile has noted the same
    if (count >= STRIDE) for (const [i, mark] of marks.entries()) notes.set(mark, total - i * STRIDE);
    return total;
  }
}

/** The element at a position, 0 or more; undefined past the end. */
export function elementAt(list: List, position: number): Value | undefined {
  if (position > WALK && list instanceof Cons) {
    const note = notes.get(list);
    if (note !== undefined && position >= noteLength(note)) return undefined;
    const near = indexNear(list);
    // The index goes to the first cell, so that the next access finds it at once.
    return near === undefined ? indexed(buildIndex(list), position) : indexed(near.index, position - near.walked);
  }
  let cell = list;
  for (let walked = 0; walked < position && cell instanceof Cons; walked++) cell = cell.tail;
  return cell instanceof Cons ? cell.head : undefined;
}

/** An index at one of the first cells; one of a list without elements, if it has no more cells than that. */
function indexNear(list: List): { readonly index: ListIndex; readonly walked: number } | undefined {
  let cell = list;
  for (let walked = 0; walked <= WALK; walked++) {
    if (!(cell instanceof Cons)) return { index: NO_INDEX, walked };
    const note = notes.get(cell);
    if (note instanceof ListIndex) return { index: note, walked };
    cell = cell.tail;
  }
  return undefined;
}

const NO_INDEX = new ListIndex([], undefined);

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
  if (position <= WALK || !(list instanceof Cons)) return undefined;
  const note = notes.get(list);
  if (note !== undefined && position >= noteLength(note)) return undefined;
  return indexNear(list) === undefined ? new GeneratedStep(indexSteps(list, meter)) : undefined;
}

function buildIndex(list: Cons): ListIndex {
  return complete(new GeneratedStep(indexSteps(list, unmetered())));
}

function* indexSteps(list: Cons, meter: Meter): Generator<undefined, ListIndex> {
  const items: Value[] = [];
  let rest: ListIndex | undefined;
  for (let cell: List = list; cell instanceof Cons; cell = cell.tail) {
    const note = notes.get(cell);
    if (note instanceof ListIndex) {
      rest = note;
      break;
    }
    items.push(cell.head);
    if (--meter.left <= 0) yield;
  }
  while (rest !== undefined && rest.items.length < 2 * items.length) {
    // L3
    for (const item of rest.items) {
      items.push(item);
      if (--meter.left <= 0) yield;
    }
    rest = rest.rest;
  }
  const index = new ListIndex(items, rest);
  notes.set(list, index);
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
    return this.first;
  }
}

/** The elements from `start` on, in front of `tail`. */
export function listOf(items: ArrayLike<Value>, tail: List = NIL, start = 0): List {
  let list = tail;
  for (let i = items.length - 1; i >= start; i--) list = new Cons(items[i] as Value, list);
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
  private first: Cons | undefined;
  private last: Cons | undefined;

  /** @param first,last  cells that come before those; their tails are still free */
  constructor(
    list: List,
    count: number,
    tailOf: (rest: List, missing: number) => List,
    first: Cons | undefined = undefined,
    last: Cons | undefined = undefined,
  ) {
    super();
    this.cell = list;
    this.count = count;
    this.tailOf = tailOf;
    this.first = first;
    this.last = last;
  }

  run(meter: Meter): List | undefined {
    let { cell, last, count } = this;
    for (; count > 0 && cell instanceof Cons && meter.left > 0; cell = cell.tail) {
      const copy = new Cons(cell.head, NIL);
      if (last === undefined) this.first = copy;
      else last.tail = copy;
      last = copy;
      count--;
      meter.left--;
    }
    if (count > 0 && cell instanceof Cons) {
      this.cell = cell;
      this.last = last;
      this.count = count;
      return undefined;
    }
    const tail = this.tailOf(cell, count);
    if (this.first === undefined || last === undefined) return tail;
    last.tail = tail;
    return this.first;
  }
}

/** a's elements, then b, which is shared. */
export function concatWithin(a: List, b: List, meter: Meter): List | Step<List> {
  if (b === NIL || a === NIL) return b === NIL ? a : b;
  // most are short; a list that is not goes on as a Prefix
  let cell = a as Cons;
  let { left } = meter;
  const first = new Cons(cell.head, NIL);
  let last = first;
  while (--left > 0 && cell.tail !== NIL) {
    cell = cell.tail as Cons;
    const copy = new Cons(cell.head, NIL);
    last.tail = copy;
    last = copy;
  }
  meter.left = left;
  if (cell.tail === NIL) {
    last.tail = b;
    return first;
  }
  return new Prefix(cell.tail, ALL_CELLS, () => b, first, last);
}

/** The same at once. */
export function concatLists(a: List, b: List): List {
  const joined = concatWithin(a, b, unmetered());
  return joined instanceof Step ? complete(joined) : joined;
}

/** The elements from the last to the first. */
export class Reversal extends Step<List> {
  private cell: List;
  private reversed: List = NIL;

  constructor(list: List) {
    super();
    this.cell = list;
  }

  run(meter: Meter): List | undefined {
    let { cell, reversed } = this;
    for (; cell instanceof Cons && meter.left > 0; cell = cell.tail) {
      meter.left--;
      reversed = new Cons(cell.head, reversed);
    }
    if (!(cell instanceof Cons)) return reversed;
    this.cell = cell;
    this.reversed = reversed;
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

/** The elements of the array, in front of `tail`, a step at a time. */
export function* listSteps(items: ArrayLike<Value>, meter: Meter): Generator<undefined, List> {
  let list: List = NIL;
  for (let i = items.length - 1; i >= 0; i--) {
    list = new Cons(items[i] as Value, list);
    if (--meter.left <= 0) yield;
  }
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
