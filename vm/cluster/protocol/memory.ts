/**
 * The words that all schedulers share, as the protocols see them: each call is one atomic access.
 *
 * The runtime hands in memory of its own (`sharedMemory`), a test plain numbers and every order of the accesses. So what
 * is explored step by step is what runs.
 *
 * word             written by                        meaning
 * HUNGRY + 0, 1    its bit: set by the scheduler     schedulers that want processes, a bit each
 *                  itself, cleared by it or by who
 *                  will send it some
 * RUNNING + 0, 1   its bit: set by who first has     schedulers that have begun, or are about to; never cleared
 *                  something for it
 *
 * of each scheduler s, one line of its own:
 * BELL             any, add                          goes up after something was posted to s
 * SLEEPS           s                                 1: s sleeps, or will unless BELL has changed
 * IDLE             s                                 1: nothing is ready, and only what is posted to s can change that
 * SENT             s, add                            chunks that it has posted, counted before
 * RECEIVED         s, add                            chunks that it has begun to handle
 */
export interface Memory {
  load(word: number): number;
  store(word: number, value: number): void;
  /** @returns the value before, as of `or` and `and` */
  add(word: number, value: number): number;
  or(word: number, bits: number): number;
  and(word: number, bits: number): number;
  /** Wakes who sleeps on the word. */
  notify(word: number): void;
}

export const HUNGRY = 0;
export const RUNNING = 2;
const FIRST = 16;
/** A cache line, so that nobody's counting slows another. */
const STRIDE = 16;
export const MOST_SCHEDULERS = 64;

export const bellOf = (scheduler: number): number => FIRST + scheduler * STRIDE;
export const sleepsOf = (scheduler: number): number => bellOf(scheduler) + 1;
export const idleOf = (scheduler: number): number => bellOf(scheduler) + 2;
export const sentOf = (scheduler: number): number => bellOf(scheduler) + 3;
export const receivedOf = (scheduler: number): number => bellOf(scheduler) + 4;

/** Words that `schedulers` need. */
export function wordCount(schedulers: number): number {
  return FIRST + STRIDE * schedulers;
}

export function sharedMemory(words: Int32Array<SharedArrayBuffer>): Memory {
  return {
    load: (word) => Atomics.load(words, word),
    store: (word, value) => void Atomics.store(words, word, value),
    add: (word, value) => Atomics.add(words, word, value),
    or: (word, bits) => Atomics.or(words, word, bits),
    and: (word, bits) => Atomics.and(words, word, bits),
    notify: (word) => void Atomics.notify(words, word),
  };
}
