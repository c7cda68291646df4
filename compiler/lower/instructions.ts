/**
 * Code before it has addresses: instructions whose operands are still the things they mean.
 *
 * The trick: an operand is the object itself (a constant, a function, a label), so nothing has to be renumbered when
 * the optimiser moves or drops code; only assemble/ turns objects into indexes. Slots are variables, numbered once
 * each; `SlotTable` knows the place in the frame that a variable was given.
 *
 * L1  The operand depth at a label is the same on every way to it.
 * L2  Nothing is emitted where control cannot come; `isReachable` says so, and a label that is jumped to ends that.
 */
import type { Span } from "../../grammar/source.ts";
import { nameOf, OP, OPCODES, type OpcodeRow, type OpName } from "../../vm/bytecode/opcodes.ts";
import type { Constant, DataType, Kind } from "../../vm/bytecode/unit.ts";
import type { Core, Global, Local, Mvar } from "../core.ts";
import { InvariantBroken } from "./invariant.ts";

export class Label {
  /** operands on the stack where it stands; -1: nothing has jumped to it yet */
  depth = -1;
  /** for the pass at work: the first instruction behind it, or its address */
  position = -1;
}

/** A function to be lowered: a named one, or a lambda with what it captures. */
export interface FunctionSource {
  readonly name: string;
  readonly span: Span;
  readonly params: readonly Local[];
  readonly paramKinds: readonly Kind[];
  readonly resultKind: Kind;
  readonly captures: readonly Local[];
  /** the local by which a lambda without other captures names itself: no capture is needed */
  readonly self: Local | undefined;
  readonly body: Core;
}

/** The first operand of an instruction; by the role in its row. `undefined` when it has none. */
export type Operand =
  | number
  | string
  | Label
  | Constant
  | FunctionSource
  | DataType
  | Mvar
  | Global
  | readonly Mvar[]
  | undefined;

export interface Instruction {
  /** index of the opcode's row, or LABEL */
  readonly op: number;
  readonly a: Operand;
  /** the count of those that name something and count operands; of REENTER the cost, 0 being the function's own */
  readonly b: number;
  readonly span: Span | undefined;
  /** the inlined call in whose code it stands; undefined: the function's own */
  readonly inlined: InlinedFrame | undefined;
}

/** A call whose function's code stands in its place: a frame for traces only. */
export interface InlinedFrame {
  readonly name: string;
  readonly parent: InlinedFrame | undefined;
  /** of the call; undefined: it was a tail call, so the function's own frame is gone */
  readonly span: Span | undefined;
}

/** Pseudo opcode: the place of a label. */
export const LABEL = -1;

export const ROWS: readonly OpcodeRow[] = OPCODES;

export function popsOf(instruction: Instruction): number {
  const { pops } = ROWS[instruction.op]!;
  if (typeof pops === "number") return pops;
  const count = pops.operand === 0 ? (instruction.a as number) : instruction.b;
  return count * (pops.times ?? 1) + pops.plus;
}

/** Variables of a function, each with its place in the frame; places are used again when a scope ends. */
export class SlotTable {
  private readonly places: number[] = [];
  private next = 0;

  /** A new variable; its place is the first one above those that are in use. */
  add(): number {
    this.places.push(this.next);
    this.next += 1;
    return this.places.length - 1;
  }

  /** A new variable at a place of the caller's choice. */
  addAt(place: number): number {
    this.next = Math.max(this.next, place + 1);
    return this.places.push(place) - 1;
  }

  copy(): SlotTable {
    const table = new SlotTable();
    for (const place of this.places) table.places.push(place);
    table.next = this.next;
    return table;
  }

  /** How many places all variables take together. */
  get size(): number {
    return this.places.reduce((size, place) => Math.max(size, place + 1), 0);
  }

  /** First free place: to be given to `release` at the end of a scope. */
  mark(): number {
    return this.next;
  }

  release(mark: number): void {
    this.next = mark;
  }

