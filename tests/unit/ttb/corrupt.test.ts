/** Damaged and hostile files: always an answer, never a crash, a hang or an error of our own. */
import { describe, expect, test } from "vitest";
import { OP, OPCODES, type OpcodeRow, VALUE_KINDS } from "../../../vm/bytecode/opcodes.ts";
import { CHECKSUM_WORD, HEADER_WORDS, KINDS } from "../../../vm/bytecode/ttb/format.ts";
import { readUnit, writeUnit } from "../../../vm/bytecode/ttb/index.ts";
import type { Unit } from "../../../vm/bytecode/unit.ts";
import { verify } from "../../../vm/bytecode/verify.ts";
import { NATIVES } from "../../../vm/host/natives/index.ts";
import { runFile, runLimited, unitOf, withChecksum } from "./support.ts";

/** A bit of everything, and little of the standard library. */
const PROGRAM = `
type Size = { width: Int, height: Int }
type Shape = Circle(Float) | Box(Size)
mvar total: Int = 0
limit = 3

area(Circle(r)) = r * r
area(Box({width: w, height: h})) = 1.0 * w * h

addUp([]) = 0
addUp([x | rest]) = x + addUp(rest)

pair(n) = (n, "sent")

main() = {
    me = self()
    var n = 0
    bump = (by) => { n = n + by }
    bump(2)
    spawn { me <- pair(n) }
    got = receive {
        (k, text) -> "\${k} \${text}"
        after 100 -> "late"
    }
    total = total + addUp([1, 2, 3, limit])
    safe = try { throw(("Mine", 1)) } catch { (kind, _) -> kind }
    (got, safe, total, area(Box(Size(2, 3))))
}
`;

const FILE = writeUnit(unitOf(PROGRAM)).bytes;

async function expectAnswer(bytes: Uint8Array, what: string): Promise<string> {
  const { outcome } = await runFile(bytes);
  if (outcome === "unreadable") return outcome;
  if (outcome.kind === "internal") expect.fail(`${what}: ${outcome.opcode} ${outcome.message}`);
  return outcome.kind;
}

describe("a damaged file", () => {
  test("runs when it is whole", async () => {
    expect(await expectAnswer(FILE.slice(), "whole")).toBe("returned");
  });

  test("is refused for its checksum, whatever byte is wrong", () => {
    for (let at = 0; at < FILE.length; at++) {
      const bytes = FILE.slice();
      bytes[at]! ^= 0x40;
      expect(readUnit(bytes), `byte ${at}`).toHaveProperty("problem");
    }
  });

  test.each([0xff, 0x01, 0x04, 0x80])(
    "every byte in turn changed by %i, the checksum right again",
    async (mask) => {
      const seen = new Map<string, number>();
      for (let at = 0; at < FILE.length; at++) {
        if (at >> 2 === CHECKSUM_WORD) continue;
        const bytes = FILE.slice();
        bytes[at]! ^= mask;
        const kind = await expectAnswer(withChecksum(bytes), `byte ${at}`);
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }
      expect(seen.get("unreadable")).toBeGreaterThan(0);
      expect(seen.get("load-problem")).toBeGreaterThan(0);
      expect(seen.get("returned")).toBeGreaterThan(0);
    },
    120_000,
  );

  test("cut off anywhere", () => {
    for (let length = 0; length < FILE.length; length++) {
      expect(readUnit(withChecksum(FILE.slice(0, length))), `${length} bytes`).toHaveProperty("problem");
    }
  });

  test("with more behind its end", () => {
    const longer = new Uint8Array(FILE.length + 4);
    longer.set(FILE);
    expect(readUnit(withChecksum(longer))).toHaveProperty("problem");
  });

  test("with any two sections swapped, or one left out", () => {
    const sections = sectionsOf(FILE);
    const header = FILE.slice(0, HEADER_WORDS * 4);
    for (let i = 0; i < sections.length; i++) {
      const without = sections.filter((_, index) => index !== i);
      expect(readUnit(withChecksum(joined([header, ...without])))).toHaveProperty("problem");
      for (let j = 0; j < i; j++) {
        const swapped = [...sections];
        [swapped[i], swapped[j]] = [sections[j]!, sections[i]!];
        expect(readUnit(withChecksum(joined([header, ...swapped])))).toHaveProperty("problem");
      }
    }
  });

  test.each([0, 1, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff])(
    "with %i in any of its words",
    async (value) => {
      for (let word = 0; word < FILE.length / 4; word++) {
        if (word === CHECKSUM_WORD) continue;
        const bytes = FILE.slice();
        new DataView(bytes.buffer).setUint32(word * 4, value, true);
        await expectAnswer(withChecksum(bytes), `word ${word}`);
      }
    },
    120_000,
  );
});

