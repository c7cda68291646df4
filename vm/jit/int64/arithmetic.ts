/**
 * Ints beyond 2^53 in compiled code: what it calls, and the form in which it keeps them in variables.
 *
 * A *wide* Int is a BigInt that BigInt.asIntN(64, …) made: V8 keeps those of one function in machine registers and adds
 * and multiplies them in a few cycles. What is slow is the way between numbers and BigInts, BigInt(x) and Number(x): 20 to
 * 30 ns. The trick: the way through the bytes of a typed array takes 3 to 5, since V8 knows both sides of it.
 *
 * I1  What leaves this file is exact, wraps at 64 bits and is never -0; as a Value it is canonical (A1 of
 *     vm/bytecode/arithmetic.ts), as a wide Int it is a BigInt also when it is small.
 */
import type { Int } from "../../bytecode/arithmetic.ts";
import { type MulAddMod, makeMulAddMod } from "./wasm.ts";

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const TWO_32 = 2 ** 32;

const BYTES = new ArrayBuffer(8);
const WHOLE = new BigInt64Array(BYTES);
const SIGNED = new Int32Array(BYTES);
const UNSIGNED = new Uint32Array(BYTES);
/** where the low half is, which the processor decides */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** The wide form of a safe integer. */
export function widen(value: number): bigint {
  UNSIGNED[LOW] = value; // storing keeps the low 32 bits
  SIGNED[HIGH] = Math.floor(value / TWO_32);
  return WHOLE[0]!;
}

/** The wide form of any Int. */
export function widenInt(value: Int): bigint {
  return typeof value === "number" ? widen(value) : BigInt.asIntN(64, value);
}

/** The Value of a wide Int. */
export function narrow(wide: bigint): Int {
  WHOLE[0] = wide;
  const high = SIGNED[HIGH]!;
  const low = UNSIGNED[LOW]!;
  if (high >= -0x20_0000 && high < 0x20_0000 && (high !== -0x20_0000 || low !== 0)) return high * TWO_32 + low;
  return wide;
}

/** Of one that is known to be a safe integer. */
export function narrowSafe(wide: bigint): number {
  WHOLE[0] = wide;
  return SIGNED[HIGH]! * TWO_32 + UNSIGNED[LOW]!;
}

let inMachineIntegers: MulAddMod = (a, b, c, m) => {
  inMachineIntegers = makeMulAddMod();
  return inMachineIntegers(a, b, c, m);
};

/** (a * b + c) % m, as three operations on Ints. Operands are safe integers, m is not 0. */
export function mulAddMod(a: number, b: number, c: number, m: number): number {
  const product = a * b;
  const sum = product + c;
  // both exact, so this is what remInt does
  if (product <= MAX_SAFE && product >= -MAX_SAFE && sum <= MAX_SAFE && sum >= -MAX_SAFE)
    return sum - Math.trunc(sum / m) * m;
  return inMachineIntegers(a, b, c, m);
}
