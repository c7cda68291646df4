/**
 * Turns a table of patterns into a decision, so that a match never tests the same thing twice.
 *
 * The trick: among the places that the first row must look at, ask about the one that most rows need; what a row has
 * learned falls out of it. Heads that exclude each other become one many-way switch, so thousands of literals cost one
 * pass; equal rests of the table are built once (hash-consing), so bodies and guards are shared, not copied.
 * A table can still grow beyond its size: then it is cut in two, the first half failing into the second (backtracking,
 * linear in size), and a single row in that state tries the alternatives of an or-pattern one after the other.
 * Stays true: M1–M3 of decision.ts; rows keep their order; no recursion but for the halving (a logarithm).
 * Source: Maranget, "Compiling Pattern Matching to Good Decision Trees", ML Workshop 2008.
 */
import type { ValueKind } from "../../vm/bytecode/opcodes.ts";
import type { Constant, DataType, Kind } from "../../vm/bytecode/unit.ts";
import type { Core, CorePattern, Local } from "../core.ts";
import { throughHoles, visitPatterns } from "../lower/walk.ts";
import {
  type Binding,
  type Case,
  type Comparand,
  type Decision,
  FAIL,
  type Head,
  isCore,
  isOccurrence,
  type Occurrence,
  type Step,
  type Test,
} from "./decision.ts";

export interface MatchTable {
  /** one a scrutinee, known kinds */
  readonly kinds: readonly Kind[];
  readonly rows: readonly { readonly patterns: readonly CorePattern[]; readonly hasGuard: boolean }[];
  /** values of unknown type (received, caught): a comparison with a literal may have to ask for the kind first */
  readonly isUntyped: boolean;
}

/** The decision of a table, and its scrutinees as places. Row i is arm i. */
export function buildDecision(table: MatchTable): {
  readonly decision: Decision;
  readonly roots: readonly Occurrence[];
} {
  const builder = new Builder(table);
  return { decision: builder.build(), roots: builder.roots };
}

/** What is left to ask of one place for one row; the same question is the same object. */
interface Demand {
  readonly id: number;
  readonly pattern: CorePattern;
  /** list, struct, map, set: the first part that is still to do; a list is seen from there */
  readonly from: number;
  /** the place is known to be of the kind that this pattern needs */
  readonly isChecked: boolean;
}

interface Entry {
  readonly at: Occurrence;
  readonly demand: Demand;
}

interface BindingList {
  readonly id: number;
  readonly binding: Binding;
  readonly before: BindingList | undefined;
}

/** Where a row leads: an arm, or (for a table inside a table) another decision. */
type Goal = { readonly id: number; readonly hasGuard: boolean; readonly arm: number; readonly next: Hole | undefined };

/** Equal rows are the same object, so a table's key is the ids of its rows. */
interface Row {
  readonly id: number;
  readonly goal: Goal;
  /** what is still to ask, left to right; none of them is irrefutable */
  readonly entries: readonly Entry[];
  readonly bindings: BindingList | undefined;
}

/** A place in the graph that is filled when its rows are done; what leads to it is linked when all are filled. */
interface Hole {
  readonly id: number;
  node: Decision | undefined;
}

/** Rows to be decided later, and where to go when none of them fits. */
interface Later {
  (rows: readonly Row[]): Hole;
  instead(fail: Hole): Later;
}

interface Stepped {
  readonly node: Decision;
  readonly link: () => void;
}

/** While a graph is built its links are written; afterwards it is never changed. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Made<Name extends Decision["kind"]> = Writable<Extract<Decision, { kind: Name }>>;

class TooLarge extends Error {}

const NEEDS_KIND: Partial<Record<CorePattern["kind"], ValueKind>> = {
  range: "Int",
  prefix: "String",
  map: "Map",
  set: "Set",
};

/** `==` of these with anything is a Bool; others fail when they meet a function. */
const COMPARE_WITH_ALL: ReadonlySet<Constant["kind"]> = new Set(["Int", "String", "Bool"]);

/** Rows handled per part of the table before it is cut; ordinary tables need fewer than ten. */
const WORK_PER_PART = 10;

class Builder {
  readonly roots: Occurrence[];
  private readonly table: MatchTable;
  private readonly occurrences = new Map<string, Occurrence>();
  private readonly demands = new Map<CorePattern, Map<number, Demand>>();
  private readonly bindingLists = new Map<string, BindingList>();
  private readonly rows = new Map<string, Row>();
  private readonly keyIds = new Map<Core | Local, number>();
  /** patterns of many parts of which one in the middle was done first */
  private readonly shrunk = new Map<string, Collection>();
  private readonly localIds = new Map<Local, number>();
  private readonly patternLocals: readonly ReadonlySet<Local>[];
  private nextId = 1;
  private work = 0;

