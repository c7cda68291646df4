/**
 * Blocks, bindings and assignments.
 *
 * `x = e` binds a new name, or assigns when x is already a `var` or an mvar; a second value for an immutable name is an
 * error with the first as related place (language.md 3.1). A binding of a lambda is general in its types.
 */
import type { Expr, Pattern, Statement } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Core, CorePattern, Global, Local } from "../core.ts";
import { patternVariables } from "../names/collect.ts";
import { type Checker, newLocal, type Typed } from "./checker.ts";
import { convertType, fieldsConstructor } from "./data-types.ts";
import type { Scheme } from "./definition.ts";
import { fieldCore, indexed, setFieldCore, wrong } from "./elaborate.ts";
import { customIndexer } from "./indexing.ts";
import { definitionOf, mvarInfo, scriptGlobalType } from "./infer-definition.ts";
import { infer } from "./infer-expr.ts";
import { inferLambda, inferLocalFunctions } from "./infer-lambda.ts";
import { resolveMember } from "./infer-name.ts";
import { type ArmNames, inferPattern } from "./infer-pattern.ts";
import type { Predicate } from "./predicates.ts";
import type { Binding } from "./scope.ts";
import { showType } from "./show-type.ts";
import { isLoose, prune, type Type, Unit } from "./type.ts";

type Block = Extract<Expr, { readonly kind: "block" }>;

export function inferBlock(c: Checker, e: Block, expected: Type | undefined): Typed {
  if (e.statements.length === 0) return { type: Unit, core: { kind: "const", span: e.span, value: { kind: "Unit" } } };
  const mark = c.place.scope.enter();
  const value = inferStatements(c, e.statements, e.span, expected);
  c.place.scope.leave(mark);
  return value;
}

/** Statements in the scope that is open; the value is that of the last one. */
export function inferStatements(
  c: Checker,
  statements: readonly Statement[],
  span: Span,
  expected: Type | undefined,
): Typed {
  const cores: Core[] = [];
  let type: Type = Unit;
  statements.forEach((statement, i) => {
    const isLast = i === statements.length - 1;
    if (statement.kind === "expr") {
      const value = infer(c, statement.expr, isLast ? expected : undefined);
      cores.push(value.core);
      if (isLast) type = value.type;
    } else if (statement.kind === "localFunction") {
      // clauses that follow each other are handled with the first
      const before = statements[i - 1];
      if (before?.kind === "localFunction" && before.name.name === statement.name.name) return;
      let end = i + 1;
      while (isClauseOf(statements[end], statement.name.name)) end++;
      cores.push(...inferLocalFunctions(c, statements.slice(i, end) as LocalFunction[]));
    } else cores.push(inferStatement(c, statement));
  });
  const [only] = cores;
  if (cores.length === 1 && only !== undefined && statements[0]?.kind === "expr") return { type, core: only };
  return { type, core: { kind: "block", span, statements: cores } };
}

type LocalFunction = Extract<Statement, { readonly kind: "localFunction" }>;

function isClauseOf(statement: Statement | undefined, name: string): boolean {
  return statement?.kind === "localFunction" && statement.name.name === name;
}

export function inferStatement(c: Checker, s: Statement): Core {
  switch (s.kind) {
    case "expr":
      return infer(c, s.expr).core;
    case "bind":
      return inferBinding(c, s);
    case "assign":
      return s.target.kind === "field"
        ? assignField(c, s.target, s.value, s.span)
        : assignIndex(c, s.target, s.value, s.span);
    case "localFunction": {
      const cores = inferLocalFunctions(c, [s]);
      return cores.length === 1 ? (cores[0] as Core) : { kind: "block", span: s.span, statements: cores };
    }
  }
}

type Bind = Extract<Statement, { readonly kind: "bind" }>;

function inferBinding(c: Checker, s: Bind): Core {
  const pattern = s.pattern;
  if (pattern.kind === "variable") return bindVariable(c, s, pattern.name, pattern.span);
  const annotated = s.type === undefined ? undefined : convertType(c, c.place.module, s.type, c.typeScope, c.level);
  const value = infer(c, s.value, annotated);
  const type = annotated ?? value.type;
  if (annotated !== undefined)
    c.expect(annotated, value.type, s.value.span, {
      isBinding: true,
      because: { span: (s.type as { span: Span }).span, text: "declared here" },
    });
  if (pattern.kind === "wildcard")
    return {
      kind: "block",
      span: s.span,
      statements: [value.core, { kind: "const", span: s.span, value: { kind: "Unit" } }],
    };
  const names: ArmNames = new Map();
  if (s.isVar || c.place.isScript) return bindVars(c, pattern, s, value, type, names);
  return {
    kind: "bindPattern",
    span: s.span,
    pattern: inferPattern(c, pattern, type, { mode: "binding", names }),
    value: value.core,
  };
}

