/**
 * Instructions become words: labels become addresses, everything named becomes an index into the unit's tables.
 *
 * Only what is reached from the entry gets an index, so constants, types and functions that the optimiser made useless
 * are not in the unit. Slots are packed to what the code still uses.
 * Stays true: every instruction that may throw, call or wait has its own entry in the table of places.
 */
import type { SourceFile, Span } from "../../grammar/source.ts";
import { OP, type OperandRole } from "../../vm/bytecode/opcodes.ts";
import {
  type Constant, type DataType, entryCost, type FunctionCode, type GlobalCode, type InlinedCall, type SourceCode, type Unit,
} from "../../vm/bytecode/unit.ts"; // biome-ignore format: a table
import type { Global, Mvar } from "../core.ts";
import {
  type FunctionSource,
  type InlinedFrame,
  type Instruction,
  LABEL,
  Label,
  type LoweredFunction,
  type Operand,
  ROWS,
  usedPlaces,
} from "../lower/instructions.ts";
import { InvariantBroken } from "../lower/invariant.ts";
import type { LoweredProgram } from "../lower/program.ts";
import { constantKey, dataTypeKey } from "../match/build.ts";

/** An index for each different key, in order of first use. */
class Table<T> {
  readonly items: T[] = [];
  private readonly indexes = new Map<unknown, number>();

  indexOf(key: unknown, item: () => T): number {
    let index = this.indexes.get(key);
    if (index === undefined) {
      index = this.items.length;
      this.indexes.set(key, index);
      this.items.push(item());
    }
    return index;
  }
}

export function assemble(program: LoweredProgram): Unit {
  return new Assembler(program).run();
}

class Assembler {
  private readonly program: LoweredProgram;
  private readonly lowered: ReadonlyMap<FunctionSource, LoweredFunction>;
  private readonly constants = new Table<Constant>();
  private readonly dataTypes = new Table<DataType>();
  private readonly functions = new Table<FunctionSource>();
  private readonly globals = new Table<Global>();
  private readonly lockSets = new Table<readonly number[]>();
  private readonly natives = new Table<string>();
  private readonly sources = new Table<SourceFile>();
  private readonly mvars: ReadonlyMap<Mvar, number>;

  constructor(program: LoweredProgram) {
    this.program = program;
    this.lowered = new Map(program.functions.map((fn) => [fn.source, fn]));
    this.mvars = new Map(program.mvars.map((mvar, index) => [mvar, index]));
  }

  run(): Unit {
    const entry = this.functionIndex(this.program.entry);
    for (const kept of this.program.kept) this.functionIndex(kept);
    for (const type of this.program.keptTypes) this.dataTypes.indexOf(dataTypeKey(type), () => type);
    const functions: FunctionCode[] = [];
    const globals: GlobalCode[] = [];
    // functions and globals name more functions while they are written
    while (functions.length < this.functions.items.length || globals.length < this.globals.items.length) {
      const source = this.functions.items[functions.length];
      if (source !== undefined) functions.push(this.functionCode(this.lowered.get(source)!));
      const global = this.globals.items[globals.length];
      if (global !== undefined) globals.push(this.globalCode(global));
    }
    return {
      constants: this.constants.items,
      dataTypes: this.dataTypes.items,
      functions,
      mvars: this.program.mvars.map(({ name, module }) => ({ name, module })),
      globals,
      lockSets: this.lockSets.items,
      natives: this.natives.items,
      sources: this.sources.items.map(sourceCode),
      entry,
    };
  }

  private functionIndex(source: FunctionSource): number {
    return this.functions.indexOf(source, () => source);
  }

  private globalCode(global: Global): GlobalCode {
    const init = this.program.initialisers.get(global);
    return { name: global.name, module: global.module, init: init === undefined ? -1 : this.functionIndex(init) };
  }

