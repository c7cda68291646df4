/**
 * Runs a process for one slice: the reference for what every instruction means.
 *
 * The trick: the hot state (frame, its stack, code, pc, sp, reductions) lives in local variables and is written back at
 * safepoints only; one `switch` over small literal numbers becomes a jump table in all of V8's tiers. The numbers are the
 * rows of the opcode table: `case 12: // ADD` is checked against it by a test, and rewritten by `node
 * vm/interp/number-cases.ts` when rows move. See docs/decisions/0004-interpreter.md for what was measured.
 *
 * F1–F4 of frame.ts, and:
 * I1  Reductions are checked first and charged then, and an instruction that finds none left is run again, so every
 *     slice moves on, also one of a single reduction.
 * I2  `pc` stays on an instruction until nothing in it can throw or wait any more: a throw there is a throw of it. One
 *     that works on whole values and has paused (process/work.ts) is run again in the next slice, and goes on.
 * I3  No JavaScript frame of ours is on the stack when a slice ends, and none grows with the depth of the program.
 */

import { PAUSED, Raise, WAITING } from "../host/native.ts";
import type { Jit } from "../jit/jit.ts";
import { CHECK, InvariantBroken } from "../process/invariant.ts";
import { mailboxKeepSite, mailboxNext, mailboxSeek, mailboxSeekSite } from "../process/mailbox.ts";
import { type Process, rareOf, State, transition } from "../process/process.ts";
import type { Work } from "../process/work.ts";
import type { Machine } from "../sched/machine.ts";
import { tellMvar, tellReceived } from "../sched/process-trace.ts";
import { fieldAt, isTuple, makeData, makePair, tupleType } from "../values/data.ts";
import {
  Buffer,
  Cell,
  Closure,
  Cons,
  Data,
  NIL,
  Nil,
  NULL,
  OpenList,
  Pid,
  Reactive,
  Ref,
  TypedArray,
  UNIT,
  type Value,
} from "../values/value.ts";
import { type CodeCell, LEFT } from "./code-cell.ts";
import type { Engine } from "./engine.ts";
import { Frame } from "./frame.ts";
import {
  add, addFloats, addNumbers, compare, concat, concatStrings, copyForSend, deadlineAfter, display, divide, divideFloats, divideNumbers, equal,
  fieldByName, fieldOf, hasField, indexOf, interpolate, isConstructor, isKind, isOfType, listOf, mapOf, matchFailure, modulo, multiply, multiplyFloats, multiplyNumbers, negate, noElements, noListTail, notOf,
  power, setField, setFieldByName, setOf, subtract, subtractFloats, subtractNumbers, toRaise, typeError, unsetVariable, updated,
} from "./operations.ts"; // biome-ignore format: a table
import type { LinkedFunction } from "./program.ts";
import { exitRequestOf, internalError } from "./report.ts";
import { noteTailCall } from "./tail-calls.ts";
import { recallTrace, unwind } from "./unwind.ts";

type Stack = (Value | undefined)[];

/** A native that was asked about and has not answered, or an answer: see CALL_NATIVE. */
const WORDS_OF_CALL_NATIVE = 3;

/** The language's own engine. */
export const NOSTOS: Engine = {
  runSlice,
  firstFrame: (program, closure) => {
    const fn = program.functions[closure.functionIndex]!;
    const stack: Stack = new Array(fn.size);
    for (let i = 0; i < closure.captures.length; i++) stack[fn.arity + i] = closure.captures[i];
    return new Frame(fn, null, stack);
  },
  sliceReductions: 2000, // semantics 35
  endsWithMain: true,
};

/** See Engine. Compiled code first: most slices of a warm program never come to the interpreter. */
function runSlice(machine: Machine, process: Process, budget: number): number {
  const { context, jit } = machine;
  context.enter(process);
  // J5: each of `budget` calls may add a frame
  if (jit === null || process.depth + budget >= machine.options.maxStackFrames)
    return interpret(machine, process, budget, null);
  jit.state.process = process;
  // what a process was in the middle of, the interpreter goes on with
  if (context.step !== null || (process.rare !== null && process.rare.answer !== null))
    return interpret(machine, process, budget, jit);
  jit.state.begin(budget);
  if (jit.resume(process)) return jit.state.left;
  return interpret(machine, process, jit.state.left, jit);
}

