/**
 * Writes expressions of a wanted type.
 *
 * Stays true: what is longer than a word stands in parentheses of its own, so it can be written anywhere; with `depth`
 * used up only variables and literals are left, so every text is finite.
 */
import { indent, match, pattern } from "./patterns.ts";
import { construct, type FunctionHead, letVariable, type Scope, type Variable } from "./scope.ts";
import { statements } from "./statements.ts";
import { BOOL, FLOAT, INT, isSame, randomKey, randomType, STRING, type Type } from "./types.ts";

/** Numbers at which representations change: 32 bits, 53 bits, 64 bits. */
const CORNER_INTS = [
  "100", "255", "65536", "2147483647", "2147483648", "(-2147483648)", "(-2147483649)", "4294967295", "4294967296",
  "9007199254740991", "9007199254740992", "9007199254740993", "(-9007199254740991)", "(-9007199254740993)",
  "4611686018427387904", "9223372036854775807", "(-9223372036854775807)",
]; // biome-ignore format: a table
const FLOATS = [
  "0.0", "1.0", "2.0", "0.5", "2.5", "-1.5", "-3.0", "1000000.0", "9007199254740993.0", "1.0e300", "1.0e-10", "0.1",
]; // biome-ignore format: a table
const SPECIAL_FLOATS = ["(1.0 / 0.0)", "(-1.0 / 0.0)", "(0.0 / 0.0)", "(0.0 * -1.0)"];
const STRINGS = ['""', '"a"', '"ab"', '"xyz"', '"0"', '"12"', '"été"', '"日本"', '"a b c"', '"quo\\"te"'];

/** A constant of the type, or the smallest value. */
export function literal(scope: Scope, type: Type): string {
  const { dice } = scope;
  switch (type.kind) {
    case "Int":
      if (dice.chance(18)) return dice.pick(CORNER_INTS);
      return dice.chance(80) ? `${dice.between(0, 12)}` : `(-${dice.between(1, 9)})`;
    case "Float": {
      if (dice.chance(8)) return dice.pick(SPECIAL_FLOATS);
      const text = dice.pick(FLOATS);
      return text.startsWith("-") ? `(${text})` : text;
    }
    case "Bool":
      return dice.pick(["true", "false"]);
    case "String":
      return dice.pick(STRINGS);
    case "Unit":
      return "()";
    case "List": {
      const count = dice.between(1, 3); // an empty list of nobody knows what is no program
      return `[${Array.from({ length: count }, () => literal(scope, type.of)).join(", ")}]`;
    }
    case "Set":
      return `#{${literal(scope, type.of)}, ${literal(scope, type.of)}}`;
    case "Map":
      return `%{${literal(scope, type.key)}: ${literal(scope, type.value)}}`;
    case "Option":
      return `Some(${literal(scope, type.of)})`;
    case "Tuple":
      return `(${type.parts.map((part) => literal(scope, part)).join(", ")})`;
    case "Data":
      return construct(dice, dice.pick(type.data.constructors), (field) => literal(scope, field));
    case "Function":
      return `(${parameters(type.params.map(() => scope.world.name("u")))} => ${literal(scope, type.result)})`;
  }
}

function parameters(names: readonly string[]): string {
  return `(${names.join(", ")})`;
}

/** An expression of the type. */
export function expression(scope: Scope, type: Type, depth: number): string {
  const { dice } = scope;
  const leaf = () => {
    const known = dice.chance(75) ? scope.ofType(type) : undefined;
    return known === undefined ? literal(scope, type) : known.name;
  };
  if (depth <= 0 || dice.chance(12)) return leaf();
  const choices: [number, () => string | undefined][] = [
    [3, leaf],
    [6, () => fieldOf(scope, type)],
    ...ways(scope, type, depth - 1),
  ];
  if (scope.isGuard) choices.push([2, () => call(scope, type, depth - 1)]);
  else choices.push(...anyType(scope, type, depth - 1));
  return dice.write(choices, leaf);
}

/** A field of a variable in scope, if one has the type. */
function fieldOf(scope: Scope, type: Type): string | undefined {
  const { dice } = scope;
  const holder = scope.some((variable) => fieldsOf(variable).some((field) => isSame(field.type, type)));
  if (holder === undefined) return undefined;
  const fields = fieldsOf(holder).filter((field) => isSame(field.type, type));
  return `${holder.name}.${dice.pick(fields).name}`;
}

