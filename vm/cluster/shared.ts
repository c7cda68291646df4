/**
 * The memory that the schedulers of a program share, all of it made before the second one starts. Numbers and bytes only,
 * no values: what is never used takes no memory.
 */
import { Places } from "./places.ts";
import { wordCount } from "./protocol/memory.ts";
import { ringBytes } from "./ring.ts";
import { Words } from "./words.ts";

/** What goes to a thread as it is. */
export interface SharedMemory {
  readonly count: number;
  /** see words.ts, protocol/memory.ts, places.ts */
  readonly words: SharedArrayBuffer;
  readonly protocol: SharedArrayBuffer;
  readonly places: SharedArrayBuffer;
  /** from each scheduler to each other one; see ringAt */
  readonly rings: SharedArrayBuffer;
  /** of each ring, in bytes */
  readonly capacity: number;
}

const LARGEST_RING = 64 * 1024;
/** a mesh of N schedulers has N * N rings, of which N are not used */
const ALL_RINGS = 16 * 1024 * 1024;

/** @param capacity  of a ring, a power of two; absent: as fits so many schedulers */
export function newSharedMemory(count: number, capacity = capacityFor(count)): SharedMemory {
  return {
    count,
    words: new Words(count).buffer,
    protocol: new SharedArrayBuffer(wordCount(count) * Int32Array.BYTES_PER_ELEMENT),
    places: new Places(0).buffer,
    rings: new SharedArrayBuffer(count * count * ringBytes(capacity)),
    capacity,
  };
}

export function ringAt({ count, capacity }: SharedMemory, from: number, to: number): number {
  return (from * count + to) * ringBytes(capacity);
}

function capacityFor(count: number): number {
  const share = Math.floor(ALL_RINGS / (count * count));
  return Math.min(LARGEST_RING, 2 ** Math.floor(Math.log2(share)));
}