  placeOf(variable: number): number {
    return this.places[variable]!;
  }
}

/** The instructions of one function in the making. */
export class CodeBuilder {
  readonly code: Instruction[] = [];
  readonly slots = new SlotTable();
  depth = 0;
  isReachable = true;
  /** place in the source that the next instructions get */
  span: Span | undefined;

  emit(name: OpName, a?: Operand, b = 0): void {
    if (!this.isReachable) return; // L2
    const instruction: Instruction = { op: OP[name], a, b, span: this.span, inlined: undefined };
    const row = ROWS[instruction.op]!;
    const pops = popsOf(instruction);
    if (this.depth < pops) throw new InvariantBroken("L1", `${nameOf(row)} takes ${pops} operands of ${this.depth}`);
    this.depth -= pops;
    if (a instanceof Label) this.reach(a, name === "TRY" ? this.depth + 1 : this.depth);
    this.depth += row.pushes;
    this.code.push(instruction);
    if (row.flow === "jump" || row.flow === "end") this.isReachable = false;
  }

  place(label: Label): void {
    if (this.isReachable) this.reach(label, this.depth);
    if (label.depth < 0) return; // nobody comes here
    this.depth = label.depth;
    this.isReachable = true;
    this.code.push({ op: LABEL, a: label, b: 0, span: undefined, inlined: undefined });
  }

  /** The head of a loop: jumped to from below. */
  placeNew(): Label {
    const label = new Label();
    this.place(label);
    return label;
  }

  /** The shortest instruction that pushes a constant. */
  push(constant: Constant): void {
    const [name, operand] = pushOf(constant);
    this.emit(name, operand);
  }

  private reach(label: Label, depth: number): void {
    if (label.depth >= 0 && label.depth !== depth)
      throw new InvariantBroken("L1", `${label.depth} operands, then ${depth}`);
    label.depth = depth;
  }
}

const I32_MAX = 2n ** 31n - 1n;

export function pushOf(constant: Constant): [OpName, Operand] {
  switch (constant.kind) {
    case "Int":
      if (constant.value <= I32_MAX && constant.value >= -I32_MAX - 1n) return ["PUSH_INT", Number(constant.value)];
      return ["PUSH_CONST", constant];
    case "Float":
      return ["PUSH_FLOAT", constant];
    case "String":
      return ["PUSH_STR", constant];
    case "Bool":
      return [constant.value ? "TRUE" : "FALSE", undefined];
    case "Unit":
      return ["PUSH_UNIT", undefined];
    default:
      return ["PUSH_CONST", constant];
  }
}

/** What a pushing instruction pushes, if that is a constant. */
export function pushedConstant(instruction: Instruction | undefined): Constant | undefined {
  switch (instruction?.op) {
    case OP.PUSH_INT:
      return { kind: "Int", value: BigInt(instruction.a as number) };
    case OP.PUSH_FLOAT:
    case OP.PUSH_STR:
    case OP.PUSH_CONST:
      return instruction.a as Constant;
    case OP.TRUE:
      return { kind: "Bool", value: true };
    case OP.FALSE:
      return { kind: "Bool", value: false };
    case OP.PUSH_UNIT:
      return { kind: "Unit" };
    default:
      return undefined;
  }
}

/** A function as lowering leaves it, the optimiser changes it and the assembler takes it. */
export interface LoweredFunction {
  readonly source: FunctionSource;
  readonly code: readonly Instruction[];
  readonly slots: SlotTable;
  /** reductions at entry, if something else than its slots say */
  readonly cost?: number;
}

/** Places in the frame that are used beside those of parameters and captures. */
export function usedPlaces({ source, code, slots }: LoweredFunction): Set<number> {
  const fixed = source.params.length + source.captures.length;
  const used = new Set<number>();
  for (const { op, a } of code) {
    if (op === LABEL || ROWS[op]!.operands[0] !== "slot") continue;
    const place = slots.placeOf(a as number);
    if (place >= fixed) used.add(place);
  }
  return used;
}