function fieldsOf({ type }: Variable): { name: string; type: Type }[] {
  if (type.kind === "Tuple") return type.parts.map((part, at) => ({ name: `${at}`, type: part }));
  if (type.kind !== "Data" || type.data.constructors.length !== 1) return [];
  return type.data.constructors[0]!.fields.flatMap((field) =>
    field.name === undefined ? [] : [{ name: field.name, type: field.type }],
  );
}

type Ways = [number, () => string | undefined][];

/** What gives a value of any type. */
function anyType(scope: Scope, type: Type, depth: number): Ways {
  const { dice, world } = scope;
  const part = (of: Type) => expression(scope, of, depth);
  const again = () => part(type);
  return [
    [7, () => `(if ${part(BOOL)} then ${again()} else ${again()})`],
    [
      6,
      () => {
        const subject = subjectType(scope);
        return `(${match(
          scope,
          part(subject),
          subject,
          (inner) => body(inner, type, depth - 1),
          (inner) => expression(inner, BOOL, 1),
        )})`;
      },
    ],
    [14, () => call(scope, type, depth)],
    [6, () => (depth > 0 ? block(scope, type, depth - 1) : undefined)],
    [5, () => `(${tryExpression(scope, type, depth)})`],
    [
      2,
      () => {
        const optional = `Map.lookup(${part({ kind: "Map", key: INT, value: type })}, ${part(INT)})`;
        const found = world.name("p");
        return `(match ${optional} { Some(${found}) -> ${found}, None -> ${again()} })`;
      },
    ],
    [2, () => `Option.unwrapOr(${part({ kind: "Option", of: type })}, ${again()})`],
    [2, () => `head(${part({ kind: "List", of: type })})`],
    [2, () => `(${part({ kind: "List", of: type })})[${dice.between(0, 3)}]`],
    [
      2,
      () => {
        const parameter = letVariable(world.name("a"), randomType(dice, world.data, 1));
        const inner = scope.knowing(parameter).but({ result: type, loop: "none" });
        return `(${parameter.name} => ${body(inner, type, depth - 1)})(${part(parameter.type)})`;
      },
    ],
    [
      3,
      () => {
        const accumulator = letVariable(world.name("a"), type);
        const element = letVariable(world.name("x"), randomType(dice, world.data, 1));
        const inner = scope.knowing(accumulator, element).but({ result: type, loop: "none" });
        const list = part({ kind: "List", of: element.type });
        const step = cut(type, body(inner, type, depth - 1));
        return `fold(${list}, ${again()}, (${accumulator.name}, ${element.name}) => ${step})`;
      },
    ],
    [3, () => (depth > 0 ? messageToMyself(scope, type, depth - 1) : undefined)],
    [2, () => (depth > 0 ? loopWithValue(scope, type, depth - 1) : undefined)],
    [1, () => `(if ${part(BOOL)} then ${again()} else ${raise(scope, depth)})`],
  ];
}

/** What may be matched on: something in scope, most of all. */
function subjectType(scope: Scope): Type {
  const known = scope.some(({ type }) => type.kind !== "Function" && type.kind !== "Float");
  if (known !== undefined && scope.dice.chance(60)) return known.type;
  const type = randomType(scope.dice, scope.world.data, 2);
  return type === FLOAT ? INT : type;
}

/** The body of an arm, a lambda, a branch: an expression or a block. */
export function body(scope: Scope, type: Type, depth: number): string {
  return depth > 0 && !scope.isGuard && scope.dice.chance(30)
    ? block(scope, type, depth - 1)
    : expression(scope, type, depth);
}

/** `{ statements; value }` */
export function block(scope: Scope, type: Type, depth: number): string {
  const { lines, scope: after } = statements(scope, scope.dice.between(1, 3), depth);
  return `{\n${indent([...lines, expression(after, type, depth)].join("\n"))}\n}`;
}

