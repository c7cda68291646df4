/** Standard input and output as pipes see them: whole, in order, and quiet when the reader leaves. */
import { describe, expect, test } from "vitest";
import { nostos, shell } from "../support/nostos.ts";

const COUNTING = "for i = 0 to 100000 { println(i) }";

describe("output", () => {
  test("100,000 lines reach a slow reader", async () => {
    const seen = await shell('printf "%s" "$PROGRAM" | "$NOSTOS" run - | (sleep 1; wc -l)', {
      env: { PROGRAM: `main() = ${COUNTING}` },
    });
    expect(seen.stdout.trim()).toBe("100000");
    expect(seen.stderr).toBe("");
  });

  test("100,000 lines reach a slow reader also when main crashes at the end", async () => {
    const program = `main() = {\n  ${COUNTING}\n  x = 0\n  1 / x\n}`;
    const seen = await shell('set -o pipefail; printf "%s" "$PROGRAM" | "$NOSTOS" run - | (sleep 1; wc -l)', {
      env: { PROGRAM: program },
    });
    expect(seen.stdout.trim()).toBe("100000");
    expect(seen.stderr).toContain("Division by zero");
    expect(seen.code).toBe(1);
  });

  test("a reader that leaves ends the program quietly", async () => {
    const seen = await shell('printf "%s" "$PROGRAM" | "$NOSTOS" run - | head -1', {
      env: { PROGRAM: `main() = { ${COUNTING}\n ${COUNTING} }` },
    });
    expect(seen).toEqual({ stdout: "0\n", stderr: "", code: 0 });
  });

  test("a reader that leaves ends an endless program too", async () => {
    const seen = await shell('printf "%s" "$PROGRAM" | timeout 20 "$NOSTOS" run - | head -1; echo "${PIPESTATUS[1]}"', {
      env: { PROGRAM: 'main() = while true { println("again") }' },
    });
    expect(seen.stdout).toMatch(/^again\n\d+\n$/);
    expect(seen.stdout).not.toContain("124");
    expect(seen.stderr).toBe("");
  });

  test("what was printed stands before what went wrong", async () => {
    const seen = await shell('printf "%s" "$PROGRAM" | "$NOSTOS" run - 2>&1', {
      env: { PROGRAM: 'main() = { println("first")\n panic("second") }' },
    });
    expect(seen.stdout.indexOf("first")).toBe(0);
    expect(seen.stdout.indexOf("second")).toBeGreaterThan(5);
  });

  test("a closed stdout is no crash", async () => {
    const seen = await shell('"$NOSTOS" eval "println(1)" >&-');
    expect(seen.stderr).not.toMatch(/\bat .*\.c?js/);
  });
});

describe("input", () => {
  const ECHO = `loop(n) = match Stdin.readLine() {
    Some(line) -> { println("\${n}: \${line}")
      loop(n + 1) }
    None -> println("end")
}
main() = loop(1)
`;

  test("lines, the last one without its end too", async () => {
    const seen = await shell('"$NOSTOS" run <(printf "%s" "$PROGRAM")', {
      stdin: "one\ntwo\r\nthrée",
      env: { PROGRAM: ECHO },
    });
    expect(seen).toEqual({ stdout: "1: one\n2: two\n3: thrée\nend\n", stderr: "", code: 0 });
  });

  test("a line that comes late is waited for", async () => {
    const seen = await shell('(echo a; sleep 0.3; echo b) | "$NOSTOS" run <(printf "%s" "$PROGRAM")', {
      env: { PROGRAM: ECHO },
    });
    expect(seen.stdout).toBe("1: a\n2: b\nend\n");
  });

  test.each([1, 2])(
    "who is killed while it waits takes no line with it: %i schedulers",
    async (schedulers) => {
      const seen = await shell(
        `(sleep 2; echo one; echo two) | "$NOSTOS" run --schedulers ${schedulers} <(printf "%s" "$PROGRAM")`,
        {
          env: {
            PROGRAM: `main() = {
          dead = spawn { Stdin.readLine() }
          while Process.info(dead).status != "waiting" { sleep(5) }
          sleep(100)
          Process.kill(dead)
          println([Stdin.readLine() for _ in range(3)])
        }`,
          },
        },
      );
      expect(seen.stdout).toBe('[Some("one"), Some("two"), None]\n');
    },
    20_000,
  );

  test("everything at once", async () => {
    const seen = await nostos(["eval", "println(Stdin.readAll().length())"], { stdin: "x".repeat(300_000) });
    expect(seen).toEqual({ stdout: "300000\n", stderr: "", code: 0 });
  });

  test("a program that does not read leaves its input alone", async () => {
    const seen = await shell('(sleep 5; echo never) | timeout 4 "$NOSTOS" eval "1"');
    expect(seen.stdout).toBe("1\n");
  }, 10_000);
});
