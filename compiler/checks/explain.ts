/** The words for problems of the whole-program checks; headlines are the public ones where there are any. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckProblem } from "./problem.ts";

export function explainCheck(problem: CheckProblem): Diagnostic {
  const { code, span } = problem;
  switch (problem.code) {
    case "mvar-compare-and-set": {
      const { mvar, functionName } = problem;
      return {
        severity: "error",
        code,
        message:
          `function \`${functionName}\` reads mvar \`${mvar}\` and later writes it with a different value - this pattern can cause deadlock. ` +
          `Use \`${mvar} = ${mvar} + 1\` (self-updating) instead of \`x = ${mvar}; ${mvar} = x + 1\` (read-then-write).`,
        primary: { span, text: "another process may have changed it before this" },
        related: [{ span: problem.read, text: "it is read here" }],
        hint: `${mvar}.update(x => …) decides and writes in one step`,
      };
    }
    case "mvar-nested-write":
      return {
        severity: "error",
        code,
        message: `nested write to mvar \`${problem.mvar}\` would cause deadlock - cannot write to the same mvar being assigned`,
        primary: { span, text: "written here" },
        related: [{ span: problem.outer, text: "while this value for it is computed" }],
      };
    case "mvar-blocking": {
      const { functionName, mvar, callee } = problem;
      return {
        severity: "error",
        code,
        message: `mvar safety violation: function \`${functionName}\` holds lock on mvar \`${mvar}\` and calls \`${callee}\` which blocks (receive) - this could cause deadlock`,
        primary: { span, text: "waits for a message" },
        related: [
          { span: problem.written, text: `\`${mvar}\` is written here` },
          { span: problem.receive, text: "the receive" },
        ],
        hint: `do the part with \`${mvar}\` in a function of its own`,
      };
    }
    case "effect-in-guard": {
      const { what, callee, effect } = problem;
      const through = callee === undefined ? "" : `, and \`${callee}\` does that`;
      return {
        severity: "error",
        code,
        message: `a guard must not ${WORDS[what]}${through}`,
        primary: { span, text: callee === undefined ? "not in a guard" : "called in a guard" },
        ...(effect === undefined ? {} : { related: [{ span: effect, text: "here" }] }),
        hint: "do it before the match, or in the arm",
      };
    }
    case "not-yet":
      return { severity: "error", code, message: `${problem.what} is not supported yet`, primary: { span, text: "" } };
  }
}

const WORDS = {
  receive: "receive messages",
  sleep: "sleep",
  send: "send messages",
  spawn: "spawn processes",
  signal: "change links, monitors or names, or end processes",
} as const;
