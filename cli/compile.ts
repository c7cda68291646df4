/**
 * From sources to bytecode: the compiler's functions in a row, and every problem of every stage as a Diagnostic.
 *
 * Stays true: a file that does not parse hides no syntax error of another; types are looked at only when all parse, so
 * that one mistake gives one error.
 */

import { explainCheck } from "../compiler/checks/explain.ts";
import { checkGuards } from "../compiler/checks/guards.ts";
import { checkMvars } from "../compiler/checks/mvar-rules.ts";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { explainSyntax } from "../compiler/diagnostics/explain-syntax.ts";
import { type LowerOptions, lowerProgram } from "../compiler/lower/index.ts";
import { type CheckedProgram, checkProgram } from "../compiler/types/index.ts";
import { parseFile, type SourceFile } from "../grammar/index.ts";
import type { Unit } from "../vm/bytecode/unit.ts";
import type { Project } from "./project.ts";
import { stdlibModules } from "./stdlib.ts";

export interface Compiled {
  /** there when no diagnostic is an error */
  readonly unit?: Unit;
  readonly diagnostics: readonly Diagnostic[];
  /** the program's, in reading order, then the standard library's: what a place may lie in */
  readonly sources: readonly SourceFile[];
}

/** @param needsMain  false: a file that is only to be checked may have nothing to run */
export function compile(project: Project, needsMain = true, options: LowerOptions = {}): Compiled {
  const { problems, sources, input } = parse(project);
  if (problems.length > 0) return { diagnostics: problems, sources };
  return { ...lower(checkProgram({ ...input, needsMain }), options), sources };
}

/** For a host that calls functions by name: nothing of the program's own is left out, and nothing starts `main`. */
export function compileForHost(project: Project): Compiled & { readonly hasMain: boolean } {
  const { problems, sources, input } = parse(project);
  if (problems.length > 0) return { diagnostics: problems, sources, hasMain: false };
  const checked = checkProgram({ ...input, needsMain: false, makesMain: true });
  const hasMain = checked.resultType === undefined;
  return {
    ...lower(checked, { keep: { entryIsMain: hasMain, dataTypes: checked.declaredTypes() } }),
    sources,
    hasMain,
  };
}

function parse(project: Project) {
  const stdlib = stdlibModules();
  const sources = [...project.files.map(({ source }) => source), ...stdlib.map(({ ast }) => ast.source)];
  const parsed = project.files.map(({ module, source }) => ({ path: module, ...parseFile(source) }));
  const problems = [...project.problems, ...parsed.flatMap(({ problems }) => problems.map(explainSyntax))];
  return { problems, sources, input: { files: parsed.map(({ path, ast }) => ({ path, ast })), stdlib } };
}

/** What `checkProgram` has found, and bytecode when nothing is wrong. */
export function lower(checked: CheckedProgram, options: LowerOptions = {}): Omit<Compiled, "sources"> {
  if (checked.program === undefined) return { diagnostics: checked.diagnostics };
  const wrong = [...checkGuards(checked.program), ...checkMvars(checked.program)].map(explainCheck);
  const diagnostics = [...checked.diagnostics, ...wrong];
  if (wrong.some(({ severity }) => severity === "error")) return { diagnostics };
  return { unit: lowerProgram(checked.program, options), diagnostics };
}
