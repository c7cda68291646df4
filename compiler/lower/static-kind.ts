/** What is known of an expression's value without running it; "any" when nothing is. */
import type { Kind } from "../../vm/bytecode/unit.ts";
import type { Core } from "../core.ts";
import { throughHoles } from "./walk.ts";

const CONSTANT_KINDS: ReadonlySet<string> = new Set<Kind>(["Int", "Float", "Bool", "String", "Unit", "Char", "BigInt"]);

export function staticKind(node: Core): Kind {
  const core = throughHoles(node);
  switch (core.kind) {
    case "const":
      return CONSTANT_KINDS.has(core.value.kind) ? (core.value.kind as Kind) : "any";
    case "local":
      return core.local.kind;
    case "call":
      return core.function.resultKind;
    case "binary":
      if (core.op === "::") return "List";
      if (["==", "!=", "<", ">", "<=", ">="].includes(core.op)) return "Bool";
      return core.operands === "int"
        ? "Int"
        : core.operands === "float"
          ? "Float"
          : core.operands === "string"
            ? "String"
            : "any";
    case "chain": {
      const operands = core.rest.at(-1)?.operands;
      return operands === "int" ? "Int" : operands === "float" ? "Float" : operands === "string" ? "String" : "any";
    }
    case "not":
    case "and":
    case "or":
    case "test":
      return "Bool";
    case "interpolate":
      return "String";
    case "list":
    case "comprehension":
      return "List";
    case "tuple":
      return "Tuple";
    case "map":
      return "Map";
    case "set":
      return "Set";
    case "construct":
      return "Data";
    case "lambda":
    case "function":
      return "Function";
    case "self":
      return "Pid";
    case "spawn":
      return core.how === "spawn_monitor" ? "Tuple" : "Pid";
    default:
      return "any";
  }
}
