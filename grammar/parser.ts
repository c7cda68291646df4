/**
 * The grammar: a Chevrotain parser whose actions build the syntax tree of ast.ts directly (`EmbeddedActionsParser`; a
 * concrete tree in between would double the work and the memory, and nobody would read it).
 *
 * The trick: one token of lookahead everywhere. What would need more is answered beforehand from the paired brackets
 * (`lookahead.ts`), and an expression is ONE rule that collects operands and operators in a row (`precedence.ts`).
 * Stays true: rules recurse along nesting only, and nesting is counted (`MAX_DEPTH`); what lies side by side, operators,
 * statements, arms, elements, else-ifs, is read by loops. A mistake ends its statement, arm or declaration, the next one
 * is read as if nothing had happened.
 */
import {
  EmbeddedActionsParser,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  isRecognitionException,
  type ParserMethod,
  type TokenType,
  tokenMatcher,
} from "chevrotain";
import type * as Ast from "./ast.ts";
import type { Expr, Ident, Item, Pattern, Statement, SyntaxProblem, TypeExpr } from "./ast.ts";
import { docAbove } from "./doc-comment.ts";
import { hintFor } from "./hints.ts";
import {
  CharLiteral,
  CutString,
  EmptyQuotes,
  HoleClose,
  HoleOpen,
  PlainString,
  StringClose,
  StringOpen,
  StringText,
  vocabulary,
} from "./lexer.ts";
import { type NumberLiteral, rangeOf, readEscapes, readNumber } from "./literals.ts";
import * as ahead from "./lookahead.ts";
import { applyPrecedence, type Operand, type WrittenOp } from "./precedence.ts";
import type { Token } from "./prepare.ts";
import { join, type SourceFile, type Span } from "./source.ts";
import * as T from "./tokens.ts";

/**
 * How deep a tree may be. V8 gives the main thread 984 KB of stack; at this depth the greediest kinds of nesting take a
 * good half of it in code that was never run before (3.3 KB a level; nested constructor patterns, which take more, count
 * double), and the passes behind the parser recurse along the tree too.
 */
export const MAX_DEPTH = 160;

/** Thrown to leave a statement that cannot be understood; never leaves this file. */
class Failure {
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
const EXPRESSION_STARTS = startsOf(
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
const PATTERN_STARTS = startsOf(
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
const TYPE_STARTS = startsOf(T.AnyUpper, T.ValueName, T.LeftParen, T.LeftBracket, T.LeftBrace);

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

type ItemKind =
  | "module" | "type" | "trait" | "impl" | "use" | "const" | "mvar"
  | "template" | "extern" | "test" | "function" | "bind" | "statement"; // biome-ignore format: a list

const ITEM_KEYWORDS = new Map<TokenType, ItemKind>([
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

interface Header {
  readonly start: Token;
  readonly isPublic: boolean;
  readonly doc?: string;
  readonly decorators?: readonly Ast.Decorator[];
}

interface Clause {
  readonly name: Ident;
  readonly typeParams: readonly Ast.TypeParam[];
  readonly params: readonly Ast.Param[];
  readonly guard?: Expr;
  readonly result?: TypeExpr;
  readonly body: Expr;
}

/** What stands behind the element of a comprehension. */
type Generator = Pick<Extract<Expr, { kind: "comprehension" }>, "pattern" | "iterable" | "condition">;

class NostosParser extends EmbeddedActionsParser {
  private source!: SourceFile;
  private tokens: readonly Token[] = [];
  private problems: SyntaxProblem[] = [];
  private isSound = true;
  /** how deep the rule at work is */
  private depth = 0;
  /** how deep what was read since this was last set reaches */
  private deepest = 0;

  constructor() {
    super(vocabulary, { recoveryEnabled: false, maxLookahead: 1, skipValidations: true, errorMessageProvider });
    this.performSelfAnalysis();
  }

  /**
   * Reads a whole file; problems come out in the order found.
   * @param isSound  whether the tokens gave no problem yet
   */
  read(
    source: SourceFile,
    tokens: readonly Token[],
    isSound: boolean,
  ): { readonly items: Item[]; readonly problems: SyntaxProblem[] } {
    this.source = source;
    this.tokens = tokens;
    this.problems = [];
    this.isSound = isSound;
    this.depth = 0;
    this.deepest = 0;
    this.input = [...tokens]; // a copy: Chevrotain puts sentinels behind it while it parses
    let items: Item[] = [];
    try {
      items = this.file();
    } catch (failure) {
      // the depth count should make this impossible; a stack that was nearly full before we came can still do it
      if (!(failure instanceof RangeError)) throw failure;
      const first = tokens[0] as Token;
      this.problems.push({ code: "too-deep", span: this.spanOfToken(first), limit: MAX_DEPTH });
    }
    return { items, problems: this.problems };
  }

  // ───────────────────────────── spans and tokens ─────────────────────────────

  private next(): Token {
    return this.LA(1) as Token;
  }

  private second(): Token {
    return this.LA(2) as Token;
  }

  private previous(): Token {
    return this.LA(0) as Token;
  }

  private at(type: TokenType): boolean {
    return tokenMatcher(this.LA(1), type);
  }

  private spanOfToken(token: Token): Span {
    return { source: this.source, start: token.startOffset, end: token.end };
  }

  /** From a token to the last one consumed. */
  private spanFrom(start: Token): Span {
    return { source: this.source, start: start.startOffset, end: this.previous().end };
  }

  private spanFromOffset(start: number): Span {
    return { source: this.source, start, end: this.previous().end };
  }

  private ident(token: Token): Ident {
    return { name: token.image, span: this.spanOfToken(token) };
  }

  // ───────────────────────────── nesting ─────────────────────────────

  private enter(): void {
    if (++this.depth > this.deepest) this.deepest = this.depth;
    if (this.depth > MAX_DEPTH) this.failTooDeep(this.next());
  }

  private leave(): void {
    this.depth--;
  }

  private failTooDeep(token: Token): never {
    throw new Failure({ code: "too-deep", span: this.spanOfToken(token), limit: MAX_DEPTH }, token);
  }

  // ───────────────────────────── problems ─────────────────────────────

  private fail(expected: readonly string[], context?: string): never {
    const token = this.next();
    throw new Failure(this.unexpected(token, expected, context), token);
  }

  private unexpected(token: Token, expected: readonly string[], context?: string): SyntaxProblem {
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
  private need(type: TokenType, ...expected: readonly string[]): void {
    if (!this.RECORDING_PHASE && !this.at(type)) this.fail(expected.length > 0 ? expected : [labelOf(type)]);
  }

  /** Before an alternation of two kinds of names. */
  private needName(expected: string): void {
    if (!this.RECORDING_PHASE && !this.at(T.AnyUpper)) this.need(T.ValueName, expected);
  }

  private needStart(table: readonly boolean[], expected: string): void {
    if (!this.RECORDING_PHASE && table[this.next().tokenTypeIdx] !== true) this.fail([expected]);
  }

  /** Notes a problem, unless it is the echo of one that is already known. */
  private report(problem: SyntaxProblem, token: Token): void {
    if (problem.code === "unexpected-token") {
      if (BAD_TOKENS.has(token.tokenType)) return;
      const isInvented = token.image === "" && token.tokenType !== T.EndOfFile;
      if (isInvented) return;
    }
    const last = this.problems.at(-1);
    if (last?.code === problem.code && last.span.start === problem.span.start) return;
    this.problems.push(problem);
  }

  private failureOf(thrown: unknown): Failure {
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
  private recover(thrown: unknown, start: Token, depth: number, open: number): void {
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

  private resumeAt(start: Token, open: number): number {
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
  private behind(i: number): number {
    return Math.max((this.tokens[i] as Token).partner, i) + 1;
  }

  private columnOf(token: Token): number {
    return token.startOffset - this.source.text.lastIndexOf("\n", token.startOffset - 1);
  }

  // ───────────────────────────── lists ─────────────────────────────

  /**
   * Things with commas between, a comma behind the last allowed, up to a closing bracket (which is not consumed).
   * Plain loops, here and below: a MANY would end at a token that begins no element, and its message would be worse.
   */
  private commaList(close: TokenType, read: () => void): void {
    do {
      if (!this.RECORDING_PHASE && this.at(close)) return;
      read();
    } while (this.skipComma());
    this.need(close, "`,`", labelOf(close));
  }

  private skipComma(): boolean {
    if (this.RECORDING_PHASE || this.next().tokenType !== T.Comma) return false;
    this.SKIP_TOKEN();
    return true;
  }

  /** Statements up to the closing bracket or `end`. */
  private statementsUntil(close: TokenType, open: number): Statement[] {
    const statements: Statement[] = [];
    let isFree = true;
    let anchor = this.next();
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE) {
          if (start.tokenType === T.Comma || start.tokenType === T.Semicolon) {
            this.SKIP_TOKEN();
            isFree = true;
            continue;
          }
          if (this.at(close)) break;
          if (!isFree && !start.newline) this.fail(["an operator", "a new line"]);
        }
        anchor = start;
        statements.push(this.SUBRULE(this.statement, { ARGS: [true] }));
        isFree = false;
      } catch (failure) {
        this.recover(failure, anchor, depth, open);
        isFree = true;
      }
    } while (!this.RECORDING_PHASE);
    return statements;
  }

  /** Arms up to the closing brace, or to `after`. */
  private armsUntil(open: number): Ast.Arm[] {
    const arms: Ast.Arm[] = [];
    let anchor = this.next();
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE) {
          if (this.at(T.RightBrace) || this.at(T.After)) break;
          if (
            arms.length > 0 &&
            !start.newline &&
            !this.followsSeparator() &&
            !ahead.isArmHead(this.tokens, start.at)
          ) {
            this.fail(["an operator", "`,`", "a new line"]);
          }
        }
        anchor = start;
        arms.push(this.SUBRULE(this.arm));
      } catch (failure) {
        this.recover(failure, anchor, depth, open);
        // recovery stops at a semicolon, and no arm begins with one
        if (this.at(T.Semicolon)) this.SKIP_TOKEN();
      }
    } while (!this.RECORDING_PHASE);
    return arms;
  }

  private followsSeparator(): boolean {
    const { tokenType } = this.previous();
    return tokenType === T.Comma || tokenType === T.Semicolon || tokenType === T.Bar;
  }

  /** Declarations up to the end of the file or, in a module, to its `end`. */
  private itemsUntil(close: TokenType): Item[] {
    const items: Item[] = [];
    let isFree = true;
    let anchor = this.next();
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE) {
          if (start.tokenType === T.Semicolon) {
            this.SKIP_TOKEN();
            isFree = true;
            continue;
          }
          if (this.at(close) || start.tokenType === T.EndOfFile) break;
          if (start.tokenType === T.End && (this.problems.length > 0 || !this.isSound)) {
            // most likely of a declaration that could not be read
            this.SKIP_TOKEN();
            continue;
          }
          if (!isFree && !start.newline) this.fail(["an operator", "a new line"]);
        }
        anchor = start;
        items.push(this.SUBRULE(this.item));
        isFree = false;
      } catch (failure) {
        this.recover(failure, anchor, depth, -1);
        isFree = true;
      }
    } while (!this.RECORDING_PHASE);
    return items;
  }

