/**
 * Streams: `memory`, or any other name, is a queue of bytes that processes share; `read:FILE`, `write:FILE` and
 * `append:FILE` are files that are read or written piece by piece.
 *
 * Nothing waits for bytes that may never come: STREAM_READ gives what is there, and "" when nothing is.
 */
import type { FileHandle } from "node:fs/promises";
import { TinyError } from "../../interp/tiny/errors.ts";
import { Handle, type Resource } from "../../values/value.ts";
import { ByteQueue } from "./byte-queue.ts";
import { bytesOf } from "./bytes.ts";
import { namedAs } from "./failure.ts";
import { type Operation, operation, type World, waitFor } from "./operation.ts";

/** What is read of a file at once when the program does not say how much. */
const PIECE_BYTES = 64 * 1024;
const FILE_TYPE = /^(read|write|append):(.+)$/s;
const FLAGS = { read: "r", write: "w", append: "a" } as const;

class MemoryStream implements Resource {
  readonly bytes = new ByteQueue();
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

class FileStream implements Resource {
  readonly name: string;
  readonly mode: keyof typeof FLAGS;
  readonly bytes = new ByteQueue();
  isClosed = false;
  private readonly file: FileHandle;

  constructor(name: string, mode: keyof typeof FLAGS, file: FileHandle) {
    this.name = name;
    this.mode = mode;
    this.file = file;
  }

  async read(size: number): Promise<string> {
    for (;;) {
      const buffer = new Uint8Array(size);
      const { bytesRead } = await namedAs(this.name, this.file.read(buffer, 0, size, null));
      if (bytesRead === 0) return this.bytes.endText();
      this.bytes.put(buffer.subarray(0, bytesRead));
      const text = this.bytes.takeText(size);
      if (text !== "") return text;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    let written = 0;
    while (written < bytes.length)
      written += (await namedAs(this.name, this.file.write(bytes, written, bytes.length - written, null))).bytesWritten;
    return written;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    void this.file.close().catch(() => {}); // nobody is left who could be told
  }
}

function create(world: World, type: string): Handle | ReturnType<typeof waitFor> {
  const { resources } = world;
  const { pid } = world.context;
  const id = `stream:${type}:${resources.nextNumber()}`;
  const [, mode, name] = FILE_TYPE.exec(type) ?? [];
  if (name === undefined) return new Handle("Stream", id, new MemoryStream());
  return waitFor(world, async (gone) => {
    const { open } = await import("node:fs/promises");
    const file = await namedAs(name, open(name, FLAGS[mode as keyof typeof FLAGS]));
    const stream = new FileStream(name, mode as keyof typeof FLAGS, file);
    if (gone.aborted) stream.close();
    else resources.add(pid, stream);
    return new Handle("Stream", id, stream);
  });
}

function openStream({ id, resource }: Handle): MemoryStream | FileStream {
  const stream = resource as MemoryStream | FileStream;
  if (stream.isClosed) throw new TinyError(`Runtime error: Stream(${id}) is closed`);
  return stream;
}

export const STREAM_OPERATIONS = {
  STREAM_CREATE: operation("string (stream type)", ["string"], create),
  STREAM_READ: operation("stream and int (size)", ["stream", "int"], (world, handle, size) => {
    const stream = openStream(handle);
    const isAll = size <= 0;
    if (stream instanceof MemoryStream) return stream.bytes.takeText(isAll ? stream.bytes.size : Number(size));
    if (stream.mode !== "read") throw new TinyError(`Runtime error: Stream(${handle.id}) is not read`);
    return waitFor(world, () => stream.read(isAll ? PIECE_BYTES : Math.min(Number(size), PIECE_BYTES)));
  }),
  STREAM_WRITE: operation("stream and string/bytes", ["stream", "data"], (world, handle, data) => {
    const stream = openStream(handle);
    const bytes = bytesOf(data);
    if (stream instanceof FileStream) {
      if (stream.mode === "read") throw new TinyError(`Runtime error: Stream(${handle.id}) is only read`);
      return waitFor(world, () => stream.write(bytes));
    }
    stream.bytes.put(bytes);
    return bytes.length;
  }),
  STREAM_CLOSE: operation("stream", ["stream"], (world, handle) => {
    openStream(handle).close();
    world.resources.remove(handle.resource!);
    return true;
  }),
} as const satisfies Record<string, Operation>;
