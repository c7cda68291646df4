/**
 * Processes on a few schedulers that lock one mvar again and again: what is explored of vm/cluster/protocol/mvar.ts. Each
 * one adds 1 to the value while it holds it, so a lost update shows. The lease may end at any moment.
 */

import type { MvarEntry, MvarHome, MvarSeat, MvarSite } from "../../vm/cluster/protocol/mvar.ts";
import * as protocol from "../../vm/cluster/protocol/mvar.ts";
import type { Model, Step } from "./explore.ts";

export type MvarProtocol = typeof protocol;

type Entry = MvarEntry & { value?: number; isBound?: boolean };
type Doing = "runs" | "waits" | "owns" | "dead";

export interface MvarModelState {
  readonly seats: MvarSeat<number>[];
  readonly home: MvarHome;
  /** of the value where the token is; it is left in place by a token that went away, as the runtime might */
  readonly values: number[];
  /** the value cannot travel */
  readonly isBound: boolean[];
  readonly doing: Doing[];
  readonly roundsLeft: number[];
  /** locks that were taken and let go */
  updates: number;
  readonly channels: Entry[][][];
  /** K3: by scheduler, who asked and has not got it */
  readonly order: number[][];
  /** K4: schedulers whose want has reached the home, without the token yet */
  readonly queue: number[];
}

export interface MvarOptions {
  readonly schedulers: number;
  /** where each process is */
  readonly processes: readonly number[];
  /** Infinity: for ever, to look for starvation; then nothing is counted */
  readonly rounds: number;
  /** this process may be killed at any time */
  readonly mortal?: number;
  /** this process makes the value one that cannot travel, and the next time one that can */
  readonly binder?: number;
}

