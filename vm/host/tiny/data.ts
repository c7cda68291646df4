/**
 * Data in other forms: JSON, CSV, gzip, encryption, hashes.
 *
 * ENCRYPT is AES-256 in GCM with a key made from the text by scrypt; what it gives is salt (16 bytes), IV (12), tag (16) and
 * the data. So a wrong key, or a changed byte, is an error of DECRYPT and never another text.
 */
import { mismatch, TinyError } from "../../interp/tiny/errors.ts";
import { Bytes } from "../../values/value.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { parseCsv, writeCsv } from "./csv.ts";
import { parseJson, writeJson } from "./json.ts";
import { type Operation, operation, type World, waitFor } from "./operation.ts";
import { sipHash } from "./siphash.ts";

const MOST_DECOMPRESSED_BYTES = 256 * 1024 * 1024;
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CIPHER = "aes-256-gcm";

/** Rust's hash of a text is that of its bytes and 0xFF, of bytes that of their number and the bytes. */
function hashed(data: string | Bytes): Uint8Array {
  if (typeof data === "string") return Buffer.concat([Buffer.from(data), Uint8Array.of(0xff)]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.bytes.length));
  return Buffer.concat([length, data.bytes]);
}

async function randomBytes(world: World, count: number): Promise<Uint8Array> {
  if (world.isSeeded) return Uint8Array.from({ length: count }, () => Math.floor(world.context.random() * 256));
  const { randomBytes: real } = await import("node:crypto");
  return real(count);
}

async function keyOf(text: string, salt: Uint8Array): Promise<Uint8Array> {
  const { scrypt } = await import("node:crypto");
  return new Promise((resolve, reject) => {
    scrypt(text, salt, KEY_BYTES, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

async function encrypt(world: World, data: string | Bytes, text: string): Promise<Bytes> {
  const { createCipheriv } = await import("node:crypto");
  const salt = await randomBytes(world, SALT_BYTES);
  const iv = await randomBytes(world, IV_BYTES);
  const cipher = createCipheriv(CIPHER, await keyOf(text, salt), iv);
  const hidden = Buffer.concat([cipher.update(bytesOf(data)), cipher.final()]);
  return new Bytes(Buffer.concat([salt, iv, cipher.getAuthTag(), hidden]));
}

async function decrypt({ bytes }: Bytes, text: string): Promise<string> {
  const { createDecipheriv } = await import("node:crypto");
  const ends = [SALT_BYTES, SALT_BYTES + IV_BYTES, SALT_BYTES + IV_BYTES + TAG_BYTES] as const;
  if (bytes.length < ends[2]) throw new TinyError("DECRYPT failed: this is nothing that ENCRYPT has made");
  const decipher = createDecipheriv(
    CIPHER,
    await keyOf(text, bytes.subarray(0, ends[0])),
    bytes.subarray(ends[0], ends[1]),
  );
  decipher.setAuthTag(bytes.subarray(ends[1], ends[2]));
  const shown = decipher.update(bytes.subarray(ends[2]));
  try {
    return readable("DECRYPT", Buffer.concat([shown, decipher.final()]));
  } catch (error) {
    if (error instanceof TinyError) throw error;
    throw new TinyError("DECRYPT failed: the key is wrong, or the data was changed");
  }
}

function readable(name: string, bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text === undefined) throw new TinyError(`${name} failed: what comes out is no text in UTF-8`);
  return text;
}

export const DATA_OPERATIONS = {
  JSON_PARSE: operation("string (JSON)", ["string"], (_, text) => parseJson(text)),
  JSON_STRINGIFY: operation("", ["any"], (_, value) => writeJson(value)),
  CSV_PARSE: operation("string (CSV)", ["string"], (_, text) => parseCsv(text)),
  CSV_WRITE: operation("list of lists (CSV data)", ["list"], (_, rows) => writeCsv(rows)),
  COMPRESS: operation("string or bytes", ["data"], (world, data) =>
    waitFor(world, async () => {
      const { gzip } = await import("node:zlib");
      return new Promise((resolve, reject) => {
        gzip(bytesOf(data), (error, bytes) => (error === null ? resolve(new Bytes(bytes)) : reject(error)));
      });
    }),
  ),
  DECOMPRESS: operation("bytes (compressed data)", ["bytes"], (world, { bytes }) =>
    waitFor(world, async () => {
      const { gunzip } = await import("node:zlib");
      const plain = await new Promise<Uint8Array>((resolve, reject) => {
        gunzip(bytes, { maxOutputLength: MOST_DECOMPRESSED_BYTES }, (error, out) => {
          if (error === null) resolve(out);
          else reject(new TinyError(`DECOMPRESS failed: ${error.message}`));
        });
      });
      return readable("DECOMPRESS", plain);
    }),
  ),
  ENCRYPT: operation("string (data) and string (key)", ["data", "string"], (world, data, key) =>
    waitFor(world, () => encrypt(world, data, key)),
  ),
  DECRYPT: operation("bytes (encrypted data) and string (key)", ["bytes", "string"], (world, data, key) =>
    waitFor(world, () => decrypt(data, key)),
  ),
  HASH: operation("string or bytes", ["data"], (_, data) => sipHash(hashed(data))),
  DIGEST: operation("string or bytes and string (algorithm)", ["data", "string"], (world, data, algorithm) =>
    waitFor(world, async () => {
      const { createHash, getHashes } = await import("node:crypto");
      if (!getHashes().includes(algorithm)) throw mismatch("DIGEST", "an algorithm such as sha256", algorithm);
      return createHash(algorithm).update(bytesOf(data)).digest("hex");
    }),
  ),
} as const satisfies Record<string, Operation>;
