/**
 * Decision trees against a model: random tables of patterns over random values, and what a person would say each does.
 * Every table runs as a `match` and as a `receive`, with the optimiser and without.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Core, CoreArm, CorePattern, Local } from "../../../compiler/core.ts";
import { lowerProgram } from "../../../compiler/lower/index.ts";
import type { DataType } from "../../../vm/bytecode/unit.ts";
import {
  arm,
  bind,
  block,
  bool,
  call,
  callValue,
  constant,
  core,
  cpuMs,
  dataType,
  equal,
  fn,
  int,
  less,
  listing,
  local,
  match,
  newLocal,
  program,
  resultOf,
  text,
  tuple,
  unit,
} from "./build.ts";

const LEAF = dataType("Tree", "Leaf", 0, 0);
const NODE = dataType("Tree", "Node", 2, 1);
const POINT: DataType = {
  sort: "record",
  module: "",
  type: "P",
  name: "P",
  arity: 2,
  tag: 0,
  isMutable: false,
  fieldNames: ["x", "y"],
};
const STRUCTS: DataType[] = [["x"], ["y", "x"], ["x", "z"]].map((fieldNames) => ({
  sort: "struct", module: "", type: "", name: "", arity: fieldNames.length, tag: 0, isMutable: false, fieldNames,
})); // biome-ignore format: a table

type V =
  | { k: "int"; v: number }
  | { k: "float"; v: number }
  | { k: "str"; v: string }
  | { k: "bool"; v: boolean }
  | { k: "unit" }
  | { k: "tuple"; items: V[] }
  | { k: "list"; items: V[] }
  | { k: "data"; type: DataType; args: V[] }
  | { k: "map"; entries: [V, V][] }
  | { k: "set"; items: V[] };

const keyOf = (v: V): string => {
  switch (v.k) {
    case "tuple":
    case "list":
      return `${v.k}(${v.items.map(keyOf).join(",")})`;
    case "data": {
      const fields = v.args.map((arg, i) => `${v.type.fieldNames?.[i] ?? i}=${keyOf(arg)}`);
      return `${v.type.sort}${v.type.name}(${(v.type.sort === "struct" ? fields.sort() : fields).join(",")})`;
    }
    case "map":
      return `map(${[...new Map(v.entries.map(([a, b]) => [keyOf(a), keyOf(b)]))].sort().join(";")})`;
    case "set":
      return `set(${[...new Set(v.items.map(keyOf))].sort().join(";")})`;
    default:
      return `${v.k} ${"v" in v ? v.v : ""}`;
  }
};

function toCore(v: V): Core {
  switch (v.k) {
    case "int":
      return int(v.v);
    case "float":
      return constant({ kind: "Float", value: v.v });
    case "str":
      return text(v.v);
    case "bool":
      return bool(v.v);
    case "unit":
      return unit;
    case "tuple":
      return tuple(...v.items.map(toCore));
    case "list":
      return core({ kind: "list", items: v.items.map(toCore) });
    case "data":
      return core({ kind: "construct", type: v.type, args: v.args.map(toCore) });
    case "map":
      return core({
        kind: "map",
        entries: v.entries.map(([key, value]) => ({ key: toCore(key), value: toCore(value) })),
      });
    case "set":
      return core({ kind: "set", items: v.items.map(toCore) });
  }
}

const literalOf = (pattern: CorePattern & { kind: "literal" }): V => {
  const { value } = pattern;
  if (value.kind === "Int") return { k: "int", v: Number(value.value) };
  if (value.kind === "Float") return { k: "float", v: value.value };
  if (value.kind === "String") return { k: "str", v: value.value };
  return value.kind === "Bool" ? { k: "bool", v: value.value } : { k: "unit" };
};

type Bound = Map<Local, V>;

/** The model: what a pattern means. */
function fits(pattern: CorePattern, v: V, bound: Bound): boolean {
  switch (pattern.kind) {
    case "any":
      return true;
    case "bind":
      bound.set(pattern.local, v);
      return true;
    case "literal":
      return keyOf(literalOf(pattern)) === keyOf(v);
    case "range":
      return (
        v.k === "int" &&
        v.v >= Number(pattern.from) &&
        (pattern.inclusive ? v.v <= Number(pattern.to) : v.v < Number(pattern.to))
      );
    case "equal":
      return pattern.value.kind === "local" ? keyOf(bound.get(pattern.value.local)!) === keyOf(v) : false;
    case "tuple":
      return (
        v.k === "tuple" &&
        v.items.length === pattern.items.length &&
        pattern.items.every((item, i) => fits(item, v.items[i]!, bound))
      );
    case "list":
      if (v.k !== "list" || v.items.length < pattern.items.length) return false;
      if (pattern.rest === undefined && v.items.length !== pattern.items.length) return false;
      if (!pattern.items.every((item, i) => fits(item, v.items[i]!, bound))) return false;
      return (
        pattern.rest === undefined ||
        fits(pattern.rest, { k: "list", items: v.items.slice(pattern.items.length) }, bound)
      );
    case "prefix":
      return (
        v.k === "str" &&
        v.v.startsWith(pattern.prefix) &&
        fits(pattern.rest, { k: "str", v: v.v.slice(pattern.prefix.length) }, bound)
      );
    case "construct":
      return (
        v.k === "data" &&
        v.type.name === pattern.type.name &&
        v.type.sort === pattern.type.sort &&
        pattern.args.every((arg, i) => fits(arg, v.args[i]!, bound))
      );
    case "struct":
      return (
        v.k === "data" &&
        pattern.fields.every(({ name, pattern: inner }) => {
          const at = v.type.fieldNames?.indexOf(name) ?? -1;
          return at >= 0 && fits(inner, v.args[at]!, bound);
        })
      );
    case "map":
      return (
        v.k === "map" &&
        pattern.entries.every(({ key, value }) => {
          const wanted = key.kind === "const" ? keyOf(literalOf({ kind: "literal", value: key.value })) : "";
          const found = v.entries.filter(([candidate]) => keyOf(candidate) === wanted).at(-1);
          return found !== undefined && fits(value, found[1], bound);
        })
      );
    case "set":
      return v.k === "set" && pattern.items.every((item) => v.items.some((element) => fits(item, element, bound)));
    case "or":
      return pattern.alternatives.some((alternative) => fits(alternative, v, bound));
    case "assign":
      return false;
  }
}

