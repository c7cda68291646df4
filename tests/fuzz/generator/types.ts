/**
 * The types that generated programs use, as data.
 *
 * Stays true: values of every type here have a finite text and can be shown, except of functions and what holds them.
 */
import type { Dice } from "./dice.ts";

export type Type =
  | { readonly kind: "Int" | "Float" | "Bool" | "String" | "Unit" }
  | { readonly kind: "List" | "Set" | "Option"; readonly of: Type }
  | { readonly kind: "Tuple"; readonly parts: readonly Type[] }
  | { readonly kind: "Map"; readonly key: Type; readonly value: Type }
  | { readonly kind: "Data"; readonly data: DataType }
  | { readonly kind: "Function"; readonly params: readonly Type[]; readonly result: Type };

/** A type that the program declares. */
export interface DataType {
  readonly name: string;
  /** `var type`: one constructor, its fields can be assigned */
  readonly isMutable: boolean;
  readonly constructors: readonly Constructor[];
}

export interface Constructor {
  readonly name: string;
  /** of a record, or of a constructor in braces: all fields have names; else none has */
  readonly fields: readonly { readonly name: string | undefined; readonly type: Type }[];
}

export const INT: Type = { kind: "Int" };
export const FLOAT: Type = { kind: "Float" };
export const BOOL: Type = { kind: "Bool" };
export const STRING: Type = { kind: "String" };
export const UNIT: Type = { kind: "Unit" };

/** As the program writes it; two types are the same if their texts are. */
export function textOf(type: Type): string {
  switch (type.kind) {
    case "Unit":
      return "()";
    case "List":
      return `[${textOf(type.of)}]`;
    case "Set":
    case "Option":
      return `${type.kind}[${textOf(type.of)}]`;
    case "Tuple":
      return `(${type.parts.map(textOf).join(", ")})`;
    case "Map":
      return `Map[${textOf(type.key)}, ${textOf(type.value)}]`;
    case "Data":
      return type.data.name;
    case "Function":
      return `(${type.params.map(textOf).join(", ")}) -> ${textOf(type.result)}`;
    default:
      return type.kind;
  }
}

export function isSame(a: Type, b: Type): boolean {
  return textOf(a) === textOf(b);
}

/** A type of values that can be shown and compared; `depth` bounds how far it nests. */
export function randomType(dice: Dice, declared: readonly DataType[], depth: number): Type {
  const inner = () => randomType(dice, declared, depth - 1);
  const choice = dice.below(depth > 0 ? 100 : 62);
  if (choice < 30) return INT;
  if (choice < 42) return FLOAT;
  if (choice < 48) return BOOL;
  if (choice < 62) return STRING;
  if (choice < 74) return { kind: "List", of: inner() };
  if (choice < 82) return { kind: "Tuple", parts: dice.chance(70) ? [inner(), inner()] : [inner(), inner(), inner()] };
  if (choice < 86) return { kind: "Option", of: inner() };
  if (choice < 89) return { kind: "Map", key: randomKey(dice), value: inner() };
  if (choice < 91) return { kind: "Set", of: randomKey(dice) };
  const shown = declared.filter(({ isMutable }) => !isMutable);
  return shown.length === 0 ? INT : { kind: "Data", data: dice.pick(shown) };
}

/** What maps and sets take as keys. */
export function randomKey(dice: Dice): Type {
  return dice.pick([INT, INT, STRING, STRING, BOOL, { kind: "Tuple", parts: [INT, STRING] }]);
}
