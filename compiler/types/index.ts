/** Names and types: `checkProgram` in, Core or problems out; `explainTypeProblem` words the problems. */
export { type CheckedProgram, checkProgram, type ProgramInput } from "./check-program.ts";
export { explainTypeProblem, type TypeProblem } from "./problems.ts";
export { earlierModule, type SessionBinding } from "./session.ts";