const scalar: fc.Arbitrary<V> = fc.oneof(
  fc.integer({ min: -1, max: 4 }).map((v): V => ({ k: "int", v })),
  fc.constantFrom("", "a", "ab", "abc", "b").map((v): V => ({ k: "str", v })),
  fc.boolean().map((v): V => ({ k: "bool", v })),
  fc.constantFrom<V>({ k: "unit" }, { k: "float", v: 1 }, { k: "float", v: 0.5 }),
);
/** Floats are no keys. */
const key = scalar.filter((v) => v.k !== "float");
const { value: valueArb } = fc.letrec<{ value: V }>((tie) => {
  const some = (maxLength: number) => fc.array(tie("value") as fc.Arbitrary<V>, { maxLength });
  const pair = fc.tuple(tie("value") as fc.Arbitrary<V>, tie("value") as fc.Arbitrary<V>);
  return {
    value: fc.oneof(
      { maxDepth: 3, depthSize: "small", withCrossShrink: true },
      scalar,
      pair.map((items): V => ({ k: "tuple", items })),
      some(3).map((items): V => ({ k: "list", items })),
      pair.map((args): V => ({ k: "data", type: NODE, args })),
      pair.map((args): V => ({ k: "data", type: POINT, args })),
      fc.constant<V>({ k: "data", type: LEAF, args: [] }),
      fc
        .tuple(fc.constantFrom(...STRUCTS), pair)
        .map(([type, args]): V => ({ k: "data", type, args: args.slice(0, type.arity) })),
      fc
        .array(fc.tuple(key, tie("value") as fc.Arbitrary<V>), { maxLength: 3 })
        .map((entries): V => ({ k: "map", entries })),
      fc.array(key, { maxLength: 3 }).map((items): V => ({ k: "set", items })),
    ),
  };
});

