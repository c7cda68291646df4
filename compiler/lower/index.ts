/** Core to a unit: lowering, optimiser and assembler in a row. Of a correct program; compiler/index.ts checks first. */
import type { Unit } from "../../vm/bytecode/unit.ts";
import { assemble } from "../assemble/assemble.ts";
import type { CoreProgram } from "../core.ts";
import { inlineProgram } from "../optimise/inline.ts";
import { optimise } from "../optimise/optimise.ts";
import { type KeepOptions, lowerToInstructions } from "./program.ts";

export interface LowerOptions {
  /** default true; without it every instruction is as lowering wrote it */
  readonly optimise?: boolean;
  /** default true; without it every call of the source is a call of the bytecode */
  readonly inline?: boolean;
  /** for a host that calls functions by name, see LoweredProgram.kept; absent: what nothing reaches is left out */
  readonly keep?: KeepOptions;
}

export function lowerProgram(core: CoreProgram, options: LowerOptions = {}): Unit {
  const lowered = lowerToInstructions(core, options.keep);
  if (options.optimise === false) return assemble(lowered);
  const optimised = { ...lowered, functions: lowered.functions.map(optimise) };
  return assemble(options.inline === false ? optimised : inlineProgram(optimised));
}
