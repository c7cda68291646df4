/**
 * Runs TinyTotVM code: the reference for what its instructions mean, in TinyTotVM's own words where they fail.
 *
 * Beside the language's interpreter, not within: here every operand is looked for before it is taken, one operand stack
 * serves all labels, variables have names, and each instruction costs one reduction. Processes, mailboxes, names and
 * scheduling are the same machine's. docs/decisions/0009 weighs it.
 *
 * T1  Reductions are checked before each instruction, so a slice of N runs N of them at most.
 * T2  `pc` stays on an instruction until nothing in it can fail or wait any more.
 * T3  An instruction that fails may have taken its operands already, as TinyTotVM's do; they are popped top first.
 * T4  `frame.handlers` has the TRYs of calls that still go on, and no others.
 */

import { addInt, divInt, type Int, mulInt, subInt } from "../bytecode/arithmetic.ts";
import { nameOf, OPCODES } from "../bytecode/opcodes.ts";
import { TinyUnitBuilder } from "../bytecode/tiny-builder.ts";
import type { Unit } from "../bytecode/unit.ts";
import { Raise } from "../host/native.ts";
import { InvariantBroken } from "../process/invariant.ts";
import { mailboxNext } from "../process/mailbox.ts";
import { type Process, State, transition } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import { fieldAt, isTuple } from "../values/data.ts";
import { equalValues } from "../values/equality.ts";
import { isInt, makeFloat } from "../values/kind.ts";
import { elementAt, lengthOf, listOf } from "../values/list.ts";
import { asFloat, debugScope, tinyDebug, tinyDisplay } from "../values/tiny-text.ts";
import {
  type Closure, Cons, Nil, NULL, Null, TinyClosure, TinyException, TinyObject, UNIT, type Value,
} from "../values/value.ts"; // biome-ignore format: a table
import type { Engine } from "./engine.ts";
import { toRaise } from "./operations.ts";
import { ModuleFailed, mismatch, TinyError, TinyThrow } from "./tiny/errors.ts";
import { endModule, importModule } from "./tiny/modules.ts";
import { hasAnswer, perform } from "./tiny/outside.ts";
import { messagePattern } from "./tiny/patterns.ts";
import { isPolicy } from "./tiny/policies.ts";
import {
  demonitor,
  link,
  monitor,
  onDown,
  received,
  restartChild,
  startSupervisor,
  superviseChild,
  trapExits,
  unlink,
} from "./tiny/ties.ts";
import { firstTinyFrame, type TinyCode, type TinyFrame, type TinyFunction, type TinyProgram } from "./tiny-program.ts";
import { placeOf, ThrownTrace } from "./trace.ts";

export const TINYTOTVM: Engine = {
  runSlice,
  firstFrame: firstTinyFrame,
  sliceReductions: 1000,
  endsWithMain: false,
  onDown,
  onExit: (machine, pid) => (machine.program as TinyProgram).resources.release(pid),
};

