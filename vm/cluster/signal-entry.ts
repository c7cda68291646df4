/**
 * Signals as they travel from one scheduler to another.
 *
 *   kind (its place in KINDS), from or 0, ref or 0, whether it is a link's, reason (its place in REASONS), its text or ""
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { Signal } from "../process/signals.ts";
import { makeData } from "../values/data.ts";
import { FAILED, KILLED, NO_PROCESS, NORMAL, SHUTDOWN } from "../values/data-types.ts";
import type { Data } from "../values/value.ts";

const KINDS = ["link", "unlink", "unlinked", "monitor", "demonitor", "exit", "down", "room", "withdraw"] as const;
/** those without text; what comes behind them is a failure */
const REASONS: readonly Data[] = [NORMAL, SHUTDOWN, KILLED, NO_PROCESS];

export function writeSignal(writer: Writer, signal: Signal): void {
  writer.writeU8(KINDS.indexOf(signal.kind));
  writer.writeVarUint("from" in signal ? signal.from : 0);
  writer.writeVarUint("ref" in signal ? signal.ref : 0);
  writer.writeU8("isLink" in signal && signal.isLink ? 1 : 0);
  const reason = "reason" in signal ? signal.reason : NORMAL;
  const at = REASONS.indexOf(reason);
  writer.writeU8(at === -1 ? REASONS.length : at);
  writer.writeText(at === -1 ? (reason.a as string) : "");
}

export function readSignal(reader: Reader): Signal {
  const kind = KINDS[reader.readU8()];
  const from = reader.readVarUint();
  const ref = reader.readVarUint();
  const isLink = reader.readU8() === 1;
  const at = reader.readU8();
  const text = reader.readText();
  const reason = REASONS[at] ?? makeData(FAILED, [text]);
  switch (kind) {
    case "link":
      return { kind, from };
    case "unlink":
    case "unlinked":
    case "monitor":
      return { kind, from, ref };
    case "demonitor":
      return { kind, ref };
    case "exit":
      return { kind, from, reason, isLink };
    case "down":
      return { kind, from, ref, reason };
    case "room":
    case "withdraw":
      return { kind, from };
    default:
      return reader.fail();
  }
}
