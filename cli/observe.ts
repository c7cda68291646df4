/**
 * What a run is asked to tell about itself: `--trace-jit`, `--trace-procs` and `--profile`, on stderr and in a file.
 *
 * Stays true: it is told when the program's own output is out, also when the program has failed or was interrupted.
 */
import { basename } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { JitTrace, type ProcessEvent, Profile, type Sink, table } from "../vm/index.ts";
import { tracer } from "./trace.ts";
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

/** What is asked for with `--trace-procs`. */
export function traceOf({ traceProcs, traceProcsJson }: ObserveOptions): "lines" | "json" | undefined {
  return traceProcs === true ? "lines" : traceProcsJson === true ? "json" : undefined;
}

export function observersOf(options: ObserveOptions, sink: Sink): Observers {
  const trace = traceOf(options);
  return {
    ...(options.traceJit === true && { jitObserver: new JitTrace((text) => sink.writeError(text)) }),
    ...(options.profile === true && { profile: new Profile() }),
    ...(trace !== undefined && { observe: tracer(trace, sink) }),
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
