/** Host functions on processes, as the machine shows them. */

import { makeTuple } from "../../values/data.ts";
import { listOf } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { Pid, Ref, type Value } from "../../values/value.ts";
import type { Native } from "../native.ts";
import { chargeElements, native, wrongArgument } from "./arguments.ts";

function pidArgument(value: Value, name: string): number {
  return value instanceof Pid ? value.id : wrongArgument(name, "Pid", value);
}

export const processNatives: readonly Native[] = [
  native("Process.all", 0, (context) =>
    context.ask("all", 0, (pids) => {
      chargeElements(context, pids.length);
      return listOf(pids.map((id) => new Pid(id)));
    }),
  ),
  native("Process.alive", 1, (context, pid) =>
    context.ask("alive", pidArgument(pid, "Process.alive"), (isAlive) => isAlive),
  ),
  native("Process.kill", 1, (context, value) => {
    const pid = pidArgument(value, "Process.kill");
    return pid === context.pid ? false : context.ask("kill", pid, (wasAlive) => wasAlive);
  }),
  native("Process.time", 1, (context, pid) =>
    context.ask("info", pidArgument(pid, "Process.time"), (info) =>
      info === undefined ? -1 : Math.floor(info.uptimeMs),
    ),
  ),
  native("Process.info", 1, (context, value) => {
    const pid = pidArgument(value, "Process.info");
    return context.ask("info", pid, (info) => {
      if (info === undefined) return panic(`process ${pid} not found`);
      return makeTuple([info.status, info.mailbox, Math.floor(info.uptimeMs)]);
    });
  }),
  native("makeRef", 0, (context) => new Ref(context.machine.freshRef())),
];
