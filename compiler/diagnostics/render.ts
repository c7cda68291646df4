/**
 * Shows diagnostics on a terminal: headline, source lines with carets, related places, hint, notes.
 *
 * The trick: a source line is first turned into *cells* (what is drawn, how wide, at which offset), so tabs, wide and
 * combining characters, control characters and trimming are settled once and a caret is only a matter of counting cells.
 * Stays true: nothing of a source or of a message reaches the terminal as a control character; without colour the text
 * is exactly the same.
 */
import { styleText } from "node:util";
import { lineStartOf, lineText, positionOf, type SourceFile, type Span } from "../../grammar/source.ts";
import type { Diagnostic, Label } from "./diagnostic.ts";

export interface RenderOptions {
  readonly colour: boolean;
  /** columns of the terminal; source lines are trimmed to it, words never */
  readonly width: number;
}

type Style = "error" | "warning" | "related" | "place" | "gutter" | "hint";

const STYLES: Record<Style, Parameters<typeof styleText>[0]> = {
  error: ["bold", "red"],
  warning: ["bold", "yellow"],
  related: "cyan",
  place: "bold",
  gutter: "gray",
  hint: "green",
};

const TAB_WIDTH = 4; // columns
const NARROWEST = 40; // columns; a smaller terminal wraps

/** One diagnostic as text that ends in a newline. */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint = (style: Style, text: string) =>
    options.colour && text !== "" ? styleText(STYLES[style], text, { validateStream: false }) : text;
  const lines: string[] = [];

  const { primary, severity } = diagnostic;
  const related = diagnostic.related ?? [];
  const lead = primary === undefined ? `${severity}: ` : severity === "warning" ? "warning: " : "";
  const place = primary === undefined ? "" : `${paint("place", placeOf(primary.span))}: `;
  const message = paint(severity, `${lead}${printable(diagnostic.message).replaceAll("\n", "\n    ")}`);
  lines.push(`${place}${message}  ${paint("gutter", `[${diagnostic.code}]`)}`);

  const labels = primary === undefined ? related : [primary, ...related];
  const gutter = Math.max(
    3,
    ...labels.map((label) => String(positionOf(label.span.source, lastOffset(label.span)).line).length + 2),
  );
  let shown: { source: SourceFile | undefined; line: number } = { source: primary?.span.source, line: -1 };
  labels.forEach((label, index) => {
    const style = index === 0 && primary !== undefined ? severity : "related";
    const mark = style === "related" ? "-" : "^";
    const { source } = label.span;
    if (source !== shown.source) {
      lines.push(`${" ".repeat(gutter)} ${paint("gutter", "in")} ${placeOf(label.span)}`);
      shown = { source, line: -1 };
    }
    for (const row of excerpt(label, mark, Math.max(NARROWEST, options.width) - gutter - 3)) {
      if (row.line === undefined) {
        lines.push(`${" ".repeat(gutter)} ${paint("gutter", "…")}`);
        continue;
      }
      if (row.line !== shown.line || row.isTrimmed) {
        lines.push(`${paint("gutter", `${String(row.line).padStart(gutter)} |`)} ${row.text}`.trimEnd());
      }
      lines.push(`${" ".repeat(gutter)} ${paint("gutter", "|")} ${paint(style, row.marks)}`.trimEnd());
      shown = { source, line: row.line };
    }
  });

  if (diagnostic.hint !== undefined) {
    lines.push(`  ${paint("hint", "hint:")} ${printable(diagnostic.hint).replaceAll("\n", "\n        ")}`);
  }
  for (const note of diagnostic.notes ?? []) lines.push(`  ${printable(note).replaceAll("\n", "\n  ")}`);
  return `${lines.join("\n")}\n`;
}

/**
 * Many diagnostics, a blank line between them, and a last line that says how many are not shown.
 * @param limit  how many to show
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions, limit: number): string {
  const parts = diagnostics.slice(0, limit).map((diagnostic) => renderDiagnostic(diagnostic, options));
  const more = diagnostics.length - parts.length;
  if (more > 0) parts.push(`and ${more} more\n`);
  return parts.join("\n");
}

/** `path:line:column`, as editors and terminals make it a link. */
export function placeOf(span: Span): string {
  const { line, column } = positionOf(span.source, span.start);
  return `${printable(span.source.path)}:${line}:${column}`;
}

