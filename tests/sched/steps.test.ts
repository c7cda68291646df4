/** Long operations share the scheduler: others run in their middle, may end them there, and pay nothing for it. */
import "../support/check-on.ts";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { projectOfText } from "../../cli/project.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { seededChance, TextSink } from "../../vm/index.ts";
import { NOSTOS } from "../../vm/interp/interpreter.ts";
import { link } from "../../vm/interp/link.ts";
import type { Outcome } from "../../vm/interp/report.ts";
import { Machine, type MachineOptions } from "../../vm/sched/machine.ts";
import { display } from "../../vm/values/show.ts";
import { virtualChance } from "../support/virtual-chance.ts";

interface Ran {
  readonly result: string;
  readonly out: string;
  readonly reductions: number;
}

async function run(text: string, options: Partial<MachineOptions> = {}): Promise<Ran> {
  const { unit, diagnostics } = compile(projectOfText("test.nos", text));
  if (unit === undefined) throw new Error(diagnostics.map((problem) => problem.message).join("; "));
  const linked = link(unit, { natives: NATIVES, check: true });
  if ("problem" in linked) throw new Error(JSON.stringify(linked.problem));
  const sink = new TextSink();
  let machine: Machine | undefined;
  const outcome = await new Promise<Outcome>((resolve) => {
    const { program } = linked;
    machine = new Machine(
      program,
      {
        natives: NATIVES,
        args: [],
        chance: virtualChance(1),
        sink,
        stdin: { readLine: (done) => done(undefined), readAll: (done) => done("") },
        maxReductions: Number.POSITIVE_INFINITY,
        maxStackFrames: 1_000_000,
        maxHeapBytes: undefined,
        sliceReductions: NOSTOS.sliceReductions,
        engine: NOSTOS,
        jit: undefined,
        jitObserver: undefined,
        profile: undefined,
        onReport: () => {},
        ...options,
      },
      resolve,
    );
    machine.start();
  });
  if (outcome.kind !== "returned") throw new Error(JSON.stringify(outcome));
  return { result: display(outcome.value), out: sink.out, reductions: machine!.scheduler.reductionsUsed };
}

const HELPERS = `
pairs(n) = [(i * 7 % n, i) for i in range(n)]
type Chain = End | Link(Int, Chain)
deep(n) = fold(range(n), End, (inner, i) => Link(i, inner))
textOf(n) = String.repeat("abc def ", n)
`;

/** Each takes many steps, and gives a number. */
const WORK: Readonly<Record<string, string>> = {
  "a sort of Ints": "length(sort([i * 7919 % 100003 for i in range(60000)]))",
  "a sort of tuples": "length(sort(pairs(10000)))",
  "a union of maps": "Map.size(Map.union(Map.fromList(pairs(10000)), Map.fromList([(i, i + 1) for i in range(9000)])))",
  "show of a list": "length(show(range(50000)))",
  "an interpolation": 'length("a list: ${range(50000)}, and ${pairs(5000)}!")',
  "equality of deep data": "if deep(50000) == deep(50000) then 1 else 0",
  "a list at the end of another": "length(range(50000) ++ range(50000))",
  "a far element": "range(100000)[99999]",
  "a search": 'String.indexOf(textOf(400000), "no such")',
  "all that is replaced": 'length(String.replaceAll(textOf(60000), "def", "d"))',
  "a text in pieces": 'length(String.split(textOf(60000), " "))',
  "a hash": "hash(deep(50000)) % 1000",
};

test.each(Object.entries(WORK))(
  "%s costs the same whatever the slices are, and others run beside it",
  async (_, work) => {
    const alone = `${HELPERS}\nmain() = ${work}`;
    const whole = await run(alone);
    for (const sliceReductions of [1, 7, 100_000]) expect(await run(alone, { sliceReductions })).toEqual(whole);
    for (const sliceReductions of [7, 2000])
      expect(await run(alone, { sliceReductions, jit: { threshold: 1 } })).toEqual(whole);
    expect((await run(alone, { unitsOfStep: 1 })).result).toBe(whole.result);
    expect((await run(alone, { chance: seededChance(5n) })).result).toBe(whole.result);

    const beside = await run(`${HELPERS}
    type Message = Tick | Done(Int)
    ticker(to) = { to <- Tick
      receive { Tick -> ticker(to) } }
    count(other, ticks) = receive {
      Tick -> { other <- Tick
        count(other, ticks + 1) }
      Done(result) -> (result, ticks > 2)
    }
    main() = {
      me = self()
      spawn { me <- Done(${work}) }
      count(spawn { ticker(me) }, 0)
    }`);
    expect(beside.result).toBe(`(${whole.result}, true)`);
  },
);

test("a process is ended in the middle of an operation", async () => {
  const { result } = await run(`
    waste(n) = if n == 0 then 0 else waste(n - 1)
    main() = {
      me = self()
      list = [i * 7919 % 1000003 for i in range(100000)]
      sorter = spawn { me <- length(sort(list)) }
      waste(10000)
      status = Process.info(sorter).status
      killed = Process.kill(sorter)
      spawn { me <- length(sort([3, 1, 2])) }
      receive { n -> (status, killed, Process.alive(sorter), n) }
    }`);
  expect(result).toBe('("ready", true, false, 3)');
});

test("what is sent while it is copied step by step arrives whole", async () => {
  const { result } = await run(
    `
    var type Counter = { n: Int }
    type Message = Sent(Map[Int, Counter], [Counter])
    main() = {
      me = self()
      counters = Map.fromList([(i, Counter(i)) for i in range(3000)])
      other = spawn { receive { Sent(map, list) -> me <- (Map.size(map), fold(Map.values(map), 0, (sum, c) => sum + c.n), length(list)) } }
      other <- Sent(counters, [Counter(i) for i in range(5000)])
      for c in Map.values(counters) { c.n = 0 }
      receive { found -> found }
    }`,
    { unitsOfStep: 100 },
  );
  expect(result).toBe("(3000, 4498500, 5000)");
});
