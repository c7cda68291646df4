/**
 * The prompt: whole sessions from a pipe, `repl/*.in` to `repl/*.out` (both outputs in one), and a real terminal.
 * The invariants of the machine are checked meanwhile.
 */
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nostos, nostosBin, shell } from "../support/nostos.ts";

const directory = new URL("repl/", import.meta.url);
const sessions = readdirSync(directory).filter((name) => name.endsWith(".in"));
const env = { NOSTOS_CHECK: "1" };

describe("from a pipe", () => {
  test.each(sessions)("%s", async (name) => {
    const { stdout } = await shell(`"$NOSTOS" repl < tests/cli/repl/${name} 2>&1`, { env });
    expect(stdout).toBe(readFileSync(new URL(name.replace(/\.in$/, ".out"), directory), "utf8"));
  });

  test("the exit code says whether some input has failed", async () => {
    expect(await nostos(["repl"], { stdin: "x = 1\nx\n" })).toEqual({ stdout: "1\n", stderr: "", code: 0 });
    expect((await nostos(["repl"], { stdin: "1 / 0\n2\n" })).code).toBe(1);
    expect(await nostos(["repl"], { stdin: "" })).toEqual({ stdout: "", stderr: "", code: 0 });
  });

  test("small slices change nothing", async () => {
    const run = await shell(`"$NOSTOS" repl < tests/cli/repl/definitions.in 2>&1`, {
      env: { ...env, NOSTOS_YIELD_EVERY: "1" },
    });
    expect(run.stdout).toBe(readFileSync(new URL("definitions.out", directory), "utf8"));
  });

  test("Ctrl-C ends the input that runs, not the session", async () => {
    let isSent = false;
    const run = await nostos(["repl"], {
      stdin: 'loop() = loop()\nprintln("go")\nloop()\n"alive"\n',
      onOutput: (stdout, kill) => {
        if (isSent || !stdout.includes("go")) return;
        isSent = true;
        setTimeout(() => kill("SIGINT"), 200);
      },
    });
    expect(run.stdout).toBe('go\n"alive"\n');
    expect(run.stderr).toContain("interrupted");
  });
});

/** `script` of util-linux gives a command a terminal; others of that name have other options. */
function hasScript(): boolean {
  try {
    return execFileSync("script", ["--version"], { encoding: "utf8" }).includes("util-linux");
  } catch {
    return false;
  }
}

describe("on a terminal", () => {
  // without util-linux nothing here can make a terminal
  test.skipIf(!hasScript())(
    "asks, goes on over lines, Ctrl-C drops a line and stops an input, Ctrl-D leaves",
    async () => {
      const child = spawn("script", ["-qec", `${nostosBin} repl`, "/dev/null"], {
        env: { ...process.env, NO_COLOR: "1" },
      });
      let seen = "";
      child.stdout.on("data", (data: Buffer) => {
        seen += data.toString();
      });
      /** Waits for what is new on the screen. */
      const until = async (text: string): Promise<void> => {
        await expect.poll(() => seen, { timeout: 10_000 }).toContain(text);
        seen = seen.slice(seen.indexOf(text) + text.length);
      };
      const type = (text: string): boolean => child.stdin.write(text);
      await until("nostos> ");
      type("f(a) =\n");
      await until("... ");
      type("  a + 1\n");
      await until("nostos> ");
      type("f(41)\n");
      await until("\n42");
      await until("nostos> ");
      type("(1 +\n");
      await until("... ");
      type("\x03");
      await until("nostos> ");
      type("receive { m -> m after 60000 -> 0 }\n");
      await new Promise((resolve) => setTimeout(resolve, 300));
      type("\x03");
      await until("interrupted");
      await until("nostos> ");
      const ended = new Promise((resolve) => child.on("close", resolve));
      type("\x04");
      expect(await ended).toBe(0);
    },
  );
});
