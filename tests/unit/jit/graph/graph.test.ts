import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameOf, OP, OPCODES } from "../../../../vm/bytecode/opcodes.ts";
import { findDominators } from "../../../../vm/jit/graph/dominators.ts";
import { buildGraph, type Graph, operandDepths } from "../../../../vm/jit/graph/graph.ts";
import { isRepeated, type Step, type Structured, structure } from "../../../../vm/jit/graph/structure.ts";
import {
  anyBlocks,
  anyProgram,
  assembled,
  codeOf,
  compileProgram,
  decisions,
  functionOf,
  type TestFunction,
  unitOf,
} from "./support.ts";

const LONGEST_WALK = 200;
const RUNS = { numRuns: 800, verbose: 1 } as const; // fast-check prints the seed of a failure

/** Word offsets of the blocks that a walk enters, by the graph. */
function walkGraph({ blocks }: Graph, decide: () => boolean): number[] {
  const walk: number[] = [];
  for (let id = 0; walk.length < LONGEST_WALK; ) {
    const { from, exit, successors } = blocks[id]!;
    walk.push(from);
    if (exit === "end") break;
    id = successors[exit === "branch" && !decide() ? 1 : 0]!;
  }
  return walk;
}

/** The same by the bytecode: an instruction at a time. */
function walkCode({ code }: TestFunction, { blocks }: Graph, startPc: number, decide: () => boolean): number[] {
  const leaders = new Set(blocks.map(({ from }) => from));
  const walk: number[] = [];
  for (let at = startPc; ; ) {
    if (leaders.has(at)) {
      if (walk.length === LONGEST_WALK) break;
      walk.push(at);
    }
    const row = OPCODES[code[at]!]!;
    if (row.flow === "end") break;
    if (row.flow === "jump" || (row.flow === "branch" && decide())) at = code[at + 1]!;
    else at += 1 + row.operands.length;
  }
  return walk;
}

/** The same by the steps, which this runs as JavaScript would. */
function walkSteps({ body }: Structured, decide: () => boolean): number[] {
  const walk: number[] = [];
  type Left = { readonly how: "break" | "continue"; readonly label: string } | "returned" | "end";
  let expected = -1;
  const run = (steps: readonly Step[]): Left => {
    for (const [index, step] of steps.entries()) {
      switch (step.kind) {
        case "code":
          if (expected !== -1 && expected !== step.block.id) throw new Error(`block ${expected} does not follow`);
          expected = -1;
          if (walk.length === LONGEST_WALK) return "returned";
          walk.push(step.block.from);
          if (step.block.exit === "end") return "returned";
          break;
        case "if": {
          if (decide() !== step.jumps) break;
          const left = run(step.body);
          if (left === "end") throw new Error("S1: the body of an if ends");
          return left;
        }
        case "labelled": {
          const left = run(step.body);
          if (left === "end" || (left !== "returned" && left.how === "break" && left.label === step.label)) break;
          return left;
        }
        case "loop": {
          let left: Left;
          do {
            left = run(step.body);
            if (left === "end") throw new Error("S1: the body of a loop ends");
          } while (left !== "returned" && left.how === "continue" && left.label === step.label);
          if (left === "returned" || left.how !== "break" || left.label !== step.label) return left;
          break;
        }
        case "goto":
          if (expected !== -1) throw new Error("a way from nowhere");
          expected = step.to.id;
          if (step.how !== "on") {
            if (index !== steps.length - 1) throw new Error("steps that nothing reaches");
            return { how: step.how, label: step.label };
          }
      }
    }
    return "end";
  };
  const left = run(body);
  if (left !== "returned") throw new Error(`S1: the steps are left by ${JSON.stringify(left)}`);
  return walk;
}

function nestingOf(steps: readonly Step[]): number {
  return Math.max(0, ...steps.map((step) => ("body" in step ? 1 + nestingOf(step.body) : 0)));
}

function check(fn: TestFunction, startPc: number, bits: readonly boolean[]): boolean {
  const graph = buildGraph(fn, startPc);
  const walk = walkGraph(graph, decisions(bits));
  expect(walk).toEqual(walkCode(fn, graph, startPc, decisions(bits)));
  for (const block of graph.blocks) {
    expect(block.depth).toBe(fn.depths[block.from]);
    expect(block.id).toBe(graph.blocks.indexOf(block)); // B1
    for (const next of block.successors) expect(graph.blocks[next]!.predecessors).toContain(block.id);
  }
  const structured = structure(graph);
  if (structured === undefined) return false;
  expect(walkSteps(structured, decisions(bits))).toEqual(walk);
  expect(structured.nesting).toBe(nestingOf(structured.body));
  return true;
}

