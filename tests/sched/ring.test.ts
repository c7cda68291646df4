/** Rings in shared memory: what goes in comes out, whatever the sizes; also between two threads that run at once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import fc from "fast-check";
import { expect, test } from "vitest";
import { newRing, RingReader, RingWriter } from "../../vm/cluster/ring.ts";

/** Of this length, its bytes different from those of its neighbours. */
function chunkOf(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + seed * 13) & 255);
}

test("chunks come out as they went in, in order, larger than the ring too; who waits for room is told", () => {
  const step = fc.oneof(
    fc.record({ write: fc.oneof(fc.nat(6), fc.nat(100)) }),
    fc.record({ takes: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), fc.array(step, { maxLength: 60 }), (bits, steps) => {
      const ring = newRing(2 ** bits);
      const writer = new RingWriter(ring);
      let isTold = false;
      const reader = new RingReader(ring, () => {
        isTold = true;
      });
      const expected: Uint8Array[] = [];
      const take = (): boolean => {
        const chunk = reader.take();
        if (chunk !== undefined) expect(chunk).toEqual(expected.shift());
        if (!isTold) return chunk !== undefined;
        isTold = false;
        writer.flush();
        return true;
      };
      for (const [i, each] of steps.entries()) {
        if ("write" in each) {
          const chunk = chunkOf(each.write, i);
          expected.push(chunk);
          writer.write(chunk);
        } else for (let n = 0; n < each.takes; n++) take();
      }
      // R3: only what the reader says moves the writer from here on
      while (take() || reader.hasMail);
      expect([expected.length, writer.hasLeft]).toEqual([0, false]);
    }),
    { numRuns: 400 },
  );
});

test("positions wrap at 2^32", () => {
  const ring = newRing(64);
  const words = new Int32Array(ring);
  const start = 2 ** 31 - 20;
  words[0] = words[16] = start;
  const writer = new RingWriter(ring);
  const reader = new RingReader(ring, () => {});
  Object.assign(writer, { head: start, tail: start });
  Object.assign(reader, { head: start, tail: start });
  for (let i = 0; i < 10; i++) {
    writer.write(chunkOf(i * 3, i));
    expect(reader.take()).toEqual(chunkOf(i * 3, i));
  }
});

/** The reader's thread: checks the chunks, and rings a bell when it has made room. */
const READER = `
import { parentPort, workerData } from "node:worker_threads";
import { RingReader } from "../../vm/cluster/ring.ts";
const { ring, bells, count } = workerData as { ring: SharedArrayBuffer; bells: Int32Array; count: number };
const reader = new RingReader(ring, () => { Atomics.add(bells, 0, 1); Atomics.notify(bells, 0); });
for (let i = 0; i < count; ) {
  const heard = Atomics.load(bells, 1);
  const chunk = reader.take();
  if (chunk === undefined) { if (!reader.hasMail) Atomics.wait(bells, 1, heard, 10_000); continue; }
  if (chunk.length !== (i * 31) % 97 || chunk.some((byte) => byte !== (i & 255))) throw new Error("chunk " + i);
  i++;
}
parentPort!.postMessage("all");
`;

test.each([
  [8, 3_000],
  [64, 20_000],
  [4096, 20_000],
])("two threads, a ring of %i bytes, %i chunks", async (capacity, count) => {
  const folder = mkdtempSync(join(tmpdir(), "nostos-ring-"));
  const outfile = join(folder, "reader.mjs");
  const stdin = { contents: READER, loader: "ts" as const, resolveDir: import.meta.dirname };
  await build({ stdin, bundle: true, platform: "node", format: "esm", outfile });
  const ring = newRing(capacity);
  const bells = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(outfile, { workerData: { ring, bells, count } });
  const answer = new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  const writer = new RingWriter(ring);
  const wakeReader = (): void => {
    Atomics.add(bells, 1, 1);
    Atomics.notify(bells, 1);
  };
  for (let i = 0; i < count; i++) {
    writer.write(new Uint8Array((i * 31) % 97).fill(i));
    wakeReader();
    while (writer.hasLeft) {
      const heard = Atomics.load(bells, 0);
      const isAll = writer.flush();
      wakeReader(); // before the wait, or both wait for each other
      if (!isAll) Atomics.wait(bells, 0, heard, 10_000);
    }
  }
  expect(await answer).toBe("all");
  await worker.terminate();
  rmSync(folder, { recursive: true });
});
