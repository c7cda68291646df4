/** Standard input: lines, characters, or all that is left. */
import type { Value } from "../../values/value.ts";
import type { InputLines, WAITING } from "../native.ts";
import { fileError } from "./failure.ts";
import { type Operation, operation, type World } from "./operation.ts";

/** @param ask  hands on what it is given to one of the questions that InputLines knows */
function question<Answer>(
  world: World,
  ask: (stdin: InputLines, answer: (text: Answer) => void) => void,
  toValue: (text: Answer) => Value | undefined,
): typeof WAITING {
  const { context } = world;
  return context.wait((done, whenGone) => {
    const answer = (text: Answer): void => {
      const value = toValue(text);
      done(value === undefined ? { thrown: fileError("stdin", "failed to fill whole buffer").text } : { value });
    };
    ask(context.stdin, answer);
    whenGone(() => context.stdin.withdraw?.(answer));
  });
}

export const INPUT_OPERATIONS = {
  READ_LINE: operation("", [], (world) =>
    question<string | undefined>(
      world,
      (stdin, answer) => stdin.readLine(answer),
      (line) => line ?? "",
    ),
  ),
  READ_CHAR: operation("", [], (world) =>
    question<string | undefined>(
      world,
      (stdin, answer) => (stdin.readCharacter === undefined ? answer(undefined) : stdin.readCharacter(answer)),
      (character) => character,
    ),
  ),
  READ_INPUT: operation("", [], (world) =>
    question<string>(
      world,
      (stdin, answer) => stdin.readAll(answer),
      (text) => text,
    ),
  ),
} as const satisfies Record<string, Operation>;
