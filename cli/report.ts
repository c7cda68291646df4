/**
 * Words what happened to a run: how main ended, which process crashed, who waits for what.
 *
 * The trick: the machine says places as path, line and column; the sources that were compiled turn them back into spans,
 * so a run-time error looks like any other diagnostic.
 * Stays true: the headline holds the public wording first (`Runtime error: …`), then names the process; a JavaScript stack
 * is shown to nobody unless NOSTOS_DEBUG=1.
 */
import type { Diagnostic, Label } from "../compiler/diagnostics/diagnostic.ts";
import { lineStartOf, type SourceFile } from "../grammar/source.ts";
import type { ExitReport, MailboxWarning, Outcome, TraceEntry, WaitingProcess } from "../vm/index.ts";
import { isPair } from "../vm/values/data.ts";
import type { Data, Value } from "../vm/values/value.ts";
import { STDLIB_PATH } from "./stdlib-path.ts";

/** What the words need to know of the run. */
export interface RunFacts {
  /** all sources that were compiled, the standard library's too */
  readonly sources: readonly SourceFile[];
  readonly maxReductions?: number | undefined;
}

const MAIN = 1; // its pid
/** What the compiler calls the function of `spawn { … }`. */
const SPAWNED_BLOCK = "spawned block";
/** How the note begins that says what was in the mailbox of a process which has failed. */
export const LEFT_IN_MAILBOX = "In its mailbox";
const MOST_WAITING = 20; // processes that a deadlock lists

/** What to say of a run's end; undefined when there is nothing to say. */
export function explainOutcome(outcome: Outcome, facts: RunFacts): Diagnostic | undefined {
  switch (outcome.kind) {
    case "returned":
    case "exit":
    case "broken-pipe":
      return undefined;
    case "failed":
      return explainExit(outcome.report, facts);
    case "stuck":
      return explainStuck(outcome.waiting, outcome.total, facts);
    case "reduction-budget":
      return {
        severity: "error",
        code: "reduction-budget",
        message: `the program was stopped: it has used up its budget of ${facts.maxReductions ?? "all its"} reduction${facts.maxReductions === 1 ? "" : "s"}`,
        ...primaryAt(outcome.place, "it was here", facts),
        hint: "`--max-reductions N` sets the budget",
      };
    case "output-failed":
      return {
        severity: "error",
        code: "output-failed",
        message: `cannot write to standard output: ${outcome.message}`,
      };
    case "scheduler-lost":
      if (!outcome.isOutOfMemory) return internal(`scheduler ${outcome.scheduler} is gone: ${outcome.message}`);
      return {
        severity: "error",
        code: "out-of-memory",
        message: `Runtime error: out of memory (scheduler ${outcome.scheduler})`,
        hint: "`--max-heap SIZE` makes a process that grows too large die alone; NODE_OPTIONS=--max-old-space-size=MB gives more",
      };
    case "interrupted": {
      const { place, inside } = usersPlace(outcome.trace, [], facts);
      const label = inside === undefined ? "main was here" : `main was here, in \`${inside}\``;
      return { severity: "error", code: "interrupted", message: "interrupted", ...primaryAt(place, label, facts) };
    }
    case "load-problem": {
      const { code, functionName, at, detail } = outcome.problem;
      return internal(
        `the compiler made bytecode that cannot run: ${detail} (${code}, function \`${functionName}\`, word ${at})`,
      );
    }
    case "internal":
      return {
        ...internal(`${outcome.message}${outcome.opcode === "" ? "" : ` (at ${outcome.opcode})`}`),
        ...primaryAt(outcome.place, "while it ran this", facts),
      };
  }
}

