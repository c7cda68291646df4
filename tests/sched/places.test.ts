/** Where processes are, as several schedulers see it: against a plain table, in a ring with room for few blocks. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_SIZE, Places } from "../../vm/cluster/places.ts";
import { GONE } from "../../vm/cluster/protocol/forward.ts";
import { PidTable } from "../../vm/process/pid-table.ts";

const SLOTS = 4;
const SCHEDULERS = 3;

class World {
  readonly places: Places[];
  readonly tables = Array.from({ length: SCHEDULERS }, () => new PidTable<number>(SLOTS));
  /** where each live process is */
  readonly at = new Map<number, number>();

  constructor() {
    const first = new Places(0, undefined, SLOTS);
    this.places = [first, new Places(1, first.buffer, SLOTS), new Places(2, first.buffer, SLOTS)];
  }

  spawn(me: number): number | undefined {
    const pid = this.places[me]!.takePid();
    if (pid === undefined) return undefined;
    expect(this.at.has(pid)).toBe(false);
    this.tables[me]!.add(pid, pid);
    this.at.set(pid, me);
    return pid;
  }

  move(pid: number, to: number): void {
    const from = this.at.get(pid)!;
    const table = this.tables[from]!;
    this.places[from]!.move(pid, to, (other) => table.get(other) !== undefined);
    table.remove(pid);
    this.tables[to]!.takeIn(pid, pid);
    this.at.set(pid, to);
  }

  end(pid: number): void {
    const me = this.at.get(pid)!;
    this.places[me]!.end(pid, this.tables[me]!.remove(pid));
    this.at.delete(pid);
  }

  /** As moves.ts asks; `born`: where it would be if it lives, when nobody of its block has moved. */
  placeOf(me: number, pid: number): number {
    return this.tables[me]!.get(pid) !== undefined ? me : this.places[me]!.of(pid);
  }
}

const step = fc.record({
  what: fc.constantFrom("spawn", "spawn", "spawn", "spawn many", "move", "end", "end"),
  which: fc.nat(10_000),
  to: fc.nat(SCHEDULERS - 1),
});

test("everybody finds who lives, and slots of blocks that are over are used again", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const world = new World();
      const ended: number[] = [];
      for (const { what, which, to } of steps) {
        const alive = [...world.at.keys()];
        const pid = alive[which % Math.max(1, alive.length)];
        if (what === "spawn") world.spawn(to);
        else if (what === "spawn many") for (let i = 0; i < 50; i++) world.spawn(to);
        else if (pid === undefined) continue;
        else if (what === "move" && world.at.get(pid) !== to) world.move(pid, to);
        else if (what === "end") {
          // nearly all at once, so that blocks become free
          for (const each of alive.slice(0, 1 + (which % 150))) {
            world.end(each);
            ended.push(each);
          }
        }
      }
      for (const [pid, at] of world.at) for (let me = 0; me < SCHEDULERS; me++) expect(world.placeOf(me, pid)).toBe(at);
      // who asks for a dead one is told so, or sent to where it was born, which tells
      for (const pid of ended)
        for (let me = 0; me < SCHEDULERS; me++) {
          const place = world.placeOf(me, pid);
          if (place !== GONE) expect(world.placeOf(place, pid)).toBe(GONE);
        }
      const moved = world.places[0]!.moved();
      for (const pid of moved) expect(world.at.has(pid)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("pids begin with main's and are one scheduler's by blocks", () => {
  const world = new World();
  expect([world.spawn(0), world.spawn(0), world.spawn(1), world.spawn(0)]).toEqual([1, 2, BLOCK_SIZE + 1, 3]);
});

test("who lives for ever is passed by, and when all slots have such there is no pid", () => {
  const world = new World();
  const kept = world.spawn(0)!;
  for (let i = 0; i < 10 * SLOTS * BLOCK_SIZE; i++) world.end(world.spawn(1)!);
  expect(world.placeOf(2, kept)).toBe(0);
  for (let i = 0; i < SLOTS * BLOCK_SIZE; i++) world.spawn(2);
  expect(world.spawn(2)).toBeUndefined();
});

test("pids go on beyond 2^32", () => {
  const world = new World();
  new BigInt64Array(world.places[0]!.buffer)[0] = 2n ** 27n;
  const pid = world.spawn(1)!;
  expect(pid).toBe(2 ** 33 + 1);
  expect([0, 1, 2].map((me) => world.placeOf(me, pid))).toEqual([1, 1, 1]);
  world.move(pid, 2);
  expect([0, 1, 2].map((me) => world.placeOf(me, pid))).toEqual([2, 2, 2]);
  expect(world.places[0]!.moved()).toEqual([pid]);
  world.end(pid);
  expect([0, 1, 2].map((me) => world.placeOf(me, pid))).toEqual([GONE, GONE, GONE]);
});
