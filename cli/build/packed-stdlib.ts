/**
 * Syntax trees as JSON and back, for the standard library inside the bundle.
 *
 * The trick: all spans of a tree name one source, so it is left out and put back. Reading this takes a tenth of the time
 * that parsing takes.
 */
import type { FileAst, SourceFile, Span } from "../../grammar/index.ts";
import type { StdlibModule } from "../stdlib.ts";

export function pack(modules: readonly StdlibModule[]): string {
  const trees = modules.map(({ path, ast }) => ({ path, file: ast.source, items: ast.items }));
  return JSON.stringify(trees, (key, value) => (key === "source" ? undefined : value));
}

export function unpack(text: string): StdlibModule[] {
  const trees = JSON.parse(text) as { path: string; file: SourceFile; items: FileAst["items"] }[];
  return trees.map(({ path, file, items }) => {
    giveSource(items, file);
    return { path, ast: { source: file, items } };
  });
}

/** Recurses no deeper than the parser nests. */
function giveSource(node: object, source: SourceFile): void {
  const children = node as Record<string, unknown>;
  for (const key in children) {
    const child = children[key];
    if (typeof child !== "object" || child === null) continue;
    if (isSpan(child)) children[key] = { source, start: child.start, end: child.end };
    else giveSource(child, source);
  }
}

function isSpan(node: object): node is Span {
  return typeof (node as Span).start === "number" && typeof (node as Span).end === "number";
}
