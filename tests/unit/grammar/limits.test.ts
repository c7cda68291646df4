import { describe, expect, test, vi } from "vitest";
import { MAX_DEPTH, parseFile } from "../../../grammar/index.ts";

const MANY = 10_000;
/** What is linear takes some 50 ms; what is quadratic would not be done, however busy the machine. */
const QUICK_MS = 10_000;
vi.setConfig({ testTimeout: 60_000 });
const times = (count: number, make: (i: number) => string, separator = ""): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(separator);

function parse(text: string) {
  const started = performance.now();
  const result = parseFile({ path: "t", text });
  return { ...result, ms: performance.now() - started };
}

describe("what lies side by side has no limit", () => {
  test.each(
    Object.entries({
      operands: `x = ${times(MANY, String, " + ")}`,
      "operands of all levels": `x = ${times(MANY, () => "a * b + c ++ d", " && ")}`,
      cons: `x = ${times(MANY, String, " :: ")}`,
      elements: `x = [${times(MANY, String, ", ")}]`,
      arguments: `x = f(${times(MANY, String, ", ")})`,
      statements: `main() = {\n${times(MANY, (i) => `x${i} = f(${i})`, "\n")}\n}`,
      "else-ifs": `f(x) = if x == 0 then 0${times(MANY, (i) => ` else if x == ${i} then ${i}`)} else 1`,
      arms: `f(x) = match x {\n${times(MANY, (i) => `${i} -> ${i}`, "\n")}\n}`,
      alternatives: `f(x) = match x { ${times(MANY, String, " | ")} -> 1 }`,
      clauses: times(MANY, (i) => `f(${i}) = ${i}`, "\n"),
      constructors: `type T = ${times(MANY, (i) => `C${i}(Int)`, " | ")}`,
      "string parts": `x = "${times(MANY, () => "${a}b")}"`,
      comments: `${times(MANY, () => "# x\n")}main() = 1`,
      separators: `main() = {${";".repeat(MANY)}}`,
    }),
  )("10,000 %s", (_, text) => {
    const { problems, ms } = parse(text);
    expect(problems).toEqual([]);
    expect(ms).toBeLessThan(QUICK_MS);
  });

  test("a long chain is one node", () => {
    const { ast } = parse(`x = ${times(MANY, String, " + ")}`);
    const item = ast.items[0];
    expect(item?.kind === "binding" && item.value.kind === "chain" && item.value.operands.length).toBe(MANY);
  });
});

describe("what is too deep is one problem, not a stack overflow", () => {
  const nested = (open: string, close: string) => (count: number) => `x = ${open.repeat(count)}1${close.repeat(count)}`;
  const kinds: Record<string, (count: number) => string> = {
    parentheses: nested("(", ")"),
    lists: nested("[", "]"),
    blocks: nested("{ ", " }"),
    records: nested("{a: ", "}"),
    maps: nested("%{1: ", "}"),
    calls: nested("f(", ")"),
    lambdas: nested("a => ", ""),
    "lambdas in calls": nested("f((a, b) => { y = ", " })"),
    "typed lambdas": nested("(a) -> T => ", ""),
    minus: nested("- ", ""),
    not: nested("!", ""),
    calls2: (count) => `x = a${".b()".repeat(count)}`,
    indices: (count) => `x = a${"[0]".repeat(count)}`,
    "question marks": (count) => `x = a${"?".repeat(count)}`,
    ifs: nested("if a then ", ""),
    "ifs in else": nested("if a then b else (", ")"),
    matches: nested("match a { _ -> ", " }"),
    tries: nested("try { ", " } catch { _ -> 1 }"),
    loops: nested("for i = 0 to 1 { ", " }"),
    spawns: nested("spawn { ", " }"),
    strings: nested('"${', '}"'),
    "local functions": (count) => `x = { ${"f(a) = { ".repeat(count)}1${" }".repeat(count)} }`,
    patterns: (count) => `f(${"[".repeat(count)}${"]".repeat(count)}) = 1`,
    "constructor patterns": (count) => `f(${"A(b: ".repeat(count)}1${")".repeat(count)}) = 1`,
    types: (count) => `f(x: ${"A[".repeat(count)}Int${"]".repeat(count)}) = 1`,
    "function types": (count) => `f(x: ${"Int -> ".repeat(count)}Int) = 1`,
    modules: (count) => `${"module A\n".repeat(count)}${"end\n".repeat(count)}`,
    "do blocks": nested("do ", " end"),
  };
  test.each(Object.entries(kinds))("%s", (_, make) => {
    for (const count of [MAX_DEPTH + 1, MANY]) {
      const { problems, ms } = parse(make(count));
      expect(problems.map(({ code }) => code)).toEqual(["too-deep"]);
      expect(ms).toBeLessThan(QUICK_MS);
    }
    // 20 levels of anything are ordinary
    expect(parse(make(20)).problems).toEqual([]);
  });

  test("chains deep inside parentheses add up", () => {
    const text = `x = ${"(".repeat(50)}a${".b".repeat(50)}${".c.d.e.f)".repeat(50)}`;
    expect(parse(text).problems.map(({ code }) => code)).toEqual(["too-deep"]);
  });
});

describe("broken text of any size is quick", () => {
  test.each(
    Object.entries({
      "open parentheses": `x = ${"(".repeat(MANY)}`,
      "closing parentheses": `x = ${")".repeat(MANY)}`,
      "open braces": `x = ${"{".repeat(MANY)}`,
      "a broken line each": times(MANY, (i) => `f(${i}) = then ${i}`, "\n"),
      "a broken statement each": `main() = {\n${times(MANY, (i) => `x then ${i}`, "\n")}\n}`,
      "a stray bracket each": times(MANY, (i) => `f(${i}) = ) ${i} ]`, "\n"),
      "unknown characters": "§ ".repeat(MANY),
      quotes: '"'.repeat(MANY + 1),
      "single quotes": "'".repeat(MANY + 1),
      "quotes on lines": '" \n'.repeat(MANY + 1),
      "open holes": '"${'.repeat(MANY),
      equals: "x = ".repeat(MANY),
      arrows: "x -> ".repeat(MANY),
      bars: "| ".repeat(MANY),
      decorators: "@a\n".repeat(MANY),
      ends: "end\n".repeat(MANY),
      "an open comment": `#*${" *".repeat(MANY)}`,
    }),
  )("%s", (_, text) => {
    const { problems, ms } = parse(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(ms).toBeLessThan(QUICK_MS);
  });
});
