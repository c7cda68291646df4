/**
 * What the prompt knows from one input to the next: declarations as syntax, bindings by their types and values.
 *
 * The trick: each input is a whole program, all earlier declarations with the input's own statements behind them, so the
 * real checker says what is right; what it compiles to is linked into the machine that goes on running.
 * Stays true: an input that does not compile changes nothing. All that was typed is one source, `<repl>`, whose lines are
 * those of the session, so a place in it means one thing however late it is shown.
 */
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { explainSyntax } from "../compiler/diagnostics/explain-syntax.ts";
import { patternVariables } from "../compiler/names/collect.ts";
import { type CheckedProgram, checkProgram, earlierModule, type SessionBinding } from "../compiler/types/index.ts";
import type { FunctionDecl, Item, MvarDecl } from "../grammar/ast.ts";
import { parseFile, parseInput, type SourceFile } from "../grammar/index.ts";
import type { Outcome } from "../vm/index.ts";
import type { Session } from "../vm/session.ts";
import { lower } from "./compile.ts";
import { loadProject } from "./project.ts";
import { stdlibModules } from "./stdlib.ts";

export const REPL_PATH = "<repl>";

export interface InputResult {
  /** absent when nothing ran */
  readonly outcome?: Outcome;
  readonly diagnostics: readonly Diagnostic[];
}

export class Prompt {
  private readonly session: Session;
  private readonly stdlib = stdlibModules();
  /** the lines that were read, commands too */
  private lines: string[] = [];
  private readonly loaded: SourceFile[] = [];
  /** the sources that were run, oldest first */
  private readonly inputs: SourceFile[] = [];
  private items: readonly Item[] = [];
  private bindings: readonly SessionBinding[] = [];
  /** functions that the last input declared: the next may go on with more clauses */
  private lastFunctions = new Set<string>();

  constructor(session: Session) {
    this.session = session;
  }

  /** All sources that a place may lie in. */
  get sources(): readonly SourceFile[] {
    return [
      { path: REPL_PATH, text: this.lines.join("\n") },
      ...this.loaded,
      ...this.stdlib.map(({ ast }) => ast.source),
    ];
  }

  /** Names that the session has made, for completion. */
  get names(): readonly string[] {
    const declared = this.items.flatMap((item) => ("name" in item ? [item.name.name] : []));
    return [...new Set([...declared, ...this.bindings.map(({ entity }) => entity.name)])];
  }

  /** Counts the lines of an input, or of a command, as read. */
  skip(text: string): void {
    for (const line of text.split("\n")) this.lines.push(line);
  }

  isIncomplete(text: string): boolean {
    return parseInput({ path: REPL_PATH, text }).isIncomplete;
  }

  /** Compiles and runs what was typed. */
  run(text: string): Promise<InputResult> {
    const source = this.sourceOf(text);
    this.skip(text);
    return this.runSource(source);
  }

  /** Takes the declarations of a file, and runs its statements. */
  async load(path: string): Promise<InputResult> {
    const { files, problems } = loadProject(path);
    if (problems.length > 0) return { diagnostics: problems };
    const [file, second] = files;
    if (file === undefined || second !== undefined) {
      const message = `\`${path}\` is a project of several modules`;
      return { diagnostics: [{ severity: "error", code: "usage", message, hint: "`:load FILE` loads one file" }] };
    }
    this.loaded.push(file.source);
    return this.runSource(file.source);
  }

  /** The type of an expression, which does not run; it stands at the end of a command, the whole of which counts as read. */
  typeOf(text: string, command: string): { readonly type?: string; readonly diagnostics: readonly Diagnostic[] } {
    const source = this.sourceOf(" ".repeat(command.trimEnd().length - text.length) + text);
    this.skip(command);
    const { ast, problems } = parseInput(source);
    if (problems.length > 0) return { diagnostics: problems.map(explainSyntax) };
    const [item] = ast.items;
    const name = item?.kind === "statement" && item.statement.kind === "expr" ? item.statement.expr : undefined;
    const checked = this.check(source, [...this.items, ...ast.items]);
    const types = name?.kind === "name" ? checked.typesOf("", name.name) : [];
    if (types.length > 1) return { type: types.join("\n"), diagnostics: [] };
    return { ...(isWrong(checked) ? {} : { type: checked.resultType ?? "()" }), diagnostics: checked.diagnostics };
  }