  private functionCode(fn: LoweredFunction): FunctionCode {
    const { source, code, slots } = fn;
    let size = 0;
    for (const { a } of code) if (a instanceof Label) a.position = -1;
    for (const { op, a } of code) {
      if (op === LABEL) (a as Label).position = size;
      else size += 1 + ROWS[op]!.operands.length;
    }
    const fixed = source.params.length + source.captures.length;
    const used = usedPlaces(fn);
    const cost = fn.cost ?? entryCost(fixed + used.size);
    const packed = new Map([...used].sort((x, y) => x - y).map((place, index) => [place, fixed + index]));
    const slotOf = (variable: number): number => {
      const place = slots.placeOf(variable);
      return packed.get(place) ?? place;
    };
    const words = new Int32Array(size);
    const places: number[] = [];
    const inlinedCalls = new Table<InlinedCall>();
    const inlinedRuns: number[] = [];
    let at = 0;
    let lastPlace = "";
    let lastInlined: InlinedFrame | undefined;
    for (const instruction of code) {
      const { op, a, b, span } = instruction;
      if (op === LABEL) continue;
      if (span !== undefined && (needsPlace(instruction) || instruction.inlined !== lastInlined)) {
        const place = [this.sourceIndex(span), span.start] as const;
        if (lastPlace !== place.join()) places.push(at, ...place);
        lastPlace = place.join();
        if (instruction.inlined !== lastInlined) {
          inlinedRuns.push(at, this.inlinedIndex(inlinedCalls, instruction.inlined));
          lastInlined = instruction.inlined;
        }
      }
      words[at] = op;
      at += 1;
      const roles = ROWS[op]!.operands;
      for (const [position, role] of roles.entries()) {
        if (role === "slot") words[at] = slotOf(a as number);
        else if (position === 1) words[at] = role === "cost" && b === 0 ? cost : b;
        else words[at] = this.operand(role, a, words.length);
        at += 1;
      }
    }
    return {
      name: source.name,
      arity: source.params.length,
      captures: source.captures.length,
      slots: fixed + used.size,
      paramKinds: source.paramKinds,
      resultKind: source.resultKind,
      code: words,
      places: Int32Array.from(places),
      cost,
      ...(inlinedRuns.length > 0 && {
        inlinedCalls: inlinedCalls.items,
        inlinedRuns: Int32Array.from(inlinedRuns),
      }),
    };
  }

  private inlinedIndex(calls: Table<InlinedCall>, frame: InlinedFrame | undefined): number {
    if (frame === undefined) return -1;
    const parent = this.inlinedIndex(calls, frame.parent);
    const source = frame.span === undefined ? -1 : this.sourceIndex(frame.span);
    const offset = frame.span?.start ?? 0;
    return calls.indexOf([frame.name, parent, source, offset].join("\n"), () => {
      return { name: frame.name, parent, source, offset };
    });
  }

  private operand(role: OperandRole, value: Operand, size: number): number {
    switch (role) {
      case "i32":
      case "slot":
      case "count":
      case "position":
      case "valueKind":
      case "cost":
        return value as number;
      case "address": {
        const { position } = value as Label;
        if (position < 0 || position >= size) throw new InvariantBroken("L2", "a jump to a label that stands nowhere");
        return position;
      }
      case "const":
        return this.constants.indexOf(constantKey(value as Constant), () => value as Constant);
      case "function":
        return this.functionIndex(value as FunctionSource);
      case "native":
        return this.natives.indexOf(value, () => value as string);
      case "dataType": {
        const type = value as DataType;
        // the same constructor may be described by two objects; fields and flags belong to its identity in a table
        const key = `${dataTypeKey(type)}\n${type.arity} ${type.tag} ${type.isMutable} ${type.fieldNames?.join(" ")}`;
        return this.dataTypes.indexOf(key, () => type);
      }
      case "mvar":
        return this.mvars.get(value as Mvar)!;
      case "global":
        return this.globals.indexOf(value, () => value as Global);
      case "lockSet": {
        const set = (value as readonly Mvar[]).map((mvar) => this.mvars.get(mvar)!);
        return this.lockSets.indexOf(set.join(), () => set);
      }
    }
  }

  private sourceIndex(span: Span): number {
    return this.sources.indexOf(span.source, () => span.source);
  }
}

const WAITING_OPS: ReadonlySet<number> = new Set([
  OP["CALL.fn"], OP["CALL_FUNCTION.fn"], OP.TAIL_CALL, OP.TAIL_CALL_FUNCTION, OP.CALL_NATIVE, OP["SLEEP.val"], OP["RECEIVE.match"],
  OP.MVAR_LOCK, OP.LOAD_GLOBAL, OP["SPAWN.fn"], OP.ENTER, OP.REENTER, OP.NOTE_TAIL_CALL,
]); // biome-ignore format: a table

/** May show in a trace or a report. */
function needsPlace({ op }: Instruction): boolean {
  return ROWS[op]!.fails.length > 0 || WAITING_OPS.has(op);
}

function sourceCode(source: SourceFile): SourceCode {
  const starts = [0];
  for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1)) starts.push(at + 1);
  return { path: source.path, lineStarts: Int32Array.from(starts) };
}
