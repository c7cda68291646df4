/**
 * `ttvm test-…`: TinyTotVM's built-in tests, as checks of what its documents say.
 *
 * Each is a small program whose lines are known. It is run as it is and as what its `.ttb` file says, in many seeded
 * interleavings of its processes: a claim holds if it holds in all of them.
 * Stays true: no check looks at the clock, a file or the machine, so a command says the same everywhere.
 */
import { assembleTtvm } from "../../compiler/assemble/ttvm.ts";
import { OPCODES, type OpcodeRow } from "../../vm/bytecode/opcodes.ts";
import { readUnit, writeUnit } from "../../vm/bytecode/ttb/index.ts";
import type { Unit } from "../../vm/bytecode/unit.ts";
import { runUnit, seededChance, TextSink } from "../../vm/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { writeAll } from "../terminal.ts";
import { spawnLoader } from "./load.ts";

export interface Check {
  readonly claim: string;
  /** lines separated by ` / ` */
  readonly program: string;
  /** what it prints, likewise */
  readonly prints: string;
  /** the lines may come in any order */
  readonly inAnyOrder?: true;
}

const INTERLEAVINGS = 20;
/** of every second run: these programs are shorter than a slice */
const SHORT_SLICE = 4;
const MOST_REDUCTIONS = 1_000_000;

/** Sends on what it receives to main. */
const ECHO = "LABEL echo / RECEIVE / SENDNAMED main / JMP echo";

