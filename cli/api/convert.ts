/**
 * Values of a machine as values of JavaScript, and back: the table of docs/typescript.md as code.
 *
 * Stays true: what is given over is a copy, so neither side sees the other change something. A value that is nested too
 * deep comes as an Opaque, and one that JavaScript nests too deep, or in a circle, is refused; long lists are no depth.
 */
import { Raise } from "../../vm/host/native.ts";
import type { Program } from "../../vm/interp/program.ts";
import { EMPTY_MAP, EMPTY_SET, forEachEntry, MapBuilder } from "../../vm/values/champ.ts";
import { copyForSend } from "../../vm/values/copy.ts";
import { fieldsOf, isTuple, makeData, makeTuple } from "../../vm/values/data.ts";
import { DOWN, ERR, EXIT, FAILED, type InternedType, KILLED, NO_PROCESS, NONE, NORMAL, OK, SHUTDOWN, SOME, structType } from "../../vm/values/data-types.ts"; // biome-ignore format: short
import { listOf, toArray } from "../../vm/values/list.ts";
import { showBeginning } from "../../vm/values/show.ts";
import * as vm from "../../vm/values/value.ts";
import { failure } from "./errors.ts";
import { Char, Float, Opaque, Pid, Ref, recordType, Tuple, Variant } from "./values.ts";

const MOST_DEEP = 500;
const SHOWN_UNITS = 1000;
const INT_BITS = 64;
const KNOWN_TYPES = [SOME, NONE, OK, ERR, NORMAL.type, SHUTDOWN.type, KILLED.type, NO_PROCESS.type, FAILED, DOWN, EXIT];

class TooDeep {}

export class Converter {
  private readonly owner: object;
  private readonly types = new Map<string, InternedType[]>();
  private readonly pids = new Map<number, WeakRef<Pid>>();
  private readonly refs = new Map<number, WeakRef<Ref>>();
  private readonly forgetPid = new FinalizationRegistry((id: number) => forgetDead(this.pids, id));
  private readonly forgetRef = new FinalizationRegistry((id: number) => forgetDead(this.refs, id));
  /** whether what `toNostos` has made last holds something that may change */
  holdsMutables = false;

  constructor(owner: object, program: Program) {
    this.owner = owner;
    for (const type of new Set([...KNOWN_TYPES, ...program.dataTypes])) {
      if (type.sort === "struct") continue;
      const same = this.types.get(type.name);
      if (same === undefined) this.types.set(type.name, [type]);
      else same.push(type);
    }
  }

  pid(id: number): Pid {
    let pid = this.pids.get(id)?.deref();
    if (pid === undefined) {
      pid = new Pid(id, this.owner);
      this.pids.set(id, new WeakRef(pid));
      this.forgetPid.register(pid, id);
    }
    return pid;
  }

  ref(id: number): Ref {
    let ref = this.refs.get(id)?.deref();
    if (ref === undefined) {
      ref = new Ref(id, this.owner);
      this.refs.set(id, new WeakRef(ref));
      this.forgetRef.register(ref, id);
    }
    return ref;
  }

  /** The number of a pid or ref of this machine. */
  idOf(what: Pid | Ref, sort: "Pid" | "Ref" = "Pid"): number {
    if (!(what instanceof (sort === "Pid" ? Pid : Ref))) throw failure("bad-value", `this is no ${sort}`);
    if (what.owner !== this.owner) throw failure("foreign-value", `${what} belongs to another machine`);
    return what.id;
  }

  toHost(value: vm.Value): unknown {
    try {
      return this.hostValue(value, 0);
    } catch (error) {
      if (error instanceof TooDeep) return this.opaque(value);
      throw error;
    }
  }

  private hostValue(value: vm.Value, depth: number): unknown {
    if (typeof value !== "object") return value;
    if (depth > MOST_DEEP) throw new TooDeep();
    const inner = (part: vm.Value): unknown => this.hostValue(part, depth + 1);
    if (value instanceof vm.Unit) return undefined;
    if (value instanceof vm.Cons || value instanceof vm.Nil) return toArray(value).map(inner);
    if (isTuple(value)) return new Tuple(fieldsOf(value).map(inner));
    if (value instanceof vm.Data) {
      const { sort, name, type, fieldNames } = value.type;
      const fields = fieldsOf(value).map(inner);
      const named = fieldNames && Object.fromEntries(fieldNames.map((field, i) => [field, fields[i]]));
      if (sort === "variant" || named === undefined) return new Variant(name, named ?? fields, type);
      if (sort === "record") Object.defineProperty(named, recordType, { value: name });
      return named;
    }
    if (value instanceof vm.MapValue) {
      const map = new Map<unknown, unknown>();
      forEachEntry(value, (key, item) => {
        map.set(inner(key), inner(item));
        return true;
      });
      return map;
    }
    if (value instanceof vm.SetValue) {
      const set = new Set<unknown>();
      forEachEntry(value, (key) => {
        set.add(inner(key));
        return true;
      });
      return set;
    }
    if (value instanceof vm.Pid) return this.pid(value.id);
    if (value instanceof vm.Ref) return this.ref(value.id);
    if (value instanceof vm.Float || value instanceof vm.Float32 || value instanceof vm.BigIntValue) return value.value;
    if (value instanceof vm.Char) return new Char(value.text);
    if (value instanceof vm.TypedArray) return value.items.slice();
    return this.opaque(value);
  }

  private opaque(value: vm.Value): Opaque {
    return new Opaque(showBeginning(value, SHOWN_UNITS), value, this.owner);
  }

