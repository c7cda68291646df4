/**
 * Programs that ask for too much: recursion a million frames deep works, recursion without end is an error that can be
 * caught, and who eats all memory dies alone. Run by the built command, because the memory limit is that of a process.
 */
import { describe, expect, test, vi } from "vitest";
import { nostos } from "../support/nostos.ts";
import { runText } from "../support/run-program.ts";

vi.setConfig({ testTimeout: 120_000 }); // on a busy machine; alone each takes a few seconds

const run = (text: string, ...flags: string[]) => nostos(["run", ...flags, "-"], { stdin: text });

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join("\n");

describe("recursion", () => {
  test("a million frames deep over a list", async () => {
    const seen = await run("sum2([]) = 0\nsum2([h | t]) = h + sum2(t)\nmain() = println(sum2([0..999999]))");
    expect(seen).toEqual({ stdout: "499999500000\n", stderr: "", code: 0 });
  });

  test("a million frames deep, by itself and in mutual calls", async () => {
    const text = `
depth(0) = 0
depth(n) = 1 + depth(n - 1)
even(0) = true
even(n) = { r = odd(n - 1); r }
odd(0) = false
odd(n) = { r = even(n - 1); r }
main() = println((depth(1000000), even(1000000)))`;
    expect(await run(text)).toEqual({ stdout: "(1000000, true)\n", stderr: "", code: 0 });
  });

  // 1,000 locals alive in 100,000 frames are 800 MB
  test.each([4, 64, 256, 1000])(
    "through a function of %i locals, 100,000 deep",
    async (locals) => {
      const text = `
deep(n) = if n == 0 then 0 else {
${times(locals, (i) => `    x${i} = n + ${i}`)}
    r = deep(n - 1)
    r + (x0 + x${locals - 1}) % 2
}
main() = println(deep(100000))`;
      const seen = await run(text);
      // x0 + x(locals-1) is 2n + locals - 1, odd when locals is even
      expect(seen).toEqual({ stdout: "100000\n", stderr: "", code: 0 });
    },
    60_000,
  );

  test("without end is an error that can be caught, again and again", async () => {
    const text = `
endless(n) = 1 + endless(n + 1)
attempt() = try show(endless(0)) catch { (kind, message) -> "\${kind}: \${message}" }
main() = {
    println(attempt())
    println(attempt())
    println(try { endless(0); "no" } catch { ("StackOverflow", _) -> "caught" } finally { println("finally") })
}`;
    const seen = await runText(text, { maxStackFrames: 20_000 });
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe("StackOverflow: Stack overflow\nStackOverflow: Stack overflow\nfinally\ncaught\n");
  });

  test("without end, uncaught, ends one process with a short trace", async () => {
    const text =
      'endless(n) = 1 + endless(n + 1)\nmain() = { p = spawn { endless(0) }\n while Process.alive(p) { sleep(1) }\n println("alive") }';
    const seen = await run(text, "--max-stack-frames", "100000");
    expect(seen.stdout).toBe("alive\n");
    expect(seen.stderr).toContain("Stack overflow");
    expect(seen.stderr.split("\n").length).toBeLessThan(40);
    expect(seen.code).toBe(0);
  });
});

test("list functions take a million elements in their stride", async () => {
  const text = `
main() = {
    xs = range(0, 1000000)
    println(xs.map(x => x + 1).filter(x => x % 2 == 0).sum())
    println(xs.fold(0, (acc, x) => acc + x) - xs.foldr(0, (x, acc) => acc + x))
    println((xs.reverse().head(), (xs ++ xs).length(), xs.zip(xs).last(), xs[999999]))
    println((xs.takeWhile(x => x < 999999).length(), xs.any(x => x == 999999), xs.unique().length()))
    println((xs.flatMap(x => [x]).length(), xs.groupBy(x => x / 500000).length(), xs.scanl(0, (a, b) => a + b).last()))
    scrambled = xs.map(n => n * 7919 % 1000003)
    println(scrambled.sort().isSorted() && scrambled.take(100000).sortBy((a, b) => a - b).isSortedBy((a, b) => a - b))
}`;
  const seen = await run(text);
  const lines = [
    "250000500000",
    "0",
    "(999999, 2000000, (999999, 999999), 999999)",
    "(999999, true, 1000000)",
    "(1000000, 2, 499999500000)",
    "true",
    "",
  ];
  expect(seen).toEqual({ stdout: lines.join("\n"), stderr: "", code: 0 });
});

