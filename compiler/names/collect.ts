/**
 * Reads the declarations of files into modules, and groups the clauses of a function.
 *
 * The trick: clauses of one name and arity are one function unless explicit parameter types keep them apart; a clause
 * that tells its type by a literal joins the function typed like that literal (language.md 2.1).
 * Stays true: nothing is looked up here, so the order of files and declarations cannot matter.
 */
import type {
  ConstructorDecl,
  FileAst,
  FunctionDecl,
  Item,
  Param,
  Pattern,
  TypeDecl,
  TypeExpr,
} from "../../grammar/ast.ts";
import { BUILTIN_FUNCTION_NAMES } from "./builtin-names.ts";
import type { ConstructorEntity, FunctionEntity, GlobalEntity, Module, TypeEntity } from "./module.ts";
import type { NameProblem } from "./problems.ts";

export interface ModuleFile {
  /** `""` for a single file; `a.b` in a project; `stdlib.list` */
  readonly path: string;
  readonly ast: FileAst;
}

export function newModule(
  path: string,
  isStdlib: boolean,
  parent?: Module,
  isPublic = true,
  span?: Module["span"],
): Module {
  return {
    path,
    ...(parent === undefined ? {} : { parent }),
    ...(span === undefined ? {} : { span }),
    isStdlib,
    isPublic,
    values: new Map(),
    types: new Map(),
    constructors: new Map(),
    modules: new Map(),
    uses: [],
    imports: { names: new Map(), stars: [], modules: new Map() },
    script: [],
  };
}

/**
 * One file as a module, with its nested modules inside. `isEntry`: without a main its statements are the program; with
 * `isSession` they are so in any case.
 */
export function collectFile(
  file: ModuleFile,
  isStdlib: boolean,
  isEntry: boolean,
  problems: NameProblem[],
  isSession = false,
): Module {
  const module = newModule(file.path, isStdlib);
  const hasMain = file.ast.items.some(
    (item) => item.kind === "function" && item.name.name === "main" && item.params.length === 0,
  );
  collectItems(module, file.ast.items, isEntry && (isSession || !hasMain), problems);
  return module;
}

function collectItems(module: Module, items: readonly Item[], isScript: boolean, problems: NameProblem[]): void {
  const clauses = new Map<string, FunctionDecl[]>();
  for (const item of items) {
    switch (item.kind) {
      case "function": {
        if (item.decorators !== undefined && item.decorators.length > 0)
          problems.push({
            code: "not-yet",
            span: (item.decorators[0] as { span: FunctionDecl["span"] }).span,
            what: "decorators",
          });
        const list = clauses.get(item.name.name);
        if (list === undefined) clauses.set(item.name.name, [item]);
        else list.push(item);
        break;
      }
      case "type":
        if (item.decorators !== undefined && item.decorators.length > 0)
          problems.push({
            code: "not-yet",
            span: (item.decorators[0] as { span: FunctionDecl["span"] }).span,
            what: "decorators",
          });
        if (item.isReactive) problems.push({ code: "not-yet", span: item.name.span, what: "reactive types" });
        collectType(module, item, problems);
        break;
      case "module": {
        const existing = module.modules.get(item.name.name);
        const path = module.path === "" ? item.name.name : `${module.path}.${item.name.name}`;
        const inner = existing ?? newModule(path, module.isStdlib, module, item.isPublic, item.name.span);
        module.modules.set(item.name.name, inner);
        collectItems(inner, item.items, false, problems);
        break;
      }
      case "use":
        module.uses.push(item);
        break;
      case "const":
        addGlobal(
          module,
          {
            kind: "global",
            name: item.name.name,
            module,
            isPublic: item.isPublic,
            isVar: false,
            span: item.name.span,
            declaration: item,
            isScript: false,
          },
          problems,
        );
        break;
      case "binding": {
        if (isScript) module.script.push({ binding: item });
        for (const variable of patternVariables(item.pattern))
          addGlobal(
            module,
            {
              kind: "global",
              name: variable.name,
              module,
              isPublic: item.isPublic,
              isVar: item.isVar,
              span: variable.span,
              declaration: item,
              isScript,
            },
            problems,
          );
        break;
      }
      case "mvar": {
        const first = module.values.get(item.name.name);
        if (first !== undefined)
          problems.push({ code: "duplicate", span: item.name.span, name: item.name.name, first: spanOf(first) });
        else
          module.values.set(item.name.name, {
            kind: "mvar",
            name: item.name.name,
            module,
            isPublic: item.isPublic,
            span: item.name.span,
            declaration: item,
          });
        break;
      }
      case "statement":
        if (isScript) module.script.push({ statement: item.statement });
        else
          problems.push({
            code: "misplaced",
            span: item.span,
            message: "a statement outside of any function",
            hint: "a file with a `main` runs main; move the statement into it",
          });
        break;
      case "trait":
      case "impl":
        problems.push({
          code: "not-yet",
          span: item.kind === "trait" ? item.name.span : item.trait.span,
          what: "traits",
        });
        break;
      case "template":
        problems.push({ code: "not-yet", span: item.name.span, what: "templates" });
        break;
      case "extern":
        problems.push({ code: "not-yet", span: item.name.span, what: "extern declarations" });
        break;
      case "test": // for a command that runs them; a program does not
        break;
    }
  }
  for (const [name, decls] of clauses) {
    const first = decls[0] as FunctionDecl;
    if (!module.isStdlib && BUILTIN_FUNCTION_NAMES.has(name))
      problems.push({ code: "shadows-builtin", span: first.name.span, name });
    const other = module.values.get(name);
    if (other !== undefined) {
      // in a script `f = …` after `f(x) = …` is a second meaning of one name
      problems.push({ code: "duplicate", span: first.name.span, name, first: spanOf(other) });
      continue;
    }
    module.values.set(name, { kind: "functions", name, module, functions: groupClauses(module, name, decls) });
  }
}

