/**
 * Programs that come as `.ttb` files: reading them, and what is said when they are damaged.
 */
import { statSync } from "node:fs";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import type { SourceFile } from "../grammar/source.ts";
import { isTtb, readUnit } from "../vm/bytecode/ttb/index.ts";
import type { SourceCode, Unit } from "../vm/bytecode/unit.ts";
import type { LoadProblem } from "../vm/bytecode/verify.ts";
import { loadProject, readBytes } from "./project.ts";
import { STDLIB_PATH } from "./stdlib-path.ts";

export function isBytecodePath(path: string): boolean {
  return path.endsWith(".ttb");
}

/** What the file holds, not yet verified, or what is wrong with it. */
export function loadBytecode(path: string): { readonly unit: Unit } | { readonly problem: Diagnostic } {
  const bytes = readBytes(path, path);
  if ("severity" in bytes) return { problem: bytes };
  if (!isTtb(bytes)) {
    const message = `\`${path}\` is no bytecode of Nostos: it does not begin like such a file`;
    const hint = "`nostos build FILE` makes one; TinyTotVM's own `.ttb` files are for `ttvm`";
    return { problem: { severity: "error", code: "bad-bytecode", message, hint } };
  }
  const read = readUnit(bytes);
  if ("unit" in read) {
    if (read.unit.isTinyTotVM !== true) return read;
    const message = `\`${path}\` holds TinyTotVM code`;
    return { problem: { severity: "error", code: "bad-bytecode", message, hint: `\`ttvm ${path}\` runs it` } };
  }
  const { at, section, detail } = read.problem;
  return { problem: badBytecode(path, `${detail} (section ${section}, byte ${at})`) };
}

/** What the verifier found in a file. */
export function explainBadBytecode(path: string, problem: LoadProblem): Diagnostic {
  const { code, functionName, at, detail } = problem;
  const place = functionName === "" ? "" : `, function \`${functionName}\`${at === -1 ? "" : `, word ${at}`}`;
  return badBytecode(path, `${detail} (${code}${place})`);
}

function badBytecode(path: string, what: string): Diagnostic {
  return {
    severity: "error",
    code: "bad-bytecode",
    message: `cannot run \`${path}\`: ${what}`,
    hint: "build it again from its sources with this version: `nostos build`",
  };
}

/** The user's sources that a program was built from, as far as they lie where they lay and have the same lines still. */
export function sourcesOnDisk(unit: Unit): SourceFile[] {
  return unit.sources
    .filter(({ path }) => !path.startsWith(STDLIB_PATH) && path.endsWith(".nos") && isFile(path))
    .flatMap((code) =>
      loadProject(code.path)
        .files.map(({ source }) => source)
        .filter((source) => hasLines(source, code)),
    );
}

function hasLines({ text }: SourceFile, { lineStarts }: SourceCode): boolean {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    if (lineStarts[line++] !== at + 1) return false;
  }
  return line === lineStarts.length;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
