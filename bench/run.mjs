/**
 * Measures us beside Erlang, or beside an older revision of ourselves.
 *
 *     npm run bench                            9 rounds of everything, beside Erlang if `erl` is there
 *     npm run bench -- 3                       3 rounds
 *     npm run bench -- --only fib,ring         these programs alone (`start`: the start-up of small programs)
 *     npm run bench -- --against REV           beside the git revision REV, built in a worktree of its own
 *     npm run bench -- --nostos=--jitless      with flags for nostos; --erl="+S 1:1": for Erlang
 *
 * One operating-system process a run; the contestants take turns, so that what else the machine does meets all of them
 * alike; medians. Programs are compiled beforehand on both sides. The table goes to stdout, all figures to bench/results/.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { erlangContestant, javascriptContestant, javascriptPrograms, nostosContestants, root } from "./contestants.mjs";
import { canMeasureMemory, measure } from "./measure.mjs";
import { PROGRAMS } from "./programs.mjs";
import { summaryOf, tableOf } from "./report.mjs";
import { measureStart } from "./start.mjs";

const USAGE = "usage: npm run bench -- [ROUNDS] [--only NAME,…] [--against REV] [--nostos=FLAGS] [--erl=FLAGS]";
const START = "start";

function readArguments() {
  const text = { type: "string", default: "" };
  const { values, positionals } = parseArgs({
    options: { only: text, against: { type: "string" }, nostos: text, erl: text },
    allowPositionals: true,
  });
  const words = (value) => value.split(/[\s,]+/).filter((word) => word !== "");
  const rounds = Number(positionals[0] ?? 9);
  if (!Number.isInteger(rounds) || rounds < 1 || positionals.length > 1)
    throw new Error("ROUNDS is a number from 1 on");
  const only = words(values.only);
  const known = [...PROGRAMS.map(({ name }) => name), START];
  for (const name of only)
    if (!known.includes(name)) throw new Error(`no program ${name}; there are ${known.join(", ")}`);
  const isWanted = (name) => only.length === 0 || only.includes(name);
  return {
    rounds,
    isWanted,
    against: values.against,
    nostosFlags: words(values.nostos),
    erlangFlags: words(values.erl),
  };
}

/** All runs of one program, the contestants in turn. */
function race(program, contestants, rounds) {
  const expected = readFileSync(join(root, `bench/programs/${program.name}.out`), "utf8");
  const runs = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    contestants.forEach((contestant, index) => {
      if (runs[index].at(-1)?.failed !== undefined) return; // it will not do better
      runs[index].push(measure(contestant.command(program.name), { expected, cwd: contestant.cwd }));
    });
  }
  const { name, what, isOther = false } = program;
  return { name, what, isOther, contestants: contestants.map(({ name }) => name), runs };
}

function main() {
  let options;
  try {
    options = readArguments();
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
  const { rounds, isWanted, against } = options;
  const programs = PROGRAMS.filter(({ name }) => isWanted(name));
  const names = programs.map(({ name }) => name);
  const work = mkdtempSync(join(tmpdir(), "nostos-bench-"));
  process.on("exit", () => rmSync(work, { recursive: true, force: true }));

  const [us, then] = nostosContestants({ work, names, flags: options.nostosFlags, revision: against });
  const other = then ?? erlangContestant({ work, names, flags: options.erlangFlags });
  if (other === undefined) console.log("Erlang is not there (erl, erlc), so these are our own times alone.\n");
  const javascript = against === undefined ? javascriptContestant() : undefined;

  const results = [];
  for (const program of programs) {
    process.stderr.write(`${program.name} … `);
    const contestants = [us, other].filter((contestant) => contestant !== undefined);
    if (javascript !== undefined && javascriptPrograms.includes(program.name)) contestants.push(javascript);
    results.push(race(program, contestants, rounds));
  }
  process.stderr.write(results.length > 0 ? "\n" : "");
  const start = isWanted(START) && against === undefined ? measureStart(us) : undefined;

  const summary = {
    node: process.version,
    cores: availableParallelism(),
    rounds,
    memory: canMeasureMemory ? "peak resident" : "not measured: needs GNU time on Linux",
    contestants: [us, other, javascript]
      .filter((contestant) => contestant !== undefined)
      .map(({ name, version, command }) => ({
        name,
        version,
        started: command("PROGRAM").join(" ").replaceAll(root, ""),
      })),
    programs: results.map(summaryOf),
    start,
  };
  console.log(tableOf(summary));
  const directory = join(root, "bench/results");
  mkdirSync(directory, { recursive: true });
  const file = join(
    directory,
    `${against === undefined ? "latest" : `against-${against.replace(/[^\w.-]/g, "_")}`}.json`,
  );
  writeFileSync(file, `${JSON.stringify({ ...summary, runs: results }, null, 1)}\n`);
  console.log(`\nall figures: ${file}`);
  return results.some(({ runs }) => runs.some((list) => list.at(-1)?.failed !== undefined)) ? 1 : 0;
}

process.exitCode = main();
