/**
 * Stable sorting that can rest at any comparison.
 *
 * The trick: a merge sort from the bottom up has three numbers for a state. It starts from the runs that the input happens
 * to have, so what is sorted already, forwards or backwards, takes one look. Ints go into an array of doubles, which V8
 * sorts by itself: block by block, and the blocks are merged.
 */
import { compareWithin } from "./order.ts";
import type { Meter, Step } from "./step.ts";
import type { Value } from "./value.ts";

type Order = number | Step<number>;

/**
 * The items in ascending order; equal ones keep theirs. The array may be used up.
 * @param compare  may give a step that it takes on the same meter
 */
export function* sortSteps<T>(items: T[], compare: (a: T, b: T) => Order, meter: Meter): Generator<undefined, T[]> {
  let starts: number[] = yield* findRuns(items, compare, meter);
  let from = items;
  let to: T[] = starts.length > 1 ? new Array(items.length) : [];
  while (starts.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < starts.length; run += 2) {
      const start = starts[run] as number;
      const middle = starts[run + 1] ?? from.length;
      const end = starts[run + 2] ?? from.length;
      merged.push(start);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        let isLeft = right === end;
        if (left < middle && right < end) {
          let order = compare(from[left] as T, from[right] as T);
          while (typeof order !== "number") {
            yield;
            order = order.run(meter) ?? order;
          }
          isLeft = order <= 0;
        }
        to[at] = from[isLeft ? left++ : right++] as T;
        if (--meter.left <= 0) yield;
      }
    }
    starts = merged;
    [from, to] = [to, from];
  }
  return from;
}

/** Where runs start; strictly descending ones are turned round. */
function* findRuns<T>(items: T[], compare: (a: T, b: T) => Order, meter: Meter): Generator<undefined, number[]> {
  const starts: number[] = [];
  for (let start = 0; start < items.length; ) {
    starts.push(start);
    let end = start + 1;
    let isDescending = false;
    for (; end < items.length; end++) {
      let order = compare(items[end - 1] as T, items[end] as T);
      while (typeof order !== "number") {
        yield;
        order = order.run(meter) ?? order;
      }
      if (--meter.left <= 0) yield;
      if (end === start + 1) isDescending = order > 0;
      else if (order > 0 !== isDescending) break;
    }
    if (isDescending) {
      for (let low = start, high = end - 1; low < high; low++, high--) {
        const item = items[low] as T;
        items[low] = items[high] as T;
        items[high] = item;
        if (--meter.left <= 0) yield;
      }
    }
    start = end;
  }
  return starts;
}

/** V8 sorts so many doubles in a fifth of a millisecond. */
const BLOCK = 4096;
/** and as long takes this on the meter */
const UNITS_OF_BLOCK = 12_000;

/** Numbers without NaN, in ascending order. The array is used up. */
export function* sortNumbersSteps(numbers: Float64Array, meter: Meter): Generator<undefined, Float64Array> {
  const { length } = numbers;
  for (let start = 0; start < length; start += BLOCK) {
    const block = numbers.subarray(start, start + BLOCK);
    block.sort();
    meter.left -= Math.ceil((block.length / BLOCK) * UNITS_OF_BLOCK);
    if (meter.left <= 0) yield;
  }
  let from: Float64Array = numbers;
  let to: Float64Array = new Float64Array(length > BLOCK ? length : 0);
  for (let width = BLOCK; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(length, start + width);
      const end = Math.min(length, start + 2 * width);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const isLeft = left < middle && (right === end || (from[left] as number) <= (from[right] as number));
        to[at] = from[isLeft ? left++ : right++] as number;
        if ((at & 3) === 0 && --meter.left <= 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** For sorting values, NaN last. @throws TypeError for what has no order */
export function totalOrder(meter: Meter): (a: Value, b: Value) => Order {
  return (a, b) => compareWithin(a, b, "total", meter);
}
