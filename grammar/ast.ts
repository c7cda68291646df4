/**
 * The syntax tree: what the parser makes and the compiler reads. Every node carries the exact span of its text.
 *
 * The trick against deep recursion: chains are flat. `a + b + c …`, else-if chains, statement lists and list literals
 * are arrays, so the depth of the tree is bounded by the counted nesting limit and passes may recurse over it.
 * Stays true: a node says what was written, nothing that was inferred; names are not resolved here.
 */
import type { SourceFile, Span } from "./source.ts";

export interface Ident {
  readonly name: string;
  readonly span: Span;
}

// ───────────────────────────── declarations ─────────────────────────────

export interface FileAst {
  readonly source: SourceFile;
  /** Declarations and, in a file without main, statements; in source order. */
  readonly items: readonly Item[];
}

export type Item =
  | FunctionDecl
  | TypeDecl
  | TraitDecl
  | ImplDecl
  | ModuleDecl
  | UseDecl
  | ConstDecl
  | BindingDecl
  | MvarDecl
  | TemplateDecl
  | ExternDecl
  | TestDecl
  | StatementItem;

interface Declared {
  readonly span: Span;
  readonly isPublic: boolean;
  /** contiguous comment lines directly above, without their marks */
  readonly doc?: string;
  /** `@name(args)` above a function or type, outermost first */
  readonly decorators?: readonly Decorator[];
}

export interface Decorator {
  readonly span: Span;
  readonly name: Ident;
  readonly args: readonly Argument[];
}

/** One clause: clauses of one function are separate declarations here, the compiler groups them. */
export interface FunctionDecl extends Declared {
  readonly kind: "function";
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  readonly params: readonly Param[];
  readonly guard?: Expr;
  readonly result?: TypeExpr;
  readonly body: Expr;
}

export interface TypeParam {
  readonly name: Ident;
  /** `[T: Eq + Show]` */
  readonly bounds: readonly QualifiedName[];
}

export interface Param {
  readonly span: Span;
  readonly pattern: Pattern;
  readonly type?: TypeExpr;
  readonly default?: Expr;
}

export interface TypeDecl extends Declared {
  readonly kind: "type";
  readonly name: Ident;
  readonly typeParams: readonly TypeParam[];
  /** `var type` */
  readonly isMutable: boolean;
  /** `reactive Name = …` */
  readonly isReactive: boolean;
  readonly body: TypeBody;
}

export type TypeBody =
  | { readonly kind: "record"; readonly fields: readonly FieldDecl[] }
  | { readonly kind: "variants"; readonly constructors: readonly ConstructorDecl[] }
  /** `type Score = Int`; a lone upper-case name on the right is an alias if such a type exists, else a constructor: names decide */
  | { readonly kind: "alias"; readonly type: TypeExpr }
  | { readonly kind: "empty" };

export interface FieldDecl {
  readonly name: Ident;
  readonly type: TypeExpr;
  readonly isPrivate: boolean;
}

export interface ConstructorDecl {
  readonly span: Span;
  readonly name: Ident;
  readonly fields:
    | { readonly kind: "none" }
    | { readonly kind: "positional"; readonly types: readonly TypeExpr[] }
    | { readonly kind: "named"; readonly fields: readonly FieldDecl[] };
}

export interface TraitDecl extends Declared {
  readonly kind: "trait";
  readonly name: Ident;
  readonly supers: readonly QualifiedName[];
  readonly methods: readonly TraitMethod[];
}

export interface TraitMethod {
  readonly span: Span;
  /** an identifier or an operator such as `==` */
  readonly name: Ident;
  readonly params: readonly Param[];
  readonly result?: TypeExpr;
  readonly body?: Expr;
}

/** `Type: Trait [when T: Bound, …] methods end` */
export interface ImplDecl extends Declared {
  readonly kind: "impl";
  readonly type: TypeExpr;
  readonly trait: QualifiedName;
  readonly where: readonly TypeParam[];
  readonly methods: readonly FunctionDecl[];
}

export interface ModuleDecl extends Declared {
  readonly kind: "module";
  readonly name: Ident;
  readonly items: readonly Item[];
}

export interface UseDecl extends Declared {
  readonly kind: "use";
  /** `a.b` of `use a.b.*`, `use a.b.{x}`, `use a.b.name` */
  readonly path: readonly Ident[];
  readonly what: { readonly kind: "all" } | { readonly kind: "names"; readonly names: readonly UseName[] };
}

