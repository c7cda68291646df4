/**
 * Makes functions of generated JavaScript: the only place in the machine that does.
 *
 * Stays true: the text is written by vm/jit from verified bytecode; of the program itself only names made of letters,
 * digits and _ go into it, and texts as JSON. Everything else comes in through `constants`.
 */
import type { CodeCell } from "../interp/code-cell.ts";
import {
  Cell,
  Closure,
  Cons,
  Data,
  Data4,
  Data8,
  DataMany,
  Float,
  MapValue,
  NIL,
  NULL,
  OpenList,
  Pid,
  SetValue,
  UNIT,
} from "../values/value.ts";
import type { Helpers } from "./helpers.ts";
import { mulAddMod, narrow, narrowSafe, widen } from "./int64/arithmetic.ts";
import type { JitState } from "./state.ts";

/** What compiled code calls by name. */
const VALUES = {
  Cell,
  Closure,
  Cons,
  Data,
  Data4,
  Data8,
  DataMany,
  Float,
  MapValue,
  NIL,
  NULL,
  OpenList,
  Pid,
  SetValue,
  UNIT,
  mulAddMod,
  narrow,
  narrowSafe,
  widen,
};

type Factory = (
  state: JitState,
  helpers: Helpers,
  cells: readonly CodeCell[],
  values: typeof VALUES,
  constants: readonly unknown[],
) => ((...given: never[]) => unknown)[];

/** @param functions  their declarations, and their names in the order of the result */
export function instantiate(
  state: JitState,
  helpers: Helpers,
  cells: readonly CodeCell[],
  constants: readonly unknown[],
  functions: { readonly text: string; readonly names: readonly string[] },
): ((...given: never[]) => unknown)[] {
  const text = `"use strict";
const { ${Object.keys(VALUES).join(", ")} } = V;
const { box } = H;
const { context, caught, save0, save1, save2, save3, save4, saveMany, stops } = S;
const { isInteger: isInt, isSafeInteger: isSafe } = Number;
${constants.map((_, i) => `const k${i} = K[${i}];\n`).join("")}${functions.text}
return [${functions.names.join(", ")}];`;
  const factory = new Function("S", "H", "cells", "V", "K", text) as Factory;
  return factory(state, helpers, cells, VALUES, constants);
}

/**
 * A call of whatever a cell has. Two places, because V8 remembers for each what it called: one that called the stub first
 * would call everything that comes later the slow way.
 */
export function callThrough(cell: string, given: string): string {
  return `(${cell}.native !== null ? ${cell}.native(${given}) : ${cell}.run(${given}))`;
}
