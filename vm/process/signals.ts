/**
 * Links, monitors and exit signals: how the end of one process reaches others.
 *
 * The trick: whoever wants something of another process's links or monitors sends it a signal, and only the receiver
 * changes what is its own. A signal to a process of this scheduler is handled at once; one to another scheduler goes
 * through the stream of its messages, so between two processes signals and messages keep their order. Of each signal it is
 * known whose it is, as the sender may be on the move (vm/cluster/moves.ts).
 * Signals that the handling of one makes wait in a queue until it is over: a chain of a hundred thousand links ends
 * without a deep stack.
 *
 * L1  A link stands in both ties or in none, except while the signal that sets or ends it is on its way. An exit signal of a
 *     link that its receiver does not know any more does nothing.
 *     Who has ended a link takes no link of the other's until that one has said that it knows (`unlinking`): it was sent
 *     before, and is over for both. Else two that link and unlink at the same time would end with half a link.
 * L2  A monitor gives one Down at most: the watched process forgets it with its end, the watcher with the Down or with
 *     `demonitor`; a Down whose ref the watcher does not know does nothing.
 * L3  Only `die` ends a process here, and the machine then calls `ended` exactly once.
 */
import type { Machine } from "../sched/machine.ts";
import { makeData } from "../values/data.ts";
import { DOWN, EXIT, NO_PROCESS, NORMAL } from "../values/data-types.ts";
import { type Data, Pid, Ref } from "../values/value.ts";
import { mailboxDiscard } from "./mailbox.ts";
import { type Process, rareOf, State } from "./process.ts";

/** What one process tells another beside messages; `from` is a pid. */
export type Signal =
  | { readonly kind: "link"; readonly from: number }
  /** `ref`: tells one unlinking from the next */
  | { readonly kind: "unlink" | "unlinked"; readonly from: number; readonly ref: number }
  | { readonly kind: "monitor"; readonly from: number; readonly ref: number }
  | { readonly kind: "demonitor"; readonly ref: number }
  | { readonly kind: "exit"; readonly from: number; readonly reason: Data; readonly isLink: boolean }
  | { readonly kind: "down"; readonly from: number; readonly ref: number; readonly reason: Data }
  /** to a sender: there is room in the mailbox of `from`; to a receiver: `from` does not wait for that any more (bounds.ts) */
  | { readonly kind: "room" | "withdraw"; readonly from: number };

/** What ties a process to others. */
export class Ties {
  trapsExits = false;
  readonly links = new Set<number>();
  /** L1: pid → ref of the last `unlink`, while it is on its way; null: none ever was */
  unlinking: Map<number, number> | null = null;
  /** who watches it: ref → pid */
  readonly watchers = new Map<number, number>();
  /** whom it watches: ref → pid */
  readonly watched = new Map<number, number>();
}

export function tiesOf(process: Process): Ties {
  const rare = rareOf(process);
  rare.ties ??= new Ties();
  return rare.ties;
}

export class Signals {
  private readonly machine: Machine;
  private readonly pending: { readonly to: number; readonly signal: Signal }[] = [];
  private isHandling = false;
  private unlinks = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  // what a process does

  /** @param isNew  the process has just spawned it: nothing is on its way there that this could overtake */
  link(process: Process, pid: number, isNew = false): void {
    const { links, unlinking } = tiesOf(process);
    if (pid === process.id || links.has(pid)) return;
    unlinking?.delete(pid);
    links.add(pid);
    const signal = { kind: "link", from: process.id } as const;
    if (isNew) this.receive(pid, signal);
    else this.send(process.id, pid, signal);
  }

  unlink(process: Process, pid: number): void {
    const ties = process.rare?.ties;
    if (ties?.links.delete(pid) !== true) return;
    const n = ++this.unlinks;
    const ref = this.machine.cluster?.ownNumber(n) ?? n; // another one also if the process has come from elsewhere
    ties.unlinking ??= new Map();
    ties.unlinking.set(pid, ref);
    this.send(process.id, pid, { kind: "unlink", from: process.id, ref });
  }

  /** @param isNew  as of `link` @returns the number of the new Ref */
  monitor(process: Process, pid: number, isNew = false): number {
    const ref = this.machine.freshRef(process);
    tiesOf(process).watched.set(ref, pid);
    const signal = { kind: "monitor", from: process.id, ref } as const;
    if (isNew) this.receive(pid, signal);
    else this.send(process.id, pid, signal);
    return ref;
  }

