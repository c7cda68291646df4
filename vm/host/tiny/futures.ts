/**
 * Files that are read and written while the process goes on: ASYNC_READ and ASYNC_WRITE begin at once and give a Future,
 * AWAIT waits for what became of it, as often as it is asked and in whatever process.
 *
 * A Future that nobody has any more is forgotten with what it read; one still under way ends with the process that began it.
 */

import { TinyError } from "../../interp/tiny/errors.ts";
import type { Bytes } from "../../values/value.ts";
import { Handle, type Resource, type Value } from "../../values/value.ts";
import { readText, writeData } from "./files.ts";
import { type Operation, operation, type World, waitFor } from "./operation.ts";

class Future implements Resource {
  readonly settled: Promise<{ readonly value: Value } | { readonly error: unknown }>;
  private readonly gone = new AbortController();

  constructor(world: World, start: (gone: AbortSignal) => Promise<Value>) {
    const { resources } = world;
    resources.add(world.context.pid, this);
    this.settled = start(this.gone.signal)
      .then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
      .finally(() => resources.remove(this));
  }

  close(): void {
    this.gone.abort();
  }
}

function begin(world: World, id: string, start: (gone: AbortSignal) => Promise<Value>): Handle {
  return new Handle("Future", id, new Future(world, start));
}

export const FUTURE_OPERATIONS = {
  ASYNC_READ: operation("string (filename)", ["string"], (world, name) =>
    begin(world, `async_read:${name}`, (gone) => readText(name, gone)),
  ),
  ASYNC_WRITE: operation(
    "string or bytes (content) and string (filename)",
    ["data", "string"],
    (world, content, name) =>
      begin(world, `async_write:${name}${shown(content)}`, async (gone) => {
        await writeData(name, content, "w", gone);
        return true;
      }),
  ),
  AWAIT: operation("future", ["future"], (world, future) =>
    waitFor(world, async () => {
      const became = await (future.resource as Future).settled;
      if ("value" in became) return became.value;
      const { error } = became;
      if ((error as Error).name === "AbortError")
        throw new TinyError(`Runtime error: the process that began Future(${future.id}) has ended`);
      throw error;
    }),
  ),
} as const satisfies Record<string, Operation>;

/** TinyTotVM's name of a write has the content in it. */
function shown(content: string | Bytes): string {
  return typeof content === "string" ? `:${content}` : "";
}
