/** Writes files so that a reader finds all of one or none of it, and words what goes wrong. */
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "its directory does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
  ENOSPC: "no space is left",
  EROFS: "nothing can be written there",
};

/** All of the file or nothing of it; a pipe or a device is written as it is. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) {
    writeFileSync(path, content);
    return;
  }
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** What `writeWhole` threw, for people. */
export function explainUnwritable(path: string, error: unknown): Diagnostic {
  const { code, message } = error as NodeJS.ErrnoException;
  return {
    severity: "error",
    code: "unwritable",
    message: `cannot write \`${path}\`: ${REASONS[code ?? ""] ?? message}`,
  };
}
