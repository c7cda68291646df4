/**
 * Which lines of two texts differ, as people want to read it.
 *
 * The trick: what is alike at both ends is cut off first, which leaves little of most outputs. The longest common
 * subsequence of the rest is found by its table, if that is small enough; else the rest counts as changed.
 * Stays true: the lines marked "same" and "less" are the first text, those marked "same" and "more" the second, but for
 * gaps.
 */
export interface Difference {
  /** "gap": lines are left out; `line` says how many */
  readonly kind: "same" | "less" | "more" | "gap";
  readonly line: string;
}

/** lines that are alike and shown around those that are not */
const CONTEXT = 2;
/** cells of the table */
const MOST_CELLS = 4_000_000;

/** @param most  lines to show */
export function differences(one: string, two: string, most: number): Difference[] {
  return shortened(compare(linesOf(one), linesOf(two)), most);
}

/** A text that does not end its last line says so. */
function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines.push(`${lines.pop()} (without an end of line)`);
  return lines;
}

function compare(one: readonly string[], two: readonly string[]): Difference[] {
  let start = 0;
  while (start < one.length && start < two.length && one[start] === two[start]) start++;
  let end = 0;
  while (end < one.length - start && end < two.length - start && one.at(-1 - end) === two.at(-1 - end)) end++;
  const same = (lines: readonly string[]) => lines.map((line): Difference => ({ kind: "same", line }));
  return [
    ...same(one.slice(0, start)),
    ...compareMiddle(one.slice(start, one.length - end), two.slice(start, two.length - end)),
    ...same(one.slice(one.length - end)),
  ];
}

function compareMiddle(one: readonly string[], two: readonly string[]): Difference[] {
  const less = (line: string): Difference => ({ kind: "less", line });
  const more = (line: string): Difference => ({ kind: "more", line });
  if ((one.length + 1) * (two.length + 1) > MOST_CELLS) return [...one.map(less), ...two.map(more)];
  const width = two.length + 1;
  /** of one[i..] and two[j..], how many lines are common at most */
  const common = new Uint32Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = two.length - 1; j >= 0; j--)
      common[i * width + j] =
        one[i] === two[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const found: Difference[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < two.length) {
    if (i < one.length && j < two.length && one[i] === two[j]) {
      found.push({ kind: "same", line: one[i++]! });
      j++;
    } else if (j === two.length || (i < one.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      found.push(less(one[i++]!));
    else found.push(more(two[j++]!));
  }
  return found;
}

function shortened(all: readonly Difference[], most: number): Difference[] {
  const isShown = new Array<boolean>(all.length).fill(false);
  all.forEach(({ kind }, at) => {
    if (kind !== "same") isShown.fill(true, Math.max(0, at - CONTEXT), at + CONTEXT + 1);
  });
  const shown: Difference[] = [];
  let left = 0;
  let count = 0;
  const closeGap = (): void => {
    if (left > 0) shown.push({ kind: "gap", line: `${left} ${left === 1 ? "line" : "lines"}` });
    left = 0;
  };
  all.forEach((each, at) => {
    if (!isShown[at] || count >= most) {
      left++;
      return;
    }
    closeGap();
    shown.push(each);
    count++;
  });
  closeGap();
  return shown;
}