/** Starts `bad` beside ten processes that work for a while; the program ends when `bad` is dead and the ten have finished. */
const besideTenOthers = (definitions: string, bad: string, more = ""): string => `
${definitions}

healthy(parent, n) = {
    var total = 0
    for i = 0 to 50 {
        total = total + sum(range(100))
        sleep(1)
    }
    parent <- ("finished", n, total)
}

main() = {
    me = self()
    bad = ${bad}
    for i = 0 to 10 { spawn { healthy(me, i) } }
    for i = 0 to 10 { receive { ("finished", ^i, 247500) -> () } }
    println("ten finished")
    while Process.alive(bad) { sleep(1) }
    println("one died")
    ${more}
}`;

describe("memory: one dies, ten finish", () => {
  test.each([
    ["a list without end", "grow(xs) = grow(1 :: xs)", "spawn(grow([]))"],
    ["a recursion without end", "endless(n) = 1 + endless(n + 1)", "spawn { endless(0) }"],
    ["a map without end", "fill(m, n) = fill(Map.insert(m, n, range(n, n + 1000)), n + 1)", "spawn(fill(%{}, 0))"],
  ])("%s", async (_, definitions, bad) => {
    const seen = await run(besideTenOthers(definitions, bad), "--max-heap", "64M");
    expect(seen.stdout).toBe("ten finished\none died\n");
    expect(seen.stderr).toContain("out of memory");
    expect(seen.code).toBe(0);
  });

  test("a string that doubles ends its process, by its length or its memory", async () => {
    const seen = await run(
      besideTenOthers('double(s) = double(s ++ s ++ "x")', 'spawn { double("text") }'),
      "--max-heap",
      "64M",
    );
    expect(seen.stdout).toBe("ten finished\none died\n");
    expect(seen.stderr).not.toMatch(/RangeError|internal/);
    expect(seen.code).toBe(0);
  });

  test("a flooded mailbox: the receiver dies, not the sender", async () => {
    const definitions = `
flood(pid, n, parent) = if Process.alive(pid) then {
    pid <- ("message", n)
    flood(pid, n + 1, parent)
} else { parent <- "the sender is alive" }

flooded() = receive { "never" -> () }`;
    const bad = "spawn(flooded())\n    spawn { flood(bad, 0, me) }";
    const more = 'receive { "the sender is alive" -> println("the sender is alive") }';
    const seen = await run(besideTenOthers(definitions, bad, more), "--max-heap", "64M");
    expect(seen.stdout).toBe("ten finished\none died\nthe sender is alive\n");
    expect(seen.stderr).toContain("out of memory");
    expect(seen.code).toBe(0);
  });

  test("main itself may be the one: the program fails with the reason", async () => {
    const seen = await run("grow(xs) = grow(1 :: xs)\nmain() = grow([])", "--max-heap", "64M");
    expect(seen.stdout).toBe("");
    expect(seen.stderr).toContain("out of memory");
    expect(seen.code).toBe(1);
  });
});

describe("nobody can ever run again", () => {
  test("each waiting process is named with its line", async () => {
    const text = `waiter() = receive { "never" -> () }

main() = {
    spawn { waiter() }
    spawn { waiter() }
    receive { "nobody sends this" -> () }
}`;
    const seen = await run(text);
    expect(seen.code).toBe(1);
    expect(seen.stdout).toBe("");
    for (const part of ["<pid 1>", "<pid 2>", "<pid 3>", ":1", ":6"]) expect(seen.stderr).toContain(part);
  });
});
