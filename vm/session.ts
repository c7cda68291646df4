/**
 * A session at a prompt: one machine to which inputs are added while it runs.
 *
 * Its main process, `<pid 1>`, runs one input after the other and keeps its mailbox; other processes go on meanwhile and
 * between inputs. An input that fails, waits for what can never come, or is interrupted ends alone.
 * Stays true: a name has the slot of the last input that gave it a value; one that an input declared and did not come to
 * set leaves the older meaning as it was.
 */
import type { GlobalCode, MvarCode, Unit } from "./bytecode/unit.ts";
import { type Chance, realChance } from "./host/chance.ts";
import type { InputLines, Native } from "./host/native.ts";
import type { Sink } from "./host/sink.ts";
import { MAX_STACK_FRAMES } from "./index.ts";
import { emptyProgram, extend, type GrowingProgram, slotsFor } from "./interp/extend.ts";
import { NOSTOS } from "./interp/interpreter.ts";
import { link } from "./interp/link.ts";
import type { ExitReport, Outcome } from "./interp/report.ts";
import { defaultJit } from "./jit/options.ts";
import { CHECK } from "./process/invariant.ts";
import { Machine } from "./sched/machine.ts";
import { UNIT } from "./values/value.ts";

export interface SessionOptions {
  readonly natives: ReadonlyMap<string, Native>;
  readonly sink: Sink;
  readonly stdin: InputLines;
  readonly chance?: Chance;
  /** a process other than main has failed */
  readonly onReport: (report: ExitReport) => void;
  /** the whole session is over: nothing can be written any more, or the machine has a mistake */
  readonly onEnd: (outcome: Outcome) => void;
}

/** A global or mvar, by module and name. */
type Name = Pick<GlobalCode | MvarCode, "module" | "name">;

export interface InputEnd {
  readonly outcome: Outcome;
  /** the bindings that the input declares, by name: where their values are, if it came to set them */
  readonly slots: ReadonlyMap<string, { readonly slot: number; readonly isSet: boolean }>;
  /** false: the value of an mvar could not be computed, or the input could not be linked */
  readonly isStarted: boolean;
}

export class Session {
  private readonly natives: ReadonlyMap<string, Native>;
  private readonly program: GrowingProgram = emptyProgram();
  private readonly machine: Machine;
  private readonly globalSlots = new Map<string, number>();
  private readonly mvarSlots = new Map<string, number>();
  private answer: ((outcome: Outcome) => void) | undefined;

  constructor(options: SessionOptions) {
    this.natives = options.natives;
    const settle = (outcome: Outcome): void => {
      const { answer } = this;
      this.answer = undefined;
      answer?.(outcome);
    };
    this.machine = new Machine(
      this.program,
      {
        natives: options.natives,
        args: [],
        chance: options.chance ?? realChance(),
        sink: options.sink,
        stdin: options.stdin,
        maxReductions: Number.POSITIVE_INFINITY,
        maxStackFrames: MAX_STACK_FRAMES,
        maxHeapBytes: undefined,
        sliceReductions: Number(process.env.NOSTOS_YIELD_EVERY) || NOSTOS.sliceReductions,
        engine: NOSTOS,
        jit: defaultJit(),
        onReport: options.onReport,
        onInputEnd: settle,
      },
      (outcome) => {
        settle(outcome);
        options.onEnd(outcome);
      },
    );
    this.machine.startIdle();
  }

  /**
   * Runs one input; never rejects.
   * @param slotOf  where the value of a global is that the input shares with earlier ones; "new": it declares it itself
   */
  async run(unit: Unit, slotOf: (name: Name) => number | "new" | undefined): Promise<InputEnd> {
    const linked = link(unit, { natives: this.natives, check: CHECK });
    if ("problem" in linked)
      return { outcome: { kind: "load-problem", problem: linked.problem }, slots: new Map(), isStarted: false };
    if (this.machine.outcome !== undefined)
      return { outcome: this.machine.outcome, slots: new Map(), isStarted: false };
    const { program, machine } = this;
    const part = linked.program;
    const known = (slots: ReadonlyMap<string, number>) => (name: Name) => {
      const slot = slotOf(name) ?? slots.get(keyOf(name));
      return slot === "new" ? undefined : slot;
    };
    const slots = {
      globals: slotsFor(part.globals, program.globals.length, known(this.globalSlots)),
      mvars: slotsFor(part.mvars, program.mvars.length, known(this.mvarSlots)),
    };
    const entry = extend(program, part, slots);
    machine.grow();

    const ended = new Promise<Outcome>((resolve) => {
      this.answer = resolve;
    });
    machine.enter(entry);
    const outcome = await ended;
    const made = new Map<string, { slot: number; isSet: boolean }>();
    part.globals.forEach((global, i) => {
      const slot = slots.globals[i]!;
      // a lazy one may be computed later, and is the same for all
      if (global.init !== -1) this.globalSlots.set(keyOf(global), slot);
      else if (slotOf(global) === "new")
        made.set(global.name, { slot, isSet: machine.globals[slot]!.value !== undefined });
    });
    // mvars get their values before anything else runs: where one has none, nothing has
    const isStarted = slots.mvars.every((slot) => machine.mvars[slot]!.value !== undefined);
    if (isStarted) for (const [i, name] of part.mvars.entries()) this.mvarSlots.set(keyOf(name), slots.mvars[i]!);
    return { outcome, slots: made, isStarted };
  }

  hasMvar(name: Name): boolean {
    return this.mvarSlots.has(keyOf(name));
  }

  /** Ends the input that runs, as Ctrl-C does. */
  interrupt(): void {
    this.machine.scheduler.interrupt();
  }

  /** The session is over; processes that still run are dropped. */
  close(): void {
    this.machine.end({ kind: "returned", value: UNIT });
  }
}

function keyOf({ module, name }: Name): string {
  return `${module}\0${name}`;
}
