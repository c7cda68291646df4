/**
 * Programs on several schedulers: what is said in semantics and in docs/decisions/0012 and 0017 holds wherever a process
 * is, and when it moves before each of its slices.
 *
 * On virtual time, like all tests over the sources; who runs first is up to the machine, so what is checked here must
 * hold in every order.
 */
import "../support/check-on.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Engine, runText, type Seen, shownOf } from "../support/run-program.ts";

const engine = (schedulers: number, more: Partial<Engine> = {}): Engine => ({
  name: `${schedulers} schedulers`,
  schedulers,
  ...more,
});

async function run(text: string, schedulers: number, more: Partial<Engine> = {}): Promise<Seen> {
  return runText(text, { engine: engine(schedulers, more) });
}

const MOVING = { movesAll: true, ringBytes: 64 };
const ALL: readonly (readonly [schedulers: number, more: Partial<Engine>])[] = [
  [1, {}],
  [2, {}],
  [2, MOVING],
  [3, MOVING],
  [3, { ...MOVING, sliceReductions: 1 }],
];

/** The same output with each number of schedulers, nothing reported. */
async function sameWithAll(text: string, expected: string): Promise<void> {
  for (const [schedulers, more] of ALL) {
    const seen = await run(text, schedulers, more);
    expect([seen.out, seen.diagnostics.map(({ message }) => message)], name(schedulers, more)).toEqual([expected, []]);
  }
}

function name(schedulers: number, more: Partial<Engine>): string {
  return `${schedulers} ${JSON.stringify(more)}`;
}

describe("processes", () => {
  test("100,000 over 2 schedulers answer, twenty times in a row", { timeout: 300_000 }, async () => {
    const text = `main() = {
      me = self()
      for n = 0 to 100000 { spawn { me <- n } }
      var total = 0
      for _ = 0 to 100000 { total = total + receive { n -> n } }
      println(total)
    }`;
    for (let round = 0; round < 20; round++) {
      const moves = round === 0 ? { movesAll: true } : {};
      expect((await run(text, 2, moves)).out).toBe("4999950000\n");
    }
  });

  test("begin where they are made, and are found wherever they go", async () => {
    const text = `main() = {
      me = self()
      pids = [spawn { receive { "stop" -> () } } for _ in range(5)]
      println(pids)
      println(length(Process.all()))
      println(Runtime.threadCount())
    }`;
    expect((await run(text, 3, MOVING)).out).toBe("[<pid 2>, <pid 3>, <pid 4>, <pid 5>, <pid 6>]\n6\n3\n");
  });

  test("spawn others from wherever they are, in trees", async () => {
    await sameWithAll(
      `tree(parent, depth) = if depth == 0 then parent <- 1 else {
        me = self()
        spawn { tree(me, depth - 1) }
        spawn { tree(me, depth - 1) }
        a = receive { n -> n }
        b = receive { n -> n }
        parent <- a + b
      }
      main() = { me = self(); spawn { tree(me, 9) }; println(receive { n -> n }) }`,
      "512\n",
    );
  });

  test("get what is sent to them before they have come: the place is known sooner than the process", async () => {
    await sameWithAll(
      `echo(me) = receive { n -> me <- n }
      passer(me) = receive { pid -> { pid <- 7; if Process.alive(pid) then me <- 0 else me <- 0; passer(me) } }
      main() = {
        me = self()
        passers = [spawn { passer(me) } for _ in range(3)]
        for n = 0 to 100 { for p in passers { p <- spawn { echo(me) } } }
        println(foldl([receive { n -> n } for _ in range(600)], 0, (a, b) => a + b))
      }`,
      "2100\n",
    );
  });

  test("keep the order of messages from one to another, and of what both print", async () => {
    const text = `feed(to, name, n) = if n == 2000 then to <- (name, "end") else { to <- (name, n); feed(to, name, n + 1) }
    check(me, next, ended) = if ended == 4 then me <- next else receive {
      (_, "end") -> check(me, next, ended + 1)
      (name, n) -> if Map.getOrThrow(next, name) == n then check(me, Map.insert(next, name, n + 1), ended) else panic("order")
    }
    main() = {
      me = self()
      start = %{"a": 0, "b": 0, "c": 0, "d": 0}
      for judge = 0 to 2 {
        to = spawn { check(me, start, 0) }
        for name in ["a", "b", "c", "d"] { spawn { feed(to, name, 0) } }
      }
      for _ = 0 to 2 { receive { next -> println(Map.getOrThrow(next, "a") + Map.getOrThrow(next, "d")) } }
    }`;
    await sameWithAll(text, "4000\n4000\n");
  });

  test("are killed, asked about and counted from everywhere", async () => {
    await sameWithAll(
      `loop() = loop()
      main() = {
        me = self()
        ps = [spawn { loop() } for _ in range(4)]
        println(map(ps, p => Process.alive(p)))
        judge = spawn { me <- map(ps, p => Process.kill(p)) }
        println(receive { killed -> killed })
        println(map(ps, p => Process.alive(p)))
        println(map(ps, p => Process.time(p)))
        while Process.alive(judge) { sleep(1) }
        println(Process.all())
        println(try { Process.info(judge).status } catch { e -> e })
        sleeper = spawn { receive { "x" -> () } }
        sleep(1)
        println(Process.info(sleeper).status)
      }`,
      "[true, true, true, true]\n[true, true, true, true]\n[false, false, false, false]\n[-1, -1, -1, -1]\n[<pid 1>]\n" +
        '("Panic", "process 6 not found")\nreceiving\n',
    );
  });

  test("read the same standard input, each line once", async () => {
    const text = `reader(me) = match Stdin.readLine() {
        Some(line) -> { me <- line; reader(me) }
        None -> me <- "end"
      }
      collect(lines, ended) = if ended == 3 then println(sort(lines)) else receive {
        "end" -> collect(lines, ended + 1)
        line -> collect(line :: lines, ended)
      }
      main() = { me = self(); for _ = 0 to 3 { spawn { reader(me) } }; collect([], 0) }`;
    for (const [schedulers, more] of ALL) {
      const seen = await runText(text, { engine: engine(schedulers, more), stdin: "a\nb\nc\nd\n" });
      expect(seen.out).toBe('["a", "b", "c", "d"]\n');
    }
  });
});

