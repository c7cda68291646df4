/**
 * What each instruction becomes in JavaScript: the JIT's column of the opcode table.
 *
 * The trick: an emitter assumes what is most likely of its operands, writes one guard for it, and what follows is plain
 * JavaScript on numbers and fields. Where an assumption has failed too often (`isDoubted`) the code is made again with
 * the operation in full.
 * A value is asked for its type without a look at its class: nothing but Data has a property of that name (value.ts, D1).
 * Stays true: checks and charges of reductions stand where the interpreter's are (J2); a guard that fails leaves with the
 * operands that the instruction began with, so the interpreter does it from the start.
 */
import { nameOf, OPCODES, type OpName, VALUE_KINDS } from "../bytecode/opcodes.ts";
import type { Answers } from "../host/native.ts";
import { INLINE_FIELDS, tupleType } from "../values/data.ts";
import type { InternedType } from "../values/data-types.ts";
import { Float, UNIT, type Value } from "../values/value.ts";
import { handlerOf } from "./graph/graph.ts";
import type { HelperName } from "./helpers.ts";
import { callThrough } from "./instantiate.ts";
import { findFusedModulo, type Source, type Term, writeFusedModulo } from "./int64/fused.ts";
import {
  ANY, BOOL, CELL, CLOSURE, CONS, DATA, detailOf, FLOAT, INT, isFloat, isList, LIST, NIL_KIND, NONE, NUMBER, OPEN_LIST, PID, STRING, TUPLE, tagOf, UNIT_KIND, WIDE, withDetail,
} from "./kinds.ts"; // biome-ignore format: a table
import { Why } from "./state.ts";
import type { Operand, Writer } from "./writer.ts";

type Emit = (w: Writer, a: number, b: number) => void;

/** Longer texts are constants of their own, so that generated code stays short. */
const SHORT_TEXT = 24;
/** Longer lists are made from an array. */
const NESTED_CONS = 12;

// ── constants ───────────────────────────────────────────────────────────────────────────────────────────────────────

function intText(value: number): string {
  return value < 0 ? `(${value})` : String(value);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "(0 / 0)";
  if (!Number.isFinite(value)) return value < 0 ? "(-1 / 0)" : "(1 / 0)";
  return value < 0 || Object.is(value, -0) ? `(${Object.is(value, -0) ? "-0" : value})` : String(value);
}

function constantOf(w: Writer, value: Value): Operand {
  if (typeof value === "number")
    return Number.isInteger(value) ? w.constant(intText(value), INT) : w.constant(floatText(value), FLOAT);
  if (typeof value === "bigint") return w.constant(value < 0n ? `(${value}n)` : `${value}n`, WIDE);
  if (value instanceof Float) return w.constant(floatText(value.value), FLOAT);
  if (typeof value === "string") {
    const text = value.length <= SHORT_TEXT ? JSON.stringify(value) : w.compilation.constant(value);
    return w.constant(text, STRING);
  }
  if (typeof value === "boolean") return w.constant(String(value), BOOL);
  if (value === UNIT) return w.constant("UNIT", UNIT_KIND);
  return w.constant(w.compilation.constant(value), ANY);
}

/** The operand where a field follows: `5.head` is no JavaScript. */
function objectOf(operand: Operand): string {
  return operand.id === -1 ? `(${operand.text})` : operand.text;
}

// ── arithmetic ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether the operation on these two has to be one of Ints, as far as is known; Floats: `isFloat` of one. */
function mayBeInts(a: number, b: number): boolean {
  return mayBeInt(a) && mayBeInt(b);
}

function mayBeInt(kind: number): boolean {
  return kind === INT || kind === ANY || kind === NUMBER;
}

/** Whether there is a double for it. */
function isNumeric(kind: number): boolean {
  return kind === INT || kind === NUMBER || isFloat(kind);
}

/** Makes doubles of two operands of which one is known to be a Float. @returns false: they may not be */
function toDoubles(w: Writer, a: Operand, b: Operand): boolean {
  const [ka, kb] = [w.kindOf(a), w.kindOf(b)];
  if (!isFloat(ka) && !isFloat(kb)) return false;
  if (isNumeric(ka) && isNumeric(kb)) return true;
  if (w.isDoubted) return false;
  if (ka === ANY && a.id !== -1) w.guardNumber(a);
  else if (!isNumeric(ka)) return false;
  if (kb === ANY && b.id !== -1) w.guardNumber(b);
  else if (!isNumeric(kb)) return false;
  return true;
}

/**
 * Makes ready for an operation on wide Ints, if it is one: one of the two is wide, or `wanted` and both are Ints.
 * @returns false: nothing has been written
 */
function toWide(w: Writer, a: Operand, b: Operand, wanted: boolean): boolean {
  const operands = [a, b];
  if (!wanted && !operands.some((operand) => w.kindOf(operand) === WIDE)) return false;
  const mayBe = (kind: number): boolean => kind === INT || kind === WIDE || (kind === ANY && !w.isDoubted);
  if (!operands.every((operand) => mayBe(w.kindOf(operand)))) return false;
  for (const operand of operands) {
    if (w.kindOf(operand) !== ANY) continue;
    // beside one that is wide the other seldom is, and wide Ints are catching: a counter had better stay a number
    if (w.overflows) w.guardWide(operand);
    else w.guardSmallInt(operand);
  }
  return true;
}

/** Leaves for a divisor of 0, which the interpreter fails on. */
function guardDivisor(w: Writer, b: Operand): void {
  const isZero = w.kindOf(b) === WIDE ? `${b.text} === 0n` : `${b.text} === 0`;
  if (b.id !== -1 || Number(b.text) === 0) w.line(`if (${isZero}) ${w.bail(-1)}`);
}

/** +, - and *: `generic` takes whatever the operation takes. */
function arithmetic(symbol: "+" | "-" | "*", generic: HelperName): Emit {
  return (w) => {
    if (symbol === "*" && fuseModulo(w)) return;
    const b = w.pop();
    const a = w.pop();
    if (toDoubles(w, a, b)) {
      w.compute(`${w.doubleOf(a)} ${symbol} ${w.doubleOf(b)}`, FLOAT);
      return;
    }
    if (toWide(w, a, b, w.overflows)) {
      w.compute(`BigInt.asIntN(64, ${w.wideOf(a)} ${symbol} ${w.wideOf(b)})`, WIDE);
      return;
    }
    const [ka, kb] = [w.kindOf(a), w.kindOf(b)];
    // `+ 0` makes 0 of -0
    const expression = `${a.text} ${symbol} ${b.text}${symbol === "*" ? " + 0" : ""}`;
    if ((ka === INT && kb === INT) || (mayBeInts(ka, kb) && !w.isDoubted)) {
      w.guardSmallInt(a);
      w.guardSmallInt(b);
      w.guardSafe(w.compute(expression, INT));
      return;
    }
    if (!mayBeInts(ka, kb)) {
      w.attempt(w.call(generic, a, b), ANY);
      return;
    }
    const tests = [a, b].filter((operand) => w.kindOf(operand) !== INT).map(({ text }) => `isInt(${text})`);
    const name = w.compute(`${tests.join(" && ")} ? ${expression} : 0.5`, ANY);
    w.line(
      `if (!isSafe(${name})) { ${name} = ${w.call(generic, a, b)}; if (${name} === undefined) ${w.leave(Why.Propagates)} }`,
    );
  };
}

