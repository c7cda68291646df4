/** How a machine compiles hot code: plain data, so that a worker can be started with it. */

export interface JitOptions {
  /** calls and loop turns after which a function is compiled; from 1 */
  readonly threshold: number;
}

/** Compiling a small function takes about as long as interpreting it so often; 0 would compile nothing. */
export const DEFAULT_THRESHOLD = 500;

/** What holds when nobody asked for anything: NOSTOS_JIT_THRESHOLD, or what ships. */
export function defaultJit(): JitOptions | undefined {
  const threshold = Number(process.env.NOSTOS_JIT_THRESHOLD ?? DEFAULT_THRESHOLD);
  return threshold > 0 ? { threshold } : undefined;
}