  demonitor(process: Process, ref: number): void {
    const watched = process.rare?.ties?.watched;
    const pid = watched?.get(ref);
    // L2: as long as it is known, its Down has not come, however long the mailbox is
    if (pid === undefined) {
      mailboxDiscard(process, ref, this.machine.schedulers, (message) => isDownOf(message, ref));
      this.machine.bounds.taken(process);
    } else {
      watched!.delete(ref);
      this.send(process.id, pid, { kind: "demonitor", ref });
    }
  }

  exit(from: number, pid: number, reason: Data): void {
    this.send(from, pid, { kind: "exit", from, reason, isLink: false });
  }

  /** The process has gone, and everybody who is tied to it gets to know. */
  ended(pid: number, ties: Ties, reason: Data): void {
    for (const other of ties.links) this.send(pid, other, { kind: "exit", from: pid, reason, isLink: true });
    for (const [ref, watcher] of ties.watchers) this.send(pid, watcher, { kind: "down", from: pid, ref, reason });
    for (const [ref, other] of ties.watched) this.send(pid, other, { kind: "demonitor", ref });
  }

  // on the way

  /** @param sender  whose signal it is, for its place in the order */
  send(sender: number, to: number, signal: Signal): void {
    const { cluster } = this.machine;
    if (cluster?.mustCarry(to)) cluster.signal(sender, to, signal);
    else this.receive(to, signal);
  }

  /** A signal for a process of this scheduler, or for one that was. */
  receive(to: number, signal: Signal): void {
    this.pending.push({ to, signal });
    if (this.isHandling) return;
    this.isHandling = true;
    try {
      for (let next = 0; next < this.pending.length; next++) {
        const { to, signal } = this.pending[next]!;
        this.handle(to, signal);
      }
    } finally {
      this.pending.length = 0;
      this.isHandling = false;
    }
  }

  private handle(to: number, signal: Signal): void {
    const { machine } = this;
    const process = machine.pidTable.get(to);
    if (process === undefined) {
      this.answerForNobody(to, signal);
      return;
    }
    switch (signal.kind) {
      case "link":
        if (process.rare?.ties?.unlinking?.has(signal.from) !== true) tiesOf(process).links.add(signal.from);
        return;
      case "unlink":
        process.rare?.ties?.links.delete(signal.from);
        this.send(to, signal.from, { kind: "unlinked", from: to, ref: signal.ref });
        return;
      case "unlinked":
        this.onUnlinked(process, signal.from, signal.ref);
        return;
      case "monitor":
        tiesOf(process).watchers.set(signal.ref, signal.from);
        return;
      case "demonitor":
        process.rare?.ties?.watchers.delete(signal.ref);
        return;
      case "down":
        if (process.rare?.ties?.watched.delete(signal.ref) !== true) return; // L2
        machine.options.engine.onDown?.(machine, process, signal.from, signal.reason);
        machine.accept(process, makeData(DOWN, [new Ref(signal.ref), new Pid(signal.from), signal.reason]), false);
        return;
      case "room":
        if (process.state === State.Sending && process.rare!.sendingTo === signal.from) machine.wake(process);
        return;
      case "withdraw":
        process.rare?.bound?.waiting.delete(signal.from);
        return;
      case "exit":
        this.onExit(process, signal);
    }
  }

  private onUnlinked(process: Process, from: number, ref: number): void {
    const unlinking = process.rare?.ties?.unlinking;
    if (unlinking?.get(from) === ref) unlinking.delete(from);
  }

  private onExit(process: Process, signal: Signal & { kind: "exit" }): void {
    const { from, reason, isLink } = signal;
    const ties = process.rare?.ties ?? null;
    if (isLink && ties?.links.delete(from) !== true) return; // L1
    if (ties?.trapsExits === true) {
      this.machine.accept(process, makeData(EXIT, [new Pid(from), reason]), false);
      return;
    }
    if (reason === NORMAL && from !== process.id) return;
    this.machine.die(process, { reason, from });
  }

  /** What a process that has ended, or never was, says to those who ask something of it. */
  private answerForNobody(pid: number, signal: Signal): void {
    if (signal.kind === "link")
      this.send(pid, signal.from, { kind: "exit", from: pid, reason: NO_PROCESS, isLink: true });
    else if (signal.kind === "unlink") this.send(pid, signal.from, { kind: "unlinked", from: pid, ref: signal.ref });
    else if (signal.kind === "monitor")
      this.send(pid, signal.from, { kind: "down", from: pid, ref: signal.ref, reason: NO_PROCESS });
  }
}

function isDownOf(message: unknown, ref: number): boolean {
  const { type, a } = message as Partial<Data>;
  return type === DOWN && a instanceof Ref && a.id === ref;
}