/** What to say of a process that an error ended: main, or another one while the program goes on. */
export function explainExit(report: ExitReport, facts: RunFacts): Diagnostic {
  const { pid, trace } = report;
  const started = trace.findLast((entry) => entry.function !== SPAWNED_BLOCK && !isLibrarys(entry))?.function;
  const function_ = pid === MAIN ? "main" : report.omitted === undefined ? started : undefined;
  const process = [function_, `<pid ${pid}>`, ...(report.left?.names ?? []).map((name) => JSON.stringify(name))]
    .filter((part) => part !== undefined)
    .join(", ");
  const { place = report.place, inside } = usersPlace(trace, report.tailCalls, facts);
  const label = inside === undefined ? "" : `while it called \`${inside}\``;
  // the block in which a supervisor or a task of the library calls what the user gave it says nothing
  const calls = report.tailCalls.filter((entry) => entry.function !== SPAWNED_BLOCK || !isLibrarys(entry));
  const notes = [...stackTrace(report), ...tailCalls(calls), ...mailboxLeft(report.left)];
  const isOutOfMemory = report.cause === "out-of-memory";
  const kind = kindOf(report.value);
  const hint = isOutOfMemory
    ? "`--max-heap SIZE` sets how much memory all processes together may take"
    : HINTS.get(kind);
  return {
    severity: "error",
    code: isOutOfMemory ? "out-of-memory" : pid === MAIN ? "uncaught-error" : "process-crash",
    message: `Runtime error: ${wordsOf(report)} (process ${process})`,
    ...primaryAt(place, label, facts),
    ...(hint !== undefined && { hint }),
    ...(notes.length > 0 && { notes }),
  };
}

/** What to say of a mailbox that grows and grows. */
export function explainMailbox({ pid, names, mailbox, place }: MailboxWarning, facts: RunFacts): Diagnostic {
  const named = names.length === 0 ? "" : `, ${names.map((name) => `"${name}"`).join(", ")}`;
  const process = pid === MAIN ? `main, <pid 1>${named}` : `<pid ${pid}>${named}`;
  return {
    severity: "warning",
    code: "mailbox",
    message: `${mailbox} messages wait in one mailbox (process ${process})`,
    ...primaryAt(place, "it is here", facts),
    hint: "`Process.limitMailbox(n, Block)` holds senders up; `--mailbox-warning N` says when to warn, 0 never",
  };
}

/** Our own bug, told as such. */
export function internalError(error: unknown): Diagnostic {
  const text = error instanceof Error ? error.message : String(error);
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof RangeError && /call stack/i.test(text))
    return internal("a part of the compiler went too deep into the program", error);
  return internal(code === undefined ? text : `${text} (${code})`, error);
}

function internal(text: string, error?: unknown): Diagnostic {
  const stack = process.env.NOSTOS_DEBUG === "1" && error instanceof Error ? error.stack : undefined;
  return {
    severity: "error",
    code: "internal",
    message: `internal error: ${text}`,
    notes: [
      "This is a mistake in Nostos, not in the program. Please report it with the program.",
      ...(stack === undefined ? [] : [stack]),
    ],
  };
}

const HINTS: ReadonlyMap<string | undefined, string> = new Map([
  ["StackOverflow", "a call in tail position takes no frame; `--max-stack-frames N` sets how many a process may have"],
]);

/** The kind of an error that the machine raised: `(kind, message)`. */
function kindOf(value: Value | undefined): string | undefined {
  if (!isPair(value)) return undefined;
  const { a: kind, b: message } = value;
  return typeof kind === "string" && typeof message === "string" ? kind : undefined;
}

/** What has ended it; the public wording of an uncaught error. */
function wordsOf(report: ExitReport): string {
  switch (report.cause) {
    case "out-of-memory":
      return "out of memory";
    case "overflow":
      return report.shown;
    case "killed":
      return "killed";
    case "exit":
      return `exited: ${report.shown}`;
    case "signal":
      return `ended by an exit signal from <pid ${report.from}>: ${report.shown}`;
    case "exception":
      return wordsOfException(report);
  }
}

function wordsOfException(report: ExitReport): string {
  const kind = kindOf(report.value);
  if (kind === undefined) return `Panic: Uncaught exception: ${report.shown}`;
  const message = (report.value as Data).b as string;
  return kind === "Panic" ? `Panic: ${message}` : `Uncaught exception: (${kind}, ${message})`;
}

/** The frames, innermost first; a run of the same place is shown once and counted. */
function stackTrace({ trace, omitted }: ExitReport): string[] {
  if (trace.length === 0) return [];
  const lines = ["Stack trace:"];
  const total = trace.length + (omitted?.frames ?? 0);
  const width = String(total).length + 2;
  const gap = (text: string) => lines.push(`${" ".repeat(width + 2)}… ${text} …`);
  const line = (entry: TraceEntry) => `${entry.function}${placeText(entry)}`;
  let number = 1;
  for (let index = 0; index < trace.length; ) {
    if (index === omitted?.after) {
      gap(`${omitted.frames} more`);
      number += omitted.frames;
    }
    const text = line(trace[index] as TraceEntry);
    let end = index + 1;
    while (end < trace.length && end !== omitted?.after && line(trace[end] as TraceEntry) === text) end++;
    lines.push(`${String(number).padStart(width)}. ${text}`);
    if (end - index > 1) gap(`${end - index - 1} more of the same`);
    number += end - index;
    index = end;
  }
  return lines;
}

