/** Files, futures, streams and standard input. Each test has a folder of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StreamLines } from "../../../../vm/host/stdin.ts";
import { seededChance } from "../../../../vm/index.ts";
import { caught, said } from "./said.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ttvm-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NONE = "No such file or directory (os error 2)";
/** The text with `@` for the folder. */
const here = (text: string): string => text.replaceAll("@", folder);

describe("files", () => {
  test("are written, appended to, read, measured, listed and deleted", async () => {
    const text =
      "PUSH_STR hé / PUSH_STR @/a / WRITE_FILE / PUSH_STR !! / PUSH_STR @/a / APPEND_FILE / PUSH_STR @/a / READ_FILE / PRINT / PUSH_STR @/a / FILE_SIZE / PRINT / PUSH_STR x / PUSH_STR @/b / APPEND_FILE / PUSH_STR @ / LIST_DIR / PRINT / PUSH_STR @/a / FILE_EXISTS / PRINT / PUSH_STR @/a / DELETE_FILE / PUSH_STR @/a / FILE_EXISTS / PRINT";
    expect(await said(here(text))).toBe("hé!! / 5 / [a, b] / true / false");
    expect(readFileSync(join(folder, "b"), "utf8")).toBe("x");
  });

  test("hold bytes too", async () => {
    writeFileSync(join(folder, "a"), Uint8Array.of(0xff, 0, 1));
    const text =
      "PUSH_STR @/a / READ_BYTES / DUP / PRINT / PUSH_STR @/b / WRITE_BYTES / PUSH_STR @/a / READ_BYTES / NOT";
    expect(await said(here(text))).toBe("NOT expects Bool or Int but got Bytes([255, 0, 1])");
    expect([...readFileSync(join(folder, "b"))]).toEqual([255, 0, 1]);
  });

  test.each([
    ["PUSH_STR @/no / READ_FILE", `File operation failed on @/no: ${NONE}`],
    ["PUSH_STR @/no / READ_BYTES", `File operation failed on @/no: ${NONE}`],
    ["PUSH_STR @/no / FILE_SIZE", `File operation failed on @/no: ${NONE}`],
    ["PUSH_STR @/no / DELETE_FILE", `File operation failed on @/no: ${NONE}`],
    ["PUSH_STR @/no / LIST_DIR", `File operation failed on @/no: ${NONE}`],
    ["PUSH_STR x / PUSH_STR @/no/a / WRITE_FILE", `File operation failed on @/no/a: ${NONE}`],
    ["PUSH_STR @ / READ_FILE", "File operation failed on @: Is a directory (os error 21)"],
    ["PUSH_STR @/bytes / READ_FILE", "File operation failed on @/bytes: stream did not contain valid UTF-8"],
    ["PUSH_STR a\0b / READ_FILE", "File operation failed on a\0b: file name contained an unexpected NUL byte"],
    ["PUSH_INT 1 / READ_FILE", "READ_FILE expects a string filename but got Int(1)"],
    [
      "PUSH_INT 1 / PUSH_STR a / WRITE_FILE",
      'WRITE_FILE expects two strings (content, filename) but got Int(1), Str("a")',
    ],
    ["PUSH_STR a / WRITE_FILE", "Stack underflow during WRITE_FILE"],
    [
      "PUSH_STR x / PUSH_STR a / WRITE_BYTES",
      'WRITE_BYTES expects bytes and string (filename) but got Str("x"), Str("a")',
    ],
  ])("%s: %s, which TRY catches", async (text, answer) => {
    writeFileSync(join(folder, "bytes"), Uint8Array.of(0xff));
    expect(await caught(here(text))).toBe(here(answer));
    expect(await said(here(text))).toBe(here(answer));
  });

  test("do not hold up other processes, also in slices of one instruction, and under seeds", async () => {
    writeFileSync(join(folder, "a"), "text");
    const text = `PUSH_STR ticker / SPAWN / STORE p / PUSH_STR @/a / READ_FILE / PRINT / HALT / LABEL ticker / PUSH_STR tick / PRINT`;
    expect(await said(here(text))).toBe("tick / text");
    expect(await said(here(text), { sliceReductions: 1 })).toBe("tick / text");
    for (let seed = 1n; seed < 20n; seed++) {
      const chance = () => seededChance(seed);
      const first = await said(here(text), { chance: chance() });
      expect(first.split(" / ").sort()).toEqual(["text", "tick"]);
      expect(await said(here(text), { chance: chance() })).toBe(first);
    }
  });
});

describe("futures", () => {
  test("begin at once, are awaited as often as one likes, and by others", async () => {
    const text =
      "PUSH_STR x / PUSH_STR @/a / ASYNC_WRITE / DUP / AWAIT / PRINT / PRINT / PUSH_STR child / SPAWN / STORE p / PUSH_STR @/a / ASYNC_READ / STORE f / LOAD f / AWAIT / PRINT / LOAD f / AWAIT / PRINT / LOAD f / LOAD p / SEND / HALT / LABEL child / RECEIVE / AWAIT / PRINT";
    expect(await said(here(text))).toBe(here("true / Future(async_write:@/a:x) / x / x / x"));
  });

  test("fail where they are awaited", async () => {
    expect(await caught(here("PUSH_STR @/no / ASYNC_READ / STORE f / LOAD f / AWAIT"))).toBe(
      here(`File operation failed on @/no: ${NONE}`),
    );
    expect(await said(here("PUSH_STR @/no / ASYNC_READ / STORE f / PUSH_STR on / PRINT"))).toBe("on");
    expect(await said("PUSH_INT 1 / AWAIT")).toBe("AWAIT expects future but got Int(1)");
  });
});

