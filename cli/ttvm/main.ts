/**
 * The `ttvm` command line, as TinyTotVM's: flags, then a file or a command.
 *
 * Stays true: what TinyTotVM knows and we do not yet says so by its name; wrong usage starts nothing and ends with 2.
 */
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { didYouMean } from "../../compiler/diagnostics/nearest.ts";
import manifest from "../../package.json" with { type: "json" };
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { showDiagnostics, writeAll } from "../terminal.ts";
import { isCheck, runChecks } from "./checks.ts";
import { compile } from "./compile.ts";
import { run } from "./run.ts";
import { testAll } from "./test-all.ts";

const USAGE = `Usage: ttvm [flags] FILE.ttvm | FILE.ttb [ARGUMENT …]
       ttvm compile IN.ttvm OUT.ttb
       ttvm test-concurrency | test-coffee-shop | … | test-all

Runs programs in TinyTotVM's assembly, or as bytecode: TinyTotVM's own files, and ours.

Flags:
  --smp          also tell, on stderr, what the scheduler does at start and end
  --no-smp       the default; kept for TinyTotVM's sake
  --debug        show each instruction before it runs, on stderr
  --trace-procs  show what processes do, on stderr
  --json         diagnostics as JSON, one object a line, on stderr
  -h, --help     print this help
  -v, --version  print the version

Exit codes: ${EXIT.ok} all processes ended · ${EXIT.failed} main failed, waits for ever, or does not assemble · ${EXIT.usage} wrong usage · ${EXIT.interrupted} Ctrl-C
`;

const FLAGS = ["--smp", "--no-smp", "--debug", "--trace-procs", "--json", "--help", "-h", "--version", "-v"];

/** TinyTotVM's flags and commands that are not built yet. */
const LATER_FLAGS: ReadonlySet<string> = new Set(
  "--trace --profile --no-table --profile-procs --optimize --gc --gc-debug --gc-stats --use-ir --run-tests".split(" "),
);
const LATER_COMMANDS: ReadonlySet<string> = new Set(
  "compile-lisp optimize benchmark-performance benchmark-ir-vs-stack".split(" "),
);

/** @param args  without `node` and the script */
export async function main(args: readonly string[]): Promise<number> {
  const flags = new Set<string>();
  let at = 0;
  while (at < args.length && args[at]!.startsWith("-") && args[at] !== "-") flags.add(args[at++]!);
  const [what, ...rest] = args.slice(at);
  const asJson = flags.has("--json");
  const wrong = (message: string, hint = "`ttvm --help` shows how it is used", code = "usage"): ExitCode => {
    const diagnostic: Diagnostic = { severity: "error", code, message, hint };
    showDiagnostics([diagnostic], asJson);
    return EXIT.usage;
  };

  for (const flag of flags) {
    if (FLAGS.includes(flag)) continue;
    if (LATER_FLAGS.has(flag)) return wrong(`the flag \`${flag}\` is not supported yet`, undefined, "not-yet");
    return wrong(`unknown flag \`${flag}\``, didYouMean(flag, FLAGS));
  }
  if (flags.has("--help") || flags.has("-h")) {
    writeAll(1, USAGE);
    return EXIT.ok;
  }
  if (flags.has("--version") || flags.has("-v")) {
    writeAll(1, `${manifest.version}\n`);
    return EXIT.ok;
  }
  if (what === undefined) {
    writeAll(2, USAGE);
    return EXIT.usage;
  }
  if (what === "compile") {
    const [from, to] = rest;
    if (from === undefined || to === undefined || rest.length > 2)
      return wrong("`compile` takes two files", "ttvm compile IN.ttvm OUT.ttb");
    return compile(from, to, asJson);
  }
  if (what === "test-all" || isCheck(what)) {
    if (rest.length > 0) return wrong(`\`${rest[0]}\` is one argument too many`);
    return what === "test-all" ? testAll() : runChecks(what);
  }
  if (LATER_COMMANDS.has(what)) return wrong(`the command \`${what}\` is not supported yet`, undefined, "not-yet");
  return run(what, {
    args: ["ttvm", ...args],
    asJson,
    showsScheduler: flags.has("--smp"),
    showsInstructions: flags.has("--debug"),
    showsProcesses: flags.has("--trace-procs"),
  });
}
