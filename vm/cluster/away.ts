/**
 * Globals on a scheduler that is not their home: asks scheduler 0, and works on what comes from there.
 *
 * A1  A process asks for one thing at a time, and waits meanwhile (Initialising). The answer lies in `asking` until the
 *     process runs again and takes it.
 *     Who has come from elsewhere asks only when all that it said there has been heard (`whenSettled`).
 */
import { decode } from "../codec/decode.ts";
import type { Reader } from "../codec/reader.ts";
import { Raise } from "../host/native.ts";
import { makeRaise } from "../interp/operations.ts";
import { type Claim, type GlobalLocks, hasTaken } from "../mvar/locks.ts";
import type { GlobalState } from "../mvar/mvar.ts";
import { type Process, rareOf, State, transition } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import type { Cluster } from "./cluster.ts";
import { CLAIMED } from "./home.ts";

/** A1 */
interface Asking {
  answer: Claim | Raise;
}

export class AwayGlobals implements GlobalLocks {
  private readonly machine: Machine;
  private readonly cluster: Cluster;
  private readonly asking = new Map<Process, Asking>();

  constructor(machine: Machine, cluster: Cluster) {
    this.machine = machine;
    this.cluster = cluster;
  }

  /** The value cannot travel. */
  onRefused(reader: Reader): void {
    const process = this.machine.pidTable.get(reader.readVarUint());
    const why = reader.readText();
    const asking = process === undefined ? undefined : this.asking.get(process);
    if (process === undefined || asking === undefined) return;
    this.answer(process, asking, makeRaise("TypeError", why));
  }

  claim(process: Process, global: GlobalState): Claim {
    const answer = this.takeAnswer(process);
    if (answer !== undefined) return answer;
    this.cluster.whenSettled(process, () => {
      this.cluster.begin("claim", 0, process.id).writeVarUint(global.index);
    });
    this.wait(process);
    return "waits";
  }

  onClaimed(reader: Reader): void {
    const process = this.machine.pidTable.get(reader.readVarUint());
    const global = this.machine.globals[reader.readVarUint()]!;
    const how = CLAIMED[reader.readU8()]!;
    if (how === "value") this.readValue(reader, global);
    const asking = process === undefined ? undefined : this.asking.get(process);
    if (process === undefined || asking === undefined) return; // it died, and has said so
    if (how === "value") {
      // it looks again, and finds it
      this.asking.delete(process);
      this.machine.wake(process);
      return;
    }
    if (how === "compute") {
      global.owner = process;
      rareOf(process).computesGlobals = true;
    }
    this.answer(process, asking, how);
  }

  onStore(reader: Reader): void {
    reader.readVarUint();
    this.readValue(reader, this.machine.globals[reader.readVarUint()]!);
  }

  private readValue(reader: Reader, global: GlobalState): void {
    global.holdsMutables = reader.readU8() === 2;
    global.value = decode(reader, this.machine);
  }

  stored(process: Process, global: GlobalState): void {
    const isOwner = global.owner === process;
    if (isOwner) global.owner = null;
    else rareOf(process).staysHere = true; // elsewhere it could find the value before
    const writer = this.cluster.begin("store", 0, process.id);
    writer.writeVarUint(global.index);
    writer.writeU8(global.holdsMutables ? 2 : 1);
    const refused = this.cluster.put(writer, global.value!);
    // then each scheduler that needs it computes its own
    if (refused !== undefined && isOwner) this.cluster.begin("abandon", 0, global.index);
  }

  abandon(global: GlobalState): void {
    global.owner = null;
    this.cluster.begin("abandon", 0, global.index);
  }

  isBound(process: Process): boolean {
    return this.asking.has(process) || hasTaken(process, this.machine.globals);
  }

  releaseAll(process: Process): void {
    const mustTell = this.asking.delete(process) || rareOf(process).computesGlobals;
    if (rareOf(process).computesGlobals)
      for (const global of this.machine.globals) if (global.owner === process) global.owner = null;
    if (mustTell) this.cluster.begin("leave", 0, process.id);
  }

  private wait(process: Process): void {
    rareOf(process); // that it is there says that there is something to let go
    this.asking.set(process, { answer: "waits" });
    transition(process, State.Initialising);
  }

  private answer(process: Process, asking: Asking, answer: Claim | Raise): void {
    asking.answer = answer;
    this.machine.wake(process);
  }

  /** A1. @throws Raise when that is the answer */
  private takeAnswer(process: Process): Claim | undefined {
    const asking = this.asking.get(process);
    if (asking === undefined) return undefined;
    this.asking.delete(process);
    if (asking.answer instanceof Raise) throw asking.answer;
    return asking.answer;
  }
}
