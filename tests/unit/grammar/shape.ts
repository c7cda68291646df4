/**
 * Syntax trees in one line, for tests: `1 + 2 * 3` is `(+ 1 (* 2 3))`.
 *
 * Stays true: every field of every node is shown, spans apart; `spansOf` is for those.
 */
import {
  type Arm,
  type ConstructorDecl,
  type Expr,
  type FieldDecl,
  type Item,
  type Literal,
  type Param,
  type Pattern,
  parseFile,
  positionOf,
  type QualifiedName,
  type Span,
  type Statement,
  type SyntaxProblem,
  type TypeBody,
  type TypeExpr,
  type TypeParam,
} from "../../../grammar/index.ts";

const list = (parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined).join(" ");
const paren = (...parts: readonly (string | undefined)[]): string => `(${list(parts)})`;
const optional = <T>(value: T | undefined, show: (value: T) => string, mark = ""): string | undefined =>
  value === undefined ? undefined : mark + show(value);

export function showLiteral(literal: Literal): string {
  switch (literal.kind) {
    case "number":
      return literal.type === "Int" ? literal.text : `${literal.text}:${literal.type}`;
    case "string":
      return JSON.stringify(literal.value);
    case "char":
      return `'${literal.value}'`;
    case "bool":
      return String(literal.value);
    case "unit":
      return "()";
  }
}

const showName = (name: QualifiedName): string => [...name.path, name.name].map((part) => part.name).join(".");

const showField = (field: FieldDecl): string =>
  `${field.isPrivate ? "private " : ""}${field.name.name}: ${showType(field.type)}`;

export function showType(type: TypeExpr): string {
  switch (type.kind) {
    case "name":
      return showName(type.name) + (type.args.length === 0 ? "" : `[${type.args.map(showType).join(", ")}]`);
    case "list":
      return `[${showType(type.element)}]`;
    case "tuple":
      return `(${type.elements.map(showType).join(", ")})`;
    case "unit":
      return "()";
    case "function":
      return `((${type.params.map(showType).join(", ")}) -> ${showType(type.result)})`;
    case "struct":
      return `{${type.fields.map(showField).join(", ")}}`;
  }
}

export function showPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case "wildcard":
      return "_";
    case "variable":
      return pattern.name;
    case "pin":
      return `^${pattern.name}`;
    case "literal":
      return showLiteral(pattern.literal);
    case "range":
      return `${pattern.from}${pattern.inclusive ? "..=" : ".."}${pattern.to}`;
    case "tuple":
      return `(${pattern.elements.map(showPattern).join(", ")})`;
    case "list":
      return `[${pattern.elements.map(showPattern).join(", ")}${optional(pattern.rest, showPattern, " | ") ?? ""}]`;
    case "constructor": {
      const args = pattern.args.map(({ name, pattern: arg }) => (name ? `${name.name}: ` : "") + showPattern(arg));
      if (pattern.open) args.push("..");
      const [left, right] = pattern.braces ? "{}" : "()";
      return showName(pattern.name) + (args.length === 0 ? "" : `${left}${args.join(", ")}${right}`);
    }
    case "struct":
      return `{${pattern.fields.map((field) => field.name.name + (optional(field.pattern, showPattern, ": ") ?? "")).join(", ")}}`;
    case "map":
      return `%{${pattern.entries.map(({ key, value }) => `${showPattern(key)}: ${showPattern(value)}`).join(", ")}}`;
    case "set":
      return `#{${pattern.elements.map(showPattern).join(", ")}}`;
    case "or":
      return `(${pattern.alternatives.map(showPattern).join(" | ")})`;
  }
}

function showParam(param: Param): string {
  const type = optional(param.type, showType, ": ") ?? "";
  return showPattern(param.pattern) + type + (optional(param.default, showExpr, " = ") ?? "");
}

const showParams = (params: readonly Param[]): string => `(${params.map(showParam).join(", ")})`;

const showArm = (arm: Arm): string =>
  `[${list([showPattern(arm.pattern), optional(arm.guard, showExpr, "when "), "->", showExpr(arm.body)])}]`;

