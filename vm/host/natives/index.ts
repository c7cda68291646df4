/**
 * All host functions by name; README.md lists them with their types. A story a file: core, numbers, text, lists, maps,
 * typed-arrays, time, process, io.
 */
import type { Native } from "../native.ts";
import { coreNatives } from "./core.ts";
import { ioNatives } from "./io.ts";
import { listNatives } from "./lists.ts";
import { mapNatives } from "./maps.ts";
import { numberNatives } from "./numbers.ts";
import { processNatives } from "./process.ts";
import { textNatives } from "./text.ts";
import { timeNatives } from "./time.ts";
import { typedArrayNatives } from "./typed-arrays.ts";

export const NATIVES: ReadonlyMap<string, Native> = new Map(
  [
    ...coreNatives,
    ...numberNatives,
    ...textNatives,
    ...listNatives,
    ...mapNatives,
    ...typedArrayNatives,
    ...timeNatives,
    ...processNatives,
    ...ioNatives,
  ].map((native) => [native.name, native]),
);
