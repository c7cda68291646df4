/**
 * Names of processes: one name is one process's, a process may have several.
 *
 * Stays true: a name never outlives its process; the machine calls `forget` when one goes.
 */
export class Names {
  private readonly pidOf = new Map<string, number>();
  /** by pid, for those that have any */
  private readonly namesOf = new Map<number, string[]>();

  /** @returns false when somebody has the name already, be it the same process */
  register(name: string, pid: number): boolean {
    if (this.pidOf.has(name)) return false;
    this.pidOf.set(name, pid);
    const names = this.namesOf.get(pid);
    if (names === undefined) this.namesOf.set(pid, [name]);
    else names.push(name);
    return true;
  }

  /** @returns whether somebody had it */
  unregister(name: string): boolean {
    const pid = this.pidOf.get(name);
    if (pid === undefined) return false;
    this.pidOf.delete(name);
    const names = this.namesOf.get(pid)!.filter((other) => other !== name);
    if (names.length === 0) this.namesOf.delete(pid);
    else this.namesOf.set(pid, names);
    return true;
  }

  /** in the order of their code units */
  all(): string[] {
    return [...this.pidOf.keys()].sort();
  }

  of(pid: number): readonly string[] {
    return this.namesOf.get(pid) ?? [];
  }

  whereIs(name: string): number | undefined {
    return this.pidOf.get(name);
  }

  /** The process has gone, and its names are free. */
  forget(pid: number): void {
    if (this.pidOf.size === 0) return;
    for (const name of this.namesOf.get(pid) ?? []) this.pidOf.delete(name);
    this.namesOf.delete(pid);
  }
}