function spanOf(
  value: { readonly kind: string } & (
    | { readonly span: FunctionDecl["span"] }
    | { readonly functions: readonly FunctionEntity[] }
  ),
): FunctionDecl["span"] {
  return "functions" in value ? (value.functions[0] as FunctionEntity).span : value.span;
}

function addGlobal(module: Module, entity: GlobalEntity, problems: NameProblem[]): void {
  const first = module.values.get(entity.name);
  if (first === undefined) module.values.set(entity.name, entity);
  // in a script a later binding of the same name is an assignment or an error, which scopes decide
  else if (!entity.isScript)
    problems.push({ code: "duplicate", span: entity.span, name: entity.name, first: spanOf(first) });
}

function collectType(module: Module, decl: TypeDecl, problems: NameProblem[]): void {
  const name = decl.name.name;
  const first = module.types.get(name);
  if (first !== undefined) {
    problems.push({ code: "duplicate", span: decl.name.span, name, first: first.span as FunctionDecl["span"] });
    return;
  }
  const constructors: ConstructorEntity[] = [];
  const type: TypeEntity = {
    kind: "type",
    name,
    module,
    isPublic: decl.isPublic,
    span: decl.name.span,
    declaration: decl,
    arity: decl.typeParams.length,
    constructors,
  };
  const add = (decls: readonly ConstructorDecl[], isRecord: boolean): void => {
    decls.forEach((ctor, tag) => {
      const entity: ConstructorEntity = {
        kind: "constructor",
        name: ctor.name.name,
        type,
        tag,
        span: ctor.name.span,
        isRecord,
        fields: ctor.fields,
      };
      constructors.push(entity);
      const same = module.constructors.get(entity.name);
      if (same === undefined) module.constructors.set(entity.name, [entity]);
      else same.push(entity);
    });
  };
  if (decl.body.kind === "record")
    add([{ span: decl.name.span, name: decl.name, fields: { kind: "named", fields: decl.body.fields } }], true);
  else if (decl.body.kind === "variants") add(decl.body.constructors, false);
  module.types.set(name, type);
}

/** Variables of a pattern, left to right. */
export function patternVariables(pattern: Pattern): { readonly name: string; readonly span: Pattern["span"] }[] {
  const found: { name: string; span: Pattern["span"] }[] = [];
  const walk = (p: Pattern): void => {
    switch (p.kind) {
      case "variable":
        found.push({ name: p.name, span: p.span });
        break;
      case "tuple":
      case "set":
        p.elements.forEach(walk);
        break;
      case "list":
        p.elements.forEach(walk);
        if (p.rest !== undefined) walk(p.rest);
        break;
      case "constructor":
        for (const arg of p.args) walk(arg.pattern);
        break;
      case "struct":
        for (const field of p.fields) {
          if (field.pattern !== undefined) walk(field.pattern);
          else if (field.name.name !== "_") found.push({ name: field.name.name, span: field.name.span });
        }
        break;
      case "map":
        for (const entry of p.entries) walk(entry.value);
        break;
      case "or":
        if (p.alternatives[0] !== undefined) walk(p.alternatives[0]);
        break;
    }
  };
  walk(pattern);
  return found;
}

interface Group {
  readonly clauses: FunctionDecl[];
  /** explicit type of each parameter as text, or undefined */
  readonly types: (string | undefined)[];
}

function groupClauses(module: Module, name: string, decls: readonly FunctionDecl[]): FunctionEntity[] {
  const byArity = new Map<number, FunctionDecl[]>();
  for (const decl of decls) {
    const list = byArity.get(decl.params.length);
    if (list === undefined) byArity.set(decl.params.length, [decl]);
    else list.push(decl);
  }
  const functions: FunctionEntity[] = [];
  for (const [arity, list] of byArity) {
    for (const group of groupByTypes(list)) {
      const first = group.clauses[0] as FunctionDecl;
      functions.push({
        kind: "function",
        name,
        module,
        arity,
        clauses: group.clauses,
        isPublic: group.clauses.some((c) => c.isPublic),
        span: first.name.span,
      });
    }
  }
  return functions;
}