/** Calls a function of the program, or a function value, with the result. */
export function call(scope: Scope, type: Type, depth: number): string | undefined {
  const { dice, world, fuel } = scope;
  const arg = (of: Type) => expression(scope, of, depth - 1);
  const value = scope.some(
    (variable) => variable.type.kind === "Function" && isSame(variable.type.result, type) && !scope.isGuard,
  );
  if (value !== undefined && dice.chance(40)) {
    const { params } = value.type as Type & { kind: "Function" };
    return `${value.name}(${params.map(arg).join(", ")})`;
  }
  const known = world.functions.filter(
    (fn) => isSame(fn.result, type) && (!scope.isGuard || fn.isPlain) && (!fn.takesFuel || fuel !== undefined),
  );
  if (known.length === 0) return undefined;
  return callOf(scope, dice.pick(known), depth);
}

export function callOf(scope: Scope, fn: FunctionHead, depth: number): string {
  const args = fn.params.map((param) => expression(scope, param, depth - 1));
  return `${fn.name}(${[...(fn.takesFuel ? [scope.fuel] : []), ...args].join(", ")})`;
}

/** `throw` of something, or an error of the machine's own. */
export function raise(scope: Scope, depth: number): string {
  const { dice } = scope;
  if (dice.chance(10)) return `panic("panic ${dice.below(10)}")`;
  const type = dice.pick([INT, STRING, STRING, { kind: "Tuple", parts: [STRING, INT] } as const, FLOAT, BOOL]);
  const of = dice.chance(70) ? literal(scope, type) : expression(scope, type, depth - 1);
  return `throw(${of})`;
}

/** `try`, with arms, `finally`, or both; not in parentheses. */
export function tryExpression(scope: Scope, type: Type, depth: number): string {
  const { dice, world } = scope;
  const hasCatch = dice.chance(85);
  const tried = block(scope, type, depth - 1);
  let text = `try ${tried}`;
  if (hasCatch) {
    const arms: string[] = [];
    for (let count = dice.between(0, 2); count > 0; count--) {
      const thrown: Type = dice.pick([INT, STRING, { kind: "Tuple", parts: [STRING, INT] }]);
      const found = pattern(scope, thrown, 2);
      if (!found.isTotal) arms.push(`${found.text} -> ${body(scope.knowing(...found.binds), type, depth - 1)}`);
    }
    if (dice.chance(50)) arms.push(`("DivisionByZero", _) -> ${body(scope, type, depth - 1)}`);
    if (dice.chance(75) || arms.length === 0) {
      const error = world.name("e");
      const isText = type.kind === "String" && dice.chance(50);
      arms.push(`${error} -> ${isText ? `"caught \${${error}}"` : body(scope, type, depth - 1)}`);
    }
    text += ` catch {\n${indent(arms.join("\n"))}\n}`;
  }
  if (!hasCatch || dice.chance(35)) {
    // what leaves a `finally` early would hide what it was entered with; statements have a chance of their own for that
    const inside = scope.but({ result: undefined, loop: "none" });
    text += ` finally {\n${indent(statements(inside, dice.between(1, 2), depth - 1).lines.join("\n"))}\n}`;
  }
  return text;
}

/** A message that the process sends itself and receives by its tag. */
function messageToMyself(scope: Scope, type: Type, depth: number): string {
  const { dice, world } = scope;
  const tag = world.name("tag");
  const message = world.name("m");
  const sent = expression(scope, type, depth);
  const noise = dice.chance(30) ? `self() <- ("noise", ${dice.below(9)})\n` : "";
  const inner = scope.knowing(letVariable(message, type));
  const arms = [`("${tag}", ${message}) -> ${dice.chance(60) ? message : body(inner, type, depth)}`];
  // nobody else knows the tag, so there is always such a message
  if (dice.chance(25)) arms.unshift(`("never", _) -> ${literal(scope, type)}`);
  const after = dice.chance(40) ? `\nafter ${dice.pick([0, 1, 10])} -> ${body(scope, type, depth)}` : "";
  return `{\n${indent(`${noise}self() <- ("${tag}", ${sent})\nreceive {\n${indent(arms.join("\n") + after)}\n}`)}\n}`;
}

