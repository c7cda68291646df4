/** What `spawn_typed` and the checks of messages say: types, refused messages, and the many that must not be refused. */
import { describe, expect, test } from "vitest";
import { check, checkFiles, headlines, typeOf } from "./support.ts";

/** Diagnostics without the file's own words for them: `severity headline @ text under the caret`. */
function said(text: string): string[] {
  const checked = check(text);
  return headlines(checked).map((line, i) => `${checked.diagnostics[i]?.severity}: ${line}`);
}

const SERVER = `
type Msg = Add(Int) | Get(Pid) | Stop
server(n) = receive {
    Add(k) -> server(n + k)
    Get(from) -> { from <- n; server(n) }
    Stop -> n
}
run() = server(0)
`;

describe("the type of a typed pid", () => {
  test.each([
    ["a message parameter that is written", "f(m: Int) = m\np() = spawn_typed(f)", "() -> Pid[Int]"],
    ["a record", "f(m: {type: String, data: Int}) = m\np() = spawn_typed(f)", "() -> Pid[{type: String, data: Int}]"],
    ["clauses", "type M = A(Int) | B\nf(A(n)) = n\nf(B) = 0\np() = spawn_typed(f)", "() -> Pid[M]"],
    [
      "the match of an open parameter",
      "f(m) = match m { {a} -> 1; {b} -> 2 }\np() = spawn_typed(f)",
      "() -> Pid[{a: _} | {b: _}]",
    ],
    ["an open parameter", "f(m) = m\np() = spawn_typed(f)", "() -> Pid"],
    [
      "a function of any message",
      "start(f: (m) -> ()) = spawn_typed(f)\np() = start(x => println(x + 1))",
      "() -> Pid",
    ],
    ["receive patterns, through a call", `${SERVER}p() = spawn_typed(run)`, "() -> Pid[Add(Int) | Get(Pid) | Stop]"],
    [
      "mutual recursion",
      'up() = receive { "down" -> down() }\ndown() = receive { "up" -> up(); {n: 1} -> () }\np() = spawn_typed(up)',
      '() -> Pid["down" | "up" | {n: 1}]',
    ],
    ["a lambda that receives", "p() = spawn_typed(() => receive { 1 -> 2 })", "() -> Pid[1]"],
    [
      "a lambda that is called directly",
      "p() = spawn_typed(() => { (() => receive { (1, x) -> x })() })",
      "() -> Pid[(1, _)]",
    ],
    [
      "a lambda that a known function calls",
      "f() = { [1, 2].map(n => receive { {ack: k} -> n + k }) }\np() = spawn_typed(f)",
      "() -> Pid[{ack: _}]",
    ],
    [
      "blocks, loops, try",
      "f() = { for i = 0 to 3 { try { receive { A -> () } } catch { _ -> () } } }\ntype T = A | B\np() = spawn_typed(f)",
      "() -> Pid[A]",
    ],
    [
      "a variable pattern takes all",
      "f() = receive { Some(x) -> 1; other -> 2 }\np() = spawn_typed(f)",
      "() -> Pid[Some(_) | _]",
    ],
    ["a received function may receive", "f() = receive { {run: g} -> g() }\np() = spawn_typed(f)", "() -> Pid"],
    ["self() of a typed process", "f(m: Int) = self()\np() = { q = spawn_typed(f)\n q }", "() -> Pid[Int]"],
    ["a list", "f(m: Int) = m\np() = [spawn_typed(f) for _ in range(0, 3)]", "() -> List[Pid[Int]]"],
    ["a plain spawn has none", "f() = receive { 1 -> 2 }\np() = spawn(f)", "() -> Pid"],
    ["an annotation", "p(x: Pid[Int]) = x", "(Pid[Int]) -> Pid[Int]"],
    ["an annotation of nothing", "p(x: Pid) = x", "(Pid) -> Pid"],
  ])("%s", (_, text, type) => expect(typeOf(text, "p")).toBe(type));
});

