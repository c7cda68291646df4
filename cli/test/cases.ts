/**
 * What `nostos test` is given: programs, and the files beside each that say what it should do.
 *
 *     x.nos        a program; so are x.ttb, and a directory x with a main.nos
 *     x.in         its standard input; absent: empty
 *     x.out        what it has to print; a last line `[exit 1]`: main has to fail
 *     x.err        the lines that it has to say on stderr, in any order: reports of crashes too
 *
 * `# unordered` on the first line of the program says that the order of its lines is free. A directory without main.nos
 * stands for all programs below it, in the order of their names.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { loadProject, type Project, readSource } from "../project.ts";

export interface TestCase {
  /** as `nostos run` takes it */
  readonly path: string;
  readonly project: Project;
  readonly stdin: string;
  /** undefined: there is no such file */
  readonly stdinPath: string | undefined;
  /** without the mark of a failure */
  readonly out: string | undefined;
  readonly err: string | undefined;
  /** main has to fail, or may: `.err` has the words */
  readonly mayFail: boolean;
  readonly mustFail: boolean;
  readonly isUnordered: boolean;
}

const FAILS = /\[exit 1\]\n?$/;

/** The programs that a path of the command line stands for, or what is wrong with it. */
export function findPrograms(path: string): readonly string[] | Diagnostic {
  if (!isDirectory(path) || isFile(join(path, "main.nos"))) return [path];
  const found: string[] = [];
  const pending = [path];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    let names: string[];
    try {
      names = readdirSync(directory);
    } catch (error) {
      const { message } = error as Error;
      return { severity: "error", code: "unreadable", message: `cannot read \`${directory}\`: ${message}` };
    }
    for (const name of names) {
      const each = join(directory, name);
      if (name.startsWith(".") || name === "node_modules") continue;
      if (!isDirectory(each)) {
        if (name.endsWith(".nos")) found.push(each);
      } else if (isFile(join(each, "main.nos"))) found.push(each);
      else pending.push(each);
    }
  }
  if (found.length > 0) return found.sort();
  return { severity: "error", code: "no-tests", message: `there is no program below \`${path}\`` };
}

/** The program and what is beside it, or what is wrong with that. */
export function loadCase(path: string): TestCase | Diagnostic {
  const project = path.endsWith(".ttb") ? { files: [], problems: [] } : loadProject(path);
  const stem = path.replace(/\.(?:nos|ttb)$/, "").replace(/(?<=.)\/+$/, "");
  const beside: (string | undefined)[] = [];
  for (const ending of ["in", "out", "err"]) {
    const file = `${stem}.${ending}`;
    const read = isFile(file) ? readSource(file, file, file) : undefined;
    if (read !== undefined && "severity" in read) return read;
    beside.push(read?.text);
  }
  const [stdin, out, err] = beside;
  const mustFail = out !== undefined && FAILS.test(out);
  return {
    path,
    project,
    stdin: stdin ?? "",
    stdinPath: stdin === undefined ? undefined : `${stem}.in`,
    out: out?.replace(FAILS, ""),
    err,
    mayFail: mustFail || err !== undefined,
    mustFail,
    isUnordered: /^(?:#|\/\/) unordered\b/.test(project.files[0]?.source.text ?? ""),
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