export function showExpr(expr: Expr): string {
  switch (expr.kind) {
    case "literal":
      return showLiteral(expr.literal);
    case "interpolation":
      return paren(
        "str",
        ...expr.parts.map((part) => (typeof part === "string" ? JSON.stringify(part) : showExpr(part))),
      );
    case "name":
    case "upperName":
      return expr.name;
    case "field":
      return paren(".", showExpr(expr.target), expr.name.name);
    case "index":
      return paren("at", showExpr(expr.target), showExpr(expr.index));
    case "call": {
      const types = expr.typeArgs.length === 0 ? undefined : `[${expr.typeArgs.map(showType).join(", ")}]`;
      const args = expr.args.map((arg) => (arg.name ? `${arg.name.name}:` : "") + showExpr(arg.value));
      return paren("call", showExpr(expr.callee), types, ...args);
    }
    case "chain":
      return paren(expr.ops.map(({ op }) => op).join(","), ...expr.operands.map(showExpr));
    case "unary":
      return paren(expr.op === "-" ? "neg" : "not", showExpr(expr.operand));
    case "send":
      return paren("send", showExpr(expr.target), showExpr(expr.message));
    case "try?":
      return paren("try?", showExpr(expr.operand));
    case "splice":
      return paren("~", showExpr(expr.operand));
    case "list":
      return `[${expr.elements.map(showExpr).join(", ")}${optional(expr.rest, showExpr, " | ") ?? ""}]`;
    case "rangeList":
      return `[${showExpr(expr.from)}..${showExpr(expr.to)}]`;
    case "comprehension": {
      const condition = optional(expr.condition, showExpr, " if ") ?? "";
      return `[${showExpr(expr.element)} for ${showPattern(expr.pattern)} in ${showExpr(expr.iterable)}${condition}]`;
    }
    case "tuple":
      return `(${expr.elements.map(showExpr).join(", ")})`;
    case "map":
      return `%{${expr.entries.map(({ key, value }) => `${showExpr(key)}: ${showExpr(value)}`).join(", ")}}`;
    case "set":
      return `#{${expr.elements.map(showExpr).join(", ")}}`;
    case "struct":
      return `{${expr.fields.map((field) => field.name.name + (optional(field.value, showExpr, ": ") ?? "")).join(", ")}}`;
    case "block":
      return `{${expr.statements.map(showStatement).join("; ")}}`;
    case "if": {
      const branches = expr.branches.map(({ condition, body }) => `${showExpr(condition)} ${showExpr(body)}`);
      return paren("if", ...branches, optional(expr.otherwise, showExpr, "else "));
    }
    case "match":
      return paren("match", showExpr(expr.scrutinee), ...expr.arms.map(showArm));
    case "while":
      return paren("while", showExpr(expr.condition), showExpr(expr.body));
    case "for":
      return paren("for", expr.variable.name, showExpr(expr.from), showExpr(expr.to), showExpr(expr.body));
    case "forIn":
      return paren("for", showPattern(expr.pattern), "in", showExpr(expr.iterable), showExpr(expr.body));
    case "break":
    case "return":
      return paren(expr.kind, optional(expr.value, showExpr));
    case "continue":
      return "(continue)";
    case "try":
      return paren(
        "try",
        showExpr(expr.body),
        optional(expr.arms, (arms) => `catch ${arms.map(showArm).join(" ")}`),
        optional(expr.finalizer, showExpr, "finally "),
      );
    case "lambda":
      return paren(showParams(expr.params), optional(expr.result, showType, "-> "), "=>", showExpr(expr.body));
    case "spawn":
      return paren(expr.how, expr.isBlock ? "block" : "value", showExpr(expr.body));
    case "receive":
      return paren(
        "receive",
        ...expr.arms.map(showArm),
        optional(expr.after, ({ timeout, body }) => `after ${showExpr(timeout)} ${showExpr(body)}`),
      );
    case "quote":
      return paren("quote", showExpr(expr.body));
    case "statement":
      return `<${showStatement(expr.statement)}>`;
  }
}

