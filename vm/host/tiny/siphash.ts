/**
 * SipHash-1-3 with a key of zeros: what HASH answers, as it is what Rust's standard library hashes with.
 * Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012.
 *
 * The trick: numbers of 64 bits are pairs of words of 32, low word first, since BigInts would be a hundred times slower.
 */

/** @returns 64 bits in hexadecimal, without zeros in front */
export function sipHash(bytes: Uint8Array): string {
  // v0 .. v3, the initial state
  const v = Uint32Array.of(
    0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
  ); // biome-ignore format: pairs
  const whole = bytes.length - (bytes.length % 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const compress = (low: number, high: number): void => {
    v[6]! ^= low;
    v[7]! ^= high;
    round(v);
    v[0]! ^= low;
    v[1]! ^= high;
  };
  for (let at = 0; at < whole; at += 8) compress(view.getUint32(at, true), view.getUint32(at + 4, true));
  const last = new DataView(new ArrayBuffer(8));
  for (let at = whole; at < bytes.length; at++) last.setUint8(at - whole, bytes[at]!);
  last.setUint8(7, bytes.length & 0xff);
  compress(last.getUint32(0, true), last.getUint32(4, true));
  v[4]! ^= 0xff;
  for (let i = 0; i < 3; i++) round(v);
  const half = (word: number): bigint => BigInt((v[word]! ^ v[word + 2]! ^ v[word + 4]! ^ v[word + 6]!) >>> 0);
  return ((half(1) << 32n) | half(0)).toString(16);
}

function round(v: Uint32Array): void {
  add(v, 0, 2);
  rotate(v, 2, 13);
  xor(v, 2, 0);
  rotate(v, 0, 32);
  add(v, 4, 6);
  rotate(v, 6, 16);
  xor(v, 6, 4);
  add(v, 0, 6);
  rotate(v, 6, 21);
  xor(v, 6, 0);
  add(v, 4, 2);
  rotate(v, 2, 17);
  xor(v, 2, 4);
  rotate(v, 4, 32);
}

function add(v: Uint32Array, to: number, from: number): void {
  const low = v[to]! + v[from]!;
  v[to] = low;
  v[to + 1]! += v[from + 1]! + (low > 0xffffffff ? 1 : 0);
}

function xor(v: Uint32Array, to: number, from: number): void {
  v[to]! ^= v[from]!;
  v[to + 1]! ^= v[from + 1]!;
}

function rotate(v: Uint32Array, at: number, bits: number): void {
  const low = v[at]!;
  const high = v[at + 1]!;
  if (bits === 32) {
    v[at] = high;
    v[at + 1] = low;
  } else {
    v[at] = (low << bits) | (high >>> (32 - bits));
    v[at + 1] = (high << bits) | (low >>> (32 - bits));
  }
}
