import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Answers,
  type NativeContext,
  type NativeResult,
  PAUSED,
  type ProcessAnswers,
  Raise,
  WAITING,
} from "../../../vm/host/native.ts";
import { NATIVES } from "../../../vm/host/natives/index.ts";
import { FIXED_SURROUNDINGS } from "../../../vm/host/seeded-chance.ts";
import type { ProcessInfo } from "../../../vm/sched/process-info.ts";
import {
  BigIntValue,
  Buffer,
  Char,
  Cons,
  compareTotal,
  display,
  EMPTY_MAP,
  EMPTY_SET,
  equalValues,
  Float,
  insert,
  type List,
  listOf,
  makeData,
  makeTuple,
  NIL,
  NONE_VALUE,
  Pid,
  SOME,
  TypedArray,
  toArray,
  UNIT,
  type Value,
} from "../../../vm/values/index.ts";
import type { Step } from "../../../vm/values/step.ts";
import { samples } from "../values/samples.ts";

const INFO: ProcessInfo = {
  status: "waiting", mailbox: 3, uptimeMs: 7.9, links: [1], monitors: [], monitoredBy: [], trapsExits: false, messages: [],
  limit: 9, dropped: 0, reductions: 0, memory: 0, at: "", mvars: [], waitsFor: "", timerMs: -1,
}; // biome-ignore format: short

class FakeContext implements NativeContext {
  charged = 0;
  out = "";
  errors = "";
  answer: NativeResult | undefined;
  lines: string[] = [];
  chance = 0.5;
  readonly pid = 1;
  readonly programArgs = ["a", "b"];
  readonly stdin = {
    readLine: (done: (line: string | undefined) => void) => done(this.lines.shift()),
    readAll: (done: (text: string) => void) => done(this.lines.splice(0).join("\n")),
  };
  readonly machine = {
    schedulers: 1,
    counts: () => ({ spawned: 5, exited: 3, alive: 2 }),
    uptimeMs: () => 12.5,
  };
  readonly surroundings = FIXED_SURROUNDINGS;
  freshRef = (): number => 9;
  readonly ties = {
    link: () => {},
    unlink: () => {},
    monitor: () => 7,
    demonitor: () => {},
    exit: () => {},
    trapExits: () => {},
  };
  readonly mayHoldMutables = false;
  spawn(): number {
    return 3;
  }
  limitMailbox(): void {}
  sendAnswer(): void {}
  left = 0;
  /** of one step: so small that nothing but the smallest ends in its first */
  readonly unitsOfStep: number;
  units = 0;
  steps = 0;
  constructor(unitsOfStep = 3) {
    this.unitsOfStep = unitsOfStep;
  }
  begin<T>(step: Step<T>): T {
    for (;;) {
      this.left = this.unitsOfStep;
      const answer = step.run(this);
      this.steps++;
      this.units += this.unitsOfStep - this.left;
      if (answer !== undefined) return answer;
    }
  }
  charge(reductions: number): void {
    expect(Number.isInteger(reductions) && reductions > 0).toBe(true);
    this.charged += reductions;
  }
  now(): number {
    return 1_700_000_000_123;
  }
  random(): number {
    return this.chance;
  }
  writeOut(text: string): void {
    this.out += text;
  }
  writeError(text: string): void {
    this.errors += text;
  }
  flushOut(): void {
    this.out += "|";
  }
  ask<Kind extends keyof ProcessAnswers>(
    kind: Kind,
    pid: number,
    toValue: (answer: ProcessAnswers[Kind]) => Value,
    name = "",
  ): Value {
    const answers: ProcessAnswers = {
      register: pid !== 2 ? "dead" : name === "known" ? "taken" : "done",
      unregister: name === "known",
      whereis: name === "known" ? 2 : 0,
      registered: ["known"],
      alive: pid === 2,
      kill: pid === 2,
      all: [1, 2],
      timers: 4,
      info: pid === 2 ? INFO : undefined,
      names: name === "2" ? ["known"] : [],
    };
    return toValue(answers[kind]);
  }
  wait(
    start: (done: (result: NativeResult) => void, whenGone: (withdraw: () => void) => void) => void,
  ): typeof WAITING {
    start(
      (result) => {
        this.answer = result;
      },
      () => {},
    );
    return WAITING;
  }
}

