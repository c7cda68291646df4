/** Host functions on processes, as the machine shows them. */

import { show } from "../../interp/operations.ts";
import type { ProcessInfo } from "../../sched/process-info.ts";
import { type Copied, copying } from "../../values/copy.ts";
import { makeData, makeTuple } from "../../values/data.ts";
import { EXIT_REQUEST, FAILED, NONE_VALUE, SOME } from "../../values/data-types.ts";
import { listOf } from "../../values/list.ts";
import { panic } from "../../values/raise.ts";
import { Step } from "../../values/step.ts";
import { Closure, Data, Pid, Ref, UNIT, type Value } from "../../values/value.ts";
import { type Native, type NativeContext, Raise } from "../native.ts";
import { chargeElements, native, stepped, textArgument, wrongArgument } from "./arguments.ts";

function pidArgument(value: Value, name: string): number {
  return value instanceof Pid ? value.id : wrongArgument(name, "Pid", value);
}

function reasonArgument(value: Value, name: string): Data {
  return value instanceof Data && value.type.family === FAILED.family
    ? value
    : wrongArgument(name, "ExitReason", value);
}

/** of looking at what a process holds, in reductions */
const COST_OF_INFO = 100;

/** In the order in which stdlib/process.nos takes it. */
function infoValue(info: ProcessInfo): Value {
  const pids = (ids: readonly number[]) => listOf(ids.map((id) => new Pid(id)));
  const some = (value: number, isThere: boolean) => (isThere ? makeData(SOME, [value]) : NONE_VALUE);
  return makeTuple([
    info.status,
    info.mailbox,
    Math.floor(info.uptimeMs),
    pids(info.links),
    pids(info.monitors),
    pids(info.monitoredBy),
    info.trapsExits,
    listOf(info.messages),
    some(info.limit, info.limit > 0),
    info.dropped,
    info.reductions,
    info.memory,
    info.at,
    listOf(info.mvars),
    info.waitsFor,
    some(info.timerMs, info.timerMs >= 0),
  ]);
}

/** in the order of the stdlib's constructors */
const POLICIES = ["block", "drop", "crash"] as const;

function registered(answer: "done" | "taken" | "dead", name: string, pid: number): Value {
  if (answer === "done") return UNIT;
  return panic(
    answer === "taken" ? `the name "${name}" is taken` : `process ${pid} has ended, so it cannot be named "${name}"`,
  );
}

function nobodyIs(name: string): never {
  return panic(`no process is named "${name}"`);
}

/** What another process gets: the value itself, or a copy if it may hold something mutable. */
function* ownOf(context: NativeContext, value: Value): Generator<undefined, { message: Value; isCopy: boolean }> {
  if (!context.mayHoldMutables) return { message: value, isCopy: false };
  let copy: Copied | Step<Copied> = copying(value);
  while (copy instanceof Step) {
    const next: Copied | undefined = copy.run(context);
    if (next === undefined) yield;
    else copy = next;
  }
  return { message: copy.value, isCopy: copy.value !== value };
}

function* spawn(context: NativeContext, closure: Value, name: string): Generator<undefined, number> {
  if (!(closure instanceof Closure) || closure.arity !== 0)
    return wrongArgument(name, "function without parameters", closure);
  const { message, isCopy } = yield* ownOf(context, closure);
  return context.spawn(message as Closure, isCopy);
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
  native("Process.kill", 1, (context, pid) =>
    context.ask("kill", pidArgument(pid, "Process.kill"), (wasAlive) => wasAlive),
  ),
  native("Process.trapExit", 1, (context, on) => {
    context.ties.trapExits(typeof on === "boolean" ? on : wrongArgument("Process.trapExit", "Bool", on));
    return UNIT;
  }),
  native("Process.limitMailbox", 2, (context, most, policy) => {
    if (typeof most !== "number" || most < 1)
      return panic(`a mailbox can be limited to 1 message or more, not to ${show(most)}`);
    context.limitMailbox(most, POLICIES[policy as number]!);
    return UNIT;
  }),
  native("Process.unlimitMailbox", 0, (context) => {
    context.limitMailbox(undefined, "drop");
    return UNIT;
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
      context.charge(COST_OF_INFO);
      return infoValue(info);
    });
  }),
  native("Process.names", 1, (context, pid) =>
    context.ask("names", 0, (names) => listOf(names), String(pidArgument(pid, "Process.info"))),
  ),
  native("makeRef", 0, (context) => new Ref(context.freshRef())),

  native("exit", 1, (_, reason) => {
    throw new Raise(makeData(EXIT_REQUEST, [reasonArgument(reason, "exit")]));
  }),
  native("exitProcess", 2, (context, pid, reason) => {
    context.ties.exit(pidArgument(pid, "exit"), reasonArgument(reason, "exit"));
    return UNIT;
  }),
  native("link", 1, (context, pid) => {
    context.ties.link(pidArgument(pid, "link"));
    return UNIT;
  }),
  native("unlink", 1, (context, pid) => {
    context.ties.unlink(pidArgument(pid, "unlink"));
    return UNIT;
  }),
  native("monitor", 1, (context, pid) => new Ref(context.ties.monitor(pidArgument(pid, "monitor")))),
  native("demonitor", 1, (context, ref) => {
    context.ties.demonitor(ref instanceof Ref ? ref.id : wrongArgument("demonitor", "Ref", ref));
    return UNIT;
  }),
  // what SPAWN does, and the tie in the same step, so that the child cannot end in between
  stepped("spawn_link", 1, function* (context, closure) {
    const pid = yield* spawn(context, closure, "spawn_link");
    context.ties.link(pid, true);
    return new Pid(pid);
  }),
  stepped("spawn_monitor", 1, function* (context, closure) {
    const pid = yield* spawn(context, closure, "spawn_monitor");
    return makeTuple([new Pid(pid), new Ref(context.ties.monitor(pid, true))]);
  }),

  native("register", 2, (context, name, pid) => {
    const text = textArgument(name, "register");
    const id = pidArgument(pid, "register");
    return context.ask("register", id, (answer) => registered(answer, text, id), text);
  }),
  native("unregister", 1, (context, name) => {
    const text = textArgument(name, "unregister");
    return context.ask("unregister", 0, (had) => (had ? UNIT : nobodyIs(text)), text);
  }),
  native("whereis", 1, (context, name) => {
    const text = textArgument(name, "whereis");
    return context.ask("whereis", 0, (pid) => (pid === 0 ? NONE_VALUE : makeData(SOME, [new Pid(pid)])), text);
  }),
  native("registered", 0, (context) =>
    context.ask("registered", 0, (names) => {
      chargeElements(context, names.length);
      return listOf(names);
    }),
  ),
  stepped("Process.answer", 3, function* (context, pid, ref, given) {
    const asker = pidArgument(pid, "Process.answer");
    const number = ref instanceof Ref ? ref.id : wrongArgument("Process.answer", "Ref", ref);
    const { message, isCopy } = yield* ownOf(context, given);
    context.sendAnswer(asker, number, message, isCopy);
    return UNIT;
  }),
  native("pidOf", 1, (context, name) => {
    const text = textArgument(name, "sendNamed");
    return context.ask("whereis", 0, (pid) => (pid === 0 ? nobodyIs(text) : new Pid(pid)), text);
  }),
];
