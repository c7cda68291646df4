/**
 * Names and types of a whole program, and its Core: the compiler's second step. Pure: syntax trees in, Core or problems out.
 *
 * Order: declarations are collected, imports connected; then the program's functions are inferred, callees first; then
 * those of the library that were reached. Last, everything that waited for types is decided, which may reach more.
 */
import type { FileAst, FunctionDecl } from "../../grammar/ast.ts";
import type { SourceFile, Span } from "../../grammar/source.ts";
import type { DataType } from "../../vm/bytecode/unit.ts";
import type { Core, CoreFunction, CoreProgram } from "../core.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { IMPORTED_LIBRARY_MODULES } from "../names/builtin-names.ts";
import { collectFile, type ModuleFile } from "../names/collect.ts";
import { resolveImports } from "../names/imports.ts";
import { Names } from "../names/lookup.ts";
import type { ConstructorEntity, FunctionEntity, GlobalEntity, Module } from "../names/module.ts";
import { dependenciesFirst, namesIn } from "../names/order.ts";
import type { NameProblem } from "../names/problems.ts";
import { Checker } from "./checker.ts";
import { constructorInfo, convertType, fieldTypesOf } from "./data-types.ts";
import type { Definition } from "./definition.ts";
import {
  begin,
  definitionOf,
  finish,
  inferDefinition,
  inferMvar,
  inPlace,
  mvarInfo,
  newDefinition,
  newFunction,
  newPlace,
} from "./infer-definition.ts";
import { inferStatements } from "./infer-statement.ts";
import { Messages } from "./messages.ts";
import { explainTypeProblem, type TypeProblem } from "./problems.ts";
import { mainProcess } from "./processes.ts";
import { bindingsAfter, declareEarlier, enterEarlier, type SessionBinding, type SessionInput } from "./session.ts";
import { BUILTIN_TYPES, DYNAMIC, GENERIC, type Type } from "./type.ts";

export interface ProgramInput {
  /** a single file has the path ""; in a project every file has its dotted path */
  readonly files: readonly ModuleFile[];
  /** every file of the standard library, as module `stdlib.<name>` */
  readonly stdlib: readonly ModuleFile[];
  /** path of the module whose `main`, or whose statements, are the program; the first file's without it */
  readonly entry?: string;
  /** a library without main is checked without complaint; no Core then */
  readonly needsMain?: boolean;
  /** a library without main gets an empty one, so there is Core */
  readonly makesMain?: boolean;
  /** the program is one input at a prompt: its statements are what runs, also none, also beside a `main` */
  readonly session?: SessionInput;
}

export interface CheckedProgram {
  /** absent when a problem is an error */
  readonly program: CoreProgram | undefined;
  /** in source order, file by file; warnings included */
  readonly problems: readonly TypeProblem[];
  /** the same in words */
  readonly diagnostics: readonly Diagnostic[];
  /** the type of a top-level function or value as people read it; several for overloads; [] when there is none */
  readonly typesOf: (module: string, name: string) => readonly string[];
  /** of the last statement of a file without main, as people read it */
  readonly resultType: string | undefined;
  /** the constructors that the program's own modules declare; asked for by hosts, who make values of them */
  readonly declaredTypes: () => readonly DataType[];
  /** of a session: what is bound when the input has run to its end */
  readonly bindings: readonly Omit<SessionBinding, "slot">[];
}

