/** Everything that names and types can find wrong, as facts, and the one function that words them. */
import type { Span } from "../../grammar/source.ts";
import type { Diagnostic, Label } from "../diagnostics/diagnostic.ts";
import type { NameProblem } from "../names/problems.ts";

/** Types are kept as text, made when the problem was found, so that later guesses cannot change what is said. */
export type TypeProblem =
  | NameProblem
  | {
      readonly code: "mismatch";
      readonly span: Span;
      readonly expected: string;
      readonly found: string;
      /** what differs inside, when the whole types are larger */
      readonly innerExpected?: string;
      readonly innerFound?: string;
      readonly because?: { readonly span: Span; readonly text: string };
      /** of an annotated binding: public wording without backticks */
      readonly isBinding?: boolean;
      readonly argument?: number;
      readonly note?: "expected-function" | "expected-list" | "expected-tuples" | "tuple";
    }
  | { readonly code: "infinite-type"; readonly span: Span; readonly type: string; readonly inside: string }
  | {
      readonly code: "operand";
      readonly span: Span;
      readonly op: string;
      readonly type: string;
      readonly other: string;
      readonly otherSpan: Span;
      readonly trait: "Num" | "Concat";
    }
  | {
      readonly code: "no-trait";
      readonly span: Span;
      readonly type: string;
      readonly trait: string;
      readonly part?: string;
    }
  | {
      readonly code: "arity";
      readonly span: Span;
      readonly name?: string;
      readonly expected: readonly number[];
      readonly found: number;
      readonly declared?: Span;
    }
  | { readonly code: "not-a-function"; readonly span: Span; readonly type: string }
  | {
      readonly code: "no-field";
      readonly span: Span;
      readonly type: string;
      readonly field: string;
      readonly nearby: readonly string[];
    }
  | {
      readonly code: "no-method";
      readonly span: Span;
      readonly type: string;
      readonly method: string;
      readonly nearby: readonly string[];
    }
  | {
      readonly code: "no-overload";
      readonly span: Span;
      readonly name: string;
      readonly found: readonly string[];
      readonly candidates: readonly string[];
    }
  | { readonly code: "ambiguous"; readonly span: Span; readonly name: string; readonly what: string }
  | { readonly code: "not-indexable"; readonly span: Span; readonly type: string }
  | { readonly code: "not-iterable"; readonly span: Span; readonly type: string }
  | {
      readonly code: "unknown-argument";
      readonly span: Span;
      readonly name: string;
      readonly of: string;
      readonly nearby: readonly string[];
    }
  | { readonly code: "repeated-argument"; readonly span: Span; readonly name: string }
  | { readonly code: "missing-argument"; readonly span: Span; readonly name: string; readonly of: string }
  | {
      readonly code: "unknown-field";
      readonly span: Span;
      readonly field: string;
      readonly record: string;
      readonly nearby: readonly string[];
    }
  | { readonly code: "missing-field"; readonly span: Span; readonly field: string; readonly record: string }
  | { readonly code: "immutable-variable"; readonly span: Span; readonly name: string; readonly declared: Span }
  | {
      readonly code: "immutable-field";
      readonly span: Span;
      readonly field: string;
      readonly type: string;
      readonly declared?: Span;
    }
  | { readonly code: "top-level-assignment"; readonly span: Span; readonly name: string; readonly declared: Span }
  | {
      readonly code: "not-exhaustive";
      readonly span: Span;
      readonly missing: readonly string[];
      readonly isError: boolean;
    }
  | WrongMessage
  /** `parameters`: of a function that takes more than one */
  | {
      readonly code: "not-a-process";
      readonly span: Span;
      readonly type: string;
      readonly parameters: number | undefined;
    }
  | { readonly code: "bad-pattern"; readonly span: Span; readonly message: string }
  | { readonly code: "no-main"; readonly span?: Span }
  | { readonly code: "too-complex"; readonly span: Span; readonly what: string };

/** Something is sent that its receiver can do nothing with. */
export interface WrongMessage {
  readonly code: "wrong-message";
  readonly span: Span;
  /** only when the process was started with a type for its messages */
  readonly isError: boolean;
  readonly process: string;
  readonly message: string;
  /** the pid is said to take such messages, by an annotation; nothing was sent yet */
  readonly isPromise: boolean;
  /** shapes that it takes */
  readonly accepted: readonly string[];
  /** where it takes them */
  readonly receives: readonly Span[];
  /** its function takes every message as its parameter */
  readonly isParameter: boolean;
  /** where it is sent, when that is in a function that `span` calls */
  readonly sent?: Span;
  /** what would make it one of the accepted shapes */
  readonly repair?: string;
  /** the pattern that would take it */
  readonly arm?: string;
}

