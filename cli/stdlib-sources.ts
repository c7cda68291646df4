/** The standard library's sources from disk, for tests and tools; the bundle has this file replaced by the texts. */
import { readdirSync, readFileSync } from "node:fs";

const directory = new URL("../stdlib/", import.meta.url);
let sources: ReadonlyMap<string, string> | undefined;

/** Text by file name, `list.nos`. */
export function stdlibSources(): ReadonlyMap<string, string> {
  sources ??= new Map(
    readdirSync(directory)
      .filter((name) => name.endsWith(".nos"))
      .sort()
      .map((name) => [name, readFileSync(new URL(name, directory), "utf8")]),
  );
  return sources;
}