describe("a file that lies", () => {
  test("kinds in the function table are claims: whatever they say, the program means the same", async () => {
    const unit = unitOf(PROGRAM);
    const said = await runLimited(unit);
    for (const kind of KINDS) {
      const functions = unit.functions.map((fn) => ({
        ...fn,
        paramKinds: fn.paramKinds.map(() => kind),
        resultKind: kind,
      }));
      expect(await runLimited({ ...unit, functions })).toEqual(said);
    }
  });

  test.each(valueMakers())("every instruction and %s: an answer of the language", async (_, make) => {
    const problems: string[] = [];
    for (const row of OPCODES as readonly OpcodeRow[]) {
      for (const operand of [0, 1, 2]) {
        const unit = applied(row, operand, make);
        if (unit === undefined || "problem" in verify(unit)) continue;
        const { outcome } = await runLimited(unit);
        if (outcome.kind === "internal") problems.push(`${row.name}.${row.formName} ${operand}: ${outcome.message}`);
      }
    }
    expect(problems).toEqual([]);
  });

  test.each(valueMakers())("every host function and %s: an answer of the language", async (_, make) => {
    const problems: string[] = [];
    for (const [name, { arity }] of NATIVES) {
      const pushes = Array.from({ length: arity }, () => make).flat();
      const unit = unitOfCode([...pushes, OP.CALL_NATIVE, 0, arity, OP["RET.val"]], [name]);
      const { outcome } = await runLimited(unit);
      if (outcome.kind === "internal" || outcome.kind === "load-problem")
        problems.push(`${name}: ${JSON.stringify(outcome)}`);
    }
    expect(problems).toEqual([]);
  });
});

/** Code that leaves one value of each sort that a program can make. */
function valueMakers(): [string, number[]][] {
  return [
    ["an Int", [OP.PUSH_INT, -3]],
    ["a large Int", [OP.PUSH_CONST, 1]],
    ["a Float", [OP.PUSH_FLOAT, 2]],
    ["a String", [OP.PUSH_STR, 0]],
    ["a Bool", [OP.TRUE]],
    ["unit", [OP.PUSH_UNIT]],
    ["a Char", [OP.PUSH_CONST, 3]],
    ["a sized number", [OP.PUSH_CONST, 4]],
    ["a BigInt", [OP.PUSH_CONST, 5]],
    ["a Decimal", [OP.PUSH_CONST, 6]],
    ["a List", [OP.PUSH_INT, 1, OP.PUSH_INT, 2, OP.MAKE_LIST, 2]],
    ["a Tuple", [OP.PUSH_INT, 1, OP.PUSH_STR, 0, OP.MAKE_TUPLE, 2]],
    ["a Map", [OP.PUSH_INT, 1, OP.PUSH_STR, 0, OP.MAKE_MAP, 1]],
    ["a Set", [OP.PUSH_INT, 1, OP.MAKE_SET, 1]],
    ["a function", [OP["MAKE_FUNCTION.fn"], 1]],
    ["a closure", [OP.PUSH_INT, 1, OP["MAKE_LAMBDA.fn"], 2, 1]],
    ["a pid", [OP.SELF]],
    ["a cell", [OP.PUSH_INT, 1, OP.MAKE_CELL]],
    ["a variant", [OP.PUSH_INT, 1, OP.MAKE_DATA, 0, 1]],
    ["a mutable record", [OP.PUSH_INT, 1, OP.MAKE_MUTABLE, 1, 1]],
    ["a struct", [OP.PUSH_INT, 1, OP.MAKE_DATA, 2, 1]],
  ];
}

function unitOfCode(code: readonly number[], natives: readonly string[] = []): Unit {
  const nothing = { captures: 0, paramKinds: [], resultKind: "any", places: new Int32Array(0) } as const;
  const returnUnit = Int32Array.of(OP.PUSH_UNIT, OP["RET.val"]);
  const type = { module: "", arity: 1, isMutable: false, tag: 0 };
  return {
    constants: [
      { kind: "String", value: "text" },
      { kind: "Int", value: 2n ** 62n },
      { kind: "Float", value: 1e300 },
      { kind: "Char", value: "x" },
      { kind: "UInt8", value: 200n },
      { kind: "BigInt", value: 10n ** 30n },
      { kind: "Decimal", value: "-1.50" },
    ],
    dataTypes: [
      { ...type, sort: "variant", type: "T", name: "A" },
      { ...type, sort: "record", type: "M", name: "M", fieldNames: ["text"], isMutable: true },
      { ...type, sort: "struct", type: "", name: "", fieldNames: ["text"] },
    ],
    functions: [
      { ...nothing, name: "entry", arity: 0, slots: 1, code: Int32Array.from(code) },
      { ...nothing, name: "named", arity: 0, slots: 0, code: returnUnit },
      { ...nothing, name: "<lambda>", arity: 0, captures: 1, slots: 1, code: returnUnit },
    ],
    mvars: [{ name: "m", module: "" }],
    globals: [{ name: "g", module: "", init: 1 }],
    lockSets: [[0]],
    natives: [...natives],
    sources: [],
    entry: 0,
  };
}

/** The instruction with such values below it, and its answers dropped. */
function applied(row: OpcodeRow, operand: number, make: readonly number[]): Unit | undefined {
  if (row.operands.includes("native") || (row.operands.includes("valueKind") && operand >= VALUE_KINDS.length))
    return undefined;
  const pops = typeof row.pops === "number" ? row.pops : operand * (row.pops.times ?? 1) + row.pops.plus;
  const pushes = Array.from({ length: pops }, () => make).flat();
  const index = (OPCODES as readonly OpcodeRow[]).indexOf(row);
  const operands = row.operands.map((role) => (role === "address" ? pushes.length + 1 + row.operands.length : operand));
  const end = row.flow === "end" ? [] : [OP.PUSH_UNIT, OP["RET.val"]];
  return unitOfCode([...pushes, index, ...operands, ...end]);
}

/** Ids and lengths included. */
function sectionsOf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sections: Uint8Array[] = [];
  for (let at = HEADER_WORDS * 4; at < file.length; ) {
    const size = 8 + view.getUint32(at + 4, true);
    sections.push(file.slice(at, at + size));
    at += size;
  }
  return sections;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
