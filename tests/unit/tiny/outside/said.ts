/** Runs programs whose lines are separated by ` / `, in the world as it is. */
import { type RunOptions, realChance } from "../../../../vm/index.ts";
import { runTtvm } from "../../../support/ttvm.ts";

/** What it prints, on lines separated by ` / `, or the text with which it fails. */
export async function said(text: string, options: Partial<RunOptions> = {}): Promise<string> {
  const { out, ended } = await runTtvm(text.split(" / ").join("\n"), { chance: realChance(), ...options });
  return ended === "returned" ? out.trimEnd().split("\n").join(" / ") : ended;
}

/** As `said`, of a program that is inside a TRY which prints what it catches, without the trace. */
export async function caught(text: string, options: Partial<RunOptions> = {}): Promise<string> {
  const shown = await said(`TRY handler / ${text} / PUSH_STR none / PRINT / HALT / LABEL handler / PRINT`, options);
  return shown.replace(/^Exception: /, "").replace(/ \/ Stack trace:.*$/s, "");
}
