/** How the paths of the standard library's sources begin, in diagnostics and traces. */
export const STDLIB_PATH = "stdlib/";
