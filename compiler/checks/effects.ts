/**
 * Which mvars a piece of code may touch, and whether it may have to wait: over calls by name, transitively.
 *
 * Two strengths of waiting: `waits` is anything that lets other processes in or takes the world's time (send, spawn,
 * output, input, sleep, receive, a call through a function value: nobody knows what is behind it). `blocks` is what may
 * last until another process does something: receive, sleep, and a `while` or a recursion that touches an mvar, which may
 * be watching it. What a lambda does belongs to whoever calls it, not to where it is written.
 * Stays true: no recursion; each node and each call is looked at once. Recursive functions are found by Tarjan's
 * strongly connected components ("Depth-first search and linear graph algorithms", 1972).
 */
import type { Core, CoreFunction, CoreProgram, Global, Mvar } from "../core.ts";
import { addParts, throughHoles } from "../lower/walk.ts";

export interface Effects {
  /** by the code itself */
  readonly touches: ReadonlySet<Mvar>;
  /** by it or what it calls by name */
  readonly touchesInAll: ReadonlySet<Mvar>;
  readonly writesInAll: ReadonlySet<Mvar>;
  readonly waits: boolean;
  readonly blocks: boolean;
}

const NO_MVARS: ReadonlySet<Mvar> = new Set();
const NOTHING: Effects = {
  touches: NO_MVARS,
  touchesInAll: NO_MVARS,
  writesInAll: NO_MVARS,
  waits: false,
  blocks: false,
};
const WAITING: Effects = { ...NOTHING, waits: true };
const BLOCKING: Effects = { ...NOTHING, waits: true, blocks: true };

/** Host functions outside of these families print, read, look at processes or at the clock. */
const QUIET_NATIVES =
  /^(show|showNested|copy|hash|equal|compare|typeOf|tagOf|fields|panic|makeRef|(Number|Math|Int|Float|BigInt|Decimal|Char|String|Base64|Url|Encoding|Buffer|List|Map|Set|Int64Array|Float64Array|Float32Array|IntList|Option|Result)\..*)$/;
/** Host functions that may wait for something outside of the program. */
const BLOCKING_NATIVES = /^(Stdin|Exec|Tcp|Http|Server|WebSocket|Pg)\./;

function joinEffects(a: Effects, b: Effects): Effects {
  if (b === NOTHING || a === b) return a;
  if (a === NOTHING) return b;
  return {
    touches: union(a.touches, b.touches),
    touchesInAll: union(a.touchesInAll, b.touchesInAll),
    writesInAll: union(a.writesInAll, b.writesInAll),
    waits: a.waits || b.waits,
    blocks: a.blocks || b.blocks,
  };
}

function union(a: ReadonlySet<Mvar>, b: ReadonlySet<Mvar>): ReadonlySet<Mvar> {
  for (const mvar of b) if (!a.has(mvar)) return new Set([...a, ...b]);
  return a;
}

/** A loop or a recursion around mvars may be waiting for one of them to change. */
function mayWatch(effects: Effects): Effects {
  return effects.touchesInAll.size === 0 ? effects : { ...effects, waits: true, blocks: true };
}

/** Effects of the parts of one function (or lambda): see `ProgramEffects.of`. */
export class FunctionEffects {
  private readonly known = new Map<Core, Effects>();
  private readonly program: ProgramEffects;

  constructor(program: ProgramEffects, body: Core) {
    this.program = program;
    this.of(body);
  }

  /** Whether the code itself reads or writes an mvar, or calls something that does. */
  touches(core: Core): boolean {
    return this.of(core).touchesInAll.size > 0;
  }

  of(node: Core): Effects {
    const top = throughHoles(node);
    const known = this.known.get(top);
    if (known !== undefined) return known;
    // parts first: a node comes back from the list when its parts are known
    const rest: Core[] = [top];
    const parts: Core[] = [];
    while (rest.length > 0) {
      const core = rest.at(-1)!;
      if (this.known.has(core)) {
        rest.pop();
        continue;
      }
      parts.length = 0;
      if (core.kind !== "lambda") addParts(core, parts);
      let effects = this.program.ofNode(core);
      let isComplete = true;
      for (let i = parts.length - 1; i >= 0; i--) {
        const part = throughHoles(parts[i]!);
        const partEffects = this.known.get(part);
        if (partEffects === undefined) {
          isComplete = false;
          rest.push(part);
        } else if (isComplete) effects = joinEffects(effects, partEffects);
      }
      if (!isComplete) continue;
      this.known.set(core, core.kind === "while" ? mayWatch(effects) : effects);
      rest.pop();
    }
    return this.known.get(top)!;
  }
}

export class ProgramEffects {
  private readonly functions = new Map<CoreFunction, Effects>();
  private readonly globals = new Map<Global, Effects>();

  constructor(program: CoreProgram) {
    this.solve(program);
  }

