/**
 * Whether processes can take what is sent to them: the last look at a program, when all types are known
 * (docs/decisions/0020-typed-pids.md).
 *
 * Stays true: a message is refused only when no value of its type could be received by any process that the pid may be. What is
 * not known (a type variable, an untyped value, code from elsewhere) could.
 */

import type { SourceFile, Span } from "../../grammar/source.ts";
import type { DataType } from "../../vm/bytecode/unit.ts";
import type { Core, CorePattern } from "../core.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { throughHoles } from "../lower/walk.ts";
import type { ConstructorEntity } from "../names/module.ts";
import type { Checker } from "./checker.ts";
import { constructorInfo, fieldTypesOf } from "./data-types.ts";
import type { TrafficPredicate } from "./predicates.ts";
import type { Process } from "./processes.ts";
import { receivesOf } from "./receives.ts";
import { TypePrinter } from "./show-type.ts";
import {
  builtinType,
  type DataTypeUse,
  isInt,
  isList,
  isLoose,
  isMap,
  isPid,
  isSet,
  isText,
  prune,
  type Type,
  type TypeVar,
} from "./type.ts";

const MAX_DEPTH = 50; // types and patterns inside one another; what is deeper could match

/** One kind of message that a process takes. */
type Shape = { readonly type: Type } | { readonly pattern: CorePattern };

interface Taken {
  readonly shapes: readonly Shape[];
  /** where: the parameter, or the word `receive` */
  readonly spans: readonly Span[];
  readonly isParameter: boolean;
}

/** What may be sent: a type, and what is seen of how it is built. */
interface Sent {
  readonly type: Type;
  readonly built?: DataType | undefined;
  /** a record has no fields but those of its type */
  readonly isExact: boolean;
}

type MessagePredicate = Extract<TrafficPredicate, { readonly kind: "message" }>;

interface Group {
  readonly processes: Set<Process>;
  /** it may be some other process, too */
  isOpen: boolean;
  readonly messages: MessagePredicate[];
}

export class Messages {
  private readonly c: Checker;
  private readonly own: ReadonlySet<SourceFile>;
  private readonly taken = new Map<Process, Taken | undefined>();
  private groups: Map<Type, Group> | undefined;
  private isReliable = false;

  /** @param own  the program's files: what the library sends within itself is nobody's mistake */
  constructor(c: Checker, own: ReadonlySet<SourceFile>) {
    this.c = c;
    this.own = own;
  }

  /** Judges everything that is sent. Only for a program without errors: others have holes. */
  check(): void {
    this.isReliable = true;
    for (const p of this.c.traffic) {
      const messages = prune(p.messages);
      if (messages.kind === "var" || isLoose(messages)) continue;
      // a type that is written, or that something else has decided
      const process = p.kind === "message" ? ofType(messages, p.span) : p.process;
      if (typeof process === "string") continue;
      const message: MessagePredicate = p.kind === "message" ? p : promiseOf(messages, p.span);
      const refused = this.refused(process, message);
      if (refused !== undefined) this.report([process], message, refused);
    }
    for (const group of this.grouped().values()) this.checkGroup(group);
  }

  /** A type as people read it, with what is known of its pids. */
  show(type: Type): string {
    return new TypePrinter((messages) => (this.isReliable ? this.describe(messages) : "")).show(type);
  }

  private describe(messages: TypeVar): string {
    const group = this.grouped().get(messages);
    if (group === undefined || group.isOpen) return "";
    const shapes: Shape[] = [];
    for (const process of group.processes) {
      const taken = process.isTyped ? this.takenBy(process) : undefined;
      if (taken === undefined) return "";
      shapes.push(...taken.shapes);
    }
    return this.shapeTexts(shapes).join(" | ");
  }

