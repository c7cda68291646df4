/** The parts of `nostos test`: differences of texts, plain schedules, steps that matter, and that a seed decides all. */
import "../../support/check-on.ts";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../../cli/compile.ts";
import { projectOfText } from "../../../cli/project.ts";
import { differences } from "../../../cli/test/differences.ts";
import { errorText, runOnce, type Subject } from "../../../cli/test/run-once.ts";
import { type Attempt, plainest } from "../../../cli/test/shorten.ts";
import { storyOf } from "../../../cli/test/story.ts";
import {
  type Chance,
  type ProcessEvent,
  recordedChance,
  type Slice,
  scheduledChance,
  seededChance,
} from "../../../vm/index.ts";
import { root } from "../../support/nostos.ts";

function subjectOf(text: string): Subject {
  const { unit, diagnostics, sources } = compile(projectOfText("test.nos", text));
  if (unit === undefined) throw new Error(JSON.stringify(diagnostics));
  const limits = { maxReductions: 20_000 };
  return { unit, sources, warnings: [], stdin: "", limits, jit: {}, onStart: () => {}, isInterrupted: () => false };
}

/** All that a run shows, and the trace if it is asked for. */
async function shownBy(subject: Subject, chance: Chance, trace?: string[]): Promise<string> {
  const observe = (event: ProcessEvent): void => void trace?.push(JSON.stringify(event));
  const ran = await runOnce(subject, { chance, ...(trace !== undefined && { observe }) });
  return `${ran.out}|${errorText(ran.told)}|${ran.outcome.kind}|${ran.reductions}`;
}

const folder = join(root, "tests/cli/explore");
const subjects = readdirSync(folder)
  .filter((name) => name.endsWith(".nos"))
  .map((name) => subjectOf(readFileSync(join(folder, name), "utf8")));
const anySubject = fc.constantFrom(...subjects);
const anySeed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe("a seed decides all", () => {
  test("twice the same seed: the same bytes, of the output and of the trace", async () => {
    await fc.assert(
      fc.asyncProperty(anySubject, anySeed, async (subject, seed) => {
        const [one, two]: [string[], string[]] = [[], []];
        const shown = await shownBy(subject, seededChance(seed), one);
        expect(await shownBy(subject, seededChance(seed), two)).toBe(shown);
        expect(two).toEqual(one);
        expect(await shownBy(subject, seededChance(seed)), "without a trace").toBe(shown);
      }),
      { numRuns: 100 },
    );
  });

  test("the schedule of a run gives the run again, and without any slice a run still ends", async () => {
    await fc.assert(
      fc.asyncProperty(anySubject, anySeed, fc.infiniteStream(fc.boolean()), async (subject, seed, keep) => {
        const slices: Slice[] = [];
        const [one, two]: [string[], string[]] = [[], []];
        const shown = await shownBy(subject, recordedChance(seededChance(seed), slices), one);
        expect(await shownBy(subject, scheduledChance(seededChance(seed), slices), two)).toBe(shown);
        expect(two).toEqual(one);
        const some = slices.filter(() => keep.next().value);
        expect(await shownBy(subject, scheduledChance(seededChance(seed), some))).not.toContain("internal");
      }),
      { numRuns: 100 },
    );
  });
});

describe("the plainest schedule", () => {
  const anySlices = fc.array(
    fc.record({ pid: fc.integer({ min: 1, max: 9 }), length: fc.integer({ min: 1, max: 9 }) }),
    {
      maxLength: 60,
    },
  );
  /** it fails when the pids of `needed` have slices in this order */
  const attemptFor =
    (needed: readonly number[]) =>
    async (schedule: readonly Slice[]): Promise<Attempt> => {
      let at = 0;
      for (const { pid } of schedule) if (pid === needed[at]) at++;
      return { result: at === needed.length ? "fails" : "passes", reductions: 1 };
    };

  test("is what is needed, and without any of it the run passes", async () => {
    await fc.assert(
      fc.asyncProperty(anySlices, fc.array(fc.nat(), { maxLength: 5 }), async (slices, picks) => {
        const places =
          slices.length === 0 ? [] : [...new Set(picks.map((n) => n % slices.length))].sort((a, b) => a - b);
        const needed = places.map((at) => slices[at]!.pid);
        const { schedule, around } = await plainest(slices, "fails", attemptFor(needed));
        expect(schedule.map(({ pid }) => pid)).toEqual(needed);
        expect(around).toHaveLength(needed.length);
      }),
    );
  });

  test("is not looked for without end", async () => {
    const slices = Array.from({ length: 5000 }, (_, n) => ({ pid: n, length: 1 }));
    let runs = 0;
    await plainest(slices, "fails", async (schedule) => {
      runs++;
      return { result: schedule.length === slices.length ? "fails" : "passes", reductions: 1 };
    });
    expect(runs).toBeLessThan(1000);
  });
});

