import { describe, expect, test } from "vitest";
import { pattern, type } from "./shape.ts";

describe("patterns", () => {
  test.each(
    Object.entries({
      _: "_",
      x: "x",
      "^x": "^x",
      "1": "1",
      "-1": "-1",
      "0xFF": "0xFF",
      "-128i8": "-128:Int8",
      "1.5": "1.5:Float",
      "2n": "2:BigInt",
      "'a'": "'a'",
      '"a"': '"a"',
      true: "true",
      "()": "()",
      "(p)": "p",
      "(a, (b, c))": "(a, (b, c))",
      "1..10": "1..10",
      "-10..=-1": "-10..=-1",
      "[]": "[]",
      "[a, b]": "[a, b]",
      "[a, [b | _] | rest]": "[a, [b | _] | rest]",
      '["pre" | rest]': '["pre" | rest]',
      "[(1 | 2), x]": "[(1 | 2), x]",
      None: "None",
      "Some(x)": "Some(x)",
      "C()": "C",
      "C(f: p, 2)": "C(f: p, 2)",
      "C{f: p, g, _}": "C{f: p, g: g, ..}",
      "shapes.Circle(r)": "shapes.Circle(r)",
      "M.N.Leaf": "M.N.Leaf",
      "{x, y: p, _}": "{x, y: p}",
      '{type: "add", data}': '{type: "add", data}',
      '%{"k": v, ^id: _, 1: x,}': '%{"k": v, ^id: _, 1: x}',
      "#{1, x}": "#{1, x}",
      "1 | 2 | 3": "(1 | 2 | 3)",
      "Some(1 | 2)": "Some((1 | 2))",
      self: "self",
    }),
  )("%s", (text, shape) => expect(pattern(text)).toBe(shape));
});

describe("types", () => {
  test.each(
    Object.entries({
      Int: "Int",
      int: "int",
      a: "a",
      Self: "Self",
      "Mod.Name[A, b,]": "Mod.Name[A, b]",
      "[T]": "[T]",
      "(A, B)": "(A, B)",
      "()": "()",
      "(A)": "A",
      "A -> B -> C": "((A) -> ((B) -> C))",
      "(A, B) -> C": "((A, B) -> C)",
      "() -> ()": "(() -> ())",
      "((A, B)) -> C": "(((A, B)) -> C)",
      "{type: string, data: [int]}": "{type: string, data: [int]}",
      "Map[String, (Int) -> Bool]": "Map[String, ((Int) -> Bool)]",
    }),
  )("%s", (text, shape) => expect(type(text)).toBe(shape));
});
