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
import { cloneData, fieldAt, setFieldAt } from "./data.ts";
import { complete, type Meter, Step } from "./step.ts";
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
  TypedArray,
  type Value,
} from "./value.ts";

/** The copy, and how many objects were looked at. */
export interface Copied {
  readonly value: Value;
  readonly work: number;
}

/** The inside of a map or set, see champ.ts: values and other nodes. A copy has equal keys, so it has the same form. */
type Node = readonly unknown[];

type Composite = Cons | Data | MapValue | SetValue | Closure | Cell | TypedArray | Buffer | TinyObject | Node;

/** What a composite thing holds, or what takes its place in the copy. */
type Part = Value | Node;

/** On the stack: the parts of this one are done. */
class Finish {
  readonly value: Composite;
  constructor(value: Composite) {
    this.value = value;
  }
}

/** On the stack: a list of which these cells at the front hold nothing that could change. */
class SimpleCells {
  readonly cells: Cons[] = [];
  rest: List;
  constructor(list: Cons) {
    this.rest = list;
  }
}

/** Y1–Y3, at once */
export function copyForSend(value: Value): Copied {
  return complete(copying(value));
}

/** Y1–Y3, a step at a time */
export function copying(value: Value): Step<Copied> {
  return new Copying(value);
}

class Copying extends Step<Copied> {
  private readonly value: Value;
  private readonly done = new Map<Composite, Part>();
  private readonly todo: (Composite | Finish | SimpleCells)[] = [];
  private readonly part = (child: Part): Part => (isComposite(child) ? (this.done.get(child) ?? child) : child);
  private readonly visit = (child: Part): void => {
    if (isComposite(child) && !this.done.has(child)) this.todo.push(child);
  };
  private work = 0;

  constructor(value: Value) {
    super();
    this.value = value;
    if (isComposite(value)) this.todo.push(value);
  }

  run(meter: Meter): Copied | undefined {
    const { done, todo } = this;
    while (todo.length > 0) {
      if (meter.left <= 0) return undefined;
      const next = todo.pop() as Composite | Finish | SimpleCells;
      if (next instanceof Finish) finish(next.value, done, this.part);
      else if (next instanceof SimpleCells) this.passSimple(next, meter);
      else if (!done.has(next)) {
        if (next instanceof Cons && !isComposite(next.head)) this.passSimple(new SimpleCells(next), meter);
        else this.open(next, meter);
      }
    }
    return { value: this.part(this.value) as Value, work: this.work };
  }

  private open(value: Composite, meter: Meter): void {
    this.work++;
    meter.left--;
    const early = earlyCopy(value);
    if (early !== undefined) this.done.set(value, early);
    this.todo.push(new Finish(value));
    forEachPart(value, this.visit);
  }

  /** Passes cells at the front of a list whose elements hold nothing: they change only if what follows does. */
  private passSimple(run: SimpleCells, meter: Meter): void {
    const { done, todo } = this;
    const { cells } = run;
    let { rest } = run;
    while (rest instanceof Cons && !isComposite(rest.head) && !done.has(rest)) {
      if (meter.left <= 0) {
        run.rest = rest;
        todo.push(run);
        return;
      }
      meter.left--;
      this.work++;
      cells.push(rest);
      rest = rest.tail;
    }
    if (!(rest instanceof Cons) || done.get(rest) === rest) {
      for (let i = 0; i < cells.length; i += MARK_EVERY) done.set(cells[i] as Cons, cells[i] as Cons); // Y2
    } else {
      for (const cell of cells) todo.push(new Finish(cell));
      todo.push(rest);
    }
  }
}

/** So far apart are the cells that are remembered of a list without mutable parts. */
const MARK_EVERY = 64;

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

function isComposite(value: Part): value is Composite {
  if (typeof value !== "object") return false;
  if (value instanceof Data) return value.type.arity > 0;
  if (value instanceof Closure) return value.captures.length > 0;
  return (
    value instanceof Cons ||
    value instanceof MapValue ||
    value instanceof SetValue ||
    value instanceof Cell ||
    value instanceof TypedArray ||
    value instanceof Buffer ||
    value instanceof TinyObject ||
    Array.isArray(value)
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

function forEachPart(value: Composite, visit: (part: Part) => void): void {
  if (value instanceof Cons) {
    visit(value.tail);
    visit(value.head);
  } else if (value instanceof Data) {
    for (let i = 0; i < value.type.arity; i++) visit(fieldAt(value, i) as Value);
  } else if (value instanceof Closure) value.captures.forEach(visit);
  else if (value instanceof Cell) {
    if (value.value !== undefined) visit(value.value);
  } else if (value instanceof MapValue || value instanceof SetValue) visit(value.root as Node);
  else if (value instanceof TinyObject) value.fields.forEach(visit);
  else if (isNode(value)) for (const item of value) visit(item as Part);
}

function isNode(value: Composite): value is Node {
  return Array.isArray(value);
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

function finish(value: Composite, done: Map<Composite, Part>, part: (child: Part) => Part): void {
  const copy = done.get(value);
  if (copy === undefined) done.set(value, lateCopy(value, part));
  else if (copy instanceof Cell) {
    if (copy.value !== undefined) copy.value = part(copy.value) as Value;
  } else if (copy instanceof Data && copy.type.isMutable) {
    for (let i = 0; i < copy.type.arity; i++) setFieldAt(copy, i, part(fieldAt(copy, i) as Value) as Value);
  } else if (copy instanceof Closure) replaceParts(copy.captures, part);
  // Anything else was met again through something mutable inside it, and is finished.
}

function replaceParts(parts: Value[], part: (child: Part) => Part): void {
  for (let i = 0; i < parts.length; i++) parts[i] = part(parts[i] as Value) as Value;
}

/** The value itself if no part of it changed (Y2). */
function lateCopy(value: Composite, part: (child: Part) => Part): Part {
  if (value instanceof Cons) {
    const head = part(value.head) as Value;
    const tail = part(value.tail) as List;
    return head === value.head && tail === value.tail ? value : new Cons(head, tail);
  }
  if (value instanceof Data) {
    let copy: Data | undefined;
    for (let i = 0; i < value.type.arity; i++) {
      const old = fieldAt(value, i) as Value;
      const other = part(old) as Value;
      if (other !== old) setFieldAt((copy ??= cloneData(value)), i, other);
    }
    return copy ?? value;
  }
  if (value instanceof MapValue || value instanceof SetValue) {
    const root = part(value.root as Node);
    if (root === value.root) return value;
    return value instanceof MapValue ? new MapValue(root, value.size) : new SetValue(root, value.size);
  }
  if (isNode(value)) return changedParts(value as readonly Part[], part) ?? value;
  if (value instanceof TinyObject) {
    const names = Array.from(value.fields.keys());
    const values = changedParts(Array.from(value.fields.values()), part);
    return values === undefined ? value : new TinyObject(new Map(names.map((name, i) => [name, values[i] as Value])));
  }
  return value;
}

function changedParts<T extends Part>(parts: readonly T[], part: (child: Part) => Part): T[] | undefined {
  let changed: T[] | undefined;
  for (let i = 0; i < parts.length; i++) {
    const old = parts[i] as T;
    const copy = part(old) as T;
    if (copy !== old) {
      changed ??= parts.slice();
      changed[i] = copy;
    }
  }
  return changed;
}
