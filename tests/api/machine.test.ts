/** A machine inside a Node program: modules, processes, messages both ways, failures. */
import { afterEach, describe, expect, test } from "vitest";
import {
  Char, compileFile, compileText, Float, Machine, type MachineOptions, NostosError, Opaque, Pid, Ref, record, recordType, Tuple, tuple, Variant, variant,
} from "../../cli/api/index.ts"; // biome-ignore format: short

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.shutdown();
});

async function machineOf(text: string, options: MachineOptions = {}): Promise<Machine> {
  const module = await compileText(text, "test.nos");
  const machine = new Machine(module, { stdout: "capture", stderr: "capture", ...options });
  machines.push(machine);
  return machine;
}

function codeOf(what: () => unknown): string {
  try {
    what();
  } catch (error) {
    return error instanceof NostosError ? error.code : `no NostosError: ${error}`;
  }
  return "nothing";
}

const ECHO = `
type Shape = Circle(Float) | Square(Float) | Named { name: String, size: Int }
type Point = { x: Int, y: Int }
known(s) = match s { Circle(_) -> 1, Square(_) -> 2, Named(_, _) -> 3 }
show2(x) = show(x)
reply(host: Pid, what) = { host <- what }
echo(host: Pid) = { receive { x -> { host <- x } }; echo(host) }
shown(host: Pid) = { receive { x -> { host <- show(x) } }; shown(host) }
`;

describe("running", () => {
  test("main's value and what it prints", async () => {
    const machine = await machineOf('main() = { println("hi"); 6 * 7 }');
    expect(await machine.run()).toEqual({ status: "returned", value: 42 });
    expect(machine.stdout).toBe("hi\n");
    await expect(machine.run()).rejects.toThrow(NostosError);
  });

  test("a file of statements", async () => {
    expect(await (await machineOf("x = 20\nx + 1")).run()).toEqual({ status: "returned", value: 21 });
  });

  test("main fails", async () => {
    const machine = await machineOf('main() = { panic("oh") }');
    const result = await machine.run();
    expect(result).toMatchObject({
      status: "failed",
      diagnostics: [{ code: "uncaught-error", file: "test.nos", line: 1 }],
    });
    expect(result.status === "failed" && result.text).toContain("Runtime error: Panic: oh (process main, <pid 3>)");
    expect(machine.stderr).toBe("");
  });

  test("what does not compile", async () => {
    await expect(compileText("main() = oops", "t.nos")).rejects.toMatchObject({
      name: "NostosError",
      diagnostics: [{ file: "t.nos", line: 1, column: 10 }],
    });
    await expect(compileText("main( = ")).rejects.toBeInstanceOf(NostosError);
    await expect(compileFile("/nowhere/x.nos")).rejects.toMatchObject({ code: "unreadable" });
    await expect(compileFile("/nowhere/x.ttb")).rejects.toMatchObject({ code: "unreadable" });
  });

  test("the budget of reductions ends the machine", async () => {
    const machine = await machineOf("loop() = loop()\nmain() = loop()", { maxReductions: 100_000 });
    expect(await machine.run()).toMatchObject({ status: "failed", diagnostics: [{ code: "reduction-budget" }] });
    expect(codeOf(() => machine.spawnProcess("loop"))).toBe("machine-ended");
  });

  test("arguments and standard input", async () => {
    const machine = await machineOf("main() = (Env.args(), Stdin.readLine(), Stdin.readLine())", {
      args: ["a"],
      stdin: "one\n",
    });
    const none = new Variant("None", [], "Option");
    expect(await machine.run()).toEqual({
      status: "returned",
      value: tuple(["a"], new Variant("Some", ["one"], "Option"), none),
    });
  });
});