describe("differences of two texts", () => {
  const anyText = fc.array(fc.constantFrom("a\n", "b\n", "c\n"), { maxLength: 30 }).map((lines) => lines.join(""));

  test("what is marked is all that makes one the other", () => {
    fc.assert(
      fc.property(anyText, anyText, (one, two) => {
        const all = differences(one, two, 1000);
        const [less, more] = (["less", "more"] as const).map((kind) => all.filter((each) => each.kind === kind).length);
        expect(one.length / 2 - less!).toBe(two.length / 2 - more!);
        expect(less === 0 && more === 0).toBe(one === two);
      }),
    );
  });

  test("lines that are alike are left out, and a missing end of line is seen", () => {
    expect(differences("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nfive\n6", 20)).toEqual([
      { kind: "gap", line: "2 lines" },
      { kind: "same", line: "3" },
      { kind: "same", line: "4" },
      { kind: "less", line: "5" },
      { kind: "less", line: "6" },
      { kind: "more", line: "five" },
      { kind: "more", line: "6 (without an end of line)" },
    ]);
  });

  test("of much too much there is an end", () => {
    const text = (tail: string) => Array.from({ length: 5000 }, (_, n) => `${n}${tail}\n`).join("");
    expect(differences(text("a"), text("b"), 10)).toHaveLength(11);
  });
});

describe("the steps that matter", () => {
  const spawned = (pid: number, by: number): ProcessEvent => ({ kind: "spawned", pid, by, function: "f" });
  const sent = (from: number, to: number, message: string): ProcessEvent => ({ kind: "sent", from, to, message });
  const received = (pid: number, message: string): ProcessEvent => ({ kind: "received", pid, message });
  const exited = (pid: number): ProcessEvent => ({ kind: "exited", pid, reason: "error", why: 'Error("x")' });
  const places = (events: readonly ProcessEvent[], ...ends: number[]) => storyOf(events, ends).map(({ at }) => at);

  test("are those before it: of who was heard, not of others", () => {
    const events = [
      spawned(1, 0),
      spawned(2, 1),
      spawned(3, 1),
      sent(3, 1, "b"),
      sent(2, 1, "a"),
      received(1, "a"),
      exited(1),
    ];
    expect(places(events, 6)).toEqual([1, 4, 5, 6]);
  });

  test("of equal messages the oldest is received", () => {
    const events = [
      spawned(1, 0),
      spawned(2, 1),
      spawned(3, 1),
      sent(2, 1, "a"),
      sent(3, 1, "a"),
      received(1, "a"),
      exited(1),
    ];
    expect(places(events, 6)).toEqual([1, 3, 5, 6]);
  });

  test("a lock that is waited for, and who held it; not one that nobody minds", () => {
    const locked = (kind: "locked" | "unlocked", pid: number, mvar: string): ProcessEvent => ({
      kind,
      pid,
      mvars: [mvar],
    });
    const events: ProcessEvent[] = [
      spawned(1, 0),
      spawned(2, 1),
      locked("locked", 1, "own"),
      { kind: "read", pid: 1, mvar: "own", value: "0" },
      locked("unlocked", 1, "own"),
      locked("locked", 2, "a"),
      { kind: "blocked", pid: 1, mvar: "a", heldBy: 2 },
    ];
    expect(places(events, 6)).toEqual([1, 5, 6]);
  });

  test("a read and the write behind it are one", () => {
    const events: ProcessEvent[] = [
      { kind: "written", pid: 2, mvar: "n", value: "1" },
      { kind: "read", pid: 1, mvar: "n", value: "1" },
      { kind: "written", pid: 1, mvar: "n", value: "2" },
    ];
    expect(storyOf(events, [2]).map(({ event }) => event)).toEqual([
      { kind: "written", pid: 2, mvar: "n", value: "1" },
      { kind: "changed", mvar: "n", from: "1", value: "2" },
    ]);
  });
});
