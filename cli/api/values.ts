/**
 * The values of Nostos that JavaScript has no form of its own for. docs/typescript.md has the whole table.
 */

/** A process of one machine. The same object for the same process, so `===` compares. */
export class Pid {
  readonly id: number;
  /** @internal */
  readonly owner: object;

  /** @internal */
  constructor(id: number, owner: object) {
    this.id = id;
    this.owner = owner;
  }

  toString(): string {
    return `<pid ${this.id}>`;
  }
}

/** What `monitor` and `makeRef()` give. The same object for the same Ref. */
export class Ref {
  readonly id: number;
  /** @internal */
  readonly owner: object;

  /** @internal */
  constructor(id: number, owner: object) {
    this.id = id;
    this.owner = owner;
  }

  toString(): string {
    return `<ref ${this.id}>`;
  }
}

/** `(1, "a")`; an array is a list. */
export class Tuple<Items extends readonly unknown[] = readonly unknown[]> {
  readonly items: Items;

  constructor(items: Items) {
    this.items = items;
  }
}

/** `Circle(2.0)`: a constructor's name and its fields, an array, or an object where they have names. */
export class Variant {
  readonly tag: string;
  readonly fields: readonly unknown[] | Readonly<Record<string, unknown>>;
  /** the type's name; of one that you make it is needed only where several types have such a constructor */
  readonly type: string | undefined;

  constructor(tag: string, fields: readonly unknown[] | Readonly<Record<string, unknown>> = [], type?: string) {
    this.tag = tag;
    this.fields = fields;
    this.type = type;
  }
}

/** A Float; needed where its value is an integer, since `3` is an Int. Floats come as numbers. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A Char: one code point. A string is a String. */
export class Char {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Anything else: a function, a Decimal, an Int8 … It can be shown, and given back to the machine it came from. */
export class Opaque {
  /** as `show` gives it */
  readonly text: string;
  /** @internal */
  readonly value: unknown;
  /** @internal */
  readonly owner: object;

  /** @internal */
  constructor(text: string, value: unknown, owner: object) {
    this.text = text;
    this.value = value;
    this.owner = owner;
  }

  toString(): string {
    return this.text;
  }
}

/** Where an object that is a record of a declared type keeps the type's name. */
export const recordType: unique symbol = Symbol("nostos.recordType");

/** A record of a declared type, `Point(x: 1, y: 2)`. A plain object is a record without a type, `{x: 1, y: 2}`. */
export function record<Fields extends Readonly<Record<string, unknown>>>(
  type: string,
  fields: Fields,
): Fields & { readonly [recordType]: string } {
  const made = Object.fromEntries(Object.entries(fields));
  Object.defineProperty(made, recordType, { value: type });
  return made as Fields & { readonly [recordType]: string };
}

/** `variant("Circle", 2.5)` is `Circle(2.5)`. */
export function variant(tag: string, ...fields: readonly unknown[]): Variant {
  return new Variant(tag, fields);
}

/** `tuple(1, "a")` is `(1, "a")`. */
export function tuple<Items extends readonly unknown[]>(...items: Items): Tuple<Items> {
  return new Tuple(items);
}