/** ADD_F and its like: what is a number is taken for a Float, as the interpreter does. */
function floatArithmetic(symbol: "+" | "-" | "*" | "/", generic: HelperName): Emit {
  return (w) => {
    const b = w.pop();
    const a = w.pop();
    for (const operand of [a, b]) {
      if (w.kindOf(operand) !== ANY || w.isDoubted) continue;
      w.guardNumber(operand);
    }
    if (isNumeric(w.kindOf(a)) && isNumeric(w.kindOf(b)))
      w.compute(`${w.doubleOf(a)} ${symbol} ${w.doubleOf(b)}`, FLOAT);
    else w.attempt(w.call(generic, a, b), ANY);
  };
}

function division(isFloatZeroError: boolean, generic: HelperName): Emit {
  return (w) => {
    const b = w.pop();
    const a = w.pop();
    if (toDoubles(w, a, b)) {
      const divisor = w.doubleOf(b);
      const areFloats = isFloat(w.kindOf(a)) && isFloat(w.kindOf(b));
      if (isFloatZeroError || !areFloats) w.line(`if (${divisor} === 0) ${w.bail(-1)}`);
      w.compute(`${w.doubleOf(a)} / ${divisor}`, FLOAT);
      return;
    }
    if (toWide(w, a, b, false)) {
      guardDivisor(w, b);
      w.compute(`BigInt.asIntN(64, ${w.wideOf(a)} / ${w.wideOf(b)})`, WIDE);
      return;
    }
    if (!mayBeInts(w.kindOf(a), w.kindOf(b)) || w.isDoubted) {
      w.attempt(w.call(generic, a, b), ANY);
      return;
    }
    w.guardInt(a);
    w.guardInt(b);
    const divisor = Number(b.text);
    if (b.id !== -1 || !(divisor > 0)) {
      w.line(`if (${b.text} === 0) ${w.bail(-1)}`);
      w.compute(`Math.trunc(${a.text} / ${b.text}) + 0`, INT);
    } else
      w.compute(
        `(${a.text} | 0) === ${a.text} ? (${a.text} / ${divisor}) | 0 : Math.trunc(${a.text} / ${divisor}) + 0`,
        INT,
      );
  };
}

function emitModulo(w: Writer): void {
  const b = w.pop();
  const a = w.pop();
  if (toDoubles(w, a, b)) {
    const divisor = w.doubleOf(b);
    w.line(`if (${divisor} === 0) ${w.bail(-1)}`);
    w.compute(`${w.doubleOf(a)} % ${divisor}`, FLOAT);
    return;
  }
  if (toWide(w, a, b, false)) {
    guardDivisor(w, b);
    const rest = `BigInt.asIntN(64, ${w.wideOf(a)} % ${w.wideOf(b)})`;
    // smaller than a divisor that is safe
    if (w.kindOf(b) === INT) w.compute(`narrowSafe(${rest})`, INT);
    else w.compute(rest, WIDE);
    return;
  }
  if (!mayBeInts(w.kindOf(a), w.kindOf(b)) || w.isDoubted) {
    w.attempt(w.call("modulo", a, b), ANY);
    return;
  }
  w.guardInt(a);
  w.guardInt(b);
  const divisor = Number(b.text);
  // beyond 32 bits `%` calls fmod; the other form is exact, see remInt
  const large = `${a.text} - Math.trunc(${a.text} / ${b.text}) * ${b.text}`;
  if (b.id === -1 && divisor > 0 && divisor < 2 ** 31) {
    w.compute(`(${a.text} | 0) === ${a.text} ? (${a.text} % ${divisor}) | 0 : ${large}`, INT);
    return;
  }
  w.line(`if (${b.text} === 0) ${w.bail(-1)}`);
  w.compute(
    `(${a.text} | 0) === ${a.text} && (${b.text} | 0) === ${b.text} && ${b.text} > 0 ? (${a.text} % ${b.text}) | 0 : ${large}`,
    INT,
  );
}

/** `(a * b + c) % m` in one, if that is what follows; see int64/fused.ts. @returns false: the MUL is on its own */
function fuseModulo(w: Writer): boolean {
  const form = findFusedModulo(w.fn.code, w.at, w.blockEnd, w.program.constants);
  if (form === undefined) return false;
  const termOf = (source: Source, below: Operand | undefined): Operand => {
    if (source.kind === "constant") return w.constant(intText(source.value), INT);
    return source.kind === "slot" ? w.variable(source.slot) : below!;
  };
  const takes = form.addend?.kind === "below" ? 3 : 2;
  const below = takes === 3 ? w.stack.at(-3) : undefined;
  const addend = form.addend && termOf(form.addend, below);
  const modulus = termOf(form.modulus, undefined);
  const [a, b] = w.stack.slice(-2) as [Operand, Operand];
  const operands = addend === undefined ? [a, b, modulus] : [a, b, addend, modulus];
  // Floats do not come here, nor what is not known any more to be an Int
  if (operands.some((operand) => w.kindOf(operand) !== INT && (w.isDoubted || w.kindOf(operand) !== ANY))) return false;
  w.popMany(takes);
  for (const operand of operands) w.guardInt(operand);
  if (modulus.id !== -1) w.line(`if (${modulus.text} === 0) ${w.bail(-1)}`);
  const terms = operands.map(
    ({ id, text }): Term => ({ text, constant: id === -1 ? Number(text.replace(/[()]/g, "")) : undefined }),
  );
  w.computeBy(INT, (name) => writeFusedModulo(name, form.sum, terms[0]!, terms[1]!, addend && terms[2], terms.at(-1)!));
  w.goOnAt(form.to);
  return true;
}

function emitPower(w: Writer): void {
  const b = w.pop();
  const a = w.pop();
  if (isFloat(w.kindOf(a)) && isFloat(w.kindOf(b))) w.compute(`${w.doubleOf(a)} ** ${w.doubleOf(b)}`, FLOAT);
  else w.attempt(w.call("power", a, b), ANY);
}

function emitNegate(w: Writer): void {
  const a = w.pop();
  const kind = w.kindOf(a);
  if (kind === INT) w.compute(`0 - ${a.text}`, INT);
  else if (kind === WIDE) w.compute(`BigInt.asIntN(64, -${a.text})`, WIDE);
  else if (isFloat(kind)) w.compute(`-${w.doubleOf(a)}`, FLOAT);
  else w.attempt(w.call("negate", a), ANY);
}

// ── comparison and logic ────────────────────────────────────────────────────────────────────────────────────────────

/** Values of these kinds are equal exactly when they are ===, whatever the other is. */
function isIdentical(kind: number): boolean {
  return kind === INT || kind === STRING || kind === BOOL;
}

