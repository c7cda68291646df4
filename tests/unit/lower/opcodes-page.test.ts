import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { opcodesPage } from "../../../docs/generate-opcodes.ts";

test("docs/opcodes.md is what the table and the compiler say today (vitest -u writes it)", async () => {
  await expect(opcodesPage()).toMatchFileSnapshot(fileURLToPath(new URL("../../../docs/opcodes.md", import.meta.url)));
});
