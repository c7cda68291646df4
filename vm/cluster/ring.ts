/**
 * Bytes from one scheduler to another through shared memory: one writes, one reads, nobody locks.
 *
 * The trick: two positions that only grow, each written by one side; what lies between them belongs to the reader, the
 * rest to the writer. The ring carries a stream of bytes in which each chunk stands behind its length, so a chunk that is
 * larger than the ring, or than what is free, goes in pieces. What does not fit waits in a queue of the writer, which has
 * no bound: only a running process that sends has to wait, and that is its scheduler's affair.
 *
 * word      written by       meaning
 * HEAD      reader           bytes taken so far; counts wrap at 2^32
 * TAIL      writer           bytes written so far; stored after the bytes are there
 * WAITS     writer sets 1,   the writer has more than fits, and wants to be told of room
 *           reader sets 0
 *
 * R1  0 <= TAIL - HEAD <= capacity, and the bytes between are whole.
 * R2  Chunks come out as they went in, each once, in order.
 * R3  A writer that has bytes left has set WAITS and then found no room, so the reader that makes room finds WAITS set.
 */
const HEAD = 0;
const TAIL = 16; // lines of their own
const WAITS = 32;
const HEADER_BYTES = 48 * Int32Array.BYTES_PER_ELEMENT;
/** of the length that stands before a chunk, the least byte first */
const LENGTH_BYTES = 4;
/** Copying so few by a loop is faster than by a call of the host. */
const SHORT_COPY = 32;

/** @param capacity  in bytes, a power of two */
export function newRing(capacity: number): SharedArrayBuffer {
  return new SharedArrayBuffer(ringBytes(capacity));
}

/** What a ring takes in all. */
export function ringBytes(capacity: number): number {
  return HEADER_BYTES + capacity;
}

class Side {
  protected readonly words: Int32Array;
  protected readonly bytes: Uint8Array;
  protected readonly mask: number;

  /** @param at  where in the memory the ring begins */
  constructor(memory: SharedArrayBuffer, at = 0, capacity = memory.byteLength - HEADER_BYTES) {
    this.words = new Int32Array(memory, at, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.bytes = new Uint8Array(memory, at + HEADER_BYTES, capacity);
    this.mask = this.bytes.length - 1;
  }
}

export class RingWriter extends Side {
  private tail = 0;
  /** the head as it was seen last: there is at least so much room */
  private head = 0;
  /** what did not fit, oldest first; those before `first` are written, and of that one `done` bytes */
  private left: Uint8Array[] = [];
  private first = 0;
  private done = 0;
  private leftBytes = 0;

  /** How many bytes wait for room. */
  get backlog(): number {
    return this.leftBytes;
  }

  /** Bytes wait for room: `flush` when the reader says that it has made some. */
  get hasLeft(): boolean {
    return this.left.length > 0;
  }

  /** Bytes wait, and there is room for some. */
  get canFlush(): boolean {
    return this.left.length > 0 && this.room(1) > 0;
  }

  /** The chunk is the ring's from now on. */
  write(chunk: Uint8Array): void {
    const size = LENGTH_BYTES + chunk.length;
    if (this.left.length === 0 && this.room(size) >= size) {
      this.put(lengthBytes(chunk.length), 0, LENGTH_BYTES);
      this.put(chunk, 0, chunk.length);
      Atomics.store(this.words, TAIL, this.tail);
      return;
    }
    this.left.push(lengthBytes(chunk.length).slice());
    if (chunk.length > 0) this.left.push(chunk);
    this.leftBytes += size;
    this.flush();
  }

  /** Writes what there is room for; the reader's bell has to ring then, as after `write`. @returns whether that was all */
  flush(): boolean {
    for (;;) {
      this.writeLeft();
      if (this.left.length === 0) return true;
      Atomics.store(this.words, WAITS, 1); // R3: first said, then looked
      if (this.room(1) === 0) return false;
    }
  }

  private writeLeft(): void {
    const { left } = this;
    for (let next = left[this.first]; next !== undefined; next = left[this.first]) {
      const count = Math.min(next.length - this.done, this.room(next.length - this.done));
      if (count === 0) break;
      this.put(next, this.done, count);
      this.done += count;
      this.leftBytes -= count;
      if (this.done < next.length) continue;
      this.done = 0;
      this.first++;
    }
    if (this.first > left.length / 2) {
      this.left = left.slice(this.first); // what is written is not kept, and each is moved once on average
      this.first = 0;
    }
    Atomics.store(this.words, TAIL, this.tail);
  }

