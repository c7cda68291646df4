/**
 * Processes of several schedulers that take mvars one after the other, and the finder of circles: what is explored of
 * vm/cluster/protocol/deadlock.ts. A lock is granted at once when it is free, sooner than any report of it can travel.
 */

import type { Finder, FinderSite, Question, Wait } from "../../vm/cluster/protocol/deadlock.ts";
import * as protocol from "../../vm/cluster/protocol/deadlock.ts";
import type { Model, Step } from "./explore.ts";

export type DeadlockProtocol = typeof protocol;

type ToFinder =
  | { readonly kind: "waits"; readonly process: number; readonly wait: Wait }
  | { readonly kind: "ends"; readonly process: number; readonly number: number }
  | { readonly kind: "answer"; readonly question: Question; readonly goesOn: boolean };
type FromFinder =
  | { readonly kind: "question"; readonly question: Question }
  | { readonly kind: "fail"; readonly process: number; readonly number: number };

interface ProcessState {
  round: number;
  /** mvars of the round that it has */
  taken: number;
  waits: boolean;
  /** of its waits so far */
  number: number;
}

export interface DeadlockState {
  readonly finder: Finder;
  readonly processes: ProcessState[];
  /** by mvar: the owner, then who waits */
  readonly queues: number[][];
  readonly toFinder: ToFinder[][];
  readonly fromFinder: FromFinder[][];
  failed: number;
}

export interface DeadlockOptions {
  readonly mvars: number;
  /** by process, which is on a scheduler of its own: rounds, each a row of mvars that are taken in this order */
  readonly rounds: readonly (readonly (readonly number[])[])[];
  /** one of them is a value that is being computed: who waits for it does not fail */
  readonly value?: number;
}

export function deadlockModel(options: DeadlockOptions, with_: DeadlockProtocol = protocol): Model<DeadlockState> {
  const { rounds } = options;
  const all = rounds.map((_, process) => process);

  const site = (state: DeadlockState): FinderSite => ({
    ask: (scheduler, question) => void state.fromFinder[scheduler]!.push({ kind: "question", question }),
    fail: (scheduler, process, number) => void state.fromFinder[scheduler]!.push({ kind: "fail", process, number }),
  });

  const heldBy = (process: number, { round, taken }: ProcessState): readonly number[] =>
    rounds[process]![round]!.slice(0, taken);
  const wantedBy = (process: number, { round, taken }: ProcessState): number => rounds[process]![round]![taken]!;

  const lock = (state: DeadlockState, process: number): void => {
    const its = state.processes[process]!;
    const queue = state.queues[wantedBy(process, its)]!;
    queue.push(process);
    if (queue[0] === process) {
      its.taken++;
      return;
    }
    its.waits = true;
    its.number++;
    if (its.taken === 0) return;
    const wait = {
      number: its.number,
      scheduler: process,
      holds: heldBy(process, its),
      wants: wantedBy(process, its),
      canFail: wantedBy(process, its) !== options.value,
    };
    state.toFinder[process]!.push({ kind: "waits", process, wait });
  };

  const stopWaiting = (state: DeadlockState, process: number): void => {
    const its = state.processes[process]!;
    its.waits = false;
    if (its.taken > 0) state.toFinder[process]!.push({ kind: "ends", process, number: its.number });
  };

  const unlockAll = (state: DeadlockState, process: number): void => {
    const its = state.processes[process]!;
    for (const mvar of heldBy(process, its)) {
      const queue = state.queues[mvar]!;
      queue.shift();
      const next = queue[0];
      if (next === undefined) continue;
      stopWaiting(state, next);
      state.processes[next]!.taken++;
    }
    its.taken = 0;
    its.round++;
  };

  /** Whether following owners from the process comes back to it. */
  const isInCircle = (state: DeadlockState, process: number): boolean => {
    let at = process;
    for (let i = 0; i < all.length; i++) {
      const its = state.processes[at]!;
      if (!its.waits) return false;
      at = state.queues[wantedBy(at, its)]![0]!;
      if (at === process) return true;
    }
    return false;
  };

  const handleAtFinder = (state: DeadlockState, from: number): void => {
    const entry = state.toFinder[from]!.shift()!;
    if (entry.kind === "waits") with_.onWaits(state.finder, site(state), entry.process, entry.wait);
    else if (entry.kind === "ends") with_.onWaitEnds(state.finder, entry.process, entry.number);
    else with_.onAnswer(state.finder, site(state), entry.question, entry.goesOn);
  };

  const handleAt = (state: DeadlockState, me: number): void => {
    const entry = state.fromFinder[me]!.shift()!;
    const its = state.processes[me]!;
    if (entry.kind === "question") {
      const goesOn = its.waits && its.number === entry.question.number;
      state.toFinder[me]!.push({ kind: "answer", question: entry.question, goesOn });
      return;
    }
    if (!its.waits || its.number !== entry.number) return;
    if (!isInCircle(state, me)) throw new Error(`D1: ${name(me)} fails, and is in no circle`);
    const queue = state.queues[wantedBy(me, its)]!;
    queue.splice(queue.indexOf(me), 1);
    stopWaiting(state, me);
    unlockAll(state, me);
    state.failed++;
  };

  return {
    initial: {
      finder: with_.newFinder(),
      processes: all.map(() => ({ round: 0, taken: 0, waits: false, number: 0 })),
      queues: Array.from({ length: options.mvars }, () => []),
      toFinder: all.map(() => []),
      fromFinder: all.map(() => []),
      failed: 0,
    },
    steps: (state) => {
      const steps: Step<DeadlockState>[] = [];
      for (const process of all) {
        const its = state.processes[process]!;
        const round = rounds[process]![its.round];
        if (round !== undefined && !its.waits) {
          if (its.taken < round.length)
            steps.push({ label: `${name(process)} locks ${round[its.taken]}`, run: (after) => lock(after, process) });
          else steps.push({ label: `${name(process)} unlocks`, run: (after) => unlockAll(after, process) });
        }
        const [to, from] = [state.toFinder[process]![0], state.fromFinder[process]![0]];
        if (to !== undefined)
          steps.push({
            label: `finder: ${to.kind} of ${name(process)}`,
            run: (after) => handleAtFinder(after, process),
          });
        if (from !== undefined)
          steps.push({ label: `${name(process)}: ${from.kind}`, run: (after) => handleAt(after, process) });
      }
      return steps;
    },
    violated: () => undefined,
    endProblem: (state) => {
      const waiter = state.processes.findIndex(({ waits }) => waits);
      if (waiter !== -1) return `D2: ${name(waiter)} waits for ever`;
      return state.finder.waits.size + state.finder.suspicions.size > 0 ? "the finder keeps something" : undefined;
    },
  };
}

function name(process: number): string {
  return "PQR"[process]!;
}