export interface UseName {
  readonly name: Ident;
  readonly alias?: Ident;
}

export interface ConstDecl extends Declared {
  readonly kind: "const";
  readonly name: Ident;
  readonly type?: TypeExpr;
  readonly value: Expr;
}

/** A top-level `pat = e` or `var x = e`. */
export interface BindingDecl extends Declared {
  readonly kind: "binding";
  readonly isVar: boolean;
  readonly pattern: Pattern;
  readonly type?: TypeExpr;
  readonly value: Expr;
}

export interface MvarDecl extends Declared {
  readonly kind: "mvar";
  readonly name: Ident;
  readonly type: TypeExpr;
  readonly value: Expr;
}

export interface TemplateDecl extends Declared {
  readonly kind: "template";
  readonly name: Ident;
  readonly params: readonly Param[];
  readonly body: Expr;
}

export interface ExternDecl extends Declared {
  readonly kind: "extern";
  readonly name: Ident;
  readonly what:
    | { readonly kind: "type" }
    | {
        readonly kind: "function";
        readonly params: readonly Param[];
        readonly result?: TypeExpr;
        readonly library: string;
      };
}

export interface TestDecl extends Declared {
  readonly kind: "test";
  readonly title: string;
  readonly body: Expr;
}

/** An expression or assignment at the top level of a file without main. */
export interface StatementItem {
  readonly kind: "statement";
  readonly span: Span;
  readonly statement: Statement;
}

/** `a.b.Name` */
export interface QualifiedName {
  readonly span: Span;
  readonly path: readonly Ident[];
  readonly name: Ident;
}

// ───────────────────────────── types ─────────────────────────────

export type TypeExpr =
  /** `Int`, `Mod.Name[A, B]`; a single letter is a type variable unless a type of that name is declared */
  | { readonly kind: "name"; readonly span: Span; readonly name: QualifiedName; readonly args: readonly TypeExpr[] }
  | { readonly kind: "list"; readonly span: Span; readonly element: TypeExpr }
  | { readonly kind: "tuple"; readonly span: Span; readonly elements: readonly TypeExpr[] }
  | { readonly kind: "unit"; readonly span: Span }
  | { readonly kind: "function"; readonly span: Span; readonly params: readonly TypeExpr[]; readonly result: TypeExpr }
  | { readonly kind: "struct"; readonly span: Span; readonly fields: readonly FieldDecl[] };

// ───────────────────────────── statements and expressions ─────────────────────────────

export type Statement =
  /** `pat = e`, `pat: T = e`, `var x = e`. Whether a lone name binds or assigns is for names to decide. */
  | {
      readonly kind: "bind";
      readonly span: Span;
      readonly isVar: boolean;
      readonly pattern: Pattern;
      readonly type?: TypeExpr;
      readonly value: Expr;
    }
  /** `r.f = e`, `c[i] = e` */
  | { readonly kind: "assign"; readonly span: Span; readonly target: FieldExpr | IndexExpr; readonly value: Expr }
  /** `inner(x: Int, y = 2) -> Int = body` inside a block */
  | {
      readonly kind: "localFunction";
      readonly span: Span;
      readonly name: Ident;
      readonly params: readonly Param[];
      readonly result?: TypeExpr;
      readonly body: Expr;
    }
  | { readonly kind: "expr"; readonly span: Span; readonly expr: Expr };

export type BinaryOp =
  | "**" | "*" | "/" | "%" | "+" | "-" | "::" | "++"
  | "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" | "|>"; // biome-ignore format: one line a row of the precedence table

export type NumberKind =
  | "Int" | "Int8" | "Int16" | "Int32" | "UInt8" | "UInt16" | "UInt32" | "UInt64"
  | "BigInt" | "Float" | "Float32" | "Decimal"; // biome-ignore format: as above

export type Literal =
  /** `value` is the number's text without `_`, prefix kept for 0x and 0b, suffix dropped; `-` merged only for minima (Int's too) and in patterns */
  | { readonly kind: "number"; readonly type: NumberKind; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "char"; readonly value: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "unit" };

export interface FieldExpr {
  readonly kind: "field";
  readonly span: Span;
  readonly target: Expr;
  /** a name, or the digits of a tuple position */
  readonly name: Ident;
}

