/** Programs far larger than people write: each gives its result or one clear diagnostic, and soon. */
import { expect, test } from "vitest";
import { runText } from "../support/run-program.ts";

const N = 10_000;
const SOON_MS = 10_000;

const times = (count: number, text: (index: number) => string, between: string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(between);

/** Each prints `expected`, or ends with a diagnostic of the given code. */
const programs: Record<string, { text: string; expected: string | { code: string } }> = {
  "nested parentheses": { text: `main() = println(${"(".repeat(N)}1${")".repeat(N)})`, expected: { code: "too-deep" } },
  "nested lists": { text: `main() = println(${"[".repeat(N)}1${"]".repeat(N)})`, expected: { code: "too-deep" } },
  "nested blocks": { text: `main() = ${"{ ".repeat(N)}1${" }".repeat(N)}`, expected: { code: "too-deep" } },
  "nested calls": { text: `f(x) = x\nmain() = ${"f(".repeat(N)}1${")".repeat(N)}`, expected: { code: "too-deep" } },
  "nested lambdas": { text: `main() = ${times(N, (i) => `x${i} => `, "")}1`, expected: { code: "too-deep" } },
  "nested negations": { text: `main() = println(${"!".repeat(N)}true)`, expected: { code: "too-deep" } },
  "nested types": { text: `f(x: ${"[".repeat(N)}Int${"]".repeat(N)}) = x\nmain() = 1`, expected: { code: "too-deep" } },
  "nested patterns": {
    text: `main() = match 1 { ${"(".repeat(N)}x${")".repeat(N)} -> 1 }`,
    expected: { code: "too-deep" },
  },
  "nested interpolations": {
    text: `main() = println(${'"${'.repeat(N)}1${'}"'.repeat(N)})`,
    expected: { code: "too-deep" },
  },
  "unclosed parentheses": { text: `main() = ${"(".repeat(N)}`, expected: { code: "too-deep" } },
  "list elements": { text: `main() = println([${times(N, String, ", ")}].length())`, expected: `${N}` },
  "tuple of lists": { text: `main() = { (a, b) = ([${times(N, String, ", ")}], 7)\n println(b) }`, expected: "7" },
  "map entries": { text: `main() = println(%{${times(N, (i) => `${i}: ${i}`, ", ")}}.size())`, expected: `${N}` },
  "plus operands": { text: `main() = { x = 1\n println(${times(N, () => "x", " + ")}) }`, expected: `${N}` },
  "constant operands": { text: `main() = println(${times(N, () => "1", " + ")})`, expected: `${N}` },
  concatenations: { text: `main() = println((${times(N, () => '"a"', " ++ ")}).length())`, expected: `${N}` },
  "comparisons joined by &&": {
    text: `main() = { x = 1\n println(${times(N, () => "x == 1", " && ")}) }`,
    expected: "true",
  },
  "cons cells": { text: `main() = println((${times(N, String, " :: ")} :: []).length())`, expected: `${N}` },
  pipes: { text: `inc(x) = x + 1\nmain() = println(0 ${times(N, () => "|> inc", " ")})`, expected: `${N}` },
  "method calls": {
    text: `inc(x) = x + 1\nmain() = { x = 0\n println(x${times(N, () => ".inc()", "")}) }`,
    expected: { code: "too-deep" },
  },
  statements: {
    text: `main() = {\n var x = 0\n${times(N, () => "x = x + 1", "\n")}\n println(x)\n}`,
    expected: `${N}`,
  },
  bindings: {
    text: `main() = {\n x0 = 0\n${times(N, (i) => `x${i + 1} = x${i} + 1`, "\n")}\n println(x${N})\n}`,
    expected: `${N}`,
  },
  "else-ifs": {
    text: `f(x) = ${times(N, (i) => `if x == ${i} then ${i} `, "else ")}else -1\nmain() = println(f(${N - 1}))`,
    expected: `${N - 1}`,
  },
  "match arms": {
    text: `f(x) = match x {\n${times(N, (i) => `${i} -> ${i + 1}`, "\n")}\n_ -> 0 }\nmain() = println(f(${N - 1}))`,
    expected: `${N}`,
  },
  "string match arms": {
    text: `f(x) = match x {\n${times(N, (i) => `"k${i}" -> ${i + 1}`, "\n")}\n_ -> 0 }\nmain() = println(f("k${N - 1}"))`,
    expected: `${N}`,
  },
  constructors: {
    text: `type T = ${times(N, (i) => `C${i}`, " | ")}\nf(x) = match x { C0 -> 0, C${N - 1} -> 1, _ -> 2 }\nmain() = println(f(C${N - 1}))`,
    expected: "1",
  },
  clauses: { text: `${times(N, (i) => `f(${i}) = ${i + 1}`, "\n")}\nmain() = println(f(${N - 1}))`, expected: `${N}` },
  functions: {
    text: `${times(N, (i) => `f${i}(x) = x + ${i}`, "\n")}\nmain() = println(f${N - 1}(1))`,
    expected: `${N}`,
  },
  "functions that call each other": {
    text: `f0(x) = x\n${times(N, (i) => `f${i + 1}(x) = f${i}(x) + 1`, "\n")}\nmain() = println(f${N}(0))`,
    expected: `${N}`,
  },
  arguments: {
    text: `f(${times(1000, (i) => `a${i}`, ", ")}) = a999\nmain() = println(f(${times(1000, String, ", ")}))`,
    expected: "999",
  },
  "a long string": { text: `main() = println("${"a".repeat(1_000_000)}".length())`, expected: "1000000" },
  "a long name": { text: `${"a".repeat(100_000)}() = 7\nmain() = println(${"a".repeat(100_000)}())`, expected: "7" },
  "a long comment": { text: `#* ${"* ".repeat(500_000)}*#\nmain() = println(7)`, expected: "7" },
  "many lines": { text: `${"\n".repeat(200_000)}main() = println(7)`, expected: "7" },
};

test.each(Object.entries(programs))("%s", async (_, { text, expected }) => {
  const start = performance.now();
  const seen = await runText(text);
  const took = performance.now() - start;
  if (typeof expected === "string") {
    expect(seen.diagnostics.map((diagnostic) => diagnostic.message)).toEqual([]);
    expect(seen.out).toBe(`${expected}\n`);
  } else {
    expect(seen.diagnostics[0]?.code).toBe(expected.code);
    expect(seen.diagnostics.length).toBeLessThan(20);
  }
  expect(took).toBeLessThan(SOON_MS);
});