/** `while true` with a `break` that carries the value. */
function loopWithValue(scope: Scope, type: Type, depth: number): string {
  const { dice, world } = scope;
  const turn: Variable = { name: world.name("i"), type: INT, isAssignable: false };
  const inner = scope.knowing(turn).but({ loop: "value" });
  const { lines, scope: after } = statements(inner, dice.between(0, 2), depth);
  const until = `if ${turn.name} > ${dice.between(1, 4)} || ${expression(after, BOOL, 1)} then break ${expression(after, type, depth)}`;
  const turns = [`${turn.name} = ${turn.name} + 1`, ...lines, until];
  return `{\n${indent(`var ${turn.name} = 0\nwhile true {\n${indent(turns.join("\n"))}\n}`)}\n}`;
}

/** Keeps what is computed again and again from growing without end. */
export function cut(type: Type, text: string): string {
  if (type.kind === "String") return `String.take(${text}, 40)`;
  if (type.kind === "List") return `take(${text}, 8)`;
  return text;
}

/** What gives values of just this type. */
function ways(scope: Scope, type: Type, depth: number): Ways {
  const { dice, world } = scope;
  const part = (of: Type) => expression(scope, of, depth);
  const listOf = (of: Type): Type => ({ kind: "List", of });
  const some = () => randomType(dice, world.data, 1);
  switch (type.kind) {
    case "Int":
      return [
        [24, () => `(${part(INT)} ${dice.pick(["+", "+", "-", "*", "*"])} ${part(INT)})`],
        [6, () => `(${part(INT)} ${dice.pick(["/", "%"])} ${dice.pick(["2", "3", "7", "10", "1000", "2147483648"])})`],
        [2, () => `(${part(INT)} ${dice.pick(["/", "%"])} ${part(INT)})`],
        [3, () => `((${part(INT)} * 1103515245 + 12345) % 2147483648)`],
        [1, () => `(${part(INT)} ** ${dice.between(0, 5)})`],
        [2, () => `(-${part(INT)})`],
        [2, () => `${dice.pick(["floor", "round", "asInt"])}(${part(FLOAT)})`],
        [2, () => `${dice.pick(["min", "max"])}(${part(INT)}, ${part(INT)})`],
        [1, () => `abs(${part(INT)})`],
        [2, () => `length(${part(listOf(some()))})`],
        [2, () => `String.length(${part(STRING)})`],
        [2, () => `sum(${part(listOf(INT))})`],
        [1, () => `Map.size(${part({ kind: "Map", key: randomKey(dice), value: some() })})`],
        [1, () => `Set.size(${part({ kind: "Set", of: randomKey(dice) })})`],
        [1, () => `hash(${part(some())})`],
        [3, () => bump(scope, depth)],
      ];
    case "Float":
      return [
        [20, () => `(${part(FLOAT)} ${dice.pick(["+", "-", "*", "/"])} ${part(FLOAT)})`],
        [3, () => `(${part(FLOAT)} ${dice.pick(["+", "-", "*"])} ${part(INT)})`],
        [3, () => `(${part(INT)} ${dice.pick(["+", "-", "*"])} ${part(FLOAT)})`],
        [2, () => `(-${part(FLOAT)})`],
        [3, () => `toFloat(${part(INT)})`],
        [2, () => `sqrt(${part(FLOAT)})`],
        [1, () => `${dice.pick(["min", "max"])}(${part(FLOAT)}, ${part(FLOAT)})`],
        [1, () => `abs(${part(FLOAT)})`],
        [2, () => `sum(${part(listOf(FLOAT))})`],
      ];
    case "Bool":
      return [
        [20, () => `(${part(INT)} ${dice.pick(["<", ">", "<=", ">=", "==", "!="])} ${part(INT)})`],
        [8, () => `(${part(FLOAT)} ${dice.pick(["<", ">", "<=", ">=", "==", "!="])} ${part(FLOAT)})`],
        [4, () => `(${part(STRING)} ${dice.pick(["<", ">=", "==", "!="])} ${part(STRING)})`],
        [
          4,
          () => {
            const compared = some();
            return `(${part(compared)} ${dice.pick(["==", "!="])} ${part(compared)})`;
          },
        ],
        [8, () => `(${part(BOOL)} ${dice.pick(["&&", "||"])} ${part(BOOL)})`],
        [3, () => `(!${part(BOOL)})`],
        [2, () => `isEmpty(${part(listOf(some()))})`],
        [2, () => `contains(${part(listOf(INT))}, ${part(INT)})`],
        [2, () => `String.contains(${part(STRING)}, ${part(STRING)})`],
        [2, () => predicate(scope, depth, (list, lambda) => `${dice.pick(["any", "all"])}(${list}, ${lambda})`)],
      ];
    case "String":
      return [
        [10, () => `(${part(STRING)} ++ ${part(STRING)})`],
        [8, () => interpolation(scope, depth)],
        [5, () => `show(${part(some())})`],
        [1, () => `String.repeat(${part(STRING)}, ${dice.between(0, 3)})`],
        [1, () => `String.${dice.pick(["toUpper", "reverse", "trim"])}(${part(STRING)})`],
        [1, () => `String.take(${part(STRING)}, ${dice.between(0, 5)})`],
        [1, () => `(${part(STRING)})[${dice.between(0, 2)}]`],
        [2, () => `String.join(${part(listOf(STRING))}, ",")`],
      ];
    case "Unit":
      return [[4, () => `println(${part(some())})`]];
    case "List": {
      const { of } = type;
      return [
        [8, () => `[${Array.from({ length: dice.between(1, 4) }, () => part(of)).join(", ")}]`],
        [4, () => `[${part(of)} | ${part(type)}]`],
        [4, () => `(${part(type)} ++ ${part(type)})`],
        [2, () => `(${part(of)} :: ${part(type)})`],
        [5, () => comprehension(scope, of, depth)],
        [
          4,
          () => {
            const [parameter, inner] = lambdaOf(scope, some(), of);
            return `map(${part(listOf(parameter.type))}, ${parameter.name} => ${body(inner, of, depth - 1)})`;
          },
        ],
        [
          3,
          () => {
            const [parameter, inner] = lambdaOf(scope, of, BOOL);
            return `${part(type)}.filter(${parameter.name} => ${body(inner, BOOL, depth - 1)})`;
          },
        ],
        [1, () => (of === INT || of === STRING || of === FLOAT ? `sort(${part(type)})` : undefined)],
        [1, () => (of === INT ? sorted(scope, type, depth) : undefined)],
        [3, () => (of === INT ? `[${dice.between(0, 3)}..${dice.between(0, 9)}]` : undefined)],
        [2, () => (of === INT ? `range(${dice.between(0, 12)})` : undefined)],
        [1, () => `reverse(${part(type)})`],
        [1, () => `${dice.pick(["take", "drop"])}(${part(type)}, ${part(INT)} % 5)`],
        [1, () => `tail(${part(type)})`],
        [1, () => (of.kind === "Tuple" && of.parts.length === 2 ? zip(scope, of.parts, depth) : undefined)],
      ];
    }
    case "Set":
      return [
        [4, () => `#{${part(type.of)}, ${part(type.of)}}`],
        [3, () => `Set.insert(${part(type)}, ${part(type.of)})`],
        [1, () => `Set.remove(${part(type)}, ${part(type.of)})`],
        [2, () => `Set.${dice.pick(["union", "intersection", "difference"])}(${part(type)}, ${part(type)})`],
        [2, () => `Set.fromList(${part(listOf(type.of))})`],
      ];
    case "Map":
      return [
        [4, () => `%{${part(type.key)}: ${part(type.value)}, ${part(type.key)}: ${part(type.value)}}`],
        [4, () => `Map.insert(${part(type)}, ${part(type.key)}, ${part(type.value)})`],
        [1, () => `Map.remove(${part(type)}, ${part(type.key)})`],
        [1, () => `Map.union(${part(type)}, ${part(type)})`],
      ];
    case "Option":
      return [
        [4, () => `Some(${part(type.of)})`],
        [2, () => (depth > 0 ? `(if ${part(BOOL)} then ${part(type)} else None)` : undefined)],
        [
          2,
          () => {
            const [parameter, inner] = lambdaOf(scope, type.of, BOOL);
            return `find(${part(listOf(type.of))}, ${parameter.name} => ${body(inner, BOOL, depth - 1)})`;
          },
        ],
      ];
    case "Tuple":
      return [[8, () => `(${type.parts.map(part).join(", ")})`]];
    case "Data": {
      const { constructors } = type.data;
      const record = constructors.length === 1 ? constructors[0]!.fields[0]?.name : undefined;
      return [
        [8, () => construct(dice, dice.pick(constructors), part)],
        [
          3,
          () => {
            if (record === undefined || type.data.isMutable) return undefined;
            const field = dice.pick(constructors[0]!.fields);
            return `${constructors[0]!.name}(${part(type)}, ${field.name}: ${part(field.type)})`;
          },
        ],
      ];
    }
    case "Function":
      return [[8, () => lambda(scope, type, depth)]];
  }
}

