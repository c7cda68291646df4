/**
 * Between lexer and parser: keywords get their kinds, brackets find their partners, newlines their meaning, and what is no
 * token is reported.
 *
 * The trick: with every bracket's partner known the parser decides what `(` and `{` begin by looking at what stands
 * behind the partner, and never backtracks. Missing closers are put in (empty, at the place where the indentation says they
 * belong), so the parser meets balanced text only and one mistake gives one problem.
 * Stays true: tokens[i].at === i; partner pairs are mutual; the last token is `EndOfFile`.
 */
import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import type { SyntaxProblem } from "./ast.ts";
import type { Stretch } from "./echoes.ts";
import { CutString, EmptyQuotes, HoleClose, HoleOpen, StringClose, StringOpen, tokenize } from "./lexer.ts";
import { rangeOf, readNumber } from "./literals.ts";
import type { SourceFile, Span } from "./source.ts";
import * as T from "./tokens.ts";

export interface Token extends IToken {
  /** index in the token list */
  at: number;
  /** of a bracket: index of its other half; else -1 */
  partner: number;
  /** index of the innermost bracket around it; -1 at the top level; a bracket is not inside itself */
  parent: number;
  /** a line ends between the previous token and this one */
  newline: boolean;
  /** … and that newline can end a statement: the innermost bracket is a block or none */
  breaks: boolean;
  /** first offset behind it */
  end: number;
}

export interface Prepared {
  readonly tokens: Token[];
  readonly problems: SyntaxProblem[];
  /** top-level stretches whose brackets did not add up: further problems there may be echoes */
  readonly damaged: readonly Stretch[];
}

/** Lexes the text and prepares its tokens for the parser. */
export function prepare(source: SourceFile): Prepared {
  const { text } = source;
  const problems: SyntaxProblem[] = [];
  const raw = tokenize(text) as Token[];
  classify(raw, text);
  const paired = pairBrackets(raw, source);
  const tokens = paired.tokens;
  linkParents(tokens);
  for (const token of tokens) reportBadToken(token, source, tokens, problems);
  problems.push(...paired.problems);
  const damaged = damagedStretches(paired.problems, tokens, text);
  return { tokens, problems, damaged };
}

function spanOf(source: SourceFile, start: number, end: number): Span {
  return { source, start, end };
}

/** Gives a token another kind. */
function retype(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx as number;
}

/** Kinds of keywords, ends, newlines. */
function classify(tokens: Token[], text: string): void {
  let previousEnd = 0;
  for (const token of tokens) {
    if (token.tokenType === T.LowerName || token.tokenType === T.UpperName) {
      const keyword = T.keywordOf(token.image);
      if (keyword !== undefined) retype(token, keyword);
    }
    token.end = token.startOffset + token.image.length;
    token.newline = hasNewline(text, previousEnd, token.startOffset);
    token.breaks = false;
    token.partner = -1;
    token.parent = -1;
    previousEnd = token.end;
  }
}

function hasNewline(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) === 10) return true;
  return false;
}

// ───────────────────────────── pairing ─────────────────────────────

interface Pairing {
  readonly tokens: Token[];
  readonly problems: SyntaxProblem[];
  /** how many brackets are at fault; problems may hold fewer, as those at one place are one mistake */
  readonly slips: number;
}

/** What closes a bracket of this kind; `undefined` if it is no opening bracket. */
function closerOf(type: TokenType): { readonly type: TokenType; readonly image: string } | undefined {
  return CLOSERS.get(type);
}

const brace = { type: T.RightBrace, image: "}" };
const CLOSERS = new Map<TokenType, { readonly type: TokenType; readonly image: string }>([
  [T.LeftParen, { type: T.RightParen, image: ")" }],
  [T.LeftBracket, { type: T.RightBracket, image: "]" }],
  [T.LeftBrace, brace],
  [T.MapOpen, brace],
  [T.SetOpen, brace],
  [T.HoleBrace, brace],
  [T.HoleMapOpen, brace],
  [T.HoleSetOpen, brace],
  [HoleOpen, { type: HoleClose, image: "}" }],
  [T.Do, { type: T.End, image: "end" }],
]);
const CLOSING = new Set([T.RightParen, T.RightBracket, T.RightBrace, T.NestedRightBrace, HoleClose]);

