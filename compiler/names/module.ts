/**
 * What a program declares, by module: the objects that names mean. Made once by collect.ts, read by everything after it.
 *
 * The trick: a name means an object, never a string, so two modules may both have a `push` without either being renamed.
 * Stays true: an entity never changes after collection; what inference learns about it lives in the checker.
 */
import type {
  BindingDecl,
  ConstDecl,
  ConstructorDecl,
  FunctionDecl,
  MvarDecl,
  Statement,
  TypeDecl,
  UseDecl,
} from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";

export interface Module {
  /** `""` for the top level of a single file, `main`, `utils.math`, `utils.math.Inner`, `stdlib.list` */
  readonly path: string;
  readonly parent?: Module;
  readonly isStdlib: boolean;
  readonly isPublic: boolean;
  readonly span?: Span;
  readonly values: Map<string, Value>;
  readonly types: Map<string, TypeEntity>;
  /** a name may belong to several types of one module */
  readonly constructors: Map<string, ConstructorEntity[]>;
  readonly modules: Map<string, Module>;
  readonly uses: UseDecl[];
  readonly imports: Imports;
  /** what runs when the file is the program and has no main, in source order; [] otherwise */
  readonly script: ScriptItem[];
}

export type ScriptItem = { readonly statement: Statement } | { readonly binding: BindingDecl };

/** What the `use` lines of a module bring in; filled by imports.ts. A name from two places is a conflict when it is used. */
export interface Imports {
  /** `use m.{a, b as c}`: by local name */
  readonly names: Map<string, ImportedName[]>;
  /** `use m.*` */
  readonly stars: ImportedModule[];
  /** modules that a `use` named, by full path and by last segment or alias */
  readonly modules: Map<string, Module>;
}

export interface ImportedModule {
  readonly module: Module;
  readonly span: Span;
}

export interface ImportedName extends ImportedModule {
  readonly name: string;
}

export type Value = FunctionSet | GlobalEntity | MvarEntity;

/** All functions of one name in one module. */
export interface FunctionSet {
  readonly kind: "functions";
  readonly name: string;
  readonly module: Module;
  readonly functions: readonly FunctionEntity[];
}

/** One function: its clauses have the same name, arity and compatible parameter types. */
export interface FunctionEntity {
  readonly kind: "function";
  readonly name: string;
  readonly module: Module;
  readonly arity: number;
  readonly clauses: FunctionDecl[];
  readonly isPublic: boolean;
  readonly span: Span;
}

/** A constant or a top-level binding. A pattern binding declares one entity a variable, all with the same `declaration`. */
export interface GlobalEntity {
  readonly kind: "global";
  readonly name: string;
  readonly module: Module;
  readonly isPublic: boolean;
  readonly isVar: boolean;
  readonly span: Span;
  readonly declaration: ConstDecl | BindingDecl;
  /** runs as a statement of a file without main */
  readonly isScript: boolean;
}

export interface MvarEntity {
  readonly kind: "mvar";
  readonly name: string;
  readonly module: Module;
  readonly isPublic: boolean;
  readonly span: Span;
  readonly declaration: MvarDecl;
}

/** A declared type. Builtin ones (Int, List, …) have no declaration. */
export interface TypeEntity {
  readonly kind: "type";
  readonly name: string;
  readonly module?: Module;
  readonly isPublic: boolean;
  readonly span?: Span;
  readonly declaration?: TypeDecl;
  /** number of type parameters */
  readonly arity: number;
  readonly constructors: readonly ConstructorEntity[];
}

export interface ConstructorEntity {
  readonly kind: "constructor";
  readonly name: string;
  readonly type: TypeEntity;
  readonly tag: number;
  readonly span: Span;
  /** a record is the one constructor of its type */
  readonly isRecord: boolean;
  readonly fields: ConstructorDecl["fields"];
}

export function arityOf(ctor: ConstructorEntity): number {
  const fields = ctor.fields;
  if (fields.kind === "none") return 0;
  return fields.kind === "positional" ? fields.types.length : fields.fields.length;
}

export function fieldNamesOf(ctor: ConstructorEntity): readonly string[] | undefined {
  return ctor.fields.kind === "named" ? ctor.fields.fields.map((field) => field.name.name) : undefined;
}

/** The file a nested module stands in. */
export function fileModuleOf(module: Module): Module {
  let outer = module;
  while (outer.parent !== undefined) outer = outer.parent;
  return outer;
}

/** `module.name` as people read it; the top level of a single file has no prefix. */
export function qualified(module: Module | undefined, name: string): string {
  return module === undefined || module.path === "" ? name : `${module.path}.${name}`;
}
