/**
 * Links a Unit into a program that is running: what an input at the prompt adds to its session.
 *
 * The trick: the new part is linked alone, with indexes of its own, and verified so; then its tables are appended and
 * every operand that is an index is moved by where its table begins. Nothing that is there moves, so frames and function
 * values of live processes stay right.
 *
 * E1  tables only grow, and the arrays themselves stay the same objects.
 * E2  a global or mvar that the session knows by module and name keeps its slot, unless the input declares it anew.
 * E3  lock sets are ascending by the slots of the session, old and new ones alike, so the order of locking is one.
 */
import { OPCODES, type OperandRole } from "../bytecode/opcodes.ts";
import type { GlobalCode, MvarCode } from "../bytecode/unit.ts";
import { Closure } from "../values/value.ts";
import { CodeCell } from "./code-cell.ts";
import type { LinkedFunction, Program } from "./program.ts";

/** A Program whose tables may grow (E1). */
export type GrowingProgram = {
  -readonly [Table in keyof Program]: Program[Table] extends readonly (infer Row)[] ? Row[] : Program[Table];
};

/** Which slot a global or an mvar of the new part has; a new slot is one behind the last. */
export interface Slots {
  readonly globals: readonly number[];
  readonly mvars: readonly number[];
}

export function emptyProgram(): GrowingProgram {
  return {
    functions: [],
    constants: [],
    dataTypes: [],
    natives: [],
    mvars: [],
    globals: [],
    initialisers: [],
    lockSets: [],
    sources: [],
    entry: -1,
  };
}

/** E2: `known` gives the slot that a name has in the session, if the part shall share it. */
export function slotsFor(
  names: readonly (GlobalCode | MvarCode)[],
  count: number,
  known: (name: GlobalCode | MvarCode) => number | undefined,
): number[] {
  let next = count;
  return names.map((name) => known(name) ?? next++);
}

/** Appends `part`. @returns the index of its entry function */
export function extend(program: GrowingProgram, part: Program, slots: Slots): number {
  const base = {
    function: program.functions.length,
    const: program.constants.length,
    dataType: program.dataTypes.length,
    native: program.natives.length,
    lockSet: program.lockSets.length,
  };
  const move = (role: OperandRole, word: number): number => {
    switch (role) {
      case "function":
      case "const":
      case "dataType":
      case "native":
      case "lockSet":
        return word + base[role];
      case "global":
        return slots.globals[word]!;
      case "mvar":
        return slots.mvars[word]!;
      default:
        return word;
    }
  };
  const sources = program.sources.length;
  for (const fn of part.functions) {
    const code = fn.code.slice();
    for (let at = 0; at < code.length; ) {
      const { operands } = OPCODES[code[at]!]!;
      for (let i = 0; i < operands.length; i++) code[at + 1 + i] = move(operands[i]!, code[at + 1 + i]!);
      at += 1 + operands.length;
    }
    const index = base.function + fn.index;
    const moved: LinkedFunction = {
      ...fn,
      index,
      code,
      places: fn.places.map((word, i) => (i % 3 === 1 ? word + sources : word)),
      inlinedCalls: fn.inlinedCalls.map((call) =>
        call.source === -1 ? call : { ...call, source: call.source + sources },
      ),
      initialises: fn.initialises === -1 ? -1 : slots.globals[fn.initialises]!,
      closure: new Closure(index, fn.arity, fn.closure.name, []),
      cell: new CodeCell(fn.cost),
    };
    program.functions.push(moved);
  }
  for (const constant of part.constants) program.constants.push(constant);
  for (const type of part.dataTypes) program.dataTypes.push(type);
  for (const native of part.natives) program.natives.push(native);
  for (const source of part.sources) program.sources.push(source);
  part.globals.forEach((global, i) => {
    const slot = slots.globals[i]!;
    if (slot < program.globals.length) return;
    const initialiser = part.initialisers[i]!;
    program.globals[slot] = global;
    program.initialisers[slot] = initialiser === -1 ? -1 : initialiser + base.function;
  });
  part.mvars.forEach((mvar, i) => {
    const slot = slots.mvars[i]!;
    if (slot >= program.mvars.length) program.mvars[slot] = mvar;
  });
  for (const set of part.lockSets) program.lockSets.push(set.map((mvar) => slots.mvars[mvar]!).sort((a, b) => a - b));
  return base.function + part.entry;
}
