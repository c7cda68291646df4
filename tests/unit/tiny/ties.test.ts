/** Links, monitors and supervisors of TinyTotVM code. Programs are lines separated by ` / `. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTinyTotVM } from "../../../vm/bytecode/ttb/tinytotvm.ts";
import { type Ran, runTiny, runTtvm } from "../../support/ttvm.ts";

const lines = (text: string): string => text.split(" / ").join("\n");

async function ran(text: string): Promise<Ran> {
  return runTtvm(lines(text));
}

async function said(text: string): Promise<string> {
  const { out, ended, crashes } = await ran(text);
  expect({ ended, crashes }).toEqual({ ended: "returned", crashes: [] });
  return out.trimEnd().split("\n").join(" / ");
}

/** A process that waits for a message and then fails with its text. */
const WAITER = "HALT / LABEL waiter / RECEIVE / THROW_IT / LABEL quiet / RECEIVE / HALT".replace(
  "THROW_IT",
  "LOAD oops",
);

describe("what the instructions answer", () => {
  test.each([
    ["PUSH_STR quiet / SPAWN / MONITOR 2 / PRINT", "mon_1_2"],
    ["PUSH_STR quiet / SPAWN / MONITOR / PRINT", "mon_1_2"],
    [
      "MONITOR 2 / PRINT / PUSH_INT 99 / MONITOR / PRINT / MONITOR 18446744073709551615 / PRINT",
      "monitor_failed / monitor_failed / monitor_failed",
    ],
    ["PUSH_STR quiet / SPAWN / LINK 2 / PRINT / UNLINK 2 / PRINT", "linked_2 / unlinked_2"],
    ["PUSH_STR quiet / SPAWN / DUP / LINK / PRINT / UNLINK / PRINT", "linked_2 / unlinked_2"],
    ["LINK 9 / PRINT / UNLINK 9 / PRINT / PUSH_INT -1 / LINK / PRINT", "link_failed / unlink_failed / link_failed"],
    [
      "PUSH_STR quiet / SPAWN / MONITOR / DUP / DEMONITOR / PRINT / DEMONITOR / PRINT",
      "demonitor_success / monitor_not_found",
    ],
    [
      'PUSH_STR quiet / SPAWN / MONITOR 2 / DEMONITOR "mon_1_2" / PRINT / DEMONITOR x / PRINT / DEMONITOR mon_2_2 / PRINT',
      "demonitor_success / monitor_not_found / monitor_not_found",
    ],
    [
      'REGISTER a / UNREGISTER "a" / PRINT / WHEREIS a / PRINT / UNREGISTER a / PRINT',
      "unregistered_a / 0 / unregister_failed_Name 'a' not found",
    ],
    [
      "START_SUPERVISOR / PRINT / SUPERVISE_CHILD quiet / PRINT / RESTART_CHILD quiet / PRINT / RESTART_CHILD x / PRINT",
      "supervisor_started / supervising_quiet / restarting_quiet / child_not_found_x",
    ],
    ["SUPERVISE_CHILD quiet / PRINT / RESTART_CHILD quiet / PRINT", "not_supervisor / not_supervisor"],
    ["START_SUPERVISOR / SUPERVISE_CHILD quiet / DEMONITOR mon_1_2 / PRINT", "demonitor_failed"],
    ["LINK 1 / PRINT / PUSH_INT 1 / PUSH_INT 1 / SEND / RECEIVE / PRINT", "linked_1 / 1"],
  ])("%s: %s", async (text, answer) => {
    expect(await said(`${text} / ${WAITER}`)).toBe(answer);
  });

  test.each([
    ["PUSH_INT 1 / TRAP_EXIT", "Type error: TRAP_EXIT requires boolean value"],
    ["PUSH_STR 2 / LINK", 'LINK expects the number of a process but got Str("2")'],
    ["MONITOR", "Stack underflow during MONITOR"],
    ["PUSH_INT 1 / SEND", "Stack underflow during SEND"],
    ["NULL / DEMONITOR", "DEMONITOR expects the text of a monitor but got Null"],
    ["REGISTER me / START_SUPERVISOR / SUPERVISE_CHILD me", "SUPERVISE_CHILD me: a process cannot supervise itself"],
  ])("%s fails: %s", async (text, problem) => {
    expect((await ran(text)).ended).toBe(problem);
  });
});