  private async runSource(source: SourceFile): Promise<InputResult> {
    const { ast, problems } = parseFile(source);
    if (problems.length > 0) return { diagnostics: problems.map(explainSyntax) };
    const items = [...this.earlierItems(ast.items), ...ast.items];
    const checked = this.check(source, items);
    const { unit, diagnostics } = lower(checked);
    const shown = diagnostics.filter(
      ({ severity, primary }) => severity === "error" || primary === undefined || primary.span.source === source,
    );
    if (unit === undefined) return { diagnostics: shown.map((diagnostic) => this.explainEarlier(diagnostic, source)) };

    const isNewItem = new Set<unknown>(ast.items);
    const names = new Set<string>();
    for (const { entity } of checked.bindings) if (isNewItem.has(entity.declaration)) names.add(entity.name);
    const modules: string[] = [];
    for (const item of ast.items) {
      if (item.kind === "const" || item.kind === "mvar") names.add(item.name.name);
      if (item.kind === "module") modules.push(item.name.name);
    }
    const known = new Map(this.bindings.map(({ slot }) => [earlierModule(slot), slot]));
    const running = this.session.run(unit, ({ module, name }) => {
      const isNew =
        module === "" ? names.has(name) : modules.some((path) => module === path || module.startsWith(`${path}.`));
      return isNew ? "new" : known.get(module);
    });
    const before = this.items;
    this.items = items.filter((item) => item.kind !== "statement" && item.kind !== "binding");
    this.lastFunctions = new Set(ast.items.flatMap((item) => (item.kind === "function" ? [signature(item)] : [])));
    const { outcome, slots, isStarted } = await running;
    if (!isStarted) {
      this.items = before;
      return { outcome, diagnostics: shown };
    }
    this.inputs.push(source);
    // what the input did not come to bind is what it was, unless functions beside it may mean the new one
    const isKept = ast.items.some(({ kind }) => kind !== "binding" && kind !== "statement");
    // the earlier ones stand first, in their order
    this.bindings = checked.bindings.flatMap((binding, i) => {
      const earlier = this.bindings[i];
      if (earlier !== undefined) return [{ ...binding, slot: earlier.slot }];
      const made = slots.get(binding.entity.name);
      return made !== undefined && (made.isSet || isKept) ? [{ ...binding, slot: made.slot }] : [];
    });
    return { outcome, diagnostics: shown };
  }

  /** An error in what was right before: the input is what is wrong. */
  private explainEarlier(diagnostic: Diagnostic, source: SourceFile): Diagnostic {
    const place = diagnostic.primary?.span.source;
    if (place === undefined || place === source || !this.inputs.includes(place)) return diagnostic;
    const note = "This was defined before, and would be wrong after the new input; so that is not taken.";
    return { ...diagnostic, notes: [...(diagnostic.notes ?? []), note] };
  }

  private check(source: SourceFile, items: readonly Item[]): CheckedProgram {
    const earlier = new Set<unknown>(this.items);
    return checkProgram({
      files: [{ path: "", ast: { source, items } }],
      stdlib: this.stdlib,
      session: {
        bindings: this.bindings,
        sources: this.inputs,
        setMvars: new Set(
          mvarsIn(items.filter((item) => earlier.has(item)))
            .filter(({ module, mvar }) => this.session.hasMvar({ module, name: mvar.name.name }))
            .map(({ mvar }) => mvar),
        ),
      },
    });
  }

  /** The declarations that those of the input do not replace. */
  private earlierItems(added: readonly Item[]): Item[] {
    const functions = new Set<string>();
    const values = new Set<string>();
    const types = new Set<string>();
    const modules = new Set<string>();
    for (const item of added) {
      if (item.kind === "function") functions.add(signature(item));
      else if (item.kind === "const" || item.kind === "mvar") values.add(item.name.name);
      else if (item.kind === "type") types.add(item.name.name);
      else if (item.kind === "module") modules.add(item.name.name);
    }
    const bound = new Set(
      added.flatMap((item) => (item.kind === "binding" ? patternVariables(item.pattern).map(({ name }) => name) : [])),
    );
    const functionNames = new Set(added.flatMap((item) => (item.kind === "function" ? [item.name.name] : [])));
    return this.items.filter((item) => {
      switch (item.kind) {
        case "function":
          if (values.has(item.name.name) || bound.has(item.name.name)) return false;
          return !functions.has(signature(item)) || this.goesOn(item);
        case "const":
          return !values.has(item.name.name) && !functionNames.has(item.name.name) && !bound.has(item.name.name);
        case "mvar":
          return !values.has(item.name.name) && !functionNames.has(item.name.name);
        case "type":
          return !types.has(item.name.name);
        case "module":
          return !modules.has(item.name.name);
        default:
          return true;
      }
    });
  }

  /** Clauses may come one an input: right after a function that some arguments do not fit, the next is its clause. */
  private goesOn(earlier: FunctionDecl): boolean {
    const name = signature(earlier);
    if (!this.lastFunctions.has(name)) return false;
    const last = this.items.findLast((item) => item.kind === "function" && signature(item) === name) as FunctionDecl;
    return last.guard !== undefined || last.params.some(({ pattern }) => !isOpen(pattern.kind));
  }

  /** The text at its lines of the session. */
  private sourceOf(text: string): SourceFile {
    return { path: REPL_PATH, text: "\n".repeat(this.lines.length) + text };
  }
}

/** The mvars among declarations, those of modules too, which the parser nests to a limited depth. */
function mvarsIn(items: readonly Item[], module = ""): { readonly module: string; readonly mvar: MvarDecl }[] {
  return items.flatMap((item) => {
    if (item.kind === "mvar") return [{ module, mvar: item }];
    if (item.kind !== "module") return [];
    return mvarsIn(item.items, module === "" ? item.name.name : `${module}.${item.name.name}`);
  });
}

function signature({ name, params }: FunctionDecl): string {
  return `${name.name}/${params.length}`;
}

function isOpen(kind: string): boolean {
  return kind === "variable" || kind === "wildcard";
}

function isWrong({ diagnostics }: CheckedProgram): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
