/**
 * Ways through Core that do not recurse, however long a list, chain or clause table is.
 */
import type { Core, CoreArm, CoreExpr, CorePattern, Local } from "../core.ts";

/** What a hole was filled with; other nodes are themselves. */
export function throughHoles(core: Core): Core {
  let at = core;
  while (at.kind === "hole") at = at.filled!;
  return at;
}

/** Adds the parts of a node to `into` in the order in which they are evaluated; of a lambda, its body. */
export function addParts(node: Core, into: Core[]): void {
  const core: CoreExpr = node;
  switch (core.kind) {
    case "const":
    case "local":
    case "global":
    case "mvar":
    case "function":
    case "self":
    case "continue":
      return;
    case "lambda":
      into.push(core.body);
      return;
    case "call":
    case "callNative":
    case "construct":
      addAll(core.args, into);
      return;
    case "callValue":
      into.push(core.callee);
      addAll(core.args, into);
      return;
    case "tuple":
    case "set":
    case "interpolate":
    case "and":
    case "or":
      addAll(core.items, into);
      return;
    case "list":
      addAll(core.items, into);
      if (core.rest !== undefined) into.push(core.rest);
      return;
    case "map":
      for (const entry of core.entries) into.push(entry.key, entry.value);
      return;
    case "fieldAt":
    case "field":
    case "tupleItem":
    case "test":
      into.push(core.target);
      return;
    case "setFieldAt":
    case "setField":
      into.push(core.target, core.value);
      return;
    case "index":
      into.push(core.target, core.index);
      return;
    case "updated":
      into.push(core.target, core.index, core.value);
      return;
    case "binary":
      into.push(core.left, core.right);
      return;
    case "chain":
      into.push(core.first);
      for (const { item } of core.rest) into.push(item);
      return;
    case "negate":
    case "not":
      into.push(core.operand);
      return;
    case "block":
      addAll(core.statements, into);
      return;
    case "bind":
    case "assign":
    case "assignMvar":
    case "setGlobal":
    case "throw":
      into.push(core.value);
      return;
    case "bindPattern":
      into.push(core.value);
      addPatternValues(core.pattern, into);
      return;
    case "if":
      for (const branch of core.branches) into.push(branch.condition, branch.body);
      if (core.otherwise !== undefined) into.push(core.otherwise);
      return;
    case "match":
      addAll(core.scrutinees, into);
      addArms(core.arms, into);
      return;
    case "while":
      into.push(core.condition, core.body);
      return;
    case "for":
      into.push(core.from, core.to, core.body);
      return;
    case "forIn":
      into.push(core.list);
      addPatternValues(core.pattern, into);
      into.push(core.body);
      return;
    case "comprehension":
      into.push(core.list);
      addPatternValues(core.pattern, into);
      if (core.condition !== undefined) into.push(core.condition);
      into.push(core.element);
      return;
    case "break":
    case "return":
      if (core.value !== undefined) into.push(core.value);
      return;
    case "try":
      into.push(core.body);
      addArms(core.arms ?? [], into);
      if (core.finalizer !== undefined) into.push(core.finalizer);
      return;
    case "spawn":
      into.push(core.function);
      return;
    case "send":
      into.push(core.target, core.message);
      return;
    case "sleep":
      into.push(core.ms);
      return;
    case "receive":
      if (core.after !== undefined) into.push(core.after.timeout);
      addArms(core.arms, into);
      if (core.after !== undefined) into.push(core.after.body);
      return;
    case "hole":
      into.push(core.filled!);
      return;
  }
}

function addAll(items: readonly Core[], into: Core[]): void {
  for (const item of items) into.push(item);
}

function addArms(arms: readonly CoreArm[], into: Core[]): void {
  for (const arm of arms) {
    for (const pattern of arm.patterns) addPatternValues(pattern, into);
    if (arm.guard !== undefined) into.push(arm.guard);
    into.push(arm.body);
  }
}

/** Calls `visit` with a pattern and every pattern in it, outer ones first, left to right. */
export function visitPatterns(pattern: CorePattern, visit: (pattern: CorePattern) => void): void {
  const rest: CorePattern[] = [pattern];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    visit(at);
    const parts = partsOfPattern(at);
    for (let i = parts.length - 1; i >= 0; i--) rest.push(parts[i]!);
  }
}

function partsOfPattern(pattern: CorePattern): readonly CorePattern[] {
  switch (pattern.kind) {
    case "tuple":
    case "set":
      return pattern.items;
    case "list":
      return pattern.rest === undefined ? pattern.items : [...pattern.items, pattern.rest];
    case "prefix":
      return [pattern.rest];
    case "construct":
      return pattern.args;
    case "struct":
      return pattern.fields.map((field) => field.pattern);
    case "map":
      return pattern.entries.map((entry) => entry.value);
    case "or":
      return pattern.alternatives;
    default:
      return NO_PATTERNS;
  }
}

const NO_PATTERNS: readonly CorePattern[] = [];

/** Adds the values that a pattern compares with: pins and keys. */
export function addPatternValues(pattern: CorePattern, into: Core[]): void {
  visitPatterns(pattern, (part) => {
    if (part.kind === "equal") into.push(part.value);
    else if (part.kind === "map") for (const entry of part.entries) into.push(entry.key);
  });
}

const NO_LOCALS: readonly Local[] = [];

/** The locals that a pattern makes, each once. */
export function localsOfPattern(pattern: CorePattern): readonly Local[] {
  if (pattern.kind === "bind") return [pattern.local];
  if (partsOfPattern(pattern).length === 0) return NO_LOCALS;
  const found = new Set<Local>();
  visitPatterns(pattern, (part) => {
    if (part.kind === "bind") found.add(part.local);
  });
  return [...found];
}

/** Every pattern that stands directly in a node. */
export function patternsOf(node: Core): readonly CorePattern[] {
  const core: CoreExpr = node;
  switch (core.kind) {
    case "bindPattern":
    case "forIn":
    case "comprehension":
      return [core.pattern];
    case "match":
    case "receive":
      return core.arms.flatMap((arm) => arm.patterns);
    case "try":
      return (core.arms ?? []).flatMap((arm) => arm.patterns);
    default:
      return [];
  }
}
