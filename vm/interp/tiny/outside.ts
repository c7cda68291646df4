/**
 * How an instruction that reaches outside of the machine runs: its operands are taken and looked at, then its operation
 * (host/tiny) does the rest, at once or while the process waits.
 *
 * Stays true: an operation begins once, however often its instruction runs; the instruction that runs again takes no
 * operands, but the answer that has come.
 */
import { OPCODES, type OpcodeRow } from "../../bytecode/opcodes.ts";
import { type NativeResult, WAITING } from "../../host/native.ts";
import { asKind, NETWORKING, OPERATIONS, type Operation, type World } from "../../host/tiny/index.ts";
import { InvariantBroken } from "../../process/invariant.ts";
import { type Process, rareOf } from "../../process/process.ts";
import type { Machine } from "../../sched/machine.ts";
import type { Value } from "../../values/value.ts";
import type { TinyProgram } from "../tiny-program.ts";
import { mismatch, TinyError } from "./errors.ts";

interface Outside extends Operation {
  readonly name: string;
  readonly pushes: boolean;
  readonly needsNetwork: boolean;
}

/** by opcode; undefined: it stays inside */
const OUTSIDE: readonly (Outside | undefined)[] = (OPCODES as readonly OpcodeRow[]).map((row) => {
  const operation = row.dialect === "tiny" ? OPERATIONS.get(row.name) : undefined;
  if (operation === undefined) return undefined;
  return { ...operation, name: row.name, pushes: row.pushes > 0, needsNetwork: NETWORKING.has(row.name) };
});

/** @returns whether it is done; otherwise the process has to wait, and to run the instruction again */
export function perform(machine: Machine, process: Process, stack: Value[], opcode: number): boolean {
  const outside = OUTSIDE[opcode];
  if (outside === undefined) throw new InvariantBroken("outside", { opcode });
  const answer = takeAnswer(process);
  if (answer !== null) return push(stack, outside, answer);
  const value = begin(machine, outside, operandsOf(outside, stack));
  if (value !== WAITING) return push(stack, outside, { value });
  const early = takeAnswer(process);
  return early !== null && push(stack, outside, early);
}

function begin(machine: Machine, { name, needsNetwork, run }: Outside, operands: readonly Value[]) {
  const { resources, environment } = machine.program as TinyProgram;
  const isSeeded = machine.options.chance.holdsForHost === true;
  if (needsNetwork && isSeeded) throw new TinyError(`Unsupported operation: ${name}: a seeded run has no network`);
  const world: World = { context: machine.context, resources, environment, isSeeded };
  return run(world, ...operands);
}

/** What the process has waited for has come: the instruction that it stands on has begun before. */
export function hasAnswer(process: Process): boolean {
  return process.rare !== null && process.rare.answer !== null;
}

function takeAnswer(process: Process): NativeResult | null {
  const answer = process.rare?.answer ?? null;
  if (answer !== null) rareOf(process).answer = null;
  return answer;
}

function push(stack: Value[], { pushes }: Outside, answer: NativeResult): true {
  if ("thrown" in answer) throw new TinyError(answer.thrown as string);
  if (pushes) stack.push(answer.value);
  return true;
}

function operandsOf({ name, kinds, expects }: Outside, stack: Value[]): Value[] {
  const given: Value[] = [];
  for (let left = kinds.length; left > 0; left--) {
    const value = stack.pop();
    if (value === undefined) throw new TinyError(`Stack underflow during ${name}`);
    given.unshift(value);
  }
  return given.map((value, i) => {
    const wanted = asKind(kinds[i]!, value);
    if (wanted === undefined) throw mismatch(name, expects, ...given);
    return wanted;
  });
}
