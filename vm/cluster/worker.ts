/**
 * Where a scheduler that is not the first begins: in a thread of its own, with what vm/cluster/worker-pool.ts gave it.
 */
import { workerData } from "node:worker_threads";
import { type Chance, realChance } from "../host/chance.ts";
import type { InputLines, Native } from "../host/native.ts";
import { FdSink, type Sink } from "../host/sink.ts";
import type { ProcessEvent } from "../interp/engine.ts";
import { NOSTOS } from "../interp/interpreter.ts";
import { link } from "../interp/link.ts";
import { CHECK, InvariantBroken } from "../process/invariant.ts";
import { Machine } from "../sched/machine.ts";
import { sharedVirtualTime } from "./virtual-time.ts";
import { Words } from "./words.ts";
import type { WorkerStart } from "./worker-pool.ts";

/** Who is told what processes do, for what `Schedulers.trace` says. */
type ObserverOf = (trace: string, sink: Sink) => (event: ProcessEvent) => void;

/** @param natives  the same as scheduler 0 has */
export function runWorker(natives: ReadonlyMap<string, Native>, observerOf: ObserverOf): void {
  const { me, shared, unit, options } = workerData as WorkerStart;
  const linked = link(unit, { natives, check: CHECK });
  if ("problem" in linked) throw new InvariantBroken("link", { ...linked.problem });
  const { startedMs, isVirtual, movesAll, mailboxWarning: from } = options;
  const words = new Words(shared.count, shared.words);
  const sink = new FdSink(options.outFd, options.errorFd);
  sink.shareThrough({ enter: () => words.lock(me), leave: () => words.unlock() });
  const chance: Chance = isVirtual ? sharedVirtualTime(words, (ms) => machine.cluster!.passTime(ms)) : realChance();
  // scheduler 0 reads for all
  const stdin: InputLines = {
    readLine: (done) => machine.cluster!.ask("readLine", 0, done),
    readAll: (done) => machine.cluster!.ask("readAll", 0, done),
    withdraw: (done) => machine.cluster!.withdraw(done),
  };
  const machine: Machine = new Machine(
    linked.program,
    {
      ...options,
      natives,
      observe: options.trace === undefined ? undefined : observerOf(options.trace, sink),
      chance,
      sink,
      stdin,
      engine: NOSTOS,
      seat: { me, shared, words, startedMs, isVirtual, movesAll, workers: undefined },
      onReport: () => {}, // see Machine.fail
      mailboxWarning: from === undefined ? undefined : { from, warn: (warning) => machine.cluster!.warn(warning) },
    },
    (outcome) => machine.cluster!.end(outcome),
  );
  machine.startAway();
}