function equality(isEqual: boolean): Emit {
  const symbol = isEqual ? "===" : "!==";
  return (w) => {
    const b = w.pop();
    const a = w.pop();
    const [ka, kb] = [w.kindOf(a), w.kindOf(b)];
    if (isFloat(ka) && isFloat(kb)) {
      w.pushTest(`${w.doubleOf(a)} ${symbol} ${w.doubleOf(b)}`);
      return;
    }
    if (toWide(w, a, b, false)) {
      w.pushTest(`${w.wideOf(a)} ${symbol} ${w.wideOf(b)}`);
      return;
    }
    if (isIdentical(ka) || isIdentical(kb)) {
      const variable = a.id !== -1 && ka === ANY ? a : b.id !== -1 && kb === ANY ? b : undefined;
      const known = isIdentical(ka) ? ka : kb;
      const finding =
        variable === undefined
          ? undefined
          : { id: variable.id, whenTrue: isEqual ? known : NONE, whenFalse: isEqual ? NONE : known };
      w.pushTest(`${w.valueOf(a)} ${symbol} ${w.valueOf(b)}`, finding);
      return;
    }
    const [x, y] = [w.valueOf(a), w.valueOf(b)];
    const name = w.compute(
      `typeof ${x} !== "object" || typeof ${y} !== "object" ? ${x} === ${y} : ${w.call("equal", x, y)}`,
      BOOL,
    );
    w.line(`if (${name} === undefined) ${w.leave(Why.Propagates)}`);
    if (!isEqual) w.pushTest(`!${w.pop().text}`);
  };
}

function mayBeFloat(w: Writer, operand: Operand): boolean {
  const kind = w.kindOf(operand);
  return operand.id !== -1 && (kind === ANY || kind === NUMBER);
}

function comparison(symbol: "<" | ">" | "<=" | ">=", generic: HelperName): Emit {
  return (w) => {
    const b = w.pop();
    const a = w.pop();
    if (isFloat(w.kindOf(a)) || isFloat(w.kindOf(b))) {
      // an Int is not compared with a Float
      const canBe = [a, b].every((operand) => isFloat(w.kindOf(operand)) || (mayBeFloat(w, operand) && !w.isDoubted));
      if (canBe) {
        w.guardFloat(a);
        w.guardFloat(b);
        w.pushTest(`${w.doubleOf(a)} ${symbol} ${w.doubleOf(b)}`);
        return;
      }
      w.attempt(w.call(generic, a, b), BOOL);
      return;
    }
    if (toWide(w, a, b, false)) {
      w.pushTest(`${w.wideOf(a)} ${symbol} ${w.wideOf(b)}`);
      return;
    }
    if (!mayBeInts(w.kindOf(a), w.kindOf(b))) {
      w.attempt(w.call(generic, a, b), BOOL);
      return;
    }
    if (!w.isDoubted) {
      w.guardInt(a);
      w.guardInt(b);
      w.pushTest(`${a.text} ${symbol} ${b.text}`);
      return;
    }
    const tests = [a, b].filter((operand) => w.kindOf(operand) !== INT).map(({ text }) => `isInt(${text})`);
    const name = w.compute(
      `${tests.join(" && ") || "true"} ? ${a.text} ${symbol} ${b.text} : ${w.call(generic, a, b)}`,
      BOOL,
    );
    w.line(`if (${name} === undefined) ${w.leave(Why.Propagates)}`);
  };
}

function emitNot(w: Writer): void {
  const a = w.pop();
  const kind = w.kindOf(a);
  const { finding } = a;
  if (kind === BOOL)
    w.pushTest(`!(${a.text})`, finding && { id: finding.id, whenTrue: finding.whenFalse, whenFalse: finding.whenTrue });
  else if (kind === INT) w.pushTest(`${a.text} === 0`);
  else w.attempt(w.call("not", a), BOOL);
}

/** Below this each part of an interpolation is joined where it stands. */
const SHORT_PART = 2 ** 10;

function emitInterpolate(w: Writer, count: number): void {
  const parts = w.popMany(count);
  const helper = w.call("interpolate", `[${argumentsOf(w, parts)}]`);
  const tests: string[] = [];
  for (const part of parts) {
    const kind = w.kindOf(part);
    const x = part.text;
    if (kind === ANY) tests.push(`(typeof ${x} === "string" ? ${x}.length < ${SHORT_PART} : isInt(${x}))`);
    else if (kind === STRING && part.id !== -1) tests.push(`${x}.length < ${SHORT_PART}`);
    else if (kind !== STRING && kind !== INT && kind !== BOOL) {
      w.attempt(helper, STRING);
      return;
    }
  }
  // JavaScript shows Ints and Bools alike; from the end, as the helper does
  const text = parts.reduceRight((rest, part) => `${w.valueOf(part)} + ${rest === '""' ? rest : `(${rest})`}`, '""');
  w.attempt(tests.length === 0 ? text : `${tests.join(" && ")} ? ${text} : ${helper}`, STRING);
}

// ── control ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a jump to `target` checks and charges, if it goes backward. */
function onBackward(w: Writer, target: number): string {
  if (target > w.at) return "";
  return `if (${w.isOut}) ${w.leave(Why.Preempted)}\nS.reductions--;\n`;
}

function emitJz(w: Writer, target: number): void {
  const a = w.pop();
  const kind = w.kindOf(a);
  const { finding } = a;
  const opposite = finding && { id: finding.id, whenTrue: finding.whenFalse, whenFalse: finding.whenTrue };
  const x = a.text;
  const condition =
    kind === BOOL
      ? `!(${x})`
      : kind === INT
        ? `${x} === 0`
        : kind === WIDE
          ? `${x} === 0n`
          : `${w.valueOf(a)} === false || ${w.valueOf(a)} === 0 || ${w.valueOf(a)} === NULL`;
  w.branch(condition, opposite, onBackward(w, target));
}

function emitJnz(w: Writer, target: number): void {
  const a = w.pop();
  if (w.kindOf(a) !== BOOL) w.line(`if (typeof ${w.valueOf(a)} !== "boolean") ${w.bail(-1)}`);
  w.branch(a.text, a.finding, onBackward(w, target));
}

function checkReductions(w: Writer): void {
  w.line(`if (${w.isOut}) ${w.leave(Why.Preempted)}`);
}

/** The call itself, and the way out behind it. */
function emitCall(w: Writer, call: string, kind: number, behind: number): void {
  if (kind === NONE) {
    // as far as is known it never returns
    w.line(`${call};`);
    w.line(w.leaveAt(behind, w.stack, Why.Propagates));
    w.end();
    return;
  }
  const rest = w.stack.slice();
  const name = w.compute(call, kind);
  w.line(`if (${name} === undefined) ${w.leaveAt(behind, rest, Why.Propagates)}`);
}

function argumentsOf(w: Writer, operands: readonly Operand[]): string {
  return operands.map((operand) => w.valueOf(operand)).join(", ");
}

/** As compiled functions take them: what is nested first. */
function callArguments(w: Writer, cost: number | string, operands: readonly Operand[]): string {
  return [w.nestedIn(cost), ...operands.map((operand) => w.valueOf(operand))].join(", ");
}

function emitCallFn(w: Writer, index: number, count: number): void {
  checkReductions(w);
  const { call, kind, cost } = w.compilation.callee(index);
  const given = callArguments(w, cost, w.popMany(count));
  w.line(`S.reductions -= ${cost};`);
  emitCall(w, call(given), kind, w.at + 3);
}

