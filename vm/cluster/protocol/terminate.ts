/**
 * Whether anybody can ever run again: all schedulers are idle, and all that was ever posted has been handled.
 *
 * The trick: three rows of words are read one after the other: all RECEIVED, all IDLE, all SENT. If the sums agree, all that
 * was posted until the end of the scan had been handled before it began; so nobody got anything meanwhile, and who was seen
 * idle once was idle all the time. No message is needed, and processes inside packets count as what they are: posted.
 *
 * Q1  A scan that says "quiet" is right, and what it says stays true.
 * Q2  When everything is quiet, the scheduler that was the last to become idle finds it.
 * Source: Mattern, "Algorithms for distributed termination detection", Distributed Computing 1987 (the vector method).
 */
import { idleOf, type Memory, receivedOf, sentOf } from "./memory.ts";

export interface Scan {
  /** reads done so far */
  at: number;
  inFlight: number;
}

export function newScan(): Scan {
  return { at: 0, inFlight: 0 };
}

/** One access. @returns undefined: not done yet */
export function scanStep(memory: Memory, count: number, scan: Scan): boolean | undefined {
  const scheduler = scan.at % count;
  const row = Math.floor(scan.at / count);
  scan.at++;
  if (row === 0) scan.inFlight -= memory.load(receivedOf(scheduler));
  else if (row === 1) {
    if (memory.load(idleOf(scheduler)) === 0) return false;
  } else scan.inFlight += memory.load(sentOf(scheduler));
  return scan.at < 3 * count ? undefined : (scan.inFlight | 0) === 0; // the counters may have wrapped
}

export function isQuiet(memory: Memory, count: number): boolean {
  const scan = newScan();
  for (;;) {
    const answer = scanStep(memory, count, scan);
    if (answer !== undefined) return answer;
  }
}
