/**
 * Values as bytes, between schedulers of one program that run in different workers: `encode` appends to a Writer, `decode`
 * reads from a Reader, and what else the schedulers tell each other is written with the same two.
 * wire.ts says what the bytes are, docs/decisions/0010-codec.md why.
 */
export { decode } from "./decode.ts";
export { type CodecContext, encode, type Refusal } from "./encode.ts";
export { Reader } from "./reader.ts";
export { Writer } from "./writer.ts";