export function mvarModel(options: MvarOptions, with_: MvarProtocol = protocol): Model<MvarModelState> {
  const { schedulers: count, processes, rounds, mortal, binder } = options;
  const all = Array.from({ length: count }, (_, s) => s);
  const isEndless = rounds === Number.POSITIVE_INFINITY;

  const siteOf = (state: MvarModelState, me: number): MvarSite<number> => ({
    post: (to, entry) => void state.channels[me]![to]!.push(entry),
    postToken: (to) => {
      if (state.isBound[me]) return false;
      state.channels[me]![to]!.push({ kind: "token", value: state.values[me]! });
      return true;
    },
    granted: (process) => own(state, process),
    refused: (process) => {
      state.order[processes[process]!]!.splice(state.order[processes[process]!]!.indexOf(process), 1);
      state.doing[process] = "runs";
    },
  });

  const own = (state: MvarModelState, process: number): void => {
    const me = processes[process]!;
    if (state.doing[process] !== "waits") throw new Error(`K2: ${name(process)} gets what it does not wait for`);
    if (state.order[me]!.shift() !== process) throw new Error(`K3: ${name(process)} overtakes`);
    state.doing[process] = "owns";
  };

  const lock = (state: MvarModelState, process: number): void => {
    const me = processes[process]!;
    state.doing[process] = "waits";
    state.order[me]!.push(process);
    state.roundsLeft[process]!--;
    if (isEndless) state.roundsLeft[process] = rounds;
    if (with_.lock(state.seats[me]!, siteOf(state, me), process)) own(state, process);
  };

  const unlock = (state: MvarModelState, process: number): void => {
    const me = processes[process]!;
    state.doing[process] = "runs";
    if (!isEndless) {
      state.values[me]!++;
      state.updates++;
    }
    if (process === binder) state.isBound[me] = !state.isBound[me];
    with_.unlock(state.seats[me]!, siteOf(state, me));
  };

  const kill = (state: MvarModelState, process: number): void => {
    const me = processes[process]!;
    const was = state.doing[process];
    state.doing[process] = "dead";
    if (was === "owns") with_.unlock(state.seats[me]!, siteOf(state, me));
    if (was !== "waits") return;
    state.order[me]!.splice(state.order[me]!.indexOf(process), 1);
    with_.leave(state.seats[me]!, process);
  };

  const handle = (state: MvarModelState, from: number, me: number): void => {
    const entry = state.channels[from]![me]!.shift()!;
    const seat = state.seats[me]!;
    const site = siteOf(state, me);
    switch (entry.kind) {
      case "want":
        state.queue.push(from);
        with_.onWant(state.home, site, from);
        return;
      case "pass":
        with_.onPass(seat, site, entry.to);
        return;
      case "token":
        if (state.queue.shift() !== me) throw new Error(`K4: ${me} gets the token out of turn`);
        state.values[me] = entry.value!;
        state.isBound[me] = false;
        with_.onToken(seat, site);
        return;
      case "refused":
        if (state.queue.shift() !== me) throw new Error(`K4: ${me} is refused out of turn`);
        with_.onRefused(seat, site, from);
        return;
    }
  };

  return {
    initial: {
      seats: all.map((me) => with_.newSeat(me, 0)),
      home: { last: 0 },
      values: all.map(() => 0),
      isBound: all.map(() => false),
      doing: processes.map(() => "runs"),
      roundsLeft: processes.map(() => rounds),
      updates: 0,
      channels: all.map(() => all.map(() => [])),
      order: all.map(() => []),
      queue: [],
    },
    steps: (state) => {
      const steps: Step<MvarModelState>[] = [];
      for (const me of all) {
        for (const from of all) {
          const entry = state.channels[from]![me]![0];
          if (entry === undefined) continue;
          const what = entry.kind === "pass" ? `pass(${entry.to})` : entry.kind;
          steps.push({ label: `${me} handles ${what} of ${from}`, run: (after) => handle(after, from, me) });
        }
        const { isHere, next, leaseOver } = state.seats[me]!;
        if (isHere && next !== protocol.NOBODY && !leaseOver)
          steps.push({
            label: `the lease of ${me} is over`,
            run: (after) => with_.onLeaseOver(after.seats[me]!, siteOf(after, me)),
          });
      }
      for (const [process, doing] of state.doing.entries()) {
        const who = `${name(process)} on ${processes[process]}`;
        if (doing === "runs" && state.roundsLeft[process]! > 0)
          steps.push({ label: `${who} locks`, run: (after) => lock(after, process) });
        if (doing === "owns") steps.push({ label: `${who} unlocks`, run: (after) => unlock(after, process) });
        if (process === mortal && doing !== "dead")
          steps.push({ label: `${who} is killed`, run: (after) => kill(after, process) });
      }
      return steps;
    },
    violated: (state) => {
      let tokens = 0;
      for (const row of state.channels)
        for (const channel of row) for (const entry of channel) if (entry.kind === "token") tokens++;
      for (const { me, isHere, owner } of state.seats) {
        if (isHere) tokens++;
        if (owner !== null && !isHere) return `K2: ${name(owner)} owns the mvar on ${me} without the token`;
        if (owner !== null && state.doing[owner] !== "owns")
          return `K2: ${name(owner)} does not know that it owns the mvar`;
      }
      if (tokens !== 1) return `K1: ${tokens} tokens`;
      if (state.doing.filter((doing) => doing === "owns").length > 1) return "K2: two owners";
      return undefined;
    },
    endProblem: (state) => {
      const waiter = state.doing.indexOf("waits");
      if (waiter !== -1) return `K5: ${name(waiter)} waits, and nothing can happen`;
      if (state.roundsLeft.some((left, process) => left > 0 && state.doing[process] !== "dead"))
        return "K5: rounds are left";
      if (state.seats.some(({ asked, next }) => asked || next !== protocol.NOBODY))
        return "K6: somebody still wants it";
      const holder = state.seats.findIndex(({ isHere }) => isHere);
      if (state.values[holder] !== state.updates)
        return `K1: the value is ${state.values[holder]} after ${state.updates} updates`;
      return undefined;
    },
  };
}

/** K5 */
export function waiters(state: MvarModelState): string[] {
  return state.doing.flatMap((doing, process) => (doing === "waits" ? [name(process)] : []));
}

function name(process: number): string {
  return "PQRS"[process]!;
}