describe("values", () => {
  test("arrive as they are: closures, named functions, records, mutable ones as copies", async () => {
    await sameWithAll(
      `type Shape = Circle(Float) | Square(Float)
      var type Box = { n: Int }
      double(n) = n * 2
      main() = {
        me = self()
        k = 10
        box = Box(1)
        p = spawn {
          receive { (f, g, shape, b, list) -> {
            b.n = b.n + 100
            me <- (f(1), g(2), shape == Circle(3.0), b.n, list, pid_of(self()))
          } }
        }
        p <- (double, x => x + k, Circle(3.0), box, (1, 2.5, "text", 'c', (), %{"a": #{1, 2}}, 9007199254740993))
        println(receive { x -> x })
        println(box.n)
      }
      pid_of(pid) = show(pid)`,
      '(2, 12, true, 101, (1, 2.5, "text", \'c\', (), %{"a": #{1, 2}}, 9007199254740993), "<pid 2>")\n1\n',
    );
  });

  test("may be long", async () => {
    await sameWithAll(
      `main() = {
        me = self()
        text = String.repeat("0123456789", 100000)
        list = range(100000)
        spawn { me <- (text, list) }
        (t, l) = receive { pair -> pair }
        println((t == text, l == list))
      }`,
      "(true, true)\n",
    );
  });
});

