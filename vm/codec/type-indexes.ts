/** Where each type stands in the table of a program: what both ends know of it, since they link the same Unit. */
import type { Program } from "../interp/program.ts";
import type { InternedType } from "../values/data-types.ts";

type Indexes = ReadonlyMap<InternedType, number>;

interface Known {
  /** the table may grow (vm/interp/extend.ts) */
  readonly length: number;
  readonly indexes: Indexes;
}

const known = new WeakMap<Program, Known>();
// The last answer, since a scheduler has one program.
let lastProgram: Program | undefined;
let lastKnown: Known | undefined;

export function typeIndexes(program: Program): Indexes {
  if (lastProgram === program && lastKnown?.length === program.dataTypes.length) return lastKnown.indexes;
  let found = known.get(program);
  if (found?.length !== program.dataTypes.length) {
    const { dataTypes } = program;
    found = { length: dataTypes.length, indexes: new Map(dataTypes.map((type, index) => [type, index])) };
    known.set(program, found);
  }
  lastProgram = program;
  lastKnown = found;
  return found.indexes;
}
