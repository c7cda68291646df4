/**
 * Patterns that are missing from a match (language.md 3.2, semantics 33).
 *
 * An error where the type's constructors can be listed — Bool, variants, Option, Result — and one of them has no arm;
 * guards count as if they held, and what stands inside constructors is not looked at. Whatever else can fall through is
 * a warning: found by the matrix of patterns (Maranget, "Warnings for pattern matching", JFP 2007), arms with guards
 * left out.
 * Stays true: work is bounded by MAX_STEPS; past it nothing is said.
 */
import type { Arm } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { CoreArm, CorePattern } from "../core.ts";
import type { ConstructorEntity } from "../names/module.ts";
import { arityOf } from "../names/module.ts";
import type { Checker } from "./checker.ts";
import { isBool, prune, type Type } from "./type.ts";

const MAX_STEPS = 100_000; // rows looked at
const MAX_DEPTH = 100; // columns opened inside one another

export function checkExhaustive(
  c: Checker,
  scrutinee: Type,
  arms: readonly Arm[],
  cores: readonly CoreArm[],
  span: Span,
): void {
  const type = prune(scrutinee);
  const patterns = cores.map((arm) => arm.patterns[0] as CorePattern);
  const all = isBool(type)
    ? ["true", "false"]
    : type.kind === "data"
      ? type.entity.constructors.map((ctor) => ctor.name)
      : [];
  if (all.length > 0) {
    const covered = namesCovered(patterns);
    const missing = covered === undefined ? [] : all.filter((name) => !covered.has(name));
    if (missing.length > 0) {
      c.report({ code: "not-exhaustive", span, missing, isError: true });
      return;
    }
  }
  // untyped values may be anything: a match on them picks out what it knows
  if (type.kind === "dynamic" || type.kind === "error" || type.kind === "var") return;
  const rows = patterns.filter((_, i) => arms[i]?.guard === undefined).map((pattern) => [pattern]);
  const witness = new Matrix(c).missing(rows, 1, 0);
  if (witness !== undefined) c.report({ code: "not-exhaustive", span, missing: [witness[0] ?? "_"], isError: false });
}

/** Top-level constructors that have an arm; undefined when some arm takes everything. */
function namesCovered(patterns: readonly CorePattern[]): Set<string> | undefined {
  const covered = new Set<string>();
  const stack = [...patterns];
  while (stack.length > 0) {
    const pattern = stack.pop() as CorePattern;
    if (pattern.kind === "or") stack.push(...pattern.alternatives);
    else if (pattern.kind === "construct") covered.add(pattern.type.name);
    else if (pattern.kind === "literal" && pattern.value.kind === "Bool") covered.add(String(pattern.value.value));
    else if (pattern.kind === "struct" || takesAll(pattern)) return undefined;
  }
  return covered;
}

function takesAll(pattern: CorePattern): boolean {
  return (
    pattern.kind === "any" ||
    pattern.kind === "bind" ||
    pattern.kind === "assign" ||
    (pattern.kind === "struct" && pattern.fields.every((field) => takesAll(field.pattern)))
  );
}

const ANY: CorePattern = { kind: "any" };

/** One way a value can be built, and what a pattern says about its parts. */
interface Head {
  readonly key: string;
  readonly arity: number;
  /** shows a value built this way */
  readonly show: (parts: readonly string[]) => string;
}

class Matrix {
  private readonly c: Checker;
  private steps = 0;

  constructor(c: Checker) {
    this.c = c;
  }

