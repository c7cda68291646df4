/**
 * What an instruction of TinyTotVM that reaches outside of the machine is: what it takes from the operand stack, and what it
 * does with that.
 *
 * The trick: it says the kinds of its operands once, in its words and in its types, so that no operation looks at a value
 * of another kind, and all complain alike. One that waits gives a promise, and the scheduler runs others meanwhile.
 *
 * O1  Whoever waits is told when its process is gone, and lets go of what it has opened by then.
 * O2  What goes wrong outside is a TinyError, so TRY catches it; any other error is our own.
 */
import { TinyError } from "../../interp/tiny/errors.ts";
import { isInt } from "../../values/kind.ts";
import { asFloat } from "../../values/tiny-text.ts";
import { Bytes, Cons, Handle, type List, Nil, type Resource, type Value } from "../../values/value.ts";
import type { NativeContext, WAITING } from "../native.ts";

/** What one run of TinyTotVM programs has of the outside. */
export interface World {
  /** of the process that runs now */
  readonly context: NativeContext;
  readonly resources: Resources;
  /** what SET_ENV has set; our own environment stays as it is */
  readonly environment: Map<string, string>;
  /** everything has to come out as in the last run, and there is no network */
  readonly isSeeded: boolean;
}

export type Result = Value | typeof WAITING;

/** The kinds of operands, and what an operation gets for them. */
interface Kinds {
  readonly any: Value;
  readonly string: string;
  readonly bytes: Bytes;
  readonly data: string | Bytes;
  readonly int: number | bigint;
  readonly number: number;
  readonly list: List;
  readonly connection: Handle;
  readonly stream: Handle;
  readonly future: Handle;
}
type Kind = keyof Kinds;

export interface Operation {
  readonly kinds: readonly Kind[];
  /** its operands, in TinyTotVM's words */
  readonly expects: string;
  readonly run: (world: World, ...operands: Value[]) => Result;
}

/**
 * @param kinds  the last one lies on top
 * @param run    what it answers is pushed if the instruction pushes anything; see the opcode table
 */
export function operation<const Wanted extends readonly Kind[]>(
  expects: string,
  kinds: Wanted,
  run: (world: World, ...operands: { [At in keyof Wanted]: Kinds[Wanted[At]] }) => Result,
): Operation {
  return { kinds, expects, run: run as unknown as Operation["run"] };
}

/** What the operation gets for the operand; undefined: it is of another kind. */
export function asKind(kind: Kind, value: Value): Value | undefined {
  switch (kind) {
    case "any":
      return value;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "bytes":
      return value instanceof Bytes ? value : undefined;
    case "data":
      return typeof value === "string" || value instanceof Bytes ? value : undefined;
    case "int":
      return isInt(value) ? value : undefined;
    case "number":
      return isInt(value) ? Number(value) : asFloat(value);
    case "list":
      return value instanceof Cons || value instanceof Nil ? value : undefined;
    case "connection":
    case "stream":
    case "future":
      return value instanceof Handle && value.kind.toLowerCase() === kind ? value : undefined;
  }
}

/**
 * Parks the process until the promise is settled.
 * @param start  is given a signal that tells when the process is gone: O1
 */
export function waitFor(world: World, start: (gone: AbortSignal) => Promise<Value>): typeof WAITING {
  return world.context.wait((done, whenGone) => {
    const gone = new AbortController();
    whenGone(() => gone.abort());
    start(gone.signal).then(
      (value) => done({ value }),
      (error: unknown) => {
        if (error instanceof TinyError) done({ thrown: error.text });
        else if (!gone.signal.aborted) throw error; // O2: nobody expects it, so it ends the run as our own
      },
    );
  });
}

/** What the processes of a run hold open. It is closed with the process that opened it, whoever else knows it by then. */
export class Resources {
  private readonly ofProcess = new Map<number, Set<Resource>>();
  private readonly owners = new Map<Resource, number>();
  private named = 0;

  add(pid: number, resource: Resource): void {
    const held = this.ofProcess.get(pid);
    if (held === undefined) this.ofProcess.set(pid, new Set([resource]));
    else held.add(resource);
    this.owners.set(resource, pid);
  }

  /** It has been closed, or has closed itself. */
  remove(resource: Resource): void {
    const pid = this.owners.get(resource);
    if (pid === undefined) return;
    this.owners.delete(resource);
    const held = this.ofProcess.get(pid)!;
    held.delete(resource);
    if (held.size === 0) this.ofProcess.delete(pid);
  }

  /** The process has ended. */
  release(pid: number): void {
    for (const resource of this.ofProcess.get(pid) ?? []) {
      this.owners.delete(resource);
      resource.close();
    }
    this.ofProcess.delete(pid);
  }

  /** A number for a name: 1, 2, 3 … */
  nextNumber(): number {
    return ++this.named;
  }

  /** How many are open. */
  get count(): number {
    return this.owners.size;
  }
}
