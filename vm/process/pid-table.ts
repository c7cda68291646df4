/**
 * Finds a live process of this scheduler by its pid.
 *
 * The trick: pids count up and are never used again, so the table is pages of 1024 by running number and a page goes
 * away with its last process: no reuse problem, and the fastest of what was measured (a Map takes 2.5 times as long).
 * With several schedulers every `stride`th pid is ours, and they may come in another order than they were given out.
 *
 * T1  an entry is undefined until its pid has come, then the process, then null for ever.
 * T2  a page is null once all its pids have come and gone.
 */
const PAGE_BITS = 10;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;

class Page<T> {
  readonly entries: (T | null | undefined)[] = new Array<T | null | undefined>(PAGE_SIZE).fill(undefined);
  live = 0;
  come = 0;
}

export class PidTable<T> {
  private readonly pages: (Page<T> | null | undefined)[] = [];
  private readonly stride: number;
  private lastPid = 0;
  private live = 0;

  /** @param stride  how many schedulers share the pids; the ones that are asked for are ours */
  constructor(stride = 1) {
    this.stride = stride;
  }

  /** The pid after the highest that has come. */
  get nextPid(): number {
    return this.lastPid + 1;
  }

  get count(): number {
    return this.live;
  }

  add(pid: number, entry: T): void {
    this.come(pid, entry);
    this.live++;
  }

  /** The pid was given out, but there is no process of it and there never will be. */
  skip(pid: number): void {
    this.come(pid, null);
  }

  get(pid: number): T | undefined {
    // for each message: numberOf, written out
    const number = this.stride === 1 ? pid - 1 : this.numberOf(pid);
    const page = this.pages[number >>> PAGE_BITS];
    return page == null ? undefined : (page.entries[number & PAGE_MASK] ?? undefined);
  }

  /** Whether a process of this pid may come still. */
  isAwaited(pid: number): boolean {
    const number = this.numberOf(pid);
    const page = this.pages[number >>> PAGE_BITS];
    return page !== null && page?.entries[number & PAGE_MASK] === undefined;
  }

  remove(pid: number): void {
    const number = this.numberOf(pid);
    const page = this.pages[number >>> PAGE_BITS];
    const place = number & PAGE_MASK;
    if (page === null || page === undefined || page.entries[place] == null) return;
    page.entries[place] = null;
    page.live--;
    this.live--;
    this.dropPage(number >>> PAGE_BITS, page);
  }

  /** All entries by ascending pid. */
  *[Symbol.iterator](): Iterator<T> {
    for (const page of this.pages) {
      if (page == null) continue;
      for (const entry of page.entries) if (entry != null) yield entry;
    }
  }

  private come(pid: number, entry: T | null): void {
    if (pid > this.lastPid) this.lastPid = pid;
    const number = this.numberOf(pid);
    const index = number >>> PAGE_BITS;
    while (this.pages.length <= index) this.pages.push(undefined);
    const page = this.pages[index] ?? new Page<T>();
    this.pages[index] = page;
    page.entries[number & PAGE_MASK] = entry;
    page.come++;
    if (entry !== null) page.live++;
    else this.dropPage(index, page);
  }

  /** T2 */
  private dropPage(index: number, page: Page<T>): void {
    if (page.live === 0 && page.come === PAGE_SIZE) this.pages[index] = null;
  }

  /** Running number among ours, from 0. */
  private numberOf(pid: number): number {
    return this.stride === 1 ? pid - 1 : Math.floor((pid - 1) / this.stride);
  }
}
