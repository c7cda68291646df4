/** Circles of waits across schedulers: found always, and only when they are there; bugs put in on purpose are found. */
import { describe, expect, test } from "vitest";
import * as protocol from "../../vm/cluster/protocol/deadlock.ts";
import { type DeadlockOptions, type DeadlockProtocol, deadlockModel } from "./deadlock-model.ts";
import { explore, show } from "./explore.ts";

const A = 0;
const B = 1;
const C = 2;

const PAIR: DeadlockOptions = { mvars: 2, rounds: [[[A, B]], [[B, A]]] };
/** the second time the order is another one, so that old reports look like circles */
const TURNING: DeadlockOptions = {
  mvars: 2,
  rounds: [
    [[B], [B, A]],
    [
      [A, B],
      [A, B],
    ],
  ],
};
const THREE: DeadlockOptions = { mvars: 3, rounds: [[[A, B]], [[B, C]], [[C, A]]] };
const WITH_VALUE: DeadlockOptions = { ...THREE, value: B };
const BESIDE: DeadlockOptions = { mvars: 2, rounds: [[[A, B]], [[B], [B, A]], [[A, B]]] };

describe("in every order of steps", () => {
  test.each<[string, DeadlockOptions]>([
    ["two in a circle", PAIR],
    ["two with changing orders", TURNING],
    ["three in a circle", THREE],
    ["three in a circle, of which one waits for a value", WITH_VALUE],
    ["two in a circle, of which one waits for a value", { ...PAIR, value: A }],
    ["a third one beside the circle", BESIDE],
  ])("%s", (_, options) => {
    const seen = explore(deadlockModel(options));
    expect(seen.problem, show(seen)).toBeUndefined();
    expect(seen.ends).toBeGreaterThan(0);
  });
});

const BUGS: readonly [string, Partial<DeadlockProtocol>, DeadlockOptions, RegExp][] = [
  [
    "a circle of reports is believed",
    {
      onWaits: (finder, site, process, wait) => {
        const asked: protocol.Question[] = [];
        protocol.onWaits(finder, { ...site, ask: (_, question) => void asked.push(question) }, process, wait);
        for (const question of asked) protocol.onAnswer(finder, site, question, true);
      },
    },
    TURNING,
    /D1/,
  ],
  [
    "nobody looks again when an answer is no",
    {
      onAnswer: (finder, site, question, goesOn) => {
        if (goesOn) protocol.onAnswer(finder, site, question, true);
        else finder.suspicions.delete(question.suspicion);
      },
    },
    BESIDE,
    /D2/,
  ],
  [
    "the end of an old wait ends the new one",
    {
      onAnswer: (finder, site, question, goesOn) => {
        if (!goesOn) finder.waits.delete(question.process);
        protocol.onAnswer(finder, site, question, goesOn);
      },
    },
    TURNING,
    /D2/,
  ],
  ["only the first of a circle is asked", { onWaits: asksOne }, TURNING, /D1/],
];

function asksOne(finder: protocol.Finder, site: protocol.FinderSite, process: number, wait: protocol.Wait): void {
  let isFirst = true;
  const asked: protocol.Question[] = [];
  const ask: protocol.FinderSite["ask"] = (scheduler, question) => {
    if (isFirst) site.ask(scheduler, question);
    else asked.push(question);
    isFirst = false;
  };
  protocol.onWaits(finder, { ...site, ask }, process, wait);
  for (const question of asked) protocol.onAnswer(finder, site, question, true);
}

describe("a bug is found", () => {
  test.each(BUGS)("%s", (_, bug, options, invariant) => {
    const seen = explore(deadlockModel(options, { ...protocol, ...bug }));
    if (process.env.NOSTOS_TRACE === "1") console.log(show(seen));
    expect(seen.problem?.what).toMatch(invariant);
  });
});
