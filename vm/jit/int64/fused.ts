/**
 * `(a * b + c) % m` as one operation: random generators, hashes and powers in modular arithmetic, whose products pass
 * 2^53 while all that is kept is small.
 *
 * The trick: with a constant modulus and operands that are 32-bit and not negative, which one test finds out, there is no
 * need of the product. Of a power of two only low bits matter, which Math.imul gives. Of another, q = (a * b + c) / m in
 * doubles, made a little smaller, is the quotient or one less, and the low 32 bits of a * b + c - q * m are the remainder
 * or m more. Everything else is mulAddMod, by WebAssembly at worst.
 *
 * M1  What is written equals the instructions one by one, for all safe integers; it never fails, since the modulus is
 *     tested by the caller.
 */
import { OP, OPCODES, type OpcodeRow } from "../../bytecode/opcodes.ts";
import type { Value } from "../../values/value.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;
const LENGTHS = Int32Array.from(ROWS, (row) => 1 + row.operands.length);

/** Where an operand of the form comes from. */
export type Source =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "slot"; readonly slot: number }
  /** the operand below the two factors */
  | { readonly kind: "below" };

/** The instructions from a MUL to a MOD, seen as one that takes the two factors from the stack. */
export interface FusedModulo {
  /** word offset behind the MOD */
  readonly to: number;
  /** undefined: the product alone */
  readonly addend: Source | undefined;
  /** product + addend, product - addend, addend - product */
  readonly sum: "add" | "subtract" | "subtractFrom";
  /** not the constant 0 */
  readonly modulus: Source;
}

/**
 * Looks for the form at a MUL.
 * @param end  of the block: behind it somebody may come from elsewhere
 */
export function findFusedModulo(
  code: Int32Array,
  at: number,
  end: number,
  constants: readonly Value[],
): FusedModulo | undefined {
  if (code[at] !== OP.MUL && code[at] !== OP["MUL.val"]) return undefined;
  let next = at + 1;
  const opAt = (): number => (next < end ? code[next]! : -1);
  const source = (): Source | undefined => {
    const op = opAt();
    const operand = code[next + 1]!;
    const found: Source | undefined =
      op === OP.LOAD
        ? { kind: "slot", slot: operand }
        : op === OP.PUSH_INT
          ? { kind: "constant", value: operand }
          : op === OP.PUSH_CONST && Number.isSafeInteger(constants[operand])
            ? { kind: "constant", value: constants[operand] as number }
            : undefined;
    if (found !== undefined) next += LENGTHS[op]!;
    return found;
  };
  const adds = (): "add" | "subtract" | undefined => {
    const op = opAt();
    if (op === OP.ADD || op === OP["ADD.val"]) return "add";
    return op === OP.SUB || op === OP["SUB.val"] ? "subtract" : undefined;
  };

  const isBelow = adds() !== undefined;
  const first: Source | undefined = isBelow ? { kind: "below" } : source();
  let addend: Source | undefined;
  let sum: FusedModulo["sum"] = "add";
  let modulus = first;
  const added = adds();
  if (added !== undefined) {
    next++;
    addend = first;
    sum = isBelow && added === "subtract" ? "subtractFrom" : added;
    modulus = source();
  }
  if (modulus === undefined || opAt() !== OP.MOD) return undefined;
  if (modulus.kind === "constant" && modulus.value === 0) return undefined;
  return { to: next + 1, addend, sum, modulus };
}

/** An operand in JavaScript: a literal or a variable that holds a safe integer. It is written several times. */
export interface Term {
  readonly text: string;
  /** its value, of a literal */
  readonly constant?: number | undefined;
}

const MOST_32 = 2 ** 31 - 1;
/** Below 2^63 by more than the rounding of a double there. */
const MOST_SUM = 2 ** 63 - 2 ** 12;
/**
 * Quotients are made smaller by it. It is more than they are rounded by up to MOST_QUOTIENT: five roundings of at most
 * 2^-53 each. It is little, so that V8's processor guesses right that there is nothing to correct.
 */
const SMALLER = 2 ** -8;
const MOST_QUOTIENT = 2 ** 42;

/**
 * JavaScript that sets the variable `target` to (a * b ± c) % m. It calls `mulAddMod` (arithmetic.ts).
 * @param target  none of the operands
 * @param m       not 0, by the caller's test if it is a variable
 */
