/** At least one value of every kind, made anew by each call: the rows of docs/decisions/0003-values.md. */
import {
  BigIntValue,
  Buffer,
  Bytes,
  Char,
  Closure,
  Decimal,
  EMPTY_MAP,
  EMPTY_SET,
  Float,
  Float32,
  Handle,
  IntList,
  insert,
  internType,
  type KindName,
  listOf,
  makeData,
  makeTuple,
  NIL,
  NONE_VALUE,
  NULL,
  Pid,
  Reactive,
  Ref,
  Sized,
  SOME,
  structType,
  TinyException,
  TinyObject,
  TypedArray,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";

export interface Sample {
  readonly kind: KindName;
  readonly value: Value;
  readonly display: string;
  /** inside a container; as display if absent */
  readonly nested?: string;
  /** as main's result; as nested if absent */
  readonly result?: string;
  readonly isKey: boolean;
  readonly isOrdered: boolean;
  /** NaN and functions: not equal to themselves */
  readonly isEqualToItself?: false;
}

export const POINT = internType({
  sort: "record",
  module: "geo",
  type: "Point",
  name: "Point",
  arity: 2,
  fieldNames: ["x", "y"],
  tag: 0,
  isMutable: false,
});
export const COUNTER = internType({
  sort: "record",
  module: "",
  type: "Counter",
  name: "Counter",
  arity: 1,
  fieldNames: ["n"],
  tag: 0,
  isMutable: true,
});

/** In an order in which each kind's smaller value comes first. */
export function samples(): Sample[] {
  const key = { isKey: true, isOrdered: true };
  const number = { isKey: false, isOrdered: true };
  const element = { isKey: true, isOrdered: false };
  const other = { isKey: false, isOrdered: false };
  // biome-ignore format: a table
  return [
    { kind: "Int", value: -7, display: "-7", ...key },
    { kind: "Int", value: 0, display: "0", ...key },
    { kind: "Int", value: 1, display: "1", ...key },
    { kind: "Int", value: 2 ** 40, display: "1099511627776", ...key },
    { kind: "Int", value: 2n ** 62n, display: "4611686018427387904", ...key },
    { kind: "Float", value: -Infinity, display: "-inf", ...number },
    { kind: "Float", value: 0.5, display: "0.5", ...number },
    { kind: "Float", value: new Float(1), display: "1.0", ...number },
    { kind: "Float", value: Number.NaN, display: "NaN", ...number, isEqualToItself: false },
    { kind: "Float32", value: new Float32(Math.fround(0.1)), display: "0.1", result: "0.1f32", ...number },
    { kind: "Float32", value: new Float32(2), display: "2.0", result: "2.0f32", ...number },
    { kind: "Int8", value: new Sized("Int8", -1n), display: "-1", result: "-1i8", ...key },
    { kind: "Int8", value: new Sized("Int8", 1n), display: "1", result: "1i8", ...key },
    { kind: "Int16", value: new Sized("Int16", 1n), display: "1", result: "1i16", ...key },
    { kind: "Int32", value: new Sized("Int32", 1n), display: "1", result: "1i32", ...key },
    { kind: "UInt8", value: new Sized("UInt8", 1n), display: "1", result: "1u8", ...key },
    { kind: "UInt16", value: new Sized("UInt16", 1n), display: "1", result: "1u16", ...key },
    { kind: "UInt32", value: new Sized("UInt32", 1n), display: "1", result: "1u32", ...key },
    { kind: "UInt64", value: new Sized("UInt64", 2n ** 64n - 1n), display: "18446744073709551615", result: "18446744073709551615u64", ...key },
    { kind: "BigInt", value: new BigIntValue(1n), display: "1", ...number },
    { kind: "BigInt", value: new BigIntValue(10n ** 30n), display: "1000000000000000000000000000000", ...number },
    { kind: "Decimal", value: new Decimal(-25n, 1), display: "-2.5", ...number },
    { kind: "Decimal", value: new Decimal(1n, 0), display: "1", ...number },
    { kind: "Bool", value: false, display: "false", ...element },
    { kind: "Bool", value: true, display: "true", ...element },
    { kind: "Char", value: new Char("a"), display: "a", nested: "'a'", ...key },
    { kind: "Char", value: new Char("😀"), display: "😀", nested: "'😀'", ...key },
    { kind: "String", value: "", display: "", nested: '""', ...key },
    { kind: "String", value: 'a"\\\n', display: 'a"\\\n', nested: '"a\\"\\\\\n"', result: '"a"\\\n"', ...key },
    { kind: "Unit", value: UNIT, display: "()", ...element },
    { kind: "Tuple", value: makeTuple([1, "a"]), display: '(1, "a")', ...key },
    { kind: "Tuple", value: makeTuple([1, "b"]), display: '(1, "b")', ...key },
    { kind: "List", value: NIL, display: "[]", ...other },
    { kind: "List", value: listOf([1, new Float(1), "x", NIL]), display: '[1, 1.0, "x", []]', ...other },
    { kind: "Map", value: EMPTY_MAP, display: "%{}", ...other },
    { kind: "Map", value: insert(insert(EMPTY_MAP, 2, "b"), 1, "a"), display: '%{1: "a", 2: "b"}', ...other },
    { kind: "Set", value: EMPTY_SET, display: "#{}", result: "#{...0 items}", ...other },
    { kind: "Set", value: insert(insert(EMPTY_SET, "b", UNIT), "a", UNIT), display: '#{"a", "b"}', result: "#{...2 items}", ...other },
    { kind: "Record", value: makeData(SOME, [3]), display: "Some(3)", ...key },
    { kind: "Record", value: makeData(SOME, ["x"]), display: 'Some("x")', isKey: true, isOrdered: false },
    { kind: "Record", value: NONE_VALUE, display: "None", ...key },
    { kind: "Record", value: makeData(POINT, [1, 2]), display: "Point{x: 1, y: 2}", result: "geo.Point{x: 1, y: 2}", ...key },
    { kind: "Record", value: makeData(COUNTER, [5]), display: "Counter{n: 5}", ...key },
    { kind: "Struct", value: makeData(structType(["b", "a"]), [1, 2]), display: "{b: 1, a: 2}", ...key },
    { kind: "Function", value: new Closure(1, 1, "f", []), display: "<function f>", ...other, isEqualToItself: false },
    { kind: "Function", value: new Closure(1, 1, "f", [1]), display: "<closure f>", ...other, isEqualToItself: false },
    { kind: "Function", value: new Closure(1, 1, "", []), display: "<closure>", ...other, isEqualToItself: false },
    { kind: "Pid", value: new Pid(3), display: "<pid 3>", result: "<pid:3>", ...element },
    { kind: "Ref", value: new Ref(3), display: "<ref 3>", ...element },
    { kind: "Int64Array", value: new TypedArray("Int64Array", BigInt64Array.of(1n, 2n)), display: "Int64Array[2]", ...other },
    { kind: "Float64Array", value: new TypedArray("Float64Array", Float64Array.of(1)), display: "Float64Array[1]", ...other },
    { kind: "Float32Array", value: new TypedArray("Float32Array", Float32Array.of(1)), display: "Float32Array[1]", ...other },
    { kind: "Int64List", value: new IntList(BigInt64Array.of(1n, 2n)), display: "[1, 2]", ...other },
    { kind: "Int64List", value: new IntList(new BigInt64Array(12)), display: "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0... (2 more)]", ...other },
    { kind: "Buffer", value: new Buffer("txt"), display: "txt", ...other },
    { kind: "Reactive", value: new Reactive(1, COUNTER, [1]), display: "Counter{...1 fields}", ...other },
    { kind: "Null", value: NULL, display: "null", ...other },
    { kind: "Object", value: new TinyObject(new Map<string, Value>([["k", 1], ["l", "v"]])), display: '{k: 1, l: "v"}', ...other },
    { kind: "Bytes", value: new Bytes(Uint8Array.of(1, 2)), display: "Bytes(2)", ...other },
    { kind: "Exception", value: new TinyException("boom", ["at instruction 3"]), display: "Exception: boom\nStack trace:\n  at instruction 3", ...other },
    { kind: "Connection", value: new Handle("Connection", "c1"), display: "Connection(c1)", ...other },
    { kind: "Stream", value: new Handle("Stream", "s1"), display: "Stream(s1)", ...other },
    { kind: "Future", value: new Handle("Future", "f1"), display: "Future(f1)", ...other },
  ];
}
