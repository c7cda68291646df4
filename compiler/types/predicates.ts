/**
 * What must hold of types that are not known yet. A predicate waits at a variable, moves into the scheme of a function
 * when the variable is generalised, and is copied with it at every use; it is settled when the type becomes known.
 *
 * Stays true: `finish` (the hole in Core that waits for the answer) belongs to the original alone, never to copies.
 */

import type { Ident } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { DataType } from "../../vm/bytecode/unit.ts";
import type { Core } from "../core.ts";
import type { FunctionEntity, Module } from "../names/module.ts";
import type { Definition } from "./definition.ts";
import type { ProcessContext } from "./processes.ts";
import type { Type } from "./type.ts";

export type TraitName = "Num" | "Ord" | "Eq" | "Hash" | "Show";
export const BUILTIN_TRAITS: ReadonlySet<string> = new Set(["Num", "Ord", "Eq", "Hash", "Show", "Concat", "Copy"]);

export type ArithmeticOp = "+" | "-" | "*" | "/" | "%" | "**";

/** An argument whose value has been elaborated. */
export interface ReadyArgument {
  readonly name?: Ident;
  readonly span: Span;
  readonly type: Type;
  /** absent in copies: only the type is checked */
  readonly core?: Core;
  readonly isLambda: boolean;
}

interface Common {
  readonly span: Span;
  solved: boolean;
  /** of a copy: the functions that were chosen for the predicates it came from, one inside the other */
  readonly within?: readonly Definition[];
}

export type Predicate = Common &
  (
    | { readonly kind: "trait"; readonly trait: TraitName | "Concat"; readonly type: Type }
    | {
        readonly kind: "arithmetic";
        readonly op: ArithmeticOp;
        readonly left: Type;
        readonly right: Type;
        readonly result: Type;
        readonly leftSpan: Span;
        readonly rightSpan: Span;
      }
    | {
        readonly kind: "concat";
        readonly left: Type;
        readonly right: Type;
        readonly result: Type;
        readonly leftSpan: Span;
        readonly rightSpan: Span;
      }
    | { readonly kind: "field"; readonly target: Type; readonly name: string; readonly result: Type }
    | {
        readonly kind: "index";
        readonly target: Type;
        readonly index: Type;
        readonly result: Type;
        readonly position?: number;
        readonly finish?: (vector: Definition | undefined) => void;
      }
    | { readonly kind: "iterable"; readonly collection: Type; readonly element: Type }
    /** a String, or a list of them (a pattern `["a" | rest]` on something unknown) */
    | { readonly kind: "textual"; readonly type: Type }
    | {
        readonly kind: "method";
        readonly name: Ident;
        readonly receiver: Type;
        readonly args: readonly ReadyArgument[];
        readonly result: Type;
        readonly from: Module;
        readonly finish?: (call: MethodAnswer) => void;
      }
    | {
        readonly kind: "overload";
        readonly name: string;
        readonly candidates: readonly FunctionEntity[];
        readonly args: readonly ReadyArgument[];
        readonly result: Type;
        readonly finish?: (call: Core | "dynamic") => void;
      }
    /** a pid for these messages may be that process */
    | { readonly kind: "process"; readonly messages: Type; readonly process: ProcessContext }
    /** a message is sent to a pid for these; never settled, since it binds nothing: see messages.ts */
    | {
        readonly kind: "message";
        readonly messages: Type;
        readonly message: Type;
        /** what was sent, where it is written */
        readonly sent: Span;
        /** how it is built, when that stands there */
        readonly built: DataType | undefined;
        /** nothing was sent yet, but the pid was given to who may send all values of the type */
        readonly isPromise: boolean;
      }
  );

/** What is said of pids, see processes.ts. */
export type TrafficPredicate = Extract<Predicate, { readonly kind: "process" | "message" }>;

/** The call that a method turned out to be; `dynamic`: decided at run time. */
export type MethodAnswer = Core | "dynamic";

/** The types whose becoming known may settle a predicate; generalised together with the first of them. */
export function awaited(p: Predicate): readonly Type[] {
  switch (p.kind) {
    case "trait":
    case "textual":
      return [p.type];
    case "arithmetic":
    case "concat":
      return [p.left, p.right, p.result];
    case "field":
    case "index":
      return [p.target];
    case "iterable":
      return [p.collection];
    case "method":
      return [p.receiver];
    case "overload":
      return p.args.map((arg) => arg.type);
    case "process":
      return [p.messages];
    case "message":
      return [p.messages, p.message];
  }
}

/** Every type a predicate speaks of. */
export function mentioned(p: Predicate): readonly Type[] {
  switch (p.kind) {
    case "field":
      return [p.target, p.result];
    case "index":
      return [p.target, p.index, p.result];
    case "iterable":
      return [p.collection, p.element];
    case "method":
      return [p.receiver, ...p.args.map((arg) => arg.type), p.result];
    case "overload":
      return [...p.args.map((arg) => arg.type), p.result];
    default:
      return awaited(p);
  }
}

/** A copy over other types, without the hole. */
export function copyPredicate(
  p: Predicate,
  span: Span,
  map: (type: Type) => Type,
  within: readonly Definition[] | undefined,
  /** the process that runs the function whose predicate this is */
  runner: ProcessContext,
): Predicate {
  const args = (list: readonly ReadyArgument[]): ReadyArgument[] =>
    list.map((arg) => ({
      ...(arg.name === undefined ? {} : { name: arg.name }),
      span,
      type: map(arg.type),
      isLambda: arg.isLambda,
    }));
  const common = { span, solved: false, ...(within !== undefined && { within }) };
  switch (p.kind) {
    case "trait":
      return { ...common, kind: "trait", trait: p.trait, type: map(p.type) };
    case "textual":
      return { ...common, kind: "textual", type: map(p.type) };
    case "arithmetic":
      return {
        ...common,
        kind: "arithmetic",
        op: p.op,
        left: map(p.left),
        right: map(p.right),
        result: map(p.result),
        leftSpan: span,
        rightSpan: span,
      };
    case "concat":
      return {
        ...common,
        kind: "concat",
        left: map(p.left),
        right: map(p.right),
        result: map(p.result),
        leftSpan: span,
        rightSpan: span,
      };
    case "field":
      return { ...common, kind: "field", target: map(p.target), name: p.name, result: map(p.result) };
    case "index":
      return {
        ...common,
        kind: "index",
        target: map(p.target),
        index: map(p.index),
        result: map(p.result),
        ...(p.position === undefined ? {} : { position: p.position }),
      };
    case "iterable":
      return { ...common, kind: "iterable", collection: map(p.collection), element: map(p.element) };
    case "method":
      return {
        ...common,
        kind: "method",
        name: p.name,
        receiver: map(p.receiver),
        args: args(p.args),
        result: map(p.result),
        from: p.from,
      };
    case "overload":
      return {
        ...common,
        kind: "overload",
        name: p.name,
        candidates: p.candidates,
        args: args(p.args),
        result: map(p.result),
      };
    case "process":
      return {
        ...common,
        kind: "process",
        messages: map(p.messages),
        process: p.process === "caller" ? runner : p.process,
      };
    case "message":
      return {
        ...common,
        kind: "message",
        messages: map(p.messages),
        message: map(p.message),
        sent: p.sent,
        built: p.built,
        isPromise: p.isPromise,
      };
  }
}