  /** Values, as text, that no row matches; undefined when there are none (or the work is too much). */
  missing(rows: readonly (readonly CorePattern[])[], width: number, depth: number): string[] | undefined {
    if (width === 0) return rows.length === 0 ? [] : undefined;
    if (depth > MAX_DEPTH) return undefined;
    this.steps += rows.length + 1;
    if (this.steps > MAX_STEPS) return undefined;
    const open: (readonly CorePattern[])[] = [];
    for (const row of rows) {
      const [first, ...rest] = row as readonly [CorePattern, ...CorePattern[]];
      for (const alternative of alternatives(first)) open.push([alternative, ...rest]);
    }
    const heads = new Map<string, Head>();
    let siblings: readonly Head[] | undefined;
    for (const row of open) {
      const head = this.headOf(row[0] as CorePattern);
      if (head === undefined) continue;
      siblings ??= this.siblingsOf(row[0] as CorePattern);
      heads.set(head.key, head);
    }
    const isComplete = siblings?.every((head) => heads.has(head.key));
    if (!isComplete) {
      const rest = this.missing(
        open.filter((row) => takesAll(row[0] as CorePattern)).map((row) => row.slice(1)),
        width - 1,
        depth,
      );
      if (rest === undefined) return undefined;
      const absent = siblings?.find((head) => !heads.has(head.key));
      return [absent === undefined ? "_" : absent.show(Array.from({ length: absent.arity }, () => "_")), ...rest];
    }
    for (const head of siblings as readonly Head[]) {
      const special = open.flatMap((row) => {
        const parts = this.partsFor(row[0] as CorePattern, head);
        return parts === undefined ? [] : [[...parts, ...row.slice(1)]];
      });
      const found = this.missing(special, head.arity + width - 1, depth + 1);
      if (found !== undefined) return [head.show(found.slice(0, head.arity)), ...found.slice(head.arity)];
    }
    return undefined;
  }

  private constructorHead(ctor: ConstructorEntity): Head {
    const arity = arityOf(ctor);
    return {
      key: `${ctor.type.name}.${ctor.tag}`,
      arity,
      show: (parts) => (arity === 0 ? ctor.name : `${ctor.name}(${parts.join(", ")})`),
    };
  }

  private headOf(pattern: CorePattern): Head | undefined {
    switch (pattern.kind) {
      case "construct": {
        const ctor = this.c.constructorOf.get(pattern.type);
        return ctor === undefined ? undefined : this.constructorHead(ctor);
      }
      case "tuple":
        return tupleHead(pattern.items.length);
      case "list":
        return pattern.items.length > 0 ? CONS : NIL;
      case "literal":
        if (pattern.value.kind === "Bool") return pattern.value.value ? TRUE : FALSE;
        return pattern.value.kind === "Unit" ? UNIT : undefined;
      default:
        return undefined;
    }
  }

  /** All ways to build a value of the pattern's type; undefined when they cannot be listed. */
  private siblingsOf(pattern: CorePattern): readonly Head[] | undefined {
    switch (pattern.kind) {
      case "construct":
        return this.c.constructorOf.get(pattern.type)?.type.constructors.map((ctor) => this.constructorHead(ctor));
      case "tuple":
        return [tupleHead(pattern.items.length)];
      case "list":
        return [NIL, CONS];
      case "literal":
        return pattern.value.kind === "Bool" ? [TRUE, FALSE] : [UNIT];
      default:
        return undefined;
    }
  }

  /** What the pattern asks of the parts of a value with this head; undefined when it does not match such a value. */
  private partsFor(pattern: CorePattern, head: Head): readonly CorePattern[] | undefined {
    if (takesAll(pattern)) return Array.from({ length: head.arity }, () => ANY);
    if (this.headOf(pattern)?.key !== head.key) return undefined;
    switch (pattern.kind) {
      case "construct":
        return pattern.args;
      case "tuple":
        return pattern.items;
      case "list": {
        const [first, ...items] = pattern.items;
        if (first === undefined) return [];
        if (items.length === 0 && pattern.rest !== undefined) return [first, pattern.rest];
        return [first, { kind: "list", items, ...(pattern.rest === undefined ? {} : { rest: pattern.rest }) }];
      }
      default:
        return [];
    }
  }
}

const NIL: Head = { key: "[]", arity: 0, show: () => "[]" };
const CONS: Head = {
  key: "::",
  arity: 2,
  show: ([head, tail]) => (tail === "[]" ? `[${head}]` : `[${head} | ${tail}]`),
};
const TRUE: Head = { key: "true", arity: 0, show: () => "true" };
const FALSE: Head = { key: "false", arity: 0, show: () => "false" };
const UNIT: Head = { key: "()", arity: 0, show: () => "()" };

function tupleHead(arity: number): Head {
  return { key: `tuple ${arity}`, arity, show: (parts) => `(${parts.join(", ")})` };
}

function alternatives(pattern: CorePattern): CorePattern[] {
  const found: CorePattern[] = [];
  const stack = [pattern];
  while (stack.length > 0) {
    const next = stack.pop() as CorePattern;
    if (next.kind === "or") stack.push(...next.alternatives);
    else found.push(next);
  }
  return found;
}