describe("streams", () => {
  test("in memory are shared, and never wait", async () => {
    const text =
      "PUSH_STR memory / STREAM_CREATE / STORE s / LOAD s / PRINT / LOAD s / PUSH_STR héllo / STREAM_WRITE / PRINT / LOAD s / PUSH_INT 2 / STREAM_READ / PRINT / LOAD s / PUSH_INT 0 / STREAM_READ / PRINT / LOAD s / PUSH_INT 5 / STREAM_READ / PRINT / LOAD s / STREAM_CLOSE / PRINT";
    expect(await said(text)).toBe("Stream(stream:memory:1) / 6 / h / éllo /  / true");
    const shared =
      "PUSH_STR child / SPAWN / STORE p / PUSH_STR pipe / STREAM_CREATE / STORE s / LOAD s / PUSH_STR data / STREAM_WRITE / STORE n / LOAD s / LOAD p / SEND / HALT / LABEL child / RECEIVE / PUSH_INT 9 / STREAM_READ / PRINT";
    expect(await said(shared)).toBe("data");
  });

  test("of files are read and written in pieces, and whole characters", async () => {
    const write =
      "PUSH_STR write:@/a / STREAM_CREATE / STORE s / LOAD s / PUSH_STR aé / STREAM_WRITE / PRINT / LOAD s / PUSH_STR b / STREAM_WRITE / PRINT / LOAD s / STREAM_CLOSE / PRINT";
    expect(await said(here(write))).toBe("3 / 1 / true");
    const read = "PUSH_STR read:@/a / STREAM_CREATE / STORE s";
    const next = "LOAD s / PUSH_INT 2 / STREAM_READ / PRINT";
    expect(await said(here(`${read} / ${next} / ${next} / ${next} / ${next}`))).toBe("a / éb");
    expect(await said(here(`${read} / LOAD s / PUSH_INT 0 / STREAM_READ / PRINT`))).toBe("aéb");
  });

  test.each([
    [
      "PUSH_STR x / STREAM_CREATE / STORE s / LOAD s / STREAM_CLOSE / LOAD s / STREAM_CLOSE",
      "Runtime error: Stream(stream:x:1) is closed",
    ],
    ["PUSH_STR read:@/no / STREAM_CREATE", `File operation failed on @/no: ${NONE}`],
    [
      "PUSH_STR write:@/a / STREAM_CREATE / PUSH_INT 1 / STREAM_READ",
      "Runtime error: Stream(stream:write:@/a:1) is not read",
    ],
    [
      "PUSH_STR read:@/b / STREAM_CREATE / PUSH_STR x / STREAM_WRITE",
      "Runtime error: Stream(stream:read:@/b:1) is only read",
    ],
    ["PUSH_INT 1 / PUSH_INT 1 / STREAM_READ", "STREAM_READ expects stream and int (size) but got Int(1), Int(1)"],
  ])("%s: %s", async (text, answer) => {
    writeFileSync(join(folder, "b"), "");
    expect(await caught(here(text))).toBe(here(answer));
  });

  test("close with the process that opened them", async () => {
    const text =
      "PUSH_STR child / SPAWN / MONITOR / STORE m / REGISTER main / NULL / PUSH_INT 2 / SEND / RECEIVE / STORE s / RECEIVE / PRINT / LOAD s / PUSH_STR x / STREAM_WRITE / HALT / LABEL child / RECEIVE / PUSH_STR append:@/a / STREAM_CREATE / SENDNAMED main";
    expect(await said(here(text))).toBe(here("Runtime error: Stream(stream:append:@/a:1) is closed"));
  });
});

describe("standard input", () => {
  const input = (text: string) => ({ stdin: new StreamLines(() => Readable.from([Buffer.from(text)])) });

  test("lines, characters, the rest, the end", async () => {
    const text = "READ_LINE / PRINT / READ_CHAR / PRINT / READ_CHAR / PRINT / READ_LINE / PRINT / READ_INPUT / PRINT";
    expect(await said(text, input("one\r\nétwo\nthree\nfour"))).toBe("one / é / t / wo / three / four");
    expect(await said("READ_LINE / PRINT / READ_INPUT / PRINT / PUSH_STR end / PRINT", input(""))).toBe(" /  / end");
    expect(await caught("READ_CHAR", input(""))).toBe("File operation failed on stdin: failed to fill whole buffer");
  });

  test("who is killed while it waits takes no line with it", async () => {
    const text =
      "PUSH_STR child / SPAWN / STORE p / YIELD / YIELD / LOAD p / LINK / STORE l / PUSH_STR main / PRINT / HALT / LABEL child / READ_LINE / PRINT";
    expect(await said(text, input("line\n"))).toBe("main / line");
  });
});
