import { describe, expect, test } from "vitest";
import { checkGuards } from "../../../compiler/checks/guards.ts";
import { checkMvars } from "../../../compiler/checks/mvar-rules.ts";
import type { Core, CoreFunction, CoreProgram } from "../../../compiler/core.ts";
import { compile, explainCheck } from "../../../compiler/index.ts";
import {
  add,
  arm,
  bind,
  block,
  call,
  callValue,
  core,
  equal,
  fn,
  getMvar,
  int,
  lambda,
  less,
  listing,
  local,
  match,
  mvarOf,
  native,
  newLocal,
  newLoop,
  program,
  resultOf,
  SPAN,
  setMvar,
  spanAt,
  text,
  tuple,
  unit,
  when,
} from "./build.ts";

const m = mvarOf("m", int(0));
const a = mvarOf("a", int(100), "x");
const b = mvarOf("b", int(100));
const mvars = [m, a, b];
const n = newLocal("n");
const inc = setMvar(m, add(getMvar(m), int(1)));
const print = native("println", text("-"));
const receive = core({ kind: "receive", arms: [arm({ kind: "any" }, int(1))] });

/** The mvar instructions, prints, calls and receives of a function with this body, in order. */
function steps(body: Core, functions: CoreFunction[] = []): string[] {
  const f = fn("f", [n], body);
  return listing(program(call(f, unit), { mvars, functions }), "f")
    .filter((line) => /^(MVAR|CALL|TAIL_CALL|RECEIVE_BEGIN|RET|JMP|JZ)/.test(line))
    .filter((line) => !/^J/.test(line))
    .map((line) =>
      line.replace(/ \d+$/, "").replace("MVAR_", "").replace("CALL_NATIVE", "").replace("RET.val", "RET").trim(),
    );
}

