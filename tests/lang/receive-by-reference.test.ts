/** What a receive costs that waits for a Ref, by reductions: what came before the Ref was made costs nothing. */
import { expect, test } from "vitest";
import { ENGINES, runText } from "../support/run-program.ts";

/** Calls in front of so many messages, and what they call. */
function program(messages: number, calls: string): string {
  return `
flood(_, 0) = ()
flood(to, n) = {
    to <- Some(n)
    flood(to, n - 1)
}
server() = receive {
    (ref, from, n) -> { from <- (ref, n + 1)
        server() }
}
byRef(to, n) = {
    ref = makeRef()
    to <- (ref, self(), n)
    receive { (^ref, m) -> m }
}
byMonitor(to, n) = {
    ref = monitor(to)
    to <- (ref, self(), n)
    receive {
        (^ref, m) -> { demonitor(ref)
            m }
        Down(^ref, _, _) -> -1
        after 1000 -> -2
    }
}
ended(n) = {
    (pid, ref) = spawn_monitor { () }
    receive { Down(^ref, ^pid, _) -> n + 1 }
}
repeat(_, 0, sum) = sum
repeat(f, n, sum) = repeat(f, n - 1, sum + f(n))
main() = {
    to = spawn { server() }
    served = Server.start(0, (n, s) => (n + 1, s))
    flood(self(), ${messages})
    ${calls}
    receive { Some(n) -> println(n) }
}
`;
}

const CALLS = {
  "a Ref": "println(repeat(n => byRef(to, n), 100, 0))",
  "a monitor": "println(repeat(n => byMonitor(to, n), 100, 0))",
  spawn_monitor: "println(repeat(n => ended(n), 100, 0))",
  "Task.await": "println(repeat(n => Task.await(Task.async(() => n + 1)), 100, 0))",
  "Server.call": "println(repeat(n => Server.call(served, n), 100, 0))",
};

test.each(Object.entries(CALLS))("by %s", { timeout: 60_000 }, async (_, calls) => {
  for (const engine of ENGINES) {
    const cost = async (messages: number): Promise<number> => {
      const idle = await runText(program(messages, ""), { engine });
      const busy = await runText(program(messages, calls), { engine });
      expect(busy.out).toBe(`5150\n${messages}\n`);
      return busy.reductions - idle.reductions;
    };
    // a scan would take 100 times as many more; what remains is where the processes stand when main ends
    expect(Math.abs((await cost(2000)) - (await cost(20)))).toBeLessThan(100);
  }
});
