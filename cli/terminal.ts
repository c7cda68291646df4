/**
 * What a person sees besides the program's own output: diagnostics on stderr, in words or as JSON.
 *
 * Stays true: nothing but the program (and a listing or help that was asked for) is written to stdout. Writing never
 * throws: a reader that went away ends the writing quietly.
 */
import { writeSync } from "node:fs";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { renderJson } from "../compiler/diagnostics/json.ts";
import { renderDiagnostics } from "../compiler/diagnostics/render.ts";
import { sortDiagnostics } from "../compiler/diagnostics/sort.ts";
import type { SourceFile } from "../grammar/source.ts";

const MOST_SHOWN = 20; // diagnostics of one run in words; JSON has all

/** Shows diagnostics on stderr. `files` says in which order sources are read. */
export function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  asJson: boolean,
  files: readonly SourceFile[] = [],
): void {
  if (diagnostics.length === 0) return;
  const sorted = sortDiagnostics(diagnostics, files);
  const options = { colour: wantsColour(process.stderr.isTTY === true), width: process.stderr.columns ?? 120 };
  writeAll(2, asJson ? renderJson(sorted) : renderDiagnostics(sorted, options, MOST_SHOWN));
}

/** NO_COLOR and FORCE_COLOR as their conventions say; otherwise colour is for terminals. */
export function wantsColour(isTerminal: boolean, environment: NodeJS.ProcessEnv = process.env): boolean {
  const force = environment.FORCE_COLOR;
  if (force !== undefined) return force !== "0" && force !== "false";
  const no = environment.NO_COLOR;
  if (no !== undefined && no !== "") return false;
  return isTerminal && environment.TERM !== "dumb";
}

/** Writes a whole text to a descriptor, waiting while a pipe is full. */
export function writeAll(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return; // nobody reads any more: EPIPE, EBADF, EIO
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
