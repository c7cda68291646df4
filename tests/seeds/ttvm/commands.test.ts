/**
 * The `ttvm …` command lines of the two documents on TinyTotVM, run word for word by a shell.
 *
 * Our `examples/` has the files that they name, with what they print. `concurrency_test.ttvm` is the block of that document;
 * of the others the documents only tell what they show, so they are ours.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ran, root, shell } from "../../support/nostos.ts";

const directory = mkdtempSync(join(tmpdir(), "ttvm-seeds-"));
const programs = readdirSync(join(root, "examples"))
  .filter((name) => name.endsWith(".ttvm"))
  .map((name) => name.slice(0, -".ttvm".length));
/** What the example prints. */
const outOf = (name: string): string => readFileSync(join(root, "examples", `${name}.out`), "utf8");
const BASIC = "=== Basic Concurrency Test ===\n3\nAfter yield\n30\n";

beforeAll(() => {
  for (const name of programs) {
    cpSync(join(root, "examples", `${name}.ttvm`), join(directory, "examples", `${name}.ttvm`));
    cpSync(join(root, "examples", `${name}.out`), join(directory, "examples", `${name}.out`));
  }
  for (const name of ["my_program", "program", "your_program"])
    cpSync(join(directory, "examples/concurrency_test.ttvm"), join(directory, `${name}.ttvm`));
  symlinkSync(join(root, "dist/ttvm.cjs"), join(directory, "ttvm"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function run(line: string): Promise<Ran> {
  return shell(line, { cwd: directory, env: { PATH: `${directory}:${process.env.PATH}` } });
}

/** The scheduler's lines around what these processes say when they end. */
const banner = (...pids: number[]): string =>
  [
    "Running with BEAM-style SMP scheduler...",
    "Creating scheduler pool with 1 threads (CPU cores)",
    ...pids.map((pid) => `Process ${pid} exiting with reason: normal`),
    "SMP scheduler shutdown complete\n",
  ].join("\n");

describe("seed 001", () => {
  test("Quick Start Example: the whole script; program lines on stdout, the scheduler's on stderr", async () => {
    const script = `echo 'PUSH_STR "Process starting"
PRINT
PUSH_INT 1
PUSH_INT 2
ADD
PRINT
YIELD
PUSH_STR "After yield"
PRINT
HALT' > test_concurrency.ttvm

# Run with SMP scheduler
ttvm --smp test_concurrency.ttvm`;
    expect(await run(script)).toEqual({ code: 0, stdout: "Process starting\n3\nAfter yield\n", stderr: banner(1) });
  });

  test("ttvm --smp examples/concurrency_test.ttvm, and program.ttvm, your_program.ttvm", async () => {
    for (const file of ["examples/concurrency_test.ttvm", "program.ttvm", "your_program.ttvm"])
      expect(await run(`ttvm --smp ${file}`)).toEqual({ code: 0, stdout: BASIC, stderr: banner(1) });
  });

  test.each([
    "ttvm compile my_program.ttvm my_program.ttb\nttvm --smp my_program.ttb",
    "ttvm compile program.ttvm program.ttb\nttvm --smp program.ttb",
    "ttvm compile examples/concurrency_test.ttvm test.ttb\nttvm --smp test.ttb", // /tmp/test.ttb in the document
  ])("%s", async (lines) => {
    const to = lines.split("\n")[0]?.split(" ")[3];
    expect(await run(lines)).toEqual({ code: 0, stdout: `Compiled to ${to}\n${BASIC}`, stderr: banner(1) });
  });

  test("ttvm examples/simple_concurrency_demo.ttvm, and with --smp: the same program lines", async () => {
    const stdout = "sent_to_demo\n1\nHello, me\n";
    expect(await run("ttvm examples/simple_concurrency_demo.ttvm")).toEqual({ code: 0, stdout, stderr: "" });
    expect(await run("ttvm --smp examples/simple_concurrency_demo.ttvm")).toEqual({
      code: 0,
      stdout,
      stderr: banner(1),
    });
  });

  test("time ttvm, both ways", async () => {
    for (const flag of ["", "--smp "]) {
      const { code, stdout, stderr } = await run(`time ttvm ${flag}examples/concurrency_test.ttvm`);
      expect({ code, stdout }).toEqual({ code: 0, stdout: BASIC });
      expect(stderr).toContain("real");
    }
  });

  test.each(
    (
      "test-concurrency test-multithreaded test-message-passing test-process-spawning test-register-whereis " +
      "test-yield-comprehensive test-spawn-comprehensive test-send-receive-comprehensive test-concurrency-bytecode " +
      "test-smp-concurrency test-monitoring-linking test-trap-exit test-supervisor-tree test-selective-receive test-process-registry"
    ).split(" "),
  )("ttvm %s: each claim, in many interleavings", async (command) => {
    const { code, stdout, stderr } = await run(`ttvm ${command}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^(ok {6}.*\n)+${command} passed\n$`));
  });

  test("ttvm test-all: the claims of all of these, and the programs of examples/", async () => {
    const { code, stdout, stderr } = await run("ttvm test-all");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const claims = stdout.split("\n").filter((line) => !line.includes("examples"));
    expect(claims.length).toBeGreaterThan(15);
    const shown = programs.map((name) => `ok      examples/${name}.ttvm\n`).join("");
    expect(stdout.endsWith(`${shown}test-all passed\n`)).toBe(true);
  });

  test("ttvm test-all says which programs fail, print something else, or only wait", async () => {
    const other = mkdtempSync(join(tmpdir(), "ttvm-all-"));
    const write = (name: string, text: string): void => {
      cpSync(join(root, "examples/simple_concurrency_demo.ttvm"), join(other, "examples", name));
      writeFileSync(join(other, "examples", name), text);
    };
    write("a.ttvm", "LOAD nothing");
    write("b.ttvm", "PUSH_INT 1\nPRINT");
    write("b.out", "2\n");
    write("c.ttvm", "RECEIVE");
    write("d.ttvm", "FOO");
    write("e.ttvm", "READ_LINE\nPRINT\nPUSH_INT 3\nEXIT");
    const { code, stdout } = await shell("ttvm test-all", {
      cwd: other,
      env: { PATH: `${directory}:${process.env.PATH}` },
    });
    rmSync(other, { recursive: true });
    expect(code).toBe(1);
    expect(stdout.slice(stdout.indexOf("failed"))).toBe(`failed  examples/a.ttvm
        Error: Undefined variable: nothing (process main, <pid 1>)
failed  examples/b.ttvm
        it does not print examples/b.out, but:
        1

waits   examples/c.ttvm
failed  examples/d.ttvm
        there is no instruction \`FOO\`
failed  examples/e.ttvm
        it ended with exit code 3
test-all: 4 failed
`);
  });
});

describe("seed 002", () => {
  const MESSAGES = outOf("02_message_passing");
  const NAMES = outOf("03_name_registry");

  test("ttvm examples/01_process_spawning.ttvm", async () => {
    expect(await run("ttvm examples/01_process_spawning.ttvm")).toEqual({
      code: 0,
      stdout: outOf("01_process_spawning"),
      stderr: "",
    });
  });

  test("ttvm examples/02_message_passing.ttvm, also with --debug: each instruction on stderr", async () => {
    expect(await run("ttvm examples/02_message_passing.ttvm")).toEqual({ code: 0, stdout: MESSAGES, stderr: "" });
    const { code, stdout, stderr } = await run("ttvm --debug examples/02_message_passing.ttvm");
    expect({ code, stdout }).toEqual({ code: 0, stdout: MESSAGES });
    expect(stderr.split("\n").slice(0, 2)).toEqual([
      '[1] IP: 0, Instruction: REGISTER "main", Stack size: 0',
      '[1] IP: 1, Instruction: PUSH_STR "echo", Stack size: 1',
    ]);
  });

  test("ttvm examples/03_name_registry.ttvm, also with --trace-procs: what processes do, on stderr", async () => {
    expect(await run("ttvm examples/03_name_registry.ttvm")).toEqual({ code: 0, stdout: NAMES, stderr: "" });
    expect(await run("ttvm --trace-procs examples/03_name_registry.ttvm")).toEqual({
      code: 0,
      stdout: NAMES,
      stderr: `Process 1 spawned process 2
Process 1 sent message to process 2
Process 2 received a message
Process 2 exiting with reason: normal
Process 1 exiting with reason: normal
`,
    });
  });

  test("ttvm examples/04_comprehensive_workflow.ttvm, also with --no-smp", async () => {
    for (const flag of ["", "--no-smp "]) {
      const ran = await run(`ttvm ${flag}examples/04_comprehensive_workflow.ttvm`);
      expect(ran).toEqual({ code: 0, stdout: outOf("04_comprehensive_workflow"), stderr: "" });
    }
  });

  test("ttvm examples/coffee_shop_demo.ttvm, which the document says may hang: it does not", async () => {
    const stdout = outOf("coffee_shop_demo");
    expect(await run("ttvm examples/coffee_shop_demo.ttvm")).toEqual({ code: 0, stdout, stderr: "" });
  });

  test("ttvm test-coffee-shop", async () => {
    expect(await run("ttvm test-coffee-shop")).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("the command", () => {
  const bytes = (...parts: number[]): Buffer => Buffer.from(parts);

  test("reads TinyTotVM's own files", async () => {
    writeFileSync(join(directory, "own.ttb"), bytes(0x02, 0, 2, 0, 0x68, 0x69, 0x40, 0, 0xff, 0));
    expect(await run("ttvm own.ttb")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
  });

  test("says what is wrong with a file, a flag, a program", async () => {
    writeFileSync(join(directory, "wild.ttb"), bytes(0x99, 0));
    writeFileSync(join(directory, "wait.ttvm"), "PUSH_INT 1\nPRINT\nRECEIVE\n");
    writeFileSync(join(directory, "fails.ttvm"), 'PUSH_INT 1\nPUSH_STR "x"\nADD\n');
    const told = async (line: string): Promise<[number | string, string]> => {
      const { code, stderr } = await run(line);
      return [code, (stderr.split("\n")[0] as string).trim()];
    };
    expect(await told("ttvm wild.ttb")).toEqual([1, expect.stringContaining("there is no instruction 0x0099")]);
    expect(await told("ttvm nothing.ttvm")).toEqual([1, expect.stringContaining("nothing.ttvm")]);
    expect(await told("ttvm nothing.ttb")).toEqual([1, expect.stringContaining("there is no such file")]);
    expect(await told("ttvm wait.ttvm")).toEqual([1, expect.stringContaining("wait.ttvm:3:1: deadlock")]);
    expect(await told("ttvm fails.ttvm")).toEqual([
      1,
      'fails.ttvm:3:1: Error: ADD expects two numbers (int or float) but got Int(1), Str("x") (process main, <pid 1>)  [uncaught-error]',
    ]);
    expect(await told("ttvm test-coffee-shop x")).toEqual([2, expect.stringContaining("`x` is one argument too many")]);
    expect(await told("ttvm --smpp x")).toEqual([2, expect.stringContaining("unknown flag `--smpp`")]);
    expect(await told("ttvm --optimize x")).toEqual([2, expect.stringContaining("`--optimize` is not supported yet")]);
    expect(await told("ttvm compile x")).toEqual([2, expect.stringContaining("takes two files")]);
    expect(await told("ttvm")).toEqual([2, expect.stringContaining("Usage: ttvm")]);
  });

  test("gives a program what stands behind it, its input, and its exit code; --debug shows each instruction once", async () => {
    writeFileSync(
      join(directory, "args.ttvm"),
      "GET_ARGS\nPRINT\nREAD_LINE\nPRINT\nPUSH_STR gone\nPUSH_STR out.txt\nWRITE_FILE\nPUSH_INT 7\nEXIT\n",
    );
    expect(await run("echo hello | ttvm args.ttvm a --debug")).toEqual({
      code: 7,
      stdout: "[ttvm, args.ttvm, a, --debug]\nhello\n",
      stderr: "",
    });
    const { stderr } = await run("echo hello | ttvm --debug args.ttvm");
    const shown = Array.from(stderr.matchAll(/IP: (\d+)/g), ([, ip]) => Number(ip));
    expect(shown).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("IMPORT looks from the working directory, then beside the program; what is wrong in a module is told", async () => {
    writeFileSync(join(directory, "examples/lib.ttvm"), "PUSH_INT 5\nSTORE five\nEXPORT five\n");
    writeFileSync(
      join(directory, "examples/beside.ttvm"),
      "IMPORT lib.ttvm\nLOAD five\nPRINT\nIMPORT examples/lib.ttvm\n",
    );
    expect(await run("ttvm examples/beside.ttvm")).toEqual({ code: 0, stdout: "5\n", stderr: "" });
    writeFileSync(join(directory, "bad.ttvm"), "NULL\nFOO\n");
    writeFileSync(join(directory, "imports.ttvm"), "IMPORT bad.ttvm\n");
    const bad = await run("ttvm imports.ttvm");
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain(
      "imports.ttvm:1:1: Error: IMPORT bad.ttvm: Parse error on line 2: there is no instruction `FOO`",
    );
    writeFileSync(join(directory, "bad.ttvm"), "NULL\nLOAD x\n");
    const failed = await run("ttvm imports.ttvm");
    expect(failed.stderr).toContain("Error: Undefined variable: x");
    expect(failed.stderr).toMatch(/1\. .*bad\.ttvm:2\)[\s\S]*2\. .*imports\.ttvm:1\)/);
    rmSync(join(directory, "examples/lib.ttvm"));
    rmSync(join(directory, "examples/beside.ttvm"));
  });

  test("SPAWN of a file that does not assemble: its problems, and a process that says so", async () => {
    writeFileSync(join(directory, "examples/broken.ttvm"), "FOO\n");
    writeFileSync(join(directory, "spawns.ttvm"), 'PUSH_STR "broken"\nSPAWN\nPRINT\n');
    const { code, stdout, stderr } = await run("ttvm spawns.ttvm");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "2\nFailed to load broken\n" });
    expect(stderr).toContain("examples/broken.ttvm:1:1: there is no instruction `FOO`");
  });
});
