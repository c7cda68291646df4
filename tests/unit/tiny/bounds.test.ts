/** LIMIT_MAILBOX: what becomes of one message more than a process wants to keep. Programs are lines separated by ` / `. */
import { describe, expect, test } from "vitest";
import { seededChance } from "../../../vm/index.ts";
import { type Ran, runTtvm } from "../../support/ttvm.ts";

const run = (text: string, options: Parameters<typeof runTtvm>[1] = {}): Promise<Ran> =>
  runTtvm(text.split(" / ").join("\n"), options);

/** Sends 1 to 5 to a process that keeps two at most. */
const FIVE =
  "PUSH_STR child / SPAWN / STORE p / PUSH_INT 5 / SLEEP / PUSH_INT 1 / STORE n / LABEL more / LOAD n / LOAD p / SEND / LOAD n / PUSH_INT 1 / ADD / DUP / STORE n / PUSH_INT 6 / EQ / JZ more / PUSH_STR sent / PRINT / HALT / LABEL child / PUSH_INT 2 / LIMIT_MAILBOX block / PUSH_INT 20 / SLEEP / LABEL next / RECEIVE / DUP / PRINT / PUSH_INT 5 / EQ / JZ next";

describe("LIMIT_MAILBOX", () => {
  test("block: the sender waits, and every message arrives, in order", async () => {
    expect(await run(FIVE)).toMatchObject({ out: "1\n2\n3\nsent\n4\n5\n", ended: "returned" });
    for (let seed = 1n; seed < 20n; seed++) {
      const { out } = await run(FIVE, { chance: seededChance(seed) });
      expect(out.replace("sent\n", "")).toBe("1\n2\n3\n4\n5\n");
    }
  });

  test("drop: what does not fit is lost, and the sender goes on", async () => {
    const self =
      "PUSH_STR child / SPAWN / STORE p / PUSH_INT 5 / SLEEP / " +
      "PUSH_STR x / LOAD p / SEND / ".repeat(9) +
      "HALT / LABEL child / PUSH_INT 2 / LIMIT_MAILBOX drop / PUSH_INT 10 / SLEEP / RECEIVE / PRINT / RECEIVE / PRINT / PUSH_INT 0 / LIMIT_MAILBOX drop / RECEIVE / PRINT";
    expect(await run(self)).toMatchObject({ out: "x\nx\n", ended: "returned" });
  });

  test("crash: the receiver fails with the message that does not fit", async () => {
    const text =
      "PUSH_STR child / SPAWN / MONITOR / STORE m / PUSH_INT 5 / SLEEP / PUSH_INT 1 / PUSH_INT 2 / SEND / PUSH_INT 2 / PUSH_INT 2 / SEND / PUSH_STR still / PRINT / RECEIVE / PRINT / HALT / LABEL child / PUSH_INT 1 / LIMIT_MAILBOX crash / PUSH_INT 60 / SLEEP";
    const { out, ended } = await run(text);
    expect(ended).toBe("returned");
    expect(out).toMatch(/^still\ndown:2:mon_1_2:.*mailbox/);
  });

  test("a sender that waits for ever is told as a deadlock", async () => {
    const text =
      "PUSH_STR child / SPAWN / STORE p / PUSH_INT 5 / SLEEP / NULL / LOAD p / SEND / NULL / LOAD p / SEND / HALT / LABEL child / PUSH_INT 1 / LIMIT_MAILBOX block / RECEIVE_MATCH int";
    expect((await run(text)).ended).toBe("stuck");
  });

  test("messages to oneself fit always", async () => {
    const text = "PUSH_INT 1 / LIMIT_MAILBOX block / NULL / SEND 1 / NULL / SEND 1 / RECEIVE / PRINT / RECEIVE / PRINT";
    expect(await run(text)).toMatchObject({ out: "null\nnull\n", ended: "returned" });
  });

  test("wrong operands", async () => {
    expect((await run("NULL / LIMIT_MAILBOX drop")).ended).toBe("LIMIT_MAILBOX expects int (messages) but got Null");
    expect((await run("LIMIT_MAILBOX drop")).ended).toBe("Stack underflow during LIMIT_MAILBOX");
  });
});
