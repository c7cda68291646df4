/** `--seed` as people give it: what is accepted, and the same bytes from every start of the command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nostos, root, shell } from "../support/nostos.ts";

/** So many starts, two at a time. */
async function outputsOf(count: number, args: (n: number) => readonly string[]): Promise<Set<string>> {
  const outputs = new Set<string>();
  let next = 0;
  const start = async (): Promise<void> => {
    while (next < count) {
      const { stdout, stderr, code } = await nostos(args(next++));
      outputs.add(`${stdout}|${stderr}|${code}`);
    }
  };
  await Promise.all([start(), start()]);
  return outputs;
}

describe("timers, random numbers and races", () => {
  test("started twenty times with one seed: one output", async () => {
    const outputs = await outputsOf(20, () => ["run", "--seed", "7", "examples/race.nos", "show"]);
    expect(outputs.size).toBe(1);
    expect([...outputs][0]).toMatch(/payments are in the till\n.*\|\|0$/s);
  }, 120_000);

  test("started with twenty seeds: several", async () => {
    const outputs = await outputsOf(20, (n) => ["--seed", `${n}`, "examples/race.nos", "show"]);
    expect(outputs.size).toBeGreaterThan(3);
  }, 120_000);

  test("crashes and their order too", async () => {
    const text = `for n = 0 to 8 { spawn { sleep(Random.int(0, 2)); panic("\${n} fails") } }
sleep(10)
panic("the end")`;
    const outputs = await outputsOf(4, () => ["eval", "--seed", "3", text]);
    expect(outputs.size).toBe(1);
    expect([...outputs][0]?.match(/: Panic: \d fails/g)).toHaveLength(8);
  }, 60_000);
});

describe("the number", () => {
  const DRAW = "[Random.int(0, 1000000) for _ in range(3)]";
  const drawn = async (seed: string) => (await nostos(["eval", "--seed", seed, DRAW])).stdout;

  test("is any one of 64 bits; a negative one is its two's complement; decimal or hexadecimal", async () => {
    expect(await drawn("-1")).toBe(await drawn("18446744073709551615"));
    expect(await drawn("0xff")).toBe(await drawn("2_55"));
    expect(await drawn("-9223372036854775808")).toBe(await drawn("0x8000000000000000"));
    expect(await drawn("0")).not.toBe(await drawn("4294967296")); // the upper half counts
  });

  test.each(["", "x", "1.5", "1e3", "0x", "--x", "18446744073709551616", "-9223372036854775809"])(
    "%j is none",
    async (seed) => {
      const seen = await nostos(["run", "--seed", seed, "examples/hello.nos"]);
      expect(seen).toEqual({
        stdout: "",
        stderr: `error: option \`--seed <n>\` argument \`${seed}\` is invalid  [usage]\n  hint: It is a whole number of 64 bits, such as 42 or 0xC0FFEE.\n`,
        code: 2,
      });
    },
  );

  test("behind the file belongs to the program", async () => {
    const seen = await nostos(["eval", 'Env.args().join(" ")', "--seed", "x"]);
    expect(seen.stdout).toBe('"--seed x"\n');
  });
});

describe("standard input", () => {
  const PROGRAM = `loop(name, me) = match Stdin.readLine() {
    Some(line) -> { println("\${name} \${line}"); sleep(Random.int(0, 2)); loop(name, me) }
    None -> me <- ()
}
tick(n) = if n == 0 then () else { println("tick \${n}"); sleep(1); tick(n - 1) }
main() = {
    me = self()
    for name in ["a", "b"] { spawn { loop(name, me) } }
    spawn { tick(5) }
    for _ = 0 to 2 { receive { _ -> () } }
    println(Time.now())
}
`;

  test("makes no difference by coming in pieces", async () => {
    const env = { PROGRAM };
    const run = '"$NOSTOS" --seed 4 <(printf "%s" "$PROGRAM")';
    const whole = await shell(`printf '1\\n2\\n3\\n4\\n5\\n' | ${run}`, { env });
    const late = await shell(`(echo 1; sleep 0.2; printf '2\\n3'; sleep 0.2; echo; echo 4; echo 5) | ${run}`, { env });
    expect(whole.stderr).toBe("");
    expect(whole.stdout).toMatch(/\d{13}\n$/);
    expect(late).toEqual(whole);
  }, 60_000);

  test("is waited for, and Ctrl-C ends that", async () => {
    const seen = await shell(
      `timeout --preserve-status -s INT 2 "$NOSTOS" eval --seed 1 'Stdin.readLine()' < <(exec sleep 4 2>/dev/null)`,
    );
    expect(seen.code).toBe(130);
    expect(seen.stderr).toContain("interrupted");
  }, 60_000);
});

test("the orders that the changelog tells are those of today", async () => {
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  const [, text, program] = /^(`nostos --seed N`.*?)\n\n((?: {4}[^\n]*\n)+)/ms.exec(changelog) ?? [];
  const said = Array.from(text!.matchAll(/`--seed (\d)`(?:\s+it always\s+prints)? `(.*?)`/g), ([, seed, order]) => [
    seed,
    order,
  ]);
  expect(said).toHaveLength(2);
  for (const [seed, order] of said) {
    const seen = await nostos(["--seed", seed!, "-"], { stdin: program!.replaceAll(/^ {4}/gm, "") });
    expect(seen).toEqual({ stdout: `${order}\n`, stderr: "", code: 0 });
  }
});
