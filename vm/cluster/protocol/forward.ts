/**
 * How messages find processes that move between schedulers, and stay in order while they do.
 *
 * Where a process is, one byte in shared memory says, written by the scheduler that has it: no directory, no redirects,
 * nothing that a sender has to remember. What the byte cannot say is what is still on its way. So a process that has
 * moved is *unsettled* for one round trip: what comes for it directly is held back, and so is what it sends.
 *
 *     giver ── packet(processes) ──────────► receiver        the byte says "receiver" before the packet is posted
 *     giver ── moved ──► every other         every other, and the receiver:  ── fence ──► giver ── passed ──► receiver
 *
 * A fence travels behind everything that its scheduler has sent to the old place, and the giver passes it on behind all of
 * that. When all fences have passed, nothing is left on the old way: what was held goes into the mailbox, and out. As the
 * fence of X answers `moved`, which came behind all that the process had sent to X, X has handled that too. So the one
 * round covers both ends: messages to a process that moves, and from one.
 *
 * One packet moves many processes in one round, so its cost is that of a few small entries for each scheduler.
 *
 * O1  A process is on one scheduler or in one packet.
 * O2  The place says where it is or where the packet goes that has it; only the scheduler that has it writes the place.
 * O3  No unsettled process is given away. So what takes the old way finds the process one hop further, or dead, and a
 *     chain of redirects has one link.
 * O4  From one process to another messages arrive in the order sent, each once.
 * O5  Of an unsettled process nothing but what took the old way goes into the mailbox, and nothing that it has sent since
 *     it came has left `outbox`.
 * O6  What reaches the new place before the packet waits in `early`; the packet comes.
 *
 * state          of each scheduler, changed by its own handlers only
 * early          by pid: came before its process
 * arrivals       by tag: packets that came and have fences missing
 * unsettled      by pid: those of their processes that live; removed when the arrival settles or the process is gone
 *
 * A message here is whatever has its place in the order of what one process does to another: messages, exits, questions
 * about it, later the signals of links and monitors.
 */
import { InvariantBroken } from "../../process/invariant.ts";

/** The place of a process that is no more. */
export const GONE = 255;
/** Numbers of schedulers fit below GONE. */
const SCHEDULERS = 64;

export interface Arrival<M> {
  /** fences that have not passed */
  missing: number;
  readonly pids: readonly number[];
  /** what its processes have sent since, in order */
  readonly outbox: { readonly pid: number; readonly message: M }[];
}

export interface Unsettled<M> {
  readonly tag: number;
  readonly held: M[];
}

export interface Forwarding<M> {
  readonly me: number;
  /** packets given away, for their tags */
  given: number;
  readonly early: Map<number, M[]>;
  readonly arrivals: Map<number, Arrival<M>>;
  readonly unsettled: Map<number, Unsettled<M>>;
}

/** What schedulers tell each other. */
export type ForwardEntry<M> =
  | { readonly kind: "direct"; readonly pid: number; readonly message: M }
  /** by the old place, one hop behind its process */
  | { readonly kind: "forwarded"; readonly pid: number; readonly message: M }
  /** with the processes themselves; `fences` will pass */
  | { readonly kind: "packet"; readonly tag: number; readonly fences: number; readonly pids: readonly number[] }
  /** the packet `tag` went to `to`: send a fence */
  | { readonly kind: "moved"; readonly tag: number; readonly to: number }
  | { readonly kind: "fence"; readonly tag: number; readonly to: number }
  | { readonly kind: "passed"; readonly tag: number };

/** What the transitions need of the scheduler that they work for, and do with it. */
export interface ForwardSite<M> {
  placeOf(pid: number): number;
  setPlace(pid: number, place: number): void;
  /** whether the process lives here now */
  has(pid: number): boolean;
  /** the process lives here */
  put(pid: number, message: M): void;
  /** the process is gone, and nobody gets the message */
  drop(pid: number, message: M): void;
  post(to: number, entry: ForwardEntry<M>): void;
  /** all schedulers that have begun, this one too; one that begins later sees the places that were written before */
  running(): readonly number[];
}

export function newForwarding<M>(me: number): Forwarding<M> {
  return { me, given: 0, early: new Map(), arrivals: new Map(), unsettled: new Map() };
}

/** The process `sender`, which runs here, does something to another one, or to itself: that it has done at once. */
export function send<M>(state: Forwarding<M>, site: ForwardSite<M>, sender: number, pid: number, message: M): void {
  if (sender === pid && site.has(pid)) {
    site.put(pid, message);
    return;
  }
  const unsettled = state.unsettled.get(sender);
  if (unsettled === undefined) route(state, site, pid, message);
  else state.arrivals.get(unsettled.tag)!.outbox.push({ pid, message }); // O5
}

