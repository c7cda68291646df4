import { describe, expect, test } from "vitest";
import {
  Buffer,
  copyForSend,
  type Data,
  display,
  equalValues,
  fieldAt,
  fieldsOf,
  hashValue,
  internType,
  lessThan,
  makeData,
  setFieldAt,
  type Value,
} from "../../../vm/values/index.ts";

const constructor = (arity: number, isMutable = false) =>
  internType({ sort: "variant", module: "t", type: "T", name: `C${arity}`, arity, tag: arity, isMutable });
const ARITIES = Array.from({ length: 14 }, (_, arity) => arity);

describe.each(ARITIES)("data of %i fields", (arity) => {
  const numbers = Array.from({ length: arity }, (_, i): Value => i + 0.5);
  const data = makeData(constructor(arity), ["beside", ...numbers, "beyond"], 1);

  test("holds its fields and nothing else", () => {
    expect(fieldsOf(data)).toEqual(numbers);
    for (const position of [-1, arity, arity + 1, 100]) expect(fieldAt(data, position)).toBeUndefined();
    expect(data).toEqual(makeData(constructor(arity), numbers));
    expect(display(data)).toBe(arity === 0 ? "C0" : `C${arity}(${numbers.join(", ")})`);
  });

  test("each field counts for equality, hash and order, and is copied", () => {
    const again = makeData(constructor(arity), numbers);
    expect(equalValues(again, data)).toBe(true);
    expect(hashValue(again)).toBe(hashValue(data));
    for (let i = 0; i < arity; i++) {
      const other = makeData(constructor(arity), numbers.with(i, 99.5));
      expect(fieldAt(other, i)).toBe(99.5);
      expect(equalValues(other, data)).toBe(false);
      expect(hashValue(other)).not.toBe(hashValue(data));
      expect(lessThan(data, other)).toBe(true);

      const buffer = new Buffer("x");
      const holder = makeData(constructor(arity), numbers.with(i, buffer));
      const copy = copyForSend(holder).value as Data;
      expect(fieldAt(copy, i)).toEqual(buffer);
      expect(fieldAt(copy, i)).not.toBe(buffer);
      expect(fieldsOf(copy).toSpliced(i, 1)).toEqual(numbers.toSpliced(i, 1));
      expect(copyForSend(data).value).toBe(data);
    }
  });

  test("of a var type is written in place, and copied whole", () => {
    const mutable = makeData(constructor(arity, true), numbers);
    for (let i = 0; i < arity; i++) {
      const copy = copyForSend(mutable).value as Data;
      setFieldAt(copy, i, "new");
      expect(fieldsOf(copy)).toEqual(numbers.with(i, "new"));
      expect(fieldsOf(mutable)).toEqual(numbers);
    }
  });
});

test("there are four shapes for all numbers of fields", () => {
  expect(new Set(ARITIES.map((arity) => makeData(constructor(arity), Array(arity).fill(1)).constructor)).size).toBe(4);
});

test("a constructor without fields has one value, but not of a var type", () => {
  expect(makeData(constructor(0), [])).toBe(makeData(constructor(0), []));
  expect(makeData(constructor(0, true), [])).not.toBe(makeData(constructor(0, true), []));
});