  /** @param wanted  the shared word is read only if that much was not free the last time */
  private room(wanted: number): number {
    const room = this.bytes.length - ((this.tail - this.head) | 0);
    if (room >= wanted) return room;
    this.head = Atomics.load(this.words, HEAD);
    return this.bytes.length - ((this.tail - this.head) | 0);
  }

  /** R1: there is room. */
  private put(from: Uint8Array, start: number, count: number): void {
    const { bytes, mask } = this;
    const at = this.tail & mask;
    if (count <= SHORT_COPY) for (let i = 0; i < count; i++) bytes[(at + i) & mask] = from[start + i]!;
    else {
      const first = Math.min(count, bytes.length - at);
      bytes.set(from.subarray(start, start + first), at);
      if (first < count) bytes.set(from.subarray(start + first, start + count), 0);
    }
    this.tail = (this.tail + count) | 0;
  }
}

const length = new Uint8Array(LENGTH_BYTES);

/** Until the next call. */
function lengthBytes(value: number): Uint8Array {
  for (let i = 0; i < LENGTH_BYTES; i++) length[i] = value >>> (8 * i);
  return length;
}

export class RingReader extends Side {
  private head = 0;
  /** the tail as it was seen last: at least so much is there */
  private tail = 0;
  /** of the length that is being read */
  private lengthBytesRead = 0;
  private lengthRead = 0;
  /** the chunk that is being read, and how much of it is */
  private chunk: Uint8Array<ArrayBuffer> | undefined;
  private filled = 0;
  private readonly onRoom: () => void;

  /** @param onRoom  the writer has waited for room, and has to be woken */
  constructor(memory: SharedArrayBuffer, onRoom: () => void, at?: number, capacity?: number) {
    super(memory, at, capacity);
    this.onRoom = onRoom;
  }

  /** Whether there are bytes, be it of a chunk that is not whole yet. */
  get hasMail(): boolean {
    return this.available(1) > 0;
  }

  /** The next chunk that is whole, or undefined. What is there of one that is not makes room for the rest. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const before = this.head;
    const chunk = this.read();
    if (this.head !== before) {
      Atomics.store(this.words, HEAD, this.head);
      if (Atomics.load(this.words, WAITS) === 1 && Atomics.exchange(this.words, WAITS, 0) === 1) this.onRoom(); // R3
    }
    return chunk;
  }

  private read(): Uint8Array<ArrayBuffer> | undefined {
    let chunk = this.chunk;
    if (chunk === undefined) {
      while (this.lengthBytesRead < LENGTH_BYTES) {
        if (this.available(1) === 0) return undefined;
        this.lengthRead |= this.bytes[this.head & this.mask]! << (8 * this.lengthBytesRead++);
        this.head = (this.head + 1) | 0;
      }
      chunk = new Uint8Array(this.lengthRead);
    }
    const count = Math.min(chunk.length - this.filled, this.available(chunk.length - this.filled));
    this.get(chunk, this.filled, count);
    this.filled += count;
    if (this.filled < chunk.length) {
      this.chunk = chunk;
      return undefined;
    }
    this.chunk = undefined;
    this.filled = 0;
    this.lengthBytesRead = 0;
    this.lengthRead = 0;
    return chunk;
  }

  /** @param wanted  the shared word is read only if that much was not there the last time */
  private available(wanted: number): number {
    if (((this.tail - this.head) | 0) < wanted) this.tail = Atomics.load(this.words, TAIL);
    return (this.tail - this.head) | 0;
  }

  /** R1: so much is there. */
  private get(to: Uint8Array, start: number, count: number): void {
    const { bytes, mask } = this;
    const at = this.head & mask;
    if (count <= SHORT_COPY) for (let i = 0; i < count; i++) to[start + i] = bytes[(at + i) & mask]!;
    else {
      const first = Math.min(count, bytes.length - at);
      to.set(bytes.subarray(at, at + first), start);
      if (first < count) to.set(bytes.subarray(0, count - first), start + first);
    }
    this.head = (this.head + count) | 0;
  }
}
