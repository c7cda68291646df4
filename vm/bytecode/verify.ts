/**
 * Checks a Unit before it runs, and finds out what the machine must know about each function.
 *
 * The trick: one pass over the words for what an instruction says by itself, then one walk over the ways through the
 * code that carries (operand depth, newest open region) to every instruction. A region is a TRY or an MVAR_LOCK that has
 * not ended yet; regions nest, so one number stands for all that are open. From that come the size of a frame and a
 * static table of handlers and locks: entering a `try` costs nothing, and a throw knows what it must let go. That slots
 * are set before use is looked at afterwards (slots.ts), over the same ways.
 * TinyTotVM code shares its operands between all its labels and may underflow on purpose: it is checked for structure
 * only, and its machine checks every access.
 * Not looked at: the kinds of values. They are claims of the file, and every instruction takes any value.
 * Stays true: no recursion and no trust, whatever the words are; everything wrong becomes a LoadProblem. Depth and
 * region at an instruction are the same on every way to it.
 */
import { nameOf, OP, OPCODES, type OpcodeRow, VALUE_KINDS } from "./opcodes.ts";
import { findUnsetSlot, type SlotBudget, slotBudget } from "./slots.ts";
import { type Constant, type DataType, entryCost, type FunctionCode, type Unit } from "./unit.ts";

export type LoadProblem = {
  readonly code:
    | "bad-unit"
    | "bad-opcode"
    | "bad-operand"
    | "bad-target"
    | "falls-off-end"
    | "stack-underflow"
    | "depth-differs"
    | "regions-differ"
    | "region-not-open"
    | "leaves-region"
    | "unset-slot"
    | "unknown-native";
  /** index into Unit.functions; -1: the unit itself */
  readonly functionIndex: number;
  readonly functionName: string;
  /** word offset of the instruction; -1: the function itself */
  readonly at: number;
  readonly detail: string;
};

/** A stretch of code between TRY and END_TRY, or between MVAR_LOCK and MVAR_UNLOCK. */
export interface Region {
  readonly kind: "try" | "lock";
  /** the region around it; -1: none */
  readonly parent: number;
  /** try: where a throw goes on; lock: -1 */
  readonly target: number;
  /** try: operands that stay when a throw is caught; the thrown value comes on top */
  readonly depth: number;
  /** lock: index into Unit.lockSets; try: -1 */
  readonly lockSet: number;
}

export interface FunctionFacts {
  readonly maxOperands: number;
  /** operand depth before the instruction at each word; -1 where no reachable instruction starts */
  readonly depths: Int32Array;
  readonly regions: readonly Region[];
  /** pairs [word offset, region], ascending; each holds from its word on; before the first: no region */
  readonly regionRuns: Int32Array;
}

/** The newest region that is open at the instruction around word `at`, or -1. */
export function regionAt(regionRuns: Int32Array, at: number): number {
  let low = 0;
  let high = regionRuns.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (regionRuns[middle * 2]! <= at) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? -1 : regionRuns[low * 2 - 1]!;
}

/** Internal sanity bounds: a frame is one array, so a hostile count must not become one of gigabytes. */
const MOST_SLOTS = 1 << 20;
const MOST_FIELDS = 4096;

const NO_RUNS = new Int32Array(0);
const ROWS: readonly OpcodeRow[] = OPCODES;
const LENGTHS = Int32Array.from(ROWS, (row) => 1 + row.operands.length);

class Rejected {
  readonly problem: LoadProblem;
  constructor(problem: LoadProblem) {
    this.problem = problem;
  }
}

export function verify(unit: Unit): { readonly facts: readonly FunctionFacts[] } | { readonly problem: LoadProblem } {
  try {
    checkUnit(unit);
    if (unit.isTinyTotVM === true) return { facts: checkTinyCode(unit) };
    const budget = slotBudget();
    return { facts: unit.functions.map((_, index) => checkFunction(unit, index, budget)) };
  } catch (error) {
    if (error instanceof Rejected) return { problem: error.problem };
    throw error;
  }
}

