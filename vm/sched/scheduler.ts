/**
 * Runs the ready processes in turns of a few milliseconds, and lets Node's event loop have its turn between them.
 *
 * The trick: all waiting happens in the event loop, so a signal, a timer or an answer of the host is never kept longer
 * than one turn. A slice ends by itself after 2000 reductions; the clock is read once in a while, not after each.
 *
 * With several schedulers, who has nothing to run sleeps as vm/cluster says; on a thread of its own without the event loop.
 *
 * S1  One turn runs at a time, and at most one is arranged (`arranged`).
 * S2  When no turn runs and the program has not ended, a turn is arranged or `cancelSleep` is set.
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { WaitingProcess } from "../interp/report.ts";
import { placeOfFrame } from "../interp/trace.ts";
import { mailboxCount } from "../process/mailbox.ts";
import { type Process, rareOf, State, transition } from "../process/process.ts";
import { HeapGuard } from "./heap-guard.ts";
import { brokenOutcome, type Machine } from "./machine.ts";
import { RunQueue } from "./run-queue.ts";
import { Timers } from "./timers.ts";

/** A turn of the event loop costs about a microsecond; five milliseconds keep Ctrl-C and I/O prompt. */
const TURN_MS = 5;
/**
 * A turn in which one process runs alone, for which nothing has to be put down, may be longer: only Ctrl-C has to wait
 * for it, as every call of the host and every timer ends it.
 */
const TURN_ALONE_MS = 50;
/** Reading the clock takes 40 ns; a slice that ends early takes 200. */
const REDUCTIONS_BETWEEN_CLOCKS = 10_000;
/** Ends a turn also when the clock does not move, as a virtual one does not while somebody runs. */
const MOST_REDUCTIONS_OF_TURN = 2_000_000;
const MOST_REDUCTIONS_ALONE = 20_000_000;
/** The same for one that only waits and is woken. */
const MOST_RESTS_OF_TURN = 1_000;
/** What a slice counts at least, so that many short ones also lead to a look at the clock. */
const LEAST_OF_SLICE = 100;
const SHOWN_WAITING = 20;

export class Scheduler {
  readonly timers = new Timers<Process>();
  /** calls of host functions that have not answered yet */
  hostCalls = 0;
  /** the monotonic clock as it was read last */
  clockMs: number;
  reductionsUsed = 0;
  /** `reductionsUsed` when the turn began */
  private turnStart = 0;
  /** `reductionsUsed` may go up to this; several schedulers take it in pieces */
  private allowed: number;
  private readonly machine: Machine;
  private readonly ready = new RunQueue<Process>();
  private readonly heapGuard: HeapGuard;
  private inTurn = false;
  /** nobody was ready at a moment since the clock was read; else somebody has always been, since then */
  private wasEmpty = true;
  private busySinceMs = 0;
  /** of the slice that runs, or has run last */
  private budget = 0;
  /** reductions until the next look at the clock and the heap, and those used since the last */
  private untilClock = 0;
  private sinceClock = 0;
  private turnEndMs = 0;
  /** the same for a process that runs alone */
  private aloneEndMs = 0;
  /** one of several schedulers sleeps in the event loop, for so long at most; undefined: it does not */
  private restUntilMs: number | undefined = undefined;
  private arranged = false;
  private stopped = false;
  private interrupted = false;
  private cancelSleep: (() => void) | undefined = undefined;

  constructor(machine: Machine) {
    this.machine = machine;
    this.clockMs = machine.options.chance.monotonic();
    this.heapGuard = new HeapGuard(machine);
    const { maxReductions } = machine.options;
    this.allowed = machine.cluster === undefined || maxReductions === Number.POSITIVE_INFINITY ? maxReductions : 0;
  }

  start(): void {
    this.turn();
  }

  stop(): void {
    this.stopped = true;
    this.cancelSleep?.();
    this.cancelSleep = undefined;
  }

  /** Ends the run, or the input at the prompt, at the next slice boundary. */
  interrupt(): void {
    this.interrupted = true;
    this.arrange();
  }

  /** Something has come from outside: a turn at once if nobody has arranged one. Called from the event loop. */
  rouse(): void {
    this.arrange();
  }

