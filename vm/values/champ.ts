/**
 * Maps and sets: persistent hash tries, canonical, so that equal collections list equally however they came about.
 *
 * The trick: a node is one JavaScript array. Entries sit in it before children, each found by counting bits; a node with
 * one entry left goes back into its parent, so the shape depends on the entries alone. Up to 8 entries no trie is needed:
 * they stand in one flat array, and a key that is no object is found without hashing.
 *
 *   flat       [hash, key, value, …]                       ascending by (hash, canonical order of keys); size <= 8
 *   node       [dataMap, nodeMap, key, value, …, …, child] entries by ascending bit, children by ascending bit from the end
 *   collision  [key, value, …]                             in canonical order; below 7 levels, when 32 bits are the same
 *
 * C1  size <= FLAT exactly if the root is flat.
 * C2  No node but the root holds a single entry and no child; the maps say what is there; arrays have no holes.
 * C3  A key is equal to no other key of the collection.
 * C4  Nodes are written to only by the MapBuilder that made them.
 * C5  All that nodes hold is Ints, values and nodes: vm/codec sends them as they are, and both ends hash alike (H1).
 * A set is a map whose values are all UNIT.
 *
 * Source: Steindorfer and Vinju, "Optimizing Hash-Array Mapped Tries for Fast and Lean Immutable JVM Collections", OOPSLA 2015.
 */
import { fieldAt } from "./data.ts";
import { equalValues } from "./equality.ts";
import { hashKey } from "./hash.ts";
import { compareCanonical } from "./order.ts";
import { Data, MapValue, SetValue, type Value } from "./value.ts";

/** Bit maps, hashes, keys, values and children in one array: the positions say which. */
type Node = unknown[];
type Collection = MapValue | SetValue;

const FLAT = 8;
const BITS = 5;
/** below this shift the hash is used up */
const COLLISION_SHIFT = 35;

/**
 * All node arrays come from here, and get an object first: so V8 keeps every one of them as an array of anything, also
 * those that happen to hold small integers or doubles only, and the code that reads them sees one shape. Without it
 * lookups take three times as long.
 */
function allocate(length: number): Node {
  const node = new Array<unknown>(length);
  node[0] = ANYTHING;
  return node;
}
const ANYTHING = {};

export const EMPTY_MAP = new MapValue([], 0);
export const EMPTY_SET = new SetValue([], 0);

/** The value at a key; in a set, UNIT. undefined when absent. @throws TypeError if it can be no key */
export function lookup(collection: Collection, key: Value): Value | undefined {
  const root = collection.root as Node;
  if (collection.size > FLAT) return find(root, hashKey(key), key);
  if (typeof key !== "object") {
    for (let i = 1; i < root.length; i += 3) {
      if (root[i] === key) return root[i + 1] as Value;
    }
    if (typeof key === "number") hashKey(key); // refuses a Float here as everywhere
    return undefined;
  }
  const at = flatPosition(root, hashKey(key), key);
  return at < 0 ? undefined : (root[at + 2] as Value);
}

/** @returns the same collection when nothing changes */
export function insert<C extends Collection>(collection: C, key: Value, value: Value): C {
  const root = collection.root as Node;
  const hash = hashKey(key);
  if (collection.size <= FLAT) {
    const at = flatPosition(root, hash, key);
    if (at >= 0) {
      if (root[at + 2] === value) return collection;
      const copy = root.slice();
      copy[at + 2] = value;
      return like(collection, copy, collection.size);
    }
    if (collection.size < FLAT) return like(collection, flatInsert(root, hash, key, value), collection.size + 1);
    return like(collection, trieInsert(trieOf(root), 0, hash, key, value, true), FLAT + 1);
  }
  added = false;
  const node = trieInsert(root, 0, hash, key, value, false);
  return node === root ? collection : like(collection, node, collection.size + (added ? 1 : 0));
}

/** @returns the same collection when the key is absent */
export function remove<C extends Collection>(collection: C, key: Value): C {
  const root = collection.root as Node;
  const hash = hashKey(key);
  if (collection.size <= FLAT) {
    const at = flatPosition(root, hash, key);
    if (at < 0) return collection;
    return like(collection, without(root, at, 3), collection.size - 1);
  }
  const node = trieRemove(root, 0, hash, key);
  if (node === root) return collection;
  const size = collection.size - 1;
  return like(collection, size === FLAT ? flatOf(node) : node, size); // C1
}