describe("output", () => {
  test("100,000 lines from both are whole, and in order for each process", { timeout: 60_000 }, async () => {
    const text = `say(me, name, n) = if n == 10000 then me <- "done" else { println("\${name} \${n} |"); say(me, name, n + 1) }
    main() = {
      me = self()
      for name = 0 to 10 { spawn { say(me, name, 0) } }
      for _ = 0 to 10 { receive { "done" -> () } }
    }`;
    const { out } = await run(text, 2, MOVING);
    const next = new Array<number>(10).fill(0);
    const lines = out.split("\n");
    expect(lines.pop()).toBe("");
    for (const line of lines) {
      const [, name, n] = /^(\d) (\d+) \|$/.exec(line) ?? [];
      expect(Number(n), line).toBe(next[Number(name)]!++);
    }
    expect(next).toEqual(new Array(10).fill(10_000));
  });

  test("what was printed before a message was sent is there before what its receiver prints", async () => {
    const text = `pass(n, next) = receive { "go" -> { println(n); next <- "go" } }
    main() = {
      var next = self()
      for n = 0 to 50 { { to = next; next = spawn { pass(50 - n, to) } } }
      next <- "go"
      receive { "go" -> println("end") }
    }`;
    await sameWithAll(text, [...Array.from({ length: 50 }, (_, n) => `${n + 1}\n`), "end\n"].join(""));
  });
});

