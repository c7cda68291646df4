import { describe, expect, test } from "vitest";
import { block, expr } from "./shape.ts";

const shapes = (rows: Record<string, string>, read: (text: string) => string = expr) =>
  test.each(Object.entries(rows))("%s", (text, shape) => expect(read(text)).toBe(shape));

describe("precedence: tighter operators first, one flat chain a level", () => {
  shapes({
    "1 + 2 * 3 - 4": "(+,- 1 (* 2 3) 4)",
    "a * b / c % d": "(*,/,% a b c d)",
    "-2 ** 2": "(** (neg 2) 2)",
    "2 ** 3 ** 4": "(**,** 2 3 4)",
    "1 :: 2 :: xs": "(::,:: 1 2 xs)",
    "1 + 2 :: xs ++ ys": "(++ (:: (+ 1 2) xs) ys)",
    "a == b && c < d || !e": "(|| (&& (== a b) (< c d)) (not e))",
    "a < b < c": "(<,< a b c)",
    "xs |> map(f) |> sum": "(|>,|> xs (call map f) sum)",
    "a || b |> f": "(|> (|| a b) f)",
    "pid <- a + b |> f": "(send pid (|> (+ a b) f))",
    "(a + b) + c": "(+ (+ a b) c)",
    "not a && b": "(&& (not a) b)",
    "- - a": "(neg (neg a))",
    "!f(x).y": "(not (. (call f x) y))",
    "a - -1": "(- a (neg 1))",
    "a -1": "(- a 1)",
    "~f.name": "(~ (. f name))",
    "-~x": "(neg (~ x))",
  });
});

describe("postfix", () => {
  shapes({
    "f(1, b: 2, c,)": "(call f 1 b:2 c)",
    "f()": "(call f)",
    "f(1)(2)": "(call (call f 1) 2)",
    "x.y.z": "(. (. x y) z)",
    "x.m(1).n()": "(call (. (call (. x m) 1) n))",
    "t.0": "(. t 0)",
    "t.0.1": "(. (. t 0) 1)",
    "t.0.1.2.3": "(. (. (. (. t 0) 1) 2) 3)",
    "pair.0(42)": "(call (. pair 0) 42)",
    "xs[i + 1][0]": "(at (at xs (+ i 1)) 0)",
    "f[Int](x)": "(call f [Int] x)",
    "f[Int, [String],](x)": "(call f [Int, [String]] x)",
    "f[int](x)": "(call f [int] x)",
    "fs[i](x)": "(call (at fs i) x)",
    "fs[0](x)": "(call (at fs 0) x)",
    "fs[i + 1](x)": "(call (at fs (+ i 1)) x)",
    "e?": "(try? e)",
    "f(x)?.y": "(. (try? (call f x)) y)",
    "P(base, x: 1)": "(call P base x:1)",
    "m.P(1)": "(call (. m P) 1)",
    "Outer.Inner.value": "(. (. Outer Inner) value)",
    "(x => x)(1)": "(call ((x) => x) 1)",
    "r.type": "(. r type)",
    "r.end.from": "(. (. r end) from)",
    "f(type: 1, match: 2)": "(call f type:1 match:2)",
    '"abc".length()': '(call (. "abc" length))',
    "5.show()": "(call (. 5 show))",
    "1.5.show()": "(call (. 1.5:Float show))",
    "{ x }.y": "(. {x} y)",
  });
});

describe("collections", () => {
  shapes({
    "()": "()",
    "(1)": "1",
    "(1, 2,)": "(1, 2)",
    "[]": "[]",
    "[1, 2,]": "[1, 2]",
    "[h | t]": "[h | t]",
    "[a, b | rest]": "[a, b | rest]",
    "[1..10]": "[1..10]",
    "[a..=b + 1]": "[a..(+ b 1)]",
    "[f(x) for x in xs]": "[(call f x) for x in xs]",
    "[a + b for (a, b) in pairs if a > 0]": "[(+ a b) for (a, b) in pairs if (> a 0)]",
    "[spawn_typed(worker) for _ in range(10)]": "[(call spawn_typed worker) for _ in (call range 10)]",
    "%{}": "%{}",
    '%{"a": 1, x + 1: 2,}': '%{"a": 1, (+ x 1): 2}',
    "#{}": "#{}",
    "#{1, 2,}": "#{1, 2}",
    "[\n  1,\n  2\n]": "[1, 2]",
    "[\n  1\n  + 2\n]": "[(+ 1 2)]",
  });
});

