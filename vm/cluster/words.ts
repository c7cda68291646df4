/**
 * What schedulers share beside the words of the protocols (protocol/memory.ts) and the places (places.ts): a few numbers.
 *
 * word            written by                       meaning
 * REDUCTIONS      any, add                         reductions that nobody has taken yet; -1: no limit
 * CLOCK           any, add; scheduler 0            µs, of a run on virtual time
 * OUTPUT          lock(), seal()                   who writes to stdout or stderr now: its number + 1; 0: nobody
 *
 * of each scheduler s:
 * SPAWNED         s                                processes that began on s
 * EXITED          s                                processes that ended on s
 * DEADLINE        s                                µs, of its first timer while it is idle on virtual time; -1: none
 */
const REDUCTIONS = 1;
const CLOCK = 2;
/** BigInt64 words before the first scheduler's */
const HEAD = 8;
/** Int32 word of the head */
const OUTPUT = 14;

/** BigInt64 words of one scheduler: two cache lines, so that nobody's counting slows another */
const STRIDE = 16;
const SPAWNED = 0;
const EXITED = 1;
/** BigInt64 word of a scheduler */
const DEADLINE = 4;

const US_OF_MS = 1000;
/** How long one waits for another's write before it looks again; a lock that a dead worker held is freed by scheduler 0. */
const LOCK_WAIT_MS = 50;

export class Words {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  private readonly big: BigInt64Array;
  private readonly small: Int32Array;

  /** @param buffer  of another scheduler's Words; absent: new ones */
  constructor(count: number, buffer?: SharedArrayBuffer) {
    this.count = count;
    this.buffer = buffer ?? new SharedArrayBuffer((HEAD + STRIDE * count) * BigInt64Array.BYTES_PER_ELEMENT);
    this.big = new BigInt64Array(this.buffer);
    this.small = new Int32Array(this.buffer);
    if (buffer !== undefined) return;
    Atomics.store(this.big, REDUCTIONS, -1n);
    for (let s = 0; s < count; s++) this.setDeadline(s, Number.POSITIVE_INFINITY);
  }

  // counts: nobody else writes, and who asks has heard of what it asks about, so plain writes are enough

  countSpawned(me: number): void {
    this.small[this.at(me, SPAWNED)]!++;
  }

  countExited(me: number): void {
    this.small[this.at(me, EXITED)]!++;
  }

  get spawned(): number {
    return this.sumOf(SPAWNED);
  }

  get exited(): number {
    return this.sumOf(EXITED);
  }

  private sumOf(word: number): number {
    let sum = 0;
    for (let s = 0; s < this.count; s++) sum += Atomics.load(this.small, this.at(s, word)) >>> 0;
    return sum;
  }

  // the budget of reductions

  setReductions(total: number): void {
    Atomics.store(this.big, REDUCTIONS, Number.isFinite(total) ? BigInt(total) : -1n);
  }

  /** @returns 0 .. most; 0: all are used up */
  takeReductions(most: number): number {
    for (;;) {
      const left = Atomics.load(this.big, REDUCTIONS);
      if (left < 0n) return most;
      const taken = left < BigInt(most) ? left : BigInt(most);
      if (Atomics.compareExchange(this.big, REDUCTIONS, left, left - taken) === left) return Number(taken);
    }
  }

  /** What was taken and not used; below 0: what was used beyond. */
  giveReductions(count: number): void {
    if (count < 0) this.takeReductions(-count);
    else if (Atomics.load(this.big, REDUCTIONS) >= 0n) Atomics.add(this.big, REDUCTIONS, BigInt(count));
  }

  // virtual time

  get clockMs(): number {
    return Number(Atomics.load(this.big, CLOCK)) / US_OF_MS;
  }

  passTime(ms: number): void {
    Atomics.add(this.big, CLOCK, BigInt(ms * US_OF_MS));
  }

  setDeadline(me: number, deadlineMs: number): void {
    const us = Number.isFinite(deadlineMs) ? BigInt(Math.ceil(deadlineMs * US_OF_MS)) : -1n;
    Atomics.store(this.big, HEAD + me * STRIDE + DEADLINE, us);
  }

  /**
   * Everybody is idle: the clock goes on to the first deadline.
   * @returns the schedulers whose deadline has come; [] when there is none
   */
  advanceClock(): number[] {
    const deadlines = Array.from({ length: this.count }, (_, s) =>
      Atomics.load(this.big, HEAD + s * STRIDE + DEADLINE),
    );
    const first = deadlines.reduce((least, us) => (us >= 0n && (least < 0n || us < least) ? us : least), -1n);
    if (first < 0n) return [];
    if (first > Atomics.load(this.big, CLOCK)) Atomics.store(this.big, CLOCK, first);
    return deadlines.flatMap((us, s) => (us >= 0n && us <= first ? [s] : []));
  }

  // output: one writes at a time

  /** Waits until nobody else writes. @returns whether `me` had the lock already */
  lock(me: number): boolean {
    for (;;) {
      const owner = Atomics.compareExchange(this.small, OUTPUT, 0, me + 1);
      if (owner === 0) return false;
      if (owner === me + 1) return true;
      Atomics.wait(this.small, OUTPUT, owner, LOCK_WAIT_MS);
    }
  }

  unlock(): void {
    Atomics.store(this.small, OUTPUT, 0);
    Atomics.notify(this.small, OUTPUT, 1);
  }

  /** A scheduler that is dead cannot write. */
  unlockFor(dead: number): void {
    if (Atomics.compareExchange(this.small, OUTPUT, dead + 1, 0) === dead + 1) Atomics.notify(this.small, OUTPUT, 1);
  }

  private at(scheduler: number, word: number): number {
    return (HEAD + scheduler * STRIDE) * 2 + word;
  }
}
