/**
 * What compiled code calls instead of writing it out: operations that may throw, wait, or are too long to repeat.
 *
 * A helper never throws: it catches what an operation throws, says so in the state and returns LEFT, and the generated
 * code leaves with it. So generated code needs no `try`, and a throw finds all frames put down.
 * An operation that pauses (process/work.ts) leaves too: its instruction is run again, by the interpreter, and goes on.
 * Stays true: each helper does what the interpreter's case of the same name does, and charges the same.
 */
import { PAUSED, Raise, WAITING } from "../host/native.ts";
import { LEFT } from "../interp/code-cell.ts";
import { deadlock, noteMutable } from "../interp/interpreter.ts";
import {
  add, addFloats, addNumbers, compare, concat, concatStrings, copyForSend, deadlineAfter, display, divide, divideFloats, divideNumbers, equal, fieldByName, hasField, indexOf, interpolate,
  isKind, listOf, mapOf, modulo, multiply, multiplyFloats, multiplyNumbers, negate, notOf, power, setField, setFieldByName, setOf, subtract,
  subtractFloats, subtractNumbers, typeError, updated,
} from "../interp/operations.ts"; // biome-ignore format: a table
import type { LinkedFunction } from "../interp/program.ts";
import { exitRequestOf } from "../interp/report.ts";
import { noteTailCall } from "../interp/tail-calls.ts";
import { remember } from "../interp/unwind.ts";
import type { GlobalState, MvarState } from "../mvar/mvar.ts";
import { mailboxKeepSite, mailboxNext, mailboxSeek, mailboxSeekSite } from "../process/mailbox.ts";
import { rareOf, State, transition } from "../process/process.ts";
import type { Machine } from "../sched/machine.ts";
import { LONG_TEXT } from "../values/appending.ts";
import { fieldAt } from "../values/data.ts";
import { textLength } from "../values/text.ts";
import { quickElement, setQuickElement } from "../values/typed-array.ts";
import { type Closure, Data, Float, type List, Pid, Ref, TypedArray, type Value } from "../values/value.ts";
import { type JitState, Why } from "./state.ts";

type Result = Value | typeof LEFT;

export type Helpers = ReturnType<typeof makeHelpers>;
export type HelperName = keyof Helpers;

