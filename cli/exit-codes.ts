/** What the exit code says; README.md has the same table, tests/cli/exit-codes.test.ts holds us to it. */
export const EXIT = {
  /** the program ended, whatever it returned; or there was nothing wrong to report */
  ok: 0,
  /** the program does not compile, or it failed while it ran */
  failed: 1,
  /** wrong usage of the command line */
  usage: 2,
  /** Ctrl-C */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