const anyBits = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });

/** A place in the function where an instruction starts that can be reached. */
function placeIn({ depths }: TestFunction, choice: number): number {
  const places = [...depths.keys()].filter((at) => depths[at] !== -1);
  return places[choice % places.length]!;
}

describe("the graph and its structure walk as the bytecode does", () => {
  test("in whatever people write, from its start", () => {
    fc.assert(
      fc.property(anyProgram, anyBits, (program, bits) => {
        expect(check(functionOf(unitOf(compileProgram(program), 0)), 0, bits)).toBe(true);
      }),
      RUNS,
    );
  });

  test("in whatever people write, from anywhere", () => {
    fc.assert(
      fc.property(anyProgram, fc.nat(), anyBits, (program, choice, bits) => {
        const fn = functionOf(unitOf(compileProgram(program), 0));
        check(fn, placeIn(fn, choice), bits);
      }),
      RUNS,
    );
  });

  test("in any code", () => {
    let structured = 0;
    fc.assert(
      fc.property(anyBlocks(14), fc.nat(), anyBits, (blocks, choice, bits) => {
        const fn = functionOf(unitOf(codeOf(blocks), 0));
        if (check(fn, placeIn(fn, choice), bits)) structured++;
      }),
      RUNS,
    );
    expect(structured).toBeGreaterThan(RUNS.numRuns / 4);
  });
});

test("dominators and loops are those of the definition, and irreducible is what has a cycle with two entries", () => {
  fc.assert(
    fc.property(anyBlocks(12), (drafts) => {
      const { blocks } = buildGraph(functionOf(unitOf(codeOf(drafts), 0)), 0);
      // a dominates b: b cannot be reached without a
      const reachedWithout = (a: number): Set<number> => {
        const reached = new Set<number>();
        const pending = a === 0 ? [] : [0];
        for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
          if (reached.has(id) || id === a) continue;
          reached.add(id);
          pending.push(...blocks[id]!.successors);
        }
        return reached;
      };
      const without = blocks.map(({ id }) => reachedWithout(id));
      const dominates = (a: number, b: number): boolean => a === b || !without[a]!.has(b);
      // T1 and T2: a graph is reducible if it folds into one block
      const ways = new Map(blocks.map(({ id, successors }) => [id, new Set(successors)]));
      for (let isFolding = true; isFolding; ) {
        isFolding = false;
        for (const [id, next] of ways) {
          next.delete(id);
          const before = [...ways].filter(([, targets]) => targets.has(id));
          if (id === 0 || before.length !== 1) continue;
          before[0]![1].delete(id);
          for (const target of next) before[0]![1].add(target);
          ways.delete(id);
          isFolding = true;
        }
      }
      const found = findDominators(blocks);
      expect(found !== undefined).toBe(ways.size === 1);
      if (found === undefined) return;
      for (const { id } of blocks) {
        const strict = blocks.filter((other) => other.id !== id && dominates(other.id, id));
        const nearest = strict.find((a) => strict.every((b) => dominates(b.id, a.id)));
        expect(found.parent[id]).toBe(nearest?.id ?? 0);
      }
      // the loop of a header: what reaches one of its latches without it
      const loops = new Map<number, Set<number>>();
      for (const header of blocks) {
        const latches = header.predecessors.filter((latch) => dominates(header.id, latch));
        if (latches.length === 0) continue;
        const inside = new Set([header.id]);
        for (let id = latches.pop(); id !== undefined; id = latches.pop()) {
          if (inside.has(id)) continue;
          inside.add(id);
          latches.push(...blocks[id]!.predecessors);
        }
        loops.set(header.id, inside);
      }
      const innermost = (id: number, except: number): number => {
        const around = [...loops].filter(([header, inside]) => header !== except && inside.has(id));
        return around.sort(([, a], [, b]) => a.size - b.size)[0]?.[0] ?? -1;
      };
      for (const { id } of blocks) {
        expect(found.loop[id]).toBe(innermost(id, -1));
        expect(found.outerLoop[id]).toBe(loops.has(id) ? innermost(id, id) : -1);
      }
    }),
    RUNS,
  );
});