/** Calls `visit` for each entry, in the collection's order, until it says false. @returns whether it never did */
export function forEachEntry(collection: Collection, visit: (key: Value, value: Value) => boolean): boolean {
  const root = collection.root as Node;
  if (collection.size > FLAT) return visitNode(root, 0, visit);
  for (let i = 0; i < root.length; i += 3) {
    if (!visit(root[i + 1] as Value, root[i + 2] as Value)) return false;
  }
  return true;
}

/** A walk over the entries, in the collection's order, that can rest between any two. */
export class Entries {
  /** of the entry that `next` has moved to */
  key!: Value;
  value!: Value;
  private node: Node;
  /** the entry that comes next, and the distance to the one behind it */
  private at: number;
  private readonly stride: number;
  /** entries end here, and children begin */
  private end: number;
  /** the child that comes next, if it is not below `end` */
  private child: number;
  /** nodes above, and their next children */
  private readonly above: Node[] = [];
  private readonly aboveChild: number[] = [];

  constructor(collection: Collection) {
    this.node = collection.root as Node;
    const isFlat = collection.size <= FLAT;
    this.stride = isFlat ? 3 : 2;
    this.at = isFlat ? 1 : 2;
    this.end = isFlat ? this.node.length : endOfEntries(this.node);
    this.child = isFlat ? -1 : this.node.length - 1;
  }

  /** Moves to the next entry. @returns false when there is none */
  next(): boolean {
    for (;;) {
      const { at, node } = this;
      if (at < this.end) {
        this.key = node[at] as Value;
        this.value = node[at + 1] as Value;
        this.at = at + this.stride;
        return true;
      }
      if (this.child >= this.end) this.enter(node[this.child] as Node);
      else if (!this.leave()) return false;
    }
  }

  private enter(child: Node): void {
    this.above.push(this.node);
    this.aboveChild.push(this.child - 1);
    const isCollision = this.above.length * BITS >= COLLISION_SHIFT;
    this.node = child;
    this.at = isCollision ? 0 : 2;
    this.end = isCollision ? child.length : endOfEntries(child);
    this.child = child.length - 1;
  }

  private leave(): boolean {
    const node = this.above.pop();
    if (node === undefined) return false;
    this.node = node;
    this.end = endOfEntries(node);
    this.at = this.end;
    this.child = this.aboveChild.pop() as number;
    return true;
  }
}

/** Of a node that is no collision. */
function endOfEntries(node: Node): number {
  return 2 + 2 * countBits(node[0] as number);
}

/** Builds a collection entry by entry; writes to its own nodes in place. */
export class MapBuilder<C extends Collection> {
  private readonly empty: C;
  private small: C;
  private node: Node | undefined = undefined;
  private size = 0;

  constructor(empty: C) {
    this.empty = empty;
    this.small = empty;
  }

  /** A later value for an equal key wins. */
  set(key: Value, value: Value): void {
    if (this.node === undefined) {
      this.small = insert(this.small, key, value);
      if (this.small.size > FLAT) {
        this.node = this.small.root as Node; // made by this very insert, so it is ours (C4)
        this.size = this.small.size;
      }
      return;
    }
    added = false;
    this.node = trieInsert(this.node, 0, hashKey(key), key, value, true);
    if (added) this.size++;
  }

  /** The builder is used up. */
  finish(): C {
    return this.node === undefined ? this.small : like(this.empty, this.node, this.size);
  }
}

function like<C extends Collection>(collection: C, root: Node, size: number): C {
  return (collection instanceof MapValue ? new MapValue(root, size) : new SetValue(root, size)) as C;
}

function isSameKey(a: Value, b: Value): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && isSameObject(a, b));
}

/** Most keys that are objects hold none. */
function isSameObject(a: Value, b: Value): boolean {
  if (!(a instanceof Data && b instanceof Data) || a.type !== b.type || a.type.isMutable) return equalValues(a, b);
  for (let i = 0; i < a.type.arity; i++) {
    const x = fieldAt(a, i) as Value;
    const y = fieldAt(b, i) as Value;
    if (x !== y && (typeof x !== "object" || typeof y !== "object" || !equalValues(x, y))) return false;
  }
  return true;
}

/** A copy without `count` items from a position on. */
function without(node: Node, at: number, count: number): Node {
  if (node.length === count) return [];
  const made = allocate(node.length - count);
  for (let i = 0; i < at; i++) made[i] = node[i];
  for (let i = at; i < made.length; i++) made[i] = node[i + count];
  return made;
}

// ── flat ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where the entry of this key starts; -1 when absent. */
function flatPosition(flat: Node, hash: number, key: Value): number {
  for (let i = 0; i < flat.length; i += 3) {
    if (flat[i] === hash && isSameKey(flat[i + 1] as Value, key)) return i;
  }
  return -1;
}