/** Case decides in the language too: a capital makes data. */
function callableNoun(name: string): string {
  return /(^|\.)[A-Z][^.]*$/.test(name) ? "constructor" : "function";
}

export function explainTypeProblem(problem: TypeProblem): Diagnostic {
  const { message, label = "", related, hint, notes, severity = "error" } = word(problem);
  return {
    severity,
    code: problem.code,
    message,
    ...(problem.span === undefined ? {} : { primary: { span: problem.span, text: label } }),
    ...(related === undefined || related.length === 0 ? {} : { related }),
    ...(hint === undefined ? {} : { hint }),
    ...(notes === undefined ? {} : { notes }),
  };
}

interface Words {
  readonly message: string;
  readonly label?: string;
  readonly related?: readonly Label[];
  readonly hint?: string | undefined;
  readonly notes?: readonly string[];
  readonly severity?: "warning";
}

function word(p: TypeProblem): Words {
  switch (p.code) {
    case "unknown-name":
      return {
        message: p.isCall && p.nearby.length > 0 ? `unknown function \`${p.name}\`` : `unknown variable \`${p.name}\``,
        label: "nothing of this name is in scope here",
        hint: didYouMean(p.nearby),
      };
    case "unknown-type":
      return { message: `unknown type \`${p.name}\``, hint: didYouMean(p.nearby) };
    case "unknown-trait":
      return { message: `unknown trait \`${p.name}\`` };
    case "unknown-constructor":
      return {
        message: `unknown variable \`${p.name}\``,
        label: "no constructor of this name is in scope here",
        hint: didYouMean(p.nearby),
      };
    case "unknown-module":
      return { message: `module \`${p.name}\` not found` };
    case "not-imported":
      return {
        message: `module \`${p.module}\` is not imported; add \`use ${p.module}.*\``,
        hint: `or name what you need: \`use ${p.module}.{…}\``,
      };
    case "unknown-member":
      return {
        message: `unknown function \`${p.name}\``,
        label:
          p.module === ""
            ? ""
            : `module \`${p.module.replace(/^stdlib\.\w+\.(?=[A-Z])/, "")}\` has nothing of this name`,
        hint: didYouMean(p.nearby),
      };
    case "private": {
      const message =
        p.what === "function"
          ? `cannot access private function \`${p.name}\`: it is private in module \`${p.module}\``
          : p.what === "type"
            ? `type \`${p.name}\` is private in module \`${p.module}\``
            : `\`${p.name}\` is private in module \`${p.module}\``;
      return {
        message,
        related: place(p.declared, "declared here without `pub`"),
        hint: "mark it `pub` where it is declared",
      };
    }
    case "import-conflict":
      return {
        message: `import conflict: \`${p.name}\` is imported from both \`${p.first}\` and \`${p.second}\``,
        related: place(p.other, "imported here too"),
        hint: `rename one: \`use ${p.second}.{${p.name} as …}\``,
      };
    case "duplicate":
      return {
        message: `\`${p.name}\` is defined multiple times`,
        related: [{ span: p.first, text: "first defined here" }],
      };
    case "shadows-builtin":
      return {
        message: `Function '${p.name}' shadows built-in function '${p.name}'`,
        hint: "choose another name for it",
      };
    case "not-yet":
      return { message: `${p.what} ${p.what.endsWith("s") ? "are" : "is"} not supported yet` };
    case "misplaced":
      return { message: p.message, hint: p.hint };
    case "mismatch": {
      const quote = p.isBinding === true ? "" : "`";
      const where = p.argument === undefined ? "" : ` in argument ${p.argument}`;
      const inner =
        p.innerExpected !== undefined && p.innerFound !== undefined
          ? `: \`${p.innerFound}\` where \`${p.innerExpected}\` is needed`
          : "";
      const label =
        p.note === "expected-function"
          ? "expected function"
          : p.note === "expected-list"
            ? "expected List"
            : p.note === "expected-tuples"
              ? "expected List of tuples"
              : p.note === "tuple"
                ? `Cannot unify types: ${p.expected} and ${p.found}`
                : `this is \`${p.found}\`${inner}`;
      return {
        message: `type mismatch${where}: expected ${quote}${p.expected}${quote}, found ${quote}${p.found}${quote}`,
        label,
        related: p.because === undefined ? [] : [p.because],
        hint: conversionHint(p.expected, p.found),
      };
    }
    case "infinite-type":
      return { message: `Infinite type: \`${p.type}\` would have to be \`${p.inside}\`, which contains it` };
    case "operand":
      if (p.trait === "Concat")
        return {
          message: `type mismatch: ${p.type} does not implement Concat`,
          label: "`++` joins two Strings or two lists",
          related: [{ span: p.otherSpan, text: `the other side is \`${p.other}\`` }],
          hint: p.other === "String" ? "make a String of it with show(…)" : undefined,
        };
      if (p.type === "String" || p.other === "String") {
        const other = p.type === "String" ? p.other : p.type;
        return {
          message: `type mismatch: \`${p.op}\` between \`${p.type}\` and \`${p.other}\``,
          label: `String does not implement Num`,
          related: [{ span: p.otherSpan, text: `the other side is \`${p.other}\`` }],
          hint: p.op === "+" ? `to concatenate strings, use ++: show(…) makes a String of the \`${other}\`` : undefined,
        };
      }
      return {
        message: `${p.type} does not implement Num`,
        label: `type mismatch: expected a number, found \`${p.type}\``,
        related: p.other === "" ? [] : [{ span: p.otherSpan, text: `the other side is \`${p.other}\`` }],
      };
    case "no-trait": {
      const part = p.part === undefined || p.part === p.type ? undefined : `because \`${p.part}\` inside it does not`;
      return {
        message:
          p.trait === "Ord" && part !== undefined
            ? `\`${p.type}\` is not comparable: ${p.part} does not implement Ord`
            : `${p.type} does not implement ${p.trait}`,
        label: part ?? (p.trait === "Num" ? `type mismatch: expected a number, found \`${p.type}\`` : ""),
      };
    }
    case "arity": {
      const wanted = p.expected.length === 0 ? "another number" : p.expected.join(" or ");
      return {
        message: `Wrong number of arguments: expected ${wanted}, found ${p.found}`,
        label:
          p.name === undefined
            ? ""
            : `${callableNoun(p.name)} \`${p.name}\` expects ${wanted} argument${p.expected.length === 1 && p.expected[0] === 1 ? "" : "s"}, but ${p.found} ${p.found === 1 ? "was" : "were"} provided`,
        related: place(p.declared, "declared here"),
      };
    }
    case "not-a-function":
      return {
        message: `type mismatch: expected function, found \`${p.type}\``,
        label: "this is called, but it is not a function",
      };
    case "no-field":
      return { message: `Type ${p.type} has no field ${p.field}`, hint: didYouMean(p.nearby) };
    case "no-method": {
      const size = p.method === "length" && /^(Map|Set)\b/.exec(p.type);
      return {
        message: `Type ${p.type} has no method ${p.method}`,
        label: `no method \`${p.method}\` found for type \`${p.type}\``,
        hint: size ? `use .size() for ${size[1]}` : didYouMean(p.nearby),
      };
    }
    case "no-overload": {
      const size = p.name === "length" && /^(Map|Set)\b/.exec(p.found[0] ?? "");
      return {
        message: `type mismatch: no version of \`${p.name}\` takes (${p.found.join(", ")})`,
        label: p.name === "length" || p.name === "len" ? "expected List, String, Tuple, or Array" : "",
        notes: p.candidates.map((candidate) => `there is ${candidate}`),
        ...(size ? { hint: `use .size() for ${size[1]}` } : {}),
      };
    }
    case "ambiguous":
      return { message: `ambiguous name \`${p.name}\`: ${p.what}`, hint: "Type annotation required" };
    case "not-indexable":
      return {
        message: `type mismatch: \`${p.type}\` cannot be indexed`,
        label: "expected List, String, Tuple, or Array",
      };
    case "not-iterable":
      return {
        message: `type mismatch: expected List, found \`${p.type}\``,
        label: "a loop goes over a list, string, map or set",
      };
    case "unknown-argument":
      return { message: `unknown argument \`${p.name}\` for function \`${p.of}\``, hint: didYouMean(p.nearby) };
    case "repeated-argument":
      return { message: `argument \`${p.name}\` is given more than once` };
    case "missing-argument":
      return { message: `Wrong number of arguments: missing argument \`${p.name}\` of \`${p.of}\`` };
    case "unknown-field":
      return { message: `unknown field \`${p.field}\` for record \`${p.record}\``, hint: didYouMean(p.nearby) };
    case "missing-field":
      return { message: `missing field \`${p.field}\` in record \`${p.record}\`` };
    case "immutable-variable":
      return {
        message: `cannot reassign immutable variable '${p.name}'; use 'var' to declare a mutable variable`,
        label: "a second value for the same name",
        related: [{ span: p.declared, text: "first bound here" }],
        hint: `write \`var ${p.name} = …\` there, or choose another name here`,
      };
    case "immutable-field":
      return {
        message: `Field '${p.field}' is not mutable`,
        related: place(p.declared, "declared here"),
        hint:
          p.declared === undefined
            ? undefined
            : `declare it as \`var type ${p.type}\`, or make a changed copy: \`${p.type}(old, ${p.field}: …)\``,
      };
    case "top-level-assignment":
      return {
        message: `cannot assign to the top-level variable '${p.name}' from a function`,
        related: [{ span: p.declared, text: "declared here" }],
        hint: `state that functions share is an mvar: \`mvar ${p.name}: Type = …\``,
      };
    case "not-exhaustive":
      return {
        message: `non-exhaustive patterns: ${p.missing.map((name) => `\`${name}\``).join(", ")} not covered`,
        hint: "add the missing arms, or `_ -> …`",
        ...(p.isError ? {} : { severity: "warning" as const }),
      };
    case "wrong-message":
      return wordMessage(p);
    case "not-a-process":
      return p.parameters === undefined
        ? {
            message: `type mismatch: expected function, found \`${p.type}\``,
            label: "`spawn_typed` starts a function of one message, or of none that receives by itself",
            hint: "to start a call, put it into a function: `spawn_typed(() => f(x))`",
          }
        : {
            message: `Wrong number of arguments: expected 1 or 0, found ${p.parameters}`,
            label: "`spawn_typed` starts a function of one message, or of none that receives by itself",
            hint: "give it what it needs beside the message: `spawn_typed(message => f(x, message))`",
          };
    case "bad-pattern":
      return { message: `invalid pattern: ${p.message}` };
    case "no-main":
      return { message: "there is no `main` to run", hint: "add `main() = …`" };
    case "too-complex":
      return { message: `${p.what} is too complex`, hint: "split it into smaller parts" };
  }
}