function checkUnit(unit: Unit): void {
  const reject = (detail: string, functionIndex = -1): never => {
    const functionName = unit.functions[functionIndex]?.name ?? "";
    throw new Rejected({ code: "bad-unit", functionIndex, functionName, at: -1, detail });
  };
  const isPlain = (index: number): boolean => {
    const fn = unit.functions[index];
    return fn !== undefined && fn.arity === 0 && fn.captures === 0;
  };
  if (!isPlain(unit.entry)) reject("the entry is not a function without parameters");
  unit.functions.forEach((fn, index) => {
    const counts = [fn.arity, fn.captures, fn.slots];
    if (!counts.every((count) => Number.isInteger(count) && count >= 0))
      reject("a count is not a natural number", index);
    if (fn.arity + fn.captures > fn.slots) reject("parameters and captures do not fit into the slots", index);
    if (fn.slots > MOST_SLOTS) reject(`more than ${MOST_SLOTS} slots`, index);
    if (fn.code.length === 0) reject("no code", index);
    if (fn.paramKinds.length !== fn.arity) reject("kinds of parameters do not fit the arity", index);
    if (fn.places.length % 3 !== 0) reject("the table of places is cut off", index);
    for (let i = 0; i < fn.places.length; i += 3) {
      const isInOrder = fn.places[i]! >= (i > 0 ? fn.places[i - 3]! : 0);
      if (!isInOrder || fn.places[i]! >= fn.code.length) reject("places are not in order", index);
      if (fn.places[i + 2]! < 0) reject("a place lies before its source", index);
      if (unit.sources[fn.places[i + 1]!] === undefined) reject("a place names a source that is not there", index);
    }
    const wrong = wrongCost(fn) ?? wrongInlining(unit, fn);
    if (wrong !== undefined) reject(wrong, index);
  });
  unit.constants.forEach((constant, index) => {
    const wrong = wrongConstant(constant);
    if (wrong !== undefined) reject(`constant ${index}: ${wrong}`);
  });
  unit.dataTypes.forEach((type, index) => {
    const wrong = wrongDataType(type);
    if (wrong !== undefined) reject(`data type ${index}: ${wrong}`);
  });
  unit.sources.forEach(({ lineStarts, path }) => {
    for (let i = 0; i < lineStarts.length; i++) {
      if (lineStarts[i]! < 0 || (i > 0 && lineStarts[i]! <= lineStarts[i - 1]!))
        reject(`the lines of ${path} are not in order`);
    }
  });
  unit.globals.forEach((global) => {
    if (global.init !== -1 && !isPlain(global.init)) reject(`the initialiser of ${global.name} takes parameters`);
  });
  for (const set of unit.lockSets) {
    set.forEach((mvar, position) => {
      if (unit.mvars[mvar] === undefined) reject(`a lock set names mvar ${mvar}, which is not there`);
      if (position > 0 && set[position - 1]! >= mvar) reject("a lock set is not in locking order");
    });
  }
}

/** A chain of calls that fits a slice must fit the native stack too, whatever a file claims that its calls cost. */
function wrongCost({ cost, slots }: FunctionCode): string | undefined {
  if (cost === undefined) return undefined;
  const isSound = Number.isInteger(cost) && cost > 0 && 2 * cost >= entryCost(slots) && cost <= entryCost(MOST_SLOTS);
  return isSound ? undefined : `${cost} reductions do not fit ${slots} slots`;
}

function wrongInlining(
  unit: Unit,
  { inlinedCalls = [], inlinedRuns = NO_RUNS, code }: FunctionCode,
): string | undefined {
  for (const [index, { parent, source, offset }] of inlinedCalls.entries()) {
    if (parent < -1 || parent >= index) return "an inlined call stands before the one around it";
    if (source === -1 ? parent !== -1 : unit.sources[source] === undefined || offset < 0)
      return "an inlined call has no place";
  }
  if (inlinedRuns.length % 2 !== 0) return "the table of inlined calls is cut off";
  for (let i = 0; i < inlinedRuns.length; i += 2) {
    const isInOrder = inlinedRuns[i]! >= (i > 0 ? inlinedRuns[i - 2]! : 0) && inlinedRuns[i]! < code.length;
    const call = inlinedRuns[i + 1]!;
    if (!isInOrder || call < -1 || call >= inlinedCalls.length) return "the table of inlined calls is not in order";
  }
  return undefined;
}

