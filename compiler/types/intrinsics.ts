/** The functions that belong to the language itself and have no source: self, throw, panic, sleep, … */
import type { Expr } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { Core } from "../core.ts";
import { type Checker, newLocal, type Typed } from "./checker.ts";
import { convertType } from "./data-types.ts";
import { wrong } from "./elaborate.ts";
import type { PreparedArgument } from "./infer-call.ts";
import { inferSelf, inferSend, inferSpawnTyped } from "./processes.ts";
import { showType } from "./show-type.ts";
import { functionType, Int, Pid, Text, type Type, Unit } from "./type.ts";

export type Intrinsic =
  | "self"
  | "throw"
  | "panic"
  | "sleep"
  | "send"
  | "spawn_typed"
  | "assertType"
  | "typeNameOf"
  | "__native__";

export const INTRINSICS: ReadonlySet<Intrinsic> = new Set<Intrinsic>([
  "self",
  "throw",
  "panic",
  "sleep",
  "send",
  "spawn_typed",
  "assertType",
  "typeNameOf",
  "__native__",
]);

const PARAMETERS: Readonly<Record<Exclude<Intrinsic, "__native__">, number>> = {
  self: 0,
  throw: 1,
  panic: 1,
  sleep: 1,
  send: 2,
  spawn_typed: 1,
  assertType: 1,
  typeNameOf: 0,
};

type Call = Extract<Expr, { readonly kind: "call" }>;

export function callIntrinsic(
  c: Checker,
  name: Intrinsic,
  args: readonly PreparedArgument[],
  e: { readonly span: Span; readonly typeArgs?: Call["typeArgs"] },
  expected: Type | undefined,
): Typed {
  const span = e.span;
  if (name === "__native__") return callNative(c, args, span);
  if (args.length !== PARAMETERS[name]) {
    for (const arg of args) arg.infer();
    c.report({ code: "arity", span, name, expected: [PARAMETERS[name]], found: args.length });
    return wrong(span);
  }
  const typeArg = e.typeArgs?.[0];
  const written = typeArg === undefined ? undefined : convertType(c, c.place.module, typeArg, c.typeScope, c.level);
  if (name === "assertType") {
    const arg = args[0] as PreparedArgument;
    const value = arg.infer(written ?? expected);
    if (written !== undefined) c.expect(written, value.type, arg.span);
    return value;
  }
  if (name === "typeNameOf")
    return {
      type: Text,
      core: { kind: "const", span, value: { kind: "String", value: written === undefined ? "" : showType(written) } },
    };
  const [first, second] = args as readonly [PreparedArgument, PreparedArgument];
  if (name === "self") return inferSelf(c, span);
  if (name === "spawn_typed") return inferSpawnTyped(c, first, span);
  if (name === "send") return inferSend(c, first.infer(Pid), first.span, second, span);
  const type = intrinsicType(c, name);
  const cores = args.map((arg, i) => {
    const wanted = type.params[i] as Type;
    const value = arg.infer(wanted);
    c.expect(wanted, value.type, arg.span);
    return value.core;
  });
  return { type: type.result, core: intrinsicCore(name, cores, span) };
}

function intrinsicType(c: Checker, name: Intrinsic): { readonly params: readonly Type[]; readonly result: Type } {
  switch (name) {
    case "self":
      return { params: [], result: Pid };
    case "sleep":
      return { params: [Int], result: Unit };
    case "send":
      return { params: [Pid, c.fresh()], result: Unit };
    case "panic":
      return { params: [Text], result: c.fresh() };
    default: // throw: any value, and it gives none, so its result may be anything
      return { params: [c.fresh()], result: c.fresh() };
  }
}

function intrinsicCore(name: Intrinsic, args: readonly Core[], span: Span): Core {
  const [first, second] = args as readonly [Core, Core];
  switch (name) {
    case "self":
      return { kind: "self", span };
    case "sleep":
      return { kind: "sleep", span, ms: first };
    case "send":
      return { kind: "send", span, target: first, message: second };
    case "panic":
      return {
        kind: "throw",
        span,
        value: {
          kind: "tuple",
          span,
          items: [{ kind: "const", span, value: { kind: "String", value: "Panic" } }, first],
        },
      };
    default:
      return { kind: "throw", span, value: first };
  }
}

/** An intrinsic as a value: a lambda around it. */
export function intrinsicValue(c: Checker, name: Intrinsic, span: Span): Typed {
  if (name === "__native__" || name === "assertType" || name === "typeNameOf" || name === "spawn_typed") {
    c.report({ code: "misplaced", span, message: `\`${name}\` can only be called` });
    return wrong(span);
  }
  const { params, result } = intrinsicType(c, name);
  const locals = params.map((type, i) => newLocal(c, `<argument ${i + 1}>`, span, type));
  const body = intrinsicCore(
    name,
    locals.map((local): Core => ({ kind: "local", span, local })),
    span,
  );
  return { type: functionType(params, result), core: { kind: "lambda", span, name: "<lambda>", params: locals, body } };
}

/** `__native__("Name", args…)`: its type is what the wrapper around it says. */
function callNative(c: Checker, args: readonly PreparedArgument[], span: Span): Typed {
  const cores = args.map((arg) => arg.infer().core);
  const [name, ...rest] = cores;
  if (name?.kind !== "const" || name.value.kind !== "String") {
    c.report({ code: "misplaced", span, message: "the first argument of `__native__` must be a plain string" });
    return wrong(span);
  }
  return { type: c.fresh(), core: { kind: "callNative", span, name: name.value.value, args: rest } };
}