function emitTailCall(w: Writer, index: number, count: number): void {
  checkReductions(w);
  const { call, kind, cost } = w.compilation.callee(index);
  const operands = w.popMany(count);
  w.line(`S.reductions -= ${cost};`);
  if (index === w.fn.index) {
    w.storeArguments(operands);
    return;
  }
  w.line(`${w.call("noteTailCall", w.compilation.constant(w.fn), String(w.at))};`);
  w.line(`return ${call(callArguments(w, cost, operands))};`);
  w.gives(kind);
  w.end();
}

/** Checks that it is a function that takes so many arguments. */
function guardCallable(w: Writer, closure: Operand, count: number): void {
  const kind = withDetail(CLOSURE, count);
  if (w.kindOf(closure) === kind) return;
  w.guard(`!(${w.valueOf(closure)} instanceof Closure) || ${objectOf(closure)}.arity !== ${count}`, closure, kind, -1);
}

function emitCallFunction(w: Writer, count: number): void {
  checkReductions(w);
  const operands = w.popMany(count);
  const closure = w.pop();
  guardCallable(w, closure, count);
  const given = callArguments(w, `${w.callee}.cost`, [...operands, closure]);
  w.line(`${w.callee} = cells[${objectOf(closure)}.functionIndex];`);
  w.line(`S.reductions -= ${w.callee}.cost;`);
  emitCall(w, callThrough(w.callee, given), ANY, w.at + 2);
}

function emitTailCallFunction(w: Writer, count: number): void {
  checkReductions(w);
  const operands = w.popMany(count);
  const closure = w.pop();
  guardCallable(w, closure, count);
  const given = callArguments(w, `${w.callee}.cost`, [...operands, closure]);
  w.line(`${w.callee} = cells[${objectOf(closure)}.functionIndex];`);
  w.line(`S.reductions -= ${w.callee}.cost;`);
  const self = w.compilation.constant(w.fn.cell);
  w.line(`if (${w.callee} !== ${self}) ${w.call("noteTailCall", w.compilation.constant(w.fn), String(w.at))};`);
  w.line(`return ${callThrough(w.callee, given)};`);
  w.gives(ANY);
  w.end();
}

function emitCallNative(w: Writer, index: number, count: number): void {
  checkReductions(w);
  const native = w.program.natives[index]!;
  const operands = w.popMany(count);
  const inline = INLINE_NATIVES[native.name];
  if (inline !== undefined && !w.isDoubted && inline(w, operands)) return;
  const rest = w.stack.slice();
  const kind = native.answers === undefined ? ANY : KIND_OF_ANSWER[native.answers];
  const name = w.compute(`${w.compilation.native(native)}(${argumentsOf(w, operands)})`, kind);
  // what waits, or threw, has no arguments any more; what has paused is called again
  const exits = `if (S.why === ${Why.Preempted}) ${w.leave(Why.Propagates)} ${w.leaveAt(w.at, rest, Why.Propagates)}`;
  w.line(`if (${name} === undefined) { ${exits} }`);
}

const KIND_OF_ANSWER: Readonly<Record<keyof Answers, number>> = {
  Int: INT,
  Bool: BOOL,
  String: STRING,
  List: LIST,
  Value: ANY,
};

/** Writes a host function out, with its charge, if the operands are what it can do so for. */
type Inline = (w: Writer, operands: readonly Operand[]) => boolean;

function ofFloat(expression: string): Inline {
  return (w, [x]) => {
    if (!isFloat(w.kindOf(x!))) return false;
    charge(w, 1);
    w.compute(`${expression}(${w.doubleOf(x!)})`, FLOAT);
    return true;
  };
}

/** A Float made an Int; beyond what is safe the host function does it. */
function toWhole(expression: string): Inline {
  return (w, [x]) => {
    if (!isFloat(w.kindOf(x!))) return false;
    const name = w.compute(`${expression}(${w.doubleOf(x!)}) + 0`, INT);
    w.line(`if (!isSafe(${name})) ${w.bail()}`);
    charge(w, 1);
    return true;
  };
}

function guardString(w: Writer, text: Operand): void {
  if (w.kindOf(text) !== STRING) w.guard(`typeof ${w.valueOf(text)} !== "string"`, text, STRING, -1);
}

function sizeOf(className: "MapValue" | "SetValue"): Inline {
  return (w, [collection]) => {
    w.guard(`!(${w.valueOf(collection!)} instanceof ${className})`, collection!, ANY, -1);
    charge(w, 1);
    w.compute(`${objectOf(collection!)}.size`, INT);
    return true;
  };
}

/** Host functions that are small and pure; each does what vm/host/natives does, and nothing else. */
const INLINE_NATIVES: Readonly<Record<string, Inline>> = {
  "Math.sqrt": ofFloat("Math.sqrt"),
  "Math.sin": ofFloat("Math.sin"),
  "Math.cos": ofFloat("Math.cos"),
  "Math.floor": toWhole("Math.floor"),
  "Math.ceil": toWhole("Math.ceil"),
  "Number.toInt": (w, [x]) => {
    if (w.kindOf(x!) !== INT) return toWhole("Math.trunc")(w, [x!]);
    charge(w, 1);
    w.push(x!);
    return true;
  },
  "Number.toFloat": (w, [x]) => {
    const kind = w.kindOf(x!);
    if (kind !== INT && !isFloat(kind)) return false;
    charge(w, 1);
    w.compute(w.doubleOf(x!), FLOAT);
    return true;
  },
  "Number.abs": (w, [x]) => {
    const kind = w.kindOf(x!);
    if (kind !== INT && !isFloat(kind)) return false;
    charge(w, 1);
    w.compute(`Math.abs(${w.doubleOf(x!)})`, kind === INT ? INT : FLOAT);
    return true;
  },
  show: (w, [x]) => {
    const kind = w.kindOf(x!);
    if (kind !== INT && kind !== STRING) return false;
    charge(w, 1);
    if (kind === STRING) w.push(x!);
    else w.compute(`"" + ${x!.text}`, STRING);
    return true;
  },
  "String.isEmpty": (w, [text]) => {
    guardString(w, text!);
    charge(w, 1);
    w.pushTest(`${text!.text} === ""`);
    return true;
  },
  "String.length": (w, [text]) => {
    guardString(w, text!);
    charge(w, 1);
    w.compute(w.call("textLength", text!), INT);
    return true;
  },
  "Map.size": sizeOf("MapValue"),
  "Set.size": sizeOf("SetValue"),
  "List.isEmpty": (w, [list]) => {
    w.guardList(list!);
    charge(w, 1);
    w.compute(`${list!.text} === NIL`, BOOL);
    return true;
  },
  "List.head": (w, [list]) => {
    guardCons(w, list!);
    charge(w, 1);
    w.compute(`${objectOf(list!)}.head`, ANY);
    return true;
  },
  "List.tail": (w, [list]) => {
    guardCons(w, list!);
    charge(w, 1);
    w.compute(`${objectOf(list!)}.tail`, LIST);
    return true;
  },
};

function emitMakeLambda(w: Writer, index: number, count: number): void {
  const target = w.program.functions[index]!;
  const captures = argumentsOf(w, w.popMany(count));
  const name = JSON.stringify(target.closure.name);
  w.compute(`new Closure(${index}, ${target.arity}, ${name}, [${captures}])`, withDetail(CLOSURE, target.arity));
}

