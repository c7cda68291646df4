/**
 * Every kind of token, and the groups of them that the grammar speaks about.
 *
 * The trick: keywords are lexed as identifiers and get their kind from one table (`lexer.ts`), so that a name costs one
 * regular expression; and a group (`AnyName`, `Operator`, …) is a Chevrotain category, so that one CONSUME takes them all.
 * Stays true: the order of the lists below is the order in which the lexer tries them; the longest of two goes first.
 */
import { createToken, Lexer, type TokenType } from "chevrotain";
import type { BinaryOp } from "./ast.ts";

/** A kind without a pattern: a group, or a kind that only the passes after the lexer hand out. */
function group(name: string, label: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, pattern: Lexer.NA, categories, label });
}

function symbol(pattern: string, name: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, pattern, categories, label: `\`${pattern}\`` });
}

// ───────────────────────────── groups ─────────────────────────────

/** What may stand where a field is named: any lower-case word, keywords too. */
export const AnyName = group("AnyName", "a name");
/** A lower-case name of a value: identifiers, and the keywords of language.md 1.2 that are still names. */
export const ValueName = group("ValueName", "a name", [AnyName]);
export const AnyUpper = group("AnyUpper", "a name with a capital");
export const Operator = group("Operator", "an operator");
/** `-`, `!`, `not`, `~` */
export const PrefixOperator = group("PrefixOperator", "a prefix operator");
/** `..` and `..=` */
export const RangeOperator = group("RangeOperator", "`..`");
export const NumberToken = group("NumberToken", "a number");

// ───────────────────────────── trivia ─────────────────────────────

export const WhiteSpace = createToken({
  name: "WhiteSpace",
  pattern: /[ \t\r\n\f\uFEFF]+/,
  line_breaks: true,
  group: Lexer.SKIPPED,
});
/** `# …` and `// …`; not `#{`, a set, nor `#*`, a block comment. */
export const LineComment = createToken({
  name: "LineComment",
  pattern: /#(?![*{])[^\n]*|\/\/[^\n]*/,
  group: Lexer.SKIPPED,
});
export const BlockComment = createToken({
  name: "BlockComment",
  pattern: /#\*[^*]*\*+(?:[^#*][^*]*\*+)*#/,
  line_breaks: true,
  group: Lexer.SKIPPED,
});
/** `#*` without its `*#`: the rest of the file. */
export const OpenComment = createToken({
  name: "OpenComment",
  pattern: /#\*[\s\S]*/,
  line_breaks: true,
  start_chars_hint: ["#"],
});

// ───────────────────────────── names and keywords ─────────────────────────────

export const LowerName = createToken({ name: "LowerName", pattern: /[a-z_][A-Za-z0-9_]*/, categories: [ValueName] });
export const UpperName = createToken({ name: "UpperName", pattern: /[A-Z][A-Za-z0-9_]*/, categories: [AnyUpper] });

const keywords = new Map<string, TokenType>();

function keyword(word: string, categories: TokenType[] = [AnyName]): TokenType {
  const type = createToken({ name: `Keyword_${word}`, pattern: Lexer.NA, categories, label: `\`${word}\`` });
  keywords.set(word, type);
  return type;
}

export const Type = keyword("type");
export const Reactive = keyword("reactive");
export const Var = keyword("var");
export const Mvar = keyword("mvar");
export const Const = keyword("const");
export const If = keyword("if");
export const Then = keyword("then");
export const Else = keyword("else");
export const Match = keyword("match");
export const When = keyword("when");
export const Trait = keyword("trait");
export const Module = keyword("module");
export const End = keyword("end");
export const Use = keyword("use");
export const Import = keyword("import");
export const Private = keyword("private");
export const Pub = keyword("pub");
export const SelfValue = keyword("self", [ValueName]);
export const SelfType = keyword("Self", [AnyUpper]);
export const Try = keyword("try");
export const Catch = keyword("catch");
export const Finally = keyword("finally");
export const Do = keyword("do");
export const While = keyword("while");
export const For = keyword("for");
export const To = keyword("to", [ValueName]);
export const Break = keyword("break");
export const Continue = keyword("continue");
export const Return = keyword("return");
export const Spawn = keyword("spawn");
export const SpawnLink = keyword("spawn_link");
export const SpawnMonitor = keyword("spawn_monitor");
export const Receive = keyword("receive");
export const After = keyword("after");
export const Panic = keyword("panic", [ValueName]);
export const Not = keyword("not", [AnyName, PrefixOperator]);
export const Extern = keyword("extern");
export const From = keyword("from", [ValueName]);
export const Test = keyword("test");
export const Quote = keyword("quote");
export const Template = keyword("template");
export const True = keyword("true");
export const False = keyword("false");
/** `_` alone */
export const Underscore = createToken({ name: "Underscore", pattern: Lexer.NA, label: "`_`" });
keywords.set("_", Underscore);

/** What a word is: a keyword's own kind, or `undefined` for a plain name. */
export function keywordOf(word: string): TokenType | undefined {
  return keywords.get(word);
}

// ───────────────────────────── numbers ─────────────────────────────

const digits = "[0-9][0-9_]*";
const number = (name: string, pattern: RegExp) => createToken({ name, pattern, categories: [NumberToken] });

