/**
 * Where a scheduler that is not the first begins: in a thread of its own, with what vm/cluster/worker-pool.ts gave it.
 */
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Chance, realChance } from "../host/chance.ts";
import type { InputLines, Native } from "../host/native.ts";
import { FdSink } from "../host/sink.ts";
import { NOSTOS } from "../interp/interpreter.ts";
import { link } from "../interp/link.ts";
import { CHECK, InvariantBroken } from "../process/invariant.ts";
import { Machine } from "../sched/machine.ts";
import { PortTransport } from "./transport.ts";
import { sharedVirtualTime } from "./virtual-time.ts";
import { Words } from "./words.ts";
import type { WorkerStart } from "./worker-pool.ts";

/** @param natives  the same as scheduler 0 has */
export function runWorker(natives: ReadonlyMap<string, Native>): void {
  const { me, count, words: buffer, ports, unit, options } = workerData as WorkerStart;
  const linked = link(unit, { natives, check: CHECK });
  if ("problem" in linked) throw new InvariantBroken("link", { ...linked.problem });
  const { mailboxWarning: from } = options;
  const words = new Words(count, buffer);
  const transport = new PortTransport(words, me, receiveMessageOnPort, () => machine.scheduler.rouse());
  const sink = new FdSink(options.outFd, options.errorFd);
  sink.shareThrough({ enter: () => words.lock(me), leave: () => words.unlock() });
  const chance: Chance = options.isVirtual
    ? sharedVirtualTime(words, (ms) => machine.cluster!.passTime(ms))
    : realChance();
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
      chance,
      sink,
      stdin,
      engine: NOSTOS,
      seat: { me, words, transport, startedMs: options.startedMs, isVirtual: options.isVirtual, workers: undefined },
      onReport: () => {}, // see Machine.fail
      mailboxWarning: from === undefined ? undefined : { from, warn: (warning) => machine.cluster!.warn(warning) },
    },
    (outcome) => machine.cluster!.end(outcome),
  );
  for (const { scheduler, port } of ports) transport.connect(scheduler, port);
  machine.startAway();
}