const literalPattern = (v: V): CorePattern => {
  const made = toCore(v);
  if (made.kind !== "const") throw new Error(v.k);
  return { kind: "literal", value: made.value };
};

/** Patterns without variables; `bind` with a fresh local stands where `null` was drawn. */
const { pattern: patternArb } = fc.letrec<{ pattern: CorePattern }>((tie) => {
  const inner = tie("pattern") as fc.Arbitrary<CorePattern>;
  const pair = fc.tuple(inner, inner);
  return {
    pattern: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.constant<CorePattern>({ kind: "any" }),
      fc.nat(2).map((n): CorePattern => ({ kind: "bind", local: newLocal(`v${n}`) })),
      scalar.map(literalPattern),
      fc.tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: 0, max: 3 }), fc.boolean()).map(
        ([from, size, inclusive]): CorePattern => ({
          kind: "range",
          from: BigInt(from),
          to: BigInt(from + size),
          inclusive,
        }),
      ),
      pair.map((items): CorePattern => ({ kind: "tuple", items })),
      fc.tuple(fc.array(inner, { maxLength: 2 }), fc.option(inner, { nil: undefined })).map(
        ([items, rest]): CorePattern => ({
          kind: "list",
          items,
          ...(rest !== undefined && items.length > 0 ? { rest } : {}),
        }),
      ),
      fc
        .tuple(fc.constantFrom("a", "ab", "b"), inner)
        .map(([prefix, rest]): CorePattern => ({ kind: "prefix", prefix, rest })),
      pair.map((args): CorePattern => ({ kind: "construct", type: NODE, args })),
      pair.map((args): CorePattern => ({ kind: "construct", type: POINT, args })),
      fc.constant<CorePattern>({ kind: "construct", type: LEAF, args: [] }),
      fc.tuple(fc.subarray(["x", "y", "z"]), fc.array(inner, { minLength: 3, maxLength: 3 })).map(
        ([names, parts]): CorePattern => ({
          kind: "struct",
          fields: names.map((name, i) => ({ name, pattern: parts[i]! })),
        }),
      ),
      fc.array(fc.tuple(key, inner), { maxLength: 2 }).map(
        (entries): CorePattern => ({
          kind: "map",
          entries: entries.map(([key, value]) => ({ key: toCore(key), value })),
        }),
      ),
      fc
        .array(
          fc.oneof(
            key.map(literalPattern),
            fc.constant<CorePattern>({ kind: "range", from: 0n, to: 2n, inclusive: true }),
          ),
          { maxLength: 2 },
        )
        .map((items): CorePattern => ({ kind: "set", items })),
      pair.map((alternatives): CorePattern => ({ kind: "or", alternatives: alternatives.map(withoutVariables) })),
    ),
  };
});

function withoutVariables(pattern: CorePattern): CorePattern {
  switch (pattern.kind) {
    case "bind":
      return { kind: "any" };
    case "tuple":
    case "set":
      return { ...pattern, items: pattern.items.map(withoutVariables) };
    case "list":
      return {
        ...pattern,
        items: pattern.items.map(withoutVariables),
        ...(pattern.rest === undefined ? {} : { rest: withoutVariables(pattern.rest) }),
      };
    case "prefix":
      return { ...pattern, rest: withoutVariables(pattern.rest) };
    case "construct":
      return { ...pattern, args: pattern.args.map(withoutVariables) };
    case "struct":
      return {
        ...pattern,
        fields: pattern.fields.map((field) => ({ ...field, pattern: withoutVariables(field.pattern) })),
      };
    case "map":
      return {
        ...pattern,
        entries: pattern.entries.map((entry) => ({ ...entry, value: withoutVariables(entry.value) })),
      };
    case "or":
      return { ...pattern, alternatives: pattern.alternatives.map(withoutVariables) };
    default:
      return pattern;
  }
}

