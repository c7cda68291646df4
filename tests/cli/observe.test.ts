/** What a run tells about itself when it is asked to: `--trace-jit`, `--profile`, and that the switches change nothing else. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nostos } from "../support/nostos.ts";

const PROGRAM = `fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)
twice(f, x) = f(f(x))
main() = {
    me = self()
    spawn { me <- fib(15) }
    answer = receive { n -> n }
    println((answer, twice(x => x + fib(18), 1)))
}
`;
const OUT = "(610, 5169)\n";
const FAILING = `${PROGRAM.replace("main()", "work()")}main() = { work(); 1 / 0 }\n`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "nostos-observe-"));
  writeFileSync(join(dir, "work.nos"), PROGRAM);
  writeFileSync(join(dir, "failing.nos"), FAILING);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly hitCount: number;
    readonly children: readonly number[];
  }[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

test("the same output with every setting of the compiler", async () => {
  for (const options of [[], ["--jitless"], ["--jit-threshold", "1"], ["--jit-threshold", "1e6"]])
    expect(await nostos([...options, "work.nos"], { cwd: dir }), options.join(" ")).toEqual({
      stdout: OUT,
      stderr: "",
      code: 0,
    });
  expect((await nostos(["eval", "--jit-threshold", "1", "sum([x * x for x in range(100)])"])).stdout).toBe("328350\n");
});

describe("--trace-jit", () => {
  test("lines while it runs, then tables, on stderr, in the names of the program", async () => {
    const { stdout, stderr, code } = await nostos(["--trace-jit", "--jit-threshold", "1", "work.nos"], { cwd: dir });
    expect({ stdout, code }).toEqual({ stdout: OUT, code: 0 });
    expect(stderr).toMatch(/^jit: compiled fib \(work\.nos:1\).*: \d+\.\d ms, \d+\.\d KB$/m);
    expect(stderr).toMatch(/^jit: compiled \d+ pieces in \d+\.\d ms, \d+\.\d KB/m);
    expect(stderr).toMatch(/^ +time +size +functions +code$/m);
    expect(stderr).toMatch(/^jit: left compiled code \d+ times?$/m);
    expect(stderr).toMatch(/^ +\d+ +its slice was over +\S.* \(work\.nos:\d+\)/m);
  });

  test("nothing was hot: that is said", async () => {
    const { stderr } = await nostos(["--trace-jit", "--jit-threshold", "1e9", "work.nos"], { cwd: dir });
    expect(stderr).toContain("jit: compiled 0 pieces");
    expect(stderr).toContain("jit: left compiled code 0 times");
  });
});

describe("--profile", () => {
  test.each([[[]], [["--jitless"]]])(
    "a table, and a file that Chrome opens, %j",
    async (options: readonly string[]) => {
      const { stdout, stderr, code } = await nostos([...options, "--profile", "work.nos"], { cwd: dir });
      expect({ stdout, code }).toEqual({ stdout: OUT, code: 0 });
      expect(stderr).toMatch(/^profile: \d+\.\d ms of running in \d+ samples; work\.cpuprofile has them all$/m);
      const profile = JSON.parse(readFileSync(join(dir, "work.cpuprofile"), "utf8")) as CpuProfile;
      const ids = new Set(profile.nodes.map(({ id }) => id));
      expect(profile.samples.length).toBe(profile.timeDeltas.length);
      expect(profile.samples.every((id) => ids.has(id))).toBe(true);
      expect(profile.nodes.every(({ children }) => children.every((id) => ids.has(id)))).toBe(true);
      expect(profile.nodes.reduce((sum, { hitCount }) => sum + hitCount, 0)).toBe(profile.samples.length);
      expect(profile.endTime - profile.startTime).toBe(profile.timeDeltas.reduce((sum, us) => sum + us, 0));
      expect(profile.nodes[0]?.callFrame.functionName).toBe("(root)");
      expect(readdirSync(dir).filter((name) => name.endsWith(".new"))).toEqual([]);
    },
  );

  test("its table names functions, own and total, with their places", async () => {
    const { stderr } = await nostos(["--jitless", "--profile", "work.nos"], { cwd: dir });
    expect(stderr).toMatch(/^ +own +total +function$/m);
    expect(stderr).toMatch(/^ +\d+\.\d ms +\d+\.\d % +\d+\.\d ms +\d+\.\d % {2}fib \(work\.nos:1\)$/m);
  });

  test("also of a program that fails, after its report", async () => {
    const { stdout, stderr, code } = await nostos(["--profile", "failing.nos"], { cwd: dir });
    expect({ stdout, code }).toEqual({ stdout: OUT, code: 1 });
    expect(stderr).toMatch(/Division by zero[\s\S]*^profile: /m);
    expect(readdirSync(dir)).toContain("failing.cpuprofile");
  });

  test("of text and of a project it has a name too", async () => {
    await nostos(["eval", "--profile", "1 + 1"], { cwd: dir });
    await nostos(["run", "--profile", "-"], { cwd: dir, stdin: PROGRAM });
    expect(readdirSync(dir)).toEqual(expect.arrayContaining(["eval.cpuprofile", "stdin.cpuprofile"]));
  });

  test("a file that cannot be written is said, and the program's code stays", async () => {
    writeFileSync(join(dir, "odd.nos"), PROGRAM);
    const { stdout, stderr, code } = await nostos(["--profile", join(dir, "odd.nos")], { cwd: "/proc" });
    expect({ stdout, code }).toEqual({ stdout: OUT, code: 0 });
    expect(stderr).toContain("cannot write `odd.cpuprofile`");
  });
});

describe("--trace-procs", () => {
  const TRACED = `main() = {
    p = spawn { receive { ("go", n) -> panic("no " ++ show(n)) } }
    register("worker", p)
    ref = monitor(p)
    sendNamed("worker", ("go", 7))
    receive { Down(^ref, _, _) -> println("over") }
}
`;

  test("what processes do, a line each", async () => {
    writeFileSync(join(dir, "traced.nos"), TRACED);
    const { stdout, stderr, code } = await nostos(["--trace-procs", "traced.nos"], { cwd: dir });
    expect({ stdout, code }).toEqual({ stdout: "over\n", code: 0 });
    expect(stderr.split("\n").filter((line) => line.startsWith("<pid"))).toEqual([
      "<pid 1> spawned by the host: main",
      "<pid 2> spawned by <pid 1>: spawned block",
      '<pid 2> is registered as "worker"',
      "<pid 1> signals <pid 2> monitor",
      '<pid 1> sends <pid 2> ("go", 7)',
      '<pid 2> receives ("go", 7)',
      String.raw`<pid 2> exits: Error("(\"Panic\", \"no 7\")")`,
      String.raw`<pid 2> signals <pid 1> down: Error("(\"Panic\", \"no 7\")")`,
      String.raw`<pid 1> receives Down(<ref 1>, <pid 2>, Error("(\"Panic\", \"no 7\")"))`,
      String.raw`<pid 1> prints "over\n"`,
      "<pid 1> exits: Normal",
    ]);
  });

  test("as JSON lines", async () => {
    writeFileSync(join(dir, "traced.nos"), TRACED);
    const { stderr } = await nostos(["run", "--seed", "1", "--trace-procs=json", "traced.nos"], { cwd: dir });
    const events = stderr.split("\n").filter((line) => line.startsWith("{"));
    expect(events.map((line) => JSON.parse(line))).toContainEqual({
      kind: "sent",
      from: 1,
      to: 2,
      message: '("go", 7)',
    });
  });

  test.each(["2", "4"])(
    "with %s schedulers: each line once, what is sent before it is received",
    async (schedulers) => {
      writeFileSync(
        join(dir, "many.nos"),
        `worker(owner) = receive { n -> { owner <- (n, fib(15))
    worker(owner) } }
fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)
main() = {
    me = self()
    ps = [spawn { worker(me) } for _ in range(20)]
    for round = 0 to 20 { for p in ps { p <- round } }
    for _ = 0 to 400 { receive { _ -> () } }
}
`,
      );
      const args = ["run", "--schedulers", schedulers, "--trace-procs=json", "many.nos"];
      const { stderr, code } = await nostos(args, { cwd: dir, env: { NOSTOS_MOVES: "1" } });
      expect(code).toBe(0);
      type Told = { kind: string; pid: number; by: number; from: number; to: number; message: string };
      const told = stderr
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Told);
      expect(told.filter(({ kind }) => kind === "spawned").map(({ by }) => by)).toEqual([0, ...Array(20).fill(1)]);
      const inMailbox = new Map<string, number>();
      for (const { kind, pid, to, message } of told) {
        const key = `${kind === "sent" ? to : pid} ${message}`;
        if (kind === "sent") inMailbox.set(key, (inMailbox.get(key) ?? 0) + 1);
        if (kind !== "received") continue;
        expect(inMailbox.get(key), key).toBeGreaterThan(0);
        inMailbox.set(key, inMailbox.get(key)! - 1);
      }
      expect(told.filter(({ kind }) => kind === "received")).toHaveLength(800);
      expect(told.filter(({ kind }) => kind === "sent")).toHaveLength(800);
    },
  );
});

describe("--mailbox-warning", () => {
  const FLOODED = `main() = {
    me = self()
    flooded = spawn {
        register("flooded", self())
        me <- "ready"
        receive { "never" -> () }
    }
    receive { "ready" -> () }
    for k = 0 to 100 { flooded <- show(k) }
    println("sent")
}
`;
  const warningsOf = (stderr: string): string[] => stderr.split("\n").filter((line) => line.includes("[mailbox]"));

  test.each(["1", "2"])("once, and at each doubling, with %s schedulers", async (schedulers) => {
    writeFileSync(join(dir, "flooded.nos"), FLOODED);
    const args = ["run", "--schedulers", schedulers, "--mailbox-warning", "25", "flooded.nos"];
    const { stdout, stderr } = await nostos(args, { cwd: dir });
    expect(stdout).toBe("sent\n");
    // at the end of main nobody waits for what comes from other schedulers
    if (schedulers === "1")
      expect(warningsOf(stderr)).toEqual(
        [25, 50, 100].map(
          (count) =>
            `flooded.nos:6:9: warning: ${count} messages wait in one mailbox (process <pid 2>, "flooded")  [mailbox]`,
        ),
      );
  });

  test("never, or not yet", async () => {
    writeFileSync(join(dir, "flooded.nos"), FLOODED);
    expect(await nostos(["--mailbox-warning", "0", "flooded.nos"], { cwd: dir })).toMatchObject({ stderr: "" });
    expect(await nostos(["flooded.nos"], { cwd: dir })).toMatchObject({ stderr: "" });
  });
});

describe("the report of a crash", () => {
  const CRASH = `worker() = receive {
    "bad" -> throw("boom")
    (0, _) -> ()
}
main() = {
    p = spawn { worker() }
    register("the worker", p)
    p <- "bad"
    for k = 1 to 6 { p <- (k, "later") }
    ref = monitor(p)
    receive { Down(^ref, _, _) -> () }
    sleep(100)
}
`;

  test.each(["1", "2"])("has its names and what was left in its mailbox, with %s schedulers", async (schedulers) => {
    writeFileSync(join(dir, "crash.nos"), CRASH);
    const { stderr } = await nostos(["run", "--schedulers", schedulers, "crash.nos"], { cwd: dir });
    expect(stderr).toContain('Uncaught exception: boom (process worker, <pid 2>, "the worker")  [process-crash]');
    expect(stderr).toMatch(/In its mailbox, \d messages, the oldest first:\n {4}\(1, "later"\)\n {4}\(2, "later"\)\n/);
  });
});
