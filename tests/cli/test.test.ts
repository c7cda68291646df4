/** `nostos test`: what passes, what fails, and how that is said. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nostos, type Ran } from "../support/nostos.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "nostos-test-"));
  const files: Readonly<Record<string, string>> = {
    "good.nos": 'main() = { println("one"); println("two") }\n',
    "good.out": "one\ntwo\n",
    "echo.nos": "main() = println(Stdin.readAll().toUpper())\n",
    "echo.in": "so it is\n",
    "echo.out": "SO IT IS\n\n",
    "other.nos": 'main() = { println("one"); println("zwei"); println("three") }\n',
    "other.out": "one\ntwo\nthree\n",
    "fails.nos": "main() = { println(1); 1 / 0 }\n",
    "meant.nos": "main() = { println(1); 1 / 0 }\n",
    "meant.out": "1\n[exit 1]\n",
    "told.nos": "main() = { spawn { 1 / 0 }; sleep(1) }\n",
    "told.err": [
      "told.nos:1:20: Runtime error: Uncaught exception: (DivisionByZero, Division by zero) (process <pid 2>)  [process-crash]",
      "  1 | main() = { spawn { 1 / 0 }; sleep(1) }",
      "    |                    ^",
      "  Stack trace:",
      "    1. spawned block (told.nos:1)\n",
    ].join("\n"),
    "survives.nos": "main() = println(1)\n",
    "survives.out": "1\n[exit 1]\n",
    "broken.nos": "main() = 1 +\n",
    "round.nos": "go(n) = go(n + 1)\nmain() = go(0)\n",
    "set/a.nos": "main() = println(1)\n",
    "set/deep/b.nos": "main() = println(2)\n",
    "set/project/main.nos": "use part.*\nmain() = println(three())\n",
    "set/project/part.nos": "pub three() = 3\n",
    "set/project.out": "3\n",
    "set/.hidden/c.nos": "main() = 1 / 0\n",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, ".."), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  mkdirSync(join(dir, "empty"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (...args: readonly string[]): Promise<Ran> => nostos(["test", ...args], { cwd: dir });

describe("passes", () => {
  test("what prints what is beside it, from the input beside it", async () => {
    expect(await run("good.nos", "echo.nos")).toEqual({
      stdout: "✓ good.nos\n✓ echo.nos\n\n2 passed, 0 failed\n",
      stderr: "",
      code: 0,
    });
  });

  test("what fails as `.out` says, or says what `.err` says", async () => {
    expect((await run("meant.nos", "told.nos")).stdout).toBe("✓ meant.nos\n✓ told.nos\n\n2 passed, 0 failed\n");
  });

  test("a directory is a program, or all programs below it in the order of their names", async () => {
    expect((await run("set/project")).stdout).toBe("✓ set/project\n");
    expect((await run("set")).stdout).toBe("✓ set/a.nos\n✓ set/deep/b.nos\n✓ set/project\n\n3 passed, 0 failed\n");
  });

  test("bytecode", async () => {
    await nostos(["build", "good.nos"], { cwd: dir });
    expect((await run("good.ttb")).stdout).toBe("✓ good.ttb\n");
  });
});

describe("fails", () => {
  test("what prints something else: the lines that differ", async () => {
    const { stdout, code } = await run("other.nos", "good.nos");
    expect(stdout).toBe(`✗ other.nos

  it prints something else than it should:
    one
  - two
  + zwei
    three
    (- expected, + printed)

✓ good.nos

1 passed, 1 failed
`);
    expect(code).toBe(1);
  });

  test("what fails: what it printed, and why", async () => {
    const { stdout, code } = await run("fails.nos");
    expect(stdout).toMatch(/^✗ fails\.nos\n\n {2}it printed:\n {2}│ 1\n {2}fails\.nos:1:24: Runtime error: .*zero/);
    expect(code).toBe(1);
  });

  test("what should fail and does not", async () => {
    expect((await run("survives.nos")).stdout).toBe(
      "✗ survives.nos\n\n  main should fail, `[exit 1]`, and did not\n\n",
    );
  });

  test("what goes round for ever", async () => {
    const { stdout } = await run("--max-reductions", "1e6", "round.nos");
    expect(stdout).toContain("it has used up its budget of 1000000 reductions");
  });

  test("what does not compile, or is not there; the others still run", async () => {
    const { stdout, stderr, code } = await run("broken.nos", "missing.nos", "good.nos");
    expect(stdout).toBe(
      "✗ broken.nos  cannot be run\n✗ missing.nos  cannot be run\n✓ good.nos\n\n1 passed, 2 failed\n",
    );
    expect(stderr).toMatch(/broken\.nos:1:.*\n[\s\S]*cannot read `missing\.nos`/);
    expect(code).toBe(1);
  });
});

describe("wrong usage", () => {
  test.each<[readonly string[], string]>([
    [[], "missing required argument `files`"],
    [["--explore", "0", "good.nos"], "option `--explore <n>` argument `0` is invalid"],
    [["--explore", "many", "good.nos"], "option `--explore <n>` argument `many` is invalid"],
    [["--explore", "5", "--seed", "x", "good.nos"], "option `--seed <n>` argument `x` is invalid"],
    [["--explor", "5", "good.nos"], "unknown option `--explor`"],
    [["-"], "`nostos test` takes files"],
    [["empty"], "there is no program below `empty`"],
  ])("%j", async (args, message) => {
    const { stdout, stderr, code } = await run(...args);
    expect(stderr).toContain(message);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
  });
});