/** Steps as text, blocks by their word offsets. */
function drawn(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      if (step.kind === "code") return `${step.block.from}`;
      if (step.kind === "goto") return step.how === "on" ? "" : `${step.how} ${step.label}`;
      if (step.kind === "if") return `if ${step.jumps ? "" : "not "}jumps {${drawn(step.body)}}`;
      return `${step.label}: {${drawn(step.body)}}`;
    })
    .filter((text) => text !== "")
    .join("; ");
}

function structureOf(fn: TestFunction, startPc = 0): string | undefined {
  const structured = structure(buildGraph(fn, startPc));
  return structured && drawn(structured.body);
}

describe("structure", () => {
  test("puts what follows a loop behind it, and repeats a tiny end", () => {
    const fn = assembled(`fn main/0 slots=1
      PUSH_INT 3
      STORE 0
      head:
      LOAD 0
      JZ done
      LOAD 0
      PUSH_INT 1
      SUB
      STORE 0
      JMP head
      done:
      YIELD
      YIELD
      YIELD
      PUSH_UNIT
      RET.val`);
    expect(structureOf(fn)).toBe("0; loop1: {4; if jumps {break loop1}; 8; continue loop1}; 17");
    const tiny = assembled("fn main/0\nagain:\nTRUE\nJZ end\nTRUE\nJZ end\nJMP again\nend:\nPUSH_UNIT\nRET.val");
    expect(structureOf(tiny)).toBe("loop0: {0; if jumps {8}; 3; if jumps {8}; 6; continue loop0}");
  });

  test("takes both arms of an if to what comes next, where only one needs a break", () => {
    const fn = assembled(`fn main/0
      TRUE
      JZ no
      YIELD
      JMP end
      no:
      PUSH_UNIT
      POP
      end:
      YIELD
      YIELD
      YIELD
      PUSH_UNIT
      RET.val`);
    expect(structureOf(fn)).toBe("to3: {0; if jumps {6; break to3}; 3}; 8");
  });

  test("says that a receive in two loops, left by a break, has none", () => {
    const fn = assembled(`fn main/0
      outer:
      YIELD
      inner:
      TRUE
      JZ next
      RECEIVE_BEGIN
      again:
      RECEIVE.match next
      RECEIVE_TAKE
      JZ inner
      JMP next
      next:
      JMP outer`);
    expect(structureOf(fn)).toBeDefined();
    expect(structureOf(fn, fn.code.indexOf(OP["RECEIVE.match"]))).toBeUndefined();
  });

  test("does not nest a chain of tests, and does not recurse over anything", () => {
    const chain = Array.from({ length: 5000 }, (_, i) => `l${i}:\nTRUE\nJZ l${i + 1}\nYIELD\nJMP end`);
    const fn = assembled(`fn main/0\n${chain.join("\n")}\nl5000:\nend:\n${"YIELD\n".repeat(5)}PUSH_UNIT\nRET.val`);
    expect(structure(buildGraph(fn, 0))!.nesting).toBe(2);
    const loops = 2000;
    const heads = Array.from({ length: loops }, (_, i) => `h${i}:\nYIELD`);
    const tails = Array.from({ length: loops }, (_, i) => `TRUE\nJZ h${loops - 1 - i}`);
    const nest = assembled(`fn main/0\n${heads.join("\n")}\n${tails.join("\n")}\nPUSH_UNIT\nRET.val`);
    expect(structure(buildGraph(nest, 0))!.nesting).toBeGreaterThanOrEqual(loops);
  });
});

test("operand depths are the verifier's, also at handlers", () => {
  const fn = assembled(`fn main/0
    PUSH_INT 1
    TRY handler
    PUSH_INT 2
    THROW.val
    handler:
    POP
    RET.val`);
  expect([...operandDepths(fn)]).toEqual([...fn.depths]);
  expect(buildGraph(fn, 0).blocks.map(({ from }) => from)).toEqual([0, fn.code.indexOf(OP.POP)]);
  const bare = { code: fn.code }; // nothing is known of handlers: a throw leaves
  expect(buildGraph(bare, 0).blocks.map(({ from }) => from)).toEqual([0]);
  const handler = buildGraph(fn, fn.code.indexOf(OP.POP));
  expect(handler.blocks.map(({ depth, last }) => [depth, nameOf(OPCODES[fn.code[last]!]!)])).toEqual([[2, "RET.val"]]);
  expect(isRepeated(handler.blocks[0]!)).toBe(true);
});