/** See Engine. */
function runSlice(machine: Machine, process: Process, budget: number): number {
  const frame = process.frame as TinyFrame;
  const { calls, callers, handlers, scopes } = frame;
  let { code, constants, parameterNames } = frame.shared;
  const stack = frame.stack as Value[];
  const { sink, observe, maxStackFrames } = machine.options;
  let scope = scopes[scopes.length - 1]!;
  let reductions = budget;
  let { pc } = frame;
  machine.context.process = process;

  const pop = (name: string): Value => {
    const value = stack.pop();
    if (value === undefined) throw new TinyError(`Stack underflow during ${name}`);
    return value;
  };
  /** Puts the process down. What changes in the loop is given here, so that it stays in registers. */
  const leave = (at: number, left: number): number => {
    frame.pc = at;
    return left;
  };

  for (;;)
    try {
      for (;;) {
        if (reductions <= 0) return leave(pc, reductions); // T1
        if (observe !== undefined && !hasAnswer(process)) {
          const instruction = describe(frame, pc);
          const ip = frame.shared.numberOf(pc);
          observe({ kind: "step", pid: process.id, ip, instruction, stackSize: stack.length });
        }
        reductions--;
        switch (code[pc]) {
          // constants and the operand stack
          case 0: // PUSH_INT
            stack.push(code[pc + 1]!);
            pc += 2;
            continue;
          case 1: // PUSH_FLOAT
          case 2: // PUSH_STR
          case 6: // PUSH_CONST
            stack.push(constants[code[pc + 1]!]!);
            pc += 2;
            continue;
          case 3: // TRUE
            stack.push(true);
            pc++;
            continue;
          case 4: // FALSE
            stack.push(false);
            pc++;
            continue;
          case 107: // NULL
            stack.push(NULL);
            pc++;
            continue;
          case 7: {
            // DUP
            const value = pop("DUP");
            stack.push(value, value);
            pc++;
            continue;
          }

          // arithmetic
          case 11: {
            // ADD
            const b = pop("ADD");
            const a = pop("ADD");
            stack.push(arithmetic("ADD", a, b));
            pc++;
            continue;
          }
          case 12: {
            // SUB
            const b = pop("SUB");
            const a = pop("SUB");
            stack.push(arithmetic("SUB", a, b));
            pc++;
            continue;
          }
          case 13: {
            // MUL
            const b = pop("MUL");
            const a = pop("MUL");
            stack.push(arithmetic("MUL", a, b));
            pc++;
            continue;
          }
          case 14: {
            // DIV
            const b = pop("DIV");
            const a = pop("DIV");
            stack.push(arithmetic("DIV", a, b));
            pc++;
            continue;
          }
          case 15: {
            // ADD_F
            const [x, y] = twoFloats(pop, "ADD_F");
            stack.push(makeFloat(x + y));
            pc++;
            continue;
          }
          case 16: {
            // SUB_F
            const [x, y] = twoFloats(pop, "SUB_F");
            stack.push(makeFloat(x - y));
            pc++;
            continue;
          }
          case 17: {
            // MUL_F
            const [x, y] = twoFloats(pop, "MUL_F");
            stack.push(makeFloat(x * y));
            pc++;
            continue;
          }
          case 110: {
            // DIV_F
            const [x, y] = twoFloats(pop, "DIV_F");
            if (y === 0) throw new TinyError("DIV_F expects non-zero divisor but got zero");
            stack.push(makeFloat(x / y));
            pc++;
            continue;
          }

          // comparison and logic
          case 111: {
            // EQ
            const b = pop("EQ");
            const a = pop("EQ");
            stack.push(isSame("EQ", a, b) ? 1 : 0);
            pc++;
            continue;
          }
          case 112: {
            // NE
            const b = pop("NE");
            const a = pop("NE");
            stack.push(differs(a, b) ? 1 : 0);
            pc++;
            continue;
          }
          case 113: {
            // GT
            const [a, b] = twoInts(pop, "GT");
            stack.push(a > b ? 1 : 0);
            pc++;
            continue;
          }
          case 114: {
            // LT
            const [a, b] = twoInts(pop, "LT");
            stack.push(a < b ? 1 : 0);
            pc++;
            continue;
          }
          case 115: {
            // GE
            const [a, b] = twoInts(pop, "GE");
            stack.push(a >= b ? 1 : 0);
            pc++;
            continue;
          }
          case 116: {
            // LE
            const [a, b] = twoInts(pop, "LE");
            stack.push(a <= b ? 1 : 0);
            pc++;
            continue;
          }
          case 117: {
            // EQ_F
            const [x, y] = twoFloats(pop, "EQ_F");
            stack.push(Math.abs(x - y) < Number.EPSILON ? 1 : 0);
            pc++;
            continue;
          }
          case 118: {
            // NE_F
            const [x, y] = twoFloats(pop, "NE_F");
            stack.push(Math.abs(x - y) >= Number.EPSILON ? 1 : 0);
            pc++;
            continue;
          }
          case 119: {
            // GT_F
            const [x, y] = twoFloats(pop, "GT_F");
            stack.push(x > y ? 1 : 0);
            pc++;
            continue;
          }
          case 120: {
            // LT_F
            const [x, y] = twoFloats(pop, "LT_F");
            stack.push(x < y ? 1 : 0);
            pc++;
            continue;
          }
          case 121: {
            // GE_F
            const [x, y] = twoFloats(pop, "GE_F");
            stack.push(x >= y ? 1 : 0);
            pc++;
            continue;
          }
          case 122: {
            // LE_F
            const [x, y] = twoFloats(pop, "LE_F");
            stack.push(x <= y ? 1 : 0);
            pc++;
            continue;
          }
          case 26: {
            // EQ.val
            const b = pop("EQ");
            const a = pop("EQ");
            stack.push(equalValues(a, b));
            pc++;
            continue;
          }
          case 145: {
            // STARTS_WITH
            const a = pop("STARTS_WITH");
            stack.push(typeof a === "string" && a.startsWith(textAt(frame.shared, pc)));
            pc += 2;
            continue;
          }
          case 32: {
            // NOT
            const a = pop("NOT");
            if (typeof a === "boolean") stack.push(!a);
            else if (isInt(a)) stack.push(a === 0);
            else throw mismatch("NOT", "Bool or Int", a);
            pc++;
            continue;
          }
          case 108: {
            // AND
            const [a, b] = twoBools(pop, "AND");
            stack.push(a && b);
            pc++;
            continue;
          }
          case 109: {
            // OR
            const [a, b] = twoBools(pop, "OR");
            stack.push(a || b);
            pc++;
            continue;
          }
          case 33: {
            // CONCAT
            const b = pop("CONCAT");
            const a = pop("CONCAT");
            if (typeof a !== "string" || typeof b !== "string") throw mismatch("CONCAT", "two strings", a, b);
            stack.push(a + b);
            pc++;
            continue;
          }

          // control
          case 36: // JMP
            pc = code[pc + 1]!;
            continue;
          case 37: {
            // JZ
            const a = pop("JZ");
            pc = a === 0 || a === false || a instanceof Null ? code[pc + 1]! : pc + 2;
            continue;
          }
          case 123: {
            // CALL
            const names = parameterNames[code[pc + 2]!]!;
            need(stack, names.length);
            if (calls.length + 1 >= maxStackFrames) throw new TinyError("Stack overflow");
            const bound = new Map<string, Value>();
            const first = stack.length - names.length;
            for (let i = 0; i < names.length; i++) bound.set(names[i]!, stack[first + i]!);
            stack.length = first;
            calls.push(pc + 3);
            callers.push(frame.fn as TinyFunction);
            scopes.push(bound);
            scope = bound;
            pc = code[pc + 1]!;
            continue;
          }
          case 124: {
            // RET
            const back = calls.pop();
            if (back === undefined) throw new TinyError("No variable scope available");
            enter(frame, callers.pop()!);
            ({ code, constants, parameterNames } = frame.shared);
            scopes.pop();
            scope = scopes[scopes.length - 1]!;
            while (handlers.length > 0 && handlers[handlers.length - 1]!.calls > calls.length) handlers.pop();
            pc = back;
            continue;
          }
          case 85: // TRY
            if (handlers.length >= maxStackFrames) throw new TinyError("Stack overflow");
            handlers.push({ address: code[pc + 1]!, operands: stack.length, calls: calls.length });
            pc += 2;
            continue;
          case 86: // END_TRY
            handlers.pop();
            pc++;
            continue;
          case 161: // CATCH.mark
            pc++;
            continue;
          case 160: {
            // THROW
            const value = pop("THROW");
            if (value instanceof TinyException) throw new TinyThrow(value);
            const message = typeof value === "string" ? value : `Thrown value: ${tinyDebug(value)}`;
            throw new TinyThrow(new TinyException(message, [`at instruction ${frame.shared.numberOf(pc)}`]));
          }
          case 144: // HALT
            frame.pc = pc;
            if (frame.parent === null) machine.finish(process, UNIT);
            else endModule(process);
            return reductions;

          // functions and modules
          case 165: {
            // MAKE_FUNCTION
            const params = parameterNames[code[pc + 2]!]!;
            stack.push(callable(frame, code[pc + 1]!, params, null));
            pc += 3;
            continue;
          }
          case 166: {
            // CAPTURE
            const value = scope.get(textAt(frame.shared, pc));
            if (value === undefined) throw new TinyError(`Undefined variable: ${textAt(frame.shared, pc)}`);
            frame.captures.set(textAt(frame.shared, pc), value);
            pc += 2;
            continue;
          }
          case 167: {
            // MAKE_LAMBDA
            const params = parameterNames[code[pc + 2]!]!;
            stack.push(callable(frame, code[pc + 1]!, params, frame.captures));
            frame.captures = new Map();
            pc += 3;
            continue;
          }
          case 168: {
            // CALL_FUNCTION
            const closure = pop("CALL_FUNCTION");
            if (!(closure instanceof TinyClosure)) throw mismatch("CALL_FUNCTION", "a function or closure", closure);
            const { params } = closure;
            need(stack, params.length);
            if (calls.length + 1 >= maxStackFrames) throw new TinyError("Stack overflow");
            const bound = new Map(closure.captured);
            const first = stack.length - params.length;
            for (let i = 0; i < params.length; i++) bound.set(params[i]!, stack[first + i]!);
            stack.length = first;
            calls.push(pc + 1);
            callers.push(frame.fn as TinyFunction);
            scopes.push(bound);
            scope = bound;
            const fn = machine.program.functions[closure.functionIndex] as TinyFunction;
            enter(frame, fn);
            ({ code, constants, parameterNames } = frame.shared);
            pc = fn.start;
            continue;
          }
          case 169: {
            // IMPORT
            frame.pc = pc;
            const exported = importModule(machine, process, textAt(frame.shared, pc));
            if (exported === undefined) return reductions; // T2: runs again when the module has ended
            for (const [each, value] of exported) scope.set(each, value);
            pc += 2;
            continue;
          }
          case 170: {
            // EXPORT
            const value = scope.get(textAt(frame.shared, pc));
            if (value === undefined) throw new TinyError(`Undefined variable: ${textAt(frame.shared, pc)}`);
            frame.exports.set(textAt(frame.shared, pc), value);
            pc += 2;
            continue;
          }

          // texts
          case 163: {
            // STR_LEN
            const a = pop("STR_LEN");
            if (typeof a !== "string") throw mismatch("STR_LEN", "a string", a);
            let length = 0;
            for (const _ of a) length++;
            stack.push(length);
            pc++;
            continue;
          }
          case 164: {
            // STR_SPLIT
            const a = pop("STR_SPLIT");
            if (typeof a !== "string") throw mismatch("STR_SPLIT", "a string", a);
            stack.push(listOf(textAt(frame.shared, pc) === "" ? Array.from(a) : a.split(textAt(frame.shared, pc))));
            pc += 2;
            continue;
          }

          // variables
          case 126: // STORE.name
            scope.set(textAt(frame.shared, pc), pop("STORE"));
            pc += 2;
            continue;
          case 127: {
            // LOAD.name
            const value = scope.get(textAt(frame.shared, pc));
            if (value === undefined) throw new TinyError(`Undefined variable: ${textAt(frame.shared, pc)}`);
            stack.push(value);
            pc += 2;
            continue;
          }
          case 128: // DELETE
            if (!scope.delete(textAt(frame.shared, pc)))
              sink.writeError(`Warning: tried to DELETE unknown variable '${textAt(frame.shared, pc)}'\n`);
            pc += 2;
            continue;
          case 137: // DUMP_SCOPE
            sink.writeOut(`Current scope: ${debugScope(scope)}\n`);
            pc++;
            continue;

          // lists and objects
          case 56: {
            // MAKE_LIST
            const count = code[pc + 1]!;
            need(stack, count);
            const list = listOf(stack, undefined, stack.length - count);
            stack.length -= count;
            stack.push(list);
            pc += 2;
            continue;
          }
          case 129: {
            // LEN
            const a = pop("LEN");
            if (a instanceof Cons || a instanceof Nil) stack.push(lengthOf(a));
            else if (a instanceof TinyObject) stack.push(a.fields.size);
            else throw mismatch("LEN", "a list or object", a);
            pc++;
            continue;
          }
          case 130: {
            // INDEX
            const index = pop("INDEX");
            if (!isInt(index)) throw mismatch("INDEX", "an integer index", index);
            const list = pop("INDEX");
            if (!(list instanceof Cons || list instanceof Nil)) throw mismatch("INDEX", "a list", list);
            const item = typeof index === "number" && index >= 0 ? elementAt(list, index) : undefined;
            if (item === undefined) {
              const shown = BigInt.asUintN(64, BigInt(index));
              throw new TinyError(`Index ${shown} out of bounds for list of length ${lengthOf(list)}`);
            }
            stack.push(item);
            pc++;
            continue;
          }
          case 131: // MAKE_OBJECT
            stack.push(EMPTY_OBJECT);
            pc++;
            continue;
          case 132: {
            // SET_FIELD
            const value = pop("SET_FIELD");
            const fields = new Map(fieldsOf(pop, "SET_FIELD"));
            stack.push(new TinyObject(fields.set(textAt(frame.shared, pc), value)));
            pc += 2;
            continue;
          }
          case 133: // GET_FIELD
            stack.push(fieldsOf(pop, "GET_FIELD").get(textAt(frame.shared, pc)) ?? NULL);
            pc += 2;
            continue;
          case 134: // HAS_FIELD
            stack.push(fieldsOf(pop, "HAS_FIELD").has(textAt(frame.shared, pc)) ? 1 : 0);
            pc += 2;
            continue;
          case 135: {
            // DELETE_FIELD
            const fields = new Map(fieldsOf(pop, "DELETE_FIELD"));
            fields.delete(textAt(frame.shared, pc));
            stack.push(new TinyObject(fields));
            pc += 2;
            continue;
          }
          case 136: // KEYS
            stack.push(listOf([...fieldsOf(pop, "KEYS").keys()]));
            pc++;
            continue;

          case 125: // PRINT
            sink.writeOut(`${tinyDisplay(pop("PRINT"))}\n`);
            pc++;
            continue;

          // processes
          case 138: {
            // SPAWN
            const what = pop("SPAWN");
            stack.push(machine.spawn(toSpawn(machine, frame, what), false).id);
            pc++;
            continue;
          }
          case 139: {
            // REGISTER
            const name = textAt(frame.shared, pc);
            const isNew = machine.names.register(name, process.id);
            stack.push(isNew ? `registered_${name}` : `register_failed_Name '${name}' already registered`);
            pc += 2;
            continue;
          }
          case 140: // WHEREIS
            stack.push(machine.names.whereIs(textAt(frame.shared, pc)) ?? 0);
            pc += 2;
            continue;
          case 141: {
            // SENDNAMED
            const message = pop("SENDNAMED");
            const name = textAt(frame.shared, pc);
            const target = machine.names.whereIs(name);
            stack.push(target === undefined ? `send_failed_Process '${name}' not found` : `sent_to_${name}`);
            pc += 2;
            if (target === undefined || send(machine, process, target, message)) continue;
            return leave(pc, reductions);
          }
          case 143: {
            // SEND
            const message = pop("SEND");
            const target = pidAt(frame.shared, pc);
            pc += 2;
            if (send(machine, process, target, message)) continue;
            return leave(pc, reductions);
          }
          case 142: {
            // RECEIVE
            const message = process.slot;
            if (message === undefined) {
              transition(process, State.Receiving);
              return leave(pc, reductions); // T2: runs again with the message
            }
            machine.take(process);
            stack.push(received(process, message));
            observe?.({ kind: "received", pid: process.id });
            pc++;
            continue;
          }
          case 93: // YIELD
            pc++;
            return leave(pc, reductions);
          case 162: {
            // RECEIVE_MATCH
            const fits = messagePattern(textAt(frame.shared, pc));
            if (fits === undefined) throw new TinyError(`RECEIVE_MATCH has no pattern ${textAt(frame.shared, pc)}`);
            const message = mailboxNext(process);
            if (message === undefined) {
              transition(process, State.Receiving);
              return leave(pc, reductions); // T2
            }
            if (!fits(message)) {
              process.scan++;
              continue;
            }
            machine.take(process);
            stack.push(received(process, message));
            observe?.({ kind: "received", pid: process.id });
            pc += 2;
            continue;
          }
          case 146: {
            // SEND.stack
            const target = popPid(pop, "SEND");
            const message = pop("SEND");
            pc++;
            if (send(machine, process, target, message)) continue;
            return leave(pc, reductions);
          }
          case 147: {
            // UNREGISTER
            const name = textAt(frame.shared, pc);
            const isDone = machine.names.unregister(name);
            stack.push(isDone ? `unregistered_${name}` : `unregister_failed_Name '${name}' not found`);
            pc += 2;
            continue;
          }

          case 173: {
            // LIMIT_MAILBOX
            const most = pop("LIMIT_MAILBOX");
            if (!isInt(most)) throw mismatch("LIMIT_MAILBOX", "int (messages)", most);
            const policy = textAt(frame.shared, pc);
            if (!isPolicy(policy)) throw new TinyError(`LIMIT_MAILBOX has no policy ${policy}`);
            machine.bounds.limit(process, most > 0 ? Number(most) : undefined, policy);
            pc += 2;
            continue;
          }

          // the ends of other processes
          case 148: // MONITOR
            stack.push(monitor(machine, process, living(machine, pidAt(frame.shared, pc))));
            pc += 2;
            continue;
          case 149: // MONITOR.stack
            stack.push(monitor(machine, process, living(machine, popPid(pop, "MONITOR"))));
            pc++;
            continue;
          case 150: // DEMONITOR
            stack.push(demonitor(machine, process, textAt(frame.shared, pc)));
            pc += 2;
            continue;
          case 151: {
            // DEMONITOR.stack
            const ref = pop("DEMONITOR");
            if (typeof ref !== "string") throw mismatch("DEMONITOR", "the text of a monitor", ref);
            stack.push(demonitor(machine, process, ref));
            pc++;
            continue;
          }
          case 152: // LINK
            stack.push(link(machine, process, living(machine, pidAt(frame.shared, pc))));
            pc += 2;
            continue;
          case 153: // LINK.stack
            stack.push(link(machine, process, living(machine, popPid(pop, "LINK"))));
            pc++;
            continue;
          case 154: // UNLINK
            stack.push(unlink(machine, process, living(machine, pidAt(frame.shared, pc))));
            pc += 2;
            continue;
          case 155: // UNLINK.stack
            stack.push(unlink(machine, process, living(machine, popPid(pop, "UNLINK"))));
            pc++;
            continue;
          case 156: // TRAP_EXIT
            trapExits(process, pop("TRAP_EXIT"));
            pc++;
            continue;
          case 157: // START_SUPERVISOR
            stack.push(startSupervisor(process));
            pc++;
            continue;
          case 158: {
            // SUPERVISE_CHILD
            const name = textAt(frame.shared, pc);
            const pid = machine.names.whereIs(name);
            stack.push(superviseChild(machine, process, name, pid, () => toSpawn(machine, frame, name)));
            pc += 2;
            continue;
          }
          case 159: // RESTART_CHILD
            stack.push(restartChild(machine, process, textAt(frame.shared, pc)));
            pc += 2;
            continue;

          // time, and the end of everything
          case 172: {
            // SLEEP
            const given = pop("SLEEP");
            const ms = isInt(given) ? Number(given) : asFloat(given);
            if (ms === undefined) throw mismatch("SLEEP", "int or float (milliseconds)", given);
            pc++;
            frame.pc = pc;
            machine.scheduler.setTimer(process, machine.options.chance.monotonic() + Math.max(ms || 0, 0));
            transition(process, State.Sleeping);
            return reductions;
          }
          case 171: {
            // EXIT
            const status = pop("EXIT");
            if (!isInt(status)) throw mismatch("EXIT", "int (exit code)", status);
            frame.pc = pc;
            machine.end({ kind: "exit", status: Number(BigInt.asUintN(8, BigInt(status))) });
            return reductions;
          }

          // the outside
          case 174: // READ_FILE
          case 175: // WRITE_FILE
          case 176: // APPEND_FILE
          case 177: // READ_BYTES
          case 178: // WRITE_BYTES
          case 179: // FILE_SIZE
          case 180: // FILE_EXISTS
          case 181: // LIST_DIR
          case 182: // DELETE_FILE
          case 183: // READ_LINE
          case 184: // READ_CHAR
          case 185: // READ_INPUT
          case 186: // GET_ENV
          case 187: // SET_ENV
          case 188: // GET_ARGS
          case 189: // EXEC
          case 190: // EXEC_CAPTURE
          case 191: // GET_TIME
          case 192: // FORMAT_TIME
          case 193: // HTTP_GET
          case 194: // HTTP_POST
          case 195: // TCP_CONNECT
          case 196: // TCP_LISTEN
          case 197: // TCP_SEND
          case 198: // TCP_RECV
          case 199: // UDP_BIND
          case 200: // UDP_SEND
          case 201: // UDP_RECV
          case 202: // DNS_RESOLVE
          case 203: // ASYNC_READ
          case 204: // ASYNC_WRITE
          case 205: // AWAIT
          case 206: // STREAM_CREATE
          case 207: // STREAM_READ
          case 208: // STREAM_WRITE
          case 209: // STREAM_CLOSE
          case 210: // JSON_PARSE
          case 211: // JSON_STRINGIFY
          case 212: // CSV_PARSE
          case 213: // CSV_WRITE
          case 214: // COMPRESS
          case 215: // DECOMPRESS
          case 216: // ENCRYPT
          case 217: // DECRYPT
          case 218: // HASH
          case 219: // DB_CONNECT
          case 220: // DB_QUERY
          case 221: // DB_EXEC
          case 222: // TCP_ACCEPT
          case 223: // LOCAL_PORT
          case 224: // CLOSE
          case 225: // DIGEST
            frame.pc = pc;
            if (!perform(machine, process, stack, code[pc]!)) {
              transition(process, State.Native);
              return reductions; // T2: runs again with the answer
            }
            pc++;
            continue;

          default:
            throw new InvariantBroken("opcode", { pc, opcode: code[pc] });
        }
      }
    } catch (error) {
      frame.pc = pc;
      const message =
        error instanceof TinyError
          ? error.text
          : error instanceof TinyThrow
            ? error.exception.message
            : textOfRaise(error);
      if (message === undefined) {
        const opcode = OPCODES[code[pc]!];
        machine.end({
          kind: "internal",
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
          opcode: opcode === undefined ? "" : nameOf(opcode),
          place: placeOf(machine.program, frame.fn, pc),
        });
        return reductions;
      }
      const at = [`at instruction ${frame.shared.numberOf(pc)}`];
      const thrown = error instanceof TinyThrow ? error.exception : new TinyException(message, at);
      const handler = handlers.pop();
      if (handler === undefined) {
        const text = error instanceof TinyThrow ? `Unhandled exception: ${thrown.message}` : thrown.message;
        const trace = traceOf(frame, pc, error instanceof ModuleFailed ? error.trace : new ThrownTrace());
        if (frame.parent === null) machine.crash(process, new TinyException(text, thrown.trace), trace);
        else endModule(process, new ModuleFailed(text, trace));
        return reductions;
      }
      stack.length = Math.min(stack.length, handler.operands);
      stack.push(thrown);
      if (handler.calls < calls.length) {
        enter(frame, callers[handler.calls]!);
        ({ code, constants, parameterNames } = frame.shared);
      }
      calls.length = handler.calls;
      callers.length = handler.calls;
      scopes.length = handler.calls + 1;
      scope = scopes[handler.calls]!;
      pc = handler.address;
    }
}

