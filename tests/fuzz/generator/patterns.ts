/** Writes patterns for values of a type, and `match` over them. */
import { literal } from "./expressions.ts";
import { letVariable, type Scope, type Variable } from "./scope.ts";
import { INT, STRING, type Type } from "./types.ts";

export interface Pattern {
  readonly text: string;
  readonly binds: readonly Variable[];
  /** it fits every value of its type */
  readonly isTotal: boolean;
}

const WILDCARD: Pattern = { text: "_", binds: [], isTotal: true };

/** A pattern for values of the type; `depth` bounds how far it looks into them. */
export function pattern(scope: Scope, type: Type, depth: number): Pattern {
  const { dice, world } = scope;
  if (dice.chance(12)) return WILDCARD;
  if (depth <= 0 || dice.chance(25) || type.kind === "Function" || type.kind === "Float") return bind(scope, type);
  switch (type.kind) {
    case "Int": {
      if (dice.chance(25)) {
        const from = dice.between(-4, 5);
        return partial(`${from}..${dice.chance(50) ? "=" : ""}${from + dice.between(1, 9)}`);
      }
      const known = scope.some((variable) => variable.type.kind === "Int" && !variable.isAssignable);
      if (known !== undefined && dice.chance(20)) return partial(`^${known.name}`);
      if (dice.chance(25)) return partial(`${dice.between(0, 3)} | ${dice.between(4, 9)} | -${dice.between(1, 5)}`);
      return partial(`${dice.between(-2, 6)}`);
    }
    case "Bool":
      return partial(dice.pick(["true", "false"]));
    case "Unit":
      return { text: "()", binds: [], isTotal: true };
    case "String": {
      if (dice.chance(30)) {
        const rest = letVariable(world.name("s"), STRING);
        return { text: `["${dice.pick(["a", "x", "1"])}" | ${rest.name}]`, binds: [rest], isTotal: false };
      }
      return partial(dice.pick(['""', '"a"', '"ab"', '"x" | "yy"', '"0"']));
    }
    case "Tuple": {
      const parts = type.parts.map((part) => pattern(scope, part, depth - 1));
      return together(`(${parts.map(inside).join(", ")})`, parts, true);
    }
    case "List": {
      if (dice.chance(15)) return partial("[]");
      const heads = Array.from({ length: dice.between(1, 2) }, () => pattern(scope, type.of, depth - 1));
      const tail = dice.chance(65) ? pattern(scope, type, 0) : undefined;
      const parts = tail === undefined ? heads : [...heads, tail];
      return together(`[${heads.map(inside).join(", ")}${tail === undefined ? "" : ` | ${tail.text}`}]`, parts, false);
    }
    case "Option": {
      if (dice.chance(30)) return partial("None");
      const part = pattern(scope, type.of, depth - 1);
      return together(`Some(${part.text})`, [part], false);
    }
    case "Map": {
      const value = pattern(scope, type.value, depth - 1);
      if (type.key.kind === "Tuple") return bind(scope, type);
      return together(`%{${literalKey(scope, type.key)}: ${value.text}}`, [value], false);
    }
    case "Set":
      return type.of.kind === "Tuple" ? bind(scope, type) : partial(`#{${literalKey(scope, type.of)}}`);
    case "Data": {
      const { constructors } = type.data;
      const made = dice.pick(constructors);
      const parts = made.fields.map((field) => pattern(scope, field.type, depth - 1));
      const only = constructors.length === 1;
      if (made.fields.length === 0) return together(made.name, [], only);
      if (made.fields[0]!.name === undefined || dice.chance(40))
        return together(`${made.name}(${parts.map(inside).join(", ")})`, parts, only);
      const fields = made.fields.map((field, i) => `${field.name}: ${parts[i]!.text}`);
      const text = only && dice.chance(50) ? `{${fields.join(", ")}}` : `${made.name}{${fields.join(", ")}}`;
      return together(text, parts, only);
    }
  }
}

/** Int and String keys, and Bools, as literals. */
function literalKey(scope: Scope, key: Type): string {
  return key.kind === "Int" ? `${scope.dice.between(0, 4)}` : literal(scope, key);
}

function bind(scope: Scope, type: Type): Pattern {
  const variable = letVariable(scope.world.name("p"), type);
  return { text: variable.name, binds: [variable], isTotal: true };
}

function partial(text: string): Pattern {
  return { text, binds: [], isTotal: false };
}

function together(text: string, parts: readonly Pattern[], isTotal: boolean): Pattern {
  return {
    text,
    binds: parts.flatMap(({ binds }) => binds),
    isTotal: isTotal && parts.every((part) => part.isTotal),
  };
}

/** Alternatives stand in parentheses where a list or a tuple goes on behind them. */
function inside({ text }: Pattern): string {
  return text.includes(" | ") && !/^[[({%#A-Z]/.test(text) ? `(${text})` : text;
}

/**
 * `match subject { … }`.
 * @param body  writes the body of an arm
 * @param guard  writes a condition
 */
export function match(
  scope: Scope,
  subject: string,
  type: Type,
  body: (inner: Scope) => string,
  guard: (inner: Scope) => string,
): string {
  const { dice } = scope;
  const arms: string[] = [];
  let isTotal = false;
  for (let count = dice.between(1, 3); count > 0 && !isTotal; count--) {
    const found = pattern(scope, type, 2);
    const inner = scope.knowing(...found.binds);
    const when = dice.chance(30) ? ` when ${guard(inner.but({ isGuard: true, result: undefined, loop: "none" }))}` : "";
    arms.push(`${found.text}${when} -> ${body(inner)}`);
    isTotal = found.isTotal && when === "";
  }
  // what fits nothing raises MatchFailed, where the checker lets it pass
  const mayFail = (type === INT || type === STRING || type.kind === "List") && dice.chance(8);
  if (!isTotal && !mayFail) arms.push(`_ -> ${body(scope)}`);
  return `match ${subject} {\n${indent(arms.join("\n"))}\n}`;
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "    ");
}