/** A value that the pattern is likely to accept. */
function example(pattern: CorePattern, fill: V): V {
  switch (pattern.kind) {
    case "literal":
      return literalOf(pattern);
    case "range":
      return { k: "int", v: Number(pattern.from) };
    case "tuple":
      return { k: "tuple", items: pattern.items.map((item) => example(item, fill)) };
    case "list":
      return { k: "list", items: pattern.items.map((item) => example(item, fill)) };
    case "prefix": {
      const rest = example(pattern.rest, fill);
      return { k: "str", v: pattern.prefix + (rest.k === "str" ? rest.v : "") };
    }
    case "construct":
      return { k: "data", type: pattern.type, args: pattern.args.map((arg) => example(arg, fill)) };
    case "struct": {
      const type: DataType = {
        ...STRUCTS[0]!,
        arity: pattern.fields.length,
        fieldNames: pattern.fields.map((field) => field.name),
      };
      return { k: "data", type, args: pattern.fields.map((field) => example(field.pattern, fill)) };
    }
    case "map":
      return {
        k: "map",
        entries: pattern.entries.map(({ key, value }) => [
          literalOf({ kind: "literal", value: (key as Core & { kind: "const" }).value }),
          example(value, fill),
        ]),
      };
    case "set":
      return { k: "set", items: pattern.items.map((item) => example(item, fill)) };
    case "or":
      return example(pattern.alternatives.at(-1)!, fill);
    default:
      return fill;
  }
}

function variablesOf(pattern: CorePattern): Local[] {
  switch (pattern.kind) {
    case "bind":
      return [pattern.local];
    case "tuple":
    case "set":
      return pattern.items.flatMap(variablesOf);
    case "list":
      return [...pattern.items, ...(pattern.rest === undefined ? [] : [pattern.rest])].flatMap(variablesOf);
    case "prefix":
      return variablesOf(pattern.rest);
    case "construct":
      return pattern.args.flatMap(variablesOf);
    case "struct":
      return pattern.fields.flatMap((field) => variablesOf(field.pattern));
    case "map":
      return pattern.entries.flatMap((entry) => variablesOf(entry.value));
    default:
      return [];
  }
}

interface Row {
  pattern: CorePattern;
  /** "none"; "no": never; "first": the first variable is 1 */
  guard: "none" | "no" | "first";
}

const guardOf = (row: Row): Core | undefined => {
  const [first] = variablesOf(row.pattern);
  if (row.guard === "none") return undefined;
  return row.guard === "no" || first === undefined ? less(int(1), int(0)) : equal(local(first), int(1));
};
const guardHolds = (row: Row, bound: Bound): boolean => {
  const [first] = variablesOf(row.pattern);
  if (row.guard === "none") return true;
  return row.guard === "first" && first !== undefined && keyOf(bound.get(first)!) === keyOf({ k: "int", v: 1 });
};

const rowArb: fc.Arbitrary<Row> = fc.record({
  pattern: patternArb,
  guard: fc.constantFrom<Row["guard"]>("none", "none", "no", "first"),
});

const answer = (rows: readonly Row[], v: V): Core => {
  for (const [index, row] of rows.entries()) {
    const bound: Bound = new Map();
    if (fits(row.pattern, v, bound) && guardHolds(row, bound))
      return tuple(int(index), ...variablesOf(row.pattern).map((of) => toCore(bound.get(of)!)));
  }
  return int(-1);
};

const armsOf = (rows: readonly Row[]): CoreArm[] =>
  rows.map((row, index) => arm(row.pattern, tuple(int(index), ...variablesOf(row.pattern).map(local)), guardOf(row)));

