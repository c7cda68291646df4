/** Connects the `use` lines of every module with the modules they name, and says which of them name nothing. */
import { nearest } from "../diagnostics/nearest.ts";
import { type Names, pathText } from "./lookup.ts";
import type { Module } from "./module.ts";
import type { NameProblem } from "./problems.ts";

export function resolveImports(names: Names, module: Module, problems: NameProblem[]): void {
  for (const use of module.uses) {
    const path = pathText(use.path);
    const target = findModule(
      names,
      module,
      use.path.map((part) => part.name),
    );
    if (target === undefined) {
      // `use stdlib.server` names a module, not something inside one: legal, and says only that it is wanted
      if (
        use.what.kind === "names" &&
        use.what.names.every(
          (n) => findModule(names, module, [...use.path.map((p) => p.name), n.name.name]) !== undefined,
        )
      ) {
        for (const n of use.what.names)
          addModule(
            module,
            findModule(names, module, [...use.path.map((p) => p.name), n.name.name]) as Module,
            n.alias?.name ?? n.name.name,
          );
        continue;
      }
      if (path === "stdlib") continue;
      problems.push({ code: "unknown-module", span: use.span, name: path });
      continue;
    }
    addModule(module, target, target.path.slice(target.path.lastIndexOf(".") + 1));
    if (use.what.kind === "all") {
      module.imports.stars.push({ module: target, span: use.span });
      continue;
    }
    for (const { name, alias } of use.what.names) {
      const inner = target.modules.get(name.name) ?? names.modules.get(`${target.path}.${name.name}`);
      const value = target.values.get(name.name);
      const type = target.types.get(name.name);
      const constructors = target.constructors.get(name.name);
      if (inner !== undefined) addModule(module, inner, alias?.name ?? name.name);
      if (value === undefined && type === undefined && constructors === undefined) {
        if (inner === undefined && !mayBeTrait(name.name))
          problems.push({
            code: "unknown-member",
            span: name.span,
            module: target.path,
            name: name.name,
            nearby: nearest(name.name, [...target.values.keys(), ...target.types.keys()]),
          });
        continue;
      }
      const isVisible =
        (value !== undefined && names.isValueVisible(module, value)) ||
        (type !== undefined && (type.isPublic || names.isInside(module, target))) ||
        constructors?.some((c) => c.type.isPublic || names.isInside(module, target)) === true;
      if (!isVisible) {
        const what =
          value !== undefined
            ? value.kind === "functions"
              ? "function"
              : "value"
            : type !== undefined
              ? "type"
              : "constructor";
        problems.push({ code: "private", span: name.span, what, name: name.name, module: target.path });
        continue;
      }
      const local = alias?.name ?? name.name;
      const list = module.imports.names.get(local);
      const entry = { module: target, name: name.name, span: name.span };
      if (list === undefined) module.imports.names.set(local, [entry]);
      else list.push(entry);
    }
  }
  for (const inner of module.modules.values()) resolveImports(names, inner, problems);
}

function addModule(module: Module, target: Module, localName: string): void {
  module.imports.modules.set(target.path, target);
  if (!module.imports.modules.has(localName)) module.imports.modules.set(localName, target);
}

/** Traits have no entity yet; a `use` may name one all the same, its declaration has been reported. */
function mayBeTrait(name: string): boolean {
  return /^[A-Z]/.test(name);
}

function findModule(names: Names, from: Module, path: readonly string[]): Module | undefined {
  for (let length = path.length; length > 0; length--) {
    let module: Module | undefined = names.modules.get(path.slice(0, length).join("."));
    for (let i = length; i < path.length && module !== undefined; i++) module = module.modules.get(path[i] as string);
    if (module !== undefined) return module;
  }
  for (let scope: Module | undefined = from; scope !== undefined; scope = scope.parent) {
    let module = scope.modules.get(path[0] as string);
    for (let i = 1; i < path.length && module !== undefined; i++) module = module.modules.get(path[i] as string);
    if (module !== undefined) return module;
  }
  let namespace = names.namespaces.get(path[0] as string);
  for (let i = 1; i < path.length && namespace !== undefined; i++) namespace = namespace.modules.get(path[i] as string);
  return namespace;
}
