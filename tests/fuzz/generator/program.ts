/**
 * Writes whole programs that compile, run to an end and print what they compute.
 *
 *     { text, sort } = generate(seed)
 *
 * The trick: the program is written from the wanted types down, so it is well typed; a function that may call itself gets
 * fuel, an Int that every call makes smaller (to a third, or by one where the call is the only one), so it ends.
 * Stays true: the same seed gives the same text. What a program computes may still fail (division by zero, a throw that
 * nobody catches, no arm that matches): that is wanted. A run should have a limit of reductions, since loops of calls
 * in loops of calls can take long.
 */
import { Dice } from "./dice.ts";
import { body, callOf, cut, expression, literal, raise } from "./expressions.ts";
import { indent } from "./patterns.ts";
import { type FunctionHead, letVariable, Scope, type Sort, type Variable, World } from "./scope.ts";
import { statements } from "./statements.ts";
import { BOOL, FLOAT, INT, isSame, randomType, STRING, type Type, textOf, UNIT } from "./types.ts";

export interface GeneratedProgram {
  readonly text: string;
  readonly sort: Sort;
  readonly seed: number;
}

export function generate(seed: number): GeneratedProgram {
  const dice = new Dice(seed);
  const sort: Sort = dice.chance(72) ? "single" : dice.chance(70) ? "lines" : "racy";
  const world = new World(dice, sort);
  const parts = [`# generated from seed ${seed}: ${sort}`, ...declarations(world)];
  const drafts = heads(world);
  parts.push(...drafts.map((write) => write()));
  parts.push(sort === "single" ? mainOfOne(world) : mainOfMany(world));
  return { text: `${parts.join("\n\n")}\n`, sort, seed };
}

function declarations(world: World): string[] {
  const { dice } = world;
  const texts: string[] = [];
  const fieldType = () => randomType(dice, [], 1);
  for (let count = dice.between(1, 3); count > 0; count--) {
    const name = world.name("T");
    if (dice.chance(50)) {
      const fields = Array.from({ length: dice.between(1, 3) }, () => ({ name: world.name("g"), type: fieldType() }));
      world.data.push({ name, isMutable: false, constructors: [{ name, fields }] });
      texts.push(`type ${name} = { ${fields.map((field) => `${field.name}: ${textOf(field.type)}`).join(", ")} }`);
    } else {
      const constructors = Array.from({ length: dice.between(2, 4) }, () => {
        const isNamed = dice.chance(25);
        const fields = Array.from({ length: dice.between(isNamed ? 1 : 0, 2) }, () => ({
          name: isNamed ? world.name("g") : undefined,
          type: fieldType(),
        }));
        return { name: world.name("K"), fields };
      });
      const written = constructors.map((made) => {
        if (made.fields.length === 0) return made.name;
        if (made.fields[0]!.name === undefined)
          return `${made.name}(${made.fields.map(({ type }) => textOf(type)).join(", ")})`;
        return `${made.name}{ ${made.fields.map((field) => `${field.name}: ${textOf(field.type)}`).join(", ")} }`;
      });
      world.data.push({ name, isMutable: false, constructors });
      texts.push(`type ${name} = ${written.join(" | ")}`);
    }
  }
  if (dice.chance(50)) {
    const name = world.name("T");
    const fields = Array.from({ length: dice.between(1, 2) }, () => ({ name: world.name("g"), type: fieldType() }));
    world.data.push({ name, isMutable: true, constructors: [{ name, fields }] });
    texts.push(`var type ${name} = { ${fields.map((field) => `${field.name}: ${textOf(field.type)}`).join(", ")} }`);
  }
  if (dice.chance(35)) {
    const name = world.name("m");
    world.mvars.push(name);
    texts.push(`mvar ${name}: Int = 0\nbump_${name}(n) = {\n    ${name} = ${name} + n\n    ${name}\n}`);
  }
  return texts;
}

// ── functions ───────────────────────────────────────────────────────────────────────────────────────────────────

type Draft = () => string;

