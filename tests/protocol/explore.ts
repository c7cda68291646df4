/**
 * Tries every order in which the steps of a few schedulers can happen, and says what can go wrong, by the shortest way.
 *
 * The trick: a model is a state made of plain data and the list of steps that are possible in it; a step changes a copy.
 * States that look alike as text are one state, so breadth-first search ends, and the first way that is found to a bad
 * state is a shortest one. What is explored are the functions that the runtime calls, not a description of them.
 *
 * Three questions. `explore`: does every state keep the invariants, is every state without a step a proper end, and does
 * every state lead to one? `findStarvation`: can somebody wait for ever although everybody else gets his turns?
 *
 * E1  States are plain data: objects, arrays, Maps, numbers, strings, booleans, null. Equal data is an equal state.
 * E2  Steps with the same label do the same thing: fairness is judged by labels.
 */

export interface Step<S> {
  readonly label: string;
  run(state: S): void;
}

export interface Model<S> {
  readonly initial: S;
  /** what can happen next; the state that is given is not changed by asking */
  steps(state: S): readonly Step<S>[];
  /** which invariant does not hold, in words */
  violated(state: S): string | undefined;
  /** nothing is left to do, and everything is as it should be; asked of states without a step */
  endProblem(state: S): string | undefined;
}

export interface Problem {
  readonly what: string;
  /** the labels of a shortest way there */
  readonly trace: readonly string[];
  readonly state: string;
}

export interface Explored {
  readonly states: number;
  readonly steps: number;
  readonly ends: number;
  readonly problem: Problem | undefined;
}

const MOST_STATES = 2_000_000;

class Graph<S> {
  readonly numberOf = new Map<string, number>();
  readonly parents: number[] = [];
  readonly labelInto: number[] = [];
  readonly labels: string[] = [];
  readonly edgeFrom: number[] = [];
  readonly edgeTo: number[] = [];
  readonly edgeLabel: number[] = [];
  private readonly numberOfLabel = new Map<string, number>();
  readonly model: Model<S>;

  constructor(model: Model<S>) {
    this.model = model;
  }

  get count(): number {
    return this.parents.length;
  }

  label(text: string): number {
    let number = this.numberOfLabel.get(text);
    if (number === undefined) {
      number = this.labels.length;
      this.labels.push(text);
      this.numberOfLabel.set(text, number);
    }
    return number;
  }

  /** @returns the number of the state, and whether it is new */
  add(state: S, parent: number, label: number): { number: number; isNew: boolean } {
    const text = textOf(state);
    const known = this.numberOf.get(text);
    if (known !== undefined) return { number: known, isNew: false };
    const number = this.count;
    if (number === MOST_STATES) throw new Error(`more than ${MOST_STATES} states: a smaller model says as much`);
    this.numberOf.set(text, number);
    this.parents.push(parent);
    this.labelInto.push(label);
    return { number, isNew: true };
  }

  traceTo(number: number): string[] {
    const trace: string[] = [];
    for (let at = number; this.parents[at]! >= 0; at = this.parents[at]!) trace.push(this.labels[this.labelInto[at]!]!);
    return trace.reverse();
  }

  problem(what: string, number: number, state?: S): Problem {
    let text = state === undefined ? "" : textOf(state);
    if (state === undefined) for (const [each, at] of this.numberOf) if (at === number) text = each;
    return { what, trace: this.traceTo(number), state: text };
  }

  /**
   * Breadth first.
   * @param onState  is told every state once, with whether it has a step; what it returns is a problem
   */
  walk(onState: (state: S, number: number, hasStep: boolean) => string | undefined): Problem | undefined {
    const { model } = this;
    const first = copyOf(model.initial);
    this.add(first, -1, -1);
    let level: { state: S; number: number }[] = [{ state: first, number: 0 }];
    while (level.length > 0) {
      const next: { state: S; number: number }[] = [];
      for (const { state, number } of level) {
        const steps = model.steps(state);
        const what = onState(state, number, steps.length > 0);
        if (what !== undefined) return this.problem(what, number, state);
        for (const step of steps) {
          const after = copyOf(state);
          const label = this.label(step.label);
          try {
            step.run(after);
          } catch (error) {
            const { what, trace, state: text } = this.problem(String(error), number, state);
            return { what, trace: [...trace, step.label], state: text };
          }
          const { number: to, isNew } = this.add(after, number, label);
          this.edgeFrom.push(number);
          this.edgeTo.push(to);
          this.edgeLabel.push(label);
          if (isNew) next.push({ state: after, number: to });
        }
      }
      level = next;
    }
    return undefined;
  }
}

/** Every reachable state. */
export function explore<S>(model: Model<S>): Explored {
  const graph = new Graph(model);
  const ends: number[] = [];
  let problem = graph.walk((state, number, hasStep) => {
    const what = model.violated(state);
    if (what !== undefined || hasStep) return what;
    ends.push(number);
    return model.endProblem(state);
  });
  if (problem === undefined) {
    const stray = firstThatReachesNone(graph, ends);
    if (stray !== undefined) problem = graph.problem("no end can be reached from here", stray);
  }
  return { states: graph.count, steps: graph.edgeFrom.length, ends: ends.length, problem };
}

/** Backwards from the ends. */
function firstThatReachesNone<S>(graph: Graph<S>, ends: readonly number[]): number | undefined {
  const { before, start } = byTarget(graph);
  const reaches = new Uint8Array(graph.count);
  const toDo = [...ends];
  for (const end of ends) reaches[end] = 1;
  for (let at = toDo.pop(); at !== undefined; at = toDo.pop()) {
    for (let i = start[at]!; i < start[at + 1]!; i++) {
      const from = before[i]!;
      if (reaches[from] === 1) continue;
      reaches[from] = 1;
      toDo.push(from);
    }
  }
  const stray = reaches.indexOf(0);
  return stray === -1 ? undefined : stray;
}

