/**
 * Finds what lambdas capture, and which `var`s must be cells.
 *
 * Immutable locals are captured by value. A local that is assigned after it was bound, and is captured, lives in a cell
 * that frame and closures share: one per variable and binding, so that a loop's variable is fresh each turn.
 * Stays true: a lambda captures what its inner lambdas need from outside of it, too. Walks with a list of its own.
 */
import type { Core, CoreFunction, Local } from "../core.ts";
import { InvariantBroken } from "./invariant.ts";
import { addParts, localsOfPattern, patternsOf, throughHoles, visitPatterns } from "./walk.ts";

export interface Captures {
  /** of each lambda node, what it needs from around it, in order of first use */
  readonly ofLambda: ReadonlyMap<Core, readonly Local[]>;
  readonly cells: ReadonlySet<Local>;
  /** locals that are given another value after they were bound */
  readonly assigned: ReadonlySet<Local>;
}

/** A function or lambda; the locals bound in it belong to it. */
interface Owner {
  readonly lambda: Core | undefined;
  readonly around: Owner | undefined;
  readonly captures: Set<Local>;
}

export function findCaptures(fn: Pick<CoreFunction, "params" | "body">): Captures {
  const top: Owner = { lambda: undefined, around: undefined, captures: new Set() };
  const ownerOf = new Map<Local, Owner>();
  const uses: { local: Local; by: Owner }[] = [];
  const selves: { local: Local; around: Owner }[] = [];
  const assigned = new Set<Local>();
  const owners: Owner[] = [];

  for (const param of fn.params) ownerOf.set(param, top);
  const rest: { core: Core; owner: Owner }[] = [{ core: fn.body, owner: top }];
  const parts: Core[] = [];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    const core = throughHoles(at.core);
    let { owner } = at;
    if (core.kind === "lambda") {
      if (core.self !== undefined) selves.push({ local: core.self, around: owner });
      owner = { lambda: core, around: owner, captures: new Set() };
      owners.push(owner);
      for (const param of core.params) ownerOf.set(param, owner);
    } else if (core.kind === "local") uses.push({ local: core.local, by: owner });
    else if (core.kind === "bind") ownerOf.set(core.local, owner);
    else if (core.kind === "for") ownerOf.set(core.variable, owner);
    else if (core.kind === "assign") {
      assigned.add(core.local);
      uses.push({ local: core.local, by: owner });
    } else {
      for (const pattern of patternsOf(core)) {
        for (const local of localsOfPattern(pattern)) ownerOf.set(local, owner);
        visitPatterns(pattern, (part) => {
          if (part.kind !== "assign") return;
          assigned.add(part.local);
          uses.push({ local: part.local, by: owner });
        });
      }
    }
    parts.length = 0;
    addParts(core, parts);
    for (let i = parts.length - 1; i >= 0; i--) rest.push({ core: parts[i]!, owner });
  }
  // a name for itself that nothing binds outside
  for (const { local, around } of selves) if (!ownerOf.has(local)) ownerOf.set(local, around);

  const cells = new Set<Local>();
  for (const { local, by } of uses) {
    const home = ownerOf.get(local);
    if (home === undefined) throw new InvariantBroken("captures", `nothing binds ${local.name}`);
    for (let owner = by; owner !== home; owner = owner.around!) {
      if (owner.around === undefined)
        throw new InvariantBroken("captures", `${local.name} is used outside its function`);
      owner.captures.add(local);
      if (assigned.has(local)) cells.add(local);
    }
  }
  return { ofLambda: new Map(owners.map((owner) => [owner.lambda!, [...owner.captures]])), cells, assigned };
}
