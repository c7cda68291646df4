/**
 * How a scheduler without work goes to sleep, and how it is woken.
 *
 * The trick: who goes to sleep has read its bell first, and looks for mail after that; it sleeps only if the bell still
 * says what it said, which the sleep itself tests (Atomics.wait, Atomics.waitAsync). Who posts rings after posting. So what
 * the sleeper did not see has rung a bell that it will see. SLEEPS only spares the call of the host when nobody sleeps.
 *
 * Z1  Nobody sleeps while there is something for it: each post is followed by a bell, each bell by a look at SLEEPS.
 * Z2  SLEEPS is set before the sleep tests the bell, and cleared after it.
 * Z3  IDLE is set only after a look at the mail that found none, and cleared before RECEIVED counts (terminate.ts).
 *
 * Each function makes one access to shared memory and says what comes next, so that a test can put any other access
 * between two of them. The runtime calls them in a loop.
 */
import { bellOf, idleOf, type Memory, receivedOf, sentOf, sleepsOf } from "./memory.ts";
import { askForWork } from "./steal.ts";
import { newScan, type Scan, scanStep } from "./terminate.ts";

/**
 * Posts a chunk: counts it, makes it visible, rings. @returns where to go on; undefined: done
 * @param push  one access, after which the receiver can find the chunk
 */
export function postStep(memory: Memory, me: number, to: number, at: number, push: () => void): number | undefined {
  switch (at) {
    case 0:
      memory.add(sentOf(me), 1);
      return 1;
    case 1:
      push();
      return 2;
    case 2:
      memory.add(bellOf(to), 1);
      return 3;
    case 3:
      return memory.load(sleepsOf(to)) === 1 ? 4 : undefined;
    default:
      memory.notify(bellOf(to));
      return undefined;
  }
}

/** There is mail: what comes before the chunk is handled. @returns where to go on; undefined: now it is */
export function receiveStep(memory: Memory, me: number, at: number): number | undefined {
  if (at === 0) {
    memory.store(idleOf(me), 0);
    return 1;
  }
  memory.add(receivedOf(me), 1);
  return undefined;
}

/** Wakes a scheduler that has nothing to receive. */
export function ring(memory: Memory, to: number): void {
  for (let at: number | undefined = 2; at !== undefined; ) at = postStep(memory, to, to, at, () => {});
}

export const RestAt = {
  Ask: 0,
  ReadBell: 1,
  Look: 2,
  BeIdle: 3,
  Scan: 4,
  Spin: 5,
  SayAsleep: 6,
  Sleep: 7,
  Awake: 8,
} as const;
export type RestAt = (typeof RestAt)[keyof typeof RestAt];

/** A scheduler on its way to sleep. */
export interface Rest {
  at: RestAt;
  /** the bell as it was before the look for mail */
  seen: number;
  spinsLeft: number;
  readonly scan: Scan;
  /** the scan has found that nobody can ever run again */
  isQuiet: boolean;
}

export function newRest(spins: number): Rest {
  return { at: RestAt.Ask, seen: 0, spinsLeft: spins, scan: newScan(), isQuiet: false };
}

/**
 * The next step. At `Sleep` the caller sleeps on the bell while it says `seen` (for the longest until its next timer), and
 * then calls `wake`; at `Awake` it looks for mail.
 * @param hasMail  looks at all that others may have posted
 * @param isIdle  nothing but mail can give it work: no timer, no answer of the host
 */
export function restStep(
  memory: Memory,
  me: number,
  count: number,
  rest: Rest,
  hasMail: () => boolean,
  isIdle: boolean,
): void {
  switch (rest.at) {
    case RestAt.Ask:
      askForWork(memory, me);
      rest.at = RestAt.ReadBell;
      return;
    case RestAt.ReadBell:
      rest.seen = memory.load(bellOf(me));
      rest.at = RestAt.Look;
      return;
    case RestAt.Look:
      rest.at = hasMail() ? RestAt.Awake : isIdle ? RestAt.BeIdle : RestAt.Spin;
      return;
    case RestAt.BeIdle:
      memory.store(idleOf(me), 1);
      rest.at = RestAt.Scan;
      return;
    case RestAt.Scan: {
      const answer = scanStep(memory, count, rest.scan);
      if (answer === undefined) return;
      rest.isQuiet = answer;
      rest.at = RestAt.Spin;
      return;
    }
    case RestAt.Spin:
      if (rest.spinsLeft === 0) rest.at = RestAt.SayAsleep;
      else {
        rest.spinsLeft--;
        if (memory.load(bellOf(me)) !== rest.seen) rest.at = RestAt.Awake;
      }
      return;
    case RestAt.SayAsleep:
      memory.store(sleepsOf(me), 1);
      rest.at = RestAt.Sleep;
      return;
  }
}

/** After the sleep, however it ended. One access. */
export function wake(memory: Memory, me: number): void {
  memory.store(sleepsOf(me), 0);
}