describe("mvars", () => {
  test("lose no update, whoever adds", async () => {
    await sameWithAll(
      `mvar count: Int = 0
      mvar seen: Map[String, Int] = %{}
      add(n, key) = if n == 0 then () else {
        count = count + 1
        seen = Map.insert(seen, key, if Map.contains(seen, key) then Map.getOrThrow(seen, key) + 1 else 1)
        add(n - 1, key)
      }
      main() = {
        me = self()
        for n = 0 to 6 { spawn { add(50, "k\${n % 2}"); me <- "done" } }
        add(50, "k0")
        for _ = 0 to 6 { receive { "done" -> () } }
        println((count, Map.getOrThrow(seen, "k0"), Map.getOrThrow(seen, "k1")))
      }`,
      "(350, 200, 150)\n",
    );
  });

  test("two of them move as one step, in either direction", async () => {
    await sameWithAll(
      `mvar a: Int = 0
      mvar b: Int = 100
      there(n) = if n == 0 then () else { { a = a + 1; b = b - 1 }; there(n - 1) }
      back(n) = if n == 0 then () else { { b = b + 1; a = a - 1 }; back(n - 1) }
      sums(n) = if n == 0 then true else { ok = { a + b == 100 }; if ok then sums(n - 1) else false }
      main() = {
        me = self()
        for n = 0 to 6 { spawn { if n % 2 == 0 then there(40) else back(40); me <- "done" } }
        for _ = 0 to 6 { receive { "done" -> () } }
        println((a, b, sums(10)))
      }`,
      "(0, 100, true)\n",
    );
  });

  test("the holder dies, on whichever scheduler: the last value stands and the next one goes on", async () => {
    for (const [schedulers, more] of ALL) {
      const seen = await run(
        `mvar a: Int = 0
        with_a(f) = { a = a + f() }
        dies() = { a = a + 1000; panic("while holding") }
        main() = {
          me = self()
          ps = [spawn { dies() } for _ in range(3)]
          held = spawn { with_a(() => { me <- "holds"; receive { "never" -> 1 } }) }
          receive { "holds" -> () }
          waits = spawn { with_a(() => 1); me <- "got it" }
          sleep(1)
          println(Process.kill(held))
          receive { "got it" -> () }
          while any(ps, p => Process.alive(p)) { sleep(1) }
          println(a)
        }`,
        schedulers,
        more,
      );
      expect(seen.out).toBe("true\n3001\n");
      expect(seen.diagnostics.map(({ code }) => code)).toEqual(new Array(3).fill("process-crash"));
    }
  });

  test("who would close a circle over schedulers fails, and the other goes on", async () => {
    const text = `mvar a: Int = 0
    mvar b: Int = 0
    with_a(f) = { a = a + f() }
    with_b(f) = { b = b + f() }
    ask(me, name) = { me <- name; receive { "go" -> 1 } }
    main() = {
      me = self()
      p = spawn { me <- try { with_a(() => { ask(me, "a"); with_b(() => 1); 1 }); "fine" } catch { (kind, _) -> kind } }
      q = spawn { me <- try { with_b(() => { ask(me, "b"); with_a(() => 1); 1 }); "fine" } catch { (kind, _) -> kind } }
      receive { "a" -> () }
      receive { "b" -> () }
      p <- "go"
      q <- "go"
      println(sort([receive { text -> text } for _ in range(2)]))
    }`;
    await sameWithAll(text, '["Deadlock", "fine"]\n');
  });

  test("a circle with a value that is being computed ends for who waits for the mvar", async () => {
    await sameWithAll(
      `mvar a: Int = 1
      value = { ask("value"); read() }
      read() = { n = a; n }
      ask(name) = { sendNamed("main", (name, self())); receive { "go" -> () } }
      with_a(f) = { a = a + f() }
      outcome(f) = try { f(); "fine" } catch { (kind, _) -> kind }
      main() = {
        me = self()
        register("main", me)
        spawn { me <- ("end", outcome(() => with_a(() => { ask("a"); value }))) }
        p = receive { ("a", p) -> p }
        spawn { me <- ("end", outcome(() => { v = value; v })) }
        q = receive { ("value", q) -> q }
        p <- "go"
        sleep(5)
        q <- "go"
        first = receive { ("end", text) -> text }
        again = receive { ("value", p) -> p }
        again <- "go"
        println((first, receive { ("end", text) -> text }))
      }`,
      '("Deadlock", "fine")\n',
    );
  });

  test("who waits for ever is told with who holds it, wherever that is", async () => {
    const text = `mvar a: Int = 0
    with_a(f) = { a = a + f() }
    main() = {
      me = self()
      spawn { with_a(() => { me <- "holds"; receive { "never" -> 1 } }) }
      receive { "holds" -> () }
      a = a + 1
    }`;
    for (const [schedulers, more] of ALL) {
      const { diagnostics } = await run(text, schedulers, more);
      expect(diagnostics[0]?.notes?.[0]).toContain("<pid 1> (main) waits for the mvar a, which <pid 2> holds");
    }
  });

  test("in any order of taking, holding, failing and being killed: no update is lost or done twice", {
    timeout: 300_000,
  }, async () => {
    const names = ["a", "b", "c"];
    const step = fc.record({
      takes: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
      sleeps: fc.boolean(),
    });
    const worker = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 4 }), isKilled: fc.boolean() });
    const property = fc.asyncProperty(fc.array(worker, { minLength: 2, maxLength: 5 }), async (workers) => {
      const text = programOf(names, workers);
      for (const [schedulers, more] of ALL) {
        const seen = await run(text, schedulers, more);
        expect([seen.out, seen.outcome], `${name(schedulers, more)}\n${text}`).toEqual(["exact\n", "returned"]);
      }
    });
    await fc.assert(property, { numRuns: 12 });
  });

  test("a holder elsewhere that takes it again waits for nobody", async () => {
    await sameWithAll(
      `mvar a: Int = 1
      inner() = { a = a * 2 }
      outer(f) = { a = a + f() }
      main() = {
        me = self()
        spawn { outer(() => { inner(); inner(); 10 }); me <- "done" }
        receive { "done" -> () }
        println(a)
      }`,
      "11\n",
    );
  });
});

interface Worker {
  readonly steps: readonly { readonly takes: readonly string[]; readonly sleeps: boolean }[];
  readonly isKilled: boolean;
}

/**
 * Workers that add 1 to mvars, one inside of the other where a step takes two, in either order. Each step that is done is
 * told to a keeper; one that has failed, because it would have closed a circle, has added nothing. So the mvars hold what
 * the keeper was told, or, where somebody was killed, perhaps what he had no time to tell besides.
 */
