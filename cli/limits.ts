/**
 * The limits and the seed that a run can be given on the command line, read and checked.
 *
 * Stays true: a value that comes out of here is one that the machine can hold to.
 */
import { getHeapStatistics } from "node:v8";
import { InvalidArgumentError } from "commander";

/** as in vm/index.ts, which is not loaded for reading options */
const MOST_SCHEDULERS = 64;

export interface Limits {
  readonly maxHeapBytes?: number;
  readonly maxStackFrames?: number;
  readonly maxReductions?: number;
}

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const LEAST_HEAP = 16 * 1024 ** 2; // bytes; less than the compiler and the machine need themselves

/** `512M`, `2G`, `65536K`; a number alone is in megabytes. In bytes. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg])?(?:i?b)?$/i.exec(text);
  if (match === null) throw new InvalidArgumentError("It is a size such as 512M or 2G.");
  const bytes = Math.floor(Number(match[1]) * (UNITS[(match[2] ?? "m").toLowerCase()] as number));
  if (bytes < LEAST_HEAP) throw new InvalidArgumentError(`The least is ${LEAST_HEAP / UNITS.m!}M.`);
  const most = getHeapStatistics().heap_size_limit;
  if (bytes > most) {
    const mb = Math.ceil(bytes / UNITS.m!);
    throw new InvalidArgumentError(
      `Node itself is limited to ${Math.floor(most / UNITS.m!)}M here; start it with NODE_OPTIONS=--max-old-space-size=${mb}.`,
    );
  }
  return bytes;
}

/** A whole number from 1, `_` and an exponent allowed: `1000000`, `1_000_000`, `1e6`. */
export function parseCount(text: string): number {
  const count = /^\d[\d_]*(?:e\d{1,2})?$/i.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError("It is a whole number from 1, such as 1000000.");
  return count;
}

/** A count, or 0 for "never". */
export function parseThreshold(text: string): number {
  return /^0+$/.test(text) ? 0 : parseCount(text);
}

/** How many schedulers: from 1 to 64. */
export function parseSchedulers(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST_SCHEDULERS)
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MOST_SCHEDULERS}.`);
  return count;
}

const LEAST_SEED = -(2n ** 63n);
const MOST_SEED = 2n ** 64n - 1n;

/** A number of 64 bits, signed or not, decimal (`_` allowed) or `0x` and hexadecimal digits. */
export function parseSeed(text: string): bigint {
  const isNumber = /^(?:-?\d[\d_]*|0x[\da-f][\da-f_]*)$/i.test(text);
  const digits = text.replaceAll("_", "");
  const seed = isNumber ? (digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits)) : undefined;
  if (seed === undefined || seed < LEAST_SEED || seed > MOST_SEED)
    throw new InvalidArgumentError("It is a whole number of 64 bits, such as 42 or 0xC0FFEE.");
  return seed;
}

/** What is wrong with options together that are right alone. */
export function conflictOf({
  seed,
  schedulers = 1,
  maxHeap,
}: {
  readonly seed?: bigint;
  readonly schedulers?: number;
  readonly maxHeap?: number;
}): string | undefined {
  if (schedulers === 1) return undefined;
  if (seed !== undefined)
    return "`--seed` repeats a run on one scheduler, so `--schedulers` cannot be more than 1 with it";
  const least = LEAST_HEAP * schedulers;
  if (maxHeap !== undefined && maxHeap < least)
    return `\`--max-heap\` is shared out: for ${schedulers} schedulers the least is ${least / UNITS.m!}M`;
  return undefined;
}
