import { describe, expect, test } from "vitest";
import { realChance } from "../../../vm/index.ts";
import { resultOf, runAsm, runBoth } from "../../support/machine.ts";

/** Spawns `child`, which gets main's pid as its first message. */
const CHILD = `
      MAKE_FUNCTION.fn child
      SPAWN.fn
      DUP
      SELF
      SEND.top`;

const RECEIVE_ANY = `
      RECEIVE_BEGIN
      RECEIVE.match .
      RECEIVE_TAKE`;

describe("messages", () => {
  test("ping and pong", async () => {
    expect(
      await resultOf(`
    fn main/0 slots=1
      ${CHILD}
      STORE 0
      LOAD 0
      PUSH_INT 20
      SEND.top
      ${RECEIVE_ANY}
      RET.val
    fn child/0 slots=1
      ${RECEIVE_ANY}
      STORE 0
      LOAD 0
      ${RECEIVE_ANY}
      PUSH_INT 1
      ADD
      SEND.top
      PUSH_UNIT
      RET.val`),
    ).toBe("21");
  });

  test("a message to a dead process is ignored, one to no process is a TypeError", async () => {
    expect(
      await resultOf(`
    fn main/0 slots=1
      MAKE_FUNCTION.fn child
      SPAWN.fn
      STORE 0
      PUSH_INT 5
      SLEEP.val
      LOAD 0
      PUSH_INT 1
      SEND.top
      TRY caught
      PUSH_INT 7
      PUSH_INT 1
      SEND.top
      END_TRY
      PUSH_UNIT
    caught:
      RET.val
    fn child/0
      PUSH_UNIT
      RET.val`),
    ).toBe('("TypeError", "cannot send to what is no process: 7")');
  });

  test("receive keeps unmatched messages in order", async () => {
    // sends itself 1 2 3 4, takes 3, then everything
    expect(
      await resultOf(`
    fn main/0
      ${[1, 2, 3, 4].map((n) => `SELF\nPUSH_INT ${n}\nSEND.top`).join("\n")}
      RECEIVE_BEGIN
    again:
      RECEIVE.match .
      DUP
      PUSH_INT 3
      EQ.val
      JNZ found
      POP
      RECEIVE_SKIP
      JMP again
    found:
      RECEIVE_TAKE
      ${RECEIVE_ANY} ${RECEIVE_ANY} ${RECEIVE_ANY}
      MAKE_LIST 4
      RET.val`),
    ).toBe("[3, 1, 2, 4]");
  });

  test("after 0 finds a message that is there, else goes on at once", async () => {
    expect(
      await resultOf(`
    fn main/0
      PUSH_INT 0
      RECEIVE_BEGIN_AFTER
      RECEIVE.match none
      RECEIVE_TAKE
      JMP next
    none:
      PUSH_STR "none"
    next:
      SELF
      PUSH_INT 5
      SEND.top
      PUSH_INT -3
      RECEIVE_BEGIN_AFTER
      RECEIVE.match none2
      RECEIVE_TAKE
      JMP end
    none2:
      PUSH_STR "none"
    end:
      MAKE_LIST 2
      RET.val`),
    ).toBe('["none", 5]');
  });

  test("the deadline counts from the beginning of the scan, also when other messages come", async () => {
    // a child sends 1 every 4 ms; main waits 30 ms for 2
    const started = performance.now();
    expect(
      await resultOf(
        `
    fn main/0
      MAKE_FUNCTION.fn child
      SPAWN.fn
      SELF
      SEND.top
      PUSH_INT 30
      RECEIVE_BEGIN_AFTER
    again:
      RECEIVE.match late
      PUSH_INT 2
      EQ.val
      JZ other
      RECEIVE_TAKE
      PUSH_STR "two"
      RET.val
    other:
      RECEIVE_SKIP
      JMP again
    late:
      PUSH_STR "late"
      RET.val
    fn child/0 slots=1
      ${RECEIVE_ANY}
      STORE 0
    again:
      PUSH_INT 4
      SLEEP.val
      LOAD 0
      PUSH_INT 1
      SEND.top
      JMP again`,
        { chance: realChance() },
      ),
    ).toBe("late");
    expect(performance.now() - started).toBeGreaterThanOrEqual(60);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("a deadline beyond 2^31 ms waits; what is no Int is a TypeError", async () => {
    expect(
      await resultOf(`
    fn main/0
      MAKE_FUNCTION.fn child
      SPAWN.fn
      SELF
      SEND.top
      PUSH_CONST 9007199254740993n
      RECEIVE_BEGIN_AFTER
      RECEIVE.match late
      RECEIVE_TAKE
      RET.val
    late:
      PUSH_STR "late"
      RET.val
    fn child/0
      ${RECEIVE_ANY}
      PUSH_INT 10
      SLEEP.val
      PUSH_STR "message"
      SEND.top
      PUSH_UNIT
      RET.val`),
    ).toBe("message");
    expect(await runBoth(`fn main/0\n PUSH_FLOAT 1.5\n SLEEP.val\n PUSH_UNIT\n RET.val`)).toMatchObject({
      outcome: { report: { shown: '("TypeError", "a time in milliseconds is an Int, not Float")' } },
    });
  });

  test("an exception in the arm's guard leaves the message, and the old deadline does not end a later sleep", async () => {
    const started = performance.now();
    expect(
      await resultOf(
        `
    fn main/0
      MAKE_FUNCTION.fn child
      SPAWN.fn
      SELF
      SEND.top
      TRY caught
      PUSH_INT 10
      RECEIVE_BEGIN_AFTER
      RECEIVE.match late
      PUSH_STR "guard"
      THROW.val
    late:
      PUSH_STR "late"
      END_TRY
      RET.val
    caught:
      PUSH_INT 40
      SLEEP.val
      ${RECEIVE_ANY}
      MAKE_LIST 2
      RET.val
    fn child/0
      ${RECEIVE_ANY}
      PUSH_INT 2
      SLEEP.val
      PUSH_INT 7
      SEND.top
      PUSH_UNIT
      RET.val`,
        { chance: realChance() },
      ),
    ).toBe('["guard", 7]');
    expect(performance.now() - started).toBeGreaterThanOrEqual(80);
  });

  test("what is mutable is copied on the way, sharing inside the message kept", async () => {
    expect(
      await resultOf(`
    mutable Box/1 x
    fn main/0 slots=2
      PUSH_INT 1
      MAKE_MUTABLE Box 1
      STORE 0
      SELF
      LOAD 0
      LOAD 0
      MAKE_TUPLE 2
      SEND.top
      LOAD 0
      PUSH_INT 2
      SET_FIELD.val "x"
      ${RECEIVE_ANY}
      STORE 1
      LOAD 1
      TUPLE_ITEM 0
      PUSH_INT 3
      SET_FIELD.at 0
      LOAD 0
      LOAD 1
      MAKE_TUPLE 2
      RET.val`),
    ).toMatch(/2.*3.*3/);
  });

  test("a process that never stops does not keep others from running", async () => {
    expect(
      await resultOf(
        `
    fn main/0
      MAKE_FUNCTION.fn loop
      SPAWN.fn
      POP
      MAKE_FUNCTION.fn jump
      SPAWN.fn
      POP
      MAKE_FUNCTION.fn child
      SPAWN.fn
      SELF
      SEND.top
      ${RECEIVE_ANY}
      RET.val
    fn loop/0
      TAIL_CALL loop 0
    fn jump/0
    again:
      JMP again
    fn child/0
      ${RECEIVE_ANY}
      PUSH_INT 20
      SLEEP.val
      PUSH_STR "here"
      SEND.top
      PUSH_UNIT
      RET.val`,
        { chance: realChance() },
      ),
    ).toBe("here");
  });

  test("100,000 processes answer", async () => {
    const { outcome } = await runAsm(`
    fn main/0 slots=2
      PUSH_INT 0
      STORE 0
    again:
      MAKE_FUNCTION.fn child
      SPAWN.fn
      SELF
      LOAD 0
      MAKE_TUPLE 2
      SEND.top
      LOAD 0
      PUSH_INT 1
      ADD
      DUP
      STORE 0
      PUSH_INT 100000
      LT.val
      JNZ again
      PUSH_INT 0
      STORE 1
    sum:
      ${RECEIVE_ANY}
      LOAD 1
      ADD
      STORE 1
      LOAD 0
      PUSH_INT 1
      SUB
      DUP
      STORE 0
      PUSH_INT 0
      GT.val
      JNZ sum
      LOAD 1
      RET.val
    fn child/0 slots=1
      ${RECEIVE_ANY}
      STORE 0
      LOAD 0
      TUPLE_ITEM 0
      LOAD 0
      TUPLE_ITEM 1
      SEND.top
      PUSH_UNIT
      RET.val`);
    expect(outcome).toEqual({ kind: "returned", value: 4999950000 });
  });
});

describe("ends", () => {
  test("main returns: what was printed is out, the others are dropped", async () => {
    const { out, outcome } = await runBoth(`
    fn main/0
      MAKE_FUNCTION.fn child
      SPAWN.fn
      POP
      PUSH_STR "hello"
      CALL_NATIVE print 1
      RET.val
    fn child/0
    again:
      YIELD
      JMP again`);
    expect(out).toBe("hello\n");
    expect(outcome.kind).toBe("returned");
  });

  test("another process fails: a report, and the others go on", async () => {
    const { outcome, reports } = await runBoth(`
    fn main/0
      MAKE_FUNCTION.fn child
      SPAWN.fn
      POP
      PUSH_INT 10
      SLEEP.val
      PUSH_INT 1
      RET.val
    fn child/0
      PUSH_INT 1
      PUSH_INT 0
      MOD
      RET.val`);
    expect(outcome).toEqual({ kind: "returned", value: 1 });
    expect(reports).toMatchObject([
      {
        pid: 2,
        cause: "exception",
        shown: '("DivisionByZero", "Division by zero")',
        trace: [{ function: "child", line: 13 }],
      },
    ]);
  });

  test("nobody can ever run: each waiting process and what it waits for", async () => {
    const { outcome } = await runBoth(`
    mvar m
    fn main/0
      PUSH_INT 1
      MVAR_SET m
      MAKE_FUNCTION.fn holder
      SPAWN.fn
      POP
      MAKE_FUNCTION.fn waiter
      SPAWN.fn
      POP
      SELF
      PUSH_INT 1
      SEND.top
      PUSH_INT 20
      SLEEP.val
      RECEIVE_BEGIN
      RECEIVE.match .
      RECEIVE_SKIP
      POP
      RECEIVE.match .
      RECEIVE_TAKE
      RET.val
    fn holder/0
      MVAR_LOCK m
      ${RECEIVE_ANY}
      MVAR_UNLOCK m
      RET.val
    fn waiter/0
      PUSH_INT 5
      SLEEP.val
      MVAR_LOCK m
      MVAR_UNLOCK m
      PUSH_UNIT
      RET.val`);
    expect(outcome).toMatchObject({
      kind: "stuck",
      total: 3,
      waiting: [
        { pid: 1, waitsFor: { kind: "message", mailbox: 1 }, place: { function: "main", line: 21 } },
        { pid: 2, waitsFor: { kind: "message", mailbox: 0 }, place: { function: "holder" } },
        { pid: 3, waitsFor: { kind: "mvar", name: "m", heldBy: 2 }, place: { function: "waiter" } },
      ],
    });
  });

  test("a host function that has not answered can still wake somebody", async () => {
    expect(await resultOf(`fn main/0\n PUSH_INT 3\n CALL_NATIVE later 1\n RET.val`)).toBe("3");
  });

  test("--max-reductions counts all processes", async () => {
    const { outcome } = await runBoth(`fn main/0\nagain:\n JMP again`, { maxReductions: 100_000 });
    expect(outcome).toMatchObject({ kind: "reduction-budget", place: { function: "main", line: 3 } });
  });

  test("interrupted: where main was", async () => {
    const { startUnit, TextSink } = await import("../../../vm/index.ts");
    const { assemble } = await import("../../support/assemble.ts");
    const run = startUnit(assemble("fn main/0\nagain:\n JMP again"), { natives: new Map(), sink: new TextSink() });
    setTimeout(() => run.interrupt(), 20);
    expect(await run.outcome).toMatchObject({ kind: "interrupted", trace: [{ function: "main", line: 3 }] });
  });

  test("kill: the killed process lets go of its mvar and leaves no report; others see it dead", async () => {
    const { outcome, reports } = await runBoth(`
    mvar m
    fn main/0 slots=1
      PUSH_INT 1
      MVAR_SET m
      MAKE_FUNCTION.fn holder
      SPAWN.fn
      STORE 0
      PUSH_INT 5
      SLEEP.val
      LOAD 0
      CALL_NATIVE kill 1
      MVAR_LOCK m
      MVAR_UNLOCK m
      LOAD 0
      CALL_NATIVE alive 1
      MAKE_TUPLE 2
      RET.val
    fn holder/0
      MVAR_LOCK m
      PUSH_INT 100000
      SLEEP.val
      MVAR_UNLOCK m
      PUSH_UNIT
      RET.val`);
    expect(outcome).toMatchObject({ kind: "returned", value: { a: true, b: false } });
    expect(reports).toEqual([]);
  });

  test("a process may kill itself", async () => {
    const { outcome } = await runBoth(`
    fn main/0 slots=1
      MAKE_FUNCTION.fn child
      SPAWN.fn
      STORE 0
      PUSH_INT 5
      SLEEP.val
      LOAD 0
      CALL_NATIVE alive 1
      RET.val
    fn child/0
      SELF
      CALL_NATIVE kill 1
      PUSH_STR "unreachable"
      CALL_NATIVE print 1
      RET.val`);
    expect(outcome).toEqual({ kind: "returned", value: false });
  });

  test("the order of runs comes from the chance when it has one", async () => {
    const program = `
    fn main/0
      MAKE_FUNCTION.fn a
      SPAWN.fn
      POP
      MAKE_FUNCTION.fn b
      SPAWN.fn
      POP
      PUSH_INT 5
      SLEEP.val
      PUSH_UNIT
      RET.val
    fn a/0
      PUSH_STR "a"
      CALL_NATIVE print 1
      RET.val
    fn b/0
      PUSH_STR "b"
      CALL_NATIVE print 1
      RET.val`;
    expect((await runAsm(program)).out).toBe("a\nb\n");
    const newestFirst = { ...realChance(), pick: (ready: number) => ready - 1 };
    expect((await runAsm(program, { chance: newestFirst })).out).toBe("b\na\n");
  });
});

test("who waits for a host function and is killed keeps nobody waiting", async () => {
  const { outcome } = await runAsm(
    `
    fn main/0 slots=1
      MAKE_FUNCTION.fn child
      SPAWN.fn
      STORE 0
      PUSH_INT 5
      SLEEP.val
      LOAD 0
      CALL_NATIVE kill 1
      POP
      RECEIVE_BEGIN
      RECEIVE.match .
      RECEIVE_TAKE
      RET.val
    fn child/0
      CALL_NATIVE readLine 0
      RET.val`,
    { stdin: { readLine: () => {}, readAll: () => {} } },
  );
  expect(outcome).toMatchObject({ kind: "stuck", total: 1 });
});
