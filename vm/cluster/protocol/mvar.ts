/**
 * How the schedulers share an mvar: who has its token has its value, its lock and the say who is next.
 *
 * The trick: locking is local where the token is, and costs what it costs with one scheduler. Who needs the token asks the
 * mvar's home once, however many of its processes wait. The home knows one number: who will have the token last. It tells
 * that one who comes after it, and so the schedulers form a queue in which each knows its successor; the token goes
 * straight from one to the next, and nobody is asked twice.
 *
 *     asker ── want ──► home ── pass(asker) ──► the last in the queue ── token(value) ──► asker
 *
 * The holder keeps the token for a lease of some milliseconds while its own processes want it, so that the cost of moving
 * the value is spread over many locks, and gives it up when the lease is over and nobody here holds the lock, or at once
 * when nobody here wants it. A process that holds or waits for an mvar does not move to another scheduler.
 *
 * A value that cannot travel (it holds what lives on one scheduler) stays: the asker is refused and its waiters fail. Its
 * place in the queue is the keeper's then, so whoever comes after it is sent on to the keeper.
 *
 * K1  There is one token: on one scheduler, or on its way.
 * K2  A process owns the mvar only where the token is, and never two do.
 * K3  On one scheduler processes get the lock in the order in which they asked.
 * K4  Schedulers get the token in the order in which their wants reached the home.
 * K5  Who waits gets the lock or is refused, whatever the others do, as long as each owner unlocks.
 * K6  A scheduler has asked at most once at a time, and so has one successor at most.
 *
 * field          of a scheduler's seat, changed by its own handlers only
 * isHere         the token is here
 * asked          it wants the token, and will have it or be refused
 * next           who gets it after this scheduler
 * leaseOver      the lease has ended; false from the arrival of the token
 * keeper         where the token stays that was refused to this scheduler, until `pass` comes for it
 * owner, waiting processes of this scheduler
 */
import { InvariantBroken } from "../../process/invariant.ts";

export const NOBODY = -1;

export interface MvarSeat<P> {
  readonly me: number;
  readonly home: number;
  isHere: boolean;
  asked: boolean;
  next: number;
  leaseOver: boolean;
  keeper: number;
  owner: P | null;
  readonly waiting: P[];
}

/** At the mvar's home. */
export interface MvarHome {
  last: number;
}

export type MvarEntry =
  | { readonly kind: "want" }
  | { readonly kind: "pass"; readonly to: number }
  /** with the value */
  | { readonly kind: "token" }
  | { readonly kind: "refused" };

/** What the transitions need of the scheduler that they work for, and do with it. */
export interface MvarSite<P> {
  post(to: number, entry: Exclude<MvarEntry, { kind: "token" }>): void;
  /** @returns false: the value cannot travel, and nothing was posted */
  postToken(to: number): boolean;
  /** has the lock now, and goes on */
  granted(process: P): void;
  /** fails, since the value cannot travel */
  refused(process: P): void;
}

/** At first the token is at home. */
export function newSeat<P>(me: number, home: number): MvarSeat<P> {
  return {
    me, home, isHere: me === home, asked: false, next: NOBODY, leaseOver: false, keeper: NOBODY, owner: null, waiting: [],
  }; // biome-ignore format: short
}

/** @returns false: the process waits, and `granted` or `refused` will tell */
export function lock<P>(seat: MvarSeat<P>, site: MvarSite<P>, process: P): boolean {
  if (seat.isHere && seat.owner === null) {
    if (seat.waiting.length > 0) throw new InvariantBroken("K3", { waiting: seat.waiting.length });
    seat.owner = process;
    return true;
  }
  seat.waiting.push(process);
  if (!seat.isHere) want(seat, site);
  return false;
}

/** The owner has let go, or is dead. */
export function unlock<P>(seat: MvarSeat<P>, site: MvarSite<P>): void {
  seat.owner = null;
  goOn(seat, site);
}

/** A process that waits is dead. */
export function leave<P>(seat: MvarSeat<P>, process: P): void {
  const at = seat.waiting.indexOf(process);
  if (at !== -1) seat.waiting.splice(at, 1);
}

/** The token has been here for a while, and somebody else wants it. */
export function onLeaseOver<P>(seat: MvarSeat<P>, site: MvarSite<P>): void {
  if (!seat.isHere) return;
  seat.leaseOver = true;
  goOn(seat, site);
}

/** At home. */
export function onWant<P>(home: MvarHome, site: MvarSite<P>, from: number): void {
  site.post(home.last, { kind: "pass", to: from });
  home.last = from; // K4
}

/** `to` comes after this scheduler, or after one that was refused here. */
export function onPass<P>(seat: MvarSeat<P>, site: MvarSite<P>, to: number): void {
  if (seat.keeper !== NOBODY) {
    const { keeper } = seat;
    seat.keeper = NOBODY;
    site.post(keeper, { kind: "pass", to });
    return;
  }
  if (seat.next !== NOBODY) throw new InvariantBroken("K6", { next: seat.next, to });
  seat.next = to;
  goOn(seat, site);
}

/** The value is in its place already. */
export function onToken<P>(seat: MvarSeat<P>, site: MvarSite<P>): void {
  if (seat.isHere || !seat.asked) throw new InvariantBroken("K1", { isHere: seat.isHere, asked: seat.asked });
  seat.isHere = true;
  seat.asked = false;
  seat.leaseOver = false;
  goOn(seat, site);
}

export function onRefused<P>(seat: MvarSeat<P>, site: MvarSite<P>, from: number): void {
  seat.asked = false;
  const waiting = seat.waiting.splice(0);
  if (seat.next === NOBODY) seat.keeper = from;
  else {
    site.post(from, { kind: "pass", to: seat.next });
    seat.next = NOBODY;
  }
  for (const process of waiting) site.refused(process);
}

function want<P>(seat: MvarSeat<P>, site: MvarSite<P>): void {
  if (seat.asked) return; // K6
  seat.asked = true;
  site.post(seat.home, { kind: "want" });
}

/** Nobody may hold the token back without a reason, and nobody may wait without one. */
function goOn<P>(seat: MvarSeat<P>, site: MvarSite<P>): void {
  if (!seat.isHere || seat.owner !== null) return;
  if (seat.next !== NOBODY && (seat.leaseOver || seat.waiting.length === 0)) {
    const to = seat.next;
    seat.next = NOBODY;
    seat.leaseOver = false;
    if (site.postToken(to)) {
      seat.isHere = false;
      if (seat.waiting.length > 0) want(seat, site);
      return;
    }
    site.post(to, { kind: "refused" });
  }
  const process = seat.waiting.shift();
  if (process === undefined) return;
  seat.owner = process;
  site.granted(process);
}
