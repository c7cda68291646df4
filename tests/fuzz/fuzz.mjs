/** Builds tests/fuzz/fuzz.ts and runs it: the sources are TypeScript, and Node 20 reads none. */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const file = join(tmpdir(), `nostos-fuzz-${process.pid}.mjs`);
process.env.NOSTOS_CHECK ??= "1";
await build({
  entryPoints: [join(root, "tests/fuzz/fuzz.ts")],
  outfile: file,
  bundle: true,
  platform: "node",
  format: "esm",
  define: { "import.meta.url": JSON.stringify(pathToFileURL(join(root, "cli/stdlib-sources.ts")).href) },
  banner: {
    js: `import { createRequire } from "node:module"; const require = createRequire(${JSON.stringify(join(root, "package.json"))});`,
  },
  logLevel: "error",
});
process.on("exit", () => rmSync(file, { force: true }));
await import(pathToFileURL(file).href);