export function makeHelpers(state: JitState, machine: Machine) {
  const { context, scheduler, lockSets, cluster, locks } = machine;
  const { chance } = machine.options;

  const binary =
    (operation: (a: Value, b: Value) => Value) =>
    (a: Value, b: Value): Result => {
      try {
        return operation(a, b);
      } catch (error) {
        return state.caught(error);
      }
    };

  /** What an operation has given that works in steps. */
  const finished = <T>(result: T | typeof PAUSED): T | typeof LEFT => {
    state.takeCharge();
    if (result !== PAUSED) return result;
    state.why = Why.Preempted;
    return LEFT;
  };

  const comparison =
    (how: "<" | ">" | "<=" | ">=") =>
    (a: Value, b: Value): boolean | typeof LEFT => {
      if (typeof a === "string" && typeof b === "string") return compare(how, a, b, context) as boolean;
      try {
        return finished(compare(how, a, b, context));
      } catch (error) {
        return state.caught(error);
      }
    };

  /** What a host function has answered, however it did. */
  const answered = (result: Value | typeof WAITING | typeof PAUSED): Result => {
    state.reductions -= context.charged;
    context.charged = 0;
    if (typeof result !== "object" && typeof result !== "symbol" && !context.killed) return result;
    const { process } = state;
    if (result === PAUSED) {
      state.why = Why.Preempted;
      return LEFT;
    }
    if (context.killed) {
      context.killed = false;
      state.why = Why.Killed;
      return LEFT;
    }
    if (result !== WAITING) {
      noteMutable(process, result as Value);
      return result as Value;
    }
    const early = rareOf(process).answer;
    if (early === null) {
      transition(process, State.Native);
      state.why = Why.Waits;
      return LEFT;
    }
    process.rare!.answer = null;
    if ("thrown" in early) return state.caught(new Raise(early.thrown));
    noteMutable(process, early.value);
    return early.value;
  };

  return {
    // numbers
    addNumbers: binary(addNumbers),
    subtractNumbers: binary(subtractNumbers),
    multiplyNumbers: binary(multiplyNumbers),
    divideNumbers: binary(divideNumbers),
    add: binary(add),
    subtract: binary(subtract),
    multiply: binary(multiply),
    divide: binary(divide),
    modulo: binary(modulo),
    power: binary(power),
    addFloats: binary(addFloats),
    subtractFloats: binary(subtractFloats),
    multiplyFloats: binary(multiplyFloats),
    divideFloats: binary(divideFloats),
    negate: (a: Value): Result => {
      try {
        return negate(a);
      } catch (error) {
        return state.caught(error);
      }
    },
    box: (value: number): number | Float => (Number.isInteger(value) ? new Float(value) : value),

    // comparison
    equal: (a: Value, b: Value): boolean | typeof LEFT => {
      try {
        return finished(equal(a, b, context));
      } catch (error) {
        return state.caught(error);
      }
    },
    less: comparison("<"),
    greater: comparison(">"),
    lessOrEqual: comparison("<="),
    greaterOrEqual: comparison(">="),
    not: (a: Value): Result => {
      try {
        return notOf(a);
      } catch (error) {
        return state.caught(error);
      }
    },

    // text and lists
    join: (a: Value, b: Value): string | typeof LEFT => {
      if (typeof a === "string" && typeof b === "string" && a.length + b.length < LONG_TEXT) return a + b;
      try {
        return concatStrings(a, b, context);
      } catch (error) {
        return state.caught(error);
      }
    },
    textLength: (text: string): number =>
      text.length < LONG_TEXT ? textLength(text) : context.appending.lengthOf(text),
    concat: (a: Value, b: Value): Result => {
      if (typeof a === "string" && typeof b === "string" && a.length + b.length < LONG_TEXT) return a + b;
      try {
        return finished(concat(a, b, context));
      } catch (error) {
        return state.caught(error);
      }
    },
    interpolate: (parts: readonly Value[]): string | typeof LEFT => {
      try {
        return finished(interpolate(parts, 0, parts.length, context));
      } catch (error) {
        return state.caught(error);
      }
    },

    // host functions
    answered,

    // calls
    noteTailCall: (from: LinkedFunction, at: number): void => noteTailCall(state.process, from, at),

    // top-level values
    storeGlobal: (global: GlobalState, value: Value): void => {
      global.value = value;
      if (state.process.mayHoldMutables) global.holdsMutables = true;
      locks.stored(state.process, global);
    },

    // data
    listOf: (items: readonly Value[], tail: List): List => listOf(items, 0, items.length, tail),
    mapOf: (items: readonly Value[]): Result => {
      try {
        return mapOf(items, 0, items.length);
      } catch (error) {
        return state.caught(error);
      }
    },
    setOf: (items: readonly Value[]): Result => {
      try {
        return setOf(items, 0, items.length);
      } catch (error) {
        return state.caught(error);
      }
    },
    fieldByName: (value: Value, name: string): Result => {
      if (value instanceof Data) {
        const position = value.type.positions.get(name);
        if (position !== undefined) return fieldAt(value, position);
      }
      try {
        return fieldByName(value, name);
      } catch (error) {
        return state.caught(error);
      }
    },
    setField: (target: Value, position: number, value: Value): true | typeof LEFT => {
      try {
        setField(target, position, value);
        return true;
      } catch (error) {
        return state.caught(error) as typeof LEFT;
      }
    },
    setFieldByName: (target: Value, name: string, value: Value): true | typeof LEFT => {
      try {
        setFieldByName(target, name, value);
        return true;
      } catch (error) {
        return state.caught(error) as typeof LEFT;
      }
    },
    indexOf: (collection: Value, position: Value): Result => {
      if (collection instanceof TypedArray) {
        const element = quickElement(collection, position);
        if (element !== undefined) return element;
      }
      try {
        return finished(indexOf(collection, position, context));
      } catch (error) {
        return state.caught(error);
      }
    },
    updated: (collection: Value, position: Value, value: Value): Result => {
      if (collection instanceof TypedArray && setQuickElement(collection, position, value)) return collection;
      try {
        return finished(updated(collection, position, value, context));
      } catch (error) {
        return state.caught(error);
      }
    },
    isExit: (value: Value): boolean => exitRequestOf(value) !== undefined,
    isKind: (value: Value, kind: number): boolean => isKind(value, kind),
    hasField: (value: Value, name: string): boolean => hasField(value, name),

    // failure
    thrown: (value: Value): void => {
      state.thrown = value;
      state.isRethrown = false;
      state.why = Why.Threw;
    },
    /** Thrown and caught in one frame of this function. */
    caughtHere: (value: Value, fn: LinkedFunction, at: number): void =>
      remember(state.process, value, undefined, fn, at),
    rethrown: (value: Value): void => {
      state.thrown = value;
      state.isRethrown = true;
      state.why = Why.Threw;
    },

    // processes
    /** What a process spawns that has nothing mutable. */
    spawnHere: (closure: Value): Result => {
      try {
        const { id } = machine.spawn(closure as Closure, false);
        state.reductions--;
        return new Pid(id);
      } catch (error) {
        return state.caught(error);
      }
    },
    spawn: (given: Value): Result => {
      const { process } = state;
      try {
        const closure = process.mayHoldMutables ? finished(copyForSend(given, context)) : given;
        if (closure === LEFT) return LEFT;
        const { id } = machine.spawn(closure as Closure, closure !== given);
        state.reductions--;
        state.takeCharge();
        return new Pid(id);
      } catch (error) {
        return state.caught(error);
      }
    },
    /** What a process sends that has nothing mutable to one that is here. @returns false: its slice is over */
    post: (pid: number, message: Value): boolean => machine.deliver(pid, message, false, state.process),
    /** The same with several schedulers. @returns undefined: `send` does it, as the process is not here, or may have just come */
    postHere: (pid: number, message: Value): boolean | undefined => {
      if (cluster!.hasUnsettled) return undefined;
      const target = machine.pidTable.get(pid);
      return target === undefined ? undefined : machine.deliverTo(target, message, false, state.process);
    },
    /** @returns false: it is sent, and the slice is over */
    send: (pid: Value, given: Value): boolean | typeof LEFT => {
      const { process } = state;
      try {
        if (!(pid instanceof Pid)) throw typeError(`cannot send to what is no process: ${display(pid)}`);
        let goesOn: boolean;
        if (cluster?.mustCarry(pid.id)) goesOn = cluster.send(pid.id, given, process);
        else {
          const message = process.mayHoldMutables ? finished(copyForSend(given, context)) : given;
          if (message === LEFT) return LEFT;
          goesOn = machine.deliver(pid.id, message, message !== given, process);
        }
        state.reductions--;
        state.takeCharge();
        return goesOn;
      } catch (error) {
        return state.caught(error) as typeof LEFT;
      }
    },
    /** true: it sleeps now */
    sleep: (ms: Value): true | typeof LEFT => {
      try {
        scheduler.setTimer(state.process, deadlineAfter(chance.monotonic(), ms));
        transition(state.process, State.Sleeping);
        state.why = Why.Waits;
        return true;
      } catch (error) {
        return state.caught(error) as typeof LEFT;
      }
    },
    /** The receive that had a deadline is over, or another begins. */
    endDeadline: (): void => {
      scheduler.cancelTimer(state.process);
      state.process.hasDeadline = false;
    },
    receiveBeginAfter: (ms: Value): true | typeof LEFT => {
      const { process } = state;
      scheduler.cancelTimer(process);
      try {
        rareOf(process).deadlineMs = deadlineAfter(chance.monotonic(), ms);
      } catch (error) {
        return state.caught(error) as typeof LEFT;
      }
      process.hasDeadline = true;
      process.scan = 0;
      return true;
    },
    receiveMark: (ref: Value): void => {
      if (ref instanceof Ref) mailboxSeek(state.process, ref.id, machine.schedulers);
    },
    receiveSeek: (site: number): void => {
      const { process } = state;
      if (!process.mayHoldMutables) process.scan = mailboxSeekSite(process, site);
    },
    receiveKeep: (site: number): void => mailboxKeepSite(state.process, site),
    /** The message that the scan comes to; undefined: there is none yet. */
    receive: (): Value | undefined => mailboxNext(state.process),
    /** No message: whether the deadline, which there is, has passed. */
    isDue: (): boolean => state.process.rare!.deadlineMs <= chance.monotonic(),
    /** No message and no deadline that has passed: the process waits. */
    await: (): void => {
      const { process } = state;
      if (process.hasDeadline && process.rare!.timer === null) scheduler.setTimer(process, process.rare!.deadlineMs);
      transition(process, State.Receiving);
      state.why = Why.Waits;
    },
    expire: (): void => {
      const { process } = state;
      scheduler.cancelTimer(process);
      process.hasDeadline = false;
    },
    take: (): void => machine.take(state.process),

    // mvars
    mvarCopy: (value: Value): Result => {
      state.process.mayHoldMutables = true;
      return finished(copyForSend(value, context));
    },
    mvarSet: (mvar: MvarState, given: Value): true | typeof LEFT => {
      try {
        const kept = state.process.mayHoldMutables ? finished(copyForSend(given, context)) : given;
        if (kept === LEFT) return LEFT;
        mvar.value = kept;
        mvar.holdsMutables = kept !== given;
        return true;
      } catch (error) {
        return state.caught(error) as typeof LEFT;
      }
    },
    lock: (set: number): true | typeof LEFT => {
      try {
        const result = locks.lock(state.process, lockSets[set]!);
        if (result === "waits") {
          state.why = Why.Waits;
          return LEFT;
        }
        if (result !== "locked") throw deadlock(result.cycle);
        state.reductions--;
        return true;
      } catch (error) {
        return state.caught(error) as typeof LEFT;
      }
    },
    unlock: (set: number): void => {
      locks.unlock(state.process, lockSets[set]!);
    },
  };
}
