/**
 * What seed 004 promises of mvars, at the worst moments: with slices of one reduction, so that another process comes in
 * between at every call, loop turn and lock, and with slices of many odd lengths.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runText } from "../support/run-program.ts";

const always100 = readFileSync(new URL("programs/004_concurrent_access.nos", import.meta.url), "utf8");

const slices = (reductions: number) => ({ engine: { name: `${reductions}`, sliceReductions: reductions } });

test("Total: always 100, whatever the length of a slice", async () => {
  for (let reductions = 1; reductions <= 100; reductions++) {
    const seen = await runText(always100, slices(reductions));
    expect(seen.out, `slices of ${reductions}`).toBe("Total: 100\n");
  }
});

const twoTransfers = (toRight: string, toLeft: string): string => `
mvar left: Int = 1000
mvar right: Int = 1000

toRight(n) = {
${toRight}
}

toLeft(n) = {
${toLeft}
}

main() = {
    me = self()
    spawn {
        for i = 0 to 1000 { toRight(3) }
        me <- "done"
    }
    spawn {
        for i = 0 to 1000 { toLeft(2) }
        me <- "done"
    }
    for i = 0 to 2 { receive { "done" -> () } }
    println((left, right))
}`;

const opposite = {
  "one mvar after the other": twoTransfers(
    "left = left - n\n right = right + n",
    "right = right - n\n left = left + n",
  ),
  "both held at once": twoTransfers(
    "rest = left - n\n right = right + n\n left = rest",
    "rest = right - n\n left = left + n\n right = rest",
  ),
};

describe.each(Object.entries(opposite))("two opposite transfers, 1,000 times each, %s", (_, program) => {
  test.each([1, 2, 3, 7, 50, 2000])("slices of %i", async (reductions) => {
    const seen = await runText(program, slices(reductions));
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe("(0, 2000)\n");
  });
});

// `left` is held from the first statement that touches it to the last, so `right` in between is too
const sums = `
mvar left: Int = 500
mvar right: Int = 500

toRight(n) = {
    rest = left - n
    right = right + n
    left = rest
}

both() = {
    seen = left + right
    left = left + 0
    seen
}

main() = {
    me = self()
    spawn {
        for i = 0 to 200 { toRight(1) }
        me <- 0
    }
    spawn {
        var wrong = 0
        for i = 0 to 200 { if both() != 1000 then { wrong = wrong + 1 } }
        me <- wrong
    }
    println(receive { n -> n } + receive { n -> n })
}`;

test.each([1, 5, 2000])(
  "nobody sees half of what a block does with an mvar it holds, with slices of %i",
  async (reductions) => {
    const seen = await runText(sums, slices(reductions));
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe("0\n");
  },
);

const chained = `
mvar a: Int = 0
mvar b: Int = 0

# each holds its own mvar and calls the other's function
stepA(n) = {
    a = a + 1
    if n > 0 then stepB(n - 1)
    a = a + 1
}

stepB(n) = {
    b = b + 1
    if n > 0 then stepA(n - 1)
    b = b + 1
}

main() = {
    me = self()
    spawn { for i = 0 to 50 { stepA(3) }; me <- "done" }
    spawn { for i = 0 to 50 { stepB(3) }; me <- "done" }
    for i = 0 to 2 { receive { "done" -> () } }
    println((a, b))
}`;

test.each([1, 3, 2000])(
  "functions that lock each other's mvars never deadlock, with slices of %i",
  async (reductions) => {
    const seen = await runText(chained, slices(reductions));
    expect(seen.diagnostics).toEqual([]);
    expect(seen.out).toBe("(400, 400)\n");
  },
);
