/**
 * Writes statements, and keeps account of what they make known.
 *
 * Stays true: every loop ends, whatever is in it: its counter is changed first, and nothing else changes it.
 */
import { body, call, cut, expression, lambda, literal, raise, tryExpression } from "./expressions.ts";
import { indent, match, pattern } from "./patterns.ts";
import { construct, letVariable, type Scope, type Variable } from "./scope.ts";
import { BOOL, INT, randomType, STRING, type Type, textOf, UNIT } from "./types.ts";

export interface Written {
  readonly lines: readonly string[];
  /** what is known behind them */
  readonly scope: Scope;
}

export function statements(scope: Scope, count: number, depth: number): Written {
  const lines: string[] = [];
  let now = scope;
  for (let left = count; left > 0; left--) {
    const { lines: more, scope: after } = statement(now, depth);
    lines.push(...more);
    now = after;
  }
  return { lines, scope: now };
}

function statement(scope: Scope, depth: number): Written {
  const { dice, world } = scope;
  let after = scope;
  const bind = (variable: Variable, value: string, declared = ""): string => {
    after = scope.knowing(variable);
    return `${variable.isAssignable ? "var " : ""}${variable.name}${declared} = ${value}`;
  };
  const some = () => randomType(dice, world.data, 2);
  const nested = (inner: Scope) => nestedBlock(inner, depth);
  const text = dice.write(
    [
      [
        16,
        () => {
          const type = some();
          return bind(letVariable(world.name("v"), type), expression(scope, type, depth));
        },
      ],
      [
        10,
        () => {
          const type = some();
          const declared = dice.chance(20) && type.kind !== "Tuple" ? `: ${textOf(type)}` : "";
          return bind({ name: world.name("w"), type, isAssignable: true }, expression(scope, type, depth), declared);
        },
      ],
      [
        14,
        () => {
          const variable = scope.some(({ isAssignable, name }) => isAssignable && !name.startsWith("i"));
          if (variable === undefined) return undefined;
          return `${variable.name} = ${cut(variable.type, expression(scope, variable.type, depth))}`;
        },
      ],
      [10, () => print(scope, depth)],
      [7, () => `if ${expression(scope, BOOL, depth)} then ${nested(scope)}${elsePart(scope, depth)}`],
      [6, () => forTo(scope, depth)],
      [4, () => forIn(scope, depth)],
      [5, () => whileLoop(scope, depth)],
      [6, () => tryExpression(scope, UNIT, depth)],
      [4, () => leavingTry(scope, depth)],
      [
        5,
        () => {
          const subject = scope.some(({ type }) => type.kind !== "Function" && type.kind !== "Float");
          if (subject === undefined) return undefined;
          return match(scope, subject.name, subject.type, nested, (inner) => expression(inner, BOOL, 1));
        },
      ],
      [5, () => leave(scope, depth)],
      [2, () => `if ${expression(scope, BOOL, depth)} then ${raise(scope, depth)}`],
      [4, () => closureOverVar(scope, depth, (known) => (after = known))],
      [
        3,
        () => {
          const type = functionType(scope);
          return bind(letVariable(world.name("f"), type), lambda(scope, type, depth));
        },
      ],
      [2, () => localFunction(scope, depth, (known) => (after = known))],
      [
        3,
        () => {
          const type: Type = { kind: "Tuple", parts: [some(), some()] };
          const found = pattern(scope, type, 1);
          if (!found.isTotal || found.text === "_") return undefined;
          after = scope.knowing(...found.binds);
          return `${found.text} = ${expression(scope, type, depth)}`;
        },
      ],
      [4, () => mutableRecord(scope, depth, (known) => (after = known))],
      [3, () => element(scope, depth)],
      [3, () => call(scope, UNIT, depth)],
    ],
    () => print(scope, depth),
  );
  return { lines: text.split("\n"), scope: after };
}

function print(scope: Scope, depth: number): string {
  const { dice, world } = scope;
  const label = `${world.name("p")}`;
  const type = randomType(dice, world.data, 2);
  const known = scope.some((variable) => variable.type.kind !== "Function");
  if (known !== undefined && dice.chance(60)) return `println("${label} \${${known.name}}")`;
  return `println(("${label}", ${expression(scope, type, depth - 1)}))`;
}

/** A block of statements whose value nobody wants. */
function nestedBlock(scope: Scope, depth: number): string {
  const { lines } = statements(scope, scope.dice.between(1, 2), depth - 1);
  return `{\n${indent([...lines, "()"].join("\n"))}\n}`;
}

function elsePart(scope: Scope, depth: number): string {
  return scope.dice.chance(40) ? ` else ${nestedBlock(scope, depth)}` : "";
}

/** `break`, `continue` or `return`, on a condition. */
function leave(scope: Scope, depth: number): string | undefined {
  const ways: string[] = [];
  if (scope.loop === "plain") ways.push("break", "continue");
  if (scope.loop === "value") ways.push("continue");
  if (scope.result !== undefined) ways.push("return");
  if (ways.length === 0) return undefined;
  const way = scope.dice.pick(ways);
  const value = way === "return" ? ` ${expression(scope, scope.result!, depth - 1)}` : "";
  return `if ${expression(scope, BOOL, Math.min(depth, 1))} then ${way}${value}`;
}

