/**
 * What has to happen at a time: a timer wheel of several levels, as Varghese and Lauck describe it.
 *
 * A receive with a deadline sets and cancels a timer for nearly every message, and there may be a million of them: both
 * take the same time however many there are. Deadlines are counted in ticks of a millisecond. `base` is a tick; a later
 * one lies on the level of its highest digit, of six bits, that differs from base's, in the slot that this digit says.
 * So all of one level come before all of the next, and of one slot before all of the slots behind: no slot wraps around.
 * When base comes to a slot its timers move to lower levels, and in the end into `soon`, a heap, which puts those of one
 * tick in their exact order. A deadline in another window of 2^30 ms, twelve days, waits in the heap `far`.
 *
 * T1  A timer is in `soon` if its tick is at most `base`, in `far` if its window is not base's, else in the slot that the
 *     digits of its tick say, on the level of the highest that differed from base's when it was put there.
 * T2  No slot that holds timers begins at or before `base`. So those in `soon` are due before all others.
 * T3  A bit of `occupied` is set exactly when its slot has timers.
 */
import { TimerHeap } from "./timer-heap.ts";

const DIGIT_BITS = 6;
const SLOTS = 1 << DIGIT_BITS;
const LEVELS = 5;
/** ticks of a window: as many as all levels tell apart */
const WINDOW = 2 ** (DIGIT_BITS * LEVELS);

const GONE = -1;
const SOON = -2;
const FAR = -3;

export class Timer<T> {
  readonly deadlineMs: number;
  readonly order: number;
  readonly what: T;
  /** the slot it is in; or GONE: fired or cancelled, SOON, FAR */
  home = GONE;
  /** in a heap */
  place = 0;
  /** in a slot */
  before: Timer<T> | null = null;
  after: Timer<T> | null = null;

  constructor(deadlineMs: number, order: number, what: T) {
    this.deadlineMs = deadlineMs;
    this.order = order;
    this.what = what;
  }
}

export class Timers<T> {
  /** level * SLOTS + digit: the newest of those in it */
  private readonly slots = new Array<Timer<T> | null>(LEVELS * SLOTS).fill(null);
  /** two words of 32 slots for each level */
  private readonly occupied = new Int32Array(LEVELS * 2);
  private readonly soon = new TimerHeap<Timer<T>>();
  private readonly far = new TimerHeap<Timer<T>>();
  private base = 0;
  /** base's window, and its tick therein */
  private window = 0;
  private inWindow = 0;
  private made = 0;
  private live = 0;

  get count(): number {
    return this.live;
  }

  /**
   * Until when nothing can be due; Infinity if there is no timer. It is the first deadline, if that is within the next
   * 64 ms, otherwise a time before it at which to ask again: at most five times for one deadline of a window.
   */
  get nextLookMs(): number {
    if (this.live === 0) return Number.POSITIVE_INFINITY;
    for (;;) {
      const { first } = this.soon;
      if (first !== undefined) return first.deadlineMs;
      const slot = this.firstSlot();
      if (slot >= SLOTS) return this.startOf(slot);
      if (slot === GONE) return tickOf(this.far.first!.deadlineMs);
      this.advance(this.startOf(slot));
    }
  }

  set(deadlineMs: number, what: T): Timer<T> {
    const timer = new Timer(deadlineMs, this.made++, what);
    this.live++;
    this.put(timer);
    return timer;
  }

  cancel(timer: Timer<T>): void {
    if (timer.home === GONE) return;
    this.live--;
    if (timer.home === SOON) this.soon.remove(timer);
    else if (timer.home === FAR) this.far.remove(timer);
    else this.unlink(timer);
    timer.home = GONE;
  }

  /** Removes and gives the first timer that is due, or undefined. The clock does not go back. */
  takeDue(nowMs: number): Timer<T> | undefined {
    for (;;) {
      const { first } = this.soon;
      if (first !== undefined) {
        if (first.deadlineMs > nowMs) return undefined;
        this.cancel(first);
        return first;
      }
      const now = tickOf(nowMs);
      const slot = this.live === 0 ? GONE : this.firstSlot();
      let next = slot === GONE ? Number.POSITIVE_INFINITY : this.startOf(slot);
      if (slot === GONE && this.live > 0) next = tickOf(this.far.first!.deadlineMs);
      if (next > now) {
        if (now > this.base) this.advance(now);
        if (this.soon.first === undefined) return undefined;
      } else this.advance(next);
    }
  }

  /** T1 */
  private put(timer: Timer<T>): void {
    const tick = tickOf(timer.deadlineMs);
    if (tick <= this.base) {
      timer.home = SOON;
      this.soon.add(timer);
      return;
    }
    const inWindow = tick - this.window;
    if (inWindow >= WINDOW) {
      timer.home = FAR;
      this.far.add(timer);
      return;
    }
    const level = Math.trunc((31 - Math.clz32(inWindow ^ this.inWindow)) / DIGIT_BITS);
    const digit = (inWindow >> (level * DIGIT_BITS)) & (SLOTS - 1);
    const home = level * SLOTS + digit;
    const after = this.slots[home]!;
    timer.home = home;
    timer.before = null;
    timer.after = after;
    if (after !== null) after.before = timer;
    this.slots[home] = timer;
    this.occupied[home >> 5]! |= 1 << (home & 31);
  }

  private unlink(timer: Timer<T>): void {
    const { home, before, after } = timer;
    if (after !== null) after.before = before;
    if (before !== null) before.after = after;
    else {
      this.slots[home] = after;
      if (after === null) this.occupied[home >> 5]! &= ~(1 << (home & 31)); // T3
    }
    timer.before = null;
    timer.after = null;
  }

  /** The earliest slot that has timers, or GONE. */
  private firstSlot(): number {
    const { occupied } = this;
    for (let word = 0; word < occupied.length; word++) {
      const bits = occupied[word]!;
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return GONE;
  }

  /** The tick at which base comes to it. */
  private startOf(slot: number): number {
    const level = Math.trunc(slot / SLOTS);
    const width = DIGIT_BITS * level;
    // digits above this one are base's
    const above = (this.inWindow >> (width + DIGIT_BITS)) << (width + DIGIT_BITS);
    return this.window + above + (slot % SLOTS) * 2 ** width;
  }

  /** Base comes to this tick; there are no timers in slots that begin before it. */
  private advance(tick: number): void {
    this.base = tick;
    this.window = Math.floor(tick / WINDOW) * WINDOW;
    this.inWindow = tick - this.window;
    // T2: at most one slot of each level begins here; what it holds goes to lower ones
    for (let level = LEVELS - 1; level >= 0; level--) {
      const slot = level * SLOTS + ((this.inWindow >> (level * DIGIT_BITS)) & (SLOTS - 1));
      let timer = this.slots[slot]!;
      if (timer === null) continue;
      this.slots[slot] = null;
      this.occupied[slot >> 5]! &= ~(1 << (slot & 31));
      while (timer !== null) {
        const { after } = timer;
        timer.before = null;
        timer.after = null;
        this.put(timer);
        timer = after!;
      }
    }
    for (let { first } = this.far; first !== undefined; { first } = this.far) {
      if (tickOf(first.deadlineMs) >= this.window + WINDOW) break;
      this.far.remove(first);
      this.put(first);
    }
  }
}

function tickOf(deadlineMs: number): number {
  return Math.floor(deadlineMs);
}
