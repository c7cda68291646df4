/**
 * The command line: what can be asked for, and the exit code that answers.
 *
 * The trick: `nostos FILE` is `nostos run FILE`, because `run` is the default command; options stand before the file,
 * everything behind it belongs to the program.
 * Stays true: wrong usage never starts anything; it is told as a Diagnostic with exit code 2.
 */
import { Command, CommanderError, Option } from "commander";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { nearest } from "../compiler/diagnostics/nearest.ts";
import manifest from "../package.json" with { type: "json" };
import { DEFAULT_THRESHOLD } from "../vm/jit/options.ts";
import type { BuildOptions } from "./commands/build.ts";
import { check } from "./commands/check.ts";
import { disasm } from "./commands/disasm.ts";
import { evaluate } from "./commands/eval.ts";
import type { RunOptions } from "./commands/run.ts";
import type { TestOptions } from "./commands/test.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { conflictOf, parseCount, parseSchedulers, parseSeed, parseSize, parseThreshold } from "./limits.ts";
import { showDiagnostics, writeAll } from "./terminal.ts";

const EXAMPLES = `
Examples:
  nostos hello.nos                    run one file
  nostos run server/ 8080             run the project in server/ (its main.nos) with the argument 8080
  nostos run - < hello.nos            run what standard input holds
  nostos eval '[x * x for x in 1.to(5)]'
  nostos repl                         a prompt
  nostos test --explore 500 bank.nos  look for an order of events in which it fails
  nostos check server/                compile only
  nostos build hello.nos -o hello.ttb
  nostos --max-reductions 1e6 hello.nos

Exit codes: ${EXIT.ok} done · ${EXIT.failed} does not compile, or failed · ${EXIT.usage} wrong usage · ${EXIT.interrupted} Ctrl-C
Colour follows the terminal, NO_COLOR and FORCE_COLOR.`;

