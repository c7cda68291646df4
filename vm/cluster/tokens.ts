/**
 * The locks of a program on several schedulers: each mvar's value, lock and queue are where its token is.
 *
 * The trick: what goes on between schedulers are the transitions of protocol/mvar.ts and protocol/deadlock.ts as they are;
 * here they meet processes, values and time. Where the token is, taking and leaving an mvar is what it is with one scheduler.
 *
 * The lease: who comes after this scheduler (`pass`) is told to the protocol when the token has been here for long enough,
 * as if that entry had come later. So processes that change the mvar again and again do so many times for each move of its
 * value. It ends early when nobody here has used the mvar for some slices, and when nobody here can run.
 *
 * T1  `value` is there only where the token is; only the owner looks at it.
 * T2  `pass` is kept only while the token is here, or will come; then nothing else that concerns the mvar's queue can come.
 * T3  A scheduler that rests keeps no `pass`.
 * T4  What a scheduler tells itself is handled when the transition that told it is over (`own`).
 * T5  `waits` has each process that holds something and waits, or has waited for a global until a moment ago. What is held
 *     and waited for is told to scheduler 0 as a number: of an mvar, or, behind those, of a global.
 */
import { decode } from "../codec/decode.ts";
import type { Reader } from "../codec/reader.ts";
import { Raise } from "../host/native.ts";
import { makeRaise } from "../interp/operations.ts";
import type { Claim, GlobalLocks, Locks } from "../mvar/locks.ts";
import { cycleThrough, type GlobalState, type LockResult, MvarState } from "../mvar/mvar.ts";
import { InvariantBroken } from "../process/invariant.ts";
import { type Process, rareOf, State, transition } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import type { Cluster } from "./cluster.ts";
import * as deadlock from "./protocol/deadlock.ts";
import * as protocol from "./protocol/mvar.ts";
import { type MvarHome, type MvarSeat, type MvarSite, NOBODY } from "./protocol/mvar.ts";

/** All mvars begin at the scheduler that sets them first, and it keeps their queues. */
const HOME = 0;
/** A token stays for at least this, */
const LEAST_LEASE_MS = 3;
/** or for so many times as long as moving it has taken. */
const LEASE_OF_MOVE = 4;
/** Slices in which nobody used the mvar; then nobody will be much longer, as far as one can know. */
const UNUSED_SLICES = 16;
const US_OF_MS = 1000;

export class SharedMvar extends MvarState implements MvarSeat<Process> {
  readonly me: number;
  readonly home = HOME;
  isHere: boolean;
  asked = false;
  next = NOBODY;
  leaseOver = false;
  keeper = NOBODY;
  /** T2: who comes next, not told to the protocol yet */
  pass = NOBODY;
  leaseEndsMs = 0;
  wasUsed = false;
  unusedSlices = 0;

  constructor(index: number, name: string, module: string, me: number) {
    super(index, name, module);
    this.me = me;
    this.isHere = me === HOME;
  }
}

export class Tokens implements Locks {
  private readonly machine: Machine;
  private readonly cluster: Cluster;
  private readonly globals: GlobalLocks;
  /** by mvar */
  private readonly sites: MvarSite<Process>[] = [];
  /** of scheduler 0, by mvar */
  private readonly homes: MvarHome[] = [];
  /** those that are here and have a `pass` */
  private readonly leased = new Set<SharedMvar>();
  /** T4 */
  private readonly own: (() => void)[] = [];
  private isInOwn = false;
  /** why processes that were woken do not get what they waited for */
  private readonly answers = new Map<Process, Raise | { readonly cycle: readonly { readonly name: string }[] }>();
  /** T5 */
  private readonly waits = new Map<Process, number>();
  private waitsTold = 0;
  /** of scheduler 0 */
  private readonly finder = deadlock.newFinder();
  private readonly finderSite: deadlock.FinderSite = {
    ask: (scheduler, question) => this.askWhether(scheduler, question),
    fail: (scheduler, pid, number, mvars) => this.tellFailure(scheduler, pid, number, mvars),
  };

  constructor(machine: Machine, cluster: Cluster, globals: GlobalLocks) {
    this.machine = machine;
    this.cluster = cluster;
    this.globals = globals;
  }

  // what processes do

