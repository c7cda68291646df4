/** Bytecode files and the cache, as people meet them. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SourceMapConsumer } from "source-map";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CHECKSUM_WORD, checksumOf } from "../../vm/bytecode/ttb/format.ts";
import { nostos, nostosBin, shell } from "../support/nostos.ts";

let dir: string;
let cache: string;
/** a machine without any cache but the test's own */
let env: NodeJS.ProcessEnv;

const CRASH = `half(n) = 100 / n

main() = {
  println("begins")
  half(0)
}
`;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "nostos-build-"));
  cache = join(dir, "cache");
  env = { NOSTOS_CACHE: cache };
  writeFileSync(join(dir, "hello.nos"), 'main() = println("hello ${Env.args()}")\n');
  writeFileSync(join(dir, "crash.nos"), CRASH);
  writeFileSync(join(dir, "broken.nos"), "main() = 1 + \n");
  mkdirSync(join(dir, "project"));
  writeFileSync(join(dir, "project", "main.nos"), "use util.*\nmain() = println(twice(21))\n");
  writeFileSync(join(dir, "project", "util.nos"), "pub twice(x) = x * 2\n");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(() => rmSync(cache, { recursive: true, force: true }));

const run = (...args: string[]) => nostos(args, { cwd: dir, env });

describe("nostos build", () => {
  test("writes FILE.ttb and its map, which run, take arguments and can be listed", async () => {
    expect(await run("build", "hello.nos")).toEqual({ stdout: "", stderr: "", code: 0 });
    expect((await run("run", "hello.ttb", "a", "--b")).stdout).toBe('hello ["a", "--b"]\n');
    expect((await run("hello.ttb")).stdout).toBe("hello []\n");
    expect((await run("disasm", "hello.ttb")).stdout).toBe((await run("disasm", "hello.nos")).stdout);
  });

  test("a directory becomes its main.ttb, -o says otherwise", async () => {
    expect(await run("build", "project")).toEqual({ stdout: "", stderr: "", code: 0 });
    expect(await run("build", "project", "-o", "elsewhere.ttb")).toEqual({ stdout: "", stderr: "", code: 0 });
    expect(readFileSync(join(dir, "elsewhere.ttb"))).toEqual(readFileSync(join(dir, "project", "main.ttb")));
    expect((await run("elsewhere.ttb")).stdout).toBe("42\n");
    expect(existsSync(join(dir, "elsewhere.ttb.map"))).toBe(true);
  });

  test("standard input needs -o", async () => {
    const stdin = "main() = println(7)";
    expect((await nostos(["build", "-"], { cwd: dir, env, stdin })).code).toBe(2);
    expect((await nostos(["build", "-", "-o", "seven.ttb"], { cwd: dir, env, stdin })).code).toBe(0);
    expect((await run("seven.ttb")).stdout).toBe("7\n");
  });

  test("what does not compile, and what cannot be written, is said and leaves nothing behind", async () => {
    const broken = await run("build", "broken.nos");
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/^broken\.nos:1:/);
    expect(existsSync(join(dir, "broken.ttb"))).toBe(false);
    const nowhere = await run("build", "hello.nos", "-o", "no/where.ttb");
    expect(nowhere).toEqual({
      stdout: "",
      stderr: "error: cannot write `no/where.ttb`: its directory does not exist  [unwritable]\n",
      code: 1,
    });
    expect((await run("build", "hello.nos", "-o", "project")).code).toBe(1);
    expect((await run("build", "hello.nos", "-o", "crash.nos")).code).toBe(2);
    expect(readFileSync(join(dir, "crash.nos"), "utf8")).toBe(CRASH);
    expect((await run("build", "hello.ttb")).code).toBe(2);
    expect(readdirSync(dir).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  test("the map leads from the byte of an instruction to its line", async () => {
    await run("build", "crash.nos");
    const file = readFileSync(join(dir, "crash.ttb"));
    const text = readFileSync(join(dir, "crash.ttb.map"), "utf8");
    const map = JSON.parse(text);
    expect(map).toMatchObject({ version: 3, file: "crash.ttb" });
    expect(map.sources).toContain("crash.nos");
    await SourceMapConsumer.with(map, null, (consumer) => {
      // `100`, the first instruction of `half`, as the file has it: PUSH_INT is code 1 of form 0
      const at = file.indexOf(Buffer.from([1, 0, 0, 0, 100, 0, 0, 0]));
      expect(at).toBeGreaterThan(0);
      expect(consumer.originalPositionFor({ line: 1, column: at })).toMatchObject({ source: "crash.nos", line: 1 });
    });
  });

  test("a crash shows the same places as from the sources, and without them still the trace", async () => {
    await run("build", "crash.nos");
    const fromSource = await run("crash.nos");
    expect(fromSource.stderr).toContain("crash.nos:1:");
    expect(await run("crash.ttb")).toEqual(fromSource);
    writeFileSync(join(dir, "crash.nos"), `\n${CRASH}`);
    const changed = await run("crash.ttb");
    writeFileSync(join(dir, "crash.nos"), CRASH);
    expect(changed.stderr).toContain("half (crash.nos:1)");
    expect(changed.stderr).not.toContain("|");
  });
});

describe("a damaged file", () => {
  test.each([
    ["empty", () => Buffer.alloc(0)],
    ["text", () => Buffer.from("main() = 1\n")],
    ["cut off", (bytes: Buffer) => bytes.subarray(0, 100)],
    ["of another version", (bytes: Buffer) => bytes.fill(9, 4, 5)],
    ["TinyTotVM code", (bytes: Buffer) => bytes.fill(1, 8, 9)],
    ["with a wrong byte", (bytes: Buffer) => bytes.fill(255, 200, 201)],
  ])("%s: one error", async (_, damage) => {
    await run("build", "hello.nos", "-o", "damaged.ttb");
    writeFileSync(join(dir, "damaged.ttb"), damage(readFileSync(join(dir, "damaged.ttb"))));
    const { stdout, stderr, code } = await run("--json", "damaged.ttb");
    expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ severity: "error", code: "bad-bytecode" });
  });

  test("one that is not there", async () => {
    expect((await run("none.ttb")).stderr).toContain("there is no such file");
  });
});

