/**
 * TinyTotVM programs in the form in which they run. One machine may run several: SPAWN loads files while it runs, and each
 * process has the code, the constants and the labels of its own.
 *
 * Stays true: what was added stays as it is and keeps its index, so a place in the code stays a place.
 */
import { instructionNumbers } from "../bytecode/tiny-builder.ts";
import type { SourceCode, Unit } from "../bytecode/unit.ts";
import { type LoadProblem, verify } from "../bytecode/verify.ts";
import { Closure, type Value } from "../values/value.ts";
import { CodeCell } from "./code-cell.ts";
import { Frame } from "./frame.ts";
import { constantToValue } from "./operations.ts";
import type { LinkedFunction, Program } from "./program.ts";
import type { TinyTies } from "./tiny/ties.ts";

/** What the labels of one file share. */
export interface TinyCode {
  readonly code: Int32Array;
  readonly constants: readonly Value[];
  /** by index into the unit's data types: the names of a call's parameters */
  readonly parameterNames: readonly (readonly string[])[];
  readonly labels: ReadonlyMap<string, TinyFunction>;
  /** word offset → number of the instruction, as TinyTotVM counts */
  readonly numberOf: (at: number) => number;
}

/** A place where a process can begin: the first instruction, or a label. */
export interface TinyFunction extends LinkedFunction {
  readonly start: number;
  readonly shared: TinyCode;
}

export class TinyProgram implements Program {
  readonly functions: TinyFunction[] = [];
  readonly sources: SourceCode[] = [];
  readonly entry = 0;
  readonly constants = [];
  readonly dataTypes = [];
  readonly natives = [];
  readonly mvars = [];
  readonly globals = [];
  readonly initialisers = [];
  readonly lockSets = [];
  private readonly loaded = new Map<string | undefined, TinyFunction>();

  /** @param unit  verified */
  constructor(unit: Unit) {
    this.add(unit);
  }

  /** The beginning of the program that `load` gives for a name; it is asked once for each. */
  named(name: string | undefined, load: () => Unit): TinyFunction | { readonly problem: LoadProblem } {
    const known = this.loaded.get(name);
    if (known !== undefined) return known;
    const unit = load();
    const verified = verify(unit);
    if ("problem" in verified) return verified;
    const fn = this.add(unit);
    this.loaded.set(name, fn);
    return fn;
  }

  private add(unit: Unit): TinyFunction {
    const program = unit.functions[unit.entry]!;
    const labels = new Map<string, TinyFunction>();
    let numbers: ReadonlyMap<number, number> | undefined;
    const shared: TinyCode = {
      code: program.code,
      constants: unit.constants.map(constantToValue),
      parameterNames: unit.dataTypes.map(({ fieldNames }) => fieldNames ?? []),
      labels,
      numberOf: (at) => {
        numbers ??= instructionNumbers(program.code);
        return numbers.get(at) ?? 0;
      },
    };
    const places = program.places.map((word, i) => (i % 3 === 1 ? word + this.sources.length : word));
    this.sources.push(...unit.sources);
    const begin = (name: string, start: number): TinyFunction => {
      const index = this.functions.length;
      const fn: TinyFunction = {
        index,
        name,
        arity: 0,
        captures: 0,
        slots: 0,
        size: 0,
        cost: 0,
        code: program.code,
        places,
        inlinedCalls: [],
        inlinedRuns: new Int32Array(0),
        regions: [],
        regionRuns: new Int32Array(0),
        depths: undefined,
        initialises: -1,
        closure: new Closure(index, 0, name, []),
        paramKinds: [],
        resultKind: "any",
        cell: new CodeCell(0),
        start,
        shared,
      };
      this.functions.push(fn);
      return fn;
    };
    const first = begin(program.name, 0);
    unit.functions.forEach(({ name, code }, index) => {
      if (index !== unit.entry) labels.set(name, begin(name, code[1]!));
    });
    return first;
  }
}

/** Where a TRY goes on after a throw, and how much of its stacks there was. */
export interface TinyHandler {
  readonly address: number;
  readonly operands: number;
  readonly calls: number;
}

/**
 * All that a process of TinyTotVM code has, in one frame: `stack` holds its operands and nothing else, and grows and
 * shrinks with them (`sp` means nothing); F1 of frame.ts holds.
 */
export class TinyFrame extends Frame {
  /** return addresses, newest last */
  readonly calls: number[] = [];
  /** variables; one more than calls */
  readonly scopes: Map<string, Value>[] = [new Map()];
  /** of the TRYs that it is inside of, newest last */
  readonly handlers: TinyHandler[] = [];
  readonly shared: TinyCode;
  /** null: it never watched anybody */
  ties: TinyTies | null = null;

  constructor(fn: TinyFunction) {
    super(fn, null, []);
    this.pc = fn.start;
    this.shared = fn.shared;
  }
}
