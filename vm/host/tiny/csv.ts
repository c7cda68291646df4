/**
 * CSV after RFC 4180: a cell in quotes may hold commas, line ends and doubled quotes. Cells without quotes lose the space
 * around them, as TinyTotVM's do.
 *
 * Stays true: what is written is read as the same rows of texts again, as long as each row has a cell.
 */
import { mismatch, TinyError } from "../../interp/tiny/errors.ts";
import { listOf, toArray } from "../../values/list.ts";
import { tinyDisplay } from "../../values/tiny-text.ts";
import { Cons, type List, Nil, type Value } from "../../values/value.ts";

const QUOTED = /[ \t]*"((?:[^"]|"")*)"[ \t]*(?=,|\r?\n|$)/y;
const BARE = /[^,\n]*/y;

/** A list of rows, which are lists of texts. @throws TinyError for a quote that does not end, or ends too early */
export function parseCsv(text: string): List {
  const rows: Value[] = [];
  let cells: Value[] = [];
  let at = 0;
  while (at < text.length || cells.length > 0) {
    QUOTED.lastIndex = at;
    const quoted = QUOTED.exec(text);
    if (quoted !== null) {
      cells.push(quoted[1]!.replaceAll('""', '"'));
      at = QUOTED.lastIndex;
    } else {
      BARE.lastIndex = at;
      const [bare] = BARE.exec(text)!;
      if (/^[ \t]*"/.test(bare))
        throw new TinyError(`CSV_PARSE failed: the quote in row ${rows.length + 1} does not end`);
      cells.push(bare.trim());
      at += bare.length;
    }
    if (text[at] === ",") {
      at++;
      continue;
    }
    if (text[at] === "\r") at++;
    at++; // the line end
    rows.push(listOf(cells));
    cells = [];
  }
  return listOf(rows);
}

export function writeCsv(rows: List): string {
  return toArray(rows)
    .map((row) => {
      if (!(row instanceof Cons || row instanceof Nil)) throw mismatch("CSV_WRITE", "list of lists (CSV data)", rows);
      const cells = toArray(row).map(tinyDisplay);
      return cells.length === 1 && cells[0] === "" ? '""' : cells.map(cellText).join(",");
    })
    .join("\n");
}

function cellText(cell: string): string {
  return /["\n\r,]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;
}