  /** P2: a process whose state has just become Ready. */
  put(process: Process): void {
    this.ready.put(process);
    if (!this.inTurn) this.arrange();
  }

  /** Takes a process that dies out of the run queue. */
  forget(process: Process): void {
    this.ready.remove(process);
  }

  /** Wakes the process at that time; a timer that it had is gone. */
  setTimer(process: Process, deadlineMs: number): void {
    const rare = rareOf(process);
    if (rare.timer !== null) this.timers.cancel(rare.timer);
    rare.timer = this.timers.set(deadlineMs, process);
  }

  cancelTimer(process: Process): void {
    const { rare } = process;
    if (rare === null || rare.timer === null) return;
    this.timers.cancel(rare.timer);
    rare.timer = null;
  }

  private readonly pidAt = (position: number): number => this.ready.at(position)?.id ?? 0;

  private arrange(): void {
    if (this.arranged || this.inTurn || this.stopped) return;
    this.cancelSleep?.();
    this.cancelSleep = undefined;
    this.arranged = true;
    this.machine.options.chance.turn(this.turn);
  }

  private readonly turn = (): void => {
    this.arranged = false;
    this.cancelSleep = undefined;
    if (this.stopped || this.inTurn) return;
    this.inTurn = true;
    const { cluster } = this.machine;
    cluster?.wakeUp();
    try {
      if (cluster === undefined) this.runReady();
      else this.runWith(cluster);
      this.inTurn = false;
      this.arrangeNext();
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.machine.end({ kind: "internal", message, opcode: "", place: undefined });
    } finally {
      this.inTurn = false;
    }
  };

  /** One of several schedulers: slices, as long as more turns up without the event loop's help, and for one turn at most. */
  private runWith(cluster: Cluster): void {
    const { chance } = this.machine.options;
    const endMs = chance.monotonic() + TURN_MS;
    this.restUntilMs = undefined;
    for (let rests = 0; rests < MOST_RESTS_OF_TURN; rests++) {
      this.runReady();
      if (this.stopped || this.ready.count > 0) return;
      const untilMs = this.rest(cluster);
      if (this.stopped) return;
      if (untilMs !== "on") {
        this.restUntilMs = untilMs;
        return;
      }
      if (chance.monotonic() >= endMs) return;
    }
  }

  /** After a turn: the next one, or sleep, or the end because nobody can run any more. */
  private arrangeNext(): void {
    if (this.stopped) return;
    const { sink, chance } = this.machine.options;
    const isHeld = this.isHeld();
    if (this.ready.count > 0 || isHeld) chance.passWork?.(this.reductionsUsed - this.turnStart);
    const { cluster } = this.machine;
    if (this.ready.count > 0 && !isHeld) {
      cluster?.post();
      sink.flush(true);
      this.endIfBroken();
      this.arrange();
      return;
    }
    if (cluster !== undefined) {
      if (this.restUntilMs === undefined) this.arrange();
      else if (!this.arranged) this.cancelSleep = chance.sleepUntil(this.restUntilMs, this.turn);
      return;
    }
    if (this.timers.count === 0 && this.hostCalls === 0 && !this.machine.isIdle) {
      const stuck = { kind: "stuck", ...this.waitingProcesses() } as const;
      if (!this.machine.endInput(stuck)) {
        this.machine.endStuck(stuck);
        return;
      }
    }
    sink.flush();
    this.endIfBroken();
    if (this.stopped) return;
    const deadlineMs = isHeld ? Number.POSITIVE_INFINITY : this.timers.nextLookMs;
    this.cancelSleep = chance.sleepUntil(deadlineMs, this.turn);
  }

  /** One of several schedulers has nothing to run: whether anybody ever can, all of them have to say. */
  private rest(cluster: Cluster): "on" | number {
    cluster.post();
    this.machine.options.sink.flush();
    this.endIfBroken();
    if (this.stopped) return "on";
    if (this.allowed < Number.POSITIVE_INFINITY) {
      cluster.giveReductions(this.allowed - this.reductionsUsed);
      this.allowed = this.reductionsUsed;
    }
    return cluster.rest(this.timers.nextLookMs, this.hostCalls > 0);
  }

