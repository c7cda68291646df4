/**
 * Making and reading the objects behind tuples, variants and records.
 *
 * The trick: the fields lie in the object itself, under one letter each, and there are four classes by how many they have
 * room for. One object a record instead of an object and an array halves the memory of a tree's node, and building and
 * walking trees takes about 0.6 of the time. No more than four, because V8 keeps an access that met up to four shapes fast:
 * so code that handles records of any kind (equality, copying, the interpreter) stays fast too.
 *
 *   Data { type, a, b }   Data4 + { c, d }   Data8 + { e, f, g, h }   DataMany + { rest }     rest[0] is the ninth field
 *
 * A tuple is one of them whose type says its size; arrays of items would be of another sort for doubles than for anything
 * else, and code that meets both sorts is several times slower.
 *
 * R1  The class follows from the number of fields alone, and that is `type.arity`; room that is left over is undefined.
 * R2  There is one object of each constructor without fields (`type.only`), unless it is of a `var type`.
 */
import type { InternedType } from "./data-types.ts";
import { Cell, Cons, Data, Data4, Data8, DataMany, NIL, UNIT, type Value } from "./value.ts";

type Fields = readonly (Value | undefined)[];

/** fields that lie in the object itself */
export const INLINE_FIELDS = 8;

/** A record or variant of `fields[from]` and what follows, as many as the type has. */
export function makeData(type: InternedType, fields: Fields, from = 0): Data {
  switch (type.arity) {
    case 0:
      return type.only ?? new Data(type, undefined, undefined);
    case 1:
      return new Data(type, fields[from], undefined);
    case 2:
      return new Data(type, fields[from], fields[from + 1]);
    case 3:
    case 4:
      return new Data4(type, fields[from], fields[from + 1], fields[from + 2], at(type, fields, from, 3));
    default: {
      const a = fields[from];
      const b = fields[from + 1];
      const c = fields[from + 2];
      const d = fields[from + 3];
      const e = fields[from + 4];
      const f = at(type, fields, from, 5);
      const g = at(type, fields, from, 6);
      const h = at(type, fields, from, 7);
      if (type.arity <= INLINE_FIELDS) return new Data8(type, a, b, c, d, e, f, g, h);
      const rest = fields.slice(from + INLINE_FIELDS, from + type.arity) as Value[];
      return new DataMany(type, a, b, c, d, e, f, g, h, rest);
    }
  }
}

/** What stands there, but nothing beyond the fields of this one (R1). */
function at(type: InternedType, fields: Fields, from: number, position: number): Value | undefined {
  return position < type.arity ? fields[from + position] : undefined;
}

/** The field at a position; undefined past the last. */
export function fieldAt(data: Data, position: number): Value | undefined {
  switch (position) {
    case 0:
      return data.a;
    case 1:
      return data.b;
    case 2:
      return (data as Data4).c;
    case 3:
      return (data as Data4).d;
    case 4:
      return (data as Data8).e;
    case 5:
      return (data as Data8).f;
    case 6:
      return (data as Data8).g;
    case 7:
      return (data as Data8).h;
    default:
      return data instanceof DataMany ? data.rest[position - INLINE_FIELDS] : undefined;
  }
}

/** Writes in place: for records of a `var type`, and for a copy nobody has seen. The position is one that the type has. */
export function setFieldAt(data: Data, position: number, value: Value): void {
  switch (position) {
    case 0:
      data.a = value;
      return;
    case 1:
      data.b = value;
      return;
    case 2:
      (data as Data4).c = value;
      return;
    case 3:
      (data as Data4).d = value;
      return;
    case 4:
      (data as Data8).e = value;
      return;
    case 5:
      (data as Data8).f = value;
      return;
    case 6:
      (data as Data8).g = value;
      return;
    case 7:
      (data as Data8).h = value;
      return;
    default:
      (data as DataMany).rest[position - INLINE_FIELDS] = value;
  }
}

const tupleTypes: InternedType[] = [];

/** The type of the tuples of this size. */
export function tupleType(size: number): InternedType {
  let type = tupleTypes[size];
  if (type === undefined) {
    type = newTupleType(size);
    tupleTypes[size] = type;
  }
  return type;
}

function newTupleType(size: number): InternedType {
  const type = {
    sort: "tuple" as const,
    module: "",
    type: "Tuple",
    name: "",
    arity: size,
    tag: 0,
    isMutable: false,
    positions: new Map<string, number>(),
    family: { size },
    sorted: Array.from({ length: size }, (_, position) => position),
    key: "",
    hash: 0x7409 + size,
    only: undefined as Data | undefined,
    shape: undefined as unknown as InternedType,
  };
  type.shape = type;
  if (size === 0) type.only = new Data(type, undefined, undefined);
  return type;
}

export function isTuple(value: Value | undefined): value is Data {
  return value instanceof Data && value.type.sort === "tuple";
}

export function isPair(value: Value | undefined): value is Data {
  return value instanceof Data && value.type === PAIR;
}

export function makeTuple(items: readonly Value[]): Data {
  return makeData(tupleType(items.length), items);
}

const PAIR = tupleType(2);

export function makePair(first: Value, second: Value): Data {
  return new Data(PAIR, first, second);
}

/** All fields in their order, as an array of the caller's own. */
export function fieldsOf(data: Data): Value[] {
  const fields: Value[] = [];
  for (let i = 0; i < data.type.arity; i++) fields.push(fieldAt(data, i) as Value);
  return fields;
}

/** Another object with the same fields. */
export function cloneData(data: Data): Data {
  return makeData(data.type, fieldsOf(data));
}

/**
 * V8 notes what a field has held so far, keeps it in a form made for that, and throws away code that counted on it when
 * something else comes. So every class that holds values gets some of each sort before the first program runs.
 */
for (const value of [1, 0.5, 2 ** 40, "", true, UNIT, NIL]) {
  new Data(PAIR, value, value);
  new Data4(PAIR, value, value, value, value);
  new Data8(PAIR, value, value, value, value, value, value, value, value);
  new DataMany(PAIR, value, value, value, value, value, value, value, value, [value]);
  const cell = new Cons(value, new Cons(value, NIL));
  cell.tail = NIL;
  new Cell(value).value = value;
}