  constructor(table: MatchTable) {
    this.table = table;
    this.roots = table.kinds.map((kind, index) => this.occurrence(undefined, { kind: "root", index }, kind));
    this.patternLocals = table.rows.map((row) => {
      const locals = new Set<Local>();
      for (const pattern of row.patterns) {
        visitPatterns(pattern, (part) => {
          if (part.kind === "bind" || part.kind === "assign") locals.add(part.local);
        });
      }
      return locals;
    });
  }

  build(): Decision {
    const rows: Row[] = [];
    for (const [arm, row] of this.table.rows.entries()) {
      const goal: Goal = { id: this.nextId++, hasGuard: row.hasGuard, arm, next: undefined };
      const adding = new RowInMaking(goal, undefined);
      row.patterns.forEach((pattern, column) => {
        this.add(adding, this.roots[column]!, pattern);
      });
      rows.push(this.finish(adding));
      if (isClosed(rows.at(-1)!)) break;
    }
    return this.compile(rows, FAIL);
  }

  /** The decision of rows in order; when none fits, `fail`. */
  private compile(rows: readonly Row[], fail: Decision): Decision {
    if (rows.length === 0) return fail;
    let parts = 50;
    for (const row of rows) parts += 1 + row.entries.reduce((sum, entry) => sum + sizeOf(entry.demand.pattern), 0);
    try {
      this.work = parts * WORK_PER_PART;
      return this.graph(rows, fail, false);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
    }
    if (rows.length > 1) {
      const middle = rows.length >> 1;
      const rest = this.compile(rows.slice(middle), fail);
      return this.compile(rows.slice(0, middle), rest);
    }
    this.work = Number.POSITIVE_INFINITY;
    return this.graph(rows, fail, true);
  }

  /** The whole graph, with a list of what is still to do instead of recursion. */
  private graph(rows: readonly Row[], fail: Decision, inTurn: boolean): Decision {
    const memo = new Map<string, Hole>();
    const todo: { rows: readonly Row[]; hole: Hole; later: Later }[] = [];
    const links: (() => void)[] = [];
    const laterElse = (otherwise: Hole): Later => {
      const later = (rest: readonly Row[]): Hole => {
        if (rest.length === 0) return otherwise;
        const key = `${otherwise.id}:${rest.map((row) => row.id).join()}`;
        let hole = memo.get(key);
        if (hole === undefined) {
          hole = { id: this.nextId++, node: undefined };
          memo.set(key, hole);
          todo.push({ rows: rest, hole, later });
        }
        return hole;
      };
      later.instead = laterElse;
      return later;
    };
    const top = laterElse({ id: this.nextId++, node: fail })(rows);
    for (let job = todo.pop(); job !== undefined; job = todo.pop()) {
      const { node, link } = this.step(job.rows, job.later, inTurn);
      job.hole.node = node;
      links.push(link);
    }
    for (const link of links) link();
    return top.node!;
  }

  /** One question; what comes behind it is left for later. */
  private step(given: readonly Row[], later: Later, inTurn: boolean): Stepped {
    let rows = given;
    this.spend(rows.length);
    for (;;) {
      const first = rows[0]!;
      if (inTurn && rows.length > 1) {
        const rest = later(rows.slice(1));
        return this.step([first], later.instead(rest), true);
      }
      if (first.entries.length === 0) return this.leaf(first, rows, later);
      const chosen = this.choose(first, rows);
      if (rows.some((row) => entryAt(row, chosen)?.demand.pattern.kind === "or")) {
        rows = inTurn ? this.alternativesInTurn(first, chosen, later) : this.expand(rows, chosen);
        continue;
      }
      const { demand } = entryAt(first, chosen)!;
      const needed = this.neededKind(chosen, demand);
      if (needed !== undefined) return this.ask(rows, chosen, { kind: "isKind", name: needed }, later);
      if (headOf(demand) !== undefined) return this.switchOn(rows, chosen, later);
      return this.ask(rows, chosen, this.testOf(first, chosen, demand), later);
    }
  }