/** A new parameter, and the scope of a lambda of it with that result. */
function lambdaOf(scope: Scope, of: Type, result: Type): [Variable, Scope] {
  const parameter = letVariable(scope.world.name("a"), of);
  return [parameter, scope.knowing(parameter).but({ result, loop: "none" })];
}

export function lambda(scope: Scope, type: Type & { kind: "Function" }, depth: number): string {
  const params = type.params.map((param) => letVariable(scope.world.name("a"), param));
  const inner = scope.knowing(...params).but({ result: type.result, loop: "none" });
  return `(${parameters(params.map(({ name }) => name))} => ${body(inner, type.result, depth)})`;
}

function predicate(scope: Scope, depth: number, write: (list: string, lambda: string) => string): string {
  const [parameter, inner] = lambdaOf(scope, randomType(scope.dice, scope.world.data, 1), BOOL);
  const list = expression(scope, { kind: "List", of: parameter.type }, depth);
  return write(list, `${parameter.name} => ${body(inner, BOOL, depth - 1)}`);
}

function comprehension(scope: Scope, of: Type, depth: number): string {
  const { dice, world } = scope;
  const element = randomType(dice, world.data, 1);
  const found = element.kind === "Tuple" ? pattern(scope, element, 1) : undefined;
  const simple = letVariable(world.name("x"), element);
  const binds = found?.isTotal === true ? found.binds : [simple];
  const inner = scope.knowing(...binds).but({ result: undefined, loop: "none" });
  const condition = dice.chance(50) ? ` if ${expression(inner, BOOL, depth - 1)}` : "";
  const list = expression(scope, { kind: "List", of: element }, depth);
  const name = found?.isTotal === true ? found.text : simple.name;
  return `[${expression(inner, of, depth)} for ${name} in ${list}${condition}]`;
}

