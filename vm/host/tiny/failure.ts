/**
 * What the operating system says when something cannot be done, in the words of TinyTotVM, which are Rust's:
 * `File operation failed on NAME: No such file or directory (os error 2)`.
 */
import { getSystemErrorMap } from "node:util";
import { TinyError } from "../../interp/tiny/errors.ts";

/** Where libuv's words are others than the system's own. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ["EISDIR", "Is a directory"],
  ["EADDRINUSE", "Address already in use"],
  ["EMFILE", "Too many open files"],
]);

/** Errors of Node's that have no number. */
const WITHOUT_NUMBER: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "failed to lookup address information: Name or service not known"],
  ["EAI_AGAIN", "failed to lookup address information: Temporary failure in name resolution"],
  ["ERR_INVALID_ARG_VALUE", "file name contained an unexpected NUL byte"],
]);

/**
 * The error for the program, if it is one of the outside; another is given back as it is.
 * @param name  what could not be worked with
 */
export function failureOf(name: string, error: unknown): unknown {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (error instanceof TinyError || !(error instanceof Error) || typeof code !== "string") return error;
  if (error.name === "AbortError") return error;
  const said = WITHOUT_NUMBER.get(code) ?? (typeof errno === "number" ? osErrorText(errno) : undefined) ?? message;
  return fileError(name, said);
}

export function fileError(name: string, said: string): TinyError {
  return new TinyError(`File operation failed on ${name}: ${said}`);
}

/** @param errno  negative, as Node has it; undefined: it is none */
export function osErrorText(errno: number): string | undefined {
  const known = getSystemErrorMap().get(errno);
  if (known === undefined) return undefined;
  const [code, words] = known;
  const said = OTHER_WORDS.get(code) ?? words.charAt(0).toUpperCase() + words.slice(1);
  return `${said} (os error ${-errno})`;
}

/** The same promise, whose errors are for the program. */
export async function namedAs<T>(name: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw failureOf(name, error);
  }
}
