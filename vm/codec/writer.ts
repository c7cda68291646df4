/**
 * Bytes that grow: what one scheduler has for another.
 *
 * The trick: texts of a byte a character, nearly all of them, travel so; others as the UTF-16 units that they are.
 * Short ones are written by a loop, since a call of the host costs as much as 40 characters.
 */
import { Buffer as ByteBuffer } from "node:buffer";

/** More than this is nobody's message. Positions stay small integers. */
const LIMIT_BYTES = 2 ** 30;
const FIRST_BYTES = 4096;
/** A larger buffer is given back when it was needed once. */
const KEPT_BYTES = 2 ** 20;
/** in UTF-16 units */
export const SHORT_TEXT = 32;

/** Thrown by `reserve`; `encode` turns it into a refusal. */
export class MessageTooLong extends Error {}

export class Writer {
  length = 0;
  private buffer: ByteBuffer = ByteBuffer.allocUnsafeSlow(FIRST_BYTES);
  private view: DataView = new DataView(this.buffer.buffer);
  private readonly limitBytes: number;

  constructor(limitBytes: number = LIMIT_BYTES) {
    this.limitBytes = limitBytes;
  }

  /** What was written, until the next write. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  reset(): void {
    this.length = 0;
    if (this.buffer.length > KEPT_BYTES) this.replace(ByteBuffer.allocUnsafeSlow(FIRST_BYTES));
  }

  /** What was written, as bytes of their own that can be transferred; the writer is empty then. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.length);
    taken.set(this.bytes);
    this.reset();
    return taken;
  }

  /** Makes room for the writes to come. @throws MessageTooLong */
  reserve(count: number): void {
    if (this.length + count > this.buffer.length) this.grow(count);
  }

  private grow(count: number): void {
    const needed = this.length + count;
    if (needed > this.limitBytes) throw new MessageTooLong();
    const larger = ByteBuffer.allocUnsafeSlow(Math.min(Math.max(needed, 2 * this.buffer.length), this.limitBytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.replace(larger);
  }

  private replace(buffer: ByteBuffer): void {
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer);
  }

  writeU8(byte: number): void {
    this.reserve(1);
    this.buffer[this.length++] = byte;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte. */
  writeVarUint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.buffer[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.buffer[this.length++] = (rest & 127) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  /** 32 bits of either sign. */
  writeI32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.length, value, true);
    this.length += 4;
  }

  writeF32(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  writeF64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** The low 64 bits. */
  writeI64(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.length, value, true);
    this.length += 8;
  }

  /** 2 × units, + 1 if they take two bytes each; then the units */
  writeText(text: string): void {
    const units = text.length;
    if (units <= SHORT_TEXT) {
      this.reserve(units + 1);
      let at = this.length + 1;
      for (let i = 0; i < units; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 0xff) {
          this.writeWide(text);
          return;
        }
        this.buffer[at++] = unit;
      }
      this.buffer[this.length] = 2 * units;
      this.length = at;
    } else if (BEYOND_A_BYTE.test(text)) this.writeWide(text);
    else {
      this.writeVarUint(2 * units);
      this.reserve(units);
      this.length += this.buffer.write(text, this.length, "latin1");
    }
  }

  private writeWide(text: string): void {
    this.writeVarUint(2 * text.length + 1);
    this.reserve(2 * text.length);
    this.length += this.buffer.write(text, this.length, "utf16le");
  }

  /** The bytes of an array, without their number. */
  writeBytes(items: ArrayBufferView): void {
    this.reserve(items.byteLength);
    this.buffer.set(new Uint8Array(items.buffer, items.byteOffset, items.byteLength), this.length);
    this.length += items.byteLength;
  }

  /** Of any size: the number of bytes that its digits take, then those. */
  writeBigInt(value: bigint): void {
    this.writeText(value < 0n ? `-${(-value).toString(16)}` : value.toString(16));
  }
}

/** V8 answers at once for texts that it stores as bytes. */
const BEYOND_A_BYTE = /[^\x00-\xff]/;
