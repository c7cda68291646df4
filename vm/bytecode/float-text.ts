/**
 * Floats as people and programs read them: the shortest digits that give the same Float back, never an exponent.
 *
 * The trick: JavaScript already finds the shortest digits; where it writes an exponent we move the point ourselves.
 * Imports nothing.
 */

/** `3.0`, `0.1`, `-0.0`, `inf`, `-inf`, `NaN`; 1e21 as `1000000000000000000000.0` */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  return withPoint(expand(String(value)));
}

/** As floatText, with the shortest digits that give the same 32-bit Float back: 0.1f32 is `0.1`. */
export function float32Text(value: number): string {
  if (!Number.isFinite(value) || value === 0) return floatText(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    // Number() takes the zeros off that toPrecision fills up with
    if (Math.fround(Number(text)) === value) return floatText(Number(text));
  }
  return floatText(Number(value.toPrecision(9)));
}

/** The Float that a text says: `1`, `-1.5`, `.5`, `2.`, `1e9`, `inf`, `NaN`, with an optional sign; else undefined. */
export function parseFloat64(text: string): number | undefined {
  const match =
    /^([+-]?)(?:([0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|(inf|infinity)|(nan))$/i.exec(text);
  if (match === null) return undefined;
  const magnitude = match[2] !== undefined ? Number(match[2]) : match[3] !== undefined ? Infinity : NaN;
  return match[1] === "-" ? -magnitude : magnitude;
}

function withPoint(digits: string): string {
  return digits.includes(".") ? digits : `${digits}.0`;
}

/** `1.5e+21` → `1500000000000000000000`, `1.5e-7` → `0.00000015` */
function expand(text: string): string {
  const at = text.indexOf("e");
  if (at < 0) return text;
  const exponent = Number(text.slice(at + 1));
  const sign = text.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = text.slice(sign.length, at).split(".");
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
