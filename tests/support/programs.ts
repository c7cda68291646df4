/** Finds the programs of a folder of tests, and what each says about itself. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export interface TestProgram {
  /** below the folder, for people */
  readonly name: string;
  /** the `.nos` file, or the directory that holds its `main.nos` */
  readonly path: string;
  readonly text: string;
  /** where the results lie: `path` without `.nos` */
  readonly stem: string;
  /** `# expect: X`, of one line */
  readonly expect: string | undefined;
  /** `# unordered` on line one: the order of its lines is free */
  readonly isUnordered: boolean;
  /** from `.in` beside it */
  readonly stdin: string;
}

/** All programs below a folder of the repository, a directory with a `main.nos` being one. */
export function programsBelow(folder: string): TestProgram[] {
  const root = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const found: TestProgram[] = [];
  const pending = [root];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    if (existsSync(join(directory, "main.nos"))) {
      found.push(describeProgram(root, directory, join(directory, "main.nos"), directory));
      continue;
    }
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) pending.push(path);
      else if (entry.name.endsWith(".nos"))
        found.push(describeProgram(root, path, path, path.slice(0, -".nos".length)));
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describeProgram(root: string, path: string, main: string, stem: string): TestProgram {
  const text = readFileSync(main, "utf8");
  const input = `${stem}.in`;
  return {
    name: relative(root, path),
    path,
    text,
    stem,
    expect: /^(?:#|\/\/) expect: (.*?)\r?$/m.exec(text)?.[1],
    isUnordered: /^(?:#|\/\/) unordered\b/.test(text),
    stdin: existsSync(input) ? readFileSync(input, "utf8") : "",
  };
}
