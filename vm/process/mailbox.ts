/**
 * The messages that wait for a process, oldest first.
 *
 * The trick: most processes have no message or one, so the oldest lives in a field of the process itself and an array is
 * made only for the second. A receive that looks behind the first message moves the ones it has passed over up by one
 * when it takes a message from the middle: that costs no more than looking at them did, however long the mailbox is.
 *
 * M1  `slot === undefined` means no message at all; then `overflow` is null or empty.
 * M2  message 0 is `slot`; message i > 0 is `overflow.items[overflow.head + i - 1]`; items before `head` are undefined.
 */
import type { Value } from "../values/value.ts";

export interface Overflow {
  items: (Value | undefined)[];
  head: number;
}

export interface Mailbox {
  slot: Value | undefined;
  overflow: Overflow | null;
}

export function mailboxCount(box: Mailbox): number {
  if (box.slot === undefined) return 0;
  return box.overflow === null ? 1 : 1 + box.overflow.items.length - box.overflow.head;
}

export function mailboxPut(box: Mailbox, message: Value): void {
  if (box.slot === undefined) box.slot = message;
  else if (box.overflow === null) box.overflow = { items: [message], head: 0 };
  else box.overflow.items.push(message);
}

/** Message number `index`, or undefined past the last. */
export function mailboxAt(box: Mailbox, index: number): Value | undefined {
  if (index === 0) return box.slot;
  return box.overflow === null ? undefined : box.overflow.items[box.overflow.head + index - 1];
}

/** Removes message number `index`; the others keep their order. No such message: nothing happens. */
export function mailboxTake(box: Mailbox, index: number): void {
  const { overflow } = box;
  if (overflow === null || overflow.items.length === overflow.head) {
    if (index === 0) box.slot = undefined;
    return;
  }
  const { items, head } = overflow;
  if (index > items.length - head) return;
  // those in front move up by one: 0 .. index-1 become 1 .. index
  for (let i = index; i > 1; i--) items[head + i - 1] = items[head + i - 2];
  if (index > 0) items[head] = box.slot;
  box.slot = items[head];
  items[head] = undefined;
  overflow.head = head + 1;
  if (overflow.head === items.length) box.overflow = null;
  else if (overflow.head >= 32 && overflow.head * 2 > items.length) {
    overflow.items = items.slice(overflow.head);
    overflow.head = 0;
  }
}
