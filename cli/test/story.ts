/**
 * The steps of a run that matter for how it ended.
 *
 * The trick: only what can have had an influence is told, the *causal past* of the end. A step comes after its process's
 * step before; a receive also after the send of that message, a process's first step after its spawn, its end after the
 * signal, a read of an mvar after the write before, a lock after the unlock. Of these steps those are left out that
 * concern nobody else in the story: messages that nobody in it receives, mvars that one process uses, locks that kept
 * nobody waiting.
 * Stays true: the order of the steps is that of the run.
 */
import type { Outcome, ProcessEvent } from "../../vm/index.ts";

export interface Step {
  /** its place in the run */
  readonly at: number;
  readonly pid: number;
  readonly event: Told;
}

/** A read and the write behind it are told as one. */
export type Told =
  | ProcessEvent
  | { readonly kind: "changed"; readonly mvar: string; readonly from: string; readonly value: string };

const HOST = 0;
const MAIN = 1;

/**
 * @param ends  the steps whose past is asked for, as places in `events`
 * @returns     the steps that matter, in the order of the run
 */
export function storyOf(events: readonly ProcessEvent[], ends: readonly number[]): Step[] {
  const causes = causesOf(events);
  const past = new Set(ends);
  for (const at of past) for (const cause of causes[at]!) past.add(cause); // a Set goes on with what is added
  const concerned = new Set<number>();
  for (const at of past) concerned.add(actorOf(events[at]!));
  for (const at of ends) concerned.add(actorOf(events[at]!));
  const steps = [...past].sort((a, b) => a - b).map((at) => ({ at, pid: actorOf(events[at]!), event: events[at]! }));
  const received = receivedSends(events, causes, past);
  const isLast = new Set(ends);
  const told = steps.filter(({ at, event }) => {
    switch (event.kind) {
      case "sent":
        // what waits in the mailbox of one who is stuck, or went to nobody, matters too
        return received.has(at) || (concerned.has(event.to) && isWaitingAtEnd(event.to));
      case "spawned":
        return concerned.has(event.pid) && event.by !== HOST;
      case "signal":
        return concerned.has(event.to);
      default:
        return true;
    }
  });
  return foldMvars(told, isLast);

  function isWaitingAtEnd(pid: number): boolean {
    return ends.some((at) => actorOf(events[at]!) === pid && events[at]!.kind !== "exited");
  }
}

/** Where a run went wrong: the ends of those that failed, and the last steps of those that wait for ever. */
export function endsOf(events: readonly ProcessEvent[], outcome: Outcome): number[] {
  const last = new Map<number, number>();
  const ends: number[] = [];
  events.forEach((event, at) => {
    last.set(actorOf(event), at);
    if (outcome.kind === "stuck" && event.kind === "exited" && isFailure(event.why)) ends.push(at);
  });
  if (outcome.kind === "stuck") for (const { pid } of outcome.waiting) ends.push(last.get(pid) ?? -1);
  else if (outcome.kind === "reduction-budget") ends.push(events.length - 1);
  else ends.push(last.get(MAIN) ?? -1);
  return ends.filter((at) => at >= 0);
}

/** Whether an ExitReason says that something unplanned has happened. */
export function isFailure(why: string): boolean {
  return why.startsWith("Error(");
}

/** The step that printed what should not have come, or not there; undefined: something is missing at the end. */
export function stepOfOutput(events: readonly ProcessEvent[], expected: string): number | undefined {
  let at = 0; // in `expected`
  const index = events.findIndex((event) => {
    if (event.kind !== "printed") return false;
    if (!expected.startsWith(event.text, at)) return true;
    at += event.text.length;
    return false;
  });
  return index === -1 ? undefined : index;
}

export function actorOf(event: ProcessEvent): number {
  switch (event.kind) {
    case "spawned":
      return event.by;
    case "sent":
    case "signal":
      return event.from;
    case "unregistered":
      return HOST;
    default:
      return event.pid;
  }
}