describe("random tables", () => {
  test("do what the patterns say, as match and as receive", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArb, { minLength: 1, maxLength: 5 }),
        fc.array(valueArb, { maxLength: 4 }),
        valueArb,
        async (rows, random, fill) => {
          const values = [...random, ...rows.map((row) => example(row.pattern, fill))];
          const x = newLocal("x");
          const arms = armsOf(rows);
          const chosen = fn("f", [x], match(local(x), ...arms, arm({ kind: "any" }, int(-1))));
          const received = core({
            kind: "receive",
            arms: armsOf(rows),
            after: { timeout: int(0), body: core({ kind: "receive", arms: [arm({ kind: "any" }, int(-1))] }) },
          });
          const take = fn("g", [newLocal("v")], unit);
          const v = newLocal("v");
          const receiving = {
            ...take,
            params: [v],
            body: block(core({ kind: "send", target: core({ kind: "self" }), message: local(v) }), received),
          };
          const checks = values.flatMap((value) => [
            equal(call(chosen, toCore(value)), answer(rows, value)),
            equal(call(receiving, toCore(value)), answer(rows, value)),
          ]);
          const seen = await resultOf(program(core({ kind: "list", items: checks })));
          expect(seen).toBe(`[${checks.map(() => "true").join(", ")}]`);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("patterns by example", () => {
  const n = newLocal("n");
  const run = (pattern: CorePattern, value: Core, body: Core = unit): Promise<string> =>
    resultOf(program(match(value, arm(pattern, body), arm({ kind: "any" }, text("no")))));

  test("a pin may name a variable of the same pattern", async () => {
    const twice: CorePattern = {
      kind: "tuple",
      items: [
        { kind: "bind", local: n },
        { kind: "equal", value: local(n) },
      ],
    };
    expect(await run(twice, tuple(int(3), int(3)), local(n))).toBe("3");
    expect(await run(twice, tuple(int(3), int(4)), local(n))).toBe("no");
  });

  test("a map key may name a variable of the same pattern", async () => {
    const found = newLocal("found");
    const pattern: CorePattern = {
      kind: "tuple",
      items: [
        { kind: "bind", local: n },
        { kind: "map", entries: [{ key: local(n), value: { kind: "bind", local: found } }] },
      ],
    };
    const map = core({ kind: "map", entries: [{ key: int(3), value: text("three") }] });
    expect(await run(pattern, tuple(int(3), map), local(found))).toBe("three");
    expect(await run(pattern, tuple(int(4), map), local(found))).toBe("no");
  });

  test("a variable in a set pattern is an element that fits", async () => {
    const pattern: CorePattern = {
      kind: "set",
      items: [
        { kind: "literal", value: { kind: "Int", value: 1n } },
        {
          kind: "tuple",
          items: [
            { kind: "literal", value: { kind: "Int", value: 2n } },
            { kind: "bind", local: n },
          ],
        },
      ],
    };
    expect(
      await run(
        pattern,
        core({ kind: "set", items: [int(1), tuple(int(3), int(4)), tuple(int(2), int(5))] }),
        local(n),
      ),
    ).toBe("5");
    expect(await run(pattern, core({ kind: "set", items: [int(1), tuple(int(3), int(4))] }), local(n))).toBe("no");
  });

  test("an existing variable keeps its value when the guard fails", async () => {
    const old = newLocal("old", true);
    const guarded = core({
      kind: "match",
      what: "match",
      scrutinees: [int(5)],
      arms: [
        arm({ kind: "assign", local: old }, local(old), less(local(old), int(3))),
        arm({ kind: "any" }, local(old)),
      ],
    });
    expect(await resultOf(program(block(bind(old, int(1)), guarded)))).toBe("1");
  });

  test("no arm fits: MatchFailed shows the value", async () => {
    expect(
      await resultOf(
        program(match(tuple(int(1), text("a")), arm({ kind: "literal", value: { kind: "Int", value: 1n } }, unit))),
      ),
    ).toContain("MatchFailed");
  });

  test("a function value meets literals of every kind without failing", async () => {
    const f = newLocal("f");
    const kinds: CorePattern[] = [
      { kind: "literal", value: { kind: "Int", value: 1n } },
      { kind: "literal", value: { kind: "Float", value: 2 } },
      { kind: "literal", value: { kind: "Unit" } },
      { kind: "literal", value: { kind: "Char", value: "c" } },
      { kind: "range", from: 0n, to: 3n, inclusive: true },
    ];
    const body = block(
      core({
        kind: "send",
        target: core({ kind: "self" }),
        message: core({ kind: "lambda", name: "<lambda>", params: [], body: int(7) }),
      }),
      core({
        kind: "receive",
        arms: [...kinds.map((pattern) => arm(pattern, unit)), arm({ kind: "bind", local: f }, callValue(local(f)))],
      }),
    );
    expect(await resultOf(program(body))).toBe("7");
  });
});

describe("shapes", () => {
  const x = newLocal("x");
  const of = (rows: [CorePattern, Core][]): string[] =>
    listing(
      program(call(fn("f", [x], match(local(x), ...rows.map(([pattern, body]) => arm(pattern, body)))), unit)),
      "f",
    );

  test("a list is asked once; the cell first", () => {
    const t = newLocal("t");
    const lines = of([
      [{ kind: "list", items: [] }, int(0)],
      [{ kind: "list", items: [{ kind: "any" }], rest: { kind: "bind", local: t } }, local(t)],
    ]);
    expect(lines.filter((line) => /IS_/.test(line))).toEqual(["IS_CONS", "IS_NIL"]);
    expect(lines.filter((line) => /TAIL$|HEAD$/.test(line))).toEqual(["TAIL"]);
  });

  test("the same question is asked once on every way", () => {
    const node = (a: CorePattern, b: CorePattern): CorePattern => ({ kind: "construct", type: NODE, args: [a, b] });
    const leaf: CorePattern = { kind: "construct", type: LEAF, args: [] };
    const any: CorePattern = { kind: "any" };
    const lines = of([
      [node(leaf, leaf), int(1)],
      [node(leaf, any), int(2)],
      [node(any, leaf), int(3)],
      [any, int(4)],
    ]);
    expect(lines.filter((line) => line === "IS_CONSTRUCTOR Node")).toHaveLength(1);
    expect(lines.filter((line) => line === "IS_CONSTRUCTOR Leaf")).toHaveLength(3);
  });

  test("bodies are written once", () => {
    const any: CorePattern = { kind: "any" };
    const one = (value: bigint): CorePattern => ({ kind: "literal", value: { kind: "Int", value } });
    const pair = (a: CorePattern, b: CorePattern): CorePattern => ({ kind: "tuple", items: [a, b] });
    const lines = of([
      [pair(one(1n), any), text("first")],
      [pair(any, one(2n)), text("second")],
      [any, text("third")],
    ]);
    for (const body of ["first", "second", "third"])
      expect(lines.filter((line) => line === `PUSH_STR "${body}"`)).toHaveLength(1);
  });

  test("match on a tuple that is written out makes no tuple", () => {
    const [a, b] = [newLocal("a"), newLocal("b")];
    const swap = fn(
      "f",
      [a, b],
      match(
        tuple(local(a), local(b)),
        arm(
          {
            kind: "tuple",
            items: [
              { kind: "bind", local: newLocal("c") },
              { kind: "literal", value: { kind: "Int", value: 1n } },
            ],
          },
          int(1),
        ),
        arm({ kind: "any" }, int(2)),
      ),
    );
    const lines = listing(program(call(swap, int(1), int(2))), "f");
    expect(lines.filter((line) => /TUPLE/.test(line))).toEqual([]);
  });

  test("many literals are searched by halves", () => {
    const rows: [CorePattern, Core][] = Array.from({ length: 64 }, (_, i) => [
      { kind: "literal", value: { kind: "Int", value: BigInt(i * 7) } },
      int(i),
    ]);
    const lines = of([...rows, [{ kind: "any" }, int(-1)]]);
    expect(lines.filter((line) => line === "LT.val").length).toBeGreaterThan(10);
    expect(lines.filter((line) => line === "EQ.val")).toHaveLength(64);
  });
});

describe("size", () => {
  const any: CorePattern = { kind: "any" };
  const one = (value: number): CorePattern => ({ kind: "literal", value: { kind: "Int", value: BigInt(value) } });

  test("or-patterns side by side do not multiply", async () => {
    const x = newLocal("x");
    const choice = (from: number): CorePattern => ({
      kind: "or",
      alternatives: [one(from), one(from + 1), one(from + 2)],
    });
    const pattern: CorePattern = { kind: "tuple", items: Array.from({ length: 12 }, (_, i) => choice(i)) };
    const f = fn("f", [x], match(local(x), arm(pattern, text("yes")), arm(any, text("no"))));
    const of = (add: number): Core => tuple(...Array.from({ length: 12 }, (_, i) => int(i + add)));
    expect(listing(program(call(f, unit)), "f").length).toBeLessThan(400);
    expect(await resultOf(program(tuple(call(f, of(2)), call(f, of(3)))))).toBe('("yes", "no")');
  });

  test("or-patterns that bind different places stay linear, too", async () => {
    const x = newLocal("x");
    const locals = Array.from({ length: 14 }, (_, i) => newLocal(`v${i}`));
    const choice = (of: Local): CorePattern => ({
      kind: "or",
      alternatives: [
        { kind: "tuple", items: [one(1), { kind: "bind", local: of }] },
        { kind: "tuple", items: [{ kind: "bind", local: of }, one(2)] },
      ],
    });
    const pattern: CorePattern = { kind: "tuple", items: locals.map(choice) };
    const f = fn("f", [x], match(local(x), arm(pattern, tuple(...locals.map(local))), arm(any, text("no"))));
    const value = tuple(...locals.map((_, i) => (i % 2 === 0 ? tuple(int(1), int(i)) : tuple(int(i), int(2)))));
    expect(listing(program(call(f, unit)), "f").length).toBeLessThan(1000);
    expect(await resultOf(program(call(f, value)))).toBe(`(${locals.map((_, i) => (i === 1 ? 2 : i)).join(", ")})`);
  });

  test("a table that would grow beyond its size falls back to trying halves", () => {
    const x = newLocal("x");
    // row i asks for column i alone, so every split keeps all other rows
    const rows = Array.from(
      { length: 24 },
      (_, i): CoreArm =>
        arm(
          { kind: "tuple", items: Array.from({ length: 24 }, (_, j) => (i === j ? one(1) : any)) },
          int(i),
          equal(local(x), unit),
        ),
    );
    const lines = listing(program(call(fn("f", [x], match(local(x), ...rows)), unit)), "f");
    expect(lines.length).toBeLessThan(20_000);
  });

  const quickly = (name: string, make: () => CoreArm[]): void => {
    test(`10,000 arms: ${name}`, () => {
      const x = newLocal("x");
      const of = program(call(fn("f", [x], match(local(x), ...make(), arm(any, int(-1)))), unit));
      expect(cpuMs(() => lowerProgram(of))).toBeLessThan(4000);
    });
  };
  const rows =
    (make: (i: number) => CoreArm): (() => CoreArm[]) =>
    () =>
      Array.from({ length: 10_000 }, (_, i) => make(i));
  quickly(
    "Ints",
    rows((i) => arm(one(i), int(i))),
  );
  quickly(
    "Strings",
    rows((i) => arm({ kind: "literal", value: { kind: "String", value: `s${i}` } }, int(i))),
  );
  quickly(
    "constructors",
    rows((i) => arm({ kind: "construct", type: dataType("T", `C${i}`, 0, i), args: [] }, int(i))),
  );
  quickly(
    "tuples with two literals",
    rows((i) => arm({ kind: "tuple", items: [one(i % 100), one(i)] }, int(i))),
  );
  quickly(
    "ranges",
    rows((i) => arm({ kind: "range", from: BigInt(i * 10), to: BigInt(i * 10 + 5), inclusive: true }, int(i))),
  );
  quickly(
    "guards",
    rows((i) => arm(any, int(i), equal(unit, int(i)))),
  );
  quickly(
    "literals and guards in turn",
    rows((i) => arm(i % 2 === 0 ? one(i) : any, int(i), i % 2 === 0 ? undefined : equal(unit, int(i)))),
  );
  quickly("one arm with as many alternatives", () => [
    arm({ kind: "or", alternatives: Array.from({ length: 10_000 }, (_, i) => one(i)) }, int(1)),
  ]);
  quickly("one list with as many items", () => [
    arm({ kind: "list", items: Array.from({ length: 10_000 }, (_, i) => one(i)) }, int(1)),
  ]);
});