  /** One row whose or-patterns multiply: one of them is decided by itself, and leads to the rest of the row. */
  private alternativesInTurn(row: Row, at: Occurrence, later: Later): readonly Row[] {
    const entry = entryAt(row, at)!;
    const rest = new RowInMaking(row.goal, row.bindings);
    for (const other of row.entries) if (other !== entry) rest.entries.push(other);
    const goal: Goal = { id: this.nextId++, hasGuard: false, arm: row.goal.arm, next: later([this.finish(rest)]) };
    return alternativesOf(entry.demand.pattern).map((alternative) => {
      const adding = new RowInMaking(goal, undefined);
      this.add(adding, at, alternative);
      return this.finish(adding);
    });
  }

  private leaf(first: Row, rows: readonly Row[], later: Later): Stepped {
    const { goal } = first;
    const bindings = listBindings(first.bindings);
    const nothing = (): void => {};
    if (goal.next !== undefined) {
      const { next } = goal;
      const node: Made<"bind"> = { kind: "bind", bindings, next: FAIL };
      return { node, link: () => void (node.next = next.node!) };
    }
    const arm: Decision = { kind: "arm", arm: goal.arm, bindings: goal.hasGuard ? [] : bindings };
    if (!goal.hasGuard) return { node: arm, link: nothing };
    const node: Made<"guard"> = { kind: "guard", arm: goal.arm, bindings, yes: arm, no: FAIL };
    const no = later(rows.slice(1));
    return { node, link: () => void (node.no = no.node!) };
  }

  /** The place that the first row must ask about and that most rows ask about; the leftmost of equals. */
  private choose(first: Row, rows: readonly Row[]): Occurrence {
    const ready = first.entries.filter((entry) => this.isReady(first, entry));
    const candidates = ready.length > 0 ? ready : first.entries;
    if (candidates.length === 1) return candidates[0]!.at;
    const needs = new Map<Occurrence, number>();
    for (const entry of candidates) needs.set(entry.at, 0);
    for (const row of rows) {
      for (const { at } of row.entries) {
        const count = needs.get(at);
        if (count !== undefined) needs.set(at, count + 1);
      }
    }
    let best = candidates[0]!.at;
    for (const entry of candidates) if (needs.get(entry.at)! > needs.get(best)!) best = entry.at;
    return best;
  }

  /** A pin of a variable of the same pattern has to wait until that variable's place is known. */
  private isReady(row: Row, entry: Entry): boolean {
    const waitsFor = (value: Core): boolean => {
      const core = throughHoles(value);
      if (core.kind !== "local" || row.goal.arm < 0 || !this.patternLocals[row.goal.arm]!.has(core.local)) return false;
      return findBinding(row.bindings, core.local) === undefined;
    };
    const { pattern, from } = entry.demand;
    if (pattern.kind === "equal") return !waitsFor(pattern.value);
    if (pattern.kind === "map") return !pattern.entries.slice(from).some(({ key }) => waitsFor(key));
    return true;
  }

  private expand(rows: readonly Row[], at: Occurrence): readonly Row[] {
    const expanded: Row[] = [];
    for (const row of rows) {
      const entry = entryAt(row, at);
      if (entry?.demand.pattern.kind !== "or") {
        expanded.push(row);
        continue;
      }
      for (const alternative of alternativesOf(entry.demand.pattern)) {
        this.spend(1);
        const adding = new RowInMaking(row.goal, row.bindings);
        for (const other of row.entries) {
          if (other === entry) this.add(adding, at, alternative);
          else adding.entries.push(other);
        }
        expanded.push(this.finish(adding));
      }
    }
    return closed(expanded);
  }

  /** The kind that has to be asked for before a pattern's own question makes sense. */
  private neededKind(at: Occurrence, demand: Demand): ValueKind | undefined {
    if (demand.isChecked) return undefined;
    const { pattern } = demand;
    const mayFail = this.table.isUntyped && pattern.kind === "literal" && !COMPARE_WITH_ALL.has(pattern.value.kind);
    const needed = mayFail ? pattern.value.kind : NEEDS_KIND[pattern.kind];
    return needed === at.kind ? undefined : needed;
  }

  private testOf(row: Row, at: Occurrence, demand: Demand): Test {
    const { pattern, from } = demand;
    switch (pattern.kind) {
      case "range":
        return { kind: "range", from: pattern.from, to: pattern.to, inclusive: pattern.inclusive };
      case "prefix":
        return { kind: "startsWith", prefix: pattern.prefix };
      case "struct":
        return from < pattern.fields.length
          ? { kind: "hasField", name: pattern.fields[from]!.name }
          : { kind: "isRecord" };
      case "map":
        return { kind: "hasKey", key: this.resolve(row, pattern.entries[from]!.key) };
      case "set": {
        const item = pattern.items[from]!;
        if (item.kind === "literal") return { kind: "hasElement", value: item.value };
        if (item.kind === "equal") return { kind: "hasElement", value: this.resolve(row, item.value) };
        return this.elementTest(at, item);
      }
      case "equal":
        return { kind: "equals", value: this.resolve(row, pattern.value) };
      default:
        throw new Error(`no question for a pattern of kind ${pattern.kind}`);
    }
  }

