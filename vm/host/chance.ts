/**
 * Everything about a run that could come out differently next time: clock, timers, random numbers, order of runs, and
 * what the program sees of the machine.
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
   * @param pidAt  which process each of them is
   * @returns 0 .. ready - 1
   */
  readonly pick?: (ready: number, pidAt: (position: number) => number) => number;
  /**
   * How long it may run, in reductions. Absent: as long as possible.
   * @returns 1 .. most
   */
  readonly sliceLength?: (most: number) => number;
  /** A turn has ended in which so many reductions were used, and some wait to go on. Absent: time passes untold. */
  readonly passWork?: (reductions: number) => void;
  /** While the host has not answered a call nobody runs and no timer goes off, so answers come in the order of calls. */
  readonly holdsForHost?: boolean;
  readonly surroundings: Surroundings;
  /** Lets the host's events (signals, timers, I/O) have their turn, then goes on with `go`. */
  turn(go: () => void): void;
  /**
   * Nothing can run before `deadlineMs` (monotonic; Infinity: only an event from outside can change that). Calls `go`
   * then, once, unless the returned function was called before.
   */
  sleepUntil(deadlineMs: number, go: () => void): () => void;
}

/** What a program can ask about where it runs, and what is different there each time. */
export interface Surroundings {
  /** the number by which the operating system knows us */
  osPid(): number;
  /** memory that the operating system counts as ours */
  residentKb(): number;
  /** what lives on V8's heap, and what has not been collected yet */
  heapKb(): number;
  /** frees what nothing refers to any more, where V8 lets us ask for it */
  collect(): void;
  /** a name of the IANA database */
  timeZone(): string;
  /** how far local time was ahead of UTC at that moment (since the epoch); undefined: no such moment */
  timeZoneOffsetMinutes(ms: number): number | undefined;
}

let gc: (() => void) | undefined;

/** A full collection. Node's modules for that are loaded when one is asked for: they take a tenth of a small program's time. */
export function collectGarbage(): void {
  if (gc === undefined) {
    try {
      process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
      gc = process.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
    } catch {
      gc = () => {};
    }
  }
  gc();
}

/** setTimeout takes 31 bits; a longer sleep is several. */
export const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

const BYTES_OF_KB = 1024;

const REAL_SURROUNDINGS: Surroundings = {
  osPid: () => process.pid,
  residentKb: () => Math.floor(process.memoryUsage.rss() / BYTES_OF_KB),
  heapKb: () => Math.floor(process.memoryUsage().heapUsed / BYTES_OF_KB),
  collect: collectGarbage,
  timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  timeZoneOffsetMinutes: (ms) => {
    const behind = new Date(ms).getTimezoneOffset();
    return Number.isNaN(behind) ? undefined : 0 - behind;
  },
};

const NS_OF_MS = 1e6;

/** `performance.now()` would load Node's whole observation of itself, which takes longer than a small program. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / NS_OF_MS;
}

/** The world as it is. */
export function realChance(): Chance {
  return {
    now: () => Date.now(),
    monotonic: monotonicMs,
    random: () => Math.random(),
    surroundings: REAL_SURROUNDINGS,
    turn: (go) => {
      setImmediate(go);
    },
    sleepUntil: (deadlineMs, go) => {
      const ms = Math.max(0, Math.ceil(deadlineMs - monotonicMs()));
      // with a deadline of Infinity this only keeps Node alive until the event from outside comes
      const timeout = setTimeout(go, Math.min(ms, LONGEST_TIMEOUT_MS));
      return () => clearTimeout(timeout);
    },
  };
}
