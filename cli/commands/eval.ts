/** `nostos eval`: runs a piece of program given as text; its last value is printed like what main returns. */
import type { ExitCode } from "../exit-codes.ts";
import { projectOfText } from "../project.ts";
import { type RunOptions, runProject } from "./run.ts";

export function evaluate(text: string, programArgs: readonly string[], options: RunOptions): Promise<ExitCode> {
  return runProject(projectOfText("<eval>", text), programArgs, options);
}
