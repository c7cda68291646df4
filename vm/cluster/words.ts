/**
 * The memory that all schedulers of a program share: a few numbers, no values.
 *
 * word            written by                       meaning
 * LAST_PID        any, add                         the pid given out last; main's is 1
 * REDUCTIONS      any, add                         reductions that nobody has taken yet; -1: no limit
 * CLOCK           any, add; scheduler 0            µs, of a run on virtual time
 * OUTPUT          lock(), seal()                   who writes to stdout or stderr now: its number + 1; 0: nobody
 *
 * of each scheduler s:
 * SENT            s                                chunks that it has posted
 * RECEIVED        s                                chunks that it has begun to handle
 * IDLE            s; 0 when it starts s or makes   1: nothing is ready, and only a chunk can change that
 *                 s's deadline come                  (on virtual time also a deadline)
 * BELL            any, add                         goes up when something was posted to s
 * EXITED          s                                processes of s that are gone
 * DEADLINE        s                                µs, of its first timer while it is idle on virtual time; -1: none
 *
 * W1  SENT is counted before the chunk is posted; IDLE is 0 before RECEIVED is counted; IDLE is set only when everything
 *     that was gathered has been posted and nothing has come that was not handled.
 * W2  `isQuiet` is true only if nobody can ever run again: all chunks received when it began were all that were ever
 *     sent when it ended, so between these moments none was on its way, and who was idle in between stays idle.
 */
const LAST_PID = 0;
const REDUCTIONS = 1;
const CLOCK = 2;
/** BigInt64 words before the first scheduler's */
const HEAD = 8;
/** Int32 word of the head */
const OUTPUT = 14;

/** BigInt64 words of one scheduler: two cache lines, so that nobody's counting slows another */
const STRIDE = 16;
const SENT = 0;
const RECEIVED = 1;
const IDLE = 2;
const BELL = 3;
const EXITED = 4;
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

  /** @param buffer  of another scheduler's Words; absent: new ones, in which scheduler 0 alone has started */
  constructor(count: number, buffer?: SharedArrayBuffer) {
    this.count = count;
    this.buffer = buffer ?? new SharedArrayBuffer((HEAD + STRIDE * count) * BigInt64Array.BYTES_PER_ELEMENT);
    this.big = new BigInt64Array(this.buffer);
    this.small = new Int32Array(this.buffer);
    if (buffer !== undefined) return;
    Atomics.store(this.big, LAST_PID, 1n);
    Atomics.store(this.big, REDUCTIONS, -1n);
    for (let s = 0; s < count; s++) {
      this.setIdle(s, s !== 0);
      this.setDeadline(s, Number.POSITIVE_INFINITY);
    }
  }

  // pids

  takePid(): number {
    return Number(Atomics.add(this.big, LAST_PID, 1n)) + 1;
  }

  get lastPid(): number {
    return Number(Atomics.load(this.big, LAST_PID));
  }

  // chunks and idleness: W1, W2

  countSent(me: number): void {
    Atomics.add(this.small, this.at(me, SENT), 1);
  }

  countReceived(me: number): void {
    Atomics.store(this.small, this.at(me, IDLE), 0);
    Atomics.add(this.small, this.at(me, RECEIVED), 1);
  }

  setIdle(scheduler: number, isIdle: boolean): void {
    Atomics.store(this.small, this.at(scheduler, IDLE), isIdle ? 1 : 0);
  }

  /** W2 */
  isQuiet(): boolean {
    let inFlight = 0;
    for (let s = 0; s < this.count; s++) inFlight -= Atomics.load(this.small, this.at(s, RECEIVED));
    for (let s = 0; s < this.count; s++) if (Atomics.load(this.small, this.at(s, IDLE)) === 0) return false;
    for (let s = 0; s < this.count; s++) inFlight += Atomics.load(this.small, this.at(s, SENT));
    return (inFlight | 0) === 0; // the counters may have wrapped
  }

  ring(scheduler: number): void {
    Atomics.add(this.small, this.at(scheduler, BELL), 1);
  }

  /** A number that is another one after each `ring`. */
  bell(scheduler: number): number {
    return Atomics.load(this.small, this.at(scheduler, BELL));
  }

  // counts

  countExited(me: number): void {
    Atomics.add(this.small, this.at(me, EXITED), 1);
  }

  get exited(): number {
    let exited = 0;
    for (let s = 0; s < this.count; s++) exited += Atomics.load(this.small, this.at(s, EXITED)) >>> 0;
    return exited;
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
   * @returns the schedulers whose deadline has come, idle no more; [] when there is none
   */
  advanceClock(): number[] {
    const deadlines = Array.from({ length: this.count }, (_, s) =>
      Atomics.load(this.big, HEAD + s * STRIDE + DEADLINE),
    );
    const first = deadlines.reduce((least, us) => (us >= 0n && (least < 0n || us < least) ? us : least), -1n);
    if (first < 0n) return [];
    if (first > Atomics.load(this.big, CLOCK)) Atomics.store(this.big, CLOCK, first);
    const due = deadlines.flatMap((us, s) => (us >= 0n && us <= first ? [s] : []));
    for (const s of due) this.setIdle(s, false);
    return due;
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
