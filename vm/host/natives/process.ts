/** Host functions on processes, as the machine shows them. */

import { listOf } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { Pid, Ref, Tuple, type Value } from "../../values/value.ts";
import type { Native } from "../native.ts";
import { chargeElements, native, wrongArgument } from "./arguments.ts";

function pidArgument(value: Value, name: string): number {
  return value instanceof Pid ? value.id : wrongArgument(name, "Pid", value);
}

export const processNatives: readonly Native[] = [
  native("Process.all", 0, (context) => {
    const pids = context.machine.pids();
    chargeElements(context, pids.length);
    return listOf(pids.map((id) => new Pid(id)));
  }),
  native("Process.alive", 1, (context, pid) => context.machine.isAlive(pidArgument(pid, "Process.alive"))),
  native("Process.kill", 1, (context, value) => {
    const pid = pidArgument(value, "Process.kill");
    return pid === context.pid ? false : context.machine.kill(pid);
  }),
  native("Process.time", 1, (context, pid) => {
    const info = context.machine.processInfo(pidArgument(pid, "Process.time"));
    return info === undefined ? -1 : Math.floor(info.uptimeMs);
  }),
  native("Process.info", 1, (context, value) => {
    const pid = pidArgument(value, "Process.info");
    const info = context.machine.processInfo(pid);
    if (info === undefined) return panic(`process ${pid} not found`);
    return new Tuple([info.status, info.mailbox, Math.floor(info.uptimeMs)]);
  }),
  native("makeRef", 0, (context) => new Ref(context.machine.freshRef())),
];
