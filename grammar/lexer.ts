/**
 * Text to tokens: the Chevrotain lexer, and what only code can decide about strings.
 *
 * The trick: strings with `${…}` are read in lexer modes, so their inner tokens are ordinary tokens with exact offsets,
 * and a string may hold a string to any depth without anything being read twice. A quote that is never closed would turn
 * the rest of the file inside out; then the likely culprit is cut at the end of its line and the file is lexed again.
 * Stays true: every character of the text belongs to a token or to trivia; nothing is dropped silently.
 */
import { type CustomPatternMatcherReturn, createToken, type IToken, Lexer, type TokenType } from "chevrotain";
import * as T from "./tokens.ts";

// ───────────────────────────── strings ─────────────────────────────

const BACKSLASH = 92;
const DOLLAR = 36;
const OPEN_BRACE = 123;

/** `${` that holds nothing but blanks is no hole but text. */
const EMPTY_HOLE = /\$\{\s*\}/y;

/** The end of the `${ }` at `at`, or 0. */
function emptyHoleEnd(text: string, at: number): number {
  EMPTY_HOLE.lastIndex = at;
  return EMPTY_HOLE.test(text) ? EMPTY_HOLE.lastIndex : 0;
}

/** Reads string text from `at` on: to its closing quote, to its first hole, or to the end of the text. */
function scanStringText(
  text: string,
  at: number,
  quote: number,
): { readonly end: number; readonly stop: "quote" | "hole" | "end" } {
  let i = at;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === quote) return { end: i, stop: "quote" };
    if (c === BACKSLASH)
      i += text.charCodeAt(i + 1) === DOLLAR ? 1 : 2; // `${` cannot be escaped
    else if (c === DOLLAR && text.charCodeAt(i + 1) === OPEN_BRACE) {
      const skip = emptyHoleEnd(text, i);
      if (skip === 0) return { end: i, stop: "hole" };
      i = skip;
    } else i++;
  }
  return { end: text.length, stop: "end" };
}

/** Offsets of quotes that are known to have no partner; set while `tokenize` lexes again. */
let cuts: ReadonlySet<number> = new Set();

