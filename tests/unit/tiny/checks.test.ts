/** `ttvm test-…` finds out what does not hold: wrong lines, a wrong order in some interleaving, a program that waits or is none. */
import { expect, test } from "vitest";
import { type Check, failureOf } from "../../../cli/ttvm/checks.ts";

const check = (program: string, prints: string): Check => ({ claim: "", program, prints });
const RACE = "PUSH_STR other / SPAWN / STORE x / PUSH_STR main / PRINT / HALT / LABEL other / PUSH_STR other / PRINT";

test("what holds in every interleaving passes", async () => {
  expect(await failureOf(check("PUSH_INT 1 / PRINT", "1"))).toBeUndefined();
  expect(await failureOf({ ...check(RACE, "other / main"), inAnyOrder: true })).toBeUndefined();
});

test.each([
  ["PUSH_INT 2 / PRINT", "1", /^ +seed 1, ended: returned, printed:\n2\n$/],
  [RACE, "main / other", /printed:\nother\nmain\n$/],
  [RACE, "other / main", /printed:\nmain\nother\n$/],
  ["RECEIVE", "", /ended: stuck/],
  ["LOAD x", "", /ended: failed/],
  ["LABEL l / YIELD / JMP l", "", /ended: reduction-budget/],
  ["FOO", "", /there is no instruction `FOO`/],
])("%s", async (program, prints, said) => {
  expect(await failureOf(check(program, prints))).toMatch(said);
});
