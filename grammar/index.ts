/**
 * The face of the grammar: text in, syntax tree and problems out.
 *
 * Stays true: there is always a tree; `problems` is [] exactly when the whole text was understood. Pure functions.
 */
import type { FileAst, ParseResult, SyntaxProblem } from "./ast.ts";
import { withoutEchoes } from "./echoes.ts";
import { theParser } from "./parser.ts";
import { prepare } from "./prepare.ts";
import type { SourceFile } from "./source.ts";

export type * from "./ast.ts";
export { MAX_DEPTH } from "./rules/base.ts";
export * from "./source.ts";

/** Parses a file: declarations and, in a file without main, statements. A `#!` first line is a comment like any other. */
export function parseFile(source: SourceFile): ParseResult {
  return parse(source).result;
}

/** The result, and all problems behind it, echoes included. */
function parse(source: SourceFile): { readonly result: ParseResult; readonly everything: readonly SyntaxProblem[] } {
  const { tokens, problems: lexical, damaged } = prepare(source);
  const { items, problems: syntactic } = theParser().read(source, tokens, lexical.length === 0);
  const problems = withoutEchoes(lexical, syntactic, damaged);
  return { result: { ast: { source, items }, problems }, everything: [...lexical, ...syntactic] };
}

export interface InputResult extends ParseResult {
  /** the text is no mistake yet: more of it could make it right, so a prompt should ask for another line */
  readonly isIncomplete: boolean;
}

/** Parses what is typed at a prompt or given to eval: declarations and statements, the last one perhaps unfinished. */
export function parseInput(source: SourceFile): InputResult {
  const { result, everything } = parse(source);
  return { ...result, isIncomplete: everything.length > 0 && everything.every(wantsMore) };
}

/** Whether a problem could go away with more text behind the end. */
function wantsMore(problem: SyntaxProblem): boolean {
  const { source, end } = problem.span;
  if (problem.code === "unterminated") return problem.what !== "char";
  const isAtEnd = source.text.slice(end).trim() === "";
  if (problem.code === "unbalanced") return problem.opened !== undefined && isAtEnd;
  return problem.code === "unexpected-token" && problem.found === "end of file";
}

export type { FileAst };
