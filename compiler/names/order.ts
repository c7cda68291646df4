/**
 * The order in which functions are inferred: what a function names comes before it, as far as there is no cycle.
 *
 * The trick: names are read off the syntax without scopes, so the order is only a good guess; inference itself finds the
 * true groups of mutual recursion. A good guess keeps its recursion shallow: a chain of 10,000 functions costs one level.
 * Stays true: no recursion here, neither over syntax nor over functions.
 */

/** Lower-case names and field names that occur anywhere in a piece of syntax. */
export function namesIn(syntax: unknown): Set<string> {
  const found = new Set<string>();
  const stack: unknown[] = [syntax];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== "object" || node === null) continue;
    if (Array.isArray(node)) {
      for (const item of node) stack.push(item);
      continue;
    }
    const record = node as { readonly kind?: string; readonly name?: unknown };
    if (
      (record.kind === "name" || record.kind === "upperName" || record.kind === "pin") &&
      typeof record.name === "string"
    )
      found.add(record.name);
    else if (record.kind === "field") found.add((record.name as { readonly name: string }).name);
    else if (record.kind === "struct") {
      for (const field of (node as { readonly fields: readonly { readonly name: { readonly name: string } }[] }).fields)
        found.add(field.name.name);
    }
    for (const key in record) if (key !== "span") stack.push((record as Record<string, unknown>)[key]);
  }
  return found;
}

/** Depth-first postorder without recursion. */
export function dependenciesFirst<T>(nodes: readonly T[], edgesOf: (node: T) => readonly T[]): T[] {
  const ordered: T[] = [];
  const seen = new Set<T>();
  for (const root of nodes) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack: { readonly node: T; readonly edges: readonly T[]; next: number }[] = [
      { node: root, edges: edgesOf(root), next: 0 },
    ];
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as (typeof stack)[number];
      const edge = top.edges[top.next++];
      if (edge === undefined) {
        if (top.next > top.edges.length) {
          ordered.push(top.node);
          stack.pop();
        }
      } else if (!seen.has(edge)) {
        seen.add(edge);
        stack.push({ node: edge, edges: edgesOf(edge), next: 0 });
      }
    }
  }
  return ordered;
}
