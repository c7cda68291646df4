/**
 * Copies of what is mutable in a value, made when it leaves its process, and for `copy(x)`.
 *
 * The trick: one walk with an explicit stack. What is mutable gets its copy when it is met, so cycles end there; what is
 * not is looked at again when its parts are done, and made anew only if a part of it changed.
 *
 * Y1  What is shared inside the value is shared inside the copy.
 * Y2  What holds nothing mutable is not copied. Reactive records never are.
 * Y3  Cycles only pass through mutable things and through closures, which may name themselves; so those get their copy
 *     early, and everything else has its parts done before itself.
 */
import { forEachEntry, mapParts } from "./champ.ts";
import { cloneData, fieldAt, setFieldAt } from "./data.ts";
import {
  Buffer,
  Cell,
  Closure,
  Cons,
  Data,
  type List,
  MapValue,
  SetValue,
  TinyObject,
  Tuple,
  TypedArray,
  type Value,
} from "./value.ts";

/** The copy, and how many objects were looked at. */
export interface Copied {
  readonly value: Value;
  readonly work: number;
}

type Composite = Cons | Tuple | Data | MapValue | SetValue | Closure | Cell | TypedArray | Buffer | TinyObject;

/** On the stack: the parts of this one are done. */
class Finish {
  readonly value: Composite;
  constructor(value: Composite) {
    this.value = value;
  }
}

/** Y1–Y3 */
export function copyForSend(value: Value): Copied {
  if (!isComposite(value)) return { value, work: 1 };
  const done = new Map<Composite, Value>();
  const part = (child: Value): Value => (isComposite(child) ? (done.get(child) ?? child) : child);
  const todo: (Composite | Finish)[] = [value];
  let work = 0;
  while (todo.length > 0) {
    const next = todo.pop() as Composite | Finish;
    if (next instanceof Finish) {
      finish(next.value, done, part);
    } else if (!done.has(next)) {
      if (next instanceof Cons) {
        const passed = passSimple(next, done, todo);
        work += passed;
        if (passed > 0) continue;
      }
      work++;
      const early = earlyCopy(next);
      if (early !== undefined) done.set(next, early);
      todo.push(new Finish(next));
      forEachPart(next, (child) => {
        if (isComposite(child) && !done.has(child)) todo.push(child);
      });
    }
  }
  return { value: part(value), work };
}

/** So far apart are the cells that are remembered of a list without mutable parts. */
const MARK_EVERY = 64;

/**
 * Passes the cells at the front of a list whose elements hold nothing: they change only if what follows does.
 * @returns how many; 0 leaves everything to the caller
 */
function passSimple(list: Cons, done: Map<Composite, Value>, todo: (Composite | Finish)[]): number {
  const cells: Cons[] = [];
  let rest: List = list;
  while (rest instanceof Cons && !isComposite(rest.head) && !done.has(rest)) {
    cells.push(rest);
    rest = rest.tail;
  }
  if (!(rest instanceof Cons) || done.get(rest) === rest) {
    for (let i = 0; i < cells.length; i += MARK_EVERY) done.set(cells[i] as Cons, cells[i] as Cons); // Y2
  } else {
    for (const cell of cells) todo.push(new Finish(cell));
    if (cells.length > 0) todo.push(rest);
  }
  return cells.length;
}

/** Whether a send of this value has to copy. Looks at every part until it finds something mutable. */
export function mayHoldMutables(value: Value): boolean {
  if (!isComposite(value)) return false;
  const seen = new Set<Composite>([value]);
  const todo: Composite[] = [value];
  while (todo.length > 0) {
    const next = todo.pop() as Composite;
    if (isMutable(next)) return true;
    forEachPart(next, (child) => {
      if (!isComposite(child) || seen.has(child)) return;
      seen.add(child);
      todo.push(child);
    });
  }
  return false;
}

function isComposite(value: Value): value is Composite {
  if (typeof value !== "object") return false;
  if (value instanceof Data) return value.type.arity > 0;
  if (value instanceof Closure) return value.captures.length > 0;
  return (
    value instanceof Cons ||
    value instanceof Tuple ||
    value instanceof MapValue ||
    value instanceof SetValue ||
    value instanceof Cell ||
    value instanceof TypedArray ||
    value instanceof Buffer ||
    value instanceof TinyObject
  );
}

