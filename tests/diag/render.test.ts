/** What the terminal and JSON renderers make of places that are hard to draw. */
import { describe, expect, test } from "vitest";
import type { Diagnostic, Label } from "../../compiler/diagnostics/diagnostic.ts";
import { toJson } from "../../compiler/diagnostics/json.ts";
import { renderDiagnostic, renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { sortDiagnostics } from "../../compiler/diagnostics/sort.ts";
import type { SourceFile } from "../../grammar/source.ts";

const PLAIN = { colour: false, width: 80 };
const file = (text: string, path = "a.nos"): SourceFile => ({ path, text });

/** A label over a piece of a source. */
function at(source: SourceFile, piece: string, text = ""): Label {
  const start = source.text.indexOf(piece);
  return { span: { source, start, end: start + piece.length }, text };
}

function error(primary: Label | undefined, more: Partial<Diagnostic> = {}): Diagnostic {
  return { severity: "error", code: "code", message: "message", ...(primary && { primary }), ...more };
}

const draw = (diagnostic: Diagnostic) => renderDiagnostic(diagnostic, PLAIN).trimEnd().split("\n");

describe("terminal", () => {
  test("headline, line, caret; related places, hint and notes behind", () => {
    const source = file('f(n) =\n    if n > 0 then n\n    else "none"\n');
    const related = [at(source, "if", "of this `if`")];
    expect(draw(error(at(source, '"none"', "here"), { related, hint: "try this", notes: ["a note"] }))).toEqual([
      "a.nos:3:10: message  [code]",
      '  3 |     else "none"',
      "    |          ^^^^^^ here",
      "  2 |     if n > 0 then n",
      "    |     -- of this `if`",
      "  hint: try this",
      "  a note",
    ]);
  });

  test("two places in one line share it", () => {
    const source = file("x = foo(bar)\n");
    expect(draw(error(at(source, "bar", "this"), { related: [at(source, "foo", "for this")] }))).toEqual([
      "a.nos:1:9: message  [code]",
      "  1 | x = foo(bar)",
      "    |         ^^^ this",
      "    |     --- for this",
    ]);
  });

  test("a place in another file says which", () => {
    const there = file("foo(a) = a\n", "lib/b.nos");
    const lines = draw(error(at(file("foo()\n"), "foo()"), { related: [at(there, "foo(a)", "declared here")] }));
    expect(lines.slice(3)).toEqual(["    in lib/b.nos:1:1", "  1 | foo(a) = a", "    | ------ declared here"]);
  });

  test("tabs, wide and combining characters keep the caret in its column", () => {
    expect(draw(error(at(file("\tx = y\n"), "y"))).slice(1)).toEqual(["  1 |     x = y", "    |         ^"]);
    expect(draw(error(at(file('x = "日本" + y\n'), "y"))).slice(1)).toEqual([
      '  1 | x = "日本" + y',
      "    |              ^",
    ]);
    expect(draw(error(at(file('x = "e\u0301" + y\n'), "y"))).slice(1)).toEqual([
      '  1 | x = "e\u0301" + y',
      "    |           ^",
    ]);
    expect(draw(error(at(file('x = "👍" + y\n'), "y")))[0]).toBe("a.nos:1:11: message  [code]");
  });

  test("no control character reaches the terminal", () => {
    const source = file('x = "\u001b[31m\u202e\u0000"\n');
    const seen = renderDiagnostic(error(at(source, "x"), { message: "bad \u001b]0;title\u0007" }), PLAIN);
    expect(seen).toContain('"␛[31m�␀"');
    expect(seen).toContain("bad ␛]0;title␇");
    expect(seen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("a long line is cut around the place", () => {
    const source = file(`x = [${"1, ".repeat(200)}oops, ${"2, ".repeat(200)}3]\n`);
    const lines = draw(error(at(source, "oops", "here")));
    const [, line, marks] = lines as [string, string, string];
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).toMatch(/^ {2}1 \| ….*oops.*…$/);
    expect(marks.indexOf("^^^^ here")).toBe(line.indexOf("oops"));
  });

  test("a span over several lines shows its first and its last", () => {
    const source = file("f() = {\n  1\n  2\n  3\n}\n");
    expect(draw(error(at(source, "{\n  1\n  2\n  3\n}", "this block"))).slice(1)).toEqual([
      "  1 | f() = {",
      "    |       ^",
      "    …",
      "  5 | }",
      "    | ^ this block",
    ]);
  });

  test("ends of lines and of the file have a place", () => {
    const source = file("f() =\n");
    const end = { source, start: 6, end: 6 };
    expect(draw(error({ span: end, text: "here" })).slice(1)).toEqual(["  2 |", "    | ^ here"]);
    expect(draw(error({ span: { source, start: 5, end: 6 }, text: "" })).slice(1)).toEqual([
      "  1 | f() =",
      "    |      ^",
    ]);
    expect(draw(error({ span: { source: file(""), start: 0, end: 0 }, text: "" }))[0]).toBe(
      "a.nos:1:1: message  [code]",
    );
  });

  test("warnings and diagnostics without a place say what they are", () => {
    expect(draw({ ...error(at(file("x"), "x")), severity: "warning" })[0]).toBe("a.nos:1:1: warning: message  [code]");
    expect(draw(error(undefined))).toEqual(["error: message  [code]"]);
  });

  test("colour changes no letter", () => {
    const source = file("x = foo(bar)\n");
    const diagnostic = error(at(source, "bar", "this"), {
      related: [at(source, "foo", "that")],
      hint: "hint",
      notes: ["note"],
    });
    const coloured = renderDiagnostic(diagnostic, { colour: true, width: 80 });
    expect(coloured).toContain("\u001b[");
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(renderDiagnostic(diagnostic, PLAIN));
  });

  test("twenty are enough", () => {
    const many = Array.from({ length: 25 }, (_, index) => error(undefined, { message: `m${index}` }));
    expect(renderDiagnostics(many, PLAIN, 20).trimEnd().split("\n").slice(-3)).toEqual([
      "error: m19  [code]",
      "",
      "and 5 more",
    ]);
  });
});

test("JSON has the place, the end exclusive, and nothing that is not there", () => {
  const source = file('x = "👍" + y\nz\n');
  expect(
    toJson(error(at(source, "y\nz", "label"), { related: [at(source, "x", "why")], hint: "h", notes: ["n"] })),
  ).toEqual({
    file: "a.nos",
    line: 1,
    column: 11,
    endLine: 2,
    endColumn: 2,
    severity: "error",
    code: "code",
    message: "message",
    label: "label",
    hint: "h",
    notes: ["n"],
    related: [{ file: "a.nos", line: 1, column: 1, endLine: 1, endColumn: 2, message: "why" }],
  });
  expect(toJson(error(undefined))).toEqual({ severity: "error", code: "code", message: "message" });
});

test("errors come first, then files as given, then places; repetitions once", () => {
  const [a, b] = [file("one two", "a.nos"), file("one two", "b.nos")];
  const named = (message: string, source: SourceFile, piece: string, severity: "error" | "warning" = "error") => ({
    ...error(at(source, piece), { message }),
    severity,
  });
  const given = [
    named("4", a, "one", "warning"),
    named("3", b, "one"),
    named("2", a, "two"),
    named("1", a, "one"),
    named("1", a, "one"),
  ];
  expect(sortDiagnostics(given, [a, b]).map(({ message }) => message)).toEqual(["1", "2", "3", "4"]);
});