function wrongConstant(constant: Constant): string | undefined {
  switch (constant.kind) {
    case "Char":
      return [...constant.value.slice(0, 3)].length === 1 && constant.value.length <= 2
        ? undefined
        : "not one character";
    case "Decimal":
      // its point within what vm/values/decimal.ts keeps
      return /^[+-]?[0-9]+(?:\.[0-9]{1,10000})?$/.test(constant.value) ? undefined : "not a decimal number";
    case "Int":
      return BigInt.asIntN(64, constant.value) === constant.value ? undefined : "beyond 64 bits";
    default:
      return undefined;
  }
}

function wrongDataType({ sort, arity, tag, fieldNames }: DataType): string | undefined {
  if (!Number.isInteger(arity) || arity < 0 || arity > MOST_FIELDS) return `${arity} fields`;
  if (!Number.isInteger(tag) || tag < 0) return "its tag is not a natural number";
  if (fieldNames === undefined) return sort === "struct" ? "a structural record without field names" : undefined;
  if (fieldNames.length !== arity) return `${fieldNames.length} names for ${arity} fields`;
  return new Set(fieldNames).size === arity ? undefined : "two fields of one name";
}

function checkFunction(unit: Unit, functionIndex: number, budget: SlotBudget): FunctionFacts {
  const fn = unit.functions[functionIndex]!;
  const { code } = fn;
  const reject = (problem: LoadProblem["code"], at: number, detail: string): never => {
    throw new Rejected({ code: problem, functionIndex, functionName: fn.name, at, detail });
  };
  const starts = findStarts(unit, fn, reject);

  const depths = new Int32Array(code.length).fill(-1);
  const regionOf = new Int32Array(code.length).fill(-1);
  const regions: Region[] = [];
  /** by region: whether it or one around it is a lock */
  const holdsLock: boolean[] = [];
  const worklist: number[] = [];
  let maxOperands = 0;

  const reach = (from: number, to: number, depth: number, region: number): void => {
    if (to >= code.length) reject("falls-off-end", from, "the code ends without an instruction that ends it");
    if (starts[to] !== 1) reject("bad-target", from, `word ${to} is not the start of an instruction`);
    if (depth > maxOperands) maxOperands = depth;
    if (depths[to] === -1) {
      depths[to] = depth;
      regionOf[to] = region;
      worklist.push(to);
      return;
    }
    if (depths[to] !== depth) reject("depth-differs", to, `${depths[to]} operands on one way, ${depth} on another`);
    if (regionOf[to] !== region) reject("regions-differ", to, "different TRYs or locks are open on two ways");
  };

  reach(0, 0, 0, -1);
  for (let at = worklist.pop(); at !== undefined; at = worklist.pop()) {
    const op = code[at]!;
    const row = ROWS[op]!;
    const next = at + LENGTHS[op]!;
    const pops = popsOf(row, code, at);
    if (depths[at]! < pops) reject("stack-underflow", at, `${nameOf(row)} takes ${pops} operands of ${depths[at]}`);
    const rest = depths[at]! - pops;
    let region = regionOf[at]!;

    if (op === OP.TRY) {
      // forward, so that no way of throws goes round without a jump that is charged for
      if (code[at + 1]! <= at) reject("bad-target", at, "a handler stands before its TRY");
      holdsLock.push(holdsLock[region] ?? false);
      const handler: Region = { kind: "try", parent: region, target: code[at + 1]!, depth: rest, lockSet: -1 };
      reach(at, handler.target, rest + 1, region);
      region = regions.push(handler) - 1;
    } else if (op === OP.MVAR_LOCK) {
      holdsLock.push(true);
      region = regions.push({ kind: "lock", parent: region, target: -1, depth: rest, lockSet: code[at + 1]! }) - 1;
    } else if (op === OP.END_TRY || op === OP.MVAR_UNLOCK) {
      const open = regions[region];
      const fits = op === OP.END_TRY ? open?.kind === "try" : open?.kind === "lock" && open.lockSet === code[at + 1]!;
      if (open === undefined || !fits)
        return reject("region-not-open", at, `${nameOf(row)} does not end what was begun last`);
      region = open.parent;
    } else if (row.flow === "end" && region !== -1) {
      const isTailCall = op === OP.TAIL_CALL || op === OP.TAIL_CALL_FUNCTION;
      if (isTailCall) reject("leaves-region", at, "a tail call inside TRY or a lock");
      if (op === OP["RET.val"] && holdsLock[region]) reject("leaves-region", at, "RET while an mvar is locked");
    }

    const target = row.flow === "jump" || row.flow === "branch" ? code[at + 1 + row.operands.indexOf("address")]! : -1;
    if (target !== -1) reach(at, target, rest, region);
    if (row.flow === "next" || row.flow === "branch") reach(at, next, rest + row.pushes, region);
  }
  const unset = findUnsetSlot(fn, depths, budget);
  if (unset === "too-large")
    reject("unset-slot", 0, "too large to find out whether its slots are set before they are used");
  else if (unset !== undefined) reject("unset-slot", unset.at, `slot ${unset.slot} may not be set yet`);
  return { maxOperands, depths, regions, regionRuns: toRuns(depths, regionOf) };
}

