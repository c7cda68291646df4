/**
 * Standard input for programs: lines when asked for, the rest at once when asked for that.
 *
 * The stream is opened when somebody asks first and flows only while somebody asks: a program that never reads leaves
 * its input to others, and does not stay alive because of it. A stream rather than reads of the descriptor, because a
 * read that waits for a terminal or a pipe on a thread of Node's pool would hold up the end of the program (Ctrl-C).
 * Stays true: questions are answered in their order; what was read and not asked for stays in `text`. One that is
 * withdrawn takes no line from those behind it.
 */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { InputLines } from "./native.ts";

type Question =
  | { readonly wants: "line" | "character"; readonly done: (text: string | undefined) => void }
  | { readonly wants: "all"; readonly done: (text: string) => void };

export class StreamLines implements InputLines {
  private readonly open: () => Readable;
  private stream: Readable | undefined = undefined;
  private readonly decoder = new StringDecoder("utf8");
  private text = "";
  /** how far `text` was searched for a line end */
  private searched = 0;
  private ended = false;
  private questions: Question[] = [];

  constructor(open: () => Readable = () => process.stdin) {
    this.open = open;
  }

  readLine(done: (line: string | undefined) => void): void {
    this.ask({ wants: "line", done });
  }

  readAll(done: (text: string) => void): void {
    this.ask({ wants: "all", done });
  }

  readCharacter(done: (character: string | undefined) => void): void {
    this.ask({ wants: "character", done });
  }

  withdraw(done: (text: never) => void): void {
    const at = this.questions.findIndex((question) => question.done === done);
    if (at === -1) return;
    this.questions.splice(at, 1);
    this.answer();
    if (this.questions.length === 0) this.stream?.pause();
  }

  /** Reads no more; whoever still waits gets no answer. */
  close(): void {
    this.ended = true;
    this.questions = [];
    this.stream?.pause();
  }

  private ask(question: Question): void {
    this.questions.push(question);
    this.answer();
    if (this.questions.length === 0) return;
    if (this.stream === undefined) this.listen();
    else this.stream.resume();
  }

  private listen(): void {
    let stream: Readable;
    try {
      stream = this.open();
    } catch {
      this.end(); // a closed input is an empty one
      return;
    }
    this.stream = stream;
    stream.on("end", () => this.end());
    stream.on("close", () => this.end());
    stream.on("error", () => this.end()); // and so is an unreadable one
    stream.on("data", (bytes: Uint8Array) => {
      this.text += this.decoder.write(bytes);
      this.answer();
      if (this.questions.length === 0) stream.pause();
    });
  }

  private end(): void {
    if (this.ended) return;
    this.text += this.decoder.end();
    this.ended = true;
    this.answer();
  }

  private answer(): void {
    for (let question = this.questions[0]; question !== undefined; question = this.questions[0]) {
      if (question.wants === "all") {
        if (!this.ended) return;
        this.questions.shift();
        question.done(this.rest());
        continue;
      }
      if (question.wants === "character") {
        if (this.text === "" && !this.ended) return;
        this.questions.shift();
        question.done(this.character());
        continue;
      }
      const end = this.text.indexOf("\n", this.searched);
      if (end === -1 && !this.ended) {
        this.searched = this.text.length;
        return;
      }
      let line: string | undefined;
      if (end !== -1) {
        line = this.text.slice(0, end);
        this.text = this.text.slice(end + 1);
        this.searched = 0;
      } else if (this.text !== "") line = this.rest();
      this.questions.shift();
      question.done(line?.endsWith("\r") ? line.slice(0, -1) : line);
    }
  }

  private character(): string | undefined {
    const code = this.text.codePointAt(0);
    if (code === undefined) return undefined;
    const character = String.fromCodePoint(code);
    this.text = this.text.slice(character.length);
    this.searched = 0;
    return character;
  }

  private rest(): string {
    const { text } = this;
    this.text = "";
    this.searched = 0;
    return text;
  }
}