/**
 * Pairs all brackets. If they do not add up, indentation decides which one is at fault, whenever that explains the text
 * with no more brackets at fault than counting does.
 */
function pairBrackets(raw: Token[], source: SourceFile): Pairing {
  const counted = pair(raw, source, false);
  if (counted.problems.length === 0) return counted;
  const indented = pair(raw, source, true);
  return indented.slips <= counted.slips ? indented : pair(raw, source, false);
}

interface Opener {
  readonly token: Token;
  readonly closer: { readonly type: TokenType; readonly image: string };
}

function pair(raw: readonly Token[], source: SourceFile, byIndentation: boolean): Pairing {
  const { text } = source;
  const tokens: Token[] = [];
  const problems: SyntaxProblem[] = [];
  const open: Opener[] = [];
  let previousEnd = 0;
  let slips = 0;

  const push = (token: Token) => {
    token.at = tokens.length;
    token.partner = -1;
    tokens.push(token);
  };
  /** Several brackets missed, or too many, at one place are one mistake. */
  const report = (problem: SyntaxProblem) => {
    slips++;
    const last = problems.at(-1);
    if (last?.code !== problem.code || last.span.end < problem.span.start) problems.push(problem);
    else problems[problems.length - 1] = { ...last, span: { ...last.span, end: problem.span.end } };
  };
  const close = (token: Token) => {
    const opener = (open.pop() as Opener).token;
    push(token);
    token.partner = opener.at;
    opener.partner = token.at;
  };
  /** Closes the innermost bracket where nothing does, and says so. */
  const closeMissing = (at: number) => {
    const { token, closer } = open[open.length - 1] as Opener;
    const cut = tokens.at(-1);
    const isSwallowed = cut?.tokenType === CutString && !hasNewline(text, token.end, cut.startOffset);
    if (isSwallowed) {
      // the rest of the line went into the string, this bracket's partner with it
    } else if (tokenMatcher(token, StringOpen)) {
      report({ code: "unterminated", what: "string", span: spanOf(source, token.startOffset, at) });
    } else {
      const opened = spanOf(source, token.startOffset, token.end);
      report({ code: "unbalanced", span: spanOf(source, at, at), bracket: closer.image, opened });
    }
    close(invented(closer.type, at));
  };

  for (const token of raw) {
    const type = token.tokenType;
    const isCloser = CLOSING.has(type) || tokenMatcher(token, StringClose);
    if (byIndentation && token.newline && open.length > 0) {
      const column = indentation(text, token.startOffset);
      for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
        const openedAt = indentation(text, top.token.startOffset);
        if (top.token.tokenType === HoleOpen || tokenMatcher(top.token, StringOpen)) break;
        if (column > openedAt || (column === openedAt && (isCloser || CONTINUES.has(type)))) break;
        closeMissing(previousEnd);
      }
    }
    const opens = tokenMatcher(token, StringOpen) ? { type: StringClose, image: token.image } : closerOf(type);
    if (opens !== undefined) {
      push(token);
      open.push({ token, closer: opens });
    } else if (isCloser) {
      const matches = (opener: Opener) => tokenMatcher(token, opener.closer.type);
      const top = open.at(-1);
      if (top !== undefined && matches(top)) close(token);
      else if (open.some(matches)) {
        while (!matches(open.at(-1) as Opener)) closeMissing(previousEnd);
        close(token);
      } else if (top !== undefined && isRound(top.token) && token.tokenType !== T.RightBrace) {
        // `(1, 2]`: one slip of the finger, not two missing brackets
        const opened = spanOf(source, top.token.startOffset, top.token.end);
        const span = spanOf(source, token.startOffset, token.end);
        report({ code: "unbalanced", span, bracket: top.closer.image, opened });
        close(invented(top.closer.type, token.startOffset));
      } else {
        report({ code: "unbalanced", span: spanOf(source, token.startOffset, token.end), bracket: token.image });
        push({ ...token, tokenType: T.StrayBracket, tokenTypeIdx: T.StrayBracket.tokenTypeIdx as number });
      }
    } else if (type === T.End && open.at(-1)?.closer.type === T.End) close(token);
    else push(token);
    previousEnd = token.end;
  }
  while (open.length > 0) closeMissing(previousEnd);
  push(invented(T.EndOfFile, text.length, true));
  return { tokens, problems, slips };
}