describe("how long an mvar is held", () => {
  test("first to last touching statement, when the stretch writes and cannot wait", () => {
    expect(steps(block(inc, getMvar(m)))).toEqual(["LOCK m", "GET m", "SET m", "GET m", "UNLOCK m", "RET"]);
    const between = block(bind(newLocal("x"), getMvar(m)), native("hash", unit), setMvar(m, int(2)), unit);
    expect(steps(between)).toEqual(["LOCK m", "GET m", "hash", "SET m", "UNLOCK m", "RET"]);
    const transfer = block(setMvar(a, add(getMvar(a), int(-1))), setMvar(b, add(getMvar(b), int(1))));
    expect(steps(transfer)).toEqual(["LOCK b,a", "GET x.a", "SET x.a", "GET b", "SET b", "UNLOCK b,a", "RET"]);
  });

  test("each by itself, when only what lies between others may wait", () => {
    expect(steps(block(inc, inc, print, setMvar(b, int(1))))).toEqual(
      ["LOCK m", "GET m", "SET m", "GET m", "SET m", "UNLOCK m", "println", "LOCK b", "SET b", "UNLOCK b", "RET"],
    ); // biome-ignore format: a table
  });

  test("statements alone, when something in between may wait", () => {
    expect(steps(block(inc, print, getMvar(m)))).toEqual([
      "LOCK m",
      "GET m",
      "SET m",
      "UNLOCK m",
      "println",
      "LOCK m",
      "GET m",
      "UNLOCK m",
      "RET",
    ]);
  });

  test("statements alone, when nothing is written", () => {
    const reads = block(native("hash", getMvar(m)), native("hash", unit), native("hash", getMvar(m)));
    expect(steps(reads)).toEqual([
      "LOCK m",
      "GET m",
      "hash",
      "UNLOCK m",
      "hash",
      "LOCK m",
      "GET m",
      "hash",
      "UNLOCK m",
      "RET",
    ]);
  });

  test("a statement holds during its calls, also of function values", () => {
    expect(steps(block(setMvar(m, callValue(local(n), getMvar(m))), unit))).toEqual([
      "LOCK m",
      "GET m",
      "CALL_FUNCTION.fn",
      "SET m",
      "UNLOCK m",
      "RET",
    ]);
  });

  test("a statement that waits for a message locks single reads and writes", () => {
    expect(steps(block(setMvar(m, receive), unit))).toEqual(["RECEIVE_BEGIN", "LOCK m", "SET m", "UNLOCK m", "RET"]);
    expect(steps(block(setMvar(m, add(getMvar(m), receive)), unit))).toEqual([
      "LOCK m",
      "GET m",
      "UNLOCK m",
      "RECEIVE_BEGIN",
      "LOCK m",
      "SET m",
      "UNLOCK m",
      "RET",
    ]);
  });

  test("an `if` that decides by an mvar and writes it is one step, unless a branch may wait", () => {
    expect(steps(when(less(getMvar(m), int(3)), inc))).toEqual([
      "LOCK m",
      "GET m",
      "GET m",
      "SET m",
      "UNLOCK m",
      "RET",
    ]);
    const branches = when(less(getMvar(m), int(3)), block(print, inc));
    expect(steps(branches)).toEqual([
      "LOCK m",
      "GET m",
      "UNLOCK m",
      "println",
      "LOCK m",
      "GET m",
      "SET m",
      "UNLOCK m",
      "RET",
      "RET",
    ]);
  });

  test("several in locking order: module path, then declaration", () => {
    expect(steps(block(setMvar(a, add(getMvar(a), int(-1))), setMvar(b, add(getMvar(b), int(1)))))[0]).toBe("LOCK b,a");
    expect(steps(block(setMvar(b, add(getMvar(b), int(-1))), setMvar(m, getMvar(a))))[0]).toBe("LOCK m,b,a");
  });

  test("what is called by name is covered, too", () => {
    const other = fn("other", [], block(setMvar(a, int(1)), unit));
    expect(steps(block(setMvar(b, call(other)), unit))[0]).toBe("LOCK b,a");
    const get = fn("get", [], getMvar(m));
    const set = fn("set", [n], setMvar(m, local(n)));
    const x = newLocal("x");
    expect(steps(block(bind(x, call(get)), call(set, add(local(x), int(1)))))).toEqual([
      "LOCK m",
      "CALL.fn get",
      "CALL.fn set",
      "UNLOCK m",
      "RET",
    ]);
  });

  test("what is called and receives is never called with a lock that it does not need", () => {
    const waits = fn("waits", [], block(receive, unit));
    expect(steps(block(setMvar(m, call(waits)), unit))).toEqual([
      "CALL.fn waits",
      "LOCK m",
      "SET m",
      "UNLOCK m",
      "RET",
    ]);
  });

  test("a loop locks turn by turn, and one that watches an mvar never holds it while it turns", () => {
    const turns = core({ kind: "for", loop: newLoop(), variable: newLocal("i"), from: int(0), to: int(9), body: inc });
    expect(steps(turns)).toEqual(["LOCK m", "GET m", "SET m", "UNLOCK m", "RET"]);
    const watch = core({ kind: "while", loop: newLoop(), condition: less(getMvar(m), int(3)), body: unit });
    expect(steps(block(setMvar(m, int(0)), watch, setMvar(m, int(5))))).toEqual([
      "LOCK m",
      "SET m",
      "UNLOCK m",
      "LOCK m",
      "GET m",
      "UNLOCK m",
      "LOCK m",
      "SET m",
      "UNLOCK m",
      "RET",
    ]);
  });

  test("a recursion around an mvar keeps its tail call", () => {
    const f = fn("f", [n], unit);
    f.body = block(inc, when(less(getMvar(m), int(1000)), call(f, local(n)), unit));
    const lines = listing(program(call(f, unit), { mvars }), "f");
    expect(lines.filter((line) => line.startsWith("TAIL_CALL"))).toHaveLength(1);
  });

  test("a lambda holds for itself, not its maker", () => {
    const body = block(bind(newLocal("g"), lambda([], inc)), unit);
    expect(steps(body)).toEqual(["RET"]);
    expect(listing(program(call(fn("f", [n], callValue(lambda([], inc))), unit), { mvars }), "<lambda>")[0]).toBe(
      "MVAR_LOCK m",
    );
  });

  test("return, break and throw let go", async () => {
    const loop = newLoop();
    const returning = fn(
      "r",
      [],
      block(inc, when(less(int(0), getMvar(m)), core({ kind: "return", value: int(1) })), inc),
    );
    const breaking = core({
      kind: "while",
      loop,
      condition: less(int(0), int(1)),
      body: block(inc, when(less(int(0), getMvar(m)), core({ kind: "break", loop })), inc),
    });
    const throwing = core({
      kind: "try",
      body: block(inc, core({ kind: "throw", value: int(1) }), inc),
      arms: [arm({ kind: "any" }, int(2))],
    });
    const child = core({ kind: "spawn", how: "spawn", function: lambda([], block(inc, print)) });
    expect(
      await resultOf(
        program(block(call(returning), breaking, throwing, child, core({ kind: "sleep", ms: int(5) }), getMvar(m)), {
          mvars,
        }),
      ),
    ).toBe("-\n4");
  });
});

