/**
 * Schedulers that run jobs, wake each other by messages, ask for work, give it, sleep and find that all is over: what is
 * explored of vm/cluster/protocol/{wake,steal,terminate}.ts. Each step makes one access to the shared words.
 */
import type { Memory } from "../../vm/cluster/protocol/memory.ts";
import * as words from "../../vm/cluster/protocol/memory.ts";
import * as steal from "../../vm/cluster/protocol/steal.ts";
import * as wake from "../../vm/cluster/protocol/wake.ts";
import { type Rest, RestAt } from "../../vm/cluster/protocol/wake.ts";
import { copyOf, type Model, type Step } from "./explore.ts";

const protocol = { ...steal, ...wake };
export type IdleProtocol = typeof protocol;

type Doing =
  | { readonly kind: "boundary" }
  | { readonly kind: "claims"; readonly of: number }
  | { readonly kind: "posts"; readonly to: number; readonly jobs: number; readonly at: number; isPushed: boolean }
  | { readonly kind: "receives"; readonly at: number }
  | { readonly kind: "rests"; readonly rest: Rest }
  | { readonly kind: "asleep" }
  | { readonly kind: "awake" };

interface Scheduler {
  ready: number;
  /** its bit may be set */
  asks: boolean;
  doing: Doing;
}

export interface IdleState {
  readonly schedulers: Scheduler[];
  readonly words: number[];
  /** by from and to: chunks, each so many jobs */
  readonly channels: number[][][];
  messagesLeft: number;
  done: number;
  quiet: boolean;
}

export interface IdleOptions {
  /** jobs that each scheduler has at first */
  readonly jobs: readonly number[];
  /** jobs may send so many messages; each wakes a process somewhere else, which is another job */
  readonly messages: number;
  readonly spins?: number;
  /** those without jobs sleep at first; else they are on their way */
  readonly othersSleep?: boolean;
}

const BOUNDARY: Doing = { kind: "boundary" };
const REST_NAMES = Object.keys(RestAt);

