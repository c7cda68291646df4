/**
 * The storm of storm.nos, whole: 10,000 supervised workers that are asked and killed, for 20 minutes of virtual time under a
 * seed, twice, and then for 20 seconds with each of 1, 2 and 4 schedulers.
 *
 *     npm run build && npm run storm [-- seeded | real]
 *
 * Ends with 1 if a request was not answered for, something is left, a restart limit was not honoured, or the two seeded
 * runs differ in a byte. tests/stress/storm.test.ts runs a short form.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

const WORKERS = 10_000;
const SEEDED = [WORKERS, 20 * 60_000, 100, 100, 50];
const REAL = [WORKERS, 20_000, 100, 2, 100];

const root = fileURLToPath(new URL("../..", import.meta.url));
const part = process.argv[2];

/** What a run prints on stdout, and a hash of all its output. */
function storm(options, numbers) {
  const args = ["run", ...options, "bench/limits/storm.nos", ...numbers.map(String)];
  const child = spawn(`${root}dist/nostos.cjs`, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const hash = { out: createHash("sha256"), err: createHash("sha256") };
  let shown = "";
  let last = "";
  child.stdout.on("data", (bytes) => {
    hash.out.update(bytes);
    shown += bytes;
  });
  child.stderr.on("data", (bytes) => {
    hash.err.update(bytes);
    last = (last + bytes).slice(-2000);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      if (code !== 0) {
        process.exitCode = 1;
        console.error(last);
      }
      resolve({ shown: shown.trim(), hash: `${hash.out.digest("hex")} ${hash.err.digest("hex")}` });
    });
  });
}

if (part !== "real") {
  const start = Date.now();
  const [first, second] = [await storm(["--seed", "1"], SEEDED), await storm(["--seed", "1"], SEEDED)];
  console.log(`20 virtual minutes, ${((Date.now() - start) / 2000).toFixed(0)} s each\n${first.shown}`);
  if (first.hash !== second.hash) process.exitCode = 1;
  console.log(first.hash === second.hash ? "twice the same to the byte\n" : "NOT the same twice\n");
}
if (part !== "seeded") {
  for (const schedulers of [1, 2, 4]) {
    const { shown } = await storm(["--schedulers", String(schedulers)], REAL);
    console.log(`20 seconds, ${schedulers} scheduler${schedulers === 1 ? "" : "s"}\n${shown}\n`);
  }
}