const SHOWN_SHAPES = 8; // of a process; a longer list helps nobody

function wordMessage(p: WrongMessage): Words {
  const who = p.process === "" ? "this process" : `\`${p.process}\``;
  const shapes = p.accepted.slice(0, SHOWN_SHAPES).map((shape) => `    ${shape}`);
  if (p.accepted.length > SHOWN_SHAPES) shapes.push(`    and ${p.accepted.length - SHOWN_SHAPES} more`);
  const notes = shapes.length === 0 ? [] : [`${who} takes`, ...shapes];
  const related: Label[] = p.sent === undefined ? [] : [{ span: p.sent, text: "it is sent here" }];
  for (const span of p.receives)
    related.push({ span, text: p.isParameter ? "every message is this parameter" : "it receives here" });
  const label = p.isPromise ? `the type of this pid says that it takes \`${p.message}\`` : `this is \`${p.message}\``;
  if (p.accepted.length === 0)
    return {
      message: p.isError
        ? `wrong message type: ${who} receives nothing`
        : `this process receives nothing, so nobody will see this message`,
      label,
      related,
      hint: `let it \`receive\`, or send to another process`,
      ...(p.isError ? {} : { severity: "warning" as const }),
    };
  const ways =
    p.receives.length === 0
      ? ""
      : p.isParameter && p.receives.length === 1
        ? ", or give its parameter another type"
        : p.arm === undefined
          ? ", or give it an arm for this one"
          : `, or give it an arm for this one: \`${p.arm} -> …\``;
  const one = p.accepted.length === 1 ? `\`${p.accepted[0]}\`` : "one of these";
  return {
    message: p.isError
      ? `wrong message type: ${who} does not take \`${p.message}\``
      : `no \`receive\` of ${who} can match \`${p.message}\``,
    label,
    related,
    hint: p.repair ?? (p.isPromise ? `promise no more than it takes${ways}` : `send ${one}${ways}`),
    notes,
    ...(p.isError ? {} : { severity: "warning" as const }),
  };
}

function place(span: Span | undefined, text: string): Label[] {
  return span === undefined ? [] : [{ span, text }];
}

function didYouMean(nearby: readonly string[]): string | undefined {
  if (nearby.length === 0) return undefined;
  return `did you mean ${nearby.map((name) => `\`${name}\``).join(" or ")}?`;
}

function conversionHint(expected: string, found: string): string | undefined {
  if (expected === "Float" && found === "Int")
    return "use toFloat(x) to make a Float of an Int, or write the number with a dot";
  if (expected === "Int" && found === "Float") return "use toInt(x), floor(x) or round(x) to make an Int of a Float";
  if (expected === "String" && found !== "()") return "use show(x) to make a String of a value";
  if (found === "()" && expected !== "()") return "an `if` without `else` gives (); is an `else` missing?";
  return undefined;
}
