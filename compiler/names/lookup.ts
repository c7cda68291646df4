/**
 * Finds what a name means where it stands: own module, its imports, enclosing modules, the prelude — in this order.
 *
 * Stays true: private things of another module are never found, but remembered, so that the error can say so.
 * Every step is a hash lookup; only suggestions for errors walk over all names.
 */

import type { Ident } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { ConstructorEntity, FunctionEntity, Module, TypeEntity, Value } from "./module.ts";
import type { NameProblem } from "./problems.ts";

export class Names {
  /** every file's module by path */
  readonly modules = new Map<string, Module>();
  /** modules whose top-level names are global */
  readonly prelude: Module[] = [];
  /** upper-case modules of prelude files: String, Map, Time, … */
  readonly namespaces = new Map<string, Module>();
  readonly builtinTypes: ReadonlyMap<string, TypeEntity>;

  constructor(builtinTypes: ReadonlyMap<string, TypeEntity>) {
    this.builtinTypes = builtinTypes;
  }

  /** Values of a prelude name are joined: overloads may be spread over several files. */
  private readonly preludeValues = new Map<string, Value>();

  addPrelude(module: Module): void {
    this.prelude.push(module);
    for (const [name, inner] of module.modules) if (/^[A-Z]/.test(name)) this.namespaces.set(name, inner);
    for (const [name, value] of module.values) {
      const first = this.preludeValues.get(name);
      if (first !== undefined && first.kind === "functions" && value.kind === "functions")
        this.preludeValues.set(name, {
          kind: "functions",
          name,
          module: first.module,
          functions: [...first.functions, ...value.functions],
        });
      else if (first === undefined) this.preludeValues.set(name, value);
    }
  }

  preludeValue(name: string): Value | undefined {
    return this.preludeValues.get(name);
  }

