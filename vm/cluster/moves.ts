/**
 * Processes that move from one scheduler to another, and what finds them: the runtime's side of protocol/forward.ts.
 *
 * The trick: a process that is here and settled, as is whoever does something to it, is found in the pid table, and all of
 * this is passed by. Only what is elsewhere, or on the move, goes through the protocol.
 *
 * M1  The protocol's functions alone decide what is put, held, posted and dropped. Where `onDirect` passes them by, they
 *     would have put.
 * M2  What a process on the move sends is the message as it is now: what is mutable in it is copied before it waits.
 * M3  Only a ready process moves, and only if everything of it is in its frames, its mailbox and what vm/codec/process.ts
 *     writes: it holds and computes nothing, owes no answer, is not in the middle of a Step, and its mailbox has no bound, of
 *     which other schedulers would have to know anew. Main stays on scheduler 0,
 *     which ends the run with it and says where it was interrupted.
 */
import { decode } from "../codec/decode.ts";
import { encode } from "../codec/encode.ts";
import { decodeProcess, encodeProcess } from "../codec/process.ts";
import { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { makeRaise } from "../interp/operations.ts";
import { type Process, rareOf } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import type { Value } from "../values/value.ts";
import { type Carried, readCarried, SEND, writeCarried } from "./carried.ts";
import { type Cluster, wordsOf } from "./cluster.ts";
import type { Places } from "./places.ts";
import * as forward from "./protocol/forward.ts";
import { type Forwarding, type ForwardSite, GONE } from "./protocol/forward.ts";

const MAIN = 1;
/** One process more is packed as long as there are fewer bytes than this; one that takes more than MOST_BYTES stays. */
const ENOUGH_BYTES = 256 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;

export class Moves {
  private readonly machine: Machine;
  private readonly cluster: Cluster;
  private readonly places: Places;
  private readonly forwarding: Forwarding<Carried>;
  private readonly site: ForwardSite<Carried>;
  /** of the packet that is being given */
  private readonly packed = new Writer(MOST_BYTES);
  private packedCount = 0;
  private readonly scratch = new Writer();

  constructor(machine: Machine, cluster: Cluster, places: Places) {
    this.machine = machine;
    this.cluster = cluster;
    this.places = places;
    this.forwarding = forward.newForwarding(cluster.me);
    const has = (pid: number): boolean => machine.pidTable.get(pid) !== undefined;
    this.site = {
      placeOf: (pid) => (has(pid) ? cluster.me : places.of(pid)),
      // of one that ends, `onExit` below has written it
      setPlace: (pid, place) => {
        if (place !== GONE) places.move(pid, place, has);
      },
      has,
      put: (pid, carried) => this.put(pid, carried),
      drop: (pid, carried) => this.drop(pid, carried),
      post: (to, entry) => this.post(to, entry),
      running: () => cluster.running(),
    };
  }

  get hasUnsettled(): boolean {
    return this.forwarding.unsettled.size > 0;
  }

  /** Whether what is done to that process has to go through the protocol; false: it is here, and settled, as all are. */
  mustCarry(pid: number): boolean {
    return this.hasUnsettled || this.machine.pidTable.get(pid) === undefined;
  }

  // what one process does to another

  /**
   * The running process sends a message, which has not been copied.
   * @param isAwaited  it will wait for room
   * @throws Raise when the message cannot travel
   */
  send(sender: Process, pid: number, message: Value, isAwaited: boolean): void {
    const { forwarding, site } = this;
    if (!isAwaited && !forwarding.unsettled.has(sender.id)) {
      const place = site.placeOf(pid);
      if (place === GONE) return;
      if (place !== forwarding.me) {
        const writer = this.cluster.begin("direct", place, pid); // what `forward.send` would post
        writer.writeU8(SEND);
        const refused = this.cluster.put(writer, message);
        if (refused !== undefined) throw makeRaise("TypeError", refused);
        return;
      }
    }
    const holdsMutables = sender.mayHoldMutables;
    const value = holdsMutables ? this.copyOf(message) : message; // M2
    if (isAwaited) {
      this.machine.bounds.park(sender, pid); // first, as the answer may come at once
      this.carry(sender.id, pid, { kind: "awaited", sender: sender.id, value, holdsMutables });
    } else this.carry(sender.id, pid, { kind: "send", value, holdsMutables });
  }

  /** @throws Raise when it cannot travel */
  private copyOf(message: Value): Value {
    const { scratch, machine } = this;
    scratch.reset();
    const refusal = encode(scratch, message, machine);
    if (refusal !== undefined) throw makeRaise("TypeError", wordsOf(refusal));
    return decode(new Reader(scratch.bytes), machine);
  }

  carry(sender: number, pid: number, carried: Carried): void {
    forward.send(this.forwarding, this.site, sender, pid, carried);
  }

  /** See Cluster. It has its place among what the process sends. */
  whenSettled(process: Process, act: () => void): void {
    const { unsettled, arrivals } = this.forwarding;
    const arrival = arrivals.get(unsettled.get(process.id)?.tag ?? -1);
    if (arrival === undefined) act();
    else arrival.outbox.push({ pid: process.id, message: { kind: "act", act } });
  }

  private put(pid: number, carried: Carried): void {
    const { machine } = this;
    if (carried.kind === "act") {
      carried.act();
      return;
    }
    if (carried.kind === "send") machine.deliver(pid, carried.value, carried.holdsMutables);
    else if (carried.kind === "answer") machine.deliverAnswer(pid, carried.ref, carried.value, carried.holdsMutables);
    else if (carried.kind === "awaited")
      machine.bounds.offerFromElsewhere(pid, carried.sender, carried.value, carried.holdsMutables);
    else if (carried.kind === "signal") machine.signals.receive(pid, carried.signal);
    else this.cluster.answerAbout(pid, carried);
  }

  private drop(pid: number, carried: Carried): void {
    if (carried.kind !== "send" && carried.kind !== "act") this.put(pid, carried); // somebody is told that it is gone
  }

  private post(to: number, entry: forward.ForwardEntry<Carried>): void {
    const { cluster } = this;
    switch (entry.kind) {
      case "direct":
      case "forwarded":
        this.postCarried(entry.kind, to, entry.pid, entry.message);
        return;
      case "packet": {
        const writer = cluster.begin("packet", to, entry.tag);
        writer.writeVarUint(entry.fences);
        writer.writeVarUint(this.packedCount);
        writer.writeBytes(this.packed.bytes);
        return;
      }
      case "moved":
      case "fence":
        cluster.begin(entry.kind, to, entry.tag).writeVarUint(entry.to);
        return;
      case "passed":
        cluster.begin("passed", to, entry.tag);
        return;
    }
  }

  private postCarried(name: "direct" | "forwarded", to: number, pid: number, carried: Carried): void {
    const writer = this.cluster.begin(name, to, pid);
    const refusal = writeCarried(writer, carried, this.machine);
    if (refusal === undefined) return;
    // a running process was told; of this one, perhaps, more is gathered already than it fits behind
    this.cluster.finish(refusal, writer);
    this.drop(pid, carried);
  }

  // what others tell

  /** @returns for whom it was */
  onDirect(reader: Reader): number {
    const pid = reader.readVarUint();
    const carried = readCarried(reader, this.machine);
    if (this.mustCarry(pid)) forward.onDirect(this.forwarding, this.site, pid, carried);
    else this.put(pid, carried); // M1
    return pid;
  }

  onForwarded(reader: Reader): void {
    const pid = reader.readVarUint();
    forward.onForwarded(this.forwarding, this.site, pid, readCarried(reader, this.machine));
  }

  /** @returns the processes, which are here now and ready */
  onPacket(reader: Reader, from: number): readonly Process[] {
    const { machine, forwarding, site } = this;
    const tag = reader.readVarUint();
    const fences = reader.readVarUint();
    const count = reader.readVarUint();
    const processes = Array.from({ length: count }, () => decodeProcess(reader, machine));
    for (const process of processes) machine.pidTable.takeIn(process.id, process);
    forward.onPacket(forwarding, site, from, { kind: "packet", tag, fences, pids: processes.map(({ id }) => id) });
    return processes;
  }

  onMoved(reader: Reader, from: number): void {
    forward.onMoved(this.site, from, reader.readVarUint(), reader.readVarUint());
  }

  onFence(reader: Reader): void {
    forward.onFence(this.site, reader.readVarUint(), reader.readVarUint());
  }

  onPassed(reader: Reader): void {
    forward.onPassed(this.forwarding, this.site, reader.readVarUint());
  }

  // giving

  /** M3 */
  mayLeave(process: Process): boolean {
    if (process.id === MAIN || !forward.mayLeave(this.forwarding, process.id)) return false;
    const { rare } = process;
    return (
      rare === null ||
      (!rare.staysHere &&
        rare.answer === null &&
        rare.step === null &&
        rare.bound === null &&
        !this.machine.locks.isBound(process))
    );
  }

  /**
   * Packs processes that are ready, may leave, and are in no queue now: some of them, in order, and at least one if it can.
   * @returns those that are packed; the others stay, and those that cannot travel will not be asked again
   */
  pack(processes: readonly Process[]): Process[] {
    const { packed, machine } = this;
    packed.reset();
    const going: Process[] = [];
    for (const process of processes) {
      if (packed.length >= ENOUGH_BYTES) break;
      const refusal = encodeProcess(packed, process, machine);
      if (refusal === undefined) going.push(process);
      else if (refusal.reason === "too-long" && going.length > 0) break;
      else rareOf(process).staysHere = true;
    }
    this.packedCount = going.length;
    return going;
  }

  /** Those that were packed go. */
  give(to: number, going: readonly Process[]): void {
    const pids = going.map(({ id }) => id);
    forward.give(this.forwarding, this.site, to, pids); // O2: the places first
    for (const process of going) this.machine.letGoTo(process);
  }

  /** The process, which was here, has ended, and all that it had to say is on its way. */
  onExit(pid: number, isLast: boolean): void {
    this.places.end(pid, isLast);
    if (this.forwarding.unsettled.size > 0) forward.onExit(this.forwarding, this.site, pid); // else it would do nothing
  }
}