export function writeFusedModulo(
  target: string,
  sum: FusedModulo["sum"],
  a: Term,
  b: Term,
  c: Term | undefined,
  m: Term,
): string {
  const isConstant = c === undefined || c.constant !== undefined;
  const addend: Term =
    sum === "subtract" && c !== undefined
      ? { text: `(0 - ${c.text})`, constant: c.constant === undefined ? undefined : 0 - c.constant }
      : (c ?? { text: "0", constant: 0 });
  const factor = sum === "subtractFrom" ? `(0 - ${a.text})` : a.text;
  const whole = `mulAddMod(${factor}, ${b.text}, ${addend.text}, ${m.text})`;
  if (m.constant === undefined) return `${target} = ${whole};`;

  const size = Math.abs(m.constant); // the sign of m does not matter
  const all = size <= 2 ** 31 ? `${whole} | 0` : whole;
  const isPlain = sum === "add" || (sum === "subtract" && isConstant);
  const short = isPlain ? writeShort(target, a, b, addend, size) : undefined;
  if (short === undefined) return `${target} = ${all};`;
  return `${short.before}if (${short.test}) { ${short.work} } else ${target} = ${all};`;
}

interface Short {
  readonly before: string;
  readonly test: string;
  readonly work: string;
}

/** The forms without a whole product, and what they need of the variables. */
function writeShort(target: string, a: Term, b: Term, c: Term, size: number): Short | undefined {
  const terms = [a, b, c];
  if (terms.some(({ constant = 0 }) => constant < 0)) return undefined;
  const variables = terms.filter(({ constant }) => constant === undefined).map(({ text }) => text);
  if (variables.length === 0) return undefined;
  const most = ({ constant = MOST_32 }: Term): number => constant;
  const mostSum = most(a) * most(b) + most(c);
  const areSmall = variables.map((text) => `(${text} | 0) === ${text} && ${text} >= 0`).join(" && ");
  const low = ({ constant, text }: Term): string => (constant === undefined ? text : String(constant | 0));
  const lowSum = c.constant === 0 ? `Math.imul(${low(a)}, ${low(b)})` : `(Math.imul(${low(a)}, ${low(b)}) + ${low(c)})`;
  const [variable, other] = a.constant === undefined ? [a, b] : [b, a];
  const factor = variable.constant === undefined && c.constant !== undefined ? other.constant : undefined;

  if (Number.isInteger(Math.log2(size)) && size <= 2 ** 31 && mostSum <= MOST_SUM)
    return { before: "", test: areSmall, work: `${target} = ${lowSum} & ${size - 1};` };

  if (size === 2 ** 32 && factor !== undefined) {
    // the remainders themselves are 32-bit only without a sign
    const most = Math.min(Math.floor((MOST_SUM - c.constant!) / Math.max(factor, 1)), Number.MAX_SAFE_INTEGER);
    const test = `${variable.text} >= 0 && ${variable.text} <= ${most}`;
    return { before: "", test, work: `${target} = ${lowSum} >>> 0;` };
  }

  if (size <= 2 ** 31 && mostSum <= MOST_SUM && mostSum / size <= MOST_QUOTIENT) {
    const quotient =
      factor === undefined
        ? `(${a.text} * ${b.text} + ${c.text}) * ${1 / size} - ${SMALLER}`
        : `${variable.text} * ${factor / size} + ${signed(c.constant! / size - SMALLER)}`;
    const work =
      `${target} = (${lowSum} - Math.imul(${quotient}, ${size | 0})) | 0; ` +
      `if (${target} < 0 || ${target} >= ${size}) ${target} = (${target} - ${size}) | 0;`;
    return { before: "", test: areSmall, work };
  }

  if (size > 2 ** 32 && factor !== undefined) {
    const mostSafe = Number.MAX_SAFE_INTEGER - size;
    if (factor + c.constant! > mostSafe) return undefined;
    const before = `${target} = ${variable.text} * ${factor} + ${c.text};\n`;
    const work =
      `${target} -= Math.trunc(${target} * ${1 / size} - ${SMALLER}) * ${size}; ` +
      `if (${target} >= ${size}) ${target} -= ${size};`;
    return { before, test: `${variable.text} >= 0 && ${target} <= ${mostSafe}`, work };
  }
  return undefined;
}

function signed(value: number): string {
  return value < 0 ? `(${value})` : String(value);
}
