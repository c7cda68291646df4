/**
 * A process that holds an mvar, a name, a link, a monitor and a timer is killed at one moment after another of a run
 * in slices of one reduction, interpreted and compiled: everything is free afterwards, and the last completed write of the mvar stands.
 */
import "../support/check-on.ts";
import { expect, test } from "vitest";
import { compile } from "../../cli/compile.ts";
import { projectOfText } from "../../cli/project.ts";
import { runCompiled } from "../support/run-program.ts";

const PROGRAM = `
mvar written: Int = 0

# both writes, or none of the second
twice(n) = {
  written = written + n
  written = written + { pause(3)
    n }
}
pause(n) = if n == 0 then () else pause(n - 1)

busy(me, mate) = {
  register("busy", self())
  link(mate)
  watched = monitor(me)
  try {
    for n = 1 to 4 { twice(n)
      receive { "never" -> () after 1 -> () } }
    [(7 * k) % 13 for k in range(20)].sort()
  } finally { demonitor(watched) }
  me <- "done"
}

wait(0) = ()
wait(n) = wait(n - 1)

main() = {
  me = self()
  after_ = match String.toInt(Env.args().head()) {
    Some(n) -> n
    None -> 0
  }
  mate = spawn { Process.trapExit(true)
    receive { Exit(_, _) -> () } }
  pid = spawn { busy(me, mate) }
  ref = monitor(pid)
  if after_ % 2 == 0 then wait(after_ / 2) else for _ = 0 to after_ / 8 { sleep(1)
    wait(after_ % 8) }
  Process.kill(pid)
  receive { Down(^ref, _, _) -> () }
  before = written
  written = written + 100
  receive { "done" -> () after 10 -> () }
  others = length([each for each in Process.all() if each != me && each != mate])
  println("\${written - before} \${contains([0, 1, 2, 4, 6, 9, 12, 16, 20], before)} \${registered()} \${others} \${before}")
}`;

test.each([undefined, 1])("nothing is left (compiled from %s calls on)", { timeout: 300_000 }, async (jitThreshold) => {
  const compiled = compile(projectOfText("test.nos", PROGRAM));
  expect(compiled.diagnostics.map(({ message }) => message)).toEqual([]);
  const engine = { name: "", sliceReductions: 1, unitsOfStep: 1, ...(jitThreshold !== undefined && { jitThreshold }) };
  const reached = new Set<string>();
  for (let moment = 0; moment < 120; moment++) {
    const seen = await runCompiled(compiled, { engine, args: [`${moment}`] });
    const [, what, before] = /^(.*) (\d+)\n$/.exec(seen.out) ?? [];
    expect([what, seen.diagnostics.map(({ message }) => message)], `${moment}`).toEqual(["100 true [] 0", []]);
    reached.add(before!);
  }
  // the moments reach into the last round
  expect([...reached]).toEqual(expect.arrayContaining(["0", "1", "2", "4", "6", "9", "12"]));
});