  /** Every meaning that `lookup` gives at the nearest place that has one. */
  private nearest<T>(
    from: Module,
    name: string,
    inModule: (module: Module, name: string) => T | undefined,
    isVisible: (found: T) => boolean,
  ): Found<T> {
    let hidden: T | undefined;
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
      const own = inModule(scope, name);
      if (own !== undefined) return { found: own };
      const candidates: { readonly entity: T; readonly from: Module; readonly span: Span }[] = [];
      const offer = (module: Module, wanted: string, span: Span): void => {
        const entity = inModule(module, wanted);
        if (entity === undefined) return;
        if (!isVisible(entity)) hidden ??= entity;
        else if (!candidates.some((c) => c.entity === entity)) candidates.push({ entity, from: module, span });
      };
      for (const imported of scope.imports.names.get(name) ?? []) offer(imported.module, imported.name, imported.span);
      if (candidates.length === 0) for (const star of scope.imports.stars) offer(star.module, name, star.span);
      const [first, second] = candidates;
      if (first !== undefined) {
        return second === undefined
          ? { found: first.entity }
          : { found: first.entity, conflict: { first: first.from.path, second: second.from.path, other: second.span } };
      }
    }
    return hidden === undefined ? {} : { hidden };
  }

  lookupValue(from: Module, name: string): Found<Value> {
    const found = this.nearest(
      from,
      name,
      (module, wanted) => module.values.get(wanted),
      (value) => this.isValueVisible(from, value),
    );
    if (found.found !== undefined) return { ...found, found: this.visiblePart(from, found.found) };
    const global = this.preludeValues.get(name);
    return global === undefined ? found : { found: global };
  }

  /** A type, or undefined when none is found. */
  lookupType(from: Module, name: string): Found<TypeEntity> {
    const found = this.nearest(
      from,
      name,
      (module, wanted) => module.types.get(wanted),
      (type) => type.isPublic || this.isInside(from, type.module as Module),
    );
    if (found.found !== undefined) return found;
    for (const module of this.prelude) {
      const type = module.types.get(name);
      if (type !== undefined) return { found: type };
    }
    const builtin = this.builtinTypes.get(name);
    return builtin === undefined ? found : { found: builtin };
  }

  /** All constructors of a name that may be written here, nearest first; `hidden` when only private ones exist. */
  lookupConstructors(
    from: Module,
    name: string,
  ): { readonly candidates: readonly ConstructorEntity[]; readonly hidden?: ConstructorEntity } {
    const candidates: ConstructorEntity[] = [];
    let hidden: ConstructorEntity | undefined;
    const offer = (module: Module, wanted: string): void => {
      for (const ctor of module.constructors.get(wanted) ?? []) {
        if (ctor.type.isPublic || this.isInside(from, ctor.type.module as Module)) {
          if (!candidates.includes(ctor)) candidates.push(ctor);
        } else hidden ??= ctor;
      }
    };
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
      offer(scope, name);
      for (const imported of scope.imports.names.get(name) ?? []) offer(imported.module, imported.name);
      for (const star of scope.imports.stars) offer(star.module, name);
      // `use m.{Shape}` brings the constructors of Shape along
      for (const list of scope.imports.names.values()) {
        for (const imported of list) {
          const type = imported.module.types.get(imported.name);
          if (type?.isPublic)
            for (const ctor of type.constructors)
              if (ctor.name === name && !candidates.includes(ctor)) candidates.push(ctor);
        }
      }
    }
    for (const module of this.prelude) offer(module, name);
    return hidden === undefined ? { candidates } : { candidates, hidden };
  }

  /** The module that `path` (written left of a dot) means here, or what is wrong with it. */
  lookupModule(
    from: Module,
    path: readonly string[],
  ): { readonly module?: Module; readonly notImported?: Module; readonly hidden?: Module } {
    const head = path[0] as string;
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
      const own = this.descend(scope.modules.get(head), path, 1);
      if (own !== undefined) return this.seen(from, own);
      const named = scope.imports.modules.get(path.join(".")) ?? this.descend(scope.imports.modules.get(head), path, 1);
      if (named !== undefined) return this.seen(from, named);
      for (const star of scope.imports.stars) {
        const inner = this.descend(star.module.modules.get(head), path, 1);
        if (inner !== undefined) return this.seen(from, inner);
      }
    }
    // of a file imported in part (`use a.{x}`), other names are known by their path too; so is all of the library
    for (let length = path.length; length > 0; length--) {
      const file = this.modules.get(path.slice(0, length).join("."));
      const module = this.descend(file, path, length);
      if (module === undefined || file === undefined) continue;
      if (file.isStdlib || file === from || this.isNamed(from, file)) return this.seen(from, module);
      return { notImported: file };
    }
    const global = this.descend(this.namespaces.get(head), path, 1);
    return global === undefined ? {} : { module: global };
  }

  private isNamed(from: Module, file: Module): boolean {
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
      if (scope.path === file.path || scope.imports.modules.has(file.path)) return true;
      if (scope.imports.stars.some((star) => star.module === file)) return true;
      for (const list of scope.imports.names.values()) if (list.some((name) => name.module === file)) return true;
    }
    return false;
  }

  private descend(start: Module | undefined, path: readonly string[], at: number): Module | undefined {
    let module = start;
    for (let i = at; i < path.length && module !== undefined; i++) module = module.modules.get(path[i] as string);
    return module;
  }

  private seen(from: Module, module: Module): { readonly module?: Module; readonly hidden?: Module } {
    // a module declared without `pub` inside another file is that file's own
    const outer = module.parent;
    return module.isPublic || module.isStdlib || outer === undefined || this.isInside(from, outer)
      ? { module }
      : { hidden: module };
  }

  /** Whether `from` is `module` or stands inside it. The library keeps no secrets from itself or from anyone. */
  isInside(from: Module, module: Module): boolean {
    if (module.isStdlib) return true;
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent)
      if (scope === module) return true;
    return false;
  }

  isValueVisible(from: Module, value: Value): boolean {
    if (this.isInside(from, value.module)) return true;
    return value.kind === "functions" ? value.functions.some((f) => f.isPublic) : value.isPublic;
  }

  /** A function set without what `from` may not call. */
  visiblePart(from: Module, value: Value): Value {
    if (value.kind !== "functions" || this.isInside(from, value.module) || value.functions.every((f) => f.isPublic))
      return value;
    return { ...value, functions: value.functions.filter((f: FunctionEntity) => f.isPublic) };
  }

  /** Names in scope that look like `name`, modules too: what stands left of a dot is looked up here as well. */
  similarValues(from: Module, name: string, locals: Iterable<string>): string[] {
    const names = new Set<string>(locals);
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
      for (const known of scope.values.keys()) names.add(known);
      for (const known of scope.imports.names.keys()) names.add(known);
      for (const star of scope.imports.stars)
        for (const [known, value] of star.module.values) if (this.isValueVisible(from, value)) names.add(known);
    }
    for (const known of this.preludeValues.keys()) names.add(known);
    for (const [path, module] of this.modules) if (!module.isStdlib) names.add(path);
    return nearest(name, names);
  }

  similarTypes(from: Module, name: string): string[] {
    const names = new Set<string>(this.builtinTypes.keys());
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
      for (const known of scope.types.keys()) names.add(known);
      for (const star of scope.imports.stars)
        for (const [known, type] of star.module.types) if (type.isPublic) names.add(known);
    }
    for (const module of this.prelude) for (const known of module.types.keys()) names.add(known);
    return nearest(name, names);
  }

  similarConstructors(from: Module, name: string): string[] {
    const names = new Set<string>();
    for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
      for (const known of [...scope.constructors.keys(), ...scope.modules.keys()]) names.add(known);
      for (const star of scope.imports.stars) for (const known of star.module.constructors.keys()) names.add(known);
    }
    for (const module of this.prelude) for (const known of module.constructors.keys()) names.add(known);
    for (const known of this.namespaces.keys()) names.add(known);
    return nearest(name, names);
  }
}

export interface Found<T> {
  readonly found?: T;
  /** exists, but is private where it stands */
  readonly hidden?: T;
  readonly conflict?: { readonly first: string; readonly second: string; readonly other: Span };
}

export function conflictProblem(
  span: Span,
  name: string,
  conflict: { readonly first: string; readonly second: string; readonly other: Span },
): NameProblem {
  return { code: "import-conflict", span, name, first: conflict.first, second: conflict.second, other: conflict.other };
}

export function pathText(path: readonly Ident[]): string {
  return path.map((part) => part.name).join(".");
}