describe("the cache", () => {
  const entries = () => (existsSync(cache) ? readdirSync(cache) : []);

  test("keeps what was compiled; the second run is the same without the compiler", async () => {
    const first = await run("run", "crash.nos");
    expect(entries()).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.ttb$/)]);
    expect(await run("run", "crash.nos")).toEqual(first);
    expect(entries()).toHaveLength(1);
  });

  test("the second run does not even read the compiler", async () => {
    const copy = join(dir, "dist");
    cpSync(join(nostosBin, ".."), copy, { recursive: true });
    const settings = { cwd: dir, env: { ...env, NOSTOS: join(copy, "nostos.cjs") } };
    const first = await shell("$NOSTOS hello.nos", settings);
    expect(first).toEqual({ stdout: "hello []\n", stderr: "", code: 0 });
    rmSync(join(copy, "compiler.cjs"));
    rmSync(join(copy, "commands.cjs"));
    expect(await shell("$NOSTOS hello.nos", settings)).toEqual(first);
    expect(await shell("$NOSTOS run hello.nos", settings)).toEqual(first);
  });

  test("an entry that reads well and makes no sense is made again too", async () => {
    const first = await run("hello.nos");
    const path = join(cache, entries()[0]!);
    const whole = readFileSync(path);
    const bytes = new Uint8Array(whole);
    const view = new DataView(bytes.buffer);
    view.setInt32(bytes.length - 4, 9999, true); // the entry's number comes last
    view.setInt32(CHECKSUM_WORD * 4, checksumOf(view), true);
    writeFileSync(path, bytes);
    expect(await run("hello.nos")).toEqual(first);
    expect(readFileSync(path)).toEqual(whole);
  });

  test("another text or another path is another program", async () => {
    await run("hello.nos");
    await run("./hello.nos");
    writeFileSync(join(dir, "changing.nos"), "main() = println(1)\n");
    expect((await run("changing.nos")).stdout).toBe("1\n");
    writeFileSync(join(dir, "changing.nos"), "main() = println(2)\n");
    expect((await run("changing.nos")).stdout).toBe("2\n");
    expect(entries()).toHaveLength(4);
  });

  test("a module of a project counts too", async () => {
    expect((await run("project")).stdout).toBe("42\n");
    writeFileSync(join(dir, "project", "util.nos"), "pub twice(x) = x * 20\n");
    expect((await run("project")).stdout).toBe("420\n");
    writeFileSync(join(dir, "project", "util.nos"), "pub twice(x) = x * 2\n");
  });

  test.each([
    ["empty", () => Buffer.alloc(0)],
    ["cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 8)],
    ["of noise", (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a))],
  ])("a damaged entry, %s, is thrown away and made again", async (_, damage) => {
    const first = await run("hello.nos");
    const path = join(cache, entries()[0]!);
    const whole = readFileSync(path);
    writeFileSync(path, damage(whole));
    expect(await run("hello.nos")).toEqual(first);
    expect(readFileSync(path)).toEqual(whole);
  });

  test("a program that cannot be kept runs all the same", async () => {
    writeFileSync(cache, "a file where the directory should be");
    expect(await run("hello.nos")).toEqual({ stdout: "hello []\n", stderr: "", code: 0 });
    rmSync(cache);
    mkdirSync(cache);
    chmodSync(cache, 0o500);
    expect((await run("hello.nos")).stdout).toBe("hello []\n");
    chmodSync(cache, 0o700);
  });

  test("warnings are shown each time", async () => {
    writeFileSync(join(dir, "warns.nos"), "main() = {\n  match 1 { 1 -> println(1) }\n}\n");
    const first = await run("warns.nos");
    expect(await run("warns.nos")).toEqual(first);
  });

  test("off, and in XDG_CACHE_HOME", async () => {
    const home = join(dir, "home");
    const settings = { cwd: dir, env: { HOME: home, XDG_CACHE_HOME: join(home, "xdg"), NOSTOS_CACHE: "off" } };
    await nostos(["hello.nos"], settings);
    expect(existsSync(home)).toBe(false);
    await nostos(["hello.nos"], { ...settings, env: { ...settings.env, NOSTOS_CACHE: "" } });
    expect(readdirSync(join(home, "xdg", "nostos"))).toHaveLength(1);
  });

  test("many runs at once make one whole entry", async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => run("hello.nos")));
    for (const each of runs) expect(each).toEqual({ stdout: "hello []\n", stderr: "", code: 0 });
    expect(entries()).toHaveLength(1);
  });
});
