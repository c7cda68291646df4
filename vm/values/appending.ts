/**
 * Appending to a long text, again and again.
 *
 * The trick: V8 makes `a + b` a node that refers to both, so a text of a million appends is millions of nodes until somebody
 * looks into it, and the collector copies all of them. Here what was appended lately stays apart until it is some KB, and is
 * made flat then: a node lives for a few hundred appends, and the text itself is a few nodes with long parts.
 *
 * P1  `append` gives text ++ part, whatever was appended before.
 * P2  Only the text that was given last is remembered, and only within a slice: nothing is kept alive, and texts of two
 *     processes do not meet here.
 * P3  Whether a text is the one that was given last V8 finds out at once if it is, or is of another length. Otherwise it
 *     may have to look at both, so whoever appends to other texts as well gets plain nodes after a few of them.
 */

import { textLength } from "./text.ts";

/** in UTF-16 units: shorter texts are nobody's trouble */
export const LONG_TEXT = 2 ** 12;
/** What is made flat at once. */
const FLAT = 2 ** 13;

/** Other texts that may come. */
const MOST_CREDIT = 8;
/** So many appends to the same text earn one more of these. */
const HITS_OF_CREDIT = 64;
/** Appends that are plain when there is no credit left: at first, and never more than. */
const FIRST_REST = 2 ** 10;
const LONGEST_REST = 2 ** 20;

export class Appending {
  /** what was given last: `base` + `pending`; "": nothing */
  private whole = "";
  private base = "";
  private pending = "";
  /** of `base`, in code points; -1: nobody has asked */
  private baseLength = -1;
  private credit = MOST_CREDIT;
  private hits = 0;
  /** appends that are plain from now on, and how many the next time */
  private resting = 0;
  private rest = FIRST_REST;

  /** text ++ part. @throws RangeError when nobody could hold it; nothing has changed then */
  append(text: string, part: string): string {
    if (this.resting > 0) {
      this.resting--;
      return text + part;
    }
    if (text.length === this.whole.length && text === this.whole) {
      if (++this.hits === HITS_OF_CREDIT) {
        this.hits = 0;
        if (this.credit < MOST_CREDIT) this.credit++;
      }
    } else {
      if (this.whole !== "" && --this.credit === 0) {
        this.credit = 2;
        this.resting = this.rest;
        this.rest = Math.min(2 * this.rest, LONGEST_REST);
      }
      this.base = text;
      this.baseLength = -1;
      this.pending = "";
    }
    const pending = this.pending + part;
    if (pending.length < FLAT) {
      this.pending = pending;
      this.whole = this.base + pending;
    } else {
      makeFlat(pending);
      this.base += pending;
      if (this.baseLength !== -1) this.baseLength += textLength(pending);
      this.pending = "";
      this.whole = this.base;
    }
    return this.whole;
  }

  /** `textLength`, which of what was given last is known but for its end: so a loop may append, and ask each time. */
  lengthOf(text: string): number {
    if (text.length !== this.whole.length || text !== this.whole) return textLength(text);
    if (this.baseLength === -1) this.baseLength = textLength(this.base);
    return this.baseLength + textLength(this.pending);
  }

  /** The slice is over. */
  forget(): void {
    if (this.whole === "") return;
    makeFlat(this.pending);
    this.whole = "";
    this.base = "";
    this.pending = "";
  }
}

/** V8 makes a text flat when it is asked for a unit of it, in place. */
function makeFlat(text: string): void {
  text.charCodeAt(0);
}
