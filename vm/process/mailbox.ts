/**
 * The messages that wait for a process, oldest first, and where its receive has come to among them.
 *
 * The trick: most processes have no message or one, so the oldest lives in a field of the process itself and an array is
 * made only for the second. A message that is taken from the middle leaves a gap, which scans pass over, and the array is
 * written anew once half of it is empty: taking takes the same time wherever the message lies, however many wait.
 *
 * M1  `slot === undefined` means no message at all; then `overflow` is null.
 * M2  The oldest message is `slot`, at place 0; the others are in `overflow.items` from `head` on, items[head + i - 1] at
 *     place i. An `undefined` there is a gap; there are `gaps` of them, and the last item is none.
 * M3  Places change only when a message is taken; then the process begins to scan at 0 again. Marks are places that are
 *     kept for longer: `mailboxTake` moves them when the array is written anew or ends earlier.
 * M4  A mark says: no message in front of items[at] holds a Ref of this scheduler with the number `ref` or a higher one.
 *     It is set when that Ref is made, and what comes later stands behind it. Marks ascend in `ref` and in `at`, `at`
 *     is at most items.length, and below `head` it says nothing about `slot`.
 * M5  A receive whose choice depends on the message alone (its site) refuses for ever what it has refused once. `passed`
 *     keeps, for the sites that were last at work, a place: nothing in front of items[at] is taken by that site. As of
 *     marks, below `head` it says nothing about `slot`.
 */
import type { Value } from "../values/value.ts";

export interface Overflow {
  items: (Value | undefined)[];
  head: number;
  gaps: number;
  /** null: no Ref was made while messages waited here */
  marks: Mark[] | null;
  /** null: no receive has come far among these messages yet; the one that was met first in front */
  passed: Passed[] | null;
}

/** Where the mailbox ended when a Ref was made: a receive that waits for that Ref begins there. See M4. */
interface Mark {
  readonly ref: number;
  at: number;
}

/** How far the receive of a site has come. See M5. */
interface Passed {
  readonly site: number;
  at: number;
}

export interface Mailbox {
  slot: Value | undefined;
  overflow: Overflow | null;
  /** the place at which RECEIVE looks next */
  scan: number;
}

/** Arrays shorter than this are not worth writing anew. */
const LEAST_EMPTY = 32;

/** As many marks are kept as a process may wait for answers at once while other messages come in between. */
const MOST_MARKS = 8;

/** Sites for which it is kept how far they have come: a process has few receives between which it goes to and fro. */
const MOST_PASSED = 8;

/** Fewer messages than this are looked at again. */
const LEAST_PASSED = 8;

export function mailboxCount(box: Mailbox): number {
  if (box.slot === undefined) return 0;
  const { overflow } = box;
  return overflow === null ? 1 : 1 + overflow.items.length - overflow.head - overflow.gaps;
}

export function mailboxPut(box: Mailbox, message: Value): void {
  if (box.slot === undefined) box.slot = message;
  else if (box.overflow === null) box.overflow = { items: [message], head: 0, gaps: 0, marks: null, passed: null };
  else box.overflow.items.push(message);
}

/** The oldest messages, so many or all. */
export function mailboxFirst({ slot, overflow }: Mailbox, most: number): Value[] {
  const found: Value[] = slot === undefined ? [] : [slot];
  const { items, head } = overflow ?? { items: [], head: 0 };
  for (let at = head; at < items.length && found.length < most; at++)
    if (items[at] !== undefined) found.push(items[at]!);
  return found;
}

/** The first message from `scan` on, to which the scan moves; undefined: it has passed the last. */
export function mailboxNext(box: Mailbox): Value | undefined {
  if (box.scan === 0) return box.slot;
  const { overflow } = box;
  if (overflow === null) return undefined;
  const { items } = overflow;
  const at = overflow.head + box.scan - 1;
  if (at >= items.length) return undefined;
  return items[at] ?? behindGap(box, overflow);
}

/** The last item is no gap: M2. */
function behindGap(box: Mailbox, { items, head }: Overflow): Value {
  let at = head + box.scan - 1;
  while (items[at] === undefined) at++;
  box.scan = at - head + 1;
  return items[at]!;
}

