/**
 * One thing to try, for mistakes that people bring along from other languages.
 *
 * Stays true: a hint is given only when the tokens around the place leave little doubt; it never repeats `expected`.
 */
import { tokenMatcher } from "chevrotain";
import { CharLiteral, PlainString, StringOpen } from "./lexer.ts";
import type { Token } from "./prepare.ts";
import * as T from "./tokens.ts";

interface Place {
  readonly tokens: readonly Token[];
  /** the token that was not expected */
  readonly token: Token;
  readonly before: Token | undefined;
  readonly after: Token | undefined;
  readonly expected: readonly string[];
}

/** @param token the one that was not expected; `expected` as it will be shown */
export function hintFor(tokens: readonly Token[], token: Token, expected: readonly string[]): string | undefined {
  const place = { tokens, token, before: tokens[token.at - 1], after: tokens[token.at + 1], expected };
  for (const rule of RULES) {
    const hint = rule(place);
    if (hint !== undefined) return hint;
  }
  return undefined;
}

const isName = (token: Token | undefined): token is Token => token !== undefined && tokenMatcher(token, T.ValueName);
const isUpper = (token: Token | undefined): token is Token => token !== undefined && tokenMatcher(token, T.AnyUpper);
/** a keyword that cannot be a name */
const isKeyword = (token: Token): boolean => tokenMatcher(token, T.AnyName) && !tokenMatcher(token, T.ValueName);

const FOREIGN_OPERATORS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ":=": "a name is bound with `=`",
    "===": "`==` compares",
    "!==": "`!=` compares",
    "&&&": "and is `&&`",
    "|||": "or is `||`",
    "<>": "not equal is `!=`, strings are joined with `++`",
    "=<": "write `<=`",
  }),
);

/** Words that stand before what they introduce: the hint is about the token behind. */
const LEADING_WORDS: ReadonlyMap<string, (next: string) => string> = new Map(
  Object.entries({
    let: (next) => `there is no \`let\`: write \`${next} = …\``,
    val: (next) => `there is no \`val\`: write \`${next} = …\``,
    fn: functionHint,
    fun: functionHint,
    func: functionHint,
    def: functionHint,
    function: functionHint,
    class: typeHint,
    struct: typeHint,
    enum: typeHint,
    data: typeHint,
    interface: () => "a trait is written `trait Name … end`",
    impl: () => "an implementation is written `Type: Trait … end`",
    switch: () => "choose with `match value { pattern -> result }`",
    case: () => "an arm is written `pattern -> result`, without `case`",
    elif: () => "write `else if`",
    elsif: () => "write `else if`",
    elseif: () => "write `else if`",
    unless: () => "write `if !…`",
  }),
);

function functionHint(next: string): string {
  return `a function is written \`${next}(…) = …\`, without a keyword`;
}

function typeHint(next: string): string {
  return `a type is written \`type ${next} = …\``;
}

/** Words that stand between or behind expressions. */
const INNER_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    and: "and is `&&`",
    or: "or is `||`",
    elif: "write `else if`",
    elsif: "write `else if`",
    elseif: "write `else if`",
    mod: "the remainder is `%`",
  }),
);

const CONDITION_ENDS = new Set(["`then`", "`{`", "`->`", "`)`", "`]`"]);
const COMPARE = "`==` compares, `=` only binds a name";

