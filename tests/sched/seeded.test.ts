/** A seed decides everything: what one run printed, the next prints too, and another seed may print something else. */
import "../support/check-on.ts";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { loadProject, projectOfText } from "../../cli/project.ts";
import { explainExit, explainOutcome } from "../../cli/report.ts";
import type { InputLines } from "../../vm/host/native.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { seededChance, virtualTime } from "../../vm/host/seeded-chance.ts";
import { splitmix64, Xoshiro128 } from "../../vm/host/xoshiro.ts";
import { runUnit, TextSink } from "../../vm/index.ts";
import { root } from "../support/nostos.ts";
import { programsBelow } from "../support/programs.ts";

process.chdir(root);

type Unit = NonNullable<ReturnType<typeof compile>["unit"]>;

function unitOf(text: string): Unit {
  const { unit, diagnostics } = compile(projectOfText("test.nos", text));
  if (unit === undefined) throw new Error(JSON.stringify(diagnostics));
  return unit;
}

const NO_INPUT: InputLines = { readLine: (done) => done(undefined), readAll: (done) => done("") };

interface Settings {
  readonly stdin?: InputLines;
  readonly args?: readonly string[];
  readonly sliceReductions?: number;
}

/** Everything that such a run shows. */
async function runSeeded(unit: Unit, seed: bigint, settings: Settings = {}): Promise<string> {
  const sink = new TextSink();
  const facts = { sources: [], maxReductions: undefined };
  const told = (diagnostic: unknown): void => sink.writeError(`${JSON.stringify(diagnostic)}\n`);
  const outcome = await runUnit(unit, {
    stdin: NO_INPUT,
    ...settings,
    natives: NATIVES,
    sink,
    chance: seededChance(seed),
    maxReductions: 200_000_000,
    onReport: (report) => told(explainExit(report, facts)),
  });
  const last = explainOutcome(outcome, facts);
  if (last !== undefined) told(last);
  return sink.out + sink.error;
}

async function outputsOf(text: string, seeds: number): Promise<Set<string>> {
  const unit = unitOf(text);
  const outputs = new Set<string>();
  for (let seed = 1n; seed <= seeds; seed++) outputs.add(await runSeeded(unit, seed));
  return outputs;
}