export const FloatNumber = number(
  "Float",
  new RegExp(`${digits}\\.${digits}(?:d|(?:[eE][+-]?[0-9]+)?(?:f32)?)(?![A-Za-z0-9_])`),
);
export const IntNumber = number(
  "Int",
  new RegExp(`(?:0[xX][0-9a-fA-F][0-9a-fA-F_]*|0[bB][01][01_]*|${digits}(?:[iu](?:8|16|32)|u64|n|d)?)(?![A-Za-z0-9_])`),
);
/** Digits that run into letters: `1e5`, `42i64`, `0xZZ`, `12abc`. Reported when the tokens are prepared. */
export const BadNumber = createToken({ name: "BadNumber", pattern: /[0-9][A-Za-z0-9_]*/ });
/** The same with a dot: `3.14f64`. */
export const BadFloat = createToken({ name: "BadFloat", pattern: /[0-9][0-9_]*\.[0-9][A-Za-z0-9_]*/ });

// ───────────────────────────── symbols ─────────────────────────────

const operator = (text: BinaryOp | "<-", name: string, more: TokenType[] = []) =>
  symbol(text, name, [Operator, ...more]);

export const Send = operator("<-", "Send");
export const PipeRight = operator("|>", "PipeRight");
export const Minus = operator("-", "Minus", [PrefixOperator]);
export const Percent = operator("%", "Percent");
export const StarStar = operator("**", "StarStar");
export const Star = operator("*", "Star");
export const Slash = operator("/", "Slash");
export const Plus = operator("+", "Plus");
export const PlusPlus = operator("++", "PlusPlus");
export const ColonColon = operator("::", "ColonColon");
export const EqualEqual = operator("==", "EqualEqual");
export const NotEqual = operator("!=", "NotEqual");
export const LessEqual = operator("<=", "LessEqual");
export const GreaterEqual = operator(">=", "GreaterEqual");
export const Less = operator("<", "Less");
export const Greater = operator(">", "Greater");
export const AndAnd = operator("&&", "AndAnd");
export const OrOr = operator("||", "OrOr");

export const Assign = symbol("=", "Assign");
export const Arrow = symbol("->", "Arrow");
export const FatArrow = symbol("=>", "FatArrow");
export const Bang = symbol("!", "Bang", [PrefixOperator]);
export const Tilde = symbol("~", "Tilde", [PrefixOperator]);
export const At = symbol("@", "At");
export const Caret = symbol("^", "Caret");
export const Question = symbol("?", "Question");
export const Comma = symbol(",", "Comma");
export const Semicolon = symbol(";", "Semicolon");
export const Colon = symbol(":", "Colon");
export const DotDotEqual = symbol("..=", "DotDotEqual", [RangeOperator]);
export const DotDot = symbol("..", "DotDot", [RangeOperator]);
export const Dot = symbol(".", "Dot");
export const Bar = symbol("|", "Bar");

/** Operators of other languages: no rule takes them, `hints.ts` says what to write instead. */
export const ForeignOperator = createToken({
  name: "ForeignOperator",
  pattern: /===|!==|&&&|\|\|\||:=|<>|=<|[+\-*/]=(?![=>])/,
});

// ───────────────────────────── brackets ─────────────────────────────

export const LeftParen = symbol("(", "LeftParen");
export const RightParen = symbol(")", "RightParen");
export const LeftBracket = symbol("[", "LeftBracket");
export const RightBracket = symbol("]", "RightBracket");
export const LeftBrace = symbol("{", "LeftBrace");
/** A `{` that opens a structural record (`{name: e, …}`); told apart when the brackets are paired. */
export const RecordBrace = createToken({
  name: "RecordBrace",
  pattern: Lexer.NA,
  categories: [LeftBrace],
  label: "`{`",
});
export const RightBrace = symbol("}", "RightBrace");
export const MapOpen = symbol("%{", "MapOpen");
export const SetOpen = symbol("#{", "SetOpen");

// Inside the `${…}` of a string the lexer has to count braces; these are the same brackets, with the counting.
export const HoleBrace = createToken({
  name: "HoleBrace",
  pattern: "{",
  categories: [LeftBrace],
  push_mode: "nested",
  label: "`{`",
});
export const HoleMapOpen = createToken({
  name: "HoleMapOpen",
  pattern: "%{",
  categories: [MapOpen],
  push_mode: "nested",
  label: "`%{`",
});
export const HoleSetOpen = createToken({
  name: "HoleSetOpen",
  pattern: "#{",
  categories: [SetOpen],
  push_mode: "nested",
  label: "`#{`",
});
export const NestedRightBrace = createToken({
  name: "NestedRightBrace",
  pattern: "}",
  categories: [RightBrace],
  pop_mode: true,
  label: "`}`",
});

// ───────────────────────────── the end, and what is no token ─────────────────────────────

/** Stands behind the last token of every file, so that "the end" has a place. */
export const EndOfFile = group("EndOfFile", "the end of the file");
/** A closing bracket that closes nothing; reported when the brackets are paired. */
export const StrayBracket = group("StrayBracket", "a bracket");
/** A character that is no token; reported when the tokens are prepared. */
export const UnknownCharacter = createToken({
  name: "UnknownCharacter",
  pattern: /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/,
  line_breaks: false,
  start_chars_hint: charactersBut(),
});

/**
 * How a token may begin that begins with almost anything, for Chevrotain's table of first characters: characters beyond
 * 255 share buckets of 256.
 */
export function charactersBut(...excluded: number[]): number[] {
  const all: number[] = [];
  for (let c = 0; c < 0x10000; c += c < 256 ? 1 : 256) if (!excluded.includes(c)) all.push(c);
  return all;
}
