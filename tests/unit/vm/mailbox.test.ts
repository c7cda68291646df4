/** The mailbox and the timer heap against models that are too simple to be wrong. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Mailbox, mailboxAt, mailboxCount, mailboxPut, mailboxTake } from "../../../vm/process/mailbox.ts";
import { PidTable } from "../../../vm/process/pid-table.ts";
import { RunQueue } from "../../../vm/sched/run-queue.ts";
import { type Timer, Timers } from "../../../vm/sched/timers.ts";

describe("the mailbox", () => {
  test("is a list from which any message can be taken", () => {
    const step = fc.oneof(fc.record({ put: fc.nat(9) }), fc.record({ take: fc.nat(70) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const box: Mailbox = { slot: undefined, overflow: null };
        const model: number[] = [];
        let next = 0;
        for (const each of steps) {
          if ("put" in each) {
            for (let i = 0; i <= each.put; i++) {
              mailboxPut(box, next);
              model.push(next++);
            }
          } else {
            mailboxTake(box, each.take);
            model.splice(each.take, 1);
          }
          expect(mailboxCount(box)).toBe(model.length);
          expect(model.map((_, i) => mailboxAt(box, i))).toEqual(model);
          expect(mailboxAt(box, model.length)).toBeUndefined();
          if (box.slot === undefined) expect(box.overflow?.items.length ?? 0).toBe(box.overflow?.head ?? 0); // M1
        }
      }),
    );
  });

  test("taking from the front of a long one costs what was looked at", () => {
    const box: Mailbox = { slot: undefined, overflow: null };
    for (let i = 0; i < 300_000; i++) mailboxPut(box, i);
    const started = performance.now();
    for (let i = 0; i < 299_999; i++) mailboxTake(box, 1);
    // quadratic work would take minutes
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(mailboxAt(box, 0)).toBe(0);
    expect(mailboxCount(box)).toBe(1);
  });
});

describe("timers", () => {
  test("fire by deadline, of equal ones the first set; cancelled ones never", () => {
    const step = fc.oneof(
      fc.record({ set: fc.nat(20) }),
      fc.record({ cancel: fc.nat(100) }),
      fc.record({ until: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: "max" }), (steps) => {
        const timers = new Timers<number>();
        const all: Timer<number>[] = [];
        let model: { deadline: number; id: number }[] = [];
        for (const each of steps) {
          if ("set" in each) {
            model.push({ deadline: each.set, id: all.length });
            all.push(timers.set(each.set, all.length));
          } else if ("cancel" in each) {
            const timer = all[each.cancel];
            if (timer !== undefined) timers.cancel(timer);
            model = model.filter(({ id }) => id !== each.cancel);
          } else {
            const due = model
              .filter(({ deadline }) => deadline <= each.until)
              .sort((a, b) => a.deadline - b.deadline || a.id - b.id);
            model = model.filter(({ deadline }) => deadline > each.until);
            const fired: number[] = [];
            for (let timer = timers.takeDue(each.until); timer !== undefined; timer = timers.takeDue(each.until))
              fired.push(timer.what);
            expect(fired).toEqual(due.map(({ id }) => id));
          }
          expect(timers.count).toBe(model.length);
          expect(timers.nextDeadlineMs).toBe(Math.min(...model.map(({ deadline }) => deadline)));
        }
      }),
    );
  });
});

describe("the run queue", () => {
  test("is first in, first out, and gives any position on request", () => {
    const step = fc.oneof(
      fc.constant("put" as const),
      fc.constant("take" as const),
      fc.nat(20),
      fc.record({ remove: fc.nat(200) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const queue = new RunQueue<number>(4);
        const model: number[] = [];
        let next = 0;
        for (const each of steps) {
          if (each === "put") {
            queue.put(next);
            model.push(next++);
          } else if (each === "take") expect(queue.take()).toBe(model.shift());
          else if (typeof each === "number") expect(queue.takeAt(each)).toBe(model.splice(each, 1)[0]);
          else {
            queue.remove(each.remove);
            if (model.includes(each.remove)) model.splice(model.indexOf(each.remove), 1);
          }
          expect(queue.count).toBe(model.length);
        }
        expect(model.map(() => queue.take())).toEqual(model);
      }),
    );
  });
});

describe("the pid table", () => {
  test("counts up from 1 and forgets", () => {
    const table = new PidTable<number>();
    for (let i = 1; i <= 5000; i++) {
      expect(table.nextPid).toBe(i);
      table.add(i, i);
    }
    for (let i = 1; i <= 5000; i++) if (i % 3 !== 0) table.remove(i);
    for (let i = 1; i <= 3000; i++) table.remove(i);
    expect([...table]).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1).filter((i) => i > 3000 && i % 3 === 0));
    expect(table.count).toBe([...table].length);
    expect(table.get(1)).toBeUndefined();
    expect(table.get(4998)).toBe(4998);
    expect(table.get(99999)).toBeUndefined();
    expect(table.nextPid).toBe(5001);
  });

  test("knows of every third pid, in whatever order they come, which may come still", () => {
    const pids = fc.shuffledSubarray(
      Array.from({ length: 2500 }, (_, n) => 3 * n + 2),
      { minLength: 2500 },
    );
    fc.assert(
      fc.property(pids, fc.nat(2500), (order, count) => {
        const table = new PidTable<number>(3);
        const come = order.slice(0, count);
        for (const pid of come) {
          if (pid % 7 === 0) table.skip(pid);
          else table.add(pid, pid);
          if (pid % 2 === 0) table.remove(pid);
        }
        for (const pid of order) expect(table.isAwaited(pid)).toBe(!come.includes(pid));
        const live = come.filter((pid) => pid % 7 !== 0 && pid % 2 !== 0);
        expect([...table]).toEqual(live.sort((a, b) => a - b));
        expect(table.count).toBe(live.length);
      }),
      { numRuns: 5 },
    );
  });
});