function call(
  name: string,
  args: readonly Value[],
  context: NativeContext = new FakeContext(),
): Value | typeof WAITING {
  const native = NATIVES.get(name);
  if (native === undefined) throw new Error(`no host function ${name}`);
  expect(native.arity, name).toBe(args.length);
  const [a, b, c, d] = args as [Value, Value, Value, Value];
  const result = native.run(context, a, b, c, d);
  if (result === PAUSED) throw new Error(`${name} pauses in a context that goes on`);
  return result;
}

/** The shown result, or what was raised. */
function said(name: string, ...args: Value[]): string {
  try {
    const result = call(name, args);
    return result === WAITING ? "waiting" : display(makeTuple([result])).slice(1, -1);
  } catch (error) {
    if (error instanceof Raise) return `raised ${display(error.value)}`;
    throw error;
  }
}

const list = (...items: Value[]): List => listOf(items);
const pair = (...items: Value[]): Value => makeTuple(items);
const chars = (text: string): List => listOf([...text].map((c) => new Char(c)));
const f = (x: number): Float => new Float(x);
const abc = list("a", "b", "c");
const map = insert(insert(EMPTY_MAP, "a", 1), "b", 2);
const set = (...items: Value[]) => items.reduce((s: typeof EMPTY_SET, item) => insert(s, item, UNIT), EMPTY_SET);

test("stdlib finds every host function that it names, with its number of arguments", () => {
  const folder = new URL("../../../stdlib/", import.meta.url);
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), "utf8").replace(/^\s*#.*$/gm, "");
    for (const [, name = ""] of text.matchAll(/__native__\("([^"]+)"/g))
      expect(NATIVES.has(name), `${name} in ${file}`).toBe(true);
  }
});

/** Compiled code takes a host function at its word (Native.answers). */
function isAnswer(answers: keyof Answers, result: unknown): boolean {
  switch (answers) {
    case "Int":
      return Number.isSafeInteger(result) && !Object.is(result, -0);
    case "List":
      return result === NIL || result instanceof Cons;
    case "Value":
      return typeof result !== "symbol" && !(result instanceof TypedArray || result instanceof Buffer);
    default:
      return typeof result === (answers === "Bool" ? "boolean" : "string");
  }
}

test("any value as any argument gives a result or a language exception", () => {
  const harmless = [...NATIVES.values()].filter((native) => !native.name.startsWith("Stdin."));
  const values = samples().map((sample) => sample.value);
  fc.assert(
    fc.property(
      fc.constantFrom(...harmless),
      fc.array(fc.constantFrom(...values), { minLength: 4, maxLength: 4 }),
      (native, args) => {
        // huge counts are refused or take memory; a small one is enough to ask here
        const small = args.map((arg) => (typeof arg === "number" && arg > 1000 ? 12 : arg)) as [
          Value,
          Value,
          Value,
          Value,
        ];
        try {
          const result = native.run(new FakeContext(), ...small);
          if (native.answers !== undefined) expect(isAnswer(native.answers, result), native.name).toBe(true);
        } catch (error) {
          expect(error, native.name).toBeInstanceOf(Raise);
        }
      },
    ),
    { numRuns: 5000 },
  );
});