export interface IndexExpr {
  readonly kind: "index";
  readonly span: Span;
  readonly target: Expr;
  readonly index: Expr;
}

export interface Argument {
  readonly span: Span;
  /** `name: value` */
  readonly name?: Ident;
  readonly value: Expr;
}

export interface Arm {
  readonly span: Span;
  readonly pattern: Pattern;
  readonly guard?: Expr;
  /** a block of no statements when nothing stood after `->` */
  readonly body: Expr;
}

/** One `name: e` of a structural record; `name` alone puns. */
export interface StructField {
  readonly name: Ident;
  readonly value?: Expr;
}

export type Expr =
  | { readonly kind: "literal"; readonly span: Span; readonly literal: Literal }
  /** a string with `${…}`; parts alternate freely */
  | { readonly kind: "interpolation"; readonly span: Span; readonly parts: readonly (string | Expr)[] }
  /** a lower-case name; `_` too, which is an error outside patterns */
  | { readonly kind: "name"; readonly span: Span; readonly name: string }
  /** `Upper` alone: a constructor, a module (left of a dot) or a constant */
  | { readonly kind: "upperName"; readonly span: Span; readonly name: string }
  | FieldExpr
  | IndexExpr
  /** `f(args)`, `f[T](args)`, `Upper(args)`, `x.m(args)` (callee is a field expression) */
  | {
      readonly kind: "call";
      readonly span: Span;
      readonly callee: Expr;
      readonly typeArgs: readonly TypeExpr[];
      readonly args: readonly Argument[];
    }
  /** flat: operands.length = ops.length + 1, all ops of one precedence level; associativity is the level's */
  | {
      readonly kind: "chain";
      readonly span: Span;
      readonly ops: readonly { readonly op: BinaryOp; readonly span: Span }[];
      readonly operands: readonly Expr[];
    }
  | { readonly kind: "unary"; readonly span: Span; readonly op: "-" | "!"; readonly operand: Expr }
  | { readonly kind: "send"; readonly span: Span; readonly target: Expr; readonly message: Expr }
  | { readonly kind: "try?"; readonly span: Span; readonly operand: Expr }
  | { readonly kind: "splice"; readonly span: Span; readonly operand: Expr }
  | { readonly kind: "list"; readonly span: Span; readonly elements: readonly Expr[]; readonly rest?: Expr }
  | { readonly kind: "rangeList"; readonly span: Span; readonly from: Expr; readonly to: Expr }
  /** `[e for pat in xs if c]` */
  | {
      readonly kind: "comprehension";
      readonly span: Span;
      readonly element: Expr;
      readonly pattern: Pattern;
      readonly iterable: Expr;
      readonly condition?: Expr;
    }
  | { readonly kind: "tuple"; readonly span: Span; readonly elements: readonly Expr[] }
  | {
      readonly kind: "map";
      readonly span: Span;
      readonly entries: readonly { readonly key: Expr; readonly value: Expr }[];
    }
  | { readonly kind: "set"; readonly span: Span; readonly elements: readonly Expr[] }
  | { readonly kind: "struct"; readonly span: Span; readonly fields: readonly StructField[] }
  /** `{ … }` and `do … end`; no statements = unit */
  | { readonly kind: "block"; readonly span: Span; readonly statements: readonly Statement[] }
  /** flat else-if chain */
  | {
      readonly kind: "if";
      readonly span: Span;
      readonly branches: readonly { readonly condition: Expr; readonly body: Expr }[];
      readonly otherwise?: Expr;
    }
  | { readonly kind: "match"; readonly span: Span; readonly scrutinee: Expr; readonly arms: readonly Arm[] }
  | { readonly kind: "while"; readonly span: Span; readonly condition: Expr; readonly body: Expr }
  /** `for i = a to b body`; b exclusive */
  | {
      readonly kind: "for";
      readonly span: Span;
      readonly variable: Ident;
      readonly from: Expr;
      readonly to: Expr;
      readonly body: Expr;
    }
  /** `for pat in xs body` */
  | {
      readonly kind: "forIn";
      readonly span: Span;
      readonly pattern: Pattern;
      readonly iterable: Expr;
      readonly body: Expr;
    }
  | { readonly kind: "break"; readonly span: Span; readonly value?: Expr }
  | { readonly kind: "continue"; readonly span: Span }
  | { readonly kind: "return"; readonly span: Span; readonly value?: Expr }
  | {
      readonly kind: "try";
      readonly span: Span;
      readonly body: Expr;
      readonly arms?: readonly Arm[];
      readonly finalizer?: Expr;
    }
  | {
      readonly kind: "lambda";
      readonly span: Span;
      readonly params: readonly Param[];
      readonly result?: TypeExpr;
      readonly body: Expr;
    }
  /** `spawn { … }`, `spawn(f)`, `spawn(call(x))`; also `spawn_link` and `spawn_monitor`. `body` is what stood inside */
  | {
      readonly kind: "spawn";
      readonly span: Span;
      readonly how: "spawn" | "spawn_link" | "spawn_monitor";
      readonly body: Expr;
      readonly isBlock: boolean;
    }
  | {
      readonly kind: "receive";
      readonly span: Span;
      readonly arms: readonly Arm[];
      readonly after?: { readonly timeout: Expr; readonly body: Expr };
    }
  | { readonly kind: "quote"; readonly span: Span; readonly body: Expr }
  /** an assignment or binding where an expression stands: `if c then x = e`, an arm's body `-> total = total + x` */
  | { readonly kind: "statement"; readonly span: Span; readonly statement: Statement };

