/** Programs as files for these tests, and runs of what such files hold. */
import "../../support/check-on.ts";
import { compile } from "../../../cli/compile.ts";
import { projectOfText } from "../../../cli/project.ts";
import { CHECKSUM_WORD, checksumOf } from "../../../vm/bytecode/ttb/format.ts";
import { readUnit } from "../../../vm/bytecode/ttb/index.ts";
import type { Unit } from "../../../vm/bytecode/unit.ts";
import type { InputLines } from "../../../vm/host/native.ts";
import { NATIVES } from "../../../vm/host/natives/index.ts";
import { type Outcome, runUnit, TextSink } from "../../../vm/index.ts";
import { virtualChance } from "../../support/virtual-chance.ts";

export function unitOf(text: string): Unit {
  const { unit, diagnostics } = compile(projectOfText("test.nos", text));
  if (unit === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return unit;
}

/** A file after it was damaged on purpose: its checksum is right again. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= (CHECKSUM_WORD + 1) * 4) view.setInt32(CHECKSUM_WORD * 4, checksumOf(view), true);
  return bytes;
}

const NO_INPUT: InputLines = { readLine: (done) => done(undefined), readAll: (done) => done("") };

export async function runFile(
  bytes: Uint8Array,
): Promise<{ readonly outcome: Outcome | "unreadable"; readonly out: string }> {
  const read = readUnit(bytes);
  if ("problem" in read) return { outcome: "unreadable", out: "" };
  return runLimited(read.unit);
}

export async function runLimited(unit: Unit): Promise<{ readonly outcome: Outcome; readonly out: string }> {
  const sink = new TextSink();
  const outcome = await runUnit(unit, {
    natives: NATIVES,
    sink,
    chance: virtualChance(1),
    stdin: NO_INPUT,
    maxReductions: 1_000_000,
    maxStackFrames: 100_000,
  });
  return { outcome, out: sink.out };
}
