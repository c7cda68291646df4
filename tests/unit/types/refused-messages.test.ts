/**
 * What the checker refuses to send is never received: random messages against random arms, judged and then run.
 *
 * `fast-check` prints the seed and the smallest pair that disagrees.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../../cli/compile.ts";
import { projectOfText } from "../../../cli/project.ts";
import { runText } from "../../support/run-program.ts";

const TYPES = `
type T = A(Int) | B(String, Int) | C
type P = { x: Int, y: String }
type Q = Q1{ x: Int } | Q2{ y: String, x: Int }
`;

const { message } = fc.letrec<{ message: string }>((tie) => ({
  message: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      "1",
      "-2",
      "2.5",
      '"add"',
      '"wat"',
      "'c'",
      "true",
      "()",
      "C",
      "A(1)",
      'B("b", 2)',
      "None",
      "[]",
      "%{}",
    ),
    fc.constantFrom(
      'P(1, "y")',
      "Q1(1)",
      'Q2("y", 3)',
      "#{1}",
      '%{"k": 1}',
      "self()",
      "[1, 2]",
      "{x: 1, y: 2}",
      '{type: "add", x: 1, y: true}',
    ),
    fc.tuple(tie("message"), tie("message")).map(([a, b]) => `(${a}, ${b})`),
    tie("message").map((a) => `Some(${a})`),
    tie("message").map((a) => `[${a}]`),
    fc
      .tuple(fc.uniqueArray(fc.constantFrom("x", "y", "type"), { minLength: 1 }), tie("message"), tie("message"))
      .map(([names, a, b]) => `{${names.map((name, i) => `${name}: ${i === 0 ? a : b}`).join(", ")}}`),
  ),
}));

const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(fc.constant("_"), tie("pattern")),
  pattern: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      "1",
      "2.5",
      '"add"',
      "'c'",
      "true",
      "()",
      "C",
      "A(1)",
      "A(_)",
      'B("b", _)',
      "None",
      "[]",
      "_",
      "0..=3",
    ),
    fc.constantFrom(
      "P{x: 1}",
      "P{y: _}",
      "Q1{x: _}",
      "Q2(_, 3)",
      "#{1}",
      '%{"k": _}',
      "[1 | _]",
      '["a" | _]',
      "1 | true",
      "{x: _}",
      '{type: "add", x: _}',
    ),
    fc.tuple(tie("part"), tie("part")).map(([a, b]) => `(${a}, ${b})`),
    tie("part").map((a) => `Some(${a})`),
    tie("part").map((a) => `[${a}]`),
    fc
      .tuple(fc.uniqueArray(fc.constantFrom("x", "y", "type"), { minLength: 1 }), tie("part"), tie("part"))
      .map(([names, a, b]) => `{${names.map((name, i) => `${name}: ${i === 0 ? a : b}`).join(", ")}}`),
  ),
}));

const said = (text: string): string[] => compile(projectOfText("test.nos", text)).diagnostics.map(({ code }) => code);

test("a message that is refused, or warned of, is left in the mailbox", { timeout: 300_000 }, async () => {
  let refused = 0;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(pattern, { minLength: 1, maxLength: 3 }), message, async (patterns, sent) => {
      const arms = patterns.map((arm) => `${arm} -> println("taken")`).join("\n    ");
      const seen = await runText(`${TYPES}
main() = {
    self() <- ${sent}
    receive {
    ${arms}
    after 0 -> println("left")
    }
}`);
      fc.pre(seen.outcome !== "not compiled");
      const typed = said(`${TYPES}
f() = receive {
    ${arms}
}
main() = spawn_typed(f) <- ${sent}
`);
      const isRefused = typed.includes("wrong-message");
      if (isRefused) refused++;
      if (seen.out === "taken\n") taken++;
      if (isRefused || seen.diagnostics.some(({ code }) => code === "wrong-message")) expect(seen.out).toBe("left\n");
    }),
    { numRuns: 300 },
  );
  // both happen, or this says nothing
  expect(Math.min(refused, taken)).toBeGreaterThan(20);
});
