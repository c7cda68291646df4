/**
 * Messages to and from processes that move: every interleaving of small cases, and bugs put in on purpose that the
 * exploration finds.
 */
import { describe, expect, test } from "vitest";
import * as protocol from "../../vm/cluster/protocol/forward.ts";
import { explore, show } from "./explore.ts";
import { type ForwardOptions, type ForwardProtocol, forwardModel } from "./forward-model.ts";

const isDeep = process.env.NOSTOS_EXPLORE === "deep";
const P = 0;
const Q = 1;
const R = 2;

const CASES: Readonly<Record<string, ForwardOptions>> = {
  "two schedulers, both processes move, messages both ways": {
    schedulers: 2,
    processes: [0, 0],
    messages: [
      { from: P, to: Q, count: 2 },
      { from: Q, to: P, count: 1 },
    ],
    moves: 3,
  },
  "three schedulers, both move": {
    schedulers: 3,
    processes: [0, 1],
    messages: [{ from: P, to: Q, count: 2 }],
    moves: 2,
  },
  "three schedulers, the receiver moves twice in a row": {
    schedulers: 3,
    processes: [0, 0],
    messages: [{ from: P, to: Q, count: 3 }],
    moves: 2,
    movers: [Q],
  },
  "three schedulers, the sender moves and its receiver may end": {
    schedulers: 3,
    processes: [0, 1],
    messages: [{ from: P, to: Q, count: 2 }],
    moves: 1,
    mortal: Q,
  },
  "two move together, and one of them may end": {
    schedulers: 2,
    processes: [0, 0],
    messages: [
      { from: P, to: Q, count: 2 },
      { from: Q, to: P, count: 1 },
    ],
    moves: 2,
    mortal: P,
    together: true,
  },
  "three schedulers, the one that moves also sends to itself": {
    schedulers: 3,
    processes: [0, 1],
    messages: [
      { from: P, to: P, count: 2 },
      { from: Q, to: P, count: 1 },
    ],
    moves: 2,
    movers: [P],
  },
  "three processes on three schedulers": {
    schedulers: 3,
    processes: [0, 1, 2],
    messages: [
      { from: P, to: Q, count: 2 },
      { from: R, to: Q, count: 1 },
    ],
    moves: 1,
  },
};

/** Minutes: NOSTOS_EXPLORE=deep. */
const DEEP: Readonly<Record<string, ForwardOptions>> = {
  "three schedulers, three moves": {
    schedulers: 3,
    processes: [0, 1],
    messages: [{ from: P, to: Q, count: 3 }],
    moves: 3,
  },
  "three schedulers, two of three processes move": {
    schedulers: 3,
    processes: [0, 1, 2],
    messages: [
      { from: P, to: Q, count: 2 },
      { from: R, to: Q, count: 1 },
    ],
    moves: 2,
  },
  "two schedulers, six moves": {
    schedulers: 2,
    processes: [0, 1],
    messages: [
      { from: P, to: Q, count: 3 },
      { from: Q, to: P, count: 2 },
    ],
    moves: 6,
    together: true,
  },
};

describe("in every order of steps messages come in order, each once", () => {
  test.each(Object.entries(isDeep ? { ...CASES, ...DEEP } : CASES))("%s", { timeout: 600_000 }, (_, options) => {
    const seen = explore(forwardModel(options));
    expect(seen.problem, show(seen)).toBeUndefined();
    expect(seen.ends).toBeGreaterThan(0);
  });
});

const TWO_MOVE = CASES["three schedulers, both move"]!;
const RECEIVER_MOVES = CASES["three schedulers, the receiver moves twice in a row"]!;

/** What is wrong, where it shows, and which invariant the exploration names. */
const BUGS: readonly [string, Partial<ForwardProtocol>, ForwardOptions, RegExp][] = [
  [
    "the fences are not waited for",
    {
      onPacket: (state, site, from, packet) => {
        protocol.onPacket(state, site, from, { ...packet, fences: 1 });
        protocol.onPassed(state, site, packet.tag);
      },
      onPassed: () => {},
    },
    RECEIVER_MOVES,
    /O4/,
  ],
  [
    "what comes directly is not held back",
    {
      onDirect: (state, site, pid, message) =>
        site.has(pid) ? site.put(pid, message) : protocol.onDirect(state, site, pid, message),
    },
    RECEIVER_MOVES,
    /O4/,
  ],
  [
    "an unsettled process sends",
    {
      send: (state, site, _sender, pid, message) =>
        protocol.onDirect(state, { ...site, post: direct(site) }, pid, message),
    },
    TWO_MOVE,
    /O4/,
  ],
  ["an unsettled process is given away", { mayLeave: () => true }, TWO_MOVE, /O[1-6]/],
  [
    "the places are written when everything is posted",
    {
      give: (state, site, to, pids) => {
        protocol.give(state, { ...site, setPlace: () => {} }, to, pids);
        for (const pid of pids) site.setPlace(pid, to);
      },
    },
    RECEIVER_MOVES,
    /O[1-6]/,
  ],
  [
    "what came before the packet is lost",
    {
      onPacket: (state, site, from, packet) => {
        for (const pid of packet.pids) state.early.delete(pid);
        protocol.onPacket(state, site, from, packet);
      },
    },
    RECEIVER_MOVES,
    /O4/,
  ],
  [
    "what is forwarded waits behind what came directly",
    { onForwarded: (state, site, pid, message) => protocol.onDirect(state, site, pid, message) },
    RECEIVER_MOVES,
    /O4/,
  ],
  [
    "only the receiver of the packet sends a fence",
    {
      give: (state, site, to, pids) => protocol.give(state, { ...site, running: () => [state.me, to] }, to, pids),
    },
    RECEIVER_MOVES,
    /O4/,
  ],
  [
    "what a process has sent is lost when it ends",
    {
      onExit: (state, site, pid) => {
        const arrival = state.arrivals.get(state.unsettled.get(pid)?.tag ?? -1);
        if (arrival !== undefined) arrival.outbox.length = 0;
        protocol.onExit(state, site, pid);
      },
    },
    { schedulers: 2, processes: [0, 0], messages: [{ from: P, to: Q, count: 1 }], moves: 1, mortal: P },
    /O4/,
  ],
];

function direct<M>(site: protocol.ForwardSite<M>): protocol.ForwardSite<M>["post"] {
  return (to, entry) => site.post(to, entry.kind === "forwarded" ? { ...entry, kind: "direct" } : entry);
}

describe("a bug is found", () => {
  test.each(BUGS)("%s", (_, bug, options, invariant) => {
    const seen = explore(forwardModel(options, { ...protocol, ...bug }));
    if (process.env.NOSTOS_TRACE === "1") console.log(show(seen));
    expect(seen.problem?.what).toMatch(invariant);
    expect(seen.problem?.trace.length).toBeGreaterThan(0);
  });
});
