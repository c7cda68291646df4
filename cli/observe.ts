/**
 * What a run is asked to tell about itself: `--trace-jit`, `--trace-procs` and `--profile`, on stderr and in a file.
 *
 * Stays true: it is told when the program's own output is out, also when the program has failed or was interrupted.
 */
import { basename } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { JitTrace, type ProcessEvent, Profile, type Sink, table } from "../vm/index.ts";
import { explainUnwritable, writeWhole } from "./write-whole.ts";

export interface ObserveOptions {
  readonly traceJit?: true;
  readonly profile?: true;
  readonly traceProcs?: true;
  readonly traceProcsJson?: true;
}

export interface Observers {
  readonly jitObserver?: JitTrace;
  readonly profile?: Profile;
  readonly observe?: (event: ProcessEvent) => void;
}

const MOST_FUNCTIONS = 40;

export function observersOf(options: ObserveOptions, sink: Sink): Observers {
  return {
    ...(options.traceJit === true && { jitObserver: new JitTrace((text) => sink.writeError(text)) }),
    ...(options.profile === true && { profile: new Profile() }),
    ...(options.traceProcs === true && { observe: (event) => sink.writeError(`${lineOf(event)}\n`) }),
    ...(options.traceProcsJson === true && { observe: (event) => sink.writeError(`${JSON.stringify(event)}\n`) }),
  };
}

/**
 * The run is over: writes the tables, and the profile's file.
 * @param path  what was run; the file is named after it and lies where the command was started
 * @returns     what is wrong, if the file cannot be written
 */
export function finishObservers({ jitObserver, profile }: Observers, path: string, sink: Sink): Diagnostic | undefined {
  jitObserver?.finish();
  if (profile === undefined) return undefined;
  const file = profileFile(path);
  sink.writeError(profileTable(profile, file));
  try {
    writeWhole(file, profile.cpuProfile());
    return undefined;
  } catch (error) {
    return explainUnwritable(file, error);
  }
}

/** `server/hello.nos` → `hello.cpuprofile`, `<eval>` → `eval.cpuprofile` */
function profileFile(path: string): string {
  const name = basename(path)
    .replace(/\.(?:nos|ttb)$/, "")
    .replace(/[<>]/g, "");
  if (name === "-") return "stdin.cpuprofile";
  return `${name === "" || name === "." || name === ".." ? "main" : name}.cpuprofile`;
}

function profileTable(profile: Profile, file: string): string {
  const { samples, us } = profile.size;
  const functions = profile.functions();
  const head = `\nprofile: ${milliseconds(us)} of running in ${samples} samples; ${file} has them all\n`;
  if (functions.length === 0) return `${head}  it was over before there was a sample\n`;
  const percent = (part: number) => `${((100 * part) / us).toFixed(1)} %`;
  const rows = functions
    .slice(0, MOST_FUNCTIONS)
    .map(({ ownUs, totalUs, function: fn, place }) => [
      milliseconds(ownUs),
      percent(ownUs),
      milliseconds(totalUs),
      percent(totalUs),
      place.path === "" ? fn.name : `${fn.name} (${place.path}:${place.line})`,
    ]);
  const rest = functions.length > MOST_FUNCTIONS ? `  and ${functions.length - MOST_FUNCTIONS} more\n` : "";
  return head + table(["own", "", "total", "", "function"], rows) + rest;
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}

/** One line of `--trace-procs`. */
function lineOf(event: ProcessEvent): string {
  switch (event.kind) {
    case "spawned":
      return `${who(event.pid)} spawned by ${who(event.by)}: ${event.function}`;
    case "exited":
      return `${who(event.pid)} exits: ${event.why}`;
    case "sent":
      return `${who(event.from)} sends ${who(event.to)} ${event.message}`;
    case "received":
      return `${who(event.pid)} receives ${event.message}`;
    case "timed-out":
      return `${who(event.pid)} has waited long enough`;
    case "printed":
      return `${who(event.pid)} prints ${JSON.stringify(event.text)}`;
    case "locked":
      return `${who(event.pid)} locks ${event.mvars.join(", ")}`;
    case "unlocked":
      return `${who(event.pid)} unlocks ${event.mvars.join(", ")}`;
    case "blocked":
      return `${who(event.pid)} waits for ${event.mvar}, which ${who(event.heldBy)} holds`;
    case "read":
      return `${who(event.pid)} reads ${event.mvar}: ${event.value}`;
    case "written":
      return `${who(event.pid)} sets ${event.mvar} to ${event.value}`;
    case "signal":
      return `${who(event.from)} signals ${who(event.to)} ${event.sort}${event.reason === undefined ? "" : `: ${event.reason}`}`;
    case "registered":
      return `${who(event.pid)} is registered as ${JSON.stringify(event.name)}`;
    case "unregistered":
      return `${JSON.stringify(event.name)} is unregistered`;
    case "step":
      return `${who(event.pid)} ${event.instruction}`;
  }
}

function who(pid: number): string {
  return pid === 0 ? "the host" : `<pid ${pid}>`;
}
