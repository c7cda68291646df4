/**
 * IMPORT: a file is run once in each process that imports it, with an operand stack and variables of its own, and what it
 * exports is bound in the importer's newest scope.
 *
 * The trick: the module runs in a frame on top of the importer's, as part of the same process, and the importer stays on its
 * IMPORT meanwhile. When the module has ended the instruction is simply run again, and finds what became of it.
 *
 * U1  A module is Running exactly while a frame of the process runs it; so an IMPORT that meets one is a circle.
 * U2  A module that failed is forgotten once its importer knows: a second IMPORT runs it again.
 */
import type { Process } from "../../process/process.ts";
import type { Machine } from "../../sched/machine.ts";
import type { Value } from "../../values/value.ts";
import { TinyFrame, type TinyProgram } from "../tiny-program.ts";
import { type ModuleFailed, TinyError } from "./errors.ts";

/** What a process knows of a file that it has imported, or is importing. */
export type TinyModule =
  | { readonly state: "running" }
  | { readonly state: "ended"; readonly exports: ReadonlyMap<string, Value> }
  | { readonly state: "failed"; readonly error: ModuleFailed };

/**
 * @param path  as IMPORT has it
 * @returns     what the module exports; undefined: it runs first, and the instruction has to be run again
 */
export function importModule(machine: Machine, process: Process, path: string): ReadonlyMap<string, Value> | undefined {
  const importer = process.frame as TinyFrame;
  const { modules } = importer.own;
  const { findModule } = machine.options;
  if (findModule === undefined) throw new TinyError(`Unsupported operation: IMPORT ${path}: nobody loads files here`);
  const found = findModule(path);
  if ("problem" in found) throw new TinyError(found.problem);
  const module = modules.get(found.name);
  switch (module?.state) {
    case "ended":
      return module.exports;
    case "running":
      throw new TinyError(`Circular dependency detected: ${path}`);
    case "failed":
      modules.delete(found.name); // U2
      throw module.error;
  }
  const fn = (machine.program as TinyProgram).imported(found.name, () => {
    const loaded = found.load();
    if ("problem" in loaded) throw new TinyError(loaded.problem);
    return loaded.unit;
  });
  if ("problem" in fn) throw new TinyError(`IMPORT ${path}: ${fn.problem.detail}`);
  modules.set(found.name, { state: "running" }); // U1
  const frame = new TinyFrame(fn, null, importer.own, importer);
  frame.module = found.name;
  process.frame = frame;
  return undefined;
}

/** The module has come to its end, or failed: its importer goes on. */
export function endModule(process: Process, error?: ModuleFailed): void {
  const frame = process.frame as TinyFrame;
  frame.own.modules.set(
    frame.module,
    error === undefined ? { state: "ended", exports: frame.exports } : { state: "failed", error },
  );
  process.frame = frame.parent;
}
