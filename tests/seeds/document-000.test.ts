/**
 * What the first document says that a BEAM does, as programs: its hundred user simulators and eight engine processes, its
 * asynchronous messages, its reductions, its isolation.
 */
import { expect, test } from "vitest";
import { NOSTOS } from "../../vm/interp/interpreter.ts";
import { ENGINES, runText, SEEDED_ENGINES, TWO_SCHEDULERS } from "../support/run-program.ts";

async function everywhere(text: string, expected: string): Promise<void> {
  for (const engine of [...ENGINES, ...SEEDED_ENGINES, TWO_SCHEDULERS]) {
    const seen = await runText(text, { engine });
    expect([seen.out, seen.diagnostics.map(({ message }) => message)], engine.name).toEqual([expected, []]);
  }
}

test("100 user simulators and 8 engine processes: 108 processes, with main, that all do their part", async () => {
  await everywhere(
    `engine(name) = { register(name, self())
    handle(0) }
handle(count) = receive {
    (from, "post") -> { from <- "done"
        handle(count + 1) }
    (from, "count") -> { from <- count
        handle(count) }
}
simulator(host, names) = {
    for name in names { sendNamed(name, (self(), "post"))
        receive { "done" -> () } }
    host <- "simulated"
    receive { "end" -> () }
}
main() = {
    me = self()
    names = ["users", "subreddits", "posts", "comments", "messages", "feeds", "activity", "metrics"]
    for name in names { spawn { engine(name) } }
    while length(registered()) < 8 { sleep(1) }
    users = [spawn { simulator(me, names) } for _ in range(100)]
    for _ in users { receive { "simulated" -> () } }
    println(length(Process.all()) - 1)
    println([{ sendNamed(name, (me, "count"))
        receive { n -> n } } for name in names])
}`,
    "108\n[100, 100, 100, 100, 100, 100, 100, 100]\n",
  );
});

test("messages are asynchronous: who sends does not wait, who receives does so when it is ready", async () => {
  await everywhere(
    `main() = {
    me = self()
    actor2 = spawn {
        receive { "ready" -> () }
        receive { "do something" -> me <- "something" }
    }
    actor2 <- "do something"
    println("sent")
    actor2 <- "ready"
    receive { text -> println(text) }
}`,
    "sent\nsomething\n",
  );
});

test("2000 reductions a slice: no process can hog the CPU", async () => {
  expect(NOSTOS.sliceReductions).toBe(2000);
  await everywhere(
    `hog(n) = hog(n + 1)
main() = {
    me = self()
    for n = 0 to 4 { spawn { hog(n) } }
    spawn { me <- "had its turn" }
    receive { text -> println(text) }
}`,
    "had its turn\n",
  );
});

test("fault isolation: one crash does not end the others", async () => {
  for (const engine of [...ENGINES, TWO_SCHEDULERS]) {
    const seen = await runText(
      `main() = {
    me = self()
    bad = spawn { panic("crashed") }
    ref = monitor(bad)
    good = spawn { receive { n -> me <- n + 1 } }
    receive { Down(^ref, _, _) -> () }
    good <- 41
    receive { n -> println(n) }
}`,
      { engine },
    );
    expect([seen.out, seen.outcome], engine.name).toEqual(["42\n", "returned"]);
  }
});
