import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showType } from "../../../compiler/types/show-type.ts";
import {
  Bool,
  functionType,
  Int,
  listOf,
  mapOf,
  newVar,
  prune,
  Text,
  type Type,
  tupleType,
} from "../../../compiler/types/type.ts";
import { Unifier } from "../../../compiler/types/unify.ts";

/** Random types over `count` variables. */
function types(variables: readonly Type[]): fc.Arbitrary<Type> {
  return fc.letrec<{ type: Type }>((tie) => ({
    type: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(Int, Text, Bool, ...variables),
      tie("type").map(listOf),
      fc.tuple(tie("type"), tie("type")).map(([key, value]) => mapOf(key, value)),
      fc.array(tie("type"), { minLength: 2, maxLength: 3 }).map(tupleType),
      fc
        .tuple(fc.array(tie("type"), { maxLength: 2 }), tie("type"))
        .map(([params, result]) => functionType(params, result)),
    ),
  })).type;
}

const pairs = fc.integer({ min: 0, max: 4 }).chain((count) => {
  const make = (): Type[] => Array.from({ length: count }, () => newVar(1));
  return fc
    .constant(null)
    .map(make)
    .chain((variables) => fc.tuple(types(variables), types(variables)));
});

describe("unification", () => {
  test("what was unified is equal, and stays so", () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const unifier = new Unifier();
        if (unifier.unify(a, b) !== undefined) return;
        expect(showType(tupleType([a, b]))).toBe(showType(tupleType([a, a])));
        expect(unifier.unify(b, a)).toBeUndefined();
      }),
    );
  });

  test("a guess that fails leaves no trace", () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const unifier = new Unifier();
        const before = showType(tupleType([a, b]));
        const fits = unifier.tentatively(() => unifier.unify(a, b) === undefined);
        if (!fits) expect(showType(tupleType([a, b]))).toBe(before);
      }),
    );
  });

  test("order does not matter", () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const unifier = new Unifier();
        const there = unifier.tentatively(() => unifier.unify(a, b) === undefined && false);
        expect(there).toBe(false);
        let first = false;
        let second = false;
        unifier.tentatively(() => {
          first = unifier.unify(a, b) === undefined;
          return false;
        });
        unifier.tentatively(() => {
          second = unifier.unify(b, a) === undefined;
          return false;
        });
        expect(first).toBe(second);
      }),
    );
  });

  test("a type cannot contain itself", () => {
    const variable = newVar(1);
    expect(new Unifier().unify(variable, listOf(variable))?.reason).toBe("infinite");
  });

  test("types 100,000 deep cost no JavaScript stack", () => {
    const unifier = new Unifier();
    const end = newVar(1);
    let a: Type = end;
    let b: Type = Int;
    for (let i = 0; i < 100_000; i++) {
      a = listOf(a);
      b = listOf(b);
    }
    expect(unifier.unify(a, b)).toBeUndefined();
    expect(prune(end)).toBe(Int);
  });
});