/** A slice, or what is left of it. */
function interpret(machine: Machine, process: Process, budget: number, jit: Jit | null): number {
  const { program, context, scheduler, cluster, locks } = machine;
  const { functions, constants, dataTypes, natives } = program;
  const { maxStackFrames, chance, observe } = machine.options;
  const { globals, mvars, lockSets } = machine;
  let reductions = budget;
  let depth = process.depth;
  let frame = process.frame!;
  let fn = frame.fn;
  let code = fn.code;
  let stack: Stack = frame.stack;
  let pc = frame.pc;
  let sp = frame.sp;
  /** compiled code may go on with the newest frame: it stands where the frame says */
  let mayEnter = false;

  enter: for (;;) {
    try {
      // what a host function answered while we waited: the result of the CALL_NATIVE at pc
      const answer = process.rare === null ? null : process.rare.answer;
      if (mayEnter && answer === null) {
        mayEnter = false;
        jit!.state.begin(reductions);
        const isOver = jit!.resume(process);
        reductions = jit!.state.left;
        if (isOver) return reductions;
        frame = process.frame!;
        depth = process.depth;
        fn = frame.fn;
        code = fn.code;
        stack = frame.stack;
        pc = frame.pc;
        sp = frame.sp;
      }
      if (answer !== null) {
        process.rare!.answer = null;
        if ("thrown" in answer) throw new Raise(answer.thrown);
        noteMutable(process, answer.value);
        stack[sp++] = answer.value;
        pc += WORDS_OF_CALL_NATIVE;
      }

      for (;;) {
        switch (code[pc]) {
          // constants and the operand stack
          case 0: // PUSH_INT
            stack[sp++] = code[pc + 1]!;
            pc += 2;
            continue;
          case 1: // PUSH_FLOAT
          case 2: // PUSH_STR
          case 6: // PUSH_CONST
            stack[sp++] = constants[code[pc + 1]!];
            pc += 2;
            continue;
          case 3: // TRUE
            stack[sp++] = true;
            pc++;
            continue;
          case 4: // FALSE
            stack[sp++] = false;
            pc++;
            continue;
          case 5: // PUSH_UNIT
            stack[sp++] = UNIT;
            pc++;
            continue;
          case 7: // DUP
            stack[sp] = stack[sp - 1];
            sp++;
            pc++;
            continue;
          case 8: // POP
            stack[--sp] = undefined;
            pc++;
            continue;
          case 9: // LOAD
            stack[sp++] = stack[code[pc + 1]!];
            pc += 2;
            continue;
          case 10: // STORE
            stack[code[pc + 1]!] = stack[--sp];
            stack[sp] = undefined;
            pc += 2;
            continue;

          // arithmetic: two Ints of 32 bits need no look at anything else
          case 11: {
            // ADD
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            stack[sp - 2] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b
                ? a + b
                : addNumbers(a, b);
            sp--;
            pc++;
            continue;
          }
          case 12: {
            // SUB
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            stack[sp - 2] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b
                ? a - b
                : subtractNumbers(a, b);
            sp--;
            pc++;
            continue;
          }
          case 13: {
            // MUL
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            // a product of 32 bits; `| 0` makes 0 of -0
            const product =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b ? a * b : 0.5;
            stack[sp - 2] = (product | 0) === product ? product | 0 : multiplyNumbers(a, b);
            sp--;
            pc++;
            continue;
          }
          case 14: {
            // DIV
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            stack[sp - 2] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b && b > 0
                ? (a / b) | 0
                : divideNumbers(a, b);
            sp--;
            pc++;
            continue;
          }
          case 15: // ADD_F
            stack[sp - 2] = addFloats(stack[sp - 2]!, stack[sp - 1]!);
            sp--;
            pc++;
            continue;
          case 16: // SUB_F
            stack[sp - 2] = subtractFloats(stack[sp - 2]!, stack[sp - 1]!);
            sp--;
            pc++;
            continue;
          case 17: // MUL_F
            stack[sp - 2] = multiplyFloats(stack[sp - 2]!, stack[sp - 1]!);
            sp--;
            pc++;
            continue;
          case 18: // DIV_F.ieee
            stack[sp - 2] = divideFloats(stack[sp - 2]!, stack[sp - 1]!);
            sp--;
            pc++;
            continue;
          case 19: {
            // ADD.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            stack[sp - 2] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b ? a + b : add(a, b);
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 20: {
            // SUB.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            stack[sp - 2] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b ? a - b : subtract(a, b);
            sp--;
            pc++;
            continue;
          }
          case 21: {
            // MUL.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            // a product of 32 bits; `| 0` makes 0 of -0
            const product =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b ? a * b : 0.5;
            stack[sp - 2] = (product | 0) === product ? product | 0 : multiply(a, b);
            sp--;
            pc++;
            continue;
          }
          case 22: {
            // DIV.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            stack[sp - 2] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b && b > 0
                ? (a / b) | 0
                : divide(a, b);
            sp--;
            pc++;
            continue;
          }
          case 23: {
            // MOD
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            stack[sp - 2] =
              typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b && b > 0
                ? (a % b) | 0
                : modulo(a, b);
            sp--;
            pc++;
            continue;
          }
          case 24: // POW
            stack[sp - 2] = power(stack[sp - 2]!, stack[sp - 1]!);
            sp--;
            pc++;
            continue;
          case 25: // NEG
            stack[sp - 1] = negate(stack[sp - 1]!);
            pc++;
            continue;

          // comparison and logic
          case 26: {
            // EQ.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            if (typeof a === "number" && typeof b === "number") stack[sp - 2] = a === b;
            else {
              const answer = equal(a, b, context);
              reductions -= takeCharge(context);
              if (answer === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              stack[sp - 2] = answer;
            }
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 27: {
            // NE.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            if (typeof a === "number" && typeof b === "number") stack[sp - 2] = a !== b;
            else {
              const answer = equal(a, b, context);
              reductions -= takeCharge(context);
              if (answer === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              stack[sp - 2] = !answer;
            }
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 28: {
            // LT.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b) stack[sp - 2] = a < b;
            else {
              const answer = compare("<", a, b, context);
              reductions -= takeCharge(context);
              if (answer === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              stack[sp - 2] = answer;
            }
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 29: {
            // GT.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b) stack[sp - 2] = a > b;
            else {
              const answer = compare(">", a, b, context);
              reductions -= takeCharge(context);
              if (answer === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              stack[sp - 2] = answer;
            }
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 30: {
            // LE.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b)
              stack[sp - 2] = a <= b;
            else {
              const answer = compare("<=", a, b, context);
              reductions -= takeCharge(context);
              if (answer === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              stack[sp - 2] = answer;
            }
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 31: {
            // GE.val
            const b = stack[sp - 1]!;
            const a = stack[sp - 2]!;
            if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b)
              stack[sp - 2] = a >= b;
            else {
              const answer = compare(">=", a, b, context);
              reductions -= takeCharge(context);
              if (answer === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              stack[sp - 2] = answer;
            }
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 32: // NOT
            stack[sp - 1] = notOf(stack[sp - 1]!);
            pc++;
            continue;
          case 33: // CONCAT
            stack[sp - 2] = concatStrings(stack[sp - 2]!, stack[sp - 1]!, context);
            stack[--sp] = undefined;
            pc++;
            continue;
          case 34: {
            // CONCAT.val
            const joined = concat(stack[sp - 2]!, stack[sp - 1]!, context);
            reductions -= takeCharge(context);
            if (joined === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
            stack[sp - 2] = joined;
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 35: {
            // INTERPOLATE
            const count = code[pc + 1]!;
            const text = interpolate(stack, sp - count, sp, context);
            reductions -= takeCharge(context);
            if (text === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
            sp = dropTo(stack, sp, sp - count);
            stack[sp++] = text;
            pc += 2;
            continue;
          }

          // control
          case 36: {
            // JMP
            const target = code[pc + 1]!;
            if (target <= pc) {
              if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
              reductions--;
              if (jit !== null && hasEntry(jit, fn.cell, target)) {
                save(process, frame, target, sp, depth, reductions);
                mayEnter = true;
                continue enter;
              }
            }
            pc = target;
            continue;
          }
          case 37: {
            // JZ
            const a = stack[--sp];
            const target = code[pc + 1]!;
            if (a === true) pc += 2;
            else if (a === false || a === 0 || a === NULL) {
              if (target <= pc) {
                if (reductions <= 0) return park(process, frame, pc, sp + 1, depth, reductions); // I1
                reductions--;
                if (jit !== null && hasEntry(jit, fn.cell, target)) {
                  save(process, frame, target, sp, depth, reductions);
                  mayEnter = true;
                  continue enter;
                }
              }
              pc = target;
            } else {
              stack[sp] = undefined;
              pc += 2;
            }
            continue;
          }
          case 38: {
            // JNZ
            const a = stack[sp - 1];
            const target = code[pc + 1]!;
            if (a === true) {
              if (target <= pc) {
                if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
                reductions--;
                if (jit !== null && hasEntry(jit, fn.cell, target)) {
                  save(process, frame, target, sp - 1, depth, reductions);
                  mayEnter = true;
                  continue enter;
                }
              }
              pc = target;
            } else if (a === false) pc += 2;
            else throw typeError("a condition is not a Bool");
            sp--;
            continue;
          }
          case 39: {
            // CALL.fn
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const callee = functions[code[pc + 1]!]!;
            const count = code[pc + 2]!;
            if (depth >= maxStackFrames) throw stackOverflow();
            reductions -= callee.cost;
            if (jit !== null && isCompiled(jit, callee.cell)) {
              sp -= count;
              pc += 3;
              save(process, frame, pc, sp, depth, reductions); // F3
              jit.state.begin(reductions);
              const result = jit.call(callee.cell, stack, sp, count, undefined);
              if (result !== LEFT) {
                reductions = jit.state.left;
                stack[sp++] = result;
                continue;
              }
              if (jit.left(process, frame, depth)) return jit.state.left;
              reductions = jit.state.left;
              frame = process.frame!;
              depth = process.depth;
              fn = frame.fn;
              code = fn.code;
              stack = frame.stack;
              pc = frame.pc;
              sp = frame.sp;
              continue;
            }
            const next: Stack = new Array(callee.size);
            sp -= count;
            for (let i = 0; i < count; i++) {
              next[i] = stack[sp + i];
              stack[sp + i] = undefined; // F4
            }
            frame.pc = pc + 3; // F3
            frame.sp = sp;
            frame = new Frame(callee, frame, next);
            depth++;
            fn = callee;
            code = callee.code;
            stack = next;
            pc = 0;
            sp = callee.slots;
            continue;
          }
          case 40: {
            // TAIL_CALL
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const callee = functions[code[pc + 1]!]!;
            const count = code[pc + 2]!;
            reductions -= callee.cost;
            if (callee !== fn) {
              noteTailCall(process, fn, pc);
              frame.fn = callee;
              fn = callee;
              code = callee.code;
            }
            stack = moveArguments(frame, stack, sp, count, callee.size);
            pc = 0;
            sp = callee.slots;
            if (jit !== null && hasEntry(jit, callee.cell, 0)) {
              save(process, frame, pc, sp, depth, reductions);
              mayEnter = true;
              continue enter;
            }
            continue;
          }
          case 41: {
            // RET.val
            const result = stack[sp - 1]!;
            const caller = frame.parent;
            if (caller === null) {
              process.depth = 0;
              process.frame = null;
              machine.finish(process, result);
              return reductions;
            }
            depth--;
            frame = caller;
            fn = caller.fn;
            code = fn.code;
            stack = caller.stack;
            pc = caller.pc;
            sp = caller.sp;
            stack[sp++] = result;
            if (jit !== null && hasEntry(jit, fn.cell, pc)) {
              save(process, frame, pc, sp, depth, reductions);
              mayEnter = true;
              continue enter;
            }
            continue;
          }
          case 42: {
            // CALL_FUNCTION.fn
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const count = code[pc + 1]!;
            const closure = stack[sp - count - 1];
            if (!(closure instanceof Closure) || closure.arity !== count) throw notCallable(closure, count);
            const callee = functions[closure.functionIndex]!;
            if (depth >= maxStackFrames) throw stackOverflow();
            reductions -= callee.cost;
            if (jit !== null && isCompiled(jit, callee.cell)) {
              sp -= count;
              pc += 2;
              stack[sp - 1] = undefined;
              save(process, frame, pc, sp - 1, depth, reductions); // F3
              jit.state.begin(reductions);
              const result = jit.call(callee.cell, stack, sp, count, closure);
              sp--;
              if (result !== LEFT) {
                reductions = jit.state.left;
                stack[sp++] = result;
                continue;
              }
              if (jit.left(process, frame, depth)) return jit.state.left;
              reductions = jit.state.left;
              frame = process.frame!;
              depth = process.depth;
              fn = frame.fn;
              code = fn.code;
              stack = frame.stack;
              pc = frame.pc;
              sp = frame.sp;
              continue;
            }
            const next: Stack = new Array(callee.size);
            sp -= count;
            for (let i = 0; i < count; i++) {
              next[i] = stack[sp + i];
              stack[sp + i] = undefined; // F4
            }
            const { captures } = closure;
            for (let i = 0; i < captures.length; i++) next[count + i] = captures[i];
            stack[--sp] = undefined;
            frame.pc = pc + 2; // F3
            frame.sp = sp;
            frame = new Frame(callee, frame, next);
            depth++;
            fn = callee;
            code = callee.code;
            stack = next;
            pc = 0;
            sp = callee.slots;
            continue;
          }
          case 43: {
            // TAIL_CALL_FUNCTION
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const count = code[pc + 1]!;
            const closure = stack[sp - count - 1];
            if (!(closure instanceof Closure) || closure.arity !== count) throw notCallable(closure, count);
            const callee = functions[closure.functionIndex]!;
            reductions -= callee.cost;
            if (callee !== fn) {
              noteTailCall(process, fn, pc);
              frame.fn = callee;
              fn = callee;
              code = callee.code;
            }
            stack = moveArguments(frame, stack, sp, count, callee.size);
            const { captures } = closure;
            for (let i = 0; i < captures.length; i++) stack[count + i] = captures[i];
            pc = 0;
            sp = callee.slots;
            if (jit !== null && hasEntry(jit, callee.cell, 0)) {
              save(process, frame, pc, sp, depth, reductions);
              mayEnter = true;
              continue enter;
            }
            continue;
          }
          case 44: {
            // CALL_NATIVE
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const native = natives[code[pc + 1]!]!;
            const count = code[pc + 2]!;
            const base = sp - count;
            context.charged = context.step === null ? 1 : 0;
            const result =
              context.step !== null
                ? context.resume()
                : native.run(
                    context,
                    count > 0 ? stack[base]! : UNIT,
                    count > 1 ? stack[base + 1]! : UNIT,
                    count > 2 ? stack[base + 2]! : UNIT,
                    count > 3 ? stack[base + 3]! : UNIT,
                  );
            reductions -= takeCharge(context);
            if (result === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
            sp = dropTo(stack, sp, base);
            if (context.killed) {
              context.killed = false;
              save(process, frame, pc, sp, depth, reductions);
              machine.endKilled(process);
              return reductions;
            }
            if (result === WAITING) {
              const early = rareOf(process).answer;
              if (early === null) {
                save(process, frame, pc, sp, depth, reductions);
                transition(process, State.Native);
                return reductions;
              }
              process.rare!.answer = null;
              if ("thrown" in early) throw new Raise(early.thrown);
              noteMutable(process, early.value);
              stack[sp++] = early.value;
            } else {
              if (typeof result === "object") noteMutable(process, result);
              stack[sp++] = result;
            }
            pc += WORDS_OF_CALL_NATIVE;
            continue;
          }
          case 45: // MAKE_FUNCTION.fn
            stack[sp++] = functions[code[pc + 1]!]!.closure;
            pc += 2;
            continue;
          case 46: {
            // MAKE_LAMBDA.fn
            const target = functions[code[pc + 1]!]!;
            const count = code[pc + 2]!;
            const captures = stack.slice(sp - count, sp) as Value[];
            sp = dropTo(stack, sp, sp - count);
            stack[sp++] = new Closure(target.index, target.arity, target.closure.name, captures);
            pc += 3;
            continue;
          }
          case 47: {
            // PATCH_CAPTURE
            const closure = stack[sp - 2];
            const position = code[pc + 1]!;
            if (!(closure instanceof Closure) || position >= closure.captures.length)
              throw typeError("PATCH_CAPTURE of what has no such capture");
            closure.captures[position] = stack[sp - 1]!;
            stack[--sp] = undefined;
            pc += 2;
            continue;
          }

          case 48: // ENTER
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            reductions -= code[pc + 1]!;
            pc += 2;
            continue;
          case 49: {
            // REENTER
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            reductions -= code[pc + 2]!;
            const target = code[pc + 1]!;
            if (jit !== null && hasEntry(jit, fn.cell, target)) {
              save(process, frame, target, sp, depth, reductions);
              mayEnter = true;
              continue enter;
            }
            pc = target;
            continue;
          }
          case 50: // NOTE_TAIL_CALL
            noteTailCall(process, fn, pc);
            pc++;
            continue;

          // variables that outlive or leave a frame
          case 51: // MAKE_CELL
            process.mayHoldMutables = true;
            stack[sp - 1] = new Cell(stack[sp - 1]);
            pc++;
            continue;
          case 52: {
            // CELL_GET
            const cell = stack[sp - 1];
            if (!(cell instanceof Cell)) throw typeError("CELL_GET of what is no cell");
            if (cell.value === undefined) throw unsetVariable("a variable", "");
            stack[sp - 1] = cell.value;
            pc++;
            continue;
          }
          case 53: {
            // CELL_SET
            const cell = stack[sp - 2];
            if (!(cell instanceof Cell)) throw typeError("CELL_SET of what is no cell");
            cell.value = stack[sp - 1];
            sp = dropTo(stack, sp, sp - 2);
            pc++;
            continue;
          }
          case 54: {
            // LOAD_GLOBAL
            const index = code[pc + 1]!;
            const global = globals[index]!;
            if (global.value !== undefined) {
              if (global.holdsMutables) process.mayHoldMutables = true;
              stack[sp++] = global.value;
              pc += 2;
              continue;
            }
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const initialiser = program.initialisers[index]!;
            if (initialiser !== -1 && depth >= maxStackFrames) throw stackOverflow();
            const claim = locks.claim(process, global, initialiser !== -1);
            if (claim === "unset") throw unsetVariable(global.name, "it is used before it is set");
            if (claim === "circular") throw unsetVariable(global.name, "its own value is needed to compute it");
            if (claim === "waits") return park(process, frame, pc, sp, depth, reductions);
            const callee = functions[initialiser]!;
            reductions -= callee.cost;
            frame.pc = pc + 2; // F3
            frame.sp = sp;
            stack = new Array(callee.size);
            frame = new Frame(callee, frame, stack);
            depth++;
            fn = callee;
            code = callee.code;
            pc = 0;
            sp = callee.slots;
            continue;
          }
          case 55: {
            // STORE_GLOBAL
            const global = globals[code[pc + 1]!]!;
            global.value = stack[sp - 1];
            if (process.mayHoldMutables) global.holdsMutables = true;
            locks.stored(process, global);
            stack[--sp] = undefined;
            pc += 2;
            continue;
          }

          // data
          case 56: {
            // MAKE_LIST
            const count = code[pc + 1]!;
            const list = listOf(stack, sp - count, sp, NIL);
            reductions -= count >> 3;
            sp = dropTo(stack, sp, sp - count);
            stack[sp++] = list;
            pc += 2;
            continue;
          }
          case 57: {
            // CONS
            const tail = stack[sp - 1];
            if (!(tail instanceof Cons) && !(tail instanceof Nil)) throw noListTail(tail!);
            stack[sp - 2] = new Cons(stack[sp - 2]!, tail);
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 58: {
            // APPEND
            const count = code[pc + 1]!;
            const tail = stack[sp - 1];
            if (!(tail instanceof Cons) && !(tail instanceof Nil)) throw typeError("a list can only go on with a List");
            const list = listOf(stack, sp - 1 - count, sp - 1, tail);
            reductions -= count >> 3;
            sp = dropTo(stack, sp, sp - 1 - count);
            stack[sp++] = list;
            pc += 2;
            continue;
          }
          case 59: // LIST_BEGIN
            stack[sp++] = new OpenList();
            pc++;
            continue;
          case 60: {
            // LIST_ADD
            const open = stack[sp - 1];
            if (!(open instanceof OpenList)) throw typeError("LIST_ADD to what is no open list");
            open.add(stack[sp - 2]!);
            stack[sp - 2] = open;
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 61: {
            // LIST_IS_EMPTY
            const open = stack[sp - 1];
            if (!(open instanceof OpenList)) throw typeError("LIST_IS_EMPTY of what is no open list");
            stack[sp - 1] = open.isEmpty;
            pc++;
            continue;
          }
          case 62: {
            // LIST_END
            const open = stack[sp - 1];
            const tail = stack[sp - 2]!;
            if (!(open instanceof OpenList)) throw typeError("LIST_END of what is no open list");
            if (!open.isEmpty) {
              if (!(tail instanceof Cons) && !(tail instanceof Nil)) throw noListTail(tail);
              stack[sp - 2] = open.close(tail);
            }
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 63: {
            // MAKE_TUPLE
            const count = code[pc + 1]!;
            const tuple = makeData(tupleType(count), stack, sp - count);
            sp = dropTo(stack, sp, sp - count);
            stack[sp++] = tuple;
            pc += 2;
            continue;
          }
          case 64: {
            // MAKE_MAP
            const count = code[pc + 1]! * 2;
            const map = mapOf(stack, sp - count, sp);
            reductions -= count >> 2;
            sp = dropTo(stack, sp, sp - count);
            stack[sp++] = map;
            pc += 2;
            continue;
          }
          case 65: {
            // MAKE_SET
            const count = code[pc + 1]!;
            const set = setOf(stack, sp - count, sp);
            reductions -= count >> 2;
            sp = dropTo(stack, sp, sp - count);
            stack[sp++] = set;
            pc += 2;
            continue;
          }
          case 66: // MAKE_DATA
          case 67: {
            // MAKE_MUTABLE
            const count = code[pc + 2]!;
            if (code[pc] === 67) process.mayHoldMutables = true; // MAKE_MUTABLE
            const data = makeData(dataTypes[code[pc + 1]!]!, stack, sp - count);
            sp = dropTo(stack, sp, sp - count);
            stack[sp++] = data;
            pc += 3;
            continue;
          }
          case 68: {
            // GET_FIELD.at
            const value = fieldOf(stack[sp - 1], code[pc + 1]!);
            if (value === undefined) throw typeError("GET_FIELD of what has no such field");
            stack[sp - 1] = value;
            pc += 2;
            continue;
          }
          case 69: // GET_FIELD.val
            stack[sp - 1] = fieldByName(stack[sp - 1]!, constants[code[pc + 1]!] as string);
            pc += 2;
            continue;
          case 70: // SET_FIELD.at
            setField(stack[sp - 2]!, code[pc + 1]!, stack[sp - 1]!);
            sp = dropTo(stack, sp, sp - 2);
            pc += 2;
            continue;
          case 71: // SET_FIELD.val
            setFieldByName(stack[sp - 2]!, constants[code[pc + 1]!] as string, stack[sp - 1]!);
            sp = dropTo(stack, sp, sp - 2);
            pc += 2;
            continue;
          case 72: {
            // TUPLE_ITEM
            const tuple = stack[sp - 1];
            const item = isTuple(tuple) ? fieldAt(tuple, code[pc + 1]!) : undefined;
            if (item === undefined) throw typeError("TUPLE_ITEM of what has no such item");
            stack[sp - 1] = item;
            pc += 2;
            continue;
          }
          case 73: {
            // HEAD
            const list = stack[sp - 1];
            if (!(list instanceof Cons)) throw noElements(list);
            stack[sp - 1] = list.head;
            pc++;
            continue;
          }
          case 74: {
            // TAIL
            const list = stack[sp - 1];
            if (!(list instanceof Cons)) throw noElements(list);
            stack[sp - 1] = list.tail;
            pc++;
            continue;
          }
          case 75: {
            // INDEX.val
            const element = indexOf(stack[sp - 2]!, stack[sp - 1]!, context);
            reductions -= takeCharge(context);
            if (element === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
            stack[sp - 2] = element;
            stack[--sp] = undefined;
            pc++;
            continue;
          }
          case 76: {
            // UPDATED
            const changed = updated(stack[sp - 3]!, stack[sp - 2]!, stack[sp - 1]!, context);
            reductions -= takeCharge(context);
            if (changed === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
            stack[sp - 3] = changed;
            sp = dropTo(stack, sp, sp - 2);
            pc++;
            continue;
          }

          // pattern tests
          case 77: // IS_CONS
            stack[sp - 1] = stack[sp - 1] instanceof Cons;
            pc++;
            continue;
          case 78: // IS_NIL
            stack[sp - 1] = stack[sp - 1] === NIL;
            pc++;
            continue;
          case 79: {
            // IS_TUPLE
            const tuple = stack[sp - 1];
            stack[sp - 1] = tuple instanceof Data && tuple.type === tupleType(code[pc + 1]!);
            pc += 2;
            continue;
          }
          case 80: // IS_CONSTRUCTOR
            stack[sp - 1] = isConstructor(stack[sp - 1]!, dataTypes[code[pc + 1]!]!);
            pc += 2;
            continue;
          case 81: // IS_TYPE
            stack[sp - 1] = isOfType(stack[sp - 1]!, dataTypes[code[pc + 1]!]!);
            pc += 2;
            continue;
          case 82: // IS_KIND
            stack[sp - 1] = isKind(stack[sp - 1]!, code[pc + 1]!);
            pc += 2;
            continue;
          case 83: // HAS_FIELD.val
            stack[sp - 1] = hasField(stack[sp - 1]!, constants[code[pc + 1]!] as string);
            pc += 2;
            continue;

          // failure
          case 84: // MATCH_FAIL
            throw matchFailure(constants[code[pc + 1]!] as string, stack[sp - 1]!);
          case 85: // TRY
            pc += 2;
            continue;
          case 86: // END_TRY
            pc++;
            continue;
          case 89: // CATCH
          case 87: // THROW.val
          case 88: {
            // RETHROW
            const value = stack[sp - 1]!;
            const isCatch = code[pc] === 89; // CATCH
            if (isCatch && exitRequestOf(value) === undefined) {
              pc++;
              continue;
            }
            park(process, frame, pc, sp, depth, reductions);
            const known = code[pc] === 87 ? undefined : recallTrace(process, value); // THROW.val
            const trace = unwind(machine, process, value, known);
            if (trace !== undefined) {
              machine.crash(process, value, trace);
              return reductions;
            }
            mayEnter = jit !== null;
            frame = process.frame!;
            depth = process.depth;
            fn = frame.fn;
            code = fn.code;
            stack = frame.stack;
            pc = frame.pc;
            sp = frame.sp;
            continue enter;
          }

          // processes
          case 90: {
            // SPAWN.fn
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const given = stack[sp - 1];
            if (!(given instanceof Closure) || given.arity !== 0) throw notCallable(given, 0);
            const closure = process.mayHoldMutables ? copyForSend(given, context) : given;
            reductions -= takeCharge(context);
            if (closure === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
            stack[sp - 1] = new Pid(machine.spawn(closure as Closure, closure !== given).id);
            reductions -= 1 + takeCharge(context);
            pc++;
            continue;
          }
          case 91: // SELF
            stack[sp++] = new Pid(process.id);
            pc++;
            continue;
          case 92: {
            // SEND.top
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const pid = stack[sp - 2];
            if (!(pid instanceof Pid)) throw typeError(`cannot send to what is no process: ${display(pid!)}`);
            const given = stack[sp - 1]!;
            let goesOn: boolean;
            if (cluster?.mustCarry(pid.id)) goesOn = cluster.send(pid.id, given, process);
            else {
              const message = process.mayHoldMutables ? copyForSend(given, context) : given;
              reductions -= takeCharge(context);
              if (message === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              goesOn = machine.deliver(pid.id, message as Value, message !== given, process);
            }
            reductions -= 1 + takeCharge(context);
            sp = dropTo(stack, sp, sp - 2);
            pc++;
            if (!goesOn) return park(process, frame, pc, sp, depth, reductions);
            continue;
          }
          case 93: // YIELD
            return park(process, frame, pc + 1, sp, depth, reductions);
          case 94: {
            // SLEEP.val
            const deadline = deadlineAfter(chance.monotonic(), stack[sp - 1]!);
            stack[--sp] = undefined;
            park(process, frame, pc + 1, sp, depth, reductions);
            scheduler.setTimer(process, deadline);
            transition(process, State.Sleeping);
            return reductions;
          }
          case 95: // RECEIVE_BEGIN
            if (process.hasDeadline) {
              scheduler.cancelTimer(process);
              process.hasDeadline = false;
            }
            process.scan = 0;
            pc++;
            continue;
          case 96: // RECEIVE_BEGIN_AFTER
            scheduler.cancelTimer(process);
            rareOf(process).deadlineMs = deadlineAfter(chance.monotonic(), stack[sp - 1]!);
            process.hasDeadline = true;
            process.scan = 0;
            stack[--sp] = undefined;
            pc++;
            continue;
          case 97: {
            // RECEIVE.match
            const message = mailboxNext(process);
            if (message !== undefined) {
              stack[sp++] = message;
              pc += 2;
              continue;
            }
            const target = code[pc + 1]!;
            if (process.hasDeadline && process.rare!.deadlineMs <= chance.monotonic()) {
              if (target <= pc) {
                if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
                reductions--;
              }
              if (observe !== undefined) observe({ kind: "timed-out", pid: process.id });
              scheduler.cancelTimer(process);
              process.hasDeadline = false;
              pc = target;
              continue;
            }
            park(process, frame, pc, sp, depth, reductions);
            if (process.hasDeadline && process.rare!.timer === null)
              scheduler.setTimer(process, process.rare!.deadlineMs);
            transition(process, State.Receiving);
            return reductions;
          }
          case 98: // RECEIVE_TAKE
            if (observe !== undefined) tellReceived(process, observe);
            machine.take(process);
            if (process.hasDeadline) {
              scheduler.cancelTimer(process);
              process.hasDeadline = false;
            }
            pc++;
            continue;
          case 99: // RECEIVE_SKIP
            process.scan++;
            pc++;
            continue;
          case 100: {
            // RECEIVE_MARK
            const ref = stack[--sp];
            stack[sp] = undefined;
            if (ref instanceof Ref) mailboxSeek(process, ref.id, machine.schedulers);
            pc++;
            continue;
          }
          case 101: // RECEIVE_SEEK
            if (!process.mayHoldMutables) process.scan = mailboxSeekSite(process, code[pc + 1]!);
            pc += 2;
            continue;
          case 102: // RECEIVE_KEEP
            mailboxKeepSite(process, code[pc + 1]!);
            pc += 2;
            continue;

          // mvars
          case 103: {
            // MVAR_GET
            const mvar = mvars[code[pc + 1]!]!;
            if (mvar.value === undefined) throw unsetVariable(mvar.name, "it is used before it is set");
            if (mvar.holdsMutables) {
              process.mayHoldMutables = true;
              const copy = copyForSend(mvar.value, context);
              reductions -= takeCharge(context);
              if (copy === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
              stack[sp++] = copy;
            } else stack[sp++] = mvar.value;
            if (observe !== undefined) tellMvar("read", process, mvar, observe);
            pc += 2;
            continue;
          }
          case 104: {
            // MVAR_SET
            const mvar = mvars[code[pc + 1]!]!;
            const given = stack[sp - 1]!;
            const kept = process.mayHoldMutables ? copyForSend(given, context) : given;
            reductions -= takeCharge(context);
            if (kept === PAUSED) return park(process, frame, pc, sp, depth, reductions); // I2
            mvar.value = kept;
            mvar.holdsMutables = kept !== given;
            if (observe !== undefined) tellMvar("written", process, mvar, observe);
            stack[--sp] = undefined;
            pc += 2;
            continue;
          }
          case 105: {
            // MVAR_LOCK
            if (reductions <= 0) return park(process, frame, pc, sp, depth, reductions); // I1
            const result = locks.lock(process, lockSets[code[pc + 1]!]!);
            if (result === "waits") {
              // the state is Locking already
              return park(process, frame, pc, sp, depth, reductions);
            }
            if (result !== "locked") throw deadlock(result.cycle);
            reductions--;
            pc += 2;
            continue;
          }
          case 106: {
            // MVAR_UNLOCK
            locks.unlock(process, lockSets[code[pc + 1]!]!);
            pc += 2;
            continue;
          }

          default:
            throw new InvariantBroken("opcode", { function: fn.name, pc, opcode: code[pc] });
        }
      }
    } catch (error) {
      context.charged = 0;
      jit?.reset();
      save(process, frame, pc, sp, depth, reductions);
      const raised = error instanceof Raise ? error : toRaise(error);
      if (raised === undefined) {
        machine.end(internalError(program, fn, pc, error));
        return reductions;
      }
      const trace = unwind(machine, process, raised.value);
      if (trace !== undefined) {
        machine.crash(process, raised.value, trace);
        return reductions;
      }
      mayEnter = jit !== null;
      frame = process.frame!;
      depth = process.depth;
      fn = frame.fn;
      code = fn.code;
      stack = frame.stack;
      pc = frame.pc;
      sp = frame.sp;
    }
  }
}

/** Whether the function is compiled; counts the call, and compiles what is hot. */
function isCompiled(jit: Jit, cell: CodeCell): boolean {
  return cell.native !== null || (++cell.heat > jit.threshold && jit.compile(cell));
}

/** The same of a place in its middle. */
function hasEntry(jit: Jit, cell: CodeCell, at: number): boolean {
  if (cell.entries !== null && cell.entries[at] !== undefined) return true;
  return ++cell.heat > jit.threshold && jit.compileEntry(cell, at);
}

/** Ends a slice in one line: F1, F2. */
function park(process: Process, frame: Frame, pc: number, sp: number, depth: number, reductions: number): number {
  if (CHECK) checkFrame(frame.fn, pc, sp);
  return save(process, frame, pc, sp, depth, reductions);
}

/** F1: writes back what the loop keeps in variables. */
function save(process: Process, frame: Frame, pc: number, sp: number, depth: number, reductions: number): number {
  frame.pc = pc;
  frame.sp = sp;
  process.frame = frame;
  process.depth = depth;
  return reductions;
}

/** F4: pops down to `to` and forgets what was there. */
function dropTo(stack: Stack, sp: number, to: number): number {
  for (let i = to; i < sp; i++) stack[i] = undefined;
  return to;
}

/** Makes the newest `count` operands the first slots of the frame, in its own place; everything else there is forgotten. */
function moveArguments(frame: Frame, stack: Stack, sp: number, count: number, size: number): Stack {
  const from = sp - count;
  if (size > stack.length) {
    const larger: Stack = new Array(size);
    for (let i = 0; i < count; i++) larger[i] = stack[from + i];
    frame.stack = larger;
    return larger;
  }
  for (let i = 0; i < count; i++) stack[i] = stack[from + i];
  for (let i = count; i < sp; i++) stack[i] = undefined;
  return stack;
}

/** What the work of the present instruction costs so far. */
function takeCharge(work: Work): number {
  const { charged } = work;
  work.charged = 0;
  return charged;
}

/** A host function gave the process something that may change. */
export function noteMutable(process: Process, value: Value): void {
  if (value instanceof TypedArray || value instanceof Buffer || value instanceof Reactive)
    process.mayHoldMutables = true;
}

function stackOverflow(): Raise {
  return new Raise(makePair("StackOverflow", "Stack overflow"));
}

export function deadlock(cycle: readonly { readonly name: string }[]): Raise {
  return new Raise(makePair("Deadlock", `deadlock on mvars ${cycle.map(({ name }) => name).join(", ")}`));
}

function notCallable(callee: Value | undefined, count: number): Raise {
  if (!(callee instanceof Closure)) return typeError(`cannot call what is no function: ${display(callee!)}`);
  const name = callee.name === "" ? "the function" : callee.name;
  return typeError(`${name} takes ${callee.arity} ${callee.arity === 1 ? "argument" : "arguments"}, not ${count}`);
}

/** F2, under NOSTOS_CHECK. */
function checkFrame(fn: LinkedFunction, pc: number, sp: number): void {
  const depth = fn.depths?.[pc];
  if (depth !== undefined && depth !== sp - fn.slots)
    throw new InvariantBroken("F2", { function: fn.name, pc, depth, found: sp - fn.slots });
}