/**
 * Does what the arguments ask for.
 * @param args  without `node` and the script
 */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = buildProgram((done) => {
    code = done;
  });
  if (args.length === 0) {
    writeAll(2, program.helpInformation() + EXAMPLES.concat("\n"));
    return EXIT.usage;
  }
  try {
    await program.parseAsync(withTraceForm(args), { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok; // --help and --version
    showDiagnostics([explainUsage(error, program)], args.includes("--json"));
    return EXIT.usage;
  }
}

const WITH_VALUE = /^--(?:max-[a-z-]+|mailbox-warning|seed|schedulers|jit-threshold)$/;

/** `--trace-procs=json` is an option of its own: with an optional value the file behind it would be taken for that. */
function withTraceForm(args: readonly string[]): string[] {
  const isCommand = (arg: string | undefined) => arg === "run" || arg === "eval";
  // from the file on they belong to the program
  const file = args.findIndex(
    (arg, i) => !arg.startsWith("-") && !WITH_VALUE.test(args[i - 1] ?? "") && !(i === 0 && isCommand(arg)),
  );
  const own = (i: number) => file === -1 || i < file;
  return args.map((arg, i) => (arg === "--trace-procs=json" && own(i) ? "--trace-procs-json" : arg));
}

function buildProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("nostos")
    .description("Nostos: a functional language for programs made of many processes that send each other messages.")
    .version(manifest.version, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .usage("[options] FILE [args...] | COMMAND ...")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => writeAll(1, text),
      writeErr: () => {}, // told as a Diagnostic instead
    })
    .addHelpText("after", EXAMPLES);

  const json = () => new Option("--json", "diagnostics as JSON, one object a line, on stderr");
  const settings = (command: Command) =>
    command
      .addOption(json())
      .option(
        "--max-heap <size>",
        "memory for all processes, such as 512M or 2G (default: 70 % of V8's limit)",
        parseSize,
      )
      .option("--max-stack-frames <n>", "calls that one process may be inside of (default: 5000000)", parseCount)
      .option("--max-reductions <n>", "work that the whole program may do (default: no limit)", parseCount)
      .option(
        "--mailbox-warning <n>",
        "warn when so many messages wait in one mailbox, and at each doubling; 0: never (default: 1000000)",
        parseThreshold,
      )
      .option("--seed <n>", "virtual time, and all chance from this number: the same output each time", parseSeed)
      .addOption(
        new Option("--jitless", "interpret everything, compile nothing to JavaScript").conflicts([
          "jitThreshold",
          "traceJit",
        ]),
      )
      .option(
        "--jit-threshold <n>",
        `how often code runs before it is compiled (default: ${DEFAULT_THRESHOLD || "off"})`,
        parseCount,
      )
      .option("--trace-jit", "tell on stderr what is compiled, and why compiled code was left")
      .option("--trace-procs", "tell on stderr what processes do, one line each; `--trace-procs=json`: as JSON")
      .addOption(new Option("--trace-procs-json").hideHelp().conflicts("traceProcs"))
      .option("--profile", "time per function, on stderr and in FILE.cpuprofile (for Chrome, speedscope)");

  settings(program.command("run", { isDefault: true }))
    .description("run a file, a directory with a main.nos, bytecode (FILE.ttb), or - for standard input")
    .argument("<file>", "FILE, DIR, FILE.ttb or -")
    .argument("[args...]", "arguments of the program")
    .option("--schedulers <n>", "threads that run processes, from 1 to 64 (default: 1)", parseSchedulers)
    .passThroughOptions()
    .action(async (file: string, programArgs: string[], options: RunOptions) => {
      const conflict = conflictOf(options);
      if (conflict !== undefined) {
        showDiagnostics([{ severity: "error", code: "usage", message: conflict }], options.json === true);
        finish(EXIT.usage);
        return;
      }
      const { run } = await import("./commands/run.ts"); // the bundle has the machine in a file of its own
      finish(await run(file, programArgs, options));
    });

  settings(program.command("eval"))
    .description("run a piece of program given as text and print its value")
    .argument("<text>", "expressions, bindings, functions")
    .argument("[args...]", "arguments of the program")
    .passThroughOptions()
    .action(async (text: string, programArgs: string[], options: RunOptions) =>
      finish(await evaluate(text, programArgs, options)),
    );

  program
    .command("build")
    .description("compile to a file of bytecode, FILE.ttb, with a source map beside it")
    .argument("<file>", "FILE, DIR or -")
    .addOption(json())
    .option("-o, --out <file>", "where to write it (default: beside the source, of a directory its main.ttb)")
    .action(async (file: string, options: BuildOptions) => {
      const { build } = await import("./commands/build.ts");
      finish(await build(file, options));
    });

  program
    .command("repl")
    .description("a prompt: definitions stay, values are printed, processes live on (:help there)")
    .addOption(json())
    .action(async (options: { json?: true }) => {
      const { repl } = await import("./commands/repl.ts"); // it loads the compiler
      finish(await repl(options));
    });

  program
    .command("test")
    .description("run programs and compare with what is beside them: FILE.out, FILE.err, FILE.in")
    .argument("<files...>", "FILE, DIR (a program, or all programs below it) or FILE.ttb")
    .addOption(json())
    .option("--explore <n>", "run each under so many seeds, and explain the first run that fails", parseCount)
    .option("--seed <n>", "the seed of the run; with --explore the first one (default there: 1)", parseSeed)
    .option("--max-heap <size>", "memory for all processes, such as 512M or 2G", parseSize)
    .option("--max-stack-frames <n>", "calls that one process may be inside of (default: 5000000)", parseCount)
    .option("--max-reductions <n>", "work that each run may do (default: 1e9; with --explore 1e8)", parseCount)
    .option("--jitless", "interpret everything, compile nothing to JavaScript")
    .action(async (files: string[], options: TestOptions) => {
      const { test } = await import("./commands/test.ts"); // it loads the machine, and the compiler
      finish(await test(files, options));
    });

  program
    .command("check")
    .description("compile only; exit 1 when there are errors")
    .argument("<file>", "FILE, DIR or -")
    .addOption(json())
    .action(async (file: string, options: { json?: true }) => finish(await check(file, options)));

  program
    .command("disasm")
    .description("print the bytecode that a program becomes, or that a .ttb file holds")
    .argument("<file>", "FILE, DIR, FILE.ttb or -")
    .addOption(json())
    .option("--all", "also the functions of the standard library that it reaches")
    .action(async (file: string, options: { json?: true; all?: true }) => finish(await disasm(file, options)));

  for (const command of program.commands) command.exitOverride().helpOption("-h, --help", "print this help");
  return program;
}

/** Words what commander found wrong, in the project's own shape. */
function explainUsage(error: CommanderError, program: Command): Diagnostic {
  const message = error.message.replace(/^error: /, "").replace(/\n\(Did you mean [^)]*\)$/s, "");
  const usage: Omit<Diagnostic, "message"> = { severity: "error", code: "usage" };
  switch (error.code) {
    case "commander.unknownOption": {
      const option = /'([^']*)'/.exec(message)?.[1] ?? "";
      const known = [program, ...program.commands].flatMap((command) => [
        ...command.options.flatMap(({ long, short }) => [long, short]),
        "--help",
      ]);
      const close = nearest(
        option,
        known.filter((name) => name != null),
      ).map((name) => `\`${name}\``);
      const hint = close.length > 0 ? `did you mean ${close.join(" or ")}?` : "`nostos --help` lists the options";
      return { ...usage, message: `unknown option \`${option}\``, hint };
    }
    case "commander.missingArgument":
      return { ...usage, message: message.replaceAll("'", "`"), hint: "`nostos --help` shows examples" };
    case "commander.conflictingOption":
    case "commander.optionMissingArgument":
    case "commander.excessArguments":
      return { ...usage, message: message.replaceAll("'", "`"), hint: "`nostos --help` lists what each command takes" };
    default: {
      // An invalid value: "option '--max-heap <size>' argument 'x' is invalid. It is a size such as 512M or 2G."
      const [first, ...rest] = message.split(" is invalid. ");
      if (rest.length === 0) return { ...usage, message: message.replaceAll("'", "`") };
      return { ...usage, message: `${(first as string).replaceAll("'", "`")} is invalid`, hint: rest.join(" ") };
    }
  }
}
