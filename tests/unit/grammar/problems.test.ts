import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseFile, parseInput } from "../../../grammar/index.ts";
import { hint, items, problems, showItem } from "./shape.ts";

vi.setConfig({ testTimeout: 60_000 });

const lines = (...text: string[]) => text.join("\n");

describe("one mistake, one problem, at its place", () => {
  test.each(
    Object.entries({
      "x = 5 § 3": ["1:7-1 unknown §"],
      "x = “hi” there": ["1:5-1 unknown “"],
      'x = "abc\ny = 2': ["1:5-4 unterminated string"],
      'f() = {\n  g("abc)\n  h("d")\n}': ["2:5-5 unterminated string"],
      'x = g("a ${b")\ny = 2': ["1:15-0 missing } of 1:10"],
      "#* no end": ["1:1-2 unterminated comment"],
      "x = ''": ["1:5-2 '', not a character between the quotes"],
      "f() = {\n  if a {\n    b()\n  c = 2\n}\ng() = 1": ["3:8-0 missing } of 2:8"],
      "f() = {\n  x = g(1, 2\n  y = 3\n}\nh() = 2": ["2:13-0 missing ) of 2:8"],
      "x = (1, 2]\ny = 3": ["1:10-1 missing ) of 1:5"],
      "f() = 1 }\ng() = 2": ["1:9-1 stray }"],
      "}\nf() = 1": ["1:1-1 stray }"],
      "x = f(g(1, 2": ["1:13-0 missing ) of 1:8"],
      "f() =\n  a\n}\ng() = 2": ["3:1-1 stray }"],
      "f() = \n  a = 1\n  a\n}\ng() = 2": ["1:6-0 end of line, not an expression"],
      "f() = do\n  a": ["2:4-0 missing end of 1:7"],
      "module A\nf() = 1": ["2:8-0 missing end of 1:1"],
      "x =": ["1:4-0 end of file, not an expression"],
      "f() = {\n  x =\n  y = 2\n}": ["2:6-0 end of line, not an expression"],
      "f(x) =\ng(y) = y": ["1:7-0 end of line, not an expression"],
      "x = 1 y = 2": ["1:7-1 y, not an operator or a new line"],
      "f() = { a b; c d }": ["1:11-1 b, not an operator or a new line", "1:16-1 d, not an operator or a new line"],
      "x = [1 2]": ["1:8-1 2, not `,` or `]`"],
      "x = f(1 2)": ["1:9-1 2, not `,` or `)`"],
      "x = {a: 1\n b: 2}": ["1:10-0 end of line, not `,` or `}`"],
      "type T = { a: Int b: Int }": ["1:19-1 b, not `,` or `}`"],
      "type T = { a }": ["1:14-1 }, not `:` and a type"],
      "type t = Int": ["1:6-1 t, not a type name with a capital"],
      "f(x: ) = 1": ["1:6-1 ), not a type"],
      "f(,) = 1": ["1:3-1 ,, not a pattern"],
      "f({type, x}) = 1": ["1:4-4 type, not `type: pattern`"],
      "f(%{k: v}) = 1": ["1:5-1 k, not a literal or `^name`"],
      "const x\nmvar y: Int = 1": ["1:8-0 end of line, not `=`"],
      "mvar y = 1": ["1:8-1 =, not `:` and a type"],
      "use a": ["1:1-5 end of file, not `.*` or `.{names}` or `.name`"],
      "use a..b": ["1:6-2 .., not `.`"],
      "x = match y { }": ["1:15-1 }, not an arm"],
      "x = match { A -> 1 }": ["1:11-1 {, not a value to match"],
      "x = match y { A }": ["1:17-1 }, not `->` or `when`"],
      "x = match y {\n A -> b c\n B -> 1\n}": ["2:9-1 c, not an operator or `,` or a new line"],
      "x = receive { after 1 -> a, B -> c }": ["1:29-1 B, not `}`"],
      "a <- b <- c": ["1:8-2 <-, not a new line"],
      "x = a.": ["1:7-0 end of file, not a field or method name"],
      "x = spawn f": ["1:11-1 f, not `{` or `(`"],
      "x = if then a": ["1:8-4 then, not an expression"],
      "x = if a": ["1:9-0 end of file, not `then` or `{`"],
      "f() = {\n  a\n  + b\n}": ["3:3-1 +, not a statement"],
      "@d\nx + 1": ["2:1-1 x, not a declaration"],
      "const 5 = 1": ["1:7-1 5, not a name"],
      "f({5}) = 1": ["1:4-1 5, not a field"],
      "f[5](x) = 1": ["1:3-1 5, not a name"],
      for: ["1:4-0 end of file, not a variable"],
      "x = t.0x1": ["1:7-3 0x1, not a field or method name"],
      "[x for y xs]": ["1:10-2 xs, not `in`"],
    }),
  )("%j", (text, expected) => expect(problems(text)).toEqual(expected));

  test("independent mistakes are all reported, and the rest is understood", () => {
    const text = lines(
      "f(x) = x +* 1",
      "g(x) = {",
      "  a = [1 2]",
      "  b = 3",
      "  match x { A => 1, B -> 2 }",
      "  if x = 1 { c }",
      "}",
      "trait T",
      "  m(self) = then",
      "  n(self) = 1",
      "end",
      "Int: T",
      "  m(self) = 1 2",
      "end",
      "module M",
      "  type a = Int",
      "  h() = 1",
      "end",
      "last() = 1",
    );
    expect(problems(text)).toEqual([
      "1:11-1 *, not an expression",
      "3:10-1 2, not `,` or `]`",
      "5:15-2 =>, not `->` or `when`",
      "6:8-1 =, not `then` or `{`",
      "9:13-4 then, not an expression",
      "13:15-1 2, not an operator or a new line",
      "16:8-1 a, not a type name with a capital",
    ]);
    const found = parseFile({ path: "t", text }).ast.items.map(showItem);
    expect(found[0]).toBe("g(x) = {b = 3; (match x)}");
    expect(found.slice(1)).toEqual([
      "trait T {n(self) = 1}",
      "impl Int: T {m(self) = 1}",
      "module M {h() = 1}",
      "last() = 1",
    ]);
  });

  test("CRLF changes nothing but offsets", () => {
    const text = lines("f() = {", "  let x = 1", "  y = [1 2]", "}", 'z = "a', "");
    expect(problems(text.replaceAll("\n", "\r\n"))).toEqual(problems(text));
  });
});