/** Structure only: instructions, operands and targets; the other functions are labels of the entry. */
function checkTinyCode(unit: Unit): FunctionFacts[] {
  const none = { maxOperands: 0, depths: new Int32Array(0), regions: [], regionRuns: new Int32Array(0) };
  const program = unit.functions[unit.entry]!;
  const rejectIn =
    (functionIndex: number): Reject =>
    (code, at, detail) => {
      const functionName = unit.functions[functionIndex]!.name;
      throw new Rejected({ code, functionIndex, functionName, at, detail });
    };
  const reject = rejectIn(unit.entry);
  const starts = findStarts(unit, program, reject);
  let last: OpcodeRow | undefined;
  for (let at = 0; at < program.code.length; at += LENGTHS[program.code[at]!]!) {
    last = ROWS[program.code[at]!]!;
    const position = last.operands.indexOf("address");
    const target = position === -1 ? at : program.code[at + 1 + position]!;
    if (starts[target] !== 1) reject("bad-target", at, `word ${target} is not the start of an instruction`);
  }
  if (last?.flow !== "end" && last?.flow !== "jump")
    reject("falls-off-end", program.code.length - 1, "the code ends without an instruction that ends it");
  unit.functions.forEach(({ code }, index) => {
    if (index === unit.entry) return;
    const isLabel = code.length === 2 && code[0] === OP.JMP && starts[code[1]!] === 1;
    if (!isLabel) rejectIn(index)("bad-unit", 0, "a label is no jump into the program");
  });
  return unit.functions.map(() => none);
}

type Reject = (problem: LoadProblem["code"], at: number, detail: string) => never;

/** Marks the first word of each instruction; checks what an instruction says by itself. */
function findStarts(unit: Unit, fn: FunctionCode, reject: Reject): Uint8Array {
  const { code } = fn;
  const starts = new Uint8Array(code.length);
  for (let at = 0; at < code.length; ) {
    const row = ROWS[code[at]!];
    if (row === undefined) return reject("bad-opcode", at, `${code[at]} is no opcode`);
    if (row.dialect === (unit.isTinyTotVM === true ? "nostos" : "tiny"))
      return reject(
        "bad-opcode",
        at,
        `${nameOf(row)} has no place in ${row.dialect === "tiny" ? "this" : "TinyTotVM"} code`,
      );
    if (at + row.operands.length >= code.length) reject("falls-off-end", at, `${nameOf(row)} lacks operands`);
    starts[at] = 1;
    row.operands.forEach((role, position) => {
      const word = code[at + 1 + position]!;
      const wrong = wrongOperand(unit, fn, row, role, word);
      if (wrong !== undefined) reject("bad-operand", at, `${nameOf(row)}: ${wrong}`);
    });
    const wrong = wrongCount(unit, row, code, at);
    if (wrong !== undefined) reject("bad-operand", at, `${nameOf(row)}: ${wrong}`);
    at += 1 + row.operands.length;
  }
  return starts;
}