  /** @param isFloat  a number is a Float, because that is what is asked for */
  toNostos(value: unknown, isFloat = false): vm.Value {
    this.holdsMutables = false;
    try {
      return isFloat && typeof value === "number" ? makeFloat(value) : this.nostosValue(value, 0);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      throw failure("bad-value", showBeginning(error.value, SHOWN_UNITS)); // a key that has no hash
    }
  }

  private nostosValue(value: unknown, depth: number): vm.Value {
    if (depth > MOST_DEEP) throw failure("bad-value", `a value is nested deeper than ${MOST_DEEP}, or holds itself`);
    const inner = (part: unknown): vm.Value => this.nostosValue(part, depth + 1);
    switch (typeof value) {
      case "undefined":
        return vm.UNIT;
      case "boolean":
        return value;
      case "string":
        return value.replace(/\p{Surrogate}/gu, "\ufffd");
      case "number":
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : makeFloat(value);
      case "bigint":
        if (BigInt.asIntN(INT_BITS, value) !== value) return new vm.BigIntValue(value);
        return Number.isSafeInteger(Number(value)) ? Number(value) : value;
      case "object":
        break;
      default:
        throw failure("bad-value", `a ${typeof value} of JavaScript is no value of Nostos`);
    }
    if (value === null) throw failure("bad-value", "null is no value of Nostos", 'unit is `undefined`, and None `variant("None")`'); // biome-ignore format: short
    if (Array.isArray(value)) return listOf(Array.from(value, inner));
    if (value instanceof Tuple) return makeTuple(Array.from(value.items, inner));
    if (value instanceof Variant) return this.nominal("variant", value.tag, value.type, value.fields, inner);
    if (value instanceof Float) return makeFloat(value.value);
    if (value instanceof Char) return oneChar(value.text);
    if (value instanceof Pid) return new vm.Pid(this.idOf(value));
    if (value instanceof Ref) return new vm.Ref(this.idOf(value, "Ref"));
    if (value instanceof Opaque) {
      if (value.owner !== this.owner) throw failure("foreign-value", `${value} belongs to another machine`);
      this.holdsMutables = true;
      return copyForSend(value.value as vm.Value).value;
    }
    if (value instanceof Map) {
      const map = new MapBuilder(EMPTY_MAP);
      for (const [key, item] of value) map.set(inner(key), inner(item));
      return map.finish();
    }
    if (value instanceof Set) {
      const set = new MapBuilder(EMPTY_SET);
      for (const item of value) set.set(inner(item), true);
      return set.finish();
    }
    for (const [kind, Class] of TYPED_ARRAYS) {
      if (!(value instanceof Class)) continue;
      this.holdsMutables = true;
      return new vm.TypedArray(kind, value.slice());
    }
    const type = (value as { readonly [recordType]?: unknown })[recordType];
    if (typeof type === "string") return this.nominal("record", type, type, value as Record<string, unknown>, inner);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
      throw failure("bad-value", `an object of class ${String(name)} is no value of Nostos`, "give its data as a plain object"); // biome-ignore format: short
    }
    const names = Object.keys(value);
    const fields = value as Readonly<Record<string, unknown>>;
    return makeData(
      structType(names),
      names.map((name) => inner(fields[name])),
    );
  }

  private nominal(
    sort: "variant" | "record",
    name: string,
    typeName: string | undefined,
    given: readonly unknown[] | Readonly<Record<string, unknown>>,
    inner: (part: unknown) => vm.Value,
  ): vm.Value {
    const all = this.types.get(name) ?? [];
    const fitting = all.filter((type) => (typeName === undefined || type.type === typeName) && (sort === "variant" || type.sort === sort)); // biome-ignore format: short
    const [type, second] = fitting;
    const what = `${sort === "record" ? "record type" : "constructor"} \`${name}\``;
    if (type === undefined) throw failure("unknown-constructor", `the program uses no ${what}`);
    if (second !== undefined) {
      const types = fitting.map((each) => `\`${each.module === "" ? "" : `${each.module}.`}${each.type}\``).join(", ");
      throw failure("ambiguous-constructor", `several types have a ${what}: ${types}`, "say the type's name too");
    }
    const { fieldNames, arity } = type;
    if (type.isMutable) this.holdsMutables = true;
    if (Array.isArray(given)) {
      if (given.length !== arity) throw failure("bad-value", `${what} has ${arity} fields, not ${given.length}`);
      return makeData(type, Array.from(given, inner));
    }
    if (fieldNames === undefined) throw failure("bad-value", `the fields of ${what} have no names: give an array`);
    const fields = given as Readonly<Record<string, unknown>>;
    const wrong =
      fieldNames.find((field) => !Object.hasOwn(fields, field)) ??
      Object.keys(fields).find((field) => !fieldNames.includes(field));
    if (wrong !== undefined)
      throw failure("bad-value", `${what} has the fields ${fieldNames.join(", ")}: look at \`${wrong}\``);
    return makeData(
      type,
      fieldNames.map((field) => inner(fields[field])),
    );
  }
}

const TYPED_ARRAYS = [
  ["Int64Array", BigInt64Array],
  ["Float64Array", Float64Array],
  ["Float32Array", Float32Array],
] as const;

/** A Float is a number that is no integer, else an object; see vm/values/value.ts. */
function makeFloat(value: number): vm.Value {
  return Number.isInteger(value) ? new vm.Float(value) : value;
}

function oneChar(text: string): vm.Value {
  if (!/^\P{Surrogate}$/su.test(text)) throw failure("bad-value", "a Char is one code point");
  return vm.makeChar(text);
}

function forgetDead<T extends object>(known: Map<number, WeakRef<T>>, id: number): void {
  if (known.get(id)?.deref() === undefined) known.delete(id);
}