  /** Looks for an element by a table of its own: its variables are bound when it is found. */
  private elementTest(set: Occurrence, item: CorePattern): Test {
    const at = this.occurrence(set, { kind: "element", of: item }, "any");
    const goal: Goal = { id: this.nextId++, hasGuard: false, arm: 0, next: undefined };
    const adding = new RowInMaking(goal, undefined);
    this.add(adding, at, item);
    const saved = this.work;
    const find = this.compile([this.finish(adding)], FAIL);
    this.work = saved;
    return { kind: "element", at, find };
  }

  /** A question with two answers; every row that says something about it learns. */
  private ask(rows: readonly Row[], at: Occurrence, test: Test, later: Later): Stepped {
    const yesRows: Row[] = [];
    const noRows: Row[] = [];
    for (const row of rows) {
      const entry = entryAt(row, at);
      if (entry === undefined) {
        yesRows.push(row);
        noRows.push(row);
        continue;
      }
      const answer = this.learn(row, entry, at, test);
      if (answer.ifYes === "keep") yesRows.push(row);
      else if (answer.ifYes !== "drop") yesRows.push(this.replace(row, entry, answer.ifYes));
      if (answer.ifNo) noRows.push(row);
    }
    const yes = closed(yesRows);
    const no = closed(noRows);
    this.spend(yes.length + no.length);
    const reveals = revealed(yes, at, test.kind === "element" ? [test.at] : []);
    const [yesHole, noHole] = [later(yes), later(no)];
    const node: Made<"test"> = { kind: "test", at, test, reveals, yes: FAIL, no: FAIL };
    const link = (): void => {
      node.yes = yesHole.node!;
      node.no = noHole.node!;
    };
    return { node, link };
  }

  /** What an answer means for a row: what is left to ask on yes; whether the row is still possible on no. */
  private learn(
    row: Row,
    entry: Entry,
    at: Occurrence,
    test: Test,
  ): { ifYes: "keep" | "drop" | NewEntries; ifNo: boolean } {
    const { demand } = entry;
    const { pattern, from } = demand;
    if (pattern.kind === "equal") {
      const isAsked = test.kind === "equals" && sameValue(test.value, this.resolve(row, pattern.value));
      return { ifYes: isAsked ? NOTHING : "keep", ifNo: !isAsked };
    }
    switch (test.kind) {
      case "equals":
        return { ifYes: "keep", ifNo: true };
      case "isKind": {
        const kind = pattern.kind === "literal" ? pattern.value.kind : NEEDS_KIND[pattern.kind];
        if (kind !== test.name) return { ifYes: "drop", ifNo: true };
        return {
          ifYes: isEmptyCollection(pattern)
            ? NOTHING
            : { entries: [{ at, demand: this.demand(pattern, from, true) }], patterns: [] },
          ifNo: false,
        };
      }
      case "range":
        if (pattern.kind === "range") {
          if (pattern.from === test.from && pattern.to === test.to && pattern.inclusive === test.inclusive)
            return { ifYes: NOTHING, ifNo: false };
          return { ifYes: overlaps(pattern, test) ? "keep" : "drop", ifNo: true };
        }
        if (pattern.kind === "literal" && pattern.value.kind === "Int") {
          const isIn = inRange(pattern.value.value, test);
          return { ifYes: isIn ? "keep" : "drop", ifNo: !isIn };
        }
        return { ifYes: "drop", ifNo: true };
      case "startsWith":
        if (pattern.kind === "prefix") {
          if (pattern.prefix === test.prefix) {
            const rest = this.occurrence(at, { kind: "dropped", count: [...test.prefix].length }, "String");
            return { ifYes: { entries: [], patterns: [[rest, pattern.rest]] }, ifNo: false };
          }
          const agree = pattern.prefix.startsWith(test.prefix) || test.prefix.startsWith(pattern.prefix);
          return { ifYes: agree ? "keep" : "drop", ifNo: !pattern.prefix.startsWith(test.prefix) };
        }
        if (pattern.kind === "literal" && pattern.value.kind === "String") {
          const fits = pattern.value.value.startsWith(test.prefix);
          return { ifYes: fits ? "keep" : "drop", ifNo: !fits };
        }
        return { ifYes: "drop", ifNo: true };
      case "hasField": {
        if (pattern.kind !== "struct") return { ifYes: pattern.kind === "construct" ? "keep" : "drop", ifNo: true };
        const position = pattern.fields.findIndex((field, index) => index >= from && field.name === test.name);
        if (position < 0) return { ifYes: "keep", ifNo: true };
        const part = this.occurrence(at, { kind: "fieldNamed", name: test.name }, "any");
        return {
          ifYes: this.without(at, pattern, from, position, [[part, pattern.fields[position]!.pattern]]),
          ifNo: false,
        };
      }
      case "isRecord":
        if (pattern.kind === "struct") return { ifYes: pattern.fields.length === 0 ? NOTHING : "keep", ifNo: false };
        return { ifYes: pattern.kind === "construct" ? "keep" : "drop", ifNo: true };
      case "hasKey": {
        if (pattern.kind !== "map") return { ifYes: "drop", ifNo: true };
        const position = pattern.entries.findIndex(
          ({ key }, index) => index >= from && sameValue(test.key, this.resolve(row, key)),
        );
        if (position < 0) return { ifYes: "keep", ifNo: true };
        const part = this.occurrence(at, { kind: "mapValue", key: test.key }, "any");
        return {
          ifYes: this.without(at, pattern, from, position, [[part, pattern.entries[position]!.value]]),
          ifNo: false,
        };
      }
      case "hasElement": {
        if (pattern.kind !== "set") return { ifYes: "drop", ifNo: true };
        const position = pattern.items.findIndex((item, index) => {
          const value =
            index < from
              ? undefined
              : item.kind === "literal"
                ? item.value
                : item.kind === "equal"
                  ? this.resolve(row, item.value)
                  : undefined;
          return value !== undefined && sameValue(test.value, value);
        });
        if (position < 0) return { ifYes: "keep", ifNo: true };
        return { ifYes: this.without(at, pattern, from, position, []), ifNo: false };
      }
      case "element": {
        if (pattern.kind !== "set") return { ifYes: "drop", ifNo: true };
        const { step } = test.at;
        const position = step.kind === "element" ? pattern.items.indexOf(step.of, from) : -1;
        if (position < 0) return { ifYes: "keep", ifNo: true };
        // its variables were bound while it was found
        return { ifYes: this.without(at, pattern, from, position, []), ifNo: false };
      }
    }
  }

