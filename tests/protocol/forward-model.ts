/**
 * A few schedulers, processes that send each other numbered messages, and moves at any time: what is explored of
 * vm/cluster/protocol/forward.ts. Channels between two schedulers keep order and nothing else is certain.
 *
 * A packet is given away in single steps (each place that is written, each entry that is posted), since others read
 * places meanwhile; every other handler touches only what is its scheduler's, so that it may be one step.
 */
import * as protocol from "../../vm/cluster/protocol/forward.ts";
import { type ForwardEntry, type Forwarding, type ForwardSite, GONE } from "../../vm/cluster/protocol/forward.ts";
import type { Model, Step } from "./explore.ts";

export type ForwardProtocol = typeof protocol;

/** The `n`th of `sender` to the process that gets it. */
interface Numbered {
  readonly sender: number;
  readonly n: number;
}

type Deferred = { readonly pid: number; readonly place: number } | { readonly to: number; readonly entry: Entry };
type Entry = ForwardEntry<Numbered>;

const NOWHERE = -1;
const DEAD = -2;

export interface ForwardState {
  readonly schedulers: { readonly forwarding: Forwarding<Numbered>; readonly deferred: Deferred[] }[];
  /** the shared bytes, by pid */
  readonly places: number[];
  /** where processes are in truth */
  readonly at: number[];
  /** by sender and receiver: how many were sent, how many came */
  readonly sent: number[][];
  readonly come: number[][];
  /** by from and to */
  readonly channels: Entry[][][];
  movesLeft: number;
}

export interface ForwardOptions {
  readonly schedulers: number;
  /** where each process is at first; its pid is its index */
  readonly processes: readonly number[];
  /** how many messages go from one process to another */
  readonly messages: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  readonly moves: number;
  /** these may move; absent: all */
  readonly movers?: readonly number[];
  /** this one may end at any time */
  readonly mortal?: number;
  /** processes may also go several at a time */
  readonly together?: boolean;
}