  // ───────────────────────────── declarations ─────────────────────────────

  private readonly file: ParserMethod<[], Item[]> = this.RULE("file", (): Item[] => {
    const items = this.itemsUntil(T.EndOfFile);
    this.CONSUME(T.EndOfFile);
    return items;
  });

  private readonly item: ParserMethod<[], Item> = this.RULE("item", (): Item => {
    const first = this.next();
    const decorators: Ast.Decorator[] = [];
    this.MANY(() => decorators.push(this.SUBRULE(this.decorator)));
    const start = this.next();
    const isPublic = this.OPTION(() => this.CONSUME(T.Pub)) !== undefined;
    const kind = this.RECORDING_PHASE ? "statement" : this.itemKind(isPublic || decorators.length > 0);
    const doc = this.RECORDING_PHASE ? undefined : docAbove(this.source.text, first.startOffset);
    const header: Header = {
      start,
      isPublic,
      ...(doc === undefined ? {} : { doc }),
      ...(decorators.length === 0 ? {} : { decorators }),
    };
    return this.OR<Item>([
      { GATE: () => kind === "function", ALT: () => this.SUBRULE(this.functionDecl, { ARGS: [header] }) },
      { GATE: () => kind === "bind", ALT: () => this.SUBRULE(this.bindingDecl, { ARGS: [header] }) },
      { GATE: () => kind === "type", ALT: () => this.SUBRULE(this.typeDecl, { ARGS: [header] }) },
      { GATE: () => kind === "use", ALT: () => this.SUBRULE(this.useDecl, { ARGS: [header] }) },
      { GATE: () => kind === "const", ALT: () => this.SUBRULE(this.constDecl, { ARGS: [header] }) },
      { GATE: () => kind === "mvar", ALT: () => this.SUBRULE(this.mvarDecl, { ARGS: [header] }) },
      { GATE: () => kind === "module", ALT: () => this.SUBRULE(this.moduleDecl, { ARGS: [header] }) },
      { GATE: () => kind === "trait", ALT: () => this.SUBRULE(this.traitDecl, { ARGS: [header] }) },
      { GATE: () => kind === "impl", ALT: () => this.SUBRULE(this.implDecl, { ARGS: [header] }) },
      { GATE: () => kind === "template", ALT: () => this.SUBRULE(this.templateDecl, { ARGS: [header] }) },
      { GATE: () => kind === "extern", ALT: () => this.SUBRULE(this.externDecl, { ARGS: [header] }) },
      { GATE: () => kind === "test", ALT: () => this.SUBRULE(this.testDecl, { ARGS: [header] }) },
      { GATE: () => kind === "statement", ALT: () => this.SUBRULE(this.statementItem) },
    ]);
  });

  private itemKind(mustDeclare: boolean): ItemKind {
    const { tokens } = this;
    const token = this.next();
    const keyword = ITEM_KEYWORDS.get(token.tokenType);
    if (keyword !== undefined) return keyword;
    if (token.tokenType === T.Var && this.second().tokenType === T.Type) return "type";
    if (ahead.isFunction(tokens, token.at)) return "function";
    if (ahead.isImpl(tokens, token.at)) return "impl";
    const kind = ahead.statementKind(tokens, token.at, false);
    if (kind === "var" || kind === "bind") return "bind";
    if (mustDeclare) this.fail(["a declaration"]);
    this.needStart(EXPRESSION_STARTS, "a declaration");
    return "statement";
  }

  private readonly decorator: ParserMethod<[], Ast.Decorator> = this.RULE("decorator", (): Ast.Decorator => {
    const start = this.CONSUME(T.At) as Token;
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    const args = this.OPTION({
      GATE: () => !this.next().newline,
      DEF: () => this.SUBRULE(this.callArguments),
    });
    return { span: this.spanFrom(start), name, args: args ?? [] };
  });

  private readonly statementItem: ParserMethod<[], Item> = this.RULE("statementItem", (): Item => {
    const statement = this.SUBRULE(this.statement, { ARGS: [false] });
    return { kind: "statement", span: statement.span, statement };
  });

  private readonly bindingDecl: ParserMethod<[Header], Item> = this.RULE("bindingDecl", (header: Header): Item => {
    const isVar = this.OPTION(() => this.CONSUME(T.Var)) !== undefined;
    const { pattern, type, value } = this.bindingRest();
    const shared = this.declared(header);
    return { kind: "binding", ...shared, isVar, pattern, ...(type === undefined ? {} : { type }), value };
  });

  private declared(header: Header): Pick<Ast.FunctionDecl, "span" | "isPublic" | "doc" | "decorators"> {
    if (this.RECORDING_PHASE) return { span: { source: this.source, start: 0, end: 0 }, isPublic: false };
    const { start, ...rest } = header;
    return { span: this.spanFrom(start), ...rest };
  }

  /** `pattern [: T] = e`; used by two rules. */
  private bindingRest(): { pattern: Pattern; type: TypeExpr | undefined; value: Expr } {
    const pattern = this.SUBRULE(this.pattern);
    const type = this.OPTION8(() => {
      this.CONSUME(T.Colon);
      return this.SUBRULE(this.type);
    });
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    this.needValue();
    const value = this.SUBRULE(this.expression);
    return { pattern, type, value };
  }

  /** Behind a `=`: a next line that is a definition of its own is not the value. */
  private needValue(): void {
    const token = this.next();
    if (this.RECORDING_PHASE || !token.newline) return;
    if (ahead.statementKind(this.tokens, token.at, true) === "expression" && !ITEM_KEYWORDS.has(token.tokenType))
      return;
    const { end } = this.previous();
    const span = { source: this.source, start: end, end };
    throw new Failure({ code: "unexpected-token", span, expected: ["an expression"], found: "end of line" }, token);
  }

  // ── functions

  private readonly functionDecl: ParserMethod<[Header], Item> = this.RULE("functionDecl", (header: Header): Item => {
    const clause = this.SUBRULE(this.clause);
    return { kind: "function", ...this.declared(header), ...clause };
  });

  /** `name[T](params) [when g] [-> T]` and `= e` or a block */
  private readonly clause: ParserMethod<[], Clause> = this.RULE("clause", (): Clause => {
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    const typeParams = this.OPTION(() => this.SUBRULE(this.typeParams)) ?? [];
    const params = this.SUBRULE(this.params);
    const guard = this.OPTION2(() => {
      this.CONSUME(T.When);
      return this.SUBRULE(this.expression);
    });
    const result = this.OPTION3(() => {
      this.CONSUME(T.Arrow);
      return this.SUBRULE(this.type);
    });
    if (!this.RECORDING_PHASE && !this.at(T.Assign) && !this.at(T.LeftBrace)) this.fail(["`=`", "`{`"]);
    const body = this.OR([
      {
        ALT: () => {
          this.CONSUME(T.Assign);
          this.needValue();
          return this.SUBRULE2(this.expression);
        },
      },
      { ALT: () => this.SUBRULE(this.block) },
    ]);
    return {
      name,
      typeParams,
      params,
      ...(guard === undefined ? {} : { guard }),
      ...(result === undefined ? {} : { result }),
      body,
    };
  });

  private readonly params: ParserMethod<[], Ast.Param[]> = this.RULE("params", (): Ast.Param[] => {
    const params: Ast.Param[] = [];
    this.need(T.LeftParen);
    this.CONSUME(T.LeftParen);
    this.commaList(T.RightParen, () => {
      params.push(this.SUBRULE(this.param));
    });
    this.CONSUME(T.RightParen);
    return params;
  });

  private readonly param: ParserMethod<[], Ast.Param> = this.RULE("param", (): Ast.Param => {
    const start = this.next();
    const pattern = this.SUBRULE(this.pattern);
    const type = this.OPTION(() => {
      this.CONSUME(T.Colon);
      return this.SUBRULE(this.type);
    });
    const value = this.OPTION2(() => {
      this.CONSUME(T.Assign);
      return this.SUBRULE(this.expression);
    });
    return {
      span: this.spanFrom(start),
      pattern,
      ...(type === undefined ? {} : { type }),
      ...(value === undefined ? {} : { default: value }),
    };
  });

  /** `[T: Eq + Show, U]` */
  private readonly typeParams: ParserMethod<[], Ast.TypeParam[]> = this.RULE("typeParams", (): Ast.TypeParam[] => {
    const params: Ast.TypeParam[] = [];
    this.CONSUME(T.LeftBracket);
    this.commaList(T.RightBracket, () => {
      params.push(this.SUBRULE(this.typeParam));
    });
    this.CONSUME(T.RightBracket);
    return params;
  });

