/**
 * The words of `nostos test`: what was wrong with a run, and the steps that led there.
 */
import { stripVTControlCharacters, styleText } from "node:util";
import type { ProcessEvent } from "../../vm/index.ts";
import { wantsColour } from "../terminal.ts";
import type { TestCase } from "./cases.ts";
import { differences } from "./differences.ts";
import { alike, type Explanation } from "./explore.ts";
import { errorText, type Ran } from "./run-once.ts";
import { actorOf, endsOf, isFailure, type Step, stepOfOutput, storyOf, type Told } from "./story.ts";
import type { Problem } from "./verdict.ts";

export interface Painter {
  readonly colour: boolean;
  passed(text: string): string;
  failed(text: string): string;
  strong(text: string): string;
  dim(text: string): string;
}

export function painter(): Painter {
  const colour = wantsColour(process.stdout.isTTY === true);
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return { colour, passed: style("green"), failed: style("red"), strong: style("bold"), dim: style("gray") };
}

/** Lines of output that are shown of a run that failed. */
const SHOWN_LINES = 20;
/** Of the steps, so many are shown before those in which a run that passes is different, behind, and at the end. */
const SHOWN_BEFORE = 16;
const SHOWN_BEHIND = 32;
const SHOWN_LAST = 12;

/** What was wrong, with what the run had to say. */
export function describeProblem(problem: Problem, ran: Ran, paint: Painter): string {
  const told = errorText(ran.told, { colour: paint.colour, width: process.stdout.columns ?? 120 });
  switch (problem.kind) {
    case "failed":
      return `${printedBefore(ran.out, paint)}${indented(told)}`;
    case "not-failed":
      return indented("main should fail, `[exit 1]`, and did not\n");
    case "out":
      return `${indented("it prints something else than it should:\n")}${changes(problem, paint)}${told === "" ? "" : `\n${indented(told)}`}`;
    case "err":
      return `${indented("it says something else on stderr than it should:\n")}${changes(problem, paint)}`;
  }
}

function printedBefore(out: string, paint: Painter): string {
  if (out === "") return "";
  const lines = lastLines(out, SHOWN_LINES).map((line) => `  ${paint.dim("│")} ${line}\n`);
  return `${indented("it printed:\n")}${lines.join("")}`;
}

function changes({ expected, seen }: { readonly expected: string; readonly seen: string }, paint: Painter): string {
  const marks = {
    same: (line: string) => `    ${line}`,
    less: (line: string) => paint.passed(`  - ${line}`),
    more: (line: string) => paint.failed(`  + ${line}`),
  };
  const lines = differences(expected, seen, SHOWN_LINES).map(({ kind, line }) =>
    kind === "gap" ? paint.dim(`    … ${line}`) : marks[kind](printable(line)),
  );
  return `${lines.join("\n")}\n${paint.dim("    (- expected, + printed)")}\n`;
}

