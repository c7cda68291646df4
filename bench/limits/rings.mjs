/**
 * What it costs to get bytes from one thread to another: rings in shared memory (vm/cluster/ring.ts) against message ports.
 *
 *     node bench/limits/rings.mjs          two threads: the machine should have two cores to spare
 *
 * One way: messages of 16 bytes, each alone and gathered in chunks as a scheduler does between slices. Round trip: one
 * message there and one back; the waiting thread spins for some microseconds and then sleeps, or sleeps at once. Medians
 * of 7. Both ends: no second thread at all.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageChannel, Worker } from "node:worker_threads";
import { buildSync } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "nostos-rings-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const MESSAGE_BYTES = 16;
const GATHERED = 256;
const RING_BYTES = 64 * 1024;
const SPINS = 1_000; // some microseconds, as a scheduler would
const REPEATS = 7;

const CODE = `
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { RingReader, RingWriter } from ${JSON.stringify(join(root, "vm/cluster/ring.ts"))};
import { ring as ringBell } from ${JSON.stringify(join(root, "vm/cluster/protocol/wake.ts"))};
import { bellOf, sharedMemory, sleepsOf } from ${JSON.stringify(join(root, "vm/cluster/protocol/memory.ts"))};

const { me, rings, words, port, results, repeats, sizes } = workerData;
const { messageBytes, gathered, spins } = sizes;
const memory = sharedMemory(words);
const other = 1 - me;
const writer = new RingWriter(rings[me]);
const reader = new RingReader(rings[other], () => ringBell(memory, other));

/** Until the bell says something else than \`seen\`. */
function rest(seen, mostSpins) {
  for (let i = 0; i < mostSpins; i++) if (Atomics.load(words, bellOf(me)) !== seen) return;
  Atomics.store(words, sleepsOf(me), 1);
  Atomics.wait(words, bellOf(me), seen);
  Atomics.store(words, sleepsOf(me), 0);
}

function take(mostSpins) {
  for (;;) {
    const seen = Atomics.load(words, bellOf(me));
    const chunk = reader.take();
    if (chunk !== undefined) return chunk;
    if (!reader.hasMail) rest(seen, mostSpins);
  }
}

function send(chunk) {
  writer.write(chunk);
  ringBell(memory, other);
  while (writer.hasLeft) {
    const seen = Atomics.load(words, bellOf(me));
    const isAll = writer.flush();
    ringBell(memory, other);
    if (!isAll) rest(seen, spins);
  }
}

function takePort(isSpinning) {
  for (;;) {
    const got = receiveMessageOnPort(port);
    if (got !== undefined) return got.message;
    if (!isSpinning) throw new Error("not yet");
  }
}

const timed = (count, run) => {
  const start = process.hrtime.bigint();
  run(count);
  return Number(process.hrtime.bigint() - start) / 1000 / count;
};

const CASES = {
  ringAlone: { count: 500_000, one: (n) => { for (let i = 0; i < n; i++) send(new Uint8Array(messageBytes)); take(spins); },
    two: (n) => { for (let i = 0; i < n; i++) take(spins); send(new Uint8Array(1)); } },
  ringGathered: { count: 8_000, one: (n) => { for (let i = 0; i < n; i++) send(new Uint8Array(messageBytes * gathered)); take(spins); },
    two: (n) => { for (let i = 0; i < n; i++) take(spins); send(new Uint8Array(1)); } },
  portAlone: { count: 100_000, one: (n) => { for (let i = 0; i < n; i++) port.postMessage(new Uint8Array(messageBytes)); takePort(true); },
    two: (n) => { for (let i = 0; i < n; i++) takePort(true); port.postMessage(null); } },
  portGathered: { count: 8_000, one: (n) => { for (let i = 0; i < n; i++) { const chunk = new Uint8Array(messageBytes * gathered); port.postMessage(chunk, [chunk.buffer]); } takePort(true); },
    two: (n) => { for (let i = 0; i < n; i++) takePort(true); port.postMessage(null); } },
  ringTripSpinning: { count: 20_000, one: (n) => { for (let i = 0; i < n; i++) { send(new Uint8Array(messageBytes)); take(spins); } },
    two: (n) => { for (let i = 0; i < n; i++) send(take(spins)); } },
  ringTripSleeping: { count: 5_000, one: (n) => { for (let i = 0; i < n; i++) { send(new Uint8Array(messageBytes)); take(0); } },
    two: (n) => { for (let i = 0; i < n; i++) send(take(0)); } },
};