function byTarget<S>(graph: Graph<S>): { before: Int32Array; start: Int32Array } {
  const start = new Int32Array(graph.count + 1);
  for (const to of graph.edgeTo) start[to + 1]!++;
  for (let i = 0; i < graph.count; i++) start[i + 1]! += start[i]!;
  const before = new Int32Array(graph.edgeTo.length);
  const place = start.slice();
  for (let edge = 0; edge < graph.edgeTo.length; edge++) before[place[graph.edgeTo[edge]!]!++] = graph.edgeFrom[edge]!;
  return { before, start };
}

/**
 * Whether somebody can wait for ever while everybody takes steps: a circle of states in all of which he waits, and in
 * which no step is possible all the time and yet never taken (weak fairness).
 *
 * The model may run for ever, that is, its states are finite but have no end.
 */
export function findStarvation<S>(model: Model<S>, waits: (state: S) => readonly string[]): Explored {
  const graph = new Graph(model);
  const waitersOf: (readonly string[])[] = [];
  const broken = graph.walk((state, number) => {
    waitersOf[number] = waits(state);
    return model.violated(state);
  });
  const result = { states: graph.count, steps: graph.edgeFrom.length, ends: 0 };
  if (broken !== undefined) return { ...result, problem: broken };
  const edges: { to: number; label: number }[][] = Array.from({ length: graph.count }, () => []);
  for (let i = 0; i < graph.edgeFrom.length; i++)
    edges[graph.edgeFrom[i]!]!.push({ to: graph.edgeTo[i]!, label: graph.edgeLabel[i]! });
  const isWaited = new Set(waitersOf.flat());
  for (const who of isWaited) {
    const waitsAt = waitersOf.map((waiters) => waiters.includes(who));
    for (const circle of circles(edges, waitsAt)) {
      const inside = new Set(circle);
      const taken = new Set<number>();
      for (const at of circle) for (const { to, label } of edges[at]!) if (inside.has(to)) taken.add(label);
      if (taken.size === 0) continue; // one state, and every step leaves it
      const always = edges[circle[0]!]!.map(({ label }) => label).filter((label) =>
        circle.every((at) => edges[at]!.some((edge) => edge.label === label)),
      );
      if (always.some((label) => !taken.has(label))) continue; // fairness leads out of it
      const first = Math.min(...circle);
      const steps = [...taken].map((label) => graph.labels[label]).join(", ");
      return { ...result, problem: graph.problem(`${who} waits for ever while these go on: ${steps}`, first) };
    }
  }
  return { ...result, problem: undefined };
}

/** Tarjan: the strongly connected parts of the states that are `allowed`. */
function circles(edges: readonly (readonly { to: number }[])[], allowed: readonly boolean[]): number[][] {
  const order = new Int32Array(edges.length).fill(-1);
  const low = new Int32Array(edges.length);
  const onStack = new Uint8Array(edges.length);
  const stack: number[] = [];
  const found: number[][] = [];
  let count = 0;
  const enter = (at: number): { at: number; next: number } => {
    order[at] = low[at] = count++;
    stack.push(at);
    onStack[at] = 1;
    return { at, next: 0 };
  };
  for (let root = 0; root < edges.length; root++) {
    if (!allowed[root] || order[root] !== -1) continue;
    const calls = [enter(root)];
    while (calls.length > 0) {
      const call = calls.at(-1)!;
      const { at } = call;
      const edge = edges[at]![call.next++];
      if (edge !== undefined) {
        if (!allowed[edge.to]) continue;
        if (order[edge.to] === -1) calls.push(enter(edge.to));
        else if (onStack[edge.to] === 1) low[at] = Math.min(low[at]!, order[edge.to]!);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller !== undefined) low[caller.at] = Math.min(low[caller.at]!, low[at]!);
      if (low[at] !== order[at]) continue;
      const part: number[] = [];
      for (let other = stack.pop()!; ; other = stack.pop()!) {
        onStack[other] = 0;
        part.push(other);
        if (other === at) break;
      }
      found.push(part);
    }
  }
  return found;
}

/** E1 */
export function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copy = value.slice();
    for (let i = 0; i < copy.length; i++) if (typeof copy[i] === "object") copy[i] = copyOf(copy[i]);
    return copy as T;
  }
  if (value instanceof Map) {
    const copy = new Map();
    for (const [key, part] of value) copy.set(key, copyOf(part));
    return copy as T;
  }
  const copy = { ...value };
  for (const key in copy) if (typeof copy[key] === "object") copy[key] = copyOf(copy[key]);
  return copy;
}

/**
 * E1: the same text for equal states, in whatever order a Map came to be. The names of fields are left out: objects that
 * can stand in one place have the same fields, or a field that tells them apart.
 */
export function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return `${value}`;
  if (value instanceof Map) {
    if (value.size === 0) return "<>";
    const entries: string[] = [];
    for (const [key, part] of value) entries.push(`${textOf(key)}:${textOf(part)}`);
    return `<${entries.sort().join(",")}>`;
  }
  let text = "[";
  for (const part of Array.isArray(value) ? value : Object.values(value))
    text += typeof part === "object" ? textOf(part) : `${part},`;
  return `${text}]`;
}

/** For a message of a failing test. */
export function show({ states, steps, ends, problem }: Explored): string {
  const size = `${states} states, ${steps} steps, ${ends} ends`;
  if (problem === undefined) return size;
  return [`${problem.what} (${size})`, ...problem.trace.map((label, i) => `  ${i + 1}. ${label}`), problem.state].join(
    "\n",
  );
}