/** Decides what functions there are; their bodies are written afterwards, so that each may call all. */
function heads(world: World): Draft[] {
  const { dice } = world;
  const drafts: Draft[] = [];
  const kinds = [
    plain, plain, plain, selfLoop, selfLoop, mutual, mutualThroughTry, linear, tree, overList, guardHelper, untyped,
    higherOrder, maker, nestedReceive, accumulate,
  ]; // biome-ignore format: a table
  for (let count = dice.between(3, 7); count > 0; count--) drafts.push(...dice.pick(kinds)(world));
  return drafts;
}

function declare(world: World, params: readonly Type[], result: Type, facts: Partial<FunctionHead> = {}): FunctionHead {
  const head = { name: world.name("f"), takesFuel: true, params, result, isPlain: false, ...facts };
  world.functions.push(head);
  return head;
}

function randomParams(world: World): Type[] {
  return Array.from({ length: world.dice.between(1, 3) }, () => randomType(world.dice, world.data, 2));
}

/** The parameters behind the fuel, and the scope of the body. */
function enter(world: World, head: FunctionHead): { params: Variable[]; scope: Scope } {
  const params = head.params.map((type) => letVariable(world.name("a"), type));
  const variables = head.takesFuel ? [letVariable("n", INT), ...params] : params;
  const fuel = head.takesFuel ? "n / 3" : undefined;
  return {
    params,
    scope: new Scope({ world, variables, result: head.result, loop: "none", fuel, isGuard: false }),
  };
}

/** `f(n, a: T) -> R`; what the checker can find out is sometimes left to it. */
function signature(world: World, head: FunctionHead, params: readonly Variable[]): string {
  const { dice } = world;
  const all = [
    ...(head.takesFuel ? ["n: Int"] : []),
    ...params.map(({ name, type }) => `${name}: ${textOf(type)}`),
  ].join(", ");
  return `${head.name}(${all})${dice.chance(80) ? ` -> ${textOf(head.result)}` : ""}`;
}

function plain(world: World): Draft[] {
  const head = declare(world, randomParams(world), randomType(world.dice, world.data, 2));
  return [
    () => {
      const { params, scope } = enter(world, head);
      const end = expression(scope.but({ fuel: undefined }), head.result, 1);
      const { lines, scope: after } = statements(scope, world.dice.between(1, 4), 3);
      const whole = [`if n <= 0 then return ${end}`, ...lines, cut(head.result, expression(after, head.result, 3))];
      return `${signature(world, head, params)} = {\n${indent(whole.join("\n"))}\n}`;
    },
  ];
}

/** A loop by tail calls to itself. */
function selfLoop(world: World): Draft[] {
  const { dice } = world;
  const params = dice.chance(50) ? [INT, ...randomParams(world)] : randomParams(world);
  const head = declare(world, params, dice.chance(50) ? params[0]! : randomType(dice, world.data, 1));
  return [
    () => {
      const { params: names, scope } = enter(world, head);
      const next = (at: Scope) =>
        `${head.name}(n - 1, ${names.map(({ type }) => cut(type, expression(at, type, 2))).join(", ")})`;
      const end = expression(scope.but({ fuel: undefined }), head.result, 2);
      const lines = dice.chance(50) ? statements(scope, 1, 2) : { lines: [], scope };
      const rest = dice.chance(40)
        ? `if ${expression(lines.scope, BOOL, 2)} then ${next(lines.scope)} else ${next(lines.scope)}`
        : next(lines.scope);
      const whole = [`if n <= 0 then return ${end}`, ...lines.lines, rest];
      return `${signature(world, head, names)} = {\n${indent(whole.join("\n"))}\n}`;
    },
  ];
}

/** Two or three functions that call each other in tail position. */
function mutual(world: World): Draft[] {
  const { dice } = world;
  const result = randomType(dice, world.data, 1);
  const group = Array.from({ length: dice.between(2, 3) }, () => declare(world, randomParams(world), result));
  return group.map((head, at) => () => {
    const { params, scope } = enter(world, head);
    const other = group[(at + 1) % group.length]!;
    const next = callOf(scope.but({ fuel: "n - 1" }), other, 2);
    const end = expression(scope.but({ fuel: undefined }), result, 2);
    const text = dice.chance(50)
      ? `if n <= 0 then ${end} else ${next}`
      : `match n {\n${indent(`0 -> ${end}\n_ when n < 0 -> ${end}\n_ -> ${next}`)}\n}`;
    return `${signature(world, head, params)} = ${text}`;
  });
}

