/**
 * Globals on scheduler 0, where they are at home: what the other schedulers ask for is done here.
 *
 * The trick: a process of another scheduler that waits or computes has a stand-in here, a process that never runs.
 * Queues, owners and cycles (vm/mvar) treat it like any other; only what "wake up" means differs: a stand-in goes on with
 * its request, and an answer goes to where the process lives.
 *
 * H1  A stand-in is there exactly while its process waits here or computes a global.
 * H2  Who has asked for a global is told when it gets another value, before anything that is sent later.
 */
import { decode } from "../codec/decode.ts";
import type { Reader } from "../codec/reader.ts";
import type { WaitingProcess } from "../interp/report.ts";
import { type Claim, LocalLocks } from "../mvar/locks.ts";
import { cycleThrough, type GlobalState, releaseAll, waitFor } from "../mvar/mvar.ts";
import { Process, rareOf, State, transition } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import type { Cluster } from "./cluster.ts";

/** How a process goes on that has asked for a global. */
export const CLAIMED: readonly (Claim | "value")[] = ["value", "compute", "unset", "circular"];

class StandIn extends Process {
  readonly scheduler: number;
  /** what it waits for */
  global: GlobalState | undefined = undefined;
  /** globals that it computes */
  computes = 0;

  constructor(pid: number, scheduler: number) {
    super(pid, null, 0);
    this.scheduler = scheduler;
    this.state = State.Running;
  }
}

export class Home {
  readonly globals: HomeGlobals;
  private readonly machine: Machine;
  private readonly cluster: Cluster;
  private readonly standIns = new Map<number, StandIn>();
  /** that have got something and have to go on */
  private readonly roused: StandIn[] = [];
  private isGoingOn = false;
  /** H2: by global */
  private readonly askedBy = new Map<GlobalState, Set<number>>();

  constructor(machine: Machine, cluster: Cluster) {
    this.machine = machine;
    this.cluster = cluster;
    this.globals = new HomeGlobals(machine.globals, this.wake, (global) => this.tell(global, 0));
  }

  /** What a process of another scheduler waits for here, if it does. */
  waitsFor(pid: number): WaitingProcess["waitsFor"] | undefined {
    const what = this.standIns.get(pid)?.rare?.waitsFor ?? null;
    if (what === null) return undefined;
    return { kind: "global", name: what.name, computedBy: what.owner?.id ?? 0 };
  }

  private readonly wake = (process: Process): void => {
    if (!(process instanceof StandIn)) {
      this.machine.wake(process);
      return;
    }
    transition(process, State.Ready);
    transition(process, State.Running);
    this.roused.push(process);
    this.goOn();
  };

  /** One after the other, so that a long row of hand-overs is no deep recursion. */
  private goOn(): void {
    if (this.isGoingOn) return;
    this.isGoingOn = true;
    for (let next = this.roused.pop(); next !== undefined; next = this.roused.pop()) {
      if (next.global !== undefined) this.claim(next, next.global);
    }
    this.isGoingOn = false;
  }

  /** A value that was set elsewhere; 0: none was. */
  private readValue(reader: Reader, what: GlobalState): void {
    const mark = reader.readU8();
    if (mark === 0) return;
    what.value = decode(reader, this.machine);
    what.holdsMutables = mark === 2;
  }

  /** The process has died. */
  onLeave(reader: Reader): void {
    const standIn = this.standIns.get(reader.readVarUint());
    if (standIn === undefined) return;
    standIn.global = undefined;
    releaseAll(standIn, this.wake);
    for (const global of this.machine.globals) if (global.owner === standIn) this.settle(global, standIn);
    this.standIns.delete(standIn.id);
  }

  // globals

  onClaim(reader: Reader, from: number): void {
    const standIn = this.standIn(reader.readVarUint(), from);
    this.claim(standIn, this.machine.globals[reader.readVarUint()]!);
  }

  private claim(standIn: StandIn, global: GlobalState): void {
    standIn.global = undefined;
    if (global.value !== undefined) {
      this.answerClaim(standIn, global, "value");
      return;
    }
    const isLazy = this.machine.program.initialisers[global.index] !== -1;
    if (!isLazy) this.answerClaim(standIn, global, "unset");
    else if (global.owner === null) {
      global.owner = standIn;
      standIn.computes++;
      this.answerClaim(standIn, global, "compute");
    } else if (cycleThrough(standIn, global) !== undefined) this.answerClaim(standIn, global, "circular");
    else {
      standIn.global = global;
      waitFor(standIn, global, State.Initialising);
    }
  }

  private answerClaim(standIn: StandIn, global: GlobalState, how: Claim | "value"): void {
    const { scheduler, id } = standIn;
    const writer = this.cluster.begin("claimed", scheduler, id);
    writer.writeVarUint(global.index);
    writer.writeU8(CLAIMED.indexOf(how));
    if (how === "value") {
      writer.writeU8(global.holdsMutables ? 2 : 1);
      const refused = this.cluster.put(writer, global.value!);
      if (refused !== undefined) this.cluster.begin("claimRefused", scheduler, id).writeText(refused);
    }
    const asked = this.askedBy.get(global) ?? new Set();
    this.askedBy.set(global, asked.add(scheduler));
    this.dismiss(standIn);
  }

  /** Somebody elsewhere has set a global. */
  onStore(reader: Reader, from: number): void {
    const standIn = this.standIns.get(reader.readVarUint());
    const global = this.machine.globals[reader.readVarUint()]!;
    this.readValue(reader, global);
    const asked = this.askedBy.get(global) ?? new Set();
    this.askedBy.set(global, asked.add(from));
    this.tell(global, from);
    if (standIn !== undefined && global.owner === standIn) this.settle(global, standIn);
  }

  onAbandon(reader: Reader): void {
    const global = this.machine.globals[reader.readVarUint()]!;
    if (global.owner instanceof StandIn) this.settle(global, global.owner);
  }

  private settle(global: GlobalState, standIn: StandIn): void {
    standIn.computes--;
    this.globals.abandon(global);
    this.dismiss(standIn);
  }

  /** H2. `except` knows the value already. */
  private tell(global: GlobalState, except: number): void {
    for (const scheduler of this.askedBy.get(global) ?? []) {
      if (scheduler === except) continue;
      const writer = this.cluster.begin("store", scheduler, 0);
      writer.writeVarUint(global.index);
      writer.writeU8(global.holdsMutables ? 2 : 1);
      this.cluster.put(writer, global.value!);
    }
  }

  // H1

  private standIn(pid: number, scheduler: number): StandIn {
    let standIn = this.standIns.get(pid);
    if (standIn === undefined) {
      standIn = new StandIn(pid, scheduler);
      this.standIns.set(pid, standIn);
    }
    return standIn;
  }

  private dismiss(standIn: StandIn): void {
    if (rareOf(standIn).waitsFor === null && standIn.computes === 0) this.standIns.delete(standIn.id);
  }
}

/** Those of the processes of scheduler 0. */
class HomeGlobals extends LocalLocks {
  private readonly tell: (global: GlobalState) => void;

  constructor(globals: readonly GlobalState[], wake: (process: Process) => void, tell: (global: GlobalState) => void) {
    super(globals, wake);
    this.tell = tell;
  }

  override stored(process: Process, global: GlobalState): void {
    if (global.owner !== process) rareOf(process).staysHere = true; // elsewhere it could find the value before
    this.tell(global);
    super.stored(process, global);
  }
}
