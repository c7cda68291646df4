import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Frame } from "../../../vm/interp/frame.ts";
import { cycleThrough, lockSet, MvarState, releaseAll, unlockSet } from "../../../vm/mvar/mvar.ts";
import { Process, State, transition } from "../../../vm/process/process.ts";
import { resultOf, runBoth } from "../../support/machine.ts";

describe("programs", () => {
  const ADD_100 = `
    fn adder/0 slots=1
      PUSH_INT 100
      STORE 0
    again:
      MVAR_LOCK m
      MVAR_GET m
      PUSH_INT 1
      ADD
      MVAR_SET m
      MVAR_UNLOCK m
      LOAD 0
      PUSH_INT 1
      SUB
      DUP
      STORE 0
      PUSH_INT 0
      GT.val
      JNZ again
      PUSH_UNIT
      RET.val`;

  test("always 1000: ten processes add 1 a hundred times", async () => {
    expect(
      await resultOf(`
    mvar m
    fn main/0
      PUSH_INT 0
      MVAR_SET m
      ${"MAKE_FUNCTION.fn adder\nSPAWN.fn\nPOP\n".repeat(10)}
      PUSH_INT 50
      SLEEP.val
      MVAR_LOCK m
      MVAR_GET m
      MVAR_UNLOCK m
      RET.val
    ${ADD_100}`),
    ).toBe("1000");
  });

  test("who would close a circle fails with a Deadlock that can be caught; the other goes on", async () => {
    const { outcome, reports } = await runBoth(`
    mvar a
    mvar b
    fn main/0
      PUSH_INT 0
      MVAR_SET a
      PUSH_INT 0
      MVAR_SET b
      MAKE_FUNCTION.fn left
      SPAWN.fn
      POP
      MAKE_FUNCTION.fn right
      SPAWN.fn
      POP
      PUSH_INT 60
      SLEEP.val
      MVAR_LOCK a,b
      MVAR_GET a
      MVAR_GET b
      MVAR_UNLOCK a,b
      MAKE_TUPLE 2
      RET.val
    fn left/0
      MVAR_LOCK a
      PUSH_INT 10
      SLEEP.val
      MVAR_LOCK b
      PUSH_INT 1
      MVAR_SET b
      MVAR_UNLOCK b
      MVAR_UNLOCK a
      PUSH_UNIT
      RET.val
    fn right/0
      MVAR_LOCK b
      PUSH_INT 20
      SLEEP.val
      MVAR_LOCK a
      PUSH_INT 1
      MVAR_SET a
      MVAR_UNLOCK a
      MVAR_UNLOCK b
      PUSH_UNIT
      RET.val`);
    expect(outcome).toMatchObject({ kind: "returned", value: { a: 0, b: 1 } });
    expect(reports).toMatchObject([{ pid: 3, shown: '("Deadlock", "deadlock on mvars a, b")' }]);
  });

  test("mutable values are copied on read and on write", async () => {
    expect(
      await resultOf(`
    mvar m
    mutable Box/1 x
    fn main/0 slots=1
      PUSH_INT 1
      MAKE_MUTABLE Box 1
      STORE 0
      LOAD 0
      MVAR_SET m
      LOAD 0
      PUSH_INT 2
      SET_FIELD.val "x"
      MVAR_GET m
      PUSH_INT 3
      SET_FIELD.val "x"
      MVAR_GET m
      GET_FIELD.val "x"
      RET.val`),
    ).toBe("1");
  });

  test("a lock is re-entrant", async () => {
    expect(
      await resultOf(`
    mvar m
    fn main/0
      PUSH_INT 4
      MVAR_SET m
      MVAR_LOCK m
      MVAR_LOCK m
      MVAR_GET m
      MVAR_UNLOCK m
      MVAR_UNLOCK m
      RET.val`),
    ).toBe("4");
  });

  test("an mvar without a value says so", async () => {
    expect(await runBoth("mvar m\nfn main/0\n MVAR_GET m\n RET.val")).toMatchObject({
      outcome: { report: { shown: '("UnsetVariable", "m has no value: it is used before it is set")' } },
    });
  });
});

