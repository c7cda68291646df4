/**
 * Settles predicates: says what must follow from the types known so far.
 *
 * `solve` gives true when the predicate has nothing more to say (it held, or its failure was reported); false when it
 * must wait for a variable. It may be asked any number of times, and learns a little more each time.
 * Stays true: what is decided never depends on the order in which variables became known.
 */

import { nearest } from "../diagnostics/nearest.ts";
import type { Checker } from "./checker.ts";
import { constructorInfo, fieldTypesOf } from "./data-types.ts";
import { customIndexer } from "./indexing.ts";
import { solveMethod, solveOverload } from "./methods.ts";
import type { Predicate } from "./predicates.ts";
import { inProcess } from "./processes.ts";
import { showType } from "./show-type.ts";
import {
  BigInteger,
  Bool,
  Char,
  DYNAMIC,
  Float,
  Int,
  isFloat,
  isInt,
  isList,
  isLoose,
  isMap,
  isNumeric,
  isPid,
  isSet,
  isText,
  listOf,
  prune,
  Text,
  type Type,
  tupleType,
} from "./type.ts";

export function solve(c: Checker, p: Predicate): boolean {
  switch (p.kind) {
    case "trait":
      return solveTrait(c, p);
    case "arithmetic":
      return solveArithmetic(c, p);
    case "concat":
      return solveConcat(c, p);
    case "field":
      return solveField(c, p);
    case "index":
      return solveIndex(c, p);
    case "iterable":
      return solveIterable(c, p);
    case "textual": {
      const type = prune(p.type);
      if (type.kind === "var") return false;
      if (!isLoose(type) && !isText(type)) c.expect(listOf(Text), type, p.span);
      return true;
    }
    case "method":
    case "overload": {
      const outer = c.within;
      c.within = p.within ?? [];
      // it is settled anywhere: nobody knows here which process will run the call
      const isSolved = inProcess(c, "unknown", () => (p.kind === "method" ? solveMethod(c, p) : solveOverload(c, p)));
      c.within = outer;
      return isSolved;
    }
    // nothing follows from them before the end: see messages.ts
    case "process":
    case "message":
      return prune(p.messages).kind !== "var";
  }
}

type Of<K extends Predicate["kind"]> = Extract<Predicate, { readonly kind: K }>;

// ───────────────────────────── traits ─────────────────────────────

function solveTrait(c: Checker, p: Of<"trait">): boolean {
  const type = prune(p.type);
  if (type.kind === "var") return false;
  if (p.trait === "Show") return true; // everything can be shown
  if (p.trait === "Concat") {
    if (!isLoose(type) && !isText(type) && !isList(type))
      c.report({ code: "no-trait", span: p.span, type: showType(type), trait: "Concat" });
    return true;
  }
  const culprit = lacking(c, p.trait, type, p.span);
  if (culprit !== undefined)
    c.report({ code: "no-trait", span: p.span, type: showType(type), trait: p.trait, part: showType(culprit) });
  return true;
}

/** The part because of which a type does not implement a trait; parts not known yet are made to wait for it. */
function lacking(
  c: Checker,
  trait: "Num" | "Ord" | "Eq" | "Hash",
  whole: Type,
  span: Predicate["span"],
): Type | undefined {
  const stack: Type[] = [whole];
  const seen = new Set<Type>();
  while (stack.length > 0) {
    const type = prune(stack.pop() as Type);
    if (seen.has(type)) continue;
    seen.add(type);
    if (isLoose(type)) continue;
    if (type.kind === "var") {
      c.demand({ kind: "trait", span, solved: false, trait, type });
      continue;
    }
    if (trait === "Num") {
      if (!isNumeric(type)) return type;
      continue;
    }
    switch (type.kind) {
      case "function":
        return type;
      case "tuple":
        stack.push(...type.items);
        break;
      case "struct":
        if (trait === "Ord") return type;
        stack.push(...type.fields.values());
        break;
      case "data": {
        const name = type.entity.module === undefined ? type.entity.name : "";
        if (
          trait === "Ord" &&
          (name === "Bool" ||
            name === "List" ||
            name === "Set" ||
            name === "Map" ||
            name === "()" ||
            name === "Pid" ||
            name === "Ref")
        )
          return type;
        if (trait === "Hash" && (name === "List" || name === "Set" || name === "Map")) return type;
        if (!isPid(type)) stack.push(...type.args);
        // a field that holds a function cannot be compared; other fields can, or are judged where they are made
        for (const ctor of type.entity.constructors) {
          for (const field of constructorInfo(c, ctor).fieldTypes) {
            const f = prune(field);
            if (f.kind === "function") return type === whole ? f : type;
          }
        }
        break;
      }
    }
  }
  return undefined;
}