/** Calls that stand in a `try`, and so are no tail calls. */
function mutualThroughTry(world: World): Draft[] {
  const { dice } = world;
  const result = randomType(dice, world.data, 1);
  const group = Array.from({ length: dice.between(1, 2) }, () => declare(world, [INT], result));
  return group.map((head, at) => () => {
    const { params, scope } = enter(world, head);
    const other = group[(at + 1) % group.length]!;
    const next = callOf(scope.but({ fuel: "n - 1" }), other, 1);
    const error = world.name("e");
    const spent = scope.but({ fuel: undefined }); // it may be there because n is
    const caught = dice.chance(60)
      ? expression(spent, result, 2)
      : `if ${expression(spent, BOOL, 1)} then throw(${error}) else ${expression(spent, result, 1)}`;
    const last = dice.chance(60) ? ` finally {\n    println(("${head.name}", n))\n}` : "";
    const guard = dice.chance(50) ? ` when ${expression(scope.but({ isGuard: true }), BOOL, 1)}` : "";
    const text = `try {\n${indent(`if n <= 0 then ${raise(scope, 1)}\n${next}`)}\n} catch {\n${indent(`${error}${guard} -> ${caught}`)}\n}${last}`;
    return `${signature(world, head, params)} = ${text}`;
  });
}

/** One call, and something to do with its result. */
function linear(world: World): Draft[] {
  const result = randomType(world.dice, world.data, 1);
  const head = declare(world, randomParams(world), result);
  return [
    () => {
      const { params, scope } = enter(world, head);
      const rest = letVariable(world.name("v"), result);
      const end = expression(scope.but({ fuel: undefined }), result, 1);
      const lines = [
        `if n <= 0 then return ${end}`,
        `${rest.name} = ${callOf(scope.but({ fuel: "n - 1" }), head, 2)}`,
        cut(result, expression(scope.knowing(rest), result, 3)),
      ];
      return `${signature(world, head, params)} = {\n${indent(lines.join("\n"))}\n}`;
    },
  ];
}

/** Two calls, as fib has. */
function tree(world: World): Draft[] {
  const { dice } = world;
  const result = dice.pick([INT, INT, FLOAT]);
  const head = declare(world, dice.chance(60) ? [] : [randomType(dice, world.data, 1)], result);
  return [
    () => {
      const { params, scope } = enter(world, head);
      const less = (by: number) => callOf(scope.but({ fuel: `n - ${by}` }), head, 1);
      const end = expression(scope.but({ fuel: undefined }), result, 1);
      const text = `if n < 2 then ${end} else ${less(1)} ${dice.pick(["+", "-", "*"])} ${less(2)}`;
      return `${signature(world, head, params)} = ${text}`;
    },
  ];
}

/**
 * Clauses over a list, with or without an accumulator. The list has its type, since `C(h, field: e)` of an `h` that is not
 * known yet makes a record where it should change one.
 */
function overList(world: World): Draft[] {
  const { dice } = world;
  const of = randomType(dice, world.data, 1);
  const list: Type = { kind: "List", of };
  const hasAccumulator = dice.chance(50);
  const result = hasAccumulator ? dice.pick([INT, FLOAT, STRING, list]) : dice.pick([INT, list]);
  const name = world.name("f");
  // without fuel it would never end if it called itself in another place, or somebody who calls it
  const earlier = withFunctions(world, [...world.functions]);
  world.functions.push({
    name,
    takesFuel: false,
    params: hasAccumulator ? [list, result] : [list],
    result,
    isPlain: true,
  });
  return [
    () => {
      const first = letVariable(world.name("h"), of);
      const rest = letVariable(world.name("t"), list);
      const accumulator = letVariable(world.name("a"), result);
      const facts = { world: earlier, result, loop: "none", fuel: undefined, isGuard: true } as const;
      if (hasAccumulator) {
        const scope = new Scope({ ...facts, variables: [first, accumulator] });
        const step = cut(result, expression(scope, result, 3));
        return `${name}([]: ${textOf(list)}, ${accumulator.name}: ${textOf(result)}) -> ${textOf(result)} = ${accumulator.name}\n${name}([${first.name} | ${rest.name}]: ${textOf(list)}, ${accumulator.name}: ${textOf(result)}) -> ${textOf(result)} = ${name}(${rest.name}, ${step})`;
      }
      const scope = new Scope({ ...facts, variables: [first] });
      const own = expression(scope, result === INT ? INT : of, 2);
      const step = result === INT ? `${own} + ${name}(${rest.name})` : `[${own} | ${name}(${rest.name})]`;
      return `${name}([]: ${textOf(list)}) -> ${textOf(result)} = ${literalEnd(scope, result)}\n${name}([${first.name} | ${rest.name}]: ${textOf(list)}) = ${step}`;
    },
  ];
}

