import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VALUE_KINDS } from "../../../vm/bytecode/opcodes.ts";
import { Raise } from "../../../vm/host/native.ts";
import {
  Cell,
  Char,
  compareTotal,
  compareValues,
  copyForSend,
  Data,
  display,
  EMPTY_MAP,
  EMPTY_SET,
  equalValues,
  Float,
  hashValue,
  insert,
  internType,
  isKind,
  kindOf,
  lessOrEqual,
  lessThan,
  listOf,
  lookup,
  MapValue,
  makeData,
  makeTuple,
  showNested,
  showResult,
  structType,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";
import { compareCanonical } from "../../../vm/values/order.ts";
import { COUNTER, POINT, samples } from "./samples.ts";

const rows = samples().map((sample, i) => ({
  ...sample,
  name: `${sample.kind} ${sample.display.slice(0, 20)}`,
  again: samples()[i]!.value,
}));
const isFunction = (value: Value): boolean => kindOf(value) === "Function";

/** What an action raises, as text; fails if it raises nothing. */
function raised(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Raise) return display(error.value);
    throw error;
  }
  return "nothing";
}

test("the samples show every kind that programs can tell apart", () => {
  const shown = new Set(rows.map((row) => row.kind));
  expect(VALUE_KINDS.filter((kind) => !shown.has(kind))).toEqual([]);
  expect(kindOf(new Cell(1))).toBe("Cell");
});

describe.each(rows)(
  "$name",
  ({ kind, value, again, display: text, nested, result, isKey, isOrdered, isEqualToItself }) => {
    test("knows its kind", () => {
      expect(kindOf(value)).toBe(kind);
      for (const [i, name] of VALUE_KINDS.entries()) expect(isKind(value, i)).toBe(name === kind);
    });

    test("shows itself in three forms", () => {
      expect(display(value)).toBe(text);
      expect(showNested(value)).toBe(nested ?? text);
      expect(display(makeTuple([value, value]))).toBe(`(${nested ?? text}, ${nested ?? text})`);
      expect(showResult(value)).toBe(result ?? nested ?? text);
      expect(showResult(listOf([value]))).toBe(`[${result ?? nested ?? text}]`);
    });

    test("equals a value made alike, and no other sample", () => {
      if (isFunction(value)) {
        expect(raised(() => equalValues(value, again))).toContain("not comparable");
        return;
      }
      expect(equalValues(value, again)).toBe(isEqualToItself ?? true);
      expect(equalValues(makeTuple([value]), makeTuple([again]))).toBe(isEqualToItself ?? true);
      for (const other of rows) {
        if (other.value !== value && !isFunction(other.value))
          expect(equalValues(value, other.value), other.name).toBe(false);
      }
    });

    test("hashes as its equals do", () => {
      if (isFunction(value)) expect(raised(() => hashValue(value))).toContain("does not implement Hash");
      else expect(hashValue(value)).toBe(hashValue(again));
    });

    test("is a key, or says that it is none", () => {
      if (isKey) expect(lookup(insert(EMPTY_MAP, value, 1), again)).toBe(1);
      else {
        expect(raised(() => insert(EMPTY_MAP, value, 1))).toContain("does not implement Hash");
        expect(raised(() => insert(EMPTY_SET, makeTuple([value]), UNIT))).toContain("does not implement Hash");
      }
    });

    test("is in order with its like, or says that it has none", () => {
      if (!isOrdered && text !== 'Some("x")') {
        expect(raised(() => compareValues(value, again))).toMatch(/does not implement Ord|not comparable/);
        return;
      }
      expect(compareTotal(value, again)).toBe(0);
      const ownKind = rows.filter((row) => row.kind === kind && row.isOrdered && isOrdered && kind !== "Record");
      const at = ownKind.findIndex((row) => Object.is(row.value, value));
      for (const [i, other] of ownKind.entries())
        expect(Math.sign(compareTotal(other.value, value))).toBe(Math.sign(i - at));
    });

    test("a copy is equal and shows alike", () => {
      const copy = copyForSend(listOf([value])).value;
      expect(display(copy)).toBe(`[${nested ?? text}]`);
      if ((isEqualToItself ?? true) && kind !== "Reactive") expect(equalValues(copy, listOf([value]))).toBe(true);
    });
  },
);

