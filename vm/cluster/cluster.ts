/**
 * One scheduler's side of a program that runs on several: every transition that leaves it or comes from another.
 *
 * The trick: who gets which pid says where its process lives: pid p on scheduler (p - 1) mod N. So processes spread round
 * robin, and everybody knows where a pid is without asking. What is for another scheduler is gathered as entries
 * (entries.ts) and posted between slices (transport.ts); what comes is handled between slices too, so no entry ever
 * meets a running process.
 *
 * C1  Entries from one scheduler to another are handled in the order in which they were gathered.
 * C2  A pid is given out before its process is there. What reaches its home earlier waits for it (`early`).
 * C3  What a scheduler has printed is written before it posts anything, so who learns of it prints later.
 * C4  A scheduler is idle only as words.ts W1 says; the one that makes everything quiet tells scheduler 0, which looks
 *     again (W2), and then knows that nobody can ever run.
 *
 * Scheduler 0 is the main thread. It alone starts the others, holds the mvars and globals (home.ts), reads standard
 * input, reports crashes, and ends the run.
 */
import { decode } from "../codec/decode.ts";
import { encode, type Refusal } from "../codec/encode.ts";
import { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { ProcessAnswers } from "../host/native.ts";
import { copyForSend, makeRaise } from "../interp/operations.ts";
import type { ExitReport, MailboxWarning, Outcome, WaitingProcess } from "../interp/report.ts";
import type { Locks } from "../mvar/locks.ts";
import { InvariantBroken } from "../process/invariant.ts";
import { type Process, rareOf } from "../process/process.ts";
import type { Signal } from "../process/signals.ts";
import type { Machine } from "../sched/machine.ts";
import { Closure, type Value } from "../values/value.ts";
import { AwayLocks } from "./away.ts";
import { ENTRY, type EntryName, QUESTIONS } from "./entries.ts";
import { Home } from "./home.ts";
import { readSignal, writeSignal } from "./signal-entry.ts";
import type { Transport } from "./transport.ts";
import type { Words } from "./words.ts";

/** What a scheduler is given to take part. */
export interface Seat {
  /** its number, from 0 */
  readonly me: number;
  readonly words: Words;
  readonly transport: Transport;
  /** of the run; ms of the monotonic clock */
  readonly startedMs: number;
  /** time is virtual: it stands while somebody runs, and jumps when nobody can */
  readonly isVirtual: boolean;
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

export class Cluster {
  readonly me: number;
  readonly count: number;
  readonly locks: Locks;
  private readonly machine: Machine;
  private readonly seat: Seat;
  private readonly words: Words;
  private readonly transport: Transport;
  private readonly home: Home | undefined;
  private readonly away: AwayLocks | undefined;
  /** C2 */
  private readonly early = new Map<number, (() => void)[]>();
  /** questions that were not answered yet, by number */
  private readonly asked = new Map<number, (answer: never) => void>();
  private questions = 0;
  /** of scheduler 0: others' questions for input that were not answered yet, by `keyOf` */
  private readonly reading = new Map<number, (text: never) => void>();
  /** schedulers that run, or that scheduler 0 knows it has to start */
  private readonly isKnown: boolean[];
  /** answers to `whoWaits` that are missing; undefined: nobody has been asked */
  private unheard: number | undefined = undefined;
  private waiting: WaitingProcess[] = [];
  private waitingTotal = 0;
  /** processes elsewhere in whose mailboxes senders have to wait for room */
  private readonly bounded = new Set<number>();
  /** of processes of ours like that: the schedulers that know */
  private readonly toldOf = new Map<number, Set<number>>();
  /** where the entry begins that is being gathered */
  private entryStart = 0;

  constructor(machine: Machine, seat: Seat) {
    this.machine = machine;
    this.seat = seat;
    this.me = seat.me;
    this.words = seat.words;
    this.count = seat.words.count;
    this.transport = seat.transport;
    this.isKnown = Array.from({ length: this.count }, (_, scheduler) => scheduler === 0 || scheduler === this.me);
    this.home = this.me === 0 ? new Home(machine, this) : undefined;
    this.away = this.me === 0 ? undefined : new AwayLocks(machine, this);
    this.locks = (this.home?.locks ?? this.away)!;
  }

  // processes

  isElsewhere(pid: number): boolean {
    return this.homeOf(pid) !== this.me;
  }

  private homeOf(pid: number): number {
    return (pid - 1) % this.count;
  }

  /** A new process, wherever its pid puts it. @throws Raise when the function value cannot travel */
  spawn(closure: Closure, mayHoldMutables: boolean): number {
    const { machine } = this;
    const pid = this.words.takePid();
    const to = this.homeOf(pid);
    if (to === this.me) {
      const copy = mayHoldMutables ? (copyForSend(closure, machine.context) as Closure) : closure;
      machine.spawn(copy, copy !== closure, pid);
      this.comeTrue(pid);
      return pid;
    }
    const writer = this.begin("spawn", to, pid);
    const refused = this.put(writer, closure);
    if (refused !== undefined) {
      this.begin("notSpawned", to, pid);
      throw makeRaise("TypeError", refused);
    }
    return pid;
  }

  /**
   * A message to a process of another scheduler.
   * @returns false: the sender waits until there is room
   * @throws Raise when it cannot travel
   */
  send(pid: number, message: Value, sender: Process): boolean {
    const isAwaited = this.bounded.size > 0 && this.bounded.has(pid);
    const writer = this.begin(isAwaited ? "sendAwaited" : "send", this.homeOf(pid), pid);
    if (isAwaited) writer.writeVarUint(sender.id);
    const refused = this.put(writer, message);
    if (refused !== undefined) throw makeRaise("TypeError", refused);
    if (isAwaited) this.machine.bounds.park(sender, pid);
    return !isAwaited;
  }

  /** As `send`, for an answer that is wanted as long as the receiver has that monitor on. */
  sendAnswer(pid: number, ref: number, message: Value): void {
    const writer = this.begin("sendAnswer", this.homeOf(pid), pid);
    writer.writeVarUint(ref);
    const refused = this.put(writer, message);
    if (refused !== undefined) throw makeRaise("TypeError", refused);
  }

  /** Who sends to this process of ours has to wait when its mailbox is full: those who run get to know now, others when they send. */
  tellBounded(pid: number): void {
    for (let scheduler = 0; scheduler < this.count; scheduler++)
      if (scheduler !== this.me && this.isKnown[scheduler]) this.tellBoundedTo(pid, scheduler);
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

  /** A signal to a process of another scheduler. */
  signal(pid: number, signal: Signal): void {
    writeSignal(this.begin("signal", this.homeOf(pid), pid), signal);
  }

  /** C2: whether the pid's process may come still; `what` is done when it has. */
  holdUntilSpawned(pid: number, what: () => void): boolean {
    if (!this.isToCome(pid)) return false;
    const held = this.early.get(pid);
    if (held === undefined) this.early.set(pid, [what]);
    else held.push(what);
    return true;
  }

  isToCome(pid: number): boolean {
    return pid > 0 && pid <= this.words.lastPid && !this.isElsewhere(pid) && this.machine.pidTable.isAwaited(pid);
  }

  private comeTrue(pid: number): void {
    const held = this.early.get(pid);
    if (held === undefined) return;
    this.early.delete(pid);
    for (const what of held) what();
  }

  countExited(): void {
    this.words.countExited(this.me);
  }

  counts(): { spawned: number; exited: number; alive: number } {
    const exited = this.words.exited; // first, so that nobody has exited who was not spawned
    const spawned = this.words.lastPid;
    return { spawned, exited, alive: spawned - exited };
  }

  /** The `n`th ref of this scheduler is no other one's. */
  ownRef(n: number): number {
    return (n - 1) * this.count + this.me + 1;
  }

  // questions

  /** Whether this scheduler can say it by itself: it is about its own process, or about names, which scheduler 0 keeps. */
  knows(kind: keyof ProcessAnswers, pid: number): boolean {
    if (pid === 0) return this.me === 0 && kind !== "all" && kind !== "timers";
    return !this.isElsewhere(pid) && kind !== "register";
  }

  /**
   * About a process of another scheduler, or (pid 0) of all; or of scheduler 0 for a name or a line of input. A name is
   * given to a process where the process is, so that it is alive, and from there scheduler 0 is told.
   */
  ask<Kind extends keyof Answers>(kind: Kind, pid: number, done: (answer: Answers[Kind]) => void, name = ""): void {
    if (kind === "all") {
      const answered = done as (answer: readonly number[]) => void;
      this.askAll("all", (pids) => answered(pids.flat().sort((a, b) => a - b)));
    } else if (kind === "timers") {
      const answered = done as (answer: number) => void;
      this.askAll("timers", (counts) => answered(counts.reduce((sum, count) => sum + count, 0)));
    } else if (kind === "register" && !this.isElsewhere(pid))
      this.nameOwn(pid, name, done as (answer: Answers["register"]) => void);
    else this.askOf(pid === 0 ? 0 : this.homeOf(pid), kind, pid, name, done);
  }

  /** Of each scheduler, this one too. */
  private askAll<Kind extends "all" | "timers">(kind: Kind, done: (answers: ProcessAnswers[Kind][]) => void): void {
    const answers: ProcessAnswers[Kind][] = [this.machine.answer(kind, 0, "")];
    // whoever is not known to us may have processes already
    const count = Math.min(this.count, this.words.lastPid);
    if (count === 1) done(answers);
    for (let other = 0; other < count; other++) {
      if (other === this.me) continue;
      this.askOf(other, kind, 0, "", (theirs) => {
        if (answers.push(theirs) === count) done(answers);
      });
    }
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

  /** A process of this scheduler, which is not the first, gets a name, and loses it with its end. */
  private nameOwn(pid: number, name: string, done: (answer: Answers["register"]) => void): void {
    const process = this.machine.pidTable.get(pid);
    if (process === undefined) {
      if (!this.holdUntilSpawned(pid, () => this.nameOwn(pid, name, done))) done("dead");
      return;
    }
    if (this.me === 0) this.nameIt(pid, name, done);
    else {
      rareOf(process).hasName = true;
      this.askOf(0, "nameIt", pid, name, done);
    }
  }

  /**
   * Scheduler 0: gives the name, if it is free. Who has it on another scheduler may have ended already, and somebody knew
   * that before he asked for the name: that scheduler's answer comes behind the news of the end.
   */
  private nameIt(pid: number, name: string, done: (answer: Answers["register"]) => void): void {
    const { machine } = this;
    const owner = machine.names.whereIs(name);
    if (owner === undefined || !this.isElsewhere(owner)) done(machine.nameProcess(name, pid));
    else this.askOf(this.homeOf(owner), "alive", owner, "", () => done(machine.nameProcess(name, pid)));
  }

  /** A process of this scheduler, which is not the first, has ended. */
  forgetNames(pid: number): void {
    this.begin("forget", 0, pid);
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

  // what a scheduler does between slices, and when it has nothing to do

  /** Handles what has come; posts what is much. */
  betweenSlices(): void {
    if (this.transport.hasMail) this.receive();
    if (this.transport.isFull) this.post();
  }

  /** Hands over everything that was gathered. */
  post(): void {
    if (!this.transport.hasGathered) return;
    this.machine.options.sink.flush(); // C3
    this.transport.post();
  }

  /**
   * The scheduler is going to sleep; everything is posted.
   * @param deadlineMs  of its first timer, or Infinity
   * @param isWaitedFor  the host will answer a call
   * @returns until when it may sleep if nothing comes
   */
  rest(deadlineMs: number, isWaitedFor: boolean): number {
    const { words, me, seat } = this;
    const isIdle =
      !isWaitedFor &&
      (seat.isVirtual || deadlineMs === Number.POSITIVE_INFINITY) &&
      !this.transport.isHeldBack &&
      !this.transport.hasGathered;
    if (seat.isVirtual) words.setDeadline(me, deadlineMs);
    words.setIdle(me, isIdle);
    if (isIdle && words.isQuiet()) {
      if (me === 0) this.onQuiet();
      else this.transport.wake(0); // C4
    }
    return seat.isVirtual ? Number.POSITIVE_INFINITY : deadlineMs;
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
      if (scheduler !== this.me) this.transport.wake(scheduler);
  }

  /** C4: everybody is idle, and nothing is on its way. Scheduler 0. */
  private onQuiet(): void {
    if (this.seat.isVirtual) {
      const due = this.words.advanceClock();
      for (const scheduler of due) {
        if (scheduler === this.me) this.machine.scheduler.rouse();
        else this.transport.wake(scheduler);
      }
      if (due.length > 0) return;
    }
    if (this.unheard !== undefined) return;
    const own = this.machine.scheduler.waitingProcesses(SHOWN_WAITING);
    this.waiting = own.waiting;
    this.waitingTotal = own.total;
    this.unheard = 0;
    for (let scheduler = 1; scheduler < this.count; scheduler++) {
      if (!this.isKnown[scheduler]) continue;
      this.unheard++;
      this.write("whoWaits", scheduler);
    }
    if (this.unheard === 0) this.endStuck();
    else this.post();
  }

  private endStuck(): void {
    const waiting = this.waiting
      .sort((a, b) => a.pid - b.pid)
      .slice(0, SHOWN_WAITING)
      .map((process) => ({ ...process, waitsFor: this.home?.waitsFor(process.pid) ?? process.waitsFor }));
    this.machine.endStuck({ kind: "stuck", waiting, total: this.waitingTotal });
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
    this.transport.post();
  }

  /** The run is over: nobody else writes any more, and the other schedulers go away. */
  stop(): void {
    if (this.me !== 0) return;
    this.words.lock(this.me);
    this.seat.workers?.stop();
    this.transport.close();
  }

  // entries

  /** The beginning of an entry, up to and with the pid or number that it begins with. */
  begin(name: EntryName, to: number, first: number): Writer {
    const writer = this.write(name, to);
    writer.writeVarUint(first);
    return writer;
  }

  private write(name: EntryName, to: number): Writer {
    if (!this.isKnown[to]) {
      this.isKnown[to] = true;
      if (this.seat.workers !== undefined) this.seat.workers.start(to);
      else this.begin("start", 0, to);
    }
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
    writer.length = this.entryStart;
    return wordsOf(refusal);
  }

  /** Handles all that has come. */
  private receive(): void {
    for (let chunk = this.transport.take(); chunk !== undefined; chunk = this.transport.take()) {
      this.words.countReceived(this.me);
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
    spawn: (reader) => this.onSpawn(reader),
    notSpawned: (reader) => this.onNotSpawned(reader.readVarUint()),
    send: (reader, from) => this.onSend(reader, from),
    sendAwaited: (reader) => {
      const [pid, sender] = [reader.readVarUint(), reader.readVarUint()];
      const message = decode(reader, this.machine);
      this.machine.bounds.offerFromElsewhere(pid, sender, message, reader.holdsMutables);
    },
    sendAnswer: (reader) => {
      const [pid, ref] = [reader.readVarUint(), reader.readVarUint()];
      const message = decode(reader, this.machine);
      this.machine.deliverAnswer(pid, ref, message, reader.holdsMutables);
    },
    bounded: (reader) => {
      const pid = reader.readVarUint();
      if (reader.readU8() === 1) this.bounded.add(pid);
      else this.bounded.delete(pid);
    },
    signal: (reader) => {
      const pid = reader.readVarUint();
      this.machine.signals.receive(pid, readSignal(reader));
    },
    forget: (reader) => this.machine.names.forget(reader.readVarUint()),
    ask: (reader, from) => this.onAsk(reader, from),
    answer: (reader) => this.onAnswer(reader),
    withdraw: (reader, from) => this.onWithdraw(reader.readVarUint(), from),
    lock: (reader, from) => this.home!.onLock(reader, from),
    locked: (reader) => this.away!.onLocked(reader),
    lockRefused: (reader) => this.away!.onRefused(reader),
    unlock: (reader) => this.home!.onUnlock(reader),
    claim: (reader, from) => this.home!.onClaim(reader, from),
    claimed: (reader) => this.away!.onClaimed(reader),
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

  private onSpawn(reader: Reader): void {
    const pid = reader.readVarUint();
    const closure = decode(reader, this.machine);
    if (!(closure instanceof Closure)) throw new InvariantBroken("C1", { entry: "spawn", pid });
    this.machine.spawn(closure, reader.holdsMutables, pid);
    this.comeTrue(pid);
  }

  private onNotSpawned(pid: number): void {
    this.machine.pidTable.skip(pid);
    this.countExited();
    this.comeTrue(pid);
  }

  private onSend(reader: Reader, from: number): void {
    const pid = reader.readVarUint();
    const message = decode(reader, this.machine);
    if (this.machine.pidTable.get(pid)?.rare?.bound?.policy === "block") this.tellBoundedTo(pid, from);
    this.machine.deliver(pid, message, reader.holdsMutables);
  }

  private onAsk(reader: Reader, from: number): void {
    const { machine } = this;
    const question = reader.readVarUint();
    const kind = reader.readU8();
    const pid = reader.readVarUint();
    const name = reader.readText();
    const answer = (): Writer => {
      const writer = this.begin("answer", from, question);
      writer.writeU8(kind);
      return writer;
    };
    /** an answer of the host, which comes when it comes, also when nothing else runs here */
    const late = (write: (writer: Writer) => void): void => {
      if (machine.outcome !== undefined) return;
      write(answer());
      machine.scheduler.rouse();
    };
    switch (QUESTIONS[kind]) {
      case "alive":
        answer().writeU8(machine.isAlive(pid) ? 1 : 0);
        return;
      case "kill": {
        const wasAlive = machine.kill(pid);
        answer().writeU8(wasAlive ? 1 : 0);
        return;
      }
      case "info":
        writeOptional(answer(), JSON.stringify(machine.processInfo(pid)));
        return;
      case "all": {
        const writer = answer();
        const pids = machine.pids();
        writer.writeVarUint(pids.length);
        for (const each of pids) writer.writeVarUint(each);
        return;
      }
      case "register":
        this.nameOwn(pid, name, (result) => late((writer) => writer.writeText(result)));
        return;
      case "nameIt":
        this.nameIt(pid, name, (result) => late((writer) => writer.writeText(result)));
        return;
      case "timers":
        answer().writeVarUint(machine.answer("timers", 0, ""));
        return;
      case "unregister":
        answer().writeU8(machine.answer("unregister", 0, name) ? 1 : 0);
        return;
      case "whereis":
        answer().writeVarUint(machine.answer("whereis", 0, name));
        return;
      case "registered":
      case "names":
        answer().writeText(JSON.stringify(machine.answer(QUESTIONS[kind]!, 0, name)));
        return;
      case "readLine": {
        const done = (line: string | undefined): void => {
          this.reading.delete(this.keyOf(question, from));
          late((writer) => writeOptional(writer, line));
        };
        this.reading.set(this.keyOf(question, from), done);
        machine.options.stdin.readLine(done);
        return;
      }
      case "readAll": {
        const done = (text: string): void => {
          this.reading.delete(this.keyOf(question, from));
          late((writer) => writer.writeText(text));
        };
        this.reading.set(this.keyOf(question, from), done);
        machine.options.stdin.readAll(done);
        return;
      }
    }
  }

  private onAnswer(reader: Reader): void {
    const question = reader.readVarUint();
    const answer = readAnswer(reader);
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
    if (this.isKnown[scheduler]) return;
    this.isKnown[scheduler] = true;
    this.seat.workers!.start(scheduler);
  }

  private onWhoWaits(): void {
    this.write("waiting", 0).writeText(JSON.stringify(this.machine.scheduler.waitingProcesses(SHOWN_WAITING)));
  }

  private onWaiting(reader: Reader): void {
    const { waiting, total } = JSON.parse(reader.readText()) as ReturnType<Machine["scheduler"]["waitingProcesses"]>;
    this.waiting.push(...waiting);
    this.waitingTotal += total;
    this.unheard!--;
    if (this.unheard === 0) this.endStuck();
  }
}

const NAMES: readonly EntryName[] = Object.keys(ENTRY) as EntryName[];

function wordsOf(refusal: Refusal): string {
  return refusal.reason === "too-long"
    ? "a value is too long to travel to another scheduler"
    : `what lives on one scheduler cannot travel to another: ${refusal.name}`;
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
