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
 * L2  A cell's tail changes only before anybody but its maker has seen it: in a ListBuilder that has not finished, and in
 *     `reverseInPlace`.
 * L3  In a chain of indexes each but the last covers less than half of the next one's elements, so a chain has O(log n)
 *     links and prepending between two index operations stays cheap.
 */
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
  if (list.memo !== 0) return memoLength(list.memo);
  let count = 0;
  let cell: List = list;
  while (cell instanceof Cons && cell.memo === 0) {
    count++;
    cell = cell.tail;
  }
  if (cell instanceof Cons) count += memoLength(cell.memo);
  const total = count;
  for (let c: List = list; c instanceof Cons && c.memo === 0; c = c.tail) c.memo = count--; // L1
  return total;
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

function buildIndex(list: Cons): ListIndex {
  let items: Value[] = [];
  let cell: List = list;
  while (cell instanceof Cons && typeof cell.memo === "number") {
    items.push(cell.head);
    cell = cell.tail;
  }
  let rest = cell instanceof Cons ? (cell.memo as ListIndex) : undefined;
  while (rest !== undefined && rest.items.length < 2 * items.length) {
    items = items.concat(rest.items); // L3
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
  private first: Cons | undefined;
  private last: Cons | undefined;

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
    const rest = knownLength(tail);
    if (rest !== undefined) this.first.memo = this.count + rest;
    return this.first;
  }
}

/** A builder that begins with all elements of a list. */
export function builderOf(list: List): ListBuilder {
  const builder = new ListBuilder();
  for (let cell = list; cell instanceof Cons; cell = cell.tail) builder.push(cell.head);
  return builder;
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

/** a's elements, then b, which is shared. */
export function concatLists(a: List, b: List): List {
  return b instanceof Cons ? builderOf(a).finish(b) : a;
}

/** What is left behind the first `count` elements; NIL when there are fewer. */
export function dropFrom(list: List, count: number): List {
  let cell = list;
  for (let left = count; left > 0 && cell instanceof Cons; left--) cell = cell.tail;
  return cell;
}

export function takeFrom(list: List, count: number): List {
  const builder = new ListBuilder();
  let cell = list;
  for (let left = count; left > 0 && cell instanceof Cons; left--) {
    builder.push(cell.head);
    cell = cell.tail;
  }
  return builder.finish();
}

/** A copy with another element at a position that the caller has checked; what follows it is shared. */
export function withElement(list: List, position: number, value: Value): List {
  const builder = new ListBuilder();
  let cell = list;
  for (let left = position; left > 0 && cell instanceof Cons; left--) {
    builder.push(cell.head);
    cell = cell.tail;
  }
  return builder.finish(new Cons(value, cell instanceof Cons ? cell.tail : NIL));
}

export function reverseList(list: List): List {
  let reversed: List = NIL;
  let count = 0;
  for (let cell = list; cell instanceof Cons; cell = cell.tail) {
    reversed = new Cons(cell.head, reversed);
    count++;
  }
  if (reversed instanceof Cons) reversed.memo = count;
  return reversed;
}

/** The same cells in the other direction, for a list that nobody but its maker has seen (L2). */
export function reverseInPlace(list: List): List {
  let reversed: List = NIL;
  let cell = list;
  let count = 0;
  while (cell instanceof Cons) {
    const { tail }: Cons = cell;
    cell.tail = reversed;
    cell.memo = 0;
    reversed = cell;
    cell = tail;
    count++;
  }
  if (reversed instanceof Cons) reversed.memo = count;
  return reversed;
}
