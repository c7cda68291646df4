/**
 * Patterns that are missing from a match (language.md 3.2, semantics 33).
 *
 * An error where the type's constructors can be listed — Bool, variants, Option, Result — and one of them has no arm;
 * guards count as if they held, and what stands inside constructors is not looked at.
 */
import type { Arm } from "../../grammar/ast.ts";
import type { Span } from "../../grammar/source.ts";
import type { CoreArm, CorePattern } from "../core.ts";
import type { Checker } from "./checker.ts";
import { isBool, prune, type Type } from "./type.ts";

export function checkExhaustive(c: Checker, scrutinee: Type, _arms: readonly Arm[], cores: readonly CoreArm[], span: Span): void {
  const type = prune(scrutinee);
  const all = isBool(type) ? ["true", "false"] : type.kind === "data" ? type.entity.constructors.map((constructor) => constructor.name) : [];
  if (all.length === 0) return;
  const covered = new Set<string>();
  const stack: CorePattern[] = cores.map((arm) => arm.patterns[0] as CorePattern);
  while (stack.length > 0) {
    const pattern = stack.pop() as CorePattern;
    switch (pattern.kind) {
      case "any":
      case "bind":
      case "assign":
      case "struct":
        return;
      case "or":
        stack.push(...pattern.alternatives);
        break;
      case "construct":
        covered.add(pattern.type.name);
        break;
      case "literal":
        if (pattern.value.kind === "Bool") covered.add(String(pattern.value.value));
        break;
    }
  }
  const missing = all.filter((name) => !covered.has(name));
  if (missing.length > 0) c.report({ code: "not-exhaustive", span, missing, isError: true });
}