  /** A pin of a variable of this very row means that variable's place; other values stand for themselves. */
  private resolve(row: Row, value: Core): Comparand {
    const core = throughHoles(value);
    return (core.kind === "local" ? findBinding(row.bindings, core.local) : undefined) ?? core;
  }

  /** What is left of a pattern of many parts when the one at `position` (`from` or later) has become `patterns`. */
  private without(
    at: Occurrence,
    pattern: Collection,
    from: number,
    position: number,
    patterns: NewEntries["patterns"],
  ): NewEntries {
    const count = partCount(pattern);
    if (count - from === 1) return { entries: [], patterns };
    if (position === from) return { entries: [{ at, demand: this.demand(pattern, from + 1, true) }], patterns };
    const key = `${this.demand(pattern, from, true).id}:${position}`;
    let rest = this.shrunk.get(key);
    if (rest === undefined) {
      const stays = (_: unknown, index: number): boolean => index >= from && index !== position;
      if (pattern.kind === "struct") rest = { kind: "struct", fields: pattern.fields.filter(stays) };
      else if (pattern.kind === "map") rest = { kind: "map", entries: pattern.entries.filter(stays) };
      else rest = { kind: "set", items: pattern.items.filter(stays) };
      this.shrunk.set(key, rest);
    }
    return { entries: [{ at, demand: this.demand(rest, 0, true) }], patterns };
  }