function literalEnd(scope: Scope, result: Type): string {
  return result.kind === "List" ? "[]" : literal(scope, result);
}

/** A small function that neither waits nor prints, so that guards may call it. */
function guardHelper(world: World): Draft[] {
  const { dice } = world;
  const params = Array.from({ length: dice.between(1, 2) }, () => randomType(dice, world.data, 1));
  const head = declare(world, params, dice.pick([BOOL, BOOL, INT]), { takesFuel: false, isPlain: true });
  return [
    () => {
      const { params: names, scope } = enter(world, head);
      // without calls: whom it called might call it
      const quiet = new Scope({ ...scope, world: withFunctions(world, []), isGuard: true, result: undefined });
      return `${signature(world, head, names)} = ${expression(quiet, head.result, 3)}`;
    },
  ];
}

/** The same world, where only these can be called. */
function withFunctions(world: World, functions: readonly FunctionHead[]): World {
  return Object.create(world, { functions: { value: functions } }) as World;
}

/** Arithmetic whose kinds are left open: each caller settles them, Int or Float. */
function untyped(world: World): Draft[] {
  const { dice } = world;
  const name = world.name("f");
  for (const type of [INT, FLOAT])
    world.functions.push({ name, takesFuel: false, params: [type, type], result: type, isPlain: true });
  const [a, b] = [world.name("a"), world.name("b")];
  const operator = () => dice.pick(["+", "-", "*"]);
  const tests = `if ${a} < ${b} then ${a} ${operator()} ${b} else ${b} ${operator()} ${a} ${operator()} ${b}`;
  return [() => `${name}(${a}, ${b}) = ${dice.chance(50) ? tests : `${a} * ${b} ${operator()} ${a}`}`];
}

/** Takes a function and calls it. */
function higherOrder(world: World): Draft[] {
  const { dice } = world;
  const result = randomType(dice, world.data, 1);
  const fn: Type = { kind: "Function", params: [randomType(dice, world.data, 1)], result };
  const head = declare(world, [fn, randomType(dice, world.data, 1)], result);
  return [
    () => {
      const { params, scope } = enter(world, head);
      const end = expression(scope.but({ fuel: undefined }), result, 1);
      const again = `${head.name}(n - 1, ${params[0]!.name}, ${expression(scope, params[1]!.type, 2)})`;
      const own = `${params[0]!.name}(${expression(scope, fn.params[0]!, 2)})`;
      const choice = `if ${expression(scope, BOOL, 2)} then ${own} else ${again}`;
      return `${signature(world, head, params)} = {\n${indent(`if n <= 0 then return ${end}\n${choice}`)}\n}`;
    },
  ];
}

/** Gives a function that keeps what it is called with. */
function maker(world: World): Draft[] {
  const { dice } = world;
  const state = dice.pick([INT, STRING, FLOAT]);
  const fn: Type = { kind: "Function", params: [INT], result: state };
  const head = declare(world, [state], fn, { takesFuel: false });
  return [
    () => {
      const { params, scope } = enter(world, head);
      const cell: Variable = { name: world.name("c"), type: state, isAssignable: true };
      const step = letVariable(world.name("a"), INT);
      const inner = scope.knowing(cell, step).but({ result: state });
      const lines = [
        `var ${cell.name} = ${params[0]!.name}`,
        `(${step.name}) => {\n${indent(`${cell.name} = ${cut(state, expression(inner, state, 2))}\n${cell.name}`)}\n}`,
      ];
      return `${signature(world, head, params)} = {\n${indent(lines.join("\n"))}\n}`;
    },
  ];
}

