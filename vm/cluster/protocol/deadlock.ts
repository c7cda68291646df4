/**
 * Finds processes on different schedulers that wait for each other's mvars in a circle.
 *
 * The trick: only a process that holds an mvar while it waits for another can be part of a circle, and what it holds and
 * wants cannot change while it waits. So only such waits are told to the finder, one scheduler for all, with a number. A
 * circle of what was told may be past already, as reports of different schedulers overtake each other; so the finder asks
 * for each of its processes whether that very wait still goes on. If all say yes, all waited when the question was sent,
 * and a circle of waits that is there once is there for ever. Then the wait that closed it fails. Values that are being
 * computed are in such circles too, held by who computes them; a wait for one of them does not fail, and then the next one
 * of the circle does. (A circle of nothing else is found where those values are at home.)
 *
 * D1  Nobody fails who was not in a circle of processes that wait for each other.
 * D2  Every circle is found, by the last of its waits to be told, and one of its waits fails.
 *
 * state        of the finder
 * waits        by process: the waits that were told and not ended
 * suspicions   circles that are asked about; one goes when an answer is no, or all are yes
 */

export interface Wait {
  /** of the process, so that two waits of it are told apart */
  readonly number: number;
  readonly scheduler: number;
  readonly holds: readonly number[];
  readonly wants: number;
  readonly canFail: boolean;
}

interface Suspicion {
  /** whose wait has closed it */
  readonly closer: number;
  /** the one that fails */
  readonly victim: number;
  readonly circle: readonly { readonly process: number; readonly number: number }[];
  missing: number;
}

export interface Finder {
  readonly waits: Map<number, Wait>;
  readonly suspicions: Map<number, Suspicion>;
  made: number;
}

/** From the finder: whether the wait goes on. */
export interface Question {
  readonly suspicion: number;
  readonly process: number;
  readonly number: number;
}

export interface FinderSite {
  ask(scheduler: number, question: Question): void;
  /** the wait fails, if it still goes on, with the mvars of the circle */
  fail(scheduler: number, process: number, number: number, mvars: readonly number[]): void;
}

export function newFinder(): Finder {
  return { waits: new Map(), suspicions: new Map(), made: 0 };
}

/** A process that holds mvars waits for another one. */
export function onWaits(finder: Finder, site: FinderSite, process: number, wait: Wait): void {
  finder.waits.set(process, wait);
  suspect(finder, site, process);
}

/** It waits no longer, for whatever reason. */
export function onWaitEnds(finder: Finder, process: number, number: number): void {
  if (finder.waits.get(process)?.number === number) finder.waits.delete(process);
}

export function onAnswer(finder: Finder, site: FinderSite, question: Question, goesOn: boolean): void {
  const suspicion = finder.suspicions.get(question.suspicion);
  if (!goesOn) onWaitEnds(finder, question.process, question.number);
  if (suspicion === undefined) return;
  const { closer, victim, circle } = suspicion;
  if (goesOn && --suspicion.missing > 0) return;
  finder.suspicions.delete(question.suspicion);
  const closing = finder.waits.get(closer);
  if (closing === undefined || closing.number !== circle[0]!.number) return; // it has ended, or has failed already
  if (!goesOn) {
    suspect(finder, site, closer); // what hid behind the wait that is over may be a circle
    return;
  }
  const isWhole = circle.every(({ process, number }) => finder.waits.get(process)?.number === number);
  if (!isWhole) return; // another of its waits has failed
  const failing = finder.waits.get(victim)!;
  const mvars = circle.map(({ process }) => finder.waits.get(process)!.wants);
  finder.waits.delete(victim);
  site.fail(failing.scheduler, victim, failing.number, mvars);
}

function suspect(finder: Finder, site: FinderSite, closer: number): void {
  const circle = circleThrough(finder, closer);
  const victim = circle?.find((process) => finder.waits.get(process)!.canFail);
  if (circle === undefined || victim === undefined) return;
  const key = finder.made++;
  const members = circle.map((process) => ({ process, number: finder.waits.get(process)!.number }));
  finder.suspicions.set(key, { closer, victim, circle: members, missing: members.length });
  for (const { process, number } of members)
    site.ask(finder.waits.get(process)!.scheduler, { suspicion: key, process, number });
}

/**
 * The processes on the way from `start`, by what each wants to who holds it, back to `start`. In a state that was once
 * true one process holds an mvar; of what was told by different schedulers two may seem to, so all are followed.
 */
function circleThrough(finder: Finder, start: number): number[] | undefined {
  const seen = new Set([start]);
  const path = [start];
  const open = [holders(finder, start)];
  while (open.length > 0) {
    const next = open.at(-1)!.pop();
    if (next === undefined) {
      open.pop();
      path.pop();
    } else if (next === start) return path;
    else if (!seen.has(next)) {
      seen.add(next);
      path.push(next);
      open.push(holders(finder, next));
    }
  }
  return undefined;
}

/** Who holds what the process wants, of those that wait themselves. */
function holders(finder: Finder, process: number): number[] {
  const { wants } = finder.waits.get(process)!;
  const found: number[] = [];
  for (const [other, { holds }] of finder.waits) if (holds.includes(wants)) found.push(other);
  return found;
}
