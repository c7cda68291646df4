/** P1 of appending.ts: the text that comes out is the plain one, in whatever order texts are appended to. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Appending } from "../../../vm/values/appending.ts";
import { textLength } from "../../../vm/values/text.ts";

test("appending gives a + b, whoever else appends", () => {
  const step = fc.record({
    /** which of the texts so far, from the newest */
    to: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat({ max: 3 })),
    part: fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom("x".repeat(5000), "ü", "😀")),
    isSliceOver: fc.integer({ min: 0, max: 40 }).map((n) => n === 0),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.integer({ min: 1, max: 3 }), (steps, chains) => {
      const appending = new Appending();
      // two of the texts to begin with are equal: which of them comes back must not matter
      const texts = ["a".repeat(5000), "b".repeat(5000), "a".repeat(5000)].slice(0, chains);
      const plain = texts.map((text) => [text]);
      for (const { to, part, isSliceOver } of steps) {
        const at = to % texts.length;
        texts[at] = appending.append(texts[at] as string, part);
        plain[at]?.push(part);
        if (part.length % 3 === 0)
          expect(appending.lengthOf(texts[at] as string)).toBe(textLength(texts[at] as string));
        if (isSliceOver) appending.forget();
      }
      for (const text of texts) expect(appending.lengthOf(text)).toBe(textLength(text));
      expect(texts).toEqual(plain.map((parts) => parts.join("")));
    }),
    { numRuns: 300 },
  );
});

test("an older text is appended to as it was", () => {
  const appending = new Appending();
  const base = "a".repeat(10_000);
  const longer = appending.append(base, "b");
  const longest = appending.append(longer, "c");
  expect(appending.append(longer, "d")).toBe(`${base}bd`);
  expect(appending.append(base, "e")).toBe(`${base}e`);
  expect(longest).toBe(`${base}bc`);
});

test("texts that take turns do not make each append look at all of them", () => {
  const appending = new Appending();
  let [first, second] = ["a".repeat(5000), "a".repeat(5000)];
  for (let i = 0; i < 20_000; i++) {
    first = appending.append(first, "some more text ");
    second = appending.append(second, "some more text ");
  }
  expect(first).toBe(second);
  expect(first).toHaveLength(5000 + 20_000 * 15);
});

test("what is too long is JavaScript's error, and changes nothing", () => {
  const appending = new Appending();
  const text = "a".repeat(2 ** 28);
  const longer = appending.append(text, "b");
  expect(() => appending.append(longer, text)).toThrow(RangeError);
  expect(appending.append(longer, "c")).toHaveLength(2 ** 28 + 2);
});