/** Both ends in one thread: what the two sides cost together, without any waiting; CPU time, so it holds on a loaded machine. */
function work(name, count, bytes) {
  const own = new RingWriter(rings[2]);
  const back = new RingReader(rings[2], () => {});
  const chunk = new Uint8Array(bytes);
  const start = process.cpuUsage().user;
  for (let i = 0; i < count; i++) {
    own.write(chunk);
    back.take();
  }
  results.postMessage({ name, us: (process.cpuUsage().user - start) / count });
}

for (let repeat = 0; repeat < repeats; repeat++) {
  for (const [name, { count, one, two }] of Object.entries(CASES)) {
    send(new Uint8Array(1));
    take(spins); // both begin
    const us = timed(count, me === 0 ? one : two);
    if (me === 0) results.postMessage({ name, us });
  }
  // a round trip by ports goes through both event loops, as a scheduler that sleeps needs it
  send(new Uint8Array(1));
  take(spins);
  const trips = 5_000;
  await new Promise((resolve) => {
    let left = trips;
    const start = process.hrtime.bigint();
    port.on("message", () => {
      if (me === 1) port.postMessage(new Uint8Array(messageBytes));
      if (--left > 0) {
        if (me === 0) port.postMessage(new Uint8Array(messageBytes));
        return;
      }
      if (me === 0) results.postMessage({ name: "portTrip", us: Number(process.hrtime.bigint() - start) / 1000 / trips });
      port.removeAllListeners("message");
      resolve();
    });
    if (me === 0) port.postMessage(new Uint8Array(messageBytes));
  });
}
if (me === 0) {
  for (let repeat = 0; repeat < repeats; repeat++) {
    work("workAlone", 500_000, messageBytes);
    work("workGathered", 20_000, messageBytes * gathered);
  }
}
process.exit(0);
`;

const outfile = join(folder, "rings.mjs");
const stdin = { contents: CODE, loader: "js", resolveDir: root };
buildSync({ stdin, bundle: true, platform: "node", format: "esm", outfile, external: ["node:*"] });
const HEADER_BYTES = 48 * 4;
const rings = [0, 1, 2].map(() => new SharedArrayBuffer(HEADER_BYTES + RING_BYTES));
const words = new Int32Array(new SharedArrayBuffer(1024));
const { port1, port2 } = new MessageChannel();
const report = new MessageChannel();
const sizes = { messageBytes: MESSAGE_BYTES, gathered: GATHERED, spins: SPINS };
const seen = new Map();
report.port1.on("message", ({ name, us }) => seen.set(name, [...(seen.get(name) ?? []), us]));
const ended = [port1, port2].map((port, me) => {
  const results = me === 0 ? report.port2 : null;
  const workerData = { me, rings, words, port, results, repeats: REPEATS, sizes };
  const worker = new Worker(outfile, { workerData, transferList: me === 0 ? [port, results] : [port] });
  return new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
});
await Promise.all(ended);

const median = (name) => seen.get(name).sort((a, b) => a - b)[REPEATS >> 1];
const ns = (name) => (1000 * median(name)).toFixed(0);
const perSecond = (name, each = 1) => `${(each / median(name)).toFixed(2)} million messages a second`;
console.log(`one way, each alone    ring ${perSecond("ringAlone")}, port ${perSecond("portAlone")}`);
console.log(
  `one way, ${GATHERED} a chunk  ring ${perSecond("ringGathered", GATHERED)}, port ${perSecond("portGathered", GATHERED)}`,
);
console.log(
  `both ends, CPU         ${ns("workAlone")} ns a chunk of ${MESSAGE_BYTES} bytes, ${ns("workGathered")} of ${MESSAGE_BYTES * GATHERED}`,
);
console.log(
  `round trip             ring ${median("ringTripSpinning").toFixed(1)} µs spinning, ` +
    `${median("ringTripSleeping").toFixed(1)} sleeping; port ${median("portTrip").toFixed(1)}`,
);
