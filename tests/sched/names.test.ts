/** Names on several schedulers: one name is one process's, for everybody at every moment. */
import "../support/check-on.ts";
import { expect, test } from "vitest";
import { runText } from "../support/run-program.ts";

async function run(text: string, schedulers: number): Promise<string> {
  const seen = await runText(text, { engine: { name: `${schedulers} schedulers`, schedulers } });
  expect(seen.diagnostics.map(({ message }) => message)).toEqual([]);
  return seen.out;
}

/** Many want the same name at once; everybody who looks sees the one who got it. */
const RACE = `race(owner, name) = {
    won = try { register(name, self())
        true } catch { _ -> false }
    owner <- (self(), won, whereis(name))
    receive { "end" -> () }
}

turn(number) = {
    me = self()
    name = "round \${number}"
    all = [spawn { race(me, name) } for _ in range(9)]
    seen = [receive { (^pid, won, who) -> (pid, won, who) } for pid in all]
    winners = seen.filter(one => one.1).map(one => one.0)
    same = seen.all(one => one.2 == Some(head(winners)))
    for pid in all { pid <- "end" }
    if length(winners) == 1 && same then 1 else panic("\${winners} \${seen}")
}

main() = {
    println([turn(number) for number in range(30)].sum())
    println(registered() |> length)
}`;

/** A name is free for whoever has seen its owner end, wherever each of them lives. */
const HEIRS = `heir(owner, left) = {
    register("the throne", self())
    if left == 0 then owner <- "over" else {
        me = self()
        spawn {
            ref = monitor(me)
            receive { Down(^ref, _, _) -> heir(owner, left - 1) }
        }
        sleep(0)
    }
}

main() = {
    me = self()
    spawn { heir(me, 200) }
    receive { text -> println(text) }
}`;

test.each([1, 2, 3, 4])("exactly one of many gets a name, on %i schedulers", async (schedulers) => {
  expect((await run(RACE, schedulers)).split("\n")[0]).toBe("30");
});

test.each([1, 2, 3, 4])("a name is free for who has seen its owner end, on %i schedulers", async (schedulers) => {
  expect(await run(HEIRS, schedulers)).toBe("over\n");
});
