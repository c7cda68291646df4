/**
 * What all rules stand on: the tokens ahead, spans, the count of nesting, and what happens when something is missing.
 *
 * The trick: a mistake is thrown to the list that it stands in (`recover`), which reports it and goes on with the next
 * statement, arm or declaration, found by brackets and indentation.
 * Stays true: `depth` after a rule is what it was before; a failure never leaves the outermost list.
 */
import {
  EmbeddedActionsParser,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  isRecognitionException,
  type TokenType,
  tokenMatcher,
} from "chevrotain";
import type { Ident, SyntaxProblem } from "../ast.ts";
import { hintFor } from "../hints.ts";
import { CharLiteral, CutString, EmptyQuotes, PlainString, StringOpen, vocabulary } from "../lexer.ts";
import type { Token } from "../prepare.ts";
import type { SourceFile, Span } from "../source.ts";
import * as T from "../tokens.ts";

/**
 * How deep a tree may be. V8 gives the main thread 984 KB of stack; at this depth the greediest kinds of nesting take a
 * good half of it in code that was never run before (3.3 KB a level; nested constructor patterns, which take more, count
 * double), and the passes behind the parser recurse along the tree too.
 */
export const MAX_DEPTH = 160;

/** Thrown to leave a statement that cannot be understood; never leaves the rules. */
export class Failure {
  readonly problem: SyntaxProblem;
  /** the token it stumbled over */
  readonly token: Token;
  constructor(problem: SyntaxProblem, token: Token) {
    this.problem = problem;
    this.token = token;
  }
}

const labelOf = (type: TokenType): string => type.LABEL ?? type.name;

/** Chevrotain's messages are never shown; a mismatch carries the label of what was expected. */
const errorMessageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => labelOf(expected),
  buildNotAllInputParsedMessage: () => "the end of the file",
  buildNoViableAltMessage: () => "something else",
  buildEarlyExitMessage: () => "something else",
};

/** Every kind of token with which an expression may begin. */
export const EXPRESSION_STARTS = startsOf(
  ...[
    T.PrefixOperator,
    T.NumberToken,
    PlainString,
    CharLiteral,
    StringOpen,
    T.True,
    T.False,
    T.ValueName,
    T.Underscore,
  ],
  ...[T.AnyUpper, T.LeftParen, T.LeftBracket, T.LeftBrace, T.MapOpen, T.SetOpen, T.If, T.Match, T.Try, T.Do, T.Receive],
  ...[T.While, T.For, T.Break, T.Continue, T.Return, T.Spawn, T.SpawnLink, T.SpawnMonitor, T.Quote],
);
export const PATTERN_STARTS = startsOf(
  ...[
    T.Underscore,
    T.ValueName,
    T.AnyUpper,
    T.Minus,
    T.NumberToken,
    PlainString,
    CharLiteral,
    T.True,
    T.False,
    T.Caret,
  ],
  ...[T.LeftParen, T.LeftBracket, T.LeftBrace, T.MapOpen, T.SetOpen],
);
export const TYPE_STARTS = startsOf(T.AnyUpper, T.ValueName, T.LeftParen, T.LeftBracket, T.LeftBrace);

/** A table over token kinds, members of the given groups included. */
function startsOf(...types: TokenType[]): readonly boolean[] {
  const table: boolean[] = [];
  for (const type of types) {
    table[type.tokenTypeIdx as number] = true;
    for (const member of type.categoryMatches ?? []) table[member] = true;
  }
  return table;
}

/** Already reported when the tokens were prepared. */
const BAD_TOKENS = new Set([
  ...[T.UnknownCharacter, T.OpenComment, T.BadNumber, T.BadFloat, T.StrayBracket, CutString, EmptyQuotes],
]);

/** A line that begins with one of these goes on with the line before. */
const CONTINUES = new Set([T.Else, T.Then, T.Catch, T.Finally, T.PipeRight, T.Dot, T.Bar]);

export abstract class BaseRules extends EmbeddedActionsParser {
  protected source!: SourceFile;
  protected tokens: readonly Token[] = [];
  protected problems: SyntaxProblem[] = [];
  protected isSound = true;
  /** how deep the rule at work is */
  protected depth = 0;
  /** how deep what was read since this was last set reaches */
  protected deepest = 0;

  constructor() {
    super(vocabulary, { recoveryEnabled: false, maxLookahead: 1, skipValidations: true, errorMessageProvider });
  }

  protected next(): Token {
    return this.LA(1) as Token;
  }

  protected second(): Token {
    return this.LA(2) as Token;
  }

  protected previous(): Token {
    return this.LA(0) as Token;
  }

  protected at(type: TokenType): boolean {
    return tokenMatcher(this.LA(1), type);
  }

  protected spanOfToken(token: Token): Span {
    return { source: this.source, start: token.startOffset, end: token.end };
  }

  /** From a token to the last one consumed. */
  protected spanFrom(start: Token): Span {
    return { source: this.source, start: start.startOffset, end: this.previous().end };
  }

  protected spanFromOffset(start: number): Span {
    return { source: this.source, start, end: this.previous().end };
  }

  protected ident(token: Token): Ident {
    return { name: token.image, span: this.spanOfToken(token) };
  }

