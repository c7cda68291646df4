/**
 * Builds what ships: dist/nostos.cjs and dist/ttvm.cjs, each one file with everything in it.
 *
 * The trick: one file starts in a third of the time that many take, and V8 is told in its first line to keep a large
 * young generation (docs/decisions/0002). The standard library travels inside, already parsed.
 * Stays true: needs nothing but what `npm install` brought; the output depends on the sources alone.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20.19",
  legalComments: "none",
  logLevel: "warning",
};

/** The standard library as JSON: the parser is bundled, run here, and thrown away. */
async function packStdlib() {
  const directory = mkdtempSync(join(tmpdir(), "nostos-build-"));
  try {
    const outfile = join(directory, "pack.mjs");
    const contents = `
      import { pack } from "./cli/build/packed-stdlib.ts";
      import { parseStdlib } from "./cli/stdlib.ts";
      export default pack(parseStdlib(new URL(${JSON.stringify(pathToFileURL(join(root, "stdlib/")).href)})));`;
    await build({ ...shared, stdin: { contents, resolveDir: root, loader: "ts" }, outfile, format: "esm" });
    return (await import(pathToFileURL(outfile).href)).default;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Replaces cli/stdlib.ts, which parses stdlib/ from disk. */
const embedStdlib = {
  name: "embed-stdlib",
  setup(builder) {
    builder.onLoad({ filter: /[/\\]cli[/\\]stdlib\.ts$/ }, async () => ({
      contents: `
        import { unpack } from "./build/packed-stdlib.ts";
        let modules;
        export const stdlibModules = () => (modules ??= unpack(${JSON.stringify(await packStdlib())}));`,
      loader: "ts",
      resolveDir: join(root, "cli"),
    }));
  },
};

for (const name of ["nostos", "ttvm"]) {
  const outfile = join(root, "dist", `${name}.cjs`);
  await build({
    ...shared,
    entryPoints: [`cli/${name}.ts`],
    outfile,
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true, // names are kept: they are what a profile or a bug report shows
    banner: { js: "#!/usr/bin/env -S node --min-semi-space-size=64 --max-semi-space-size=128" },
    plugins: [embedStdlib],
  });
  chmodSync(outfile, 0o755);
}