describe("messages that are refused", () => {
  test.each([
    [
      "another shape",
      'f(m: {type: String, data: Int}) = m\nmain() = { p = spawn_typed(f)\n p <- {type: "a", data: 5}\n p <- {type: "wat", data: 5}\n p <- {wrong: "shape"} }',
      'error: wrong message type: `f` does not take `{wrong: String}` @ {wrong: "shape"}',
    ],
    [
      "a field of another type",
      'f(m: {data: Int}) = m\nmain() = { p = spawn_typed(f)\n p <- {data: "5"} }',
      'error: wrong message type: `f` does not take `{data: String}` @ {data: "5"}',
    ],
    [
      "a constructor that no receive has",
      `${SERVER}type Other = Other\nmain() = { p = spawn_typed(run)\n p <- Add(1)\n p <- Other }`,
      "error: wrong message type: `run` does not take `Other` @ Other",
    ],
    [
      "a constructor of the same type",
      "type M = A(Int) | B(Int)\nf() = receive { A(n) -> f() }\nmain() = { p = spawn_typed(f)\n p <- A(1)\n p <- B(1) }",
      "error: wrong message type: `f` does not take `B(Int)` @ B(1)",
    ],
    [
      "through a function, at its call",
      "f(m: Int) = m\ntell(p, x) = p <- x\nmain() = { p = spawn_typed(f)\n tell(p, 1)\n tell(p, true) }",
      "error: wrong message type: `f` does not take `Bool` @ tell(p, true)",
    ],
    [
      "through two functions",
      "f(m: Int) = m\ntell(p, x) = p <- x\ntwice(p, x) = { tell(p, x)\n tell(p, x) }\nmain() = twice(spawn_typed(f), true)",
      "error: wrong message type: `f` does not take `Bool` @ twice(spawn_typed(f), true)",
    ],
    [
      "a function that makes the process",
      "f(m: Int) = m\nstart() = spawn_typed(f)\nmain() = { start() <- 1\n start() <- true }",
      "error: wrong message type: `f` does not take `Bool` @ true",
    ],
    [
      "in a function that nobody calls",
      "f(m: Int) = m\ng() = spawn_typed(f) <- true\nmain() = ()",
      "error: wrong message type: `f` does not take `Bool` @ true",
    ],
    [
      "out of a list",
      "f(m: Int) = m\nmain() = { ps = [spawn_typed(f) for _ in range(0, 3)]\n ps[1] <- true }",
      "error: wrong message type: `f` does not take `Bool` @ true",
    ],
    [
      "out of a record of the program",
      "type Worker = { pid: Pid[Int], n: Int }\nf(m: Int) = m\nmain() = { w = Worker(spawn_typed(f), 1)\n w.pid <- true }",
      "error: wrong message type: this process does not take `Bool` @ true",
    ],
    [
      "out of a tuple, a map, an option",
      "f(m: Int) = m\nmain() = { (p, n) = (spawn_typed(f), 1)\n o = Some(p)\n o.unwrap() <- true }",
      "error: wrong message type: `f` does not take `Bool` @ true",
    ],
    [
      "by a lambda",
      "f(m: Int) = m\nmain() = { p = spawn_typed(f)\n tell = x => p <- x\n tell(1)\n tell(true) }",
      "error: wrong message type: `f` does not take `Bool` @ tell",
    ],
    [
      "to both of two that may be meant",
      "f(m: Int) = m\ng(m: Bool) = m\nmain() = { p = if 1 < 2 then spawn_typed(f) else spawn_typed(g)\n p <- 1\n p <- true\n p <- 2.5 }",
      "error: wrong message type: this process does not take `Float` @ 2.5",
    ],
    [
      "what an annotation promises too much",
      "type M = A | B\nf() = receive { A -> f() }\nmain() = { p: Pid[M] = spawn_typed(f)\n p <- A }",
      "error: wrong message type: `f` does not take `B` @ spawn_typed(f)",
    ],
    [
      "a parameter that says what it sends",
      "f(m: Int) = m\ntell(p: Pid[Bool]) = p <- true\nmain() = tell(spawn_typed(f))",
      "error: wrong message type: `f` does not take `Bool` @ spawn_typed(f)",
    ],
    [
      "to itself",
      'f(m: Int) = { me = self()\n me <- "again" }\nmain() = { p = spawn_typed(f)\n p <- 1 }',
      "error: wrong message type: `f` does not take `String` @ f",
    ],
    [
      "a reply to a pid that is passed",
      'ask(p, me) = p <- {from: me}\ntype R = R(Int)\nf() = { me = self()\n spawn { me <- "late" }\n receive { R(n) -> f() } }\nmain() = { spawn_typed(f) }',
      "error: wrong message type: `f` does not take `String` @ f",
    ],
    [
      "with send",
      "f(m: Int) = m\nmain() = send(spawn_typed(f), true)",
      "error: wrong message type: `f` does not take `Bool` @ true",
    ],
    [
      "to a process whose function was handed over, when its type is written",
      "type M = A | B\nstart(f: (M) -> ()) -> Pid[M] = spawn_typed(f)\nmain() = start(m => ()) <- 1",
      "error: wrong message type: this process does not take `Int` @ 1",
    ],
    [
      "to what receives nothing",
      "f() = println(1)\nmain() = spawn_typed(f) <- 1",
      "error: wrong message type: `f` receives nothing @ 1",
    ],
    [
      "a function of two parameters",
      "f(a, b) = a\nmain() = spawn_typed(f)",
      "error: Wrong number of arguments: expected 1 or 0, found 2 @ f",
    ],
    ["a call", "f(a) = 1\nmain() = spawn_typed(f(1))", "error: type mismatch: expected function, found `Int` @ f(1)"],
  ])("%s", (_, text, message) => expect(said(text)).toEqual([message]));
});

