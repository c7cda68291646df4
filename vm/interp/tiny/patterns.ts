/**
 * What RECEIVE_MATCH takes: `any`, `value`, `int`, `float`, `string`, `bool`, `null`, `list`, `object`, `exit`, `down`, the
 * last two also with the number of a process, and `starts TEXT`.
 *
 * TinyTotVM has such patterns in its machine, but no way to write them in assembly; the words are ours.
 * Stays true: a message that tells of an end is of no kind but `any`, `exit` and `down`, though RECEIVE gives a text for it.
 */
import { fieldAt } from "../../values/data.ts";
import { DOWN, EXIT } from "../../values/data-types.ts";
import { isInt } from "../../values/kind.ts";
import { asFloat } from "../../values/tiny-text.ts";
import { Cons, Data, Nil, Null, type Pid, TinyObject, type Value } from "../../values/value.ts";

const KINDS: Readonly<Record<string, (message: Value) => boolean>> = {
  any: () => true,
  value: (message) => !(message instanceof Data),
  int: isInt,
  float: (message) => asFloat(message) !== undefined,
  string: (message) => typeof message === "string",
  bool: (message) => typeof message === "boolean",
  null: (message) => message instanceof Null,
  list: (message) => message instanceof Cons || message instanceof Nil,
  object: (message) => message instanceof TinyObject,
};

const OF_ENDS = /^(exit|down)(?: +([0-9]+))?$/;
const PREFIX = /^starts +"?(.*?)"?$/s;

/** Whether a message fits a pattern; undefined: it is no pattern. */
export function messagePattern(text: string): ((message: Value) => boolean) | undefined {
  const prefix = PREFIX.exec(text)?.[1];
  if (prefix !== undefined) return (message) => typeof message === "string" && message.startsWith(prefix);
  const end = OF_ENDS.exec(text);
  if (end === null) return Object.hasOwn(KINDS, text) ? KINDS[text] : undefined;
  const [, kind, pid] = end;
  const type = kind === "exit" ? EXIT : DOWN;
  const place = kind === "exit" ? 0 : 1;
  return (message) =>
    message instanceof Data &&
    message.type === type &&
    (pid === undefined || (fieldAt(message, place) as Pid).id === Number(pid));
}