describe("braces: a record, a block, or nothing", () => {
  shapes({
    "{}": "{}",
    "{x}": "{x}",
    "{x, y}": "{x; y}",
    "{x: 1}": "{x: 1}",
    '{type: "add", data}': '{type: "add", data}',
    "{x: 1, y: {z: 2},}": "{x: 1, y: {z: 2}}",
    "{\n  id: 1,\n  start: f\n}": "{id: 1, start: f}",
    "{x: Int = 5}": "{x: Int = 5}",
    "{x: Int = 5\n y: String = s}": "{x: Int = 5; y: String = s}",
    "{f: x => { y = x; y }, g: 1}": "{f: ((x) => {y = x; y}), g: 1}",
    "{match: 1, if: 2}": "{match: 1, if: 2}",
    "{ println(x), y }": "{(call println x); y}",
    "{ a; b\n\n c, }": "{a; b; c}",
  });
});

describe("lambdas", () => {
  shapes({
    "x => x + 1": "((x) => (+ x 1))",
    "_ => 1": "((_) => 1)",
    "() => 1": "(() => 1)",
    "(a, b) => a": "((a, b) => a)",
    "(a: Int, b) -> Int => a": "((a: Int, b) -> Int => a)",
    "((a, b)) => a": "(((a, b)) => a)",
    "a => b => c": "((a) => ((b) => c))",
    "[h | t] => h": "(([h | t]) => h)",
    "Some(x) => x": "((Some(x)) => x)",
    "{x, y} => x": "(({x, y}) => x)",
    "f(x => x, (a, b) => { a })": "(call f ((x) => x) ((a, b) => {a}))",
    "x => {type: 1}": "((x) => {type: 1})",
    "(f: (Int) -> Int) => f": "((f: ((Int) -> Int)) => f)",
  });
});

describe("control flow", () => {
  shapes({
    "if a then b else c": "(if a b else c)",
    "if a { b } else { c }": "(if a {b} else {c})",
    "if a { b }": "(if a {b})",
    "if a then b else if c then d else if e { f } else g": "(if a b c d e {f} else g)",
    "if a then if b then c else d": "(if a (if b c else d))",
    "if a then x = 1 else y.z = 2": "(if a <x = 1> else <(. y z) := 2>)",
    "if a\n then b\n else c": "(if a b else c)",
    "while i < 3 { i = i + 1 }": "(while (< i 3) {i = (+ i 1)})",
    "for i = 0 to n - 1 { f(i) }": "(for i 0 (- n 1) {(call f i)})",
    "for x in xs { f(x) }": "(for x in xs {(call f x)})",
    "for (k, v) in m { }": "(for (k, v) in m {})",
    "{ break; continue; return }": "{(break); (continue); (return)}",
    "{ break 1\n return x + 1 }": "{(break 1); (return (+ x 1))}",
    "{ return\n 1 }": "{(return); 1}",
    "if a then return else b": "(if a (return) else b)",
    "do a; b end": "{a; b}",
    "do\n x = 1\n x\nend": "{x = 1; x}",
    "try f() catch { e -> g }": "(try (call f) catch [e -> g])",
    "try { f() }\ncatch { _ -> 0 }\nfinally { g() }": "(try {(call f)} catch [_ -> 0] finally {(call g)})",
    "try f() finally g()": "(try (call f) finally (call g))",
    "spawn { f() }": "(spawn block {(call f)})",
    "spawn(f)": "(spawn value f)",
    "spawn_link(() => g(1))": "(spawn_link value (() => (call g 1)))",
    "spawn_monitor { }": "(spawn_monitor block {})",
    "quote { ~x + 1 }": "(quote {(+ (~ x) 1)})",
    "quote(x)": "(quote x)",
    "~if a { quote { b } } else { c }": "(~ (if a {(quote {b})} else {c}))",
  });
});

