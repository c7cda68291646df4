/** The mailbox and the timer wheel against models that are too simple to be wrong. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Mailbox,
  mailboxCount,
  mailboxDiscard,
  mailboxKeepSite,
  mailboxMark,
  mailboxNext,
  mailboxPut,
  mailboxSeek,
  mailboxSeekSite,
  mailboxTake,
} from "../../../vm/process/mailbox.ts";
import { PidTable } from "../../../vm/process/pid-table.ts";
import { RunQueue } from "../../../vm/sched/run-queue.ts";
import { type Timer, Timers } from "../../../vm/sched/timers.ts";
import { Ref, type Value } from "../../../vm/values/value.ts";

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
          expect(contents(box).join()).toBe(model.join());
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
      { numRuns: 20 },
    );
  });

  test("by a Ref, finds and takes what a plain list would, from wherever the scan may begin", () => {
    const STEP = 3; // as on three schedulers, of which this one is the second
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ put: fc.nat(12) }) },
      { weight: 2, arbitrary: fc.constant("make" as const) },
      fc.constant("foreign" as const),
      { weight: 2, arbitrary: fc.record({ answer: fc.nat(12) }) },
      { weight: 2, arbitrary: fc.record({ receive: fc.nat(12) }) },
      fc.record({ discard: fc.nat(12) }),
      { weight: 3, arbitrary: fc.record({ take: fc.nat(30), times: fc.nat(20) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        const box = emptyBox();
        let model: Value[] = [];
        let made = 0;
        let foreign = 0;
        const refs: number[] = [];
        /** from the newest back */
        const refAt = (back: number): number => refs[refs.length - 1 - back] ?? 1;
        const holds =
          (ref: number) =>
          (message: Value): boolean =>
            message instanceof Ref && message.id === ref;
        const without = (index: number): Value[] => model.filter((_, i) => i !== index);
        for (const each of steps) {
          if (each === "make") {
            refs.push(STEP * made++ + 2);
            mailboxMark(box, refs.at(-1)!);
          } else if (each === "foreign") refs.push(STEP * foreign++ + 1);
          else if ("put" in each) {
            for (let i = 0; i < each.put; i++) {
              mailboxPut(box, i);
              model.push(i);
            }
          } else if ("answer" in each) {
            const answer = new Ref(refAt(each.answer));
            mailboxPut(box, answer);
            model.push(answer);
          } else if ("receive" in each) {
            const ref = refAt(each.receive);
            box.scan = 0;
            mailboxSeek(box, ref, STEP);
            let found = mailboxNext(box);
            for (; found !== undefined && !holds(ref)(found); found = mailboxNext(box)) box.scan++;
            const index = model.findIndex(holds(ref));
            expect(found).toBe(model[index]);
            if (found !== undefined) {
              mailboxTake(box);
              model = without(index);
            }
          } else if ("discard" in each) {
            const ref = refAt(each.discard);
            mailboxDiscard(box, ref, STEP, holds(ref));
            model = without(model.findIndex(holds(ref)));
          } else
            for (let i = 0; i <= each.times; i++) {
              scanTo(box, each.take);
              mailboxTake(box);
              model = without(each.take);
            }
          const { overflow } = box;
          for (const mark of overflow?.marks ?? []) expect(mark.at).toBeLessThanOrEqual(overflow!.items.length); // M4
          expect(contents(box)).toEqual(model);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("by a site, finds and takes what a plain list would, and looks at no message twice", () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ put: fc.array(fc.nat(12), { maxLength: 30 }) }) },
      { weight: 4, arbitrary: fc.record({ site: fc.nat(12) }) },
      { weight: 2, arbitrary: fc.record({ take: fc.nat(30), times: fc.nat(20) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        const box = emptyBox();
        let model: Value[] = [];
        const without = (index: number): Value[] => model.filter((_, i) => i !== index);
        for (const each of steps) {
          if ("put" in each)
            for (const kind of each.put) {
              mailboxPut(box, kind);
              model.push(kind);
            }
          else if ("site" in each) {
            // each site wants messages that are equal to its number
            const { site } = each;
            box.scan = mailboxSeekSite(box, site);
            let found = mailboxNext(box);
            for (; found !== undefined && found !== site; found = mailboxNext(box)) box.scan++;
            expect(found).toBe(model.includes(site) ? site : undefined);
            mailboxKeepSite(box, site);
            if (found !== undefined) {
              mailboxTake(box);
              model = without(model.indexOf(site));
            }
          } else
            for (let i = 0; i <= each.times; i++) {
              scanTo(box, each.take);
              mailboxTake(box);
              model = without(each.take);
            }
          const { overflow } = box;
          for (const { at } of overflow?.passed ?? []) expect(at).toBeLessThanOrEqual(overflow!.items.length); // M5
          expect(contents(box)).toEqual(model);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("by a site, looks at few messages twice", () => {
    const box = emptyBox();
    for (let i = 0; i < 100_000; i++) mailboxPut(box, "other");
    let looks = 0;
    for (let i = 0; i < 1000; i++) {
      mailboxPut(box, i % 3 === 0 ? "between" : "wanted");
      box.scan = mailboxSeekSite(box, 1);
      for (let next = mailboxNext(box); next !== undefined && next !== "wanted"; next = mailboxNext(box)) {
        box.scan++;
        looks++;
      }
      mailboxKeepSite(box, 1);
      mailboxTake(box);
    }
    expect(looks).toBeLessThan(102_000);
  });

  test("looks at no message that came before the Ref was made", () => {
    const box = emptyBox();
    for (let i = 0; i < 100_000; i++) mailboxPut(box, i);
    for (let ref = 1; ref <= 1000; ref++) {
      mailboxMark(box, ref);
      if (ref % 2 === 0) mailboxPut(box, "between");
      mailboxPut(box, new Ref(ref));
      box.scan = 0;
      mailboxSeek(box, ref, 1);
      let looks = 1;
      for (; !(mailboxNext(box) instanceof Ref); box.scan++) looks++;
      expect(looks).toBeLessThanOrEqual(2);
      mailboxTake(box);
    }
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
  /** Of all sizes that the wheel tells apart, and what is beyond it. */
  const span = fc
    .tuple(fc.nat(34), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())
    .map(([bits, part, isWhole]) => (isWhole ? Math.floor(part * 2 ** bits) : part * 2 ** bits));
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ set: span }) },
    fc.record({ cancel: fc.nat(300) }),
    fc.record({ wait: span }),
    fc.constant("look" as const),
  );

  test("fire by deadline, of equal ones the first set; cancelled ones never", () => {
    fc.assert(
      fc.property(span, fc.array(step, { maxLength: 150, size: "max" }), (start, steps) => {
        const timers = new Timers<number>();
        const all: Timer<number>[] = [];
        let model: { deadline: number; id: number }[] = [];
        let now = start;
        const fire = (): void => {
          const due = model
            .filter(({ deadline }) => deadline <= now)
            .sort((a, b) => a.deadline - b.deadline || a.id - b.id);
          model = model.filter(({ deadline }) => deadline > now);
          const fired: number[] = [];
          for (let timer = timers.takeDue(now); timer !== undefined; timer = timers.takeDue(now))
            fired.push(timer.what);
          expect(fired).toEqual(due.map(({ id }) => id));
        };
        for (const each of steps) {
          if (each === "look") {
            // asleep until then, and again, one comes to the first deadline
            const first = Math.min(...model.map(({ deadline }) => deadline));
            let looks = 0;
            for (
              let next = timers.nextLookMs;
              now < first && next < Number.POSITIVE_INFINITY;
              next = timers.nextLookMs
            ) {
              expect(next).toBeGreaterThan(now);
              expect(next).toBeLessThanOrEqual(first);
              if (first - now < 64 && Math.floor(first / 64) === Math.floor(now / 64)) expect(next).toBe(first);
              expect(++looks).toBeLessThan(8);
              now = next;
              fire();
            }
          } else if ("set" in each) {
            const deadline = now + each.set;
            model.push({ deadline, id: all.length });
            all.push(timers.set(deadline, all.length));
          } else if ("cancel" in each) {
            const timer = all[each.cancel];
            if (timer !== undefined) timers.cancel(timer);
            model = model.filter(({ id }) => id !== each.cancel);
          } else {
            now += each.wait;
            fire();
          }
          expect(timers.count).toBe(model.length);
          if (model.length === 0) expect(timers.nextLookMs).toBe(Number.POSITIVE_INFINITY);
        }
        now = 2 ** 40;
        fire();
        expect(timers.count).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("are set and cancelled by the hundred thousand", () => {
    const timers = new Timers<number>();
    const all = Array.from({ length: 100_000 }, (_, i) => timers.set(((i * 7919) % 1_000_003) + 0.5, i));
    for (const timer of all) if (timer.what % 3 !== 0) timers.cancel(timer);
    let last = 0;
    let count = 0;
    let isOrdered = true;
    for (let now = 0; timers.count > 0; now = timers.nextLookMs) {
      for (let timer = timers.takeDue(now); timer !== undefined; timer = timers.takeDue(now)) {
        if (timer.deadlineMs < last) isOrdered = false;
        last = timer.deadlineMs;
        count++;
      }
    }
    expect(isOrdered).toBe(true);
    expect(count).toBe(33_334);
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

  test("holds what has come from elsewhere, in a ring of few pages", () => {
    const SLOTS = 4;
    const blocks = fc.array(fc.record({ block: fc.nat(40), pids: fc.array(fc.nat(63), { maxLength: 12 }) }));
    fc.assert(
      fc.property(blocks, (blocks) => {
        const table = new PidTable<number>(SLOTS);
        const here = new Set<number>();
        for (const { block, pids } of blocks) {
          // vm/cluster/places.ts sees to it: a slot is another block's only when nobody of the last one is left
          for (const pid of here) {
            const other = (pid - 1) >>> 6;
            if (other === block || other % SLOTS !== block % SLOTS) continue;
            expect(table.remove(pid)).toBe(false);
            here.delete(pid);
          }
          for (const each of pids) {
            const pid = block * 64 + each + 1;
            if (here.delete(pid)) expect(table.remove(pid)).toBe(false);
            else {
              table.takeIn(pid, pid);
              here.add(pid);
            }
            expect(table.get(pid)).toBe(here.has(pid) ? pid : undefined);
            expect(table.get(pid + 64 * SLOTS)).toBeUndefined();
          }
          expect(table.count).toBe(here.size);
          expect([...table].sort((a, b) => a - b)).toEqual([...here].sort((a, b) => a - b));
        }
      }),
    );
  });

  test("says when the last one of a page has gone, of which all were given out here", () => {
    const table = new PidTable<number>(4);
    for (let pid = 65; pid <= 128; pid++) table.add(pid, pid);
    for (let pid = 128; pid > 65; pid--) expect(table.remove(pid)).toBe(false);
    expect(table.remove(65)).toBe(true);
    table.add(129, 129);
    expect([table.remove(129), table.nextPid]).toEqual([false, 130]);
    table.add(130, 130);
    expect(table.get(130)).toBe(130);
  });
});
