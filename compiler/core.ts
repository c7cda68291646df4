/**
 * Core: the program after names and types are settled and sugar is gone; what lowering turns into bytecode.
 *
 * Every name is resolved to the object it means, every call to what it calls, every operator to the kinds it works on.
 * The checker makes Core while it infers; where a decision waits for a type that is found later, it leaves a `hole` that
 * it fills in before it returns: lowering sees through a hole and never meets an empty one.
 * Stays true: evaluation order is the order of the fields here, left to right; what must be evaluated earlier than it
 * stands has been put into a `bind` before. Lists of statements, operands, branches and arms are flat.
 */
import type { Span } from "../grammar/source.ts";
import type { ValueKind } from "../vm/bytecode/opcodes.ts";
import type { Constant, DataType, Kind } from "../vm/bytecode/unit.ts";

export interface CoreProgram {
  /** every function of the program's own, and what is reachable from them, `entry` and initialisers; order is free */
  readonly functions: readonly CoreFunction[];
  readonly mvars: readonly Mvar[];
  readonly globals: readonly Global[];
  /** no parameters; runs main (or the statements of a file without main) and returns its value */
  readonly entry: CoreFunction;
}

/** A named function: clauses are already one `match` over the parameters (or directly the body when there is one clause of plain names). */
export interface CoreFunction {
  readonly kind: "function";
  /** as traces show it: `main`, `stack.push`, `Map.get`; synthesised ones are put in <…> and left out of traces */
  readonly name: string;
  readonly span: Span;
  readonly params: readonly Local[];
  readonly paramKinds: readonly Kind[];
  readonly resultKind: Kind;
  /** filled by the checker after the object exists, so that recursive functions can name each other */
  body: Core;
}

/** A local variable; identity is the object. Captured ones are found by lowering. */
export interface Local {
  readonly name: string;
  readonly span: Span;
  /** declared with `var`, so it may be assigned: captured mutable locals become cells */
  readonly isMutable: boolean;
  /** statically known kind of every value it holds; "any" when not known */
  kind: Kind;
}

/** `mvar name: T = init`. Order of declaration within module path order gives the locking order. */
export interface Mvar {
  readonly name: string;
  readonly module: string;
  readonly span: Span;
  init: Core;
  /** it has its value from an earlier input of a session, which stays */
  readonly isSet?: true;
}

/**
 * A top-level value. `lazy`: evaluated once on first use, program-wide (semantics 4). `script`: a binding of a file
 * without main, set when its statement runs, an error before that (semantics 5).
 */
export interface Global {
  readonly name: string;
  readonly module: string;
  readonly span: Span;
  readonly how: "lazy" | "script";
  /** only of lazy ones */
  init?: Core;
}

/** One `while`, `for` or comprehension loop; break and continue name it by identity. */
export interface Loop {
  readonly kind: "loop";
}

/** What arithmetic may assume of both operands. `number` = Int or Float each; `any` = decided at run time. */
export type OperandKind = "int" | "float" | "number" | "string" | "any";

interface Node {
  readonly span: Span;
}

export type Core = Node & CoreExpr;