describe("plain processes: warnings, and only where the receiver is known", () => {
  test.each([
    [
      "a block",
      "w() = receive { Some(x) -> x }\nmain() = { p = spawn { w() }\n p <- Some(1)\n p <- None }",
      ["warning: no `receive` of `w` can match `None` @ None"],
    ],
    [
      "main itself",
      'main() = { me = self()\n spawn { me <- "done" }\n spawn { me <- 7 }\n receive { "done" -> 1 } }',
      ["warning: no `receive` of `main` can match `Int` @ 7"],
    ],
    [
      "a helper of main",
      'late(x) = { me = self()\n spawn { me <- x } }\nmain() = { late("done")\n late(7)\n receive { "done" -> 1 } }',
      ["warning: no `receive` of `main` can match `Int` @ late(7)"],
    ],
    [
      "one that never receives",
      "main() = { p = spawn { println(1) }\n p <- 1 }",
      ["warning: this process receives nothing, so nobody will see this message @ 1"],
    ],
    [
      "two processes in one list",
      "a() = receive { 1 -> 1 }\nb() = receive { true -> 1 }\nmain() = { ps = [spawn(a), spawn(b)]\n ps[0] <- 1\n ps[1] <- true }",
      [],
    ],
    ["one of them unknown", "a() = receive { 1 -> 1 }\nmain(q: Pid) = { ps = [spawn(a), q]\n ps[0] <- true }", []],
    [
      "a function that anybody may run",
      "f() = { me = self()\n me <- 1 }\ng(h) = h()\nmain() = { spawn { g(f) }\n receive { true -> 1 } }",
      [],
    ],
  ])("%s", (_, text, messages) => expect(said(text)).toEqual(messages));
});

