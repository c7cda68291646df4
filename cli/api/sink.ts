/** Where a machine's output goes for a host: on to Node's own streams, kept as text, or to a function of the host's. */
import type { Sink } from "../../vm/host/sink.ts";

/** `inherit`: the descriptors of this Node process; `capture`: `machine.stdout` and `machine.stderr` */
export type Output = "inherit" | "capture" | ((text: string) => void);

/** @internal */
export class HostSink implements Sink {
  /** what was captured */
  out = "";
  error = "";
  broken: Sink["broken"] = "no";
  private readonly inherited: Sink;
  private readonly outTo: Output;
  private readonly errorTo: Output;

  constructor(outTo: Output, errorTo: Output, inherited: Sink) {
    this.outTo = outTo;
    this.errorTo = errorTo;
    this.inherited = inherited;
  }

  writeOut(text: string): void {
    if (this.outTo === "inherit") {
      this.inherited.writeOut(text);
      this.noteBroken();
    } else if (this.outTo === "capture") this.out += text;
    else this.give(this.outTo, text);
  }

  writeError(text: string): void {
    if (this.errorTo === "inherit") this.inherited.writeError(text);
    else if (this.errorTo === "capture") this.error += text;
    else this.give(this.errorTo, text);
  }

  flush(wholeLines?: boolean): void {
    this.inherited.flush(wholeLines);
    this.noteBroken();
  }

  private noteBroken(): void {
    if (this.broken === "no") this.broken = this.inherited.broken;
  }

  /** An exception of the host's function ends the run: its output cannot be written. */
  private give(to: (text: string) => void, text: string): void {
    try {
      to(text);
    } catch (error) {
      this.broken = { message: error instanceof Error ? error.message : String(error) };
    }
  }
}