export type CoreExpr =
  | { readonly kind: "const"; readonly value: Constant }
  | { readonly kind: "local"; readonly local: Local }
  | { readonly kind: "global"; readonly global: Global }
  | { readonly kind: "mvar"; readonly mvar: Mvar }
  /** a named function as a value */
  | { readonly kind: "function"; readonly function: CoreFunction }
  /** `name` is shown by traces: `<lambda>` or the local function's name. `self`: the local by which the body may call itself */
  | {
      readonly kind: "lambda";
      readonly name: string;
      readonly params: readonly Local[];
      readonly self?: Local;
      readonly body: Core;
    }

  // calls; every argument is there, in parameter order
  | { readonly kind: "call"; readonly function: CoreFunction; readonly args: readonly Core[] }
  | { readonly kind: "callValue"; readonly callee: Core; readonly args: readonly Core[] }
  /** host function by name, see vm/host; unknown names are an error of loading */
  | { readonly kind: "callNative"; readonly name: string; readonly args: readonly Core[] }

  // data
  | { readonly kind: "tuple"; readonly items: readonly Core[] }
  | { readonly kind: "list"; readonly items: readonly Core[]; readonly rest?: Core }
  | { readonly kind: "map"; readonly entries: readonly { readonly key: Core; readonly value: Core }[] }
  | { readonly kind: "set"; readonly items: readonly Core[] }
  /** variant, record or structural record; args by field position */
  | { readonly kind: "construct"; readonly type: DataType; readonly args: readonly Core[] }
  /** field of known position */
  | { readonly kind: "fieldAt"; readonly target: Core; readonly index: number }
  /** field by name, position found at run time */
  | { readonly kind: "field"; readonly target: Core; readonly name: string }
  | { readonly kind: "setFieldAt"; readonly target: Core; readonly index: number; readonly value: Core }
  | { readonly kind: "setField"; readonly target: Core; readonly name: string; readonly value: Core }
  | { readonly kind: "tupleItem"; readonly target: Core; readonly index: number }
  /** list, string, tuple, map (unit if absent), set (Bool), typed array: decided at run time */
  | { readonly kind: "index"; readonly target: Core; readonly index: Core }
  /** gives the updated collection (a typed array itself) */
  | { readonly kind: "updated"; readonly target: Core; readonly index: Core; readonly value: Core }

  // operators
  | {
      readonly kind: "binary";
      readonly op: "+" | "-" | "*" | "/" | "%" | "**" | "++" | "::" | "==" | "!=" | "<" | ">" | "<=" | ">=";
      readonly operands: OperandKind;
      readonly left: Core;
      readonly right: Core;
    }
  /** a left-associative run `first op item op item …` of one kind, so that 10,000 operands stay flat; ops of one level may mix */
  | {
      readonly kind: "chain";
      readonly first: Core;
      readonly rest: readonly {
        readonly op: "+" | "-" | "*" | "/" | "%" | "++";
        readonly operands: OperandKind;
        readonly item: Core;
        readonly span: Span;
      }[];
    }
  | { readonly kind: "negate"; readonly operands: OperandKind; readonly operand: Core }
  | { readonly kind: "not"; readonly operand: Core }
  /** short-circuit, flat */
  | { readonly kind: "and" | "or"; readonly items: readonly Core[] }
  /** runtime kind of a value: the building block of dynamic dispatch */
  | { readonly kind: "test"; readonly target: Core; readonly test: KindTest }
  /** concatenates display texts; each item is shown unless it is known to be a String */
  | { readonly kind: "interpolate"; readonly items: readonly Core[] }

  // control
  /** value of the last statement; unit when empty */
  | { readonly kind: "block"; readonly statements: readonly Core[] }
  /** a new local; value unit. The local is in scope for what follows in the same block */
  | { readonly kind: "bind"; readonly local: Local; readonly value: Core }
  /** irrefutable or checked: fails with MatchFailed when `pattern` does not match */
  | { readonly kind: "bindPattern"; readonly pattern: CorePattern; readonly value: Core }
  | { readonly kind: "assign"; readonly local: Local; readonly value: Core }
  | { readonly kind: "assignMvar"; readonly mvar: Mvar; readonly value: Core }
  | { readonly kind: "setGlobal"; readonly global: Global; readonly value: Core }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: Core; readonly body: Core }[];
      readonly otherwise?: Core;
    }
  /** several scrutinees for function clauses; each arm has as many patterns. No arm matches: MatchFailed with `what` */
  | {
      readonly kind: "match";
      readonly scrutinees: readonly Core[];
      readonly arms: readonly CoreArm[];
      readonly what: "match" | "clauses";
      readonly functionName?: string;
    }
  | { readonly kind: "while"; readonly loop: Loop; readonly condition: Core; readonly body: Core }
  /** `variable` is fresh each turn; `to` exclusive, both ends evaluated once */
  | {
      readonly kind: "for";
      readonly loop: Loop;
      readonly variable: Local;
      readonly from: Core;
      readonly to: Core;
      readonly body: Core;
    }
  /** over a list (other collections were turned into lists by the checker) */
  | {
      readonly kind: "forIn";
      readonly loop: Loop;
      readonly pattern: CorePattern;
      readonly list: Core;
      readonly body: Core;
    }
  /** collects `element` of every turn whose pattern matches and whose condition holds, in order */
  | {
      readonly kind: "comprehension";
      readonly loop: Loop;
      readonly pattern: CorePattern;
      readonly list: Core;
      readonly condition?: Core;
      readonly element: Core;
    }
  | { readonly kind: "break"; readonly loop: Loop; readonly value?: Core }
  | { readonly kind: "continue"; readonly loop: Loop }
  /** leaves the innermost function or lambda */
  | { readonly kind: "return"; readonly value?: Core }
  /** no arm matches: thrown on. `arms` absent: only a finalizer */
  | { readonly kind: "try"; readonly body: Core; readonly arms?: readonly CoreArm[]; readonly finalizer?: Core }
  | { readonly kind: "throw"; readonly value: Core }

  // processes
  /** `function` gives a function value without parameters */
  | { readonly kind: "spawn"; readonly how: "spawn" | "spawn_link" | "spawn_monitor"; readonly function: Core }
  | { readonly kind: "send"; readonly target: Core; readonly message: Core }
  | { readonly kind: "self" }
  | { readonly kind: "sleep"; readonly ms: Core }
  | {
      readonly kind: "receive";
      readonly arms: readonly CoreArm[];
      readonly after?: { readonly timeout: Core; readonly body: Core };
    }

  /** decided after inference; `filled` is always set when lowering sees it */
  | { readonly kind: "hole"; filled?: Core };