/** `var (a, b) = e`, and pattern bindings at the top of a file without main: through fresh names. */
function bindVars(c: Checker, pattern: Pattern, s: Bind, value: Typed, type: Type, names: ArmNames): Core {
  const mark = c.place.scope.enter();
  const core: CorePattern = inferPattern(c, pattern, type, {
    mode: s.isVar || isAnew(c, pattern) ? "fresh" : "binding",
    names,
  });
  c.place.scope.leave(mark);
  const statements: Core[] = [{ kind: "bindPattern", span: s.span, pattern: core, value: value.core }];
  for (const [name, { local, type: nameType }] of names) {
    const target = newBinding(c, name, local.span, nameType, s.isVar);
    statements.push(store(target, { kind: "local", span: local.span, local }, s.span));
  }
  return { kind: "block", span: s.span, statements };
}

/** Whether nothing in the pattern is bound already; what earlier inputs of a session have bound does not count. */
function isAnew(c: Checker, pattern: Pattern): boolean {
  return patternVariables(pattern).every(({ name }) => {
    const known = c.place.scope.lookup(name);
    return known === undefined || known.isEarlier === true;
  });
}

function store(binding: Binding, value: Core, span: Span): Core {
  return binding.place.kind === "local"
    ? { kind: "bind", span, local: binding.place.local, value }
    : { kind: "setGlobal", span, global: binding.place.global, value };
}

/** Declares a name for the rest of the block: a local, or in a file without main a global that functions may name. */
function newBinding(
  c: Checker,
  name: string,
  span: Span,
  type: Type,
  isMutable: boolean,
  predicates?: readonly Predicate[],
): Binding {
  const scheme: Scheme = predicates === undefined ? { type, predicates: [], isMono: true } : { type, predicates };
  const entity = c.place.isScript && c.place.frames.length === 0 ? c.scriptGlobals.get(name) : undefined;
  const depth = c.lambdaDepth;
  let binding: Binding;
  if (entity !== undefined && c.place.scope.lookup(name)?.isEarlier === true) c.place.scope.hide(name);
  if (entity !== undefined && c.place.scope.lookup(name) === undefined) {
    const definition = definitionOf(c, entity);
    c.expect(scriptGlobalType(definition), type, span);
    c.place.definition.references.add(definition);
    binding = { name, span, isMutable, scheme, place: { kind: "script", global: definition.global as Global }, depth };
  } else
    binding = {
      name,
      span,
      isMutable,
      scheme,
      place: { kind: "local", local: newLocal(c, name, span, type, isMutable) },
      depth,
    };
  c.place.scope.add(binding);
  return binding;
}

function bindVariable(c: Checker, s: Bind, name: string, nameSpan: Span): Core {
  let known = c.place.scope.lookup(name);
  if (known?.isEarlier === true && (!known.isMutable || s.isVar)) {
    if (s.value.kind === "lambda") c.place.scope.hide(name); // it may call itself
    known = undefined;
  }
  if (!s.isVar) {
    if (known !== undefined) return assignVariable(c, s, known, nameSpan);
    const value = c.names.lookupValue(c.place.module, name).found;
    if (value?.kind === "mvar") return assignMvar(c, s, value);
    if (value?.kind === "global" && value.isVar && (!value.isScript || !c.place.isScript)) {
      c.report({ code: "top-level-assignment", span: nameSpan, name, declared: value.span });
      infer(c, s.value);
      return wrong(s.span).core;
    }
  }
  const annotated = s.type === undefined ? undefined : convertType(c, c.place.module, s.type, c.typeScope, c.level);
  const isLambda = s.value.kind === "lambda";
  if (isLambda && !s.isVar)
    return bindLambda(c, s, name, nameSpan, s.value as Extract<Expr, { readonly kind: "lambda" }>, annotated);
  const start = c.pending.length;
  const isGeneral = !s.isVar && isValue(s.value);
  if (isGeneral) c.level++;
  const value = infer(c, s.value, annotated);
  if (isGeneral) c.level--;
  if (annotated !== undefined) checkDeclared(c, annotated, value, s);
  const type = annotated ?? value.type;
  const predicates = isGeneral ? c.generaliseLocal(type, start) : undefined;
  const binding = newBinding(c, name, nameSpan, type, s.isVar, predicates);
  return store(binding, value.core, s.span);
}

