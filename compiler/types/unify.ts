/**
 * Makes two types equal by binding variables, or says where they differ.
 *
 * The tricks: an explicit stack, so the depth of types costs no JavaScript stack; ground parts are compared by identity
 * first and never walked for the occurs check; a trail records bindings while a guess is tried, so it can be undone.
 * Pids are not made equal. Where a pid is used as one for other messages, that is noted (`met`): what it must take, or which
 * pid may be among them. So an annotation takes no checks away from what it is given, and adds no limits.
 * Stays true: on a mismatch some variables may stay bound unless the caller tried it as a guess; a variable is never
 * bound to a type that contains it; predicates of a bound variable are queued, never lost.
 */
import type { Predicate } from "./predicates.ts";
import { GENERIC, isLoose, isPid, partsOf, prune, type Type, type TypeVar } from "./type.ts";

export interface Mismatch {
  readonly reason: "different" | "infinite" | "arity" | "missing-field";
  /** the innermost parts that differ */
  readonly expected: Type;
  readonly found: Type;
  readonly field?: string;
}

/** What became known of the messages of a pid. */
export interface Meeting {
  readonly messages: TypeVar;
  /** it may be a pid that takes these, or one of which nothing is known, or: whatever it is, it must take these */
  readonly what: "unknown" | { readonly takes: Type } | { readonly mustTake: Type };
}

interface Undo {
  readonly variable: TypeVar;
  readonly target: Type;
  readonly waiting: Predicate[] | undefined;
  readonly targetWaiting: Predicate[] | undefined;
  readonly targetLevel: number;
}

export class Unifier {
  /** predicates whose variable was bound since they were last looked at */
  readonly ready: Predicate[] = [];
  /** pids that met others since they were last looked at */
  readonly met: Meeting[] = [];
  private trail: Undo[] | undefined;

  /** Undoes everything that `attempt` bound unless it returns true. */
  tentatively(attempt: () => boolean): boolean {
    const outer = this.trail;
    const trail: Undo[] = [];
    this.trail = trail;
    const readyBefore = this.ready.length;
    const metBefore = this.met.length;
    const succeeded = attempt();
    this.trail = outer;
    if (succeeded) {
      if (outer !== undefined) outer.push(...trail);
      return true;
    }
    for (let i = trail.length - 1; i >= 0; i--) {
      const { variable, target, waiting, targetWaiting, targetLevel } = trail[i] as Undo;
      variable.link = undefined;
      variable.waiting = waiting;
      if (target.kind === "var") {
        target.waiting = targetWaiting;
        target.level = targetLevel;
      }
    }
    this.ready.length = readyBefore;
    this.met.length = metBefore;
    return false;
  }

  unify(expected: Type, found: Type): Mismatch | undefined {
    const left: Type[] = [expected];
    const right: Type[] = [found];
    // what goes into a function goes the other way
    const turned: boolean[] = [false];
    while (left.length > 0) {
      const a = prune(left.pop() as Type);
      const b = prune(right.pop() as Type);
      const isTurned = turned.pop() as boolean;
      if (a === b) continue;
      if (a.kind === "var") {
        const failure = this.bind(a, b);
        if (failure !== undefined) return { reason: failure, expected: a, found: b };
        continue;
      }
      if (b.kind === "var") {
        const failure = this.bind(b, a);
        if (failure !== undefined) return { reason: failure, expected: a, found: b };
        continue;
      }
      if (a.kind === "error" || b.kind === "error") continue;
      if (a.kind === "dynamic" || b.kind === "dynamic") {
        // what is inside becomes as unknown as the whole
        const known = a.kind === "dynamic" ? b : a;
        if (known.ground) continue;
        if (isPid(known)) {
          if ((a === known) !== isTurned) this.note(known.args[0] as Type, "unknown");
          continue;
        }
        for (const part of partsOf(known)) {
          left.push(a.kind === "dynamic" ? a : part);
          right.push(a.kind === "dynamic" ? part : b);
          turned.push(isTurned);
        }
        continue;
      }
      switch (a.kind) {
        case "data":
          if (b.kind !== "data" || a.entity !== b.entity) return { reason: "different", expected: a, found: b };
          if (isPid(a)) {
            const [wanted, given] = isTurned
              ? [b.args[0] as Type, a.args[0] as Type]
              : [a.args[0] as Type, b.args[0] as Type];
            if (this.meet(wanted, given)) break;
            // what is sent must be what it takes
            left.push(given);
            right.push(wanted);
            turned.push(false);
            break;
          }
          pushAll(left, right, a.args, b.args, turned, isTurned);
          break;
        case "tuple":
          if (b.kind !== "tuple" || a.items.length !== b.items.length)
            return { reason: "different", expected: a, found: b };
          pushAll(left, right, a.items, b.items, turned, isTurned);
          break;
        case "function":
          if (b.kind !== "function") return { reason: "different", expected: a, found: b };
          if (a.params.length !== b.params.length) return { reason: "arity", expected: a, found: b };
          left.push(a.result);
          right.push(b.result);
          turned.push(isTurned);
          pushAll(left, right, a.params, b.params, turned, !isTurned);
          break;
        case "struct": {
          const fields = b.kind === "struct" ? b.fields : b.kind === "data" ? this.fieldsOf(b) : undefined;
          if (fields === undefined) return { reason: "different", expected: a, found: b };
          for (const [name, type] of a.fields) {
            const other = fields.get(name);
            if (other === undefined) return { reason: "missing-field", expected: a, found: b, field: name };
            left.push(type);
            right.push(other);
            turned.push(isTurned);
          }
          break;
        }
      }
    }
    return undefined;
  }