type Pop = (name: string) => Value;

/** From here on the code of this function's file runs. */
function enter(frame: TinyFrame, fn: TinyFunction): void {
  frame.fn = fn;
  frame.shared = fn.shared;
}

/** The operand of the instruction, where it is a text. */
function textAt({ constants, code }: TinyCode, pc: number): string {
  return constants[code[pc + 1]!] as string;
}

/** Where it is the number of a process. */
function pidAt({ constants, code }: TinyCode, pc: number): Int {
  return constants[code[pc + 1]!] as Int;
}

function callable(
  { shared }: TinyFrame,
  at: number,
  params: readonly string[],
  captured: ReadonlyMap<string, Value> | null,
): TinyClosure {
  return new TinyClosure(shared.startingAt(at).index, shared.numberOf(at), params, captured);
}

/** What SPAWN of this value starts. */
function toSpawn(machine: Machine, frame: TinyFrame, what: Value): Closure {
  if (what instanceof TinyClosure) {
    if (what.params.length > 0) throw mismatch("SPAWN", "a function without parameters", what);
    return what;
  }
  const name = typeof what === "string" ? what : undefined;
  const program = machine.program as TinyProgram;
  const label = name === undefined ? undefined : frame.shared.labels.get(name);
  const fn = label ?? program.spawned(name, () => machine.options.loadUnit?.(name) ?? nothing());
  if ("problem" in fn) throw new TinyError(`SPAWN ${tinyDebug(what)}: ${fn.problem.detail}`);
  return fn.closure;
}

