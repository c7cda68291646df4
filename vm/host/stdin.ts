/**
 * Standard input for programs: lines when asked for, the rest at once when asked for that.
 *
 * A stream on the descriptor is opened by the first question only, and paused while nobody asks: so a program that
 * never reads leaves its input to others, and does not stay alive because of it.
 * Stays true: questions are answered in their order; what was read and not asked for stays in `text`.
 */
import { createReadStream, type ReadStream } from "node:fs";
import type { InputLines } from "./native.ts";

type Question = { readonly all: boolean; readonly done: (text: string | undefined) => void };

export class StreamLines implements InputLines {
  private readonly fd: number;
  private stream: ReadStream | undefined;
  private text = "";
  /** how far `text` was searched for a line end */
  private searched = 0;
  private ended = false;
  private questions: Question[] = [];

  constructor(fd = 0) {
    this.fd = fd;
  }

  readLine(done: (line: string | undefined) => void): void {
    this.ask({ all: false, done });
  }

  readAll(done: (text: string) => void): void {
    this.ask({ all: true, done: (text) => done(text ?? "") });
  }

  /** Lets go of the descriptor; whoever still waits gets the end of the input. */
  close(): void {
    this.stream?.destroy();
    this.stream = undefined;
    this.ended = true;
  }

  private ask(question: Question): void {
    this.questions.push(question);
    this.answer();
    if (this.questions.length === 0) return;
    if (this.stream === undefined) this.open();
    else this.stream.resume();
  }

  private open(): void {
    // descriptor 0 is not ours to close
    const stream = createReadStream("", { fd: this.fd, autoClose: false, encoding: "utf8" });
    this.stream = stream;
    const end = (): void => {
      this.ended = true;
      this.answer();
    };
    stream.on("data", (chunk) => {
      this.text += chunk as string;
      this.answer();
      if (this.questions.length === 0) stream.pause();
    });
    stream.on("end", end);
    // a closed or unreadable input is an empty one
    stream.on("error", end);
  }

  private answer(): void {
    while (this.questions.length > 0) {
      const question = this.questions[0]!;
      let text: string | undefined;
      if (question.all) {
        if (!this.ended) return;
        text = this.text;
        this.text = "";
      } else {
        const end = this.text.indexOf("\n", this.searched);
        if (end === -1 && !this.ended) {
          this.searched = this.text.length;
          return;
        }
        if (end !== -1) {
          text = this.text.slice(0, end);
          this.text = this.text.slice(end + 1);
        } else if (this.text !== "") {
          text = this.text;
          this.text = "";
        }
        if (text?.endsWith("\r")) text = text.slice(0, -1);
      }
      this.searched = 0;
      this.questions.shift();
      question.done(text);
    }
  }
}