function route<M>(state: Forwarding<M>, site: ForwardSite<M>, pid: number, message: M): void {
  const place = site.placeOf(pid);
  if (place === state.me) arrive(state, site, pid, message);
  else if (place !== GONE) site.post(place, { kind: "direct", pid, message });
  else site.drop(pid, message);
}

/** The place is here. */
function arrive<M>(state: Forwarding<M>, site: ForwardSite<M>, pid: number, message: M): void {
  const unsettled = state.unsettled.get(pid);
  if (unsettled !== undefined) unsettled.held.push(message);
  else if (site.has(pid)) site.put(pid, message);
  else {
    const early = state.early.get(pid); // O6
    if (early === undefined) state.early.set(pid, [message]);
    else early.push(message);
  }
}

export function onDirect<M>(state: Forwarding<M>, site: ForwardSite<M>, pid: number, message: M): void {
  const place = site.placeOf(pid);
  if (place === state.me) arrive(state, site, pid, message);
  else if (place !== GONE)
    site.post(place, { kind: "forwarded", pid, message }); // O3
  else site.drop(pid, message);
}

/** O5: it goes in front of all that is held. */
export function onForwarded<M>(state: Forwarding<M>, site: ForwardSite<M>, pid: number, message: M): void {
  if (site.has(pid)) site.put(pid, message);
  else if (site.placeOf(pid) !== GONE) throw new InvariantBroken("O3", { pid, me: state.me, place: site.placeOf(pid) });
  else site.drop(pid, message);
}

/** O3. The runtime has more reasons why one stays. */
export function mayLeave<M>(state: Forwarding<M>, pid: number): boolean {
  return !state.unsettled.has(pid);
}

/** The processes, all of which may leave, go to another scheduler that has begun. The runtime packs them meanwhile. */
export function give<M>(state: Forwarding<M>, site: ForwardSite<M>, to: number, pids: readonly number[]): void {
  for (const pid of pids) site.setPlace(pid, to); // O2: before anybody is told, and before it is asked who has begun
  const tag = state.given++ * SCHEDULERS + state.me;
  const others = site.running().filter((scheduler) => scheduler !== state.me);
  site.post(to, { kind: "packet", tag, fences: others.length, pids });
  for (const other of others) if (other !== to) site.post(other, { kind: "moved", tag, to });
}

/** The processes live here already; none has run. */
export function onPacket<M>(
  state: Forwarding<M>,
  site: ForwardSite<M>,
  from: number,
  packet: ForwardEntry<M> & { readonly kind: "packet" },
): void {
  const { tag, fences, pids } = packet;
  state.arrivals.set(tag, { missing: fences, pids, outbox: [] });
  for (const pid of pids) {
    state.unsettled.set(pid, { tag, held: state.early.get(pid) ?? [] });
    state.early.delete(pid);
  }
  site.post(from, { kind: "fence", tag, to: state.me });
}

export function onMoved<M>(site: ForwardSite<M>, from: number, tag: number, to: number): void {
  site.post(from, { kind: "fence", tag, to });
}

export function onFence<M>(site: ForwardSite<M>, tag: number, to: number): void {
  site.post(to, { kind: "passed", tag });
}

export function onPassed<M>(state: Forwarding<M>, site: ForwardSite<M>, tag: number): void {
  const arrival = state.arrivals.get(tag);
  if (arrival === undefined) throw new InvariantBroken("O5", { tag });
  arrival.missing--;
  if (arrival.missing === 0) settle(state, site, tag, arrival);
}

function settle<M>(state: Forwarding<M>, site: ForwardSite<M>, tag: number, arrival: Arrival<M>): void {
  state.arrivals.delete(tag);
  for (const pid of arrival.pids) {
    const unsettled = state.unsettled.get(pid);
    if (unsettled === undefined) continue; // it has died
    state.unsettled.delete(pid);
    // one of them may end it
    for (const message of unsettled.held)
      if (site.has(pid)) site.put(pid, message);
      else site.drop(pid, message);
  }
  for (const { pid, message } of arrival.outbox) route(state, site, pid, message);
}

/** The process, which lived here, is no more. What it has sent is sent. */
export function onExit<M>(state: Forwarding<M>, site: ForwardSite<M>, pid: number): void {
  site.setPlace(pid, GONE);
  const unsettled = state.unsettled.get(pid);
  if (unsettled === undefined) return;
  state.unsettled.delete(pid);
  for (const message of unsettled.held) site.drop(pid, message);
}
