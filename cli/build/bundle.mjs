/**
 * Builds what ships: dist/nostos.cjs and dist/ttvm.cjs, each one file with everything in it.
 *
 * The trick: one file starts in a third of the time that many take, and V8 is told in its first line to keep a large
 * young generation (docs/decisions/0002). The standard library's sources travel inside, as text.
 * Stays true: needs nothing but what `npm install` brought; the output depends on the sources alone.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = (name) => join(root, "dist", name);

/** Replaces cli/stdlib-sources.ts, which reads stdlib/ from disk, by the texts themselves. */
const embedStdlib = {
  name: "embed-stdlib",
  setup(builder) {
    builder.onLoad({ filter: /[/\\]cli[/\\]stdlib-sources\.ts$/ }, () => {
      const directory = join(root, "stdlib");
      const files = readdirSync(directory)
        .filter((name) => name.endsWith(".nos"))
        .sort();
      const sources = files.map((name) => [name, readFileSync(join(directory, name), "utf8")]);
      return {
        contents: `const sources = new Map(${JSON.stringify(sources)});\nexport const stdlibSources = () => sources;\n`,
        watchFiles: files.map((name) => join(directory, name)),
      };
    });
  },
};

mkdirSync(out(""), { recursive: true });
for (const name of ["nostos", "ttvm"]) {
  await build({
    absWorkingDir: root,
    entryPoints: [`cli/${name}.ts`],
    outfile: out(`${name}.cjs`),
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true, // names are kept: they are what a profile or a bug report shows
    legalComments: "none",
    banner: { js: "#!/usr/bin/env -S node --min-semi-space-size=64 --max-semi-space-size=128" },
    plugins: [embedStdlib],
    logLevel: "warning",
  });
  chmodSync(out(`${name}.cjs`), 0o755);
}