  private grouped(): Map<Type, Group> {
    if (this.groups === undefined) {
      this.groups = new Map();
      for (const p of this.c.traffic) {
        const messages = prune(p.messages);
        if (messages.kind !== "var") continue;
        let group = this.groups.get(messages);
        if (group === undefined) {
          group = { processes: new Set(), isOpen: false, messages: [] };
          this.groups.set(messages, group);
        }
        if (p.kind === "message") group.messages.push(p);
        else if (typeof p.process === "object") group.processes.add(p.process);
        else group.isOpen = true;
      }
    }
    return this.groups;
  }

  // ── judging ──

  private checkGroup(group: Group): void {
    const processes = [...group.processes];
    for (const p of group.messages) {
      const refused = processes.map((process) => this.refused(process, p));
      // whatever may take it keeps it right
      const [first] = refused;
      if (first !== undefined && !group.isOpen && !refused.includes(undefined)) this.report(processes, p, first);
    }
  }

  /** What of a message the process does not take; undefined when it may take it. */
  private refused(process: Process, p: MessagePredicate): Sent | undefined {
    const taken = this.takenBy(process);
    if (taken === undefined) return undefined;
    const isExact = process.isTyped || p.built?.sort === "struct";
    const type = prune(p.message);
    const constructors = p.isPromise && type.kind === "data" ? type.entity.constructors : [];
    const all: (DataType | undefined)[] =
      constructors.length > 1 ? constructors.map((ctor) => constructorInfo(this.c, ctor).shape) : [p.built];
    return all
      .map((built): Sent => ({ type: p.message, built, isExact }))
      .find((sent) => !taken.shapes.some((shape) => this.takes(shape, sent)));
  }

  private report(processes: readonly Process[], p: MessagePredicate, refused: Sent): void {
    if (!this.own.has(p.span.source)) return;
    const taken = processes.map((process) => this.takenBy(process) as Taken);
    const shapes = taken.flatMap((each) => each.shapes);
    const names = new Set(processes.map((process) => process.name));
    const type = prune(refused.type);
    this.c.report({
      code: "wrong-message",
      span: p.span,
      isError: processes.some((process) => process.isTyped),
      isPromise: p.isPromise,
      process: names.size === 1 ? ([...names][0] as string) : "",
      message: this.showSent(type, refused.built),
      accepted: this.shapeTexts(shapes),
      receives: [...new Set(taken.flatMap((each) => each.spans))].slice(0, 3),
      isParameter: taken.every((each) => each.isParameter),
      ...(p.span !== p.sent && !p.isPromise && { sent: p.sent }),
      ...(!p.isPromise && this.repair(shapes, type)),
      ...this.armFor(type, refused.built),
    });
  }

  // ── what a process takes ──

  /** Undefined: perhaps anything. */
  private takenBy(process: Process): Taken | undefined {
    if (!this.taken.has(process)) this.taken.set(process, this.findTaken(process));
    return this.taken.get(process);
  }

  private findTaken(process: Process): Taken | undefined {
    if (process.root === undefined)
      return process.message === undefined
        ? undefined
        : { shapes: [{ type: process.message }], spans: [], isParameter: true };
    const received = receivesOf(process.root);
    if (received.isOpen) return undefined;
    const shapes: Shape[] = received.patterns.map((pattern) => ({ pattern }));
    if (process.message === undefined) return { shapes, spans: received.spans, isParameter: false };
    const root = throughHoles(process.root);
    const param =
      root.kind === "function" ? root.function.params[0] : root.kind === "lambda" ? root.params[0] : undefined;
    const type = prune(process.message);
    const span = param?.span ?? process.span;
    if (type.kind !== "var") shapes.unshift({ type });
    else {
      // of a parameter without a type: what its match looks for
      const body = throughHoles(
        root.kind === "function" ? root.function.body : root.kind === "lambda" ? root.body : root,
      );
      const subject = body.kind === "match" ? throughHoles(body.scrutinees[0] as Core) : undefined;
      if (body.kind !== "match" || subject?.kind !== "local" || subject.local !== param) return undefined;
      shapes.unshift(...body.arms.map((arm) => ({ pattern: arm.patterns[0] as CorePattern })));
    }
    return { shapes, spans: [span, ...received.spans], isParameter: true };
  }

