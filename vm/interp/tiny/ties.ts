/**
 * Links, monitors and supervisors in TinyTotVM's terms: what the instructions answer, and the texts that RECEIVE gives for
 * the end of another process.
 *
 * The signals are the machine's (process/signals.ts). TinyTotVM knows a monitor by the text `mon_SELF_TARGET`, so a process
 * has one monitor of another at most, and a supervisor watches its children with the same.
 *
 * V1  `monitors` has a pid from MONITOR until DEMONITOR, or until RECEIVE has given the Down.
 * V2  A child is restarted where its Down arrives, whatever its supervisor does meanwhile, and before the supervisor can
 *     receive the Down. It is never started a second time while it runs.
 * V3  A child starts at most MOST_RESTARTS times anew in any WINDOW_MS.
 */
import type { Process } from "../../process/process.ts";
import { tiesOf } from "../../process/signals.ts";
import type { Machine } from "../../sched/machine.ts";
import { fieldAt } from "../../values/data.ts";
import { DOWN, EXIT, FAILED, KILLED, NO_PROCESS, NORMAL, SHUTDOWN } from "../../values/data-types.ts";
import { type Closure, Data, type Pid, type Value } from "../../values/value.ts";
import type { TinyFrame } from "../tiny-program.ts";
import { TinyError } from "./errors.ts";

const MOST_RESTARTS = 3;
const WINDOW_MS = 60_000;

interface Child {
  /** as SUPERVISE_CHILD named it */
  readonly name: string;
  /** with what it begins, each time */
  readonly start: Closure;
  /** the newest process; it may have ended */
  pid: number;
  /** when it was restarted, oldest first */
  restarts: readonly number[];
}

/** What a process of TinyTotVM code remembers of others. */
export class TinyTies {
  /** pid → ref */
  readonly monitors = new Map<number, number>();
  /** undefined: it is no supervisor */
  children: Map<string, Child> | undefined;
  /** the newest process of each child, while it runs */
  readonly childOf = new Map<number, Child>();
}

function tinyTies(process: Process): TinyTies {
  const { own } = process.frame as TinyFrame;
  own.ties ??= new TinyTies();
  return own.ties;
}

// links

export function link(machine: Machine, process: Process, pid: number | undefined): string {
  if (pid === undefined) return "link_failed";
  machine.signals.link(process, pid);
  return `linked_${pid}`;
}

export function unlink(machine: Machine, process: Process, pid: number | undefined): string {
  if (pid === undefined) return "unlink_failed";
  machine.signals.unlink(process, pid);
  return `unlinked_${pid}`;
}

export function trapExits(process: Process, on: Value): void {
  if (typeof on !== "boolean") throw new TinyError("Type error: TRAP_EXIT requires boolean value");
  tiesOf(process).trapsExits = on;
}

// monitors

export function monitor(machine: Machine, process: Process, pid: number | undefined): string {
  if (pid === undefined) return "monitor_failed";
  const { monitors } = tinyTies(process);
  if (!monitors.has(pid)) monitors.set(pid, machine.signals.monitor(process, pid));
  return refText(process, pid);
}

export function demonitor(machine: Machine, process: Process, ref: string): string {
  const target = /^mon_([0-9]+)_([0-9]+)$/.exec(ref);
  const pid = target?.[1] === String(process.id) ? Number(target[2]) : undefined;
  const ties = (process.frame as TinyFrame).own.ties;
  const known = pid === undefined ? undefined : ties?.monitors.get(pid);
  if (known === undefined) return "monitor_not_found";
  if (ties!.childOf.has(pid!)) return "demonitor_failed"; // its supervisor must see it end
  ties!.monitors.delete(pid!);
  machine.signals.demonitor(process, known);
  return "demonitor_success";
}

function refText(process: Process, pid: number): string {
  return `mon_${process.id}_${pid}`;
}

/** What RECEIVE gives for a message: what tells of an end is a text. */
export function received(process: Process, message: Value): Value {
  if (!(message instanceof Data)) return message;
  if (message.type === EXIT) return `exit:${(fieldAt(message, 0) as Pid).id}`;
  if (message.type !== DOWN) return message;
  const { id } = fieldAt(message, 1) as Pid;
  (process.frame as TinyFrame).own.ties?.monitors.delete(id); // V1
  return `down:${id}:${refText(process, id)}:${reasonText(fieldAt(message, 2) as Data)}`;
}

function reasonText(reason: Data): string {
  if (reason.type === FAILED) return fieldAt(reason, 0) as string;
  if (reason === SHUTDOWN) return "shutdown";
  if (reason === KILLED) return "killed";
  return reason === NO_PROCESS ? "noproc" : "normal";
}

// supervisors

export function startSupervisor(process: Process): string {
  tinyTies(process).children ??= new Map();
  return "supervisor_started";
}

/**
 * @param living  the process of that name, if there is one
 * @param toStart what begins where there is none
 */
export function superviseChild(
  machine: Machine,
  process: Process,
  name: string,
  living: number | undefined,
  toStart: () => Closure,
): string {
  const ties = tinyTies(process);
  const { children } = ties;
  if (children === undefined) return "not_supervisor";
  const known = children.get(name);
  if (known !== undefined && ties.childOf.get(known.pid) === known) return `supervising_${name}`;
  if (living === process.id) throw new TinyError(`SUPERVISE_CHILD ${name}: a process cannot supervise itself`);
  const shared = living === undefined ? undefined : ties.childOf.get(living);
  if (shared !== undefined) children.set(name, shared);
  else {
    const start = living === undefined ? toStart() : (machine.pidTable.get(living)!.frame as TinyFrame).own.start;
    const child = { name, start, pid: 0, restarts: known?.restarts ?? [] };
    children.set(name, child);
    watch(machine, process, child, living ?? machine.spawn(start, false).id);
  }
  return `supervising_${name}`;
}

export function restartChild(machine: Machine, process: Process, name: string): string {
  const ties = (process.frame as TinyFrame).own.ties;
  if (ties?.children === undefined) return "not_supervisor";
  const child = ties.children.get(name);
  if (child === undefined) return `child_not_found_${name}`;
  const isRunning = ties.childOf.get(child.pid) === child; // V2
  return isRunning || restart(machine, process, child) ? `restarting_${name}` : `restart_limit_exceeded_${name}`;
}

/** See Engine: V2. */
export function onDown(machine: Machine, process: Process, pid: number, reason: Data): void {
  const ties = (process.frame as TinyFrame).own.ties;
  const child = ties?.childOf.get(pid);
  if (child === undefined) return;
  ties!.childOf.delete(pid);
  if (reason === NORMAL || reason === SHUTDOWN || restart(machine, process, child)) return;
  const limit = `${MOST_RESTARTS} restarts in ${WINDOW_MS / 1000} seconds`;
  machine.options.sink.writeError(`Process ${process.id} does not restart child '${child.name}': ${limit}\n`);
}

/** V3. @returns whether it was started */
function restart(machine: Machine, process: Process, child: Child): boolean {
  const now = machine.uptimeMs();
  const recent = child.restarts.filter((at) => now - at < WINDOW_MS);
  child.restarts = recent;
  if (recent.length >= MOST_RESTARTS) return false;
  child.restarts = [...recent, now];
  watch(machine, process, child, machine.spawn(child.start, false).id);
  return true;
}

function watch(machine: Machine, process: Process, child: Child, pid: number): void {
  child.pid = pid;
  tinyTies(process).childOf.set(pid, child);
  monitor(machine, process, pid);
}
