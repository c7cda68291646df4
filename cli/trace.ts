/**
 * `--trace-procs`: what processes do, a line each on stderr, as words or as JSON.
 *
 * A file of its own because the threads of further schedulers load it, and little else.
 */
import type { Sink } from "../vm/host/sink.ts";
import type { ProcessEvent } from "../vm/interp/engine.ts";

/** @param trace  "lines" or "json" */
export function tracer(trace: string, sink: Sink): (event: ProcessEvent) => void {
  const textOf = trace === "json" ? JSON.stringify : lineOf;
  return (event) => sink.writeError(`${textOf(event)}\n`);
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
