/**
 * Makes a Unit of TinyTotVM code out of its instructions: what the assembler, the reader of TinyTotVM's own files and the
 * templates share.
 *
 * Targets are given as TinyTotVM gives them, as the number of an instruction. A HALT is appended, and every target past
 * the end means it: TinyTotVM ends a program normally that runs off its end.
 * Stays true: a jump to itself goes on behind itself, as TinyTotVM's does (it steps whenever the address has not changed).
 */
import { OP, OPCODES, type OpcodeRow, type OpName } from "./opcodes.ts";
import type { Constant, DataType, FunctionCode, Unit } from "./unit.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;
const I32_MAX = 2 ** 31 - 1;

export class TinyUnitBuilder {
  private readonly code: number[] = [];
  /** word offset of each instruction */
  private readonly starts: number[] = [];
  /** words that hold the number of an instruction until the end */
  private readonly targets: number[] = [];
  private readonly places: number[] = [];
  private readonly constants: Constant[] = [];
  private readonly constantIndex = new Map<string, number>();
  private readonly parameterLists: DataType[] = [];
  private readonly labels = new Map<string, number>();

  /** How many instructions there are. */
  get count(): number {
    return this.starts.length;
  }

  /** What is added from here on stands at this offset of the source. */
  at(offset: number): void {
    this.places.push(this.code.length, 0, offset);
  }

  plain(name: OpName): void {
    this.add(name);
  }

  /** An instruction whose operand is a text: a String, or a name. */
  text(name: OpName, value: string): void {
    this.add(name, this.constant({ kind: "String", value }, `s${value}`));
  }

  pushInt(value: bigint): void {
    if (BigInt.asIntN(32, value) === value) this.add("PUSH_INT", Number(value));
    else this.add("PUSH_CONST", this.constant({ kind: "Int", value }, `i${value}`));
  }

  pushFloat(value: number): void {
    const key = Object.is(value, -0) ? "f-0" : `f${value}`;
    this.add("PUSH_FLOAT", this.constant({ kind: "Float", value }, key));
  }

  /** @param pid  64 bits without sign; one that no process can have stays one */
  process(name: "SEND" | "LINK" | "UNLINK" | "MONITOR", pid: bigint): void {
    const value = BigInt.asIntN(64, pid);
    this.add(name, this.constant({ kind: "Int", value }, `i${value}`));
  }

  makeList(count: number): void {
    this.add("MAKE_LIST", Math.min(count, I32_MAX)); // so many operands there never are
  }

  jump(name: "JMP" | "JZ" | "TRY", target: number): void {
    this.add(name, this.targetOf(target));
    this.targets.push(this.code.length - 1);
  }

  /**
   * What has a target and parameters.
   * @param names  of the parameters, no two alike; the first gets the deepest operand
   */
  call(name: "CALL" | "MAKE_FUNCTION" | "MAKE_LAMBDA", target: number, names: readonly string[]): void {
    const type: DataType = {
      sort: "struct", module: "", type: "", name: "", arity: names.length, fieldNames: names, tag: 0, isMutable: false,
    }; // biome-ignore format: short
    this.add(name, name === "CALL" ? this.targetOf(target) : target, this.parameterLists.push(type) - 1);
    this.targets.push(this.code.length - 2);
  }

  /** A name for the next instruction; the last of two equal names counts. */
  label(name: string): void {
    this.labels.set(name, this.count);
  }

  /** @param source  where the places lie; undefined: nowhere that could be shown */
  finish(name: string, source: { readonly path: string; readonly text: string } | undefined): Unit {
    const end = this.count;
    this.add("HALT");
    for (const word of this.targets) this.code[word] = this.starts[Math.min(this.code[word]!, end)]!;
    const fn = (called: string, code: Int32Array, places: readonly number[]): FunctionCode => ({
      name: called, arity: 0, captures: 0, slots: 0, paramKinds: [], resultKind: "any", code, places: Int32Array.from(places),
    }); // biome-ignore format: short
    const functions = [fn(name, Int32Array.from(this.code), source === undefined ? [] : this.places)];
    for (const [label, index] of this.labels) {
      functions.push(fn(label, Int32Array.of(OP.JMP, this.starts[index]!), []));
    }
    return {
      isTinyTotVM: true,
      constants: this.constants,
      dataTypes: this.parameterLists,
      functions,
      mvars: [],
      globals: [],
      lockSets: [],
      natives: [],
      sources: source === undefined ? [] : [{ path: source.path, lineStarts: lineStartsOf(source.text) }],
      entry: 0,
    };
  }

  private add(name: OpName, ...operands: readonly number[]): void {
    this.starts.push(this.code.length);
    this.code.push(OP[name], ...operands);
  }

  private targetOf(target: number): number {
    const own = this.count; // of the instruction that is about to be added
    return target === own ? own + 1 : target;
  }

  private constant(constant: Constant, key: string): number {
    const known = this.constantIndex.get(key);
    if (known !== undefined) return known;
    const index = this.constants.push(constant) - 1;
    this.constantIndex.set(key, index);
    return index;
  }
}

/** For each word at which an instruction starts its number, as TinyTotVM counts: the HALT at the end too. */
export function instructionNumbers(code: Int32Array): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (let at = 0; at < code.length; at += 1 + ROWS[code[at]!]!.operands.length) numbers.set(at, numbers.size);
  return numbers;
}

function lineStartsOf(text: string): Int32Array {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return Int32Array.from(starts);
}
