/**
 * Finds and reads the sources of a program: one file, a directory, or standard input.
 *
 * A file alone is a program's top level. A directory is a program of modules, `dir/sub/file.nos` being `sub.file`; it
 * starts at `main.nos`. Hidden directories and `node_modules` are not looked into.
 * Stays true: nothing here throws for what a user can do wrong; every such thing is a Diagnostic.
 */
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { nearest } from "../compiler/diagnostics/nearest.ts";
import type { SourceFile } from "../grammar/source.ts";

/** One source with its place in the program. */
export interface ProjectFile {
  /** `sub.file`; "" for a program of one file */
  readonly module: string;
  readonly source: SourceFile;
}

export interface Project {
  readonly files: readonly ProjectFile[];
  readonly problems: readonly Diagnostic[];
}

const MOST_BYTES = 64 * 1024 * 1024; // of one source; far beyond any program, far below V8's longest string

/** Reads the program at `path`, a file or a directory; `-` is standard input. */
export function loadProject(path: string): Project {
  if (path === "-") return fromStdin();
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (error) {
    return { files: [], problems: [unreadable(path, error)] };
  }
  return isDirectory ? fromDirectory(path) : oneFile(readSource(path, path, path));
}

/** A program that was given as text, on the command line or by a test. */
export function projectOfText(path: string, text: string): Project {
  return { files: [{ module: "", source: { path, text } }], problems: [] };
}

function fromStdin(): Project {
  return oneFile(readSource(0, "<stdin>", "standard input"));
}

function oneFile(read: SourceFile | Diagnostic): Project {
  return "severity" in read ? { files: [], problems: [read] } : { files: [{ module: "", source: read }], problems: [] };
}

function fromDirectory(root: string): Project {
  const problems: Diagnostic[] = [];
  const files: ProjectFile[] = [];
  if (!isFile(join(root, "main.nos"))) {
    return { files, problems: [withoutMain(root)] };
  }
  // An explicit list of what is left, so that no depth of directories matters.
  const pending: { directory: string; module: readonly string[] }[] = [{ directory: root, module: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, module } = next;
    let entries: ReturnType<typeof listDirectory>;
    try {
      entries = listDirectory(directory);
    } catch (error) {
      problems.push(unreadable(directory, error));
      continue;
    }
    for (const { name, sort } of entries) {
      const path = join(directory, name);
      if (sort === "directory") {
        if (!name.startsWith(".") && name !== "node_modules")
          pending.push({ directory: path, module: [...module, name] });
      } else if (name.endsWith(".nos") && !name.startsWith(".")) {
        const read = readSource(path, path, path);
        if ("severity" in read) problems.push(read);
        else files.push({ module: [...module, name.slice(0, -".nos".length)].join("."), source: read });
      }
    }
  }
  files.sort((a, b) => rankOf(a) - rankOf(b) || (a.module < b.module ? -1 : 1));
  return { files, problems };
}

/** main first: its problems are the ones to read first. */
function rankOf(file: ProjectFile): number {
  return file.module === "main" ? 0 : 1;
}

function listDirectory(directory: string): { name: string; sort: "directory" | "file" }[] {
  return readdirSync(directory, { withFileTypes: true })
    .map((entry) => ({ name: entry.name, sort: entry.isDirectory() ? ("directory" as const) : ("file" as const) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text of a file or an open descriptor, or what is wrong with it. `path` is how diagnostics name it. */
export function readSource(from: string | number, path: string, called: string): SourceFile | Diagnostic {
  const bytes = readBytes(from, called);
  if ("severity" in bytes) return bytes;
  const text = new TextDecoder("utf-8").decode(bytes);
  const wrong = firstInvalid(bytes, text);
  if (wrong === undefined) return { path, text };
  return {
    severity: "error",
    code: "not-utf8",
    message: `\`${called}\` is not UTF-8 text`,
    primary: {
      span: { source: { path, text }, start: wrong, end: wrong + 1 },
      text: "this byte belongs to no character",
    },
    hint: "save it as UTF-8",
  };
}

/** The bytes of a file or an open descriptor, or what is wrong with it. */
export function readBytes(from: string | number, called: string): Uint8Array | Diagnostic {
  let bytes: Uint8Array;
  try {
    bytes = readUpTo(from, MOST_BYTES + 1);
  } catch (error) {
    return unreadable(called, error);
  }
  if (bytes.length <= MOST_BYTES) return bytes;
  return {
    severity: "error",
    code: "unreadable",
    message: `cannot read \`${called}\`: it is larger than ${MOST_BYTES / 1024 / 1024} MB`,
  };
}

/** Reads at most `limit` bytes: also of a device or a pipe, which have no size. */
function readUpTo(from: string | number, limit: number): Uint8Array {
  const descriptor = typeof from === "number" ? from : openSync(from, "r");
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    while (total < limit) {
      const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, limit - total));
      let count: number;
      try {
        count = readSync(descriptor, chunk, 0, chunk.length, null);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EOF") break;
        if (code !== "EAGAIN") throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // a terminal or pipe set to non-blocking: nothing yet
        continue;
      }
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
    return Buffer.concat(chunks);
  } finally {
    if (typeof from === "string") closeSync(descriptor);
  }
}

/** Offset in `text` of the first replacement character that stands for a broken byte, or undefined. */
function firstInvalid(bytes: Uint8Array, text: string): number | undefined {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return undefined;
  } catch {
    // A replacement character may also have been written as such: skip those that the bytes hold.
    const encoder = new TextEncoder();
    const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    for (let at = text.indexOf("\ufffd"); at >= 0; at = text.indexOf("\ufffd", at + 1)) {
      const offset = bom + encoder.encode(text.slice(0, at)).length;
      if (!(bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd)) return at;
    }
    return Math.max(0, text.length - 1);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
  ENXIO: "it is no file that can be read",
};

function unreadable(path: string, error: unknown): Diagnostic {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = (code !== undefined && REASONS[code]) || code || message;
  const hint = code === "ENOENT" ? similarFile(path) : undefined;
  return {
    severity: "error",
    code: "unreadable",
    message: `cannot read \`${path}\`: ${reason}`,
    ...(hint !== undefined && { hint: `did you mean \`${hint}\`?` }),
  };
}

/** A file beside the missing one whose name is close, `.nos` left out counting as close. */
function similarFile(path: string): string | undefined {
  try {
    const name = basename(path);
    const names = readdirSync(dirname(path)).filter(
      (other) => other.endsWith(".nos") || isDirectoryAt(join(dirname(path), other)),
    );
    const close = names.includes(`${name}.nos`) ? `${name}.nos` : nearest(name, names)[0];
    return close === undefined ? undefined : join(dirname(path), close);
  } catch {
    return undefined; // the directory is missing as well
  }
}

function withoutMain(root: string): Diagnostic {
  let sources: string[];
  try {
    sources = listDirectory(root)
      .filter(({ name, sort }) => sort === "file" && name.endsWith(".nos"))
      .map(({ name }) => name);
  } catch (error) {
    return unreadable(root, error);
  }
  const only = sources[0];
  return {
    severity: "error",
    code: "no-main",
    message: `the directory \`${root}\` has no \`main.nos\``,
    hint:
      only === undefined
        ? "a program of several files starts at the function `main` of `main.nos`"
        : `to run one file alone: \`nostos run ${join(root, only)}\``,
  };
}

function isFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isDirectoryAt(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
