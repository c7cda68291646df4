/**
 * Everything about a run that could come out differently next time: clock, timers, random numbers, order of runs.
 *
 * The machine asks nothing else for them, so that a run on virtual time from a seed is another object with this face.
 * Stays true: `monotonic` never goes back; a wake-up may come early (the machine looks at the clock again), never lost.
 */
export interface Chance {
  /** milliseconds since the epoch, whole */
  now(): number;
  /** milliseconds from some start, with fractions; deadlines are in this */
  monotonic(): number;
  /** [0, 1) */
  random(): number;
  /**
   * Which of `ready` waiting processes runs next, 0 the oldest. Absent: always the oldest.
   * @returns 0 .. ready - 1
   */
  readonly pick?: (ready: number) => number;
  /** Lets the host's events (signals, timers, I/O) have their turn, then goes on with `go`. */
  turn(go: () => void): void;
  /**
   * Nothing can run before `deadlineMs` (monotonic; Infinity: only an event from outside can change that). Calls `go`
   * then, once, unless the returned function was called before.
   */
  sleepUntil(deadlineMs: number, go: () => void): () => void;
}

/** setTimeout takes 31 bits; a longer sleep is several. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The world as it is. */
export function realChance(): Chance {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    turn: (go) => {
      setImmediate(go);
    },
    sleepUntil: (deadlineMs, go) => {
      const ms = Math.max(0, Math.ceil(deadlineMs - performance.now()));
      // with a deadline of Infinity this only keeps Node alive until the event from outside comes
      const timeout = setTimeout(go, Math.min(ms, LONGEST_TIMEOUT_MS));
      return () => clearTimeout(timeout);
    },
  };
}
