/**
 * Programs for a host: compiled from text or files, or read from a `.ttb` file.
 *
 * Stays true: whatever is wrong with a program is told as a NostosError with its diagnostics; the compiler is loaded with
 * the first program that needs it.
 */
import type { Diagnostic as FullDiagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { toJson } from "../../compiler/diagnostics/json.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import type { SourceFile } from "../../grammar/source.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { isBytecodePath, loadBytecode, sourcesOnDisk } from "../bytecode-file.ts";
import { loadProject, type Project, projectOfText } from "../project.ts";
import { type Diagnostic, NostosError } from "./errors.ts";

const WIDTH = 120;
const MOST_SHOWN = 20;

/** A program that is ready to run, any number of times and in several machines. */
export class Module {
  /** what it is called in places */
  readonly path: string;
  /** of the compiler */
  readonly warnings: readonly Diagnostic[];
  /** @internal */
  readonly unit: Unit;
  /** @internal */
  readonly sources: readonly SourceFile[];
  /** @internal */
  readonly hasMain: boolean;

  /** @internal */
  constructor(
    path: string,
    unit: Unit,
    sources: readonly SourceFile[],
    hasMain: boolean,
    warnings: readonly FullDiagnostic[],
  ) {
    this.path = path;
    this.unit = unit;
    this.sources = sources;
    this.hasMain = hasMain;
    this.warnings = warnings.map(toJson);
  }
}

/**
 * Compiles a program that is given as text. It needs no `main`.
 * @param path  what it is called in diagnostics
 */
export function compileText(text: string, path = "<text>"): Promise<Module> {
  return compileProject(projectOfText(path, text), path);
}

/** Compiles a file, or a directory with a `main.nos`, or reads bytecode (`.ttb`). */
export async function compileFile(path: string): Promise<Module> {
  if (!isBytecodePath(path)) return compileProject(loadProject(path), path);
  const loaded = loadBytecode(path);
  if ("problem" in loaded) throw errorOf([loaded.problem]);
  return new Module(path, loaded.unit, sourcesOnDisk(loaded.unit), false, []);
}

async function compileProject(project: Project, path: string): Promise<Module> {
  const { compileForHost } = await import("../compile.ts");
  const { unit, diagnostics, sources, hasMain } = compileForHost(project);
  if (unit === undefined) throw errorOf(diagnostics);
  return new Module(path, unit, sources, hasMain, diagnostics);
}

/** @internal */
export function errorOf(diagnostics: readonly FullDiagnostic[]): NostosError {
  return new NostosError(diagnostics.map(toJson), textOf(diagnostics));
}

/** @internal */
export function textOf(diagnostics: readonly FullDiagnostic[]): string {
  return renderDiagnostics(diagnostics, { colour: false, width: WIDTH }, MOST_SHOWN).trimEnd();
}
