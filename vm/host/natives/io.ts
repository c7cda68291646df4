/** Host functions on what surrounds the program: standard input, environment, the runtime itself. */

import { makeTuple } from "../../values/data.ts";
import { listOf } from "../../values/list.ts";
import { wellFormed } from "../../values/text.ts";
import type { Native } from "../native.ts";
import { native, optional, textArgument } from "./arguments.ts";

/** As programs know them. */
const PLATFORM_NAMES: Readonly<Record<string, string>> = { darwin: "macos", win32: "windows" };

export const ioNatives: readonly Native[] = [
  native("Stdin.readLine", 0, (context) =>
    context.wait((done, whenGone) => {
      const take = (line: string | undefined): void => done({ value: optional(line) });
      context.stdin.readLine(take);
      whenGone(() => context.stdin.withdraw?.(take));
    }),
  ),
  native("Stdin.readAll", 0, (context) =>
    context.wait((done, whenGone) => {
      const take = (text: string): void => done({ value: text });
      context.stdin.readAll(take);
      whenGone(() => context.stdin.withdraw?.(take));
    }),
  ),

  native("Env.get", 1, (_, name) => {
    const value = process.env[textArgument(name, "Env.get")];
    return optional(value === undefined ? undefined : wellFormed(value));
  }),
  native("Env.all", 0, () => {
    const names = Object.keys(process.env).sort();
    return listOf(names.map((name) => makeTuple([wellFormed(name), wellFormed(process.env[name] ?? "")])));
  }),
  native("Env.cwd", 0, () => wellFormed(process.cwd())),
  native("Env.platform", 0, () => PLATFORM_NAMES[process.platform] ?? process.platform),
  native("Env.home", 0, () => optional(process.env.HOME ?? process.env.USERPROFILE)),
  native("Env.args", 0, (context) => listOf(context.programArgs.map(wellFormed))),

  native("Runtime.uptimeMs", 0, (context) => Math.floor(context.machine.uptimeMs())),
  native("Runtime.memoryKb", 0, (context) => context.surroundings.residentKb()),
  native("Runtime.pid", 0, (context) => context.surroundings.osPid()),
  native("Runtime.threadCount", 0, (context) => context.machine.schedulers),
  native("Runtime.timers", 0, (context) => context.ask("timers", 0, (count) => count)),
  // V8 collects when it sees fit and says only what lives: so nothing is known to have been collected.
  native("Gc.collect", 0, ({ surroundings }) => {
    const before = surroundings.heapKb();
    surroundings.collect();
    const live = surroundings.heapKb();
    return makeTuple([Math.max(0, before - live), live]);
  }),
  native("Gc.stats", 0, ({ surroundings }) => {
    const live = surroundings.heapKb();
    return makeTuple([live, live, 0, 0]);
  }),
];
