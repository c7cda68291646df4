/**
 * Random numbers that a seed decides: xoshiro128**, its four words of state filled by splitmix64.
 *
 * The trick: all steps are on 32 bits, which JavaScript does exactly, so every machine and version draws the same.
 * Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021), and
 * https://prng.di.unimi.it (xoshiro128starstar.c, splitmix64.c; both public domain).
 */
const MASK_64 = 2n ** 64n - 1n;

/**
 * Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
 * @param seed  any number; its lowest 64 bits count
 * @returns     gives 64 bits at a time
 */
export function splitmix64(seed: bigint): () => bigint {
  let state = seed & MASK_64;
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & MASK_64;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
    return mixed ^ (mixed >> 31n);
  };
}

export class Xoshiro128 {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  /** Four words of 32 bits, not all of them 0. */
  constructor(s0: number, s1: number, s2: number, s3: number) {
    this.s0 = s0 | 0;
    this.s1 = s1 | 0;
    this.s2 = s2 | 0;
    this.s3 = s3 | 0;
  }

  /** @param next64  where the state comes from, as from `splitmix64` (whose neighbours are never both 0) */
  static from(next64: () => bigint): Xoshiro128 {
    const low = next64();
    const high = next64();
    return new Xoshiro128(word(low), word(low >> 32n), word(high), word(high >> 32n));
  }

  /** A whole number in [0, 2^32). */
  next(): number {
    const { s1 } = this;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    this.s2 ^= this.s0;
    this.s3 ^= s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= s1 << 9;
    this.s3 = rotateLeft(this.s3, 11);
    return result;
  }

  /** A whole number in [0, count), each alike to within count / 2^32; `count` is at most 2^21. */
  below(count: number): number {
    return Math.floor((this.next() * count) / 2 ** 32);
  }

  /** [0, 1), a multiple of 2^-53. */
  fraction(): number {
    const high = this.next() >>> 5;
    return (high * 2 ** 26 + (this.next() >>> 6)) / 2 ** 53;
  }
}

function word(bits: bigint): number {
  return Number(bits & 0xffff_ffffn);
}

function rotateLeft(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}