function programOf(names: readonly string[], workers: readonly Worker[]): string {
  const body = (takes: readonly string[], sleeps: boolean): string => {
    const [first, second] = takes;
    const innermost = sleeps ? "{ sleep(1); 1 }" : "1";
    return second === undefined
      ? `with_${first}(() => ${innermost})`
      : `with_${first}(() => { with_${second}(() => ${innermost}); 1 })`;
  };
  const lines = names.flatMap((mvar) => [`mvar ${mvar}: Int = 0`, `with_${mvar}(f) = { ${mvar} = ${mvar} + f() }`]);
  const spawned = workers.map(({ steps }, n) => {
    const all = steps.map(
      ({ takes, sleeps }) =>
        `try { ${body(takes, sleeps)}; counted <- [${takes.map((each) => `"${each}"`).join(", ")}] } catch { ("Deadlock", _) -> () }`,
    );
    return `    w${n} = spawn { ${all.join("; ")} }`;
  });
  const killed = workers.flatMap(({ isKilled }, n) => (isKilled ? [`    Process.kill(w${n})`] : []));
  const refs = workers.map((_, n) => `w${n}`).join(", ");
  return `${lines.join("\n")}
count(totals) = receive {
    ("end", from) -> from <- totals
    names -> count(totals ++ names)
}
main() = {
    me = self()
    counted = spawn { count([]) }
${spawned.join("\n")}
    sleep(2)
${killed.join("\n")}
    while any([${refs}], p => Process.alive(p)) { sleep(1) }
    counted <- ("end", me)
    told = receive { names -> names }
    seen = ${JSON.stringify(names).replaceAll('"', "")}
    wanted = [length(filter(told, name => name == each)) for each in ${JSON.stringify(names)}]
    println(if ${workers.some(({ isKilled }) => isKilled) ? "all(zip(seen, wanted), pair => pair.0 >= pair.1)" : "seen == wanted"} then "exact" else show((seen, wanted)))
}`;
}

describe("top-level values", () => {
  test("are computed once, whoever asks first, and are the same for all", async () => {
    await sameWithAll(
      `table = { println("computed"); range(1000) }
      main() = {
        me = self()
        for _ = 0 to 6 { spawn { me <- length(table) } }
        println([receive { n -> n } for _ in range(6)])
        println(length(table))
      }`,
      "computed\n[1000, 1000, 1000, 1000, 1000, 1000]\n1000\n",
    );
  });

  test("that fail, or need themselves, fail in each who asks", async () => {
    await sameWithAll(
      `bad = panic("cannot")
      a = b + 1
      b = a + 1
      main() = {
        me = self()
        for _ = 0 to 3 { spawn { me <- try { show(bad) } catch { (_, why) -> why } } }
        println([receive { text -> text } for _ in range(3)])
        for _ = 0 to 3 { spawn { me <- try { show(a) } catch { (kind, _) -> kind } } }
        println([receive { text -> text } for _ in range(3)])
      }`,
      '["cannot", "cannot", "cannot"]\n["UnsetVariable", "UnsetVariable", "UnsetVariable"]\n',
    );
  });

  test("of a script are seen elsewhere as they are set, also when they are set again", async () => {
    await sameWithAll(
      `var x = 1
      f() = x
      late() = unset
      me = self()
      spawn { me <- f() }
      println(receive { n -> n })
      w = spawn { receive { "go" -> me <- f() } }
      x = 7
      w <- "go"
      println(receive { n -> n })
      spawn { me <- try { show(late()) } catch { (kind, _) -> kind } }
      println(receive { text -> text })
      unset = 3
      spawn { me <- show(late()) }
      println(receive { text -> text })`,
      "1\n7\nUnsetVariable\n3\n",
    );
  });
});