describe("known mistakes get a hint", () => {
  test.each(
    Object.entries({
      "f() = { let x = 1 }": "there is no `let`: write `x = …`",
      "fn foo(x) = x": "a function is written `foo(…) = …`, without a keyword",
      "def foo(x):\n  x": "a function is written `foo(…) = …`, without a keyword",
      "func foo(x) { x }": "a function is written `foo(…) = …`, without a keyword",
      "foo(x) x + 1": "a function is defined with `=`: `foo(…) = …`",
      "foo(x) => x": "a function is defined with `=`: `f(x) = …`",
      "f(x): Int = x": "a result type stands behind `->`: `f(x) -> Int = …`",
      "x = match y { A if b -> 1 }": "a guard begins with `when`",
      "x = match y { A => 1 }": "an arm is written with `->`; `=>` makes a function",
      "x = match y { case A -> 1 }": "an arm is written `pattern -> result`, without `case`",
      "x = match y { else -> 1 }": "the arm for all the rest is `_ -> …`",
      "match x of": "the arms stand in braces: `match value { pattern -> result }`",
      "switch x { }": "choose with `match value { pattern -> result }`",
      "x = if a = 1 then b": "`==` compares, `=` only binds a name",
      "while a = 1 { }": "`==` compares, `=` only binds a name",
      "f = x -> x": "a function without a name is written with `=>`: `x => …`",
      "f = (a, b) -> a": "a function without a name is written with `=>`: `x => …`",
      "if a { b } elif c { d }": "write `else if`",
      "if a { b }\nelif c { d }": "write `else if`",
      "import foo": "names of other modules are taken with `use module.*`",
      "use foo": "`use foo.*` takes all of its public names, `use foo.{a, b}` some",
      "x := 1": "a name is bound with `=`",
      "x = a === b": "`==` compares",
      "x = a &&& b": "and is `&&`",
      "x = a and b": "and is `&&`",
      "x = a or b": "or is `||`",
      "x = a <> b": "not equal is `!=`, strings are joined with `++`",
      "f() = { x += 1 }": "write `x = x + …`",
      "f() = { Int x = 5 }": "a type stands behind the name: `x: Int = …`",
      "x = Point { a: 1 }": "a record is made with parentheses: `Point(…)`",
      'print "a"': "a call needs parentheses: `print(…)`",
      "f(xs: List<Int>) = xs": "type arguments stand in brackets: `List[…]`",
      "try f() catch e { 1 }": "`catch` takes arms: `catch { e -> … }`",
      "receive(x)": "`receive { pattern -> result }` takes arms, it is not called",
      "for (i = 0; i < 3) { }": "a loop is written `for i = 0 to n { … }` or `for x in xs { … }`",
      "x = a ? b : c": "choose with `if c then a else b`",
      "xs.each(x => t = t + x)": "an assignment in a lambda needs braces: `x => { total = … }`",
      "f(a, b = 5)": "a named argument is written `b: …`; `==` compares",
      "type = 5": "`type` is a keyword and cannot be a name",
      "f(match) = 1": "`match` is a keyword and cannot be a name",
      'f("a${b}") = 1': "a string in a pattern has no `${…}`",
      "f() = {\n  a\n  + b\n}": "an operator may end a line; only `|>` and `.` may begin one",
      "x = 1e5": "a Float needs a dot: write `1.0e5`",
      "f() = { g(x) when y = 1 }":
        "a local function has no type parameters and no guard; move it out of the block, or use `if`",
    }),
  )("%j", (text, expected) => expect(hint(text)).toBe(expected));
});