  /** One question with many answers: every head that the rows name at a place. */
  private switchOn(rows: readonly Row[], at: Occurrence, later: Later): Stepped {
    interface Group {
      readonly head: Head;
      readonly rows: Row[];
      isClosed: boolean;
    }
    const groups = new Map<string, Group>();
    let open: Group[] = [];
    const common: { row: Row; entry: Entry | undefined }[] = [];
    const otherwise: Row[] = [];
    const give = (group: Group, row: Row): void => {
      if (group.isClosed) return;
      this.spend(1);
      group.rows.push(row);
      group.isClosed = isClosed(row);
    };
    for (const row of rows) {
      const entry = entryAt(row, at);
      const head =
        entry === undefined || this.neededKind(at, entry.demand) !== undefined ? undefined : headOf(entry.demand);
      if (head === undefined || entry === undefined) {
        common.push({ row, entry });
        otherwise.push(row);
        let closedSome = false;
        for (const group of open) {
          const kept = this.underHead(row, entry, group.head, at);
          if (kept !== undefined) give(group, kept);
          closedSome ||= group.isClosed;
        }
        if (closedSome) open = open.filter((group) => !group.isClosed);
        continue;
      }
      const key = headKey(head);
      let group = groups.get(key);
      if (group === undefined) {
        group = { head, rows: [], isClosed: false };
        groups.set(key, group);
        for (const earlier of common) {
          const kept = this.underHead(earlier.row, earlier.entry, head, at);
          if (kept !== undefined) give(group, kept);
        }
        open.push(group);
      }
      if (group.isClosed) continue;
      give(group, this.replace(row, entry, this.partsOf(entry.demand, at)));
      if (group.isClosed) open = open.length > 64 ? open : open.filter((other) => other !== group);
    }
    if (open.some((group) => group.isClosed)) open = open.filter((group) => !group.isClosed);

    const isComplete =
      (at.kind === "Bool" && groups.size === 2) ||
      (at.kind === "List" && groups.has("cons") && groups.has("nil")) ||
      (at.kind === "Unit" && groups.size === 1);
    const cases = [...groups.values()].map((group) => {
      const kept = closed(group.rows);
      return { head: group.head, reveals: revealed(kept, at, []), hole: later(kept) };
    });
    const rest: { readonly node: Decision | undefined } = isComplete ? { node: FAIL } : later(closed(otherwise));
    const node: Made<"switch"> = { kind: "switch", at, cases: [], otherwise: FAIL, isComplete };
    const link = (): void => {
      node.cases = cases.map(({ head, reveals, hole }): Case => ({ head, reveals, next: hole.node! }));
      node.otherwise = rest.node!;
    };
    return { node, link };
  }

  /** A row that does not name this head, once the head is known: undefined when it cannot fit any more. */
  private underHead(row: Row, entry: Entry | undefined, head: Head, at: Occurrence): Row | undefined {
    if (entry === undefined) return row;
    const { pattern } = entry.demand;
    if (pattern.kind === "equal") return row;
    if (pattern.kind === "struct") return head.kind === "construct" ? row : undefined;
    if (head.kind !== "literal") return undefined;
    const { value } = head;
    if (pattern.kind === "range" && value.kind === "Int") {
      return inRange(value.value, pattern) ? this.replace(row, entry, { entries: [], patterns: [] }) : undefined;
    }
    if (pattern.kind === "prefix" && value.kind === "String" && value.value.startsWith(pattern.prefix)) {
      const rest = this.occurrence(at, { kind: "dropped", count: [...pattern.prefix].length }, "String");
      return this.replace(row, entry, { entries: [], patterns: [[rest, pattern.rest]] });
    }
    return undefined;
  }

  /** What a head's parts are to be asked. */
  private partsOf(demand: Demand, at: Occurrence): NewEntries {
    const { pattern, from } = demand;
    switch (pattern.kind) {
      case "tuple":
        return {
          entries: [],
          patterns: pattern.items.map((item, index) => [this.occurrence(at, { kind: "item", index }, "any"), item]),
        };
      case "construct":
        return {
          entries: [],
          patterns: pattern.args.map((arg, index) => [this.occurrence(at, { kind: "field", index }, "any"), arg]),
        };
      case "list": {
        if (from >= pattern.items.length) return { entries: [], patterns: [] };
        const head = this.occurrence(at, { kind: "head" }, "any");
        const tail = this.occurrence(at, { kind: "tail" }, "List");
        if (from + 1 === pattern.items.length && pattern.rest !== undefined) {
          return {
            entries: [],
            patterns: [
              [head, pattern.items[from]!],
              [tail, pattern.rest],
            ],
          };
        }
        return {
          entries: [{ at: tail, demand: this.demand(pattern, from + 1, false) }],
          patterns: [[head, pattern.items[from]!]],
        };
      }
      default:
        return { entries: [], patterns: [] };
    }
  }

  /** The row with one entry exchanged for what is now to be asked, which comes first. */
  private replace(row: Row, entry: Entry, by: NewEntries): Row {
    const adding = new RowInMaking(row.goal, row.bindings);
    for (const [at, pattern] of by.patterns) this.add(adding, at, pattern);
    for (const other of by.entries) adding.entries.push(other);
    for (const other of row.entries) if (other !== entry) adding.entries.push(other);
    return this.finish(adding);
  }

