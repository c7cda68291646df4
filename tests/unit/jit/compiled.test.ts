/** What compiled code assumes, and what happens when it does not hold: small programs on which all engines must agree. */
import "../../support/check-on.ts";
import { expect, test } from "vitest";
import { compile } from "../../../cli/compile.ts";
import { projectOfText } from "../../../cli/project.ts";
import { disagreements } from "../../support/agreement.ts";

const deep = (operands: number): string => {
  const sum = Array.from({ length: operands }, (_, i) => i + 2).reduce((rest, i) => `(n * ${i} + ${rest})`, "f(n - 1)");
  return `f(n) = if n == 0 then 0 else ${sum} % 1000003\nmain() = println(f(30000))`;
};

const PROGRAMS: Readonly<Record<string, string>> = {
  "an Int parameter that is beyond 2^53 in some calls": `
double(n: Int) -> Int = n + n
main() = {
  var x = 1
  for i = 0 to 80 { x = double(x)
    println(x) }
}`,
  "a function that is given Ints first, then Floats, then Strings": `
plus(a, b) = a + b
twice(f, a, b) = f(f(a, b), b)
main() = {
  for i = 0 to 30 { println(twice((a, b) => a + b, i, 1)) }
  for i = 0 to 30 { println(twice((a, b) => a + b, 0.5, 1.5)) }
  println(plus("a", "b"))
}`,
  "Floats that become whole, in a loop, a tuple and a list": `
main() = {
  var x = 0.5
  var kept = []
  for i = 0 to 40 {
    x = x + 0.5
    kept = [(x, x * 2.0) | kept]
  }
  println(kept)
  println(x == 20.5)
}`,
  "overflow in a loop, again and again": `
main() = {
  var h = 1469598103934665603
  for i = 0 to 300 { h = (h * 1099511628211 + i) }
  println(h)
}`,
  "division by zero that is caught in a loop": `
main() = {
  var caught = 0
  for i = 0 to 50 {
    try { println(100 / (i % 3)) } catch { _ -> caught = caught + 1 }
  }
  println(caught)
}`,
  "records of one to twelve fields, read and matched": `
type Many = Many(Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int) | Few(Int) | None2
total(Many(a, b, c, d, e, f, g, h, i, j, k, l)) = a + b + c + d + e + f + g + h + i + j + k + l
total(Few(a)) = a
total(None2) = 0
main() = {
  var n = 0
  for i = 0 to 50 {
    n = n + total(Many(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)) + total(Few(i)) + total(None2)
  }
  println(n)
}`,
  "function values of many functions at one call": `
apply(f, x) = f(x)
main() = {
  var total = 0
  for i = 0 to 60 {
    total = total + apply(x => x + i, 1) + apply(x => x * 2, i) + apply(abs, 0 - i)
  }
  println(total)
}`,
  "a call of what takes another number of arguments": `
call(f, x) = f(x)
main() = {
  var n = 0
  for i = 0 to 40 { n = n + call(x => x + 1, i) }
  println(n)
  throw(("done", n))
}`,
  "an error deep inside compiled calls, with its trace": `
down(n) = if n == 0 then throw("bottom") else 1 + down(n - 1)
main() = {
  for i = 0 to 20 { println(try show(down(i)) catch { e -> show(e) }) }
  down(60)
}`,
  "tail calls between functions, in the report of an error": `
even(0) = throw("zero is even")
even(n) = odd(n - 1)
odd(n) = even(n - 1)
main() = even(100)`,
  "compiled code that is called in a slice which begins in the midst of an operation": `
busy(n) = if n < 0 then 0 else busy((n + 1) % 1000)
mine(0) = self()
mine(n) = mine(n - 1)
main() = {
  numbers = range(12000)
  same = range(12000)
  for i = 0 to 40 { mine(2) }
  spawn { busy(0) }
  for i = 0 to 6 { println((numbers == same, mine(3) == self())) }
}`,
  "frames with few operands, deep": deep(3),
  "frames with many operands, deep": deep(9),
  "frames that are too large to be compiled, deep": deep(40),
};

test.each(Object.entries(PROGRAMS))("%s", { timeout: 60_000 }, async (_, text) => {
  const compiled = compile(projectOfText("test.nos", text));
  expect(compiled.diagnostics).toEqual([]);
  const { first, found } = await disagreements(compiled, "none");
  expect(found).toEqual([]);
  expect(first.out + first.err).not.toBe("");
});
