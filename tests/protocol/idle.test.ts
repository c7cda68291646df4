/**
 * Sleep, bells, asking for work and the end: every interleaving of single accesses to shared memory in small cases, and
 * bugs put in on purpose that are found.
 */
import { describe, expect, test } from "vitest";
import * as words from "../../vm/cluster/protocol/memory.ts";
import * as steal from "../../vm/cluster/protocol/steal.ts";
import { scanStep } from "../../vm/cluster/protocol/terminate.ts";
import * as wake from "../../vm/cluster/protocol/wake.ts";
import { RestAt } from "../../vm/cluster/protocol/wake.ts";
import { explore, show } from "./explore.ts";
import { type IdleOptions, type IdleProtocol, idleModel } from "./idle-model.ts";

const isDeep = process.env.NOSTOS_EXPLORE === "deep";
const protocol: IdleProtocol = { ...steal, ...wake };

const MESSAGES: IdleOptions = { jobs: [1, 0], messages: 3 };
const SPINS: IdleOptions = { jobs: [1, 0], messages: 2, spins: 1 };
const GIVE: IdleOptions = { jobs: [3, 0], messages: 1 };
const TWO_GIVERS: IdleOptions = { jobs: [2, 2, 0], messages: 0, othersSleep: true };
const THREE: IdleOptions = { jobs: [2, 0, 0], messages: 0, othersSleep: true };
/** Minutes: NOSTOS_EXPLORE=deep. */
const DEEP: readonly IdleOptions[] = [
  TWO_GIVERS,
  { jobs: [5, 0], messages: 2 },
  { jobs: [3, 0, 0], messages: 0 },
  { jobs: [1, 0, 0], messages: 3, othersSleep: true },
  { jobs: [3, 2, 0], messages: 0, othersSleep: true },
];

describe("in every order of accesses nobody sleeps over mail, and the end is found when it is there", () => {
  const cases = [MESSAGES, SPINS, GIVE, THREE, ...(isDeep ? DEEP : [])];
  test.each(cases.map((options) => [JSON.stringify(options), options] as const))(
    "%s",
    { timeout: 600_000 },
    (_, options) => {
      const seen = explore(idleModel(options));
      expect(seen.problem, show(seen)).toBeUndefined();
      expect(seen.ends).toBeGreaterThan(0);
    },
  );
});

test("whoever is hungry is found, of 64 schedulers too, and of none nobody", () => {
  const memory = words.sharedMemory(new Int32Array(new SharedArrayBuffer(words.wordCount(64) * 4)));
  for (const me of [0, 5, 31, 32, 40, 63]) {
    expect(steal.findHungry(memory, me, 64)).toBeUndefined();
    for (let hungry = 0; hungry < 64; hungry++) {
      steal.askForWork(memory, hungry);
      expect(steal.findHungry(memory, me, 64)).toBe(hungry);
      expect([steal.claim(memory, hungry), steal.claim(memory, hungry)]).toEqual([true, false]);
    }
    steal.askForWork(memory, (me & 32) + 3);
    steal.askForWork(memory, (me & 32) + 20);
    expect(steal.findHungry(memory, me, 64)).toBe((me & 31) >= 3 && (me & 31) < 20 ? (me & 32) + 20 : (me & 32) + 3);
    steal.stopAsking(memory, (me & 32) + 3);
    steal.stopAsking(memory, (me & 32) + 20);
  }
});

test("nothing is given of one process, nor before something was ready for a while", () => {
  expect([steal.shareOf(1, 0, 100), steal.shareOf(9, 100, 100.5), steal.shareOf(9, 0, 100)]).toEqual([0, 0, 4]);
});

/** With one step of a rest replaced. */
function restWith(
  at: RestAt,
  step: (memory: words.Memory, me: number, rest: wake.Rest) => void,
): Partial<IdleProtocol> {
  return {
    restStep: (memory, me, count, rest, hasMail, isIdle) =>
      rest.at === at ? step(memory, me, rest) : wake.restStep(memory, me, count, rest, hasMail, isIdle),
  };
}

