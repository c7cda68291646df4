/**
 * Ways out against a model: random programs of nested loops, tries, finalizers, lambdas and mvars, run by the machine and
 * by a direct evaluator, must print and return the same.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Core, CorePattern, Local, Loop, Mvar } from "../../../compiler/core.ts";
import {
  add,
  arm,
  assign,
  bind,
  block,
  bool,
  call,
  callValue,
  core,
  equal,
  fn,
  getMvar,
  int,
  lambda,
  less,
  list,
  listing,
  local,
  mvarOf,
  native,
  newLocal,
  newLoop,
  program,
  resultOf,
  setMvar,
  text,
  tuple,
  unit,
  when,
} from "./build.ts";

/** A program as data, for both sides. `loop` counts outwards: 0 is the innermost. */
type E =
  | { k: "int"; n: number }
  | { k: "count" }
  | { k: "mvar" }
  | { k: "add"; a: E; b: E }
  | { k: "if"; mod: number; a: E; b: E }
  | { k: "block"; statements: E[]; last: E }
  | { k: "print"; e: E }
  | { k: "tick" }
  | { k: "setMvar"; e: E }
  | { k: "try"; body: E; catches: number | undefined; handler: E; finalizer: E | undefined }
  | { k: "throw"; n: number }
  | { k: "return"; e: E }
  | { k: "for"; turns: number; body: E }
  | { k: "while"; turns: number; body: E }
  | { k: "break"; loop: number; e: E }
  | { k: "continue"; loop: number }
  | { k: "lambda"; body: E };

const { e: programArb } = fc.letrec<{ e: E }>((tie) => {
  const e = tie("e") as fc.Arbitrary<E>;
  const small = fc.nat(3);
  return {
    e: fc.oneof(
      { maxDepth: 6, depthSize: "medium" },
      small.map((n): E => ({ k: "int", n })),
      fc.constantFrom<E>({ k: "count" }, { k: "tick" }, { k: "mvar" }),
      fc.tuple(e, e).map(([a, b]): E => ({ k: "add", a, b })),
      fc.tuple(fc.integer({ min: 1, max: 3 }), e, e).map(([mod, a, b]): E => ({ k: "if", mod, a, b })),
      fc.tuple(fc.array(e, { maxLength: 3 }), e).map(([statements, last]): E => ({ k: "block", statements, last })),
      e.map((inner): E => ({ k: "print", e: inner })),
      e.map((inner): E => ({ k: "setMvar", e: inner })),
      fc
        .tuple(e, fc.option(small, { nil: undefined }), e, fc.option(e, { nil: undefined }))
        .map(([body, catches, handler, finalizer]): E => ({ k: "try", body, catches, handler, finalizer })),
      small.map((n): E => ({ k: "throw", n })),
      e.map((inner): E => ({ k: "return", e: inner })),
      fc.tuple(small, e).map(([turns, body]): E => ({ k: "for", turns, body })),
      fc.tuple(small, e).map(([turns, body]): E => ({ k: "while", turns, body })),
      fc.tuple(fc.nat(1), e).map(([loop, inner]): E => ({ k: "break", loop, e: inner })),
      fc.nat(1).map((loop): E => ({ k: "continue", loop })),
      e.map((body): E => ({ k: "lambda", body })),
    ),
  };
});

// ── the machine's side ──────────────────────────────────────────────────────────────────────────────────────────

/** Every construct gives an Int, so that all of them can be operands. */
class Writer {
  readonly count: Local = newLocal("count", true);
  readonly m: Mvar = mvarOf("m", int(0));

  whole(e: E): ReturnType<typeof program> {
    return program(block(bind(this.count, int(0)), this.core(e, [])), { mvars: [this.m] });
  }

