/**
 * The state of one run of the checker, and the few operations that all of inference is made of: fresh variables,
 * demanding that two types are equal, predicates, generalising and instantiating, problems.
 *
 * The trick: inference and elaboration are one walk. What needs a type that is known only later is done by a closure in
 * `later`, run when everything is inferred.
 * Stays true: one mistake makes one problem; what was reported has the error type, which goes with everything.
 */

import type { Expr, MvarDecl } from "../../grammar/ast.ts";
import type { SourceFile, Span } from "../../grammar/source.ts";
import type { DataType, Kind } from "../../vm/bytecode/unit.ts";
import type { Core, Local, Loop } from "../core.ts";
import type { Names } from "../names/lookup.ts";
import type { ConstructorEntity, FunctionEntity, GlobalEntity, Module, MvarEntity } from "../names/module.ts";
import type { TypeScope } from "./data-types.ts";
import type { Definition, Scheme } from "./definition.ts";
import type { MvarInfo } from "./infer-definition.ts";
import { settleSoleMethod } from "./methods.ts";
import { awaited, copyPredicate, mentioned, type Predicate, type TrafficPredicate } from "./predicates.ts";
import type { TypeProblem } from "./problems.ts";
import { noteMeetings, type Process, type ProcessContext } from "./processes.ts";
import type { LocalScope } from "./scope.ts";
import { TypePrinter } from "./show-type.ts";
import { solve } from "./solve.ts";
import { ERROR, GENERIC, isList, listOf, newVar, partsOf, prune, type Type, type TypeVar, withParts } from "./type.ts";
import { type Mismatch, Unifier } from "./unify.ts";

/** A function or lambda that is being inferred. */
export interface Frame {
  readonly result: Type;
  readonly loops: LoopFrame[];
}

export interface LoopFrame {
  readonly loop: Loop;
  /** type of `break v`, when one was seen */
  value: Type | undefined;
}

/** What inference knows about where it is; one a definition. */
export interface Place {
  readonly module: Module;
  readonly definition: Definition;
  readonly scope: LocalScope;
  readonly frames: Frame[];
  /** top level of a file without main: bindings may become globals */
  readonly isScript: boolean;
  /** loops outside of any function, in a file without main */
  readonly topLoops: LoopFrame[];
  /** type variables of the annotations of this definition */
  readonly typeScope: TypeScope;
  /** which process runs the code here */
  process: ProcessContext;
}

export interface Typed {
  readonly type: Type;
  readonly core: Core;
}

/** Where nothing is reported. */
const NOWHERE: Span = { source: { path: "", text: "" }, start: 0, end: 0 };
const MAX_PREDICATES = 50; // of a scheme; what is beyond is checked at run time only

export class Checker {
  readonly names: Names;
  readonly unifier = new Unifier();
  readonly problems: TypeProblem[] = [];
  readonly pending: Predicate[] = [];
  /** run when every type is known */
  readonly later: (() => void)[] = [];
  level = 0;
  place!: Place;
  /** expressions around the current one, over all of these definitions */
  nesting = 0;
  /** lambdas around the current place */
  lambdaDepth = 0;
  /** Tarjan's stack of definitions whose group is open */
  readonly stack: Definition[] = [];
  /** definitions that have a type but wait to be inferred, see infer-definition.ts */
  readonly promised: Definition[] = [];
  /** annotated functions that were used and must still be inferred */
  readonly needed: Definition[] = [];
  readonly neededMvars: MvarEntity[] = [];
  readonly mvars = new Map<MvarEntity, MvarInfo>();
  readonly structShapes = new Map<string, DataType>();
  readonly dispatchers = new Map<string, Definition>();
  readonly constructorOf = new Map<DataType, ConstructorEntity>();
  readonly fieldNames = new Set<string>();
  readonly traitNames = new Set<string>();
  /** names that a file without main binds and functions name */
  readonly scriptGlobals = new Map<string, GlobalEntity>();
  /** bindings that earlier inputs of a session made; they have values already */
  readonly earlierGlobals = new Map<string, GlobalEntity[]>();
  /** which input of a session a source is; the present one is not there */
  readonly inputOf = new Map<SourceFile, number>();
  /** mvars that have their values from earlier inputs of a session */
  setMvars: ReadonlySet<MvarDecl> = new Set();
  readonly definitions = new Map<FunctionEntity | GlobalEntity, Definition>();
  /** every predicate about processes and messages there was, also those that went into schemes */
  readonly traffic: TrafficPredicate[] = [];
  /** the function that a spawn is about to start: as a value it is called by that process */
  started: Expr | undefined;
  /** the process that the program begins with, and the function it runs */
  main: { readonly process: Process; readonly entity: FunctionEntity } | undefined;
  private readonly reported = new Set<string>();

