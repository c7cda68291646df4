/**
 * What goes wrong, for a host: the diagnostics of the command line as plain data, in one class of error.
 */

/** A diagnostic as `--json` prints it; lines and columns count from 1, the end is exclusive. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** stable: `mismatch`, `unknown-name`, `process-crash` … */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** a few words to the place */
  readonly label?: string;
  readonly hint?: string;
  /** a stack trace, for instance */
  readonly notes?: readonly string[];
  readonly related?: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly endLine: number;
    readonly endColumn: number;
    readonly message: string;
  }[];
}

/** The one error that this package throws, or rejects with. */
export class NostosError extends Error {
  override readonly name: string = "NostosError";
  readonly diagnostics: readonly Diagnostic[];
  /** of the first diagnostic */
  readonly code: string;

  /** @param text  how people read the diagnostics; absent: their messages */
  constructor(diagnostics: readonly Diagnostic[], text?: string) {
    super(text ?? diagnostics.map(({ message }) => message).join("\n"));
    this.diagnostics = diagnostics;
    this.code = diagnostics[0]?.code ?? "internal";
  }
}

/** An error of one diagnostic without a place. */
export function failure(code: string, message: string, hint?: string): NostosError {
  return new NostosError([{ severity: "error", code, message, ...(hint !== undefined && { hint }) }]);
}
