/** Core written by hand, and what a unit made of it prints or returns. */

import type {
  Core,
  CoreArm,
  CoreExpr,
  CoreFunction,
  CorePattern,
  CoreProgram,
  Global,
  Local,
  Loop,
  Mvar,
} from "../../../compiler/core.ts";
import { type LowerOptions, lowerProgram } from "../../../compiler/lower/index.ts";
import type { Span } from "../../../grammar/source.ts";
import { disassemble } from "../../../vm/bytecode/disassemble.ts";
import type { Constant, DataType, Unit } from "../../../vm/bytecode/unit.ts";
import { NATIVES } from "../../../vm/host/natives/index.ts";
import { runUnit, TextSink } from "../../../vm/index.ts";
import { display } from "../../../vm/values/show.ts";
import { virtualChance } from "../../support/virtual-chance.ts";

const source = { path: "test.nos", text: "line one\nline two\nline three\n" };
export const SPAN: Span = { source, start: 0, end: 1 };
export const spanAt = (start: number): Span => ({ source, start, end: start + 1 });

export const core = (expr: CoreExpr, span = SPAN): Core => ({ ...expr, span });
export const constant = (value: Constant): Core => core({ kind: "const", value });
export const int = (value: number | bigint): Core => constant({ kind: "Int", value: BigInt(value) });
export const text = (value: string): Core => constant({ kind: "String", value });
export const bool = (value: boolean): Core => constant({ kind: "Bool", value });
export const unit: Core = constant({ kind: "Unit" });
export const local = (of: Local): Core => core({ kind: "local", local: of });
export const newLocal = (name: string, isMutable = false): Local => ({ name, span: SPAN, isMutable, kind: "any" });
export const block = (...statements: Core[]): Core => core({ kind: "block", statements });
export const bind = (to: Local, value: Core): Core => core({ kind: "bind", local: to, value });
export const assign = (to: Local, value: Core): Core => core({ kind: "assign", local: to, value });
export const add = (left: Core, right: Core): Core => core({ kind: "binary", op: "+", operands: "int", left, right });
export const less = (left: Core, right: Core): Core => core({ kind: "binary", op: "<", operands: "any", left, right });
export const equal = (left: Core, right: Core): Core =>
  core({ kind: "binary", op: "==", operands: "any", left, right });
export const lambda = (params: Local[], body: Core, self?: Local): Core =>
  core({ kind: "lambda", name: "<lambda>", params, body, ...(self === undefined ? {} : { self }) });
export const callValue = (callee: Core, ...args: Core[]): Core => core({ kind: "callValue", callee, args });
export const call = (fn: CoreFunction, ...args: Core[]): Core => core({ kind: "call", function: fn, args });
export const native = (name: string, ...args: Core[]): Core => core({ kind: "callNative", name, args });
export const tuple = (...items: Core[]): Core => core({ kind: "tuple", items });
export const list = (...items: Core[]): Core => core({ kind: "list", items });
export const when = (condition: Core, body: Core, otherwise?: Core): Core =>
  core({ kind: "if", branches: [{ condition, body }], ...(otherwise === undefined ? {} : { otherwise }) });
export const arm = (pattern: CorePattern, body: Core, guard?: Core): CoreArm => ({
  span: SPAN,
  patterns: [pattern],
  body,
  ...(guard === undefined ? {} : { guard }),
});
export const match = (scrutinee: Core, ...arms: CoreArm[]): Core =>
  core({ kind: "match", scrutinees: [scrutinee], arms, what: "match" });
export const newLoop = (): Loop => ({ kind: "loop" });
export const mvarOf = (name: string, init: Core, module = ""): Mvar => ({ name, module, span: SPAN, init });
export const getMvar = (mvar: Mvar): Core => core({ kind: "mvar", mvar });
export const setMvar = (mvar: Mvar, value: Core): Core => core({ kind: "assignMvar", mvar, value });

export function fn(name: string, params: Local[], body: Core): CoreFunction {
  return {
    kind: "function",
    name,
    span: SPAN,
    params,
    paramKinds: params.map((param) => param.kind),
    resultKind: "any",
    body,
  };
}

export function dataType(type: string, name: string, arity: number, tag = 0, fieldNames?: string[]): DataType {
  return {
    sort: "variant",
    module: "",
    type,
    name,
    arity,
    tag,
    isMutable: false,
    ...(fieldNames === undefined ? {} : { fieldNames }),
  };
}

export function program(
  body: Core,
  extra: { mvars?: Mvar[]; globals?: Global[]; functions?: CoreFunction[] } = {},
): CoreProgram {
  return {
    functions: extra.functions ?? [],
    mvars: extra.mvars ?? [],
    globals: extra.globals ?? [],
    entry: fn("main", [], body),
  };
}

/** What main returns, shown, with the optimiser and without: both must agree. A failure is the value that was thrown. */
export async function resultOf(of: CoreProgram): Promise<string> {
  const optimised = await runOnce(lowerProgram(of));
  const plain = await runOnce(lowerProgram(of, { optimise: false }));
  if (optimised !== plain) throw new Error(`optimised: ${optimised}, plain: ${plain}`);
  return optimised;
}

export async function runOnce(unit: Unit): Promise<string> {
  const sink = new TextSink();
  const outcome = await runUnit(unit, {
    natives: NATIVES,
    sink,
    chance: virtualChance(1),
    maxReductions: 10_000_000,
    onReport: (report) => sink.writeOut(`[${report.shown}]\n`),
  });
  if (outcome.kind === "returned") return sink.out + display(outcome.value);
  if (outcome.kind === "failed") return `${sink.out}failed: ${outcome.report.shown}`;
  if (outcome.kind === "stuck") return `${sink.out}stuck`;
  throw new Error(JSON.stringify(outcome));
}

/** The instructions of one function, one a line, without offsets and places; every call in its place. */
export function listing(of: CoreProgram | Unit, name = "main", options: LowerOptions = {}): string[] {
  const unit =
    typeof of.entry === "object" ? lowerProgram(of as CoreProgram, { inline: false, ...options }) : (of as Unit);
  const lines = disassemble(unit).split("\n");
  const start = lines.findIndex((line) => new RegExp(`^(entry )?fn ${name.replace(/[<>]/g, "\\$&")}/`).test(line));
  const end = lines.findIndex((line, index) => index > start && line === "");
  return lines.slice(start + 1, end < 0 ? undefined : end).map((line) =>
    line
      .replace(/ +; .*$/, "")
      .replace(/^ +\d+ +/, "")
      .replace(/ +/g, " ")
      .trim(),
  );
}

/** Processor time, because tests share the machine. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
