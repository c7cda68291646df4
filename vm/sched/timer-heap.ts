/**
 * Timers in the order in which they are due: a binary heap by deadline, of equal ones the first set first.
 *
 * Each timer knows its place, so cancelling really removes it.
 * Stays true: heap[i].place === i, and no parent is due after its child.
 */
export interface Due {
  readonly deadlineMs: number;
  readonly order: number;
  place: number;
}

export class TimerHeap<T extends Due> {
  private readonly heap: T[] = [];

  get first(): T | undefined {
    return this.heap[0];
  }

  add(timer: T): void {
    this.heap.push(timer);
    this.up(timer, this.heap.length - 1);
  }

  /** Takes out one that is in the heap. */
  remove(timer: T): void {
    const last = this.heap.pop()!;
    if (last === timer) return;
    this.up(last, timer.place);
    this.down(last);
  }

  private put(timer: T, place: number): void {
    this.heap[place] = timer;
    timer.place = place;
  }

  /** Puts it there or above. */
  private up(timer: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.heap[above]!;
      if (!isBefore(timer, parent)) break;
      this.put(parent, place);
      place = above;
    }
    this.put(timer, place);
  }

  private down(timer: T): void {
    let { place } = timer;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= this.heap.length) break;
      if (below + 1 < this.heap.length && isBefore(this.heap[below + 1]!, this.heap[below]!)) below++;
      const child = this.heap[below]!;
      if (!isBefore(child, timer)) break;
      this.put(child, place);
      place = below;
    }
    this.put(timer, place);
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.order < b.order);
}