/** In order of certainty; the first that applies is taken. */
const RULES: readonly ((place: Place) => string | undefined)[] = [
  function foreignOperator({ token, before }) {
    if (token.tokenType !== T.ForeignOperator) return undefined;
    const known = FOREIGN_OPERATORS.get(token.image);
    if (known !== undefined) return known;
    const name = isName(before) ? before.image : "x";
    return `write \`${name} = ${name} ${token.image.slice(0, -1)} …\``;
  },

  function keywordAsName({ token, before, expected }) {
    if (token.tokenType === T.Assign && before !== undefined && isKeyword(before)) {
      return `\`${before.image}\` is a keyword and cannot be a name`;
    }
    if (expected.includes("a pattern") && tokenMatcher(token, StringOpen)) return "a string in a pattern has no `${…}`";
    if (!isKeyword(token)) return undefined;
    if (token.tokenType === T.Import) return "names of other modules are taken with `use module.*`";
    if (token.tokenType === T.Else && expected.includes("a pattern")) return "the arm for all the rest is `_ -> …`";
    const wantsName = expected.some((text) => text === "a name" || text === "a pattern" || text === "a variable");
    return wantsName ? `\`${token.image}\` is a keyword and cannot be a name` : undefined;
  },

  function guard({ token, expected }) {
    return token.tokenType === T.If && expected.includes("`when`") ? "a guard begins with `when`" : undefined;
  },

  function leadingWord({ token, before }) {
    if (before === undefined || before.tokenType !== T.LowerName || before.end === token.startOffset) return undefined;
    if (token.newline) return undefined;
    const hint = LEADING_WORDS.get(before.image);
    return hint?.(isName(token) || isUpper(token) ? token.image : "x");
  },

  function innerWord({ token }) {
    return token.tokenType === T.LowerName ? INNER_WORDS.get(token.image) : undefined;
  },

  function arrows({ token, before, expected }) {
    if (token.tokenType === T.FatArrow) {
      if (expected.includes("`->`")) return "an arm is written with `->`; `=>` makes a function";
      return before?.tokenType === T.RightParen ? "a function is defined with `=`: `f(x) = …`" : undefined;
    }
    if (token.tokenType !== T.Arrow) return undefined;
    const endsParams = before?.tokenType === T.RightParen || isName(before);
    return endsParams ? "a function without a name is written with `=>`: `x => …`" : undefined;
  },

  function forLoop({ tokens, token }) {
    const opens = tokens[token.parent];
    if (opens?.tokenType !== T.LeftParen || tokens[opens.at - 1]?.tokenType !== T.For) return undefined;
    return "a loop is written `for i = 0 to n { … }` or `for x in xs { … }`";
  },

  function assignment({ tokens, token, before, expected }) {
    if (token.tokenType !== T.Assign) return undefined;
    for (let i = token.at - 1; i > token.parent; i--) {
      const type = (tokens[i] as Token).tokenType;
      if (type === T.FatArrow) return "an assignment in a lambda needs braces: `x => { total = … }`";
      if (type === T.Comma || type === T.Semicolon) break;
    }
    const opens = tokens[token.parent];
    const isArgument = opens?.tokenType === T.LeftParen && isName(before) && before.at === opens.at + 1;
    if (isArgument || (isName(before) && tokens[token.at - 2]?.tokenType === T.Comma)) {
      return `a named argument is written \`${before.image}: …\`; \`==\` compares`;
    }
    const endsExpression = expected.some((text) => text === "an operator" || CONDITION_ENDS.has(text));
    return endsExpression ? COMPARE : undefined;
  },

  function colon({ token, before, expected }) {
    if (token.tokenType !== T.Colon) return undefined;
    if (before?.tokenType === T.RightParen && expected.includes("an operator")) {
      return "a result type stands behind `->`: `f(x) -> Int = …`";
    }
    const wantsBlock = expected.includes("`then`") || expected.includes("`{`");
    return wantsBlock ? "a block stands in braces" : undefined;
  },

  function armsMissing({ before, expected }) {
    if (!expected.includes("`{` and the arms")) return undefined;
    if (before?.tokenType === T.Receive) return "`receive { pattern -> result }` takes arms, it is not called";
    if (before?.tokenType === T.Catch) return "`catch` takes arms: `catch { e -> … }`";
    return "the arms stand in braces: `match value { pattern -> result }`";
  },

  function typeArguments({ token, before, after }) {
    if (token.tokenType !== T.Less || !isUpper(before) || !(isUpper(after) || isName(after))) return undefined;
    return `type arguments stand in brackets: \`${before.image}[…]\``;
  },

  function juxtaposed({ tokens, token, before, after, expected }) {
    if (!expected.includes("an operator") || before === undefined || token.newline) return undefined;
    if (before.tokenType === T.Question) return "choose with `if c then a else b`";
    if (isUpper(before)) {
      if (tokenMatcher(token, T.LeftBrace)) return `a record is made with parentheses: \`${before.image}(…)\``;
      if (isName(token) && after?.tokenType === T.Assign)
        return `a type stands behind the name: \`${token.image}: ${before.image} = …\``;
    }
    if (before.tokenType === T.RightParen && token.parent < 0) {
      const name = tokens[before.partner - 1];
      if (isName(name) && beginsStatement(tokens, name))
        return `a function is defined with \`=\`: \`${name.image}(…) = …\``;
    }
    if (isName(before) && (isArgumentStart(token) || (isName(token) && beginsStatement(tokens, before))))
      return `a call needs parentheses: \`${before.image}(…)\``;
    return undefined;
  },

  function leadingOperator({ token, expected }) {
    if (!token.newline || !tokenMatcher(token, T.Operator)) return undefined;
    const wantsStart = expected.some(
      (text) => text === "a statement" || text === "a declaration" || text === "a pattern",
    );
    return wantsStart ? "an operator may end a line; only `|>` and `.` may begin one" : undefined;
  },
];

function beginsStatement(tokens: readonly Token[], token: Token): boolean {
  const before = tokens[token.at - 1];
  return token.newline || before === undefined || before.at === token.parent || before.tokenType === T.Semicolon;
}

function isArgumentStart(token: Token): boolean {
  const type = token.tokenType;
  if (type === PlainString || type === CharLiteral || type === T.True || type === T.False) return true;
  return tokenMatcher(token, T.NumberToken) || tokenMatcher(token, StringOpen) || isUpper(token);
}
