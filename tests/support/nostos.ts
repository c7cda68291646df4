/** Runs the built command as people do: a process of its own, with pipes. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const nostosBin = fileURLToPath(new URL("../../dist/nostos.cjs", import.meta.url));

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** the exit code, or the signal that ended it */
  readonly code: number | string;
}

export interface RunSettings {
  readonly stdin?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** called with everything printed on stdout so far, and a way to send a signal */
  readonly onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the built `nostos`; colours off unless the settings say otherwise. */
export function nostos(args: readonly string[], settings: RunSettings = {}): Promise<Ran> {
  return runCommand(nostosBin, args, settings);
}

/** Runs a shell line in which `$NOSTOS` is the built command. */
export function shell(line: string, settings: RunSettings = {}): Promise<Ran> {
  return runCommand("bash", ["-c", line], { ...settings, env: { NOSTOS: nostosBin, ...settings.env } });
}

function runCommand(command: string, args: readonly string[], settings: RunSettings): Promise<Ran> {
  const { FORCE_COLOR: _, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: settings.cwd ?? root,
      env: { ...inherited, NO_COLOR: "1", NOSTOS_CACHE: "off", ...settings.env }, // nobody's own cache is touched
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      settings.onOutput?.(stdout, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ stdout, stderr, code: code ?? signal ?? -1 }));
    child.stdin.on("error", () => {}); // the program may end before it has read everything
    child.stdin.end(settings.stdin ?? "");
  });
}
