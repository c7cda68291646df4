/**
 * Local names of one function body, innermost first.
 *
 * The trick: one hash table for all scopes, each name with a stack of its bindings, and a log of what to pop; so a
 * lookup costs the same at any nesting.
 */
import type { Span } from "../../grammar/source.ts";
import type { Core, Global, Local } from "../core.ts";
import type { ParamInfo, Scheme } from "./definition.ts";

export interface Binding {
  readonly name: string;
  readonly span: Span;
  readonly isMutable: boolean;
  scheme: Scheme;
  readonly place:
    | { readonly kind: "local"; readonly local: Local }
    | { readonly kind: "script"; readonly global: Global };
  /** of a local function: names and defaults of its parameters */
  readonly params?: readonly LocalParam[];
  /** local functions of this name with other numbers of parameters, and this one */
  readonly overloads?: readonly Binding[];
  /** how many lambdas are around it */
  readonly depth: number;
  /** made by an earlier input of a session: unless it is a `var`, a new binding takes its name */
  readonly isEarlier?: true;
}

export interface LocalParam extends ParamInfo {
  /** a lambda over the parameters before this one */
  readonly defaultLambda?: Core;
}

export class LocalScope {
  private readonly bindings = new Map<string, Binding[]>();
  private readonly log: string[] = [];

  /** Gives the mark that `leave` goes back to. */
  enter(): number {
    return this.log.length;
  }

  leave(mark: number): void {
    while (this.log.length > mark) this.bindings.get(this.log.pop() as string)?.pop();
  }

  add(binding: Binding): void {
    const stack = this.bindings.get(binding.name);
    if (stack === undefined) this.bindings.set(binding.name, [binding]);
    else stack.push(binding);
    this.log.push(binding.name);
  }

  /** Takes away what the name means now, for the rest of the program. */
  hide(name: string): void {
    this.bindings.get(name)?.pop();
  }

  lookup(name: string): Binding | undefined {
    const stack = this.bindings.get(name);
    return stack === undefined ? undefined : stack[stack.length - 1];
  }

  names(): string[] {
    return [...new Set(this.log)];
  }
}
