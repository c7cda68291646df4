/**
 * One scheduler's side of a program that runs on several: every transition that leaves it or comes from another.
 *
 * The trick: what is for another scheduler is gathered as entries (entries.ts) and posted between slices (transport.ts);
 * what comes is handled between slices too, so no entry ever meets a running process. A new process is here; it goes to a
 * scheduler that has nothing to do when it turns out that there is more than one can run (moves.ts).
 *
 * C1  Entries from one scheduler to another are handled in the order in which they were gathered.
 * C2  A scheduler begins when somebody has something for it; from then on it counts as running.
 * C3  What a scheduler has printed is written before it posts anything, so who learns of it prints later.
 * C4  A scheduler goes to sleep by the steps of protocol/wake.ts alone; the one that finds that nobody can ever run rings
 *     scheduler 0, which looks again, and then knows.
 *
 * Scheduler 0 is the main thread. It alone starts the others, holds the globals (home.ts), reads standard
 * input, reports crashes, and ends the run.
 */
import { decode } from "../codec/decode.ts";
import { encode, type Refusal } from "../codec/encode.ts";
import { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { ProcessAnswers } from "../host/native.ts";
import { makeRaise } from "../interp/operations.ts";
import type { ExitReport, MailboxWarning, Outcome, WaitingProcess } from "../interp/report.ts";
import { InvariantBroken } from "../process/invariant.ts";
import { type Process, rareOf } from "../process/process.ts";
import type { Signal } from "../process/signals.ts";
import type { Machine } from "../sched/machine.ts";
import type { RunQueue } from "../sched/run-queue.ts";
import type { Value } from "../values/value.ts";
import { AwayGlobals } from "./away.ts";
import { ABOUT, type About, type Carried } from "./carried.ts";
import { ENTRY, type EntryName, QUESTIONS } from "./entries.ts";
import { Home } from "./home.ts";
import { Moves } from "./moves.ts";
import { Places } from "./places.ts";
import { GONE } from "./protocol/forward.ts";
import { bellOf, idleOf, type Memory, RUNNING, sharedMemory } from "./protocol/memory.ts";
import { askForWork, claim, findHungry, shareOf, stopAsking } from "./protocol/steal.ts";
import { newRest, RestAt, restStep, ring, wake } from "./protocol/wake.ts";
import type { SharedMemory } from "./shared.ts";
import { Tokens } from "./tokens.ts";
import { Transport } from "./transport.ts";
import type { Words } from "./words.ts";

/** What a scheduler is given to take part. */
export interface Seat {
  /** its number, from 0 */
  readonly me: number;
  readonly shared: SharedMemory;
  readonly words: Words;
  /** of the run; ms of the monotonic clock */
  readonly startedMs: number;
  /** time is virtual: it stands while somebody runs, and jumps when nobody can */
  readonly isVirtual: boolean;
  /** for tests: whatever may move does so before each of its slices */
  readonly movesAll: boolean;
  /** scheduler 0: the others */
  readonly workers: { start(scheduler: number): void; stop(): void } | undefined;
}

interface Answers extends ProcessAnswers {
  /** of scheduler 0, for a process that is alive elsewhere */
  readonly nameIt: "done" | "taken" | "dead";
  /** undefined: the input is at its end */
  readonly readLine: string | undefined;
  readonly readAll: string;
}

/** bytes of a message that cost a reduction */
const BYTES_OF_REDUCTION = 64;
/** reductions that a scheduler takes from a budget for all at once */
const REDUCTIONS_TAKEN = 20_000;
const SHOWN_WAITING = 20;
/** chunks that are handled before processes have their turn again */
const MOST_CHUNKS = 64;
/** looks at the bell before it sleeps: some ten microseconds, which is what waking up would take */
const SPINS = 1_000;
/** of those that are ready, so many are looked at for some to give away */
const MOST_LOOKED_AT = 512;
/** When none of them was busy, it is looked again after so long: each look takes a microsecond. */
const SHARE_AGAIN_MS = 0.5;

export class Cluster {
  readonly me: number;
  readonly count: number;
  readonly locks: Tokens;
  private readonly machine: Machine;
  private readonly seat: Seat;
  private readonly words: Words;
  private readonly bells: Int32Array<SharedArrayBuffer>;
  private readonly memory: Memory;
  private readonly places: Places;
  private readonly transport: Transport;
  private readonly moves: Moves;
  private readonly home: Home | undefined;
  private readonly away: AwayGlobals | undefined;
  /** questions that were not answered yet, by number */
  private readonly asked = new Map<number, (answer: never) => void>();
  private questions = 0;
  /** of scheduler 0: others' questions for input that were not answered yet, by `keyOf` */
  private readonly reading = new Map<number, (text: never) => void>();
  /** C2: as far as this one has heard */
  private readonly isKnown: boolean[];
  /** answers to `whoWaits` that are missing; undefined: nobody has been asked */
  private unheard: number | undefined = undefined;
  private waiting: WaitingProcess[] = [];
  private waitingTotal = 0;
  /** mvars, and who holds them, of all */
  private held = new Map<string, number>();
  /** processes elsewhere in whose mailboxes senders have to wait for room */
  private readonly bounded = new Set<number>();
  /** of processes of ours like that: the schedulers that know */
  private readonly toldOf = new Map<number, Set<number>>();
  /** where the entry begins that is being gathered */
  private entryStart = 0;
  private hasGathered = false;
  /** its bit among the hungry may be set */
  private asksForWork = false;
  /** nobody is given away before; of those that were ready nobody was worth it */
  private shareAgainMs = 0;
  /** the sleep in the event loop that goes on; what wakes from an earlier one has nothing to say */
  private sleep = 0;
  private isAsleep = false;
  /** movesAll: these have come for a slice */
  private readonly come = new Set<Process>();

  constructor(machine: Machine, seat: Seat) {
    this.machine = machine;
    this.seat = seat;
    this.me = seat.me;
    this.words = seat.words;
    this.count = seat.words.count;
    this.bells = new Int32Array(seat.shared.protocol);
    this.memory = sharedMemory(this.bells);
    this.places = new Places(this.me, seat.shared.places);
    this.transport = new Transport(seat.shared, this.memory, this.me);
    this.isKnown = new Array<boolean>(this.count).fill(false);
    this.moves = new Moves(machine, this, this.places);
    this.home = this.me === 0 ? new Home(machine, this) : undefined;
    this.away = this.me === 0 ? undefined : new AwayGlobals(machine, this);
    this.locks = new Tokens(machine, this, (this.home?.globals ?? this.away)!);
    this.asksForWork = this.me !== 0; // scheduler 0 has done so for it
    if (this.me === 0) this.beginAll();
  }

  /** Those that have not begun are idle, and want work. */
  private beginAll(): void {
    this.setRunning(0);
    for (let other = 1; other < this.count; other++) {
      this.memory.store(idleOf(other), 1);
      askForWork(this.memory, other);
    }
  }

  // processes

  /** For a process that begins here. @throws Raise when there are too many */
  takePid(): number {
    const pid = this.places.takePid();
    if (pid === undefined) throw makeRaise("TooManyProcesses", "there is no room for one more process");
    this.words.countSpawned(this.me);
    return pid;
  }

  /** Whether what is done to this process goes through here; false: it is one of this scheduler, as any other. */
  mustCarry(pid: number): boolean {
    return this.moves.mustCarry(pid);
  }

  /** Whether some process here has only just come; without one, `mustCarry` of all that are here is false. */
  get hasUnsettled(): boolean {
    return this.moves.hasUnsettled;
  }

  /**
   * A message of the running process, if `mustCarry`.
   * @returns false: the sender waits until there is room
   * @throws Raise when it cannot travel
   */
  send(pid: number, message: Value, sender: Process): boolean {
    const isAwaited = sender.id !== pid && (this.bounded.has(pid) || this.isBlocking(pid));
    this.moves.send(sender, pid, message, isAwaited);
    return !isAwaited;
  }

  /**
   * An answer of the running process, if `mustCarry`: it is wanted as long as the receiver has that monitor on.
   * @param holdsMutables  it is the receiver's own already
   */
  sendAnswer(pid: number, ref: number, value: Value, holdsMutables: boolean): void {
    this.moves.carry(this.machine.context.pid, pid, { kind: "answer", ref, value, holdsMutables });
  }

  /** A process of ours in whose mailbox senders have to wait for room. It stays as long as that is so. */
  private isBlocking(pid: number): boolean {
    return this.machine.pidTable.get(pid)?.rare?.bound?.policy === "block";
  }

  /** Who sends to this process of ours has to wait when its mailbox is full: those who run get to know now, others when they send. */
  tellBounded(pid: number): void {
    for (const scheduler of this.running()) if (scheduler !== this.me) this.tellBoundedTo(pid, scheduler);
  }

  private tellBoundedTo(pid: number, scheduler: number): void {
    const told = this.toldOf.get(pid) ?? new Set();
    if (told.has(scheduler)) return;
    this.toldOf.set(pid, told.add(scheduler));
    this.begin("bounded", scheduler, pid).writeU8(1);
  }

  tellUnbounded(pid: number): void {
    for (const scheduler of this.toldOf.get(pid) ?? []) this.begin("bounded", scheduler, pid).writeU8(0);
    this.toldOf.delete(pid);
  }

  /** Does it when everybody has handled what the process had to say from where it was before; not at all if it ends first. */
  whenSettled(process: Process, act: () => void): void {
    this.moves.whenSettled(process, act);
  }

  /** A signal of that process, if `mustCarry`. */
  signal(sender: number, pid: number, signal: Signal): void {
    this.moves.carry(sender, pid, { kind: "signal", signal });
  }

  /** The process has ended, and all that it had to say has been said. */
  onExit(pid: number, isLast: boolean): void {
    this.words.countExited(this.me);
    this.moves.onExit(pid, isLast);
  }

  counts(): { spawned: number; exited: number; alive: number } {
    const exited = this.words.exited; // first, so that nobody has exited who was not spawned
    const spawned = this.words.spawned;
    return { spawned, exited, alive: spawned - exited };
  }

  /** The `n`th of this scheduler is no other one's. */
  ownNumber(n: number): number {
    return (n - 1) * this.count + this.me + 1;
  }

  // questions

  /** Whether this scheduler can say it by itself: it is about its own process, or about names, which scheduler 0 keeps. */
  knows(kind: keyof ProcessAnswers, pid: number): boolean {
    if (pid === 0) return this.me === 0 && kind !== "all" && kind !== "timers";
    return kind !== "register" && !this.mustCarry(pid);
  }

  /**
   * About a process, wherever it is, or (pid 0) about all; or of scheduler 0 for a name or a line of input. A name is
   * given to a process where the process is, so that it is alive, and from there scheduler 0 is told.
   */
  ask<Kind extends keyof Answers>(kind: Kind, pid: number, done: (answer: Answers[Kind]) => void, name = ""): void {
    if (kind === "all") this.askForAll(done as (answer: readonly number[]) => void);
    else if (kind === "timers") {
      const answered = done as (answer: number) => void;
      this.askEach("timers", (counts) => answered(counts.reduce((sum, count) => sum + count, 0)));
    } else if (pid !== 0 && isAbout(kind)) this.askAbout(this.machine.context.pid, kind, pid, name, done);
    else this.askOf(0, kind, pid, name, done);
  }

  /** @param sender  the process that asks, for the question's place in the order; 0: none of them */
  private askAbout<Kind extends About>(
    sender: number,
    about: Kind,
    pid: number,
    name: string,
    done: (answer: Answers[Kind]) => void,
  ): void {
    const question = ++this.questions;
    this.asked.set(question, done);
    this.moves.carry(sender, pid, { kind: "ask", from: this.me, question, about, name });
  }

  /** One that moves meanwhile is perhaps in nobody's answer, or in two; but then its place is known to all. */
  private askForAll(done: (answer: readonly number[]) => void): void {
    this.askEach("all", (answers) => {
      const pids = new Set([...answers.flat(), ...this.places.moved()]);
      done([...pids].filter((pid) => this.mayBeAlive(pid)).sort((a, b) => a - b));
    });
  }

  private mayBeAlive(pid: number): boolean {
    return this.machine.pidTable.get(pid) !== undefined || this.places.of(pid) !== GONE;
  }

  /** Of each scheduler that runs, this one too. */
  private askEach<Kind extends "all" | "timers">(kind: Kind, done: (answers: ProcessAnswers[Kind][]) => void): void {
    const answers: ProcessAnswers[Kind][] = [this.machine.answer(kind, 0, "")];
    const others = this.running().filter((scheduler) => scheduler !== this.me);
    if (others.length === 0) done(answers);
    for (const other of others)
      this.askOf(other, kind, 0, "", (theirs) => {
        if (answers.push(theirs) > others.length) done(answers);
      });
  }

  /** Who waits for input of scheduler 0 with this `done` has ended. */
  withdraw(done: (text: never) => void): void {
    for (const [question, asker] of this.asked) {
      if (asker !== done) continue;
      this.asked.delete(question);
      this.begin("withdraw", 0, question);
    }
  }

  private onWithdraw(question: number, from: number): void {
    const { stdin } = this.machine.options;
    const done = this.reading.get(this.keyOf(question, from));
    if (done === undefined) return;
    this.reading.delete(this.keyOf(question, from));
    stdin.withdraw?.(done);
  }

  private keyOf(question: number, from: number): number {
    return question * this.count + from;
  }

  /** A question that has come to where its process is, or was when it ended. */
  answerAbout(pid: number, { from, question, about, name }: Carried & { readonly kind: "ask" }): void {
    const { machine } = this;
    if (about === "register") this.nameOwn(pid, name, (result) => this.answer(from, question, about, result));
    else this.answer(from, question, about, machine.answer(about, pid, ""));
  }

  /** A process of this scheduler gets a name, and loses it with its end. */
  private nameOwn(pid: number, name: string, done: (answer: Answers["register"]) => void): void {
    const { machine } = this;
    const process = machine.pidTable.get(pid);
    if (process === undefined) {
      done("dead");
      return;
    }
    rareOf(process).hasName = true;
    if (this.me === 0) this.nameIt(pid, name, done);
    else this.askOf(0, "nameIt", pid, name, done);
  }

  /**
   * Scheduler 0: gives the name, if it is free. Who has it on another scheduler may have ended already, and somebody knew
   * that before he asked for the name: where it was, they answer behind the news of the end.
   */
  private nameIt(pid: number, name: string, done: (answer: Answers["register"]) => void): void {
    const { machine } = this;
    const owner = machine.names.whereIs(name);
    const finish = (): void => {
      if (owner !== undefined && !this.mayBeAlive(owner)) machine.names.forget(owner);
      done(this.mayBeAlive(pid) ? machine.nameProcess(name, pid) : "dead"); // the news of its end may have come before
    };
    if (owner === undefined || !this.mayBeAlive(owner) || machine.pidTable.get(owner) !== undefined) finish();
    else this.askAbout(0, "alive", owner, "", finish);
  }

  /** A process that was here, and may have a name, has ended. */
  forgetNames(pid: number): void {
    if (this.me !== 0) this.begin("forget", 0, pid);
  }

  private askOf<Kind extends keyof Answers>(
    to: number,
    kind: Kind,
    pid: number,
    name: string,
    done: (answer: Answers[Kind]) => void,
  ): void {
    const question = ++this.questions;
    this.asked.set(question, done);
    const writer = this.begin("ask", to, question);
    writer.writeU8(QUESTIONS.indexOf(kind));
    writer.writeVarUint(pid);
    writer.writeText(name);
  }

  private answer<Kind extends keyof Answers>(to: number, question: number, kind: Kind, answer: Answers[Kind]): void {
    if (to === this.me) {
      this.hear(question, answer);
      return;
    }
    const writer = this.begin("answer", to, question);
    writer.writeU8(QUESTIONS.indexOf(kind));
    writeAnswer(writer, kind, answer);
  }

  // what a scheduler does between slices, and when it has nothing to do

  /** Nothing has come, and nothing is to be posted: who runs may go on, or the next one, without a look around. */
  get isCalm(): boolean {
    return !this.hasGathered && !this.transport.isRung && !this.locks.hasLeases;
  }

  /** Handles what has come; posts what is much. */
  betweenSlices(): void {
    if (this.transport.isRung) this.receive();
    if (this.locks.hasLeases) this.locks.betweenSlices();
    if (this.transport.isFull) this.post();
  }

  /** Hands over everything that was gathered. */
  post(): void {
    if (!this.hasGathered) return;
    this.machine.options.sink.flush(); // C3
    this.hasGathered = false;
    this.transport.post();
  }

  /**
   * Gives some of those that are ready to a scheduler that has nothing to do, if there is one.
   * @param busySinceMs  since when there has always been somebody ready
   */
  share(ready: RunQueue<Process>, busySinceMs: number, nowMs: number): void {
    if (nowMs < this.shareAgainMs) return;
    const to = findHungry(this.memory, this.me, this.count);
    if (to === undefined) return;
    const most = shareOf(ready.count, busySinceMs, nowMs);
    if (most === 0) return;
    // of short ones it takes as long to give them away as to run them: see docs/decisions/0017
    const chosen = ready.takeBusy(most, MOST_LOOKED_AT, (process) => this.moves.mayLeave(process));
    if (chosen.length === 0) this.shareAgainMs = nowMs + SHARE_AGAIN_MS;
    const going = this.moves.pack(chosen);
    const isOurs = going.length > 0 && claim(this.memory, to);
    if (isOurs) this.give(to, going);
    const isGone = new Set(isOurs ? going : []);
    for (const process of chosen) if (!isGone.has(process)) ready.put(process, true);
  }

  /** See Seat. */
  get movesAll(): boolean {
    return this.seat.movesAll;
  }

  /** movesAll: whether the process, which would run now, goes elsewhere for that. */
  moveOn(process: Process): boolean {
    if (this.come.delete(process) || !this.moves.mayLeave(process)) return false;
    const going = this.moves.pack([process]);
    if (going.length > 0) this.give((this.me + 1) % this.count, going);
    return going.length > 0;
  }

  private give(to: number, going: readonly Process[]): void {
    this.setRunning(to);
    this.moves.give(to, going);
    this.post();
  }

  private onPacket(reader: Reader, from: number): void {
    for (const process of this.moves.onPacket(reader, from)) {
      if (this.seat.movesAll) this.come.add(process);
      this.machine.scheduler.put(process);
    }
  }

  /**
   * The scheduler has nothing to do. Where the thread may be stopped it sleeps here.
   * @param deadlineMs  of its first timer, or Infinity
   * @param isWaitedFor  the host, or another scheduler, will answer a call
   * @returns "on": it may have something to do; else until when the event loop may sleep, which `rouse` ends
   */
  rest(deadlineMs: number, isWaitedFor: boolean): "on" | number {
    const { words, memory, me, seat, transport } = this;
    this.locks.endLeases();
    this.post();
    if (seat.isVirtual) words.setDeadline(me, deadlineMs);
    const untilMs = seat.isVirtual ? Number.POSITIVE_INFINITY : deadlineMs;
    const isIdle = !isWaitedFor && untilMs === Number.POSITIVE_INFINITY && !transport.hasLeft;
    this.asksForWork = true;
    const rest = newRest(SPINS);
    let wasQuiet = false;
    while (rest.at !== RestAt.Sleep && rest.at !== RestAt.Awake) {
      restStep(memory, me, this.count, rest, () => transport.hasMail, isIdle);
      if (!rest.isQuiet || wasQuiet) continue;
      wasQuiet = true;
      if (me !== 0)
        ring(memory, 0); // C4
      else if (this.onQuiet()) return "on";
    }
    if (rest.at === RestAt.Awake || this.machine.outcome !== undefined) return "on";
    // on a thread that is not the first no host function needs the event loop: standard input is read by scheduler 0
    if (me !== 0) {
      const waitMs = untilMs - this.machine.options.chance.monotonic();
      if (waitMs > 0) Atomics.wait(this.bells, bellOf(me), rest.seen, waitMs);
      wake(memory, me);
      return "on";
    }
    const woken = waitAsync(this.bells, bellOf(me), rest.seen);
    if (woken === undefined) {
      wake(memory, me);
      return "on";
    }
    const sleep = ++this.sleep;
    this.isAsleep = true;
    void woken.then(() => {
      if (sleep === this.sleep && this.isAsleep) this.machine.scheduler.rouse();
    });
    return untilMs;
  }

  /** A turn begins, whatever has woken us. */
  wakeUp(): void {
    if (!this.isAsleep) return;
    this.isAsleep = false;
    wake(this.memory, this.me);
    this.memory.notify(bellOf(this.me)); // or who waits in the event loop would be one more each time
  }

  /** There is something to run. */
  stopAsking(): void {
    if (!this.asksForWork) return;
    this.asksForWork = false;
    stopAsking(this.memory, this.me);
  }

  /** More work for this scheduler, of the budget for all; 0: it is used up. */
  takeReductions(): number {
    return this.words.takeReductions(REDUCTIONS_TAKEN);
  }

  giveReductions(count: number): void {
    this.words.giveReductions(count);
  }

  /** On virtual time, long work makes time pass for all. */
  passTime(ms: number): void {
    this.words.passTime(ms);
    for (let scheduler = 0; scheduler < this.count; scheduler++)
      if (scheduler !== this.me) ring(this.memory, scheduler);
  }

  /** C4: everybody is idle, and nothing is on its way. Scheduler 0. @returns whether it may have something to do now */
  private onQuiet(): boolean {
    if (this.seat.isVirtual) {
      const due = this.words.advanceClock();
      for (const scheduler of due) this.memory.store(idleOf(scheduler), 0);
      for (const scheduler of due) if (scheduler !== this.me) ring(this.memory, scheduler);
      if (due.length > 0) return due.includes(this.me);
    }
    if (this.unheard !== undefined) return false;
    const own = this.machine.scheduler.waitingProcesses(SHOWN_WAITING);
    this.waiting = own.waiting;
    this.waitingTotal = own.total;
    this.held = new Map(this.locks.held());
    const others = this.running().filter((scheduler) => scheduler !== this.me);
    this.unheard = others.length;
    for (const scheduler of others) this.write("whoWaits", scheduler);
    if (this.unheard === 0) this.endStuck();
    else this.post();
    return false;
  }

  private endStuck(): void {
    const waiting = this.waiting
      .sort((a, b) => a.pid - b.pid)
      .slice(0, SHOWN_WAITING)
      .map((process) => ({ ...process, waitsFor: this.home?.waitsFor(process.pid) ?? this.heldElsewhere(process) }));
    this.machine.endStuck({ kind: "stuck", waiting, total: this.waitingTotal });
  }

  /** Who holds an mvar is known where the token is. */
  private heldElsewhere({ waitsFor }: WaitingProcess): WaitingProcess["waitsFor"] {
    if (waitsFor.kind !== "mvar") return waitsFor;
    return { ...waitsFor, heldBy: this.held.get(waitsFor.name) ?? waitsFor.heldBy };
  }

  // the run

  /** A process of this scheduler, which is not the first, has failed. */
  report(report: ExitReport): void {
    const writer = this.write("report", 0);
    const { value, ...rest } = report;
    writer.writeText(JSON.stringify(rest));
    const at = writer.length;
    writer.writeU8(1);
    if (value === undefined || encode(writer, value, this.machine) !== undefined) {
      writer.length = at;
      writer.writeU8(0);
    }
  }

  /** There are many messages in a mailbox of this scheduler, which is not the first. */
  warn(warning: MailboxWarning): void {
    this.write("warn", 0).writeText(JSON.stringify(warning));
  }

  private onWarn(reader: Reader): void {
    const { names, options } = this.machine;
    const warning = JSON.parse(reader.readText()) as MailboxWarning;
    options.mailboxWarning?.warn({ ...warning, names: names.of(warning.pid) });
  }

  /** The run has ended here, and so everywhere; this scheduler is not the first. */
  end(outcome: Outcome): void {
    this.write("end", 0).writeText(JSON.stringify(outcome));
    this.post();
  }

  /** The run is over: nobody else writes any more, and the other schedulers go away. */
  stop(): void {
    if (this.me !== 0) return;
    this.words.lock(this.me);
    this.seat.workers?.stop();
  }

  // entries

  /** The beginning of an entry, up to and with the pid or number that it begins with. */
  begin(name: EntryName, to: number, first: number): Writer {
    const writer = this.write(name, to);
    writer.writeVarUint(first);
    return writer;
  }

  /** Those that have begun, or are about to. */
  running(): readonly number[] {
    const running: number[] = [];
    for (let scheduler = 0; scheduler < this.count; scheduler++) {
      const bits = this.memory.load(RUNNING + (scheduler >> 5));
      if ((bits & (1 << (scheduler & 31))) !== 0) running.push(scheduler);
    }
    return running;
  }

  /** C2 */
  private setRunning(scheduler: number): void {
    if (this.isKnown[scheduler]) return;
    this.isKnown[scheduler] = true;
    const bit = 1 << (scheduler & 31);
    if ((this.memory.or(RUNNING + (scheduler >> 5), bit) & bit) !== 0 || scheduler === 0) return;
    if (this.seat.workers !== undefined) this.seat.workers.start(scheduler);
    else this.begin("start", 0, scheduler);
  }

  private write(name: EntryName, to: number): Writer {
    this.hasGathered = true;
    const writer = this.transport.writerTo(to);
    this.entryStart = writer.length;
    writer.writeU8(ENTRY[name]);
    return writer;
  }

  /**
   * Ends an entry with a value.
   * @returns why it cannot travel, in words; the entry is gone then
   */
  put(writer: Writer, value: Value): string | undefined {
    const from = writer.length;
    const refusal = encode(writer, value, this.machine);
    if (refusal === undefined) {
      this.machine.context.charge(Math.floor((writer.length - from) / BYTES_OF_REDUCTION));
      return undefined;
    }
    return this.finish(refusal, writer);
  }

  /** Takes an entry back that cannot travel. @returns why, in words */
  finish(refusal: Refusal, writer: Writer): string {
    writer.length = this.entryStart;
    return wordsOf(refusal);
  }

  /** Handles what has come. */
  private receive(): void {
    for (let left = MOST_CHUNKS; left > 0; left--) {
      const chunk = this.transport.take();
      if (chunk === undefined) return;
      const reader = new Reader(chunk.bytes);
      while (!reader.isAtEnd && this.machine.outcome === undefined) {
        const name = NAMES[reader.readU8()];
        if (name === undefined) throw new InvariantBroken("C1", { from: chunk.from, offset: reader.offset });
        this.handlers[name](reader, chunk.from);
      }
    }
  }

  /** Of scheduler 0's entries the others get none, and the other way round. */
  private readonly handlers: Readonly<Record<EntryName, (reader: Reader, from: number) => void>> = {
    direct: (reader, from) => {
      const pid = this.moves.onDirect(reader);
      if (this.isBlocking(pid)) this.tellBoundedTo(pid, from);
    },
    forwarded: (reader) => this.moves.onForwarded(reader),
    packet: (reader, from) => this.onPacket(reader, from),
    moved: (reader, from) => this.moves.onMoved(reader, from),
    fence: (reader) => this.moves.onFence(reader),
    passed: (reader) => this.moves.onPassed(reader),
    bounded: (reader) => {
      const pid = reader.readVarUint();
      if (reader.readU8() === 1) this.bounded.add(pid);
      else this.bounded.delete(pid);
    },
    forget: (reader) => this.machine.names.forget(reader.readVarUint()),
    ask: (reader, from) => this.onAsk(reader, from),
    answer: (reader) => this.onAnswer(reader),
    withdraw: (reader, from) => this.onWithdraw(reader.readVarUint(), from),
    wantMvar: (reader, from) => this.locks.onWant(reader, from),
    passMvar: (reader, from) => this.locks.onPass(reader, from),
    mvarToken: (reader) => this.locks.onToken(reader),
    refuseMvar: (reader, from) => this.locks.onRefused(reader, from),
    waits: (reader, from) => this.locks.onWaits(reader, from),
    waitEnds: (reader) => this.locks.onWaitEnds(reader),
    stillWaits: (reader) => this.locks.onStillWaits(reader),
    waitsStill: (reader) => this.locks.onWaitsStill(reader),
    waitFails: (reader) => this.locks.onWaitFails(reader),
    claim: (reader, from) => this.home!.onClaim(reader, from),
    claimed: (reader) => this.away!.onClaimed(reader),
    claimRefused: (reader) => this.away!.onRefused(reader),
    store: (reader, from) => (this.home === undefined ? this.away!.onStore(reader) : this.home.onStore(reader, from)),
    abandon: (reader) => this.home!.onAbandon(reader),
    leave: (reader) => this.home!.onLeave(reader),
    report: (reader) => this.onReport(reader),
    warn: (reader) => this.onWarn(reader),
    end: (reader) => this.machine.end(JSON.parse(reader.readText()) as Outcome),
    start: (reader) => this.onStart(reader.readVarUint()),
    whoWaits: () => this.onWhoWaits(),
    waiting: (reader) => this.onWaiting(reader),
  };

  private onAsk(reader: Reader, from: number): void {
    const { machine } = this;
    const question = reader.readVarUint();
    const kind = QUESTIONS[reader.readU8()];
    const pid = reader.readVarUint();
    const name = reader.readText();
    /** of the host, which comes when it comes, also when nothing else runs here */
    const late = (write: () => void): void => {
      this.reading.delete(this.keyOf(question, from));
      if (machine.outcome !== undefined) return;
      write();
      machine.scheduler.rouse();
    };
    switch (kind) {
      case "all":
      case "timers":
        this.answer(from, question, kind, machine.answer(kind, 0, ""));
        return;
      case "nameIt":
        this.nameIt(pid, name, (result) => this.answer(from, question, kind, result));
        return;
      case "unregister":
      case "whereis":
      case "registered":
      case "names":
        this.answer(from, question, kind, machine.answer(kind, 0, name));
        return;
      case "readLine": {
        const done = (line: string | undefined): void => late(() => this.answer(from, question, kind, line));
        this.reading.set(this.keyOf(question, from), done);
        machine.options.stdin.readLine(done);
        return;
      }
      case "readAll": {
        const done = (text: string): void => late(() => this.answer(from, question, kind, text));
        this.reading.set(this.keyOf(question, from), done);
        machine.options.stdin.readAll(done);
        return;
      }
      default:
        throw new InvariantBroken("C1", { entry: "ask", kind, from });
    }
  }

  private onAnswer(reader: Reader): void {
    const question = reader.readVarUint();
    this.hear(question, readAnswer(reader));
  }

  private hear(question: number, answer: unknown): void {
    const done = this.asked.get(question) as ((answer: unknown) => void) | undefined;
    this.asked.delete(question);
    done?.(answer);
  }

  private onReport(reader: Reader): void {
    const rest = JSON.parse(reader.readText()) as Omit<ExitReport, "value">;
    const value = reader.readU8() === 1 ? decode(reader, this.machine) : undefined;
    this.machine.options.sink.flush();
    const { onReport } = this.machine.options;
    const { left } = rest;
    onReport({ ...rest, value, ...(left && { left: { ...left, names: this.machine.names.of(rest.pid) } }) });
  }

  private onStart(scheduler: number): void {
    this.isKnown[scheduler] = true;
    this.seat.workers!.start(scheduler);
  }

  private onWhoWaits(): void {
    const told = { ...this.machine.scheduler.waitingProcesses(SHOWN_WAITING), held: this.locks.held() };
    this.write("waiting", 0).writeText(JSON.stringify(told));
  }

  private onWaiting(reader: Reader): void {
    const { waiting, total, held } = JSON.parse(reader.readText()) as Told;
    for (const [mvar, pid] of held) this.held.set(mvar, pid);
    this.waiting.push(...waiting);
    this.waitingTotal += total;
    this.unheard!--;
    if (this.unheard === 0) this.endStuck();
  }
}

type Told = ReturnType<Machine["scheduler"]["waitingProcesses"]> & { readonly held: ReturnType<Tokens["held"]> };

const NAMES: readonly EntryName[] = Object.keys(ENTRY) as EntryName[];

export function wordsOf(refusal: Refusal): string {
  return refusal.reason === "too-long"
    ? "a value is too long to travel to another scheduler"
    : `what lives on one scheduler cannot travel to another: ${refusal.name}`;
}

function isAbout(kind: keyof Answers): kind is About {
  return (ABOUT as readonly string[]).includes(kind);
}

/** Atomics.waitAsync, which the library of our language level does not know. @returns undefined: the bell has rung */
function waitAsync(words: Int32Array<SharedArrayBuffer>, word: number, seen: number): Promise<unknown> | undefined {
  const { waitAsync } = Atomics as unknown as {
    waitAsync(words: Int32Array, word: number, seen: number): { async: boolean; value: Promise<unknown> };
  };
  const { async, value } = waitAsync(words, word, seen);
  return async ? value : undefined;
}

function writeAnswer<Kind extends keyof Answers>(writer: Writer, kind: Kind, answer: Answers[Kind]): void {
  switch (kind) {
    case "alive":
    case "kill":
    case "unregister":
      writer.writeU8(answer === true ? 1 : 0);
      return;
    case "register":
    case "nameIt":
    case "readAll":
      writer.writeText(answer as string);
      return;
    case "whereis":
    case "timers":
      writer.writeVarUint(answer as number);
      return;
    case "registered":
    case "names":
      writer.writeText(JSON.stringify(answer));
      return;
    case "info":
      writeOptional(writer, JSON.stringify(answer));
      return;
    case "all": {
      const pids = answer as readonly number[];
      writer.writeVarUint(pids.length);
      for (const pid of pids) writer.writeVarUint(pid);
      return;
    }
    case "readLine":
      writeOptional(writer, answer as string | undefined);
  }
}

function writeOptional(writer: Writer, text: string | undefined): void {
  writer.writeU8(text === undefined ? 0 : 1);
  if (text !== undefined) writer.writeText(text);
}

function readOptional(reader: Reader): string | undefined {
  return reader.readU8() === 0 ? undefined : reader.readText();
}

function readAnswer(reader: Reader): Answers[keyof Answers] {
  const kind = QUESTIONS[reader.readU8()];
  switch (kind) {
    case "alive":
    case "kill":
    case "unregister":
      return reader.readU8() === 1;
    case "register":
    case "nameIt":
      return reader.readText() as Answers["register"];
    case "whereis":
    case "timers":
      return reader.readVarUint();
    case "registered":
    case "names":
      return JSON.parse(reader.readText()) as string[];
    case "info": {
      const info = readOptional(reader);
      return info === undefined ? undefined : (JSON.parse(info) as ProcessAnswers["info"]);
    }
    case "all":
      return Array.from({ length: reader.readVarUint() }, () => reader.readVarUint());
    case "readLine":
      return readOptional(reader);
    case "readAll":
      return reader.readText();
    default:
      return reader.fail();
  }
}
