/**
 * Where the time of a run goes, by function of the program.
 *
 * The trick: when a slice ends all frames of its process are on the heap, whichever engine ran it, so a walk along them
 * is the whole stack in the program's own names. Slices take some microseconds, so a sample is taken at the first end of
 * a slice after INTERVAL_US of running, and stands for the time since the sample before. Long work of the host ends a
 * slice, since it is charged, and so is seen in the function that asked for it.
 * Stays true: nothing here changes what a run does. A slice ends at a call, at a turn of a loop, or in a wait: a function
 * that computes long between two of these is seen at the next one; so times are right for what takes longer than a slice.
 */
import type { Frame } from "../interp/frame.ts";
import type { LinkedFunction, Program } from "../interp/program.ts";
import { placeOfFunction, type TraceEntry } from "../interp/trace.ts";
import type { Process } from "../process/process.ts";

const INTERVAL_US = 250;
/** Frames of one sample; of a deeper recursion the innermost. */
const MOST_FRAMES = 256;
/** Outside of slices for longer than this, nobody had anything to do. */
const IDLE_US = 500;

/** Of a function and everything that it calls; times in microseconds. */
export interface FunctionTime {
  readonly function: LinkedFunction;
  readonly place: TraceEntry;
  readonly ownUs: number;
  readonly totalUs: number;
}

/** One way from a first function to the one that ran. */
interface Node {
  readonly id: number;
  readonly fn: LinkedFunction | undefined;
  readonly name: string;
  readonly parent: Node | undefined;
  readonly children: Map<LinkedFunction | string, Node>;
  ownUs: number;
  hits: number;
}

export class Profile {
  private program: Program | undefined = undefined;
  private readonly nodes: Node[] = [];
  private readonly root = this.newNode(undefined, "(root)");
  private readonly samples: number[] = [];
  private readonly deltasUs: number[] = [];
  private readonly startUs = nowUs();
  /** when the present slice began; before: when the last one ended */
  private markUs = this.startUs;
  /** where the process was when its slice began: if it ends in it, that is all that is known; held no longer than that */
  private before: Frame | null = null;
  /** of slices since the last sample */
  private runningUs = 0;
  /** between slices since the last sample */
  private outsideUs = 0;
  private ownTotalUs = 0;

  start(program: Program): void {
    this.program = program;
  }

  sliceBegins(process: Process): void {
    const now = nowUs();
    this.before = process.frame;
    const betweenUs = now - this.markUs;
    this.markUs = now;
    if (betweenUs > IDLE_US) this.add(this.child(this.root, "(idle)"), betweenUs);
    else this.outsideUs += betweenUs;
  }

  sliceEnds(process: Process): void {
    const now = nowUs();
    const frame = process.frame ?? this.before;
    this.before = null;
    this.runningUs += now - this.markUs;
    this.markUs = now;
    if (this.runningUs < INTERVAL_US) return;
    this.add(this.child(this.root, "(scheduler)"), this.outsideUs);
    this.add(this.nodeOf(frame), this.runningUs);
    this.ownTotalUs += this.runningUs;
    this.runningUs = 0;
    this.outsideUs = 0;
  }

  /** How many samples there are, and the time they stand for, in microseconds. */
  get size(): { readonly samples: number; readonly us: number } {
    return { samples: this.samples.length, us: this.ownTotalUs };
  }

  /** By own time, the longest first. */
  functions(): FunctionTime[] {
    const times = new Map<LinkedFunction, { ownUs: number; totalUs: number }>();
    const program = this.program;
    if (program === undefined) return [];
    for (const node of this.nodes) {
      if (node.ownUs === 0 || node.fn === undefined) continue;
      const seen = new Set<LinkedFunction>(); // a recursive function counts once
      for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
        const { fn } = at;
        if (fn === undefined || seen.has(fn)) continue;
        seen.add(fn);
        let time = times.get(fn);
        if (time === undefined) {
          time = { ownUs: 0, totalUs: 0 };
          times.set(fn, time);
        }
        time.totalUs += node.ownUs;
        if (at === node) time.ownUs += node.ownUs;
      }
    }
    return [...times]
      .map(([fn, time]) => ({ function: fn, place: placeOfFunction(program, fn), ...time }))
      .sort((a, b) => b.ownUs - a.ownUs || b.totalUs - a.totalUs);
  }

  /** The text of a `.cpuprofile` file, which Chrome and speedscope open. */
  cpuProfile(): string {
    const places = new Map<string, number>(); // a source is a script of its own
    const nodes = this.nodes.map((node) => {
      const place = node.fn === undefined ? undefined : placeOfFunction(this.program!, node.fn);
      const url = place?.path ?? "";
      let script = places.get(url);
      if (script === undefined) {
        script = places.size;
        places.set(url, script);
      }
      return {
        id: node.id,
        callFrame: {
          functionName: node.name,
          scriptId: `${script}`,
          url,
          lineNumber: (place?.line ?? 0) - 1,
          columnNumber: (place?.column ?? 0) - 1,
        },
        hitCount: node.hits,
        children: Array.from(node.children.values(), ({ id }) => id),
      };
    });
    const endUs = this.startUs + this.deltasUs.reduce((sum, us) => sum + us, 0);
    return JSON.stringify({
      nodes,
      startTime: this.startUs,
      endTime: endUs,
      samples: this.samples,
      timeDeltas: this.deltasUs,
    });
  }

  private add(node: Node, us: number): void {
    if (us === 0) return;
    node.ownUs += us;
    node.hits++;
    this.samples.push(node.id);
    this.deltasUs.push(us);
  }

  private nodeOf(innermost: Frame | null): Node {
    const path: LinkedFunction[] = [];
    let frame = innermost;
    for (; frame !== null && path.length < MOST_FRAMES; frame = frame.parent) path.push(frame.fn);
    let node = frame === null ? this.root : this.child(this.root, "(deeper)");
    for (let i = path.length - 1; i >= 0; i--) node = this.child(node, path[i]!);
    return node;
  }

  private child(parent: Node, of: LinkedFunction | string): Node {
    return parent.children.get(of) ?? this.newNode(parent, of);
  }

  private newNode(parent: Node | undefined, of: LinkedFunction | string): Node {
    const fn = typeof of === "string" ? undefined : of;
    const name = typeof of === "string" ? of : of.name;
    const node: Node = { id: this.nodes.length + 1, fn, name, parent, children: new Map(), ownUs: 0, hits: 0 };
    this.nodes.push(node);
    parent?.children.set(of, node);
    return node;
  }
}

/** Whole microseconds of the monotonic clock; profiling looks at real time also where the run's own is virtual. */
function nowUs(): number {
  return Math.trunc(Number(process.hrtime.bigint() / 1000n));
}
