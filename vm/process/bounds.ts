/**
 * Bounds of mailboxes: how many messages may wait for a process, and what becomes of one more.
 *
 * The trick: a process that blocks at a full mailbox has sent its message already, and that lies in the mailbox like any
 * other. Only the sender stops, until as many messages are gone as stand in front of its turn. So messages keep their
 * order, a receive finds each of them (the answer that a full server waits for, too), and each sender is at most one
 * message beyond the bound, also one of another scheduler, which learns by a signal (signals.ts) that it may go on.
 *
 * B1  A sender is Sending exactly while it stands in `waiting` of the receiver, or is on its way there, or the signal
 *     that lets it go on is on its way back. If it ends before, it takes itself out.
 * B2  While somebody waits, the messages without theirs are at least `most`. So there are two or more, and what takes the
 *     only message out of a mailbox need not ask for senders (RECEIVE_TAKE of the JIT).
 * B3  What nobody can wait for goes in beyond the bound: Exit and Down, a process's messages to itself, under "block" the
 *     host's, and those that were on their way when a scheduler learnt of the bound (Cluster.tellBounded).
 */
import type { Machine } from "../sched/machine.ts";
import type { Value } from "../values/value.ts";
import { mailboxCount } from "./mailbox.ts";
import { type Process, rareOf, State, transition } from "./process.ts";

/** What becomes of a message for a full mailbox: its sender waits; it is gone; the receiver ends. */
export type Policy = "block" | "drop" | "crash";

export interface Bound {
  /** messages, at least 1 */
  readonly most: number;
  readonly policy: Policy;
  /** messages that are gone */
  dropped: number;
  /** pids of senders, in the order in which they came */
  readonly waiting: Set<number>;
}

export class Bounds {
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Of the running process, from now on. @param most  undefined: there is no bound any more */
  limit(process: Process, most: number | undefined, policy: Policy): void {
    const rare = rareOf(process);
    const known = rare.bound;
    const isBlocking = most !== undefined && policy === "block";
    const { cluster } = this.machine;
    if (isBlocking) cluster?.tellBounded(process.id);
    else if (known !== null) this.ended(process.id, known);
    const waiting = isBlocking && known !== null ? known.waiting : new Set<number>();
    rare.bound = most === undefined ? null : { most, policy, dropped: known?.dropped ?? 0, waiting };
    this.taken(process);
  }

  /**
   * A message for a process that has a bound and at least one message.
   * @param sender  who can wait for room; null: nobody
   * @returns false: the sender's slice is over, as its state says
   */
  offer(target: Process, message: Value, holdsMutables: boolean, sender: Process | null): boolean {
    const { machine } = this;
    const bound = target.rare!.bound!;
    const isFull = mailboxCount(target) >= bound.most && sender !== target;
    if (isFull && bound.policy === "drop") bound.dropped++;
    else if (isFull && bound.policy === "crash") {
      machine.endOverflow(target, bound.most);
      return machine.outcome === undefined;
    } else machine.accept(target, message, holdsMutables);
    if (!isFull || bound.policy !== "block" || sender === null) return true;
    bound.waiting.add(sender.id);
    this.park(sender, target.id);
    return false;
  }

  /** The running process has to wait for room in the mailbox of that one: B1. */
  park(sender: Process, pid: number): void {
    rareOf(sender).sendingTo = pid;
    transition(sender, State.Sending);
  }

  /** A message of a process of another scheduler, which waits until it is told that it may go on. */
  offerFromElsewhere(pid: number, sender: number, message: Value, holdsMutables: boolean): void {
    const { machine } = this;
    const target = machine.pidTable.get(pid);
    const bound = target?.rare?.bound ?? null;
    const waits = bound !== null && bound.policy === "block" && mailboxCount(target!) >= bound.most;
    machine.deliver(pid, message, holdsMutables);
    if (waits) bound.waiting.add(sender);
    else this.letOn(sender, pid);
  }

  /** The process has taken a message out of its mailbox: who waits longest may go on. */
  taken(process: Process): void {
    const bound = process.rare?.bound;
    if (bound == null || bound.waiting.size === 0) return;
    const { most, waiting } = bound;
    const count = mailboxCount(process);
    for (const sender of waiting) {
      if (count - waiting.size >= most) return; // B2
      waiting.delete(sender);
      this.letOn(sender, process.id);
    }
  }

  /** There is nothing to wait for any more, perhaps because the process has ended. */
  ended(pid: number, bound: Bound): void {
    this.machine.cluster?.tellUnbounded(pid);
    for (const sender of bound.waiting) this.letOn(sender, pid);
  }

  private letOn(sender: number, receiver: number): void {
    this.machine.signals.send(receiver, sender, { kind: "room", from: receiver });
  }

  /** B1: the sender ends while it waits. */
  withdraw(sender: Process): void {
    this.machine.signals.send(sender.id, sender.rare!.sendingTo, { kind: "withdraw", from: sender.id });
  }
}
