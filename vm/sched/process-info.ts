/**
 * What there is to know of a process, for `Process.info` and for the report of its end.
 *
 * Stays true: it is plain data, so it travels between schedulers as it is; messages are told as text, because a message is
 * its receiver's own. Names are not among it: scheduler 0 keeps them.
 */
import { placeOfFrame } from "../interp/trace.ts";
import { mailboxCount, mailboxFirst } from "../process/mailbox.ts";
import { type Process, State } from "../process/process.ts";
import { showBeginning } from "../values/show.ts";
import type { Value } from "../values/value.ts";
import { reachableBytes } from "./heap-guard.ts";
import type { Machine } from "./machine.ts";

export interface ProcessInfo {
  readonly status: string;
  readonly mailbox: number;
  readonly uptimeMs: number;
  /** pids */
  readonly links: readonly number[];
  readonly monitors: readonly number[];
  readonly monitoredBy: readonly number[];
  readonly trapsExits: boolean;
  /** the oldest SHOWN_MESSAGES */
  readonly messages: readonly string[];
  /** messages that its mailbox is limited to; 0: to no number */
  readonly limit: number;
  readonly dropped: number;
  /** up to the end of its last slice */
  readonly reductions: number;
  /** bytes, about */
  readonly memory: number;
  /** "" while it runs: it asks about itself */
  readonly at: string;
  /** names of those it holds */
  readonly mvars: readonly string[];
  /** what it waits for that is no message; "": nothing */
  readonly waitsFor: string;
  /** ms until its timer; -1: it has none */
  readonly timerMs: number;
}

/** What a process that has failed leaves behind. */
export interface Leavings {
  readonly names: readonly string[];
  readonly mailbox: number;
  /** the oldest */
  readonly messages: readonly string[];
}

const SHOWN_MESSAGES = 10;
const SHOWN_LEFT = 3;
/** units of a message's text */
const SHOWN_UNITS = 80;
/** objects that the estimate of its memory looks at: about a millisecond */
const STEPS_OF_ESTIMATE = 20_000;

const STATUS: Readonly<Record<State, string>> = {
  [State.Ready]: "ready",
  [State.Running]: "running",
  [State.Receiving]: "receiving",
  [State.Sleeping]: "sleeping",
  [State.Locking]: "waiting",
  [State.Initialising]: "waiting",
  [State.Native]: "waiting",
  [State.Exited]: "exited",
  [State.Idle]: "waiting",
  [State.Sending]: "sending",
};

export function infoOf(machine: Machine, process: Process): ProcessInfo {
  const { chance } = machine.options;
  const now = chance.monotonic();
  const { ties = null, bound = null, held = [], timer = null } = process.rare ?? {};
  const place = process.state === State.Running ? undefined : placeOfFrame(machine.program, process.frame);
  return {
    status: STATUS[process.state],
    mailbox: mailboxCount(process),
    uptimeMs: Math.max(0, Math.trunc(now) - process.startedMs),
    links: ascending(ties?.links ?? []),
    monitors: ascending(ties?.watched.values() ?? []),
    monitoredBy: ascending(ties?.watchers.values() ?? []),
    trapsExits: ties?.trapsExits ?? false,
    messages: mailboxFirst(process, SHOWN_MESSAGES).map(shown),
    limit: bound?.most ?? 0,
    dropped: bound?.dropped ?? 0,
    reductions: process.reductions,
    memory: reachableBytes(process, STEPS_OF_ESTIMATE),
    at:
      place === undefined ? "" : place.path === "" ? place.function : `${place.function} (${place.path}:${place.line})`,
    mvars: held.map(({ name }) => name),
    waitsFor: waitsFor(process),
    timerMs: timer === null ? -1 : Math.max(0, Math.ceil(timer.deadlineMs - now)),
  };
}

export function leavingsOf(machine: Machine, process: Process): Leavings {
  const mailbox = mailboxCount(process);
  const messages = mailboxFirst(process, SHOWN_LEFT).map(shown);
  return { names: machine.names.of(process.id), mailbox, messages };
}

function ascending(pids: Iterable<number>): number[] {
  return [...pids].sort((a, b) => a - b);
}

function waitsFor({ state, rare }: Process): string {
  if (state === State.Sending) return `room in the mailbox of <pid ${rare!.sendingTo}>`;
  const what = rare?.waitsFor ?? null;
  if (what === null) return "";
  return what.kind === "mvar" ? `the mvar ${what.name}` : `the value of ${what.name}`;
}

/** A message that somebody looks at in passing: not too long. */
function shown(message: Value): string {
  const text = showBeginning(message, SHOWN_UNITS);
  return text.length > SHOWN_UNITS ? `${text.slice(0, SHOWN_UNITS)}…` : text;
}
