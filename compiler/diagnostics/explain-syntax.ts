/**
 * Words what is wrong with a text: SyntaxProblem in, Diagnostic out.
 *
 * Stays true: the headline says what was found and what would have fitted; a hint is given only when it is likely right.
 */
import type { NumberKind, SyntaxProblem } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Diagnostic } from "./diagnostic.ts";

export function explainSyntax(problem: SyntaxProblem): Diagnostic {
  const { code, span } = problem;
  switch (problem.code) {
    case "unknown-character":
      return { severity: "error", code, ...explainCharacter(problem.text, span) };
    case "unterminated":
      return { severity: "error", code, ...explainUnterminated(problem.what, span) };
    case "bad-number":
      return { severity: "error", code, primary: { span, text: "" }, ...explainNumber(problem.text, problem.type) };
    case "unbalanced":
      return { severity: "error", code, ...explainBracket(problem.bracket, span, problem.opened) };
    case "too-deep":
      return {
        severity: "error",
        code,
        message: `this is nested too deeply: more than ${problem.limit} levels`,
        primary: { span, text: `level ${problem.limit + 1} opens here` },
        hint: "give an inner part a name (`part = …`) or move it into a function of its own",
      };
    case "unexpected-token": {
      const context = problem.context === undefined ? "" : ` ${problem.context}`;
      return {
        severity: "error",
        code,
        message: `expected ${alternatives(problem.expected)}${context}, found ${foundText(problem.found)}`,
        primary: { span: problem.found === "end of file" ? endOfText(span) : span, text: "" },
        ...(problem.hint !== undefined && { hint: problem.hint }),
      };
    }
  }
}

type Words = Omit<Diagnostic, "severity" | "code">;

/** Characters that word processors and other languages put where the language has another. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ["“", '"'],
  ["”", '"'],
  ["„", '"'],
  ["«", '"'],
  ["»", '"'],
  ["‘", "'"],
  ["’", "'"],
  ["–", "-"],
  ["—", "-"],
  ["−", "-"],
  ["×", "*"],
  ["÷", "/"],
  ["≠", "!="],
  ["≤", "<="],
  ["≥", ">="],
  ["→", "->"],
  ["←", "<-"],
  ["⇒", "=>"],
  ["∧", "&&"],
  ["∨", "||"],
  ["¬", "!"],
  ["…", ".."],
  ["；", ";"],
  ["，", ","],
  ["（", "("],
  ["）", ")"],
  ["&", "&&"],
]);

function explainCharacter(text: string, span: Span): Words {
  const lookalike = LOOKALIKES.get(text);
  const code = text.codePointAt(0) ?? 0;
  const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const isVisible = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u.test(text);
  const message = isVisible ? `unknown character \`${text}\`` : `unknown character ${number}, which cannot be seen`;
  const primary = { span, text: "" };
  if (lookalike !== undefined) return { message, primary, hint: `did you mean \`${lookalike}\`?` };
  if (!isVisible) return { message, primary, hint: /\s/.test(text) ? "replace it by an ordinary space" : "delete it" };
  if (/^\p{L}/u.test(text))
    return { message, primary, hint: "names are made of the letters a-z and A-Z, digits and `_`" };
  if (text === "'")
    return { message, primary, hint: "a Char holds exactly one character, as in 'x'; the empty String is \"\"" };
  return { message, primary };
}

function explainUnterminated(what: "string" | "comment" | "char", span: Span): Words {
  switch (what) {
    case "string":
      return {
        message: "this string is never closed",
        primary: { span: firstChars(span, 1), text: "it begins here" },
        hint: "close it with the same quote; inside `${…}` quotes and braces must be closed as well",
      };
    case "comment":
      return {
        message: "this comment is never closed",
        primary: { span: firstChars(span, 2), text: "it begins here" },
        hint: "close it with `*#`",
      };
    case "char":
      return {
        message: "this character is never closed",
        primary: { span: firstChars(span, 1), text: "it begins here" },
        hint: "close it with `'`",
      };
  }
}

const RANGES: Partial<Record<NumberKind, readonly [string, string]>> = {
  Int: ["-9223372036854775808", "9223372036854775807"],
  Int8: ["-128", "127"],
  Int16: ["-32768", "32767"],
  Int32: ["-2147483648", "2147483647"],
  UInt8: ["0", "255"],
  UInt16: ["0", "65535"],
  UInt32: ["0", "4294967295"],
  UInt64: ["0", "18446744073709551615"],
};

function explainNumber(text: string, type: NumberKind): Omit<Words, "primary"> {
  const range = RANGES[type];
  const isWhole = /^(-?[0-9][0-9_]*([iu](8|16|32|64))?|0[xX][0-9a-fA-F][0-9a-fA-F_]*|0[bB][01][01_]*)$/.test(text);
  if (range === undefined || !isWhole) return { message: `\`${text}\` is not a number` };
  const message = `integer literal \`${text}\` is out of range for ${type} (valid range: ${range[0]} to ${range[1]})`;
  return type === "Int" && /^[0-9_]+$/.test(text)
    ? { message, hint: `a BigInt has no limit: \`${text}n\`` }
    : { message };
}

/** `bracket` is what is missing at `span` for the one that `opened`; without that, a closing one that fits nothing. */
function explainBracket(bracket: string, span: Span, opened: Span | undefined): Words {
  if (opened === undefined) {
    return {
      message: `this \`${bracket}\` closes nothing`,
      primary: { span, text: "" },
      hint: "delete it, or open it further up",
    };
  }
  const opener = opened.source.text.slice(opened.start, opened.end);
  const found = span.source.text.slice(span.start, span.end);
  if (/^[)\]}]$/.test(found)) {
    return {
      message: `\`${opener}\` must be closed with \`${bracket}\`, found \`${found}\``,
      primary: { span, text: "" },
      related: [{ span: opened, text: `this \`${opener}\` is still open` }],
    };
  }
  const end = endOfText(span);
  const missing = span.start >= end.start ? end : { ...span, end: span.start };
  return {
    message: `this \`${opener}\` is never closed`,
    primary: { span: opened, text: "it begins here" },
    related: [{ span: missing, text: `\`${bracket}\` is missing here at the latest` }],
  };
}

const MOST_ALTERNATIVES = 5; // more are noise

function alternatives(expected: readonly string[]): string {
  const names = [...new Set(expected)].slice(0, MOST_ALTERNATIVES);
  const last = names.pop() ?? "something else";
  return names.length === 0 ? last : `${names.join(", ")} or ${last}`;
}

function foundText(found: string): string {
  if (found === "end of file" || found === "end of line") return `the ${found}`;
  const short = found.length > 40 ? `${found.slice(0, 40)}…` : found;
  return found === "\n" ? "the end of the line" : `\`${short.replaceAll(/\s+/g, " ")}\``;
}

/** Right behind the last character that can be seen: where something is missing, not on an empty line below. */
function endOfText({ source }: Span): Span {
  const end = source.text.trimEnd().length;
  return { source, start: end, end };
}

function firstChars(span: Span, count: number): Span {
  return { ...span, end: Math.min(span.end, span.start + count) };
}
