/**
 * Tells an observer of the language's processes what they say to each other: `--trace-procs`.
 *
 * The trick: where nobody observes, nothing asks whether somebody does. Where somebody does, the machine's own methods are
 * replaced, on this one machine, by ones that tell and then do the same. With several schedulers each tells what happens
 * on it, at once, so what is told is in an order in which it can have happened; locks are told with one only.
 * Stays true: what is told comes before its consequences; a message that a signal makes (Exit, Down) is told as the signal;
 * one that waits for room in a full mailbox is told when it is sent.
 */
import type { ProcessEvent } from "../interp/engine.ts";
import type { MvarState } from "../mvar/mvar.ts";
import { mailboxNext } from "../process/mailbox.ts";
import type { Process } from "../process/process.ts";
import { showBeginning } from "../values/show.ts";
import type { Value } from "../values/value.ts";
import type { Machine } from "./machine.ts";

const SHOWN_UNITS = 200;

export function traceProcesses(machine: Machine, tell: (event: ProcessEvent) => void): void {
  const { signals, names, context, cluster } = machine;
  const deliver = machine.deliver.bind(machine);
  const signal = signals.receive.bind(signals);
  const register = machine.nameProcess.bind(machine);
  const unregister = names.unregister.bind(names);
  const sent = (from: number, to: number, message: Value): void =>
    tell({ kind: "sent", from, to, message: shown(message) });
  // without a sender it comes from another scheduler, where it was told
  machine.deliver = (pid, message, holdsMutables, sender = null) => {
    if (sender !== null) sent(sender.id, pid, message);
    return deliver(pid, message, holdsMutables, sender);
  };
  const sendAnswer = context.sendAnswer.bind(context);
  context.sendAnswer = (pid, ref, message, holdsMutables) => {
    sent(context.pid, pid, message);
    sendAnswer(pid, ref, message, holdsMutables);
  };
  if (cluster !== undefined) {
    const send = cluster.send.bind(cluster);
    cluster.send = (pid, message, sender) => {
      sent(sender.id, pid, message);
      return send(pid, message, sender);
    };
  }
  signals.receive = (to, what) => {
    if (what.kind === "room" || what.kind === "withdraw") {
      signal(to, what); // of a message that was told
      return;
    }
    // who takes a monitor back is known by it, unless the process that it watches has ended
    const from =
      "from" in what ? what.from : (machine.pidTable.get(to)?.rare?.ties?.watchers.get(what.ref) ?? context.pid);
    const reason = "reason" in what ? shown(what.reason) : undefined;
    tell({ kind: "signal", sort: what.kind, from, to, ...(reason !== undefined && { reason }) });
    signal(to, what);
  };
  machine.nameProcess = (name, pid) => {
    const answer = register(name, pid);
    if (answer === "done") tell({ kind: "registered", pid, name });
    return answer;
  };
  names.unregister = (name) => {
    const had = unregister(name);
    if (had) tell({ kind: "unregistered", name });
    return had;
  };
  const writeOut = context.writeOut.bind(machine.context);
  context.writeOut = (text) => {
    tell({ kind: "printed", pid: context.pid, text });
    writeOut(text);
  };
  if (cluster === undefined) traceLocks(machine, tell);
}

/** A process that holds an mvar more than once tells it once. */
function traceLocks({ locks }: Machine, tell: (event: ProcessEvent) => void): void {
  const lock = locks.lock.bind(locks);
  const unlock = locks.unlock.bind(locks);
  const releaseAll = locks.releaseAll.bind(locks);
  /** whose present owner was told */
  const told = new Set<MvarState>();
  const change = (kind: "locked" | "unlocked", pid: number, mvars: readonly MvarState[]): void => {
    for (const mvar of mvars) kind === "locked" ? told.add(mvar) : told.delete(mvar);
    if (mvars.length > 0) tell({ kind, pid, mvars: mvars.map(nameOf) });
  };
  locks.lock = (process, set) => {
    const isOwn = (mvar: MvarState) => mvar.owner === process;
    const had = set.filter(isOwn);
    const result = lock(process, set);
    const { id: pid } = process;
    change("locked", pid, set.filter((mvar) => isOwn(mvar) && !told.has(mvar))); // biome-ignore format: short
    if (result === "locked") return result;
    const { name } = result === "waits" ? process.rare!.waitsFor! : result.cycle[0]!;
    const wanted = set.find((mvar) => mvar.name === name && mvar.owner !== null && !isOwn(mvar));
    if (wanted !== undefined) tell({ kind: "blocked", pid, mvar: nameOf(wanted), heldBy: wanted.owner!.id });
    // who would wait for ever gives back what it had of the set
    if (result !== "waits") change("unlocked", pid, had.filter((mvar) => !isOwn(mvar))); // biome-ignore format: short
    return result;
  };
  locks.unlock = (process, set) => {
    change("unlocked", process.id, set.filter(({ owner, depth }) => owner === process && depth === 1)); // biome-ignore format: short
    return unlock(process, set);
  };
  locks.releaseAll = (process) => {
    for (const mvar of process.rare?.held ?? []) told.delete(mvar);
    releaseAll(process);
  };
}

function nameOf({ module, name }: MvarState): string {
  return module === "" ? name : `${module}.${name}`;
}

/** The process has read an mvar, or given it a value. */
export function tellMvar(
  kind: "read" | "written",
  process: Process,
  mvar: MvarState,
  tell: (event: ProcessEvent) => void,
): void {
  tell({ kind, pid: process.id, mvar: nameOf(mvar), value: shown(mvar.value!) });
}

/** The process takes the message at which its scan stands. */
export function tellReceived(process: Process, tell: (event: ProcessEvent) => void): void {
  const message = mailboxNext(process);
  if (message !== undefined) tell({ kind: "received", pid: process.id, message: shown(message) });
}

/** A message in a trace: not too long. */
function shown(message: Value): string {
  const text = showBeginning(message, SHOWN_UNITS);
  return text.length > SHOWN_UNITS ? `${text.slice(0, SHOWN_UNITS)}…` : text;
}