/** With the steps of a post in another order. */
function postInOrder(order: readonly number[]): Partial<IdleProtocol> {
  return {
    postStep: (memory, me, to, at, push) => {
      const isLast = wake.postStep(memory, me, to, order[at]!, push) === undefined;
      return at + 1 === order.length || isLast ? undefined : at + 1;
    },
  };
}

const BUGS: readonly [string, Partial<IdleProtocol>, IdleOptions, RegExp][] = [
  [
    "the bell is read when it is time to sleep, after the look for mail",
    restWith(RestAt.SayAsleep, (memory, me, rest) => {
      rest.seen = memory.load(words.bellOf(me));
      rest.at = RestAt.Sleep;
    }),
    MESSAGES,
    /Z1/,
  ],
  [
    "who sleeps does not say so",
    restWith(RestAt.SayAsleep, (_memory, _me, rest) => void (rest.at = RestAt.Sleep)),
    MESSAGES,
    /Z1/,
  ],
  ["the bell rings before the post", postInOrder([0, 2, 1, 3, 4]), MESSAGES, /Z1/],
  ["who posts looks for sleepers before it rings", { postStep: looksFirst }, MESSAGES, /Z1/],
  ["nobody is woken", postInOrder([0, 1, 2]), MESSAGES, /Z1/],
  [
    "who has got something is idle still",
    { receiveStep: (memory, me, at) => (at === 0 ? 1 : wake.receiveStep(memory, me, 1)) },
    MESSAGES,
    /Q1/,
  ],
  [
    "a chunk counts as received before its receiver is busy",
    {
      receiveStep: (memory, me, at) => {
        wake.receiveStep(memory, me, 1 - at);
        return at === 0 ? 1 : undefined;
      },
    },
    MESSAGES,
    /Q1/,
  ],
  [
    "what was sent is read before what was received",
    {
      restStep: (memory, me, count, rest, hasMail, isIdle) => {
        if (rest.at !== RestAt.Scan) return wake.restStep(memory, me, count, rest, hasMail, isIdle);
        const mirrored = { at: 0, inFlight: rest.scan.inFlight };
        const row = Math.floor(rest.scan.at / count);
        mirrored.at = (2 - row) * count + (rest.scan.at++ % count);
        const answer = scanStep(memory, count, mirrored);
        rest.scan.inFlight = mirrored.inFlight;
        const isOver = rest.scan.at === 3 * count;
        if (!isOver && !(row === 1 && answer === false)) return;
        rest.isQuiet = isOver && mirrored.inFlight === 0;
        rest.at = RestAt.Spin;
      },
    },
    MESSAGES,
    /Q1/,
  ],
  [
    "idle before asking whether there is mail, and never looked again",
    restWith(RestAt.Look, (_memory, _me, rest) => void (rest.at = RestAt.BeIdle)),
    MESSAGES,
    /Z1/,
  ],
  [
    "work is promised to whoever was seen hungry",
    { claim: (memory, scheduler) => steal.claim(memory, scheduler) || true },
    TWO_GIVERS,
    /G1/,
  ],
  ["who stops asking stops the others", { stopAsking: (memory) => memory.store(words.HUNGRY, 0) }, TWO_GIVERS, /G2/],
  [
    "the last one to rest does not scan",
    restWith(RestAt.Scan, (_memory, _me, rest) => void (rest.at = RestAt.Spin)),
    GIVE,
    /Q2/,
  ],
];

/** The look and the ring are the steps 2 and 3 here. */
function looksFirst(memory: words.Memory, me: number, to: number, at: number, push: () => void): number | undefined {
  if (at < 2) return wake.postStep(memory, me, to, at, push);
  if (at === 2) return memory.load(words.sleepsOf(to)) === 1 ? 4 : 3;
  if (at === 3 || at === 4) {
    memory.add(words.bellOf(to), 1);
    return at === 4 ? 5 : undefined;
  }
  memory.notify(words.bellOf(to));
  return undefined;
}

describe("a bug is found", () => {
  test.each(BUGS)("%s", (_, bug, options, invariant) => {
    const seen = explore(idleModel(options, { ...protocol, ...bug }));
    if (process.env.NOSTOS_TRACE === "1") console.log(show(seen));
    expect(seen.problem?.what).toMatch(invariant);
  });
});