export function checkProgram(input: ProgramInput): CheckedProgram {
  const nameProblems: NameProblem[] = [];
  const names = new Names(BUILTIN_TYPES);
  const stdlib = input.stdlib.map((file) => collectFile(file, true, false, nameProblems));
  const entryPath = input.entry ?? input.files[0]?.path ?? "";
  const modules = input.files.map((file) =>
    collectFile(file, false, file.path === entryPath, nameProblems, input.session !== undefined),
  );
  for (const module of [...stdlib, ...modules]) names.modules.set(module.path, module);
  for (const module of stdlib)
    if (!IMPORTED_LIBRARY_MODULES.has(module.path.slice("stdlib.".length))) names.addPrelude(module);
  const c = new Checker(names);
  for (const module of [...stdlib, ...modules]) settleAliases(names, module);
  for (const module of [...stdlib, ...modules]) resolveImports(names, module, nameProblems);
  for (const problem of nameProblems) c.report(problem);
  for (const file of input.files)
    for (const item of file.ast.items) if (item.kind === "trait") c.traitNames.add(item.name.name);

  const all = modules.flatMap(withNested);
  for (const module of [...stdlib.flatMap(withNested), ...all]) noteFieldNames(c, module);
  const entryModule = modules.find((module) => module.path === entryPath);
  const isLibrary = input.makesMain === true && entryModule?.values.has("main") === false;
  const isScript =
    entryModule !== undefined && (entryModule.script.length > 0 || input.session !== undefined || isLibrary);
  if (isScript) noteScriptGlobals(c, entryModule, input, all);
  for (const module of all) checkTypes(c, module);
  let earlier: readonly GlobalEntity[] = [];
  if (isScript && input.session !== undefined) {
    c.setMvars = input.session.setMvars;
    earlier = declareEarlier(c, entryModule, input.session);
  }

  const source = input.files.find((file) => file.path === entryPath)?.ast.source;
  const main = entryModule?.values.get("main");
  const mainFunction = main?.kind === "functions" ? main.functions.find((f) => f.arity === 0) : undefined;
  if (!isScript && mainFunction !== undefined)
    c.main = { process: mainProcess(mainFunction.span), entity: mainFunction };
  const script = isScript ? inferScript(c, entryModule, source as SourceFile, input.session !== undefined) : undefined;
  for (const entity of inOrder(all)) inferDefinition(c, definitionOf(c, entity));
  for (const module of all) for (const value of module.values.values()) if (value.kind === "mvar") inferMvar(c, value);
  if (script === undefined && mainFunction === undefined && input.needsMain !== false && c.problems.length === 0) {
    c.report(source === undefined ? { code: "no-main" } : { code: "no-main", span: { source, start: 0, end: 0 } });
  }
  settleAll(c);
  if (c.main !== undefined && c.main.process.root === undefined)
    c.main.process.root = rootOf(definitionOf(c, c.main.entity).function);
  const messages = new Messages(c, new Set(input.files.map((file) => file.ast.source)));
  if (c.problems.every((problem) => !isError(problem))) messages.check();

  const problems = inSourceOrder(
    withoutConsequences(c.problems),
    [...input.files, ...input.stdlib].map((file) => file.ast),
  );
  const isWrong = problems.some(isError);
  const root = script ?? (mainFunction === undefined ? undefined : definitionOf(c, mainFunction));
  return {
    program:
      isWrong || root?.function === undefined
        ? undefined
        : program(
            c,
            root,
            inOrder(all).map((entity) => definitionOf(c, entity)),
          ),
    problems,
    diagnostics: problems.map(explainTypeProblem),
    typesOf: (module, name) => typesOf(c, messages, module, name),
    resultType: script === undefined ? undefined : messages.show(script.type),
    declaredTypes: () =>
      all.flatMap(({ types }) =>
        [...types.values()].flatMap((type) => type.constructors.map((ctor) => constructorInfo(c, ctor).shape)),
      ),
    bindings: input.session === undefined || entryModule === undefined ? [] : bindingsAfter(c, entryModule, earlier),
  };
}

function isError(problem: TypeProblem): boolean {
  return (problem.code !== "not-exhaustive" && problem.code !== "wrong-message") || problem.isError;
}

/**
 * What a missing part of the language declares (methods, names, types) is missing everywhere it is used, so what else
 * looks wrong beside a "not yet" may well be its consequence, and the program cannot run either way.
 */
function withoutConsequences(problems: readonly TypeProblem[]): readonly TypeProblem[] {
  const notYet = problems.filter((problem) => problem.code === "not-yet");
  return notYet.length > 0 ? notYet : problems;
}

function typesOf(c: Checker, messages: Messages, path: string, name: string): string[] {
  const value = c.names.modules.get(path)?.values.get(name);
  if (value === undefined) return [];
  if (value.kind === "mvar") return [messages.show(mvarInfo(c, value).type)];
  const entities = value.kind === "functions" ? value.functions : [value];
  return entities.map((entity) => {
    const definition = definitionOf(c, entity);
    return messages.show(definition.signature?.type ?? definition.type);
  });
}

