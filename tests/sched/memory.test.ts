/** One process takes all the memory; it dies, ten healthy ones finish. */
import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { runAsm } from "../support/machine.ts";

const HEALTHY = `
    fn healthy/0 slots=2
      RECEIVE_BEGIN
      RECEIVE.match .
      RECEIVE_TAKE
      STORE 0
      PUSH_INT 0
      STORE 1
    again:
      LOAD 1
      PUSH_INT 1
      ADD
      DUP
      STORE 1
      PUSH_INT 300000
      LT.val
      JNZ again
      LOAD 0
      LOAD 1
      SEND.top
      PUSH_UNIT
      RET.val`;

/** Spawns the process that grows and ten others, waits until the first is dead, and adds up what the others answer. */
function beside(grows: string): string {
  const spawnHealthy = "MAKE_FUNCTION.fn healthy\nSPAWN.fn\nSELF\nSEND.top\n";
  const takeAnswer = "RECEIVE_BEGIN\nRECEIVE.match .\nRECEIVE_TAKE\nADD\n";
  return `
    fn main/0 slots=1
      MAKE_FUNCTION.fn grows
      SPAWN.fn
      STORE 0
      ${spawnHealthy.repeat(10)}
    wait:
      PUSH_INT 1
      SLEEP.val
      LOAD 0
      CALL_NATIVE alive 1
      JNZ wait
      PUSH_INT 0
      ${takeAnswer.repeat(10)}
      RET.val
    ${HEALTHY}
    ${grows}`;
}

const GROWING = {
  "a list that grows in a loop": `
    fn grows/0
      MAKE_LIST 0
      TAIL_CALL loop 1
    fn loop/1
      PUSH_INT 1
      LOAD 0
      CONS
      TAIL_CALL loop 1`,
  "endless recursion": `
    fn grows/0
      CALL.fn grows 0
      PUSH_INT 1
      ADD
      RET.val`,
  "a flooded mailbox": `
    fn grows/0
      SELF
      TAIL_CALL flood 1
    fn flood/1
      LOAD 0
      PUSH_STR "message"
      LOAD 0
      MAKE_TUPLE 2
      SEND.top
      LOAD 0
      TAIL_CALL flood 1`,
  "a text that grows": `
    fn grows/0
      MAKE_LIST 0
      PUSH_STR "0123456789"
      TAIL_CALL loop 2
    fn loop/2
      LOAD 1
      LOAD 0
      CONS
      LOAD 1
      PUSH_STR "x"
      CONCAT
      TAIL_CALL loop 2`,
};

test.each(Object.entries(GROWING))("%s", { timeout: 120_000 }, async (_, grows) => {
  const maxHeapBytes = getHeapStatistics().used_heap_size + 300e6;
  const { outcome, reports } = await runAsm(beside(grows), { maxHeapBytes, maxReductions: Number.POSITIVE_INFINITY });
  expect(outcome).toEqual({ kind: "returned", value: 3_000_000 });
  expect(reports).toMatchObject([{ pid: 2, cause: "out-of-memory", shown: "out of memory" }]);
});

test("main itself may be the one", { timeout: 120_000 }, async () => {
  const maxHeapBytes = getHeapStatistics().used_heap_size + 200e6;
  const { outcome } = await runAsm(GROWING["a list that grows in a loop"].replace("grows/0", "main/0"), {
    maxHeapBytes,
    maxReductions: Number.POSITIVE_INFINITY,
  });
  expect(outcome).toMatchObject({
    kind: "failed",
    report: { pid: 1, cause: "out-of-memory", place: { function: "loop" } },
  });
});