  private readonly typeParam: ParserMethod<[], Ast.TypeParam> = this.RULE("typeParam", (): Ast.TypeParam => {
    const name = this.ident(this.SUBRULE(this.pathName));
    const bounds: Ast.QualifiedName[] = [];
    this.OPTION(() => {
      this.CONSUME(T.Colon);
      bounds.push(this.SUBRULE(this.qualifiedName));
      this.MANY(() => {
        this.CONSUME(T.Plus);
        bounds.push(this.SUBRULE2(this.qualifiedName));
      });
    });
    return { name, bounds };
  });

  // ── types

  private readonly typeDecl: ParserMethod<[Header], Item> = this.RULE("typeDecl", (header: Header): Item => {
    const isMutable = this.OPTION(() => this.CONSUME(T.Var)) !== undefined;
    const isReactive = this.OR([
      { ALT: () => this.CONSUME(T.Type) && false },
      { ALT: () => this.CONSUME(T.Reactive) && true },
    ]);
    this.need(T.AnyUpper, "a type name with a capital");
    const name = this.ident(this.CONSUME(T.AnyUpper) as Token);
    const typeParams = this.OPTION2(() => this.SUBRULE(this.typeParams)) ?? [];
    const body: Ast.TypeBody = this.OPTION3(() => {
      this.CONSUME(T.Assign);
      return this.SUBRULE(this.typeBody);
    }) ?? { kind: "empty" };
    return { kind: "type", ...this.declared(header), name, typeParams, isMutable, isReactive, body };
  });

  private readonly typeBody: ParserMethod<[], Ast.TypeBody> = this.RULE("typeBody", (): Ast.TypeBody => {
    const kind = this.RECORDING_PHASE ? "alias" : this.typeBodyKind();
    return this.OR<Ast.TypeBody>([
      {
        GATE: () => kind === "record",
        ALT: () => ({ kind: "record", fields: this.SUBRULE(this.fieldDecls) }),
      },
      {
        GATE: () => kind === "variants",
        ALT: () => {
          const constructors: Ast.ConstructorDecl[] = [];
          this.OPTION(() => this.CONSUME(T.Bar));
          constructors.push(this.SUBRULE(this.constructorDecl));
          this.MANY(() => {
            this.CONSUME2(T.Bar);
            constructors.push(this.SUBRULE2(this.constructorDecl));
          });
          return { kind: "variants", constructors };
        },
      },
      { GATE: () => kind === "alias", ALT: () => ({ kind: "alias", type: this.SUBRULE(this.type) }) },
    ]);
  });

  private typeBodyKind(): Ast.TypeBody["kind"] {
    const token = this.next();
    if (this.at(T.LeftBrace)) return "record";
    if (token.tokenType === T.Bar) return "variants";
    this.needStart(TYPE_STARTS, "a type");
    if (!this.at(T.AnyUpper)) return "alias";
    const second = this.second();
    if (second.tokenType === T.Bar) return "variants";
    if (second.newline) return "alias";
    return second.tokenType === T.LeftParen || tokenMatcher(second, T.LeftBrace) ? "variants" : "alias";
  }

  private readonly constructorDecl: ParserMethod<[], Ast.ConstructorDecl> = this.RULE(
    "constructorDecl",
    (): Ast.ConstructorDecl => {
      this.need(T.AnyUpper, "a constructor");
      const start = this.CONSUME(T.AnyUpper) as Token;
      const fields: Ast.ConstructorDecl["fields"] = this.OPTION({
        GATE: () => !this.next().newline,
        DEF: () =>
          this.OR<Ast.ConstructorDecl["fields"]>([
            { ALT: () => ({ kind: "positional", types: this.SUBRULE(this.typeList) }) },
            { ALT: () => ({ kind: "named", fields: this.SUBRULE(this.fieldDecls) }) },
          ]),
      }) ?? { kind: "none" };
      return { span: this.spanFrom(start), name: this.ident(start), fields };
    },
  );

  /** `(A, B)` of a constructor */
  private readonly typeList: ParserMethod<[], TypeExpr[]> = this.RULE("typeList", (): TypeExpr[] => {
    const types: TypeExpr[] = [];
    this.CONSUME(T.LeftParen);
    this.commaList(T.RightParen, () => {
      types.push(this.SUBRULE(this.type));
    });
    this.CONSUME(T.RightParen);
    return types;
  });

  /** `{ a: Int, private b: T }` */
  private readonly fieldDecls: ParserMethod<[], Ast.FieldDecl[]> = this.RULE("fieldDecls", (): Ast.FieldDecl[] => {
    const fields: Ast.FieldDecl[] = [];
    this.CONSUME(T.LeftBrace);
    this.commaList(T.RightBrace, () => {
      const isPrivate =
        this.OPTION({
          GATE: () => this.second().tokenType !== T.Colon,
          DEF: () => this.CONSUME(T.Private),
        }) !== undefined;
      this.need(T.AnyName, "a field name");
      const name = this.ident(this.CONSUME(T.AnyName) as Token);
      this.need(T.Colon, "`:` and a type");
      this.CONSUME(T.Colon);
      fields.push({ name, type: this.SUBRULE(this.type), isPrivate });
    });
    this.CONSUME(T.RightBrace);
    return fields;
  });

  // ── values

  private readonly constDecl: ParserMethod<[Header], Item> = this.RULE("constDecl", (header: Header): Item => {
    this.CONSUME(T.Const);
    const name = this.ident(this.SUBRULE(this.pathName));
    const type = this.OPTION(() => {
      this.CONSUME(T.Colon);
      return this.SUBRULE(this.type);
    });
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const value = this.SUBRULE(this.expression);
    return { kind: "const", ...this.declared(header), name, ...(type === undefined ? {} : { type }), value };
  });

  private readonly mvarDecl: ParserMethod<[Header], Item> = this.RULE("mvarDecl", (header: Header): Item => {
    this.CONSUME(T.Mvar);
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    this.need(T.Colon, "`:` and a type");
    this.CONSUME(T.Colon);
    const type = this.SUBRULE(this.type);
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const value = this.SUBRULE(this.expression);
    return { kind: "mvar", ...this.declared(header), name, type, value };
  });

  // ── modules

  private readonly moduleDecl: ParserMethod<[Header], Item> = this.RULE("moduleDecl", (header: Header): Item => {
    this.enter();
    const start = this.CONSUME(T.Module) as Token;
    this.need(T.AnyUpper, "a module name with a capital");
    const name = this.ident(this.CONSUME(T.AnyUpper) as Token);
    const items = this.itemsUntil(T.End);
    if (!this.RECORDING_PHASE && !this.at(T.End)) {
      const opened = this.spanOfToken(start);
      const problem: SyntaxProblem = {
        code: "unbalanced",
        span: this.spanOfToken(this.next()),
        bracket: "end",
        opened,
      };
      throw new Failure(problem, this.next());
    }
    this.CONSUME(T.End);
    this.leave();
    return { kind: "module", ...this.declared(header), name, items };
  });

  private readonly useDecl: ParserMethod<[Header], Item> = this.RULE("useDecl", (header: Header): Item => {
    const start = this.CONSUME(T.Use) as Token;
    const path: Ident[] = [this.ident(this.SUBRULE(this.anyIdentifier))];
    let what: Ast.UseDecl["what"] | undefined;
    this.MANY({
      GATE: () => what === undefined,
      DEF: () => {
        this.CONSUME(T.Dot);
        const next = this.RECORDING_PHASE ? undefined : this.next();
        if (next !== undefined && !this.isImportable(next)) this.fail(["a name", "`*`", "`{`"]);
        what = this.OR<Ast.UseDecl["what"] | undefined>([
          { ALT: () => this.CONSUME(T.Star) && { kind: "all" } },
          { ALT: () => ({ kind: "names", names: this.SUBRULE(this.useNames) }) },
          {
            ALT: () => {
              path.push(this.ident(this.SUBRULE2(this.anyIdentifier)));
              return undefined;
            },
          },
        ]);
      },
    });
    const alias = this.SUBRULE(this.useAlias);
    if (what === undefined && !this.RECORDING_PHASE) {
      const name = path.pop() as Ident;
      if (path.length === 0) {
        const next = this.next();
        if (!next.newline && next.tokenType !== T.Semicolon) this.fail(["`.`"]);
        this.reportBareUse(name, start);
      }
      what = { kind: "names", names: [alias === undefined ? { name } : { name, alias }] };
    }
    return { kind: "use", ...this.declared(header), path, what: what ?? { kind: "all" } };
  });

  private isImportable(token: Token): boolean {
    const type = token.tokenType;
    if (type === T.Star || tokenMatcher(token, T.LeftBrace)) return true;
    return tokenMatcher(token, T.AnyUpper) || tokenMatcher(token, T.AnyName);
  }

  private reportBareUse(name: Ident, start: Token): void {
    const hint = `\`use ${name.name}.*\` takes all of its public names, \`use ${name.name}.{a, b}\` some`;
    const expected = ["`.*`", "`.{names}`", "`.name`"];
    const next = this.next();
    const found = next.tokenType === T.EndOfFile ? "end of file" : next.newline ? "end of line" : next.image;
    const span = join(this.spanOfToken(start), name.span);
    this.report({ code: "unexpected-token", span, expected, found, hint }, next);
  }

  private readonly useNames: ParserMethod<[], Ast.UseName[]> = this.RULE("useNames", (): Ast.UseName[] => {
    const names: Ast.UseName[] = [];
    this.CONSUME(T.LeftBrace);
    this.commaList(T.RightBrace, () => {
      const name = this.ident(this.SUBRULE(this.anyIdentifier));
      const alias = this.SUBRULE(this.useAlias);
      names.push(alias === undefined ? { name } : { name, alias });
    });
    this.CONSUME(T.RightBrace);
    return names;
  });

  /** `as name`; `as` is no keyword */
  private readonly useAlias: ParserMethod<[], Ident | undefined> = this.RULE("useAlias", (): Ident | undefined =>
    this.OPTION({
      GATE: () => this.next().image === "as" && !this.next().newline,
      DEF: () => {
        this.CONSUME(T.LowerName);
        return this.ident(this.SUBRULE(this.anyIdentifier));
      },
    }),
  );

