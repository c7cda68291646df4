import { describe, expect, test } from "vitest";
import { parseFile } from "../../../grammar/index.ts";
import { item, items } from "./shape.ts";

describe("every declaration", () => {
  test.each(
    Object.entries({
      "f(x) = x": "f(x) = x",
      "pub f[T: Eq + m.Show, U](x: T, [y] = [1], _: U = z) when x > y -> T = x":
        "pub f[T: Eq + m.Show, U](x: T, [y] = [1], _: U = z) when (> x y) -> T = x",
      "f(x)\n  =\n  x": "f(x) = x",
      "f() { a }": "f() = {a}",
      "f(msg: {type: string}) -> Int { a }": "f(msg: {type: string}) -> Int = {a}",
      "f(a, b,) = 1": "f(a, b) = 1",
      "from(to) = to": "from(to) = to",
      "type P = { x: Int, private y: Int, }": "type P = {x: Int, private y: Int}",
      "type P = {\n  x: Int,\n  type: Int\n}": "type P = {x: Int, type: Int}",
      "pub var type P = { x: Int }": "pub var type P = {x: Int}",
      "type S = A | B(Int, T) | C{ r: Float }": "type S = A | B(Int, T) | C{r: Float}",
      "type S =\n  | A\n  | B": "type S = A | B",
      "type Id = Id(Int)": "type Id = Id(Int)",
      "type P = P { x: Int }": "type P = P{x: Int}",
      "type Tree[T] = Leaf | Node(T, Tree[T])": "type Tree[T] = Leaf | Node(T, Tree[T])",
      "type Score = Int": "type Score = alias Int",
      "type Pred = (Int) -> Bool": "type Pred = alias ((Int) -> Bool)",
      "type L = List[Int]": "type L = alias List[Int]",
      "type M = a.B": "type M = alias a.B",
      "type T": "type T",
      "type T\nf() = 1": "type T ;; f() = 1",
      "reactive R = { f: T }": "reactive R = {f: T}",
      "reactive S = A | B(T)": "reactive S = A | B(T)",
      "trait T: A, B\n  m(self, other: Self) -> R\n  d(self) = 1\n  ==(self, o) -> Bool\nend":
        "trait T: A, B {m(self, other: Self) -> R; d(self) = 1; ==(self, o) -> Bool}",
      "pub trait T m(self) -> Int end": "pub trait T {m(self) -> Int}",
      "Int: Show\n  show(self) = 1\nend": "impl Int: Show {show(self) = 1}",
      "Box[T]: m.Show when T: Show + Eq, U: Ord\n  show(self) = 1\nend":
        "impl Box[T]: m.Show[T: Show + Eq, U: Ord] {show(self) = 1}",
      "[T]: Sum\n  s(self) = 1\nend": "impl [T]: Sum {s(self) = 1}",
      "(A, B): Sum s(self) = 1 end": "impl (A, B): Sum {s(self) = 1}",
      "m.Box: Show\nend": "impl m.Box: Show {}",
      "module A\n  pub f() = 1\n  module B\n    x = 2\n  end\nend": "module A {pub f() = 1; module B {let x = 2}}",
      "use a.b.*": "use a.b.*",
      "use a.b.{\n  x,\n  Y as Z,\n}": "use a.b.{x, Y as Z}",
      "use a.b.name as n": "use a.b.{name as n}",
      "use stdlib.test.{f}": "use stdlib.test.{f}",
      "pub const PI = 3.14": "pub const PI = 3.14:Float",
      "const max: Int = 1": "const max: Int = 1",
      "pub x = 1": "pub let x = 1",
      "var x: Int = 1": "let var x: Int = 1",
      "(a, b): Pair = p": "let (a, b): Pair = p",
      "mvar counter: Map[String, Int] = %{}": "mvar counter: Map[String, Int] = %{}",
      "template t(fn, n) = quote { ~fn }": "template t(fn, n) = (quote {(~ fn)})",
      '@memo\n@trace(1, "x")\npub f(x) = x': '@memo @trace(1, "x") pub f(x) = x',
      "@derive(Eq)\ntype T = A": "@derive(Eq) type T = alias A",
      "extern type T": "extern type T",
      'extern f(a: T) -> R from "lib"': "extern f(a: T) -> R from lib",
      'test "adds" = assert(true)': 'test "adds" = (call assert true)',
    }),
  )("%s", (text, shape) => expect(items(text).join(" ;; ")).toBe(shape));

  test("a file without main has statements too, in order", () => {
    expect(items("x = 1\nprintln(x)\nf(y) = y\nxs[0] = f(x)\nfor i = 0 to 3 { }\nif a { b }")).toEqual([
      "let x = 1",
      "(call println x)",
      "f(y) = y",
      "(at xs 0) := (call f x)",
      "(for i 0 3 {})",
      "(if a {b})",
    ]);
  });

  test("comments directly above are the documentation", () => {
    const text =
      "# not this\n\n# one\n#two\nf() = 1\n// three\n@d\ng() = 2\n#* no *#\nh() = 3\nmodule M\n  # in\n  k() = 1\nend";
    const { ast } = parseFile({ path: "t", text: text.replaceAll("\n", "\r\n") });
    const docs = ast.items.map((found) => (found.kind === "statement" ? undefined : found.doc));
    expect(docs).toEqual(["one\ntwo", "three", undefined, undefined]);
    const module = ast.items[3];
    expect(module?.kind === "module" && module.items[0]?.kind === "function" && module.items[0].doc).toBe("in");
  });

  test("a #! first line and a byte order mark are skipped", () => {
    expect(item("\uFEFF#!/usr/bin/env nostos\nmain() = 1")).toBe("main() = 1");
  });
});
