/** Our own bugs have a name: the number of the invariant that does not hold, and the facts. */

export class InvariantBroken extends Error {
  readonly invariant: string;
  constructor(invariant: string, facts: Readonly<Record<string, unknown>>) {
    super(`${invariant} does not hold: ${JSON.stringify(facts)}`);
    this.name = "InvariantBroken";
    this.invariant = invariant;
  }
}

/** NOSTOS_CHECK=1 turns the asserts on. */
export const CHECK = process.env.NOSTOS_CHECK === "1";