export function forwardModel(options: ForwardOptions, with_: ForwardProtocol = protocol): Model<ForwardState> {
  const { schedulers: count, processes, messages, mortal } = options;
  const all = Array.from({ length: count }, (_, s) => s);
  const pairs = () => processes.map(() => processes.map(() => 0));

  const siteOf = (state: ForwardState, me: number): ForwardSite<Numbered> => ({
    placeOf: (pid) => state.places[pid]!,
    setPlace: (pid, place) => {
      state.places[pid] = place;
    },
    has: (pid) => state.at[pid] === me,
    put: (pid, { sender, n }) => {
      if (state.at[pid] !== me) throw new Error(`O1: ${pid} gets a message on ${me}, and is on ${state.at[pid]}`);
      const come = state.come[sender]!;
      if (n !== come[pid]! + 1)
        throw new Error(`O4: message ${n} from ${name(sender)} to ${name(pid)} comes after ${come[pid]}`);
      come[pid] = n;
    },
    drop: () => {},
    post: (to, entry) => void state.channels[me]![to]!.push(entry),
    running: () => all,
  });

  const handle = (state: ForwardState, from: number, me: number): void => {
    const entry = state.channels[from]![me]!.shift()!;
    const { forwarding } = state.schedulers[me]!;
    const site = siteOf(state, me);
    switch (entry.kind) {
      case "direct":
        with_.onDirect(forwarding, site, entry.pid, entry.message);
        return;
      case "forwarded":
        with_.onForwarded(forwarding, site, entry.pid, entry.message);
        return;
      case "packet":
        for (const pid of entry.pids) {
          if (state.at[pid] !== NOWHERE) throw new Error(`O1: ${name(pid)} comes twice`);
          state.at[pid] = me;
        }
        with_.onPacket(forwarding, site, from, entry);
        return;
      case "moved":
        with_.onMoved(site, from, entry.tag, entry.to);
        return;
      case "fence":
        with_.onFence(site, entry.tag, entry.to);
        return;
      case "passed":
        with_.onPassed(forwarding, site, entry.tag);
        return;
    }
  };

  /** What `give` does is written down, and done step by step. */
  const give = (state: ForwardState, me: number, to: number, pids: readonly number[]): void => {
    const { forwarding, deferred } = state.schedulers[me]!;
    for (const pid of pids) state.at[pid] = NOWHERE;
    state.movesLeft--;
    const site: ForwardSite<Numbered> = {
      ...siteOf(state, me),
      setPlace: (pid, place) => void deferred.push({ pid, place }),
      post: (other, entry) => void deferred.push({ to: other, entry }),
    };
    with_.give(forwarding, site, to, pids);
  };

  const doDeferred = (state: ForwardState, me: number): void => {
    const next = state.schedulers[me]!.deferred.shift()!;
    if ("pid" in next) state.places[next.pid] = next.place;
    else state.channels[me]![next.to]!.push(next.entry);
  };

  const stepsOf = (state: ForwardState, me: number): Step<ForwardState>[] => {
    const { forwarding, deferred } = state.schedulers[me]!;
    const next = deferred[0];
    if (next !== undefined) {
      const what =
        "pid" in next ? `place of ${name(next.pid)} is ${next.place}` : `posts ${next.entry.kind} to ${next.to}`;
      return [{ label: `${me} ${what}`, run: (after) => doDeferred(after, me) }];
    }
    const steps: Step<ForwardState>[] = [];
    for (const from of all) {
      const entry = state.channels[from]![me]![0];
      if (entry === undefined) continue;
      const what = "message" in entry ? `${entry.kind} ${textOfMessage(entry.pid, entry.message)}` : entry.kind;
      steps.push({ label: `${me} handles ${what} of ${from}`, run: (after) => handle(after, from, me) });
    }
    for (const { from, to, count: most } of messages) {
      if (state.at[from] !== me || state.sent[from]![to]! >= most) continue;
      const message = { sender: from, n: state.sent[from]![to]! + 1 };
      steps.push({
        label: `${me} sends ${textOfMessage(to, message)}`,
        run: (after) => {
          after.sent[from]![to]!++;
          with_.send(after.schedulers[me]!.forwarding, siteOf(after, me), from, to, message);
        },
      });
    }
    if (mortal !== undefined && state.at[mortal] === me)
      steps.push({
        label: `${name(mortal)} ends on ${me}`,
        run: (after) => {
          after.at[mortal] = DEAD;
          with_.onExit(after.schedulers[me]!.forwarding, siteOf(after, me), mortal);
        },
      });
    if (state.movesLeft === 0) return steps;
    const movers = (options.movers ?? processes.map((_, pid) => pid)).filter(
      (pid) => state.at[pid] === me && with_.mayLeave(forwarding, pid),
    );
    const groups = movers.map((pid) => [pid]);
    if (options.together === true && movers.length > 1) groups.push(movers);
    for (const group of groups)
      for (const to of all)
        if (to !== me)
          steps.push({
            label: `${me} gives ${group.map(name).join(" and ")} to ${to}`,
            run: (after) => give(after, me, to, group),
          });
    return steps;
  };

  return {
    initial: {
      schedulers: all.map((me) => ({ forwarding: with_.newForwarding(me), deferred: [] })),
      places: [...processes],
      at: [...processes],
      sent: pairs(),
      come: pairs(),
      channels: all.map(() => all.map(() => [])),
      movesLeft: options.moves,
    },
    steps: (state) => all.flatMap((me) => stepsOf(state, me)),
    violated: (state) => {
      const places = state.at.map((at) => (at === NOWHERE ? 0 : 1));
      const count = (entry: Entry): void => {
        if (entry.kind === "packet") for (const pid of entry.pids) places[pid]!++;
      };
      for (const row of state.channels) for (const channel of row) for (const entry of channel) count(entry);
      for (const { deferred } of state.schedulers) for (const next of deferred) if ("entry" in next) count(next.entry);
      for (const [pid, at] of state.at.entries()) {
        if (places[pid] !== 1) return `O1: ${name(pid)} is in ${places[pid]} places`;
        if (at >= 0 && state.places[pid] !== at) return `O2: ${name(pid)} is on ${at}, not on ${state.places[pid]}`;
      }
      return undefined;
    },
    endProblem: (state) => {
      for (const { from, to, count: most } of messages) {
        const [sent, come] = [state.sent[from]![to]!, state.come[from]![to]!];
        if (sent !== most && state.at[from] !== DEAD) return `${name(from)} sends no more`;
        if (sent !== come && state.at[to] !== DEAD)
          return `O4: of ${sent} messages from ${name(from)} to ${name(to)} ${come} came`;
      }
      for (const { forwarding } of state.schedulers) {
        const { early, arrivals, unsettled } = forwarding;
        if (early.size + arrivals.size + unsettled.size > 0) return "O5, O6: something is kept for ever";
      }
      for (const [pid, at] of state.at.entries())
        if (state.places[pid] !== (at === DEAD ? GONE : at)) return `O2: the place of ${name(pid)}`;
      return undefined;
    },
  };
}

function textOfMessage(pid: number, { sender, n }: Numbered): string {
  return `${name(sender)}→${name(pid)} ${n}`;
}

function name(pid: number): string {
  return "PQR"[pid]!;
}