/** What SPAWN starts where nobody loads programs. */
function nothing(): Unit {
  return new TinyUnitBuilder().finish("nothing", undefined);
}

const EMPTY_OBJECT = new TinyObject(new Map());

function arithmetic(name: "ADD" | "SUB" | "MUL" | "DIV", a: Value, b: Value): Value {
  if (isInt(a) && isInt(b)) {
    if (name === "ADD") return addInt(a, b);
    if (name === "SUB") return subInt(a, b);
    if (name === "MUL") return mulInt(a, b);
    if (b === 0) throw new TinyError("Division by zero");
    return divInt(a, b);
  }
  const x = isInt(a) ? Number(a) : asFloat(a);
  const y = isInt(b) ? Number(b) : asFloat(b);
  if (x === undefined || y === undefined) throw mismatch(name, "two numbers (int or float)", a, b);
  if (name === "ADD") return makeFloat(x + y);
  if (name === "SUB") return makeFloat(x - y);
  if (name === "MUL") return makeFloat(x * y);
  if (y === 0) throw new TinyError("Division by zero");
  return makeFloat(x / y);
}

/** EQ: two of one simple kind. Lists and Objects have no equality in TinyTotVM. */
function isSame(name: string, a: Value, b: Value): boolean {
  const x = asFloat(a);
  const y = asFloat(b);
  if (x !== undefined && y !== undefined) return Math.abs(x - y) < Number.EPSILON;
  if (isInt(a) && isInt(b)) return a === b;
  if ((typeof a === "string" && typeof b === "string") || (typeof a === "boolean" && typeof b === "boolean"))
    return a === b;
  if (a instanceof Null && b instanceof Null) return true;
  if (isFunction(a) && isFunction(b))
    return a.functionIndex === b.functionIndex && a.params.join(" ") === b.params.join(" ");
  throw mismatch(name, "values of the same type", a, b);
}

