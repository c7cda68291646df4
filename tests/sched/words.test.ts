/** The words that schedulers share: quiet is only what can never move again, and the budget is spent once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Words } from "../../vm/cluster/words.ts";

describe("quiet", () => {
  test("is when all are idle and everything sent was received, in whatever order that came to be", () => {
    const step = fc.record({ what: fc.constantFrom("send", "receive", "rest"), from: fc.nat(2), to: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const words = new Words(3);
        const isIdle = [false, true, true];
        const inFlight = [0, 0, 0];
        for (const { what, from, to } of steps) {
          if (what === "send" && !isIdle[from]) {
            words.countSent(from);
            inFlight[to]!++;
          } else if (what === "receive" && inFlight[to]! > 0) {
            inFlight[to]!--;
            words.countReceived(to);
            isIdle[to] = false;
          } else if (what === "rest") {
            words.setIdle(from, true);
            isIdle[from] = true;
          }
          expect(words.isQuiet()).toBe(isIdle.every((idle) => idle) && inFlight.every((count) => count === 0));
        }
      }),
    );
  });

  test("another view of the same memory sees the same", () => {
    const words = new Words(2);
    const other = new Words(2, words.buffer);
    words.setIdle(0, true);
    expect([words.isQuiet(), other.isQuiet()]).toEqual([true, true]);
    other.countSent(1);
    expect(words.isQuiet()).toBe(false);
  });
});

test("pids count up from main's, beyond 2^31 too", () => {
  const words = new Words(4);
  expect([words.lastPid, words.takePid(), words.takePid()]).toEqual([1, 2, 3]);
  new BigInt64Array(words.buffer)[0] = 2n ** 31n - 1n;
  expect([words.takePid(), words.takePid()]).toEqual([2 ** 31, 2 ** 31 + 1]);
});

test("a budget is spent once, whoever takes; without one there is always more", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.array(fc.integer({ min: -20, max: 200 }), { maxLength: 30 }), (total, takes) => {
      const words = new Words(2);
      words.setReductions(total);
      let left = total;
      for (const count of takes) {
        if (count > 0) {
          const taken = words.takeReductions(count);
          expect(taken).toBe(Math.min(count, left));
          left -= taken;
        } else {
          words.giveReductions(count); // more was used than was taken
          left = Math.max(0, left + count);
        }
      }
      expect(words.takeReductions(10_000)).toBe(left);
    }),
  );
  const words = new Words(2);
  words.setReductions(Number.POSITIVE_INFINITY);
  words.giveReductions(5);
  expect(words.takeReductions(500)).toBe(500);
});

test("virtual time goes on to the first deadline, and those are busy whose time has come", () => {
  const words = new Words(4);
  expect(words.advanceClock()).toEqual([]);
  words.setDeadline(0, 30);
  words.setDeadline(2, 10.5);
  words.setDeadline(3, 10.5);
  for (let scheduler = 0; scheduler < 4; scheduler++) words.setIdle(scheduler, true);
  expect([words.advanceClock(), words.clockMs, words.isQuiet()]).toEqual([[2, 3], 10.5, false]);
  words.setDeadline(2, Number.POSITIVE_INFINITY);
  words.setDeadline(3, 5);
  expect([words.advanceClock(), words.clockMs]).toEqual([[3], 10.5]); // never back
});

test("one writes at a time, and who has the turn keeps it", () => {
  const words = new Words(2);
  expect([words.lock(1), words.lock(1)]).toEqual([false, true]);
  words.unlockFor(1);
  expect(words.lock(0)).toBe(false);
  words.unlock();
  expect(words.lock(1)).toBe(false);
});
