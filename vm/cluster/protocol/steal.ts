/**
 * Who gives processes to whom. A scheduler without work sets its bit in a word that all see, and sleeps. One that has more
 * than it can run sees the word at the end of a slice, clears one bit, and sends that scheduler half of what is ready.
 *
 * The trick: clearing the bit is the agreement. Only one can have cleared it, so a hungry scheduler gets one packet for
 * each time it asked; the asker does not have to choose a victim, to wait for an answer, or to ask again. A scheduler that
 * has not been started is hungry too: its first packet starts it.
 *
 * G1  Whose bit is cleared by another one gets a packet from it.
 * G2  A scheduler that sleeps has its bit set, or something is on its way to it.
 * G3  Queues are touched by their own scheduler only; a process that is given away is in one packet (forward.ts, O1).
 */
import { HUNGRY, type Memory } from "./memory.ts";

const WORD_BITS = 32;

const wordOf = (scheduler: number): number => HUNGRY + (scheduler >> 5);
const bitOf = (scheduler: number): number => 1 << (scheduler & 31);

/** One access. */
export function askForWork(memory: Memory, me: number): void {
  memory.or(wordOf(me), bitOf(me));
}

/** It has got work by other ways. If somebody has cleared the bit already, more is coming, and is welcome. One access. */
export function stopAsking(memory: Memory, me: number): void {
  memory.and(wordOf(me), ~bitOf(me));
}

/**
 * At the end of a slice, one access for 32 schedulers.
 * @returns a hungry one, rather one after `me`, so that several who give find different ones; undefined: there is none
 */
export function findHungry(memory: Memory, me: number, count: number): number | undefined {
  for (let base = 0; base < count; base += WORD_BITS) {
    const word = memory.load(HUNGRY + base / WORD_BITS);
    if (word === 0) continue;
    const later = me >= base && me - base < WORD_BITS - 1 ? word & (-2 << (me - base)) : 0;
    const among = later === 0 ? word : later;
    return base + WORD_BITS - 1 - Math.clz32(among & -among);
  }
  return undefined;
}

/** G1: @returns whether the packet for that scheduler is ours to send. One access. */
export function claim(memory: Memory, scheduler: number): boolean {
  return (memory.and(wordOf(scheduler), ~bitOf(scheduler)) & bitOf(scheduler)) !== 0;
}

/** How long something was always ready before any of it is given away: what two processes that take turns never reach. */
const PATIENCE_MS = 1;
const MOST_PROCESSES = 256;

/**
 * How many of the ready processes to give, before anything is claimed.
 * @param ready  in the queue
 * @param busySinceMs  since when the queue has never been empty
 */
export function shareOf(ready: number, busySinceMs: number, nowMs: number): number {
  if (ready < 2 || nowMs - busySinceMs < PATIENCE_MS) return 0;
  return Math.min(ready >> 1, MOST_PROCESSES);
}
