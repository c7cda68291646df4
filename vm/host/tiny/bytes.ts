/** Texts as bytes and back. A text of TinyTotVM goes outside as UTF-8, and has to be that to come in where it is a whole. */
import { Buffer } from "node:buffer";
import type { Bytes } from "../../values/value.ts";

export function bytesOf(data: string | Bytes): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "utf8") : data.bytes;
}

/** undefined: they are no text in UTF-8 */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error; // a text that nobody could hold
  }
}

/** With a sign of its own for what is no text. */
export function lossyTextOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
