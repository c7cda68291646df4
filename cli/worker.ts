/** What runs in the threads of further schedulers: a file of its own in dist/. */
import { runWorker } from "../vm/cluster/worker.ts";
import { NATIVES } from "../vm/host/natives/index.ts";
import { tracer } from "./trace.ts";

runWorker(NATIVES, tracer);
