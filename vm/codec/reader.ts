/**
 * Reads what a Writer wrote.
 *
 * The trick: short texts are mostly the same few (names of requests, keys), so they are looked up by their bytes; that is
 * cheaper than asking the host for a new string, and the receiver shares them.
 * Stays true: W1, W2 of wire.ts; nothing past the end is ever taken for a value.
 */
import { Buffer as ByteBuffer } from "node:buffer";
import { InvariantBroken } from "../process/invariant.ts";

/** in bytes */
const REMEMBERED_TEXT = 16;
const TEXTS = 1024; // a power of two
/** by hash; each is right for what it is, whoever put it there */
const texts: string[] = new Array(TEXTS).fill("");

export class Reader {
  offset = 0;
  /** set by `decode`: whether the value that it returned last holds something mutable */
  holdsMutables = false;
  private readonly buffer: ByteBuffer;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.buffer = ByteBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.offset === this.buffer.length;
  }

  /** W1: of so many values or bytes to come. @throws InvariantBroken */
  checkCount(count: number): void {
    if (count > this.buffer.length - this.offset) this.fail();
  }

  fail(): never {
    throw new InvariantBroken("W2", { offset: this.offset, length: this.buffer.length });
  }

  readU8(): number {
    const { offset } = this;
    if (offset >= this.buffer.length) this.fail();
    this.offset = offset + 1;
    return this.buffer[offset]!;
  }

  readVarUint(): number {
    let byte = this.readU8();
    if (byte < 128) return byte;
    let value = byte & 127;
    let weight = 128;
    do {
      byte = this.readU8();
      value += (byte & 127) * weight;
      weight *= 128;
    } while (byte > 127 && weight < 2 ** 53);
    return value;
  }

  readI32(): number {
    const at = this.skip(4);
    return this.view.getInt32(at, true);
  }

  readF32(): number {
    const at = this.skip(4);
    return this.view.getFloat32(at, true);
  }

  readF64(): number {
    const at = this.skip(8);
    return this.view.getFloat64(at, true);
  }

  /** signed */
  readI64(): bigint {
    const at = this.skip(8);
    return this.view.getBigInt64(at, true);
  }

  readText(): string {
    const header = this.readVarUint();
    if (header % 2 === 1) {
      const at = this.skip(header - 1);
      return this.buffer.toString("utf16le", at, this.offset);
    }
    const count = header / 2;
    const at = this.skip(count);
    return count <= REMEMBERED_TEXT ? this.shortText(at, count) : this.buffer.toString("latin1", at, this.offset);
  }

  private shortText(start: number, count: number): string {
    const { buffer } = this;
    let hash = count;
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ buffer[start + i]!, 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (TEXTS - 1);
    const known = texts[place]!;
    if (known.length === count) {
      let i = 0;
      while (i < count && known.charCodeAt(i) === buffer[start + i]) i++;
      if (i === count) return known;
    }
    const text = buffer.toString("latin1", start, start + count);
    texts[place] = text;
    return text;
  }

  /** A copy of so many bytes. */
  readBytes(count: number): Uint8Array<ArrayBuffer> {
    const at = this.skip(count);
    return new Uint8Array(this.buffer.subarray(at, at + count));
  }

  readBigInt(): bigint {
    const digits = this.readText();
    try {
      return digits.startsWith("-") ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
    } catch {
      return this.fail();
    }
  }

  /** @returns where the skipped bytes begin */
  private skip(count: number): number {
    const at = this.offset;
    if (count > this.buffer.length - at) this.fail();
    this.offset = at + count;
    return at;
  }
}
