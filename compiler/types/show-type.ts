/** Types as people read them: `List[Int]`, `(Int, a) -> Bool`. Unknown ones are a, b, c … in order of appearance. */
import { isLoose, isPid, prune, type Type, type TypeVar } from "./type.ts";

const MAX_DEPTH = 12; // deeper parts are shown as …, no message needs them

export class TypePrinter {
  private readonly names = new Map<TypeVar, string>();
  private readonly taken = new Set<string>();

  private readonly messagesOf: (messages: TypeVar) => string;

  constructor(messagesOf: (messages: TypeVar) => string = () => "") {
    this.messagesOf = messagesOf;
  }

  show(type: Type, depth = 0): string {
    const t = prune(type);
    if (depth > MAX_DEPTH) return "…";
    const inner = (part: Type): string => this.show(part, depth + 1);
    switch (t.kind) {
      case "var":
        return this.nameOf(t);
      case "data":
        if (t.args.length === 0) return t.entity.name;
        if (isPid(t)) return this.showPid(prune(t.args[0] as Type), depth);
        return `${t.entity.name}[${t.args.map(inner).join(", ")}]`;
      case "tuple":
        return `(${t.items.length > 20 ? `${t.items.slice(0, 20).map(inner).join(", ")}, …` : t.items.map(inner).join(", ")})`;
      case "struct":
        return `{${[...t.fields].map(([name, field]) => `${name}: ${inner(field)}`).join(", ")}}`;
      case "function":
        return `(${t.params.map(inner).join(", ")}) -> ${inner(t.result)}`;
      default:
        return isLoose(t) ? "_" : "?";
    }
  }

  /** Which messages an inferred pid takes is known at the end only, to who passes `messagesOf`. */
  private showPid(messages: Type, depth: number): string {
    const shown = messages.kind === "var" ? this.messagesOf(messages) : isLoose(messages) ? "" : undefined;
    if (shown === undefined) return `Pid[${this.show(messages, depth + 1)}]`;
    return shown === "" ? "Pid" : `Pid[${shown}]`;
  }

  private nameOf(variable: TypeVar): string {
    let name = this.names.get(variable);
    if (name === undefined) {
      name = variable.name;
      for (let i = 0; name === undefined || this.taken.has(name); i++)
        name = `${String.fromCharCode(97 + (i % 26))}${i < 26 ? "" : Math.floor(i / 26)}`;
      this.names.set(variable, name);
      this.taken.add(name);
    }
    return name;
  }
}

export function showType(type: Type): string {
  return new TypePrinter().show(type);
}
