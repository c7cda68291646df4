/**
 * Compiled programs that are kept, so that the second run of a program does no front-end work.
 *
 * The trick: an entry's name is the hash of all that went into it (the sources with their paths, the compiler, the
 * standard library), so an entry is never out of date, only unused; the oldest go when there are too many.
 * Stays true: the cache is never needed and never wrong. What cannot be read, verified or written counts as not there,
 * and nothing is said about it. Entries appear whole or not at all, also when two runs write the same one.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { readUnit, writeUnit } from "../vm/bytecode/ttb/index.ts";
import type { Unit } from "../vm/bytecode/unit.ts";
import { BUILD_ID } from "./build-id.ts";
import type { Project } from "./project.ts";
import { sha256 } from "./sha256.ts";

const MOST_ENTRIES = 500;
const ENTRY = /^[0-9a-f]{64}\.ttb$/;

/** The place of one program in the cache. */
export interface CacheEntry {
  /** The program, if it is there and whole; it still has to be verified. */
  read(): Unit | undefined;
  write(unit: Unit): void;
  /** Throws the entry away: it turned out to be damaged. */
  drop(): void;
}

/** @returns undefined when nothing is to be cached: `NOSTOS_CACHE=off`, or the project could not be loaded whole */
export function cacheEntryOf(project: Project, buildId = BUILD_ID): CacheEntry | undefined {
  const directory = cacheDirectory(process.env);
  if (buildId === "" || directory === undefined || project.problems.length > 0) return undefined;
  const path = join(directory, `${keyOf(project, buildId)}.ttb`);
  return {
    read: () => readEntry(path),
    write: (unit) => writeEntry(directory, path, unit),
    drop: () => dropEntry(path),
  };
}

/** `NOSTOS_CACHE`, else `nostos` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { NOSTOS_CACHE: own, XDG_CACHE_HOME: shared } = environment;
  if (own === "off") return undefined;
  if (own !== undefined && own !== "") return resolve(own);
  // the XDG rules: a relative path is as good as none
  if (shared !== undefined && isAbsolute(shared)) return join(shared, "nostos");
  const home = homedir();
  return isAbsolute(home) ? join(home, ".cache", "nostos") : undefined;
}

/** Lengths keep apart what stands beside each other. */
function keyOf(project: Project, buildId: string): string {
  const parts = [buildId];
  for (const { module, source } of project.files) {
    for (const text of [module, source.path, source.text]) parts.push(`\n${text.length} `, text);
  }
  return sha256(Buffer.from(parts.join("")));
}

function readEntry(path: string): Unit | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const read = readUnit(bytes);
  return "unit" in read ? read.unit : undefined;
}

function dropEntry(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // it is written anew, if that is possible
  }
}

function writeEntry(directory: string, path: string, unit: Unit): void {
  const temporary = `${path}.${process.pid}.${Date.now()}.new`;
  try {
    mkdirSync(directory, { recursive: true });
    prune(directory);
    writeFileSync(temporary, writeUnit(unit).bytes);
    renameSync(temporary, path);
  } catch {
    dropEntry(temporary); // read-only, full, no directory: the program runs all the same
  }
}

/** Makes room by dropping the oldest half, so that it is seldom done. */
function prune(directory: string): void {
  const names = readdirSync(directory).filter((name) => ENTRY.test(name));
  if (names.length < MOST_ENTRIES) return;
  const aged = names
    .map((name) => ({ path: join(directory, name), writtenMs: statSync(join(directory, name)).mtimeMs }))
    .sort((a, b) => a.writtenMs - b.writtenMs);
  for (const { path } of aged.slice(0, MOST_ENTRIES / 2)) rmSync(path, { force: true });
}