function matched(text: string, from: number, to: number): CustomPatternMatcherReturn {
  return [text.slice(from, to)];
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  if (end < 0) return text.length;
  return text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

const quotes = ['"', "'"];
const custom = (name: string, hints: string[], exec: (text: string, at: number) => CustomPatternMatcherReturn | null) =>
  createToken({ name, pattern: { exec }, start_chars_hint: hints, line_breaks: true });

/** A quote without a partner, and the rest of its line. */
export const CutString = custom("CutString", quotes, (text, at) =>
  cuts.has(at) ? matched(text, at, lineEnd(text, at)) : null,
);

/** A whole string without holes, in one token. */
export const PlainString = custom("PlainString", quotes, (text, at) => {
  const { end, stop } = scanStringText(text, at + 1, text.charCodeAt(at));
  return stop === "quote" ? matched(text, at, end + 1) : null;
});

/** `'x'`: one character or one escape. */
export const CharLiteral = createToken({
  name: "CharLiteral",
  pattern: /'(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^'\\]|\\[nrt0\\'"])'/,
  line_breaks: true,
  label: "a character",
});
export const EmptyQuotes = createToken({ name: "EmptyQuotes", pattern: "''" });

export const StringOpen = createToken({ name: "StringOpen", pattern: Lexer.NA, label: "a string" });
export const StringClose = createToken({ name: "StringClose", pattern: Lexer.NA, label: "the closing quote" });
const OpenDouble = createToken({ name: "OpenDouble", pattern: '"', push_mode: "double", categories: [StringOpen] });
const OpenSingle = createToken({ name: "OpenSingle", pattern: "'", push_mode: "single", categories: [StringOpen] });
const CloseDouble = createToken({ name: "CloseDouble", pattern: '"', pop_mode: true, categories: [StringClose] });
const CloseSingle = createToken({ name: "CloseSingle", pattern: "'", pop_mode: true, categories: [StringClose] });

export const HoleOpen = createToken({ name: "HoleOpen", pattern: "${", push_mode: "hole", label: "`${`" });
export const HoleClose = createToken({ name: "HoleClose", pattern: "}", pop_mode: true, label: "`}`" });

export const StringText = createToken({ name: "StringText", pattern: Lexer.NA, label: "text" });
const stringText = (name: string, quote: number) =>
  createToken({
    name,
    categories: [StringText],
    line_breaks: true,
    pattern: {
      exec: (text: string, at: number) => {
        const { end } = scanStringText(text, at, quote);
        return end > at ? matched(text, at, end) : null;
      },
    },
    start_chars_hint: T.charactersBut(quote),
  });

const DoubleText = stringText("DoubleText", 34);
const SingleText = stringText("SingleText", 39);

// ───────────────────────────── the lexer ─────────────────────────────

const names = [T.WhiteSpace, T.LowerName, T.UpperName];
const comments = [T.LineComment, T.BlockComment, T.OpenComment];
const literals = [
  T.FloatNumber,
  T.BadFloat,
  T.IntNumber,
  T.BadNumber,
  CutString,
  CharLiteral,
  EmptyQuotes,
  PlainString,
  OpenDouble,
  OpenSingle,
];
const symbols = [
  T.LeftParen,
  T.RightParen,
  T.LeftBracket,
  T.RightBracket,
  T.Comma,
  T.DotDotEqual,
  T.DotDot,
  T.Dot,
  T.ForeignOperator,
  T.ColonColon,
  T.Colon,
  T.EqualEqual,
  T.FatArrow,
  T.Assign,
  T.Arrow,
  T.Send,
  T.PlusPlus,
  T.Plus,
  T.Minus,
  T.StarStar,
  T.Star,
  T.Slash,
  T.Percent,
  T.NotEqual,
  T.Bang,
  T.LessEqual,
  T.GreaterEqual,
  T.Less,
  T.Greater,
  T.AndAnd,
  T.OrOr,
  T.PipeRight,
  T.Bar,
  T.Semicolon,
  T.Question,
  T.Tilde,
  T.At,
  T.Caret,
];
const holeBrackets = [T.HoleMapOpen, T.HoleSetOpen, T.HoleBrace];

let lexer: Lexer | undefined;

/** The one lexer; made at first use, since that takes some milliseconds. */
function theLexer(): Lexer {
  lexer ??= new Lexer(
    {
      defaultMode: "code",
      modes: {
        code: [
          ...names,
          ...comments,
          ...literals,
          T.MapOpen,
          T.SetOpen,
          ...symbols,
          T.LeftBrace,
          T.RightBrace,
          T.UnknownCharacter,
        ],
        // a line comment in a hole would swallow the hole's end
        hole: [...names, ...literals, ...holeBrackets, ...symbols, HoleClose, T.UnknownCharacter],
        nested: [...names, ...literals, ...holeBrackets, ...symbols, T.NestedRightBrace, T.UnknownCharacter],
        double: [CloseDouble, DoubleText, HoleOpen, T.UnknownCharacter],
        single: [CloseSingle, SingleText, HoleOpen, T.UnknownCharacter],
      },
    },
    { positionTracking: "onlyOffset", ensureOptimizations: true, skipValidations: true },
  );
  return lexer;
}

/** All kinds, for the parser. */
export const vocabulary: TokenType[] = [
  ...Object.values(T).filter((value): value is TokenType => typeof value === "object"),
  ...[CutString, PlainString, CharLiteral, EmptyQuotes, StringOpen, StringClose, OpenDouble, OpenSingle],
  ...[CloseDouble, CloseSingle, HoleOpen, HoleClose, StringText, DoubleText, SingleText],
];

/** The tokens of a text, in order, without trivia. A quote without partner is a `CutString`. */
export function tokenize(text: string): IToken[] {
  const known = new Set<number>();
  cuts = known;
  try {
    let tokens = theLexer().tokenize(text).tokens;
    while (known.size < MAX_CUTS) {
      const culprit = unclosedQuote(tokens, text);
      if (culprit === undefined) break;
      known.add(culprit);
      tokens = theLexer().tokenize(text).tokens;
    }
    return tokens;
  } finally {
    cuts = new Set();
  }
}

/** Each costs one more lexing; what is still open after them is reported as unterminated to the end of the text. */
const MAX_CUTS = 8;

/**
 * Where a quote without partner most likely is, if the text ends inside a string: the first string over several lines
 * with a letter right behind its end (`"…\n … "word`), else the outermost open one.
 */
function unclosedQuote(tokens: readonly IToken[], text: string): number | undefined {
  const open: IToken[] = [];
  for (const token of tokens) {
    const type = token.tokenType;
    if (type === OpenDouble || type === OpenSingle || type === HoleOpen) open.push(token);
    else if (type === CloseDouble || type === CloseSingle || type === HoleClose) open.pop();
  }
  if (open.length === 0) return undefined;
  const outermost = (open[0] as IToken).startOffset;
  for (const token of tokens) {
    if (token.startOffset >= outermost) break;
    if (token.tokenType !== PlainString || !token.image.includes("\n")) continue;
    if (/[A-Za-z0-9_\\%]/.test(text.charAt(token.startOffset + token.image.length))) return token.startOffset;
  }
  return outermost;
}
