/**
 * How bytes get from one scheduler to another: a ring in shared memory for each pair and direction (ring.ts), and a bell
 * for each scheduler (protocol/wake.ts).
 *
 * The trick: what a scheduler has for another is gathered in one buffer and posted at a boundary of slices, as one chunk.
 * Whoever posts rings, so one word says whether there is anything to look for.
 *
 * X1  Chunks of one scheduler arrive in the order in which they were posted, each once.
 * X2  Each chunk is posted and received by the steps of wake.ts, and so counted.
 * X3  The bell rings after bytes of a chunk that did not fit at once have been written, too. Who has bytes left is not idle.
 */
import { Writer } from "../codec/writer.ts";
import type { Memory } from "./protocol/memory.ts";
import { bellOf } from "./protocol/memory.ts";
import { postStep, receiveStep, ring } from "./protocol/wake.ts";
import { RingReader, RingWriter } from "./ring.ts";
import { ringAt, type SharedMemory } from "./shared.ts";

/** bytes for one scheduler that are worth a chunk before the turn ends */
const FULL_BYTES = 32 * 1024;
/** bytes that may wait for room before those who send have to wait */
const MOST_BACKLOG = 4 * 1024 * 1024;

class Neighbour {
  /** what is gathered for it */
  readonly gathered = new Writer();
  readonly out: RingWriter;
  readonly in: RingReader;

  constructor(shared: SharedMemory, memory: Memory, me: number, other: number) {
    const { rings, capacity } = shared;
    this.out = new RingWriter(rings, ringAt(shared, me, other), capacity);
    this.in = new RingReader(rings, () => ring(memory, other), ringAt(shared, other, me), capacity);
  }
}

export interface Chunk {
  readonly from: number;
  readonly bytes: Uint8Array;
}

export class Transport {
  private readonly memory: Memory;
  /** the same words, for the one look that each slice costs */
  private readonly bells: Int32Array;
  private readonly bell: number;
  private readonly me: number;
  /** by number; none of our own */
  private readonly neighbours: readonly (Neighbour | undefined)[];
  /** as it was before the last look at all rings */
  private bellHeard: number | undefined = undefined;
  /** a look at all rings is under way, and goes on at this one */
  private isLooking = false;
  private next = 0;

  constructor(shared: SharedMemory, memory: Memory, me: number) {
    this.memory = memory;
    this.bells = new Int32Array(shared.protocol);
    this.bell = bellOf(me);
    this.me = me;
    this.neighbours = Array.from({ length: shared.count }, (_, other) =>
      other === me ? undefined : new Neighbour(shared, memory, me, other),
    );
  }

  /** Where entries for that scheduler are gathered. */
  writerTo(scheduler: number): Writer {
    return this.neighbours[scheduler]!.gathered;
  }

  /** So much is gathered that it should be posted before the turn ends. */
  get isFull(): boolean {
    for (const neighbour of this.neighbours)
      if (neighbour !== undefined && neighbour.gathered.length > FULL_BYTES) return true;
    return false;
  }

  /** X3: posted, but there was no room for all of it. */
  get hasLeft(): boolean {
    for (const neighbour of this.neighbours) if (neighbour?.out.hasLeft === true) return true;
    return false;
  }

  /** So much waits for room on the way to that scheduler that who has something for it should wait. */
  isHeldUp(scheduler: number): boolean {
    return this.neighbours[scheduler]!.out.backlog > MOST_BACKLOG;
  }

  post(): void {
    const { memory, me } = this;
    for (let to = 0; to < this.neighbours.length; to++) {
      const neighbour = this.neighbours[to];
      if (neighbour === undefined || neighbour.gathered.length === 0) continue;
      const push = (): void => neighbour.out.write(neighbour.gathered.take());
      for (let at: number | undefined = 0; at !== undefined; ) at = postStep(memory, me, to, at, push);
    }
  }

  /** Whether the bell has rung since the last look at all rings, or that look is not over. */
  get isRung(): boolean {
    return this.isLooking || Atomics.load(this.bells, this.bell) !== this.bellHeard;
  }

  /** Whether there is anything to do for this scheduler, whatever its bell says. */
  get hasMail(): boolean {
    for (const neighbour of this.neighbours)
      if (neighbour !== undefined && (neighbour.in.hasMail || neighbour.out.canFlush)) return true;
    return false;
  }

  /** The next chunk, now counted as received; undefined: there is none. */
  take(): Chunk | undefined {
    const { memory, me, neighbours } = this;
    if (!this.isLooking) {
      this.isLooking = true;
      this.next = 0;
      this.bellHeard = memory.load(bellOf(me)); // before looking, so that nothing is missed
      this.flush();
    }
    for (; this.next < neighbours.length; this.next++) {
      const bytes = neighbours[this.next]?.in.take();
      if (bytes === undefined) continue;
      for (let at: number | undefined = 0; at !== undefined; ) at = receiveStep(memory, me, at);
      return { from: this.next, bytes };
    }
    this.isLooking = false;
    return undefined;
  }

  /** X3 */
  flush(): void {
    for (let to = 0; to < this.neighbours.length; to++) {
      const out = this.neighbours[to]?.out;
      if (out?.hasLeft !== true) continue;
      out.flush();
      ring(this.memory, to);
    }
  }
}