export interface CoreArm {
  readonly span: Span;
  /** one a scrutinee */
  readonly patterns: readonly CorePattern[];
  readonly guard?: Core;
  readonly body: Core;
}

export type KindTest =
  | { readonly kind: "kind"; readonly name: ValueKind }
  /** any constructor of this type (by module and type name) */
  | { readonly kind: "type"; readonly module: string; readonly type: string }
  /** a record (of any sort) with this field */
  | { readonly kind: "hasField"; readonly name: string };

export type CorePattern =
  | { readonly kind: "any" }
  | { readonly kind: "bind"; readonly local: Local }
  /** stores into an existing mutable local (language.md 3.2) */
  | { readonly kind: "assign"; readonly local: Local }
  /** structural equality with a value: pins, and names that are already bound */
  | { readonly kind: "equal"; readonly value: Core }
  | { readonly kind: "literal"; readonly value: Constant }
  | { readonly kind: "range"; readonly from: bigint; readonly to: bigint; readonly inclusive: boolean }
  | { readonly kind: "tuple"; readonly items: readonly CorePattern[] }
  | { readonly kind: "list"; readonly items: readonly CorePattern[]; readonly rest?: CorePattern }
  /** a String that starts with `prefix`; `rest` matches what follows */
  | { readonly kind: "prefix"; readonly prefix: string; readonly rest: CorePattern }
  | { readonly kind: "construct"; readonly type: DataType; readonly args: readonly CorePattern[] }
  /** open: any record, nominal or structural, with these fields */
  | { readonly kind: "struct"; readonly fields: readonly { readonly name: string; readonly pattern: CorePattern }[] }
  | { readonly kind: "map"; readonly entries: readonly { readonly key: Core; readonly value: CorePattern }[] }
  /** each pattern that is a constant must be contained (subset); a variable or other pattern matches some element */
  | { readonly kind: "set"; readonly items: readonly CorePattern[] }
  /** alternatives bind the same locals */
  | { readonly kind: "or"; readonly alternatives: readonly CorePattern[] };
