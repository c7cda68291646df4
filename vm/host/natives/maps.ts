/** Host functions on maps and sets: those that take no function. Nothing here changes a map; all give a new one. */
import { EMPTY_MAP, EMPTY_SET, forEachEntry, insert, lookup, MapBuilder, remove } from "../../values/champ.ts";
import { ListBuilder } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { showNested } from "../../values/show.ts";
import { Cons, type MapValue, type SetValue, Tuple, UNIT, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import {
  chargeElements,
  listArgument,
  mapArgument,
  native,
  optional,
  setArgument,
  wrongArgument,
} from "./arguments.ts";

type Collection = MapValue | SetValue;

function listEntries(context: NativeContext, collection: Collection, item: (key: Value, value: Value) => Value): Value {
  const builder = new ListBuilder();
  forEachEntry(collection, (key, value) => {
    builder.push(item(key, value));
    return true;
  });
  chargeElements(context, collection.size);
  return builder.finish();
}

/** All entries of both; where both have a key, a's. Starts from the larger one. */
function union<C extends Collection>(context: NativeContext, a: C, b: C): C {
  const bIsLarger = b.size > a.size;
  const rest = bIsLarger ? a : b;
  let result = bIsLarger ? b : a;
  forEachEntry(rest, (key, value) => {
    if (bIsLarger || lookup(result, key) === undefined) result = insert(result, key, value);
    return true;
  });
  chargeElements(context, 4 * rest.size);
  return result;
}

/** The entries of a whose keys b has, or has not. */
function restricted<C extends Collection>(context: NativeContext, empty: C, a: C, b: C, isKept: boolean): C {
  const builder = new MapBuilder(empty);
  forEachEntry(a, (key, value) => {
    if ((lookup(b, key) !== undefined) === isKept) builder.set(key, value);
    return true;
  });
  chargeElements(context, 4 * a.size);
  return builder.finish();
}

function isSubset(context: NativeContext, a: SetValue, b: SetValue): boolean {
  chargeElements(context, 2 * a.size);
  return a.size <= b.size && forEachEntry(a, (element) => lookup(b, element) !== undefined);
}

export const mapNatives: readonly Native[] = [
  native("Map.empty", 0, () => EMPTY_MAP),
  native("Map.get", 2, (_, map, key) => lookup(mapArgument(map, "Map.get"), key) ?? UNIT),
  native("Map.lookup", 2, (_, map, key) => optional(lookup(mapArgument(map, "Map.lookup"), key))),
  native("Map.getOrThrow", 2, (_, map, key) => {
    return lookup(mapArgument(map, "Map.getOrThrow"), key) ?? panic(`Map.getOrThrow: key ${showNested(key)} not found`);
  }),
  native("Map.insert", 3, (_, map, key, value) => insert(mapArgument(map, "Map.insert"), key, value)),
  native("Map.remove", 2, (_, map, key) => remove(mapArgument(map, "Map.remove"), key)),
  native("Map.contains", 2, (_, map, key) => lookup(mapArgument(map, "Map.contains"), key) !== undefined),
  native("Map.keys", 1, (context, map) => listEntries(context, mapArgument(map, "Map.keys"), (key) => key)),
  native("Map.values", 1, (context, map) => listEntries(context, mapArgument(map, "Map.values"), (_, value) => value)),
  native("Map.toList", 1, (context, map) =>
    listEntries(context, mapArgument(map, "Map.toList"), (key, value) => new Tuple([key, value])),
  ),
  native("Map.size", 1, (_, map) => mapArgument(map, "Map.size").size),
  native("Map.isEmpty", 1, (_, map) => mapArgument(map, "Map.isEmpty").size === 0),
  native("Map.union", 2, (context, a, b) => union(context, mapArgument(a, "Map.union"), mapArgument(b, "Map.union"))),
  native("Map.intersection", 2, (context, a, b) => {
    return restricted(context, EMPTY_MAP, mapArgument(a, "Map.intersection"), mapArgument(b, "Map.intersection"), true);
  }),
  native("Map.difference", 2, (context, a, b) => {
    return restricted(context, EMPTY_MAP, mapArgument(a, "Map.difference"), mapArgument(b, "Map.difference"), false);
  }),
  native("Map.fromList", 1, (context, list) => {
    const builder = new MapBuilder(EMPTY_MAP);
    let count = 0;
    for (let cell = listArgument(list, "Map.fromList"); cell instanceof Cons; cell = cell.tail) {
      const pair = cell.head;
      if (!(pair instanceof Tuple) || pair.items.length !== 2)
        return wrongArgument("Map.fromList", "a list of tuples (key, value)", pair);
      builder.set(pair.items[0] as Value, pair.items[1] as Value);
      count++;
    }
    chargeElements(context, 4 * count);
    return builder.finish();
  }),

  native("Set.empty", 0, () => EMPTY_SET),
  native("Set.insert", 2, (_, set, element) => insert(setArgument(set, "Set.insert"), element, UNIT)),
  native("Set.remove", 2, (_, set, element) => remove(setArgument(set, "Set.remove"), element)),
  native("Set.contains", 2, (_, set, element) => lookup(setArgument(set, "Set.contains"), element) !== undefined),
  native("Set.size", 1, (_, set) => setArgument(set, "Set.size").size),
  native("Set.isEmpty", 1, (_, set) => setArgument(set, "Set.isEmpty").size === 0),
  native("Set.toList", 1, (context, set) => listEntries(context, setArgument(set, "Set.toList"), (element) => element)),
  native("Set.fromList", 1, (context, list) => {
    const builder = new MapBuilder(EMPTY_SET);
    let count = 0;
    for (let cell = listArgument(list, "Set.fromList"); cell instanceof Cons; cell = cell.tail) {
      builder.set(cell.head, UNIT);
      count++;
    }
    chargeElements(context, 4 * count);
    return builder.finish();
  }),
  native("Set.union", 2, (context, a, b) => union(context, setArgument(a, "Set.union"), setArgument(b, "Set.union"))),
  native("Set.intersection", 2, (context, a, b) => {
    return restricted(context, EMPTY_SET, setArgument(a, "Set.intersection"), setArgument(b, "Set.intersection"), true);
  }),
  native("Set.difference", 2, (context, a, b) => {
    return restricted(context, EMPTY_SET, setArgument(a, "Set.difference"), setArgument(b, "Set.difference"), false);
  }),
  native("Set.symmetricDifference", 2, (context, a, b) => {
    const left = setArgument(a, "Set.symmetricDifference");
    const right = setArgument(b, "Set.symmetricDifference");
    return union(
      context,
      restricted(context, EMPTY_SET, left, right, false),
      restricted(context, EMPTY_SET, right, left, false),
    );
  }),
  native("Set.isSubset", 2, (context, a, b) =>
    isSubset(context, setArgument(a, "Set.isSubset"), setArgument(b, "Set.isSubset")),
  ),
  native("Set.isProperSubset", 2, (context, a, b) => {
    const left = setArgument(a, "Set.isProperSubset");
    const right = setArgument(b, "Set.isProperSubset");
    return left.size < right.size && isSubset(context, left, right);
  }),
];
