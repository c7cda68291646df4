/**
 * `nostos repl`: reads inputs, runs them in one session, prints what they come to.
 *
 * From a terminal it asks line by line with editing, history and completion; from a pipe it reads without asking. What
 * the program itself reads from standard input are the lines behind the input that reads them.
 * Stays true: the event loop is free while it waits for a line, so processes of earlier inputs go on.
 */
import { createInterface, type Interface } from "node:readline";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { nearest } from "../../compiler/diagnostics/nearest.ts";
import type { InputLines } from "../../vm/host/native.ts";
import { NATIVES } from "../../vm/host/natives/index.ts";
import { StreamLines } from "../../vm/host/stdin.ts";
import { FdSink, type Outcome } from "../../vm/index.ts";
import { Session } from "../../vm/session.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { type InputResult, Prompt } from "../prompt.ts";
import { explainExit, explainOutcome } from "../report.ts";
import { resultLine } from "../result.ts";
import { showDiagnostics } from "../terminal.ts";

const PROMPT = "nostos> ";
const MORE = "   ... ";

const COMMANDS = [":help", ":load", ":quit", ":type"];
const HELP = `An expression prints its value; definitions, bindings and types stay, and can be made anew.
Clauses of one function may follow each other, one an input. Processes go on between inputs.
  :type EXPR    the type of an expression, which does not run
  :load FILE    take the definitions of a file, and run its statements
  :help         this text
  :quit         leave; so does the end of input (Ctrl-D). Ctrl-C ends the input that runs.
`;

/** Lines from a terminal, for the prompt and for programs that read. */
class TerminalLines implements InputLines {
  readonly terminal: Interface;
  private questions: ((line: string | undefined) => void)[] = [];
  private readonly unasked: string[] = [];
  private isClosed = false;

  constructor(complete: (line: string) => [string[], string]) {
    this.terminal = createInterface({ input: process.stdin, output: process.stdout, completer: complete });
    this.terminal.on("line", (line) => {
      const question = this.questions.shift();
      if (question === undefined) this.unasked.push(line);
      else question(line);
    });
    this.terminal.on("close", () => {
      this.isClosed = true;
      for (const question of this.questions.splice(0)) question(undefined);
    });
  }

  readLine(done: (line: string | undefined) => void): void {
    const line = this.unasked.shift();
    if (line !== undefined || this.isClosed) done(line);
    else this.questions.push(done);
  }

  withdraw(done: (text: never) => void): void {
    this.questions = this.questions.filter((question) => question !== done);
  }

  readAll(done: (text: string) => void): void {
    const lines: string[] = [];
    const next = (): void =>
      this.readLine((line) => {
        if (line === undefined) return done(lines.join("\n"));
        lines.push(line);
        next();
      });
    next();
  }

  /** The prompt does not want the line any more that it has asked for. */
  cancel(): void {
    this.questions.shift()?.("");
  }

  close(): void {
    this.terminal.close();
  }
}

