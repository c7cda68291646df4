/**
 * How bytes get from one scheduler to another: message ports, one pair for each two schedulers.
 *
 * The trick: what a scheduler has for another is gathered in one buffer and handed over at a boundary of slices, as one
 * chunk that costs no copy. A word in shared memory says that something was posted, so that looking is cheap; a
 * scheduler that sleeps is woken by the event of its port.
 *
 * X1  Chunks of one scheduler arrive in the order in which they were posted, each once.
 * X2  What is gathered for a scheduler that has no port yet stays where it is until the port comes.
 */
import type { MessagePort } from "node:worker_threads";
import { Writer } from "../codec/writer.ts";
import type { Words } from "./words.ts";

/** What the rest of the cluster knows of how bytes travel. */
export interface Transport {
  /** where entries for that scheduler are gathered */
  writerTo(scheduler: number): Writer;
  /** so much is gathered that it should be posted before the turn ends */
  readonly isFull: boolean;
  /** something is gathered that can be posted now */
  readonly hasGathered: boolean;
  /** something waits for its way: X2 */
  readonly isHeldBack: boolean;
  post(): void;
  /** whether something may have come since the last `take` */
  readonly hasMail: boolean;
  /** The next chunk, and who sent it; undefined: there is none now. */
  take(): { readonly from: number; readonly bytes: Uint8Array } | undefined;
  /** Wakes a scheduler without telling it anything. */
  wake(scheduler: number): void;
  close(): void;
}

/** bytes for one scheduler that are worth a chunk before the turn ends */
const FULL_BYTES = 32 * 1024;

/** What goes through a port: a chunk; null: wake up; a port to a scheduler that has started. */
type Letter = Uint8Array<ArrayBuffer> | null | { readonly scheduler: number; readonly port: MessagePort };

type ReceiveNow = (port: MessagePort) => { message: unknown } | undefined;

class Neighbour {
  readonly writer = new Writer();
  port: MessagePort | undefined = undefined;
}

export class PortTransport implements Transport {
  private readonly words: Words;
  private readonly me: number;
  private readonly neighbours: (Neighbour | undefined)[];
  private readonly receiveNow: ReceiveNow;
  private readonly onMail: () => void;
  /** taken from their ports, not handled yet */
  private readonly come: { readonly from: number; readonly bytes: Uint8Array }[] = [];
  private bellHeard: number;
  /** where `take` looks next */
  private next = 0;

  /** @param onMail  called from the event loop, when something has come */
  constructor(words: Words, me: number, receiveNow: ReceiveNow, onMail: () => void) {
    this.words = words;
    this.me = me;
    this.receiveNow = receiveNow;
    this.onMail = onMail;
    this.neighbours = new Array<Neighbour | undefined>(words.count).fill(undefined);
    this.bellHeard = words.bell(me);
  }

  connect(scheduler: number, port: MessagePort): void {
    this.neighbour(scheduler).port = port;
    port.on("message", (letter: Letter) => {
      this.accept(scheduler, letter);
      this.onMail();
    });
  }

  /** Tells a scheduler the way to another one. */
  introduce(to: number, scheduler: number, port: MessagePort): void {
    const letter: Letter = { scheduler, port };
    this.neighbours[to]!.port!.postMessage(letter, [port]);
    this.words.ring(to);
  }

  writerTo(scheduler: number): Writer {
    return this.neighbour(scheduler).writer;
  }

  get isFull(): boolean {
    for (const neighbour of this.neighbours)
      if (neighbour !== undefined && neighbour.writer.length > FULL_BYTES) return true;
    return false;
  }

  get hasGathered(): boolean {
    for (const neighbour of this.neighbours)
      if (neighbour?.port !== undefined && neighbour.writer.length > 0) return true;
    return false;
  }

  get isHeldBack(): boolean {
    for (const neighbour of this.neighbours)
      if (neighbour !== undefined && neighbour.port === undefined && neighbour.writer.length > 0) return true;
    return false;
  }

  post(): void {
    for (let to = 0; to < this.neighbours.length; to++) {
      const neighbour = this.neighbours[to];
      if (neighbour?.port === undefined || neighbour.writer.length === 0) continue;
      const chunk = neighbour.writer.take();
      this.words.countSent(this.me); // W1
      neighbour.port.postMessage(chunk, [chunk.buffer]);
      this.words.ring(to);
    }
  }

  get hasMail(): boolean {
    return this.come.length > 0 || this.words.bell(this.me) !== this.bellHeard;
  }

  take(): { readonly from: number; readonly bytes: Uint8Array } | undefined {
    if (this.come.length === 0 && this.words.bell(this.me) !== this.bellHeard) {
      this.bellHeard = this.words.bell(this.me); // before looking, so that nothing is missed
      this.empty();
    }
    const chunk = this.come[this.next];
    if (chunk === undefined) {
      this.come.length = 0;
      this.next = 0;
    } else this.next++;
    return chunk;
  }

  wake(scheduler: number): void {
    this.neighbours[scheduler]?.port?.postMessage(null);
    this.words.ring(scheduler);
  }

  close(): void {
    for (const neighbour of this.neighbours) neighbour?.port?.close();
  }

  private neighbour(scheduler: number): Neighbour {
    let neighbour = this.neighbours[scheduler];
    if (neighbour === undefined) {
      neighbour = new Neighbour();
      this.neighbours[scheduler] = neighbour;
    }
    return neighbour;
  }

  private empty(): void {
    for (let from = 0; from < this.neighbours.length; from++) {
      const port = this.neighbours[from]?.port;
      if (port === undefined) continue;
      for (let got = this.receiveNow(port); got !== undefined; got = this.receiveNow(port))
        this.accept(from, got.message as Letter);
    }
  }

  private accept(from: number, letter: Letter): void {
    if (letter === null) return;
    if (letter instanceof Uint8Array) this.come.push({ from, bytes: letter });
    else this.connect(letter.scheduler, letter.port);
  }
}