  core(e: E, loops: readonly Loop[]): Core {
    const inner = (part: E): Core => this.core(part, loops);
    switch (e.k) {
      case "int":
        return int(e.n);
      case "count":
        return local(this.count);
      case "mvar":
        return getMvar(this.m);
      case "add":
        return add(inner(e.a), inner(e.b));
      case "if":
        return when(
          equal(core({ kind: "binary", op: "%", operands: "int", left: local(this.count), right: int(e.mod) }), int(0)),
          inner(e.a),
          inner(e.b),
        );
      case "block":
        return block(...e.statements.map(inner), inner(e.last));
      case "print": {
        const shown = newLocal("shown");
        return block(bind(shown, inner(e.e)), native("println", local(shown)), local(shown));
      }
      case "tick":
        return block(assign(this.count, add(local(this.count), int(1))), local(this.count));
      case "setMvar":
        return block(setMvar(this.m, add(getMvar(this.m), inner(e.e))), getMvar(this.m));
      case "try": {
        const literal: CorePattern = { kind: "literal", value: { kind: "Int", value: BigInt(e.catches ?? 0) } };
        return core({
          kind: "try",
          body: inner(e.body),
          ...(e.catches === undefined ? {} : { arms: [arm(literal, inner(e.handler))] }),
          ...(e.finalizer === undefined ? {} : { finalizer: inner(e.finalizer) }),
        });
      }
      case "throw":
        return core({ kind: "throw", value: int(e.n) });
      case "return":
        return core({ kind: "return", value: inner(e.e) });
      case "for": {
        const loop = newLoop();
        return this.loopValue(
          core({
            kind: "for",
            loop,
            variable: newLocal("i"),
            from: int(0),
            to: int(e.turns),
            body: this.core(e.body, [loop, ...loops]),
          }),
        );
      }
      case "while": {
        const loop = newLoop();
        const left = newLocal("left", true);
        const body = block(assign(left, add(local(left), int(-1))), this.core(e.body, [loop, ...loops]));
        return block(
          bind(left, int(e.turns)),
          this.loopValue(core({ kind: "while", loop, condition: less(int(0), local(left)), body })),
        );
      }
      case "break":
        return loops[e.loop] === undefined ? int(7) : core({ kind: "break", loop: loops[e.loop]!, value: inner(e.e) });
      case "continue":
        return loops[e.loop] === undefined ? int(8) : core({ kind: "continue", loop: loops[e.loop]! });
      case "lambda":
        return callValue(lambda([], this.core(e.body, [])));
    }
  }

  /** A loop's value is unit unless it was left by break: 9 for unit. */
  private loopValue(loop: Core): Core {
    const value = newLocal("value");
    return block(bind(value, loop), when(equal(local(value), unit), int(9), local(value)));
  }
}

// ── the model ───────────────────────────────────────────────────────────────────────────────────────────────────

class Thrown {
  readonly n: number;
  constructor(n: number) {
    this.n = n;
  }
}
class Left {
  readonly loop: object | "function";
  readonly value: number | undefined;
  readonly goesOn: boolean;
  constructor(loop: object | "function", value: number | undefined, goesOn = false) {
    this.loop = loop;
    this.value = value;
    this.goesOn = goesOn;
  }
}
class TooLong extends Error {}

class Model {
  out = "";
  count = 0;
  m = 0;
  private steps = 0;

  call(e: E): number {
    try {
      return this.eval(e, []);
    } catch (left) {
      if (left instanceof Left && left.loop === "function") return left.value!;
      throw left;
    }
  }

  eval(e: E, loops: readonly object[]): number {
    if ((this.steps += 1) > 2000) throw new TooLong();
    const inner = (part: E): number => this.eval(part, loops);
    switch (e.k) {
      case "int":
        return e.n;
      case "count":
        return this.count;
      case "mvar":
        return this.m;
      case "add": {
        const a = inner(e.a);
        return a + inner(e.b);
      }
      case "if":
        return this.count % e.mod === 0 ? inner(e.a) : inner(e.b);
      case "block":
        for (const statement of e.statements) inner(statement);
        return inner(e.last);
      case "print": {
        const value = inner(e.e);
        this.out += `${value}\n`;
        return value;
      }
      case "tick":
        this.count += 1;
        return this.count;
      case "setMvar": {
        const before = this.m;
        this.m = before + inner(e.e);
        return this.m;
      }
      case "try":
        return this.evalTry(e, loops);
      case "throw":
        throw new Thrown(e.n);
      case "return":
        throw new Left("function", inner(e.e));
      case "for":
      case "while": {
        const loop = {};
        for (let turn = 0; turn < e.turns; turn++) {
          try {
            this.eval(e.body, [loop, ...loops]);
          } catch (left) {
            if (!(left instanceof Left) || left.loop !== loop) throw left;
            if (!left.goesOn) return left.value!;
          }
        }
        return 9;
      }
      case "break":
        if (loops[e.loop] === undefined) return 7;
        throw new Left(loops[e.loop]!, inner(e.e));
      case "continue":
        if (loops[e.loop] === undefined) return 8;
        throw new Left(loops[e.loop]!, undefined, true);
      case "lambda":
        return this.call(e.body);
    }
  }