export function showStatement(statement: Statement): string {
  switch (statement.kind) {
    case "bind": {
      const type = optional(statement.type, showType, ": ") ?? "";
      return `${statement.isVar ? "var " : ""}${showPattern(statement.pattern)}${type} = ${showExpr(statement.value)}`;
    }
    case "assign":
      return `${showExpr(statement.target)} := ${showExpr(statement.value)}`;
    case "localFunction": {
      const result = optional(statement.result, showType, " -> ") ?? "";
      return `fn ${statement.name.name}${showParams(statement.params)}${result} = ${showExpr(statement.body)}`;
    }
    case "expr":
      return showExpr(statement.expr);
  }
}

function showTypeParams(params: readonly TypeParam[]): string {
  if (params.length === 0) return "";
  const one = (param: TypeParam) =>
    param.name.name + (param.bounds.length === 0 ? "" : `: ${param.bounds.map(showName).join(" + ")}`);
  return `[${params.map(one).join(", ")}]`;
}

function showTypeBody(body: TypeBody): string {
  switch (body.kind) {
    case "empty":
      return "";
    case "alias":
      return `alias ${showType(body.type)}`;
    case "record":
      return `{${body.fields.map(showField).join(", ")}}`;
    case "variants":
      return body.constructors.map(showConstructor).join(" | ");
  }
}

function showConstructor({ name, fields }: ConstructorDecl): string {
  if (fields.kind === "none") return name.name;
  if (fields.kind === "positional") return `${name.name}(${fields.types.map(showType).join(", ")})`;
  return `${name.name}{${fields.fields.map(showField).join(", ")}}`;
}

export function showItem(item: Item): string {
  const isDeclared = item.kind !== "statement";
  const decorators = (isDeclared && item.decorators) || [];
  const marks = decorators.map(({ name, args }) =>
    args.length === 0 ? `@${name.name} ` : `@${name.name}(${args.map((arg) => showExpr(arg.value)).join(", ")}) `,
  );
  return marks.join("") + (isDeclared && item.isPublic ? "pub " : "") + showBareItem(item);
}

function showBareItem(item: Item): string {
  switch (item.kind) {
    case "function": {
      const head = `${item.name.name}${showTypeParams(item.typeParams)}${showParams(item.params)}`;
      const guard = optional(item.guard, showExpr, " when ") ?? "";
      return `${head}${guard}${optional(item.result, showType, " -> ") ?? ""} = ${showExpr(item.body)}`;
    }
    case "type": {
      const kind = item.isReactive ? "reactive" : "type";
      const head = `${item.isMutable ? "var " : ""}${kind} ${item.name.name}${showTypeParams(item.typeParams)}`;
      return item.body.kind === "empty" ? head : `${head} = ${showTypeBody(item.body)}`;
    }
    case "trait": {
      const supers = item.supers.length === 0 ? "" : `: ${item.supers.map(showName).join(", ")}`;
      const methods = item.methods.map(
        (method) =>
          `${method.name.name}${showParams(method.params)}${optional(method.result, showType, " -> ") ?? ""}${optional(method.body, showExpr, " = ") ?? ""}`,
      );
      return `trait ${item.name.name}${supers} {${methods.join("; ")}}`;
    }
    case "impl":
      return `impl ${showType(item.type)}: ${showName(item.trait)}${showTypeParams(item.where)} {${item.methods.map(showItem).join("; ")}}`;
    case "module":
      return `module ${item.name.name} {${item.items.map(showItem).join("; ")}}`;
    case "use": {
      const path = item.path.map(({ name }) => name).join(".");
      if (item.what.kind === "all") return `use ${path}.*`;
      const names = item.what.names.map(({ name, alias }) => name.name + (alias ? ` as ${alias.name}` : ""));
      return `use ${path}.{${names.join(", ")}}`;
    }
    case "const":
      return `const ${item.name.name}${optional(item.type, showType, ": ") ?? ""} = ${showExpr(item.value)}`;
    case "binding":
      return `let ${item.isVar ? "var " : ""}${showPattern(item.pattern)}${optional(item.type, showType, ": ") ?? ""} = ${showExpr(item.value)}`;
    case "mvar":
      return `mvar ${item.name.name}: ${showType(item.type)} = ${showExpr(item.value)}`;
    case "template":
      return `template ${item.name.name}${showParams(item.params)} = ${showExpr(item.body)}`;
    case "extern": {
      if (item.what.kind === "type") return `extern type ${item.name.name}`;
      const { params, result, library } = item.what;
      return `extern ${item.name.name}${showParams(params)}${optional(result, showType, " -> ") ?? ""} from ${library}`;
    }
    case "test":
      return `test ${JSON.stringify(item.title)} = ${showExpr(item.body)}`;
    case "statement":
      return showStatement(item.statement);
  }
}

