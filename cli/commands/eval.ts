/** `nostos eval`: runs a piece of program given as text; its last value is printed like what main returns. */
import type { ExitCode } from "../exit-codes.ts";
import { projectOfText } from "../project.ts";
import type { RunOptions } from "./run.ts";

export async function evaluate(text: string, programArgs: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { runProject } = await import("./run.ts"); // the bundle has the machine in a file of its own
  return runProject(projectOfText("<eval>", text), "<eval>", programArgs, options);
}