  lock(process: Process, set: readonly MvarState[]): LockResult {
    const rare = rareOf(process);
    if (this.answers.size > 0) {
      const answer = this.answers.get(process);
      if (answer !== undefined) return this.giveUp(process, set, answer);
    }
    for (; rare.lockedOfSet < set.length; rare.lockedOfSet++) {
      const mvar = set[rare.lockedOfSet] as SharedMvar;
      mvar.wasUsed = true;
      if (mvar.owner === process) {
        mvar.depth++;
        continue;
      }
      const cycle = mvar.owner === null ? undefined : cycleThrough(process, mvar); // all of it is here
      if (cycle !== undefined) return this.giveUp(process, set, { cycle });
      if (!protocol.lock(mvar, this.siteOf(mvar), process)) {
        rare.waitsFor = mvar;
        transition(process, State.Locking);
        this.tellWait(process, mvar);
        this.doOwn();
        return "waits";
      }
      mvar.depth = 1;
      rare.held.push(mvar);
    }
    rare.lockedOfSet = 0;
    return "locked";
  }

  /** Lets go of what it has of the set already. @throws Raise when that is the answer */
  private giveUp(
    process: Process,
    set: readonly MvarState[],
    answer: Raise | Exclude<LockResult, string>,
  ): Exclude<LockResult, string> {
    const rare = rareOf(process);
    const taken = set.slice(0, rare.lockedOfSet);
    rare.lockedOfSet = 0;
    this.answers.delete(process);
    this.unlock(process, taken);
    if (answer instanceof Raise) throw answer;
    return answer;
  }

  unlock(process: Process, set: readonly MvarState[]): void {
    for (let i = set.length - 1; i >= 0; i--) {
      const mvar = set[i] as SharedMvar;
      if (mvar.owner === process && --mvar.depth === 0) this.release(process, mvar);
    }
    if (this.own.length > 0) this.doOwn();
  }

  private release(process: Process, mvar: SharedMvar): void {
    const { held } = rareOf(process);
    if (held.length === 1) held.pop();
    else held.splice(held.lastIndexOf(mvar), 1);
    protocol.unlock(mvar, this.siteOf(mvar));
  }

  releaseAll(process: Process): void {
    this.answers.delete(process);
    this.endWait(process);
    const rare = rareOf(process);
    if (rare.waitsFor instanceof SharedMvar) {
      protocol.leave(rare.waitsFor, process);
      rare.waitsFor = null;
    }
    for (const mvar of [...rare.held] as SharedMvar[]) {
      mvar.depth = 0;
      this.release(process, mvar);
    }
    this.doOwn();
    this.globals.releaseAll(process);
  }

  isBound(process: Process): boolean {
    return this.answers.has(process) || this.globals.isBound(process);
  }

  claim(process: Process, global: GlobalState, isLazy: boolean): Claim {
    this.endWait(process);
    const claim = this.globals.claim(process, global, isLazy);
    if (claim === "waits") {
      this.tellWait(process, global);
      this.doOwn();
    }
    return claim;
  }

  stored(process: Process, global: GlobalState): void {
    this.globals.stored(process, global);
  }

  abandon(global: GlobalState): void {
    this.globals.abandon(global);
  }

  // what the protocol does

  private siteOf(mvar: SharedMvar): MvarSite<Process> {
    this.sites[mvar.index] ??= {
      post: (to, entry) => this.post(mvar, to, entry),
      postToken: (to) => this.postToken(mvar, to),
      granted: (process) => {
        const rare = rareOf(process);
        mvar.depth = 1;
        rare.held.push(mvar);
        rare.waitsFor = null;
        rare.lockedOfSet++;
        this.endWait(process);
        this.machine.wake(process);
      },
      refused: (process) => {
        const why = `the value of the mvar ${mvar.name} cannot travel to another scheduler`;
        this.failWait(process, makeRaise("TypeError", why));
      },
    };
    return this.sites[mvar.index]!;
  }

  private post(mvar: SharedMvar, to: number, entry: Exclude<protocol.MvarEntry, { kind: "token" }>): void {
    const { me } = this.cluster;
    if (to === me) {
      this.own.push(() => this.handle(mvar, me, entry));
      return;
    }
    switch (entry.kind) {
      case "want":
        this.cluster.begin("wantMvar", to, mvar.index);
        return;
      case "pass":
        this.cluster.begin("passMvar", to, mvar.index).writeVarUint(entry.to);
        return;
      case "refused":
        this.cluster.begin("refuseMvar", to, mvar.index);
    }
  }

  private handle(mvar: SharedMvar, from: number, entry: Exclude<protocol.MvarEntry, { kind: "token" }>): void {
    const site = this.siteOf(mvar);
    switch (entry.kind) {
      case "want":
        this.homes[mvar.index] ??= { last: HOME };
        protocol.onWant(this.homes[mvar.index]!, site, from);
        return;
      case "pass":
        this.keepPass(mvar, entry.to);
        return;
      case "refused":
        if (mvar.pass !== NOBODY) protocol.onPass(mvar, site, this.takePass(mvar));
        protocol.onRefused(mvar, site, from);
    }
  }

