/** Names and types: `checkProgram` in, Core or problems out; `explainTypeProblem` words the problems. */
export { checkProgram, type CheckedProgram, type ProgramInput } from "./check-program.ts";
export { explainTypeProblem, type TypeProblem } from "./problems.ts";
