/** docs/opcode-shares.md is what the compiler makes of the tests' programs, within a point. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { countInstructions, opcodeSharesPage } from "../../../docs/generate-opcode-shares.ts";
import { nameOf, OPCODES } from "../../../vm/bytecode/opcodes.ts";
import { programsBelow } from "../../support/programs.ts";

const PAGE = fileURLToPath(new URL("../../../docs/opcode-shares.md", import.meta.url));
/** in percentage points; less than this is not worth a changed page with every new program */
const TOLERANCE = 1;

/** row → its percentages */
function shares(page: string): Map<string, number[]> {
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && line.includes(" %"));
  return new Map(
    rows.map((row) => [row.split(" | ")[0]!, [...row.matchAll(/([\d.]+) %/g)].map(([, share]) => Number(share))]),
  );
}

function isAboutRight(page: string, computed: string): boolean {
  const [old, now] = [shares(page), shares(computed)];
  const none = [0, 0, 0];
  return [...old.keys(), ...now.keys()].every((row) =>
    (now.get(row) ?? none).every((share, i) => Math.abs(share - (old.get(row) ?? none)[i]!) <= TOLERANCE),
  );
}

test("shares of instructions (vitest -u writes the page when it is off by more than a point)", {
  timeout: 300_000,
}, async () => {
  const counts = countInstructions(["tests/lang", "examples"].flatMap(programsBelow).map(({ path }) => path));
  const computed = opcodeSharesPage(counts);
  const [own, forms, others] = ["TinyTotVM mnemonics, its", "TinyTotVM mnemonics, a form", "no TinyTotVM"].map(
    (title) => [...shares(computed)].find(([row]) => row.startsWith(`| ${title}`))![1],
  );
  for (const column of [0, 1, 2]) expect(own![column]! + forms![column]! + others![column]!).toBeCloseTo(100, 0);
  // a row that only TinyTotVM code may hold is in no program of the language
  OPCODES.forEach((row, i) => {
    if (row.dialect === "tiny") expect(counts.ofPrograms[i]! + counts.ofStdlib[i]!).toBe(0);
  });
  // docs/opcodes.md shows where each instruction comes from: what is missing needs a construct in docs/generate-opcodes.ts
  const listings = readFileSync(PAGE.replace("opcode-shares", "opcodes"), "utf8");
  const emitted = OPCODES.filter((_, i) => counts.ofPrograms[i]! + counts.ofStdlib[i]! > 0).map(nameOf);
  expect(
    emitted.filter((name) => !new RegExp(`^ +\\d+  ${name.replace(".", "\\.")}( |$)`, "m").test(listings)),
  ).toEqual([]);
  if (!existsSync(PAGE) || !isAboutRight(readFileSync(PAGE, "utf8"), computed))
    await expect(computed).toMatchFileSnapshot(PAGE);
});
