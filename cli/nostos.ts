/**
 * Where `nostos` starts: guards around the command, and the exit.
 *
 * The trick: `nostos run FILE` and `nostos FILE` without options, which is how programs are started, need no parser of
 * options; and what is needed is loaded when it is (the bundle has the command line, the machine and the compiler in
 * files of their own). A second run of a program loads the machine only.
 * Stays true: whatever goes wrong inside ends as a diagnostic, not as a JavaScript stack (NOSTOS_DEBUG=1 shows it).
 * Output is written synchronously everywhere, so leaving by `process.exit` loses nothing.
 */

async function start(args: readonly string[]): Promise<number> {
  const behindRun = args[0] === "run" ? args.slice(1) : args;
  const [file = ""] = behindRun;
  // no command's name holds a dot or a slash
  if (/^[^-].*/.test(file) && (args[0] === "run" || /[./]/.test(file))) {
    const { run } = await import("./commands/run.ts");
    return run(file, behindRun.slice(1), {});
  }
  const { main } = await import("./main.ts");
  return main(args);
}

async function fail(error: unknown): Promise<never> {
  const { reportInternal } = await import("./commands/run.ts");
  process.exit(reportInternal(error, process.argv.includes("--json")));
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
start(process.argv.slice(2)).then((code) => process.exit(code), fail);
