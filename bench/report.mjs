/**
 * From runs to medians and ratios, and from those to a table.
 *
 * A ratio is ours by theirs: below 1 we are faster, or take less.
 */
import { geometricMean, median } from "./measure.mjs";

const MEASURES = ["mainMs", "processMs", "peakKb"];

/** Of one program: the medians of each contestant, and what failed. */
export function summaryOf({ name, what, isOther, contestants, runs }) {
  const sides = contestants.map((contestant, index) => {
    const failed = runs[index].find((run) => run.failed !== undefined)?.failed;
    if (failed !== undefined) return { contestant, failed };
    const medians = Object.fromEntries(
      MEASURES.map((measure) => [measure, median(runs[index].map((run) => run[measure]))]),
    );
    return { contestant, ...medians };
  });
  return { name, what, isOther, sides };
}

/** Ours by the other's; undefined when one of them has no such figure. */
function ratioOf(ours, other, measure) {
  const ratio = other === undefined ? Number.NaN : ours[measure] / other[measure];
  return Number.isFinite(ratio) ? ratio : undefined;
}

export function tableOf(summary) {
  const other = summary.contestants.find(({ name }) => name !== "nostos" && name !== "JavaScript")?.name;
  const text = [describe(summary)];
  for (const isOther of [false, true]) {
    const programs = summary.programs.filter((program) => program.isOther === isOther);
    if (programs.length > 0) text.push(`${isOther ? "Other programs:\n\n" : ""}${programTable(programs, other)}`);
  }
  for (const { name, sides } of summary.programs) {
    const javascript = sides.find(({ contestant }) => contestant === "JavaScript");
    const ratio = ratioOf(sides[0], javascript, "mainMs");
    if (ratio !== undefined) {
      text.push(
        `${name} in plain JavaScript: ${milliseconds(javascript.mainMs)} ms in main; ours takes ${ratio.toFixed(2)} times as long.`,
      );
    }
  }
  const failures = summary.programs.flatMap(({ name, sides }) =>
    sides
      .filter(({ failed }) => failed !== undefined)
      .map(({ contestant, failed }) => `${name}, ${contestant}: ${failed}`),
  );
  if (failures.length > 0) text.push(`Failed:\n${failures.map((line) => `- ${line}`).join("\n")}`);
  if (summary.start !== undefined) {
    const rows = summary.start.map(({ name, processMs, ratio }) => [name, milliseconds(processMs), ratio.toFixed(2)]);
    text.push(layOut([["start-up, whole process", "ms", "by node -e 0"], ...rows]));
  }
  return text.join("\n\n");
}

function describe({ node, cores, rounds, memory, contestants }) {
  const who = contestants.map(({ name, version, started }) => `- ${name} (${version}): \`${started}\``);
  return [
    `Node ${node}, ${cores} cores, medians of ${rounds} interleaved runs, one process each; memory: ${memory}.`,
    ...who,
  ].join("\n");
}

function programTable(programs, other) {
  if (other === undefined) {
    const rows = programs.map(({ name, what, sides: [ours] }) => [
      name,
      what,
      milliseconds(ours.mainMs),
      milliseconds(ours.processMs),
      megabytes(ours.peakKb),
    ]);
    return layOut([["program", "what", "main, ms", "process, ms", "peak, MB"], ...rows]);
  }
  const ratios = Object.fromEntries(MEASURES.map((measure) => [measure, []]));
  const rows = programs.map(({ name, what, sides }) => {
    const [ours] = sides;
    const theirs = sides.find(({ contestant }) => contestant === other);
    const cells = MEASURES.flatMap((measure) => {
      const ratio = ratioOf(ours, theirs, measure);
      if (ratio !== undefined) ratios[measure].push(ratio);
      const show = measure === "peakKb" ? megabytes : milliseconds;
      return [show(ours[measure]), show(theirs[measure]), ratio?.toFixed(2) ?? "–"];
    });
    return [name, what, ...cells];
  });
  const means = MEASURES.flatMap((measure) => {
    const list = ratios[measure];
    return ["", "", list.length === 0 ? "–" : geometricMean(list).toFixed(2)];
  });
  const header = [
    "program",
    "what",
    "main, ms",
    other,
    "ratio",
    "process, ms",
    other,
    "ratio",
    "peak, MB",
    other,
    "ratio",
  ];
  return layOut([header, ...rows, ["geometric mean", "", ...means]]);
}

function milliseconds(ms) {
  if (ms === undefined) return "failed";
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

function megabytes(kb) {
  return kb === undefined || Number.isNaN(kb) ? "–" : (kb / 1024).toFixed(0);
}

/** A Markdown table whose columns line up; words to the left, figures to the right. */
function layOut(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isFigure = rows[0].map((_, column) => rows.slice(1).every((row) => /^[\d.–]*$|^failed$/.test(row[column])));
  const line = (row) =>
    `| ${row.map((cell, column) => (isFigure[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(" | ")} |`;
  const rule = widths.map((width, column) => (isFigure[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(rows[0]), `| ${rule.join(" | ")} |`, ...rows.slice(1).map(line)].join("\n");
}