function flatInsert(flat: Node, hash: number, key: Value, value: Value): Node {
  let at = 0;
  while (at < flat.length) {
    const other = flat[at] as number;
    if (hash < other || (hash === other && compareCanonical(key, flat[at + 1] as Value) < 0)) break;
    at += 3;
  }
  const made = allocate(flat.length + 3);
  for (let i = 0; i < at; i++) made[i] = flat[i];
  made[at] = hash;
  made[at + 1] = key;
  made[at + 2] = value;
  for (let i = at; i < flat.length; i++) made[i + 3] = flat[i];
  return made;
}

function trieOf(flat: Node): Node {
  let node = allocate(2);
  node[0] = 0;
  node[1] = 0;
  for (let i = 0; i < flat.length; i += 3) {
    node = trieInsert(node, 0, flat[i] as number, flat[i + 1] as Value, flat[i + 2] as Value, true);
  }
  return node;
}

function flatOf(node: Node): Node {
  let flat: Node = [];
  visitNode(node, 0, (key, value) => {
    flat = flatInsert(flat, hashKey(key), key, value);
    return true;
  });
  return flat;
}

// ── trie ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
// Recursion here goes by level: 8 at most.

/** Set by trieInsert when the key is new. */
let added = false;

function bitAt(hash: number, shift: number): number {
  return 1 << ((hash >>> shift) & 31);
}