/** A receive inside two loops, which it leaves: the graph cannot be entered at the receive. */
function nestedReceive(world: World): Draft[] {
  const { dice } = world;
  const state = dice.pick([INT, STRING]);
  const head = declare(world, [state], state);
  return [
    () => {
      const { params, scope } = enter(world, head);
      const total: Variable = { name: world.name("w"), type: state, isAssignable: true };
      const [outer, inner] = [letVariable(world.name("i"), INT), letVariable(world.name("i"), INT)];
      const got = letVariable(world.name("m"), state);
      const tag = world.name("tag");
      const known = scope.knowing(total, outer, inner, got).but({ loop: "plain" });
      const send = `self() <- ("${tag}", ${expression(scope.knowing(total, outer, inner), state, 2)})`;
      const arms = [
        `("${tag}", ${got.name}) when ${expression(known.but({ isGuard: true }), BOOL, 2)} -> ${dice.pick(["break", "continue", `{ ${total.name} = ${cut(state, expression(known, state, 2))} }`])}`,
        `("${tag}", ${got.name}) -> { ${total.name} = ${cut(state, expression(known, state, 1))} }`,
      ];
      const receive = `receive {\n${indent(`${arms.join("\n")}\nafter ${dice.pick([0, 3])} -> println("nobody")`)}\n}`;
      const loops = `for ${outer.name} = 0 to ${dice.between(1, 3)} {\n${indent(`for ${inner.name} = 0 to ${dice.between(1, 3)} {\n${indent(`${send}\n${receive}`)}\n}`)}\n}`;
      const lines = [
        `if n <= 0 then return ${params[0]!.name}`,
        `var ${total.name} = ${params[0]!.name}`,
        loops,
        total.name,
      ];
      return `${signature(world, head, params)} = {\n${indent(lines.join("\n"))}\n}`;
    },
  ];
}

/** A loop over numbers that only computes, as benchmarks do: Ints that overflow, and Floats. */
function accumulate(world: World): Draft[] {
  const { dice } = world;
  const type = dice.pick([INT, INT, FLOAT]);
  const head = declare(world, [type, INT], type);
  return [
    () => {
      const { params, scope } = enter(world, head);
      const [a, b]: Variable[] = [type, type].map((of) => ({ name: world.name("w"), type: of, isAssignable: true }));
      const turn = letVariable(world.name("i"), INT);
      const inner = scope.knowing(a!, b!, turn).but({ fuel: undefined, result: undefined });
      const step = (to: Variable) => `${to.name} = ${arithmetic(inner, type, 3)}`;
      const lines = [
        `var ${a!.name} = ${params[0]!.name}`,
        `var ${b!.name} = ${literal(scope, type)}`,
        `for ${turn.name} = 0 to n * ${dice.between(1, 6)} {\n${indent(`${step(a!)}\n${step(b!)}`)}\n}`,
        `${a!.name} ${dice.pick(["+", "-", "*"])} ${b!.name}`,
      ];
      return `${signature(world, head, params)} = {\n${indent(lines.join("\n"))}\n}`;
    },
  ];
}

/** Operators over variables and numbers, nothing else. */
function arithmetic(scope: Scope, type: Type, depth: number): string {
  const { dice } = scope;
  if (depth <= 0 || dice.chance(15))
    return dice.chance(70) ? (scope.ofType(type)?.name ?? literal(scope, type)) : literal(scope, type);
  const part = () => arithmetic(scope, type, depth - 1);
  const choice = dice.below(100);
  if (choice < 45) return `(${part()} ${dice.pick(["+", "-", "*"])} ${part()})`;
  if (choice < 60 && isSame(type, INT))
    return `(${part()} ${dice.pick(["/", "%"])} ${dice.pick(["3", "16", "1000003", "2147483647", "2147483648"])})`;
  if (choice < 70 && isSame(type, INT)) return `((${part()} * 1103515245 + 12345) % 2147483648)`;
  if (choice < 75 && isSame(type, INT)) return `((${part()} * 16807) % 2147483647)`;
  if (choice < 85) return `(if ${part()} < ${part()} then ${part()} else ${part()})`;
  return isSame(type, INT) ? `(-${part()})` : `(${part()} / ${part()})`;
}

