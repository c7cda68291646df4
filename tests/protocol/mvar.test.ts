/**
 * An mvar shared by schedulers: every interleaving of small cases, starvation, and bugs put in on purpose that are found.
 */
import { describe, expect, test } from "vitest";
import * as protocol from "../../vm/cluster/protocol/mvar.ts";
import { explore, findStarvation, show } from "./explore.ts";
import { type MvarOptions, type MvarProtocol, mvarModel, waiters } from "./mvar-model.ts";

const TWO: MvarOptions = { schedulers: 2, processes: [0, 1], rounds: 3 };
const THREE: MvarOptions = { schedulers: 3, processes: [0, 1, 2], rounds: 2 };
const PAIRS: MvarOptions = { schedulers: 2, processes: [0, 0, 1, 1], rounds: 2 };
const AWAY: MvarOptions = { schedulers: 3, processes: [1, 1, 2], rounds: 2 };
const MORTAL: MvarOptions = { schedulers: 3, processes: [1, 1, 2], rounds: 2, mortal: 0 };
const BINDER: MvarOptions = { schedulers: 3, processes: [0, 1, 2], rounds: 2, binder: 1 };

describe("in every order of steps the mvar has one owner, and each update counts", () => {
  test.each<[string, MvarOptions]>([
    ["two schedulers", TWO],
    ["three schedulers", THREE],
    ["two processes on each of two", PAIRS],
    ["nobody at home", AWAY],
    ["one of them may be killed", MORTAL],
    ["the value may be one that cannot travel", BINDER],
  ])("%s", (_, options) => {
    const seen = explore(mvarModel(options));
    expect(seen.problem, show(seen)).toBeUndefined();
    expect(seen.ends).toBeGreaterThan(0);
  });
});

const ENDLESS: readonly [string, MvarOptions][] = [
  ["two processes on each of two schedulers", { schedulers: 2, processes: [0, 0, 1, 1], rounds: Infinity }],
  ["three schedulers", { schedulers: 3, processes: [0, 1, 2], rounds: Infinity }],
];

test.each(ENDLESS)("nobody starves: %s", (_, options) => {
  const seen = findStarvation(mvarModel(options), waiters);
  expect(seen.problem, show(seen)).toBeUndefined();
});

const BUGS: readonly [string, Partial<MvarProtocol>, MvarOptions, RegExp][] = [
  [
    "the token is given up while a process here owns the mvar",
    {
      onLeaseOver: (seat, site) => {
        const { owner } = seat;
        seat.owner = null;
        protocol.onLeaseOver(seat, site);
        seat.owner ??= owner;
      },
    },
    TWO,
    /K2/,
  ],
  [
    "the token is granted and kept",
    { onLeaseOver: (seat, site) => protocol.onLeaseOver({ ...seat, owner: null }, site) },
    TWO,
    /K[12]/,
  ],
  [
    "the home forgets who is last",
    { onWant: (home, site, from) => protocol.onWant({ ...home }, site, from) },
    THREE,
    /K[1456]/,
  ],
  ["who gives the token away does not ask for those who wait", { unlock: unlockWithoutAsking }, PAIRS, /K5/],
  [
    "a lock is taken before those who wait",
    {
      lock: (seat, site, process) => {
        const isLocked = protocol.lock(seat, site, process);
        if (!isLocked) seat.waiting.unshift(seat.waiting.pop()!);
        return isLocked;
      },
    },
    PAIRS,
    /K3/,
  ],
  ["a dead process stays in the queue", { leave: () => {} }, MORTAL, /K2/],
  [
    "the successor of one that was refused is forgotten",
    {
      onRefused: (seat, site, from) => {
        protocol.onRefused(seat, site, from);
        seat.keeper = protocol.NOBODY;
      },
    },
    BINDER,
    /K[456]/,
  ],
];

/** With `asked` set, `want` does nothing. */
function unlockWithoutAsking<P>(seat: protocol.MvarSeat<P>, site: protocol.MvarSite<P>): void {
  const wasHere = seat.isHere;
  protocol.unlock(seat, { ...site, post: (to, entry) => entry.kind !== "want" && site.post(to, entry) });
  if (wasHere && !seat.isHere) seat.asked = true;
}

describe("a bug is found", () => {
  test.each(BUGS)("%s", (_, bug, options, invariant) => {
    const seen = explore(mvarModel(options, { ...protocol, ...bug }));
    if (process.env.NOSTOS_TRACE === "1") console.log(show(seen));
    expect(seen.problem?.what).toMatch(invariant);
  });

  test("the lease never ends while somebody here waits", () => {
    const bug: Partial<MvarProtocol> = { onLeaseOver: () => {} };
    const seen = findStarvation(mvarModel(ENDLESS[0]![1], { ...protocol, ...bug }), waiters);
    if (process.env.NOSTOS_TRACE === "1") console.log(show(seen));
    expect(seen.problem?.what).toMatch(/waits for ever/);
  });
});