// ───────────────────────────── reading ─────────────────────────────

/** All items of a text that must have no problems. */
export function items(text: string): string[] {
  const { ast, problems } = parseFile({ path: "test.nos", text });
  if (problems.length > 0) throw new Error(`${text}\n${problems.map(showProblem).join("\n")}`);
  return ast.items.map(showItem);
}

/** The only item of a text. */
export function item(text: string): string {
  const found = items(text);
  if (found.length !== 1) throw new Error(`${found.length} items: ${found.join(" ;; ")}`);
  return found[0] as string;
}

/** An expression, read as the value of a binding. */
export function expr(text: string): string {
  return item(`it = ${text}`).replace(/^let it = /, "");
}

/** A pattern, read as the one parameter of a function. */
export function pattern(text: string): string {
  return item(`f(${text}) = 0`).slice("f(".length, -") = 0".length);
}

/** A type, read as the result of a function. */
export function type(text: string): string {
  return item(`f() -> ${text} = 0`).slice("f() -> ".length, -" = 0".length);
}

/** The statements of a block. */
export function block(text: string): string {
  return item(`f() = {${text}}`).slice("f() = ".length);
}

// ───────────────────────────── problems ─────────────────────────────

/** `line:column-length code …facts` */
export function showProblem(problem: SyntaxProblem): string {
  const { span } = problem;
  const at = positionOf(span.source, span.start);
  const place = `${at.line}:${at.column}-${span.end - span.start}`;
  switch (problem.code) {
    case "unknown-character":
      return `${place} unknown ${problem.text}`;
    case "unterminated":
      return `${place} unterminated ${problem.what}`;
    case "bad-number":
      return `${place} ${problem.type} cannot be ${problem.text}`;
    case "unbalanced": {
      if (problem.opened === undefined) return `${place} stray ${problem.bracket}`;
      const opened = positionOf(span.source, problem.opened.start);
      return `${place} missing ${problem.bracket} of ${opened.line}:${opened.column}`;
    }
    case "too-deep":
      return `${place} too deep`;
    case "unexpected-token":
      return `${place} ${problem.found}, not ${problem.expected.join(" or ")}`;
  }
}

export function problems(text: string): string[] {
  return parseFile({ path: "test.nos", text }).problems.map(showProblem);
}

/** The hint of the only problem. */
export function hint(text: string): string | undefined {
  const found = parseFile({ path: "test.nos", text }).problems;
  const only = found[0];
  if (found.length !== 1 || only?.code !== "unexpected-token") throw new Error(found.map(showProblem).join("\n"));
  return only.hint;
}

// ───────────────────────────── spans ─────────────────────────────

/** The text of every node that has a kind and a span, outermost first. */
export function spansOf(node: unknown): { readonly kind: string; readonly text: string; readonly span: Span }[] {
  const found: { kind: string; text: string; span: Span }[] = [];
  const queue: unknown[] = [node];
  for (let value = queue.shift(); value !== undefined; value = queue.shift()) {
    if (typeof value !== "object" || value === null) continue;
    if ("span" in value && "kind" in value) {
      const span = value.span as Span;
      found.push({ kind: String(value.kind), text: span.source.text.slice(span.start, span.end), span });
    }
    for (const [key, child] of Object.entries(value)) if (key !== "source" && key !== "span") queue.push(child);
  }
  return found;
}