/** The steps that matter of a run that fails, and where one that passes goes another way. */
export function describeSteps({ failing, passing }: Explanation, { isUnordered }: TestCase, paint: Painter): string {
  const { events, ran, problem } = failing;
  const wrong = problem.kind === "out" && !isUnordered ? stepOfOutput(events, problem.expected) : undefined;
  const steps = storyOf(events, wrong === undefined ? endsOf(events, ran.outcome) : [wrong]);
  const names = namesOf(events);
  const who = (pid: number) => names.get(pid) ?? `<pid ${pid}>`;
  const parting = passing === undefined ? undefined : alike(failing, passing);
  const other = parting === undefined ? undefined : passing!.events[parting];
  const isParting = (at: number) => parting !== undefined && at >= parting;
  const parts = steps.findIndex(({ at }) => isParting(at));
  const middle = parts === -1 ? Math.max(0, steps.length - SHOWN_LAST) : parts;
  const shown = steps.map(
    (_, i) => (i >= middle - SHOWN_BEFORE && i < middle + SHOWN_BEHIND) || i >= steps.length - SHOWN_LAST,
  );
  const width = steps.reduce((most, { pid }, i) => (shown[i] ? Math.max(most, who(pid).length) : most), 0);
  const lineOf = ({ pid, event }: Step) =>
    `    ${paint.strong(who(pid).padEnd(width))}  ${printable(wordsOf(event, who))}\n`;
  let text = `  the steps that matter, ${steps.length} of ${events.length}, in the plainest order found that ends like this:\n\n`;
  let left = 0;
  steps.forEach((step, i) => {
    if (!shown[i]) {
      left++;
      return;
    }
    if (left > 0) text += paint.dim(`    … ${left} more\n`);
    left = 0;
    if (i === parts) {
      const instead =
        other === undefined ? "nothing more happens" : `${who(actorOf(other))} ${printable(wordsOf(other, who))}`;
      text += paint.dim(`    ── so far like a run that passes; there comes next: ${instead}\n`);
    }
    text += lineOf(step);
  });
  if (passing === undefined) text += paint.dim("    no order that was tried passes\n");
  return text;
}

/** `worker <pid 2>`, after the function that it began with. */
function namesOf(events: readonly ProcessEvent[]): Map<number, string> {
  const names = new Map([[0, "the host"]]);
  for (const event of events) {
    if (event.kind !== "spawned") continue;
    const isNamed = event.by !== 0 && !/[ <]/.test(event.function);
    names.set(
      event.pid,
      event.by === 0 ? `main <pid ${event.pid}>` : `${isNamed ? `${event.function} ` : ""}<pid ${event.pid}>`,
    );
  }
  return names;
}

function wordsOf(event: Told, who: (pid: number) => string): string {
  switch (event.kind) {
    case "spawned":
      return `spawns ${who(event.pid)}`;
    case "exited":
      if (event.reason === "normal") return "ends";
      return isFailure(event.why) ? `fails: ${reasonOf(event.why)}` : `ends: ${event.why}`;
    case "sent":
      return `sends ${who(event.to)} ${event.message ?? "a message"}`;
    case "received":
      return `receives ${event.message ?? "a message"}`;
    case "signal":
      if (event.sort === "down") return `tells ${who(event.to)} that it has ended: ${reasonOf(event.reason ?? "")}`;
      if (event.sort === "exit") return `sends ${who(event.to)} an exit signal: ${reasonOf(event.reason ?? "")}`;
      return `${event.sort}s ${who(event.to)}`;
    case "registered":
      return `is registered as ${JSON.stringify(event.name)}`;
    case "unregistered":
      return `unregisters ${JSON.stringify(event.name)}`;
    case "timed-out":
      return "has waited long enough";
    case "printed":
      return `prints ${JSON.stringify(event.text.replace(/\n$/, ""))}`;
    case "locked":
      return `locks ${event.mvars.join(", ")}`;
    case "unlocked":
      return `unlocks ${event.mvars.join(", ")}`;
    case "blocked":
      return `waits for ${event.mvar}, which ${who(event.heldBy)} holds`;
    case "read":
      return `reads ${event.mvar}: ${event.value}`;
    case "written":
      return `sets ${event.mvar} to ${event.value}`;
    case "changed":
      return `changes ${event.mvar} from ${event.from} to ${event.value}`;
    case "step":
      return event.instruction;
  }
}

/** What an ExitReason holds, without the quotes that it has inside one. */
function reasonOf(why: string): string {
  const text = /^Error\((".*")\)$/s.exec(why)?.[1];
  try {
    return text === undefined ? why : String(JSON.parse(text));
  } catch {
    return why; // it was too long, or has escapes of ours
  }
}

function lastLines(text: string, most: number): string[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const shown = lines.slice(-most).map(printable);
  return shown.length < lines.length ? [`… ${lines.length - shown.length} lines before`, ...shown] : shown;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

/** Nothing that a program prints moves the cursor. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, "�");
}
