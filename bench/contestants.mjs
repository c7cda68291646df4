/**
 * Who is measured: ourselves as built here, ourselves at an older revision, Erlang, plain JavaScript. Each compiles its
 * programs beforehand, and says how one is started.
 *
 *     { name, version, command(program): argv, cwd }
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const here = join(root, "bench");

/** Beyond the default of 262,144 processes: one of the programs has a million. */
const ERLANG_FLAGS = ["+P", "2000000"];
/** `halt` leaves at once; `init stop` would add about a second to every whole process. */
const ERLANG_START = (module) => ["-noshell", "-s", module, "main", "-s", "erlang", "halt"];

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: "utf8", ...options });
  if (done.error !== undefined || done.status !== 0) {
    throw new Error(`${command} ${args.join(" ")}: ${done.error?.message ?? done.stderr}`);
  }
  return done.stdout.trim();
}

/** The clock that programs measure themselves by came with this function; before it there were milliseconds. */
const CLOCK = "Time.monotonicUs()";
const OLD_CLOCK = "(Time.now() * 1000)";

function hasClock(tree) {
  return readFileSync(join(tree, "stdlib/time.nos"), "utf8").includes("monotonicUs");
}

/**
 * Ourselves, built from a tree.
 * @param names     of the programs
 * @param flags     for `nostos`, before the file
 * @param useClock  whether all sides know the clock of today
 */
function ours({ name, version, tree, work, names, flags, useClock }) {
  mkdirSync(work, { recursive: true });
  const nostos = join(tree, "dist/nostos.cjs");
  for (const program of names) {
    const text = readFileSync(join(here, `programs/${program}.nos`), "utf8");
    writeFileSync(join(work, `${program}.nos`), useClock ? text : text.replaceAll(CLOCK, OLD_CLOCK));
    run(nostos, ["build", join(work, `${program}.nos`)], { cwd: work });
  }
  return { name, version, cwd: work, command: (program) => [nostos, "run", ...flags, `${program}.ttb`] };
}

/** @returns ourselves, and, if a revision is named, ourselves as of then, built in a worktree of its own */
export function nostosContestants({ work, names, flags, revision }) {
  run("node", ["cli/build/bundle.mjs"], { cwd: root });
  const version = run("git", ["describe", "--always", "--dirty"], { cwd: root });
  const here = { name: "nostos", version, tree: root, work: join(work, "nostos"), names, flags };
  if (revision === undefined) return [ours({ ...here, useClock: true })];

  const commit = run("git", ["rev-parse", "--short", `${revision}^{commit}`], { cwd: root });
  const tree = join(work, "tree");
  run("git", ["worktree", "add", "--detach", "--force", tree, commit], { cwd: root });
  process.on("exit", () => run("git", ["worktree", "remove", "--force", tree], { cwd: root }));
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  run("node", ["cli/build/bundle.mjs"], { cwd: tree });
  const then = { name: revision, version: commit, tree, work: join(work, "then"), names, flags: [] };
  const useClock = hasClock(tree);
  return [ours({ ...here, useClock }), ours({ ...then, useClock })];
}

/** undefined without `erl` and `erlc` on the PATH */
export function erlangContestant({ work, names, flags }) {
  const version = spawnSync("erl", ["-noshell", "-eval", ERLANG_VERSION, "-s", "erlang", "halt"], { encoding: "utf8" });
  if (version.status !== 0 || spawnSync("erlc", ["--help"]).error !== undefined) return undefined;
  const beams = join(work, "erlang");
  mkdirSync(beams, { recursive: true });
  for (const name of names) run("erlc", ["-o", beams, join(here, `erlang/${name}.erl`)]);
  return {
    name: "Erlang",
    version: version.stdout.trim(),
    flags: [...ERLANG_FLAGS, ...flags],
    cwd: beams,
    command: (program) => ["erl", ...ERLANG_FLAGS, ...flags, ...ERLANG_START(program)],
  };
}

const ERLANG_VERSION = `io:format("OTP ~s, ~s, ~b schedulers", [erlang:system_info(otp_release), \
case catch erlang:system_info(emu_flavor) of jit -> "JIT"; _ -> "no JIT" end, erlang:system_info(schedulers_online)])`;

/** Plain JavaScript with the same young generation as ours. */
export function javascriptContestant() {
  const flags = readFileSync(join(root, "dist/nostos.cjs"), "utf8")
    .split("\n")[0]
    .split(" ")
    .filter((word) => word.startsWith("--"));
  return {
    name: "JavaScript",
    version: process.version,
    cwd: here,
    command: (program) => ["node", ...flags, join(here, `javascript/${program}.js`)],
  };
}

/** Programs that exist in plain JavaScript too. */
export const javascriptPrograms = readdirSync(join(here, "javascript")).map((file) => basename(file, ".js"));