describe("equality", () => {
  test("NaN differs from itself inside data, whole Floats of both zeros are equal, 1 is not 1.0", () => {
    const nan = makeTuple([Number.NaN]);
    expect(equalValues(nan, nan)).toBe(false);
    expect(equalValues(new Float(0), new Float(-0))).toBe(true);
    expect(hashValue(new Float(0))).toBe(hashValue(new Float(-0)));
    expect(equalValues(1, new Float(1))).toBe(false);
  });

  test("structural records compare by field set and show in source order", () => {
    const ab = makeData(structType(["a", "b"]), [1, 2]);
    const ba = makeData(structType(["b", "a"]), [2, 1]);
    expect(equalValues(ab, ba)).toBe(true);
    expect(hashValue(ab)).toBe(hashValue(ba));
    expect(compareValues(ab, ba)).toBe(0);
    expect([display(ab), display(ba)]).toEqual(["{a: 1, b: 2}", "{b: 2, a: 1}"]);
    expect(equalValues(ab, makeData(structType(["a", "c"]), [1, 2]))).toBe(false);
    expect(lookup(insert(EMPTY_MAP, ab, "v"), ba)).toBe("v");
  });

  test("cyclic records of a var type compare, show and hash", () => {
    const ring = (length: number): Data => {
      const nodes = Array.from({ length }, () => makeData(COUNTER, [0]));
      nodes.forEach((node, i) => {
        node.a = makeTuple([7, nodes[(i + 1) % length] as Data]);
      });
      return nodes[0] as Data;
    };
    expect(equalValues(ring(2), ring(3))).toBe(true);
    expect(display(ring(2))).toBe("Counter{n: (7, Counter{n: (7, ...)})}");
    expect(hashValue(ring(1))).toBe(hashValue(ring(2)));
    expect(compareTotal(ring(1), ring(2))).toBe(0);
    const copy = copyForSend(ring(2)).value as Data;
    expect(display(copy)).toBe(display(ring(2)));
  });
});

describe("types are interned", () => {
  const declaration = {
    sort: "variant",
    module: "m",
    type: "T",
    name: "A",
    arity: 1,
    tag: 0,
    isMutable: false,
  } as const;
  test("alike is the same object; a difference anywhere is another", () => {
    const type = internType(declaration);
    expect(internType({ ...declaration })).toBe(type);
    expect(internType({ ...declaration, ...type, sort: "variant" })).toBe(type);
    for (const change of [
      { module: "n" },
      { type: "U" },
      { name: "B" },
      { arity: 2 },
      { tag: 1 },
      { isMutable: true },
      { fieldNames: ["x"] },
    ]) {
      expect(internType({ ...declaration, ...change })).not.toBe(type);
    }
    expect(internType({ ...declaration, name: "B", tag: 1 }).family).toBe(type.family);
    expect(internType({ ...declaration, type: "U" }).family).not.toBe(type.family);
  });
});

