/** The package as programs import it: docs/typescript.md's program runs and has its types; require gives the same classes. */
import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/typescript.md"), "utf8");
const program = /```js\n(.*?)```/s.exec(page)?.[1] as string;
const output = /```output\n(.*?)```/s.exec(page)?.[1] as string;

function node(text: string, type: "module" | "commonjs" = "module"): string {
  return execFileSync(process.execPath, [`--input-type=${type}`, "-e", text], { cwd: root, encoding: "utf8" });
}

/** What TypeScript says of a file of this name in the package, which says `import … from "nostos"`. */
function problemsOf(name: string, text: string): string[] {
  const path = join(root, name);
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"], types: ["node"], strict: true, noEmit: true, skipLibCheck: false,
  }; // biome-ignore format: short
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => file === path || fileExists(file);
  host.readFile = (file) => (file === path ? text : readFile(file));
  host.getSourceFile = (file, ...rest) =>
    file === path ? ts.createSourceFile(file, text, rest[0]) : getSourceFile(file, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([path], options, host))
    .filter(({ file }) => file === undefined || !file.fileName.includes("node_modules"))
    .map(({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}

test("the program of the page", () => expect(node(program)).toBe(output));

test("import and require give the same classes", () => {
  const text = `import * as a from "nostos"; import { createRequire } from "node:module";
    const b = createRequire(process.cwd() + "/x.js")("nostos");
    console.log(Object.keys(b).every((name) => a[name] === b[name]), Object.keys(b).length > 10);`;
  expect(node(text)).toBe("true true\n");
  expect(Object.keys(createRequire(import.meta.url)("nostos"))).toContain("Machine");
});

test("the types fit, for import and for require", { timeout: 120_000 }, () => {
  const typed = `
    const module: Module = await compileText("main() = 1");
    const machine = new Machine(module, { stdout: "capture", onDiagnostic: (d) => d.message.length });
    const result: RunResult = await machine.run();
    const value: unknown = result.status === "returned" ? result.value : result.status === "failed" ? result.text : 0;
    const pid: Pid = machine.spawnProcess("main", [value]);
    // @ts-expect-error: a pid is no number
    machine.sendMessage(1, 2);
    const point: { readonly x: number } = record("P", { x: 1 });
    machine.sendMessage(pid, [point, tuple(1, "a").items[1].length]);`;
  const names = "{ compileText, Machine, type Module, type Pid, record, type RunResult, tuple }";
  expect(problemsOf("page.mts", `import ${names} from "nostos";\n${typed}`)).toEqual([]);
  expect(problemsOf("page.cts", `import ${names} from "nostos";\nasync function f() {${typed}}\nf();`)).toEqual([]);
  expect(problemsOf("doc.mts", program.replace("(answer.items)", "(answer)"))).toEqual([]);
});

test("Node ends when nothing can happen any more, and not before", async () => {
  const text = `import { compileText, Machine } from "nostos";
    const machine = new Machine(await compileText(
      'tick(n) = { sleep(5); println(show(n)); if n > 1 then tick(n - 1) else () }\\nidle() = { receive { _ -> () } }'));
    machine.spawnProcess("idle");
    machine.spawnProcess("tick", [2]);`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", text], { cwd: root });
  expect((await run).stdout).toBe("2\n1\n");
});