// ───────────────────────────── operators ─────────────────────────────

function solveArithmetic(c: Checker, p: Of<"arithmetic">): boolean {
  const a = prune(p.left);
  const b = prune(p.right);
  const r = prune(p.result);
  if (a.kind === "error" || b.kind === "error") {
    c.fail(p.result);
    return true;
  }
  const give = (type: Type): true => {
    c.expect(p.result, type, p.span);
    return true;
  };
  const wrong = (left: boolean): true => {
    const [type, other] = left ? [a, b] : [b, a];
    const [span, otherSpan] = left ? [p.leftSpan, p.rightSpan] : [p.rightSpan, p.leftSpan];
    c.report({
      code: "operand",
      span,
      op: p.op,
      type: showType(type),
      other: other.kind === "var" || other.kind === "dynamic" ? "" : showType(other),
      otherSpan,
      trait: "Num",
    });
    c.fail(p.result);
    return true;
  };
  if (p.op === "+" && (isText(a) || isText(b) || (isText(r) && (a.kind === "var" || b.kind === "var")))) {
    const known = (t: Type): boolean => isText(t) || t.kind === "dynamic" || t.kind === "var";
    if (!known(a)) return wrong(true);
    if (!known(b)) return wrong(!isText(a));
    if (a.kind === "var") c.unify(a, Text);
    if (b.kind === "var") c.unify(b, Text);
    return give(Text);
  }
  if (a.kind !== "var" && a.kind !== "dynamic" && !isNumeric(a)) return wrong(true);
  if (b.kind !== "var" && b.kind !== "dynamic" && !isNumeric(b)) return wrong(false);
  if (a.kind === "dynamic" || b.kind === "dynamic") {
    if (isFloat(a) || isFloat(b)) return give(Float);
    return give(DYNAMIC);
  }
  if (a.kind !== "var" && b.kind !== "var") {
    if (same(a, b)) return give(a);
    if ((isInt(a) && isFloat(b)) || (isFloat(a) && isInt(b))) return give(Float);
    if ((isInt(a) && same(b, BigInteger)) || (same(a, BigInteger) && isInt(b))) return give(BigInteger);
    c.report({
      code: "mismatch",
      span: p.rightSpan,
      expected: showType(a),
      found: showType(b),
      because: { span: p.leftSpan, text: `the other side is \`${showType(a)}\`` },
    });
    c.fail(p.result);
    return true;
  }
  if (a === b) {
    // both sides are of one type, whichever it is
    c.unify(p.result, a);
    const now = prune(a);
    if (now.kind === "var") return false;
    if (!isLoose(now) && !isNumeric(now) && !(p.op === "+" && isText(now))) return wrong(true);
    return true;
  }
  if (isInt(r)) {
    // Int comes from two Ints only
    c.unify(a, Int);
    c.unify(b, Int);
    return true;
  }
  if (r.kind !== "var" && isNumeric(r) && !isFloat(r) && !same(r, BigInteger)) {
    c.unify(a, r);
    c.unify(b, r);
    return true;
  }
  if (follows(c, p, a, b) || follows(c, p, b, a)) return true;
  const known = a.kind === "var" ? b : a;
  const open = a.kind === "var" ? a : b;
  if (known.kind === "var") return false;
  if (isInt(known)) {
    if (isFloat(r)) {
      c.unify(open, Float);
      return true;
    }
    if (same(r, BigInteger)) {
      c.unify(open, BigInteger);
      return true;
    }
    return false;
  }
  if (isFloat(known)) {
    c.unify(p.result, Float);
    return false;
  }
  if (same(known, BigInteger)) {
    c.unify(p.result, BigInteger);
    return false;
  }
  // the other numeric kinds go with themselves alone
  c.unify(open, known);
  return give(known);
}