function emitPatchCapture(w: Writer, position: number): void {
  const value = w.pop();
  const closure = w.pop();
  const c = w.valueOf(closure);
  w.line(`if (!(${c} instanceof Closure) || ${position} >= ${objectOf(closure)}.captures.length) ${w.bail(-1)}`);
  w.line(`${objectOf(closure)}.captures[${position}] = ${w.valueOf(value)};`);
  w.push(closure);
}

// ── variables ───────────────────────────────────────────────────────────────────────────────────────────────────────

function emitMakeCell(w: Writer): void {
  const value = w.pop();
  w.line("S.process.mayHoldMutables = true;");
  w.compute(`new Cell(${w.valueOf(value)})`, CELL);
}

function guardCell(w: Writer, cell: Operand): void {
  if (w.kindOf(cell) !== CELL) w.guard(`!(${w.valueOf(cell)} instanceof Cell)`, cell, CELL, -1);
}

function emitCellGet(w: Writer): void {
  const cell = w.pop();
  guardCell(w, cell);
  const name = w.compute(`${objectOf(cell)}.value`, ANY);
  w.line(`if (${name} === undefined) ${w.bail(-1)}`);
}

function emitCellSet(w: Writer): void {
  const value = w.pop();
  const cell = w.pop();
  guardCell(w, cell);
  w.line(`${objectOf(cell)}.value = ${w.valueOf(value)};`);
}

function emitLoadGlobal(w: Writer, index: number): void {
  const global = w.compilation.constant(w.compilation.machine.globals[index]);
  const name = w.compute(`${global}.value`, ANY);
  w.line(`if (${name} === undefined) ${w.bail(-1)}`);
  w.line(`if (${global}.holdsMutables) S.process.mayHoldMutables = true;`);
}

function emitStoreGlobal(w: Writer, index: number): void {
  const global = w.compilation.constant(w.compilation.machine.globals[index]);
  w.line(`${w.call("storeGlobal", global, w.pop())};`);
}

// ── data ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function charge(w: Writer, reductions: number): void {
  if (reductions > 0) w.line(`S.reductions -= ${reductions};`);
}

/** x1 .. xn in front of `tail`, whose kind is a list's. */
function makeList(w: Writer, items: readonly Operand[], tail: string, kind: number): void {
  charge(w, items.length >> 3);
  if (items.length === 0) w.push(w.constant(tail, kind));
  else if (items.length > NESTED_CONS) w.compute(w.call("listOf", `[${argumentsOf(w, items)}]`, tail), CONS);
  else
    w.compute(
      items.reduceRight((rest, item) => `new Cons(${w.valueOf(item)}, ${rest})`, tail),
      CONS,
    );
}

function emitCons(w: Writer): void {
  const tail = w.pop();
  const head = w.pop();
  w.guardList(tail);
  w.compute(`new Cons(${w.valueOf(head)}, ${tail.text})`, CONS);
}

function emitAppend(w: Writer, count: number): void {
  const tail = w.pop();
  const items = w.popMany(count);
  w.guardList(tail);
  if (count === 0) {
    w.push(tail);
    return;
  }
  makeList(w, items, tail.text, LIST);
}

/** As makeData chooses: a class and the room that it has. */
function dataClass(arity: number): { readonly name: string; readonly room: number } {
  if (arity <= 2) return { name: "Data", room: 2 };
  if (arity <= 4) return { name: "Data4", room: 4 };
  return { name: arity <= INLINE_FIELDS ? "Data8" : "DataMany", room: INLINE_FIELDS };
}

function emitMakeData(w: Writer, index: number, count: number): void {
  const type = w.program.dataTypes[index]!;
  if (type.isMutable) w.line("S.process.mayHoldMutables = true;");
  makeFields(w, type, count, withDetail(DATA, index));
}

function makeFields(w: Writer, type: InternedType, count: number, kind: number): void {
  const fields = w.popMany(count).map((operand) => w.valueOf(operand));
  if (type.only !== undefined) {
    w.push(w.constant(w.compilation.constant(type.only), kind));
    return;
  }
  const { name, room } = dataClass(count);
  const inside = fields.slice(0, room);
  while (inside.length < room) inside.push("undefined");
  if (count > INLINE_FIELDS) inside.push(`[${fields.slice(INLINE_FIELDS).join(", ")}]`);
  w.compute(`new ${name}(${[w.compilation.constant(type), ...inside].join(", ")})`, kind);
}

/** A field as data.ts lays them out. */
function fieldText(data: Operand, position: number): string {
  const object = objectOf(data);
  return position < INLINE_FIELDS ? `${object}.${"abcdefgh"[position]}` : `${object}.rest[${position - INLINE_FIELDS}]`;
}

function emitGetField(w: Writer, position: number): void {
  const data = w.pop();
  const kind = w.kindOf(data);
  if (tagOf(kind) !== DATA) w.guard(`${objectOf(data)}.type === undefined`, data, DATA, -1);
  if (tagOf(kind) !== DATA || detailOf(kind) === -1) {
    // how many fields it has is not known
    if (position >= INLINE_FIELDS) w.guard(`!(${w.valueOf(data)} instanceof DataMany)`, data, DATA, -1);
  }
  const name = w.compute(fieldText(data, position), ANY);
  const type = w.program.dataTypes[detailOf(kind)];
  if (tagOf(kind) !== DATA || type === undefined || position >= type.arity)
    w.line(`if (${name} === undefined) ${w.bail(-1)}`);
}

/** Of a record that has a field of this name at a place of its own, as few do. */
const MOST_OWNERS = 4;

function emitFieldByName(w: Writer, index: number): void {
  const name = w.program.constants[index] as string;
  const data = w.pop();
  const helper = w.call("fieldByName", data, JSON.stringify(name));
  const kind = w.kindOf(data);
  const owners = w.program.dataTypes.filter((type) => type.positions.has(name));
  if (owners.length > MOST_OWNERS || (kind !== ANY && tagOf(kind) !== DATA)) {
    w.attempt(helper, ANY);
    return;
  }
  const x = objectOf(data);
  const ways = owners.map(
    (type) => `${x}.type === ${w.compilation.constant(type)} ? ${fieldText(data, type.positions.get(name)!)} : `,
  );
  const field = `${ways.join("")}${helper}`;
  w.attempt(field, ANY);
}

function emitSetField(w: Writer, position: number): void {
  const value = w.pop();
  const target = w.pop();
  const type = tagOf(w.kindOf(target)) === DATA ? w.program.dataTypes[detailOf(w.kindOf(target))] : undefined;
  if (type?.isMutable && position < type.arity) w.line(`${fieldText(target, position)} = ${w.valueOf(value)};`);
  else w.attemptAlone(w.call("setField", target, String(position), value));
}

