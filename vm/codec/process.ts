/**
 * A whole process as bytes, for the scheduler that it moves to.
 *
 *   pid, start, reductions, flags, [deadline], tail calls, scan
 *   frames      how many; of each, newest first: function, pc, sp
 *   ties        [trapsExits, links, unlinking, watchers, watched]
 *   caught      how many; of each: function, word, [trace]
 *   messages    how many
 *   values      one row: what was caught, what lies on the stacks, the messages
 *
 * The trick: all values are one row for the codec, so what frames and messages share stays shared. What was caught comes
 * first and is remembered: a value that is thrown on is found by its identity.
 * Only a ready process travels. Its timer does not: RECEIVE sets another one from the deadline when it finds nothing.
 *
 * T1  A refused process leaves the writer as it was, and nothing of the process is changed.
 * T2  Marks of the mailbox (process/mailbox.ts, M4) stay behind: they only make a scan shorter.
 */
import { Frame } from "../interp/frame.ts";
import { ThrownTrace } from "../interp/trace.ts";
import type { Caught } from "../interp/unwind.ts";
import { InvariantBroken } from "../process/invariant.ts";
import { mailboxPut } from "../process/mailbox.ts";
import { Process, rareOf } from "../process/process.ts";
import { type Ties, tiesOf } from "../process/signals.ts";
import type { Value } from "../values/value.ts";
import { decodeRow } from "./decode.ts";
import { type CodecContext, encodeRow, type Refusal } from "./encode.ts";
import type { Reader } from "./reader.ts";
import { MessageTooLong, type Writer } from "./writer.ts";

const HOLDS_MUTABLES = 1;
const HAS_DEADLINE = 2;
const HAS_NAME = 4;
const HAS_TIES = 8;

/** Appends the process. @returns why it cannot travel */
export function encodeProcess(writer: Writer, process: Process, context: CodecContext): Refusal | undefined {
  const start = writer.length;
  let refusal: Refusal | undefined;
  try {
    refusal = write(writer, process, context);
  } catch (problem) {
    if (!(problem instanceof MessageTooLong)) throw problem;
    refusal = { reason: "too-long" };
  }
  if (refusal !== undefined) writer.length = start;
  return refusal;
}

function write(writer: Writer, process: Process, context: CodecContext): Refusal | undefined {
  const { rare } = process;
  const caught = rare?.caught ?? [];
  const ties = rare?.ties ?? null;
  const values: (Value | undefined)[] = caught.map(({ value }) => value);
  writer.writeVarUint(process.id);
  writer.writeVarUint(process.startedMs);
  writer.writeVarUint(process.reductions);
  writer.writeU8(
    (process.mayHoldMutables ? HOLDS_MUTABLES : 0) |
      (process.hasDeadline ? HAS_DEADLINE : 0) |
      (rare?.hasName === true ? HAS_NAME : 0) |
      (ties === null ? 0 : HAS_TIES),
  );
  if (process.hasDeadline) writer.writeF64(rare!.deadlineMs);
  writeTailCalls(writer, process.tailCalls);
  const messages = writeScan(writer, process);
  writer.writeVarUint(process.depth);
  for (let frame = process.frame; frame !== null; frame = frame.parent) {
    writer.writeVarUint(frame.fn.index);
    writer.writeVarUint(frame.pc);
    writer.writeVarUint(frame.sp);
    for (let i = 0; i < frame.sp; i++) values.push(frame.stack[i]);
  }
  if (ties !== null) writeTies(writer, ties);
  writer.writeVarUint(caught.length);
  for (const each of caught) writeCaught(writer, each);
  writer.writeVarUint(messages.length);
  for (const message of messages) values.push(message);
  return encodeRow(writer, values, caught.length > 0, context);
}