export async function repl(options: { readonly json?: true }): Promise<ExitCode> {
  const asJson = options.json === true;
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const sink = new FdSink();
  const terminal: TerminalLines | undefined = isTerminal
    ? new TerminalLines((line) => completions(line, prompt.names))
    : undefined;
  const lines: InputLines & { close(): void } = terminal ?? new StreamLines();
  const show = (diagnostics: readonly Diagnostic[]): void => showDiagnostics(diagnostics, asJson, prompt.sources);
  let ended: Outcome | undefined;
  const session: Session = new Session({
    natives: NATIVES,
    sink,
    stdin: lines,
    onReport: (report) => show([explainExit(report, { sources: prompt.sources })]),
    onEnd: (outcome) => {
      ended = outcome;
      lines.close();
    },
  });
  const prompt: Prompt = new Prompt(session);
  let isRunning = false;
  let isCancelled = false;
  const interrupt = (): void => {
    if (isRunning) {
      session.interrupt();
      return;
    }
    isCancelled = true;
    terminal?.cancel();
  };
  terminal?.terminal.on("SIGINT", interrupt);
  process.on("SIGINT", () => {
    if (isRunning || terminal !== undefined) interrupt();
    else process.exit(EXIT.interrupted);
  });

  /** One more line; undefined at the end of input. */
  const ask = (text: string): Promise<string | undefined> => {
    terminal?.terminal.setPrompt(text);
    terminal?.terminal.prompt();
    return new Promise((resolve) => lines.readLine(resolve));
  };
  /** Shows how an input has ended. @returns whether it has failed */
  const report = ({ outcome, diagnostics }: InputResult): boolean => {
    show(diagnostics);
    if (outcome?.kind === "returned") sink.writeOut(resultLine(outcome.value));
    sink.flush();
    const problem = outcome && explainOutcome(outcome, { sources: prompt.sources });
    if (problem !== undefined) show([problem]);
    return problem !== undefined || diagnostics.some(({ severity }) => severity === "error");
  };

  let hasFailed = false;
  while (ended === undefined) {
    isCancelled = false;
    let text = await ask(PROMPT);
    if (text === undefined) break;
    if (isCancelled) {
      sink.writeOut("\n");
      sink.flush();
      continue;
    }
    const command = text.trimStart();
    let result: InputResult;
    if (command.startsWith(":")) {
      const [name = ":", ...rest] = command.trimEnd().split(/\s+/);
      const argument = command.slice(name.length).trim();
      if (isCommand(name, ":quit")) break;
      if (isCommand(name, ":help")) {
        prompt.skip(text);
        sink.writeOut(HELP);
        sink.flush();
        continue;
      }
      if (isCommand(name, ":type") && rest.length > 0) {
        const { type, diagnostics } = prompt.typeOf(argument, text);
        if (type !== undefined) sink.writeOut(`${type}\n`);
        sink.flush();
        result = { diagnostics };
      } else if (isCommand(name, ":load") && rest.length > 0) {
        prompt.skip(text);
        isRunning = true;
        result = await prompt.load(argument);
        isRunning = false;
      } else {
        prompt.skip(text);
        result = { diagnostics: [wrongCommand(name)] };
      }
    } else {
      while (!isCancelled && prompt.isIncomplete(text)) {
        const more = await ask(MORE);
        if (more === undefined) break;
        text += `\n${more}`;
      }
      if (isCancelled) {
        prompt.skip(text);
        continue;
      }
      isRunning = true;
      result = await prompt.run(text);
      isRunning = false;
    }
    if (report(result)) hasFailed = true;
  }
  session.close();
  lines.close();
  const hasBroken = ended !== undefined && ended.kind !== "broken-pipe" && ended.kind !== "returned";
  return !isTerminal && (hasFailed || hasBroken) ? EXIT.failed : EXIT.ok;
}

/** `:q` is `:quit`: a beginning is enough. */
function isCommand(name: string, command: string): boolean {
  return name.length > 1 && command.startsWith(name);
}

function wrongCommand(name: string): Diagnostic {
  const known = COMMANDS.find((command) => isCommand(name, command));
  if (known !== undefined) {
    const message = `\`${known}\` wants to know of what`;
    return { severity: "error", code: "usage", message, hint: "`:help` shows the commands" };
  }
  const close = nearest(name, COMMANDS)[0];
  const hint = close === undefined ? "`:help` lists the commands" : `did you mean \`${close}\`?`;
  return { severity: "error", code: "usage", message: `Unknown command: ${name}`, hint };
}

function completions(line: string, names: readonly string[]): [string[], string] {
  const word = /[:\w]*$/.exec(line)?.[0] ?? "";
  const known = word.startsWith(":") ? COMMANDS : names;
  return [word === "" ? [] : known.filter((name) => name.startsWith(word)), word];
}
