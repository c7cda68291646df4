/**
 * The comment above a declaration is its documentation.
 *
 * Stays true: reads the text, not tokens, since comments are no tokens; only whole lines directly above count.
 */

/** The contiguous comment lines above the line of `offset`, without their marks; `undefined` if there are none. */
export function docAbove(text: string, offset: number): string | undefined {
  let lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  if (text.slice(lineStart, offset).trim() !== "") return undefined;
  const lines: string[] = [];
  while (lineStart > 0) {
    const above = text.lastIndexOf("\n", lineStart - 2) + 1;
    const comment = /^(?:#(?![*{!])|\/\/)\s?(.*)$/.exec(text.slice(above, lineStart - 1).trim());
    if (comment === null) break;
    lines.push(comment[1] as string);
    lineStart = above;
  }
  return lines.length === 0 ? undefined : lines.reverse().join("\n");
}
