/** The words that schedulers share: the budget is spent once, time goes on to the first deadline, one writes at a time. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Words } from "../../vm/cluster/words.ts";

test("another view of the same memory sees the same", () => {
  const words = new Words(2);
  const other = new Words(2, words.buffer);
  words.countSpawned(0);
  other.countSpawned(1);
  other.countExited(1);
  expect([words.spawned, words.exited, other.spawned, other.exited]).toEqual([2, 1, 2, 1]);
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

test("virtual time goes on to the first deadline, and says whose time has come", () => {
  const words = new Words(4);
  expect(words.advanceClock()).toEqual([]);
  words.setDeadline(0, 30);
  words.setDeadline(2, 10.5);
  words.setDeadline(3, 10.5);
  expect([words.advanceClock(), words.clockMs]).toEqual([[2, 3], 10.5]);
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
