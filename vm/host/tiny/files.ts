/** Files and folders. A name is one of the operating system's, from the working directory. */
import { listOf } from "../../values/list.ts";
import { Bytes, UNIT } from "../../values/value.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { fileError, namedAs } from "./failure.ts";
import { type Operation, operation, waitFor } from "./operation.ts";

const FILE = "string (filename)";
const TWO_TEXTS = "two strings (content, filename)";

/** The text of a file, for READ_FILE and ASYNC_READ. */
export async function readText(name: string, gone: AbortSignal): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const text = textOf(await namedAs(name, readFile(name, { signal: gone })));
  if (text === undefined) throw fileError(name, "stream did not contain valid UTF-8");
  return text;
}

/** For WRITE_FILE and its like, and ASYNC_WRITE. */
export async function writeData(
  name: string,
  data: string | Bytes,
  flag: "w" | "a",
  gone: AbortSignal,
): Promise<typeof UNIT> {
  const { writeFile } = await import("node:fs/promises");
  await namedAs(name, writeFile(name, bytesOf(data), { flag, signal: gone }));
  return UNIT;
}

export const FILE_OPERATIONS = {
  READ_FILE: operation("a string filename", ["string"], (world, name) =>
    waitFor(world, (gone) => readText(name, gone)),
  ),
  WRITE_FILE: operation(TWO_TEXTS, ["string", "string"], (world, content, name) =>
    waitFor(world, (gone) => writeData(name, content, "w", gone)),
  ),
  APPEND_FILE: operation(TWO_TEXTS, ["string", "string"], (world, content, name) =>
    waitFor(world, (gone) => writeData(name, content, "a", gone)),
  ),
  WRITE_BYTES: operation("bytes and string (filename)", ["bytes", "string"], (world, content, name) =>
    waitFor(world, (gone) => writeData(name, content, "w", gone)),
  ),
  READ_BYTES: operation(FILE, ["string"], (world, name) =>
    waitFor(world, async (gone) => {
      const { readFile } = await import("node:fs/promises");
      return new Bytes(await namedAs(name, readFile(name, { signal: gone })));
    }),
  ),
  FILE_SIZE: operation(FILE, ["string"], (world, name) =>
    waitFor(world, async () => {
      const { stat } = await import("node:fs/promises");
      return (await namedAs(name, stat(name))).size;
    }),
  ),
  FILE_EXISTS: operation(FILE, ["string"], (world, name) =>
    waitFor(world, async () => {
      const { stat } = await import("node:fs/promises");
      return stat(name).then(
        () => true,
        () => false, // whatever keeps it from us
      );
    }),
  ),
  LIST_DIR: operation("string (directory name)", ["string"], (world, name) =>
    waitFor(world, async () => {
      const { readdir } = await import("node:fs/promises");
      return listOf((await namedAs(name, readdir(name))).sort());
    }),
  ),
  DELETE_FILE: operation(FILE, ["string"], (world, name) =>
    waitFor(world, async () => {
      const { unlink } = await import("node:fs/promises");
      await namedAs(name, unlink(name));
      return UNIT;
    }),
  ),
} as const satisfies Record<string, Operation>;
