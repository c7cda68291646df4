/**
 * What is known at one place of a generated program: which names there are, and what may be written here.
 *
 * Stays true: every name is new in its program, so nothing is shadowed, and a name in a pattern binds.
 */
import type { Dice } from "./dice.ts";
import { type Constructor, type DataType, isSame, type Type } from "./types.ts";

export interface Variable {
  readonly name: string;
  readonly type: Type;
  readonly isAssignable: boolean;
}

/** A function of the program's top level. Its first parameter, when it takes fuel, is an Int that calls make smaller. */
export interface FunctionHead {
  readonly name: string;
  readonly takesFuel: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  /** neither sends nor receives, also in what it calls: a guard may call it */
  readonly isPlain: boolean;
}

/**
 * single    one process; the output is the same whatever the slices are
 * lines     several processes; the lines are the same, their order is free
 * racy      several processes, and what they see depends on who comes first
 */
export type Sort = "single" | "lines" | "racy";

/** The whole program. */
export class World {
  readonly dice: Dice;
  readonly sort: Sort;
  readonly data: DataType[] = [];
  readonly functions: FunctionHead[] = [];
  /** mvars of Int, each with a function `bump_NAME(n)` that adds to it and gives the sum */
  readonly mvars: string[] = [];
  private count = 0;

  constructor(dice: Dice, sort: Sort) {
    this.dice = dice;
    this.sort = sort;
  }

  name(prefix: string): string {
    return `${prefix}${++this.count}`;
  }
}

export class Scope {
  readonly world: World;
  readonly variables: readonly Variable[];
  /** what `return` gives; undefined: it may not be written here */
  readonly result: Type | undefined;
  /** `break` and `continue` may be written here; of a loop whose `break` carries its value, only `continue` */
  readonly loop: "none" | "plain" | "value";
  /** what a call of a function of the program gets as its fuel; undefined: none may be called */
  readonly fuel: string | undefined;
  /** a guard: what may wait, or have an effect, may not be written here */
  readonly isGuard: boolean;

  constructor(facts: Pick<Scope, "world" | "variables" | "result" | "loop" | "fuel" | "isGuard">) {
    this.world = facts.world;
    this.variables = facts.variables;
    this.result = facts.result;
    this.loop = facts.loop;
    this.fuel = facts.fuel;
    this.isGuard = facts.isGuard;
  }

  get dice(): Dice {
    return this.world.dice;
  }

  /** The same place with something changed. */
  but(changes: Partial<Pick<Scope, "variables" | "result" | "loop" | "fuel" | "isGuard">>): Scope {
    return new Scope({ ...this, ...changes });
  }

  /** The same place where these are known too. */
  knowing(...more: readonly Variable[]): Scope {
    return this.but({ variables: [...this.variables, ...more] });
  }

  /** A variable that fits, the newer the likelier. */
  some(fits: (variable: Variable) => boolean): Variable | undefined {
    const fitting = this.variables.filter(fits);
    if (fitting.length === 0) return undefined;
    const newest = fitting.slice(-4);
    return this.dice.pick(this.dice.chance(70) ? newest : fitting);
  }

  ofType(type: Type): Variable | undefined {
    return this.some((variable) => isSame(variable.type, type));
  }
}

export function letVariable(name: string, type: Type): Variable {
  return { name, type, isAssignable: false };
}

/** `C(a, b)`, by position or, where fields have names, sometimes by name. */
export function construct(dice: Dice, constructor: Constructor, write: (type: Type) => string): string {
  const { name, fields } = constructor;
  if (fields.length === 0) return name;
  const named = fields[0]!.name !== undefined && dice.chance(30);
  return `${name}(${fields.map((field) => (named ? `${field.name}: ` : "") + write(field.type)).join(", ")})`;
}
