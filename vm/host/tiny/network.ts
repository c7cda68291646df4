/** What all operations on the network share: ports, and a limit to what may never come. */
import type { Int } from "../../bytecode/arithmetic.ts";
import { TinyError } from "../../interp/tiny/errors.ts";

/** Nothing that another machine owes us is waited for longer. A listener may wait for ever. */
const LIMIT_MS = 30_000;

export function portOf(name: string, port: Int): number {
  if (port >= 0 && port <= 0xffff) return Number(port);
  throw new TinyError(`${name} expects a port from 0 to 65535 but got ${port}`);
}

/** The work, which stops when the process is gone. @throws TimedOut when it takes too long */
export async function inTime<T>(gone: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), LIMIT_MS);
  try {
    return await work(AbortSignal.any([gone, late.signal]));
  } catch (error) {
    throw late.signal.aborted ? new TimedOut() : error;
  } finally {
    clearTimeout(timer);
  }
}

class TimedOut extends Error {
  readonly code = "ETIMEDOUT";
  constructor() {
    super("connection timed out");
  }
}