  private evalTry(e: E & { k: "try" }, loops: readonly object[]): number {
    let result: number;
    try {
      try {
        result = this.eval(e.body, loops);
      } catch (thrown) {
        if (!(thrown instanceof Thrown) || thrown.n !== e.catches) throw thrown;
        result = this.eval(e.handler, loops);
      }
    } catch (out) {
      if (!(out instanceof TooLong) && e.finalizer !== undefined) this.eval(e.finalizer, loops);
      throw out;
    }
    if (e.finalizer !== undefined) this.eval(e.finalizer, loops);
    return result;
  }
}

function expected(e: E): string | undefined {
  const model = new Model();
  try {
    const value = model.call(e);
    return `${model.out}${value}`;
  } catch (thrown) {
    if (thrown instanceof Thrown) return `${model.out}failed: ${thrown.n}`;
    if (thrown instanceof TooLong) return undefined;
    throw thrown;
  }
}

describe("random programs", () => {
  test("print and return what the model does", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(programArb, async (e) => {
        const wanted = expected(e);
        if (wanted === undefined) return;
        expect(await resultOf(new Writer().whole(e))).toBe(wanted);
      }),
      { numRuns: 500 },
    );
  });
});

describe("captures", () => {
  test("closures over a var share one cell, and so does the frame", async () => {
    const [n, up] = [newLocal("n", true), newLocal("up")];
    const body = block(
      bind(n, int(1)),
      bind(up, lambda([], assign(n, add(local(n), int(10))))),
      callValue(local(up)),
      assign(n, add(local(n), int(100))),
      callValue(local(up)),
      local(n),
    );
    expect(await resultOf(program(body))).toBe("121");
  });

  test("a loop's variables are fresh each turn", async () => {
    const [fs, i, n, f] = [newLocal("fs", true), newLocal("i"), newLocal("n", true), newLocal("f")];
    const body = block(
      bind(fs, list()),
      core({
        kind: "for",
        loop: newLoop(),
        variable: i,
        from: int(0),
        to: int(3),
        body: block(
          bind(n, local(i)),
          assign(
            fs,
            core({
              kind: "list",
              items: [lambda([], block(assign(n, add(local(n), int(10))), tuple(local(i), local(n))))],
              rest: local(fs),
            }),
          ),
        ),
      }),
      core({
        kind: "comprehension",
        loop: newLoop(),
        pattern: { kind: "bind", local: f },
        list: local(fs),
        element: tuple(callValue(local(f)), callValue(local(f))),
      }),
    );
    expect(await resultOf(program(body))).toBe("[((2, 12), (2, 22)), ((1, 11), (1, 21)), ((0, 10), (0, 20))]");
  });

  test("a local function names itself: with captures, without, and through another lambda", async () => {
    const make = (extra: Core, viaLambda: boolean): Core => {
      const [self, n, base] = [newLocal("down"), newLocal("n"), newLocal("base")];
      const again = callValue(local(self), add(local(n), int(-1)));
      const step = viaLambda ? callValue(lambda([], again)) : again;
      const down = lambda([n], when(equal(local(n), int(0)), extra === unit ? int(5) : local(base), step), self);
      return block(bind(base, int(7)), bind(self, down), callValue(local(self), int(3)));
    };
    expect(
      await resultOf(program(tuple(make(unit, false), make(int(1), false), make(unit, true), make(int(1), true)))),
    ).toBe("(5, 7, 5, 7)");
  });

  test("a local function without captures is called like a named one, also by itself", () => {
    const [self, n] = [newLocal("down"), newLocal("n")];
    const down = lambda(
      [n],
      when(equal(local(n), int(0)), int(5), callValue(local(self), add(local(n), int(-1)))),
      self,
    );
    const of = program(block(bind(self, down), callValue(local(self), int(3))));
    expect(listing(of)).toEqual(["PUSH_INT 3", "TAIL_CALL <lambda> 1"]);
    expect(listing(of, "<lambda>").at(-1)).toBe("TAIL_CALL <lambda> 1");
  });

  test("a capture is passed through lambdas that do not use it", async () => {
    const [a, b] = [newLocal("a"), newLocal("b")];
    const nested = lambda([], lambda([b], lambda([], tuple(local(a), local(b)))));
    expect(await resultOf(program(block(bind(a, int(1)), callValue(callValue(callValue(nested), int(2))))))).toBe(
      "(1, 2)",
    );
  });
});

