/** Environment, arguments, clock, and other programs. */

import { mismatch } from "../../interp/tiny/errors.ts";
import { listOf, toArray } from "../../values/list.ts";
import { wellFormed } from "../../values/text.ts";
import { type List, NULL, TinyObject, UNIT } from "../../values/value.ts";
import type { WAITING } from "../native.ts";
import { lossyTextOf } from "./bytes.ts";
import { failureOf } from "./failure.ts";
import { formatTime } from "./format-time.ts";
import { type Operation, operation, type World, waitFor } from "./operation.ts";

const MS_OF_SECOND = 1000;
const COMMAND = "string (command) and list (arguments)";

/** How a program ended: its code, or -1 if a signal ended it. */
interface Ended {
  readonly code: number;
  readonly out: Uint8Array[];
  readonly error: Uint8Array[];
}

/** Starts a program without a shell. @param captures  what it writes is kept, and it has no input of ours */
function execute(
  world: World,
  name: "EXEC" | "EXEC_CAPTURE",
  command: string,
  given: List,
  toValue: (ended: Ended) => number | TinyObject,
): typeof WAITING {
  const args = toArray(given).map((each) => {
    if (typeof each !== "string") throw mismatch(name, "list of strings (arguments)", each);
    return each;
  });
  const captures = name === "EXEC_CAPTURE";
  const { context } = world;
  const env = { ...process.env, ...Object.fromEntries(world.environment) };
  return waitFor(world, async (gone) => {
    const { spawn } = await import("node:child_process");
    const out: Uint8Array[] = [];
    const error: Uint8Array[] = [];
    const code = await new Promise<number>((resolve, reject) => {
      const fail = (problem: unknown): void => reject(failureOf(command, problem));
      try {
        const child = spawn(command, args, {
          env,
          signal: gone,
          killSignal: "SIGKILL",
          stdio: [captures ? "ignore" : "inherit", "pipe", "pipe"],
        });
        child.on("error", fail);
        child.on("close", (ended) => resolve(ended ?? -1));
        if (captures) {
          child.stdout.on("data", (bytes: Uint8Array) => out.push(bytes));
          child.stderr.on("data", (bytes: Uint8Array) => error.push(bytes));
        } else {
          child.stdout.setEncoding("utf8").on("data", (text: string) => context.writeOut(text));
          child.stderr.setEncoding("utf8").on("data", (text: string) => context.writeError(text));
        }
      } catch (problem) {
        fail(problem); // a name or an argument that no program can have
      }
    });
    return toValue({ code, out, error });
  });
}

export const SYSTEM_OPERATIONS = {
  GET_ENV: operation("string (variable name)", ["string"], ({ environment }, name) => {
    const value = environment.get(name) ?? process.env[name];
    return value === undefined ? NULL : wellFormed(value);
  }),
  SET_ENV: operation("two strings (variable name, value)", ["string", "string"], ({ environment }, name, value) => {
    if (name === "" || /[=\0]/.test(name) || value.includes("\0"))
      throw mismatch("SET_ENV", "a name that a variable can have", name, value);
    environment.set(name, value);
    return UNIT;
  }),
  GET_ARGS: operation("", [], ({ context }) => listOf(context.programArgs.map(wellFormed))),
  EXEC: operation(COMMAND, ["string", "list"], (world, command, args) =>
    execute(world, "EXEC", command, args, ({ code }) => code),
  ),
  EXEC_CAPTURE: operation(COMMAND, ["string", "list"], (world, command, args) =>
    execute(world, "EXEC_CAPTURE", command, args, ({ code, out, error }) => {
      const text = (chunks: Uint8Array[]): string => lossyTextOf(Buffer.concat(chunks));
      return new TinyObject(
        new Map<string, string | number>([
          ["stdout", text(out)],
          ["stderr", text(error)],
          ["exit_code", code],
        ]),
      );
    }),
  ),
  GET_TIME: operation("", [], ({ context }) => Math.floor(context.now() / MS_OF_SECOND)),
  FORMAT_TIME: operation("int (timestamp) and string (format)", ["int", "string"], (_, seconds, format) =>
    formatTime(Number(seconds) * MS_OF_SECOND, format),
  ),
} as const satisfies Record<string, Operation>;