/** Of each step the steps right before it, in its own process and in others. */
function causesOf(events: readonly ProcessEvent[]): number[][] {
  const last = new Map<number, number>(); // of each process
  const mailboxes = new Map<number, { readonly text: string; readonly at: number }[]>();
  const signals = new Map<number, number>(); // the last to each process
  const writes = new Map<string, number>();
  const unlocks = new Map<string, number>();
  const held = new Map<string, number>(); // since which step
  return events.map((event, at) => {
    const actor = actorOf(event);
    const causes = [last.get(actor)];
    last.set(actor, at);
    switch (event.kind) {
      case "spawned":
        last.set(event.pid, at); // its first step comes after this
        break;
      case "sent":
        put(event.to, event.message ?? "", at);
        break;
      case "signal":
        if (event.sort === "down" || event.sort === "exit") put(event.to, "", at);
        signals.set(event.to, at);
        break;
      case "received":
        causes.push(take(event.pid, event.message ?? ""));
        break;
      case "exited":
        if (event.reason !== "normal") causes.push(signals.get(event.pid));
        for (const [mvar, since] of held)
          if (actorOf(events[since]!) === event.pid) {
            held.delete(mvar);
            unlocks.set(mvar, at);
          }
        break;
      case "locked":
        for (const mvar of event.mvars) {
          causes.push(unlocks.get(mvar));
          held.set(mvar, at);
        }
        break;
      case "unlocked":
        for (const mvar of event.mvars) {
          held.delete(mvar);
          unlocks.set(mvar, at);
        }
        break;
      case "blocked":
        causes.push(held.get(event.mvar));
        break;
      case "read":
        causes.push(writes.get(event.mvar));
        break;
      case "written":
        causes.push(writes.get(event.mvar));
        writes.set(event.mvar, at);
        break;
    }
    return causes.filter((cause) => cause !== undefined);
  });

  function put(to: number, text: string, at: number): void {
    const mailbox = mailboxes.get(to);
    if (mailbox === undefined) mailboxes.set(to, [{ text, at }]);
    else mailbox.push({ text, at });
  }

  /** Of equal messages the oldest is received; one that nobody has sent was made by a signal, which has no text here. */
  function take(pid: number, text: string): number | undefined {
    const mailbox = mailboxes.get(pid) ?? [];
    const same = mailbox.findIndex((each) => each.text === text);
    const index = same === -1 ? mailbox.findIndex((each) => each.text === "") : same;
    return index === -1 ? undefined : mailbox.splice(index, 1)[0]!.at;
  }
}

/** The sends whose receives are among these steps. */
function receivedSends(
  events: readonly ProcessEvent[],
  causes: readonly (readonly number[])[],
  past: ReadonlySet<number>,
): Set<number> {
  const sends = new Set<number>();
  for (const at of past) {
    if (events[at]!.kind !== "received") continue;
    for (const cause of causes[at]!) if (events[cause]!.kind === "sent") sends.add(cause);
  }
  return sends;
}

/** Leaves out what mvars and locks do to nobody, and tells a read with the write behind it as one. */
function foldMvars(steps: readonly Step[], ends: ReadonlySet<number>): Step[] {
  const users = new Map<string, Set<number>>();
  const awaited = new Set<string>();
  for (const { pid, event } of steps) {
    if (event.kind === "blocked") awaited.add(event.mvar);
    if (event.kind === "read" || event.kind === "written") {
      const known = users.get(event.mvar);
      if (known === undefined) users.set(event.mvar, new Set([pid]));
      else known.add(pid);
    }
  }
  const isShared = (mvar: string) => awaited.has(mvar) || (users.get(mvar)?.size ?? 0) > 1;
  const told: Step[] = [];
  for (const step of steps) {
    const { at, pid, event } = step;
    if (event.kind === "read" || event.kind === "written") {
      const { mvar, value } = event;
      const before = told.at(-1);
      const was =
        before?.event.kind === "read" && before.pid === pid && before.event.mvar === mvar ? before.event : null;
      if (event.kind === "written" && was !== null) {
        told.pop();
        told.push({ at, pid, event: { kind: "changed", mvar, from: was.value, value } });
      } else if (isShared(mvar) || ends.has(at)) told.push(step);
    } else if (event.kind === "locked" || event.kind === "unlocked") {
      const mvars = event.mvars.filter((mvar) => awaited.has(mvar));
      if (mvars.length > 0) told.push({ at, pid, event: { ...event, mvars } });
    } else told.push(step);
  }
  return told;
}
