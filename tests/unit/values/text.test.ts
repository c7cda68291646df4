import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codePointAt, codePoints, compareTexts, substring, textLength, wellFormed } from "../../../vm/values/text.ts";

/** Short and long, with and without characters outside the first plane. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 60 }),
  fc
    .array(fc.constantFrom("a", "é", "…", "\ue000", "\uffff", "😀", "🚀"), { maxLength: 40 })
    .map((parts) => parts.join("")),
);

describe("positions count code points, as [...text] does", () => {
  test("length, code points, index, substring", () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: -2, max: 70 }), { maxLength: 8 }), (s, positions) => {
        const model = [...s];
        expect(textLength(s)).toBe(model.length);
        expect(codePoints(s)).toEqual(model);
        for (const position of positions) expect(codePointAt(s, position)).toBe(model[position]);
        const [from = 0, to = 5] = positions;
        expect(substring(s, from, to)).toBe(model.slice(Math.max(0, from), Math.max(0, from, to)).join(""));
      }),
      { numRuns: 1000 },
    );
  });

  test("order is by code point", () => {
    const model = (a: string, b: string): number => {
      const [x, y] = [[...a].map((c) => c.codePointAt(0) as number), [...b].map((c) => c.codePointAt(0) as number)];
      for (let i = 0; i < Math.min(x.length, y.length); i++)
        if (x[i] !== y[i]) return Math.sign((x[i] as number) - (y[i] as number));
      return Math.sign(x.length - y.length);
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constant(""),
          fc.integer({ min: 20, max: 30 }).map((n) => "x".repeat(n)),
        ),
        text,
        text,
        (front, a, b) => {
          expect(compareTexts(front + a, front + b)).toBe(model(a, b));
        },
      ),
      { numRuns: 1000 },
    );
    expect(compareTexts("\uffff", "😀")).toBe(-1);
  });

  test("a loop over all positions of a long text with astral characters is linear", () => {
    const s = "a😀".repeat(50_000);
    let count = 0;
    for (let i = 0; i < 100_000; i++) if (codePointAt(s, i) === "😀") count++;
    expect(count).toBe(50_000);
  });

  test("lone surrogates are replaced at the edges", () => {
    expect(wellFormed("a\ud800b\udc00😀")).toBe("a\ufffdb\ufffd😀");
  });
});
