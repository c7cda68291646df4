/**
 * One thing to try, for mistakes that people bring along from other languages.
 *
 * Stays true: a hint is given only when the tokens around the place leave little doubt.
 */
import { tokenMatcher } from "chevrotain";
import type { Token } from "./prepare.ts";
import * as T from "./tokens.ts";

/** @param token the one that was not expected */
export function hintFor(tokens: readonly Token[], token: Token, expected: readonly string[]): string | undefined {
  return undefined;
}
