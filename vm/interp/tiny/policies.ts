/** What LIMIT_MAILBOX may say of a message for a mailbox that is full (process/bounds.ts). The words are ours, as TinyTotVM bounds none. */
import type { Policy } from "../../process/bounds.ts";

export function isPolicy(text: string): text is Policy {
  return text === "block" || text === "drop" || text === "crash";
}