describe("each host function", () => {
  // biome-ignore format: a table
  test.each<[string, Value[], string]>([
    ["show", ["a\"b"], '"a\\"b"'],
    ["show", [list("a", f(2))], '"[\\"a\\", 2.0]"'],
    ["equal", [list(1), list(1)], "true"],
    ["compare", [2, 1], "1"],
    ["typeOf", [list()], '"List"'],
    ["tagOf", [makeData(SOME, [1])], '"Some"'],
    ["tagOf", [1], '""'],
    ["fields", [makeData(SOME, [1])], "[1]"],
    ["panic", ["no"], 'raised ("Panic", "no")'],
    ["vmStats", [], "(5, 3, 2)"],
    ["Number.toInt", [2.7], "2"],
    ["Number.toInt8", [200], "-56"],
    ["Number.toFloat", [3], "3.0"],
    ["Number.toFloat32", [3], "3.0"],
    ["Number.toBigInt", [3], "3"],
    ["Number.toDecimal", [2.5], "2.5"],
    ["Number.abs", [-3], "3"],
    ["Number.pow", [2, 10], "1024"],
    ["Number.sum", [list(1, 2, 3)], "6"],
    ["Number.sum", [list()], "0"],
    ["Number.sum", [list(0.5, 0.25)], "0.75"],
    ["Number.sum", [list(2n ** 62n, 2n ** 62n)], "-9223372036854775808"],
    ["Number.sum", [list(new BigIntValue(1n), new BigIntValue(2n))], "3"],
    ["Number.product", [list(f(2), f(3))], "6.0"],
    ["Math.sqrt", [f(9)], "3.0"],
    ["Math.floor", [-1.5], "-2"],
    ["Math.ceil", [1.5], "2"],
    ["Math.round", [2.5], "3"],
    ["Math.round", [-2.5], "-3"],
    ["Math.round", [0.49999999999999994], "0"],
    ["Math.round", [1e300], "9223372036854775807"],
    ["Math.sqrt", ["x"], 'raised ("TypeError", "type mismatch in sqrt: expected Float, found String")'],
    ["Int.toChar", [955], "'λ'"],
    ["Int.toChar", [0xd800], 'raised ("Panic", "Invalid Unicode codepoint: 55296")'],
    ["Char.toInt", [new Char("😀")], "128512"],
    ["Decimal.parse", ["1.50"], "Some(1.5)"],
    ["String.length", ["a😀"], "2"],
    ["String.chars", ["a😀"], "['a', '😀']"],
    ["String.fromChars", [chars("x😀")], '"x😀"'],
    ["String.toInt", [" 42 "], "Some(42)"],
    ["String.toInt", ["4x"], "None"],
    ["String.toInt", ["9223372036854775808"], "None"],
    ["String.toFloat", ["1.5"], "Some(1.5)"],
    ["String.toFloat", ["2"], "Some(2.0)"],
    ["String.toFloat", ["two"], "None"],
    ["String.toBigInt", ["123456789012345678901"], "Some(123456789012345678901)"],
    ["String.trim", [" a\t\n"], '"a"'],
    ["String.toUpper", ["straße"], '"STRASSE"'],
    ["String.reverse", ["a😀b"], '"b😀a"'],
    ["String.lines", ["a\r\nb\n\nc"], '["a", "b", "", "c"]'],
    ["String.lines", [""], "[]"],
    ["String.words", ["  a  b "], '["a", "b"]'],
    ["String.contains", ["hello", "ell"], "true"],
    ["String.startsWith", ["hello", "he"], "true"],
    ["String.endsWith", ["hello", "he"], "false"],
    ["String.indexOf", ["😀ab", "b"], "2"],
    ["String.indexOf", ["ab", "x"], "-1"],
    ["String.lastIndexOf", ["😀abab", "ab"], "3"],
    ["String.replace", ["a.b.c", ".", "$&"], '"a$&b.c"'],
    ["String.replaceAll", ["a.b.c", ".", "$&"], '"a$&b$&c"'],
    ["String.replaceAll", ["ab", "", "-"], '"-a-b-"'],
    ["String.substring", ["a😀bc", 1, 3], '"😀b"'],
    ["String.substring", ["abc", 2, 1], '""'],
    ["String.take", ["abc", 5], '"abc"'],
    ["String.drop", ["a😀b", 2], '"b"'],
    ["String.repeat", ["ab", 3], '"ababab"'],
    ["String.repeat", ["ab", -1], '""'],
    ["String.repeat", ["ab", 2 ** 40], 'raised ("Panic", "String is too long")'],
    ["String.padStart", ["7", 4, "ab"], '"aba7"'],
    ["String.padEnd", ["😀", 3, "."], '"😀.."'],
    ["String.padEnd", ["x", 2 ** 40, "."], 'raised ("Panic", "String is too long")'],
    ["String.split", ["a,b,", ","], '["a", "b", ""]'],
    ["String.split", ["a😀", ""], '["a", "😀"]'],
    ["String.join", [list("a", 1, new Char("c")), "-"], '"a-1-c"'],
    ["String.get", ["a😀", 1], '"😀"'],
    ["String.get", ["a", 5], 'raised ("Panic", "Index 5 out of bounds")'],
    ["String.length", [5], 'raised ("TypeError", "type mismatch in String.length: expected String, found Int")'],
    ["Base64.encode", ["hé"], '"aMOp"'],
    ["Base64.decode", ["aMOp"], '("ok", "hé")'],
    ["Base64.decode", ["a"], '("error", "invalid base64")'],
    ["Base64.decode", ["/w=="], '("error", "invalid UTF-8")'],
    ["Url.encode", ["a b&c!"], '"a%20b%26c%21"'],
    ["Url.decode", ["a%20b"], '("ok", "a b")'],
    ["Url.decode", ["%zz"], '("error", "invalid percent escape")'],
    ["Encoding.toBytes", ["é"], "[195, 169]"],
    ["Encoding.fromBytes", [list(195, 169)], '("ok", "é")'],
    ["Encoding.fromBytes", [list(300)], '("error", "300 is no byte")'],
    ["Buffer.toString", [new Buffer("x")], '"x"'],
    ["List.length", [abc], "3"],
    ["List.isEmpty", [NIL], "true"],
    ["List.get", [abc, 1], '"b"'],
    ["List.get", [abc, 3], 'raised ("Panic", "Index out of bounds: index 3 is out of range")'],
    ["List.get", [abc, -1], 'raised ("Panic", "Index out of bounds: -1 (negative index not allowed)")'],
    ["List.head", [abc], '"a"'],
    ["List.head", [NIL], 'raised ("Panic", "head: empty list")'],
    ["List.last", [abc], '"c"'],
    ["List.init", [abc], '["a", "b"]'],
    ["List.slice", [abc, 1, 9], '["b", "c"]'],
    ["List.slice", [abc, -5, 1], '["a"]'],
    ["List.take", [abc, 2], '["a", "b"]'],
    ["List.drop", [abc, 2], '["c"]'],
    ["List.splitAt", [abc, 1], '(["a"], ["b", "c"])'],
    ["List.range", [2, 5], "[2, 3, 4]"],
    ["List.range", [5, 2], "[]"],
    ["List.range", [0, 2 ** 40], 'raised ("Panic", "range: bounds are too far apart")'],
    ["List.replicate", [3, "x"], '["x", "x", "x"]'],
    ["List.pop", [abc], '(["a", "b"], "c")'],
    ["List.set", [abc, 1, "x"], '["a", "x", "c"]'],
    ["List.insertAt", [abc, 3, "x"], '["a", "b", "c", "x"]'],
    ["List.removeAt", [abc, 0], '["b", "c"]'],
    ["List.reverse", [abc], '["c", "b", "a"]'],
    ["List.flatten", [list(list(1), NIL, list(2, 3))], "[1, 2, 3]"],
    ["List.zip", [abc, list(1, 2)], '[("a", 1), ("b", 2)]'],
    ["List.unzip", [list(pair(1, "a"), pair(2, "b"))], '([1, 2], ["a", "b"])'],
    ["List.enumerate", [list("a")], '[(0, "a")]'],
    ["List.transpose", [list(list(1, 2), list(3))], "[[1, 3], [2]]"],
    ["List.intersperse", [abc, "-"], '["a", "-", "b", "-", "c"]'],
    ["List.interleave", [abc, list(1)], '["a", 1, "b", "c"]'],
    ["List.contains", [abc, "b"], "true"],
    ["List.indexOf", [abc, "c"], "Some(2)"],
    ["List.indexOf", [abc, "x"], "None"],
    ["List.remove", [list(1, 2, 1), 1], "[2, 1]"],
    ["List.unique", [list(1, 2, 1, pair("a"), pair("a"), list(1), list(1))], '[1, 2, ("a"), [1]]'],
    ["List.group", [list(1, 1, 2, 1)], "[[1, 1], [2], [1]]"],
    ["List.sort", [list(3, -1, 2n ** 62n, 2)], "[-1, 2, 3, 4611686018427387904]"],
    ["List.sort", [list("b", "a")], '["a", "b"]'],
    ["List.sort", [list(Number.NaN, 1.5, f(1))], "[1.0, 1.5, NaN]"],
    ["List.sort", [list(true, false)], 'raised ("TypeError", "not comparable: Bool does not implement Ord")'],
    ["List.isSorted", [list(1, 1, 2)], "true"],
    ["List.maximum", [list(1, 3, 2)], "3"],
    ["List.minimum", [NIL], 'raised ("Panic", "minimum: empty list")'],
    ["Map.get", [map, "x"], "()"],
    ["Map.lookup", [map, "a"], "Some(1)"],
    ["Map.lookup", [map, "x"], "None"],
    ["Map.getOrThrow", [map, "x"], 'raised ("Panic", "Map.getOrThrow: key \\"x\\" not found")'],
    ["Map.remove", [map, "a"], '%{"b": 2}'],
    ["Map.contains", [map, "a"], "true"],
    ["Map.size", [map], "2"],
    ["Map.union", [map, insert(EMPTY_MAP, "a", 9)], '%{"a": 1, "b": 2}'],
    ["Map.union", [insert(EMPTY_MAP, "a", 9), map], '%{"a": 9, "b": 2}'],
    ["Map.intersection", [map, insert(EMPTY_MAP, "a", 9)], '%{"a": 1}'],
    ["Map.difference", [map, insert(EMPTY_MAP, "a", 9)], '%{"b": 2}'],
    ["Map.fromList", [list(pair(1, "a"), pair(1, "b"))], '%{1: "b"}'],
    ["Map.fromList", [list(1)], 'raised ("TypeError", "type mismatch in Map.fromList: expected a list of tuples (key, value), found Int")'],
    ["Map.insert", [map, 1.5, 1], 'raised ("TypeError", "Float does not implement Hash: it cannot be a key of a Map or an element of a Set")'],
    ["Set.fromList", [list(2, 1, 2)], "#{1, 2}"],
    ["Set.union", [set(1), set(2)], "#{1, 2}"],
    ["Set.intersection", [set(1, 2), set(2, 3)], "#{2}"],
    ["Set.difference", [set(1, 2), set(2, 3)], "#{1}"],
    ["Set.symmetricDifference", [set(1, 2), set(2, 3)], "#{1, 3}"],
    ["Set.isSubset", [set(1), set(1)], "true"],
    ["Set.isProperSubset", [set(1), set(1)], "false"],
    ["Set.remove", [set(1, 2), 1], "#{2}"],
    ["Int64Array.new", [2], "Int64Array[2]"],
    ["Float64Array.make", [2, 1], 'raised ("TypeError", "type mismatch: a Float64Array holds Float, found Int")'],
    ["Int64Array.new", [-1], 'raised ("Panic", "Int64Array.make: a length of -1 is not possible")'],
    ["IntList.toList", [call("IntList.range", [3]) as Value], "[3, 2, 1]"],
    ["IntList.tail", [call("IntList.range", [3]) as Value], "[2, 1]"],
    ["IntList.sum", [call("IntList.range", [100]) as Value], "5050"],
    ["Time.now", [], "1700000000123"],
    ["Time.nowSecs", [], "1700000000"],
    ["Time.monotonicUs", [], "12500"],
    ["Random.int", [1, 6], "4"],
    ["Random.int", [6, 1], 'raised ("Panic", "Random.int: 6 to 1 is empty")'],
    ["Random.int", [-(2n ** 63n), 2n ** 63n - 1n], "2147483648"],
    ["Random.choice", [NIL], 'raised ("Panic", "Cannot choose from empty list")'],
    ["Random.choice", [abc], '"b"'],
    ["Process.alive", [new Pid(2)], "true"],
    ["Process.kill", [new Pid(1)], "false"],
    ["Process.kill", [new Pid(2)], "true"],
    ["Process.time", [new Pid(5)], "-1"],
    [
      "Process.info",
      [new Pid(2)],
      '("waiting", 3, 7, [<pid 1>], [], [], false, [], Some(9), 0, 0, 0, "", [], "", None)',
    ],
    ["Process.names", [new Pid(2)], '["known"]'],
    ["Runtime.timers", [], "4"],
    ["Process.all", [], "[<pid 1>, <pid 2>]"],
    ["makeRef", [], "<ref 9>"],
    ["Env.args", [], '["a", "b"]'],
    ["Env.get", ["SURELY_NOT_SET_ANYWHERE"], "None"],
  ])("%s %#", (name, args, expected) => expect(said(name, ...args)).toBe(expected));

  test("typed arrays are written in place", () => {
    for (const [kind, value, shown] of [
      ["Int64Array", 2n ** 62n, "4611686018427387904"],
      ["Float64Array", f(2), "2.0"],
      ["Float32Array", 0.5, "0.5"],
    ] as const) {
      const array = call(`${kind}.new`, [3]) as Value;
      expect(call(`${kind}.set`, [array, 1, value])).toBe(array);
      expect(said(`${kind}.get`, array, 1)).toBe(shown);
      expect(said(`${kind}.get`, array, 3)).toBe(`raised ("Panic", "Index 3 out of bounds for ${kind} of length 3")`);
      expect(said(`${kind}.set`, array, -1, value)).toBe(
        `raised ("Panic", "Index -1 out of bounds for ${kind} of length 3")`,
      );
    }
    expect(said("Int64Array.toList", call("Int64Array.fromList", [list(1, 2)]) as Value)).toBe("[1, 2]");
    expect(said("Int64Array.sum", call("Int64Array.fromList", [list(2n ** 62n, 2n ** 62n)]) as Value)).toBe(
      "-9223372036854775808",
    );
  });

  test("output goes where it belongs, a line as one piece", () => {
    const context = new FakeContext();
    for (const name of ["println", "print", "eprintln", "eprint"]) call(name, [list("x")], context);
    call("flushStdout", [], context);
    expect([context.out, context.errors]).toEqual(['["x"]\n["x"]|', '["x"]\n["x"]']);
  });

  test("input waits and gives lines until there are none", () => {
    const context = new FakeContext();
    context.lines = ["one", "two", "three"];
    expect(call("Stdin.readLine", [], context)).toBe(WAITING);
    expect(context.answer).toEqual({ value: makeData(SOME, ["one"]) });
    call("Stdin.readAll", [], context);
    expect(context.answer).toEqual({ value: "two\nthree" });
    call("Stdin.readLine", [], context);
    expect(context.answer).toEqual({ value: NONE_VALUE });
  });

  test("a buffer grows in place", () => {
    const buffer = call("Buffer.new", []) as Value;
    for (const part of ["a", "😀", "b"]) call("Buffer.append", [buffer, part]);
    expect([said("Buffer.toString", buffer), said("Buffer.length", buffer)]).toEqual(['"a😀b"', "3"]);
  });

  test("work on long data is charged", () => {
    const context = new FakeContext();
    const long = listOf(Array.from({ length: 10_000 }, (_, i) => i));
    for (const [name, args] of [
      ["List.length", [long]],
      ["List.reverse", [long]],
      ["List.sort", [long]],
      ["Map.fromList", [NIL]],
    ] as const)
      call(name, args, context);
    expect(context.charged + context.units / 10).toBeGreaterThan(3_000);
  });
});