function isMutable(value: Composite): boolean {
  return (
    value instanceof Cell ||
    value instanceof TypedArray ||
    value instanceof Buffer ||
    (value instanceof Data && value.type.isMutable)
  );
}

function forEachPart(value: Composite, visit: (part: Value) => void): void {
  if (value instanceof Cons) {
    visit(value.tail);
    visit(value.head);
  } else if (value instanceof Data) {
    for (let i = 0; i < value.type.arity; i++) visit(fieldAt(value, i) as Value);
  } else if (value instanceof Tuple) value.items.forEach(visit);
  else if (value instanceof Closure) value.captures.forEach(visit);
  else if (value instanceof Cell) {
    if (value.value !== undefined) visit(value.value);
  } else if (value instanceof MapValue || value instanceof SetValue) {
    forEachEntry(value, (key, entry) => {
      visit(key);
      visit(entry);
      return true;
    });
  } else if (value instanceof TinyObject) value.fields.forEach(visit);
}

/** Y3: the copy of what may be met again before its parts are done; its parts are still the old ones. */
function earlyCopy(value: Composite): Value | undefined {
  if (value instanceof Data && value.type.isMutable) return cloneData(value);
  if (value instanceof Cell) return new Cell(value.value);
  if (value instanceof Closure)
    return new Closure(value.functionIndex, value.arity, value.name, value.captures.slice());
  if (value instanceof TypedArray) return new TypedArray(value.kind, value.items.slice());
  if (value instanceof Buffer) return new Buffer(value.text);
  return undefined;
}

function finish(value: Composite, done: Map<Composite, Value>, part: (child: Value) => Value): void {
  const copy = done.get(value);
  if (copy === undefined) done.set(value, lateCopy(value, part));
  else if (copy instanceof Cell) {
    if (copy.value !== undefined) copy.value = part(copy.value);
  } else if (copy instanceof Data && copy.type.isMutable) {
    for (let i = 0; i < copy.type.arity; i++) setFieldAt(copy, i, part(fieldAt(copy, i) as Value));
  } else if (copy instanceof Closure) replaceParts(copy.captures, part);
  // Anything else was met again through something mutable inside it, and is finished.
}

function replaceParts(parts: Value[], part: (child: Value) => Value): void {
  for (let i = 0; i < parts.length; i++) parts[i] = part(parts[i] as Value);
}

/** The value itself if no part of it changed (Y2). */
function lateCopy(value: Composite, part: (child: Value) => Value): Value {
  if (value instanceof Cons) {
    const head = part(value.head);
    const tail = part(value.tail) as List;
    return head === value.head && tail === value.tail ? value : new Cons(head, tail);
  }
  if (value instanceof Tuple) {
    const items = changedParts(value.items, part);
    return items === undefined ? value : new Tuple(items);
  }
  if (value instanceof Data) {
    let copy: Data | undefined;
    for (let i = 0; i < value.type.arity; i++) {
      const old = fieldAt(value, i) as Value;
      const other = part(old);
      if (other !== old) setFieldAt((copy ??= cloneData(value)), i, other);
    }
    return copy ?? value;
  }
  if (value instanceof MapValue || value instanceof SetValue) return mapParts(value, part);
  if (value instanceof TinyObject) {
    const names = Array.from(value.fields.keys());
    const values = changedParts(Array.from(value.fields.values()), part);
    return values === undefined ? value : new TinyObject(new Map(names.map((name, i) => [name, values[i] as Value])));
  }
  return value;
}

function changedParts(parts: readonly Value[], part: (child: Value) => Value): Value[] | undefined {
  let changed: Value[] | undefined;
  for (let i = 0; i < parts.length; i++) {
    const old = parts[i] as Value;
    const copy = part(old);
    if (copy !== old) {
      changed ??= parts.slice();
      changed[i] = copy;
    }
  }
  return changed;
}
