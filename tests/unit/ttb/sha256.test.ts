import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256 } from "../../../cli/sha256.ts";

test("SHA-256 is Node's, at every length around the blocks and of a large text", () => {
  for (const length of [...Array(200).keys(), 1_000_003]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 197 + length) & 0xff);
    expect(sha256(bytes), `${length} bytes`).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});
