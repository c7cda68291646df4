import { describe, expect, test } from "vitest";
import { parseFile } from "../../../grammar/index.ts";
import { spansOf } from "./shape.ts";

/** kind → texts of the nodes of that kind */
function texts(text: string): Record<string, string[]> {
  const { ast, problems } = parseFile({ path: "t", text });
  expect(problems).toEqual([]);
  const found: Record<string, string[]> = Object.create(null);
  for (const { kind, text: piece } of spansOf(ast.items)) (found[kind] ??= []).push(piece);
  return found;
}

describe("every node carries the exact span of its text", () => {
  test("expressions", () => {
    const found = texts("x = (a + b) * -c.d(1)[2]?");
    expect(found).toMatchObject({
      binding: ["x = (a + b) * -c.d(1)[2]?"],
      chain: ["(a + b) * -c.d(1)[2]?", "(a + b)"],
      unary: ["-c.d(1)[2]?"],
      "try?": ["c.d(1)[2]?"],
      index: ["c.d(1)[2]"],
      call: ["c.d(1)"],
      field: ["c.d"],
    });
  });

  test("a parenthesised callee belongs to its call", () => {
    expect(texts("x = (y => y)(1).z").call).toEqual(["(y => y)(1)"]);
    expect(texts("x = t.0.1").field).toEqual(["t.0.1", "t.0"]);
  });

  test("control flow, arms and blocks", () => {
    const found = texts("f(x) = match x { A -> { y = 1 }, n when n > 0 -> if a then b else c }");
    expect(found).toMatchObject({
      function: ["f(x) = match x { A -> { y = 1 }, n when n > 0 -> if a then b else c }"],
      match: ["match x { A -> { y = 1 }, n when n > 0 -> if a then b else c }"],
      block: ["{ y = 1 }"],
      bind: ["y = 1"],
      if: ["if a then b else c"],
    });
    const { ast } = parseFile({ path: "t", text: "f(x) = match x { A -> { 1 }, n when m -> k | B -> }" });
    const body = ast.items[0]?.kind === "function" ? ast.items[0].body : undefined;
    const arms =
      body?.kind === "match" ? body.arms.map(({ span }) => span.source.text.slice(span.start, span.end)) : [];
    expect(arms).toEqual(["A -> { 1 }", "n when m -> k", "B ->"]);
  });

  test("declarations, types, patterns", () => {
    const found = texts(
      "pub f([h | t]: List[Int], P{x, y: (a, 1..2)} = z) -> (A) -> B = h\npub type T[A] = C(A) | D{x: [A]}\nuse a.b.{c}",
    );
    expect(found).toMatchObject({
      function: ["pub f([h | t]: List[Int], P{x, y: (a, 1..2)} = z) -> (A) -> B = h", "(A) -> B"],
      type: ["pub type T[A] = C(A) | D{x: [A]}"],
      use: ["use a.b.{c}"],
      list: ["[h | t]", "[A]"],
      constructor: ["P{x, y: (a, 1..2)}"],
      tuple: ["(a, 1..2)"],
      range: ["1..2"],
    });
  });

  test("line ends of any kind, and characters outside the BMP", () => {
    const text = 'x = "😀"\r\ny = (a,\r\n  b)\r\nmain() = {\r\n  z\r\n  w\r\n}\r\n';
    const found = texts(text);
    expect(found.tuple).toEqual(["(a,\r\n  b)"]);
    expect(found.literal).toEqual(['"😀"']);
    expect(found.expr).toEqual(["z", "w"]);
  });

  test("a child lies within its parent", () => {
    const text =
      'main() = {\n  var n: Int = 1\n  for i = 0 to 3 { n = n + f(i, k: "${i}") }\n  receive { {type: t} -> t after 1 -> () }\n}';
    const { ast } = parseFile({ path: "t", text });
    const check = (node: unknown, start: number, end: number): void => {
      if (typeof node !== "object" || node === null) return;
      const span = "span" in node ? (node.span as { start: number; end: number }) : undefined;
      if (span !== undefined) {
        expect(span.start).toBeGreaterThanOrEqual(start);
        expect(span.end).toBeLessThanOrEqual(end);
      }
      for (const [key, child] of Object.entries(node)) {
        if (key !== "source" && key !== "span") check(child, span?.start ?? start, span?.end ?? end);
      }
    };
    check(ast.items, 0, text.length);
  });
});
