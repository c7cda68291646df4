/**
 * Writes docs/opcodes.md: every row of the opcode table, and what each construct of the language becomes.
 *
 * The listings are made by compiling the programs below as a user's would be, so the page cannot lie.
 * `npx vitest run tests/unit/lower/opcodes-page.test.ts -u` writes it anew; without -u the test compares.
 */
import { compile } from "../cli/compile.ts";
import { projectOfText } from "../cli/project.ts";
import { disassemble } from "../vm/bytecode/disassemble.ts";
import { nameOf, OPCODES, type OpcodeRow } from "../vm/bytecode/opcodes.ts";

/** A construct, what is worth knowing of it, and a program whose `f` shows it; "inlined": as it runs, calls replaced. */
const CONSTRUCTS: readonly (readonly [title: string, text: string, program: string, inlined?: "inlined"])[] = [
  [
    "Calls",
    "Arguments are pushed in order; a call in tail position gives its frame away. Constants are folded, as machine code would.",
    "g(a, b) = a - b * (2 + 3)\nf(n: Int) = g(g(n, 1), 2)\nmain() = f(1)",
  ],
  [
    "Operators",
    "Where both kinds are known the instruction says so; `.val` decides at run time. `&&` and `||` are jumps.",
    'f(a: Int, b: Float, s: String, ok: Bool) = if ok && a < 3 || b > 1.0 then s ++ "!" else "${a} ${b * 2.0}"\nmain() = f(1, 2.0, "s", true)',
  ],
  [
    "Lists and match",
    "A list is asked whether it has a cell, once; its head and tail are taken out when the row has won.",
    "f(xs: [Int]) = match xs {\n  [] -> 0\n  [x] -> x\n  [x, y | rest] when x > y -> x + f(rest)\n  [_ | rest] -> f(rest)\n}\nmain() = f([1, 2])",
  ],
  [
    "Function clauses and variants",
    "Clauses are one match over the parameters. No question is asked twice on one way, and bodies are written once.",
    "type Shape = Circle(Int) | Rect(Int, Int) | Dot\nf(Circle(0), _) = 0\nf(Circle(r), k) = r * k\nf(Rect(w, h), k) = w * h * k\nf(Dot, _) = 1\nmain() = f(Dot, 2)",
  ],
  [
    "Literals, ranges, texts, alternatives",
    "Eight literals of a kind or more are searched by halves.",
    'f(n: Int) = match n { 1 | 3 | 5 -> "odd"\n 0..10 -> "digit"\n -1 -> "minus"\n _ -> "other" }\nmain() = f(4)',
  ],
  [
    "Loops",
    "Backward jumps are safepoints. `for` evaluates its end once; the loop variable is the counter itself when nothing changes it.",
    "f(n: Int) = {\n  var sum = 0\n  for i = 0 to n {\n    if i == 7 then break\n    if i % 2 == 0 then continue\n    sum = sum + i\n  }\n  while sum > 100 { sum = sum - 1 }\n  sum\n}\nmain() = f(10)",
  ],
  [
    "Comprehensions",
    "Collected in a list that grows at its end.",
    "f(xs: [Int]) = [x * x for x in xs]\nmain() = f([1, 2])",
  ],
  ["Putting an element in front", "Lists share their tails.", "f(x: Int, xs: [Int]) = x :: xs\nmain() = f(1, [2])"],
  [
    "Closures",
    "Captures are copied into the closure; a `var` that is changed after it was bound lives in a cell. A local function names itself by PATCH_CAPTURE.",
    "f(n: Int) = {\n  var count = 0\n  down(k: Int) -> Int = if k == 0 then n else { count = count + 1\n    down(k - 1) }\n  down(5) + count\n}\nmain() = f(1)",
  ],
  [
    "Exceptions",
    "TRY names the handler, which gets the thrown value on the operands of TRY. What no arm catches is thrown on.",
    'f(n: Int) = try { 10 / n } catch { ("DivisionByZero", _) -> 0 }\nmain() = f(0)',
  ],
  [
    "finally",
    "Written into every way out. A long one is written once, and a variable says where to go on.",
    'f(n: Int) = {\n  try {\n    if n == 0 then { return 1 }\n    n\n  } finally { println("done") }\n}\nmain() = f(0)',
  ],
  [
    "Processes",
    "`receive` is a scan: RECEIVE shows the next message, RECEIVE_TAKE takes it, RECEIVE_SKIP goes on behind it.",
    'f(n: Int) = {\n  me = self()\n  spawn { me <- ("result", n * 2) }\n  receive {\n    ("result", r) when r > 0 -> r\n    after 1000 -> 0\n  }\n}\nmain() = f(4)',
  ],
  [
    "Mvars",
    "Held from the first to the last statement that touches one, when that stretch writes and cannot wait; several in one order.",
    "mvar left: Int = 10\nmvar right: Int = 0\nf(n: Int) = {\n  left = left - n\n  right = right + n\n  right\n}\nmain() = f(4)",
  ],
  [
    "Records",
    "Fields of a known type are read by position, of an unknown one by name. An open pattern asks for fields.",
    'type P = { x: Int, y: Int }\nvar type Q = { n: Int }\nf(p: P, q: Q, message: { type: String, data: Int }) = {\n  q.n = p.x\n  match message {\n    {type: "add", data} -> P(p, x: data)\n    _ -> p\n  }\n}\nmain() = f(P(1, 2), Q(3), {type: "add", data: 1})',
  ],
  [
    "Recursion that ends in a list",
    "A loop that adds to an open list; whatever the function returns ends it (docs/decisions/0013). A tail call of another function stays one while nothing was added.",
    "f(n: Int) -> [Int] = if n == 0 then [] else if n < 0 then g(n) else [n * n | f(n - 1)]\ng(n: Int) = [n]\nmain() = f(3)",
  ],
  [
    "Literals",
    "Ints within 32 bits are in the instruction; a Float has its own, and everything else is a constant.",
    "f(n: Int) = (n / 1, 5000000000, 2.5, \"s\", 'c', true, false, (), 7u8, 10000000000000000000n, 1.25d)\nmain() = f(1)",
  ],
  [
    "Arithmetic and comparison",
    "By kind where it is known: two Floats, two Ints, else any two numbers.",
    'f(a: Float, b: Float, n: Int, ok: Bool) = (a + b, a - b, a * b, a / b, -a, n % 7, n ** 2, n / 3, !ok, a != b, n <= 3, n >= 3)\ng(x, y) = (x + y, x / y)\nh(x, y) = x ++ y\nmain() = (f(1.0, 2.0, 3, true), g(1, 2), g(1.0, 2.0), h([1], [2]), h("a", "b"))',
  ],
  [
    "Maps, sets, indexes",
    "`c[i] = v` on a `var` binds a changed copy to it.",
    'f(xs: [Int], i: Int) = {\n  m = %{"a": 1, "b": i}\n  s = #{1, i}\n  var ys = xs\n  ys[0] = i\n  (m["a"], s, ys[i], [0, i | xs])\n}\nmain() = f([1], 0)',
  ],
  [
    "Destructuring, patterns of maps and sets",
    "A binding's pattern is tested as a match of one arm is.",
    'f(pair, m) = {\n  (a, b) = pair\n  match m {\n    %{"k": v} -> v\n    #{1} -> a\n    _ -> b\n  }\n}\nmain() = f((1, 2), %{"k": 3})',
  ],
  [
    "Function values",
    "A named function is made once, by the linker. A value is called below its arguments.",
    "double(x: Int) = x * 2\nf(g: (Int) -> Int, n: Int) = g(g(n)) + 1\nf2(n: Int) = f(if n > 0 then double else (x => x + n), n)\nonce(g: (Int) -> Int) = g(1)\nmain() = f2(2) + once(double)",
  ],
  [
    "Top-level values",
    "Computed by the first that asks; others wait meanwhile.",
    "table = [1, 2, 3]\nf(n: Int) = table[n]\nmain() = f(0)",
  ],
  [
    "A file of statements",
    "Without main the statements are the program: they run in a row and store what they bind.",
    "table = [1, 2, 3]\nf(n: Int) = table[n]\ntotal = f(0) + f(1)\nprintln(total)",
  ],
  [
    "Throwing, sleeping",
    "Instructions, since a process stops there.",
    'f(n: Int) = {\n  if n < 0 then throw("negative")\n  sleep(n)\n  n\n}\nmain() = f(1)',
  ],
  [
    "Methods on a type that is not known",
    "A dispatch function asks for the type, and calls what the name means for it.",
    "type Square = { side: Int }\ntype Disc = Small | Large(Int)\narea(s: Square) = s.side * s.side\narea(d: Disc) = 1\nf(x) = x.area()\nmain() = (f(Square(2)), f(Small))",
  ],
  [
    "receive without after",
    "No deadline is computed.",
    'f() = receive { ("n", n) -> n }\nmain() = { me = self()\n  me <- ("n", 1)\n  f() }',
  ],
  [
    "receive by reference",
    "RECEIVE_MARK lets the scan begin where the mailbox ended when the Ref was made.",
    "f(pid) = {\n  ref = makeRef()\n  pid <- (ref, 1)\n  receive { (^ref, n) -> n }\n}\nmain() = f(self())",
  ],
  [
    "receive by shape",
    "Its arms ask the message alone: RECEIVE_KEEP keeps how far it has come, from where RECEIVE_SEEK lets the next scan begin.",
    "type M = Done(Int) | More(Int)\nf() = receive {\n    Done(n) when n > 0 -> n\n    after 10 -> 0\n}\nmain() = f()",
  ],
  [
    "Records that can be changed",
    "Of a `var type`: made by an instruction of their own, written in place; by name where the type is not known.",
    "var type Counter = { n: Int }\nf(k: Int) = {\n  c = Counter(k)\n  c.n = c.n + 1\n  c\n}\ng(c) = { c.n = 0 }\nmain() = g(f(1))",
  ],
  [
    "Inlining",
    "In all listings above every call is a call. What runs has the code of small functions in their place, behind an ENTER that charges what the call would have; a lambda that is passed to a loop becomes part of it (docs/decisions/0011).",
    "sq(x: Int) = x * x\nf(xs: [Int], k: Int) = sq(k) + fold(xs, 0, (sum, x) => sum + x * k)\nonce(n: Int) = { println(n)\n  sq(n + 1) }\nmain() = println(f(range(9), readInt()) + f([], 2) + handlers[0](1))\nhandlers = [once]\nreadInt() = length(Stdin.readAll())",
    "inlined",
  ],
];