function isRound(token: Token): boolean {
  return token.tokenType === T.LeftParen || token.tokenType === T.LeftBracket;
}

/** What may stand at the column of the line it belongs to. */
const CONTINUES = new Set([T.Else, T.Then, T.Catch, T.Finally, T.End, T.PipeRight, T.Bar, T.Dot]);

/** How far the line around an offset is indented. */
function indentation(text: string, offset: number): number {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  let at = lineStart;
  while (at < offset && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  return at - lineStart;
}

/** A token that the text does not hold. */
function invented(type: TokenType, at: number, newline = false): Token {
  return {
    image: "",
    startOffset: at,
    end: at,
    endOffset: at,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx as number,
    at: -1,
    partner: -1,
    parent: -1,
    newline,
    breaks: newline,
  };
}

// ───────────────────────────── meaning of newlines and braces ─────────────────────────────

/** Fills in `parent` and `breaks`, and tells records from blocks. */
function linkParents(tokens: Token[]): void {
  let parent = -1;
  let isBlock = true;
  for (const token of tokens) {
    if (token.partner >= 0 && token.partner < token.at) {
      // a closing bracket belongs to the level outside
      parent = (tokens[token.partner] as Token).parent;
      token.parent = parent;
      token.breaks = token.newline && isBlock;
      isBlock = separatesLines(tokens[parent]);
      continue;
    }
    token.parent = parent;
    token.breaks = token.newline && isBlock;
    if (token.partner > token.at) {
      if (token.tokenType === T.LeftBrace || token.tokenType === T.HoleBrace) {
        if (isRecord(tokens, token.at)) retype(token, T.RecordBrace);
      }
      parent = token.at;
      isBlock = separatesLines(token);
    }
  }
}

/** Whether newlines directly inside this bracket end statements. */
function separatesLines(bracket: Token | undefined): boolean {
  if (bracket === undefined) return true;
  const type = bracket.tokenType;
  return type === T.LeftBrace || type === T.HoleBrace || type === T.Do;
}

/**
 * Row 6 of the semantics: braces hold a record if the first entry is `name: e` and no `=` stands among the entries (with
 * one, `name: T = e` is a typed binding in a block).
 */
function isRecord(tokens: readonly Token[], open: number): boolean {
  const first = tokens[open + 1] as Token;
  if (!tokenMatcher(first, T.AnyName) || (tokens[open + 2] as Token).tokenType !== T.Colon) return false;
  const close = (tokens[open] as Token).partner;
  for (let i = open + 1; i < close; i++) {
    const token = tokens[i] as Token;
    if (token.tokenType === T.Assign || token.tokenType === T.Semicolon) return false;
    if (token.partner > i) i = token.partner;
  }
  return true;
}

// ───────────────────────────── what is no token ─────────────────────────────

function reportBadToken(token: Token, source: SourceFile, tokens: readonly Token[], problems: SyntaxProblem[]): void {
  const span = spanOf(source, token.startOffset, token.end);
  switch (token.tokenType) {
    case T.UnknownCharacter:
      // a line of them (another script, a pair of curly quotes) is one mistake
      if (hasUnknownBefore(tokens, token)) return;
      problems.push({ code: "unknown-character", span, text: token.image });
      return;
    case T.OpenComment:
      problems.push({ code: "unterminated", span: spanOf(source, span.start, span.start + 2), what: "comment" });
      return;
    case CutString: {
      const hole = token.image.lastIndexOf("${");
      if (hole >= 0 && !token.image.includes("}", hole)) {
        const opened = spanOf(source, span.start + hole, span.start + hole + 2);
        problems.push({ code: "unbalanced", span: spanOf(source, span.end, span.end), bracket: "}", opened });
      } else problems.push({ code: "unterminated", span, what: "string" });
      return;
    }
    case EmptyQuotes:
      problems.push({
        code: "unexpected-token",
        span,
        expected: ["a character between the quotes"],
        found: "''",
        hint: 'the empty string is `""`',
      });
      return;
    case T.BadNumber:
    case T.BadFloat:
      problems.push(badNumber(token.image, span));
      return;
    case T.IntNumber: {
      const literal = readNumber(token.image, false);
      const range = rangeOf(literal);
      if (range === "fits") return;
      // behind a minus the parser knows whether the two are one literal
      if (range === "canBeNegated" && tokens[token.at - 1]?.tokenType === T.Minus) return;
      problems.push({ code: "bad-number", span, text: token.image, type: literal.type });
      return;
    }
  }
}

/** Whether another unknown character stands in the same line before this one. */
function hasUnknownBefore(tokens: readonly Token[], token: Token): boolean {
  let { newline } = token;
  for (let i = token.at - 1; i >= 0 && !newline; i--) {
    const before = tokens[i] as Token;
    if (before.tokenType === T.UnknownCharacter) return true;
    newline = before.newline;
  }
  return false;
}

function badNumber(image: string, span: Span): SyntaxProblem {
  const exponent = /^([0-9_]+)([eE][+-]?[0-9]*)$/.exec(image);
  const base = { code: "unexpected-token", span, expected: ["a number"], found: image } as const;
  if (exponent !== null) return { ...base, hint: `a Float needs a dot: write \`${exponent[1]}.0${exponent[2]}\`` };
  if (/^[0-9_]+i64$/.test(image)) return { ...base, hint: `Int has 64 bits: write \`${image.slice(0, -3)}\`` };
  if (/^[0-9_.]+f64$/.test(image)) return { ...base, hint: "Float has 64 bits: write it without a suffix" };
  if (/^[0-9_]+f32$/.test(image))
    return { ...base, hint: `a Float32 needs a dot: write \`${image.slice(0, -3)}.0f32\`` };
  if (/^0[oO]?[0-7]+$/.test(image)) return { ...base, hint: "there are no octal numbers; `0x…` and `0b…` are read" };
  return { ...base, hint: "number suffixes are i8 i16 i32 u8 u16 u32 u64 n d f32; a name begins with a letter" };
}

/** From the last line in column 1 before each problem to the next such line behind it; in order, without overlap. */
function damagedStretches(problems: readonly SyntaxProblem[], tokens: readonly Token[], text: string): Stretch[] {
  if (problems.length === 0) return [];
  const begins: number[] = [0];
  for (const token of tokens) {
    if (!beginsLine(text, token.startOffset) || CLOSING.has(token.tokenType)) continue;
    if (token.tokenType !== T.StrayBracket) begins.push(token.startOffset);
  }
  begins.push(text.length + 1);
  const stretches: Stretch[] = [];
  const byOffset = [...problems].sort((a, b) => a.span.start - b.span.start);
  let line = 0;
  for (const { span } of byOffset) {
    while ((begins[line + 1] as number) <= span.start && line + 2 < begins.length) line++;
    const stretch = { start: begins[line] as number, end: begins[line + 1] as number };
    if (stretches.at(-1)?.start !== stretch.start) stretches.push(stretch);
  }
  return stretches;
}

function beginsLine(text: string, offset: number): boolean {
  return offset === 0 || text.charCodeAt(offset - 1) === 10;
}
