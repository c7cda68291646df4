/**
 * What has to happen at a time: a binary heap by deadline, of equal ones the first set goes first.
 *
 * A receive with a deadline sets and cancels a timer for nearly every message, so cancelling really removes: each timer
 * knows its place in the heap.
 * Stays true: heap[i].place === i, and -1 for a timer that is not in the heap; no parent is later than its child.
 */
export interface Timer<T> {
  readonly deadlineMs: number;
  readonly order: number;
  readonly what: T;
  /** in the heap; -1: fired or cancelled */
  place: number;
}

export class Timers<T> {
  private readonly heap: Timer<T>[] = [];
  private made = 0;

  get count(): number {
    return this.heap.length;
  }

  /** When the first one is due; Infinity if there is none. */
  get nextDeadlineMs(): number {
    return this.heap.length === 0 ? Number.POSITIVE_INFINITY : this.heap[0]!.deadlineMs;
  }

  set(deadlineMs: number, what: T): Timer<T> {
    const timer: Timer<T> = { deadlineMs, order: this.made++, what, place: this.heap.length };
    this.heap.push(timer);
    this.up(timer);
    return timer;
  }

  cancel(timer: Timer<T>): void {
    const { place } = timer;
    if (place === -1) return;
    timer.place = -1;
    const last = this.heap.pop()!;
    if (last === timer) return;
    this.put(last, place);
    this.up(last);
    this.down(last);
  }

  /** Removes and gives the first timer that is due, or undefined. */
  takeDue(nowMs: number): Timer<T> | undefined {
    const first = this.heap[0];
    if (first === undefined || first.deadlineMs > nowMs) return undefined;
    this.cancel(first);
    return first;
  }

  private put(timer: Timer<T>, place: number): void {
    this.heap[place] = timer;
    timer.place = place;
  }

  private up(timer: Timer<T>): void {
    let { place } = timer;
    while (place > 0) {
      const parent = this.heap[(place - 1) >> 1]!;
      if (!isBefore(timer, parent)) break;
      const above = parent.place;
      this.put(parent, place);
      place = above;
    }
    this.put(timer, place);
  }

  private down(timer: Timer<T>): void {
    let { place } = timer;
    for (;;) {
      const left = place * 2 + 1;
      if (left >= this.heap.length) break;
      const right = left + 1;
      let child = this.heap[left]!;
      if (right < this.heap.length && isBefore(this.heap[right]!, child)) child = this.heap[right]!;
      if (!isBefore(child, timer)) break;
      const below = child.place;
      this.put(child, place);
      place = below;
    }
    this.put(timer, place);
  }
}

function isBefore(a: Timer<unknown>, b: Timer<unknown>): boolean {
  return a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.order < b.order);
}
