/**
 * The processes that are ready to run, in the order in which they became ready.
 *
 * A ring that doubles when it is full. `takeAt` is for a run whose order comes from a seed.
 * Stays true: places outside head .. head+count-1 hold undefined, so that a dead process is not kept.
 */
export class RunQueue<T> {
  private ring: (T | undefined)[];
  private head = 0;
  private size = 0;

  constructor(capacity = 64) {
    this.ring = new Array<T | undefined>(capacity).fill(undefined);
  }

  get count(): number {
    return this.size;
  }

  put(item: T): void {
    if (this.size === this.ring.length) this.grow();
    this.ring[(this.head + this.size) & (this.ring.length - 1)] = item;
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
    for (let i = position; i > 0; i--) this.ring[(this.head + i) & mask] = this.ring[(this.head + i - 1) & mask];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & mask;
    this.size--;
    return item;
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
    for (let i = 0; i < this.size; i++) ring[i] = this.ring[(this.head + i) & (this.ring.length - 1)];
    this.ring = ring;
    this.head = 0;
  }
}