export function opcodesPage(): string {
  return `${[...introduction(), ...opcodeTable(), ...constructs()].join("\n")}\n`;
}

function introduction(): string[] {
  return [
    "# Opcodes",
    "",
    "Generated from `vm/bytecode/opcodes.ts` by `docs/generate-opcodes.ts`; do not edit.",
    "",
    "An instruction is a 32-bit word with the index of its row, then its operands, a word each. Mnemonics and numbers are",
    "TinyTotVM's where it has them; a *form* behind a dot is the language's meaning of the same mnemonic, and what TinyTotVM",
    "lacks has numbers from 0x0100 up. Stack comments read `before -- after`, top on the right. *Cost* is in reductions;",
    "entering a function costs by its frame, a backward jump 1, host functions by their work; in TinyTotVM code every",
    "instruction costs 1. *Code of* says which units may hold an instruction.",
    "",
  ];
}

function opcodeTable(): string[] {
  const rows: readonly OpcodeRow[] = OPCODES;
  return [
    "| number | instruction | code of | operands | stack and meaning | throws |",
    "|---|---|---|---|---|---|",
    ...rows.map((row) => {
      const number = `0x${row.code.toString(16).padStart(2, "0")}`;
      const cells = [
        number,
        `\`${nameOf(row)}\``,
        DIALECTS[row.dialect],
        row.operands.join(" "),
        escaped(row.doc),
        row.fails.join(", "),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    "",
  ];
}

const DIALECTS: Readonly<Record<OpcodeRow["dialect"], string>> = { nostos: "Nostos", tiny: "TinyTotVM", both: "both" };

function constructs(): string[] {
  const lines = ["# What the language becomes", ""];
  for (const [title, text, program, inlined] of CONSTRUCTS) {
    const code = listing(title, program, inlined !== undefined);
    lines.push(`## ${title}`, "", text, "", "```", program, "```", "", "```", ...code, "```", "");
  }
  return lines;
}

/** The program's own functions but main; of a file of statements, those too. */
function listing(title: string, program: string, inline: boolean): string[] {
  const { unit, diagnostics } = compile(projectOfText("example.nos", program), true, { inline });
  if (unit === undefined) throw new Error(`${title}: ${diagnostics.map(({ message }) => message).join("; ")}`);
  const functions = disassemble(unit, (path) => path === "example.nos").split(/\n\n/);
  return functions
    .filter((fn) => !/^mvar/.test(fn) && !(program.includes("main()") && /^(entry )?fn (main|<start>)\//.test(fn)))
    .flatMap((fn) => [...fn.trimEnd().split("\n"), ""])
    .map((line) => line.replace(/ +; example\.nos:\d+$/, ""))
    .slice(0, -1);
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
