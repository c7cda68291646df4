/** Environment, arguments, clock, other programs, and the exit code. */
import { describe, expect, test } from "vitest";
import { formatTime } from "../../../../vm/host/tiny/format-time.ts";
import { realChance } from "../../../../vm/index.ts";
import { runTtvm } from "../../../support/ttvm.ts";
import { caught, said } from "./said.ts";

const lines = (text: string): string => text.split(" / ").join("\n");

describe("environment and arguments", () => {
  test("what SET_ENV sets is there for this run and what it starts, and for nobody else", async () => {
    const text =
      "PUSH_STR TTVM_TEST / GET_ENV / PRINT / PUSH_STR TTVM_TEST / PUSH_STR set / SET_ENV / PUSH_STR TTVM_TEST / GET_ENV / PRINT / PUSH_STR printenv / PUSH_STR TTVM_TEST / MAKE_LIST 1 / EXEC / PRINT";
    expect(await said(text)).toBe("null / set / set / 0");
    expect(process.env.TTVM_TEST).toBeUndefined();
    expect(await said("PUSH_STR PATH / GET_ENV / PRINT")).toBe(process.env.PATH);
    expect(await said("PUSH_INT 1 / GET_ENV")).toBe("GET_ENV expects string (variable name) but got Int(1)");
  });

  test.each(['PUSH_STR "" / PUSH_STR x', "PUSH_STR a=b / PUSH_STR x", "PUSH_STR a / PUSH_STR x\0y"])(
    "SET_ENV of %j",
    async (text) => {
      expect(await caught(`${text} / SET_ENV`)).toMatch(/^SET_ENV expects a name that a variable can have but got/);
    },
  );

  test("GET_ARGS", async () => {
    expect(await said("GET_ARGS / PRINT", { args: ["ttvm", "x.ttvm"] })).toBe("[ttvm, x.ttvm]");
  });
});

describe("time", () => {
  test("GET_TIME is that of the run, SLEEP lets it pass, and others run meanwhile", async () => {
    expect((await runTtvm("GET_TIME\nPRINT")).out).toBe("1700000000\n");
    const text =
      "PUSH_STR child / SPAWN / STORE p / PUSH_INT 3600000 / SLEEP / PUSH_STR late / PRINT / GET_TIME / PRINT / HALT / LABEL child / PUSH_FLOAT 1500.5 / SLEEP / PUSH_STR early / PRINT / GET_TIME / PRINT";
    expect((await runTtvm(lines(text))).out).toBe("early\n1700000001\nlate\n1700003600\n");
    expect((await runTtvm(lines("PUSH_INT -5 / SLEEP / PUSH_FLOAT NaN / SLEEP / PUSH_STR on / PRINT"))).out).toBe(
      "on\n",
    );
    expect(await caught("PUSH_STR 1 / SLEEP")).toBe('SLEEP expects int or float (milliseconds) but got Str("1")');
  });

  test.each([
    ["%Y-%m-%d", "2023-11-14"],
    ["%F %T", "2023-11-14 22:13:20"],
    ["%a %e. %b %y, %I:%M %p (%j) %Z%%", "Tue 14. Nov 23, 10:13 PM (318) UTC%"],
    ["%A %B %s %u %w %D %R", "Tuesday November 1700000000 2 2 11/14/23 22:13"],
    ["no pattern %Q %", "no pattern %Q %"],
  ])("FORMAT_TIME %s", async (pattern, text) => {
    expect(await said(`PUSH_INT 1700000000 / PUSH_STR ${pattern} / FORMAT_TIME / PRINT`)).toBe(text);
  });

  test("FORMAT_TIME at the edges", async () => {
    expect(formatTime(0, "%F %j")).toBe("1970-01-01 001");
    expect(formatTime(-1000, "%F %T")).toBe("1969-12-31 23:59:59");
    expect(await caught("PUSH_INT 9223372036854775807 / PUSH_STR %Y / FORMAT_TIME")).toMatch(
      /expects a time that there is/,
    );
    expect(await caught("PUSH_STR x / PUSH_STR %Y / FORMAT_TIME")).toBe(
      'FORMAT_TIME expects int (timestamp) and string (format) but got Str("x"), Str("%Y")',
    );
  });
});

describe("other programs", () => {
  const sh = (script: string, op: string): string =>
    `PUSH_STR sh / PUSH_STR -c / PUSH_STR ${script} / MAKE_LIST 2 / ${op}`;

  test("EXEC shows what they write, and gives the exit code", async () => {
    const { out, error } = await runTtvm(
      lines(`${sh("echo out ,  echo err >&2 ,  exit 3".replaceAll(" , ", " &&"), "EXEC")} / PRINT`),
      {
        chance: realChance(),
      },
    );
    expect({ out, error }).toEqual({ out: "out\n3\n", error: "err\n" });
  });

  test("EXEC_CAPTURE keeps it", async () => {
    expect(await said(`${sh("echo out && echo err >&2 && exit 3", "EXEC_CAPTURE")} / PRINT`)).toBe(
      "{stdout: out / , stderr: err / , exit_code: 3}",
    );
  });

  test("a signal is -1; there is no shell in between", async () => {
    expect(await said(`${sh("kill -9 $$", "EXEC")} / PRINT`)).toBe("-1");
    expect(await said("PUSH_STR echo / PUSH_STR $HOME / MAKE_LIST 1 / EXEC / PRINT")).toBe("$HOME / 0");
  });

  test.each([
    [
      "PUSH_STR no-such-program / MAKE_LIST 0 / EXEC",
      "File operation failed on no-such-program: No such file or directory (os error 2)",
    ],
    ["PUSH_STR a\0b / MAKE_LIST 0 / EXEC", "File operation failed on a\0b: file name contained an unexpected NUL byte"],
    ["PUSH_STR echo / PUSH_INT 1 / MAKE_LIST 1 / EXEC", "EXEC expects list of strings (arguments) but got Int(1)"],
    [
      "PUSH_STR echo / PUSH_INT 1 / EXEC",
      'EXEC expects string (command) and list (arguments) but got Str("echo"), Int(1)',
    ],
  ])("%s: %s", async (text, answer) => {
    expect(await caught(text)).toBe(answer);
  });

  test("does not hold up others, and is killed with its process", async () => {
    const text = `PUSH_STR child / SPAWN / STORE p / LOAD p / LINK / STORE l / PUSH_INT 100 / SLEEP / LOAD nothing / HALT / LABEL child / ${sh("exec sleep 600", "EXEC")}`;
    expect(await said(text)).toBe("Undefined variable: nothing"); // and the test ends at once
  });
});

describe("EXIT", () => {
  test.each([
    ["3", 3],
    ["0", 0],
    ["-1", 255],
    ["256", 0],
  ])("EXIT %s", async (given, status) => {
    const { outcome, out } = await runTtvm(`PUSH_STR before\nPRINT\nPUSH_INT ${given}\nEXIT\nPUSH_STR after\nPRINT`);
    expect({ outcome, out }).toEqual({ outcome: { kind: "exit", status }, out: "before\n" });
  });

  test("from another process, and with what is no number", async () => {
    const { outcome } = await runTtvm('PUSH_STR "child"\nSPAWN\nRECEIVE\nLABEL child\nPUSH_INT 4\nEXIT');
    expect(outcome).toEqual({ kind: "exit", status: 4 });
    expect(await said("NULL / EXIT")).toBe("EXIT expects int (exit code) but got Null");
  });
});