/** Removes the message at `scan`, and the scan begins anew; the others keep their order. None there: only that. */
export function mailboxTake(box: Mailbox): void {
  const { overflow, scan } = box;
  box.scan = 0;
  if (overflow === null) {
    if (scan === 0) box.slot = undefined;
    return;
  }
  const { items } = overflow;
  if (scan === 0) {
    let { head } = overflow;
    for (; items[head] === undefined; head++) overflow.gaps--;
    box.slot = items[head];
    items[head] = undefined;
    overflow.head = head + 1;
  } else {
    const at = overflow.head + scan - 1;
    if (at >= items.length || items[at] === undefined) return;
    items[at] = undefined;
    overflow.gaps++;
    for (; overflow.gaps > 0 && items[items.length - 1] === undefined; overflow.gaps--) items.pop();
    for (const places of [overflow.marks, overflow.passed])
      if (places !== null) for (const place of places) place.at = Math.min(place.at, items.length);
  }
  const empty = overflow.head + overflow.gaps;
  if (overflow.head === items.length) box.overflow = null;
  else if (empty >= LEAST_EMPTY && empty * 2 > items.length) writeAnew(overflow);
}

function writeAnew(overflow: Overflow): void {
  const { items, head, gaps, marks, passed } = overflow;
  const rest = items.slice(head);
  for (const places of [marks, passed]) if (places !== null) movePlaces(places, rest, head);
  overflow.items = gaps === 0 ? rest : rest.filter((item) => item !== undefined);
  overflow.head = 0;
  overflow.gaps = 0;
}

/** Places in an array whose items from `head` on are `rest`, once its gaps are gone too; -1: in front of `head`. */
function movePlaces(places: readonly { at: number }[], rest: readonly (Value | undefined)[], head: number): void {
  let [at, kept] = [0, 0];
  for (const place of places.toSorted((a, b) => a.at - b.at)) {
    for (; at < place.at - head; at++) if (rest[at] !== undefined) kept++;
    place.at = place.at < head ? -1 : kept;
  }
}

/** The process makes this Ref now, so no message that waits can hold it. */
export function mailboxMark({ overflow }: Mailbox, ref: number): void {
  if (overflow === null) return; // there is nothing worth skipping
  const at = overflow.items.length;
  overflow.marks ??= [];
  const { marks } = overflow;
  if (marks.length > 0 && marks[marks.length - 1]!.at === at) return; // says it of this Ref too
  if (marks.push({ ref, at }) > MOST_MARKS) marks.shift();
}

/**
 * The scan goes on no earlier than where messages that hold this Ref can stand.
 *
 * @param step  how far apart the numbers are that this scheduler gives its Refs: nothing is known of those of others
 */
export function mailboxSeek(box: Mailbox, ref: number, step: number): void {
  const { overflow } = box;
  if (overflow === null || overflow.marks === null) return;
  const { head, marks } = overflow;
  for (let i = marks.length - 1; i >= 0; i--) {
    const mark = marks[i]!;
    if (mark.ref > ref) continue;
    if (mark.at >= head && (ref - mark.ref) % step === 0) box.scan = Math.max(box.scan, mark.at - head + 1);
    return;
  }
}

/** The receive of this site begins: it passes over what it has refused before. */
export function mailboxSeekSite({ overflow }: Mailbox, site: number): number {
  if (overflow === null || overflow.passed === null) return 0;
  const { head, passed } = overflow;
  for (const { site: other, at } of passed) if (other === site) return at >= head ? at - head + 1 : 0;
  return 0;
}

/** The receive of this site has refused all messages in front of the scan. */
export function mailboxKeepSite({ overflow, scan }: Mailbox, site: number): void {
  if (overflow === null || scan < LEAST_PASSED) return;
  const at = Math.min(overflow.head + scan - 1, overflow.items.length);
  overflow.passed ??= [];
  const { passed } = overflow;
  const known = passed.find((place) => place.site === site);
  if (known !== undefined) known.at = at;
  else if (passed.push({ site, at }) > MOST_PASSED) passed.shift();
}

/** Takes out the first message for which this holds, if there is one that may hold this Ref; the scan begins anew (M3). */
export function mailboxDiscard(box: Mailbox, ref: number, step: number, isUnwanted: (message: Value) => boolean): void {
  box.scan = 0;
  mailboxSeek(box, ref, step);
  for (let message = mailboxNext(box); message !== undefined; message = mailboxNext(box)) {
    if (isUnwanted(message)) {
      mailboxTake(box);
      return;
    }
    box.scan++;
  }
  box.scan = 0;
}
