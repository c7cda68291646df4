/**
 * Tells an observer of the language's processes what they say to each other: `--trace-procs`.
 *
 * The trick: where nobody observes, nothing asks whether somebody does. Where somebody does, the machine's own methods are
 * replaced, on this one machine, by ones that tell and then do the same.
 * Stays true: what is told comes before its consequences; a message that a signal makes (Exit, Down) is told as the signal;
 * one that waits for room in a full mailbox is told when it is sent.
 */
import type { ProcessEvent } from "../interp/engine.ts";
import { mailboxNext } from "../process/mailbox.ts";
import type { Process } from "../process/process.ts";
import { showBeginning } from "../values/show.ts";
import type { Value } from "../values/value.ts";
import type { Machine } from "./machine.ts";

const SHOWN_UNITS = 200;

export function traceProcesses(machine: Machine, tell: (event: ProcessEvent) => void): void {
  const { signals, names } = machine;
  const deliver = machine.deliver.bind(machine);
  const signal = signals.receive.bind(signals);
  const register = machine.nameProcess.bind(machine);
  const unregister = names.unregister.bind(names);
  machine.deliver = (pid, message, holdsMutables, sender) => {
    tell({ kind: "sent", from: machine.context.pid, to: pid, message: shown(message) });
    return deliver(pid, message, holdsMutables, sender);
  };
  signals.receive = (to, what) => {
    if (what.kind === "room" || what.kind === "withdraw") {
      signal(to, what); // of a message that was told
      return;
    }
    const from = "from" in what ? what.from : machine.context.pid;
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
