/**
 * Mvars and globals on a scheduler that is not their home: asks scheduler 0, and works on what comes from there.
 *
 * A1  An mvar has an owner here exactly while scheduler 0 knows the process as its owner; only then it has a value here.
 *     How often the owner has taken it is known here alone.
 *     So a process that has come from elsewhere asks only when all that it said there has been heard (`whenSettled`).
 * A2  A process asks for one thing at a time, and waits meanwhile (Locking, Initialising). The answer lies in `asking`
 *     until the process runs again and takes it.
 */
import { decode } from "../codec/decode.ts";
import type { Reader } from "../codec/reader.ts";
import { Raise } from "../host/native.ts";
import { makeRaise } from "../interp/operations.ts";
import { type Claim, hasTaken, type Locks } from "../mvar/locks.ts";
import type { GlobalState, LockResult, MvarState } from "../mvar/mvar.ts";
import { type Process, rareOf, State, transition } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import type { Value } from "../values/value.ts";
import type { Cluster } from "./cluster.ts";
import { CLAIMED } from "./home.ts";

/** A2 */
interface Asking {
  /** the mvars that it wants, and those of them that it does not hold already */
  readonly set: readonly MvarState[];
  readonly missing: readonly MvarState[];
  answer: LockResult | Claim | Raise;
}

export class AwayLocks implements Locks {
  private readonly machine: Machine;
  private readonly cluster: Cluster;
  private readonly asking = new Map<Process, Asking>();
  /** by mvar: the value with which it came */
  private readonly cameWith = new Map<MvarState, Value | undefined>();

  constructor(machine: Machine, cluster: Cluster) {
    this.machine = machine;
    this.cluster = cluster;
  }

  lock(process: Process, set: readonly MvarState[]): LockResult {
    const answer = this.takeAnswer(process);
    if (answer !== undefined) return answer as LockResult;
    const missing = set.filter((mvar) => mvar.owner !== process);
    if (missing.length === 0) {
      for (const mvar of set) mvar.depth++;
      return "locked";
    }
    this.cluster.whenSettled(process, () => {
      const writer = this.cluster.begin("lock", 0, process.id);
      writer.writeVarUint(missing.length);
      for (const { index } of missing) writer.writeVarUint(index);
    });
    this.wait(process, State.Locking, set, missing);
    return "waits";
  }

  onLocked(reader: Reader): void {
    const process = this.machine.pidTable.get(reader.readVarUint());
    const asking = process === undefined ? undefined : this.asking.get(process);
    const count = reader.readVarUint();
    for (let i = 0; i < count; i++) {
      const mark = reader.readU8();
      const value = mark === 0 ? undefined : decode(reader, this.machine);
      const mvar = asking?.missing[i];
      if (process === undefined || mvar === undefined) continue; // it died, and has said so
      mvar.owner = process;
      mvar.depth = 0;
      mvar.value = value;
      mvar.holdsMutables = mark === 2;
      this.cameWith.set(mvar, value);
      rareOf(process).held.push(mvar);
    }
    if (process === undefined || asking === undefined) return;
    for (const mvar of asking.set) mvar.depth++;
    this.answer(process, asking, "locked");
  }

  /** Of mvars a cycle, or what cannot travel; of a global the latter. */
  onRefused(reader: Reader): void {
    const process = this.machine.pidTable.get(reader.readVarUint());
    const why = reader.readText();
    const cycle =
      why === "" ? Array.from({ length: reader.readVarUint() }, () => ({ name: reader.readText() })) : undefined;
    const asking = process === undefined ? undefined : this.asking.get(process);
    if (process === undefined || asking === undefined) return;
    this.answer(process, asking, cycle === undefined ? makeRaise("TypeError", why) : { cycle });
  }

  unlock(process: Process, set: readonly MvarState[]): Raise | undefined {
    const released: MvarState[] = [];
    for (let i = set.length - 1; i >= 0; i--) {
      const mvar = set[i]!;
      if (mvar.owner === process && --mvar.depth === 0) released.push(mvar);
    }
    return released.length === 0 ? undefined : this.giveBack(process, released);
  }

  /** A1: they go home, with the values that were set. */
  private giveBack(process: Process, released: readonly MvarState[]): Raise | undefined {
    let refused: string | undefined;
    const { held } = rareOf(process);
    for (const mvar of released) {
      const isSet = mvar.value !== undefined && !Object.is(mvar.value, this.cameWith.get(mvar));
      const why = isSet ? this.sendBack(process, mvar, mvar.value) : undefined;
      if (!isSet || why !== undefined) this.sendBack(process, mvar, undefined);
      refused ??= why;
      mvar.owner = null;
      mvar.depth = 0;
      mvar.value = undefined;
      this.cameWith.delete(mvar);
      held.splice(held.lastIndexOf(mvar), 1);
    }
    return refused === undefined ? undefined : makeRaise("TypeError", refused);
  }

  /** @returns why the value cannot travel; nothing has been sent then */
  private sendBack(process: Process, mvar: MvarState, value: Value | undefined): string | undefined {
    const writer = this.cluster.begin("unlock", 0, process.id);
    writer.writeVarUint(mvar.index);
    writer.writeU8(value === undefined ? 0 : mvar.holdsMutables ? 2 : 1);
    return value === undefined ? undefined : this.cluster.put(writer, value);
  }

  claim(process: Process, global: GlobalState): Claim {
    const answer = this.takeAnswer(process);
    if (answer !== undefined) return answer as Claim;
    this.cluster.whenSettled(process, () => {
      this.cluster.begin("claim", 0, process.id).writeVarUint(global.index);
    });
    this.wait(process, State.Initialising, [], []);
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
    const { held } = rareOf(process);
    const mustTell = this.asking.delete(process) || rareOf(process).computesGlobals;
    if (held.length > 0) this.giveBack(process, [...held]);
    if (rareOf(process).computesGlobals)
      for (const global of this.machine.globals) if (global.owner === process) global.owner = null;
    if (mustTell) this.cluster.begin("leave", 0, process.id);
  }

  private wait(process: Process, state: State, set: readonly MvarState[], missing: readonly MvarState[]): void {
    rareOf(process); // that it is there says that there is something to let go
    this.asking.set(process, { set, missing, answer: "waits" });
    transition(process, state);
  }

  private answer(process: Process, asking: Asking, answer: LockResult | Claim | Raise): void {
    asking.answer = answer;
    this.machine.wake(process);
  }

  /** A2. @throws Raise when that is the answer */
  private takeAnswer(process: Process): LockResult | Claim | undefined {
    const asking = this.asking.get(process);
    if (asking === undefined) return undefined;
    this.asking.delete(process);
    if (asking.answer instanceof Raise) throw asking.answer;
    return asking.answer;
  }
}