function withNested(module: Module): Module[] {
  const found: Module[] = [module];
  for (let i = 0; i < found.length; i++) found.push(...(found[i] as Module).modules.values());
  return found;
}

/** `type Color = Red`: a lone name on the right is an alias when a type has it, else a constructor. */
function settleAliases(names: Names, module: Module): void {
  for (const inner of withNested(module)) {
    for (const type of inner.types.values()) {
      const body = type.declaration?.body;
      if (
        body?.kind !== "alias" ||
        body.type.kind !== "name" ||
        body.type.name.path.length > 0 ||
        body.type.args.length > 0
      )
        continue;
      const { name, span } = body.type.name.name;
      if (!/^[A-Z]/.test(name) || (/^[A-Z]$/.test(name) && type.arity > 0)) continue;
      const named = names.lookupType(inner, name);
      const isImported = inner.uses.some(
        (use) => use.what.kind === "names" && use.what.names.some((n) => (n.alias ?? n.name).name === name),
      );
      if (name !== type.name && (named.found !== undefined || named.hidden !== undefined || isImported)) continue;
      const ctor: ConstructorEntity = {
        kind: "constructor",
        name,
        type,
        tag: 0,
        span,
        isRecord: false,
        fields: { kind: "none" },
      };
      (type.constructors as ConstructorEntity[]).push(ctor);
      const same = inner.constructors.get(name);
      if (same === undefined) inner.constructors.set(name, [ctor]);
      else same.push(ctor);
    }
  }
}

function noteFieldNames(c: Checker, module: Module): void {
  for (const type of module.types.values())
    for (const ctor of type.constructors)
      if (ctor.fields.kind === "named")
        for (const field of ctor.fields.fields)
          if (field.type.kind !== "name" || /^[A-Za-z]$/.test(field.type.name.name.name))
            c.fieldNames.add(field.name.name);
}

/** Declared types are converted once, so that an unknown type in them is reported although nothing uses it. */
function checkTypes(c: Checker, module: Module): void {
  for (const type of module.types.values()) {
    for (const ctor of type.constructors) constructorInfo(c, ctor);
    const body = type.declaration?.body;
    if (body?.kind === "alias" && type.constructors.length === 0) {
      const scope = new Map<string, Type>(
        type.declaration?.typeParams.map((param): [string, Type] => [param.name.name, DYNAMIC]),
      );
      convertType(c, module, body.type, scope, GENERIC);
    }
  }
  c.unifier.fieldsOf = (type) => fieldTypesOf(c, type);
}

// ───────────────────────────── a file without main ─────────────────────────────

/** Bindings of the script that functions name become globals; others are plain locals of it. */
function noteScriptGlobals(c: Checker, module: Module, input: ProgramInput, all: readonly Module[]): void {
  const ast = input.files.find((file) => file.path === module.path)?.ast;
  const named = new Set<string>();
  for (const item of ast?.items ?? [])
    if (item.kind === "function" || item.kind === "mvar" || item.kind === "const" || item.kind === "module")
      for (const name of namesIn(item)) named.add(name);
  for (const value of module.values.values())
    if (
      value.kind === "global" &&
      value.isScript &&
      (named.has(value.name) || all.length > 1 || input.session !== undefined)
    )
      c.scriptGlobals.set(value.name, value);
}

function rootOf(f: CoreFunction | undefined): Core | undefined {
  return f === undefined ? undefined : { kind: "function", span: f.span, function: f };
}

function inferScript(c: Checker, module: Module, source: SourceFile, isSession: boolean): Definition {
  const statements = module.script.map((item) =>
    "statement" in item
      ? item.statement
      : ({
          kind: "bind",
          span: item.binding.span,
          isVar: item.binding.isVar,
          pattern: item.binding.pattern,
          ...(item.binding.type === undefined ? {} : { type: item.binding.type }),
          value: item.binding.value,
        } as const),
  );
  const span: Span = statements[0]?.span ?? { source, start: 0, end: 0 };
  const definition = newDefinition({ kind: "script", name: "main" }, []);
  const f = newFunction("main", span, 0);
  definition.function = f;
  begin(c, definition);
  const process = mainProcess(span);
  process.root = rootOf(f);
  // what a later input receives is not known yet
  inPlace(c, newPlace(module, definition, true, isSession ? "unknown" : process), () => {
    enterEarlier(c);
    const value = inferStatements(c, statements, span, undefined);
    definition.type = value.type;
    f.body = value.core;
  });
  finish(c, definition);
  return definition;
}

