/**
 * What of a value was written already, so that it is written once.
 *
 * The trick: remembering an object costs more than writing it, but a look for an object that nobody ever remembered costs
 * next to nothing. So what a program can tell apart from its copy (what is mutable) is remembered always, and of the rest
 * every 16th that is written, none among the first 64, and each one as soon as something was met again.
 *
 * R1  What is met again after it was remembered is not written again. So values end whose cycles pass through what is
 *     remembered always (Y3 of values/copy.ts says that all do).
 * R2  Of n objects that are shared in whatever way, at most 64 + 16 n are written: each 16th is a new one to remember, and
 *     when all are remembered none is written.
 */

/** So many are written before the first one of those that need not be is remembered. */
export const FREE = 64;
const STEP = 16;
/** So many are found faster one by one. */
const FEW = 8;

/** What `meet` says of a new one. */
export const NEW = -1;
export const NEW_MARKED = -2;

export class Sharing {
  private readonly few: unknown[] = [];
  private many: Map<unknown, number> | undefined = undefined;
  private count = 0;
  /** until the next one is remembered */
  private left: number;
  private hasHits = false;

  /** @param left  how many more are free */
  constructor(left: number) {
    this.left = left;
  }

  /** One that remembers each. */
  static ofAll(): Sharing {
    const sharing = new Sharing(0);
    sharing.hasHits = true;
    return sharing;
  }

  /** For what need not be remembered. @returns its number, or NEW, or NEW_MARKED when it is remembered from now on */
  meet(object: object): number {
    const known = this.find(object);
    if (known >= 0) {
      this.hasHits = true;
      return known;
    }
    if (--this.left > 0 && !this.hasHits) return NEW;
    this.left = STEP;
    this.add(object);
    return NEW_MARKED;
  }

  /** For what is remembered always. @returns its number, or NEW_MARKED */
  meetAlways(object: object | string): number {
    const known = this.find(object);
    if (known < 0) this.add(object);
    return known < 0 ? NEW_MARKED : known;
  }

  private find(object: unknown): number {
    if (this.many !== undefined) return this.many.get(object) ?? NEW;
    for (let i = 0; i < this.count; i++) {
      if (this.few[i] === object) return i;
    }
    return NEW;
  }

  private add(object: unknown): void {
    const number = this.count++;
    if (this.many !== undefined) this.many.set(object, number);
    else if (number < FEW) this.few.push(object);
    else this.many = new Map([...this.few, object].map((remembered, i) => [remembered, i]));
  }
}