describe("match and receive", () => {
  shapes({
    "match x { 0 -> a, 1 -> b; _ -> c }": "(match x [0 -> a] [1 -> b] [_ -> c])",
    'match x { 0 -> "a" 1 -> "b" _ -> "c" }': '(match x [0 -> "a"] [1 -> "b"] [_ -> "c"])',
    "match x { | A -> 1 | B -> 2 }": "(match x [A -> 1] [B -> 2])",
    "match x { A | B -> 1 | C -> 2 }": "(match x [(A | B) -> 1] [C -> 2])",
    "match x { n when n > 0 -> n\n _ -> 0 }": "(match x [n when (> n 0) -> n] [_ -> 0])",
    "match x { n when (n > 0) -> y => y\n _ -> z }": "(match x [n when (> n 0) -> ((y) => y)] [_ -> z])",
    "match x { n when a && (b) -> y => y }": "(match x [n when (&& a b) -> ((y) => y)])",
    "match x { (a, b) -> c => d\n (e) -> f }": "(match x [(a, b) -> ((c) => d)] [e -> f])",
    "match x {\n A ->\n {a: b, c} -> 1 }": "(match x [A -> {}] [{a: b, c} -> 1])",
    "match x {\n A -> # nothing\n B -> # nothing\n }": "(match x [A -> {}] [B -> {}])",
    "match x {\n A -> // nothing\n B when c -> d\n }": "(match x [A -> {}] [B when c -> d])",
    "match x {\n A ->\n  { b }\n B ->\n  c\n}": "(match x [A -> {b}] [B -> c])",
    "match x {\n A ->\n  (a, b) -> Int => c }": "(match x [A -> ((a, b) -> Int => c)])",
    "match x { Some(n) -> total = total + n\n None -> xs[0] = 1 }":
      "(match x [Some(n) -> <total = (+ total n)>] [None -> <(at xs 0) := 1>])",
    "match x { 1 -> a\n -1 -> b\n [h | t] -> c\n (d) -> e }": "(match x [1 -> a] [-1 -> b] [[h | t] -> c] [d -> e])",
    "match x { A -> 1 } + 1": "(+ (match x [A -> 1]) 1)",
    "match { x } { A -> 1 }": "(match {x} [A -> 1])",
    "receive { msg -> msg }": "(receive [msg -> msg])",
    "receive { }": "(receive)",
    'receive { "done" -> () after 10 + n -> f() }': '(receive ["done" -> ()] after (+ 10 n) (call f))',
    "receive { after 0 -> x = 1 }": "(receive after 0 <x = 1>)",
    "receive { A ->\n after 5 -> }": "(receive [A -> {}] after 5 {})",
  });
});

describe("statements of a block", () => {
  shapes(
    {
      " x = 1 ": "{x = 1}",
      " var x: Int = 1 ": "{var x: Int = 1}",
      " (a, _) = p\n [h | t] = xs\n {x, y: z} = r\n Some(v) = o ":
        "{(a, _) = p; [h | t] = xs; {x, y: z} = r; Some(v) = o}",
      " P{x, _} = p ": "{P{x: x, ..} = p}",
      " r.f = 1\n xs[0] = 2\n a.b[1].c = 3 ": "{(. r f) := 1; (at xs 0) := 2; (. (at (. a b) 1) c) := 3}",
      " inner(x: Int, y = 2) -> Int = x + y ": "{fn inner(x: Int, y = 2) -> Int = (+ x y)}",
      " go(xs: [a], m: Map[String, Int]) = xs ": "{fn go(xs: [a], m: Map[String, Int]) = xs}",
      " go(x) { x } ": "{fn go(x) = {x}}",
      " f(x)\n {y} ": "{(call f x); {y}}",
      " f\n (x) ": "{f; x}",
      " xs\n [0] ": "{xs; [0]}",
      " a\n -b ": "{a; (neg b)}",
      " a -\n b ": "{(- a b)}",
      " xs\n  .map(f)\n  .sum()\n  |> g\n  |>\n h ": "{(|>,|> (call (. (call (. xs map) f) sum)) g h)}",
      " x =\n  1 ": "{x = 1}",
      " ;; a ;\n; b ;": "{a; b}",
      " to = 1; from = to; panic(self) ": "{to = 1; from = to; (call panic self)}",
      " f(\n a\n ,\n b\n )": "{(call f a b)}",
      " f(x => {\n a\n b\n }) ": "{(call f ((x) => {a; b}))}",
      " pid <- {\n type: 1\n , a: 2 } ": "{(send pid {type: 1, a: 2})}",
    },
    block,
  );
});