/**
 * Whether another waiting predicate already says what comes out: the same operands give the same type, and adding an
 * operand once more changes nothing, `(a + b) + b` is of the type of `a + b`. So long sums keep one predicate.
 */
function follows(c: Checker, p: Of<"arithmetic">, open: Type, other: Type): boolean {
  if (open.kind !== "var" || open.waiting === undefined) return false;
  const waiting = open.waiting;
  for (let i = waiting.length - 1; i >= 0 && i >= waiting.length - 8; i--) {
    const q = waiting[i] as Predicate;
    if (q === p || q.solved || q.kind !== "arithmetic" || (p.op !== "+" && q.op === "+")) continue;
    const left = prune(q.left);
    const right = prune(q.right);
    const isSame = (left === open && right === other) || (left === other && right === open);
    const isAbsorbed = prune(q.result) === open && (left === other || right === other);
    if (!isSame && !isAbsorbed) continue;
    if (isSame && p.op !== q.op && (p.op === "+" || q.op === "+")) continue;
    c.unify(p.result, isAbsorbed ? open : q.result);
    return true;
  }
  return false;
}

function same(a: Type, b: Type): boolean {
  return a === b;
}

function solveConcat(c: Checker, p: Of<"concat">): boolean {
  const a = prune(p.left);
  const b = prune(p.right);
  if (a.kind === "error" || b.kind === "error") {
    c.fail(p.result);
    return true;
  }
  const give = (type: Type): true => {
    c.expect(p.result, type, p.span);
    return true;
  };
  const wrong = (left: boolean): true => {
    const [type, other] = left ? [a, b] : [b, a];
    const [span, otherSpan] = left ? [p.leftSpan, p.rightSpan] : [p.rightSpan, p.leftSpan];
    c.report({
      code: "operand",
      span,
      op: "++",
      type: showType(type),
      other: showType(other),
      otherSpan,
      trait: "Concat",
    });
    c.fail(p.result);
    return true;
  };
  const loose = (t: Type): boolean => t.kind === "var" || t.kind === "dynamic";
  if (!loose(a) && !isText(a) && !isList(a)) return wrong(true);
  if (!loose(b) && !isText(b) && !isList(b)) return wrong(false);
  if (isText(a) || isText(b)) {
    if (!isText(a) && !loose(a)) return wrong(true);
    if (!isText(b) && !loose(b)) return wrong(false);
    if (a.kind === "var") c.unify(a, Text);
    if (b.kind === "var") c.unify(b, Text);
    return give(Text);
  }
  if (isList(a) && isList(b)) {
    // lists of different elements may be joined (language.md 4.1)
    return give(c.tryUnify(a, b) ? a : listOf(DYNAMIC));
  }
  if (a.kind === "dynamic" || b.kind === "dynamic") return give(DYNAMIC);
  const r = prune(p.result);
  if (a.kind === "var" && b.kind === "var" && a !== b && !isText(r)) return false;
  if (isText(r)) {
    c.unify(a, Text);
    c.unify(b, Text);
    return true;
  }
  if (a === b) {
    c.unify(p.result, a);
    return false;
  }
  // one is a list: so is the other, perhaps of something else
  const list = a.kind === "var" ? b : a;
  const open = a.kind === "var" ? a : b;
  if (isList(list)) {
    c.unify(open, list);
    return give(list);
  }
  return false;
}

// ───────────────────────────── parts ─────────────────────────────

