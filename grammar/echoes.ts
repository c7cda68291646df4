/**
 * One mistake, one problem: drops what is only the echo of another problem.
 *
 * A bracket too many or too few makes the parser stumble further on, and a bracket that is missed in one line is too many
 * in a later one. So around each bracket problem, from declaration to declaration, one kind of problem is kept: the
 * brackets, unless the parser stumbled earlier than a closing bracket turned out to close nothing.
 * Stays true: the first problem of a text is never dropped; problems of other declarations are never touched.
 */
import type { SyntaxProblem } from "./ast.ts";
import { positionOf } from "./source.ts";

/** Offsets [start, end) of whole lines. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * @param lexical  what the tokens and brackets showed
 * @param syntactic  what the parser stumbled over
 * @param damaged  the stretches of text around bracket problems, in order, without overlap
 * @returns        what to show, in source order
 */
export function withoutEchoes(
  lexical: readonly SyntaxProblem[],
  syntactic: readonly SyntaxProblem[],
  damaged: readonly Stretch[],
): SyntaxProblem[] {
  const kept: SyntaxProblem[] = [];
  const inStretch = new Map<Stretch, { brackets: SyntaxProblem[]; others: SyntaxProblem[] }>();
  const at = (problem: SyntaxProblem) => {
    const stretch = stretchAt(damaged, problem.span.start);
    if (stretch === undefined) return undefined;
    const found = inStretch.get(stretch) ?? { brackets: [], others: [] };
    inStretch.set(stretch, found);
    return found;
  };
  for (const problem of lexical) {
    const group = problem.code === "unbalanced" ? at(problem) : undefined;
    if (group === undefined) kept.push(problem);
    else group.brackets.push(problem);
  }
  for (const problem of syntactic) {
    const group = problem.code === "too-deep" ? undefined : at(problem);
    if (group === undefined) kept.push(problem);
    else group.others.push(problem);
  }
  for (const { brackets, others } of inStretch.values()) {
    const firstBracket = brackets[0];
    const firstOther = others[0];
    if (firstBracket === undefined) kept.push(...others);
    else if (firstOther !== undefined && isStray(firstBracket) && firstOther.span.start < firstBracket.span.start) {
      kept.push(firstOther);
    } else if (brackets.some(isStray)) kept.push(firstBracket);
    else kept.push(...onePerLine(brackets));
  }
  return kept.sort((a, b) => a.span.start - b.span.start);
}

/** A closing bracket too many. */
function isStray(problem: SyntaxProblem): boolean {
  return problem.code === "unbalanced" && problem.opened === undefined;
}

function stretchAt(stretches: readonly Stretch[], offset: number): Stretch | undefined {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle] as Stretch).end <= offset) low = middle + 1;
    else high = middle;
  }
  const stretch = stretches[low];
  return stretch !== undefined && offset >= stretch.start ? stretch : undefined;
}

function onePerLine(problems: readonly SyntaxProblem[]): SyntaxProblem[] {
  const lines = new Set<number>();
  return problems.filter(({ span }) => {
    const { line } = positionOf(span.source, span.start);
    if (lines.has(line)) return false;
    lines.add(line);
    return true;
  });
}