  protected enter(): void {
    if (++this.depth > this.deepest) this.deepest = this.depth;
    if (this.depth > MAX_DEPTH) this.failTooDeep(this.next());
  }

  protected leave(): void {
    this.depth--;
  }

  protected failTooDeep(token: Token): never {
    throw new Failure({ code: "too-deep", span: this.spanOfToken(token), limit: MAX_DEPTH }, token);
  }

  protected fail(expected: readonly string[], context?: string): never {
    const token = this.next();
    throw new Failure(this.unexpected(token, expected, context), token);
  }

  protected unexpected(token: Token, expected: readonly string[], context?: string): SyntaxProblem {
    const hint = hintFor(this.tokens, token, expected);
    const isEnd = token.tokenType === T.EndOfFile;
    // what is missing at the end of a line is shown there, not in front of the next one
    const isLineEnd = token.newline && expected.every((text) => text.startsWith("`"));
    const before = isEnd || isLineEnd ? this.tokens[token.at - 1] : undefined;
    return {
      code: "unexpected-token",
      span:
        before === undefined ? this.spanOfToken(token) : { source: this.source, start: before.end, end: before.end },
      expected,
      found: isEnd ? "end of file" : isLineEnd ? "end of line" : token.image,
      ...(context === undefined ? {} : { context }),
      ...(hint === undefined ? {} : { hint }),
    };
  }

  /** Fails unless the next token is of this type. Keeps Chevrotain from computing the list of all that could follow. */
  protected need(type: TokenType, ...expected: readonly string[]): void {
    if (!this.RECORDING_PHASE && !this.at(type)) this.fail(expected.length > 0 ? expected : [labelOf(type)]);
  }

  /** Before an alternation of two kinds of names. */
  protected needName(expected: string): void {
    if (!this.RECORDING_PHASE && !this.at(T.AnyUpper)) this.need(T.ValueName, expected);
  }

  protected needStart(table: readonly boolean[], expected: string): void {
    if (!this.RECORDING_PHASE && table[this.next().tokenTypeIdx] !== true) this.fail([expected]);
  }

  /** Notes a problem, unless it is the echo of one that is already known. */
  protected report(problem: SyntaxProblem, token: Token): void {
    if (problem.code === "unexpected-token") {
      if (BAD_TOKENS.has(token.tokenType)) return;
      const isInvented = token.image === "" && token.tokenType !== T.EndOfFile;
      if (isInvented) return;
    }
    const last = this.problems.at(-1);
    if (last?.code === problem.code && last.span.start === problem.span.start) return;
    this.problems.push(problem);
  }

  protected failureOf(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown;
    if (!(thrown instanceof Error) || !isRecognitionException(thrown)) throw thrown;
    const token = (thrown as IRecognitionException).token as Token;
    return new Failure(this.unexpected(token, [thrown.message]), token);
  }

  /**
   * After a failure: reports it and goes to where the next statement, arm or declaration of the same list begins.
   * What is too deep ends the whole reading: the levels outside are as deep as makes no difference.
   * @param start   the first token of what failed: what begins a line further right still belongs to it
   * @param depth   of the list that it stood in
   * @param open    index of the bracket around the list, -1 at the top level
   */
  protected recover(thrown: unknown, start: Token, depth: number, open: number): void {
    if (this.RECORDING_PHASE) throw thrown;
    const failure = this.failureOf(thrown);
    const isTooDeep = failure.problem.code === "too-deep";
    if (isTooDeep && depth > 0) throw failure;
    this.report(failure.problem, failure.token);
    this.errors = [];
    this.depth = depth;
    const target = isTooDeep ? this.tokens.length - 1 : this.resumeAt(start, open);
    while (this.next().at < target) this.SKIP_TOKEN();
  }

  protected resumeAt(start: Token, open: number): number {
    const end = open < 0 ? this.tokens.length - 1 : (this.tokens[open] as Token).partner;
    const column = this.columnOf(start);
    let i = this.next().at;
    if (i === start.at) i = this.behind(i);
    while (i < end) {
      const token = this.tokens[i] as Token;
      if (token.parent === open) {
        const isCloser = token.partner >= 0 && token.partner < i;
        if (token.tokenType === T.Semicolon) return i;
        if (token.newline && !isCloser && !CONTINUES.has(token.tokenType) && this.columnOf(token) <= column) return i;
        i = this.behind(i);
      } else i++;
    }
    return end;
  }

  /** The token behind this one, or behind the bracket that it opens. */
  protected behind(i: number): number {
    return Math.max((this.tokens[i] as Token).partner, i) + 1;
  }

  protected columnOf(token: Token): number {
    return token.startOffset - this.source.text.lastIndexOf("\n", token.startOffset - 1);
  }

  /**
   * Things with commas between, a comma behind the last allowed, up to a closing bracket (which is not consumed).
   * Plain loops, here and below: a MANY would end at a token that begins no element, and its message would be worse.
   */
  protected commaList(close: TokenType, read: () => void): void {
    do {
      if (!this.RECORDING_PHASE && this.at(close)) return;
      read();
    } while (this.skipComma());
    this.need(close, "`,`", labelOf(close));
  }

  protected skipComma(): boolean {
    if (this.RECORDING_PHASE || this.next().tokenType !== T.Comma) return false;
    this.SKIP_TOKEN();
    return true;
  }
}
