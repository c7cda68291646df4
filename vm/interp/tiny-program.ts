/**
 * TinyTotVM programs in the form in which they run. One machine may run several: SPAWN loads files while it runs, and each
 * process has the code, the constants and the labels of its own.
 *
 * Stays true: what was added stays as it is and keeps its index, so a place in the code stays a place.
 */
import { instructionNumbers } from "../bytecode/tiny-builder.ts";
import type { SourceCode, Unit } from "../bytecode/unit.ts";
import { type LoadProblem, verify } from "../bytecode/verify.ts";
import { Resources } from "../host/tiny/index.ts";
import { Closure, TinyClosure, type Value } from "../values/value.ts";
import { CodeCell } from "./code-cell.ts";
import { Frame } from "./frame.ts";
import { constantToValue } from "./operations.ts";
import type { LinkedFunction, Program } from "./program.ts";
import type { TinyModule } from "./tiny/modules.ts";
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
  /** what begins at the instruction at that word */
  readonly startingAt: (at: number) => TinyFunction;
}

/** A place where a process, or a function value, can begin: the first instruction, a label, any instruction. */
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
  /** what its processes hold open outside of the machine */
  readonly resources = new Resources();
  /** by SET_ENV */
  readonly environment = new Map<string, string>();
  private readonly programs = new Map<string | undefined, TinyFunction>();
  private readonly modules = new Map<string, TinyFunction>();

  /** @param unit  verified */
  constructor(unit: Unit) {
    this.add(unit);
  }

  /** The beginning of the program that `load` gives for what SPAWN names; it is asked once for each. */
  spawned(name: string | undefined, load: () => Unit): TinyFunction | { readonly problem: LoadProblem } {
    return this.once(this.programs, name, load);
  }

  /** As `spawned`, for what IMPORT names. */
  imported(name: string, load: () => Unit): TinyFunction | { readonly problem: LoadProblem } {
    return this.once(this.modules, name, load);
  }

  private once<Name>(
    loaded: Map<Name, TinyFunction>,
    name: Name,
    load: () => Unit,
  ): TinyFunction | { readonly problem: LoadProblem } {
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const unit = load();
    const verified = verify(unit);
    if ("problem" in verified) return verified;
    const fn = this.add(unit);
    loaded.set(name, fn);
    return fn;
  }

  private add(unit: Unit): TinyFunction {
    const program = unit.functions[unit.entry]!;
    const labels = new Map<string, TinyFunction>();
    const starting = new Map<number, TinyFunction>();
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
      startingAt: (at) => {
        const known = starting.get(at);
        if (known !== undefined) return known;
        const fn = begin(program.name, at);
        starting.set(at, fn);
        return fn;
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

/** What the frames of one process share. */
export class TinyOwn {
  /** what the process began with, and begins with again when it is a child that failed */
  readonly start: Closure;
  /** null: it never watched anybody */
  ties: TinyTies | null = null;
  /** by the loader's name of it; see tiny/modules.ts */
  readonly modules = new Map<string, TinyModule>();

  constructor(start: Closure) {
    this.start = start;
  }
}

/**
 * All that a process of TinyTotVM code has, in one frame: `stack` holds its operands and nothing else, and grows and
 * shrinks with them (`sp` means nothing); F1 of frame.ts holds. A module that is being imported runs in a frame of its own,
 * whose parent is the importer's.
 */
export class TinyFrame extends Frame {
  /** return addresses, newest last */
  readonly calls: number[] = [];
  /** whose code they lie in; as many as calls */
  readonly callers: TinyFunction[] = [];
  /** variables; one more than calls */
  readonly scopes: Map<string, Value>[];
  /** of the TRYs that it is inside of, newest last */
  readonly handlers: TinyHandler[] = [];
  /** of `fn`, whose code runs now */
  shared: TinyCode;
  readonly own: TinyOwn;
  /** what CAPTURE has taken for the next MAKE_LAMBDA */
  captures = new Map<string, Value>();
  /** the loader's name of the module that it runs; "": it is a process's first */
  module = "";
  /** by EXPORT */
  readonly exports = new Map<string, Value>();

  /** @param scope  the variables that it begins with */
  constructor(fn: TinyFunction, scope: ReadonlyMap<string, Value> | null, own: TinyOwn, parent: TinyFrame | null) {
    super(fn, parent, []);
    this.pc = fn.start;
    this.shared = fn.shared;
    this.scopes = [new Map(scope)];
    this.own = own;
  }
}

/** The first frame of a process. */
export function firstTinyFrame(program: Program, closure: Closure): TinyFrame {
  const fn = program.functions[closure.functionIndex] as TinyFunction;
  const scope = closure instanceof TinyClosure ? closure.captured : null;
  return new TinyFrame(fn, scope, new TinyOwn(closure), null);
}