function emitTupleItem(w: Writer, position: number): void {
  const tuple = w.pop();
  const kind = w.kindOf(tuple);
  if (tagOf(kind) !== TUPLE)
    w.guard(`${objectOf(tuple)}.type === undefined || ${objectOf(tuple)}.type.sort !== "tuple"`, tuple, TUPLE, -1);
  if ((tagOf(kind) !== TUPLE || detailOf(kind) === -1) && position >= INLINE_FIELDS)
    w.guard(`!(${w.valueOf(tuple)} instanceof DataMany)`, tuple, TUPLE, -1); // how many items it has is not known
  const name = w.compute(fieldText(tuple, position), ANY);
  if (tagOf(kind) !== TUPLE || position >= detailOf(kind)) w.line(`if (${name} === undefined) ${w.bail(-1)}`);
}

function guardCons(w: Writer, list: Operand): void {
  const kind = w.kindOf(list);
  if (kind === LIST) w.guard(`${list.text} === NIL`, list, CONS, -1);
  else if (kind !== CONS) w.guard(`!(${w.valueOf(list)} instanceof Cons)`, list, CONS, -1);
}

function listPart(part: "head" | "tail"): Emit {
  return (w) => {
    const list = w.pop();
    guardCons(w, list);
    w.compute(`${objectOf(list)}.${part}`, part === "head" ? ANY : LIST);
  };
}

function guardOpenList(w: Writer, open: Operand): string {
  w.guardOpenList(open);
  return objectOf(open);
}

function emitListAdd(w: Writer): void {
  const open = w.pop();
  const value = w.pop();
  w.line(`${guardOpenList(w, open)}.add(${w.valueOf(value)});`);
  if (open.id < w.fn.slots) w.push(open);
  else w.compute(open.text, OPEN_LIST);
}

function emitListEnd(w: Writer): void {
  const open = w.pop();
  const tail = w.pop();
  const list = guardOpenList(w, open);
  if (!isList(w.kindOf(tail))) {
    const x = w.valueOf(tail);
    w.line(`if (!(${x} instanceof Cons) && ${x} !== NIL) ${w.bail(-1)}`);
  }
  w.compute(`${list}.close(${w.valueOf(tail)})`, LIST);
}

// ── pattern tests ───────────────────────────────────────────────────────────────────────────────────────────────────

function test(w: Writer, operand: Operand, text: string, whenTrue: number, whenFalse = NONE): void {
  w.pushTest(text, operand.id === -1 ? undefined : { id: operand.id, whenTrue, whenFalse });
}

function emitIsCons(w: Writer): void {
  const list = w.pop();
  const kind = w.kindOf(list);
  if (kind === CONS || kind === NIL_KIND) w.push(w.constant(String(kind === CONS), BOOL));
  else if (kind === LIST) test(w, list, `${list.text} !== NIL`, CONS, NIL_KIND);
  else test(w, list, `${w.valueOf(list)} instanceof Cons`, CONS);
}

function emitIsNil(w: Writer): void {
  const list = w.pop();
  const kind = w.kindOf(list);
  if (kind === CONS || kind === NIL_KIND) w.push(w.constant(String(kind === NIL_KIND), BOOL));
  else test(w, list, `${w.valueOf(list)} === NIL`, NIL_KIND, kind === LIST ? CONS : NONE);
}

function emitIsTuple(w: Writer, count: number): void {
  const tuple = w.pop();
  const kind = w.kindOf(tuple);
  if (tagOf(kind) === TUPLE && detailOf(kind) !== -1) w.push(w.constant(String(detailOf(kind) === count), BOOL));
  else
    test(w, tuple, `${objectOf(tuple)}.type === ${w.compilation.constant(tupleType(count))}`, withDetail(TUPLE, count));
}

function emitIsConstructor(w: Writer, index: number): void {
  const data = w.pop();
  const type = w.program.dataTypes[index]!;
  const kind = w.kindOf(data);
  const known = tagOf(kind) === DATA ? w.program.dataTypes[detailOf(kind)] : undefined;
  if (known !== undefined) {
    w.push(w.constant(String(known.shape === type.shape), BOOL));
    return;
  }
  const t = w.compilation.constant(type);
  const found = `${objectOf(data)}.type`;
  // structs of one shape may have their fields in another order
  const whenTrue = type.sort === "struct" ? DATA : withDetail(DATA, index);
  if (type.sort !== "struct") test(w, data, `${found} === ${t}`, whenTrue);
  else if (tagOf(kind) === DATA) test(w, data, `${found}.shape === ${t}.shape`, whenTrue);
  else test(w, data, `(${found} !== undefined && ${found}.shape === ${t}.shape)`, whenTrue);
}

function emitIsType(w: Writer, index: number): void {
  const data = w.pop();
  const found = `${objectOf(data)}.type`;
  const family = w.compilation.constant(w.program.dataTypes[index]!.family);
  test(w, data, `(${found} !== undefined && ${found}.family === ${family})`, DATA);
}

function emitIsKind(w: Writer, index: number): void {
  const value = w.pop();
  const x = w.valueOf(value);
  const kind = w.kindOf(value);
  switch (VALUE_KINDS[index]) {
    case "Int":
      if (kind === INT) w.push(w.constant("true", BOOL));
      else w.pushTest(`(isInt(${x}) || typeof ${x} === "bigint")`);
      return;
    case "String":
      test(w, value, `typeof ${x} === "string"`, STRING);
      return;
    case "Bool":
      test(w, value, `typeof ${x} === "boolean"`, BOOL);
      return;
    case "List":
      test(w, value, `(${x} instanceof Cons || ${x} === NIL)`, LIST);
      return;
    default:
      w.pushTest(w.call("isKind", x, String(index)));
  }
}

// ── failure ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** To the handler, where it stands in the same function: the trace is noted, the operands above it are dropped. */
function emitThrow(w: Writer): void {
  const value = w.pop();
  const handler = handlerOf(w.fn, w.at);
  if (handler === undefined) {
    w.line(`${w.call("thrown", value)};`);
    w.line(w.leave(Why.Propagates));
    w.end();
    return;
  }
  w.line(`${w.call("caughtHere", value, w.compilation.constant(w.fn), String(w.at))};`);
  w.stack.length = handler.depth;
  w.push(value);
  w.branch("", undefined, "");
}

// ── processes ───────────────────────────────────────────────────────────────────────────────────────────────────────

function emitReceiveBegin(w: Writer): void {
  const p = w.process;
  w.line(`if (${p}.hasDeadline) ${w.call("endDeadline")};`);
  w.line(`${p}.scan = 0;`);
}

function emitReceive(w: Writer, target: number): void {
  const p = w.process;
  const id = w.fn.slots + 2 * w.stack.length;
  const name = w.variable(id).text;
  w.declare(id);
  w.line(`${name} = ${p}.scan === 0 ? ${p}.slot : ${w.call("receive")};`);
  w.line(
    `if (${name} === undefined && !(${p}.hasDeadline && ${w.call("isDue")})) {\n${w.call("await")};\n${w.rest()}\n}`,
  );
  w.branch(`${name} === undefined`, undefined, `${onBackward(w, target)}${w.call("expire")};\n`);
}

function emitReceiveTake(w: Writer): void {
  const p = w.process;
  w.line(`if (${p}.scan === 0 && ${p}.overflow === null) ${p}.slot = undefined; else ${w.call("take")};`);
  w.line(`if (${p}.hasDeadline) ${w.call("endDeadline")};`);
}