describe("order", () => {
  test("constructors in declaration order, then fields; another type does not compare", () => {
    const level = (name: string, tag: number) =>
      internType({ sort: "variant", module: "m", type: "Level", name, arity: 1, tag, isMutable: false });
    const [low, high] = [level("Z", 0), level("A", 1)];
    expect(lessThan(makeData(low, [9]), makeData(high, [1]))).toBe(true);
    expect(lessThan(makeData(low, [1]), makeData(low, [2]))).toBe(true);
    expect(raised(() => lessThan(makeData(low, [1]), makeData(POINT, [1, 2])))).toContain(
      "type mismatch: Level and Point",
    );
  });

  test("NaN: every comparison is false, sorting puts it last", () => {
    expect([lessThan(Number.NaN, 1.5), lessThan(1.5, Number.NaN), lessOrEqual(Number.NaN, Number.NaN)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([Number.NaN, 2.5, Number.NaN, Infinity].sort(compareTotal)).toEqual([2.5, Infinity, Number.NaN, Number.NaN]);
    expect(lessThan(makeTuple([Number.NaN, 1]), makeTuple([Number.NaN, 2]))).toBe(false);
  });

  test("a record that holds a function says so", () => {
    const [a, b] = [1, 2].map(() => makeData(POINT, [1, samples().find((s) => s.kind === "Function")!.value])) as [
      Data,
      Data,
    ];
    expect(raised(() => lessThan(a, b))).toContain("not comparable");
  });

  test("the canonical order of keys is total", () => {
    const keys = rows.filter((row) => row.isKey).map((row) => row.value);
    for (const a of keys) {
      for (const b of keys) {
        expect(Math.sign(compareCanonical(a, b)) + Math.sign(compareCanonical(b, a))).toBe(0);
        if (a !== b && compareCanonical(a, b) === 0) expect(equalValues(a, b)).toBe(true);
      }
    }
    const sorted = [...keys].sort(compareCanonical);
    for (const [i, a] of sorted.entries())
      for (const b of sorted.slice(i)) expect(compareCanonical(a, b)).toBeLessThanOrEqual(0);
  });
});

describe("any data", () => {
  const scalar = fc.oneof(
    fc.integer(),
    fc.string({ maxLength: 3 }),
    fc.boolean(),
    fc.double().filter((x) => !Number.isInteger(x)),
  );
  const tree = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("value"), { maxLength: 3 }).map((items) => ["tuple", items]),
      fc.array(tie("value"), { maxLength: 3 }).map((items) => ["list", items]),
    ),
  })).value;
  const build = (model: unknown): Value => {
    if (!Array.isArray(model)) return model as Value;
    const items = (model[1] as unknown[]).map(build);
    return model[0] === "tuple" ? makeTuple(items) : listOf(items);
  };

  test("is equal to another exactly if it shows alike, NaN aside; equals hash alike", () => {
    fc.assert(
      fc.property(tree, tree, (x, y) => {
        const [a, b] = [build(x), build(y)];
        const hasNan = showNested(a).includes("NaN");
        expect(equalValues(a, build(x))).toBe(!hasNan);
        expect(hashValue(a)).toBe(hashValue(build(x)));
        if (!hasNan) expect(equalValues(a, b)).toBe(showNested(a) === showNested(b));
      }),
    );
  });
});

describe("depth and length are no limit", () => {
  const DEEP = 200_000;
  const SOME_OF = internType({
    sort: "variant",
    module: "",
    type: "Box",
    name: "Box",
    arity: 1,
    tag: 0,
    isMutable: false,
  });
  const deep = (): Data => {
    let data = makeData(SOME_OF, [0]);
    for (let i = 1; i < DEEP; i++) data = makeData(SOME_OF, [data]);
    return data;
  };
  const long = (): Value => listOf(Array.from({ length: 1_000_000 }, (_, i) => i % 10));

  test("a variant nested 200,000 deep", () => {
    const [a, b] = [deep(), deep()];
    expect(equalValues(a, b)).toBe(true);
    expect(compareTotal(a, b)).toBe(0);
    expect(hashValue(a)).toBe(hashValue(b));
    expect(display(a).length).toBe(DEEP * 5 + 1);
    expect(copyForSend(a).value).toBe(a);
    expect(lookup(insert(EMPTY_MAP, a, 1), b)).toBe(1);
  });

  test("a list of a million elements", () => {
    const [a, b] = [long(), long()];
    expect(equalValues(a, b)).toBe(true);
    expect(hashValue(a)).toBe(hashValue(b));
    expect(display(a).length).toBe(3_000_000);
    expect(copyForSend(a).value).toBe(a);
  });

  test("lists and maps nested in their last element", () => {
    let value: Value = UNIT;
    for (let i = 0; i < 50_000; i++) value = insert(EMPTY_MAP, "k", listOf([new Char("c"), value]));
    expect(value).toBeInstanceOf(MapValue);
    expect(equalValues(value, copyForSend(value).value)).toBe(true);
    expect(display(value).length).toBe(50_000 * `%{"k": ['c', ]}`.length + 2);
  });
});

test("nothing but Data has a property `type` (D1 of value.ts)", () => {
  for (const { value } of samples()) {
    const hasType = (value as { readonly type?: unknown }).type !== undefined;
    expect(hasType, display(value)).toBe(value instanceof Data);
  }
});