/** The process, which is in no table and in no queue, and whose state is Ready. */
export function decodeProcess(reader: Reader, context: CodecContext): Process {
  const { program } = context;
  const process = new Process(reader.readVarUint(), null, reader.readVarUint());
  process.reductions = reader.readVarUint();
  const flags = reader.readU8();
  process.mayHoldMutables = (flags & HOLDS_MUTABLES) !== 0;
  process.hasDeadline = (flags & HAS_DEADLINE) !== 0;
  if (process.hasDeadline) rareOf(process).deadlineMs = reader.readF64();
  if ((flags & HAS_NAME) !== 0) rareOf(process).hasName = true;
  process.tailCalls = readTailCalls(reader);
  const scan = reader.readVarUint();
  const depth = reader.readVarUint();
  const frames: Frame[] = [];
  let count = 0;
  for (let i = 0; i < depth; i++) {
    const fn = program.functions[reader.readVarUint()];
    if (fn === undefined) throw new InvariantBroken("T1", { pid: process.id });
    const frame = new Frame(fn, null, new Array(fn.size));
    frame.pc = reader.readVarUint();
    frame.sp = reader.readVarUint();
    if (i > 0) frames[i - 1]!.parent = frame;
    frames.push(frame);
    count += frame.sp;
  }
  process.frame = frames[0]!;
  process.depth = depth;
  if ((flags & HAS_TIES) !== 0) readTies(reader, tiesOf(process));
  const caught = Array.from({ length: reader.readVarUint() }, () => readCaught(reader, context));
  const messages = reader.readVarUint();
  const values = decodeRow(reader, caught.length + count + messages, context);
  let at = 0;
  for (const each of caught) each.value = values[at++]!;
  if (caught.length > 0) rareOf(process).caught = caught;
  for (const { stack, sp } of frames) for (let i = 0; i < sp; i++) stack[i] = values[at++];
  while (at < values.length) mailboxPut(process, values[at++]!);
  process.scan = scan;
  return process;
}

function writeTailCalls(writer: Writer, tailCalls: Process["tailCalls"]): void {
  const calls = tailCalls === null ? [] : typeof tailCalls === "number" ? [tailCalls] : tailCalls;
  writer.writeVarUint(calls.length);
  for (const each of calls) writer.writeVarUint(each);
}

/** A single call is one number; a ring has three at least. */
function readTailCalls(reader: Reader): Process["tailCalls"] {
  const calls = readNumbers(reader);
  return calls.length === 0 ? null : calls.length === 1 ? calls[0]! : calls;
}

function readNumbers(reader: Reader): number[] {
  return Array.from({ length: reader.readVarUint() }, () => reader.readVarUint());
}

/** The place at which the scan goes on, gaps left out. @returns the messages */
function writeScan(writer: Writer, { slot, overflow, scan }: Process): Value[] {
  const messages: Value[] = slot === undefined ? [] : [slot];
  let passed = Math.min(scan, messages.length);
  if (overflow !== null) {
    const { items, head } = overflow;
    for (let i = head; i < items.length; i++) {
      const item = items[i];
      if (item === undefined) continue;
      messages.push(item);
      if (i - head + 1 < scan) passed++;
    }
  }
  writer.writeVarUint(passed);
  return messages;
}

function writeTies(writer: Writer, ties: Ties): void {
  writer.writeU8(ties.trapsExits ? 1 : 0);
  writer.writeVarUint(ties.links.size);
  for (const pid of ties.links) writer.writeVarUint(pid);
  for (const pairs of [ties.unlinking ?? [], ties.watchers, ties.watched]) {
    const all = [...pairs];
    writer.writeVarUint(all.length);
    for (const [key, value] of all) {
      writer.writeVarUint(key);
      writer.writeVarUint(value);
    }
  }
}

function readTies(reader: Reader, ties: Ties): void {
  ties.trapsExits = reader.readU8() === 1;
  for (const pid of readNumbers(reader)) ties.links.add(pid);
  ties.unlinking = new Map();
  for (const pairs of [ties.unlinking, ties.watchers, ties.watched]) {
    for (let left = reader.readVarUint(); left > 0; left--) pairs.set(reader.readVarUint(), reader.readVarUint());
  }
}

function writeCaught(writer: Writer, { trace, fn, at }: Caught): void {
  writer.writeVarUint(fn.index);
  writer.writeVarUint(at);
  writer.writeU8(trace === undefined ? 0 : 1);
  if (trace === undefined) return;
  for (const numbers of [trace.inner, trace.outer]) {
    writer.writeVarUint(numbers.length);
    for (const each of numbers) writer.writeVarUint(each);
  }
  writer.writeVarUint(trace.count);
}

/** Its value comes later. */
function readCaught(reader: Reader, { program }: CodecContext): Caught {
  const fn = program.functions[reader.readVarUint()]!;
  const at = reader.readVarUint();
  let trace: ThrownTrace | undefined;
  if (reader.readU8() === 1) {
    trace = new ThrownTrace();
    trace.inner.push(...readNumbers(reader));
    trace.outer.push(...readNumbers(reader));
    trace.count = reader.readVarUint();
  }
  return { value: 0, trace, fn, at };
}