function emitSpawn(w: Writer): void {
  checkReductions(w);
  const closure = w.pop();
  guardCallable(w, closure, 0);
  const [anything, immutable] = [w.call("spawn", closure), w.call("spawnHere", closure)];
  const name = w.compute(`${w.process}.mayHoldMutables ? ${anything} : ${immutable}`, PID);
  w.line(`if (${name} === undefined) ${w.leave(Why.Propagates)}`);
}

function emitSend(w: Writer): void {
  checkReductions(w);
  const message = w.pop();
  const pid = w.pop();
  const isOver = w.leaveAt(w.at + 1, w.stack, Why.Waits); // the message is sent
  const send = `const sent = ${w.call("send", pid, message)};
if (sent === undefined) ${w.leave(Why.Propagates)}
if (!sent) ${isOver}`;
  const id = `${objectOf(pid)}.id`;
  const isPid = w.kindOf(pid) === PID ? "" : `${w.valueOf(pid)} instanceof Pid && `;
  const isPlain = `${isPid}!${w.process}.mayHoldMutables`;
  const posted = `S.reductions--;\nif (!posted) ${isOver}`;
  if (w.compilation.machine.cluster === undefined)
    w.line(`if (${isPlain}) {\nconst posted = ${w.call("post", id, message)};\n${posted}\n} else {\n${send}\n}`);
  else
    w.line(
      `{\nconst posted = ${isPlain} ? ${w.call("postHere", id, message)} : undefined;
if (posted !== undefined) {\n${posted}\n} else {\n${send}\n}\n}`,
    );
}

/** Leaves behind the instruction, because the slice is over. */
function leaveBehind(w: Writer, why: Why): void {
  w.line(w.leaveAt(w.at + 1, w.stack, why));
  w.end();
}

// ── mvars ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function emitMvarGet(w: Writer, index: number): void {
  const mvar = w.compilation.constant(w.compilation.machine.mvars[index]);
  const name = w.compute(`${mvar}.value`, ANY);
  w.line(`if (${name} === undefined) ${w.bail(-1)}`);
  w.line(
    `if (${mvar}.holdsMutables) { ${name} = ${w.call("mvarCopy", name)}; if (${name} === undefined) ${w.leave(Why.Propagates)} }`,
  );
}

// ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The interpreter does it, whatever it is: rare, or it always ends the function. */
function toInterpreter(w: Writer): void {
  w.line(w.bail(-1));
  w.end();
}

function helper(name: HelperName, count: number, kind: number): Emit {
  return (w) => w.attempt(w.call(name, ...w.popMany(count)), kind);
}

/** Never in code of the language. */
const tiny: Emit = toInterpreter;