function wrongOperand(
  unit: Unit,
  fn: FunctionCode,
  row: OpcodeRow,
  role: OpcodeRow["operands"][number],
  word: number,
): string | undefined {
  const outside = (size: number, what: string): string | undefined =>
    word >= 0 && word < size ? undefined : `there is no ${what} ${word}`;
  switch (role) {
    case "i32":
      return undefined;
    case "const": {
      const kind = unit.constants[word]?.kind;
      if (kind === undefined) return `there is no constant ${word}`;
      const needed = neededConstant(unit, row) ?? kind;
      return kind === needed ? undefined : `constant ${word} is no ${needed}`;
    }
    case "slot":
      return outside(fn.slots, "slot");
    case "function":
      return outside(unit.functions.length, "function");
    case "count":
      // TinyTotVM finds out when it runs that there are not so many operands
      return unit.isTinyTotVM === true && word >= 0 ? undefined : outside(MOST_SLOTS, "such count:");
    case "position":
      return outside(MOST_SLOTS, "such position:");
    case "address":
      return outside(fn.code.length, "word");
    case "native":
      return outside(unit.natives.length, "native");
    case "dataType":
      return outside(unit.dataTypes.length, "data type");
    case "mvar":
      return outside(unit.mvars.length, "mvar");
    case "global":
      return outside(unit.globals.length, "global");
    case "lockSet":
      return outside(unit.lockSets.length, "lock set");
    case "valueKind":
      return outside(VALUE_KINDS.length, "kind of value");
    case "cost":
      return word >= 1 && word <= entryCost(MOST_SLOTS) ? undefined : `${word} reductions`;
  }
}

/** The kind of constant that an instruction takes; undefined: any. */
function neededConstant(unit: Unit, row: OpcodeRow): Constant["kind"] | undefined {
  if (row.name === "PUSH_FLOAT") return "Float";
  if (row.name === "SEND" || row.name === "LINK" || row.name === "UNLINK" || row.name === "MONITOR") return "Int";
  if (row.name === "PUSH_CONST") return unit.isTinyTotVM === true ? "Int" : undefined;
  return "String";
}

/** Counts that must agree with what the instruction names. */
function wrongCount(unit: Unit, row: OpcodeRow, code: Int32Array, at: number): string | undefined {
  const differs = (needed: number): string | undefined => {
    const count = code[at + 2]!;
    return count === needed ? undefined : `${count} operands, but it takes ${needed}`;
  };
  const [first] = row.operands;
  if (first === "function") {
    const callee = unit.functions[code[at + 1]!]!;
    if (row.name === "MAKE_LAMBDA") return differs(callee.captures);
    if (callee.captures !== 0) return `${callee.name} has captures`;
    return row.name === "MAKE_FUNCTION" ? undefined : differs(callee.arity);
  }
  if (row.name === "MAKE_DATA" || row.name === "MAKE_MUTABLE") {
    const type = unit.dataTypes[code[at + 1]!]!;
    if (type.isMutable !== (row.name === "MAKE_MUTABLE"))
      return `${type.name} is ${type.isMutable ? "" : "not "}mutable`;
    return differs(type.arity);
  }
  return undefined;
}

/** How many operands the instruction at `at`, of this row, takes. */
export function popsOf(row: OpcodeRow, code: Int32Array, at: number): number {
  if (typeof row.pops === "number") return row.pops;
  return code[at + 1 + row.pops.operand]! * (row.pops.times ?? 1) + row.pops.plus;
}

function toRuns(depths: Int32Array, regionOf: Int32Array): Int32Array {
  const runs: number[] = [];
  let current = -1;
  for (let at = 0; at < depths.length; at++) {
    if (depths[at] === -1 || regionOf[at] === current) continue;
    current = regionOf[at]!;
    runs.push(at, current);
  }
  return Int32Array.from(runs);
}