describe("what is not known is not refused", () => {
  test.each([
    ["a record with more fields", "f(m: {a: Int}) = m\nmain() = spawn_typed(f) <- {a: 1, b: 2}"],
    [
      "a record that is declared",
      "type P = { a: Int, b: Int }\nf() = receive { {a} -> a }\nmain() = spawn_typed(f) <- P(1, 2)",
    ],
    [
      "sends of several shapes",
      'f() = receive { {a} -> f(); {b} -> f() }\nmain() = { p = spawn_typed(f)\n p <- {a: 1}\n p <- {b: true}\n p <- {a: "x", c: 1} }',
    ],
    ["an untyped value", "f(m: Int) = m\nmain() = { p = spawn_typed(f)\n receive { x -> p <- x } }"],
    ["a pid from a message", "f(m: Int) = m\nmain() = receive { {pid: p} -> p <- true }"],
    ["a pid that was declared without messages", "f(m: Int) = m\nmain() = { p: Pid = spawn_typed(f)\n p <- true }"],
    [
      "a variant whose constructor is not known",
      "type M = A | B\nf() = receive { A -> f() }\ntell(m: M) = spawn_typed(f) <- m\nmain() = tell(B)",
    ],
    [
      "a process that calls what it receives",
      "f() = receive { {run: g} -> g() }\nmain() = spawn_typed(f) <- {other: 1}",
    ],
    ["a process that calls what it was given", "f(g) = g()\nmain(g: () -> Int) = spawn_typed(() => f(g)) <- 1"],
    [
      "one message function for messages of several types",
      "f(m) = println(m)\nmain() = { p = spawn_typed(f)\n p <- 1\n p <- true }",
    ],
    [
      "one that inner receives take",
      "f(m: Int) = receive { {ack: true} -> m }\nmain() = { p = spawn_typed(f)\n p <- 1\n p <- {ack: true} }",
    ],
    [
      "both take it",
      "type M = A | Stop\nf() = receive { A -> f(); Stop -> () }\ng() = receive { {n} -> g(); Stop -> () }\nmain() = { ps = [spawn_typed(f), spawn_typed(g)]\n ps[0] <- Stop }",
    ],
    [
      "an annotation of less than it takes",
      "f(m: {a: Int}) = m\nmain() = { p: Pid[{a: Int, b: Int}] = spawn_typed(f)\n p <- {a: 1, b: 2} }",
    ],
    [
      "as plain pid of a function",
      "f(m: Int) = m\nalive(p: Pid) -> Bool = true\nmain() = { p = spawn_typed(f)\n alive(p)\n p <- 1 }",
    ],
    [
      "what a function that was handed over may receive",
      "start(f) = spawn_typed(f)\nmain() = start(n => println(n + 1)) <- true",
    ],
    [
      "generic messages",
      'f(m: Option[a]) = 1\nmain() = { p = spawn_typed(f)\n p <- Some(1)\n p <- Some("x")\n p <- None }',
    ],
    ["pins and guards", "f() = { k = 1\n receive { (^k, x) when x > 1 -> f() } }\nmain() = spawn_typed(f) <- (2, 3)"],
    [
      "local general functions that send",
      "f() = receive { 1 -> f(); true -> f() }\nmain() = { p = spawn_typed(f)\n tell(x) = p <- x\n tell(1)\n tell(true) }",
    ],
  ])("%s", (_, text) => expect(said(text)).toEqual([]));
});

test("a plain pid takes no checks from a typed one, which keeps what it is", () => {
  const text =
    "f(m: Int) = m\nalive(p: Pid) -> Bool = true\nmain() = { p = spawn_typed(f)\n alive(p)\n xs: [Pid] = [p]\n xs[0] <- true\n p <- true }";
  expect(said(text)).toEqual(["error: wrong message type: `f` does not take `Bool` @ true"]);
});

test("across modules", () => {
  const checked = checkFiles({
    main: "use lib.*\nmain() = { p = start()\n p <- 1\n p <- true }",
    lib: "pub start() = spawn_typed(work)\nwork(n: Int) = n",
  });
  expect(headlines(checked)).toEqual(["wrong message type: `work` does not take `Bool` @ true"]);
});
