/** IMPORT and EXPORT: files by name, as `files` has them. */
import { describe, expect, test } from "vitest";
import type { FoundModule } from "../../../vm/index.ts";
import { type Ran, runTtvm, unitOf } from "../../support/ttvm.ts";

type Files = Readonly<Record<string, string>>;

/** Runs `main.ttvm` of the files, which are lines separated by ` / `, with slices as shipped and of one instruction. */
async function run(files: Files): Promise<Ran> {
  const text = (name: string): string => files[name]!.split(" / ").join("\n");
  const findModule = (path: string): FoundModule => {
    const name = path.replace(/^\.\//, "");
    if (!(name in files))
      return { problem: `File operation failed on ${path}: No such file or directory (os error 2)` };
    return { name, load: () => ({ unit: unitOf(text(name)) }) };
  };
  const ran = await runTtvm(text("main"), { findModule });
  const small = await runTtvm(text("main"), { findModule, sliceReductions: 1 });
  expect({ out: small.out, ended: small.ended, crashes: small.crashes }).toEqual({
    out: ran.out,
    ended: ran.ended,
    crashes: ran.crashes,
  });
  return ran;
}

/** What it prints, or the text with which it fails. */
async function said(files: Files): Promise<string> {
  const { out, ended } = await run(files);
  return ended === "returned" ? out.trimEnd().split("\n").join(" / ") : ended;
}

const MATH =
  "PUSH_STR loaded / PRINT / MAKE_FUNCTION double n / STORE double / EXPORT double / PUSH_FLOAT 3.14 / STORE PI / EXPORT PI / HALT / LABEL double / LOAD n / PUSH_INT 2 / MUL / RET";

describe("what a module exports", () => {
  test("is bound where it is imported; functions run in their own file", async () => {
    const main = "IMPORT math / LOAD PI / PRINT / PUSH_INT 21 / LOAD double / CALL_FUNCTION / PRINT";
    expect(await said({ main, math: MATH })).toBe("loaded / 3.14 / 42");
  });

  test("a second IMPORT binds again, and runs nothing, however the file is spelled", async () => {
    const main = 'IMPORT math / DELETE PI / IMPORT "./math" / LOAD PI / PRINT';
    expect(await said({ main, math: MATH })).toBe("loaded / 3.14");
  });

  test("goes through two levels, and through closures (TinyTotVM's own loses its way there)", async () => {
    const middle =
      "IMPORT math / EXPORT double / CAPTURE double / MAKE_LAMBDA quad n / STORE quad / EXPORT quad / HALT / LABEL quad / LOAD n / LOAD double / CALL_FUNCTION / LOAD double / CALL_FUNCTION / RET";
    const main =
      "IMPORT middle / PUSH_INT 4 / LOAD double / CALL_FUNCTION / PRINT / PUSH_INT 5 / LOAD quad / CALL_FUNCTION / PRINT";
    expect(await said({ main, middle, math: MATH })).toBe("loaded / 8 / 20");
  });

  test("is of the moment of EXPORT, and bound in the newest scope only", async () => {
    const lib = "PUSH_INT 1 / STORE x / EXPORT x / PUSH_INT 2 / STORE x";
    expect(await said({ main: "IMPORT lib / LOAD x / PRINT", lib })).toBe("1");
    const inside = "CALL f / LOAD x / HALT / LABEL f / IMPORT lib / LOAD x / PRINT / RET";
    expect(await said({ main: inside, lib })).toBe("Undefined variable: x");
  });

  test("EXPORT of no variable, and of main's", async () => {
    expect(await said({ main: "EXPORT x" })).toBe("Undefined variable: x");
    expect(await said({ main: "PUSH_INT 1 / STORE x / EXPORT x / LOAD x / PRINT" })).toBe("1");
  });
});

describe("a module", () => {
  test("has operands and variables of its own", async () => {
    expect(await said({ main: "PUSH_INT 1 / IMPORT lib / PRINT", lib: "PRINT" })).toBe("Stack underflow during PRINT");
    expect(await said({ main: "PUSH_INT 1 / STORE x / IMPORT lib", lib: "LOAD x" })).toBe("Undefined variable: x");
    expect(await said({ main: "PUSH_INT 1 / IMPORT lib / PRINT", lib: "PUSH_INT 2 / PUSH_INT 3" })).toBe("1");
  });

  test("may wait and send as its process, and end by HALT", async () => {
    const lib = "PUSH_STR hello / SEND 1 / RECEIVE / STORE m / EXPORT m / HALT / PUSH_STR never / PRINT";
    expect(await said({ main: "IMPORT lib / LOAD m / PRINT", lib })).toBe("hello");
  });

  test("runs once in each process", async () => {
    const main = "IMPORT lib / PUSH_STR child / SPAWN / PRINT / HALT / LABEL child / IMPORT lib / LOAD x / PRINT";
    expect(await said({ main, lib: "PUSH_STR lib / PRINT / PUSH_INT 5 / STORE x / EXPORT x" })).toBe(
      "lib / 2 / lib / 5",
    );
  });

  test("imports in a circle: an error that names the path", async () => {
    const a = "IMPORT b";
    expect(await said({ main: "IMPORT a", a, b: "IMPORT ./a" })).toBe("Circular dependency detected: ./a");
    expect(await said({ main: "IMPORT a", a: "IMPORT a" })).toBe("Circular dependency detected: a");
    const twice = await said({ main: "IMPORT a / IMPORT b", a: "IMPORT c", b: "IMPORT c", c: "PUSH_STR c / PRINT" });
    expect(twice).toBe("c");
  });

  test("that fails: TRY around its IMPORT catches, and a later IMPORT tries again", async () => {
    const main = "TRY no / IMPORT lib / LABEL no / PRINT / TRY no2 / IMPORT lib / LABEL no2 / PRINT";
    const exception = "Exception: Undefined variable: x / Stack trace: /   at instruction 1";
    expect(await said({ main, lib: "PUSH_STR run / PRINT / LOAD x" })).toBe(
      `run / ${exception} / run / ${exception.replace("1", "4")}`,
    );
    const thrown = "TRY no / IMPORT lib / LABEL no / PRINT";
    expect(await said({ main: thrown, lib: "PUSH_STR oh / THROW" })).toContain("Exception: Unhandled exception: oh");
  });

  test("that fails in a function which somebody else calls: the caller's handler, in the caller's file", async () => {
    const lib = "MAKE_FUNCTION f / STORE f / EXPORT f / HALT / LABEL f / LOAD nothing";
    const main = "IMPORT lib / TRY no / LOAD f / CALL_FUNCTION / LABEL no / PRINT / PUSH_STR here / PRINT";
    expect(await said({ main, lib })).toBe(
      "Exception: Undefined variable: nothing / Stack trace: /   at instruction 4 / here",
    );
  });

  test("that is not there, and where nobody loads files", async () => {
    expect(await said({ main: "IMPORT lib" })).toBe(
      "File operation failed on lib: No such file or directory (os error 2)",
    );
    expect((await runTtvm("IMPORT lib")).ended).toContain("IMPORT lib: nobody loads files here");
  });

  test("whose process is killed meanwhile is gone with it", async () => {
    const main =
      "PUSH_STR child / SPAWN / STORE p / LOAD p / LINK / STORE l / YIELD / YIELD / LOAD x / HALT / LABEL child / IMPORT lib";
    const { ended, crashes } = await run({ main, lib: "RECEIVE" });
    expect({ ended, crashes }).toEqual({ ended: "Undefined variable: x", crashes: [] });
  });
});