function isFunction(value: Value): value is TinyClosure {
  return value instanceof TinyClosure && value.captured === null;
}

/** NE: not the contrary of EQ for what is no number, NaN. */
function differs(a: Value, b: Value): boolean {
  const x = asFloat(a);
  const y = asFloat(b);
  if (x !== undefined && y !== undefined) return Math.abs(x - y) >= Number.EPSILON;
  return !isSame("NE", a, b);
}

function twoInts(pop: Pop, name: string): [Int, Int] {
  const b = pop(name);
  const a = pop(name);
  if (!isInt(a) || !isInt(b)) throw mismatch(name, "two integers", a, b);
  return [a, b];
}

function twoFloats(pop: Pop, name: string): [number, number] {
  const b = pop(name);
  const a = pop(name);
  const x = asFloat(a);
  const y = asFloat(b);
  if (x === undefined || y === undefined) throw mismatch(name, "two floats", a, b);
  return [x, y];
}

function twoBools(pop: Pop, name: string): [boolean, boolean] {
  const b = pop(name);
  const a = pop(name);
  if (typeof a !== "boolean" || typeof b !== "boolean") throw mismatch(name, "two Booleans", a, b);
  return [a, b];
}

function fieldsOf(pop: Pop, name: string): ReadonlyMap<string, Value> {
  const object = pop(name);
  if (!(object instanceof TinyObject)) throw mismatch(name, "an object", object);
  return object.fields;
}

