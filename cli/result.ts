/** What the command line prints of main's value. */

import { Raise } from "../vm/host/native.ts";
import { showResult } from "../vm/values/show.ts";
import { UNIT, type Value } from "../vm/values/value.ts";

/** The line to print, its end included; "" for unit. */
export function resultLine(value: Value): string {
  if (value === UNIT) return "";
  try {
    return `${showResult(value)}\n`;
  } catch (error) {
    if (error instanceof Raise) return "<a value too large to print>\n";
    throw error;
  }
}