  /** Adds a pattern to a row in the making: variables become bindings, `_` nothing, the rest a question. */
  private add(row: RowInMaking, at: Occurrence, pattern: CorePattern): void {
    if (pattern.kind === "any") return;
    if (pattern.kind === "bind" || pattern.kind === "assign") {
      row.bindings = this.bindingList({ how: pattern.kind, local: pattern.local, at }, row.bindings);
      return;
    }
    if (isEmptyCollection(pattern) && NEEDS_KIND[pattern.kind] === at.kind) return;
    if (pattern.kind === "list" && pattern.items.length === 0 && pattern.rest !== undefined) {
      this.add(row, at, pattern.rest);
      return;
    }
    row.entries.push({ at, demand: this.demand(pattern, 0, false) });
  }

  private bindingList(binding: Binding, before: BindingList | undefined): BindingList {
    let local = this.localIds.get(binding.local);
    if (local === undefined) {
      local = this.localIds.size;
      this.localIds.set(binding.local, local);
    }
    const key = `${binding.how}:${local}:${binding.at.id}:${before?.id ?? 0}`;
    let list = this.bindingLists.get(key);
    if (list === undefined) {
      list = { id: this.nextId++, binding, before };
      this.bindingLists.set(key, list);
    }
    return list;
  }

  private demand(pattern: CorePattern, from: number, isChecked: boolean): Demand {
    let byState = this.demands.get(pattern);
    if (byState === undefined) {
      byState = new Map();
      this.demands.set(pattern, byState);
    }
    const state = from * 2 + (isChecked ? 1 : 0);
    let demand = byState.get(state);
    if (demand === undefined) {
      demand = { id: this.nextId++, pattern, from, isChecked };
      byState.set(state, demand);
    }
    return demand;
  }

  private occurrence(parent: Occurrence | undefined, step: Step, kind: Kind): Occurrence {
    const key = `${parent?.id ?? 0} ${this.stepKey(step)}`;
    let occurrence = this.occurrences.get(key);
    if (occurrence === undefined) {
      occurrence = { id: this.nextId++, parent, step, kind };
      this.occurrences.set(key, occurrence);
    }
    return occurrence;
  }

  private stepKey(step: Step): string {
    switch (step.kind) {
      case "root":
      case "item":
      case "field":
        return `${step.kind} ${step.index}`;
      case "fieldNamed":
        return `named ${step.name}`;
      case "dropped":
        return `dropped ${step.count}`;
      case "mapValue":
        return `value ${this.valueKey(step.key)}`;
      case "element":
        return `element ${this.demand(step.of, 0, false).id}`;
      default:
        return step.kind;
    }
  }

  /** The same text for values that are surely equal. */
  private valueKey(value: Comparand): string {
    if (isOccurrence(value)) return `place ${value.id}`;
    if (!isCore(value)) return constantKey(value);
    const core = throughHoles(value);
    if (core.kind === "const") return constantKey(core.value);
    const identity = core.kind === "local" ? core.local : core;
    let id = this.keyIds.get(identity);
    if (id === undefined) {
      id = this.keyIds.size;
      this.keyIds.set(identity, id);
    }
    return `value ${id}`;
  }

  private finish(row: RowInMaking): Row {
    let key = `${row.goal.id},${row.bindings?.id ?? 0}`;
    for (const { at, demand } of row.entries) key += ` ${at.id}:${demand.id}`;
    let same = this.rows.get(key);
    if (same === undefined) {
      same = { id: this.nextId++, goal: row.goal, entries: row.entries, bindings: row.bindings };
      this.rows.set(key, same);
    }
    return same;
  }

  private spend(rows: number): void {
    this.work -= rows;
    if (this.work < 0) throw new TooLarge();
  }
}

interface NewEntries {
  readonly entries: readonly Entry[];
  readonly patterns: readonly (readonly [Occurrence, CorePattern])[];
}

/** An answer that leaves nothing to ask of its place. */
const NOTHING: NewEntries = { entries: [], patterns: [] };

/** Patterns of parts that are asked for one by one. */
type Collection = Extract<CorePattern, { kind: "struct" | "map" | "set" }>;

function partCount(pattern: Collection): number {
  return pattern.kind === "struct"
    ? pattern.fields.length
    : pattern.kind === "map"
      ? pattern.entries.length
      : pattern.items.length;
}

/** `%{}`, `#{}`: every map, every set. */
function isEmptyCollection(pattern: CorePattern): boolean {
  return (pattern.kind === "map" || pattern.kind === "set") && partCount(pattern) === 0;
}