function sorted(scope: Scope, type: Type, depth: number): string {
  const a = letVariable(scope.world.name("a"), INT);
  const b = letVariable(scope.world.name("a"), INT);
  const inner = scope.knowing(a, b).but({ result: INT, loop: "none" });
  const compare = scope.dice.chance(50)
    ? `if ${a.name} < ${b.name} then -1 else 1`
    : body(inner, INT, Math.min(depth - 1, 1));
  return `sortBy(${expression(scope, type, depth)}, (${a.name}, ${b.name}) => ${compare})`;
}

function zip(scope: Scope, parts: readonly Type[], depth: number): string {
  return `zip(${parts.map((of) => expression(scope, { kind: "List", of }, depth)).join(", ")})`;
}

function interpolation(scope: Scope, depth: number): string {
  const { dice, world } = scope;
  const parts = Array.from({ length: dice.between(1, 3) }, () => {
    const of = randomType(dice, world.data, 1);
    // what holds quotes or braces of its own is bound to a name first, by who reads it too
    const known = scope.ofType(of);
    if (known !== undefined) return `\${${known.name}}`;
    return dice.chance(50) ? `\${${expression(scope, INT, depth - 1)}}` : "-";
  });
  return `"${parts.join(" ")}"`;
}

/** Adds to an mvar; what it then holds depends on the order of processes. */
function bump(scope: Scope, depth: number): string | undefined {
  const { world } = scope;
  if (world.mvars.length === 0 || scope.isGuard || world.sort === "lines" || scope.fuel === undefined) return undefined;
  return `bump_${scope.dice.pick(world.mvars)}(${expression(scope, INT, depth - 1)})`;
}