describe("lists against arrays", () => {
  const ints = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 30 });
  const array = (value: Value | typeof WAITING): Value[] => toArray(value as List);

  test("sort is stable and ordered, unique keeps the first, shuffle keeps the elements", () => {
    fc.assert(
      fc.property(ints, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (items, chance) => {
        const pairs = items.map((item, i) => pair(item, i));
        expect(array(call("List.sort", [listOf(pairs)]))).toEqual([...pairs].sort(compareTotal));
        expect(array(call("List.sort", [listOf(items)]))).toEqual([...items].sort((a, b) => a - b));
        expect(array(call("List.unique", [listOf(items)]))).toEqual([...new Set(items)]);
        const context = new FakeContext();
        context.chance = chance;
        expect(array(call("Random.shuffle", [listOf(items)], context)).sort()).toEqual([...items].sort());
      }),
    );
  });

  test("sets against Set", () => {
    fc.assert(
      fc.property(ints, ints, (a, b) => {
        const [x, y] = [set(...a), set(...b)];
        const [m, n] = [new Set(a), new Set(b)];
        const same = (name: string, expected: Iterable<number>): void => {
          expect(equalValues(call(name, [x, y]) as Value, set(...expected)), name).toBe(true);
        };
        same("Set.union", [...m, ...n]);
        same(
          "Set.intersection",
          [...m].filter((item) => n.has(item)),
        );
        same(
          "Set.difference",
          [...m].filter((item) => !n.has(item)),
        );
        same(
          "Set.symmetricDifference",
          [...m, ...n].filter((item) => m.has(item) !== n.has(item)),
        );
        expect(call("Set.isSubset", [x, y])).toBe([...m].every((item) => n.has(item)));
      }),
    );
  });
});