describe("the generators", () => {
  test("xoshiro128** draws what its authors' program draws from 1, 2, 3, 4", () => {
    const generator = new Xoshiro128(1, 2, 3, 4);
    expect(Array.from({ length: 10 }, () => generator.next())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  test("splitmix64 draws what its author's program draws from 1234567", () => {
    const next = splitmix64(1234567n);
    expect([next(), next(), next()]).toEqual([6457827717110365317n, 3203168211198807973n, 9817491932198370423n]);
    expect(splitmix64(-1n)()).toBe(splitmix64(2n ** 64n - 1n)());
  });

  test("fractions are in [0, 1), choices in range and about alike, slices from 1 to the longest", () => {
    const { random, pick, sliceLength } = seededChance(5n);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const fraction = random();
      expect(fraction >= 0 && fraction < 1).toBe(true);
      const picked = pick!(10, (position) => position);
      counts[picked]!++;
      const length = sliceLength!(2000);
      expect(length >= 1 && length <= 2000 && Number.isInteger(length)).toBe(true);
      expect(sliceLength!(1)).toBe(1);
    }
    for (const count of counts) expect(count).toBeGreaterThan(800);
    expect(pick!(1, () => 1)).toBe(0);
  });
});

describe("one seed, one output; other seeds, others", () => {
  const race = unitOf(readFileSync("examples/race.nos", "utf8"));

  test("timers, random numbers and races, twenty times each", async () => {
    const settings = { args: ["show"] };
    const same = new Set<string>();
    for (let i = 0; i < 20; i++) same.add(await runSeeded(race, 7n, settings));
    expect(same.size).toBe(1);
    const different = new Set<string>();
    for (let seed = 0n; seed < 20n; seed++) different.add(await runSeeded(race, seed, settings));
    expect(different.size).toBeGreaterThan(10);
  });

  test("who is ready first among equals", async () => {
    const text = `main() = {
      me = self()
      for n = 0 to 4 { spawn { me <- n } }
      println([receive { n -> n } for _ in range(4)])
    }`;
    expect((await outputsOf(text, 100)).size).toBe(24); // every order of four
  });

  test("whose timer of one instant goes first, and whether a message comes before a deadline of that instant", async () => {
    const timers = `main() = {
      me = self()
      for n = 0 to 3 { spawn { sleep(10); me <- n } }
      println([receive { n -> n } for _ in range(3)])
    }`;
    expect((await outputsOf(timers, 60)).size).toBe(6);
    const deadline = `main() = {
      me = self()
      spawn { sleep(10); me <- "message" }
      println(receive { text -> text after 10 -> "deadline" })
    }`;
    expect([...(await outputsOf(deadline, 30))].sort()).toEqual(["deadline\n", "message\n"]);
  });

  test("also where a process is cut in the midst of its work", async () => {
    const text = `mvar count: Int = 0
      add(n) = if n == 0 then () else { seen = count; work(20); count = seen + 1; add(n - 1) }
      work(n) = if n == 0 then () else work(n - 1)
      main() = {
        me = self()
        for _ = 0 to 2 { spawn { add(20); me <- "done" } }
        for _ = 0 to 2 { receive { "done" -> () } }
        println(count)
      }`;
    expect((await outputsOf(text, 20)).size).toBeGreaterThan(1);
  });
});

/** What a worker can do, as it is written. */
const STEPS = {
  send: (_, worker, position) => `judge <- (${worker}, ${position})`,
  sleep: (n) => `sleep(${n})`,
  work: (n) => `work(${n * 300})`,
  print: (_, worker, position) => `println("${worker} prints ${position}")`,
  count: (n) => `{ seen = count; work(${n}); count = seen + 1 }`,
  draw: () => "if Random.int(0, 1) == 0 then sleep(1) else work(50)",
  ask: (n) => `receive { _ -> () after ${n} -> () }`,
} satisfies Record<string, (n: number, worker: number, position: number) => string>;
type Step = readonly [keyof typeof STEPS, number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])),
  fc.integer({ min: 0, max: 6 }),
);
const workers = fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 8 });

/** Workers that do such steps, number what they send, and say when they have done; main prints what it gets. */
function programOf(steps: readonly (readonly Step[])[]): string {
  const bodies = steps.map((each, worker) => {
    const lines = each.map(([kind, n], position) => STEPS[kind](n, worker, position));
    return `worker${worker}(judge) = {\n  ${[...lines, `judge <- (${worker}, 99)`].join("\n  ")}\n}`;
  });
  const messages = steps.flat().filter(([kind]) => kind === "send").length + steps.length;
  return `mvar count: Int = 0
work(n) = if n == 0 then () else work(n - 1)
${bodies.join("\n")}
main() = {
  judge = self()
${steps.map((_, worker) => `  spawn { worker${worker}(judge) }`).join("\n")}
  for _ = 0 to ${messages} { receive { (worker, position) -> println("got \${worker} \${position}") } }
  println((count, Time.now(), Random.float()))
}`;
}