describe("many processes", () => {
  const me = newLocal("me");
  const done = core({ kind: "send", target: local(me), message: text("done") });
  const spawn = (body: Core): Core => core({ kind: "spawn", how: "spawn", function: lambda([], block(body, done)) });
  const times = (count: number, body: Core): Core =>
    core({ kind: "for", loop: newLoop(), variable: newLocal("i"), from: int(0), to: int(count), body });
  const wait = (count: number): Core => times(count, core({ kind: "receive", arms: [arm({ kind: "any" }, unit)] }));

  test("two opposite transfers, 1,000 times each, never deadlock and lose nothing", async () => {
    const move = (from: typeof a, to: typeof a): CoreFunction =>
      fn("move", [], block(setMvar(from, add(getMvar(from), int(-1))), setMvar(to, add(getMvar(to), int(1)))));
    const body = block(
      bind(me, core({ kind: "self" })),
      spawn(times(1000, call(move(a, b)))),
      spawn(times(1000, call(move(b, a)))),
      wait(2),
      tuple(getMvar(a), getMvar(b)),
    );
    expect(await resultOf(program(body, { mvars }))).toBe("(100, 100)");
  });

  test("ten processes add 100 times each, with a read and a write in two statements", async () => {
    const x = newLocal("x");
    const step = fn("step", [], block(bind(x, getMvar(m)), setMvar(m, add(local(x), int(1)))));
    const body = block(
      bind(me, core({ kind: "self" })),
      times(10, spawn(times(100, call(step)))),
      wait(10),
      getMvar(m),
    );
    expect(await resultOf(program(body, { mvars }))).toBe("1000");
  });
});

describe("the three rules", () => {
  const wrong = (body: Core, functions: CoreFunction[] = []): string[] =>
    checkMvars({ ...program(unit, { mvars, functions: [fn("f", [n], body), ...functions] }) }).map(
      (problem) => explainCheck(problem).message,
    );

  test("compare and set", () => {
    expect(wrong(when(less(int(0), getMvar(m)), setMvar(m, int(50))))[0]).toContain(
      "function `f` reads mvar `m` and later writes it with a different value",
    );
    expect(wrong(match(getMvar(m), arm({ kind: "any" }, block(setMvar(m, int(5))))))).toHaveLength(1);
    expect(wrong(when(less(int(0), getMvar(m)), unit, when(equal(int(1), int(1)), setMvar(m, int(50)))))).toHaveLength(
      1,
    );
    expect(wrong(when(less(int(0), getMvar(m)), inc))).toEqual([]);
    expect(wrong(when(less(int(0), getMvar(m)), setMvar(b, int(50))))).toEqual([]);
    expect(wrong(block(when(less(int(0), getMvar(m)), unit), setMvar(m, int(1))))).toEqual([]);
  });

  test("nested write", () => {
    expect(wrong(setMvar(m, block(setMvar(m, int(1)), int(2))))[0]).toContain("nested write to mvar `m`");
    expect(wrong(setMvar(m, block(setMvar(b, int(1)), int(2))))).toEqual([]);
  });

  test("blocking, transitively", () => {
    const waits = fn("waits", [], block(receive, unit));
    const through = fn("through", [], call(waits));
    const message =
      "mvar safety violation: function `f` holds lock on mvar `m` and calls `through` which blocks (receive) - this could cause deadlock";
    expect(wrong(block(inc, call(through)), [waits, through])).toEqual([message]);
    expect(wrong(block(setMvar(m, int(1)), call(through)), [waits, through])).toEqual([]);
    expect(wrong(block(inc, callValue(lambda([], call(through)))), [waits, through])).toEqual([]);
  });
});

describe("guards", () => {
  const inGuard = (guard: Core, functions: CoreFunction[] = []): CoreProgram =>
    program(match(unit, arm({ kind: "any" }, unit, guard), arm({ kind: "any" }, unit)), { functions });

  test("no receive, sleep, send or spawn, also behind calls by name", () => {
    const codes = (guard: Core): string[] =>
      checkGuards(inGuard(guard)).map((problem) => explainCheck(problem).message);
    expect(codes(receive)).toEqual(["a guard must not receive messages"]);
    expect(codes(core({ kind: "sleep", ms: int(1) }))).toEqual(["a guard must not sleep"]);
    expect(codes(core({ kind: "send", target: unit, message: unit }))).toEqual(["a guard must not send messages"]);
    expect(codes(core({ kind: "spawn", how: "spawn", function: unit }))).toEqual(["a guard must not spawn processes"]);
    const waits = fn("waits", [], block(receive));
    expect(codes(call(fn("through", [], call(waits))))).toEqual([
      "a guard must not receive messages, and `through` does that",
    ]);
    expect(codes(lambda([], receive))).toEqual([]);
    expect(codes(less(int(1), int(2)))).toEqual([]);
  });

  test("a program with problems has no unit, one without has", () => {
    expect(compile(inGuard(receive)).unit).toBeUndefined();
    expect(compile(inGuard(less(int(1), int(2)))).unit).toBeDefined();
  });
});

test("places are exact", () => {
  const f = fn("f", [], unit);
  const body = block(
    core({ kind: "call", function: f, args: [] }, spanAt(9)),
    core({ kind: "throw", value: int(1) }, spanAt(20)),
  );
  const { unit: made } = compile(program(body));
  const main = made!.functions[made!.entry]!;
  expect([...main.places]).toEqual([0, 0, 9, expect.any(Number), 0, 20]);
  expect(made!.sources).toEqual([{ path: SPAN.source.path, lineStarts: Int32Array.of(0, 9, 18, 29) }]);
});