// ── main ────────────────────────────────────────────────────────────────────────────────────────────────────────

function scopeOfMain(world: World, result: Type | undefined): Scope {
  return new Scope({ world, variables: [], result, loop: "none", fuel: "7", isGuard: false });
}

/** Calls of the program's functions, also many times in a row, each guarded so that the next comes too. */
function calls(world: World, scope: Scope): string[] {
  const { dice } = world;
  const shown = world.functions.filter(({ result }) => result.kind !== "Function");
  return shown.map((head) => {
    const label = world.name("r");
    if (dice.chance(45)) {
      const turn = letVariable(world.name("i"), INT);
      const once = callOf(scope.knowing(turn).but({ fuel: `${turn.name} % ${dice.between(3, 9)}` }), head, 2);
      const inside = `println("${label} \${${turn.name}}")\nprintln(${once})`;
      const guarded = `try {\n${indent(inside)}\n} catch { e -> println(("${label}", e)) }`;
      return `for ${turn.name} = 0 to ${dice.pick([2, 4, 12, 40])} {\n${indent(guarded)}\n}`;
    }
    const once = `println(${callOf(scope.but({ fuel: `${dice.between(2, 12)}` }), head, 2)})`;
    return dice.chance(70) ? `try ${once} catch { e -> println(("${label}", e)) }` : once;
  });
}

function mainOfOne(world: World): string {
  const { dice } = world;
  const result = dice.chance(50) ? UNIT : randomType(dice, world.data, 1);
  const scope = scopeOfMain(world, result);
  const { lines, scope: after } = statements(scope, dice.between(1, 3), 3);
  const end = dice.chance(20) ? [`if ${expression(after, BOOL, 2)} then ${raise(after, 2)}`] : [];
  const all = [...lines, ...calls(world, scope), ...end, expression(after, result, 3)];
  return `main() = {\n${indent(all.join("\n"))}\n}`;
}

/**
 * Processes that compute and answer, servers that keep a state in a receive loop, a ring; and main, which asks them all.
 *
 * In a program whose lines are to be the same in every order, main receives each answer by its name.
 */
function mainOfMany(world: World): string {
  const { dice, sort } = world;
  // a main that returned early would take with it whoever has not printed yet
  const scope = scopeOfMain(world, sort === "lines" ? undefined : UNIT);
  const texts: string[] = [];
  const lines: string[] = ["me = self()"];
  const waits: string[] = [];
  for (let count = dice.between(1, 4); count > 0; count--) {
    const name = world.name("w");
    const type = randomType(dice, world.data, 1);
    const inner = scope.but({ variables: [], result: undefined });
    const { lines: work, scope: after } = statements(inner, dice.between(0, 2), 2);
    const pause = dice.chance(30) ? [`sleep(${dice.below(4)})`] : [];
    const value = dice.chance(60) ? expression(after, type, 3) : body(after, type, 2);
    lines.push(`spawn {\n${indent([...pause, ...work, `me <- ("${name}", ${value})`].join("\n"))}\n}`);
    // an answer that never comes belongs to a process that failed
    const from = sort === "lines" ? `"${name}"` : "_";
    const got = world.name("m");
    waits.push(
      `receive {\n    (${from}, ${got}) -> println(("${name}", ${got}))\n    after 5000 -> println("${name} did not answer")\n}`,
    );
  }
  if (dice.chance(60)) texts.push(...server(world, lines, waits));
  if (dice.chance(30)) texts.push(...ring(world, lines, waits));
  if (world.mvars.length > 0) {
    const mvar = dice.pick(world.mvars);
    const [left, done] = [dice.between(2, 4), world.name("done")];
    const turns = dice.between(2, 12);
    const print = sort === "racy" ? `println(bump_${mvar}(i))` : `bump_${mvar}(i)`;
    lines.push(
      `for k = 0 to ${left} {\n    spawn {\n        for i = 0 to ${turns} { ${print} }\n        me <- "${done}"\n    }\n}`,
    );
    waits.push(`for k = 0 to ${left} { receive { "${done}" -> () } }\nprintln(${mvar})`);
  }
  const own = dice.chance(50) ? calls(world, scope) : [];
  const order = dice.chance(50) ? [...own, ...waits] : [...waits, ...own];
  return [...texts, `main() = {\n${indent([...lines, ...order].join("\n"))}\n}`].join("\n\n");
}