describe("tail calls", () => {
  const n = newLocal("n");
  const calls = (body: (again: Core) => Core): string[] => {
    const f = fn("f", [n], unit);
    f.body = body(call(f, local(n)));
    return listing(program(call(f, int(1))), "f").filter((line) => /CALL.*\bf\b/.test(line));
  };
  const isTail = (body: (again: Core) => Core): boolean => calls(body)[0]!.startsWith("TAIL_CALL");

  test("in every tail position", () => {
    expect(isTail((again) => again)).toBe(true);
    expect(isTail((again) => block(unit, again))).toBe(true);
    expect(isTail((again) => when(local(n), again, unit))).toBe(true);
    expect(isTail((again) => core({ kind: "and", items: [local(n), again] }))).toBe(true);
    expect(isTail((again) => core({ kind: "or", items: [local(n), again] }))).toBe(true);
    expect(isTail((again) => core({ kind: "return", value: again }))).toBe(true);
    expect(isTail((again) => core({ kind: "receive", arms: [arm({ kind: "any" }, again)] }))).toBe(true);
    expect(isTail((again) => core({ kind: "receive", arms: [], after: { timeout: int(0), body: again } }))).toBe(true);
    expect(
      isTail((again) =>
        core({
          kind: "match",
          what: "match",
          scrutinees: [local(n)],
          arms: [arm({ kind: "any" }, again, local(n)), arm({ kind: "any" }, unit)],
        }),
      ),
    ).toBe(true);
    expect(isTail((again) => core({ kind: "try", body: unit, arms: [arm({ kind: "any" }, again)] }))).toBe(true);
  });

  test("not inside try, finally or a lock", () => {
    expect(isTail((again) => core({ kind: "try", body: again, arms: [arm({ kind: "any" }, unit)] }))).toBe(false);
    expect(
      isTail((again) => core({ kind: "try", body: unit, arms: [arm({ kind: "any" }, again)], finalizer: unit })),
    ).toBe(false);
    expect(
      isTail((again) => core({ kind: "try", body: core({ kind: "return", value: again }), finalizer: unit })),
    ).toBe(false);
    expect(isTail((again) => add(int(1), again))).toBe(false);
  });

  test("100,000 turns through match, && and a function value need one frame", async () => {
    const [left, self] = [newLocal("left"), newLocal("self")];
    const down = lambda(
      [left],
      core({ kind: "or", items: [equal(local(left), int(0)), callValue(local(self), add(local(left), int(-1)))] }),
      self,
    );
    expect(await resultOf(program(block(bind(self, down), callValue(local(self), int(100_000)))))).toBe("true");
  });
});

describe("receive", () => {
  const sendSelf = (message: Core): Core => core({ kind: "send", target: core({ kind: "self" }), message });
  const one = (value: number): CorePattern => ({ kind: "literal", value: { kind: "Int", value: BigInt(value) } });
  const x = newLocal("x");

  test("takes what fits and leaves the rest in order", async () => {
    const any = (): Core => core({ kind: "receive", arms: [arm({ kind: "bind", local: x }, local(x))] });
    const body = block(
      ...[1, 2, 3].map((n) => sendSelf(int(n))),
      tuple(core({ kind: "receive", arms: [arm(one(2), text("two"))] }), any(), any()),
    );
    expect(await resultOf(program(body))).toBe('("two", 1, 3)');
  });

  test("a guard that throws leaves the message", async () => {
    const receive = core({
      kind: "receive",
      arms: [arm({ kind: "bind", local: x }, unit, core({ kind: "throw", value: text("no") }))],
    });
    const caught = core({
      kind: "try",
      body: receive,
      arms: [arm({ kind: "any" }, core({ kind: "receive", arms: [arm({ kind: "bind", local: x }, local(x))] }))],
    });
    expect(await resultOf(program(block(sendSelf(int(4)), caught)))).toBe("4");
  });

  test("the timeout is evaluated once, before the scan", async () => {
    const timeout = block(native("println", text("once")), int(0));
    const body = block(
      sendSelf(int(1)),
      sendSelf(int(2)),
      core({ kind: "receive", arms: [arm(one(3), unit)], after: { timeout, body: text("late") } }),
    );
    expect(await resultOf(program(body))).toBe("once\nlate");
  });
});

test("bool is used by conditions directly", () => {
  expect(listing(program(when(bool(true), int(1), int(2))))).toEqual(["PUSH_INT 1", "RET.val"]);
});