  /** Undefined: nothing in this body, nor in what it calls by name, touches an mvar. */
  of(body: Core): FunctionEffects | undefined {
    const effects = new FunctionEffects(this, body);
    return effects.touches(body) ? effects : undefined;
  }

  ofFunction(fn: CoreFunction): Effects {
    return this.functions.get(fn) ?? NOTHING;
  }

  /** Of a node without its parts. */
  ofNode(core: Core): Effects {
    switch (core.kind) {
      case "mvar": {
        const mvars = new Set([core.mvar]);
        return { ...NOTHING, touches: mvars, touchesInAll: mvars };
      }
      case "assignMvar": {
        const mvars = new Set([core.mvar]);
        return { ...NOTHING, touches: mvars, touchesInAll: mvars, writesInAll: mvars };
      }
      case "call":
        return this.called(this.functions.get(core.function));
      case "global":
        return this.called(this.globals.get(core.global));
      case "callNative":
        return BLOCKING_NATIVES.test(core.name) ? BLOCKING : QUIET_NATIVES.test(core.name) ? NOTHING : WAITING;
      case "callValue":
      case "spawn":
      case "send":
        return WAITING;
      case "receive":
      case "sleep":
        return BLOCKING;
      default:
        return NOTHING;
    }
  }

  private called(callee: Effects | undefined): Effects {
    if (callee === undefined || callee === NOTHING) return NOTHING;
    return callee.touches.size === 0 ? callee : { ...callee, touches: NO_MVARS };
  }

  /** Functions and lazy globals, callees first; what is recursive together shares one result. */
  private solve(program: CoreProgram): void {
    type Callee = CoreFunction | Global;
    interface Vertex {
      readonly own: Effects;
      readonly callees: readonly Callee[];
      readonly hasWhile: boolean;
      index: number;
      low: number;
      isOnStack: boolean;
    }
    const vertices = new Map<Callee, Vertex>();
    const store = (callee: Callee, effects: Effects): void => {
      if ("how" in callee) this.globals.set(callee, effects);
      else this.functions.set(callee, effects);
    };
    const recall = (callee: Callee): Effects =>
      ("how" in callee ? this.globals.get(callee) : this.functions.get(callee)) ?? NOTHING;
    const visit = (callee: Callee): Vertex => {
      const body = "how" in callee ? callee.init : callee.body;
      return { ...this.ownEffects(body), index: vertices.size, low: vertices.size, isOnStack: true };
    };

    const component: Callee[] = [];
    for (const start of [program.entry, ...program.functions, ...program.globals]) {
      if (vertices.has(start)) continue;
      const path: { callee: Callee; vertex: Vertex; next: number }[] = [];
      const enter = (callee: Callee): void => {
        const vertex = visit(callee);
        vertices.set(callee, vertex);
        component.push(callee);
        path.push({ callee, vertex, next: 0 });
      };
      enter(start);
      while (path.length > 0) {
        const top = path.at(-1)!;
        const callee = top.vertex.callees[top.next];
        if (callee !== undefined) {
          top.next += 1;
          const known = vertices.get(callee);
          if (known === undefined) enter(callee);
          else if (known.isOnStack) top.vertex.low = Math.min(top.vertex.low, known.index);
          continue;
        }
        path.pop();
        const around = path.at(-1);
        if (around !== undefined) around.vertex.low = Math.min(around.vertex.low, top.vertex.low);
        if (top.vertex.low !== top.vertex.index) continue;
        const members = component.splice(component.lastIndexOf(top.callee));
        let effects: Effects = NOTHING;
        let isRecursive = members.length > 1;
        for (const member of members) {
          const vertex = vertices.get(member)!;
          vertex.isOnStack = false;
          effects = joinEffects(effects, vertex.own);
          for (const called of vertex.callees) {
            isRecursive ||= called === member;
            effects = joinEffects(effects, this.called(recall(called)));
          }
        }
        if (isRecursive) effects = mayWatch(effects);
        for (const member of members) store(member, effects);
        // whether a `while` touches mvars is known only now that what it calls is
        for (const member of members) {
          const body = "how" in member ? member.init : member.body;
          if (body !== undefined && vertices.get(member)!.hasWhile)
            effects = joinEffects(effects, new FunctionEffects(this, body).of(body));
        }
        for (const member of members) store(member, effects);
      }
    }
  }

  /** What a body does by itself, and what it calls by name. */
  private ownEffects(body: Core | undefined): { own: Effects; callees: (CoreFunction | Global)[]; hasWhile: boolean } {
    let own: Effects = NOTHING;
    let hasWhile = false;
    const callees = new Set<CoreFunction | Global>();
    const rest: Core[] = body === undefined ? [] : [body];
    for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
      const core = throughHoles(node);
      hasWhile ||= core.kind === "while";
      if (core.kind === "call") callees.add(core.function);
      else if (core.kind === "global") callees.add(core.global);
      else own = joinEffects(own, this.ofNode(core));
      if (core.kind !== "lambda") addParts(core, rest);
    }
    return { own, callees: [...callees], hasWhile };
  }
}
