/**
 * What the tokens ahead are, told without parsing them.
 *
 * The trick: a pattern or a type is a handful of tokens and brackets with known partners, so its end is found by stepping
 * over it; what stands there (`=`, `=>`, `:`) decides which rule reads it. No function here looks further than that.
 * Stays true: these functions may say yes to text that its rule then refuses, never no to text that the rule takes.
 */
import { type TokenType, tokenMatcher } from "chevrotain";
import { CharLiteral, PlainString, StringOpen } from "./lexer.ts";
import type { Token } from "./prepare.ts";
import * as T from "./tokens.ts";

type Tokens = readonly Token[];

function typeAt(tokens: Tokens, i: number): TokenType | undefined {
  return tokens[i]?.tokenType;
}

function isAt(tokens: Tokens, i: number, type: TokenType): boolean {
  const token = tokens[i];
  return token !== undefined && tokenMatcher(token, type);
}

/** One past the pattern that may begin at `i`, without `|`; -1 if none can. */
export function endOfPattern(tokens: Tokens, i: number): number {
  const token = tokens[i];
  if (token === undefined) return -1;
  const type = token.tokenType;
  if (type === T.Underscore || type === T.True || type === T.False) return i + 1;
  if (type === PlainString || type === CharLiteral) return i + 1;
  if (type === T.Minus || tokenMatcher(token, T.NumberToken)) return endOfNumber(tokens, i);
  if (type === T.Caret) return isAt(tokens, i + 1, T.ValueName) ? i + 2 : -1;
  if (token.partner > i) return tokenMatcher(token, StringOpen) || type === T.Do ? -1 : token.partner + 1;
  if (tokenMatcher(token, T.ValueName)) {
    if (typeAt(tokens, i + 1) !== T.Dot) return i + 1;
    return endOfConstructor(tokens, i);
  }
  return tokenMatcher(token, T.AnyUpper) ? endOfConstructor(tokens, i) : -1;
}

function endOfNumber(tokens: Tokens, i: number): number {
  const first = typeAt(tokens, i) === T.Minus ? i + 1 : i;
  if (!isAt(tokens, first, T.NumberToken)) return -1;
  if (!isAt(tokens, first + 1, T.RangeOperator)) return first + 1;
  const last = typeAt(tokens, first + 2) === T.Minus ? first + 3 : first + 2;
  return isAt(tokens, last, T.NumberToken) ? last + 1 : -1;
}

/** `a.b.Name`, with its arguments if they follow on the same line. */
function endOfConstructor(tokens: Tokens, i: number): number {
  const name = endOfPath(tokens, i);
  if (!isAt(tokens, name - 1, T.AnyUpper)) return -1;
  const next = tokens[name];
  if (next === undefined || next.newline || next.partner < name) return name;
  return next.tokenType === T.LeftParen || tokenMatcher(next, T.LeftBrace) ? next.partner + 1 : name;
}

/** One past `a.b.c` at `i`, where a name stands. */
function endOfPath(tokens: Tokens, i: number): number {
  let end = i + 1;
  while (typeAt(tokens, end) === T.Dot && isName(tokens, end + 1)) end += 2;
  return end;
}

function isName(tokens: Tokens, i: number): boolean {
  return isAt(tokens, i, T.AnyUpper) || isAt(tokens, i, T.ValueName);
}

/** One past the type that may begin at `i`; -1 if none can. */
export function endOfType(tokens: Tokens, i: number): number {
  for (let at = i; ; ) {
    const end = endOfPlainType(tokens, at);
    if (end < 0 || typeAt(tokens, end) !== T.Arrow) return end;
    at = end + 1;
  }
}

/** A type without a `->` of its own. */
function endOfPlainType(tokens: Tokens, i: number): number {
  const token = tokens[i];
  if (token === undefined) return -1;
  if (isName(tokens, i)) {
    const end = endOfPath(tokens, i);
    const next = tokens[end] as Token;
    return next.tokenType === T.LeftBracket && !next.newline ? next.partner + 1 : end;
  }
  const opens =
    token.tokenType === T.LeftParen || token.tokenType === T.LeftBracket || tokenMatcher(token, T.LeftBrace);
  return opens ? token.partner + 1 : -1;
}

// A lambda with a result type looks like a parenthesis before an arm's arrow; where one of these stands in front, it is that.
const NEVER_BEFORE_LAMBDA = new Set<TokenType>([
  ...[T.When, T.After, T.Bang, T.Not, T.Minus, T.AndAnd, T.OrOr, T.Plus, T.Star, T.Slash, T.Percent, T.StarStar],
  ...[T.EqualEqual, T.NotEqual, T.Less, T.Greater, T.LessEqual, T.GreaterEqual, T.PlusPlus],
]);

