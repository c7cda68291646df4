/**
 * `nostos build`: writes a program as a `.ttb` file, and beside it a source map for other tools.
 *
 * The map is version 3: the file counts as one line, a column is the byte offset of an instruction. Our own traces do
 * not need it, they come from the places in the file itself.
 */
import { statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { type Mapping, SourceMapGenerator } from "source-map";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { OPCODES } from "../../vm/bytecode/opcodes.ts";
import { type WrittenUnit, writeUnit } from "../../vm/bytecode/ttb/index.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { isBytecodePath } from "../bytecode-file.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { loadProject } from "../project.ts";
import { STDLIB_PATH } from "../stdlib-path.ts";
import { showDiagnostics } from "../terminal.ts";
import { explainUnwritable, writeWhole } from "../write-whole.ts";

export interface BuildOptions {
  readonly json?: true;
  readonly out?: string;
}

export async function build(path: string, options: BuildOptions): Promise<ExitCode> {
  const asJson = options.json === true;
  const out = options.out ?? defaultOut(path);
  const wrong = wrongOut(path, out);
  if (out === undefined || wrong !== undefined) {
    showDiagnostics([wrong ?? usage("a program from standard input needs `-o OUT`")], asJson);
    return EXIT.usage;
  }
  const { compile } = await import("../compile.ts");
  const { unit, diagnostics, sources } = compile(loadProject(path));
  showDiagnostics(diagnostics, asJson, sources);
  if (unit === undefined) return EXIT.failed;

  const written = writeUnit(unit);
  try {
    writeWhole(out, written.bytes);
    writeWhole(`${out}.map`, sourceMap(unit, written, out));
  } catch (error) {
    showDiagnostics([explainUnwritable(out, error)], asJson);
    return EXIT.failed;
  }
  return EXIT.ok;
}

/** `hello.nos` → `hello.ttb`; a directory → its `main.ttb`; undefined for standard input */
function defaultOut(path: string): string | undefined {
  if (path === "-") return undefined;
  if (isDirectory(path)) return join(path, "main.ttb");
  return `${path.replace(/\.nos$/, "")}.ttb`;
}

/** Mistakes that would cost a file. */
function wrongOut(path: string, out: string | undefined): Diagnostic | undefined {
  if (isBytecodePath(path)) return usage(`\`${path}\` is built already: \`nostos run ${path}\` runs it`);
  if (out?.endsWith(".nos")) return usage(`\`-o ${out}\` would overwrite a source`);
  return undefined;
}

function usage(message: string): Diagnostic {
  return { severity: "error", code: "usage", message };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Each instruction is mapped; sources are named as seen from the map, those of the standard library by their own names. */
export function sourceMap(unit: Unit, { codeAt }: WrittenUnit, out: string): string {
  const generator = new SourceMapGenerator({ file: basename(out) });
  const paths = unit.sources.map(({ path }) =>
    path.startsWith(STDLIB_PATH) || path.startsWith("<") ? path : relative(dirname(out), path).replaceAll("\\", "/"),
  );
  // its types forget that the generator takes these too
  const unmapped = (column: number) => ({ generated: { line: 1, column } }) as Mapping;
  unit.functions.forEach(({ code, places }, index) => {
    let place = 0; // what stands before the first one leads up to it
    for (let at = 0; at < code.length; at += 1 + OPCODES[code[at]!]!.operands.length) {
      while (place + 3 < places.length && places[place + 3]! <= at) place += 3;
      const generated = { line: 1, column: codeAt[index]! + at * 4 };
      if (places.length === 0) generator.addMapping(unmapped(generated.column));
      else {
        const original = lineAndColumn(unit.sources[places[place + 1]!]!.lineStarts, places[place + 2]!);
        generator.addMapping({ generated, original, source: paths[places[place + 1]!]! });
      }
    }
    generator.addMapping(unmapped(codeAt[index]! + code.length * 4)); // what follows is no code
  });
  return `${generator.toString()}\n`;
}

/** Line from 1, column from 0, as source maps count. */
function lineAndColumn(lineStarts: Int32Array, offset: number): { line: number; column: number } {
  let line = 0;
  let high = lineStarts.length;
  while (line < high) {
    const middle = (line + high) >> 1;
    if (lineStarts[middle]! <= offset) line = middle + 1;
    else high = middle;
  }
  return { line: Math.max(1, line), column: offset - (lineStarts[line - 1] ?? 0) };
}