  constructor(names: Names) {
    this.names = names;
  }

  get typeScope(): TypeScope {
    return this.place.typeScope;
  }

  fresh(name?: string): TypeVar {
    return newVar(this.level, name);
  }

  report(problem: TypeProblem): void {
    // the same expression may be judged twice (by a predicate and its copy)
    const key =
      problem.span === undefined
        ? problem.code
        : `${problem.span.source.path}:${problem.span.start}:${problem.span.end}:${problem.code}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.problems.push(problem);
  }

  // ── equality ──

  unify(expected: Type, found: Type, span: Span = NOWHERE): Mismatch | undefined {
    const mismatch = this.unifier.unify(expected, found);
    if (this.unifier.met.length > 0) noteMeetings(this, this.unifier.met.splice(0), span);
    if (this.unifier.ready.length > 0) this.solveReady();
    return mismatch;
  }

  /** Unifies, or leaves everything as it was. */
  tryUnify(a: Type, b: Type): boolean {
    const fits = this.unifier.tentatively(() => this.unifier.unify(a, b) === undefined);
    if (this.unifier.met.length > 0) noteMeetings(this, this.unifier.met.splice(0), NOWHERE);
    if (fits) this.solveReady();
    return fits;
  }

  /** Demands that what stands at `span` has the expected type; reports when it has not. */
  expect(
    expected: Type,
    found: Type,
    span: Span,
    facts: {
      readonly because?: { readonly span: Span; readonly text: string };
      readonly isBinding?: boolean;
      readonly argument?: number;
    } = {},
  ): boolean {
    const mismatch = this.unify(expected, found, span);
    if (mismatch === undefined) return true;
    this.reportMismatch(mismatch, expected, found, span, facts);
    return false;
  }

  reportMismatch(
    mismatch: Mismatch,
    expected: Type,
    found: Type,
    span: Span,
    facts: {
      readonly because?: { readonly span: Span; readonly text: string };
      readonly isBinding?: boolean;
      readonly argument?: number;
    } = {},
  ): void {
    const printer = new TypePrinter();
    if (mismatch.reason === "infinite") {
      const [variable, type] =
        prune(mismatch.expected).kind === "var"
          ? [mismatch.expected, mismatch.found]
          : [mismatch.found, mismatch.expected];
      this.report({ code: "infinite-type", span, type: printer.show(variable), inside: printer.show(type) });
      return;
    }
    const e = prune(expected);
    const f = prune(found);
    const ie = prune(mismatch.expected);
    const inf = prune(mismatch.found);
    if (mismatch.reason === "arity" && ie.kind === "function" && inf.kind === "function") {
      this.report({ code: "arity", span, expected: [ie.params.length], found: inf.params.length });
      return;
    }
    if (mismatch.reason === "missing-field" && mismatch.field !== undefined) {
      this.report({
        code: "mismatch",
        span,
        expected: printer.show(e),
        found: printer.show(f),
        innerExpected: `{${mismatch.field}: …}`,
        innerFound: printer.show(inf),
        ...facts,
      });
      return;
    }
    const isInner = ie !== e || inf !== f;
    const note =
      e.kind === "function" && f.kind !== "function"
        ? "expected-function"
        : (e.kind === "tuple") !== (f.kind === "tuple")
          ? "tuple"
          : isList(e) && prune(e.args[0] as Type).kind === "tuple" && isList(f)
            ? "expected-tuples"
            : isList(e) && !isList(f)
              ? "expected-list"
              : undefined;
    this.report({
      code: "mismatch",
      span,
      expected: printer.show(e),
      found: printer.show(f),
      ...(isInner ? { innerExpected: printer.show(ie), innerFound: printer.show(inf) } : {}),
      ...(note === undefined ? {} : { note }),
      ...facts,
    });
  }

  // ── predicates ──

  /** Settles the predicate now, or lets it wait for its types. */
  demand(predicate: Predicate): void {
    if (predicate.kind === "process" || predicate.kind === "message") {
      if (prune(predicate.messages).kind === "dynamic") return;
      this.traffic.push(predicate);
    }
    if (solve(this, predicate)) {
      predicate.solved = true;
      return;
    }
    this.pending.push(predicate);
    this.wait(predicate);
  }

  private wait(predicate: Predicate): void {
    for (const type of awaited(predicate)) {
      const variable = prune(type);
      if (variable.kind !== "var") continue;
      if (variable.waiting === undefined) variable.waiting = [predicate];
      else if (!variable.waiting.includes(predicate)) variable.waiting.push(predicate);
    }
  }

  /**
   * While a method or an overload is being settled: the functions chosen on the way to it. One that comes up again calls
   * itself on types that never settle, and is left to run time.
   */
  within: readonly Definition[] | undefined;

  private solving = false;

  solveReady(): void {
    if (this.solving) return; // the outer turn of the loop goes on with what was added
    this.solving = true;
    const ready = this.unifier.ready;
    while (ready.length > 0) {
      const predicate = ready.pop() as Predicate;
      if (predicate.solved) continue;
      if (solve(this, predicate)) predicate.solved = true;
      else this.wait(predicate);
    }
    this.solving = false;
  }

  /** One of the types was wrong and has been reported: what depends on it is wrong silently. */
  fail(result: Type): void {
    this.unifier.unify(result, ERROR);
  }

  // ── schemes ──

  /**
   * Makes the variables inside `types` generic that belong to a level deeper than `this.level`, with the predicates
   * that wait since `start`. Predicates of outer variables stay, and keep what they mention from being generalised.
   */
  generalise(types: readonly Type[], start: number): Predicate[] {
    const outer = this.level;
    let mine = this.pending.splice(start).filter((p) => !p.solved);
    const stay: Predicate[] = [];
    for (let changed = true; changed; ) {
      changed = false;
      const inner: Predicate[] = [];
      for (const predicate of mine) {
        // an operation on outer operands stays, although its result is new: that is theirs to decide
        const deciding = "left" in predicate ? [predicate.left, predicate.right] : awaited(predicate);
        const isInner = deciding.some((type) => {
          const t = prune(type);
          return t.kind === "var" ? t.level > outer : !t.ground && this.hasInnerVariable(t, outer);
        });
        if (isInner) inner.push(predicate);
        else {
          for (const type of mentioned(predicate)) if (this.lower(type, outer)) changed = true;
          stay.push(predicate);
        }
      }
      mine = inner;
    }
    this.pending.push(...stay);
    const isGeneric = this.markGeneric(types);
    // what is only spoken of by predicates of this scheme becomes generic with it
    const kept: Predicate[] = [];
    const traffic: TrafficPredicate[] = [];
    const seen = new Map<string, Predicate>();
    const ids = new Map<Type | Process, number>();
    for (const predicate of mine) {
      const key = predicateKey(predicate, ids);
      const same = key === undefined ? undefined : seen.get(key);
      if (same !== undefined && "result" in same && "result" in predicate) {
        this.unifier.unify(same.result, predicate.result);
        this.leaveToRunTime(predicate);
        continue;
      }
      if (same !== undefined) continue;
      if (key !== undefined) seen.set(key, predicate);
      if (predicate.kind === "process" || predicate.kind === "message") traffic.push(predicate);
      else kept.push(predicate);
    }
    // all or none: with fewer processes than there are, a message might look wrong
    const open = traffic.length === 0 ? traffic : this.stillOpen(traffic, types);
    if (kept.length + open.length <= MAX_PREDICATES) kept.push(...open);
    for (const predicate of kept) this.markGeneric(mentioned(predicate));
    if (!isGeneric && kept.length === 0) return [];
    return kept.length > MAX_PREDICATES ? kept.slice(0, MAX_PREDICATES) : kept;
  }

  /** Of predicates about pids, those of which callers of a function of these types may learn more. */
  private stillOpen(traffic: readonly TrafficPredicate[], types: readonly Type[]): TrafficPredicate[] {
    const outside = variablesIn(types);
    const sent = new Set<Type>();
    for (const p of traffic) if (p.kind === "message") sent.add(prune(p.messages));
    const open = new Set<Type>();
    for (const p of traffic) {
      const messages = prune(p.messages);
      const depends =
        p.kind === "process"
          ? p.process === "caller" && sent.has(messages)
          : [...variablesIn([p.message])].some((variable) => outside.has(variable));
      if (depends || outside.has(messages)) open.add(messages);
    }
    return traffic.filter((p) => open.has(prune(p.messages)));
  }

  private hasInnerVariable(type: Type, outer: number): boolean {
    const stack: Type[] = [type];
    const seen = new Set<Type>();
    while (stack.length > 0) {
      const t = prune(stack.pop() as Type);
      if (t.kind === "var") {
        if (t.level > outer && t.level !== GENERIC) return true;
      } else if (!t.ground && !seen.has(t)) {
        seen.add(t);
        for (const part of partsOf(t)) stack.push(part);
      }
    }
    return false;
  }

  private lower(type: Type, level: number): boolean {
    let changed = false;
    const stack: Type[] = [type];
    const seen = new Set<Type>();
    while (stack.length > 0) {
      const t = prune(stack.pop() as Type);
      if (t.kind === "var") {
        if (t.level > level && t.level !== GENERIC) {
          t.level = level;
          changed = true;
        }
      } else if (!t.ground && !seen.has(t)) {
        seen.add(t);
        for (const part of partsOf(t)) stack.push(part);
      }
    }
    return changed;
  }

  private markGeneric(types: readonly Type[]): boolean {
    let any = false;
    const stack: Type[] = [...types];
    const seen = new Set<Type>();
    while (stack.length > 0) {
      const t = prune(stack.pop() as Type);
      if (t.kind === "var") {
        if (t.level > this.level && t.level !== GENERIC) {
          t.level = GENERIC;
          t.waiting = undefined;
          any = true;
        }
      } else if (!t.ground && !seen.has(t)) {
        seen.add(t);
        for (const part of partsOf(t)) stack.push(part);
      }
    }
    return any;
  }

  /** Generalises a local function, whose level has just been left. */
  generaliseLocal(type: Type, start: number): Predicate[] {
    this.level++;
    this.settleMethods(start, this.level - 1);
    this.level--;
    const predicates = this.generalise([type], start);
    for (const predicate of predicates) this.leaveToRunTime(predicate);
    return predicates;
  }

  /** Nothing more will be learned of variables deeper than `outer`: what has only one meaning left takes it. */
  settleMethods(start: number, outer: number): void {
    const isOpen = (type: Type): boolean => {
      const t = prune(type);
      return t.kind === "var" && t.level > outer && t.level !== GENERIC;
    };
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = start; i < this.pending.length; i++) {
        const predicate = this.pending[i] as Predicate;
        if (predicate.solved) continue;
        if (predicate.kind === "method" && isOpen(predicate.receiver))
          changed = settleSoleMethod(this, predicate) || changed;
        else if (predicate.kind === "iterable" && isOpen(predicate.collection)) {
          this.unify(predicate.collection, listOf(predicate.element));
          changed = true;
        } else if (
          predicate.kind === "concat" &&
          isOpen(predicate.left) &&
          isOpen(predicate.right) &&
          prune(predicate.left) !== prune(predicate.right)
        ) {
          this.unify(predicate.left, predicate.right);
          changed = true;
        }
      }
    }
  }

  /** A predicate that became part of a scheme: what was to be decided by it is decided when the program runs. */
  leaveToRunTime(predicate: Predicate): void {
    if (predicate.kind === "method" || predicate.kind === "overload") predicate.finish?.("dynamic");
  }

  /** A use of a scheme: fresh variables for the generic ones, its predicates demanded of them at `span`. */
  instantiate(scheme: Scheme, span: Span, given: ReadonlyMap<Type, Type> = new Map()): Type {
    if (scheme.isMono === true) return scheme.type;
    const map = this.substitution(given);
    const type = map(scheme.type);
    const runner = this.place.process;
    for (const predicate of scheme.predicates) this.demand(copyPredicate(predicate, span, map, this.within, runner));
    return type;
  }

  /** Replaces generic variables by fresh ones, or by what is given for them; sharing is kept. */
  substitution(given: ReadonlyMap<Type, Type> = new Map()): (type: Type) => Type {
    const memo = new Map<Type, Type>(given);
    const map = (type: Type, depth: number): Type => {
      const t = prune(type);
      if (t.kind === "var") {
        if (t.level !== GENERIC) return t;
        let copy = memo.get(t);
        if (copy === undefined) {
          copy = this.fresh(t.name);
          memo.set(t, copy);
        }
        return copy;
      }
      if (t.ground || depth > 500) return t; // deeper open types do not occur in programs people write
      const known = memo.get(t);
      if (known !== undefined) return known;
      const parts = partsOf(t);
      const copies = parts.map((part) => map(part, depth + 1));
      // what holds nothing generic stays the same object
      const copy = copies.every((part, i) => part === prune(parts[i] as Type)) ? t : withParts(t, copies);
      memo.set(t, copy);
      return copy;
    };
    return (type) => map(type, 0);
  }
}

function variablesIn(types: readonly Type[]): Set<Type> {
  const found = new Set<Type>();
  const seen = new Set<Type>();
  const stack: Type[] = [...types];
  while (stack.length > 0) {
    const t = prune(stack.pop() as Type);
    if (t.kind === "var") found.add(t);
    else if (!t.ground && !seen.has(t)) {
      seen.add(t);
      for (const part of partsOf(t)) stack.push(part);
    }
  }
  return found;
}

/** Two predicates with the same key say the same and have the same result. */
function predicateKey(p: Predicate, ids: Map<Type | Process, number>): string | undefined {
  const id = (of: Type | Process): number => {
    const t = of.kind === "process" ? of : prune(of);
    let n = ids.get(t);
    if (n === undefined) {
      n = ids.size;
      ids.set(t, n);
    }
    return n;
  };
  // builtin types are few objects, so identity is equality for them; other types just fail to be found equal
  switch (p.kind) {
    case "trait":
      return `${p.trait} ${id(p.type)}`;
    case "textual":
      return `textual ${id(p.type)}`;
    case "arithmetic":
      return `${p.op === "+" ? "+" : "-"} ${id(p.left)} ${id(p.right)}`;
    case "concat":
      return `++ ${id(p.left)} ${id(p.right)}`;
    case "field":
      return `.${p.name} ${id(p.target)}`;
    case "method":
      return `.${p.name.name}() ${id(p.receiver)} ${p.args.map((arg) => id(arg.type)).join(" ")}`;
    case "process":
      return `process ${id(p.messages)} ${typeof p.process === "string" ? p.process : id(p.process)}`;
    case "message":
      return `message ${id(p.messages)} ${id(p.message)} ${p.sent.source.path}:${p.sent.start}`;
    default:
      return undefined;
  }
}

/** What may be claimed of the values of a type before the program runs. */
export function kindOf(type: Type): Kind {
  const t = prune(type);
  switch (t.kind) {
    case "tuple":
      return "Tuple";
    case "function":
      return "Function";
    case "struct":
      return "Data";
    case "data": {
      if (t.entity.module !== undefined) return "Data";
      switch (t.entity.name) {
        case "()":
          return "Unit";
        case "Int":
        case "Float":
        case "Bool":
        case "String":
        case "Char":
        case "BigInt":
        case "List":
        case "Map":
        case "Set":
        case "Pid":
          return t.entity.name;
        default:
          return "any";
      }
    }
    default:
      return "any";
  }
}

/** A new local; its kind is filled in when types are known. */
export function newLocal(c: Checker, name: string, span: Span, type: Type, isMutable = false): Local {
  const local: Local = { name, span, isMutable, kind: "any" };
  c.later.push(() => {
    local.kind = kindOf(type);
  });
  return local;
}