function countBits(bits: number): number {
  let b = bits - ((bits >>> 1) & 0x55555555);
  b = (b & 0x33333333) + ((b >>> 2) & 0x33333333);
  return Math.imul((b + (b >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function entryPosition(node: Node, bit: number): number {
  return 2 + 2 * countBits((node[0] as number) & (bit - 1));
}

function childPosition(node: Node, bit: number): number {
  return node.length - 1 - countBits((node[1] as number) & (bit - 1));
}

function find(root: Node, hash: number, key: Value): Value | undefined {
  let node = root;
  for (let shift = 0; shift < COLLISION_SHIFT; shift += BITS) {
    const bit = bitAt(hash, shift);
    const entries = node[0] as number;
    if (entries & bit) {
      const at = 2 + 2 * countBits(entries & (bit - 1));
      return isSameKey(node[at] as Value, key) ? (node[at + 1] as Value) : undefined;
    }
    const children = node[1] as number;
    if ((children & bit) === 0) return undefined;
    node = node[node.length - 1 - countBits(children & (bit - 1))] as Node;
  }
  const at = collisionPosition(node, key);
  return at < 0 ? undefined : (node[at + 1] as Value);
}

function collisionPosition(node: Node, key: Value): number {
  for (let i = 0; i < node.length; i += 2) {
    if (isSameKey(node[i] as Value, key)) return i;
  }
  return -1;
}

/** @param inPlace  whether the node is the caller's own (C4) */
function trieInsert(node: Node, shift: number, hash: number, key: Value, value: Value, inPlace: boolean): Node {
  if (shift >= COLLISION_SHIFT) return collisionInsert(node, key, value);
  const bit = bitAt(hash, shift);
  if ((node[0] as number) & bit) {
    const at = entryPosition(node, bit);
    const otherKey = node[at] as Value;
    if (isSameKey(otherKey, key)) return node[at + 1] === value ? node : withItem(node, at + 1, value, inPlace);
    added = true;
    const child = nodeOfTwo(shift + BITS, hashKey(otherKey), otherKey, node[at + 1] as Value, hash, key, value);
    return entryToChild(node, bit, at, child);
  }
  if ((node[1] as number) & bit) {
    const at = childPosition(node, bit);
    const child = node[at] as Node;
    const changed = trieInsert(child, shift + BITS, hash, key, value, inPlace);
    return changed === child ? node : withItem(node, at, changed, inPlace);
  }
  added = true;
  return withEntry(node, bit, key, value);
}

function withItem(node: Node, at: number, item: unknown, inPlace: boolean): Node {
  const target = inPlace ? node : node.slice();
  target[at] = item;
  return target;
}

function withEntry(node: Node, bit: number, key: Value, value: Value): Node {
  const at = entryPosition(node, bit);
  const length = node.length;
  const made = allocate(length + 2);
  made[0] = (node[0] as number) | bit;
  for (let i = 1; i < at; i++) made[i] = node[i];
  made[at] = key;
  made[at + 1] = value;
  for (let i = at; i < length; i++) made[i + 2] = node[i];
  return made;
}

/** The entry at a position gives way to a child with the same bit. */
function entryToChild(node: Node, bit: number, at: number, child: Node): Node {
  const made = allocate(node.length - 1);
  made[0] = (node[0] as number) & ~bit;
  made[1] = (node[1] as number) | bit;
  const childAt = childPosition(made, bit);
  for (let i = 2; i < at; i++) made[i] = node[i];
  for (let i = at; i < childAt; i++) made[i] = node[i + 2];
  made[childAt] = child;
  for (let i = childAt + 1; i < made.length; i++) made[i] = node[i + 1];
  return made;
}

/** A child with one entry left gives way to that entry (C2). */
function childToEntry(node: Node, bit: number, at: number, key: Value, value: Value): Node {
  const made = allocate(node.length + 1);
  made[0] = (node[0] as number) | bit;
  made[1] = (node[1] as number) & ~bit;
  const entryAt = entryPosition(made, bit);
  for (let i = 2; i < entryAt; i++) made[i] = node[i];
  made[entryAt] = key;
  made[entryAt + 1] = value;
  for (let i = entryAt; i < at; i++) made[i + 2] = node[i];
  for (let i = at + 1; i < node.length; i++) made[i + 1] = node[i];
  return made;
}

function nodeOfTwo(
  shift: number,
  hashA: number,
  keyA: Value,
  valueA: Value,
  hashB: number,
  keyB: Value,
  valueB: Value,
): Node {
  if (shift >= COLLISION_SHIFT) {
    const made = allocate(2);
    made[0] = keyA;
    made[1] = valueA;
    return collisionInsert(made, keyB, valueB);
  }
  const bitA = bitAt(hashA, shift);
  const bitB = bitAt(hashB, shift);
  if (bitA === bitB) {
    const made = allocate(3);
    made[0] = 0;
    made[1] = bitA;
    made[2] = nodeOfTwo(shift + BITS, hashA, keyA, valueA, hashB, keyB, valueB);
    return made;
  }
  const isFirst = bitA >>> 0 < bitB >>> 0;
  const made = allocate(6);
  made[0] = bitA | bitB;
  made[1] = 0;
  made[isFirst ? 2 : 4] = keyA;
  made[isFirst ? 3 : 5] = valueA;
  made[isFirst ? 4 : 2] = keyB;
  made[isFirst ? 5 : 3] = valueB;
  return made;
}

function collisionInsert(node: Node, key: Value, value: Value): Node {
  const at = collisionPosition(node, key);
  if (at >= 0) return node[at + 1] === value ? node : withItem(node, at + 1, value, false);
  added = true;
  let before = 0;
  while (before < node.length && compareCanonical(node[before] as Value, key) < 0) before += 2;
  const made = allocate(node.length + 2);
  for (let i = 0; i < before; i++) made[i] = node[i];
  made[before] = key;
  made[before + 1] = value;
  for (let i = before; i < node.length; i++) made[i + 2] = node[i];
  return made;
}

function trieRemove(node: Node, shift: number, hash: number, key: Value): Node {
  if (shift >= COLLISION_SHIFT) {
    const at = collisionPosition(node, key);
    return at < 0 ? node : without(node, at, 2);
  }
  const bit = bitAt(hash, shift);
  if ((node[0] as number) & bit) {
    const at = entryPosition(node, bit);
    if (!isSameKey(node[at] as Value, key)) return node;
    const made = without(node, at, 2);
    made[0] = (node[0] as number) & ~bit;
    return made;
  }
  if (((node[1] as number) & bit) === 0) return node;
  const at = childPosition(node, bit);
  const child = node[at] as Node;
  const changed = trieRemove(child, shift + BITS, hash, key);
  if (changed === child) return node;
  if (shift + BITS >= COLLISION_SHIFT) {
    if (changed.length === 2) return childToEntry(node, bit, at, changed[0] as Value, changed[1] as Value);
  } else if (changed[1] === 0 && changed.length === 4) {
    return childToEntry(node, bit, at, changed[2] as Value, changed[3] as Value);
  }
  return withItem(node, at, changed, false);
}

function visitNode(node: Node, shift: number, visit: (key: Value, value: Value) => boolean): boolean {
  const isCollision = shift >= COLLISION_SHIFT;
  const end = isCollision ? node.length : 2 + 2 * countBits(node[0] as number);
  for (let i = isCollision ? 0 : 2; i < end; i += 2) {
    if (!visit(node[i] as Value, node[i + 1] as Value)) return false;
  }
  for (let i = node.length - 1; i >= end; i--) {
    if (!visitNode(node[i] as Node, shift + BITS, visit)) return false;
  }
  return true;
}
