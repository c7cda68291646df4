/** Compiles one generated program and compares the engines on it; what fuzz runs in bulk. */
import { compile } from "../../cli/compile.ts";
import { projectOfText } from "../../cli/project.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { describeDisagreement, disagreements, isSame, transcriptOf } from "../support/agreement.ts";
import type { Engine } from "../support/run-program.ts";
import { type GeneratedProgram, generate } from "./generator/program.ts";

/** Some programs call loops of calls in loops of calls. */
const MOST_REDUCTIONS = 60_000;
/** Every eighth program has so few frames that recursion reaches the limit, and so goes on where it is caught. */
const FEW_FRAMES = 12;

const WITHOUT_INLINING: Engine = { name: "interpreter without inlining" };

export interface GeneratedVerdict {
  readonly program: GeneratedProgram;
  /** how it ended on the interpreter; "not compiled" is a failure */
  readonly outcome: string;
  /** what is wrong, for people; empty: nothing */
  readonly problems: readonly string[];
}

export async function judgeGenerated(seed: number): Promise<GeneratedVerdict> {
  const program = generate(seed);
  const project = projectOfText("test.nos", program.text);
  const compiled = compile(project);
  if (compiled.unit === undefined) {
    const problems = [renderDiagnostics(compiled.diagnostics, { colour: false, width: 120 }, 3)];
    return { program, outcome: "not compiled", problems };
  }
  const freedom = program.sort === "single" ? "none" : program.sort;
  const hasFewFrames = seed % 8 === 0;
  const settings = { maxReductions: MOST_REDUCTIONS, ...(hasFewFrames && { maxStackFrames: FEW_FRAMES }) };
  const { first, found } = await disagreements(compiled, freedom, settings);
  const problems = found.map(describeDisagreement);
  if (!hasFewFrames) {
    // what is compiled into its callers costs what it cost, and shows in traces; but it has no frame
    const apart = await transcriptOf(compile(project, true, { inline: false }), {
      ...settings,
      engine: WITHOUT_INLINING,
    });
    if (!isSame(apart, first))
      problems.push(
        describeDisagreement({ engine: WITHOUT_INLINING.name, than: "with", seen: apart, expected: first }),
      );
  }
  if (first.outcome === "internal" || first.outcome === "load-problem") problems.push(first.err);
  return { program, outcome: first.outcome, problems };
}
