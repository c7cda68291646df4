/**
 * Which scheduler has a process: the bytes that vm/cluster/protocol/forward.ts calls its place, and who gives out pids.
 *
 * The trick: pids are given out in blocks of 64, one scheduler's each, so a new process is where it was made, and for most
 * blocks one word says where all of its processes are. When the first of a block moves, the block gets a byte for each.
 * Blocks lie in a ring: a block whose processes are all gone makes room for another one, so what is shared does not grow
 * with the number of processes that ever were, and one that lives for ever is passed by.
 *
 * word of a slot   written by                                  meaning
 * BLOCK            who takes the block                         its number, modulo 2^32
 * WHERE            who takes the block; once more the same     the scheduler where it was born; or PAGED: see the bytes
 * LEFT             who takes the block; PAGED: any, sub;       processes that are not gone yet; 0: the slot is free
 *                  else who took it, when all are gone
 *
 * B1  What a slot says of a block is written before LEFT is above 0, and stands until LEFT is 0.
 * B2  A byte is written by the scheduler that has the process; one of a process that is not there yet says GONE.
 * B3  Who reads looks at LEFT and BLOCK last: if they are still the block's, what was read before is.
 */
import { InvariantBroken } from "../process/invariant.ts";
import { GONE } from "./protocol/forward.ts";

const BLOCK_BITS = 6;
export const BLOCK_SIZE = 1 << BLOCK_BITS;
/** A power of two; a program with more blocks that have a live process has too many. Untouched ones take no memory. */
export const SLOTS = 1 << 20;

const BLOCK = 0;
const WHERE = 1;
const LEFT = 2;
const STRIDE = 4;
const PAGED = 64;

/** in a BigInt64 word of its own, in front */
const HEAD_BYTES = 64;

export class Places {
  readonly buffer: SharedArrayBuffer;
  private readonly me: number;
  private readonly slots: number;
  private readonly next: BigInt64Array;
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  /** the next pid of the block that this scheduler gives out, and the first one behind it */
  private nextPid = 0;
  private endPid = 0;

  /** @param buffer  of another scheduler's Places; absent: new ones, of which scheduler 0 has the first block */
  constructor(me: number, buffer?: SharedArrayBuffer, slots = SLOTS) {
    this.me = me;
    this.slots = slots;
    this.buffer =
      buffer ?? new SharedArrayBuffer(HEAD_BYTES + slots * (STRIDE * Int32Array.BYTES_PER_ELEMENT + BLOCK_SIZE));
    this.next = new BigInt64Array(this.buffer, 0, 1);
    this.words = new Int32Array(this.buffer, HEAD_BYTES, slots * STRIDE);
    this.bytes = new Uint8Array(this.buffer, HEAD_BYTES + slots * STRIDE * Int32Array.BYTES_PER_ELEMENT);
  }

  /** For a process that begins here now. @returns undefined: each slot has a block with a live process */
  takePid(): number | undefined {
    if (this.nextPid === this.endPid && !this.takeBlock()) return undefined;
    const pid = this.nextPid++;
    const at = this.at(pid);
    // B2: others of its block have moved already
    if (this.words[at + WHERE] === PAGED) Atomics.store(this.bytes, this.byteOf(pid), this.me);
    return pid;
  }

  private takeBlock(): boolean {
    for (let tries = 0; tries < this.slots; tries++) {
      const block = Number(Atomics.add(this.next, 0, 1n));
      const at = (block % this.slots) * STRIDE;
      if (Atomics.load(this.words, at + LEFT) !== 0) continue;
      Atomics.store(this.words, at + BLOCK, block | 0);
      Atomics.store(this.words, at + WHERE, this.me);
      Atomics.store(this.words, at + LEFT, BLOCK_SIZE); // B1
      this.nextPid = block * BLOCK_SIZE + 1;
      this.endPid = this.nextPid + BLOCK_SIZE;
      return true;
    }
    return false;
  }

  /**
   * Of a process that is not here now; GONE also for what never was. Of a block without bytes it says where the process
   * would be if it lives, and of one that was born here, that it does not.
   */
  of(pid: number): number {
    const at = this.at(pid);
    const block = blockOf(pid);
    if (!this.isOf(at, block)) return GONE;
    let place = Atomics.load(this.words, at + WHERE);
    if (place === PAGED) place = Atomics.load(this.bytes, this.byteOf(pid));
    else if (place === this.me) return GONE;
    return this.isOf(at, block) ? place : GONE; // B3
  }

  /**
   * The process, which this scheduler has, goes to another one.
   * @param has  whether this scheduler has a process now, with this one
   */
  move(pid: number, to: number, has: (pid: number) => boolean): void {
    const at = this.at(pid);
    if (this.words[at + WHERE] !== PAGED) this.makePage(at, pid, has);
    Atomics.store(this.bytes, this.byteOf(pid), to);
  }

  /** Until now all processes of the block were here, so nobody else writes. */
  private makePage(at: number, pid: number, has: (pid: number) => boolean): void {
    const first = blockOf(pid) * BLOCK_SIZE + 1;
    if (this.words[at + WHERE] !== this.me) throw new InvariantBroken("B2", { pid, where: this.words[at + WHERE] });
    let left = 0;
    for (let each = first; each < first + BLOCK_SIZE; each++) {
      const isHere = has(each);
      const isToCome = each >= this.nextPid && each < this.endPid;
      if (isHere || isToCome) left++;
      Atomics.store(this.bytes, this.byteOf(each), isHere ? this.me : GONE);
    }
    Atomics.store(this.words, at + LEFT, left);
    Atomics.store(this.words, at + WHERE, PAGED);
  }

  /**
   * The process, which was here, is no more.
   * @param isLast  of a block that was born here: none of it is here, and none will be
   */
  end(pid: number, isLast: boolean): void {
    const at = this.at(pid);
    if (this.words[at + WHERE] === PAGED) {
      Atomics.store(this.bytes, this.byteOf(pid), GONE);
      Atomics.sub(this.words, at + LEFT, 1);
    } else if (isLast) Atomics.store(this.words, at + LEFT, 0);
  }

  /** Live processes of all blocks of which one has moved. */
  moved(): number[] {
    const pids: number[] = [];
    const blocks = Number(Atomics.load(this.next, 0));
    for (let block = Math.max(0, blocks - this.slots); block < blocks; block++) {
      const at = (block % this.slots) * STRIDE;
      if (Atomics.load(this.words, at + WHERE) !== PAGED || Atomics.load(this.words, at + LEFT) === 0) continue;
      const number = Atomics.load(this.words, at + BLOCK);
      // the slot may still be an older block's
      const first = (block - ((block - number) >>> 0)) * BLOCK_SIZE + 1;
      for (let pid = first; pid < first + BLOCK_SIZE; pid++) {
        if (this.of(pid) !== GONE) pids.push(pid);
      }
    }
    return pids;
  }

  private isOf(at: number, block: number): boolean {
    return Atomics.load(this.words, at + LEFT) > 0 && Atomics.load(this.words, at + BLOCK) === (block | 0);
  }

  /** The low bits say it, also of pids beyond 2^32. */
  private at(pid: number): number {
    return (((pid - 1) >>> BLOCK_BITS) & (this.slots - 1)) * STRIDE;
  }

  private byteOf(pid: number): number {
    return (((pid - 1) >>> BLOCK_BITS) & (this.slots - 1)) * BLOCK_SIZE + ((pid - 1) & (BLOCK_SIZE - 1));
  }
}

function blockOf(pid: number): number {
  return Math.floor((pid - 1) / BLOCK_SIZE);
}