/** What was not received any more: often the reason. */
function mailboxLeft(left: ExitReport["left"]): string[] {
  if (left === undefined || left.mailbox === 0) return [];
  const { mailbox, messages } = left;
  const more = mailbox > messages.length ? `  … and ${mailbox - messages.length} more` : undefined;
  return [
    mailbox === 1 ? `${LEFT_IN_MAILBOX}:` : `${LEFT_IN_MAILBOX}, ${mailbox} messages, the oldest first:`,
    ...messages.map((message) => `  ${message}`),
    ...(more === undefined ? [] : [more]),
  ];
}

function tailCalls(calls: readonly TraceEntry[]): string[] {
  if (calls.length === 0) return [];
  return [
    "Last tail calls, oldest first (they leave no frame):",
    ...calls.map((entry) => `      from ${entry.function}${placeText(entry)}`),
  ];
}

function placeText({ path, line }: TraceEntry): string {
  return path === "" ? "" : ` (${path}:${line})`;
}

function explainStuck(waiting: readonly WaitingProcess[], total: number, facts: RunFacts): Diagnostic {
  const main = waiting.find(({ pid }) => pid === MAIN);
  const notes = waiting.slice(0, MOST_WAITING).map((process) => {
    const { pid, place, waitsFor } = process;
    const at = place === undefined ? "" : ` in ${place.function}${placeText(place)}`;
    return `<pid ${pid}>${pid === MAIN ? " (main)" : ""} waits for ${waitText(waitsFor)}${at}`;
  });
  if (total > notes.length) notes.push(`and ${total - notes.length} more`);
  return {
    severity: "error",
    code: "deadlock",
    message: `deadlock: ${total === 1 ? "the only process waits" : `all ${total} processes wait`} for what can never come`,
    ...primaryAt(main?.place, "main waits here", facts),
    notes,
  };
}

function waitText(waitsFor: WaitingProcess["waitsFor"]): string {
  switch (waitsFor.kind) {
    case "message": {
      const { mailbox } = waitsFor;
      if (mailbox === 0) return "a message";
      return `a message (${mailbox === 1 ? "the one in its mailbox fits" : `none of the ${mailbox} in its mailbox fits`}${mailbox === 1 ? " no arm" : ""})`;
    }
    case "room":
      return `room in the mailbox of <pid ${waitsFor.of}>`;
    case "mvar":
      return `the mvar ${waitsFor.name}, which <pid ${waitsFor.heldBy}> holds`;
    case "global":
      return `the value of ${waitsFor.name}, which <pid ${waitsFor.computedBy}> is computing`;
  }
}

/** The innermost place in the user's own sources, and the library's function that was called there, if one was. */
function usersPlace(
  trace: readonly TraceEntry[],
  tailCalls: readonly TraceEntry[],
  facts: RunFacts,
): { readonly place: TraceEntry | undefined; readonly inside: string | undefined } {
  const innermost = trace.findIndex((entry) => isUsers(entry, facts));
  const newest = tailCalls.at(-1);
  // a library's function, called last of all, has taken the place of the user's
  if (innermost === -1 && newest !== undefined && isUsers(newest, facts))
    return { place: newest, inside: trace.at(-1)?.function };
  return { place: trace[innermost] ?? trace[0], inside: innermost > 0 ? trace[innermost - 1]?.function : undefined };
}

function isUsers(entry: TraceEntry, facts: RunFacts): boolean {
  return !isLibrarys(entry) && facts.sources.some(({ path }) => path === entry.path);
}

function isLibrarys(entry: TraceEntry): boolean {
  return entry.path.startsWith(STDLIB_PATH);
}

/** `primary` for a place of the machine, or nothing when its source is not known. */
function primaryAt(place: TraceEntry | undefined, text: string, facts: RunFacts): { primary?: Label } {
  if (place === undefined) return {};
  const source = facts.sources.find(({ path }) => path === place.path);
  if (source === undefined) return {};
  const start = lineStartOf(source, place.line) + place.column - 1;
  const word = /\w+|[^\s\w]+|/y;
  word.lastIndex = start;
  return { primary: { span: { source, start, end: start + (word.exec(source.text)?.[0].length ?? 0) }, text } };
}
