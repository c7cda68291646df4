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
 * M3  Places change only when a message is taken; then the process begins to scan at 0 again. Whoever is to remember a
 *     place for longer (a receive that may skip what came before a Ref was made) has to be told in `mailboxTake`.
 */
import type { Value } from "../values/value.ts";

export interface Overflow {
  items: (Value | undefined)[];
  head: number;
  gaps: number;
}

export interface Mailbox {
  slot: Value | undefined;
  overflow: Overflow | null;
  /** the place at which RECEIVE looks next */
  scan: number;
}

/** Arrays shorter than this are not worth writing anew. */
const LEAST_EMPTY = 32;

export function mailboxCount(box: Mailbox): number {
  if (box.slot === undefined) return 0;
  const { overflow } = box;
  return overflow === null ? 1 : 1 + overflow.items.length - overflow.head - overflow.gaps;
}

export function mailboxPut(box: Mailbox, message: Value): void {
  if (box.slot === undefined) box.slot = message;
  else if (box.overflow === null) box.overflow = { items: [message], head: 0, gaps: 0 };
  else box.overflow.items.push(message);
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
  }
  const empty = overflow.head + overflow.gaps;
  if (overflow.head === items.length) box.overflow = null;
  else if (empty >= LEAST_EMPTY && empty * 2 > items.length) {
    const rest = items.slice(overflow.head);
    overflow.items = overflow.gaps === 0 ? rest : rest.filter((item) => item !== undefined);
    overflow.head = 0;
    overflow.gaps = 0;
  }
}

/** Takes out the first message for which this holds, if there is one; the scan begins anew (M3). */
export function mailboxDiscard(box: Mailbox, isUnwanted: (message: Value) => boolean): void {
  box.scan = 0;
  for (let message = mailboxNext(box); message !== undefined; message = mailboxNext(box)) {
    if (isUnwanted(message)) {
      mailboxTake(box);
      return;
    }
    box.scan++;
  }
  box.scan = 0;
}
