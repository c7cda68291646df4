/**
 * The one way out for what a program prints.
 *
 * process.stdout is never touched: it writes later than asked and loses what is left at exit. Here text is gathered and
 * written at once with writeSync, whole lines first: a full pipe (EAGAIN) is waited for, a closed one (EPIPE) is
 * remembered, and the machine then ends the run quietly.
 * Stays true: everything printed before is on stdout before anything goes to stderr; bytes of one `write` are not parted
 * by another process's.
 */
import { writeSync } from "node:fs";

export interface Sink {
  writeOut(text: string): void;
  /** flushes what went out before, then writes to stderr at once */
  writeError(text: string): void;
  /** all of it; `wholeLines`: an unfinished last line may stay for later */
  flush(wholeLines?: boolean): void;
  /** the reader has gone away, or the disk is full: nothing more can be written */
  readonly broken: "no" | "pipe" | { readonly message: string };
}

/** More than this does not stay in memory. A pipe holds 64 KB, so larger pieces gain nothing. */
const FLUSH_CHARACTERS = 32 * 1024;

/** Writes all bytes, waiting where the other end is slow. */
export type WriteBytes = (fd: number, bytes: Uint8Array, from: number) => number;

/** Lets one of several schedulers write. */
export interface OutputGate {
  /** Waits for its turn. @returns whether it had the turn already, and keeps it */
  enter(): boolean;
  leave(): void;
}

export class FdSink implements Sink {
  broken: Sink["broken"] = "no";
  readonly outFd: number;
  readonly errorFd: number;
  private pieces: string[] = [];
  private gathered = 0;
  private gate: OutputGate | undefined = undefined;
  private readonly writeBytes: WriteBytes;

  constructor(outFd = 1, errorFd = 2, writeBytes: WriteBytes = (fd, bytes, from) => writeSync(fd, bytes, from)) {
    this.outFd = outFd;
    this.errorFd = errorFd;
    this.writeBytes = writeBytes;
  }

  writeOut(text: string): void {
    if (this.broken !== "no") return;
    this.pieces.push(text);
    this.gathered += text.length;
    if (this.gathered > FLUSH_CHARACTERS) this.flush(true);
  }

  writeError(text: string): void {
    this.flush();
    this.writeAlone(this.errorFd, text);
  }

  /** From now on others write to the same descriptors; each piece is written as a whole. */
  shareThrough(gate: OutputGate): void {
    this.gate = gate;
  }

  private writeAlone(fd: number, text: string): Sink["broken"] {
    if (this.gate === undefined) return writeAll(fd, text, this.writeBytes);
    const hadIt = this.gate.enter();
    const broken = writeAll(fd, text, this.writeBytes);
    if (!hadIt) this.gate.leave();
    return broken;
  }

  flush(wholeLines = false): void {
    if (this.gathered === 0 || this.broken !== "no") return;
    const text = this.pieces.join("");
    const end = wholeLines ? text.lastIndexOf("\n") + 1 : text.length;
    // a line that is longer than what we keep goes out in parts
    const cut = end === 0 && text.length > FLUSH_CHARACTERS * 4 ? text.length : end;
    const rest = text.slice(cut);
    this.pieces = rest === "" ? [] : [rest];
    this.gathered = rest.length;
    if (cut > 0) this.broken = this.writeAlone(this.outFd, text.slice(0, cut));
  }
}

function writeAll(fd: number, text: string, writeBytes: WriteBytes): Sink["broken"] {
  const bytes = Buffer.from(text, "utf8");
  let from = 0;
  let waitMs = 1;
  while (from < bytes.length) {
    try {
      from += writeBytes(fd, bytes, from);
      waitMs = 1;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
        waitMs = Math.min(waitMs * 2, 16);
      } else if (code !== "EINTR") {
        return code === "EPIPE" ? "pipe" : { message };
      }
    }
  }
  return "no";
}

/** Keeps what is printed, for tests and for callers that want the text. */
export class TextSink implements Sink {
  readonly broken = "no";
  out = "";
  error = "";

  writeOut(text: string): void {
    this.out += text;
  }
  writeError(text: string): void {
    this.error += text;
  }
  flush(): void {}
}
