import { expect, test } from "vitest";
import { parseFile } from "../../../grammar/index.ts";

// A table of known words must not find what every JavaScript object inherits.
test.each(["toString", "constructor", "valueOf", "hasOwnProperty", "__proto__"])("%s is no known mistake", (name) => {
  for (const text of [`main() = f(x\n${name}(y))`, `${name} f() = 1`, `main() = 1 ${name} 2`]) {
    const { problems } = parseFile({ path: "a.nos", text });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) if ("hint" in problem) expect(typeof problem.hint).toBe("string");
  }
});