describe("generated programs", () => {
  test("come out the same twice, lose no message, and keep each sender's order", async () => {
    await fc.assert(
      fc.asyncProperty(workers, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), async (steps, seed) => {
        const unit = unitOf(programOf(steps));
        const seen = await runSeeded(unit, seed);
        expect(await runSeeded(unit, seed)).toBe(seen);
        for (const [worker, each] of steps.entries()) {
          const sent = each.flatMap(([kind], position) => (kind === "send" ? [position] : []));
          const got = Array.from(seen.matchAll(new RegExp(`^got ${worker} (\\d+)$`, "gm")), ([, n]) => Number(n));
          expect(got).toEqual([...sent, 99]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("the project's own programs", () => {
  const programs = programsBelow("tests/lang").filter(({ text }) => /\b(?:spawn|receive|sleep|Random)\b/.test(text));
  test.each(programs.map(({ name, path }) => [name, path]))("come out the same twice: %s", async (_, path) => {
    const { unit } = compile(loadProject(relative(root, path)));
    for (const seed of [11n, 12n]) expect(await runSeeded(unit!, seed)).toBe(await runSeeded(unit!, seed));
  });
});

describe("time", () => {
  test("starts at the same moment, stands while somebody runs, and jumps when nobody can", async () => {
    const text = `main() = {
      start = Time.now()
      for _ = 0 to 100000 { () }
      println((start, Time.now() - start, Runtime.uptimeMs()))
      sleep(86400000)
      println((Time.now() - start, Runtime.uptimeMs(), Process.time(self())))
    }`;
    const startedMs = performance.now();
    expect(await outputsOf(text, 3)).toEqual(new Set(["(1700000000000, 0, 0)\n(86400000, 86400000, 86400000)\n"]));
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  test("waits without work for what only the world outside can bring", async () => {
    const time = virtualTime();
    let woken = 0;
    const cancel = time.sleepUntil(Number.POSITIVE_INFINITY, () => woken++);
    await new Promise((resolve) => setTimeout(resolve, 30));
    cancel();
    expect([woken, time.monotonic()]).toEqual([0, 0]);
  });

  test("passes for who waits by looking at the clock, and for who sleeps beside one that never does", async () => {
    const spin = `wait(until) = if Time.now() >= until then "there" else wait(until)
      main() = println(wait(Time.now() + 50))`;
    expect(await outputsOf(spin, 2)).toEqual(new Set(["there\n"]));
    const busy = `busy() = busy()
      main() = { spawn { busy() }; sleep(30); println("awake") }`;
    expect(await outputsOf(busy, 2)).toEqual(new Set(["awake\n"]));
  });

  test("nobody is left out: who is ready runs, beside a hundred that are always ready", async () => {
    const text = `busy() = busy()
      main() = {
        me = self()
        for _ = 0 to 100 { spawn { busy() } }
        spawn { me <- "I ran" }
        println(receive { text -> text })
      }`;
    expect(await outputsOf(text, 5)).toEqual(new Set(["I ran\n"]));
  });
});

test("what a program can ask about the machine is the same for all", async () => {
  const text = `main() = {
    println((Runtime.pid(), Runtime.memoryKb(), Runtime.threadCount(), Time.timezone(), Time.timezoneOffset()))
    println((Gc.collect(), Gc.stats()))
    println(Time.format(Time.now(), "%Y-%m-%d %H:%M:%S"))
  }`;
  const [seen, ...others] = await outputsOf(text, 3);
  expect(others).toEqual([]);
  expect(seen).toContain('(1, 65536, 1, "UTC", 0)');
  expect(seen).toContain("2023-11-14 22:13:20");
});

describe("standard input", () => {
  const reader = unitOf(`loop(name, judge) = match Stdin.readLine() {
      Some(line) -> { println("\${name} \${line} \${Time.now()}"); judge <- 1; sleep(Random.int(0, 2)); loop(name, judge) }
      None -> judge <- 0
    }
    tick(n) = if n == 0 then () else { println("tick \${n}"); sleep(1); tick(n - 1) }
    count(left) = if left == 0 then () else receive { 0 -> count(left - 1)
      _ -> count(left) }
    main() = {
      me = self()
      for name in ["a", "b", "c"] { spawn { loop(name, me) } }
      spawn { tick(10) }
      count(3)
    }`);

  /** Lines that come when the host pleases. */
  function lines(count: number, delayMs: (n: number) => number | undefined): InputLines {
    let n = 0;
    const answer = (go: () => void): void => {
      const ms = delayMs(n);
      if (ms === undefined) go();
      else setTimeout(go, ms);
    };
    return {
      readLine: (done) => {
        const line = n < count ? `line ${n++}` : undefined;
        answer(() => done(line));
      },
      readAll: (done) => answer(() => done("")),
    };
  }

  test("is read in program order, however early or late it comes", async () => {
    for (const seed of [1n, 2n, 3n]) {
      const atOnce = await runSeeded(reader, seed, { stdin: lines(12, () => undefined) });
      expect(atOnce.match(/line/g)).toHaveLength(12);
      expect(await runSeeded(reader, seed, { stdin: lines(12, () => 3) })).toBe(atOnce);
      expect(await runSeeded(reader, seed, { stdin: lines(12, (n) => (n % 3 === 0 ? n : undefined)) })).toBe(atOnce);
    }
  });
});
