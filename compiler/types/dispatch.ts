/**
 * Calls that only the running program can resolve: a function that looks at what its arguments are and calls the
 * candidate that fits. Made once for each name, number of arguments and set of candidates.
 *
 * Stays true: the most precise candidates are tested first, those that take anything last; what fits none fails with a
 * TypeError that the program can catch.
 */
import type { Span } from "../../grammar/source.ts";
import { VALUE_KINDS, type ValueKind } from "../../vm/bytecode/opcodes.ts";
import type { Core, CoreFunction, KindTest, Local } from "../core.ts";
import type { FunctionEntity, Module } from "../names/module.ts";
import type { Checker } from "./checker.ts";
import type { Definition } from "./definition.ts";
import { libraryCall } from "./elaborate.ts";
import { callDefinition, type PreparedArgument } from "./infer-call.ts";
import { definitionOf, ensureType, inPlace, newDefinition, newFunction, newPlace } from "./infer-definition.ts";
import { methodCandidates, takes } from "./methods.ts";
import type { ReadyArgument } from "./predicates.ts";
import { DYNAMIC, prune, type Type } from "./type.ts";

const KINDS: ReadonlySet<string> = new Set(VALUE_KINDS);

/** `x.m(args)` on a receiver of unknown type. */
export function dispatchMethod(
  c: Checker,
  owner: Definition,
  name: string,
  from: Module,
  args: readonly ReadyArgument[],
  span: Span,
): Core {
  const candidates = methodCandidates(c, name, from).filter((f) => takes(c, f, args));
  return dispatch(c, owner, name, candidates, args, from, c.fieldNames.has(name), span);
}

/** A call of one of several functions, when argument types are unknown. */
export function dispatch(
  c: Checker,
  owner: Definition,
  name: string,
  candidates: readonly FunctionEntity[],
  args: readonly ReadyArgument[],
  from: Module,
  mayBeField: boolean,
  span: Span,
): Core {
  const names = args.map((arg) => arg.name?.name ?? "").join(",");
  const key = `${name}/${args.length}(${names})${mayBeField ? "." : ""} ${candidates.map((f) => `${f.module.path}#${f.span.start}`).join(" ")}`;
  let definition = c.dispatchers.get(key);
  if (definition === undefined) {
    definition = newDefinition({ kind: "script", name: `<${name}>` }, []);
    definition.state = "done";
    definition.function = newFunction(`<${name}>`, span, args.length);
    c.dispatchers.set(key, definition);
    const made = definition;
    inPlace(c, newPlace(from, made), () => build(c, made, name, candidates, args, mayBeField, span));
  }
  owner.references.add(definition);
  const unset: Core = { kind: "const", span, value: { kind: "Unit" } };
  return {
    kind: "call",
    span,
    function: definition.function as CoreFunction,
    args: args.map((arg) => arg.core ?? unset),
  };
}

function build(
  c: Checker,
  definition: Definition,
  name: string,
  candidates: readonly FunctionEntity[],
  args: readonly ReadyArgument[],
  mayBeField: boolean,
  span: Span,
): void {
  const f = definition.function as CoreFunction;
  const params = args.map((_, i): Local => ({ name: `<argument ${i + 1}>`, span, isMutable: false, kind: "any" }));
  (f.params as Local[]).push(...params);
  const read = (i: number): Core => ({ kind: "local", span, local: params[i] as Local });
  const branches: { condition: Core; body: Core }[] = [];
  const [receiver] = params;
  if (mayBeField && receiver !== undefined) {
    branches.push({
      condition: { kind: "test", span, target: read(0), test: { kind: "hasField", name } },
      body: {
        kind: "callValue",
        span,
        callee: { kind: "field", span, target: read(0), name },
        args: params.slice(1).map((_, i) => read(i + 1)),
      },
    });
  }
  const ranked = candidates.map((candidate) => {
    const target = definitionOf(c, candidate);
    const type = prune(target.signature?.type ?? ensureType(c, target));
    const tests: Core[] = [];
    args.forEach((arg, i) => {
      const index = arg.name === undefined ? i : target.params.findIndex((p) => p.name === arg.name?.name);
      const wanted = type.kind === "function" ? type.params[index] : undefined;
      if (wanted !== undefined)
        for (const test of testsOf(wanted)) tests.push({ kind: "test", span, target: read(i), test });
    });
    return { target, tests };
  });
  ranked.sort((a, b) => b.tests.length - a.tests.length);
  let otherwise: Core | undefined;
  for (const { target, tests } of ranked) {
    const prepared = args.map(
      (arg, i): PreparedArgument => ({
        ...(arg.name === undefined ? {} : { name: arg.name }),
        span,
        isLambda: false,
        infer: () => ({ type: DYNAMIC, core: read(i) }),
      }),
    );
    const body = callDefinition(c, target, prepared, span).core;
    const [only] = tests;
    if (only === undefined) {
      otherwise = body;
      break;
    }
    branches.push({ condition: tests.length === 1 ? only : { kind: "and", span, items: tests }, body });
  }
  otherwise ??= typeError(c, definition, name, read(0), span);
  f.body = branches.length === 0 ? otherwise : { kind: "if", span, branches, otherwise };
}

function typeError(c: Checker, owner: Definition, name: string, value: Core, span: Span): Core {
  const text = (value: string): Core => ({ kind: "const", span, value: { kind: "String", value } });
  const message: Core = {
    kind: "interpolate",
    span,
    items: [text(`no method ${name} for `), libraryCall(c, owner, undefined, "typeOf", value, span), text(" "), value],
  };
  return { kind: "throw", span, value: { kind: "tuple", span, items: [text("TypeError"), message] } };
}

/** What can be seen of a value at run time that is demanded by a type. */
function testsOf(type: Type): KindTest[] {
  const t = prune(type);
  switch (t.kind) {
    case "tuple":
      return [{ kind: "kind", name: "Tuple" }];
    case "function":
      return [{ kind: "kind", name: "Function" }];
    case "struct":
      return [...t.fields.keys()].map((name): KindTest => ({ kind: "hasField", name }));
    case "data": {
      if (t.entity.module !== undefined) return [{ kind: "type", module: t.entity.module.path, type: t.entity.name }];
      const name = t.entity.name === "()" ? "Unit" : t.entity.name;
      return KINDS.has(name) ? [{ kind: "kind", name: name as ValueKind }] : [];
    }
    default:
      return [];
  }
}

/** A loop over something of unknown type: whatever it is, as a list. */
export function dispatchIterable(c: Checker, owner: Definition, value: Core, span: Span): Core {
  const key = "<iterable>";
  let definition = c.dispatchers.get(key);
  if (definition === undefined) {
    definition = newDefinition({ kind: "script", name: key }, []);
    definition.state = "done";
    const f = newFunction(key, span, 1);
    definition.function = f;
    c.dispatchers.set(key, definition);
    const param: Local = { name: "<collection>", span, isMutable: false, kind: "any" };
    (f.params as Local[]).push(param);
    const read: Core = { kind: "local", span, local: param };
    const made = definition;
    const branch = (kind: ValueKind, namespace: string, name: string): { condition: Core; body: Core } => ({
      condition: { kind: "test", span, target: read, test: { kind: "kind", name: kind } },
      body: libraryCall(c, made, namespace, name, read, span),
    });
    f.body = {
      kind: "if",
      span,
      branches: [branch("Map", "Map", "toList"), branch("Set", "Set", "toList"), branch("String", "String", "chars")],
      otherwise: read,
    };
  }
  owner.references.add(definition);
  return { kind: "call", span, function: definition.function as CoreFunction, args: [value] };
}
