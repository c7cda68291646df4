/** The way out and the way in: what is printed arrives whole, what is read comes in order. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FdSink } from "../../../vm/host/sink.ts";
import { StreamLines } from "../../../vm/host/stdin.ts";
import { runAsm } from "../../support/machine.ts";

interface Written {
  readonly fd: number;
  readonly text: string;
}

/** A descriptor that takes at most `most` bytes at a time and fails as told. */
function device(
  most: number,
  failures: string[] = [],
): { written: Written[]; write: (fd: number, bytes: Uint8Array, from: number) => number } {
  const written: Written[] = [];
  return {
    written,
    write: (fd, bytes, from) => {
      const failure = failures.shift();
      if (failure !== undefined && failure !== "") throw Object.assign(new Error(failure), { code: failure });
      const part = bytes.subarray(from, from + most);
      written.push({ fd, text: Buffer.from(part).toString("latin1") });
      return part.length;
    },
  };
}

function allOf(written: readonly Written[], fd: number): string {
  return Buffer.from(
    written
      .filter((each) => each.fd === fd)
      .map(({ text }) => text)
      .join(""),
    "latin1",
  ).toString("utf8");
}

describe("the sink", () => {
  test("goes on after a full pipe and after a part that was taken", () => {
    const { written, write } = device(3, ["EAGAIN", "", "EAGAIN", "EAGAIN", "EINTR"]);
    const sink = new FdSink(1, 2, write);
    sink.writeOut("zażółć gęślą jaźń\n");
    sink.flush();
    expect(allOf(written, 1)).toBe("zażółć gęślą jaźń\n");
    expect(sink.broken).toBe("no");
  });

  test("keeps an unfinished line for later when it is asked for whole lines", () => {
    const { written, write } = device(100);
    const sink = new FdSink(1, 2, write);
    sink.writeOut("one\ntw");
    sink.flush(true);
    expect(allOf(written, 1)).toBe("one\n");
    sink.writeOut("o\n");
    sink.flush();
    expect(allOf(written, 1)).toBe("one\ntwo\n");
  });

  test("stdout is out before anything goes to stderr", () => {
    const { written, write } = device(100);
    const sink = new FdSink(1, 2, write);
    sink.writeOut("first");
    sink.writeError("second");
    expect(written).toEqual([
      { fd: 1, text: "first" },
      { fd: 2, text: "second" },
    ]);
  });

  test("much text does not wait for the end, nor does a line without end", () => {
    const { written, write } = device(1e9);
    const sink = new FdSink(1, 2, write);
    for (let i = 0; i < 20_000; i++) sink.writeOut(`line ${i}\n`);
    expect(allOf(written, 1).length).toBeGreaterThan(100_000);
    for (const { text } of written) expect(text.endsWith("\n")).toBe(true);
    const before = written.length;
    for (let i = 0; i < 20_000; i++) sink.writeOut("no end ");
    expect(written.length).toBeGreaterThan(before);
  });

  test("a reader who has gone ends the run quietly, another failure with its message", async () => {
    const program = `fn main/0\nagain:\n PUSH_STR "x"\n CALL_NATIVE print 1\n POP\n JMP again`;
    const pipe = new FdSink(1, 2, device(100, ["EPIPE"]).write);
    expect((await runAsm(program, { sink: pipe })).outcome).toEqual({ kind: "broken-pipe" });
    const disk = new FdSink(1, 2, device(100, ["ENOSPC"]).write);
    expect((await runAsm(program, { sink: disk })).outcome).toEqual({ kind: "output-failed", message: "ENOSPC" });
    const short = new FdSink(1, 2, device(100, ["EPIPE"]).write);
    expect((await runAsm(`fn main/0\n PUSH_STR "x"\n CALL_NATIVE print 1\n RET.val`, { sink: short })).outcome).toEqual(
      { kind: "broken-pipe" },
    );
  });
});

describe("standard input", () => {
  const folder = mkdtempSync(join(tmpdir(), "nostos-stdin-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function read(text: string, questions: readonly ("line" | "all")[]): Promise<(string | undefined)[]> {
    const file = join(folder, "input");
    writeFileSync(file, text);
    const input = new StreamLines(() => createReadStream(file));
    const answers = questions.map(
      (question) =>
        new Promise<string | undefined>((resolve) => {
          if (question === "line") input.readLine(resolve);
          else input.readAll(resolve);
        }),
    );
    const answered = await Promise.all(answers);
    input.close();
    return answered;
  }

  test("gives lines without their ends, then undefined", async () => {
    expect(await read("one\r\ntwo\n\nlast", ["line", "line", "line", "line", "line"])).toEqual([
      "one",
      "two",
      "",
      "last",
      undefined,
    ]);
    expect(await read("", ["line"])).toEqual([undefined]);
    expect(await read("a\n", ["line", "line"])).toEqual(["a", undefined]);
  });

  test("a question that is withdrawn takes no line from those behind it", async () => {
    const file = join(folder, "input");
    writeFileSync(file, "one\ntwo\n");
    const input = new StreamLines(() => createReadStream(file));
    const dead = (): void => expect.unreachable();
    input.readLine(dead);
    const answer = new Promise<string | undefined>((resolve) => {
      input.readLine(resolve);
    });
    input.withdraw(dead);
    expect(await answer).toBe("one");
    input.close();
  });

  test("gives all that is left", async () => {
    expect(await read("one\ntwo\nthree", ["line", "all", "line", "all"])).toEqual(["one", "two\nthree", undefined, ""]);
  });

  test("a line longer than a piece of the stream, and many lines", async () => {
    const long = "x".repeat(200_000);
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    const answers = await read([long, ...lines].join("\n"), new Array(5002).fill("line"));
    expect(answers).toEqual([long, ...lines, undefined]);
  });

  test("a process that waits for it does not stop the others, and counts as able to run", async () => {
    const { outcome } = await runAsm(
      `fn main/0
        CALL_NATIVE readLine 0
        CALL_NATIVE readLine 0
        MAKE_TUPLE 2
        RET.val`,
      {
        stdin: {
          readLine: (done) => void setTimeout(() => done("typed"), 10),
          readAll: () => {},
        },
      },
    );
    expect(outcome).toMatchObject({ kind: "returned", value: { a: "typed", b: "typed" } });
  });
});
