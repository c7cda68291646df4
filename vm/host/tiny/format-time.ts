/**
 * Moments as texts, after the pattern of C's strftime, in UTC.
 *
 * TinyTotVM takes a pattern and ignores it; its documents write `%Y-%m-%d`. Letters that nobody knows stay as they are.
 */
import { TinyError } from "../../interp/tiny/errors.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");
const MS_OF_DAY = 86_400_000;

const two = (value: number): string => String(value).padStart(2, "0");

const PARTS: Readonly<Record<string, (at: Date) => string>> = {
  Y: (at) => String(at.getUTCFullYear()),
  y: (at) => two(((at.getUTCFullYear() % 100) + 100) % 100),
  m: (at) => two(at.getUTCMonth() + 1),
  d: (at) => two(at.getUTCDate()),
  e: (at) => String(at.getUTCDate()).padStart(2, " "),
  H: (at) => two(at.getUTCHours()),
  I: (at) => two(at.getUTCHours() % 12 || 12),
  M: (at) => two(at.getUTCMinutes()),
  S: (at) => two(at.getUTCSeconds()),
  p: (at) => (at.getUTCHours() < 12 ? "AM" : "PM"),
  j: (at) => String(Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0)) / MS_OF_DAY) + 1).padStart(3, "0"),
  a: (at) => DAYS[at.getUTCDay()]!.slice(0, 3),
  A: (at) => DAYS[at.getUTCDay()]!,
  u: (at) => String(at.getUTCDay() || 7),
  w: (at) => String(at.getUTCDay()),
  b: (at) => MONTHS[at.getUTCMonth()]!.slice(0, 3),
  B: (at) => MONTHS[at.getUTCMonth()]!,
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  Z: () => "UTC",
  z: () => "+0000",
  F: (at) => formatTime(at.getTime(), "%Y-%m-%d"),
  T: (at) => formatTime(at.getTime(), "%H:%M:%S"),
  R: (at) => formatTime(at.getTime(), "%H:%M"),
  D: (at) => formatTime(at.getTime(), "%m/%d/%y"),
  n: () => "\n",
  t: () => "\t",
  "%": () => "%",
};

/** @param ms  since the epoch */
export function formatTime(ms: number, pattern: string): string {
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) throw new TinyError(`FORMAT_TIME expects a time that there is but got ${ms / 1000}`);
  return pattern.replace(/%(.)/gs, (whole, letter: string) => PARTS[letter]?.(at) ?? whole);
}
