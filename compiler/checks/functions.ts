/** The functions of a program as the checks walk them. */
import type { Core, CoreFunction, CoreProgram } from "../core.ts";
import { addParts, throughHoles } from "../lower/walk.ts";

/** The entry and all others, each once. */
export function functionsOf(program: CoreProgram): readonly CoreFunction[] {
  return [...new Set([...program.functions, program.entry])];
}

/** Every node of a body, outer ones first, in source order; lambdas are entered only when asked to. */
export function* nodesOf(body: Core, intoLambdas: boolean): Generator<Core> {
  const rest: Core[] = [body];
  const parts: Core[] = [];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    const core = throughHoles(node);
    yield core;
    if (core.kind === "lambda" && !intoLambdas) continue;
    parts.length = 0;
    addParts(core, parts);
    for (let i = parts.length - 1; i >= 0; i--) rest.push(parts[i]!);
  }
}