  private postToken(mvar: SharedMvar, to: number): boolean {
    const begunMs = this.nowMs();
    const writer = this.cluster.begin("mvarToken", to, mvar.index);
    writer.writeU8(mvar.value === undefined ? 0 : mvar.holdsMutables ? 2 : 1);
    if (mvar.value !== undefined && this.cluster.put(writer, mvar.value) !== undefined) return false;
    writer.writeVarUint(Math.round((this.nowMs() - begunMs) * US_OF_MS));
    mvar.value = undefined; // T1
    return true;
  }

  onWant(reader: Reader, from: number): void {
    this.handle(this.read(reader), from, { kind: "want" });
    this.doOwn();
  }

  onPass(reader: Reader, from: number): void {
    this.handle(this.read(reader), from, { kind: "pass", to: reader.readVarUint() });
    this.doOwn();
  }

  onRefused(reader: Reader, from: number): void {
    this.handle(this.read(reader), from, { kind: "refused" });
    this.doOwn();
  }

  onToken(reader: Reader): void {
    const begunMs = this.nowMs();
    const mvar = this.read(reader);
    const mark = reader.readU8();
    mvar.value = mark === 0 ? undefined : decode(reader, this.machine);
    mvar.holdsMutables = mark === 2;
    const packedMs = reader.readVarUint() / US_OF_MS;
    const now = this.nowMs();
    mvar.leaseEndsMs = now + Math.max(LEAST_LEASE_MS, LEASE_OF_MOVE * (packedMs + now - begunMs));
    if (mvar.pass !== NOBODY) this.leased.add(mvar);
    mvar.wasUsed = true;
    protocol.onToken(mvar, this.siteOf(mvar));
    this.doOwn();
  }

  private read(reader: Reader): SharedMvar {
    return this.machine.mvars[reader.readVarUint()] as SharedMvar;
  }

  // the lease

  private keepPass(mvar: SharedMvar, to: number): void {
    // where the token was refused, the entry is for who keeps it
    if (mvar.keeper !== NOBODY || !(mvar.isHere || mvar.asked)) {
      protocol.onPass(mvar, this.siteOf(mvar), to);
      return;
    }
    if (mvar.pass !== NOBODY) throw new InvariantBroken("T2", { mvar: mvar.name, pass: mvar.pass, to });
    mvar.pass = to;
    mvar.unusedSlices = 0;
    if (mvar.isHere) this.leased.add(mvar);
  }

  private takePass(mvar: SharedMvar): number {
    const { pass } = mvar;
    mvar.pass = NOBODY;
    this.leased.delete(mvar);
    return pass;
  }

  private endLease(mvar: SharedMvar): void {
    const site = this.siteOf(mvar);
    protocol.onPass(mvar, site, this.takePass(mvar));
    if (mvar.next !== NOBODY) protocol.onLeaseOver(mvar, site);
  }

  get hasLeases(): boolean {
    return this.leased.size > 0;
  }

  /** Ends the leases that are over. */
  betweenSlices(): void {
    const now = this.nowMs();
    for (const mvar of this.leased) {
      mvar.unusedSlices = mvar.wasUsed ? 0 : mvar.unusedSlices + 1;
      mvar.wasUsed = false;
      if (now >= mvar.leaseEndsMs || mvar.unusedSlices >= UNUSED_SLICES) this.endLease(mvar);
    }
    this.doOwn();
  }

  /** T3: nobody here can run. */
  endLeases(): void {
    for (const mvar of this.leased) this.endLease(mvar);
    this.doOwn();
  }

  private nowMs(): number {
    return this.machine.options.chance.monotonic();
  }

  /** T4 */
  private doOwn(): void {
    if (this.isInOwn) return;
    this.isInOwn = true;
    for (let next = this.own.shift(); next !== undefined; next = this.own.shift()) next();
    this.isInOwn = false;
  }

  // circles

  private tellWait(process: Process, wanted: MvarState | GlobalState): void {
    this.endWait(process);
    const { held, computesGlobals } = rareOf(process);
    const computed = computesGlobals ? this.machine.globals.filter(({ owner }) => owner === process) : [];
    if (held.length === 0 && computed.length === 0) return;
    const number = this.cluster.ownNumber(++this.waitsTold);
    this.waits.set(process, number);
    const holds = [...held, ...computed].map((each) => this.numberOf(each));
    const wants = this.numberOf(wanted);
    // two waits of a process that has moved in between may not overtake each other
    this.cluster.whenSettled(process, () => this.reportWait(process, number, holds, wants));
  }