const SPAWNING: readonly Check[] = [
  {
    claim: "hello_world and counter do what they are named for, and SPAWN gives the numbers of their processes",
    program: "PUSH_STR hello_world / SPAWN / PRINT / PUSH_STR counter / SPAWN / PRINT",
    prints: "2 / 3 / Hello from spawned process! / 1 / 2 / 3",
    inAnyOrder: true,
  },
  {
    claim: "any other text is a default process",
    program: "PUSH_STR anything / SPAWN / STORE pid",
    prints: "Spawned process: anything",
  },
];
const MESSAGES: readonly Check[] = [
  {
    claim: "values of every kind arrive, in the order in which they were sent",
    program: `REGISTER main / PUSH_STR echo / SPAWN / STORE to / PUSH_INT 42 / LOAD to / SEND / PUSH_FLOAT 1.5 / LOAD to / SEND / PUSH_STR three / LOAD to / SEND / NULL / LOAD to / SEND / PUSH_INT 1 / MAKE_LIST 1 / LOAD to / SEND / ${"RECEIVE / PRINT / ".repeat(5)}HALT / ${ECHO}`,
    prints: "42 / 1.5 / three / null / [1]",
  },
  {
    claim: "a process may send to itself",
    program: "PUSH_STR hello / SEND 1 / RECEIVE / PRINT",
    prints: "hello",
  },
];
const REGISTRY: readonly Check[] = [
  {
    claim: "WHEREIS finds what REGISTER named, and 0 for what nobody did",
    program: 'REGISTER "me" / WHEREIS "me" / PRINT / WHEREIS "nobody" / PRINT',
    prints: "1 / 0",
  },
  {
    claim: "a name belongs to one process, and is free when it has ended",
    program:
      "PUSH_STR keeper / SPAWN / STORE pid / REGISTER main / RECEIVE / PRINT / REGISTER shared / PRINT / LOAD pid / MONITOR / STORE ref / NULL / LOAD pid / SEND / RECEIVE / STORE down / REGISTER shared / PRINT / HALT / LABEL keeper / REGISTER shared / LABEL tell / WHEREIS main / JZ tell / PUSH_STR named / SENDNAMED main / RECEIVE",
    prints: "named / register_failed_Name 'shared' already registered / registered_shared",
  },
];
const YIELDING: readonly Check[] = [
  {
    claim: "YIELD takes nothing from a process, however often it is called",
    program:
      'PUSH_INT 1 / YIELD / PUSH_INT 2 / YIELD / ADD / PRINT / YIELD / PUSH_STR After / YIELD / PUSH_STR " yield" / CONCAT / PRINT',
    prints: "3 / After yield",
  },
  {
    claim: "a process that waits in a loop of YIELD lets the others run",
    program:
      "PUSH_STR late / SPAWN / STORE pid / LABEL wait / YIELD / WHEREIS late / JZ wait / PUSH_STR there / PRINT / NULL / SENDNAMED late / HALT / LABEL late / REGISTER late / RECEIVE",
    prints: "there",
  },
  {
    claim: "a process that never yields does not keep the others from running",
    program:
      "PUSH_STR late / SPAWN / STORE pid / LABEL wait / WHEREIS late / JZ wait / PUSH_STR there / PRINT / NULL / SENDNAMED late / HALT / LABEL late / REGISTER late / RECEIVE",
    prints: "there",
  },
];
const PARALLEL: readonly Check[] = [
  {
    claim: "the results of fifty processes come together",
    program: `REGISTER main / PUSH_INT 50 / STORE n / LABEL more / PUSH_STR worker50 / SPAWN / STORE pid / LOAD n / LOAD pid / SEND / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ collect / JMP more / LABEL collect / PUSH_INT 50 / STORE n / PUSH_INT 0 / STORE sum / LABEL next / RECEIVE / LOAD sum / ADD / STORE sum / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ end / JMP next / LABEL end / LOAD sum / PRINT / HALT / LABEL worker50 / RECEIVE / DUP / MUL / SENDNAMED main`,
    prints: "42925",
  },
  {
    claim: "a process that fails takes no other with it",
    program:
      "PUSH_STR bad / SPAWN / MONITOR / PRINT / NULL / PUSH_INT 2 / SEND / RECEIVE / PRINT / HALT / LABEL bad / RECEIVE / LOAD nothing",
    prints: "mon_1_2 / down:2:mon_1_2:Undefined variable: nothing",
  },
];
const MONITORS: readonly Check[] = [
  {
    claim: "a monitor tells of the end, with its reason, and does not end itself",
    program:
      "PUSH_STR bad / SPAWN / MONITOR / PRINT / PUSH_INT 0 / PUSH_INT 2 / SEND / RECEIVE / PRINT / HALT / LABEL bad / RECEIVE / LOAD nothing",
    prints: "mon_1_2 / down:2:mon_1_2:Undefined variable: nothing",
  },
  {
    claim: "a failure goes through links, a normal end does not",
    program:
      "PUSH_STR a / SPAWN / STORE a / LOAD a / MONITOR / STORE ref / NULL / LOAD a / SEND / RECEIVE / PRINT / HALT / LABEL a / RECEIVE / STORE go / PUSH_STR quiet / SPAWN / STORE q / LOAD q / LINK / STORE linked / NULL / LOAD q / SEND / PUSH_STR b / SPAWN / STORE b / LOAD b / LINK / STORE linked / NULL / LOAD b / SEND / RECEIVE / LABEL quiet / RECEIVE / HALT / LABEL b / RECEIVE / LOAD nothing",
    prints: "down:2:mon_1_2:Undefined variable: nothing",
  },
];
const TRAPS: readonly Check[] = [
  {
    claim: "who traps exits receives them",
    program:
      "TRUE / TRAP_EXIT / PUSH_STR bad / SPAWN / LINK / PRINT / PUSH_INT 0 / PUSH_INT 2 / SEND / RECEIVE / PRINT / HALT / LABEL bad / RECEIVE / LOAD nothing",
    prints: "linked_2 / exit:2",
  },
];
const SUPERVISORS: readonly Check[] = [
  {
    claim: "a child that fails is started again, three times and no more",
    program: `START_SUPERVISOR / SUPERVISE_CHILD bad / ${"RECEIVE / STORE down / ".repeat(4)}RESTART_CHILD bad / PRINT / HALT / LABEL bad / PUSH_STR started / PRINT / LOAD nothing`,
    prints: "started / started / started / started / restart_limit_exceeded_bad",
  },
  {
    claim: "a child that has ended normally is started by RESTART_CHILD alone",
    program:
      "START_SUPERVISOR / SUPERVISE_CHILD good / RECEIVE / PRINT / RESTART_CHILD good / PRINT / RECEIVE / PRINT / HALT / LABEL good",
    prints: "down:2:mon_1_2:normal / restarting_good / down:3:mon_1_3:normal",
  },
];
const SELECTIVE: readonly Check[] = [
  {
    claim: "RECEIVE_MATCH takes what fits, and leaves the others in their order",
    program:
      'PUSH_STR first / SEND 1 / PUSH_INT 2 / SEND 1 / PUSH_STR TASK:A:1 / SEND 1 / RECEIVE_MATCH starts "TASK:" / PRINT / RECEIVE_MATCH int / PRINT / RECEIVE / PRINT',
    prints: "TASK:A:1 / 2 / first",
  },
];
const COFFEE_SHOP: readonly Check[] = [
  {
    claim: "customer, cashier and barista exchange an order, each waits for the one before, and the shop closes",
    program:
      "REGISTER customer / PUSH_STR barista / SPAWN / STORE barista / PUSH_STR cashier / SPAWN / STORE cashier / LOAD barista / LOAD cashier / SEND / MAKE_OBJECT / PUSH_STR latte / SET_FIELD drink / LOAD cashier / SEND / PUSH_STR ordered / PRINT / RECEIVE / PRINT / HALT / LABEL cashier / RECEIVE / STORE barista / RECEIVE_MATCH object / TRUE / SET_FIELD paid / LOAD barista / SEND / HALT / LABEL barista / RECEIVE / PUSH_STR made / SET_FIELD state / SENDNAMED customer",
    prints: "ordered / {drink: latte, paid: true, state: made}",
  },
];

