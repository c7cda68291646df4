/**
 * What compiled code did: what was compiled, how long that took and how large it is, where and why it was left.
 *
 * The compiler tells a JitObserver; exits count themselves, since code may be left millions of times. JitTrace is the
 * observer behind `--trace-jit`: a line when something is compiled, and tables of all of it at the end.
 * Stays true: names are the program's own; nothing here changes what a run does.
 */
import type { LinkedFunction, Program } from "../interp/program.ts";
import { placeOf, placeOfFunction } from "../interp/trace.ts";
import { type Site, Why } from "./state.ts";

/** What somebody who watches the compiler is told. */
export interface JitObserver {
  start(program: Program): void;
  /** All places where compiled code can be left, with how often it was; more are added as more is compiled. */
  watch(sites: readonly Site[]): void;
  compiled(code: CompiledCode): void;
  /** it is not compiled, and will not be; `entryAt` as in CompiledCode */
  refused(fn: LinkedFunction, entryAt: number): void;
  /** an assumption made for this instruction was wrong too often: the code is made again without it */
  revised(fn: LinkedFunction, pc: number): void;
}

export interface CompiledCode {
  /** what got hot */
  readonly fn: LinkedFunction;
  /** word offset where the code is entered; -1: it is the function itself */
  readonly entryAt: number;
  /** all functions in this piece of code, `fn` first */
  readonly functions: readonly LinkedFunction[];
  /** generated JavaScript */
  readonly text: string;
  readonly ms: number;
}

/** Why a site is left, in the words of the table; frames inside a call only follow, and are not told. */
function reasonOf({ why, doubt }: Site): string | undefined {
  switch (why) {
    case Why.Propagates:
      return undefined;
    case Why.Preempted:
      return "its slice was over";
    case Why.Waits:
      return "it waits";
    case Why.Threw:
      return "an error";
    case Why.Killed:
      return "it was killed";
    case Why.Interprets:
      return doubt === -1 ? "an instruction for the interpreter" : "a value that was not expected";
  }
}

const MOST_LEFT_ROWS = 30;

export class JitTrace implements JitObserver {
  private readonly write: (text: string) => void;
  private program: Program | undefined = undefined;
  private readonly compiledCodes: CompiledCode[] = [];
  private sites: readonly Site[] = [];
  private refusals = 0;
  private revisions = 0;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  start(program: Program): void {
    this.program = program;
  }

  watch(sites: readonly Site[]): void {
    this.sites = sites;
  }

  compiled(code: CompiledCode): void {
    this.compiledCodes.push(code);
    const others = code.functions.length - 1;
    const more = others > 0 ? `, with ${others} more` : "";
    this.write(`jit: compiled ${this.entryOf(code)}${more}: ${milliseconds(code.ms)}, ${size(code.text.length)}\n`);
  }

  refused(fn: LinkedFunction, entryAt: number): void {
    this.refusals++;
    this.write(`jit: not compiled: ${this.entryOf({ fn, entryAt })}\n`);
  }

  revised(fn: LinkedFunction, pc: number): void {
    this.revisions++;
    this.write(`jit: again, without an assumption that failed: ${this.where(fn, pc)}\n`);
  }

  /** Writes the tables: what was compiled, the slowest first, and why code was left, the commonest first. */
  finish(): void {
    const codes = [...this.compiledCodes].sort((a, b) => b.ms - a.ms);
    const ms = codes.reduce((sum, code) => sum + code.ms, 0);
    const characters = codes.reduce((sum, code) => sum + code.text.length, 0);
    const refused = this.refusals === 0 ? "" : `; refused ${this.refusals}`;
    const revised = this.revisions === 0 ? "" : `; again, without an assumption, ${this.revisions}`;
    this.write(
      `\njit: compiled ${count(codes.length, "piece")} in ${milliseconds(ms)}, ${size(characters)}${refused}${revised}\n`,
    );
    if (codes.length > 0) {
      const rows = codes.map((code) => [
        milliseconds(code.ms),
        size(code.text.length),
        `${code.functions.length}`,
        this.entryOf(code),
      ]);
      this.write(table(["time", "size", "functions", "code"], rows));
    }
    const exits = this.exits();
    const total = exits.reduce((sum, exit) => sum + exit.count, 0);
    this.write(`\njit: left compiled code ${count(total, "time")}\n`);
    if (exits.length === 0) return;
    const shown = exits.slice(0, MOST_LEFT_ROWS);
    this.write(
      table(
        ["times", "why", "where"],
        shown.map(({ count: times, reason, fn, pc }) => [`${times}`, reason, this.where(fn, pc)]),
      ),
    );
    if (shown.length < exits.length) this.write(`  and ${count(exits.length - shown.length, "place")} more\n`);
  }

  /** The sites that were left, those of one place and reason as one, the commonest first. */
  private exits(): Exit[] {
    const exits = new Map<string, Exit>();
    for (const site of this.sites) {
      const reason = reasonOf(site);
      if (reason === undefined || site.hits === 0) continue;
      const { fn, pc, hits } = site;
      const key = `${fn.index} ${pc} ${reason}`;
      const exit = exits.get(key);
      if (exit === undefined) exits.set(key, { fn, pc, reason, count: hits });
      else exit.count += hits;
    }
    return [...exits.values()].sort((a, b) => b.count - a.count);
  }

  private entryOf({ fn, entryAt }: Pick<CompiledCode, "fn" | "entryAt">): string {
    return entryAt === -1 ? this.where(fn, 0) : `${this.where(fn, entryAt)}, entered here`;
  }

  private where(fn: LinkedFunction, pc: number): string {
    const place = placeOf(this.program!, fn, pc);
    const { path, line } = place.path === "" ? placeOfFunction(this.program!, fn) : place;
    return path === "" ? fn.name : `${fn.name} (${path}:${line})`;
  }
}

interface Exit {
  readonly fn: LinkedFunction;
  readonly pc: number;
  readonly reason: string;
  count: number;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

function size(characters: number): string {
  return `${(characters / 1000).toFixed(1)} KB`;
}

/** Columns under their headings; numbers stand to the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const isNumber = heads.map((_, i) => rows.every((row) => /^[\d.]/.test(row[i]!)));
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd()}\n`;
  return [heads, ...rows].map(line).join("");
}
