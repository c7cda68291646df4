/**
 * Finds programs for `ttvm`: the file it is given, and what SPAWN and IMPORT name while it runs.
 *
 * Stays true: a file that is missing or wrong is a Diagnostic for the one who gave it, and for SPAWN a process that says
 * so, as TinyTotVM has it.
 */
import { statSync } from "node:fs";
import { constants } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { assembleTtvm } from "../../compiler/assemble/ttvm.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { SourceFile } from "../../grammar/source.ts";
import { isTtb, readUnit } from "../../vm/bytecode/ttb/index.ts";
import { readTinyTotVM } from "../../vm/bytecode/ttb/tinytotvm.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { fileError, osErrorText } from "../../vm/host/tiny/failure.ts";
import type { FoundModule } from "../../vm/index.ts";
import { readBytes, readSource } from "../project.ts";
import { saying, template } from "./templates.ts";

export interface Loaded {
  /** there when nothing is wrong */
  readonly unit?: Unit;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly SourceFile[];
}

/** How a program's processes are called where they fail. */
const MAIN = "main";

/** The program in a file: bytecode if it is named `.ttb`, else assembly. */
export function loadProgram(path: string, name = MAIN): Loaded {
  return extname(path) === ".ttb" ? loadBytecode(path, name) : loadAssembly(path, name);
}

export function loadAssembly(path: string, name: string): Loaded {
  const source = readSource(path, path, path);
  if ("severity" in source) return { diagnostics: [source], sources: [] };
  return { ...assembleTtvm(source, name), sources: [source] };
}

function loadBytecode(path: string, name: string): Loaded {
  const failed = (code: string, message: string, hint?: string): Loaded => ({
    diagnostics: [{ severity: "error", code, message, ...(hint !== undefined && { hint }) }],
    sources: [],
  });
  const bytes = readBytes(path, path);
  if ("severity" in bytes) return { diagnostics: [bytes], sources: [] };
  const read = isTtb(bytes) ? readUnit(bytes) : readTinyTotVM(bytes, name);
  if ("problem" in read) {
    const { at, detail } = read.problem;
    return failed("bad-bytecode", `cannot run \`${path}\`: ${detail} (byte ${at})`);
  }
  if (read.unit.isTinyTotVM !== true)
    return failed(
      "not-tinytotvm",
      `\`${path}\` holds no TinyTotVM program`,
      `\`nostos run ${path}\` runs what it holds`,
    );
  return { unit: read.unit, diagnostics: [], sources: [] };
}

/**
 * What SPAWN starts when its text is no label of the program (semantics 44): a file beside the program or in its
 * `examples/`, a template, or a process that says its name.
 * @param onProblem  is told what is wrong with a file that was found
 */
export function spawnLoader(
  programPath: string,
  onProblem: (path: string, loaded: Loaded) => void,
  onSource: (source: SourceFile) => void,
): (name: string | undefined) => Unit {
  const directory = dirname(programPath);
  return (name) => {
    if (name === undefined) return saying("Spawned process");
    for (const path of [join(directory, `${name}.ttvm`), join(directory, "examples", `${name}.ttvm`)]) {
      if (!isFile(path)) continue;
      const loaded = loadAssembly(path, basename(name));
      for (const source of loaded.sources) onSource(source);
      if (loaded.unit !== undefined) return loaded.unit;
      onProblem(path, loaded);
      return saying(`Failed to load ${name}`);
    }
    return template(name) ?? saying(`Spawned process: ${name}`);
  };
}

/**
 * What IMPORT names: a path from the working directory, as TinyTotVM has it, else from the importing program's.
 * Its problems are told to the program, which may catch them.
 */
export function moduleFinder(
  programPath: string,
  onSource: (source: SourceFile) => void,
): (path: string) => FoundModule {
  const directory = dirname(programPath);
  return (path) => {
    const file = isFile(path) ? path : join(directory, path);
    if (!isFile(file)) return { problem: fileError(path, osErrorText(-constants.errno.ENOENT)!).text };
    return {
      name: resolve(file),
      load: () => {
        const loaded = loadProgram(file, path);
        for (const source of loaded.sources) onSource(source);
        const [first] = loaded.diagnostics;
        return loaded.unit === undefined ? { problem: `IMPORT ${path}: ${inOneLine(first!)}` } : { unit: loaded.unit };
      },
    };
  };
}

function inOneLine({ message, primary }: Diagnostic): string {
  if (primary === undefined) return message;
  const { source, start } = primary.span;
  return `Parse error on line ${source.text.slice(0, start).split("\n").length}: ${message}`;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // not there, or no name of a file at all
  }
}