describe("messages", () => {
  test("Down: the reason of an end and of a failure; one for each monitor; none after DEMONITOR", async () => {
    const two =
      "PUSH_STR waiter / SPAWN / PUSH_STR quiet / SPAWN / MONITOR 2 / MONITOR 2 / MONITOR 3 / NULL / SEND 2 / NULL / SEND 3";
    const { out, crashes } = await ran(`${two} / RECEIVE / PRINT / RECEIVE / PRINT / ${WAITER}`);
    expect(out).toBe("down:2:mon_1_2:Undefined variable: oops\ndown:3:mon_1_3:normal\n");
    expect(crashes).toEqual(["Undefined variable: oops"]);
    const none =
      "PUSH_STR quiet / SPAWN / MONITOR 2 / NULL / SEND 2 / YIELD / YIELD / DEMONITOR mon_1_2 / PRINT / RECEIVE";
    expect(await ran(`${none} / ${WAITER}`)).toMatchObject({ out: "demonitor_success\n", ended: "stuck" });
  });

  test("Exit: a failure kills whom it is linked to, with the same reason; a normal end does not", async () => {
    const chain = `PUSH_STR a / SPAWN / MONITOR 2 / YIELD / YIELD / YIELD / RECEIVE / PRINT / HALT
LABEL a / PUSH_STR b / SPAWN / LINK / RECEIVE / LABEL b / LOAD gone`;
    expect(await ran(chain.replaceAll("\n", " / "))).toMatchObject({
      out: "down:2:mon_1_2:Undefined variable: gone\n",
    });
    expect(
      await said(`PUSH_STR quiet / SPAWN / LINK / NULL / SEND 2 / YIELD / YIELD / PUSH_STR alive / PRINT / ${WAITER}`),
    ).toBe("alive");
    expect(
      await said(`TRUE / TRAP_EXIT / PUSH_STR quiet / SPAWN / LINK / NULL / SEND 2 / RECEIVE / PRINT / ${WAITER}`),
    ).toBe("exit:2");
  });

  test("UNLINK: the failure stays alone; TRAP_EXIT false: it kills again", async () => {
    const end = "NULL / SEND 2 / YIELD / YIELD / PUSH_STR alive / PRINT";
    expect(await ran(`PUSH_STR waiter / SPAWN / LINK / UNLINK 2 / ${end} / ${WAITER}`)).toMatchObject({
      out: "alive\n",
      ended: "returned",
    });
    const again = await ran(
      `TRUE / TRAP_EXIT / FALSE / TRAP_EXIT / PUSH_STR waiter / SPAWN / LINK / ${end} / ${WAITER}`,
    );
    expect(again.out).toBe("");
    expect(again.outcome).toMatchObject({ kind: "failed", report: { cause: "signal", from: 2 } });
  });
});

describe("supervisors", () => {
  test("a child that always fails: three restarts, then a line that says so; later RESTART_CHILD answers the same", async () => {
    const four = "RECEIVE / PRINT / ".repeat(4);
    const text = `START_SUPERVISOR / SUPERVISE_CHILD bad / ${four}RESTART_CHILD bad / PRINT / HALT / LABEL bad / LOAD x`;
    const { out, error, ended, crashes } = await ran(text);
    const downs = [2, 3, 4, 5].map((pid) => `down:${pid}:mon_1_${pid}:Undefined variable: x\n`).join("");
    expect({ out, ended }).toEqual({ out: `${downs}restart_limit_exceeded_bad\n`, ended: "returned" });
    expect(error).toBe("Process 1 does not restart child 'bad': 3 restarts in 60 seconds\n");
    expect(crashes).toHaveLength(4);
  });

  test("a normal end is not restarted; RESTART_CHILD does it, and it counts", async () => {
    const once = "RECEIVE / PRINT / RESTART_CHILD c / PRINT";
    const text = `START_SUPERVISOR / SUPERVISE_CHILD c / ${[once, once, once, once].join(" / ")} / HALT / LABEL c`;
    const restarts = [2, 3, 4].map((pid) => `down:${pid}:mon_1_${pid}:normal / restarting_c / `).join("");
    expect(await said(text)).toBe(`${restarts}down:5:mon_1_5:normal / restart_limit_exceeded_c`);
  });

  test("the process of that name is supervised, and begins again where it began", async () => {
    const child = "LABEL first / REGISTER served / PUSH_STR begun / PRINT / RECEIVE / LOAD x";
    const twice = "NULL / SENDNAMED served / RECEIVE / PRINT / YIELD";
    const text = `PUSH_STR first / SPAWN / YIELD / START_SUPERVISOR / SUPERVISE_CHILD served / ${twice} / ${twice} / HALT / ${child}`;
    const { out } = await ran(text);
    const again = (pid: number): string => `begun\ndown:${pid}:mon_1_${pid}:Undefined variable: x\n`;
    expect(out).toBe(`begun\n${again(2)}${again(3)}`);
  });

  test("under two names it is one child", async () => {
    const child = "LABEL c / REGISTER x / REGISTER y / PUSH_STR up / PRINT / RECEIVE / LOAD x";
    const text = `PUSH_STR c / SPAWN / YIELD / START_SUPERVISOR / SUPERVISE_CHILD x / SUPERVISE_CHILD y / NULL / SENDNAMED y / RECEIVE / PRINT / YIELD / HALT / ${child}`;
    expect((await ran(text)).out).toBe("up\nup\ndown:2:mon_1_2:Undefined variable: x\n");
  });

  test("restarts while the supervisor is busy; its own end leaves children alone", async () => {
    const text =
      "START_SUPERVISOR / SUPERVISE_CHILD c / YIELD / YIELD / PUSH_STR over / PRINT / HALT / LABEL c / PUSH_STR c / PRINT / WHEREIS c / JZ a / HALT / LABEL a / REGISTER c / LOAD x";
    const { out, ended } = await ran(text);
    expect(ended).toBe("returned");
    expect(out.replace("over\n", "")).toBe("c\n".repeat(3)); // the third fails when nobody supervises it any more
  });
});