describe("texts against JavaScript's own", () => {
  const pieces = fc.array(fc.constantFrom("a", "b", "ab", " ", "\n", "\r\n", "\t", "ü", "\u2003", "😀", "\u0085"), {
    maxLength: 30,
  });
  // short, in one part, and in several: what is done at once and in steps is the same
  const times = fc.constantFrom(1, 1, 1, 70, 3000);
  const pattern = fc.constantFrom("a", "ab", " ", "\n", "😀", "ba", "b\n");

  test("cut, searched, replaced, turned round and put together", () => {
    fc.assert(
      fc.property(pieces, times, pattern, (parts, factor, sought) => {
        const text = parts.join("").repeat(factor);
        const points = Array.from(text);
        const list = (name: string, ...given: Value[]): Value[] => toArray(call(name, [text, ...given]) as List);
        expect(list("String.split", sought)).toEqual(text.split(sought));
        expect(list("String.split", "")).toEqual(points);
        expect(list("String.words")).toEqual(text.split(/[\s\u0085]+/u).filter((word) => word !== ""));
        const lines = text.split("\n");
        if (lines.at(-1) === "") lines.pop();
        expect(list("String.lines")).toEqual(lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line)));
        expect(list("String.chars").map((char) => (char as Char).text)).toEqual(points);
        expect(call("String.fromChars", [listOf(points.map((point) => new Char(point)))])).toBe(text);
        expect(call("String.reverse", [text])).toBe(points.reverse().join(""));
        expect(call("String.contains", [text, sought])).toBe(text.includes(sought));
        const position = (unit: number): number => (unit < 0 ? -1 : Array.from(text.slice(0, unit)).length);
        expect(call("String.indexOf", [text, sought])).toBe(position(text.indexOf(sought)));
        expect(call("String.lastIndexOf", [text, sought])).toBe(position(text.lastIndexOf(sought)));
        expect(call("String.replace", [text, sought, "<>"])).toBe(text.replace(sought, "<>"));
        expect(call("String.replaceAll", [text, sought, "<>"])).toBe(text.replaceAll(sought, "<>"));
        expect(call("String.join", [listOf(points), ", "])).toBe(points.join(", "));
      }),
      { numRuns: 150 },
    );
  });

  test("elements that are no texts are joined as they are shown", () => {
    const items = [1, "a", 0.5, makeTuple([1, "b"]), new Char("c"), listOf([2])];
    expect(call("String.join", [listOf(items), "|"])).toBe('1|a|0.5|(1, "b")|c|[2]');
    expect(call("String.join", [listOf([]), "|"])).toBe("");
  });
});

test.each<[string, ...Value[]]>([
  ["List.remove", list(1, 2, 3), 2],
  ["List.remove", list(1, 2, 3), 4],
  ["List.slice", list(1, 2, 3), 1, 2],
  ["List.flatten", list(list(1), NIL, list(2, 3))],
  ["List.sort", list(3, 1, 2)],
  ["List.zip", abc, abc],
  ["List.unique", abc],
  ["List.group", abc],
  ["Int64Array.fromList", list(1, 2)],
])("%s of little ends in its first step", (name, ...args) => {
  const context = new FakeContext(100);
  call(name, args, context);
  expect(context.steps).toBe(1);
});