/** Expressions that compute nothing, so that what they are may be general: `[]`, `None`, a function's name. */
function isValue(e: Expr): boolean {
  switch (e.kind) {
    case "upperName":
    case "literal":
      return true;
    case "list":
      return e.rest === undefined && e.elements.length === 0;
    default:
      return false;
  }
}

function checkDeclared(c: Checker, annotated: Type, value: Typed, s: Bind): void {
  c.expect(annotated, value.type, s.value.span, {
    isBinding: true,
    because: { span: (s.type as { span: Span }).span, text: "declared here" },
  });
}

function bindLambda(
  c: Checker,
  s: Bind,
  name: string,
  nameSpan: Span,
  lambda: Extract<Expr, { readonly kind: "lambda" }>,
  annotated: Type | undefined,
): Core {
  const start = c.pending.length;
  const scope = c.place.scope;
  c.level++;
  const mark = scope.enter();
  let self: Local | undefined;
  const type = c.fresh();
  if (
    c.names.lookupValue(c.place.module, name).found === undefined &&
    !(c.place.isScript && c.scriptGlobals.get(name) !== undefined)
  ) {
    self = newLocal(c, name, nameSpan, type);
    scope.add({
      name,
      span: nameSpan,
      isMutable: false,
      scheme: { type, predicates: [], isMono: true },
      place: { kind: "local", local: self },
      depth: c.lambdaDepth,
    });
  }
  const value = inferLambda(c, lambda, annotated, name, self);
  c.expect(type, value.type, s.value.span);
  scope.leave(mark);
  c.level--;
  if (annotated !== undefined) checkDeclared(c, annotated, value, s);
  const predicates = c.generaliseLocal(annotated ?? value.type, start);
  const binding = newBinding(c, name, nameSpan, annotated ?? value.type, false, predicates);
  return store(binding, value.core, s.span);
}

function assignVariable(c: Checker, s: Bind, known: Binding, nameSpan: Span): Core {
  const type = known.scheme.type;
  if (!known.isMutable) {
    c.report({ code: "immutable-variable", span: nameSpan, name: known.name, declared: known.span });
    infer(c, s.value);
    return wrong(s.span).core;
  }
  const value = infer(c, s.value, type);
  c.expect(type, value.type, s.value.span, {
    because: { span: known.span, text: `\`${known.name}\` is declared here` },
  });
  return known.place.kind === "local"
    ? { kind: "assign", span: s.span, local: known.place.local, value: value.core }
    : { kind: "setGlobal", span: s.span, global: known.place.global, value: value.core };
}

function assignMvar(c: Checker, s: Bind, entity: Parameters<typeof mvarInfo>[1]): Core {
  const info = mvarInfo(c, entity);
  c.place.definition.references.add(info.definition);
  const value = infer(c, s.value, info.type);
  c.expect(info.type, value.type, s.value.span, {
    because: { span: entity.declaration.type.span, text: "the mvar's type" },
  });
  return { kind: "assignMvar", span: s.span, mvar: info.mvar, value: value.core };
}

// ───────────────────────────── parts ─────────────────────────────

function assignField(c: Checker, target: Extract<Expr, { readonly kind: "field" }>, valueExpr: Expr, span: Span): Core {
  const member = resolveMember(c, target);
  if (member !== undefined) {
    const core = member.kind === "value" ? member.value.core : undefined;
    const value = infer(c, valueExpr, member.kind === "value" ? member.value.type : undefined);
    if (member.kind === "value" && core?.kind === "mvar") {
      c.expect(member.value.type, value.type, valueExpr.span);
      return { kind: "assignMvar", span, mvar: core.mvar, value: value.core };
    }
    if (member.kind !== "wrong")
      c.report({
        code: "misplaced",
        span: target.span,
        message: `cannot assign to \`${target.name.name}\` of a module`,
      });
    return wrong(span).core;
  }
  const record = infer(c, target.target);
  const name = target.name.name;
  const result = c.fresh();
  c.demand({ kind: "field", span: target.name.span, solved: false, target: record.type, name, result });
  const value = infer(c, valueExpr, result);
  c.expect(result, value.type, valueExpr.span);
  const type = prune(record.type);
  if (type.kind === "data") {
    const ctor = fieldsConstructor(type.entity);
    if (
      ctor !== undefined &&
      type.entity.declaration?.isMutable !== true &&
      type.entity.declaration?.isReactive !== true
    )
      c.report({
        code: "immutable-field",
        span: target.name.span,
        field: name,
        type: type.entity.name,
        ...(type.entity.span === undefined ? {} : { declared: type.entity.span }),
      });
  } else if (type.kind === "struct" || type.kind === "tuple")
    c.report({ code: "immutable-field", span: target.name.span, field: name, type: showType(type) });
  return setFieldCore(c, record, name, value.core, span);
}

