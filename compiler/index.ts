/**
 * The compiler behind the checker: Core in, a unit or the problems that forbid one out.
 *
 * The public face of checks, match, lower, optimise and assemble; `compiler/types` makes the Core.
 */
import type { Unit } from "../vm/bytecode/unit.ts";
import { checkGuards } from "./checks/guards.ts";
import { checkMvars } from "./checks/mvar-rules.ts";
import type { CheckProblem } from "./checks/problem.ts";
import type { CoreProgram } from "./core.ts";
import { type LowerOptions, lowerProgram } from "./lower/index.ts";

export { explainCheck } from "./checks/explain.ts";
export type { CheckProblem } from "./checks/problem.ts";
export { type LowerOptions, lowerProgram } from "./lower/index.ts";

/** Checks what needs the whole program, and compiles it when nothing is wrong. */
export function compile(
  core: CoreProgram,
  options: LowerOptions = {},
): { readonly unit?: Unit; readonly problems: readonly CheckProblem[] } {
  const problems = [...checkMvars(core), ...checkGuards(core)];
  return problems.length > 0 ? { problems } : { unit: lowerProgram(core, options), problems };
}
