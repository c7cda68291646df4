/**
 * Turns a verified Unit into a Program: the one step between bytecode as data and bytecode that runs.
 *
 * A lazy global gets a function of its own here: it calls the initialiser, stores the result and returns it. So
 * LOAD_GLOBAL of a value that is not there yet is an ordinary call, and waiting, preemption and throws need no new rule.
 */
import { OP, OPCODES } from "../bytecode/opcodes.ts";
import { type Constant, entryCost, type Unit } from "../bytecode/unit.ts";
import { type FunctionFacts, type LoadProblem, verify } from "../bytecode/verify.ts";
import type { Native } from "../host/native.ts";
import { internType } from "../values/data-types.ts";
import { Closure, type Value } from "../values/value.ts";
import { CodeCell } from "./code-cell.ts";
import { constantToValue } from "./operations.ts";
import type { LinkedFunction, Program } from "./program.ts";
import { TinyProgram } from "./tiny-program.ts";

const NO_RUNS = new Int32Array(0);

export interface LinkOptions {
  readonly natives: ReadonlyMap<string, Native>;
  /** keep what the invariant checks need */
  readonly check: boolean;
}

export function link(
  unit: Unit,
  options: LinkOptions,
): { readonly program: Program } | { readonly problem: LoadProblem } {
  const verified = verify(unit);
  if ("problem" in verified) return verified;
  if (unit.isTinyTotVM === true) return { program: new TinyProgram(unit) };

  const natives: Native[] = [];
  for (const name of unit.natives) {
    const native = options.natives.get(name);
    if (native === undefined) {
      const detail = `this machine has no host function named ${name}`;
      return { problem: { code: "unknown-native", functionIndex: -1, functionName: "", at: -1, detail } };
    }
    natives.push(native);
  }

  const wrongCall = findWrongNativeCall(unit, natives);
  if (wrongCall !== undefined) return { problem: wrongCall };

  const functions = unit.functions.map((fn, index): LinkedFunction => {
    const facts: FunctionFacts = verified.facts[index]!;
    return {
      index,
      name: fn.name,
      arity: fn.arity,
      captures: fn.captures,
      slots: fn.slots,
      size: fn.slots + facts.maxOperands,
      cost: fn.cost ?? entryCost(fn.slots),
      code: fn.code,
      places: fn.places,
      inlinedCalls: fn.inlinedCalls ?? [],
      inlinedRuns: fn.inlinedRuns ?? NO_RUNS,
      regions: facts.regions,
      regionRuns: facts.regionRuns,
      depths: options.check ? facts.depths : undefined,
      initialises: -1,
      closure: new Closure(index, fn.arity, shownName(fn.name), []),
      paramKinds: fn.paramKinds,
      resultKind: fn.resultKind,
      cell: new CodeCell(fn.cost ?? entryCost(fn.slots)),
    };
  });

  const initialisers = unit.globals.map((global, index) => {
    if (global.init === -1) return -1;
    const code = Int32Array.of(OP["CALL.fn"], global.init, 0, OP.DUP, OP.STORE_GLOBAL, index, OP["RET.val"]);
    const name = `<initialiser of ${global.name}>`;
    const at = functions.length;
    functions.push({
      index: at,
      name,
      arity: 0,
      captures: 0,
      slots: 0,
      size: 2,
      cost: entryCost(0),
      code,
      places: NO_RUNS,
      inlinedCalls: [],
      inlinedRuns: NO_RUNS,
      regions: [],
      regionRuns: NO_RUNS,
      depths: options.check ? Int32Array.of(0, -1, -1, 1, 2, -1, 1) : undefined,
      initialises: index,
      closure: new Closure(at, 0, name, []),
      paramKinds: [],
      resultKind: "any",
      cell: new CodeCell(entryCost(0)),
    });
    return at;
  });

  const program: Program = {
    functions,
    constants: unit.constants.map((constant: Constant): Value => constantToValue(constant)),
    dataTypes: unit.dataTypes.map(internType),
    natives,
    mvars: unit.mvars,
    globals: unit.globals,
    initialisers,
    lockSets: unit.lockSets,
    sources: unit.sources,
    entry: unit.entry,
  };
  return { program };
}

/** A function value shows its name; what the compiler made up has none. */
function shownName(name: string): string {
  return name.startsWith("<") ? "" : name;
}

/** Whether all host functions get as many arguments as they take. The code is verified, so it can be read in a row. */
function findWrongNativeCall(unit: Unit, natives: readonly Native[]): LoadProblem | undefined {
  for (const [functionIndex, { code, name }] of unit.functions.entries()) {
    for (let at = 0; at < code.length; at += 1 + OPCODES[code[at]!]!.operands.length) {
      if (code[at] !== OP.CALL_NATIVE) continue;
      const native = natives[code[at + 1]!]!;
      const count = code[at + 2]!;
      if (count === native.arity) continue;
      const detail = `${native.name} takes ${native.arity} arguments, not ${count}`;
      return { code: "bad-operand", functionIndex, functionName: name, at, detail };
    }
  }
  return undefined;
}
