/** What is written comes back the same, and runs the same. */
import { describe, expect, test } from "vitest";
import { compile } from "../../../cli/compile.ts";
import { loadProject } from "../../../cli/project.ts";
import { nameOf, OPCODES, type OpcodeRow } from "../../../vm/bytecode/opcodes.ts";
import { OPCODE_OF_WORD } from "../../../vm/bytecode/ttb/format.ts";
import { readUnit, writeUnit } from "../../../vm/bytecode/ttb/index.ts";
import type { Constant, Unit } from "../../../vm/bytecode/unit.ts";
import { verify } from "../../../vm/bytecode/verify.ts";
import { programsBelow } from "../../support/programs.ts";
import { unitOf } from "./support.ts";

const EMPTY = unitOf("main() = ()");

function trip(unit: Unit): Unit {
  const read = readUnit(writeUnit(unit).bytes);
  if ("problem" in read) throw new Error(JSON.stringify(read.problem));
  return read.unit;
}

describe("a Unit that was written and read", () => {
  const programs = [
    ...programsBelow("examples"),
    ...programsBelow("tests/lang/modules"),
    ...programsBelow("tests/lang/exceptions"),
  ];
  test.each(programs.map(({ name, path }) => [name, path]))("is the same: %s", (_, path) => {
    const { unit } = compile(loadProject(path));
    if (unit === undefined) return; // a program about its errors
    expect(trip(unit)).toEqual(unit);
    expect(verify(unit)).toHaveProperty("facts");
    expect(writeUnit(trip(unit)).bytes).toEqual(writeUnit(unit).bytes);
  });

  test("also with every kind of constant, at its ends", () => {
    const constants: Constant[] = [
      { kind: "Int", value: -(2n ** 63n) },
      { kind: "Int", value: 2n ** 63n - 1n },
      ...[0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 5e-324].map((value) => ({ kind: "Float", value }) as const),
      { kind: "Float32", value: Math.fround(0.1) },
      { kind: "Int8", value: -128n },
      { kind: "Int16", value: 32767n },
      { kind: "Int32", value: -(2n ** 31n) },
      { kind: "UInt8", value: 255n },
      { kind: "UInt16", value: 65535n },
      { kind: "UInt32", value: 2n ** 32n - 1n },
      { kind: "UInt64", value: 2n ** 64n - 1n },
      { kind: "BigInt", value: -(10n ** 1000n) },
      { kind: "BigInt", value: 0n },
      { kind: "Decimal", value: "-3.1400" },
      ...["", "é日🙂", "\ufeff\ufffd\0", "\ud800 alone \udc00\ud800", "x".repeat(100_000)].map(
        (value) => ({ kind: "String", value }) as const,
      ),
      { kind: "Char", value: "🙂" },
      { kind: "Bool", value: true },
      { kind: "Bool", value: false },
      { kind: "Unit" },
    ];
    expect(trip({ ...EMPTY, constants })).toEqual({ ...EMPTY, constants });
    expect(verify({ ...EMPTY, constants })).toHaveProperty("facts");
  });

  test("no two opcodes share their pair of code and form", () => {
    expect(OPCODE_OF_WORD.size).toBe(OPCODES.length);
    expect(new Set((OPCODES as readonly OpcodeRow[]).map(nameOf)).size).toBe(OPCODES.length);
  });

  test("the format is what version 2 says: this file keeps its bytes", async () => {
    const hex = Buffer.from(
      writeUnit({
        ...EMPTY,
        sources: [],
        functions: [EMPTY.functions[0]!].map((fn) => ({
          ...fn,
          places: new Int32Array(0),
          code: Int32Array.of(5, 41),
        })),
        entry: 0,
      }).bytes,
    ).toString("hex");
    expect(hex.replace(/(.{8})/g, "$1 ").trim()).toMatchInlineSnapshot(
      `"934e5442 02000000 00000000 0c3c1873 01000000 04000000 00000000 02000000 04000000 00000000 03000000 2c000000 01000000 08000000 6d61696e 00000000 00000000 00000000 01000000 05000000 02000000 00010000 33000100 04000000 04000000 00000000 05000000 04000000 00000000 06000000 04000000 00000000 07000000 04000000 00000000 08000000 04000000 00000000 09000000 08000000 01000000 00000000 0a000000 04000000 00000000 0b000000 0c000000 01000000 00000000 00000000"`,
    );
  });
});
