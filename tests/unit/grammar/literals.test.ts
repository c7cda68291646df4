import { describe, expect, test } from "vitest";
import { parseFile } from "../../../grammar/index.ts";
import { expr, problems, spansOf } from "./shape.ts";

describe("numbers keep their text", () => {
  test.each(
    Object.entries({
      "1_000_000": "1000000",
      "0xFF_ff": "0xFFff",
      "0B1010": "0B1010",
      "42i8": "42:Int8",
      "42u64": "42:UInt64",
      "18446744073709551615u64": "18446744073709551615:UInt64",
      "123n": "123:BigInt",
      "1.5e-10": "1.5e-10:Float",
      "3.14f32": "3.14:Float32",
      "42d": "42:Decimal",
      "3.14d": "3.14:Decimal",
      "9223372036854775807": "9223372036854775807",
      "-9223372036854775808": "-9223372036854775808",
      "-128i8": "-128:Int8",
      "-32768i16": "-32768:Int16",
      "- -2147483648i32": "(neg -2147483648:Int32)",
      "-127i8": "(neg 127:Int8)",
    }),
  )("%s", (text, shape) => expect(expr(text)).toBe(shape));

  test.each(
    Object.entries({
      "x = 128i8": "1:5-5 Int8 cannot be 128i8",
      "x = 256u8": "1:5-5 UInt8 cannot be 256u8",
      "x = -129i8": "1:6-5 Int8 cannot be 129i8",
      "x = a - 128i8": "1:9-5 Int8 cannot be 128i8",
      "x = 9223372036854775808": "1:5-19 Int cannot be 9223372036854775808",
      "x = 0x8000000000000000": "1:5-18 Int cannot be 0x8000000000000000",
      "x = 1e5": "1:5-3 1e5, not a number",
      "x = 42i64": "1:5-5 42i64, not a number",
      "x = 3.14f64": "1:5-7 3.14f64, not a number",
      "x = 0b12": "1:5-4 0b12, not a number",
      "x = 12abc": "1:5-5 12abc, not a number",
      "f(1..2.5) = 1": "1:3-6 1..2.5, not a range of two Ints",
    }),
  )("%s is one problem", (text, problem) => expect(problems(text)).toEqual([problem]));
});

describe("strings and characters", () => {
  test.each(
    Object.entries({
      '"a\\n\\r\\t\\\\\\"\\\'\\0\\q"': JSON.stringify("a\n\r\t\\\"'\0\\q"),
      "'ab\"c'": '"ab\\"c"',
      "'a'": "'a'",
      "'\\n'": "'\n'",
      "'😀'": "'😀'",
      "'\\q'": '"\\\\q"',
      '"two\nlines"': '"two\\nlines"',
      '"# no comment // here"': '"# no comment // here"',
      '"a $x {y} ${} ${ }"': '"a $x {y} ${} ${ }"',
      '"cost: $5"': '"cost: $5"',
    }),
  )("%s", (text, shape) => expect(expr(text)).toBe(shape));
});

describe("interpolation", () => {
  test.each(
    Object.entries({
      '"a${x}b"': '(str "a" x "b")',
      "'a${x}b'": '(str "a" x "b")',
      '"${a}${b}"': "(str a b)",
      '"${f("x", \'y z\')}"': '(str (call f "x" "y z"))',
      '"${if a { {x: 1}.x } else { "}" }}"': '(str (if a {(. {x: 1} x)} else {"}"}))',
      '"${%{"a": #{1}}}"': '(str %{"a": #{1}})',
      '"a${"b${"c${d}"}"}"': '(str "a" (str "b" (str "c" d)))',
      "\"${xs.map(x => '${x}!')}\"": '(str (call (. xs map) ((x) => (str x "!"))))',
      '"\\${x}"': '(str "\\\\" x)',
      '"${} ${x}"': '(str "${} " x)',
    }),
  )("%s", (text, shape) => expect(expr(text)).toBe(shape));

  test("spans inside are offsets in the file", () => {
    const text = 'main() = println("a ${f("${deep}")} b ${1 +\n two}")\r\n';
    const { ast } = parseFile({ path: "t", text });
    const names = spansOf(ast.items).filter(({ kind }) => kind === "name");
    expect(names.map((name) => name.text)).toEqual(["println", "f", "two", "deep"]);
    for (const { text: name, span } of names) expect(text.slice(span.start, span.end)).toBe(name);
  });

  test("what is wrong inside is reported there, once", () => {
    expect(problems('x = "a ${1 + } b"\ny = "${1 2}"')).toEqual([
      "1:14-1 }, not an expression",
      "2:10-1 2, not an operator or `}`",
    ]);
  });
});
