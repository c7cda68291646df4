/**
 * Builds what ships: dist/nostos.cjs with its parts beside it, dist/ttvm.cjs, and dist/api.* for programs that import it.
 *
 * The trick: few files start in a third of the time that many take, and a part is read only when it is needed: the second
 * run of a program reads the machine alone. V8 is told in the first line to keep a large young generation
 * (docs/decisions/0002). The standard library travels inside the compiler, already parsed.
 * Stays true: needs nothing but what `npm install` brought; the output depends on the sources alone.
 */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

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

/**
 * The parts of `nostos` that are loaded when they are needed: what a dynamic import of these names. Each part is a file
 * of its own, and holds all it needs; only plain data goes from one to another.
 */
const PARTS = {
  "cli/compile.ts": "compiler.cjs",
  "cli/main.ts": "commands.cjs",
  "cli/commands/run.ts": "machine.cjs",
  "cli/commands/build.ts": "build.cjs",
  "cli/commands/repl.ts": "repl.cjs",
  "cli/commands/test.ts": "test.cjs",
};

const splitParts = {
  name: "split-parts",
  setup(builder) {
    builder.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      const part = PARTS[relative(root, join(resolveDir, path)).replaceAll("\\", "/")];
      return part === undefined ? undefined : { path: `./${part}`, external: true };
    });
  },
};

/** Replaces cli/build-id.ts. */
const embedBuildId = (id) => ({
  name: "embed-build-id",
  setup(builder) {
    builder.onLoad({ filter: /[/\\]cli[/\\]build-id\.ts$/ }, () => ({
      contents: `export const BUILD_ID = ${JSON.stringify(id)};`,
      loader: "ts",
    }));
  },
});

/** Replaces cli/worker-script.ts. */
const findWorkerBeside = {
  name: "find-worker-beside",
  setup(builder) {
    builder.onLoad({ filter: /[/\\]cli[/\\]worker-script\.ts$/ }, () => ({
      contents: `export const WORKER_SCRIPT = __dirname + "/worker.cjs";`,
      loader: "ts",
    }));
  },
};

/** Bundles one file into dist/, or, of the worker alone, where the arguments say. */
async function bundle(entry, name, { isCommand = false, plugins = [], directory = join(root, "dist") } = {}) {
  const outfile = join(directory, name);
  await build({
    ...shared,
    entryPoints: [entry],
    outfile,
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true, // names are kept: they are what a profile or a bug report shows
    supported: { "dynamic-import": false }, // a require is as good here, and does not load Node's other loader
    ...(isCommand && {
      banner: { js: "#!/usr/bin/env -S node --min-semi-space-size=64 --max-semi-space-size=128" },
    }),
    plugins: [splitParts, embedStdlib, findWorkerBeside, ...plugins],
  });
  if (isCommand) chmodSync(outfile, 0o755);
  return outfile;
}

/** What a user's TypeScript reads: the rest of cli/api is private. */
const PUBLIC_FILES = ["errors.ts", "index.ts", "machine.ts", "module.ts", "sink.ts", "values.ts"];

/**
 * The package for `import`: the very objects of the one for `require`, so that a class is the same for both; and the
 * declarations of cli/api for either, file by file, without what is marked as internal.
 */
async function wrapApi(api) {
  const names = Object.keys((await import(pathToFileURL(api).href)).default).sort();
  const text = `import api from "./api.cjs";\nexport const { ${names.join(", ")} } = api;\n`;
  writeFileSync(join(root, "dist/api.mjs"), text);
  const types = join(root, "dist/types");
  rmSync(types, { recursive: true, force: true });
  mkdirSync(types, { recursive: true });
  for (const name of PUBLIC_FILES) {
    const source = readFileSync(join(root, "cli/api", name), "utf8");
    const { outputText } = ts.transpileDeclaration(source, {
      fileName: name,
      compilerOptions: { module: ts.ModuleKind.NodeNext, stripInternal: true, strict: true, lib: ["lib.es2023.d.ts"] },
    });
    for (const [extension, script] of [
      ["d.mts", "mjs"],
      ["d.cts", "cjs"],
    ]) {
      const own = outputText.replaceAll(/^import .* from "(?:\.\.\/|\.\/convert).*\n/gm, ""); // of what is private
      const shown = own.replaceAll(/(from "\.\/[\w-]+)\.ts"/g, `$1.${script}"`);
      writeFileSync(join(types, name.replace(/ts$/, extension)), shown);
    }
  }
}

// tests over the sources need the worker as JavaScript, and nothing else: `bundle.mjs --worker DIR`
if (process.argv[2] === "--worker") {
  await bundle("cli/worker.ts", "worker.cjs", { directory: process.argv[3] });
  process.exit(0);
}

const compiler = await bundle("cli/compile.ts", "compiler.cjs");
const buildId = createHash("sha256").update(readFileSync(compiler)).digest("hex");
const plugins = [embedBuildId(buildId)];
await bundle("cli/commands/run.ts", "machine.cjs", { plugins });
await bundle("cli/worker.ts", "worker.cjs");
await bundle("cli/main.ts", "commands.cjs", { plugins });
await bundle("cli/commands/build.ts", "build.cjs", { plugins });
await bundle("cli/commands/repl.ts", "repl.cjs", { plugins });
await bundle("cli/commands/test.ts", "test.cjs", { plugins });
await bundle("cli/nostos.ts", "nostos.cjs", { isCommand: true });
await bundle("cli/ttvm.ts", "ttvm.cjs", { isCommand: true });
await wrapApi(await bundle("cli/api/index.ts", "api.cjs", { plugins }));
