/**
 * A source text and places in it.
 *
 * Offsets are UTF-16 code units into `text` as given (CRLF kept), so a span can always be cut out of the text.
 * Lines and columns count from 1; a column counts code points, as people see them.
 */

export interface SourceFile {
  /** as the user named it (`main.nos`, `src/a.nos`), `<stdin>`, `<eval>`, or `stdlib/list.nos` */
  readonly path: string;
  readonly text: string;
}

/** Half-open range [start, end) of one source. */
export interface Span {
  readonly source: SourceFile;
  readonly start: number;
  readonly end: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStarts = new WeakMap<SourceFile, number[]>();

function startsOf(source: SourceFile): number[] {
  let starts = lineStarts.get(source);
  if (starts === undefined) {
    starts = [0];
    for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1)) starts.push(at + 1);
    lineStarts.set(source, starts);
  }
  return starts;
}

/** Line and column, both from 1, of an offset; binary search over cached line starts. */
export function positionOf(source: SourceFile, offset: number): Position {
  const starts = startsOf(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  const lineStart = starts[low] as number;
  return { line: low + 1, column: [...source.text.slice(lineStart, offset)].length + 1 };
}

/** Offset of the first character of a line (from 1); the text's length past the last line. */
export function lineStartOf(source: SourceFile, line: number): number {
  return startsOf(source)[line - 1] ?? source.text.length;
}

/** Text of a line (from 1) without its line end; "" past the last line. */
export function lineText(source: SourceFile, line: number): string {
  const starts = startsOf(source);
  const start = starts[line - 1];
  if (start === undefined) return "";
  return source.text.slice(start, starts[line] ?? source.text.length).replace(/\r?\n$/, "");
}

/** The smallest span that covers both; they must be of one source. */
export function join(a: Span, b: Span): Span {
  return { source: a.source, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
