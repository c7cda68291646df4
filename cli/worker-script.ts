/**
 * Where the file is that further schedulers run: cli/worker.ts as JavaScript. In the bundle it lies beside this; from the
 * sources it is the one that was built.
 */
import { fileURLToPath } from "node:url";

export const WORKER_SCRIPT = process.env.NOSTOS_WORKER ?? fileURLToPath(new URL("../dist/worker.cjs", import.meta.url));