const COMMANDS: ReadonlyMap<string, readonly Check[]> = new Map([
  ["test-concurrency", [...SPAWNING, ...MESSAGES, ...YIELDING]],
  ["test-multithreaded", PARALLEL],
  ["test-smp-concurrency", [...PARALLEL, ...YIELDING]],
  ["test-message-passing", MESSAGES],
  ["test-send-receive-comprehensive", [...MESSAGES, ...SELECTIVE]],
  ["test-process-spawning", SPAWNING],
  ["test-spawn-comprehensive", [...SPAWNING, ...PARALLEL]],
  ["test-register-whereis", REGISTRY],
  ["test-process-registry", REGISTRY],
  ["test-yield-comprehensive", YIELDING],
  ["test-monitoring-linking", [...MONITORS, ...TRAPS]],
  ["test-trap-exit", TRAPS],
  ["test-supervisor-tree", SUPERVISORS],
  ["test-selective-receive", SELECTIVE],
  ["test-concurrency-bytecode", [...SPAWNING, ...MESSAGES, ...REGISTRY, ...YIELDING, ...MONITORS, ...SUPERVISORS]],
  ["test-coffee-shop", COFFEE_SHOP],
]);

/** The numbers that the documents give. */
const NUMBERS: readonly (readonly [string, number])[] = [
  ["YIELD", 0x8b], ["RECEIVE", 0x8c], ["SPAWN", 0x80], ["REGISTER", 0x81], ["MONITOR", 0x85], ["LINK", 0x86],
]; // biome-ignore format: a table

export function isCheck(command: string): boolean {
  return COMMANDS.has(command);
}

/** Of all commands, each once. */
export function everyCheck(): ReadonlySet<Check> {
  return new Set(Array.from(COMMANDS.values()).flat());
}

/** A line for each claim; what does not hold is shown with what came instead. */
export async function runChecks(command: string): Promise<ExitCode> {
  let failed = 0;
  const tell = (claim: string, instead: string | undefined): void => {
    if (instead !== undefined) failed++;
    writeAll(1, instead === undefined ? `ok      ${claim}\n` : `failed  ${claim}\n${instead}\n`);
  };
  if (command === "test-concurrency-bytecode") {
    const wrong = NUMBERS.filter(
      ([name, code]) => !(OPCODES as readonly OpcodeRow[]).some((row) => row.name === name && row.code === code),
    );
    tell("the numbers of the instructions are those of the documents", wrong[0] && `        ${wrong.join(" ")}`);
  }
  for (const check of COMMANDS.get(command) ?? []) tell(check.claim, await failureOf(check));
  writeAll(1, failed === 0 ? `${command} passed\n` : `${command}: ${failed} failed\n`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

/** How a run that was not as claimed came out; undefined: all were. */
export async function failureOf({ program, prints, inAnyOrder }: Check): Promise<string | undefined> {
  const lines = (text: string): string => (inAnyOrder ? text.split("\n").sort().join("\n") : text);
  const text = program.split(" / ").join("\n");
  const { unit, diagnostics } = assembleTtvm({ path: "test.ttvm", text }, "main");
  if (unit === undefined) return diagnostics.map(({ message }) => `        ${message}`).join("\n");
  const read = readUnit(writeUnit(unit).bytes);
  if ("problem" in read) return `        ${read.problem.detail}`;
  const expected = lines(`${prints.split(" / ").join("\n")}\n`);
  for (let seed = 1; seed <= INTERLEAVINGS; seed++) {
    for (const each of [unit, read.unit]) {
      const { out, ended } = await ran(each, seed);
      if (ended !== "returned" || lines(out) !== expected)
        return `        seed ${seed}, ended: ${ended}, printed:\n${out}`;
    }
  }
  return undefined;
}

async function ran(unit: Unit, seed: number): Promise<{ readonly out: string; readonly ended: string }> {
  const sink = new TextSink();
  const nowhere = (): void => {};
  const { kind } = await runUnit(unit, {
    natives: new Map(),
    sink,
    chance: seededChance(BigInt(seed)),
    maxReductions: MOST_REDUCTIONS,
    ...(seed % 2 === 0 && { sliceReductions: SHORT_SLICE }),
    loadUnit: spawnLoader("", nowhere, nowhere),
    onReport: nowhere,
  });
  return { out: sink.out, ended: kind };
}