/** A `try` that is left by every way there is, `finally` included. */
function leavingTry(scope: Scope, depth: number): string | undefined {
  const { dice } = scope;
  if (depth <= 0) return undefined;
  const out = () => leave(scope, depth) ?? `if ${expression(scope, BOOL, 1)} then ${raise(scope, 1)}`;
  const caught = dice.chance(50) ? ` catch {\n${indent(`${scope.world.name("e")} -> ${out()}`)}\n}` : "";
  const last = dice.chance(8) ? `\n${out()}` : "";
  return `try {\n${indent(`${print(scope, 1)}\n${out()}\n${print(scope, 1)}`)}\n}${caught} finally {\n${indent(print(scope, 1) + last)}\n}`;
}

function forTo(scope: Scope, depth: number): string | undefined {
  if (depth <= 0) return undefined;
  const { dice, world } = scope;
  const turn = letVariable(world.name("i"), INT);
  const inner = scope.knowing(turn).but({ loop: "plain" });
  const from = dice.between(0, 2);
  return `for ${turn.name} = ${from} to ${from + dice.between(0, 4)} ${nestedBlock(inner, depth)}`;
}

function forIn(scope: Scope, depth: number): string | undefined {
  if (depth <= 0) return undefined;
  const { dice, world } = scope;
  const of = randomType(dice, world.data, 1);
  const list = `take(${expression(scope, { kind: "List", of }, depth - 1)}, 4)`;
  const element = letVariable(world.name("x"), of);
  return `for ${element.name} in ${list} ${nestedBlock(scope.knowing(element).but({ loop: "plain" }), depth)}`;
}

function whileLoop(scope: Scope, depth: number): string | undefined {
  if (depth <= 0) return undefined;
  const { dice, world } = scope;
  const turn: Variable = { name: world.name("i"), type: INT, isAssignable: true };
  const inner = scope.knowing(turn).but({ loop: "plain" });
  const { lines } = statements(inner, dice.between(1, 3), depth - 1);
  const more = dice.chance(40) ? ` && ${expression(inner, BOOL, 1)}` : "";
  const head = `while ${turn.name} < ${dice.between(1, 6)}${more} {`;
  return `var ${turn.name} = 0\n${head}\n${indent([`${turn.name} = ${turn.name} + 1`, ...lines, "()"].join("\n"))}\n}`;
}

function functionType(scope: Scope): Type & { kind: "Function" } {
  const { dice, world } = scope;
  const params = Array.from({ length: dice.between(1, 3) }, () => randomType(dice, world.data, 1));
  return { kind: "Function", params, result: randomType(dice, world.data, 1) };
}

/** A `var` and a function that changes it: both see one cell. */
function closureOverVar(scope: Scope, depth: number, know: (scope: Scope) => void): string {
  const { dice, world } = scope;
  const type = dice.pick([INT, INT, STRING, { kind: "List", of: INT } as const]);
  const cell: Variable = { name: world.name("c"), type, isAssignable: true };
  const change = letVariable(world.name("f"), { kind: "Function", params: [INT], result: type });
  const step = letVariable(world.name("a"), INT);
  const inner = scope.knowing(cell, step).but({ result: type, loop: "none" });
  const lines = [`${cell.name} = ${cut(type, expression(inner, type, depth))}`, ...statementsOf(inner, depth)];
  know(scope.knowing(cell, change));
  const made = `${change.name} = (${step.name}) => {\n${indent([...lines, cell.name].join("\n"))}\n}`;
  return `var ${cell.name} = ${literal(scope, type)}\n${made}`;
}

function statementsOf(scope: Scope, depth: number): readonly string[] {
  return depth > 0 && scope.dice.chance(40) ? statements(scope, 1, depth - 1).lines : [];
}

function localFunction(scope: Scope, depth: number, know: (scope: Scope) => void): string {
  const { world } = scope;
  const type = functionType(scope);
  const fn = letVariable(world.name("f"), type);
  const params = type.params.map((param) => letVariable(world.name("a"), param));
  const inner = scope.knowing(...params).but({ result: type.result, loop: "none" });
  know(scope.knowing(fn));
  const head = params.map(({ name, type: of }) => `${name}: ${textOf(of)}`).join(", ");
  return `${fn.name}(${head}) -> ${textOf(type.result)} = ${body(inner, type.result, depth)}`;
}

/** Makes a record of a `var type`, or changes one. */
function mutableRecord(scope: Scope, depth: number, know: (scope: Scope) => void): string | undefined {
  const { dice, world } = scope;
  const data = world.data.find(({ isMutable }) => isMutable);
  if (data === undefined) return undefined;
  const made = data.constructors[0]!;
  const known = scope.some(({ type }) => type.kind === "Data" && type.data === data);
  if (known === undefined || dice.chance(25)) {
    const fresh = letVariable(world.name("r"), { kind: "Data", data });
    know(scope.knowing(fresh));
    return `${fresh.name} = ${construct(dice, made, (type) => expression(scope, type, depth))}`;
  }
  const field = dice.pick(made.fields);
  return `${known.name}.${field.name} = ${cut(field.type, expression(scope, field.type, depth))}`;
}

/** `xs[i] = e` of a `var`, which may be out of range. */
function element(scope: Scope, depth: number): string | undefined {
  const variable = scope.some(
    ({ type, isAssignable }) => isAssignable && (type.kind === "List" || type.kind === "Map"),
  );
  if (variable === undefined) return undefined;
  const { type } = variable;
  const at = type.kind === "Map" ? expression(scope, type.key, 1) : `${scope.dice.between(0, 2)}`;
  const of = type.kind === "Map" ? type.value : (type as Type & { kind: "List" }).of;
  return `${variable.name}[${at}] = ${expression(scope, of, depth)}`;
}
