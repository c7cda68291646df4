/** The interpreter's short ways for small Ints agree with the arithmetic of vm/values. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { add, divide, modulo, multiply, subtract } from "../../../vm/values/numbers.ts";
import { lessThan } from "../../../vm/values/order.ts";
import type { Value } from "../../../vm/values/value.ts";
import { runAsm } from "../../support/machine.ts";

const OPERATIONS: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  ADD: add,
  "ADD.val": add,
  SUB: subtract,
  "SUB.val": subtract,
  MUL: multiply,
  "MUL.val": multiply,
  DIV: divide,
  "DIV.val": divide,
  MOD: modulo,
  "LT.val": lessThan,
};
const CORNERS = [0, 1, -1, 2, -2, 7, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1];
const int = fc.oneof(fc.constantFrom(...CORNERS), fc.integer(), fc.maxSafeInteger());

test.each(Object.keys(OPERATIONS))("%s of Ints", async (name) => {
  await fc.assert(
    fc.asyncProperty(int, int, async (a, b) => {
      fc.pre(b !== 0);
      const { outcome } = await runAsm(`fn main/0\n PUSH_CONST ${a}n\n PUSH_CONST ${b}n\n ${name}\n RET.val`);
      expect(outcome).toStrictEqual({ kind: "returned", value: OPERATIONS[name]!(a, b) });
    }),
  );
});