describe("the end", () => {
  test("a crash elsewhere is reported with its place, and the program goes on", async () => {
    for (const [schedulers, more] of ALL) {
      const seen = await run(
        `risky(n) = 10 / n
        main() = { p = spawn { risky(0) }; while Process.alive(p) { sleep(1) }; println("goes on") }`,
        schedulers,
        more,
      );
      expect([seen.out, seen.outcome]).toEqual(["goes on\n", "returned"]);
      const [report] = seen.diagnostics;
      expect([seen.diagnostics.length, report?.code, report?.primary?.span.start]).toEqual([1, "process-crash", 11]);
      expect(report?.message).toContain("<pid 2>");
    }
  });

  test("main returns: the others are dropped, busy or not", async () => {
    const text = `busy() = busy()
    main() = { for _ = 0 to 4 { spawn { busy() } }; spawn { receive { "x" -> () } }; sleep(5); println("over") }`;
    await sameWithAll(text, "over\n");
  });

  test("nobody can ever run: said once, with all who wait and what for", async () => {
    const text = `mvar a: Int = 0
    with_a(f) = { a = a + f() }
    main() = {
      me = self()
      spawn { with_a(() => { me <- "holds"; receive { "never" -> 1 } }) }
      receive { "holds" -> () }
      for _ = 0 to 3 { spawn { with_a(() => 1) } }
      with_a(() => 1)
    }`;
    const one = await run(text, 1);
    expect(one.outcome).toBe("stuck");
    for (const [schedulers, more] of ALL) expect(shownOf(await run(text, schedulers, more))).toEqual(shownOf(one));
  });

  test("is not said while messages go to and fro", async () => {
    const text = `ping(n, to) = if n == 0 then () else { to <- self(); receive { _ -> ping(n - 1, to) } }
    pong() = receive { from -> { from <- self(); pong() } }
    main() = { p = spawn { pong() }; q = spawn { pong() }; ping(500, p); ping(500, q); println("done") }`;
    await sameWithAll(text, "done\n");
  });

  test("the budget of reductions is one for all", async () => {
    const text = "busy() = busy()\nmain() = { for _ = 0 to 4 { spawn { busy() } }; busy() }";
    const seen = await runText(text, { engine: engine(3, MOVING), maxReductions: 3_000_000 });
    expect(seen.outcome).toBe("reduction-budget");
    const fine =
      "work(n) = if n == 0 then 0 else work(n - 1)\nmain() = { me = self(); for _ = 0 to 4 { spawn { me <- work(10000) } }; for _ = 0 to 4 { receive { 0 -> () } } }";
    expect((await runText(fine, { engine: engine(3), maxReductions: 3_000_000 })).outcome).toBe("returned");
  });

  test("one line too many calls deep, elsewhere, is caught there", async () => {
    const text = `deep(n) = 1 + deep(n + 1)
    main() = { me = self(); spawn { me <- try { deep(0) } catch { (kind, _) -> kind } }; println(receive { x -> x }) }`;
    const seen = await runText(text, { engine: engine(2, MOVING), maxStackFrames: 10_000 });
    expect([seen.out, seen.diagnostics]).toEqual(["StackOverflow\n", []]);
  });
});

/** What a worker can do, as it is written: each adds to what all of them must come to. */
const STEPS = {
  tell: "judge <- 1",
  add: "{ count = count + 1 }",
  both: "{ count = count + 1; other = other + 2 }",
  nap: "sleep(1)",
  child: "{ spawn { judge <- 1 } }",
  table: "judge <- table",
} as const;
const steps = fc.array(fc.array(fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])), { maxLength: 8 }), {
  minLength: 1,
  maxLength: 6,
});

test("generated programs come to the same sums with 1, 2 and 3 schedulers, also with the shortest slices", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (workers) => {
      const all = workers.flat();
      const messages = all.filter((step) => step === "tell" || step === "child" || step === "table").length;
      const text = `mvar count: Int = 0
        mvar other: Int = 0
        table = 1
        main() = {
          judge = self()
          ${workers.map((each) => `spawn { ${each.map((step) => STEPS[step]).join("\n")}\njudge <- "end" }`).join("\n")}
          for _ = 0 to ${workers.length} { receive { "end" -> () } }
          println((count, other, foldl([receive { n -> n } for _ in range(${messages})], 0, (a, b) => a + b)))
        }`;
      const both = all.filter((step) => step === "both").length;
      const count = all.filter((step) => step === "add").length + both;
      for (const [schedulers, more] of [...ALL, [3, { sliceReductions: 1 }]] as const) {
        const seen = await run(text, schedulers, more);
        expect(seen.diagnostics).toEqual([]);
        expect(seen.out).toBe(`(${count}, ${2 * both}, ${messages})\n`);
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);
