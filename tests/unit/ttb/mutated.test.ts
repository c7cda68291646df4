/**
 * Code that was changed where the verifier cannot tell: valid opcodes and operands in the wrong places, several at once.
 */
import { expect, test } from "vitest";
import { OPCODES, type OpcodeRow } from "../../../vm/bytecode/opcodes.ts";
import type { Unit } from "../../../vm/bytecode/unit.ts";
import { verify } from "../../../vm/bytecode/verify.ts";
import { randomInt, seededRandom } from "../../support/random.ts";
import { runLimited, unitOf } from "./support.ts";

const ROWS: readonly OpcodeRow[] = OPCODES;

const PROGRAMS = [
  `
main() = {
  squares = [x * x for x in range(20) if x % 2 == 0]
  table = %{"a": 1, "b": 2}
  seen = #{1, 2, 3}
  text = map(sort(squares), x => "\${x}").join(", ")
  (text, table["a"], seen[2], reverse(squares), sum(squares))
}
`,
  `
mvar hits: Int = 0
type Tree = Leaf | Node(Tree, Int, Tree)
insert(Leaf, v) = Node(Leaf, v, Leaf)
insert(Node(l, x, r), v) = if v < x then Node(insert(l, v), x, r) else Node(l, x, insert(r, v))
toList(Leaf) = []
toList(Node(l, x, r)) = toList(l) ++ [x] ++ toList(r)
work(parent, n) = {
  hits = hits + 1
  parent <- try { if n == 2 then throw("two") else n } catch { e -> e } finally { hits = hits + 1 }
}
main() = {
  me = self()
  for n = 0 to 4 { spawn { work(me, n) } }
  got = [receive { v -> "\${v}" after 50 -> "none" } for _ in range(4)]
  var i = 0
  while i < 5 { i = i + 1 }
  (toList(insert(insert(insert(Leaf, 3), 1), 2)), length(got), i, hits)
}
`,
];

/** The same length of instruction, or an operand from somewhere else: what a verifier lets through most often. */
function changed(unit: Unit, random: () => number): Unit {
  const functions = unit.functions.map((fn) => ({ ...fn, code: fn.code.slice() }));
  for (let count = 1 + randomInt(random, 4); count > 0; count--) {
    const { code } = functions[randomInt(random, functions.length)]!;
    const starts: number[] = [];
    for (let at = 0; at < code.length; at += 1 + ROWS[code[at]!]!.operands.length) starts.push(at);
    const at = starts[randomInt(random, starts.length)]!;
    const { operands, pops, pushes } = ROWS[code[at]!]!;
    if (operands.length > 0 && random() < 0.4) {
      code[at + 1 + randomInt(random, operands.length)] = randomInt(random, 12);
      continue;
    }
    const likely = ROWS.map((row, opcode) => ({ row, opcode })).filter(
      ({ row }) =>
        row.operands.length === operands.length && (random() < 0.2 || (row.pops === pops && row.pushes === pushes)),
    );
    code[at] = likely[randomInt(random, likely.length)]!.opcode;
  }
  return { ...unit, functions };
}

test.each(PROGRAMS.map((text, index) => [index, text] as const))(
  "programs with wrong instructions, program %i",
  async (_, text) => {
    const unit = unitOf(text);
    let ran = 0;
    for (let seed = 0; seed < Number(process.env.NOSTOS_FUZZ ?? 1500); seed++) {
      const mutant = changed(unit, seededRandom(seed));
      if ("problem" in verify(mutant)) continue;
      const { outcome } = await runLimited(mutant);
      if (outcome.kind === "internal") expect.fail(`seed ${seed}: ${outcome.opcode} ${outcome.message}`);
      ran++;
    }
    expect(ran).toBeGreaterThan(100);
  },
  120_000,
);