const BY_NAME: Readonly<Record<OpName, Emit>> = {
  PUSH_INT: (w, value) => w.push(w.constant(intText(value), INT)),
  PUSH_FLOAT: (w, index) => w.push(constantOf(w, w.program.constants[index]!)),
  PUSH_STR: (w, index) => w.push(constantOf(w, w.program.constants[index]!)),
  TRUE: (w) => w.push(w.constant("true", BOOL)),
  FALSE: (w) => w.push(w.constant("false", BOOL)),
  PUSH_UNIT: (w) => w.push(w.constant("UNIT", UNIT_KIND)),
  PUSH_CONST: (w, index) => w.push(constantOf(w, w.program.constants[index]!)),
  DUP: (w) => w.push(w.stack.at(-1)!),
  POP: (w) => void w.pop(),
  LOAD: (w, slot) => w.push(w.variable(slot)),
  STORE: (w, slot) => w.store(slot, w.pop()),

  ADD: arithmetic("+", "addNumbers"),
  SUB: arithmetic("-", "subtractNumbers"),
  MUL: arithmetic("*", "multiplyNumbers"),
  DIV: division(true, "divideNumbers"),
  ADD_F: floatArithmetic("+", "addFloats"),
  SUB_F: floatArithmetic("-", "subtractFloats"),
  MUL_F: floatArithmetic("*", "multiplyFloats"),
  "DIV_F.ieee": floatArithmetic("/", "divideFloats"),
  "ADD.val": arithmetic("+", "add"),
  "SUB.val": arithmetic("-", "subtract"),
  "MUL.val": arithmetic("*", "multiply"),
  "DIV.val": division(false, "divide"),
  MOD: emitModulo,
  POW: emitPower,
  NEG: emitNegate,

  "EQ.val": equality(true),
  "NE.val": equality(false),
  "LT.val": comparison("<", "less"),
  "GT.val": comparison(">", "greater"),
  "LE.val": comparison("<=", "lessOrEqual"),
  "GE.val": comparison(">=", "greaterOrEqual"),
  NOT: emitNot,
  CONCAT: helper("join", 2, STRING),
  "CONCAT.val": helper("concat", 2, ANY),
  INTERPOLATE: emitInterpolate,

  JMP: (w, target) => w.branch("", undefined, onBackward(w, target)),
  JZ: emitJz,
  JNZ: emitJnz,
  "CALL.fn": emitCallFn,
  TAIL_CALL: emitTailCall,
  "RET.val": (w) => w.returns(w.pop()),
  "CALL_FUNCTION.fn": emitCallFunction,
  TAIL_CALL_FUNCTION: emitTailCallFunction,
  CALL_NATIVE: emitCallNative,
  "MAKE_FUNCTION.fn": (w, index) => {
    const { closure } = w.program.functions[index]!;
    w.push(w.constant(w.compilation.constant(closure), withDetail(CLOSURE, closure.arity)));
  },
  "MAKE_LAMBDA.fn": emitMakeLambda,
  PATCH_CAPTURE: emitPatchCapture,
  ENTER: (w, cost) => {
    checkReductions(w);
    w.line(`S.reductions -= ${cost};`);
  },
  REENTER: (w, _target, cost) => {
    w.branch("", undefined, `if (${w.isOut}) ${w.leave(Why.Preempted)}\nS.reductions -= ${cost};\n`);
  },
  NOTE_TAIL_CALL: (w) => w.line(`${w.call("noteTailCall", w.compilation.constant(w.fn), String(w.at))};`),

  MAKE_CELL: emitMakeCell,
  CELL_GET: emitCellGet,
  CELL_SET: emitCellSet,
  LOAD_GLOBAL: emitLoadGlobal,
  STORE_GLOBAL: emitStoreGlobal,

  MAKE_LIST: (w, count) => makeList(w, w.popMany(count), "NIL", NIL_KIND),
  CONS: emitCons,
  APPEND: emitAppend,
  LIST_BEGIN: (w) => void w.compute("new OpenList()", OPEN_LIST),
  LIST_ADD: emitListAdd,
  LIST_IS_EMPTY: (w) => w.pushTest(`${guardOpenList(w, w.pop())}.isEmpty`),
  LIST_END: emitListEnd,
  MAKE_TUPLE: (w, count) => makeFields(w, tupleType(count), count, withDetail(TUPLE, count)),
  MAKE_MAP: (w, count) => {
    w.attempt(w.call("mapOf", `[${argumentsOf(w, w.popMany(count * 2))}]`), ANY);
    charge(w, (count * 2) >> 2);
  },
  MAKE_SET: (w, count) => {
    w.attempt(w.call("setOf", `[${argumentsOf(w, w.popMany(count))}]`), ANY);
    charge(w, count >> 2);
  },
  MAKE_DATA: emitMakeData,
  MAKE_MUTABLE: emitMakeData,
  "GET_FIELD.at": emitGetField,
  "GET_FIELD.val": emitFieldByName,
  "SET_FIELD.at": emitSetField,
  "SET_FIELD.val": (w, index) => {
    const value = w.pop();
    w.attemptAlone(w.call("setFieldByName", w.pop(), JSON.stringify(w.program.constants[index]), value));
  },
  TUPLE_ITEM: emitTupleItem,
  HEAD: listPart("head"),
  TAIL: listPart("tail"),
  "INDEX.val": helper("indexOf", 2, ANY),
  UPDATED: helper("updated", 3, ANY),

  IS_CONS: emitIsCons,
  IS_NIL: emitIsNil,
  IS_TUPLE: emitIsTuple,
  IS_CONSTRUCTOR: emitIsConstructor,
  IS_TYPE: emitIsType,
  IS_KIND: emitIsKind,
  "HAS_FIELD.val": (w, index) => w.pushTest(w.call("hasField", w.pop(), JSON.stringify(w.program.constants[index]))),

  MATCH_FAIL: toInterpreter,
  TRY: () => {},
  END_TRY: () => {},
  "THROW.val": emitThrow,
  RETHROW: (w) => {
    w.line(`${w.call("rethrown", w.pop())};`);
    w.line(w.leave(Why.Propagates));
    w.end();
  },

  CATCH: (w) => {
    const value = w.stack.at(-1)!;
    w.line(`if (${w.call("isExit", value)}) { ${w.call("rethrown", value)}; ${w.leave(Why.Propagates)} }`);
  },

  "SPAWN.fn": emitSpawn,
  SELF: (w) => void w.compute("new Pid(S.process.id)", PID),
  "SEND.top": emitSend,
  YIELD: (w) => leaveBehind(w, Why.Preempted),
  "SLEEP.val": (w) => {
    w.attemptAlone(w.call("sleep", w.pop()));
    leaveBehind(w, Why.Propagates);
  },
  RECEIVE_BEGIN: emitReceiveBegin,
  RECEIVE_BEGIN_AFTER: (w) => w.attemptAlone(w.call("receiveBeginAfter", w.pop())),
  "RECEIVE.match": emitReceive,
  RECEIVE_TAKE: emitReceiveTake,
  RECEIVE_SKIP: (w) => w.line(`${w.process}.scan++;`),
  RECEIVE_SEEK: (w, site) =>
    w.line(`if (${w.process}.overflow?.passed != null) ${w.call("receiveSeek", String(site))};`),
  RECEIVE_KEEP: (w, site) => w.line(`if (${w.process}.scan !== 0) ${w.call("receiveKeep", String(site))};`),
  RECEIVE_MARK: (w) => w.line(`if (${w.process}.overflow !== null) ${w.call("receiveMark", w.pop())};`),

  MVAR_GET: emitMvarGet,
  MVAR_SET: (w, index) => w.attemptAlone(w.call("mvarSet", w.compilation.constant(w.compilation.machine.mvars[index]), w.pop())),
  MVAR_LOCK: (w, index) => {
    checkReductions(w);
    w.attemptAlone(w.call("lock", String(index)));
  },
  MVAR_UNLOCK: (w, index) => w.line(`${w.call("unlock", String(index))};`),

  NULL: tiny, AND: tiny, OR: tiny, DIV_F: tiny, EQ: tiny, NE: tiny, GT: tiny, LT: tiny, GE: tiny, LE: tiny, EQ_F: tiny, NE_F: tiny, GT_F: tiny,
  LT_F: tiny, GE_F: tiny, LE_F: tiny, CALL: tiny, RET: tiny, PRINT: tiny, "STORE.name": tiny, "LOAD.name": tiny, DELETE: tiny, LEN: tiny, INDEX: tiny,
  MAKE_OBJECT: tiny, SET_FIELD: tiny, GET_FIELD: tiny, HAS_FIELD: tiny, DELETE_FIELD: tiny, KEYS: tiny, DUMP_SCOPE: tiny, SPAWN: tiny, REGISTER: tiny,
  WHEREIS: tiny, SENDNAMED: tiny, RECEIVE: tiny, SEND: tiny, HALT: tiny, STARTS_WITH: tiny,
  "SEND.stack": tiny, UNREGISTER: tiny, MONITOR: tiny, "MONITOR.stack": tiny, DEMONITOR: tiny, "DEMONITOR.stack": tiny, LINK: tiny,
  "LINK.stack": tiny, UNLINK: tiny, "UNLINK.stack": tiny, TRAP_EXIT: tiny, START_SUPERVISOR: tiny, SUPERVISE_CHILD: tiny, RESTART_CHILD: tiny,
  THROW: tiny, "CATCH.mark": tiny, RECEIVE_MATCH: tiny, STR_LEN: tiny, STR_SPLIT: tiny,
  MAKE_FUNCTION: tiny, CAPTURE: tiny, MAKE_LAMBDA: tiny, CALL_FUNCTION: tiny, IMPORT: tiny, EXPORT: tiny,
  EXIT: tiny, SLEEP: tiny, READ_FILE: tiny, WRITE_FILE: tiny, APPEND_FILE: tiny, READ_BYTES: tiny, WRITE_BYTES: tiny, FILE_SIZE: tiny,
  FILE_EXISTS: tiny, LIST_DIR: tiny, DELETE_FILE: tiny, READ_LINE: tiny, READ_CHAR: tiny, READ_INPUT: tiny, GET_ENV: tiny, SET_ENV: tiny,
  GET_ARGS: tiny, EXEC: tiny, EXEC_CAPTURE: tiny, GET_TIME: tiny, FORMAT_TIME: tiny, HTTP_GET: tiny, HTTP_POST: tiny, TCP_CONNECT: tiny,
  TCP_LISTEN: tiny, TCP_SEND: tiny, TCP_RECV: tiny, UDP_BIND: tiny, UDP_SEND: tiny, UDP_RECV: tiny, DNS_RESOLVE: tiny, ASYNC_READ: tiny,
  ASYNC_WRITE: tiny, AWAIT: tiny, STREAM_CREATE: tiny, STREAM_READ: tiny, STREAM_WRITE: tiny, STREAM_CLOSE: tiny, JSON_PARSE: tiny,
  JSON_STRINGIFY: tiny, CSV_PARSE: tiny, CSV_WRITE: tiny, COMPRESS: tiny, DECOMPRESS: tiny, ENCRYPT: tiny, DECRYPT: tiny, HASH: tiny,
  DB_CONNECT: tiny, DB_QUERY: tiny, DB_EXEC: tiny, TCP_ACCEPT: tiny, LOCAL_PORT: tiny, CLOSE: tiny, DIGEST: tiny,
  LIMIT_MAILBOX: tiny,
}; // biome-ignore format: a table

/** By internal opcode. */
export const EMITTERS: readonly Emit[] = OPCODES.map((row) => BY_NAME[nameOf(row)]);
