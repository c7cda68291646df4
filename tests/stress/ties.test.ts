/** Links and monitors in numbers: nothing recurses over them, and nothing is left of them. */
import { expect, test } from "vitest";
import { runText } from "../support/run-program.ts";

const PROGRAMS: Readonly<Record<string, string>> = {
  "a chain of 100,000 links ends from its end": `
    chain(n, me) = {
      if n == 0 then me <- self() else { spawn_link { chain(n - 1, me) }
        () }
      receive { "never" -> () }
    }
    main() = {
      me = self()
      Process.trapExit(true)
      first = spawn_link { chain(100000, me) }
      last = receive { pid -> pid }
      exit(last, Error("end"))
      receive { Exit(^first, reason) -> println(reason) }
      println(length(Process.all()))
    }`,
  "100,000 links of one process": `
    main() = {
      me = self()
      (hub, ref) = spawn_monitor {
        for _ = 0 to 100000 { spawn_link { receive { "never" -> () } } }
        me <- "linked"
        receive { "go" -> exit(Shutdown) }
      }
      receive { "linked" -> () }
      hub <- "go"
      receive { Down(^ref, _, reason) -> println(reason) }
      while length(Process.all()) > 1 { sleep(10) }
      println(length(Process.all()))
    }`,
  "100,000 processes watch one": `
    main() = {
      me = self()
      one = spawn { receive { "stop" -> exit(Shutdown) } }
      for _ = 0 to 100000 { spawn {
        ref = monitor(one)
        me <- "ready"
        receive { Down(^ref, _, reason) -> me <- reason }
      } }
      for _ = 0 to 100000 { receive { "ready" -> () } }
      one <- "stop"
      for _ = 0 to 100000 { receive { Shutdown -> () } }
      while length(Process.all()) > 1 { sleep(10) }
      println(Shutdown)
      println(length(Process.all()))
    }`,
};

const EXPECTED = ['Error("end")', "Shutdown", "Shutdown"];

test.each(Object.entries(PROGRAMS).map(([name, text], i) => [name, text, EXPECTED[i]!] as const))(
  "%s",
  { timeout: 300_000 },
  async (_, text, expected) => {
    for (const engine of [{ name: "1" }, { name: "2", schedulers: 2 }])
      expect((await runText(text, { engine })).out).toBe(`${expected}\n1\n`);
  },
);
