/** `nostos run --schedulers N`, as it ships: limits, signals, exit codes, and what happens when a thread is lost. */
import { describe, expect, test } from "vitest";
import { nostos, shell } from "../support/nostos.ts";

const run = (program: string, ...options: string[]) =>
  nostos(["run", "--schedulers", "2", ...options, "-"], { stdin: program });
const BUSY = "busy() = busy()\n";

test("says what processes on both say, and ends with main", async () => {
  const seen = await run(`main() = {
    me = self()
    spawn { println("from the other"); me <- 42 }
    receive { n -> n }
  }`);
  expect(seen).toEqual({ stdout: "from the other\n42\n", stderr: "", code: 0 });
});

describe("ends promptly while the other thread is busy", () => {
  test("when main returns", async () => {
    const seen = await run(`${BUSY}main() = { spawn { busy() }; sleep(50); println("over") }`);
    expect(seen).toEqual({ stdout: "over\n", stderr: "", code: 0 });
  });

  test("when main fails", async () => {
    const seen = await run(`${BUSY}main() = { spawn { busy() }; sleep(50); panic("no more") }`);
    expect([seen.code, seen.stderr]).toEqual([1, expect.stringContaining("no more")]);
  });

  test("at Ctrl-C", async () => {
    const seen = await nostos(["run", "--schedulers", "2", "-"], {
      stdin: `${BUSY}main() = { spawn { busy() }; println("busy"); receive { "never" -> () } }`,
      onOutput: (_, kill) => kill("SIGINT"),
    });
    expect([seen.code, seen.stderr]).toEqual([130, expect.stringContaining("interrupted")]);
  });

  test("when the budget is used up there", async () => {
    const seen = await run(
      `${BUSY}main() = { spawn { busy() }; receive { "never" -> () } }`,
      "--max-reductions",
      "1e6",
    );
    expect([seen.code, seen.stderr]).toEqual([1, expect.stringContaining("1000000 reductions")]);
  });

  test("when the reader of its lines leaves", async () => {
    const program = `say(n) = { println(n); say(n + 1) }
      main() = { for _ = 0 to 3 { spawn { say(0) } }; receive { "never" -> () } }`;
    const line =
      'printf "%s" "$PROGRAM" | timeout 20 "$NOSTOS" run --schedulers 2 - | head -1; echo "${PIPESTATUS[1]}"';
    expect(await shell(line, { env: { PROGRAM: program } })).toEqual({ stdout: "0\n0\n", stderr: "", code: 0 });
  });
});

describe("memory", () => {
  const EAT = "eat(all, n) = eat([n, n, n, n, n, n, n, n] :: all, n + 1)\n";

  test("a process that eats all of its scheduler's share dies alone", async () => {
    const seen = await run(
      `${EAT}main() = {
        me = self()
        p = spawn { eat([], 0) }
        while Process.alive(p) { sleep(5) }
        for _ = 0 to 2 { spawn { me <- 1 } }
        println([receive { n -> n } for _ in range(2)])
      }`,
      "--max-heap",
      "128M",
    );
    expect([seen.stdout, seen.code]).toEqual(["[1, 1]\n", 0]);
    expect(seen.stderr).toContain("out of memory (process");
  });

  // with the young generation of the command's first line V8 sometimes ends the whole process instead, in its own words
  test("a thread that V8 ends for lack of memory ends the program with a clear error", async () => {
    const program = "main() = { me = self(); spawn { me <- length(range(10000000)) }; println(receive { n -> n }) }";
    const line = 'printf "%s" "$PROGRAM" | node --max-old-space-size=100 "$NOSTOS" run --schedulers 2 -';
    const seen = await shell(line, { env: { PROGRAM: program, NOSTOS_MOVES: "1" } });
    expect([seen.stdout, seen.code]).toEqual(["", 1]);
    expect(seen.stderr).toContain("out of memory (scheduler 1)");
  });
});

describe("usage", () => {
  test.each([
    [["--schedulers", "0"], "from 1 to 64"],
    [["--schedulers", "65"], "from 1 to 64"],
    [["--schedulers", "two"], "from 1 to 64"],
    [["--schedulers", "2", "--seed", "1"], "on one scheduler"],
    [["--schedulers", "4", "--max-heap", "63M"], "the least is 64M"],
  ])("%s", async (options, text) => {
    const seen = await nostos(["run", ...options, "-"], { stdin: "main() = println(1)" });
    expect([seen.stdout, seen.code]).toEqual(["", 2]);
    expect(seen.stderr).toContain(text);
  });

  test("one scheduler and a seed, or as many as there may be", async () => {
    const program =
      "main() = { me = self(); for n = 0 to 5 { spawn { me <- n } }; println(sort([receive { n -> n } for _ in range(5)])) }";
    for (const options of [
      ["--schedulers", "1", "--seed", "1"],
      ["--schedulers", "64"],
    ]) {
      const seen = await nostos(["run", ...options, "-"], { stdin: program });
      expect(seen).toEqual({ stdout: "[0, 1, 2, 3, 4]\n", stderr: "", code: 0 });
    }
  });
});
