/** Checks small programs with a prelude of a few lines, so that these tests say all that they depend on. */

import { type CheckedProgram, checkProgram } from "../../../compiler/types/index.ts";
import type { FileAst } from "../../../grammar/index.ts";
import { parseFile } from "../../../grammar/index.ts";

const CORE = `
type Option[T] = Some(T) | None
type Result[T, E] = Ok(T) | Err(E)
println[T](value: T) -> () = __native__("println", value)
show[T](value: T) -> String = __native__("show", value)
typeOf[T](value: T) -> String = __native__("typeOf", value)
range(from: Int, to: Int) -> [Int] = __native__("range", from, to)
map[T, U](xs: [T], f: (T) -> U) -> [U] = match xs { [] -> []; [x | rest] -> [f(x) | map(rest, f)] }
filter[T](xs: [T], f: (T) -> Bool) -> [T] = match xs { [] -> []; [x | rest] -> if f(x) then [x | filter(rest, f)] else filter(rest, f) }
fold[T, A](xs: [T], start: A, f: (A, T) -> A) -> A = match xs { [] -> start; [x | rest] -> fold(rest, f(start, x), f) }
sort[T: Ord](xs: [T]) -> [T] = xs
sum[T: Num](xs: [T]) -> T = __native__("sum", xs)
length[T](xs: [T]) -> Int = __native__("length", xs)
length(text: String) -> Int = __native__("String.length", text)
module String
    toUpper(s: String) -> String = __native__("String.toUpper", s)
    take(s: String, n: Int) -> String = __native__("String.take", s, n)
end
module Map
    size[K, V](m: Map[K, V]) -> Int = __native__("Map.size", m)
    toList[K, V](m: Map[K, V]) -> [(K, V)] = __native__("Map.toList", m)
end
module Option
    map[T, U](o: Option[T], f: (T) -> U) -> Option[U] = match o { Some(x) -> Some(f(x)); None -> None }
    unwrap[T](o: Option[T]) -> T = match o { Some(x) -> x; None -> throw("none") }
end
`;

function parsed(path: string, text: string): FileAst {
  const { ast, problems } = parseFile({ path, text });
  if (problems.length > 0)
    throw new Error(
      `${path} does not parse: ${JSON.stringify(problems[0], (key, value: unknown) => (key === "source" ? undefined : value))}`,
    );
  return ast;
}

let prelude: FileAst | undefined;

/** Files by module path; "" is a single file. */
export function checkFiles(files: Readonly<Record<string, string>>): CheckedProgram {
  prelude ??= parsed("stdlib/core.nos", CORE);
  return checkProgram({
    files: Object.entries(files).map(([path, text]) => ({
      path,
      ast: parsed(path === "" ? "test.nos" : `${path}.nos`, text),
    })),
    stdlib: [{ path: "stdlib.core", ast: prelude }],
    needsMain: false,
  });
}

export function check(text: string): CheckedProgram {
  return checkFiles({ "": text });
}

/** The inferred type of a top-level name; throws when the program is wrong. */
export function typeOf(text: string, name: string): string {
  const checked = check(text);
  const errors = headlines(checked);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  return checked.typesOf("", name).join("; ");
}

/** Every diagnostic as `headline @ text under the caret`. */
export function headlines(checked: CheckedProgram): string[] {
  return checked.diagnostics.map(({ message, primary }) =>
    primary === undefined
      ? message
      : `${message} @ ${primary.span.source.text.slice(primary.span.start, primary.span.end)}`,
  );
}

export function errors(text: string): string[] {
  return headlines(check(text));
}
