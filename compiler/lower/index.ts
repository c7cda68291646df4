/** Core to a unit: lowering, optimiser and assembler in a row. Of a correct program; compiler/index.ts checks first. */
import type { Unit } from "../../vm/bytecode/unit.ts";
import { assemble } from "../assemble/assemble.ts";
import type { CoreProgram } from "../core.ts";
import { optimise } from "../optimise/optimise.ts";
import { lowerToInstructions } from "./program.ts";

export interface LowerOptions {
  /** default true; without it every instruction is as lowering wrote it */
  readonly optimise?: boolean;
}

export function lowerProgram(core: CoreProgram, options: LowerOptions = {}): Unit {
  const lowered = lowerToInstructions(core);
  if (options.optimise === false) return assemble(lowered);
  return assemble({ ...lowered, functions: lowered.functions.map(optimise) });
}