/** Whether the expression at `i` is a lambda: a pattern, or parameters in parentheses, before `=>`. */
export function isLambda(tokens: Tokens, i: number): boolean {
  const token = tokens[i] as Token;
  if (token.tokenType === T.LeftParen) {
    const next = token.partner + 1;
    if (typeAt(tokens, next) === T.FatArrow) return true;
    if (typeAt(tokens, next) !== T.Arrow) return false;
    const before = typeAt(tokens, i - 1);
    if (before !== undefined && NEVER_BEFORE_LAMBDA.has(before)) return false;
    const end = endOfType(tokens, next + 1);
    return end > 0 && typeAt(tokens, end) === T.FatArrow;
  }
  if (token.partner < 0 && typeAt(tokens, i + 1) === T.FatArrow) return true;
  if (token.partner < i && !tokenMatcher(token, T.AnyUpper) && token.tokenType !== T.Minus) return false;
  const end = endOfPattern(tokens, i);
  return end > 0 && typeAt(tokens, end) === T.FatArrow;
}

/** Whether a function definition begins at the name at `i`: `name[T](…)` and then `=`, `->`, `when` or `{`. */
export function isFunction(tokens: Tokens, i: number): boolean {
  if (!isAt(tokens, i, T.ValueName)) return false;
  let open = tokens[i + 1] as Token;
  if (open.tokenType === T.LeftBracket && !open.newline) open = tokens[open.partner + 1] as Token;
  if (open.tokenType !== T.LeftParen || open.newline) return false;
  const next = tokens[open.partner + 1] as Token;
  const type = next.tokenType;
  if (type === T.Assign || type === T.Arrow || type === T.When) return true;
  return tokenMatcher(next, T.LeftBrace) && !next.newline;
}

/** Whether `i` begins `Type: Trait`, which a typed binding (`(a, b): T = e`) is not. */
export function isImpl(tokens: Tokens, i: number): boolean {
  const token = tokens[i] as Token;
  const isBracket = token.tokenType === T.LeftParen || token.tokenType === T.LeftBracket;
  if (!isBracket && !isAt(tokens, endOfPath(tokens, i) - 1, T.AnyUpper)) return false;
  const colon = endOfPlainType(tokens, i);
  if (colon < 0 || typeAt(tokens, colon) !== T.Colon || !isName(tokens, colon + 1)) return false;
  const end = endOfType(tokens, colon + 1);
  return isAt(tokens, endOfPath(tokens, colon + 1) - 1, T.AnyUpper) && typeAt(tokens, end) !== T.Assign;
}

export type ItemKind =
  | "module" | "type" | "trait" | "impl" | "use" | "const" | "mvar"
  | "template" | "extern" | "test" | "function" | "bind" | "statement"; // biome-ignore format: a list

/** Declarations that a keyword begins. */
export const ITEM_KEYWORDS = new Map<TokenType, ItemKind>([
  [T.Module, "module"],
  [T.Type, "type"],
  [T.Reactive, "type"],
  [T.Trait, "trait"],
  [T.Use, "use"],
  [T.Const, "const"],
  [T.Mvar, "mvar"],
  [T.Template, "template"],
  [T.Extern, "extern"],
  [T.Test, "test"],
]);

export type StatementKind = "var" | "bind" | "function" | "expression";

/** What kind of statement begins at `i`. */
export function statementKind(tokens: Tokens, i: number, mayDefine: boolean): StatementKind {
  const token = tokens[i] as Token;
  if (token.tokenType === T.Var) return "var";
  const end = endOfPattern(tokens, i);
  if (end > 0) {
    const next = typeAt(tokens, end);
    if (next === T.Assign || next === T.Colon) return "bind";
  }
  return mayDefine && isFunction(tokens, i) ? "function" : "expression";
}

/** Whether an arm's head (`pattern ->` or `pattern when`) begins at `i`, and not an expression. */
export function isArmHead(tokens: Tokens, i: number): boolean {
  let at = typeAt(tokens, i) === T.Bar ? i + 1 : i;
  for (;;) {
    const end = endOfPattern(tokens, at);
    if (end < 0) return false;
    const next = typeAt(tokens, end);
    if (next === T.Bar) at = end + 1;
    else return (next === T.Arrow && !isLambda(tokens, at)) || next === T.When;
  }
}

/**
 * Whether the bracket at `i`, behind a callee, holds type arguments of a call: `f[Int](x)`. A lone lower-case name is
 * an index (`handlers[i](x)`), unless it is one of the type names that are written small.
 */
export function isTypeArguments(tokens: Tokens, i: number): boolean {
  const open = tokens[i] as Token;
  const call = tokens[open.partner + 1] as Token;
  if (call.tokenType !== T.LeftParen || call.newline) return false;
  if (open.partner === i + 1) return false;
  const only = open.partner === i + 2 ? (tokens[i + 1] as Token) : undefined;
  if (only !== undefined && tokenMatcher(only, T.ValueName)) return SMALL_TYPES.has(only.image);
  for (let at = i + 1; at < open.partner; ) {
    const end = endOfType(tokens, at);
    if (end < 0) return false;
    if (end === open.partner) return true;
    if (typeAt(tokens, end) !== T.Comma) return false;
    at = end + 1;
  }
  return true;
}

const SMALL_TYPES = new Set(["int", "string", "bool", "float"]);