/** A process that keeps a state in a loop of receives, with requests from main and from others. */
function server(world: World, lines: string[], waits: string[]): string[] {
  const { dice } = world;
  const name = world.name("server");
  const state = letVariable(world.name("s"), dice.pick([INT, FLOAT, { kind: "List", of: INT } as const]));
  const amount = letVariable(world.name("a"), INT);
  const facts = { world, result: undefined, loop: "none", fuel: undefined, isGuard: true } as const;
  const scope = new Scope({ ...facts, variables: [state] });
  const next = cut(state.type, expression(scope.knowing(amount), state.type, 3));
  const small = expression(scope.knowing(amount), BOOL, 1);
  const arms = [
    `("add", ${amount.name}) when ${small} -> ${name}(${state.name})`,
    `("add", ${amount.name}) -> ${name}(${next})`,
    `("get", from) -> {\n    from <- ("${name}", ${state.name})\n    ${name}(${state.name})\n}`,
    `"stop" -> ()`,
  ];
  const isLoop = dice.chance(40);
  const text = isLoop
    ? `${name}(first: ${textOf(state.type)}) = {\n    var ${state.name} = first\n    var on = true\n    while on {\n        receive {\n            ("add", ${amount.name}) when ${small} -> ()\n            ("add", ${amount.name}) -> { ${state.name} = ${next} }\n            ("get", from) -> from <- ("${name}", ${state.name})\n            "stop" -> { on = false }\n        }\n    }\n}`
    : `${name}(${state.name}: ${textOf(state.type)}) = receive {\n${indent(arms.join("\n"))}\n}`;
  const pid = world.name("pid");
  lines.push(`${pid} = spawn { ${name}(${literal(scope, state.type)}) }`);
  lines.push(`for i = 0 to ${dice.pick([3, 10, 25])} { ${pid} <- ("add", i) }`);
  waits.push(
    `${pid} <- ("get", self())\nreceive { ("${name}", answer) -> println(("${name}", answer)), after 5000 -> println("${name} is gone") }\n${pid} <- "stop"`,
  );
  return [text];
}

/** Processes in a row that pass a number on. */
function ring(world: World, lines: string[], waits: string[]): string[] {
  const { dice } = world;
  const name = world.name("ring");
  const got = letVariable("got", INT);
  const facts = { world, result: undefined, loop: "none", fuel: undefined, isGuard: true } as const;
  const step = expression(new Scope({ ...facts, variables: [got] }), INT, 2);
  const text = `${name}(next) = receive {\n    ("${name}", "end") -> next <- ("${name}", "end")\n    ("${name}", got) -> {\n        next <- ("${name}", ${step})\n        ${name}(next)\n    }\n}`;
  const [first, last] = [world.name("pid"), world.name("c")];
  lines.push(`var ${last} = self()`);
  lines.push(`for k = 0 to ${dice.between(1, 5)} { next = ${last}; ${last} = spawn { ${name}(next) } }`);
  lines.push(`${first} = ${last}`);
  waits.push(`${first} <- ("${name}", ${literal(new Scope({ ...facts, variables: [] }), INT)})`);
  waits.push(
    `for k = 0 to ${dice.between(2, 15)} {\n    receive { ("${name}", got) -> ${first} <- ("${name}", got), after 5000 -> println("${name} broke") }\n}`,
  );
  waits.push(
    `receive { ("${name}", got) -> println(("${name}", got)), after 5000 -> println("${name} broke") }\n${first} <- ("${name}", "end")`,
  );
  return [text];
}