test("TinyTotVM's own files hold them", async () => {
  const word = (value: number): number[] => [value & 255, value >> 8];
  const text = (value: string): number[] => [...word(value.length), ...Buffer.from(value)];
  const pid = (value: number): number[] => [value, 0, 0, 0, 0, 0, 0, 0];
  const print = word(0x40);
  const bytes = [
    [...word(0x81), ...text("a"), ...word(0x82), ...text("a"), ...print],
    [...word(0x85), ...pid(7), ...print, ...word(0x86), ...pid(7), ...print, ...word(0x87), ...pid(7), ...print],
    [...word(0x88), ...print, ...word(0x89), ...text("hello_world"), ...print, ...word(0x8a), ...text("b"), ...print],
  ].flat();
  const read = readTinyTotVM(Uint8Array.from(bytes), "main");
  if ("problem" in read) throw new Error(read.problem.detail);
  expect((await runTiny(read.unit)).out).toBe(
    "unregistered_a\nmonitor_failed\nlink_failed\nunlink_failed\nsupervisor_started\nsupervising_hello_world\nchild_not_found_b\nHello from spawned process!\n",
  );
});

test("any program of these instructions ends, or waits, without an error of ours", async () => {
  const instruction = fc.constantFrom(
    "MONITOR 2", "MONITOR 3", "MONITOR", "DEMONITOR", "LINK 1", "LINK 2", "LINK", "UNLINK 2", "TRUE", "TRAP_EXIT", "START_SUPERVISOR",
    "SUPERVISE_CHILD a", "SUPERVISE_CHILD b", "RESTART_CHILD a", "REGISTER a", "REGISTER b", "UNREGISTER a", "PUSH_STR a", "PUSH_STR b", "SPAWN",
    "PUSH_INT 2", "SEND", "NULL", "SEND 1", "SEND 2", "YIELD", "RECEIVE", "LOAD x", "PRINT", "HALT", "LABEL a", "LABEL b",
  ); // biome-ignore format: a list
  await fc.assert(
    fc.asyncProperty(fc.array(instruction, { minLength: 5, maxLength: 40 }), async (program) => {
      const options = { maxReductions: 3_000, sliceReductions: 3, observe: () => {} };
      const { outcome } = await runTtvm([...program, "LABEL a", "LABEL b", "HALT"].join("\n"), options);
      expect(outcome.kind).not.toMatch(/internal|load/);
    }),
    { numRuns: 300 },
  );
});

test("main fails, and the only other process with it, which it is linked to: the run has failed", async () => {
  const { ended, crashes } = await runTtvm(
    'PUSH_STR "child"\nSPAWN\nLINK\nPRINT\nYIELD\nLOAD x\nHALT\nLABEL child\nRECEIVE',
  );
  expect({ ended, crashes }).toEqual({ ended: "Undefined variable: x", crashes: [] });
});
