/** Runs bytecode written by hand, with a few host functions of its own, as shipped and with the smallest slices. */
import "./check-on.ts";
import { expect } from "vitest";
import { type Native, type NativeContext, Raise, type WAITING } from "../../vm/host/native.ts";
import { type ExitReport, type Outcome, type RunOptions, runUnit, TextSink } from "../../vm/index.ts";
import { makeTuple } from "../../vm/values/data.ts";
import { display } from "../../vm/values/show.ts";
import { UNIT, type Value } from "../../vm/values/value.ts";
import { assemble } from "./assemble.ts";
import { virtualChance } from "./virtual-chance.ts";

export interface Ran {
  readonly outcome: Outcome;
  readonly out: string;
  readonly reports: readonly ExitReport[];
}

function native(
  name: string,
  arity: number,
  run: (context: NativeContext, a: Value) => Value | typeof WAITING,
): Native {
  return { name, arity, run };
}

export const TEST_NATIVES: ReadonlyMap<string, Native> = new Map(
  [
    native("print", 1, (context, a) => {
      context.writeOut(`${display(a)}\n`);
      return UNIT;
    }),
    native("later", 1, (context, a) => context.wait((done) => void setTimeout(() => done({ value: a }), 5))),
    native("atOnce", 1, (context, a) => context.wait((done) => done({ value: a }))),
    native("laterThrows", 1, (context, a) => context.wait((done) => void setTimeout(() => done({ thrown: a }), 1))),
    native("bug", 0, () => (undefined as unknown as { x: { y: Value } }).x.y),
    native("tooLong", 0, () => "x".repeat(2 ** 28).repeat(8)),
    native("raise", 1, (_, a) => {
      throw new Raise(makeTuple(["Panic", a]));
    }),
    native("kill", 1, (context, a) => context.ask("kill", (a as { id: number }).id, (wasAlive) => wasAlive)),
    native("alive", 1, (context, a) => context.ask("alive", (a as { id: number }).id, (isAlive) => isAlive)),
    native("counts", 0, (context) => {
      const { spawned, exited, alive } = context.machine.counts();
      return makeTuple([spawned, exited, alive]);
    }),
    native("readLine", 0, (context) =>
      context.wait((done) => context.stdin.readLine((line) => done({ value: line ?? UNIT }))),
    ),
  ].map((each) => [each.name, each]),
);

export async function runAsm(text: string, options: Partial<RunOptions> = {}): Promise<Ran> {
  const sink = new TextSink();
  const reports: ExitReport[] = [];
  const outcome = await runUnit(assemble(text), {
    natives: TEST_NATIVES,
    sink,
    chance: virtualChance(1),
    maxReductions: 50_000_000,
    onReport: (report) => reports.push(report),
    ...options,
  });
  return { outcome, out: sink.out, reports };
}

/** The same with slices and steps as shipped and of the smallest size; whatever can be seen must be equal. */
export async function runBoth(text: string, options: Partial<RunOptions> = {}): Promise<Ran> {
  const ran = await runAsm(text, options);
  const small = await runAsm(text, { ...options, sliceReductions: 1, unitsOfStep: 1 });
  expect(small).toEqual(ran);
  return ran;
}

/** What main returns, as text; fails the test when it does not return. */
export async function resultOf(text: string, options: Partial<RunOptions> = {}): Promise<string> {
  const { outcome } = await runBoth(text, options);
  if (outcome.kind !== "returned") throw new Error(`main did not return: ${JSON.stringify(outcome)}`);
  return display(outcome.value);
}
