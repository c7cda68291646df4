/** Bytes in the order in which they came, taken in pieces of any size, as bytes or as whole characters. */
import { StringDecoder } from "node:string_decoder";

export class ByteQueue {
  /** how many there are */
  size = 0;
  private readonly chunks: Uint8Array[] = [];
  private readonly decoder = new StringDecoder("utf8");

  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.size += bytes.length;
  }

  /** The first so many, or as many as there are. */
  take(most: number): Uint8Array {
    const taken: Uint8Array[] = [];
    let left = Math.min(most, this.size);
    this.size -= left;
    while (left > 0) {
      const first = this.chunks[0]!;
      if (first.length <= left) {
        taken.push(first);
        this.chunks.shift();
      } else {
        taken.push(first.subarray(0, left));
        this.chunks[0] = first.subarray(left);
      }
      left -= Math.min(left, first.length);
    }
    return Buffer.concat(taken);
  }

  /** So many bytes as text; of a character that is cut by that, the rest too, when it is there. */
  takeText(most: number): string {
    let text = this.decoder.write(this.take(most));
    while (text === "" && this.size > 0) text = this.decoder.write(this.take(1));
    return text;
  }

  /** No more will come: what is left of a character. */
  endText(): string {
    return this.decoder.end();
  }
}
