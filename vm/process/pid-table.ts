/**
 * Finds a live process of this scheduler by its pid.
 *
 * The trick: pids count up and are never used again, so the table is pages of 64 by running number and a page goes away
 * with its last process: no reuse problem, and the fastest of what was measured (a Map takes 2.5 times as long).
 * With several schedulers a page is a block of vm/cluster/places.ts: one that this scheduler gives out, or one of which
 * processes have come from elsewhere. Pages lie in a ring, as blocks do, so the table does not grow for ever.
 *
 * T1  An entry is the process while it is here, else undefined.
 * T2  A page is there while any of its processes is here, and one of ours until all of its pids have been given out.
 */
const PAGE_BITS = 6;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;
/** as many pages as 32 bits tell apart */
const MOST_PAGES = 1 << (32 - PAGE_BITS);

class Page<T> {
  /** the running number of its first entry */
  readonly first: number;
  /** its pids are given out here */
  readonly isOurs: boolean;
  readonly entries: (T | undefined)[] = new Array<T | undefined>(PAGE_SIZE).fill(undefined);
  live = 0;
  /** given out */
  come = 0;

  constructor(first: number, isOurs: boolean) {
    this.first = first;
    this.isOurs = isOurs;
  }
}

export class PidTable<T> {
  private readonly pages: (Page<T> | undefined)[] = [];
  private readonly mask: number;
  private lastPid = 0;
  private live = 0;

  /** @param slots  of the ring of pages, a power of two: who gives out pids leaves out pages that would not fit in */
  constructor(slots = MOST_PAGES) {
    this.mask = slots - 1;
  }

  /** The pid to give out next, where all are given out here. */
  get nextPid(): number {
    // a slot can be taken only after 2^32 pids, by a process that is still alive
    while ((this.lastPid & PAGE_MASK) === 0 && this.isTaken(this.lastPid)) this.lastPid += PAGE_SIZE;
    return this.lastPid + 1;
  }

  get count(): number {
    return this.live;
  }

  /** A process that begins here. */
  add(pid: number, entry: T): void {
    if (pid > this.lastPid) this.lastPid = pid;
    this.put(pid, entry, true).come++;
  }

  /** A process that began elsewhere, or was away. */
  takeIn(pid: number, entry: T): void {
    this.put(pid, entry, false);
  }

  get(pid: number): T | undefined {
    const number = pid - 1;
    const page = this.pages[(number >>> PAGE_BITS) & this.mask];
    const place = number & PAGE_MASK;
    return page === undefined || page.first !== number - place ? undefined : page.entries[place];
  }

  /** @returns whether it was the last of a page of ours, of which none will come any more */
  remove(pid: number): boolean {
    const number = pid - 1;
    const index = (number >>> PAGE_BITS) & this.mask;
    const page = this.pages[index];
    const place = number & PAGE_MASK;
    if (page === undefined || page.first !== number - place || page.entries[place] === undefined) return false;
    page.entries[place] = undefined;
    this.live--;
    if (--page.live > 0) return false;
    if (page.isOurs && page.come < PAGE_SIZE) return false; // T2
    this.pages[index] = undefined;
    return page.isOurs;
  }

  /** All entries; by ascending pid, unless there were more pids than the ring has room for. */
  *[Symbol.iterator](): Iterator<T> {
    for (const page of this.pages) {
      if (page === undefined) continue;
      for (const entry of page.entries) if (entry !== undefined) yield entry;
    }
  }

  private put(pid: number, entry: T, isOurs: boolean): Page<T> {
    const number = pid - 1;
    const index = (number >>> PAGE_BITS) & this.mask;
    while (this.pages.length <= index) this.pages.push(undefined);
    const place = number & PAGE_MASK;
    let page = this.pages[index];
    if (page === undefined) {
      page = new Page<T>(number - place, isOurs);
      this.pages[index] = page;
    }
    page.entries[place] = entry;
    page.live++;
    this.live++;
    return page;
  }

  private isTaken(number: number): boolean {
    const page = this.pages[(number >>> PAGE_BITS) & this.mask];
    return page !== undefined && page.first !== number;
  }
}