  private takes(shape: Shape, sent: Sent): boolean {
    return "type" in shape ? this.fits(shape.type, sent, 0) : this.matches(shape.pattern, sent, 0);
  }

  /** Whether a value like that could be of the wanted type. */
  private fits(wanted: Type, sent: Sent, depth: number): boolean {
    const want = prune(wanted);
    const have = prune(sent.type);
    if (want === have || want.kind === "var" || have.kind === "var" || isLoose(want) || isLoose(have)) return true;
    if (depth > MAX_DEPTH) return true;
    const inner = (w: Type, h: Type): boolean => this.fits(w, { type: h, isExact: sent.isExact }, depth + 1);
    switch (want.kind) {
      case "struct":
        return this.hasFields(
          have,
          sent,
          [...want.fields].map(([name, type]) => ({ name, accepts: (field: Type) => inner(type, field) })),
        );
      case "data":
        if (have.kind !== "data" || have.entity !== want.entity) return false;
        return isPid(want) || want.args.every((arg, i) => inner(arg, have.args[i] as Type));
      case "tuple":
        return (
          have.kind === "tuple" &&
          have.items.length === want.items.length &&
          want.items.every((item, i) => inner(item, have.items[i] as Type))
        );
      default:
        return have.kind === "function" && want.kind === "function" && have.params.length === want.params.length;
    }
  }

  private hasFields(
    have: Type,
    sent: Sent,
    wanted: readonly { readonly name: string; readonly accepts: (field: Type) => boolean }[],
  ): boolean {
    if (have.kind === "struct")
      return wanted.every(({ name, accepts }) => {
        const field = have.fields.get(name);
        return field === undefined ? !sent.isExact : accepts(field);
      });
    if (have.kind !== "data") return false;
    const constructors = have.entity.constructors;
    const only = fieldTypesOf(this.c, have);
    if (only !== undefined)
      return wanted.every(({ name, accepts }) => {
        const field = only.get(name);
        return field !== undefined && accepts(field);
      });
    return constructors.some((ctor) => {
      if (!this.isBuilt(sent, ctor)) return false;
      const names = constructorInfo(this.c, ctor).fieldNames ?? [];
      return wanted.every(({ name }) => names.includes(name));
    });
  }

  private isBuilt(sent: Sent, ctor: ConstructorEntity): boolean {
    const shape = constructorInfo(this.c, ctor).shape;
    return sent.built === undefined || sent.built.sort === "struct" || sent.built === shape;
  }

  /** Whether the pattern could match a value like that. */
  private matches(pattern: CorePattern, sent: Sent, depth: number): boolean {
    const have = prune(sent.type);
    if (have.kind === "var" || isLoose(have) || depth > MAX_DEPTH) return true;
    const inner = (p: CorePattern, type: Type): boolean => this.matches(p, { type, isExact: false }, depth + 1);
    switch (pattern.kind) {
      case "any":
      case "bind":
      case "assign":
      case "equal":
        return true;
      case "or":
        return pattern.alternatives.some((alternative) => this.matches(alternative, sent, depth + 1));
      case "literal": {
        const { kind } = pattern.value;
        return have === builtinType(kind);
      }
      case "range":
        return isInt(have);
      case "prefix":
        return isText(have);
      case "tuple":
        return (
          have.kind === "tuple" &&
          have.items.length === pattern.items.length &&
          pattern.items.every((item, i) => inner(item, have.items[i] as Type))
        );
      case "list":
        return isList(have) && pattern.items.every((item) => inner(item, have.args[0] as Type));
      case "map":
        return isMap(have) && pattern.entries.every((entry) => inner(entry.value, have.args[1] as Type));
      case "set":
        return isSet(have);
      case "construct": {
        const ctor = this.c.constructorOf.get(pattern.type);
        if (ctor === undefined || have.kind !== "data" || have.entity !== ctor.type || !this.isBuilt(sent, ctor))
          return ctor === undefined;
        const types = this.fieldTypes(ctor, have);
        return pattern.args.every((arg, i) => inner(arg, types[i] as Type));
      }
      case "struct":
        return this.hasFields(
          have,
          sent,
          pattern.fields.map((field) => ({ name: field.name, accepts: (type: Type) => inner(field.pattern, type) })),
        );
    }
  }