function solveField(c: Checker, p: Of<"field">): boolean {
  const target = prune(p.target);
  if (target.kind === "var") return false;
  if (isLoose(target)) {
    c.unify(p.result, target);
    return true;
  }
  const missing = (nearby: readonly string[]): true => {
    c.report({ code: "no-field", span: p.span, type: showType(target), field: p.name, nearby });
    c.fail(p.result);
    return true;
  };
  if (/^[0-9]+$/.test(p.name)) {
    const item = target.kind === "tuple" ? target.items[Number(p.name)] : undefined;
    if (item === undefined) return missing([]);
    c.expect(p.result, item, p.span);
    return true;
  }
  const fields =
    target.kind === "struct" ? target.fields : target.kind === "data" ? fieldTypesOf(c, target) : undefined;
  const type = fields?.get(p.name);
  if (type === undefined) return missing(fields === undefined ? [] : nearest(p.name, fields.keys()));
  c.expect(p.result, type, p.span);
  return true;
}

const TYPED_ARRAYS: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["Int64Array", Int],
  ["Int64List", Int],
  ["Float64Array", Float],
  ["Float32Array", Float],
]);

function solveIndex(c: Checker, p: Of<"index">): boolean {
  const target = prune(p.target);
  if (target.kind === "var") return false;
  if (isLoose(target)) {
    c.unify(p.result, target);
    p.finish?.(undefined);
    return true;
  }
  const indexer = customIndexer(c, target, "Get");
  if (indexer !== undefined) {
    const type = prune(
      c.instantiate(
        {
          type: indexer.signature?.type ?? indexer.type,
          predicates: indexer.signature?.predicates ?? indexer.predicates,
        },
        p.span,
      ),
    );
    if (type.kind === "function" && type.params.length === 2) {
      c.expect(type.params[0] as Type, target, p.span);
      c.expect(type.params[1] as Type, p.index, p.span);
      c.expect(p.result, type.result, p.span);
    }
    p.finish?.(indexer);
    return true;
  }
  p.finish?.(undefined);
  const element =
    target.kind === "data" ? TYPED_ARRAYS.get(target.entity.module === undefined ? target.entity.name : "") : undefined;
  if (isList(target)) {
    c.expect(Int, p.index, p.span);
    c.expect(p.result, target.args[0] as Type, p.span);
  } else if (isText(target)) {
    c.expect(Int, p.index, p.span);
    c.expect(p.result, Text, p.span);
  } else if (isMap(target)) {
    c.expect(target.args[0] as Type, p.index, p.span);
    c.expect(p.result, target.args[1] as Type, p.span);
  } else if (isSet(target)) {
    c.expect(target.args[0] as Type, p.index, p.span);
    c.expect(p.result, Bool, p.span);
  } else if (element !== undefined) {
    c.expect(Int, p.index, p.span);
    c.expect(p.result, element, p.span);
  } else if (target.kind === "tuple") {
    c.expect(Int, p.index, p.span);
    const item = p.position === undefined ? undefined : target.items[p.position];
    if (p.position !== undefined && item === undefined) {
      c.report({ code: "no-field", span: p.span, type: showType(target), field: String(p.position), nearby: [] });
      c.fail(p.result);
    } else c.expect(p.result, item ?? DYNAMIC, p.span);
  } else {
    c.report({ code: "not-indexable", span: p.span, type: showType(target) });
    c.fail(p.result);
  }
  return true;
}

function solveIterable(c: Checker, p: Of<"iterable">): boolean {
  const collection = prune(p.collection);
  if (collection.kind === "var") return false;
  if (isLoose(collection)) c.unify(p.element, collection);
  else if (isList(collection) || isSet(collection)) c.expect(p.element, collection.args[0] as Type, p.span);
  else if (isMap(collection)) c.expect(p.element, tupleType(collection.args), p.span);
  else if (isText(collection)) c.expect(p.element, Char, p.span);
  else {
    c.report({ code: "not-iterable", span: p.span, type: showType(collection) });
    c.fail(p.element);
  }
  return true;
}
