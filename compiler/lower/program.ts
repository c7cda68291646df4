/**
 * All functions of a program, from its entry on: what nothing reaches is never lowered.
 *
 * Lambdas become functions of their own on the same list, so nesting of lambdas costs no stack.
 * Mvars get their first values in a function before the entry, in the order of their declarations.
 */

import type { DataType } from "../../vm/bytecode/unit.ts";
import type { FunctionEffects } from "../checks/effects.ts";
import { ProgramEffects } from "../checks/effects.ts";
import type { Core, CoreFunction, CoreProgram, Global, Mvar } from "../core.ts";
import { type Captures, findCaptures } from "./captures.ts";
import { FunctionLowering, type ProgramView } from "./function.ts";
import type { FunctionSource, LoweredFunction } from "./instructions.ts";

/** All functions of the program's own are kept. */
export interface KeepOptions {
  /** the entry is an ordinary function too: what the machine starts with only sets the mvars */
  readonly entryIsMain: boolean;
  /** these are in the unit too, also unused */
  readonly dataTypes: readonly DataType[];
}

export interface LoweredProgram {
  readonly functions: readonly LoweredFunction[];
  /** functions that are in the unit although the entry may not reach them */
  readonly kept: readonly FunctionSource[];
  readonly keptTypes: readonly DataType[];
  readonly entry: FunctionSource;
  /** the function that computes a lazy global */
  readonly initialisers: ReadonlyMap<Global, FunctionSource>;
  /** in locking order */
  readonly mvars: readonly Mvar[];
}

export function lowerToInstructions(program: CoreProgram, keep?: KeepOptions): LoweredProgram {
  return new ProgramLowering(program).run(keep);
}

class ProgramLowering implements ProgramView {
  private readonly program: CoreProgram;
  private readonly effects: ProgramEffects | undefined;
  private readonly order: ReadonlyMap<Mvar, number>;
  private readonly sources = new Map<CoreFunction | Core | Global, FunctionSource>();
  private readonly capturesOf = new Map<FunctionSource, Captures>();
  private readonly initialisers = new Map<Global, FunctionSource>();
  private readonly todo: FunctionSource[] = [];
  private start: FunctionSource | undefined;

  constructor(program: CoreProgram) {
    this.program = program;
    this.effects = program.mvars.length === 0 ? undefined : new ProgramEffects(program);
    const mvars = program.mvars.map((mvar, declared) => ({ mvar, declared }));
    mvars.sort((a, b) =>
      a.mvar.module < b.mvar.module ? -1 : a.mvar.module > b.mvar.module ? 1 : a.declared - b.declared,
    );
    this.order = new Map(mvars.map(({ mvar }, index) => [mvar, index]));
  }

  run(keep: KeepOptions | undefined): LoweredProgram {
    const entry = this.functionSource(this.entryWithMvars(keep?.entryIsMain === true));
    const named = keep?.entryIsMain === true ? [this.program.entry, ...this.program.functions] : this.program.functions;
    const kept = keep === undefined ? [] : named.map((fn) => this.functionSource(fn));
    this.start = entry;
    const functions: LoweredFunction[] = [];
    for (let source = this.todo.pop(); source !== undefined; source = this.todo.pop()) {
      functions.push(new FunctionLowering(source, this.capturesOf.get(source)!, this).run());
    }
    return {
      functions,
      entry,
      kept,
      keptTypes: keep?.dataTypes ?? [],
      initialisers: this.initialisers,
      mvars: [...this.order.keys()],
    };
  }

  sourceOf(core: Core & { kind: "function" | "call" }): FunctionSource {
    return this.functionSource(core.function);
  }

  lambdaSource(core: Core & { kind: "lambda" }, captures: Captures): FunctionSource {
    const known = this.sources.get(core);
    if (known !== undefined) return known;
    const needed = captures.ofLambda.get(core)!;
    const isSelfAlone =
      needed.length === 1 && core.self !== undefined && needed[0] === core.self && !captures.cells.has(core.self);
    const source: FunctionSource = {
      name: core.name,
      span: core.span,
      params: core.params,
      paramKinds: core.params.map((param) => param.kind),
      resultKind: "any",
      captures: isSelfAlone ? [] : needed,
      self: isSelfAlone ? core.self : undefined,
      body: core.body,
    };
    return this.add(core, source, captures);
  }

  effectsOf(source: FunctionSource): FunctionEffects | undefined {
    // before the program runs there is nobody to keep out
    return source === this.start ? undefined : this.effects?.of(source.body);
  }

  lockOrderOf(mvar: Mvar): number {
    return this.order.get(mvar)!;
  }

  globalUsed(global: Global): void {
    if (global.init === undefined || this.initialisers.has(global)) return;
    const fn = asFunction(`<${global.name}>`, global.span, global.init);
    this.initialisers.set(global, this.add(global, sourceOfFunction(fn), findCaptures(fn)));
  }

  constructorOf(module: string, type: string): DataType {
    // IS_TYPE looks at the module and the type alone, so any constructor does, also one that nobody declared
    return { sort: "variant", module, type, name: "", arity: 0, tag: 0, isMutable: false };
  }

  private functionSource(fn: CoreFunction): FunctionSource {
    return this.sources.get(fn) ?? this.add(fn, sourceOfFunction(fn), findCaptures(fn));
  }

  private add(key: CoreFunction | Core | Global, source: FunctionSource, captures: Captures): FunctionSource {
    this.sources.set(key, source);
    this.capturesOf.set(source, captures);
    this.todo.push(source);
    return source;
  }

  private entryWithMvars(isWithoutMain: boolean): CoreFunction {
    const { entry } = this.program;
    const mvars = this.program.mvars.filter((mvar) => mvar.isSet !== true);
    if (mvars.length === 0 && !isWithoutMain) return entry;
    const { span } = entry;
    const inits = mvars.map((mvar): Core => ({ kind: "assignMvar", mvar, value: mvar.init, span: mvar.span }));
    return asFunction("<start>", span, {
      kind: "block",
      statements: [
        ...inits,
        isWithoutMain
          ? { kind: "const", value: { kind: "Unit" }, span }
          : { kind: "call", function: entry, args: [], span },
      ],
      span,
    });
  }
}

function asFunction(name: string, span: CoreFunction["span"], body: Core): CoreFunction {
  return { kind: "function", name, span, params: [], paramKinds: [], resultKind: "any", body };
}

function sourceOfFunction(fn: CoreFunction): FunctionSource {
  const { name, span, params, paramKinds, resultKind, body } = fn;
  return { name, span, params, paramKinds, resultKind, captures: [], self: undefined, body };
}