describe("input at a prompt", () => {
  test.each([
    "x = ",
    "f(x) =",
    "x = [1,",
    "main() = {\n",
    "match x",
    "match x {\n A -> 1",
    "x = 1 +",
    'x = "abc',
    "#* a",
    "if x",
    "do\n x",
    "f(",
    'x = "${a',
  ])("%j wants more", (text) => expect(parseInput({ path: "<input>", text })).toMatchObject({ isIncomplete: true }));

  test.each(["x = 1", "x = )", "x = [1 2", "1 + 2", "f() = {\n x y", "x = 5 §", ""])("%j does not", (text) =>
    expect(parseInput({ path: "<input>", text })).toMatchObject({ isIncomplete: false }),
  );
});

describe("any text at all", () => {
  const words = [
    ..."( ) [ ] { } %{ #{ , ; : . .. ..= = == -> => <- | |> || && + - * / ** ++ :: ! ? ~ @ ^ _ ${".split(" "),
    ...'x y Foo self to 1 2.5 3i8 \'a\' "s" "a${ if then else match when receive after spawn try catch finally'.split(
      " ",
    ),
    ..."do end while for in break return type trait module use var mvar const pub fn let § ' \" # \n #* *# //".split(
      " ",
    ),
    "\n",
    "\n  ",
    "\r\n",
  ];

  test("gives a tree and problems within the text, never an exception", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), fc.boolean(), (parts, isSpaced) => {
        const text = parts.join(isSpaced ? " " : "");
        const { ast, problems: found } = parseFile({ path: "t", text });
        expect(Array.isArray(ast.items)).toBe(true);
        for (const problem of found) {
          const { span } = problem;
          if (problem.code === "unexpected-token") expect(problem.expected).not.toContain("something else");
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          expect(span.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test("taking one token away from a sound program gives at most one problem", () => {
    const program = lines(
      "use a.b.{c, d}",
      "type Shape = Circle(Float) | Rect{ w: Float, h: Float }",
      "mvar total: Int = 0",
      "trait Area",
      "  area(self) -> Float",
      "end",
      "Shape: Area",
      "  area(self) = match self { Circle(r) -> r * 2.0, Rect{w, h} -> w * h }",
      "end",
      "sum([]) = 0",
      "sum([h | t]) = h + sum(t)",
      "handler(msg: {type: string, data: int}) {",
      "  match msg {",
      '    {type: "add", data} -> total = total + data',
      '    {type: "sub", data} -> {',
      "      total = total - data",
      "    }",
      "  }",
      "}",
      "main() = {",
      "  xs = [f(x) for x in range(10) if x > 2]",
      '  pid = spawn { handler({type: "add", data: 1}) }',
      "  pid <- Circle(1.5)",
      "  for i = 0 to 10 { println(i) }",
      "  r = if xs.isEmpty() then 0 else { xs[0] }",
      "  ys = xs.map((a, b) => a + b).filter(x => x > 0)",
      '  println("sum ${sum(ys)} of ${show(r)}")',
      "  receive { Done(v) -> v after 100 -> 0 }",
      "}",
    );
    expect(items(program)).toHaveLength(9);
    const pieces = [...program.matchAll(/[A-Za-z_]+|[0-9.]+|"[^"]*"|->|<-|=>|[^\s\w]/g)];
    for (const { 0: piece, index } of pieces) {
      const text = program.slice(0, index) + program.slice(index + piece.length);
      expect(problems(text).length, `without ${piece} at ${index}: ${problems(text).join("; ")}`).toBeLessThan(2);
    }
  });
});
