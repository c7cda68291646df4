/**
 * Work over whole values, however large, in steps that are short: what lets a sort of a million elements share a
 * scheduler with a timer.
 *
 * The trick: such an operation counts what it touches against a meter, and where the meter runs out it gives back what it
 * needs to go on instead of an answer. Its state is its own object, never JavaScript's stack, so the process that waits
 * for the answer can be put down, killed or collected like any other. A small operation ends within its first step, and
 * where that is common (`==` of two small records) no object is made for it.
 *
 *   kind of operation              its form
 *   walks over a value             a function that takes a meter and gives an answer or a Step (equality.ts, order.ts)
 *   simple and often called        a class with a field for each thing to remember (list.ts)
 *   all others                     a generator, which `yield`s where the meter has run out (GeneratedStep)
 *
 * U1  Work is counted alike whatever the length of the steps, so an operation costs the same in one step and in many.
 * U2  Until the last step nobody sees anything of it. What it has begun to write belongs to it alone, so it is gone with
 *     its process; but it is not begun again: a process stays with its scheduler while it has one.
 */

/** What may still be done in this step: about one for each element, cell or pair touched, or for ten units of text. */
export interface Meter {
  left: number;
}

/** An operation that has been put down. */
export abstract class Step<T> {
  /** done so far, as the meter counted it; the caller of `run` keeps it */
  units = 0;

  /**
   * Goes on until the meter has run out.
   * @returns the answer; undefined: not yet
   */
  abstract run(meter: Meter): T | undefined;
}

/** A generator as a Step: it yields when the meter has run out, and returns the answer. */
export class GeneratedStep<T> extends Step<T> {
  private readonly generator: Generator<undefined, T>;

  constructor(generator: Generator<undefined, T>) {
    super();
    this.generator = generator;
  }

  run(): T | undefined {
    return this.generator.next().value;
  }
}

/** A Step of which the answer is made into another. */
export class Mapped<S, T> extends Step<T> {
  private readonly step: Step<S>;
  private readonly answerOf: (answer: S) => T;

  constructor(step: Step<S>, answerOf: (answer: S) => T) {
    super();
    this.step = step;
    this.answerOf = answerOf;
  }

  run(meter: Meter): T | undefined {
    const answer = this.step.run(meter);
    return answer === undefined ? undefined : this.answerOf(answer);
  }
}

/** Large, but still a small integer for V8. */
const PLENTY = 2 ** 30 - 1;
const unlimited: Meter = { left: PLENTY };

/** A meter for callers that want their answer at once. */
export function unmetered(): Meter {
  unlimited.left = PLENTY;
  return unlimited;
}

/** The answer, at once. */
export function complete<T>(step: Step<T>): T {
  for (;;) {
    const answer = step.run(unmetered());
    if (answer !== undefined) return answer;
  }
}

/** What a function that takes a meter has given: its answer, at once. */
export function settled<T extends boolean | number>(answer: T | Step<T>): T {
  return typeof answer === "object" ? complete(answer) : answer;
}

/** Text is touched by V8's own loops. */
const UNITS_OF_TEXT = 10;

/** What so much text counts on the meter. */
export function textUnits(length: number): number {
  return Math.floor(length / UNITS_OF_TEXT);
}