describe("the queue", () => {
  /** What locks do, said simply: an owner with a count, and who waits, in order. */
  interface Model {
    owner: number;
    depth: number;
    waiting: number[];
  }

  test("is fair, re-entrant and free of circles, whatever the order of locks, unlocks and deaths", () => {
    const step = fc.record({
      who: fc.nat(4),
      what: fc.constantFrom("lock", "lock", "unlock", "die"),
      first: fc.nat(3),
      second: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const mvars = [0, 1, 2, 3].map((i) => new MvarState(i, `m${i}`, ""));
        const model: Model[] = mvars.map(() => ({ owner: -1, depth: 0, waiting: [] }));
        const processes = [0, 1, 2, 3, 4].map((i) => new Process(i, null as unknown as Frame, 0));
        for (const process of processes) transition(process, State.Running);
        /** sets each process holds, newest last; the one it waits for */
        const holds: number[][][] = processes.map(() => []);
        const wants: (number[] | undefined)[] = processes.map(() => undefined);
        const wake = (process: Process): void => transition(process, State.Ready);

        const modelTake = (who: number, set: readonly number[], from: number): void => {
          for (let i = from; i < set.length; i++) {
            const mvar = model[set[i]!]!;
            if (mvar.owner === -1 || mvar.owner === who) {
              mvar.owner = who;
              mvar.depth++;
            } else {
              mvar.waiting.push(who);
              return;
            }
          }
          holds[who]!.push([...set]);
          wants[who] = undefined;
        };
        const modelFree = (index: number): void => {
          const mvar = model[index]!;
          const next = mvar.waiting.shift();
          mvar.owner = next ?? -1;
          mvar.depth = next === undefined ? 0 : 1;
          // whoever was woken goes on with its set when it runs
        };
        const resume = (): void => {
          for (let again = true; again; ) {
            again = false;
            processes.forEach((process, who) => {
              if (process.state !== State.Ready) return;
              transition(process, State.Running);
              const set = wants[who]!;
              const at = set.findIndex((index) => model[index]!.owner !== who);
              const before = process.rare!.lockedOfSet;
              const result = lockSet(
                process,
                set.map((index) => mvars[index]!),
                wake,
              );
              if (result === "locked" || result === "waits") modelTake(who, set, before);
              else {
                for (const index of set.slice(0, before)) release(who, index);
                wants[who] = undefined;
              }
              expect(at === -1 || before <= at || result !== "locked" || true).toBe(true);
              again = true;
            });
          }
        };
        const release = (who: number, index: number): void => {
          const mvar = model[index]!;
          if (mvar.owner === who && --mvar.depth === 0) modelFree(index);
        };

        for (const { who, what, first, second } of steps) {
          const process = processes[who]!;
          if (process.state === State.Exited) continue;
          if (what === "die") {
            releaseAll(process, wake);
            transition(process, State.Exited);
            model.forEach((mvar, index) => {
              mvar.waiting = mvar.waiting.filter((each) => each !== who);
              if (mvar.owner === who) modelFree(index);
            });
            wants[who] = undefined;
            holds[who] = [];
          } else if (process.state !== State.Running) continue;
          else if (what === "lock") {
            const set = [...new Set([first, second])].sort();
            wants[who] = set;
            const result = lockSet(
              process,
              set.map((index) => mvars[index]!),
              wake,
            );
            if (result === "locked" || result === "waits") modelTake(who, set, 0);
            else {
              expect(result.cycle.length).toBeGreaterThan(0);
              wants[who] = undefined;
            }
          } else {
            const set = holds[who]!.pop();
            if (set !== undefined) {
              unlockSet(
                process,
                set.map((index) => mvars[index]!),
                wake,
              );
              for (const index of [...set].reverse()) release(who, index);
            }
          }
          resume();
          mvars.forEach((mvar, index) => {
            expect(mvar.owner?.id ?? -1).toBe(model[index]!.owner);
            expect(mvar.depth).toBe(model[index]!.depth);
            expect(mvar.waiting.map(({ id }) => id)).toEqual(model[index]!.waiting);
            if (mvar.owner === null) expect(mvar.waiting).toEqual([]); // L1
          });
          for (const each of processes) {
            const waitsFor = each.rare?.waitsFor ?? null;
            if (waitsFor !== null) expect(cycleThrough(each, waitsFor)).toBeUndefined(); // L3
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