class RowInMaking {
  readonly goal: Goal;
  readonly entries: Entry[] = [];
  bindings: BindingList | undefined;
  constructor(goal: Goal, bindings: BindingList | undefined) {
    this.goal = goal;
    this.bindings = bindings;
  }
}

/** A row that nothing can come behind. */
function isClosed(row: Row): boolean {
  return row.entries.length === 0 && !row.goal.hasGuard;
}

/** Rows behind a closed one are never reached. */
function closed(rows: readonly Row[]): readonly Row[] {
  const last = rows.findIndex(isClosed);
  return last < 0 || last === rows.length - 1 ? rows : rows.slice(0, last + 1);
}

function entryAt(row: Row, at: Occurrence): Entry | undefined {
  for (const entry of row.entries) if (entry.at === at) return entry;
  return undefined;
}

/** The parts of a place that rows are going to ask about (M2). */
function revealed(rows: readonly Row[], at: Occurrence, always: readonly Occurrence[]): Occurrence[] {
  const found = new Set(always);
  for (const row of rows) for (const entry of row.entries) if (entry.at.parent === at) found.add(entry.at);
  return [...found];
}

function findBinding(list: BindingList | undefined, local: Local): Occurrence | undefined {
  for (let at = list; at !== undefined; at = at.before) if (at.binding.local === local) return at.binding.at;
  return undefined;
}

function listBindings(list: BindingList | undefined): Binding[] {
  const bindings: Binding[] = [];
  for (let at = list; at !== undefined; at = at.before) bindings.push(at.binding);
  return bindings.reverse();
}

function alternativesOf(pattern: CorePattern): CorePattern[] {
  const flat: CorePattern[] = [];
  const rest = [pattern];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    if (at.kind === "or") for (let i = at.alternatives.length - 1; i >= 0; i--) rest.push(at.alternatives[i]!);
    else flat.push(at);
  }
  return flat;
}

function headOf({ pattern, from }: Demand): Head | undefined {
  switch (pattern.kind) {
    case "literal":
      return pattern;
    case "tuple":
      return { kind: "tuple", count: pattern.items.length };
    case "construct":
      return pattern;
    case "list":
      return from < pattern.items.length ? { kind: "cons" } : { kind: "nil" };
    default:
      return undefined;
  }
}

function headKey(head: Head): string {
  switch (head.kind) {
    case "literal":
      // -0.0 == 0.0
      return head.value.kind === "Float" && head.value.value === 0 ? "Float 0" : constantKey(head.value);
    case "tuple":
      return `tuple ${head.count}`;
    case "construct":
      return dataTypeKey(head.type);
    default:
      return head.kind;
  }
}

export function dataTypeKey(type: DataType): string {
  return type.sort === "struct"
    ? `struct ${(type.fieldNames ?? []).join(" ")}`
    : `${type.sort} ${type.module}\n${type.type}\n${type.name}`;
}

export function constantKey(constant: Constant): string {
  if (constant.kind === "Unit") return "Unit";
  if (typeof constant.value === "number")
    return `${constant.kind} ${Object.is(constant.value, -0) ? "-0" : constant.value}`;
  return `${constant.kind} ${constant.value}`;
}

/** Surely equal whenever both can be evaluated. */
function sameValue(a: Comparand, b: Comparand): boolean {
  if (isOccurrence(a) || isOccurrence(b)) return a === b;
  const [x, y] = [asConstant(a), asConstant(b)];
  if (x !== undefined && y !== undefined) return constantKey(x) === constantKey(y);
  if (!isCore(a) || !isCore(b)) return false;
  const [left, right] = [throughHoles(a), throughHoles(b)];
  return left === right || (left.kind === "local" && right.kind === "local" && left.local === right.local);
}

function asConstant(value: Constant | Core): Constant | undefined {
  if (!isCore(value)) return value;
  const core = throughHoles(value);
  return core.kind === "const" ? core.value : undefined;
}

interface Range {
  readonly from: bigint;
  readonly to: bigint;
  readonly inclusive: boolean;
}

function inRange(value: bigint, range: Range): boolean {
  return value >= range.from && (range.inclusive ? value <= range.to : value < range.to);
}

function overlaps(a: Range, b: Range): boolean {
  const last = (range: Range): bigint => (range.inclusive ? range.to : range.to - 1n);
  return a.from <= last(b) && b.from <= last(a);
}

/** Parts of a pattern, counted. */
function sizeOf(pattern: CorePattern): number {
  let size = 0;
  visitPatterns(pattern, () => {
    size += 1;
  });
  return size;
}