// ───────────────────────────── patterns ─────────────────────────────

export type Pattern =
  | { readonly kind: "wildcard"; readonly span: Span }
  | { readonly kind: "variable"; readonly span: Span; readonly name: string }
  /** `^name` */
  | { readonly kind: "pin"; readonly span: Span; readonly name: string }
  | { readonly kind: "literal"; readonly span: Span; readonly literal: Literal }
  | {
      readonly kind: "range";
      readonly span: Span;
      readonly from: string;
      readonly to: string;
      readonly inclusive: boolean;
    }
  | { readonly kind: "tuple"; readonly span: Span; readonly elements: readonly Pattern[] }
  /** `[a, b | rest]`; with string literals as elements also a string prefix: types decide */
  | { readonly kind: "list"; readonly span: Span; readonly elements: readonly Pattern[]; readonly rest?: Pattern }
  /** `Name`, `M.Name(p, f: q)`, `Name{f: p, g, _}` */
  | {
      readonly kind: "constructor";
      readonly span: Span;
      readonly name: QualifiedName;
      readonly args: readonly { readonly name?: Ident; readonly pattern: Pattern }[];
      readonly braces: boolean;
      /** `_` as a rest entry inside braces */
      readonly open: boolean;
    }
  /** `{x, y: p, _}`: structural, open either way */
  | {
      readonly kind: "struct";
      readonly span: Span;
      readonly fields: readonly { readonly name: Ident; readonly pattern?: Pattern }[];
    }
  | {
      readonly kind: "map";
      readonly span: Span;
      readonly entries: readonly { readonly key: Pattern; readonly value: Pattern }[];
    }
  | { readonly kind: "set"; readonly span: Span; readonly elements: readonly Pattern[] }
  | { readonly kind: "or"; readonly span: Span; readonly alternatives: readonly Pattern[] };

// ───────────────────────────── what can be wrong with the text ─────────────────────────────

/** Facts only; compiler/diagnostics words them. */
export type SyntaxProblem =
  | { readonly code: "unknown-character"; readonly span: Span; readonly text: string }
  | { readonly code: "unterminated"; readonly span: Span; readonly what: "string" | "comment" | "char" }
  | { readonly code: "bad-number"; readonly span: Span; readonly text: string; readonly type: NumberKind }
  /** with `opened`: `bracket` is missing at `span` (or something else stands there); without: `bracket` closes nothing */
  | { readonly code: "unbalanced"; readonly span: Span; readonly bracket: string; readonly opened?: Span }
  | { readonly code: "too-deep"; readonly span: Span; readonly limit: number }
  /** `expected` are names for people: "an expression", "`)`"; `found` the token's text or "end of file"; `hint` one thing to try */
  | {
      readonly code: "unexpected-token";
      readonly span: Span;
      readonly expected: readonly string[];
      readonly found: string;
      readonly context?: string;
      readonly hint?: string;
    };

export interface ParseResult {
  /** always there: what could be understood */
  readonly ast: FileAst;
  /** in source order; [] means that the whole text was understood */
  readonly problems: readonly SyntaxProblem[];
}