  /** A pid for messages of the `given` type is used as one for `wanted` ones; false when the two types must be compared. */
  private meet(wanted: Type, given: Type): boolean {
    const w = prune(wanted);
    const g = prune(given);
    if (w === g || isLoose(w)) return true;
    if (isLoose(g)) this.note(w, "unknown");
    else if (w.kind === "var" && g.kind !== "var") this.note(w, { takes: g });
    else if (g.kind === "var" && w.kind !== "var") this.note(g, { mustTake: w });
    else return false;
    return true;
  }

  private note(messages: Type, what: Meeting["what"]): void {
    const variable = prune(messages);
    if (variable.kind === "var") this.met.push({ messages: variable, what });
  }

  /** Field types of a nominal record, set by the checker. */
  fieldsOf: (type: Type & { readonly kind: "data" }) => ReadonlyMap<string, Type> | undefined = () => undefined;

  private bind(variable: TypeVar, type: Type): "infinite" | "different" | undefined {
    if (variable.level === GENERIC) return "different";
    if (type.kind === "var") {
      if (type.level === GENERIC) return "different";
      if (this.trail !== undefined)
        this.trail.push({
          variable,
          target: type,
          waiting: variable.waiting,
          targetWaiting: type.waiting,
          targetLevel: type.level,
        });
      if (variable.level < type.level) type.level = variable.level;
      if (variable.waiting !== undefined) {
        // two variables that became one may settle predicates over both
        this.ready.push(...variable.waiting);
        type.waiting = type.waiting === undefined ? variable.waiting : [...type.waiting, ...variable.waiting];
        variable.waiting = undefined;
      }
      variable.link = type;
      return undefined;
    }
    if (!type.ground && this.occurs(variable, type)) return "infinite";
    if (this.trail !== undefined)
      this.trail.push({ variable, target: type, waiting: variable.waiting, targetWaiting: undefined, targetLevel: 0 });
    variable.link = type;
    if (variable.waiting !== undefined) {
      this.ready.push(...variable.waiting);
      variable.waiting = undefined;
    }
    return undefined;
  }

  /** Whether the variable is inside the type; on the way, what is inside is moved out to the variable's level. */
  private occurs(variable: TypeVar, type: Type): boolean {
    const stack: Type[] = [type];
    const seen = new Set<Type>();
    while (stack.length > 0) {
      const t = prune(stack.pop() as Type);
      if (t === variable) return true;
      if (t.kind === "var") {
        if (t.level > variable.level && t.level !== GENERIC) t.level = variable.level;
      } else if (!t.ground && !seen.has(t)) {
        seen.add(t);
        for (const part of partsOf(t)) stack.push(part);
      }
    }
    return false;
  }
}

function pushAll(
  left: Type[],
  right: Type[],
  a: readonly Type[],
  b: readonly Type[],
  turned: boolean[],
  isTurned: boolean,
): void {
  // reversed, so that the first difference in reading order is found first
  for (let i = a.length - 1; i >= 0; i--) {
    left.push(a[i] as Type);
    right.push(b[i] as Type);
    turned.push(isTurned);
  }
}

/** Whether two types could be made equal, judging by what is known now; binds nothing. */
export function couldMatch(expected: Type, found: Type): "yes" | "maybe" | "no" {
  let answer: "yes" | "maybe" = "yes";
  const left: Type[] = [expected];
  const right: Type[] = [found];
  let steps = 0;
  while (left.length > 0) {
    const a = prune(left.pop() as Type);
    const b = prune(right.pop() as Type);
    if (a === b || a.kind === "var" || ++steps > 1000) continue;
    if (b.kind === "var" || b.kind === "dynamic" || a.kind === "dynamic" || a.kind === "error" || b.kind === "error") {
      answer = "maybe";
      continue;
    }
    if (a.kind === "struct") {
      if (b.kind === "struct" || b.kind === "data") answer = "maybe";
      else return "no";
      continue;
    }
    if (a.kind !== b.kind) return "no";
    if (a.kind === "data" && a.entity !== (b as typeof a).entity) return "no";
    if (isPid(a)) continue;
    const partsA = partsOf(a);
    const partsB = partsOf(b);
    if (partsA.length !== partsB.length) return "no";
    for (let i = 0; i < partsA.length; i++) {
      left.push(partsA[i] as Type);
      right.push(partsB[i] as Type);
    }
  }
  return answer;
}
