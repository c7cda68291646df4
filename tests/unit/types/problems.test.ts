import { describe, expect, test } from "vitest";
import { check, checkFiles, errors, headlines } from "./support.ts";

describe("what is wrong, and where", () => {
  test.each([
    ["names", "f() = totl", ["unknown variable `totl` @ totl"]],
    ["calls of nothing", "f() = foo(1)", ["unknown variable `foo` @ foo"]],
    ["types", "f(x: Strin) = x", ["unknown type `Strin` @ Strin"]],
    ["arguments", 'f(n: Int) = n\ng() = f("a")', ['type mismatch in argument 1: expected `Int`, found `String` @ "a"']],
    ["annotated bindings", "f() = { x: Int = 3.5\n x }", ["type mismatch: expected Int, found Float @ 3.5"]],
    ["branches", 'f(b) = if b then 1 else "a"', ['type mismatch: expected `Int`, found `String` @ "a"']],
    ["conditions", "f() = if 1 then 2 else 3", ["type mismatch: expected `Bool`, found `Int` @ 1"]],
    ["lists", 'f() = [1, "a"]', ['type mismatch: expected `Int`, found `String` @ "a"']],
    ["arithmetic", "f() = true + 5", ["Bool does not implement Num @ true"]],
    ["bounds of the library", "f() = [true].sort()", ["Bool does not implement Ord @ [true].sort()"]],
    [
      "functions have no equality",
      "f() = (x => x) == (y => y)",
      ["(a) -> a does not implement Eq @ (x => x) == (y => y)"],
    ],
    ["arity", "f(a, b) = a\ng() = f(1)", ["Wrong number of arguments: expected 2, found 1 @ f(1)"]],
    [
      "named arguments",
      "f(width, height) = width\ng() = f(width: 1, heigth: 2)",
      ["unknown argument `heigth` for function `f` @ heigth"],
    ],
    ["fields", "type P = { x: Int }\nf(p: P) = p.y", ["Type P has no field y @ y"]],
    ["missing fields", "type P = { x: Int, y: Int }\nf() = P(x: 1)", ["missing field `y` in record `P` @ P(x: 1)"]],
    ["methods", "f(n: Int) = n.nope()", ["Type Int has no method nope @ nope"]],
    ["tuples", "f() = { t = (1, 2)\n t.5 }", ["Type (Int, Int) has no field 5 @ 5"]],
    [
      "a second value for a name",
      "f() = { x = 1\n x = 1\n x }",
      ["cannot reassign immutable variable 'x'; use 'var' to declare a mutable variable @ x"],
    ],
    [
      "parameters are immutable",
      "f(x) = { x = 2\n x }",
      ["cannot reassign immutable variable 'x'; use 'var' to declare a mutable variable @ x"],
    ],
    ["immutable fields", "type P = { x: Int }\nf(p: P) = { p.x = 1 }", ["Field 'x' is not mutable @ x"]],
    ["infinite types", "f(x) = x(x)", ["Infinite type: `a` would have to be `(a) -> b`, which contains it @ x"]],
    ["builtin names", "map(x) = x", ["Function 'map' shadows built-in function 'map' @ map"]],
    ["duplicates", "type A = B\ntype A = C", ["`A` is defined multiple times @ A"]],
    [
      "missing constructors",
      "type T = A | B | C\nf(t: T) = match t { A -> 1 }",
      ["non-exhaustive patterns: `B`, `C` not covered @ match t { A -> 1 }"],
    ],
    [
      "what may fall through is a warning",
      "f(x: Option[Bool]) = match x { Some(true) -> 1; None -> 2 }",
      ["non-exhaustive patterns: `Some(false)` not covered @ match x { Some(true) -> 1; None -> 2 }"],
    ],
    ["break without a loop", "f() = { break }", ["`break` outside of a loop @ break"]],
    ["wildcards as values", "f() = _", ["Wildcard '_' is only valid in pattern contexts @ _"]],
    ["sending to what is no process", "f() = { 5 <- 1 }", ["type mismatch: expected `Pid`, found `Int` @ 5"]],
    [
      "timeouts",
      'f() = receive { x -> x; after "soon" -> () }',
      ['type mismatch: expected `Int`, found `String` @ "soon"'],
    ],
    [
      "the function that is called is none",
      "f() = { x = 1\n x(2) }",
      ["type mismatch: expected function, found `Int` @ x"],
    ],
  ])("%s", (_, text, expected) => expect(errors(text)).toEqual(expected));

  test("one mistake is one problem", () => {
    expect(errors("f() = { a = totl + 1\n b = a * 2\n c = b.foo().bar\n [c, a, 1] }")).toEqual([
      "unknown variable `totl` @ totl",
    ]);
  });

  test("independent mistakes are all found, in source order", () => {
    expect(errors('f() = nope\ng() = 1 + true\nh() = [1, "a"]').length).toBe(3);
  });

  test("a warning does not stop the program", () => {
    const checked = check("main() = match 3 { 1 -> 2 }");
    expect(checked.diagnostics.map((d) => d.severity)).toEqual(["warning"]);
    expect(checked.program).toBeDefined();
  });
});

describe("modules", () => {
  const shapes =
    "pub type Shape = Circle(Float) | Square(Float)\npub area(s) = match s { Circle(r) -> r * r; Square(a) -> a * a }\nsecret() = 1\ntype Hidden = Hidden(Int)";

  test.each([
    ["everything", "use shapes.*\nmain() = println(area(Circle(1.0)))", []],
    ["some names", "use shapes.{Shape, area as size}\nmain() = println(size(Circle(1.0)))", []],
    ["qualified, after a use", "use shapes.{Shape}\nmain() = println(shapes.area(Square(1.0)))", []],
    ["as a method", "use shapes.*\nmain() = println(Circle(1.0).area())", []],
    [
      "not imported",
      "main() = println(shapes.secret())",
      ["module `shapes` is not imported; add `use shapes.*` @ shapes"],
    ],
    [
      "private functions",
      "use shapes.*\nmain() = println(shapes.secret())",
      ["cannot access private function `secret`: it is private in module `shapes` @ secret"],
    ],
    [
      "private constructors",
      "use shapes.*\nmain() = println(Hidden(1))",
      ["`Hidden` is private in module `shapes` @ Hidden"],
    ],
    ["unknown modules", "use shape.*\nmain() = 1", ["module `shape` not found @ use shape.*"]],
    ["unknown names", "use shapes.{aera}\nmain() = 1", ["unknown function `aera` @ aera"]],
  ])("%s", (_, main, expected) => expect(headlines(checkFiles({ main, shapes }))).toEqual(expected));

  test("a name from two modules is a conflict where it is used", () => {
    expect(
      headlines(checkFiles({ main: "use a.*\nuse b.*\nmain() = println(f())", a: "pub f() = 1", b: "pub f() = 2" })),
    ).toEqual(["import conflict: `f` is imported from both `a` and `b` @ f"]);
  });

  test("imports are not passed on", () => {
    const found = headlines(
      checkFiles({ main: "use a.*\nmain() = println(gee())", a: "use b.*\npub f() = gee()", b: "pub gee() = 2" }),
    );
    expect(found).toEqual(["unknown variable `gee` @ gee"]);
  });

  test("nested modules keep their secrets", () => {
    expect(errors("module M\n pub f() = g()\n g() = 1\nend\nmain() = println(M.f())")).toEqual([]);
    expect(errors("module M\n pub f() = g()\n g() = 1\nend\nmain() = println(M.g())")).toEqual([
      "cannot access private function `g`: it is private in module `M` @ g",
    ]);
  });
});
