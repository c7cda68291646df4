/**
 * What a process must remember to go on: one Frame a call, on the heap, linked from callee to caller.
 *
 *   Frame { fn, pc, sp, parent, stack }        stack: slot 0 .. slots-1, then operands up to sp
 *
 * F1  At a safepoint everything a process needs is in its frames, its mailbox and its process object; nothing is left in
 *     variables of the interpreter.
 * F2  `sp - fn.slots` is the number of operands at `pc`, and equals the depth that the verifier computed; only while a
 *     host function is waited for, its arguments are gone already.
 * F3  In a frame that is not the newest, `pc` is the word behind the call, and the call's arguments are gone from `stack`.
 * F4  Places of `stack` from `sp` on hold nothing that is large: what pops a value that may be large clears its place,
 *     and a call clears the places of its arguments.
 *
 * Only the interpreter, unwind.ts and exits of compiled code write frames. One object and one array a call were measured against one array a
 * call and against one array a process; see docs/decisions/0004-interpreter.md.
 */
import type { Value } from "../values/value.ts";
import type { LinkedFunction } from "./program.ts";

export class Frame {
  fn: LinkedFunction;
  pc: number;
  sp: number;
  parent: Frame | null;
  stack: (Value | undefined)[];

  constructor(fn: LinkedFunction, parent: Frame | null, stack: (Value | undefined)[]) {
    this.fn = fn;
    this.pc = 0;
    this.sp = fn.slots;
    this.parent = parent;
    this.stack = stack;
  }
}
