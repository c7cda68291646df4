/** Which code may load a slot: what was set on every way to it. */
import { describe, expect, test } from "vitest";
import { verify } from "../../../vm/bytecode/verify.ts";
import { assemble } from "../../support/assemble.ts";

describe("slots are set before they are used", () => {
  test.each([
    ["never", "fn main/0 slots=1\n LOAD 0\n RET.val"],
    ["on one of two ways", "fn main/0 slots=1\n TRUE\n JZ over\n TRUE\n STORE 0\n over:\n LOAD 0\n RET.val"],
    [
      "only inside a TRY that may have ended before",
      "fn main/0 slots=1\n TRY caught\n TRUE\n STORE 0\n END_TRY\n LOAD 0\n RET.val\n caught:\n POP\n LOAD 0\n RET.val",
    ],
    ["in a loop after its use", "fn main/0 slots=1\n again:\n LOAD 0\n STORE 0\n JMP again"],
  ])("refused: %s", (_, text) => {
    expect(verify(assemble(text))).toMatchObject({ problem: { code: "unset-slot" } });
  });

  test.each([
    [
      "on both ways",
      "fn main/0 slots=1\n TRUE\n JZ other\n TRUE\n STORE 0\n JMP over\n other:\n FALSE\n STORE 0\n over:\n LOAD 0\n RET.val",
    ],
    [
      "before a TRY",
      "fn main/0 slots=1\n TRUE\n STORE 0\n TRY caught\n END_TRY\n LOAD 0\n RET.val\n caught:\n POP\n LOAD 0\n RET.val",
    ],
    ["before a loop", "fn main/0 slots=1\n TRUE\n STORE 0\n again:\n LOAD 0\n STORE 0\n JMP again"],
    ["only in code that nothing reaches", "fn main/0 slots=1\n PUSH_UNIT\n RET.val\n LOAD 0\n RET.val"],
  ])("taken: %s", (_, text) => {
    expect(verify(assemble(text))).toHaveProperty("facts");
  });
});
