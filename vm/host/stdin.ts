/**
 * Standard input for programs: lines when asked for, the rest at once when asked for that.
 *
 * The descriptor is read only while somebody asks: a program that never reads leaves its input to others, and does not
 * stay alive because of it. Reads happen on a thread of Node's pool, so waiting for a line stops nobody.
 * Stays true: questions are answered in their order; what was read and not asked for stays in `text`.
 */
import { read } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { InputLines } from "./native.ts";

const PIECE_BYTES = 64 * 1024;
/** A descriptor that does not block (a terminal that somebody has set so) is asked again after this. */
const RETRY_MS = 10;

type Question = { readonly all: boolean; readonly done: (text: string | undefined) => void };

export class StreamLines implements InputLines {
  private readonly fd: number;
  private readonly decoder = new StringDecoder("utf8");
  private isReading = false;
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

  /** Reads no more; whoever still waits gets no answer. */
  close(): void {
    this.ended = true;
    this.questions = [];
  }

  private ask(question: Question): void {
    this.questions.push(question);
    this.answer();
    this.readOn();
  }

  private readOn(): void {
    if (this.isReading || this.ended || this.questions.length === 0) return;
    this.isReading = true;
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    read(this.fd, buffer, 0, PIECE_BYTES, null, (error, count) => {
      this.isReading = false;
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.readOn(), RETRY_MS);
        return;
      }
      // a closed or unreadable input is an empty one
      if (error !== null || count === 0) {
        this.text += this.decoder.end();
        this.ended = true;
      } else this.text += this.decoder.write(buffer.subarray(0, count));
      this.answer();
      this.readOn();
    });
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
