/** What the command line takes, and what it answers when it is used wrongly. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { nostos, shell } from "../support/nostos.ts";

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "nostos-usage-"));
  writeFileSync(join(dir, "hello.nos"), 'main() = println("hello")\n');
  writeFileSync(join(dir, "args.nos"), 'main() = println(Env.args().join(" "))\n');
  writeFileSync(join(dir, "broken.nos"), "main() = 1 + \n");
  writeFileSync(join(dir, "crash.nos"), "main() = {\n  x = 0\n  1 / x\n}\n");
  writeFileSync(join(dir, "latin1.nos"), Buffer.from('main() = println("caf\xe9")\n', "latin1"));
  writeFileSync(join(dir, "script.nos"), '#!/usr/bin/env nostos\nmain() = println("a script")\n', { mode: 0o755 });
  writeFileSync(join(dir, "crlf.nos"), 'main() = {\r\n  println("one")\r\n  println("two")\r\n}\r\n');
  writeFileSync(join(dir, "bom.nos"), '\ufeffmain() = println("bom")\n');
  mkdirSync(join(dir, "project", "util"), { recursive: true });
  mkdirSync(join(dir, "project", ".hidden"));
  writeFileSync(join(dir, "project", "main.nos"), "use util.text.*\nmain() = println(twice(21))\n");
  writeFileSync(join(dir, "project", "util", "text.nos"), "pub twice(x) = x * 2\n");
  writeFileSync(join(dir, "project", ".hidden", "broken.nos"), "this is (not Nostos\n");
  mkdirSync(join(dir, "nomain"));
  writeFileSync(join(dir, "nomain", "other.nos"), "main() = 1\n");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("running", () => {
  test("run FILE and FILE alone", async () => {
    expect(await nostos(["run", "hello.nos"], { cwd: dir })).toEqual({ stdout: "hello\n", stderr: "", code: 0 });
    expect(await nostos(["hello.nos"], { cwd: dir })).toEqual({ stdout: "hello\n", stderr: "", code: 0 });
  });

  test("arguments behind the file belong to the program, also those that look like ours", async () => {
    expect((await nostos(["run", "args.nos", "a", "--json", "-h"], { cwd: dir })).stdout).toBe("a --json -h\n");
    expect((await nostos(["--max-reductions", "1e6", "args.nos", "--version"], { cwd: dir })).stdout).toBe(
      "--version\n",
    );
  });

  test("a directory is a project that starts at its main.nos", async () => {
    expect(await nostos(["run", "project"], { cwd: dir })).toEqual({ stdout: "42\n", stderr: "", code: 0 });
  });

  test("- is standard input", async () => {
    expect((await nostos(["run", "-"], { stdin: "main() = println(7)" })).stdout).toBe("7\n");
  });

  test("#! lines, CRLF and a byte order mark are no trouble", async () => {
    expect((await nostos(["script.nos"], { cwd: dir })).stdout).toBe("a script\n");
    expect((await nostos(["crlf.nos"], { cwd: dir })).stdout).toBe("one\ntwo\n");
    expect((await nostos(["bom.nos"], { cwd: dir })).stdout).toBe("bom\n");
  });

  test("eval prints the value as a program's result is printed", async () => {
    expect((await nostos(["eval", "1 + 2"])).stdout).toBe("3\n");
    expect((await nostos(["eval", '"a" ++ "b"'])).stdout).toBe('"ab"\n');
    expect((await nostos(["eval", "()"])).stdout).toBe("");
    expect((await nostos(["eval", "x = 20\nx + 1"])).stdout).toBe("21\n");
  });

  test("what main returns is printed unless it is unit", async () => {
    expect((await nostos(["run", "-"], { stdin: "main() = [1, 2]" })).stdout).toBe("[1, 2]\n");
    expect((await nostos(["run", "-"], { stdin: "main() = { println(1) }" })).stdout).toBe("1\n");
  });

  test("check compiles only", async () => {
    expect(await nostos(["check", "hello.nos"], { cwd: dir })).toEqual({ stdout: "", stderr: "", code: 0 });
    expect((await nostos(["check", "crash.nos"], { cwd: dir })).code).toBe(0);
    expect((await nostos(["check", "broken.nos"], { cwd: dir })).code).toBe(1);
  });

  test("disasm lists the functions of the program", async () => {
    const { stdout, code } = await nostos(["disasm", "crash.nos"], { cwd: dir });
    expect(code).toBe(0);
    expect(stdout).toContain("main");
    expect(stdout).toMatch(/\bDIV\b/);
  });
});

describe("exit codes", () => {
  test("0: done; 1: does not compile, or failed; 2: wrong usage", async () => {
    expect((await nostos(["hello.nos"], { cwd: dir })).code).toBe(0);
    expect((await nostos(["eval", "7"])).code).toBe(0);
    expect((await nostos(["broken.nos"], { cwd: dir })).code).toBe(1);
    expect((await nostos(["crash.nos"], { cwd: dir })).code).toBe(1);
    expect((await nostos(["missing.nos"], { cwd: dir })).code).toBe(1);
    expect((await nostos(["--nonsense", "hello.nos"], { cwd: dir })).code).toBe(2);
  });

  test("130: Ctrl-C, saying where main was", async () => {
    const stdin = 'wait() = sleep(600000)\nmain() = {\n  println("ready")\n  flushStdout()\n  wait()\n}\n';
    const seen = await nostos(["run", "-"], { stdin, onOutput: (_, kill) => kill("SIGINT") });
    expect(seen.code).toBe(130);
    expect(seen.stdout).toBe("ready\n");
    expect(seen.stderr).toContain("interrupted");
    expect(seen.stderr).toContain("<stdin>:1");
  });

  test("Ctrl-C also ends a program that computes without end", async () => {
    const stdin = 'spin(n) = spin(n + 1)\nmain() = {\n  println("ready")\n  flushStdout()\n  spin(0)\n}\n';
    const seen = await nostos(["run", "-"], { stdin, onOutput: (_, kill) => kill("SIGINT") });
    expect(seen.code).toBe(130);
    expect(seen.stderr).toContain("<stdin>:1");
  });
});

describe("wrong usage", () => {
  const usage: [string[], string, string][] = [
    [["run"], "missing required argument `file`", "nostos --help"],
    [["--maxheap", "1G", "hello.nos"], "unknown option `--maxheap`", "--max-heap"],
    [["--max-heap", "much", "hello.nos"], "`--max-heap <size>` argument `much` is invalid", "512M"],
    [["--max-heap", "1K", "hello.nos"], "is invalid", "16M"],
    [["--max-heap", "100000G", "hello.nos"], "is invalid", "--max-old-space-size"],
    [["--max-stack-frames", "0", "hello.nos"], "is invalid", "whole number from 1"],
    [["--max-reductions", "-5", "hello.nos"], "is invalid", "whole number from 1"],
    [["--max-reductions", "1.5", "hello.nos"], "is invalid", "whole number from 1"],
    [["run", "--max-reductions"], "argument missing", "nostos --help"],
    [["--jit-threshold", "0", "hello.nos"], "`--jit-threshold <n>` argument `0` is invalid", "whole number from 1"],
    [["--jit-threshold", "soon", "hello.nos"], "is invalid", "whole number from 1"],
    [["--jit-threshold", "hello.nos"], "is invalid", "whole number from 1"],
    [["--jitless", "--jit-threshold", "5", "hello.nos"], "cannot be used with option `--jit-threshold <n>`", "--help"],
    [["--jitless", "--trace-jit", "hello.nos"], "cannot be used with option `--trace-jit`", "--help"],
    [["--jitles", "hello.nos"], "unknown option `--jitles`", "--jitless"],
    [["check", "--profile", "hello.nos"], "unknown option `--profile`", "--help"],
    [["check", "a.nos", "b.nos"], "too many arguments", "nostos --help"],
    [["eval"], "missing required argument `text`", "nostos --help"],
    [["check", "--jsn", "a.nos"], "unknown option `--jsn`", "--json"],
  ];
  test.each(usage)("%j", async (args, message, hint) => {
    const seen = await nostos(args, { cwd: dir });
    expect(seen.code).toBe(2);
    expect(seen.stdout).toBe("");
    expect(seen.stderr).toMatch(/^error: /);
    expect(seen.stderr).toContain(message);
    expect(seen.stderr).toContain("[usage]");
    expect(seen.stderr).toContain(hint);
  });

  test("no arguments at all: the help, on stderr", async () => {
    const seen = await nostos([]);
    expect(seen.code).toBe(2);
    expect(seen.stdout).toBe("");
    expect(seen.stderr).toContain("Usage: nostos");
  });

  test("--help has examples, --version the number of package.json", async () => {
    const help = await nostos(["--help"]);
    expect(help.code).toBe(0);
    expect(help.stderr).toBe("");
    expect(help.stdout).toContain("Examples:");
    expect(help.stdout).toContain("nostos eval");
    for (const command of ["run", "eval", "check", "disasm"]) {
      expect((await nostos([command, "--help"])).stdout).toContain(`nostos ${command}`);
    }
    expect((await nostos(["--version"])).stdout).toBe(`${manifest.version}\n`);
    expect((await nostos(["-v"])).stdout).toBe(`${manifest.version}\n`);
  });
});

describe("sources that cannot be read", () => {
  test("a missing file, with a near one", async () => {
    const seen = await nostos(["helo.nos"], { cwd: dir });
    expect(seen).toEqual({
      stdout: "",
      stderr:
        "error: cannot read `helo.nos`: there is no such file or directory  [unreadable]\n  hint: did you mean `hello.nos`?\n",
      code: 1,
    });
    expect((await nostos(["run", "hello"], { cwd: dir })).stderr).toContain("did you mean `hello.nos`?");
    expect((await nostos(["run", "no/such/file.nos"], { cwd: dir })).code).toBe(1);
  });

  test("a directory without main.nos", async () => {
    const seen = await nostos(["run", "nomain"], { cwd: dir });
    expect(seen.code).toBe(1);
    expect(seen.stderr).toContain("the directory `nomain` has no `main.nos`");
    expect(seen.stderr).toContain("nostos run nomain/other.nos");
  });

  test("text that is not UTF-8", async () => {
    const seen = await nostos(["latin1.nos"], { cwd: dir });
    expect(seen.code).toBe(1);
    expect(seen.stderr).toContain("latin1.nos:1:22: `latin1.nos` is not UTF-8 text  [not-utf8]");
  });

  test("an endless device ends with a diagnostic", async () => {
    const seen = await nostos(["run", "/dev/zero"], { cwd: dir });
    expect(seen.code).toBe(1);
    expect(seen.stderr).toContain("larger than");
  });
});

describe("--json", () => {
  const lines = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("one object a line on stderr, errors of the compiler with their place", async () => {
    const seen = await nostos(["check", "--json", "broken.nos"], { cwd: dir });
    expect(seen.stdout).toBe("");
    const [first] = lines(seen.stderr);
    expect(first).toMatchObject({
      file: "broken.nos",
      line: expect.any(Number),
      column: expect.any(Number),
      severity: "error",
    });
    expect(first).toMatchObject({
      endLine: expect.any(Number),
      endColumn: expect.any(Number),
      code: "unexpected-token",
    });
  });

  test("failures at run time and wrong usage too", async () => {
    const crash = await nostos(["run", "--json", "crash.nos"], { cwd: dir });
    expect(lines(crash.stderr)[0]).toMatchObject({ file: "crash.nos", line: 3, severity: "error" });
    expect(lines(crash.stderr)[0].message).toContain("Division by zero");
    const wrong = await nostos(["--json", "--max-reductions", "x", "crash.nos"], { cwd: dir });
    expect(lines(wrong.stderr)[0]).toMatchObject({ code: "usage", severity: "error" });
  });
});

describe("colour", () => {
  test("plain when piped or NO_COLOR, coloured under FORCE_COLOR", async () => {
    const escapeCode = "\u001b[";
    expect((await nostos(["check", "broken.nos"], { cwd: dir, env: { NO_COLOR: "" } })).stderr).not.toContain(
      escapeCode,
    );
    expect((await nostos(["check", "broken.nos"], { cwd: dir, env: { NO_COLOR: "1" } })).stderr).not.toContain(
      escapeCode,
    );
    expect((await nostos(["check", "broken.nos"], { cwd: dir, env: { FORCE_COLOR: "1" } })).stderr).toContain(
      escapeCode,
    );
  });

  test("on a terminal", async () => {
    const seen = await shell(
      `command -v script >/dev/null || exit 77; script -qec "$NOSTOS check ${dir}/broken.nos" /dev/null`,
      {
        env: { NO_COLOR: "", TERM: "xterm" },
      },
    );
    if (seen.code !== 77) expect(seen.stdout).toContain("\u001b[");
  });
});