// ───────────────────────────── order ─────────────────────────────

/** The program's functions and values, what they name first. */
function inOrder(modules: readonly Module[]): (FunctionEntity | GlobalEntity)[] {
  const nodes: (FunctionEntity | GlobalEntity)[] = [];
  const byName = new Map<string, (FunctionEntity | GlobalEntity)[]>();
  for (const module of modules) {
    for (const value of module.values.values()) {
      if (value.kind === "mvar" || (value.kind === "global" && value.isScript)) continue;
      const entities = value.kind === "functions" ? value.functions : [value];
      nodes.push(...entities);
      const same = byName.get(value.name);
      if (same === undefined) byName.set(value.name, [...entities]);
      else same.push(...entities);
    }
  }
  return dependenciesFirst(nodes, (node) => {
    const syntax: unknown =
      node.kind === "function"
        ? node.clauses.map((clause: FunctionDecl) => [clause.params, clause.guard, clause.body])
        : node.declaration.value;
    const found: (FunctionEntity | GlobalEntity)[] = [];
    for (const name of namesIn(syntax))
      for (const entity of byName.get(name) ?? []) if (entity !== node) found.push(entity);
    return found;
  });
}

/** Infers what was reached, and decides what waited for types; each may bring more of the other. */
function settleAll(c: Checker): void {
  for (;;) {
    for (let next = c.needed.pop(); next !== undefined; next = c.needed.pop()) inferDefinition(c, next);
    for (let next = c.neededMvars.pop(); next !== undefined; next = c.neededMvars.pop()) inferMvar(c, next);
    if (c.needed.length > 0 || c.neededMvars.length > 0) continue;
    const rest = c.pending.splice(0).filter((predicate) => !predicate.solved);
    for (const predicate of rest) c.leaveToRunTime(predicate);
    const work = c.later.splice(0);
    if (work.length === 0) return;
    for (const decide of work) decide();
  }
}

// ───────────────────────────── the result ─────────────────────────────

/** `own`: the program's functions and values; those that nobody calls are there too, so that later checks see them. */
function program(c: Checker, root: Definition, own: readonly Definition[]): CoreProgram {
  const functions: CoreFunction[] = [];
  const seen = new Set<Definition>([root, ...own]);
  const stack: Definition[] = [...seen];
  const byDefinition = new Map([...c.mvars].map(([entity, info]) => [info.definition, { entity, info }]));
  const mvars = [...c.mvars.values()];
  for (const info of mvars) {
    if (!seen.has(info.definition)) {
      seen.add(info.definition);
      stack.push(info.definition);
    }
  }
  const globals: CoreProgram["globals"][number][] = [];
  while (stack.length > 0) {
    const definition = stack.pop() as Definition;
    if (definition.function !== undefined && definition !== root) functions.push(definition.function);
    for (const param of definition.params)
      if (param.defaultFunction !== undefined) functions.push(param.defaultFunction);
    if (definition.global !== undefined) globals.push(definition.global);
    for (const next of definition.references) {
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(next);
    }
  }
  const order = [...byDefinition.values()].sort((a, b) =>
    a.info.mvar.module < b.info.mvar.module
      ? -1
      : a.info.mvar.module > b.info.mvar.module
        ? 1
        : a.entity.span.start - b.entity.span.start,
  );
  const entry = root.function as CoreFunction;
  if (
    ![...seen].some((definition) => definition !== root && definition.references.has(root)) &&
    !root.references.has(root)
  )
    return { functions, mvars: order.map((m) => m.info.mvar), globals, entry };
  // a main that is called by the program itself is also one of its functions
  return { functions: [...functions, entry], mvars: order.map((m) => m.info.mvar), globals, entry };
}

function inSourceOrder(problems: readonly TypeProblem[], files: readonly FileAst[]): TypeProblem[] {
  const order = new Map(files.map((file, i) => [file.source, i]));
  const place = (problem: TypeProblem): number =>
    problem.span === undefined ? -1 : (order.get(problem.span.source) ?? files.length);
  return [...problems].sort((a, b) => place(a) - place(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
