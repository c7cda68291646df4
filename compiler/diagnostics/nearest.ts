/**
 * "Did you mean": the known names that are close enough to a misspelt one to be worth showing.
 *
 * The trick: the allowed distance grows with the name (1 edit for up to 4 letters, 2 for up to 8, else 3), and a swap of
 * neighbours counts as one edit, so `pirntln` finds `println` while `x` never finds `y`.
 * Stays true: the name itself is never among the answers; only the closest are, in alphabetical order.
 */

const MOST = 3; // names a hint can hold before it stops being one

/**
 * The nearest of some names.
 * @param candidates  any names; duplicates are shown once
 * @returns           at most 3 names, equally close; [] when nothing is close
 */
export function nearest(name: string, candidates: Iterable<string>): string[] {
  const limit = name.length <= 4 ? 1 : name.length <= 8 ? 2 : 3;
  const found = new Map<string, number>();
  for (const candidate of candidates) {
    if (candidate === name || found.has(candidate)) continue;
    const distance = distanceOf(name, candidate, limit);
    if (distance !== undefined) found.set(candidate, distance);
  }
  const least = Math.min(...found.values());
  return [...found.keys()]
    .filter((candidate) => found.get(candidate) === least)
    .sort()
    .slice(0, MOST);
}

/** "did you mean `a` or `b`?", or undefined when nothing is close. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = nearest(name, candidates).map((candidate) => `\`${candidate}\``);
  if (names.length === 0) return undefined;
  const last = names.pop() as string;
  return `did you mean ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}?`;
}

/** Edits between two names, or undefined when that is beyond `limit` or when nothing of the name would be left. */
function distanceOf(a: string, b: string, limit: number): number | undefined {
  if (a.toLowerCase() === b.toLowerCase()) return 0.5; // only the case is off: nearest of all
  if (Math.abs(a.length - b.length) > limit) return undefined;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (above[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] as number) + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  const distance = above[b.length] as number;
  return distance <= limit && distance < Math.max(a.length, b.length) ? distance : undefined;
}
