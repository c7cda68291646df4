/** The mailbox and the timer heap against models that are too simple to be wrong. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Mailbox, mailboxCount, mailboxNext, mailboxPut, mailboxTake } from "../../../vm/process/mailbox.ts";
import { PidTable } from "../../../vm/process/pid-table.ts";
import { RunQueue } from "../../../vm/sched/run-queue.ts";
import { type Timer, Timers } from "../../../vm/sched/timers.ts";
import type { Value } from "../../../vm/values/value.ts";

describe("the mailbox", () => {
  const emptyBox = (): Mailbox => ({ slot: undefined, overflow: null, scan: 0 });
  /** As a receive does that wants the message behind `passed` others. */
  const scanTo = (box: Mailbox, passed: number): Value | undefined => {
    box.scan = 0;
    for (let i = 0; i < passed && mailboxNext(box) !== undefined; i++) box.scan++;
    return mailboxNext(box);
  };
  const contents = (box: Mailbox): Value[] => {
    const all: Value[] = [];
    box.scan = 0;
    for (let next = mailboxNext(box); next !== undefined; next = mailboxNext(box)) {
      all.push(next);
      box.scan++;
    }
    return all;
  };

  test("is a list from which any message can be taken", () => {
    const step = fc.oneof(fc.record({ put: fc.nat(9) }), fc.record({ take: fc.nat(70) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const box = emptyBox();
        const model: number[] = [];
        let next = 0;
        for (const each of steps) {
          if ("put" in each) {
            for (let i = 0; i <= each.put; i++) {
              mailboxPut(box, next);
              model.push(next++);
            }
          } else {
            expect(scanTo(box, each.take)).toBe(model[each.take]);
            mailboxTake(box);
            expect(box.scan).toBe(0);
            model.splice(each.take, 1);
          }
          expect(mailboxCount(box)).toBe(model.length);
          expect(contents(box)).toEqual(model);
          if (box.slot === undefined) expect(box.overflow).toBeNull(); // M1
          expect(box.overflow?.items.at(-1)).toBe(box.overflow === null ? undefined : model.at(-1)); // M2
        }
      }),
    );
  });

  test("keeps no more places than twice its messages, wherever they are taken", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { minLength: 300, maxLength: 300 }), (takes) => {
        const box = emptyBox();
        for (let i = 0; i < 400; i++) mailboxPut(box, i);
        for (const take of takes) {
          scanTo(box, take % mailboxCount(box));
          mailboxTake(box);
          const places = box.overflow?.items.length ?? 0;
          expect(places).toBeLessThanOrEqual(Math.max(64, 2 * mailboxCount(box)));
        }
      }),
    );
  });

  test("a message that comes while a receive has passed all others is the next", () => {
    const box = emptyBox();
    mailboxPut(box, "a");
    mailboxPut(box, "b");
    expect(scanTo(box, 2)).toBeUndefined();
    mailboxPut(box, "c");
    expect(mailboxNext(box)).toBe("c");
    mailboxTake(box);
    expect(contents(box)).toEqual(["a", "b"]);
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
