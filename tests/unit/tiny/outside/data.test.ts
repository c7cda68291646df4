/** JSON, CSV, gzip, encryption and hashes. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCsv, writeCsv } from "../../../../vm/host/tiny/csv.ts";
import { parseJson, writeJson } from "../../../../vm/host/tiny/json.ts";
import { sipHash } from "../../../../vm/host/tiny/siphash.ts";
import { seededChance } from "../../../../vm/index.ts";
import { TinyError } from "../../../../vm/interp/tiny/errors.ts";
import { listOf, toArray } from "../../../../vm/values/list.ts";
import { tinyDebug } from "../../../../vm/values/tiny-text.ts";
import type { Value } from "../../../../vm/values/value.ts";
import { caught, said } from "./said.ts";

describe("JSON", () => {
  test.each([
    [
      '{"name": "Alice", "age": 25, "tags": ["a", {}], "x": null}',
      'Object({"name": Str("Alice"), "age": Int(25), "tags": List([Str("a"), Object({})]), "x": Null})',
    ],
    [" [ ] ", "List([])"],
    ["[1,-2,3.0,4e2,true,false]", "List([Int(1), Int(-2), Float(3.0), Float(400.0), Bool(true), Bool(false)])"],
    ["9223372036854775807", "Int(9223372036854775807)"],
    ["9223372036854775808", "Float(9223372036854775808.0)"],
    ["-0", "Float(-0.0)"],
    ['"\\u00e9\\n\\ud83d\\ude00 \\ud800"', 'Str("é\\n😀 \ufffd")'],
    ['{"a":1,"a":2}', 'Object({"a": Int(2)})'],
    // as TinyTotVM's own programs write it, whose texts know no escapes
    ['{\\"name\\":\\"Alice\\",\\"age\\":25}', 'Object({"name": Str("Alice"), "age": Int(25)})'],
    ['"\\""', 'Str("\\"")'],
  ])("%s is %s", (text, value) => {
    expect(tinyDebug(parseJson(text))).toBe(value.replace("9223372036854775808.0", "9.223372036854776e18"));
  });

  test.each([
    ["", "unexpected the end at character 1"],
    ["{", "unexpected the end at character 2"],
    ["[1,]", 'unexpected "]" at character 4'],
    ["[1 2]", 'unexpected "2" at character 4'],
    ["{a:1}", 'unexpected "a" at character 2'],
    ['{"a" 1}', 'unexpected "1" at character 6'],
    ['{"a":1,}', 'unexpected "}" at character 8'],
    ["01", 'unexpected "1" at character 2'],
    ["nul", 'unexpected "n" at character 1'],
    ['"\\x"', 'unexpected "\\"" at character 1'],
    ["1 😀", 'unexpected "😀" at character 3'],
    ["]", 'unexpected "]" at character 1'],
  ])("%j is none: %s", async (text, problem) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ text: `JSON_PARSE failed: ${problem}` }));
  });

  test("what it says of any text is what JavaScript says", () => {
    const piece = fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      '"a"',
      "1",
      "-",
      ".5",
      "e1",
      "true",
      " ",
      "\n",
      '"\\n"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        try {
          parseJson(text);
          expect(isJson, text).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TinyError);
          expect(isJson, text).toBe(false);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("what is written is read as the same", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = parseJson(text);
        const written = writeJson(value);
        expect(tinyDebug(parseJson(written))).toBe(tinyDebug(value));
        expect(JSON.parse(written)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("a hundred thousand deep", () => {
    const text = `${"[".repeat(100_000)}1${"]".repeat(100_000)}`;
    expect(writeJson(parseJson(text))).toBe(text);
  });

  test("instructions", async () => {
    expect(await said('PUSH_STR "{"a": [1, 2.5]}" / JSON_PARSE / GET_FIELD a / PRINT')).toBe("[1, 2.5]");
    expect(
      await said(
        'MAKE_OBJECT / PUSH_STR he said "hi" ok / SET_FIELD k / PUSH_FLOAT 2.0 / NULL / TRUE / MAKE_LIST 3 / SET_FIELD l / JSON_STRINGIFY / PRINT',
      ),
    ).toBe('{"k":"he said \\"hi\\" ok","l":[2.0,null,true]}');
    expect(await caught("PUSH_STR {oh / JSON_PARSE")).toBe('JSON_PARSE failed: unexpected "o" at character 2');
    expect(await caught("PUSH_INT 1 / JSON_PARSE")).toBe("JSON_PARSE expects string (JSON) but got Int(1)");
    expect(await caught("PUSH_FLOAT NaN / JSON_STRINGIFY")).toBe(
      "JSON_STRINGIFY expects what JSON can hold but got Float(NaN)",
    );
    expect(await caught("PUSH_STR x / COMPRESS / MAKE_LIST 1 / JSON_STRINGIFY")).toMatch(
      /^JSON_STRINGIFY expects what JSON can hold but got Bytes/,
    );
  });
});

describe("CSV", () => {
  const rows = (text: string): string =>
    tinyDebug(parseCsv(text))
      .replace(/Str\(("[^"]*")\)/g, "$1")
      .replaceAll("List", "");

  test.each([
    ["name,age\nAlice, 25 \n", '([(["name", "age"]), (["Alice", "25"])])'],
    ["a\r\nb", '([(["a"]), (["b"])])'],
    ["a,\n,b", '([(["a", ""]), (["", "b"])])'],
    ['"x, y" ,"l1\nl2"', '([(["x, y", "l1\\nl2"])])'],
    ["a\n\nb", '([(["a"]), ([""]), (["b"])])'],
    ["", "([])"],
    ['a"b,c', '([([Str("a\\"b"), "c"])])'],
  ])("%j", (text, value) => {
    expect(rows(text)).toBe(value);
  });

  test.each([
    ['"a', 1],
    ['x\n"a"b,c', 2],
  ])("%j has a quote that does not end in row %i", (text, row) => {
    expect(() => parseCsv(text)).toThrow(
      expect.objectContaining({ text: `CSV_PARSE failed: the quote in row ${row} does not end` }),
    );
  });

  test("what is written is read as the same", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ", "\t", "é") });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1 })), (table) => {
        const text = writeCsv(listOf(table.map((row) => listOf(row))));
        const read = toArray(parseCsv(text)).map((row) => toArray(row as ReturnType<typeof listOf>));
        expect(read, JSON.stringify(text)).toEqual(table);
      }),
    );
  });

  test("instructions", async () => {
    expect(await said("PUSH_STR a,b / CSV_PARSE / DUP / PRINT / CSV_WRITE / PRINT")).toBe("[[a, b]] / a,b");
    expect(await said('PUSH_INT 1 / PUSH_STR x"y / NULL / MAKE_LIST 3 / MAKE_LIST 1 / CSV_WRITE / PRINT')).toBe(
      '1,"x""y",null',
    );
    expect(await caught("PUSH_INT 1 / MAKE_LIST 1 / CSV_WRITE")).toBe(
      "CSV_WRITE expects list of lists (CSV data) but got List([Int(1)])",
    );
  });
});

describe("gzip", () => {
  test("back and forth, and smaller", async () => {
    const text = "na".repeat(500);
    const shown = await said(`PUSH_STR ${text} / COMPRESS / DUP / PRINT / DECOMPRESS / PUSH_STR ${text} / EQ / PRINT`);
    expect(shown).toMatch(/^Bytes\([1-4][0-9]\) \/ 1$/);
  });

  test("reads what others have written; what is none, or no text, is an error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ttvm-gzip-"));
    writeFileSync(join(folder, "text"), gzipSync("from outside"));
    writeFileSync(join(folder, "bytes"), gzipSync(Uint8Array.of(0xff)));
    writeFileSync(join(folder, "cut"), gzipSync("from outside").subarray(0, 20));
    const read = (name: string): string => `PUSH_STR ${folder}/${name} / READ_BYTES / DECOMPRESS / PRINT`;
    expect(await said(read("text"))).toBe("from outside");
    expect(await caught(read("bytes"))).toBe("DECOMPRESS failed: what comes out is no text in UTF-8");
    expect(await caught(read("cut"))).toBe("DECOMPRESS failed: unexpected end of file");
    expect(await caught("PUSH_STR x / DECOMPRESS")).toBe('DECOMPRESS expects bytes (compressed data) but got Str("x")');
    rmSync(folder, { recursive: true });
  });
});

describe("encryption", () => {
  const ROUND =
    "PUSH_STR secret / PUSH_STR key / ENCRYPT / STORE e / LOAD e / PRINT / LOAD e / PUSH_STR key / DECRYPT / PRINT";

  test("back and forth, each time otherwise, the same under one seed", async () => {
    expect(await said(ROUND)).toBe("Bytes(50) / secret");
    const shown = "PUSH_STR secret / PUSH_STR key / ENCRYPT / NOT";
    expect(await said(shown)).not.toBe(await said(shown));
    const seeded = () => ({ chance: seededChance(5n) });
    expect(await said(shown, seeded())).toBe(await said(shown, seeded()));
  });

  test("a wrong key, and what was never encrypted", async () => {
    expect(await caught("PUSH_STR secret / PUSH_STR key / ENCRYPT / PUSH_STR other / DECRYPT")).toBe(
      "DECRYPT failed: the key is wrong, or the data was changed",
    );
    expect(await caught("PUSH_STR x / COMPRESS / PUSH_STR key / DECRYPT")).toBe(
      "DECRYPT failed: this is nothing that ENCRYPT has made",
    );
    expect(await caught("PUSH_STR x / PUSH_INT 1 / ENCRYPT")).toBe(
      'ENCRYPT expects string (data) and string (key) but got Str("x"), Int(1)',
    );
  });
});

describe("hashes", () => {
  test("HASH is what Rust gives", async () => {
    // of TinyTotVM, run
    expect(await said("PUSH_STR hello / HASH / PRINT")).toBe("e037876b880b8ed9");
    expect(await said('PUSH_STR "" / HASH / PRINT')).toBe("30406ea523c53def");
    expect(await said("PUSH_STR Data to hash / HASH / PRINT")).toBe("349daa519832330d");
    expect(await caught("NULL / HASH")).toBe("HASH expects string or bytes but got Null");
  });

  test("SipHash-1-3 of all lengths: no two alike, each with one bit changed another", () => {
    const seen = new Set<string>();
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i);
      seen.add(sipHash(bytes));
      if (length > 0) {
        bytes[length - 1]! ^= 1;
        seen.add(sipHash(bytes));
      }
    }
    expect(seen.size).toBe(139);
  });

  test("DIGEST", async () => {
    const sha = createHash("sha256").update("hello").digest("hex");
    expect(await said("PUSH_STR hello / PUSH_STR sha256 / DIGEST / PRINT")).toBe(sha);
    expect(await caught("PUSH_STR hello / PUSH_STR sha / DIGEST")).toBe(
      'DIGEST expects an algorithm such as sha256 but got Str("sha")',
    );
  });
});

test("databases come later, which TRY catches", async () => {
  expect(await caught("PUSH_STR sqlite:x / DB_CONNECT")).toBe("Unsupported operation: DB_CONNECT is not supported yet");
  expect(await caught("NULL / PUSH_STR sql / DB_QUERY")).toBe("Unsupported operation: DB_QUERY is not supported yet");
  expect(await said("NULL / PUSH_STR sql / DB_EXEC")).toBe("Unsupported operation: DB_EXEC is not supported yet");
});

test("any operand of any instruction is an answer or an error, never a JavaScript exception", async () => {
  const operands: readonly string[] = [
    "PUSH_INT 1",
    "PUSH_STR x",
    "NULL",
    "MAKE_LIST 0",
    "PUSH_FLOAT 1.5",
    "MAKE_OBJECT",
  ];
  const names =
    "JSON_PARSE JSON_STRINGIFY CSV_PARSE CSV_WRITE COMPRESS DECOMPRESS ENCRYPT DECRYPT HASH DIGEST AWAIT STREAM_CREATE STREAM_READ STREAM_WRITE STREAM_CLOSE TCP_SEND TCP_RECV TCP_ACCEPT UDP_SEND UDP_RECV LOCAL_PORT CLOSE FORMAT_TIME GET_ENV";
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names.split(" ")),
      fc.array(fc.constantFrom(...operands), { maxLength: 4 }),
      async (name, pushes) => {
        const shown: Value = await caught([...pushes, name].join(" / "));
        expect(shown).not.toMatch(/internal|undefined|object Object/);
      },
    ),
    { numRuns: 200 },
  );
});