describe("processes", () => {
  test("a function by name, with arguments, sends to the host", async () => {
    const machine = await machineOf("mvar base: Int = 100\nadd(host: Pid, a, b) = { host <- (a + b + base) }");
    machine.spawnProcess("add", [machine.self, 1, 2]);
    expect(await machine.receiveMessage()).toBe(103);
  });

  test("names, both ways", async () => {
    const machine = await machineOf('worker() = { receive { x -> sendNamed("host", ("got", x)) } }');
    machine.registerName("host");
    const pid = machine.spawnProcess("worker");
    machine.registerName("worker", pid);
    expect(machine.whereis("worker")).toBe(pid);
    expect(codeOf(() => machine.registerName("worker"))).toBe("name-taken");
    machine.sendToNamed("worker", [1, "two", true]);
    expect(await machine.receiveMessage()).toEqual(tuple("got", [1, "two", true]));
    expect(machine.whereis("worker")).toBeUndefined();
    expect(codeOf(() => machine.sendToNamed("worker", 1))).toBe("unknown-name");
    machine.unregisterName("host");
    expect(codeOf(() => machine.unregisterName("host"))).toBe("unknown-name");
    expect(codeOf(() => machine.registerName("late", pid))).toBe("no-process");
  });

  test("links and monitors of the host", async () => {
    const diagnostics: string[] = [];
    const machine = await machineOf('crash() = { panic("no") }\nwait() = { receive { _ -> () } }', {
      onDiagnostic: ({ message }) => diagnostics.push(message),
    });
    const crashing = machine.spawnProcess("crash", [], { link: true });
    expect(await machine.receiveMessage()).toEqual(
      new Variant("Exit", [crashing, new Variant("Error", ['("Panic", "no")'], "ExitReason")], "Exit"),
    );
    expect(diagnostics).toEqual([expect.stringContaining("Panic: no")]);
    const waiting = machine.spawnProcess("wait");
    const ref = machine.monitor(waiting);
    expect(machine.isAlive(waiting)).toBe(true);
    expect(machine.kill(waiting)).toBe(true);
    expect(await machine.receiveMessage()).toEqual(
      new Variant("Down", [ref, waiting, new Variant("Killed", [], "ExitReason")], "Down"),
    );
    expect(machine.isAlive(waiting)).toBe(false);
    const gone = machine.monitor(waiting);
    machine.demonitor(gone);
    await expect(machine.receiveMessage({ timeoutMs: 0 })).rejects.toMatchObject({ code: "timeout" });
  });

  test("receiving what fits, and waiting in order", async () => {
    const machine = await machineOf(ECHO);
    const echo = machine.spawnProcess("echo", [machine.self]);
    for (const n of [1, 2, 3]) machine.sendMessage(echo, n);
    expect(await machine.receiveMessage({ match: (n) => n === 2 })).toBe(2);
    const [a, b] = [machine.receiveMessage(), machine.receiveMessage()];
    expect([await a, await b]).toEqual([1, 3]);
    await expect(machine.receiveMessage({ timeoutMs: 1 })).rejects.toBeInstanceOf(NostosError);
    const late = machine.receiveMessage();
    machine.shutdown();
    await expect(late).rejects.toMatchObject({ code: "machine-ended" });
    expect(machine.isAlive(echo)).toBe(false);
  });

  test("wrong calls are told", async () => {
    const machine = await machineOf(`${ECHO}f(x) = x`);
    const other = await machineOf("f(x) = x");
    const pid = other.spawnProcess("f", [1]);
    expect(codeOf(() => machine.spawnProcess("nowhere"))).toBe("unknown-function");
    expect(codeOf(() => machine.spawnProcess("f"))).toBe("unknown-function");
    expect(codeOf(() => machine.sendMessage(pid, 1))).toBe("foreign-value");
    expect(codeOf(() => machine.spawnProcess("f", [null]))).toBe("bad-value");
    expect(codeOf(() => machine.spawnProcess("f", [() => 1]))).toBe("bad-value");
    expect(codeOf(() => machine.spawnProcess("f", [new Date()]))).toBe("bad-value");
    expect(codeOf(() => machine.spawnProcess("f", [variant("Nowhere")]))).toBe("unknown-constructor");
    expect(codeOf(() => machine.spawnProcess("f", [variant("Circle")]))).toBe("bad-value");
    const circle: unknown[] = [];
    circle.push(circle);
    expect(codeOf(() => machine.spawnProcess("f", [circle]))).toBe("bad-value");
  });

  test("an argument of another kind than declared is the program's error", async () => {
    const said: string[] = [];
    const machine = await machineOf("f(n: Int, host: Pid) = { host <- n + 1 }", {
      onDiagnostic: ({ code }) => said.push(code),
    });
    const ref = machine.monitor(machine.spawnProcess("f", ["text", machine.self]));
    expect(await machine.receiveMessage()).toMatchObject({ tag: "Down", fields: [ref, {}, { tag: "Error" }] });
    expect(said).toEqual(["process-crash"]);
  });

  test("a million calls do not hold up the event loop", async () => {
    const machine = await machineOf("count(n) = if n == 0 then 0 else count(n - 1)\nmain() = count(20000000)");
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await machine.run();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

describe("values", () => {
  const BOTH_WAYS: readonly (readonly [unknown, string])[] = [
    [1, "1"],
    [-7, "-7"],
    [2n ** 62n, "4611686018427387904"],
    [2n ** 70n, "1180591620717411303424"],
    [1.5, "1.5"],
    ["text", "text"],
    [true, "true"],
    [undefined, "()"],
    [[], "[]"],
    [[1, [2]], "[1, [2]]"],
    [tuple(1, "a"), '(1, "a")'],
    [{ a: 1, b: "x" }, '{a: 1, b: "x"}'],
    [new Map<unknown, unknown>([["k", [1]]]), '%{"k": [1]}'],
    [new Set([1]), "#{1}"],
    [new Char("ä"), "ä"],
    [new Variant("Circle", [1.5], "Shape"), "Circle(1.5)"],
    [new Variant("None", [], "Option"), "None"],
    [new Variant("Named", { name: "n", size: 3 }, "Shape"), ""],
    [record("Point", { x: 1, y: 2 }), ""],
    [new Float64Array([1, 2.5]), ""],
    [new BigInt64Array([1n, 2n]), ""],
  ];

  test.each(BOTH_WAYS)("%o", async (value, text) => {
    const machine = await machineOf(ECHO);
    const echo = machine.spawnProcess("echo", [machine.self]);
    machine.sendMessage(echo, value);
    const back = await machine.receiveMessage();
    expect(back).toEqual(value);
    const shown = machine.spawnProcess("shown", [machine.self]);
    machine.sendMessage(shown, value);
    const said = await machine.receiveMessage();
    if (text !== "") expect(said).toBe(text);
  });

  test("a record keeps its type, and has no further property", async () => {
    const machine = await machineOf(ECHO);
    const echo = machine.spawnProcess("echo", [machine.self]);
    machine.sendMessage(echo, record("Point", { x: 1, y: 2 }));
    const back = (await machine.receiveMessage()) as { [recordType]: string };
    expect([Object.keys(back), back[recordType]]).toEqual([["x", "y"], "Point"]);
  });

  test("whole Floats, where a Float is asked for and where it is said", async () => {
    const machine = await machineOf(
      "f(host: Pid, x: Float) = { host <- show(x) }\ng(host: Pid, x) = { host <- show(x) }",
    );
    machine.spawnProcess("f", [machine.self, 3]);
    machine.spawnProcess("g", [machine.self, new Float(3)]);
    machine.spawnProcess("g", [machine.self, 3]);
    const said = [await machine.receiveMessage(), await machine.receiveMessage(), await machine.receiveMessage()];
    expect(said).toEqual(["3.0", "3.0", "3"]);
  });

  test("pids, refs and functions go there and back as they are", async () => {
    const machine = await machineOf(`${ECHO}make(host: Pid) = { host <- (self(), makeRef(), x => x + 1) }
      apply(host: Pid, f) = { host <- f(41) }`);
    const pid = machine.spawnProcess("make", [machine.self]);
    const { items } = (await machine.receiveMessage()) as Tuple;
    const [from, ref, fn] = items;
    expect(from).toBe(pid);
    expect([from instanceof Pid, ref instanceof Ref, fn instanceof Opaque]).toEqual([true, true, true]);
    machine.spawnProcess("apply", [machine.self, fn]);
    expect(await machine.receiveMessage()).toBe(42);
    const echo = machine.spawnProcess("echo", [machine.self]);
    machine.sendMessage(echo, [ref, pid]);
    expect(await machine.receiveMessage()).toEqual([ref, pid]);
  });

  test("a value that is nested too deep comes whole, and closed", async () => {
    const machine = await machineOf(`${ECHO}type Deep = Leaf | Node(Deep)
      nest(n, x) = if n == 0 then x else nest(n - 1, Node(x))
      main2(host: Pid) = { host <- nest(100000, Leaf) }`);
    machine.spawnProcess("main2", [machine.self]);
    expect(await machine.receiveMessage()).toBeInstanceOf(Opaque);
    machine.spawnProcess("reply", [machine.self, Array.from({ length: 300_000 }, (_, i) => i)]);
    expect(await machine.receiveMessage()).toHaveLength(300_000);
  });

  test("two machines at once do not see each other", async () => {
    const module = await compileText("mvar n: Int = 0\nmain() = { n = n + 1; n }");
    const [a, b] = [new Machine(module), new Machine(module)];
    expect([await a.run(), await b.run()]).toEqual([
      { status: "returned", value: 1 },
      { status: "returned", value: 1 },
    ]);
    a.shutdown();
    b.shutdown();
    expect(Tuple.name).toBe("Tuple");
  });
});

describe("a seed", () => {
  const RACE = `racer(host: Pid, n) = {
    sleep(Random.int(1, 3600000))
    host <- n
}
main() = {
    me = self()
    for n = 0 to 8 { spawn { racer(me, n) } }
    println([receive { n -> n } for _ in range(8)])
    println(Time.now())
}`;
  const outputOf = async (seed: number | bigint): Promise<string> => {
    const machine = await machineOf(RACE, { seed });
    expect((await machine.run()).status).toBe("returned");
    return machine.stdout;
  };

  test("makes a run repeatable, and hours of sleep short", async () => {
    const first = await outputOf(7);
    expect(await outputOf(7n)).toBe(first);
    expect(new Set([first, await outputOf(8), await outputOf(9)]).size).toBeGreaterThan(1);
  });

  test("is a whole number", async () => {
    const module = await compileText("main() = 1", "test.nos");
    expect(codeOf(() => new Machine(module, { seed: 1.5 }))).toBe("bad-value");
  });
});
