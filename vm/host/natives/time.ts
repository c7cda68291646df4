/** Host functions on time and chance; both come from the run's one source of them. */

import { addInt } from "../../bytecode/arithmetic.ts";
import { makeFloat } from "../../values/kind.ts";
import { arraySteps, ListBuilder, listSteps } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import type { Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import { intArgument, listArgument, native, positionArgument, stepped } from "./arguments.ts";

const MAX_RANDOM_BYTES = 2 ** 24;

/** 0 .. count - 1, each alike, for any count within 64 bits. */
function below(context: NativeContext, count: bigint): bigint {
  if (count <= 2n ** 32n) return BigInt(Math.floor(context.random() * Number(count)));
  // Two draws make 64 bits; what would favour some numbers is drawn again.
  const limit = 2n ** 64n - (2n ** 64n % count);
  for (;;) {
    const high = BigInt(Math.floor(context.random() * 2 ** 32));
    const drawn = (high << 32n) | BigInt(Math.floor(context.random() * 2 ** 32));
    if (drawn < limit) return drawn % count;
  }
}

export const timeNatives: readonly Native[] = [
  native("Time.now", 0, (context) => context.now()),
  native("Time.nowSecs", 0, (context) => Math.floor(context.now() / 1000)),
  native("Time.monotonicUs", 0, (context) => Math.floor(context.machine.uptimeMs() * 1000)),
  native("Time.timezone", 0, (context) => context.surroundings.timeZone()),
  native("Time.timezoneOffset", 1, (context, ms) => {
    const moment = positionArgument(ms, "Time.timezoneOffset");
    return context.surroundings.timeZoneOffsetMinutes(moment) ?? panic("Invalid timestamp");
  }),

  native("Random.int", 2, (context, a, b) => {
    const low = intArgument(a, "Random.int");
    const high = intArgument(b, "Random.int");
    if (high < low) panic(`Random.int: ${low} to ${high} is empty`);
    const offset = below(context, BigInt(high) - BigInt(low) + 1n);
    return addInt(low, typeof low === "bigint" || offset > BigInt(Number.MAX_SAFE_INTEGER) ? offset : Number(offset));
  }),
  native("Random.float", 0, (context) => makeFloat(context.random())),
  native("Random.bool", 0, (context) => context.random() < 0.5),
  stepped("Random.choice", 1, function* (context, list) {
    const items = yield* arraySteps(listArgument(list, "Random.choice"), context);
    return items[Math.floor(context.random() * items.length)] ?? panic("Cannot choose from empty list");
  }),
  stepped("Random.shuffle", 1, function* (context, list) {
    const items = yield* arraySteps(listArgument(list, "Random.shuffle"), context);
    // Fisher and Yates: each position takes one of those not yet placed
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(context.random() * (i + 1));
      const other = items[j] as Value;
      items[j] = items[i] as Value;
      items[i] = other;
      if (--context.left <= 0) yield;
    }
    return yield* listSteps(items, context);
  }),
  stepped("Random.bytes", 1, function* (context, count) {
    const length = positionArgument(count, "Random.bytes");
    if (length < 0 || length > MAX_RANDOM_BYTES) panic(`Random.bytes: ${length} bytes are not possible`);
    const builder = new ListBuilder();
    for (let i = 0; i < length; i++) {
      builder.push(Math.floor(context.random() * 256));
      if (--context.left <= 0) yield;
    }
    return builder.finish();
  }),
];
