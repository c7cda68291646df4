/**
 * Keeps the heap below its limit: one process that eats all memory dies, the others go on, V8 never aborts.
 *
 * The trick: V8 says how large its heap is in half a microsecond, so we ask every few slices. What it says includes
 * garbage; so past the limit everything is collected first, and only if the heap is still large somebody has to go: the
 * process that holds most. That is found by walking over what each process can reach, with a bound on the steps, because
 * this happens once in a long while.
 */
import type V8 from "node:v8";
import { collectGarbage } from "../host/chance.ts";
import { TinyFrame } from "../interp/tiny-program.ts";
import { type Process, rareOf, State } from "../process/process.ts";
import { Data } from "../values/value.ts";
import type { Machine } from "./machine.ts";

/** V8's limit leaves room for the young generation and for what a collection itself needs. */
const SHARE_OF_V8_LIMIT = 0.7;
/** After a collection the heap must be this much below the limit, or the next collection would follow at once. */
const ENOUGH_AFTER_COLLECTION = 0.9;
/** 2,000 reductions can make a few hundred kilobytes, so this is far below what the limit keeps free. */
const REDUCTIONS_BETWEEN_LOOKS = 8_000;
/** A process that reaches more than this many objects is large enough; all are walked within STEPS. */
const STEPS_OF_PROCESS = 2_000_000;
const STEPS = 40_000_000;
/** growth of this size counts half of what any growth can count: the walk says more */
const GROWTH_SCALE = 2 ** 28;
const FRAME_BYTES = 72;
const WORD_BYTES = 8;
/** a cons cell or a small object */
const OBJECT_BYTES = 40;

let loadedV8: typeof V8 | undefined;

/** Loaded by the first look: it brings Node's streams along, a tenth of the time that a small program takes in all. */
function v8(): typeof V8 {
  loadedV8 ??= process.getBuiltinModule("node:v8");
  return loadedV8;
}

function defaultMaxHeapBytes(): number {
  return Math.floor(v8().getHeapStatistics().heap_size_limit * SHARE_OF_V8_LIMIT);
}

function heapBytes(): number {
  const statistics = v8().getHeapStatistics();
  return statistics.used_heap_size + statistics.external_memory;
}

export class HeapGuard {
  private readonly machine: Machine;
  /** undefined until the first look, when nothing else was asked for */
  private limitBytes: number | undefined;
  private reductions = 0;
  private lastBytes = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    this.limitBytes = machine.options.maxHeapBytes;
  }

  /** Called between slices, which have used so many reductions since the last call; `process` has just run. */
  afterSlices(process: Process, reductions: number): void {
    this.reductions += reductions;
    if (this.reductions < REDUCTIONS_BETWEEN_LOOKS) return;
    this.look(process, heapBytes());
  }

  /** The same between two slices of one process that is not put down. @returns false: it has to be, and nothing is noted */
  isEnough(process: Process, reductions: number): boolean {
    if (this.reductions + reductions >= REDUCTIONS_BETWEEN_LOOKS) {
      const bytes = heapBytes();
      if (this.limitBytes === undefined || bytes > this.limitBytes) return false;
      this.look(process, bytes);
    } else this.reductions += reductions;
    return true;
  }

  private look(process: Process, bytes: number): void {
    this.reductions = 0;
    if (process.state !== State.Exited && bytes > this.lastBytes) rareOf(process).heapGrowth += bytes - this.lastBytes;
    this.lastBytes = bytes;
    this.limitBytes ??= defaultMaxHeapBytes();
    if (bytes > this.limitBytes) this.makeRoom(this.limitBytes);
  }

  private makeRoom(limitBytes: number): void {
    collectGarbage();
    while (heapBytes() > limitBytes * ENOUGH_AFTER_COLLECTION && this.machine.outcome === undefined) {
      const victim = this.largest();
      if (victim === undefined) break;
      this.machine.endOutOfMemory(victim);
      collectGarbage();
    }
    this.lastBytes = heapBytes();
  }

  private largest(): Process | undefined {
    const { pidTable } = this.machine;
    const steps = Math.min(STEPS_OF_PROCESS, Math.ceil(STEPS / Math.max(1, pidTable.count)));
    let largest: Process | undefined;
    let most = -1;
    for (const process of pidTable) {
      if (process.state === State.Idle) continue; // it has nothing that could be ended
      // what grew while it ran decides between those that are beyond counting
      const growth = process.rare?.heapGrowth ?? 0;
      const size = reachableBytes(process, steps) * (1 + growth / (growth + GROWTH_SCALE));
      if (size > most) {
        most = size;
        largest = process;
      }
    }
    return largest;
  }
}

/** About what the process holds; shared values count for each who reaches them, and twice where they are reached twice. */
export function reachableBytes(process: Process, mostSteps: number): number {
  let bytes = 0;
  let steps = 0;
  const rest: unknown[] = [process.slot, process.overflow?.items];
  // frames first: they are counted whole, without walking the values of a deep recursion one by one
  for (let frame = process.frame; frame !== null; frame = frame.parent) {
    bytes += FRAME_BYTES + frame.stack.length * WORD_BYTES;
    if (steps++ >= mostSteps) continue;
    rest.push(frame.stack);
    if (frame instanceof TinyFrame) rest.push(frame.scopes);
  }
  for (steps = 0; rest.length > 0 && steps < mostSteps; steps++) {
    const value = rest.pop();
    if (typeof value === "string") bytes += value.length;
    else if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else if (Array.isArray(value)) {
      bytes += value.length * WORD_BYTES;
      for (let i = 0; i < value.length && i < mostSteps; i++) if (isLarge(value[i])) rest.push(value[i]);
    } else if (typeof value === "object" && value !== null) {
      bytes += OBJECT_BYTES;
      const parts = value instanceof Map ? value.values() : Object.values(value);
      const type = value instanceof Data ? value.type : undefined; // the program's, not the process's
      for (const part of parts) if (isLarge(part) && part !== type) rest.push(part);
    }
  }
  return bytes;
}

function isLarge(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "object" && value !== null);
}
