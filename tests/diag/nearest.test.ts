import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../compiler/diagnostics/nearest.ts";

test("finds the names an edit or two away, only the nearest of them", () => {
  expect(nearest("pirntln", ["print", "println", "printer"])).toEqual(["println"]);
  expect(nearest("lenght", ["lengths", "length", "height"])).toEqual(["length"]);
  expect(nearest("Foo", ["foo", "Fob"])).toEqual(["foo"]);
});

test("finds nothing where nothing is near, and never the name itself", () => {
  expect(nearest("x", ["y", "z"])).toEqual([]);
  expect(nearest("println", ["println"])).toEqual([]);
  expect(nearest("banana", ["apple", "cherry"])).toEqual([]);
});

test("at most three, each once", () => {
  expect(nearest("item", ["item1", "item2", "item3", "item4", "item1"])).toEqual(["item1", "item2", "item3"]);
});

test("the question for a hint", () => {
  expect(didYouMean("cuont", ["count"])).toBe("did you mean `count`?");
  expect(didYouMean("item", ["item1", "item2", "item3"])).toBe("did you mean `item1`, `item2` or `item3`?");
  expect(didYouMean("zzz", ["count"])).toBeUndefined();
});
