/**
 * The processes that are ready to run, in the order in which they became ready.
 *
 * A ring that doubles when it is full. `takeAt` is for a run whose order comes from a seed, `takeBusy` for who gives some
 * of them away. Of each it says whether it is busy: it has used up its last slice, and so has more to do than others.
 * Stays true: places outside head .. head+count-1 hold undefined, so that a dead process is not kept.
 */
export class RunQueue<T> {
  private ring: (T | undefined)[];
  private busy: Uint8Array;
  private head = 0;
  private size = 0;

  constructor(capacity = 64) {
    this.ring = new Array<T | undefined>(capacity).fill(undefined);
    this.busy = new Uint8Array(capacity);
  }

  get count(): number {
    return this.size;
  }

  put(item: T, isBusy = false): void {
    if (this.size === this.ring.length) this.grow();
    const at = (this.head + this.size) & (this.ring.length - 1);
    this.ring[at] = item;
    this.busy[at] = isBusy ? 1 : 0;
    this.size++;
  }

  take(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.size--;
    return item;
  }

  /** The one that is `position`th from the front. */
  at(position: number): T | undefined {
    return position < this.size ? this.ring[(this.head + position) & (this.ring.length - 1)] : undefined;
  }

  /** Takes the one that is `position`th from the front; the others keep their order. */
  takeAt(position: number): T | undefined {
    if (position < 0 || position >= this.size) return undefined;
    const mask = this.ring.length - 1;
    const item = this.ring[(this.head + position) & mask];
    for (let i = position; i > 0; i--) this.copy((this.head + i - 1) & mask, (this.head + i) & mask);
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & mask;
    this.size--;
    return item;
  }

  /**
   * Takes out busy ones, the newest first; the others keep their order.
   * @param most  to take
   * @param looked  so many of the newest are looked at
   */
  takeBusy(most: number, looked: number, mayGo: (item: T) => boolean): T[] {
    const mask = this.ring.length - 1;
    const taken: T[] = [];
    const first = Math.max(0, this.size - looked);
    let from = this.size - 1;
    for (; from >= first && taken.length < most; from--) {
      const at = (this.head + from) & mask;
      const item = this.ring[at] as T;
      if (this.busy[at] === 0 || !mayGo(item)) continue;
      taken.push(item);
      this.ring[at] = undefined;
    }
    let to = from + 1;
    for (let i = from + 1; i < this.size; i++) {
      const at = (this.head + i) & mask;
      if (this.ring[at] === undefined) continue;
      if (i !== to) {
        this.copy(at, (this.head + to) & mask);
        this.ring[at] = undefined;
      }
      to++;
    }
    this.size -= taken.length;
    return taken;
  }

  /** Takes this one out, wherever it is. */
  remove(item: T): void {
    for (let i = 0; i < this.size; i++) {
      if (this.ring[(this.head + i) & (this.ring.length - 1)] === item) {
        this.takeAt(i);
        return;
      }
    }
  }

  private grow(): void {
    const ring = new Array<T | undefined>(this.ring.length * 2).fill(undefined);
    const busy = new Uint8Array(ring.length);
    for (let i = 0; i < this.size; i++) {
      const at = (this.head + i) & (this.ring.length - 1);
      ring[i] = this.ring[at];
      busy[i] = this.busy[at]!;
    }
    this.ring = ring;
    this.busy = busy;
    this.head = 0;
  }

  private copy(from: number, to: number): void {
    this.ring[to] = this.ring[from];
    this.busy[to] = this.busy[from]!;
  }
}