function need(stack: readonly Value[], count: number): void {
  if (stack.length < count) throw new TinyError(`Need ${count} stack items but only ${stack.length} available`);
}

function popPid(pop: Pop, name: string): Int {
  const pid = pop(name);
  if (!isInt(pid)) throw mismatch(name, "the number of a process", pid);
  return pid;
}

/** The number, if a process that lives has it. */
function living(machine: Machine, pid: Int): number | undefined {
  const isOne = typeof pid === "number" && pid > 0 && pid < machine.pidTable.nextPid && machine.isAlive(pid);
  return isOne ? pid : undefined;
}

/** @returns false: the process has to wait for room, or the run is over */
function send(machine: Machine, process: Process, target: Int, message: Value): boolean {
  const pid = living(machine, target);
  const { observe, sink } = machine.options;
  if (pid === undefined) {
    const shown = BigInt.asUintN(64, BigInt(target));
    sink.writeError(`Failed to send message to process ${shown}: Process ${shown} not found\n`);
    return true;
  }
  observe?.({ kind: "sent", from: process.id, to: pid });
  return machine.deliver(pid, message, false, process);
}

/** The words of an error that a value's own operation raised, such as a text that grows too long. */
function textOfRaise(error: unknown): string | undefined {
  const raised = error instanceof Raise ? error : toRaise(error);
  if (raised === undefined) return undefined;
  const { value } = raised;
  const message = isTuple(value) ? fieldAt(value, 1) : value;
  return typeof message === "string" ? message : tinyDebug(message ?? UNIT);
}

/** Adds where it failed, and the calls that led there. */
function traceOf(frame: TinyFrame, pc: number, trace: ThrownTrace): ThrownTrace {
  const { calls, callers } = frame;
  trace.add(frame.fn, pc);
  for (let i = calls.length - 1; i >= 0; i--) trace.add(callers[i]!, calls[i]! - 1);
  return trace;
}

/** An instruction as `--debug` shows it. */
function describe(frame: TinyFrame, pc: number): string {
  const { code, constants, parameterNames, numberOf } = frame.shared;
  const row = OPCODES[code[pc]!]!;
  const operands = row.operands.map((role, i) => {
    const word = code[pc + 1 + i]!;
    if (role === "address") return String(numberOf(word));
    if (role === "dataType") return parameterNames[word]!.join(" ");
    if (role !== "const") return String(word);
    const value = constants[word]!;
    return typeof value === "string" ? `"${value}"` : tinyDisplay(value);
  });
  return [row.name, ...operands].join(" ").trimEnd();
}
