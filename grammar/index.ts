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
export * from "./source.ts";
export { MAX_DEPTH } from "./parser.ts";

/** Parses a file: declarations and, in a file without main, statements. A `#!` first line is a comment like any other. */
export function parseFile(source: SourceFile): ParseResult {
  const { tokens, problems: lexical, damaged } = prepare(source);
  const { items, problems: syntactic } = theParser().read(source, tokens, lexical.length === 0);
  return { ast: { source, items }, problems: withoutEchoes(lexical, syntactic, damaged) };
}

export interface InputResult extends ParseResult {
  /** the text is no mistake yet: more of it could make it right, so a prompt should ask for another line */
  readonly isIncomplete: boolean;
}

/** Parses what is typed at a prompt or given to eval: declarations and statements, the last one perhaps unfinished. */
export function parseInput(source: SourceFile): InputResult {
  const result = parseFile(source);
  return { ...result, isIncomplete: result.problems.length > 0 && result.problems.every(wantsMore) };
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