function groupByTypes(decls: readonly FunctionDecl[]): Group[] {
  const groups = new Map<string, Group>();
  const key = (types: readonly (string | undefined)[]): string => types.map((t) => t ?? "_").join(";");
  // first the clauses that say all they say by annotations, then those that literals attach to a typed function
  const waiting: FunctionDecl[] = [];
  for (const decl of decls) {
    const types = decl.params.map((param) => (param.type === undefined ? undefined : typeText(param.type)));
    if (types.every((t) => t === undefined) && decl.params.some((p) => tellsType(p))) {
      waiting.push(decl);
      continue;
    }
    const existing = groups.get(key(types));
    if (existing !== undefined) existing.clauses.push(decl);
    else groups.set(key(types), { clauses: [decl], types });
  }
  // a clause with both annotations and patterns joins a group that says the same where both speak
  for (const [text, group] of [...groups]) {
    const refutable = group.clauses.every((c) => c.params.some((p, i) => group.types[i] === undefined && tellsType(p)));
    if (!refutable || group.types.every((t) => t === undefined)) continue;
    for (const [otherText, other] of groups) {
      if (otherText === text || !group.clauses.every((c) => joins(c.params, other.types))) continue;
      other.clauses.push(...group.clauses);
      groups.delete(text);
      break;
    }
  }
  const untyped: FunctionDecl[] = [];
  const typed = [...groups.values()].filter((group) => group.types.some((t) => t !== undefined));
  for (const decl of waiting) {
    const home = typed.find((group) => joins(decl.params, group.types));
    if (home !== undefined) home.clauses.push(decl);
    else untyped.push(decl);
  }
  if (untyped.length > 0) {
    const plain = [...groups.values()].find((group) => group.types.every((t) => t === undefined));
    if (plain !== undefined) plain.clauses.push(...untyped);
    else groups.set("untyped", { clauses: untyped, types: [] });
  }
  const order = new Map(decls.map((decl, index) => [decl, index]));
  for (const group of groups.values())
    group.clauses.sort((a, b) => (order.get(a) as number) - (order.get(b) as number));
  return [...groups.values()];
}

/** A pattern that only values of a known type can match. */
function tellsType(param: Param): boolean {
  return param.type === undefined && param.pattern.kind !== "variable" && param.pattern.kind !== "wildcard";
}

const PRIMITIVES = new Set("Int Float String Bool Char Int64 Float64 int float string bool".split(" "));

/** Whether a clause's patterns could be those of a function with these explicit parameter types, and at least one is. */
function joins(params: readonly Param[], types: readonly (string | undefined)[]): boolean {
  let said = false;
  for (let i = 0; i < params.length; i++) {
    const type = types[i];
    const param = params[i] as Param;
    if (type === undefined) continue;
    if (param.type !== undefined) {
      if (typeText(param.type) !== type) return false;
      continue;
    }
    const pattern = param.pattern.kind === "or" ? (param.pattern.alternatives[0] as Pattern) : param.pattern;
    if (pattern.kind === "variable" || pattern.kind === "wildcard") continue;
    const head = type.replace(/[[(].*$/, "");
    switch (pattern.kind) {
      case "literal": {
        const literal = pattern.literal;
        const wanted =
          literal.kind === "number"
            ? literal.type
            : literal.kind === "unit"
              ? ""
              : `${literal.kind[0]?.toUpperCase()}${literal.kind.slice(1)}`;
        if (head.replace(/^(Int|Float)64$/, "$1").toLowerCase() !== wanted.toLowerCase()) return false;
        break;
      }
      case "range":
        if (!/^(Int|Int64|int)$/.test(head)) return false;
        break;
      case "list":
        if (head !== "List" && head !== "" && head !== "String") return false;
        break;
      case "tuple":
        if (!type.startsWith("(")) return false;
        break;
      default:
        if (PRIMITIVES.has(head) || head === "" || head === "List") return false;
    }
    said = true;
  }
  return said;
}

/** A type expression as comparable text; `[T]` and `List[T]` are the same. */
export function typeText(type: TypeExpr): string {
  switch (type.kind) {
    case "name": {
      const name = [...type.name.path, type.name.name].map((part) => part.name).join(".");
      return type.args.length === 0 ? name : `${name}[${type.args.map(typeText).join(",")}]`;
    }
    case "list":
      return `List[${typeText(type.element)}]`;
    case "tuple":
      return `(${type.elements.map(typeText).join(",")})`;
    case "unit":
      return "()";
    case "function":
      return `(${type.params.map(typeText).join(",")})->${typeText(type.result)}`;
    case "struct":
      return `{${type.fields.map((field) => `${field.name.name}:${typeText(field.type)}`).join(",")}}`;
  }
}