  private readonly anyIdentifier: ParserMethod<[], Token> = this.RULE("anyIdentifier", (): Token => {
    if (!this.RECORDING_PHASE && !this.at(T.AnyUpper)) this.need(T.AnyName, "a name");
    return this.OR([{ ALT: () => this.CONSUME(T.AnyUpper) }, { ALT: () => this.CONSUME(T.AnyName) }]) as Token;
  });

  // ── traits

  private readonly traitDecl: ParserMethod<[Header], Item> = this.RULE("traitDecl", (header: Header): Item => {
    this.CONSUME(T.Trait);
    this.need(T.AnyUpper, "a trait name with a capital");
    const name = this.ident(this.CONSUME(T.AnyUpper) as Token);
    const supers: Ast.QualifiedName[] = [];
    this.OPTION(() => {
      this.CONSUME(T.Colon);
      supers.push(this.SUBRULE(this.qualifiedName));
      this.MANY(() => {
        this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.CONSUME(T.Plus) }]);
        supers.push(this.SUBRULE2(this.qualifiedName));
      });
    });
    const methods: Ast.TraitMethod[] = [];
    this.methods(() => {
      methods.push(this.SUBRULE(this.traitMethod));
    });
    this.OPTION2(() => this.CONSUME(T.End));
    return { kind: "trait", ...this.declared(header), name, supers, methods };
  });

  /** Methods as long as they come: the `end` behind them may be missing. */
  private methods(read: () => void): void {
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE && !this.atMethod()) return;
        read();
      } catch (failure) {
        this.recover(failure, start, depth, -1);
      }
    } while (!this.RECORDING_PHASE);
  }

  private atMethod(): boolean {
    if (!this.at(T.ValueName) && !this.at(T.Operator)) return false;
    const { tokenType } = this.second();
    return tokenType === T.LeftParen || tokenType === T.LeftBracket;
  }

  private readonly traitMethod: ParserMethod<[], Ast.TraitMethod> = this.RULE("traitMethod", (): Ast.TraitMethod => {
    const start = this.OR([{ ALT: () => this.CONSUME(T.ValueName) }, { ALT: () => this.CONSUME(T.Operator) }]) as Token;
    const params = this.SUBRULE(this.params);
    const result = this.OPTION(() => {
      this.CONSUME(T.Arrow);
      return this.SUBRULE(this.type);
    });
    const body = this.OPTION2(() =>
      this.OR2([
        {
          ALT: () => {
            this.CONSUME(T.Assign);
            return this.SUBRULE(this.expression);
          },
        },
        { ALT: () => this.SUBRULE(this.block) },
      ]),
    );
    return {
      span: this.spanFrom(start),
      name: this.ident(start),
      params,
      ...(result === undefined ? {} : { result }),
      ...(body === undefined ? {} : { body }),
    };
  });

  private readonly implDecl: ParserMethod<[Header], Item> = this.RULE("implDecl", (header: Header): Item => {
    const type = this.SUBRULE(this.type);
    this.CONSUME(T.Colon);
    const trait = this.SUBRULE(this.qualifiedName);
    const where: Ast.TypeParam[] = [];
    this.OPTION(() => {
      this.CONSUME(T.When);
      where.push(this.SUBRULE(this.typeParam));
      this.MANY(() => {
        this.CONSUME(T.Comma);
        where.push(this.SUBRULE2(this.typeParam));
      });
    });
    const methods: Ast.FunctionDecl[] = [];
    this.methods(() => {
      methods.push(this.SUBRULE(this.method));
    });
    this.OPTION2(() => this.CONSUME(T.End));
    return { kind: "impl", ...this.declared(header), type, trait, where, methods };
  });

  private readonly method: ParserMethod<[], Ast.FunctionDecl> = this.RULE("method", (): Ast.FunctionDecl => {
    const start = this.next();
    const clause = this.SUBRULE(this.clause);
    const doc = this.RECORDING_PHASE ? undefined : docAbove(this.source.text, start.startOffset);
    return {
      kind: "function",
      span: this.spanFrom(start),
      isPublic: false,
      ...(doc === undefined ? {} : { doc }),
      ...clause,
    };
  });

  // ── the rest

  private readonly templateDecl: ParserMethod<[Header], Item> = this.RULE("templateDecl", (header: Header): Item => {
    this.CONSUME(T.Template);
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    const params = this.SUBRULE(this.params);
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const body = this.SUBRULE(this.expression);
    return { kind: "template", ...this.declared(header), name, params, body };
  });

  private readonly externDecl: ParserMethod<[Header], Item> = this.RULE("externDecl", (header: Header): Item => {
    this.CONSUME(T.Extern);
    if (!this.RECORDING_PHASE && !this.at(T.Type)) this.need(T.ValueName, "`type`", "a function name");
    const found = this.OR<Pick<Ast.ExternDecl, "name" | "what">>([
      {
        ALT: () => {
          this.CONSUME(T.Type);
          return { name: this.ident(this.CONSUME(T.AnyUpper) as Token), what: { kind: "type" } };
        },
      },
      {
        ALT: () => {
          const name = this.ident(this.CONSUME(T.ValueName) as Token);
          const params = this.SUBRULE(this.params);
          const result = this.OPTION(() => {
            this.CONSUME(T.Arrow);
            return this.SUBRULE(this.type);
          });
          this.CONSUME(T.From);
          const library = this.plainText(this.CONSUME(PlainString) as Token);
          return { name, what: { kind: "function", params, ...(result === undefined ? {} : { result }), library } };
        },
      },
    ]);
    return { kind: "extern", ...this.declared(header), ...found };
  });

  private readonly testDecl: ParserMethod<[Header], Item> = this.RULE("testDecl", (header: Header): Item => {
    this.CONSUME(T.Test);
    this.need(PlainString, "the test's title");
    const title = this.plainText(this.CONSUME(PlainString) as Token);
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const body = this.SUBRULE(this.expression);
    return { kind: "test", ...this.declared(header), title, body };
  });

  private plainText(token: Token): string {
    return readEscapes(token.image.slice(1, -1));
  }

  /** `a.b.Name` */
  private readonly qualifiedName: ParserMethod<[], Ast.QualifiedName> = this.RULE(
    "qualifiedName",
    (): Ast.QualifiedName => {
      const start = this.SUBRULE(this.pathName);
      const path = [this.ident(start)];
      this.MANY(() => {
        this.CONSUME(T.Dot);
        path.push(this.ident(this.SUBRULE2(this.pathName)));
      });
      const name = path.pop() as Ident;
      return { span: this.spanFrom(start), path, name };
    },
  );

  private readonly pathName: ParserMethod<[], Token> = this.RULE("pathName", (): Token => {
    this.needName("a name");
    return this.OR([{ ALT: () => this.CONSUME(T.AnyUpper) }, { ALT: () => this.CONSUME(T.ValueName) }]) as Token;
  });

  // ───────────────────────────── types ─────────────────────────────

  private readonly type: ParserMethod<[], TypeExpr> = this.RULE("type", (): TypeExpr => {
    this.enter();
    this.needStart(TYPE_STARTS, "a type");
    const start = this.next();
    let params: TypeExpr[] | undefined;
    const plain = this.OR<TypeExpr>([
      { ALT: () => this.SUBRULE(this.namedType) },
      {
        ALT: () => {
          this.CONSUME(T.LeftBracket);
          const element = this.SUBRULE(this.type);
          this.need(T.RightBracket);
          this.CONSUME(T.RightBracket);
          return { kind: "list", span: this.spanFrom(start), element };
        },
      },
      {
        ALT: () => {
          params = this.SUBRULE(this.typeList);
          return this.parenthesisedType(params, this.spanFrom(start));
        },
      },
      {
        ALT: () => {
          const fields = this.SUBRULE(this.fieldDecls);
          return { kind: "struct", span: this.spanFrom(start), fields };
        },
      },
    ]);
    const result = this.OPTION(() => {
      this.CONSUME(T.Arrow);
      return this.SUBRULE2(this.type);
    });
    this.leave();
    if (result === undefined) return plain;
    return { kind: "function", span: this.spanFrom(start), params: params ?? [plain], result };
  });

  private parenthesisedType(types: readonly TypeExpr[], span: Span): TypeExpr {
    if (types.length === 0) return { kind: "unit", span };
    if (types.length === 1) return types[0] as TypeExpr;
    return { kind: "tuple", span, elements: types };
  }

  private readonly namedType: ParserMethod<[], TypeExpr> = this.RULE("namedType", (): TypeExpr => {
    const start = this.next();
    const name = this.SUBRULE(this.qualifiedName);
    const args =
      this.OPTION({
        GATE: () => !this.next().newline,
        DEF: () => this.SUBRULE(this.typeArgs),
      }) ?? [];
    return { kind: "name", span: this.spanFrom(start), name, args };
  });

  /** `[A, B]` */
  private readonly typeArgs: ParserMethod<[], TypeExpr[]> = this.RULE("typeArgs", (): TypeExpr[] => {
    const types: TypeExpr[] = [];
    this.CONSUME(T.LeftBracket);
    this.commaList(T.RightBracket, () => {
      types.push(this.SUBRULE(this.type));
    });
    this.CONSUME(T.RightBracket);
    return types;
  });

  // ───────────────────────────── statements ─────────────────────────────

  private readonly statement: ParserMethod<[boolean], Statement> = this.RULE(
    "statement",
    (mayDefine: boolean): Statement => {
      const start = this.next();
      const kind = this.RECORDING_PHASE ? "expression" : ahead.statementKind(this.tokens, start.at, mayDefine);
      if (kind === "expression") this.needStart(EXPRESSION_STARTS, "a statement");
      return this.OR<Statement>([
        {
          GATE: () => kind === "expression",
          ALT: () => {
            const expr = this.SUBRULE2(this.expression);
            const value = this.OPTION2({
              GATE: () => expr.kind === "field" || expr.kind === "index",
              DEF: () => {
                this.CONSUME2(T.Assign);
                return this.SUBRULE3(this.expression);
              },
            });
            const span = this.spanFrom(start);
            if (value === undefined) return { kind: "expr", span, expr };
            return { kind: "assign", span, target: expr as Ast.FieldExpr | Ast.IndexExpr, value };
          },
        },
        {
          GATE: () => kind === "function",
          ALT: () => {
            const { typeParams, guard, ...clause } = this.SUBRULE(this.clause);
            if (!this.RECORDING_PHASE) this.refuseInLocalFunction(typeParams, guard);
            return { kind: "localFunction", span: this.spanFrom(start), ...clause };
          },
        },
        {
          GATE: () => kind === "var" || kind === "bind",
          ALT: () => {
            const isVar = this.OPTION(() => this.CONSUME(T.Var)) !== undefined;
            const { pattern, type, value } = this.bindingRest();
            const span = this.spanFrom(start);
            return { kind: "bind", span, isVar, pattern, ...(type === undefined ? {} : { type }), value };
          },
        },
      ]);
    },
  );

  private refuseInLocalFunction(typeParams: readonly Ast.TypeParam[], guard: Expr | undefined): void {
    const refused = guard?.span ?? typeParams[0]?.name.span;
    if (refused === undefined) return;
    const found = this.source.text.slice(refused.start, refused.end);
    const expected = [guard === undefined ? "parameters" : "`=`"];
    const hint = "a local function has no type parameters and no guard; move it out of the block, or use `if`";
    this.report({ code: "unexpected-token", span: refused, expected, found, hint }, this.previous());
  }

  /** A body where an assignment may stand: a branch, an arm, a loop. */
  private body(idx: number): Expr {
    const statement = this.subrule(idx, this.statement, { ARGS: [false] });
    if (statement.kind === "expr") return statement.expr;
    return { kind: "statement", span: statement.span, statement };
  }

  // ───────────────────────────── expressions ─────────────────────────────

  private readonly expression: ParserMethod<[], Expr> = this.RULE("expression", (): Expr => {
    this.enter();
    const outer = this.deepest;
    this.deepest = this.depth;
    const first = this.SUBRULE(this.operand);
    let operands: Operand[] | undefined;
    const ops: WrittenOp[] = [];
    this.MANY({
      GATE: () => this.continuesLine(),
      DEF: () => {
        operands ??= [{ expr: first, depth: this.deepest }];
        const token = this.CONSUME(T.Operator) as Token;
        ops.push({ op: token.image as WrittenOp["op"], span: this.spanOfToken(token) });
        this.deepest = this.depth;
        const expr = this.SUBRULE2(this.operand);
        operands.push({ expr, depth: this.deepest });
      },
    });
    this.leave();
    if (operands === undefined || this.RECORDING_PHASE) {
      this.deepest = Math.max(this.deepest, outer);
      return first;
    }
    const { whole, extraSend } = applyPrecedence(operands, ops);
    if (extraSend !== undefined) this.reportExtraSend(extraSend);
    if (whole.depth > MAX_DEPTH) this.failTooDeep(this.tokens[this.previous().at] as Token);
    this.deepest = Math.max(whole.depth, outer);
    return whole.expr;
  });

  /** A binary operator goes on with the line it stands in; only `|>` may begin one. */
  private continuesLine(): boolean {
    const token = this.next();
    return !token.breaks || token.tokenType === T.PipeRight;
  }

  private reportExtraSend(op: WrittenOp): void {
    const hint = "one `<-` sends one message: use two statements, or parentheses";
    const problem: SyntaxProblem = {
      code: "unexpected-token",
      span: op.span,
      expected: ["a new line"],
      found: "<-",
      hint,
    };
    this.report(problem, this.previous());
  }

  /** Prefix operators, one thing, and what is done with it: calls, fields, indices, `?`. */
  private readonly operand: ParserMethod<[], Expr> = this.RULE("operand", (): Expr => {
    const prefixes: Token[] = [];
    this.MANY(() => {
      prefixes.push(this.CONSUME(T.PrefixOperator) as Token);
      this.enter();
    });
    this.needStart(EXPRESSION_STARTS, "an expression");
    const start = this.next();
    const isLambda = PATTERN_STARTS[start.tokenTypeIdx] === true && ahead.isLambda(this.tokens, start.at);
    const lambda = this.OPTION({ GATE: () => isLambda, DEF: () => this.SUBRULE(this.lambda) });
    let expr = isLambda ? (lambda as Expr) : this.OR<Expr>(this.primaries as { ALT: () => Expr }[]);
    if (expr.kind === "literal") expr = this.withSign(expr, prefixes, start);
    let reaches = this.deepest;
    this.MANY2({
      GATE: () => this.next().tokenType === T.Dot || !this.next().newline,
      DEF: () => {
        this.deepest = this.depth;
        expr = this.SUBRULE(this.postfix, { ARGS: [expr, start.startOffset] });
        // a method and its call are one step
        const isStep = expr.kind !== "field" || this.next().tokenType !== T.LeftParen;
        reaches = Math.max(reaches, this.deepest) + (isStep ? 1 : 0);
        if (reaches > MAX_DEPTH && !this.RECORDING_PHASE) this.failTooDeep(this.previous());
      },
    });
    if (this.RECORDING_PHASE) return expr;
    this.deepest = reaches;
    for (let token = prefixes.pop(); token !== undefined; token = prefixes.pop()) {
      this.leave();
      const span = { source: this.source, start: token.startOffset, end: expr.span.end };
      if (token.tokenType === T.Tilde) expr = { kind: "splice", span, operand: expr };
      else expr = { kind: "unary", span, op: token.tokenType === T.Minus ? "-" : "!", operand: expr };
    }
    return expr;
  });

  /** `-128i8` is one literal: its digits alone would not fit. */
  private withSign(expr: Extract<Expr, { kind: "literal" }>, prefixes: Token[], start: Token): Expr {
    const { literal } = expr;
    if (literal.kind !== "number" || rangeOf(literal) !== "canBeNegated") return expr;
    const sign = prefixes.at(-1);
    if (sign?.tokenType !== T.Minus) {
      const problem: SyntaxProblem = { code: "bad-number", span: expr.span, text: start.image, type: literal.type };
      if (this.tokens[start.at - 1]?.tokenType === T.Minus) this.report(problem, start);
      return expr;
    }
    prefixes.pop();
    this.leave();
    return { kind: "literal", span: this.spanFrom(sign), literal: { ...literal, text: `-${literal.text}` } };
  }

  private readonly postfix: ParserMethod<[Expr, number], Expr> = this.RULE(
    "postfix",
    (target: Expr, start: number): Expr =>
      this.OR<Expr>([
        {
          ALT: () => {
            const args = this.SUBRULE(this.callArguments);
            return { kind: "call", span: this.spanFromOffset(start), callee: target, typeArgs: [], args };
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.Dot);
            return this.SUBRULE(this.member, { ARGS: [target, start] });
          },
        },
        {
          GATE: () => ahead.isTypeArguments(this.tokens, this.next().at),
          ALT: () => {
            const typeArgs = this.SUBRULE(this.typeArgs);
            const args = this.SUBRULE2(this.callArguments);
            return { kind: "call", span: this.spanFromOffset(start), callee: target, typeArgs, args };
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.LeftBracket);
            const index = this.SUBRULE(this.expression);
            this.need(T.RightBracket);
            this.CONSUME(T.RightBracket);
            return { kind: "index", span: this.spanFromOffset(start), target, index };
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.Question);
            return { kind: "try?", span: this.spanFromOffset(start), operand: target };
          },
        },
      ]),
  );

  /** What follows the dot: a name, or one or two tuple positions (`t.0.1` is lexed with the number 0.1). */
  private readonly member: ParserMethod<[Expr, number], Expr> = this.RULE(
    "member",
    (target: Expr, start: number): Expr => {
      const next = this.next();
      if (!this.RECORDING_PHASE && !this.isMember(next)) this.fail(["a field or method name"]);
      const name = this.OR([
        { ALT: () => this.CONSUME(T.AnyUpper) },
        { ALT: () => this.CONSUME(T.AnyName) },
        { ALT: () => this.CONSUME(T.NumberToken) },
      ]) as Token;
      if (name.tokenType !== T.FloatNumber) {
        return { kind: "field", span: this.spanFromOffset(start), target, name: this.ident(name) };
      }
      const dot = name.startOffset + name.image.indexOf(".");
      const at = (from: number, to: number): Ident => ({
        name: this.source.text.slice(from, to),
        span: { source: this.source, start: from, end: to },
      });
      const outer = at(name.startOffset, dot);
      const field: Expr = { kind: "field", span: { source: this.source, start, end: dot }, target, name: outer };
      return { kind: "field", span: this.spanFromOffset(start), target: field, name: at(dot + 1, name.end) };
    },
  );

  private isMember(token: Token): boolean {
    if (tokenMatcher(token, T.AnyUpper) || tokenMatcher(token, T.AnyName)) return true;
    return tokenMatcher(token, T.NumberToken) && /^\d+(\.\d+)?$/.test(token.image);
  }

  /** `(a, name: b)` */
  private readonly callArguments: ParserMethod<[], Ast.Argument[]> = this.RULE("callArguments", (): Ast.Argument[] => {
    const args: Ast.Argument[] = [];
    this.CONSUME(T.LeftParen);
    this.commaList(T.RightParen, () => {
      args.push(this.SUBRULE(this.argument));
    });
    this.CONSUME(T.RightParen);
    return args;
  });

  private readonly argument: ParserMethod<[], Ast.Argument> = this.RULE("argument", (): Ast.Argument => {
    const start = this.next();
    const name = this.OPTION({
      GATE: () => this.second().tokenType === T.Colon,
      DEF: () => {
        const token = this.CONSUME(T.AnyName) as Token;
        this.CONSUME(T.Colon);
        return this.ident(token);
      },
    });
    const value = this.SUBRULE(this.expression);
    return { span: this.spanFrom(start), ...(name === undefined ? {} : { name }), value };
  });

  private readonly lambda: ParserMethod<[], Expr> = this.RULE("lambda", (): Expr => {
    const start = this.next();
    let params: Ast.Param[] = [];
    const result = this.OR<TypeExpr | undefined>([
      {
        ALT: () => {
          params = this.SUBRULE(this.params);
          return this.OPTION(() => {
            this.CONSUME(T.Arrow);
            return this.SUBRULE(this.type);
          });
        },
      },
      {
        ALT: () => {
          const pattern = this.SUBRULE(this.pattern);
          params = [{ span: pattern.span, pattern }];
          return undefined;
        },
      },
    ]);
    this.CONSUME(T.FatArrow);
    const body = this.SUBRULE(this.expression);
    return { kind: "lambda", span: this.spanFrom(start), params, ...(result === undefined ? {} : { result }), body };
  });

  /** What an operand can be, told by its first token. Made once: an expression is read too often to make closures for it. */
  private readonly primaries: readonly { readonly ALT: () => Expr }[] = [
    { ALT: () => this.nameExpr(this.CONSUME(T.ValueName) as Token) },
    { ALT: () => this.upperExpr(this.CONSUME(T.AnyUpper) as Token) },
    { ALT: () => this.numberExpr(this.CONSUME(T.NumberToken) as Token) },
    { ALT: () => this.plainStringExpr(this.CONSUME(PlainString) as Token) },
    { ALT: () => this.SUBRULE(this.interpolation) },
    { ALT: () => this.charExpr(this.CONSUME(CharLiteral) as Token) },
    { ALT: () => this.boolExpr(this.CONSUME(T.True) as Token) },
    { ALT: () => this.boolExpr(this.CONSUME(T.False) as Token) },
    { ALT: () => this.nameExpr(this.CONSUME(T.Underscore) as Token) },
    { ALT: () => this.SUBRULE(this.parenthesised) },
    { ALT: () => this.SUBRULE(this.list) },
    { ALT: () => this.SUBRULE(this.struct) },
    { ALT: () => this.SUBRULE(this.block) },
    { ALT: () => this.SUBRULE(this.map) },
    { ALT: () => this.SUBRULE(this.set) },
    { ALT: () => this.SUBRULE(this.if) },
    { ALT: () => this.SUBRULE(this.match) },
    { ALT: () => this.SUBRULE(this.receive) },
    { ALT: () => this.SUBRULE(this.spawn) },
    { ALT: () => this.SUBRULE(this.for) },
    { ALT: () => this.SUBRULE(this.while) },
    { ALT: () => this.SUBRULE(this.try) },
    { ALT: () => this.SUBRULE(this.doBlock) },
    { ALT: () => this.SUBRULE(this.jump) },
    { ALT: () => this.SUBRULE(this.quote) },
  ];

  private nameExpr(token: Token): Expr {
    return { kind: "name", span: this.spanOfToken(token), name: token.image };
  }

  private upperExpr(token: Token): Expr {
    return { kind: "upperName", span: this.spanOfToken(token), name: token.image };
  }

  private number(token: Token): NumberLiteral {
    return readNumber(token.image, token.tokenType === T.FloatNumber);
  }

  private numberExpr(token: Token): Expr {
    return { kind: "literal", span: this.spanOfToken(token), literal: this.number(token) };
  }

  private plainStringExpr(token: Token): Expr {
    return {
      kind: "literal",
      span: this.spanOfToken(token),
      literal: { kind: "string", value: this.plainText(token) },
    };
  }

  private charExpr(token: Token): Expr {
    return { kind: "literal", span: this.spanOfToken(token), literal: { kind: "char", value: this.plainText(token) } };
  }

  private boolExpr(token: Token): Expr {
    return {
      kind: "literal",
      span: this.spanOfToken(token),
      literal: { kind: "bool", value: token.tokenType === T.True },
    };
  }

  private readonly interpolation: ParserMethod<[], Expr> = this.RULE("interpolation", (): Expr => {
    const start = this.CONSUME(StringOpen) as Token;
    const parts: (string | Expr)[] = [];
    this.MANY(() =>
      this.OR([
        { ALT: () => parts.push(readEscapes(this.CONSUME(StringText).image)) },
        {
          ALT: () => {
            this.CONSUME(HoleOpen);
            parts.push(this.SUBRULE(this.expression));
            this.need(HoleClose, "an operator", "`}`");
            this.CONSUME(HoleClose);
          },
        },
      ]),
    );
    this.CONSUME(StringClose);
    return { kind: "interpolation", span: this.spanFrom(start), parts };
  });

  /** `()`, `(e)` and `(a, b)` */
  private readonly parenthesised: ParserMethod<[], Expr> = this.RULE("parenthesised", (): Expr => {
    const start = this.CONSUME(T.LeftParen) as Token;
    const elements: Expr[] = [];
    this.commaList(T.RightParen, () => {
      elements.push(this.SUBRULE(this.expression));
    });
    this.CONSUME(T.RightParen);
    const span = this.spanFrom(start);
    if (elements.length === 0) return { kind: "literal", span, literal: { kind: "unit" } };
    if (elements.length === 1) return { ...(elements[0] as Expr), span };
    return { kind: "tuple", span, elements };
  });

  /** `[a, b | rest]`, `[a..b]` and `[e for p in xs if c]` */
  private readonly list: ParserMethod<[], Expr> = this.RULE("list", (): Expr => {
    const start = this.CONSUME(T.LeftBracket) as Token;
    const elements: Expr[] = [];
    let to: Expr | undefined;
    let generator: Generator | undefined;
    let rest: Expr | undefined;
    this.commaList(T.RightBracket, () => {
      elements.push(this.SUBRULE(this.expression));
      this.OPTION(() => {
        this.CONSUME(T.Bar);
        rest = this.SUBRULE2(this.expression);
      });
      if (elements.length > 1) return;
      this.OPTION2(() => {
        this.CONSUME(T.RangeOperator);
        to = this.SUBRULE3(this.expression);
      });
      this.OPTION3(() => {
        generator = this.SUBRULE(this.generator);
      });
    });
    this.CONSUME(T.RightBracket);
    const span = this.spanFrom(start);
    const first = elements[0] as Expr;
    if (to !== undefined) return { kind: "rangeList", span, from: first, to };
    if (generator !== undefined) return { kind: "comprehension", span, element: first, ...(generator as Generator) };
    return { kind: "list", span, elements, ...(rest === undefined ? {} : { rest }) };
  });

  /** `for p in xs if c` in a comprehension */
  private readonly generator: ParserMethod<[], Generator> = this.RULE("generator", (): Generator => {
    this.CONSUME(T.For);
    const pattern = this.SUBRULE(this.pattern);
    this.needIn();
    this.CONSUME(T.LowerName);
    const iterable = this.SUBRULE(this.expression);
    const condition = this.OPTION(() => {
      this.CONSUME(T.If);
      return this.SUBRULE2(this.expression);
    });
    return { pattern, iterable, ...(condition === undefined ? {} : { condition }) };
  });

  /** `in` is no keyword. */
  private needIn(): void {
    if (!this.RECORDING_PHASE && this.next().image !== "in") this.fail(["`in`"]);
  }

  private readonly struct: ParserMethod<[], Expr> = this.RULE("struct", (): Expr => {
    const start = this.CONSUME(T.RecordBrace) as Token;
    const fields: Ast.StructField[] = [];
    this.commaList(T.RightBrace, () => {
      const name = this.ident(this.CONSUME(T.AnyName) as Token);
      const value = this.OPTION2(() => {
        this.CONSUME(T.Colon);
        return this.SUBRULE(this.expression);
      });
      fields.push(value === undefined ? { name } : { name, value });
    });
    this.CONSUME(T.RightBrace);
    return { kind: "struct", span: this.spanFrom(start), fields };
  });

  private readonly block: ParserMethod<[], Expr> = this.RULE("block", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.LeftBrace) as Token;
    const statements = this.statementsUntil(T.RightBrace, start.at);
    this.CONSUME(T.RightBrace);
    this.leave();
    return { kind: "block", span: this.spanFrom(start), statements };
  });

  private readonly doBlock: ParserMethod<[], Expr> = this.RULE("doBlock", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Do) as Token;
    const statements = this.statementsUntil(T.End, start.at);
    this.CONSUME(T.End);
    this.leave();
    return { kind: "block", span: this.spanFrom(start), statements };
  });

  private readonly map: ParserMethod<[], Expr> = this.RULE("map", (): Expr => {
    const start = this.CONSUME(T.MapOpen) as Token;
    const entries: { key: Expr; value: Expr }[] = [];
    this.commaList(T.RightBrace, () => {
      const key = this.SUBRULE(this.expression);
      this.need(T.Colon, "`:` and the value");
      this.CONSUME(T.Colon);
      entries.push({ key, value: this.SUBRULE2(this.expression) });
    });
    this.CONSUME(T.RightBrace);
    return { kind: "map", span: this.spanFrom(start), entries };
  });

  private readonly set: ParserMethod<[], Expr> = this.RULE("set", (): Expr => {
    const start = this.CONSUME(T.SetOpen) as Token;
    const elements: Expr[] = [];
    this.commaList(T.RightBrace, () => {
      elements.push(this.SUBRULE(this.expression));
    });
    this.CONSUME(T.RightBrace);
    return { kind: "set", span: this.spanFrom(start), elements };
  });

  // ── control flow

  private readonly if: ParserMethod<[], Expr> = this.RULE("if", (): Expr => {
    const start = this.CONSUME(T.If) as Token;
    const branches: { condition: Expr; body: Expr }[] = [];
    const condition = this.SUBRULE(this.expression);
    this.needBody(["`then`", "`{`"]);
    this.OPTION(() => this.CONSUME(T.Then));
    branches.push({ condition, body: this.body(1) });
    this.MANY({
      GATE: () => this.second().tokenType === T.If,
      DEF: () => {
        this.CONSUME(T.Else);
        this.CONSUME2(T.If);
        const next = this.SUBRULE2(this.expression);
        this.needBody(["`then`", "`{`"]);
        this.OPTION2(() => this.CONSUME2(T.Then));
        branches.push({ condition: next, body: this.body(2) });
      },
    });
    const otherwise = this.OPTION3(() => {
      this.CONSUME3(T.Else);
      return this.body(3);
    });
    return { kind: "if", span: this.spanFrom(start), branches, ...(otherwise === undefined ? {} : { otherwise }) };
  });

  /** After a condition: names what is missing instead of complaining about the statement that should follow. */
  private needBody(expected: readonly string[]): void {
    if (this.RECORDING_PHASE || this.at(T.Then)) return;
    if (EXPRESSION_STARTS[this.next().tokenTypeIdx] !== true && !this.at(T.Var)) this.fail(expected);
  }

  private readonly match: ParserMethod<[], Expr> = this.RULE("match", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Match) as Token;
    if (!this.RECORDING_PHASE && this.lacksScrutinee()) this.fail(["a value to match"]);
    const scrutinee = this.SUBRULE(this.expression);
    this.need(T.LeftBrace, "`{` and the arms");
    const open = this.CONSUME(T.LeftBrace) as Token;
    if (!this.RECORDING_PHASE && this.next().at === open.partner) this.fail(["an arm"]);
    const arms = this.armsUntil(open.at);
    this.need(T.RightBrace, "`}`");
    this.CONSUME(T.RightBrace);
    this.leave();
    return { kind: "match", span: this.spanFrom(start), scrutinee, arms };
  });

  /** `match { arms }`: the braces are the arms, not a block to match. */
  private lacksScrutinee(): boolean {
    const open = this.next();
    if (!tokenMatcher(open, T.LeftBrace)) return false;
    const behind = this.tokens[open.partner + 1] as Token;
    return (
      !tokenMatcher(behind, T.LeftBrace) && behind.tokenType !== T.Dot && ahead.isArmHead(this.tokens, open.at + 1)
    );
  }

  private readonly receive: ParserMethod<[], Expr> = this.RULE("receive", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Receive) as Token;
    this.need(T.LeftBrace, "`{` and the arms");
    const open = this.CONSUME(T.LeftBrace) as Token;
    const arms = this.armsUntil(open.at);
    const after = this.OPTION(() => {
      this.CONSUME(T.After);
      const timeout = this.SUBRULE(this.expression);
      this.need(T.Arrow);
      const arrow = this.CONSUME(T.Arrow) as Token;
      const body = this.hasBody() ? this.body(1) : this.emptyBody(arrow);
      this.skipSeparator();
      return { timeout, body };
    });
    if (!this.RECORDING_PHASE && !this.at(T.RightBrace)) this.fail(["`}`"], "after `after`, which comes last");
    this.CONSUME(T.RightBrace);
    this.leave();
    return { kind: "receive", span: this.spanFrom(start), arms, ...(after === undefined ? {} : { after }) };
  });

  private readonly arm: ParserMethod<[], Ast.Arm> = this.RULE("arm", (): Ast.Arm => {
    this.OPTION(() => this.CONSUME(T.Bar));
    const start = this.next();
    const pattern = this.SUBRULE(this.pattern);
    const guard = this.OPTION2(() => {
      this.CONSUME(T.When);
      return this.SUBRULE(this.expression);
    });
    if (!this.RECORDING_PHASE && !this.at(T.Arrow)) this.fail(guard === undefined ? ["`->`", "`when`"] : ["`->`"]);
    const arrow = this.CONSUME(T.Arrow) as Token;
    const body = this.hasBody() ? this.body(1) : this.emptyBody(arrow);
    const span = this.spanFrom(start);
    this.skipSeparator();
    return { span, pattern, ...(guard === undefined ? {} : { guard }), body };
  });

  /** Whether something stands behind the `->` of an arm before the next arm or the end. */
  private hasBody(): boolean {
    if (this.RECORDING_PHASE) return true;
    const token = this.next();
    const type = token.tokenType;
    if (this.at(T.RightBrace) || type === T.Comma || type === T.Semicolon || type === T.Bar || type === T.After)
      return false;
    return !(token.newline && ahead.isArmHead(this.tokens, token.at));
  }

  private emptyBody(arrow: Token): Expr {
    return { kind: "block", span: { source: this.source, start: arrow.end, end: arrow.end }, statements: [] };
  }

  private skipSeparator(): void {
    if (this.RECORDING_PHASE) return;
    const type = this.next().tokenType;
    if (type === T.Comma || type === T.Semicolon || type === T.Bar) this.SKIP_TOKEN();
  }

  private readonly try: ParserMethod<[], Expr> = this.RULE("try", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Try) as Token;
    const body = this.body(1);
    const arms = this.OPTION(() => {
      this.CONSUME(T.Catch);
      this.need(T.LeftBrace, "`{` and the arms");
      const open = this.CONSUME(T.LeftBrace) as Token;
      const found = this.armsUntil(open.at);
      this.need(T.RightBrace, "`}`");
      this.CONSUME(T.RightBrace);
      return found;
    });
    const finalizer = this.OPTION2(() => {
      this.CONSUME(T.Finally);
      return this.body(2);
    });
    this.leave();
    return {
      kind: "try",
      span: this.spanFrom(start),
      body,
      ...(arms === undefined ? {} : { arms }),
      ...(finalizer === undefined ? {} : { finalizer }),
    };
  });

  private readonly while: ParserMethod<[], Expr> = this.RULE("while", (): Expr => {
    const start = this.CONSUME(T.While) as Token;
    const condition = this.SUBRULE(this.expression);
    this.needBody(["`{`"]);
    const body = this.body(1);
    return { kind: "while", span: this.spanFrom(start), condition, body };
  });

  /** `for i = a to b body` and `for p in xs body` */
  private readonly for: ParserMethod<[], Expr> = this.RULE("for", (): Expr => {
    const start = this.CONSUME(T.For) as Token;
    this.needStart(PATTERN_STARTS, "a variable");
    return this.OR<Expr>([
      {
        GATE: () => this.second().tokenType === T.Assign,
        ALT: () => {
          const variable = this.ident(this.CONSUME(T.ValueName) as Token);
          this.CONSUME(T.Assign);
          const from = this.SUBRULE(this.expression);
          this.need(T.To);
          this.CONSUME(T.To);
          const to = this.SUBRULE2(this.expression);
          this.needBody(["`{`"]);
          const body = this.body(1);
          return { kind: "for", span: this.spanFrom(start), variable, from, to, body };
        },
      },
      {
        ALT: () => {
          const pattern = this.SUBRULE(this.pattern);
          this.needIn();
          this.CONSUME(T.LowerName);
          const iterable = this.SUBRULE3(this.expression);
          this.needBody(["`{`"]);
          const body = this.body(2);
          return { kind: "forIn", span: this.spanFrom(start), pattern, iterable, body };
        },
      },
    ]);
  });

  /** `break`, `continue`, `return`; a value stands on the same line */
  private readonly jump: ParserMethod<[], Expr> = this.RULE("jump", (): Expr => {
    const start = this.OR([
      { ALT: () => this.CONSUME(T.Break) },
      { ALT: () => this.CONSUME(T.Continue) },
      { ALT: () => this.CONSUME(T.Return) },
    ]) as Token;
    const value = this.OPTION({
      GATE: () => start.tokenType !== T.Continue && !this.next().newline,
      DEF: () => this.SUBRULE(this.expression),
    });
    const span = this.spanFrom(start);
    if (start.tokenType === T.Continue) return { kind: "continue", span };
    const kind = start.tokenType === T.Break ? "break" : "return";
    return { kind, span, ...(value === undefined ? {} : { value }) };
  });

  private readonly spawn: ParserMethod<[], Expr> = this.RULE("spawn", (): Expr => {
    const start = this.OR([
      { ALT: () => this.CONSUME(T.Spawn) },
      { ALT: () => this.CONSUME(T.SpawnLink) },
      { ALT: () => this.CONSUME(T.SpawnMonitor) },
    ]) as Token;
    const how = start.image as "spawn" | "spawn_link" | "spawn_monitor";
    const isBlock = this.RECORDING_PHASE || this.at(T.LeftBrace);
    const body = this.SUBRULE(this.blockOrArgument);
    return { kind: "spawn", span: this.spanFrom(start), how, body, isBlock };
  });

  private readonly quote: ParserMethod<[], Expr> = this.RULE("quote", (): Expr => {
    const start = this.CONSUME(T.Quote) as Token;
    const body = this.SUBRULE(this.blockOrArgument);
    return { kind: "quote", span: this.spanFrom(start), body };
  });

  /** `{ … }` or `(e)` behind `spawn` and `quote` */
  private readonly blockOrArgument: ParserMethod<[], Expr> = this.RULE("blockOrArgument", (): Expr => {
    if (!this.RECORDING_PHASE && !this.at(T.LeftBrace)) this.need(T.LeftParen, "`{`", "`(`");
    return this.OR([
      { ALT: () => this.SUBRULE(this.block) },
      {
        ALT: () => {
          this.CONSUME(T.LeftParen);
          const expr = this.SUBRULE(this.expression);
          this.skipComma();
          this.need(T.RightParen);
          this.CONSUME(T.RightParen);
          return expr;
        },
      },
    ]);
  });

  // ───────────────────────────── patterns ─────────────────────────────

  private readonly pattern: ParserMethod<[], Pattern> = this.RULE("pattern", (): Pattern => {
    const first = this.SUBRULE(this.plainPattern);
    let alternatives: Pattern[] | undefined;
    this.MANY(() => {
      alternatives ??= [first];
      this.CONSUME(T.Bar);
      alternatives.push(this.SUBRULE2(this.plainPattern));
    });
    if (alternatives === undefined || this.RECORDING_PHASE) return first;
    const last = alternatives[alternatives.length - 1] as Pattern;
    return { kind: "or", span: join(first.span, last.span), alternatives };
  });

  /** A pattern without `|` of its own. */
  private readonly plainPattern: ParserMethod<[], Pattern> = this.RULE("plainPattern", (): Pattern => {
    this.enter();
    this.needStart(PATTERN_STARTS, "a pattern");
    const start = this.next();
    const pattern = this.OR<Pattern>([
      {
        GATE: () => this.second().tokenType !== T.Dot,
        ALT: () => {
          const name = this.CONSUME(T.ValueName).image;
          return { kind: "variable", span: this.spanFrom(start), name };
        },
      },
      { ALT: () => this.SUBRULE(this.constructorPattern) },
      { ALT: () => this.CONSUME(T.Underscore) && { kind: "wildcard", span: this.spanFrom(start) } },
      { ALT: () => this.SUBRULE(this.numberPattern) },
      {
        ALT: () => {
          const value = this.plainText(this.CONSUME(PlainString) as Token);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "string", value } };
        },
      },
      {
        ALT: () => {
          const value = this.plainText(this.CONSUME(CharLiteral) as Token);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "char", value } };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.True);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "bool", value: true } };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.False);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "bool", value: false } };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.Caret);
          const name = this.CONSUME2(T.ValueName).image;
          return { kind: "pin", span: this.spanFrom(start), name };
        },
      },
      { ALT: () => this.SUBRULE(this.parenthesisedPattern) },
      { ALT: () => this.SUBRULE(this.listPattern) },
      {
        ALT: () => {
          const { fields } = this.SUBRULE(this.fieldPatterns);
          return { kind: "struct", span: this.spanFrom(start), fields };
        },
      },
      { ALT: () => this.SUBRULE(this.mapPattern) },
      { ALT: () => this.SUBRULE(this.setPattern) },
    ]);
    this.leave();
    return pattern;
  });

  /** A number with its sign, or a range of two. */
  private readonly numberPattern: ParserMethod<[], Pattern> = this.RULE("numberPattern", (): Pattern => {
    const start = this.next();
    const from = this.SUBRULE(this.signedNumber);
    let operator: Token | undefined;
    const to = this.OPTION(() => {
      operator = this.CONSUME(T.RangeOperator) as Token;
      return this.SUBRULE2(this.signedNumber);
    });
    const span = this.spanFrom(start);
    if (to === undefined || this.RECORDING_PHASE) return { kind: "literal", span, literal: from };
    if (from.type !== "Int" || to.type !== "Int") {
      const found = this.source.text.slice(span.start, span.end);
      this.report({ code: "unexpected-token", span, expected: ["a range of two Ints"], found }, start);
    }
    return { kind: "range", span, from: from.text, to: to.text, inclusive: operator?.tokenType === T.DotDotEqual };
  });

  private readonly signedNumber: ParserMethod<[], NumberLiteral> = this.RULE("signedNumber", (): NumberLiteral => {
    const sign = this.OPTION(() => this.CONSUME(T.Minus)) as Token | undefined;
    this.need(T.NumberToken, "a number");
    const token = this.CONSUME(T.NumberToken) as Token;
    const literal = this.RECORDING_PHASE ? readNumber("0", false) : this.number(token);
    if (sign !== undefined) return { ...literal, text: `-${literal.text}` };
    return literal;
  });

  /** `()`, `(p)` and `(p, q)` */
  private readonly parenthesisedPattern: ParserMethod<[], Pattern> = this.RULE("parenthesisedPattern", (): Pattern => {
    const start = this.CONSUME(T.LeftParen) as Token;
    const elements: Pattern[] = [];
    this.commaList(T.RightParen, () => {
      elements.push(this.SUBRULE(this.pattern));
    });
    this.CONSUME(T.RightParen);
    const span = this.spanFrom(start);
    if (elements.length === 0) return { kind: "literal", span, literal: { kind: "unit" } };
    if (elements.length === 1) return { ...(elements[0] as Pattern), span };
    return { kind: "tuple", span, elements };
  });

  /** `[a, b | rest]`; alternatives inside need parentheses */
  private readonly listPattern: ParserMethod<[], Pattern> = this.RULE("listPattern", (): Pattern => {
    const start = this.CONSUME(T.LeftBracket) as Token;
    const elements: Pattern[] = [];
    let rest: Pattern | undefined;
    this.commaList(T.RightBracket, () => {
      elements.push(this.SUBRULE(this.plainPattern));
      this.OPTION(() => {
        this.CONSUME(T.Bar);
        rest = this.SUBRULE(this.pattern);
      });
    });
    this.CONSUME(T.RightBracket);
    return { kind: "list", span: this.spanFrom(start), elements, ...(rest === undefined ? {} : { rest }) };
  });

  /** `Name`, `m.Name(p, f: q)`, `Name{f: p, g, _}` */
  private readonly constructorPattern: ParserMethod<[], Pattern> = this.RULE("constructorPattern", (): Pattern => {
    this.enter();
    const start = this.next();
    const name = this.SUBRULE(this.qualifiedName);
    let args: { name?: Ident; pattern: Pattern }[] = [];
    let braces = false;
    let open = false;
    this.OPTION({
      GATE: () => !this.next().newline,
      DEF: () =>
        this.OR([
          {
            ALT: () => {
              args = this.SUBRULE(this.patternArguments);
            },
          },
          {
            ALT: () => {
              const found = this.SUBRULE(this.fieldPatterns);
              if (this.RECORDING_PHASE) return;
              braces = true;
              open = found.open;
              args = found.fields.map(({ name: field, pattern }) => ({
                name: field,
                pattern: pattern ?? { kind: "variable", span: field.span, name: field.name },
              }));
            },
          },
        ]),
    });
    this.leave();
    return { kind: "constructor", span: this.spanFrom(start), name, args, braces, open };
  });

  private readonly patternArguments: ParserMethod<[], { name?: Ident; pattern: Pattern }[]> = this.RULE(
    "patternArguments",
    () => {
      const args: { name?: Ident; pattern: Pattern }[] = [];
      this.CONSUME(T.LeftParen);
      this.commaList(T.RightParen, () => {
        const name = this.OPTION2({
          GATE: () => this.second().tokenType === T.Colon,
          DEF: () => {
            const token = this.CONSUME(T.AnyName) as Token;
            this.CONSUME(T.Colon);
            return this.ident(token);
          },
        });
        const pattern = this.SUBRULE(this.pattern);
        args.push(name === undefined ? { pattern } : { name, pattern });
      });
      this.CONSUME(T.RightParen);
      return args;
    },
  );

  /** `{x, y: p, _}` */
  private readonly fieldPatterns: ParserMethod<
    [],
    { readonly fields: { readonly name: Ident; readonly pattern?: Pattern }[]; readonly open: boolean }
  > = this.RULE("fieldPatterns", () => {
    const fields: { name: Ident; pattern?: Pattern }[] = [];
    let open = false;
    this.CONSUME(T.LeftBrace);
    this.commaList(T.RightBrace, () => {
      if (!this.at(T.Underscore)) this.need(T.AnyName, "a field");
      this.OR([
        {
          ALT: () => {
            this.CONSUME(T.Underscore);
            open = true;
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(T.AnyName) as Token;
            const pattern = this.OPTION2(() => {
              this.CONSUME(T.Colon);
              return this.SUBRULE(this.pattern);
            });
            if (this.RECORDING_PHASE) return;
            if (pattern === undefined) this.refusePun(token);
            const name = this.ident(token);
            fields.push(pattern === undefined ? { name } : { name, pattern });
          },
        },
      ]);
    });
    this.CONSUME(T.RightBrace);
    return { fields, open };
  });

  /** A field whose name is a keyword cannot be a variable at the same time. */
  private refusePun(token: Token): void {
    const endsField = this.at(T.Comma) || this.at(T.RightBrace);
    if (tokenMatcher(token, T.ValueName) || !endsField) return;
    const expected = [`\`${token.image}: pattern\``];
    const hint = `\`${token.image}\` is a keyword and cannot be a variable; give it another name: \`${token.image}: x\``;
    this.report({ code: "unexpected-token", span: this.spanOfToken(token), expected, found: token.image, hint }, token);
  }

  private readonly mapPattern: ParserMethod<[], Pattern> = this.RULE("mapPattern", (): Pattern => {
    const start = this.CONSUME(T.MapOpen) as Token;
    const entries: { key: Pattern; value: Pattern }[] = [];
    this.commaList(T.RightBrace, () => {
      const key = this.SUBRULE(this.plainPattern);
      if (!this.RECORDING_PHASE && key.kind !== "literal" && key.kind !== "pin") this.refuseKey(key);
      this.need(T.Colon, "`:` and a pattern");
      this.CONSUME(T.Colon);
      entries.push({ key, value: this.SUBRULE(this.pattern) });
    });
    this.CONSUME(T.RightBrace);
    return { kind: "map", span: this.spanFrom(start), entries };
  });

  private refuseKey(key: Pattern): void {
    const found = this.source.text.slice(key.span.start, key.span.end);
    const hint = key.kind === "variable" ? `\`^${found}\` takes the key from the variable` : undefined;
    const expected = ["a literal", "`^name`"];
    const context = "as a key of a map pattern";
    const facts = { code: "unexpected-token", span: key.span, expected, found, context } as const;
    this.report(hint === undefined ? facts : { ...facts, hint }, this.previous());
  }

  private readonly setPattern: ParserMethod<[], Pattern> = this.RULE("setPattern", (): Pattern => {
    const start = this.CONSUME(T.SetOpen) as Token;
    const elements: Pattern[] = [];
    this.commaList(T.RightBrace, () => {
      elements.push(this.SUBRULE(this.pattern));
    });
    this.CONSUME(T.RightBrace);
    return { kind: "set", span: this.spanFrom(start), elements };
  });
}

let parser: NostosParser | undefined;

/** The one parser; made at first use, since that takes some milliseconds. */
export function theParser(): NostosParser {
  parser ??= new NostosParser();
  return parser;
}
