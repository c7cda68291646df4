/**
 * The code blocks of the user's two documents on concurrency, run as they are written there.
 *
 * `programs/` holds each block word for word, named after its document and heading. What a block leaves undefined is put
 * in front of it (`front`); nothing in a block is changed. docs/seeds.md says which sentence of which document each test is.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ENGINES as ONE_SCHEDULER, runText, type Seen, shownOf, TWO_SCHEDULERS } from "../support/run-program.ts";

const ENGINES = [...ONE_SCHEDULER, TWO_SCHEDULERS];

const block = (name: string): string => readFileSync(new URL(`programs/${name}.nos`, import.meta.url), "utf8");

/** Runs a block with every engine; nothing may be reported, and all must agree. */
async function runBlock(name: string, settings: { front?: string; behind?: string } = {}): Promise<Seen> {
  const text = [settings.front ?? "", block(name), settings.behind ?? ""].join("\n");
  const seen: Seen[] = [];
  for (const engine of ENGINES) seen.push(await runText(text, { engine }));
  const [first] = seen as [Seen];
  expect(first.diagnostics.map((diagnostic) => diagnostic.message)).toEqual([]);
  for (const other of seen) expect(shownOf(other)).toEqual(shownOf(first));
  return first;
}

describe("seed 003", () => {
  test("Message Passing: records by shape, open patterns, + on strings", async () => {
    const seen = await runBlock("003_message_passing", { front: "pid = self()" });
    expect(seen.out).toBe("Hello, Alice\n");
  });

  test("Message Passing: the other two arms", async () => {
    const seen = await runBlock("003_message_passing", {
      front: 'pid = self()\npid <- {type: "bye"}\n',
      behind: 'again() = receive { {type: "greet", name} -> println(name), _ -> println("other") }\nagain()',
    });
    expect(seen.out).toBe("Goodbye!\nAlice\n");
  });

  test("Typed Spawning: the function, whose arms are empty but for a comment", async () => {
    const [handler] = block("003_typed_spawning").split("pid = spawn_typed");
    const seen = await runText(
      `${handler}\nprintln(handler({type: "add", data: 5}))\nprintln(handler({type: "sub", data: 5}))`,
    );
    // that no arm matches another type of message is worth a warning, no more
    expect(seen.diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(["warning not-exhaustive"]);
    expect(seen.out).toBe("()\n()\n");
  });

  test("Let It Crash: the process dies, the others go on", async () => {
    const behind = 'bad = spawn { process() }\nwhile Process.alive(bad) { sleep(1) }\nprintln("unaffected")';
    const text = `riskyOperation() = panic("it was risky")\n${block("003_let_it_crash")}\n${behind}`;
    for (const engine of ENGINES) {
      const seen = await runText(text, { engine });
      expect(seen.out).toBe("unaffected\n");
      expect(seen.outcome).toBe("returned");
      expect(seen.diagnostics).toHaveLength(1);
      expect(seen.diagnostics[0]?.message).toContain("it was risky");
    }
  });

  test("Supervision: if worker1 crashes, the supervisor restarts it, and worker2 keeps running", async () => {
    const front = `
me = self()
worker1Function() = { me <- ("worker1", self())
    receive { "crash" -> riskyOperation() } }
worker2Function() = { me <- ("worker2", self())
    receive { "never" -> () } }
riskyOperation() = panic("it was risky")`;
    const behind = `
first = receive { ("worker1", pid) -> pid }
second = receive { ("worker2", pid) -> pid }
first <- "crash"
again = receive { ("worker1", pid) -> pid }
println([alive(first), alive(again), alive(second), first == again])`;
    for (const engine of ENGINES) {
      const seen = await runText(`${front}\n${block("003_supervision")}\n${behind}`, { engine });
      expect(seen.out).toBe("[false, true, true, false]\n");
      expect(seen.outcome).toBe("returned");
      expect(seen.diagnostics[0]?.message).toContain("it was risky");
    }
  });

  test.each([
    ["as written", "spawn_typed(worker)"],
    ["with `spawn` for `spawn_typed`", "spawn(worker)"],
  ])("Example: Worker Pool, %s", async (_, spawn) => {
    const front = "process(n) = n * 2\nrandom(n) = Random.int(0, n - 1)\njobs = [1, 2, 3, 4, 5]\n";
    const behind = `
println(sort([receive { {result: r} -> r } for _ in range(5)]))
for w in workers { w <- {shutdown: true} }
while workers.any(w => Process.alive(w)) { sleep(1) }`;
    const text = `${front}${block("003_worker_pool").replace("spawn_typed(worker)", spawn)}${behind}`;
    for (const engine of ENGINES) {
      const seen = await runText(text, { engine });
      expect(seen.diagnostics).toEqual([]);
      expect(seen.out).toBe(`[2, 4, 6, 8, 10]\n${"Worker shutting down\n".repeat(10)}`);
    }
  });

  test("Processes: `spawn_typed(myFunction)`", async () => {
    const front = 'myFunction() = receive { from -> from <- "runs independently" }\n';
    const seen = await runBlock("003_spawning", { front, behind: "pid <- self()\nprintln(receive { m -> m })" });
    expect(seen.out).toBe("runs independently\n");
  });

  test("Typed Spawning, as written: its three sends", async () => {
    const text = block("003_typed_spawning");
    const { outcome, diagnostics } = await runText(text);
    expect(outcome).toBe("not compiled");
    const [error, other] = diagnostics.filter(({ severity }) => severity === "error");
    expect(other).toBeUndefined();
    expect(error?.message).toBe("wrong message type: `handler` does not take `{wrong: String}`");
    expect(error?.primary?.span.start).toBe(text.indexOf('{wrong: "shape"}'));
    expect(error?.notes).toEqual(["`handler` takes", "    {type: String, data: Int}"]);
  });

  test("Typed Spawning, without the wrong send: nothing is said of the other two, and they arrive", async () => {
    const arms = block("003_typed_spawning").replace('{type: "sub", data} -> // ...', "other -> me <- other");
    const text = `me = self()\n${arms.replace(/^.*wrong.*$/m, "")}\nprintln(receive { m -> m })`;
    for (const engine of ENGINES) {
      const seen = await runText(text, { engine });
      expect(seen.diagnostics).toEqual([]);
      expect(seen.out).toBe('{type: "wat", data: 5}\n');
    }
  });
});

describe("seed 004", () => {
  test("Spawning Processes", async () => {
    for (const engine of ENGINES) {
      const seen = await runText(block("004_spawning"), { engine });
      expect(seen.diagnostics).toEqual([]);
      // the program ends with main, so whether the worker gets as far as its line is nobody's promise
      expect(seen.out.replace("Worker process started!\n", "")).toBe("Spawned worker with PID: <pid 2>\n");
    }
  });

  test("Scaling: 100,000 Processes", async () => {
    const seen = await runText(block("004_hundred_thousand")); // how long that takes is measured in bench/, alone
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe("All workers spawned!\nTotal: 4999950000\n");
  });

  test("Message Passing", async () => {
    const seen = await runBlock("004_message_passing");
    expect(seen.out).toBe("Responder received: Ping!\nMain received: Hello from responder!\n");
  });

  test("Pattern Matching & Timeouts: main ends before the alarm", async () => {
    expect((await runBlock("004_timeouts")).out).toBe("");
  });

  test("Pattern Matching & Timeouts: the alarm rings, or is dismissed", async () => {
    const [alarm] = block("004_timeouts").split("main() =");
    const text = `${alarm}
main() = {
    spawn { alarm_clock(2000) }
    early = spawn { alarm_clock(2000) }
    sleep(1000)
    early <- "stop"
    sleep(2000)
}`;
    const seen = await runText(text);
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe("Alarm dismissed early!\nWake up!\n");
  });

  test("MVars: Shared Mutable State", async () => {
    expect((await runBlock("004_mvars")).out).toBe("1\n2\n1\n");
  });

  test("Concurrent Access", async () => {
    expect((await runBlock("004_concurrent_access")).out).toBe("Total: 100\n");
  });

  test("MVar Best Practices: mvars work with any type", async () => {
    const text = `
mvar cache: Map[String, Int] = %{}
main() = {
    cache = Map.insert(cache, "a", 1)
    println(cache)
}`;
    const seen = await runText(text);
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe('%{"a": 1}\n');
  });
});
