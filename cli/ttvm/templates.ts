/**
 * The processes that SPAWN knows by name: TinyTotVM's two, and ours for the names that its documents promise and it does
 * not have (semantics 40; README.md tells them to people).
 *
 * They are assembly, like a user's. One instruction is theirs alone: EQ.val compares messages of any kind, for which TinyTotVM
 * has no way.
 */
import { assembleTtvm } from "../../compiler/assemble/ttvm.ts";
import { TinyUnitBuilder } from "../../vm/bytecode/tiny-builder.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";

/** Registers under its name, then prints each message until "SHUTDOWN". */
const printer = (name: string): string => `
  REGISTER "${name}"
  LABEL next
  RECEIVE
  DUP
  PUSH_STR "SHUTDOWN"
  EQ.val
  JZ other
  HALT
  LABEL other
  PRINT
  JMP next`;

const TEMPLATES: ReadonlyMap<string, string> = new Map([
  [
    "hello_world",
    `
  PUSH_STR "Hello from spawned process!"
  PRINT`,
  ],
  [
    "counter",
    `
  PUSH_INT 1
  PRINT
  PUSH_INT 2
  PRINT
  PUSH_INT 3
  PRINT`,
  ],
  ["worker", printer("worker")],
  ["receiver", printer("receiver")],
  [
    "sender",
    `
  REGISTER "sender"
  PUSH_STR "Hello from sender!"
  SENDNAMED "receiver"`,
  ],
  [
    // counts messages, and prints how many there were at "SHUTDOWN"
    "collector",
    `
  REGISTER "collector"
  PUSH_INT 0
  STORE count
  LABEL next
  RECEIVE
  PUSH_STR "SHUTDOWN"
  EQ.val
  JZ other
  LOAD count
  PRINT
  HALT
  LABEL other
  LOAD count
  PUSH_INT 1
  ADD
  STORE count
  JMP next`,
  ],
  [
    // hands texts that begin with TASK: to the worker, until "SHUTDOWN"
    "task_manager",
    `
  REGISTER "task_manager"
  LABEL next
  RECEIVE
  STORE message
  LOAD message
  PUSH_STR "SHUTDOWN"
  EQ.val
  JZ other
  HALT
  LABEL other
  LOAD message
  STARTS_WITH "TASK:"
  JZ next
  LOAD message
  SENDNAMED "worker"
  STORE result
  JMP next`,
  ],
]);

/** The process of that name, if it is one that SPAWN knows. */
export function template(name: string): Unit | undefined {
  const text = TEMPLATES.get(name);
  return text === undefined ? undefined : assembleTtvm({ path: `<${name}>`, text }, name, true).unit;
}

/** A process that prints a line. */
export function saying(line: string): Unit {
  const builder = new TinyUnitBuilder();
  builder.text("PUSH_STR", line);
  builder.plain("PRINT");
  return builder.finish("process", undefined);
}
