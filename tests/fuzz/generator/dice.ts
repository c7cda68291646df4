/** Choices that a seed decides: the same seed makes the same program, everywhere. */
import { randomInt, seededRandom } from "../../support/random.ts";

/** One way to write something; undefined when it does not fit here. */
export type Way = () => string | undefined;

export class Dice {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  below(count: number): number {
    return randomInt(this.random, count);
  }

  /** Both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** What one of the ways writes, the likelier the greater its weight; a way that does not fit gives place to others. */
  write(ways: readonly (readonly [weight: number, way: Way])[], otherwise: () => string): string {
    const rest = [...ways];
    let total = rest.reduce((sum, [weight]) => sum + weight, 0);
    while (rest.length > 0) {
      let at = this.below(total);
      let index = 0;
      while (at >= rest[index]![0]) at -= rest[index++]![0];
      const [weight, way] = rest.splice(index, 1)[0]!;
      const text = way();
      if (text !== undefined) return text;
      total -= weight;
    }
    return otherwise();
  }
}
