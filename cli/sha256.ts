/**
 * SHA-256, for the names of cache entries.
 *
 * Node's own brings streams and all of cryptography along, which takes a fifth of the time that starting Node takes; a
 * small program's sources are hashed here in a millisecond (docs/decisions/0008).
 * Source: FIPS 180-4; tests/unit/ttb/sha256.test.ts holds it against Node's.
 */

const BLOCK_BYTES = 64;
const ROUNDS = 64;
const TWO_32 = 2 ** 32;

/** The first 32 bits of the fractions of the roots of the first primes: square roots to start, cube roots a round. */
const START = new Int32Array(8);
const ROUND = new Int32Array(ROUNDS);
for (let candidate = 2, primes = 0; primes < ROUNDS; candidate++) {
  let divisor = 2;
  while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
  if (divisor * divisor <= candidate) continue;
  if (primes < START.length) START[primes] = (Math.sqrt(candidate) % 1) * TWO_32;
  ROUND[primes++] = (Math.cbrt(candidate) % 1) * TWO_32;
}

/** In hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  // one bit, zeros, and the length in bits as 64 bits
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length * 8);

  const state = START.slice();
  const schedule = new Int32Array(ROUNDS);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) addBlock(state, schedule, view, at);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function addBlock(state: Int32Array, schedule: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < ROUNDS; i++) {
    const x = schedule[i - 15]!;
    const y = schedule[i - 2]!;
    const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[i] = schedule[i - 16]! + small0 + schedule[i - 7]! + small1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < ROUNDS; i++) {
    const large1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const large0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const first = (h + large1 + ((e & f) ^ (~e & g)) + ROUND[i]! + schedule[i]!) | 0;
    const second = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i]! += word;
  });
}
