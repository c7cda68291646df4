/** TinyTotVM's own `.ttb` files, and units of its code that nobody should trust. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OP, OPCODES } from "../../../vm/bytecode/opcodes.ts";
import { readUnit, writeUnit } from "../../../vm/bytecode/ttb/index.ts";
import { readTinyTotVM } from "../../../vm/bytecode/ttb/tinytotvm.ts";
import type { Unit } from "../../../vm/bytecode/unit.ts";
import { verify } from "../../../vm/bytecode/verify.ts";
import { runTiny, unitOf } from "../../support/ttvm.ts";

const word = (value: number): number[] => [value & 255, value >> 8];
const text = (value: string): number[] => [...word(Buffer.byteLength(value)), ...Buffer.from(value)];
const long = (value: number): number[] => [...Buffer.from(BigInt64Array.of(BigInt(value)).buffer)];

/** A program with every operand that the format has; CALL goes to instruction 8. */
const FILE = Uint8Array.from(
  [
    [...word(0x01), ...long(-2)],
    [...word(0x02), ...text("é")],
    [...word(0x60), 2],
    [...word(0x32), ...word(8), ...word(1), ...text("x")],
    [...word(0x40)],
    [...word(0x03)],
    [...word(0x31), ...word(99)],
    [...word(0xff)],
    [...word(0x51), ...text("x")],
    [...word(0x33)],
  ].flat(),
);

const unitIn = (bytes: Uint8Array): Unit => {
  const read = readTinyTotVM(bytes, "main");
  if ("problem" in read) throw new Error(read.problem.detail);
  return read.unit;
};

test("a file of the current format runs", async () => {
  const { out, ended } = await runTiny(unitIn(FILE));
  expect({ out, ended }).toEqual({ out: "[-2, é]\n", ended: "returned" });
});

test("every cut and every changed byte: a problem, or a run that ends", async () => {
  const files = Array.from(FILE, (_, at) => FILE.slice(0, at));
  for (let at = 0; at < FILE.length; at++) {
    for (const change of [1, 0x80, 0xff]) files.push(FILE.map((byte, i) => (i === at ? byte ^ change : byte)));
  }
  for (const file of files) {
    const read = readTinyTotVM(file, "main");
    if ("problem" in read) expect(read.problem.detail).not.toBe("");
    else
      expect((await runTiny(read.unit, { maxReductions: 10_000, observe: () => {} })).ended).not.toMatch(
        /internal|load/,
      );
  }
});

describe("the two older formats", () => {
  /** One byte for an opcode and for the length of a text; addresses have two. */
  const short = (value: string): number[] => [Buffer.byteLength(value), ...Buffer.from(value)];
  const FIRST = [[0x01, ...long(5)], [0x50, ...short("n")], [0x51, ...short("n")], [0x40], [0x51, ...short("n")], [0x01, ...long(1)], [0x11], [0x09], [0x50, ...short("n")], [0x31, ...word(11)], [0x30, ...word(2)], [0x02, ...short("é")], [0x40], [0xff]]; // biome-ignore format: an instruction each
  const SECOND = [[...word(0x32), ...word(3)], [...word(0x40)], [...word(0xff)], [...word(0x02), ...text("called é")], [...word(0x33)]]; // biome-ignore format: an instruction each

  test("run", async () => {
    expect(await runTiny(unitIn(Uint8Array.from(FIRST.flat())))).toMatchObject({
      out: "5\n4\n3\n2\n1\né\n",
      ended: "returned",
    });
    expect(await runTiny(unitIn(Uint8Array.from(SECOND.flat())))).toMatchObject({
      out: "called é\n",
      ended: "returned",
    });
  });

  test("every cut: a problem, or a run that ends", async () => {
    for (const file of [FIRST.flat(), SECOND.flat()]) {
      for (let at = 0; at < file.length; at++) {
        const read = readTinyTotVM(Uint8Array.from(file.slice(0, at)), "main");
        if ("problem" in read) expect(read.problem.detail).not.toBe("");
        else expect((await runTiny(read.unit, { maxReductions: 10_000 })).ended).not.toMatch(/internal|load/);
      }
    }
  });

  test("programs without calls are the same in the current format and in the second", async () => {
    const program = [[...word(0x02), ...text("same")], [...word(0x40)], [...word(0xff)]].flat();
    expect(await runTiny(unitIn(Uint8Array.from(program)))).toMatchObject({ out: "same\n", ended: "returned" });
  });
});

describe("a unit of TinyTotVM code", () => {
  const unit = unitOf('LABEL a\nPUSH_STR "x"\nCALL a x y\nJMP a');

  test("goes into our container with its flag, and comes back", () => {
    expect(readUnit(writeUnit(unit).bytes)).toEqual({ unit });
  });

  test("with a target inside an instruction, a label that is none, an end that is none: refused", () => {
    const main = unit.functions[0]!;
    const problemOf = (functions: Unit["functions"]) => {
      const verified = verify({ ...unit, functions });
      return "problem" in verified ? verified.problem.code : "none";
    };
    const code = (...words: number[]) => [{ ...main, code: Int32Array.from(words), places: new Int32Array(0) }];
    expect(problemOf(code(OP.JMP, 1))).toBe("bad-target");
    expect(problemOf(code(OP.TRUE))).toBe("falls-off-end");
    expect(problemOf(code(OP.PUSH_UNIT, OP.HALT))).toBe("bad-opcode");
    expect(problemOf([main, { ...main, code: Int32Array.of(OP.JMP, 1) }])).toBe("bad-unit");
    expect(problemOf(code(OP.SEND, 0, OP.HALT))).toBe("bad-operand");
  });

  test("the language's units hold none of its instructions", () => {
    const { isTinyTotVM: _, ...nostos } = unit;
    expect(verify(nostos)).toMatchObject({ problem: { code: "bad-opcode" } });
  });

  test("any words at all: refused, or a run without an error of ours", async () => {
    // none that could leave a file behind, or start a program
    const leavesTraces = new Set([
      "WRITE_FILE",
      "APPEND_FILE",
      "WRITE_BYTES",
      "DELETE_FILE",
      "ASYNC_WRITE",
      "STREAM_CREATE",
      "EXEC",
      "EXEC_CAPTURE",
    ]);
    const anyOpcode = fc.nat(OPCODES.length + 1).filter((opcode) => !leavesTraces.has(OPCODES[opcode]?.name ?? ""));
    const anyWord = fc.oneof(anyOpcode, fc.nat(12), fc.integer());
    await fc.assert(
      fc.asyncProperty(fc.array(anyWord, { maxLength: 30 }), async (words) => {
        const main = { ...unit.functions[0]!, code: Int32Array.from([...words, OP.HALT]), places: new Int32Array(0) };
        const { outcome } = await runTiny({ ...unit, functions: [main] }, { maxReductions: 5_000 });
        expect(outcome.kind).not.toBe("internal");
      }),
      { numRuns: 300 },
    );
  });
});