  private reportWait(process: Process, number: number, holds: readonly number[], wants: number): void {
    if (this.waits.get(process) !== number) return; // it is over
    if (this.cluster.me === HOME) {
      this.onWait(process.id, number, HOME, holds, wants);
      this.doOwn();
      return;
    }
    const writer = this.cluster.begin("waits", HOME, process.id);
    writer.writeVarUint(number);
    writer.writeVarUint(holds.length);
    for (const each of holds) writer.writeVarUint(each);
    writer.writeVarUint(wants);
  }

  private numberOf(what: MvarState | GlobalState): number {
    return what.kind === "mvar" ? what.index : this.machine.mvars.length + what.index;
  }

  onWaits(reader: Reader, from: number): void {
    const pid = reader.readVarUint();
    const number = reader.readVarUint();
    const holds = Array.from({ length: reader.readVarUint() }, () => reader.readVarUint());
    this.onWait(pid, number, from, holds, reader.readVarUint());
    this.doOwn();
  }

  private onWait(pid: number, number: number, scheduler: number, holds: readonly number[], wants: number): void {
    const canFail = wants < this.machine.mvars.length;
    deadlock.onWaits(this.finder, this.finderSite, pid, { number, scheduler, holds, wants, canFail });
  }

  private endWait(process: Process): void {
    const number = this.waits.get(process);
    if (number === undefined) return;
    this.waits.delete(process);
    if (this.cluster.me === HOME) this.own.push(() => deadlock.onWaitEnds(this.finder, process.id, number));
    else this.cluster.begin("waitEnds", HOME, process.id).writeVarUint(number);
  }

  onWaitEnds(reader: Reader): void {
    const pid = reader.readVarUint();
    deadlock.onWaitEnds(this.finder, pid, reader.readVarUint());
  }

  private askWhether(scheduler: number, question: deadlock.Question): void {
    const { suspicion, process, number } = question;
    if (scheduler === HOME) {
      this.own.push(() => deadlock.onAnswer(this.finder, this.finderSite, question, this.goesOn(process, number)));
      return;
    }
    const writer = this.cluster.begin("stillWaits", scheduler, process);
    writer.writeVarUint(number);
    writer.writeVarUint(suspicion);
  }

  onStillWaits(reader: Reader): void {
    const process = reader.readVarUint();
    const number = reader.readVarUint();
    const writer = this.cluster.begin("waitsStill", HOME, process);
    writer.writeVarUint(number);
    writer.writeVarUint(reader.readVarUint());
    writer.writeU8(this.goesOn(process, number) ? 1 : 0);
  }

  onWaitsStill(reader: Reader): void {
    const process = reader.readVarUint();
    const number = reader.readVarUint();
    const suspicion = reader.readVarUint();
    deadlock.onAnswer(this.finder, this.finderSite, { suspicion, process, number }, reader.readU8() === 1);
    this.doOwn();
  }

  private goesOn(pid: number, number: number): boolean {
    const process = this.machine.pidTable.get(pid);
    if (process === undefined || this.waits.get(process) !== number) return false;
    return process.state === State.Locking || process.state === State.Initialising;
  }

  private tellFailure(scheduler: number, pid: number, number: number, circle: readonly number[]): void {
    if (scheduler === HOME) {
      this.own.push(() => this.failInCircle(pid, number, circle));
      return;
    }
    const writer = this.cluster.begin("waitFails", scheduler, pid);
    writer.writeVarUint(number);
    writer.writeVarUint(circle.length);
    for (const each of circle) writer.writeVarUint(each);
  }

  onWaitFails(reader: Reader): void {
    const pid = reader.readVarUint();
    const number = reader.readVarUint();
    this.failInCircle(
      pid,
      number,
      Array.from({ length: reader.readVarUint() }, () => reader.readVarUint()),
    );
    this.doOwn();
  }

  private named(number: number): { readonly name: string } {
    const { mvars, globals } = this.machine;
    return mvars[number] ?? globals[number - mvars.length]!;
  }

  private failInCircle(pid: number, number: number, circle: readonly number[]): void {
    if (!this.goesOn(pid, number)) return;
    const process = this.machine.pidTable.get(pid)!;
    this.waits.delete(process); // the finder knows
    protocol.leave(process.rare!.waitsFor as SharedMvar, process);
    this.failWait(process, { cycle: circle.map((number) => this.named(number)) });
  }

  /** It runs again, asks again, and is told. */
  private failWait(process: Process, answer: Raise | Exclude<LockResult, string>): void {
    this.endWait(process);
    rareOf(process).waitsFor = null;
    this.answers.set(process, answer);
    this.machine.wake(process);
  }

  // what is told when nobody can ever run

  /** Mvars that processes of this scheduler hold, and who. */
  held(): [mvar: string, pid: number][] {
    return this.machine.mvars.flatMap(({ name, owner }) => (owner === null ? [] : [[name, owner.id]]));
  }
}