/** Control and invisible direction characters made visible; newlines and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (char) =>
    char === "\n" || char === "\t" ? char : picture(char),
  );
}

/** The last offset that belongs to the span; of an empty span its start. */
function lastOffset(span: Span): number {
  return Math.max(span.start, span.end - 1);
}

/** A line to draw, or the gap between the first and the last line of a long span. */
interface Row {
  /** undefined: the gap */
  readonly line: number | undefined;
  readonly text: string;
  readonly marks: string;
  readonly isTrimmed: boolean;
}

/** The first and the last line of a label's span, each with its marks; the label's text stands after the last mark. */
function excerpt(label: Label, mark: string, width: number): Row[] {
  const { source, start } = label.span;
  const end = Math.max(label.span.end, start);
  const first = positionOf(source, start).line;
  const last = positionOf(source, lastOffset(label.span)).line;
  const text = label.text === "" ? "" : ` ${printable(label.text).replaceAll("\n", " ")}`;
  if (first === last) return [drawLine(source, first, start, end, mark, text, width)];
  const rows = [drawLine(source, first, start, Number.POSITIVE_INFINITY, mark, "", width)];
  if (last > first + 1) rows.push({ line: undefined, text: "", marks: "", isTrimmed: false });
  rows.push(drawLine(source, last, 0, end, mark, text, width));
  return rows;
}

interface Cell {
  readonly text: string;
  readonly width: number;
  /** within the source */
  readonly offset: number;
}

/** One line with marks under [from, to); spaces at the line's ends are not marked unless nothing else is. */
function drawLine(
  source: SourceFile,
  line: number,
  from: number,
  to: number,
  mark: string,
  label: string,
  width: number,
): Row {
  const text = lineText(source, line);
  const lineStart = lineStartOf(source, line);
  const cells = cellsOf(text, lineStart);
  const lineEnd = lineStart + text.length;

  let start = Math.max(from, lineStart);
  if (from < lineStart) start += text.length - text.trimStart().length;
  let end = Math.min(to, lineEnd);
  while (end > start + 1 && /\s/.test(source.text[end - 1] ?? "")) end--;

  const before = widthOf(cells.filter((cell) => cell.offset < start)) + (start > lineEnd ? 1 : 0);
  const marked = Math.max(1, widthOf(cells.filter((cell) => cell.offset >= start && cell.offset < end)));

  // A line too long for the terminal is cut to a window that holds the start of the marks.
  const total = widthOf(cells);
  const needed = before + marked + label.length;
  if (total <= width)
    return {
      line,
      text: textOf(cells).trimEnd(),
      marks: " ".repeat(before) + mark.repeat(marked) + label,
      isTrimmed: false,
    };
  const skip = needed <= width ? 0 : Math.max(0, Math.min(before - Math.floor(width / 3), total - width + 1));
  let at = 0;
  let window = "";
  let windowStart = 0;
  for (const cell of cells) {
    if (at < skip) windowStart = at + cell.width;
    else if (at - windowStart + cell.width <= width - 2) window += cell.text;
    at += cell.width;
  }
  const lead = skip > 0 ? "…" : "";
  const tail = total - windowStart > width - 2 ? "…" : "";
  const indent = Math.max(0, before - windowStart) + lead.length;
  const visible = Math.max(1, Math.min(marked, width - indent));
  return {
    line,
    text: lead + window + tail,
    marks: " ".repeat(indent) + mark.repeat(visible) + label,
    isTrimmed: true,
  };
}

const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\u200b-\u200d\ufeff]/u;

function cellsOf(text: string, lineStart: number): Cell[] {
  const cells: Cell[] = [];
  let offset = lineStart;
  let column = 0;
  for (const char of text) {
    let cell: Cell;
    if (char === "\t") {
      const width = TAB_WIDTH - (column % TAB_WIDTH);
      cell = { text: " ".repeat(width), width, offset };
    } else if (char < "\x7f" && char >= " ") cell = { text: char, width: 1, offset };
    else if (NO_WIDTH.test(char)) cell = { text: char, width: 0, offset };
    else cell = { text: printable(char), width: WIDE.test(char) ? 2 : 1, offset };
    cells.push(cell);
    column += cell.width;
    offset += char.length;
  }
  return cells;
}

/** A visible stand-in, one column wide: ␛ for escape. */
function picture(char: string): string {
  const code = char.codePointAt(0) as number;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "␡" : "�";
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}

function textOf(cells: readonly Cell[]): string {
  return cells.map((cell) => cell.text).join("");
}