export function idleModel(options: IdleOptions, with_: IdleProtocol = protocol): Model<IdleState> {
  const { jobs, messages, spins = 0, othersSleep = false } = options;
  const count = jobs.length;
  const jobsAtFirst = jobs.reduce((sum, each) => sum + each, 0);
  const all = Array.from({ length: count }, (_, s) => s);
  const rows = [words.bellOf, words.sleepsOf, words.idleOf, words.sentOf, words.receivedOf];
  const placeOf = new Map([words.HUNGRY, ...all.flatMap((s) => rows.map((row) => row(s)))].map((word, i) => [word, i]));

  /** Of the state; a step may make one access. */
  const memoryOf = (state: IdleState): Memory => {
    let accesses = 0;
    const place = (word: number): number => {
      if (accesses++ > 0) throw new Error("a step with two accesses");
      return placeOf.get(word)!;
    };
    const update = (word: number, f: (value: number) => number): number => {
      const at = place(word);
      const before = state.words[at]!;
      state.words[at] = f(before);
      return before;
    };
    return {
      load: (word) => state.words[place(word)]!,
      store: (word, value) => void update(word, () => value),
      add: (word, value) => update(word, (before) => before + value),
      or: (word, bits) => update(word, (before) => before | bits),
      and: (word, bits) => update(word, (before) => before & bits),
      notify: (word) => {
        const sleeper = all.find((s) => words.bellOf(s) === word)!;
        const scheduler = state.schedulers[sleeper]!;
        if (scheduler.doing.kind === "asleep") scheduler.doing = { kind: "awake" };
      },
    };
  };

  const wordOf = (state: IdleState, word: number): number => state.words[placeOf.get(word)!]!;
  const isHungry = (state: IdleState, s: number): boolean => (wordOf(state, words.HUNGRY) & (1 << s)) !== 0;
  const hasMail = (state: IdleState, me: number): boolean => all.some((from) => state.channels[from]![me]!.length > 0);

  const handle = (state: IdleState, me: number): void => {
    const from = all.find((each) => state.channels[each]![me]!.length > 0);
    const scheduler = state.schedulers[me]!;
    if (from === undefined) throw new Error("Z1: the mail has gone");
    scheduler.ready += state.channels[from]![me]!.shift()!;
    scheduler.doing = BOUNDARY;
  };

  const stepsOf = (state: IdleState, me: number): Step<IdleState>[] => {
    const { doing, ready, asks } = state.schedulers[me]!;
    /** one step, with the scheduler and the memory of the state after it */
    const step = (label: string, run: (scheduler: Scheduler, memory: Memory, after: IdleState) => void) => ({
      label: `${me} ${label}`,
      run: (after: IdleState) => run(after.schedulers[me]!, memoryOf(after), after),
    });
    const receive = (at: number) =>
      step(`receives, step ${at}`, (scheduler, memory, after) => {
        const next = with_.receiveStep(memory, me, at);
        if (next === undefined) handle(after, me);
        else scheduler.doing = { kind: "receives", at: next };
      });
    const goOnResting = (before: Rest) =>
      step(`rests: ${REST_NAMES[before.at]}`, (scheduler, memory, after) => {
        const rest = copyOf(before);
        with_.restStep(memory, me, count, rest, () => hasMail(after, me), true);
        scheduler.asks = true;
        if (rest.isQuiet) after.quiet = true;
        scheduler.doing = rest.at === RestAt.Awake ? BOUNDARY : { kind: "rests", rest };
      });
    switch (doing.kind) {
      case "posts": {
        const { to, jobs: posted, at } = doing;
        return [
          step(`posts to ${to}, step ${at}`, (scheduler, memory, after) => {
            let { isPushed } = doing;
            const push = (): void => {
              after.channels[me]![to]!.push(posted);
              isPushed = true;
            };
            const next = with_.postStep(memory, me, to, at, push);
            scheduler.doing = next === undefined ? BOUNDARY : { ...doing, at: next, isPushed };
          }),
        ];
      }
      case "claims":
        return [
          step(`claims ${doing.of}`, (scheduler, memory, after) => {
            const wasHungry = isHungry(after, doing.of);
            const isClaimed = with_.claim(memory, doing.of);
            if (isClaimed && !wasHungry) throw new Error(`G1: ${doing.of} was promised work twice`);
            const given = isClaimed ? ready >> 1 : 0;
            scheduler.ready -= given;
            scheduler.doing = isClaimed
              ? { kind: "posts", to: doing.of, jobs: given, at: 0, isPushed: false }
              : BOUNDARY;
          }),
        ];
      case "receives":
        return [receive(doing.at)];
      case "rests":
        if (doing.rest.at === RestAt.Sleep)
          return [
            step("sleeps if the bell is still", (scheduler, memory) => {
              const isStill = memory.load(words.bellOf(me)) === doing.rest.seen;
              scheduler.doing = { kind: isStill ? "asleep" : "awake" };
            }),
          ];
        return [goOnResting(doing.rest)];
      case "asleep":
        return [];
      case "awake":
        return [
          step("wakes", (scheduler, memory) => {
            with_.wake(memory, me);
            scheduler.doing = BOUNDARY;
          }),
        ];
      case "boundary": {
        if (hasMail(state, me)) return [receive(0)];
        if (ready === 0) return [goOnResting(with_.newRest(spins))];
        if (asks)
          return [
            step("stops asking", (scheduler, memory) => {
              with_.stopAsking(memory, me);
              scheduler.asks = false;
            }),
          ];
        const steps = [
          step("runs a job", (scheduler, _, after) => {
            scheduler.ready--;
            after.done++;
          }),
        ];
        if (ready > 1)
          steps.push(
            step("looks for the hungry", (scheduler, memory) => {
              const of = with_.findHungry(memory, me, count);
              if (of !== undefined) scheduler.doing = { kind: "claims", of };
            }),
          );
        if (state.messagesLeft > 0)
          for (const to of all)
            if (to !== me)
              steps.push(
                step(`runs a job that wakes one on ${to}`, (scheduler, _, after) => {
                  scheduler.ready--;
                  after.done++;
                  after.messagesLeft--;
                  scheduler.doing = { kind: "posts", to, jobs: 1, at: 0, isPushed: false };
                }),
              );
        return steps;
      }
    }
  };

  const initial: IdleState = {
    schedulers: all.map((s) => ({
      ready: jobs[s]!,
      asks: jobs[s] === 0,
      doing: jobs[s]! > 0 ? BOUNDARY : othersSleep ? { kind: "asleep" } : { kind: "rests", rest: with_.newRest(spins) },
    })),
    words: [...placeOf].map(() => 0),
    channels: all.map(() => all.map(() => [])),
    messagesLeft: messages,
    done: 0,
    quiet: false,
  };
  for (const s of othersSleep ? all.filter((each) => jobs[each] === 0) : []) {
    for (const word of [words.sleepsOf(s), words.idleOf(s)]) initial.words[placeOf.get(word)!] = 1;
    initial.words[placeOf.get(words.HUNGRY)!]! |= 1 << s;
  }

  return {
    initial,
    steps: (state) => all.flatMap((me) => stepsOf(state, me)),
    violated: (state) => {
      const underWay = state.channels.flat(2).length;
      const isBusy = state.schedulers.some(({ ready, doing }) => ready > 0 || doing.kind === "posts");
      if (state.quiet && (isBusy || underWay > 0)) return "Q1: somebody can still run";
      for (const me of all) {
        const isComing = state.schedulers.some(({ doing }) => doing.kind === "posts" && doing.to === me);
        if (state.schedulers[me]!.doing.kind !== "asleep" || isHungry(state, me) || isComing || hasMail(state, me))
          continue;
        return `G2: ${me} sleeps, and nobody knows that it is hungry`;
      }
      const kept = state.schedulers.reduce(
        (sum, { ready, doing }) => sum + ready + (doing.kind === "posts" && !doing.isPushed ? doing.jobs : 0),
        state.channels.flat(2).reduce((sum, each) => sum + each, 0),
      );
      if (kept + state.done !== jobsAtFirst + messages - state.messagesLeft) return "G3: a job is lost or doubled";
      return undefined;
    },
    endProblem: (state) => {
      for (const me of all) if (hasMail(state, me)) return `Z1: ${me} sleeps, and there is mail for it`;
      if (state.schedulers.some(({ ready }) => ready > 0)) return "G3: jobs are left";
      return state.quiet ? undefined : "Q2: all is over, and nobody knows";
    },
  };
}
