import { describe, expect, test } from "vitest";
import { errors, typeOf } from "./support.ts";

describe("inferred types", () => {
  test.each([
    ["a function is general in what it does not look at", "f(x) = x", "(a) -> a"],
    ["a second use of a parameter ties types together", "f(g, x) = g(g(x))", "((a) -> a, a) -> a"],
    ["comparison with a literal decides", "f(n) = if n < 2 then n else f(n - 1) + f(n - 2)", "(Int) -> Int"],
    ["clauses are one function", "f(0) = 1\nf(n) = n * f(n - 1)", "(Int) -> Int"],
    ["patterns give types", "f([]) = 0\nf([h | t]) = h + f(t)", "(List[Int]) -> Int"],
    ["constructors give types", "type T = A(Int) | B\nf(A(n)) = n\nf(B) = 0", "(T) -> Int"],
    ["one String makes the other one", 'f(name) = "Hello, " + name', "(String) -> String"],
    ["a method nobody else has decides the receiver", "f(x) = x.toUpper()", "(String) -> String"],
    [
      "a known receiver decides at once",
      "f(xs: [Int]) = xs.map(x => (x, show(x)))",
      "(List[Int]) -> List[(Int, String)]",
    ],
    ["Int with Float is Float", "f() = 1 + 2.5", "() -> Float"],
    ["received messages have no type", "f() = receive { x -> x }", "() -> _"],
    [
      "a lambda takes pairs apart",
      "f(ps: [(Int, String)]) = ps.map((n, s) => s ++ show(n))",
      "(List[(Int, String)]) -> List[String]",
    ],
    ["local functions are general", 'f() = { id(x) = x\n (id(1), id("a")) }', "() -> (Int, String)"],
    [
      "local lambdas are general",
      'f() = { pair = x => (x, x)\n (pair(1), pair("a")) }',
      "() -> ((Int, Int), (String, String))",
    ],
    [
      "mutual recursion is one group",
      "f(n) = if n == 0 then true else g(n - 1)\ng(n) = if n == 0 then false else f(n - 1)",
      "(Int) -> Bool",
    ],
    ["structural records", "f(p: {age: Int}) = p.age", "({age: Int}) -> Int"],
    [
      "generic records",
      "type P[A, B] = { a: A, b: B }\nf(p) = P(p.b, p.a)\ng(p: P[Int, String]) = f(p)\nh(p: P[Int, String]) = g(p)\nf2() = 1",
      "(a) -> P[b, c]",
    ],
    ["match without a type of its own", "f(x) = match x { Some(y) -> y; None -> 0 }", "(Option[Int]) -> Int"],
    ["defaults", "f(a, b = 2) = a ++ show(b)", "(String, Int) -> String"],
    ["aliases are what they stand for", "type Score = Int\nf(s: Score) -> Score = s + 1", "(Int) -> Int"],
    ["single letters are type variables", "f(x: a, g: a -> b) = g(x)", "(a, (a) -> b) -> b"],
    [
      "the value of a loop is that of break",
      "f() = { var i = 0\n while true { i = i + 1\n if i > 3 then break i else () } }",
      "() -> Int",
    ],
  ])("%s", (_, text, type) => expect(typeOf(text, "f")).toBe(type));

  test("what a function needs of its argument is asked of every caller", () => {
    expect(errors("add(a, b) = a + b\nmain() = println(add(1, 2.5)) ")).toEqual([]);
    expect(errors("inc(x) = x + 1\nmain() = println(inc(2.5))")).toEqual([]);
    expect(errors("inc(x) = x + 1\ntwice(x) = inc(inc(x))\nmain() = println(twice(true))")).toEqual([
      "Bool does not implement Num @ twice(true)",
    ]);
  });

  test("an unknown receiver is settled by each caller", () => {
    expect(errors('size(x) = x.length()\nmain() = println(size("abc") + size([1]))')).toEqual([]);
    expect(errors("size(x) = x.length()\nmain() = println(size(1))")).toEqual([
      "Type Int has no method length @ length",
    ]);
  });

  test("overloads are told apart by written types and by arity", () => {
    const text = 'f(x: Int) = "int"\nf(x: String) = 1\nf(a: Int, b: Int) = true\n';
    expect(typeOf(`${text}g() = (f(1), f("a"), f(1, 2))`, "g")).toBe("() -> (String, Int, Bool)");
  });

  test("an untyped function is the fallback of a typed one", () => {
    expect(typeOf('f(x) = [x]\nf(x: Int) = "int"\ng() = (f(1), f(true))', "g")).toBe("() -> (String, List[Bool])");
  });

  test("same constructor in two types: arguments and expectation choose", () => {
    const text = "type A = Leaf | Node(Int, A)\ntype B = End | Node(String, B)\n";
    expect(typeOf(`${text}f() = (Node(1, Leaf), Node("a", End))`, "f")).toBe("() -> (A, B)");
    expect(typeOf(`${text}f(b: B) = match b { Node(s, _) -> s; End -> "" }`, "f")).toBe("(B) -> String");
  });
});
