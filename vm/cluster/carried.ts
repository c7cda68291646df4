/**
 * What one process does to another that may be on another scheduler, as it travels: behind the pid of the receiver.
 *
 *   kind (its place in KINDS), then
 *   send     value
 *   awaited  pid of the sender, value: the sender waits until the signal "room" tells it that there is room (process/bounds.ts)
 *   answer   ref, value: it is wanted as long as the receiver has that monitor on
 *   signal   see signal-entry.ts
 *   ask      who asked, number of the question, kind of question, name
 *
 * All of these have their place in the order of what the one does to the other (protocol/forward.ts).
 */
import { decode } from "../codec/decode.ts";
import { type CodecContext, encode, type Refusal } from "../codec/encode.ts";
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { InvariantBroken } from "../process/invariant.ts";
import type { Signal } from "../process/signals.ts";
import type { Value } from "../values/value.ts";
import { readSignal, writeSignal } from "./signal-entry.ts";

export type Carried =
  /** what a process does that waits for nothing but its own settling: it is never written, as who waits does not move */
  | { readonly kind: "act"; readonly act: () => void }
  | { readonly kind: "send"; readonly value: Value; readonly holdsMutables: boolean }
  | { readonly kind: "awaited"; readonly sender: number; readonly value: Value; readonly holdsMutables: boolean }
  | { readonly kind: "answer"; readonly ref: number; readonly value: Value; readonly holdsMutables: boolean }
  | { readonly kind: "signal"; readonly signal: Signal }
  /** `from` is a scheduler */
  | {
      readonly kind: "ask";
      readonly from: number;
      readonly question: number;
      readonly about: About;
      readonly name: string;
    };

/** What is asked where the process is. */
export const ABOUT = ["alive", "info", "kill", "register"] as const;
export type About = (typeof ABOUT)[number];

export const SEND = 0;
const SIGNAL = 1;
const ASK = 2;
const AWAITED = 3;
const ANSWER = 4;

/** @returns why it cannot travel; the writer is then as before */
export function writeCarried(writer: Writer, carried: Carried, context: CodecContext): Refusal | undefined {
  switch (carried.kind) {
    case "act":
      throw new InvariantBroken("O3", { carried: carried.kind });
    case "send":
      writer.writeU8(SEND);
      return encode(writer, carried.value, context);
    case "awaited":
      writer.writeU8(AWAITED);
      writer.writeVarUint(carried.sender);
      return encode(writer, carried.value, context);
    case "answer":
      writer.writeU8(ANSWER);
      writer.writeVarUint(carried.ref);
      return encode(writer, carried.value, context);
    case "signal":
      writer.writeU8(SIGNAL);
      writeSignal(writer, carried.signal);
      return undefined;
    case "ask":
      writer.writeU8(ASK);
      writer.writeVarUint(carried.from);
      writer.writeVarUint(carried.question);
      writer.writeU8(ABOUT.indexOf(carried.about));
      writer.writeText(carried.name);
      return undefined;
  }
}

export function readCarried(reader: Reader, context: CodecContext): Carried {
  switch (reader.readU8()) {
    case SEND: {
      const value = decode(reader, context);
      return { kind: "send", value, holdsMutables: reader.holdsMutables };
    }
    case AWAITED: {
      const sender = reader.readVarUint();
      const value = decode(reader, context);
      return { kind: "awaited", sender, value, holdsMutables: reader.holdsMutables };
    }
    case ANSWER: {
      const ref = reader.readVarUint();
      const value = decode(reader, context);
      return { kind: "answer", ref, value, holdsMutables: reader.holdsMutables };
    }
    case SIGNAL:
      return { kind: "signal", signal: readSignal(reader) };
    case ASK: {
      const from = reader.readVarUint();
      const question = reader.readVarUint();
      const about = ABOUT[reader.readU8()] ?? reader.fail();
      return { kind: "ask", from, question, about, name: reader.readText() };
    }
    default:
      return reader.fail();
  }
}
