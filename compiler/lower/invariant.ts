/** Our own bug, never the program's: names the broken invariant of the file that threw it, with the facts at hand. */
export class InvariantBroken extends Error {
  constructor(invariant: string, facts: string) {
    super(`invariant ${invariant} is broken: ${facts}`);
    this.name = "InvariantBroken";
  }
}
