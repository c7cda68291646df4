/** Runs programs one after another and says of each whether it ended as programs may. */
import { parentPort, workerData } from "node:worker_threads";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { runText } from "../support/run-program.ts";

export interface Verdict {
  readonly index: number;
  /** "fine", or what is wrong */
  readonly verdict: string;
}

const { programs, from } = workerData as { programs: readonly string[]; from: number };

void (async () => {
  for (let index = from; index < programs.length; index++) {
    parentPort?.postMessage({ index, verdict: await judge(programs[index] as string) } satisfies Verdict);
  }
})();

async function judge(text: string): Promise<string> {
  try {
    const { outcome, diagnostics } = await runText(text, { maxReductions: 1_000_000, maxStackFrames: 100_000 });
    renderDiagnostics(diagnostics, { colour: false, width: 80 }, 20);
    const bug = diagnostics.find(({ code }) => code === "internal");
    if (bug !== undefined) return `${bug.message} ${bug.notes?.join(" ") ?? ""}`;
    if (outcome !== "returned" && outcome !== "broken-pipe" && diagnostics.length === 0)
      return `${outcome} without a diagnostic`;
    return "fine";
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