  /** Everybody waits until the host has answered; see Chance. */
  private isHeld(): boolean {
    return this.hostCalls > 0 && this.machine.options.chance.holdsForHost === true;
  }

  /** Slices, until nothing is ready or the turn is over. */
  private runReady(): void {
    const { machine, ready } = this;
    const { chance, sliceReductions, engine, profile } = machine.options;
    const { cluster } = machine;
    /** what most runs have not: see the loop */
    const isSpecial = cluster !== undefined || profile !== undefined || chance.holdsForHost === true;
    const movesAll = cluster?.movesAll === true;
    const isChosen = chance.pick !== undefined || chance.sliceLength !== undefined;
    this.clockMs = chance.monotonic();
    this.turnEndMs = this.clockMs + TURN_MS;
    this.aloneEndMs = this.clockMs + TURN_ALONE_MS;
    this.turnStart = this.reductionsUsed;
    this.untilClock = REDUCTIONS_BETWEEN_CLOCKS;
    this.sinceClock = 0;
    this.wakeDue();
    for (;;) {
      if (this.interrupted) {
        const interrupted = { kind: "interrupted", trace: machine.placesOfMain() } as const;
        this.interrupted = false;
        if (!machine.endInput(interrupted)) {
          machine.end(interrupted);
          return;
        }
      }
      if (isSpecial) {
        if (this.isHeld()) return;
        if (cluster !== undefined && !cluster.isCalm) {
          cluster.betweenSlices();
          if (this.stopped) return;
        }
      }
      const process =
        isChosen && chance.pick !== undefined
          ? ready.takeAt(ready.count === 0 ? -1 : chance.pick(ready.count, this.pidAt))
          : ready.take();
      if (process === undefined) {
        // the clock has gone on meanwhile; only an exact look may let us sleep
        this.clockMs = chance.monotonic();
        if (!this.wakeDue()) return;
        continue;
      }
      if (ready.count === 0) this.wasEmpty = true;
      if (movesAll && cluster!.moveOn(process)) {
        chance.passWork?.(this.reductionsUsed - this.turnStart);
        this.turnStart = this.reductionsUsed;
        continue;
      }
      let budget = isChosen && chance.sliceLength !== undefined ? chance.sliceLength(sliceReductions) : sliceReductions;
      if (this.allowed - this.reductionsUsed < budget) {
        if (cluster !== undefined) this.takeReductions(cluster);
        budget = Math.min(budget, this.allowed - this.reductionsUsed);
        if (budget <= 0) {
          machine.end({ kind: "reduction-budget", place: placeOfFrame(machine.program, process.frame) });
          return;
        }
      }
      transition(process, State.Running);
      if (isSpecial) profile?.sliceBegins(process);
      this.budget = budget;
      const left = engine.runSlice(machine, process, budget);
      const used = this.budget - left;
      if (isSpecial) profile?.sliceEnds(process);
      this.reductionsUsed += used;
      process.reductions += used;
      if (process.state === State.Running) {
        transition(process, State.Ready);
        ready.put(process, left <= 0);
      }
      if (this.stopped) return;
      this.sinceClock += used;
      this.untilClock -= Math.max(used, LEAST_OF_SLICE);
      if (this.untilClock > 0) continue;
      this.heapGuard.afterSlices(process, this.sinceClock);
      this.sinceClock = 0;
      this.untilClock = REDUCTIONS_BETWEEN_CLOCKS;
      this.endIfBroken();
      if (this.stopped) return;
      this.clockMs = chance.monotonic();
      if (cluster !== undefined) this.lookAround(cluster);
      if (this.clockMs >= this.turnEndMs || this.reductionsUsed - this.turnStart >= MOST_REDUCTIONS_OF_TURN) return;
      this.wakeDue();
    }
  }

  /** Once in a while, between slices: what others wait for goes out, and so do processes, if there are too many for us. */
  private lookAround(cluster: Cluster): void {
    if (this.ready.count > 0) cluster.stopAsking();
    if (this.wasEmpty) {
      this.wasEmpty = false;
      this.busySinceMs = this.clockMs;
    } else if (this.ready.count > 1) cluster.share(this.ready, this.busySinceMs, this.clockMs);
    cluster.post();
  }

