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
  const stdlib = stdlibModules();
  const sources = [...project.files.map(({ source }) => source), ...stdlib.map(({ ast }) => ast.source)];
  const parsed = project.files.map(({ module, source }) => ({ path: module, ...parseFile(source) }));
  const syntax = [...project.problems, ...parsed.flatMap(({ problems }) => problems.map(explainSyntax))];
  if (syntax.length > 0) return { diagnostics: syntax, sources };

  const checked = checkProgram({ files: parsed.map(({ path, ast }) => ({ path, ast })), stdlib, needsMain });
  return { ...lower(checked, options), sources };
}

/** What `checkProgram` has found, and bytecode when nothing is wrong. */
export function lower(checked: CheckedProgram, options: LowerOptions = {}): Omit<Compiled, "sources"> {
  if (checked.program === undefined) return { diagnostics: checked.diagnostics };
  const wrong = [...checkGuards(checked.program), ...checkMvars(checked.program)].map(explainCheck);
  const diagnostics = [...checked.diagnostics, ...wrong];
  if (wrong.some(({ severity }) => severity === "error")) return { diagnostics };
  return { unit: lowerProgram(checked.program, options), diagnostics };
}
