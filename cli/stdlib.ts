/**
 * The standard library as syntax trees, read and parsed from stdlib/ once: for tests and tools.
 *
 * The bundle has this file replaced by the trees themselves (build/bundle.mjs), so that a start parses the user's program only.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type FileAst, parseFile } from "../grammar/index.ts";
import { STDLIB_PATH } from "./stdlib-path.ts";

export interface StdlibModule {
  /** `stdlib.list` */
  readonly path: string;
  readonly ast: FileAst;
}

let modules: readonly StdlibModule[] | undefined;

export function stdlibModules(): readonly StdlibModule[] {
  modules ??= parseStdlib(new URL("../stdlib/", import.meta.url));
  return modules;
}

/** @throws when one of its own files does not parse: that is our mistake */
export function parseStdlib(directory: URL): StdlibModule[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".nos"));
  return names.sort().map((name) => {
    const source = { path: `${STDLIB_PATH}${name}`, text: readFileSync(new URL(name, directory), "utf8") };
    const { ast, problems } = parseFile(source);
    if (problems.length > 0)
      throw new Error(`${source.path} does not parse: ${problems.map(({ code }) => code).join(", ")}`);
    return { path: `stdlib.${name.slice(0, -".nos".length)}`, ast };
  });
}
