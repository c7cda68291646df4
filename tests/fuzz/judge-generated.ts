/** Compiles one generated program and compares the engines on it; what fuzz runs in bulk. */
import { compile } from "../../cli/compile.ts";
import { projectOfText } from "../../cli/project.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { describeDisagreement, disagreements } from "../support/agreement.ts";
import { type GeneratedProgram, generate } from "./generator/program.ts";

/** Some programs call loops of calls in loops of calls. */
const MOST_REDUCTIONS = 60_000;
/** Every eighth program has so few frames that recursion reaches the limit, and so goes on where it is caught. */
const FEW_FRAMES = 12;

export interface GeneratedVerdict {
  readonly program: GeneratedProgram;
  /** how it ended on the interpreter; "not compiled" is a failure */
  readonly outcome: string;
  /** what is wrong, for people; empty: nothing */
  readonly problems: readonly string[];
}

export async function judgeGenerated(seed: number): Promise<GeneratedVerdict> {
  const program = generate(seed);
  const compiled = compile(projectOfText("test.nos", program.text));
  if (compiled.unit === undefined) {
    const problems = [renderDiagnostics(compiled.diagnostics, { colour: false, width: 120 }, 3)];
    return { program, outcome: "not compiled", problems };
  }
  const { first, found } = await disagreements(compiled, program.sort === "single" ? "none" : program.sort, {
    maxReductions: MOST_REDUCTIONS,
    ...(seed % 8 === 0 && { maxStackFrames: FEW_FRAMES }),
  });
  const problems = found.map(describeDisagreement);
  if (first.outcome === "internal" || first.outcome === "load-problem") problems.push(first.err);
  return { program, outcome: first.outcome, problems };
}
