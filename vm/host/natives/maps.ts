/** Host functions on maps and sets: those that take no function. Nothing here changes a map; all give a new one. */

import { EMPTY_MAP, EMPTY_SET, Entries, forEachEntry, insert, lookup, MapBuilder, remove } from "../../values/champ.ts";
import { isPair, makePair } from "../../values/data.ts";
import { ListBuilder } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { showNested } from "../../values/show.ts";
import { GeneratedStep, type Meter } from "../../values/step.ts";
import { Cons, type List, type MapValue, type SetValue, UNIT, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import {
  answering,
  chargeElements,
  listArgument,
  mapArgument,
  optional,
  setArgument,
  stepped,
  wrongArgument,
} from "./arguments.ts";

type Collection = MapValue | SetValue;

/** So many entries are listed at once. */
const FEW = 128;

/** What `item` makes of each entry, in order. */
function listEntries(
  name: string,
  argument: (value: Value, where: string) => Collection,
  item: (key: Value, value: Value) => Value,
): Native {
  return answering("List", name, 1, (context, given) => {
    const collection = argument(given, name);
    if (collection.size > FEW) return context.begin(new GeneratedStep(entrySteps(collection, item, context)));
    chargeElements(context, collection.size);
    const builder = new ListBuilder();
    forEachEntry(collection, (key, value) => {
      builder.push(item(key, value));
      return true;
    });
    return builder.finish();
  });
}

function* entrySteps(
  collection: Collection,
  item: (key: Value, value: Value) => Value,
  meter: Meter,
): Generator<undefined, List> {
  const builder = new ListBuilder();
  const entries = new Entries(collection);
  while (entries.next()) {
    builder.push(item(entries.key, entries.value));
    if (--meter.left <= 0) yield;
  }
  return builder.finish();
}

/** Looking a key up, or putting one in, takes as long as many elements of a list; as host functions they cost the same. */
const UNITS_OF_KEY = 10;

/** All entries of both; where both have a key, a's. Starts from the larger one. */
function* union<C extends Collection>(context: NativeContext, a: C, b: C): Generator<undefined, C> {
  const bIsLarger = b.size > a.size;
  let result = bIsLarger ? b : a;
  const rest = new Entries(bIsLarger ? a : b);
  while (rest.next()) {
    if (bIsLarger || lookup(result, rest.key) === undefined) result = insert(result, rest.key, rest.value);
    context.left -= UNITS_OF_KEY;
    if (context.left <= 0) yield;
  }
  return result;
}

/** The entries of a whose keys b has, or has not. */
function* restricted<C extends Collection>(
  context: NativeContext,
  empty: C,
  a: C,
  b: C,
  isKept: boolean,
): Generator<undefined, C> {
  const builder = new MapBuilder(empty);
  const entries = new Entries(a);
  while (entries.next()) {
    if ((lookup(b, entries.key) !== undefined) === isKept) builder.set(entries.key, entries.value);
    context.left -= UNITS_OF_KEY;
    if (context.left <= 0) yield;
  }
  return builder.finish();
}

function* isSubset(context: NativeContext, a: SetValue, b: SetValue): Generator<undefined, boolean> {
  if (a.size > b.size) return false;
  const entries = new Entries(a);
  while (entries.next()) {
    if (lookup(b, entries.key) === undefined) return false;
    context.left -= UNITS_OF_KEY;
    if (context.left <= 0) yield;
  }
  return true;
}

export const mapNatives: readonly Native[] = [
  answering("Value", "Map.empty", 0, () => EMPTY_MAP),
  answering("Value", "Map.get", 2, (_, map, key) => lookup(mapArgument(map, "Map.get"), key) ?? UNIT),
  answering("Value", "Map.lookup", 2, (_, map, key) => optional(lookup(mapArgument(map, "Map.lookup"), key))),
  answering("Value", "Map.getOrThrow", 2, (_, map, key) => {
    return lookup(mapArgument(map, "Map.getOrThrow"), key) ?? panic(`Map.getOrThrow: key ${showNested(key)} not found`);
  }),
  answering("Value", "Map.insert", 3, (_, map, key, value) => insert(mapArgument(map, "Map.insert"), key, value)),
  answering("Value", "Map.remove", 2, (_, map, key) => remove(mapArgument(map, "Map.remove"), key)),
  answering("Bool", "Map.contains", 2, (_, map, key) => lookup(mapArgument(map, "Map.contains"), key) !== undefined),
  listEntries("Map.keys", mapArgument, (key) => key),
  listEntries("Map.values", mapArgument, (_, value) => value),
  listEntries("Map.toList", mapArgument, makePair),
  answering("Int", "Map.size", 1, (_, map) => mapArgument(map, "Map.size").size),
  answering("Bool", "Map.isEmpty", 1, (_, map) => mapArgument(map, "Map.isEmpty").size === 0),
  stepped("Map.union", 2, (context, a, b) => union(context, mapArgument(a, "Map.union"), mapArgument(b, "Map.union"))),
  stepped("Map.intersection", 2, (context, a, b) => {
    return restricted(context, EMPTY_MAP, mapArgument(a, "Map.intersection"), mapArgument(b, "Map.intersection"), true);
  }),
  stepped("Map.difference", 2, (context, a, b) => {
    return restricted(context, EMPTY_MAP, mapArgument(a, "Map.difference"), mapArgument(b, "Map.difference"), false);
  }),
  stepped("Map.fromList", 1, function* (context, list) {
    const builder = new MapBuilder(EMPTY_MAP);
    for (let cell = listArgument(list, "Map.fromList"); cell instanceof Cons; cell = cell.tail) {
      const pair = cell.head;
      if (!isPair(pair)) return wrongArgument("Map.fromList", "a list of tuples (key, value)", pair);
      builder.set(pair.a as Value, pair.b as Value);
      context.left -= UNITS_OF_KEY;
      if (context.left <= 0) yield;
    }
    return builder.finish();
  }),

  answering("Value", "Set.empty", 0, () => EMPTY_SET),
  answering("Value", "Set.insert", 2, (_, set, element) => insert(setArgument(set, "Set.insert"), element, UNIT)),
  answering("Value", "Set.remove", 2, (_, set, element) => remove(setArgument(set, "Set.remove"), element)),
  answering(
    "Bool",
    "Set.contains",
    2,
    (_, set, element) => lookup(setArgument(set, "Set.contains"), element) !== undefined,
  ),
  answering("Int", "Set.size", 1, (_, set) => setArgument(set, "Set.size").size),
  answering("Bool", "Set.isEmpty", 1, (_, set) => setArgument(set, "Set.isEmpty").size === 0),
  listEntries("Set.toList", setArgument, (element) => element),
  stepped("Set.fromList", 1, function* (context, list) {
    const builder = new MapBuilder(EMPTY_SET);
    for (let cell = listArgument(list, "Set.fromList"); cell instanceof Cons; cell = cell.tail) {
      builder.set(cell.head, UNIT);
      context.left -= UNITS_OF_KEY;
      if (context.left <= 0) yield;
    }
    return builder.finish();
  }),
  stepped("Set.union", 2, (context, a, b) => union(context, setArgument(a, "Set.union"), setArgument(b, "Set.union"))),
  stepped("Set.intersection", 2, (context, a, b) => {
    return restricted(context, EMPTY_SET, setArgument(a, "Set.intersection"), setArgument(b, "Set.intersection"), true);
  }),
  stepped("Set.difference", 2, (context, a, b) => {
    return restricted(context, EMPTY_SET, setArgument(a, "Set.difference"), setArgument(b, "Set.difference"), false);
  }),
  stepped("Set.symmetricDifference", 2, function* (context, a, b) {
    const left = setArgument(a, "Set.symmetricDifference");
    const right = setArgument(b, "Set.symmetricDifference");
    const onlyLeft = yield* restricted(context, EMPTY_SET, left, right, false);
    const onlyRight = yield* restricted(context, EMPTY_SET, right, left, false);
    return yield* union(context, onlyLeft, onlyRight);
  }),
  stepped("Set.isSubset", 2, (context, a, b) =>
    isSubset(context, setArgument(a, "Set.isSubset"), setArgument(b, "Set.isSubset")),
  ),
  stepped("Set.isProperSubset", 2, function* (context, a, b) {
    const left = setArgument(a, "Set.isProperSubset");
    const right = setArgument(b, "Set.isProperSubset");
    return left.size < right.size && (yield* isSubset(context, left, right));
  }),
];