  private fieldTypes(ctor: ConstructorEntity, use: DataTypeUse): readonly Type[] {
    const info = constructorInfo(this.c, ctor);
    const map = this.c.substitution(
      new Map<Type, Type>(info.params.map((param, i): [Type, Type] => [param, use.args[i] as Type])),
    );
    return info.fieldTypes.map(map);
  }

  // ── words ──

  private showSent(type: Type, built: DataType | undefined): string {
    const have = prune(type);
    const ctor = built === undefined ? undefined : this.c.constructorOf.get(built);
    if (ctor === undefined || have.kind !== "data" || have.entity.constructors.length < 2) return this.show(type);
    const fields = this.fieldTypes(ctor, have).map((field) => this.show(field));
    return fields.length === 0 ? ctor.name : `${ctor.name}(${fields.join(", ")})`;
  }

  /** The pattern that an arm for such a message would have. */
  private armFor(type: Type, built: DataType | undefined): { readonly arm?: string } {
    if (type.kind === "struct") return { arm: `{${[...type.fields.keys()].join(", ")}}` };
    const only =
      type.kind === "data" && type.entity.constructors.length === 1 ? type.entity.constructors[0] : undefined;
    const shape = only === undefined ? built : constructorInfo(this.c, only).shape;
    if (shape === undefined || shape.sort === "struct") return {};
    const args = shape.arity === 0 ? "" : `(${Array.from({ length: shape.arity }, () => "_").join(", ")})`;
    return { arm: `${shape.name}${args}` };
  }

  private shapeTexts(shapes: readonly Shape[]): string[] {
    return [
      ...new Set(
        shapes.flatMap((shape) => ("type" in shape ? [this.show(shape.type)] : this.patternTexts(shape.pattern))),
      ),
    ];
  }

  private patternTexts(pattern: CorePattern): string[] {
    return pattern.kind === "or"
      ? pattern.alternatives.flatMap((p) => this.patternTexts(p))
      : [this.showPattern(pattern)];
  }

  /** A pattern as people write it, with the types of what it names where they are known. */
  private showPattern(pattern: CorePattern, type?: Type, depth = 0): string {
    if (depth > 5) return "…";
    const inner = (p: CorePattern, t?: Type): string => this.showPattern(p, t, depth + 1);
    switch (pattern.kind) {
      case "any":
      case "bind":
      case "assign":
      case "equal": {
        const t = type === undefined ? undefined : prune(type);
        return t === undefined || t.kind === "var" || isLoose(t) ? "_" : this.show(t);
      }
      case "or":
        return pattern.alternatives.map((p) => inner(p, type)).join(" | ");
      case "literal":
        return showConstant(pattern.value);
      case "range":
        return "Int";
      case "prefix":
        return "String";
      case "tuple":
        return `(${pattern.items.map((item) => inner(item)).join(", ")})`;
      case "list":
        return `[${pattern.items.map((item) => inner(item)).join(", ")}${pattern.rest === undefined ? "" : " | _"}]`;
      case "map":
        return "Map";
      case "set":
        return "Set";
      case "struct":
        return `{${pattern.fields.map((field) => `${field.name}: ${inner(field.pattern)}`).join(", ")}}`;
      case "construct": {
        const types = this.c.constructorOf.has(pattern.type)
          ? constructorInfo(this.c, this.c.constructorOf.get(pattern.type) as ConstructorEntity).fieldTypes
          : [];
        const args = pattern.args.map((arg, i) => inner(arg, types[i]));
        return args.length === 0 ? pattern.type.name : `${pattern.type.name}(${args.join(", ")})`;
      }
    }
  }