/** `c[i] = e`: what holds the collection gets the changed one; a typed array changes itself. */
function assignIndex(c: Checker, target: Extract<Expr, { readonly kind: "index" }>, valueExpr: Expr, span: Span): Core {
  const statements: Core[] = [];
  const keep = (core: Core, type: Type): Core => {
    if (core.kind === "const" || core.kind === "local") return core;
    const local = newLocal(c, "<index>", core.span, type);
    statements.push({ kind: "bind", span: core.span, local, value: core });
    return { kind: "local", span: core.span, local };
  };
  // the path from the variable to the place, outermost index last
  const write = (place: Expr, change: (old: Typed) => Typed): Core => {
    if (place.kind === "index") {
      let inner: Typed | undefined;
      return write(place.target, (collection) => {
        const index = infer(c, place.index);
        const kept: Typed = { type: index.type, core: keep(index.core, index.type) };
        inner = change(indexed(c, collection, kept, place.span, undefined));
        return updated(c, collection, kept, inner, place.span, valueExpr.span);
      });
    }
    if (place.kind === "field" && resolveMember(c, place) === undefined) {
      const record = infer(c, place.target);
      const kept: Typed = { type: record.type, core: keep(record.core, record.type) };
      const result = c.fresh();
      c.demand({
        kind: "field",
        span: place.name.span,
        solved: false,
        target: record.type,
        name: place.name.name,
        result,
      });
      const value = change({ type: result, core: fieldCore(c, kept, place.name.name, place.span) });
      const type = prune(record.type);
      if (type.kind === "data" && type.entity.declaration?.isMutable === true)
        return setFieldCore(c, kept, place.name.name, value.core, span);
      // an immutable record may hold a typed array, which changes itself
      return value.core;
    }
    const old = infer(c, place);
    const changed = change(old);
    if (place.kind === "name") {
      const binding = c.place.scope.lookup(place.name);
      if (binding?.place.kind === "local") {
        // rebinding works for immutable names too; the local must then be one that can be assigned
        (binding.place.local as { isMutable: boolean }).isMutable = true;
        return { kind: "assign", span, local: binding.place.local, value: changed.core };
      }
      if (binding?.place.kind === "script")
        return { kind: "setGlobal", span, global: binding.place.global, value: changed.core };
    }
    if (old.core.kind === "mvar") return { kind: "assignMvar", span, mvar: old.core.mvar, value: changed.core };
    return changed.core;
  };
  const done = write(target, (old) => {
    const value = infer(c, valueExpr, old.type);
    c.expect(old.type, value.type, valueExpr.span);
    return value;
  });
  statements.push(done);
  const unit: Core = { kind: "const", span, value: { kind: "Unit" } };
  return { kind: "block", span, statements: [...statements, unit] };
}

function updated(c: Checker, collection: Typed, index: Typed, value: Typed, span: Span, valueSpan: Span): Typed {
  const type = prune(collection.type);
  const setter = customIndexer(c, type, "Set");
  if (setter?.function !== undefined && !isLoose(type)) {
    c.place.definition.references.add(setter);
    const use = prune(
      c.instantiate({ type: setter.signature?.type ?? setter.type, predicates: setter.predicates }, span),
    );
    if (use.kind === "function" && use.params.length === 3) {
      c.expect(use.params[2] as Type, value.type, valueSpan);
      return {
        type: use.result,
        core: { kind: "call", span, function: setter.function, args: [collection.core, index.core, value.core] },
      };
    }
  }
  return {
    type: collection.type,
    core: { kind: "updated", span, target: collection.core, index: index.core, value: value.core },
  };
}