  /**
   * The slice of the running process has ended, in the middle of compiled code: where the loop above would do nothing but
   * give it the next one, it has that at once. Everything that may come between is left to the loop.
   * @param left    reductions of the slice, not above 0
   * @param nested  frames that the process may have beyond those that are on the heap
   * @returns the reductions of the next slice; 0: the process has to be put down
   */
  nextSlice(left: number, nested: number): number {
    const { machine } = this;
    const { chance, sliceReductions, profile, maxStackFrames, sink } = machine.options;
    if (this.ready.count > 0 || this.interrupted || this.stopped || this.hostCalls > 0) return 0;
    if (profile !== undefined || machine.cluster?.isCalm === false) return 0;
    if (chance.pick !== undefined || chance.sliceLength !== undefined) return 0;
    const used = this.budget - left;
    const reductionsUsed = this.reductionsUsed + used;
    const budget = Math.min(sliceReductions, this.allowed - reductionsUsed);
    const { process } = machine.context;
    if (budget <= 0 || process === null || process.depth + nested + budget >= maxStackFrames) return 0; // J5
    let untilClock = this.untilClock - Math.max(used, LEAST_OF_SLICE);
    let sinceClock = this.sinceClock + used;
    if (untilClock <= 0) {
      const clockMs = chance.monotonic();
      machine.cluster?.stopAsking();
      const isTurnOver = clockMs >= this.aloneEndMs || reductionsUsed - this.turnStart >= MOST_REDUCTIONS_ALONE;
      if (isTurnOver || this.timers.nextLookMs <= clockMs) return 0;
      if (clockMs >= this.turnEndMs) {
        sink.flush(true);
        this.turnEndMs = clockMs + TURN_MS;
      }
      if (brokenOutcome(sink) !== undefined) return 0;
      if (!this.heapGuard.isEnough(process, sinceClock)) return 0;
      this.clockMs = clockMs;
      untilClock = REDUCTIONS_BETWEEN_CLOCKS;
      sinceClock = 0;
    }
    this.untilClock = untilClock;
    this.sinceClock = sinceClock;
    this.reductionsUsed = reductionsUsed;
    process.reductions += used;
    this.budget = budget;
    return budget;
  }

  /** Until there are some for the next slice, or none for anybody. */
  private takeReductions(cluster: Cluster): void {
    while (this.allowed <= this.reductionsUsed) {
      const taken = cluster.takeReductions();
      if (taken === 0) return;
      this.allowed += taken;
    }
  }

  private endIfBroken(): void {
    const outcome = brokenOutcome(this.machine.options.sink);
    if (outcome !== undefined) this.machine.end(outcome);
  }

  /** @returns whether somebody was woken */
  private wakeDue(): boolean {
    let woken = false;
    for (
      let timer = this.timers.takeDue(this.clockMs);
      timer !== undefined;
      timer = this.timers.takeDue(this.clockMs)
    ) {
      const process = timer.what;
      rareOf(process).timer = null;
      if (process.state === State.Receiving || process.state === State.Sleeping) {
        this.machine.wake(process);
        woken = true;
      }
    }
    return woken;
  }

  /** The first of those who wait, and how many there are. */
  waitingProcesses(most = SHOWN_WAITING): { waiting: WaitingProcess[]; total: number } {
    const { machine } = this;
    const waiting: WaitingProcess[] = [];
    for (const process of machine.pidTable) {
      if (waiting.length === most) break;
      const what = process.rare?.waitsFor ?? null;
      const owner = what?.owner?.id ?? 0;
      waiting.push({
        pid: process.id,
        waitsFor:
          what === null
            ? process.state === State.Sending
              ? { kind: "room", of: process.rare!.sendingTo }
              : { kind: "message", mailbox: mailboxCount(process) }
            : what.kind === "mvar"
              ? { kind: "mvar", name: what.name, heldBy: owner }
              : { kind: "global", name: what.name, computedBy: owner },
        place: placeOfFrame(machine.program, process.frame),
      });
    }
    return { waiting, total: machine.pidTable.count };
  }
}