  /** For a record: what it lacks of the shape that is nearest to it. */
  private repair(shapes: readonly Shape[], sent: Type): { readonly repair?: string } {
    if (sent.kind !== "struct") return {};
    let best: { readonly shared: number; readonly text: string } | undefined;
    for (const shape of shapes) {
      const type = "type" in shape ? prune(shape.type) : undefined;
      const names =
        "type" in shape
          ? type?.kind === "struct"
            ? [...type.fields.keys()]
            : type?.kind === "data"
              ? [...(fieldTypesOf(this.c, type)?.keys() ?? [])]
              : []
          : shape.pattern.kind === "struct"
            ? shape.pattern.fields.map((field) => field.name)
            : [];
      if (names.length === 0) continue;
      const missing = names.filter((name) => !sent.fields.has(name));
      const similar = missing.filter((name) => nearest(name, sent.fields.keys()).length > 0);
      const shared = names.length - missing.length + similar.length / 2;
      if (shared === 0 && shapes.length > 1) continue; // it is meant for none of them
      if (best !== undefined && best.shared >= shared) continue;
      best = { shared, text: this.repairText(shape, names, missing, sent) };
    }
    return best === undefined ? {} : { repair: best.text };
  }

  private repairText(
    shape: Shape,
    names: readonly string[],
    missing: readonly string[],
    sent: Type & { readonly kind: "struct" },
  ): string {
    const [first, second] = missing;
    const shown = this.shapeTexts([shape])[0] as string;
    if (first !== undefined && second === undefined) {
      const [similar] = nearest(
        first,
        [...sent.fields.keys()].filter((name) => !names.includes(name)),
      );
      if (similar !== undefined) return `\`${shown}\` has a field \`${first}\`; did you mean it by \`${similar}\`?`;
    }
    if (first !== undefined)
      return `to be \`${shown}\`, it lacks the field${second === undefined ? "" : "s"} ${missing.map((name) => `\`${name}\``).join(" and ")}`;
    const wrong = names.find((name) => {
      const field = sent.fields.get(name) as Type;
      const part: Sent = { type: field, isExact: true };
      if ("pattern" in shape) {
        const of = shape.pattern.kind === "struct" ? shape.pattern.fields.find((f) => f.name === name) : undefined;
        return of !== undefined && !this.matches(of.pattern, part, 0);
      }
      const type = prune(shape.type);
      const want =
        type.kind === "struct"
          ? type.fields.get(name)
          : type.kind === "data"
            ? fieldTypesOf(this.c, type)?.get(name)
            : undefined;
      return want !== undefined && !this.fits(want, part, 0);
    });
    if (wrong === undefined) return `it must be built as \`${shown}\``;
    return `to be \`${shown}\`, its field \`${wrong}\` cannot be \`${this.show(sent.fields.get(wrong) as Type)}\``;
  }
}

/** A process of which only a type is known. */
function ofType(message: Type, span: Span): Process {
  return { kind: "process", isTyped: true, name: "", root: undefined, message, span };
}

function promiseOf(message: Type, span: Span): MessagePredicate {
  const isPromise = true;
  return { kind: "message", span, solved: true, messages: message, message, sent: span, built: undefined, isPromise };
}

function showConstant(value: Extract<CorePattern, { readonly kind: "literal" }>["value"]): string {
  switch (value.kind) {
    case "Unit":
      return "()";
    case "String":
      return JSON.stringify(value.value);
    case "Char":
      return `'${value.value}'`;
    default:
      return String(value.value);
  }
}
